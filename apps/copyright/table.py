"""Works as tables: forms in (CSV of UTF-8 or GB18030), works out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import click

from apps.copyright.model import Work, WorkForm
from baas.errors import Text, UserError
from baas.tables import read_table, write_table

_COLUMNS: Mapping[str, str] = {
    "file": "file",
    "文件": "file",
    "title": "title",
    "作品名称": "title",
    "category": "category",
    "作品类别": "category",
    "creation_kind": "creation_kind",
    "创作性质": "creation_kind",
    "authors": "authors",
    "作者": "authors",
    "completed": "completed",
    "创作完成日期": "completed",
    "completed_place": "completed_place",
    "创作完成地点": "completed_place",
    "published": "published",
    "首次发表日期": "published",
    "published_place": "published_place",
    "首次发表地点": "published_place",
    "note": "note",
    "备注": "note",
    "relations": "relations",
    "与在先作品的关系": "relations",
}
_WRITTEN = (
    "id", "title", "category", "creation_kind", "number", "owners", "cid", "sha256", "size", "created", "state",
    "cancelled",
)  # fmt: skip
_CATEGORIES: Mapping[str, str] = {
    "文字": "literary",
    "口述": "oral",
    "音乐": "music",
    "戏剧": "drama",
    "曲艺": "quyi",
    "舞蹈": "dance",
    "杂技艺术": "acrobatics",
    "美术": "art",
    "建筑": "architecture",
    "摄影": "photograph",
    "视听": "audiovisual",
    "图形": "drawing",
    "模型": "model",
    "计算机软件": "software",
    "其他": "other",
}
_KINDS: Mapping[str, str] = {
    "原创": "original",
    "改编": "adaptation",
    "翻译": "translation",
    "汇编": "compilation",
    "注释": "annotation",
    "整理": "arrangement",
}


def read_forms(path: Path) -> dict[str, WorkForm]:
    """Forms by the file they describe; headings in Chinese or English. Errors name the row."""
    rows = read_table(path, _COLUMNS, {"file"})
    return {cells["file"].replace("\\", "/"): _form(cells, number) for number, cells in rows if cells.get("file")}


def _form(cells: Mapping[str, str], number: int) -> WorkForm:
    category, kind = cells.get("category", ""), cells.get("creation_kind", "") or "original"
    category = _CATEGORIES.get(category.removesuffix("作品"), category)
    kind = _KINDS.get(kind, kind)
    if category and category not in _CATEGORIES.values():
        raise _wrong(number, "作品类别", "category", category)
    if kind not in _KINDS.values():
        raise _wrong(number, "创作性质", "creation kind", kind)
    names = [name.strip() for part in cells.get("authors", "").split("、") for name in part.split(";") if name.strip()]

    def place(name: str) -> Mapping[str, str] | None:
        return {"date": cells[name], "place": cells.get(f"{name}_place", "")} if cells.get(name) else None

    return WorkForm(
        title=cells.get("title", "") or Path(cells["file"]).stem,
        category=category,
        creation_kind=kind,
        authors=tuple({"name": name} for name in names),
        completed=place("completed"),
        published=place("published"),
        note=cells.get("note", ""),
        relations=tuple(_relation(one, number) for one in cells.get("relations", "").split(";") if one.strip()),
    )


def _relation(text: str, number: int) -> Mapping[str, str]:
    from apps.copyright.commands.form import relation_of

    try:
        return relation_of(text)
    except click.BadParameter as error:
        raise _wrong(number, "与在先作品的关系", "relation", text) from error


def _wrong(number: int, zh: str, en: str, value: str) -> UserError:
    return UserError(
        Text("第 {n} 行的{f}不认识：{v}", "Row {n}: unknown {f} {v}", n=number, f=Text(zh, en), v=value[:40]),
        code="table_value",
    )


def write_works(works: Iterable[Work], target: Path) -> int:
    """Write works as CSV (UTF-8 with BOM) or XLSX; returns how many."""
    return write_table(target, _WRITTEN, ([_cell(work, name) for name in _WRITTEN] for work in works), "works")


def _cell(work: Work, name: str) -> object:
    if name == "owners":
        return "; ".join(f"{party} {share / 100:g}%" for party, share in work.owners)
    return getattr(work, name)
