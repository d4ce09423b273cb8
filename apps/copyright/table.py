"""Works as tables: forms in (CSV of UTF-8 or GB18030), works out."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path

import click

from apps.copyright.model import Work, WorkForm
from baas.csv_cells import harmless
from baas.errors import Text, UserError

MAX_BYTES = 64 << 20
MAX_ROWS = 200_000
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


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UserError(Text("表格 {p} 太大。", "The table {p} is too large.", p=path.name), code="table_too_large")
        data = path.read_bytes()
    except OSError as error:
        raise UserError(
            Text("读不了表格 {p}：{w}。", "{p} cannot be read: {w}.", p=path.name, w=error.strerror or str(error))
        ) from error
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UserError(
        Text("表格 {p} 的编码无法识别。", "{p} is in no known encoding.", p=path.name),
        Text("请另存为 UTF-8 的 CSV。", "Save it as CSV in UTF-8."),
        code="table_encoding",
    )


def read_forms(path: Path) -> dict[str, WorkForm]:
    """Forms by the file they describe; headings in Chinese or English. Errors name the row."""
    rows = csv.reader(io.StringIO(_text(path)))
    try:
        heading = [_COLUMNS.get(cell.strip(), "") for cell in next(rows)]
        if "file" not in heading:
            raise UserError(
                Text("表格缺少“文件”一列。", "The table has no column 'file'."),
                Text("列名：{c}", "Columns: {c}", c=", ".join(sorted(set(_COLUMNS)))),
                code="table_columns",
            )
        forms: dict[str, WorkForm] = {}
        for number, row in enumerate(rows, start=2):
            if number > MAX_ROWS:
                raise UserError(Text("表格行数太多。", "The table has too many rows."), code="table_too_large")
            cells = {name: cell.strip() for name, cell in zip(heading, row, strict=False) if name}
            if cells.get("file"):
                forms[cells["file"].replace("\\", "/")] = _form(cells, number)
        return forms
    except StopIteration:
        raise UserError(Text("表格 {p} 是空的。", "The table {p} is empty.", p=path.name), code="table_empty") from None
    except csv.Error as error:
        raise UserError(
            Text("表格 {p} 格式不正确：{w}。", "{p} is no proper CSV: {w}.", p=path.name, w=str(error)),
            code="table_format",
        ) from error


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
    """Write works as CSV (UTF-8 with BOM); returns how many."""
    count = 0
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            [
                "id",
                "title",
                "category",
                "creation_kind",
                "number",
                "owners",
                "cid",
                "sha256",
                "size",
                "created",
                "state",
                "cancelled",
            ]
        )
        for work in works:
            owners = "; ".join(f"{party} {share / 100:g}%" for party, share in work.owners)
            row = (work.id, work.title, work.category, work.creation_kind, work.number, owners)
            writer.writerow(
                map(harmless, [*row, work.cid, work.sha256, work.size, work.created, work.state, work.cancelled])
            )
            count += 1
    return count
