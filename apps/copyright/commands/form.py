"""What a creator says of a work, as options: shared by deposits and applications."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from apps.copyright.commands.root import Code
from apps.copyright.model import WorkForm
from apps.copyright.policy_tables import table
from apps.kit.commands import CodeType
from baas.cli.kit import option
from baas.errors import Text

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    option("--title", default="", help=Text("作品名称（默认文件名）。", "The title (the file's name by default).")),
    option("--category", type=Code("categories"), default="", help=Text("作品类别。", "The category.")),
    option(
        "--kind",
        type=Code("creation_kinds"),
        default="original",
        help=Text("创作性质。", "The creation kind."),
    ),
    option("--author", multiple=True, help=Text("作者，或 作者=署名；可重复。", "AUTHOR or AUTHOR=PEN NAME; repeat.")),
    option("--completed", default="", help=Text("创作完成日期和地点。", "Day and place of completion.")),
    option("--published", default="", help=Text("首次发表日期和地点。", "Day and place of first publication.")),
    option("--source", multiple=True, help=Text("在先作品，可重复。", "An earlier work; may be repeated.")),
    option("--note", default="", help=Text("备注。", "A note.")),
    option(
        "--relation",
        multiple=True,
        help=Text(
            "与查到的作品的关系：编号=关系:说明，可重复。",
            "What it is to a work that was found, ID=RELATION:WORDS; may be repeated.",
        ),
    ),
)


def work_options(command: F) -> F:
    """Add the options of a work's form."""
    for one in reversed(_OPTIONS):
        command = one(command)
    return command


def authors_of(given: Sequence[str]) -> tuple[Mapping[str, str], ...]:
    """Authors with their 署名."""
    pairs = (one.partition("=") for one in given)
    return tuple({"name": name} | ({"signature": signature} if signature else {}) for name, _, signature in pairs)


def _place(text: str) -> Mapping[str, str] | None:
    day, _, place = text.partition(" ")
    return {"date": day, "place": place} if day else None


def _source(text: str) -> Mapping[str, str]:
    """An earlier work: by id, by registration number, else in words."""
    if text.startswith("CZ"):
        return {"work_id": text}
    return {"number": text} if "登字" in text else {"description": text}


def relation_of(text: str) -> Mapping[str, str]:
    """What a work is to one that was found: `CZ…=independent:in words`; the code or its Chinese title."""
    work_id, _, said = text.partition("=")
    code, _, words = said.replace("：", ":").partition(":")
    found = CodeType(table("relations")).convert(code.strip(), None, None)
    return {"work_id": work_id.strip(), "relation": str(found), "words": words.strip()}


def form_of(fields: Mapping[str, Any], file: Path) -> WorkForm:
    """The form that the options of `work_options` describe."""
    return WorkForm(
        title=fields["title"] or file.stem,
        category=fields["category"],
        creation_kind=fields["kind"],
        sources=tuple(_source(one) for one in fields["source"]),
        authors=authors_of(fields["author"]),
        completed=_place(fields["completed"]),
        published=_place(fields["published"]),
        note=fields["note"],
        relations=tuple(relation_of(one) for one in fields["relation"]),
    )
