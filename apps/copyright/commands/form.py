"""What a creator says of a work, as options: shared by deposits and applications."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from apps.copyright.commands.root import FILE, Code, read_json
from apps.copyright.model import WorkForm
from apps.copyright.policy_tables import table
from apps.kit.options import CodeType
from baas.cli.kit import option
from baas.errors import Text, UserError

_NAMES = (
    *("title", "category", "kind", "author", "authors_file", "completed", "published", "source", "software", "note"),
)
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
    option(
        "--authors",
        "authors_file",
        type=FILE,
        help=Text(
            "作者（JSON 文件：姓名、署名、类型、卒年），代替 --author。",
            "Authors (JSON: name, signature, kind, died), not --author.",
        ),
    ),
    option(
        "--software",
        multiple=True,
        help=Text(
            "软件信息 项目=内容：version、development、basis、material、lines 等，可重复。",
            "Of software, NAME=VALUE: version, development, basis, material, lines…; may be repeated.",
        ),
    ),
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


_SOFTWARE = ("version", "development", "basis", "material", "languages", "environment", "lines")
_ENTRY_OF = {"kind": "creation_kind", "author": "authors", "authors_file": "authors", "source": "sources"}


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


def _authors(fields: Mapping[str, Any]) -> tuple[Mapping[str, str], ...]:
    if not fields["authors_file"]:
        return authors_of(fields["author"])
    if fields["author"]:
        raise UserError(Text("--author 和 --authors 只能用一个。", "Give --author or --authors, not both."))
    found = read_json(f"@{fields['authors_file']}", list)
    if not found or not all(isinstance(one, dict) for one in found):
        raise UserError(Text("需要作者的列表。", "A list of authors is needed."))
    return tuple(found)


def _software(given: Sequence[str]) -> Mapping[str, Any] | None:
    """What the register of software asks for, `version=V1.0`; codes or their Chinese titles."""
    found: dict[str, Any] = {}
    tables = {"development": "developments", "basis": "software_bases", "material": "materials"}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or name not in _SOFTWARE:
            known = ", ".join(_SOFTWARE)
            raise UserError(
                Text("软件信息没有 {n}。可用：{k}", "Software has no {n}. Known: {k}", n=name[:40], k=known)
            )
        if name in tables:
            value = str(CodeType(table(tables[name])).convert(value, None, None))
        found[name] = int(value) if name == "lines" and value.isdecimal() else value
    return found or None


def form_of(fields: Mapping[str, Any], file: Path) -> WorkForm:
    """The form that the options of `work_options` describe."""
    return WorkForm(
        title=fields["title"] or file.stem,
        category=fields["category"],
        creation_kind=fields["kind"],
        sources=tuple(_source(one) for one in fields["source"]),
        authors=_authors(fields),
        completed=_place(fields["completed"]),
        published=_place(fields["published"]),
        note=fields["note"],
        relations=tuple(relation_of(one) for one in fields["relation"]),
        software=_software(fields["software"]),
    )


def entries_of(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The entries of a work that the options say, by name: only those that were given at the command line."""
    given = {name for name in fields if said_at_command_line(name)} & {*_NAMES}
    form = form_of(fields, Path(fields["title"] or "x"))
    names = {_ENTRY_OF.get(name, name) for name in given} - {"relation"}
    found = {name: getattr(form, name) for name in sorted(names)}
    return {name: _plain(value) for name, value in found.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [dict(one) for one in value]
    return dict(value) if isinstance(value, Mapping) else value


def said_at_command_line(name: str) -> bool:
    """Whether the running command's option was given, and is not its default."""
    return click.get_current_context().get_parameter_source(name) is ParameterSource.COMMANDLINE
