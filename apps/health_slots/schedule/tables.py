"""A file as tables of rows, whatever program wrote it, with bounded memory; nothing is known of schedules here.

CSV and TSV (`text_tables`), XLSX (`workbooks`), ODS (`open_documents`), XLS (`old_workbooks`). Cells keep their types,
so that dates arrive as dates or as their day numbers; a merged cell's value stands in all its rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

from baas.errors import NotFound, Text, UserError

MAX_BYTES = 512 * 1024 * 1024
MAX_ROWS = 2_000_000
"""Rows of one file. A city's day of 312,000 slots is some 20,000 rows; an Excel sheet ends at 1,048,576."""
MAX_TABLES = 100
MAX_BLANK = 10_000
"""Blank rows in a row: a cell far down makes a reader count up to it."""
MAX_UNPACKED = 2 * 1024 * 1024 * 1024

Rows = Iterator[tuple[int, list[Any]]]
"""(line, cells): lines count from 1, as the program that wrote the file shows them."""


@dataclass(frozen=True)
class Table:
    """One sheet: its name ("" for a text file), whether people see it, and its rows, to be read once."""

    name: str
    hidden: bool
    rows: Rows


@dataclass(frozen=True)
class Book:
    """A file's tables in their order; `encoding` is how it was read (`xlsx`, `gb18030`, …)."""

    encoding: str
    tables: Iterator[Table]


def open_book(path: Path) -> Book:
    """Open a file of tables; UserError says what is wrong with it and what to do."""
    from apps.health_slots.schedule import old_workbooks, open_documents, text_tables, workbooks

    head = _head(path)
    if head.startswith(b"PK\x03\x04"):
        if open_documents.is_one(path):
            return open_documents.open_book(path)
        return workbooks.open_book(path)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return old_workbooks.open_book(path)
    return text_tables.open_book(path)


def _head(path: Path) -> bytes:
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        raise NotFound(
            Text("找不到文件：{path}", "There is no such file: {path}", path=str(path)),
            Text("请检查路径。", "Check the path."),
        ) from None
    except OSError as error:
        raise unreadable(path, error) from error
    if not path.is_file():
        raise UserError(Text("{path} 不是文件。", "{path} is not a file.", path=str(path)))
    if size == 0:
        raise UserError(
            Text("文件是空的：{path}", "The file is empty: {path}", path=path.name),
            Text("请导出含表头和排班的文件。", "Export a file with a heading and the schedule."),
        )
    if size > MAX_BYTES:
        raise too_large(path)
    try:
        with path.open("rb") as file:
            return file.read(8)
    except OSError as error:
        raise unreadable(path, error) from error


def too_large(path: Path) -> UserError:
    return UserError(
        Text(
            "文件太大：{path}（最多 {mb} MB，{rows} 行）",
            "The file is too large: {path} (at most {mb} MB and {rows} rows)",
            path=path.name,
            mb=MAX_BYTES // 1024 // 1024,
            rows=f"{MAX_ROWS:,}",
        ),
        Text("请按医院或按周分成多个文件。", "Split it by hospital or week."),
        code="file_too_large",
    )


def no_table(path: Path) -> UserError:
    return UserError(
        Text("{path} 不是 CSV、XLSX、XLS 或 ODS 表格。", "{path} is no CSV, XLSX, XLS or ODS table.", path=path.name),
        Text("请导出为 CSV（UTF-8 或 GBK）或 XLSX。", "Export it as CSV (UTF-8 or GBK) or XLSX."),
        code="not_a_table",
    )


def damaged_workbook(path: Path) -> UserError:
    return UserError(
        Text("读不了这个表格文件：{path}", "This workbook cannot be read: {path}", path=path.name),
        Text("文件可能已损坏或有密码，请重新另存。", "It may be damaged or encrypted; save it again."),
        code="file_damaged",
    )


def too_blank(line: int) -> UserError:
    return UserError(
        Text(
            "第 {line} 行之前有 {n} 多个空行。",
            "There are more than {n} blank rows before row {line}.",
            line=line,
            n=f"{MAX_BLANK:,}",
        ),
        Text("请删除空行和表格以外的内容。", "Delete blank rows and what lies outside the table."),
        code="file_damaged",
    )


def unreadable(path: Path, error: OSError) -> UserError:
    return UserError(
        Text("读不了文件：{path}", "The file cannot be read: {path}", path=str(path)),
        Text("请检查权限。", "Check its permissions."),
        details={"text": str(error)},
    )


def refuse_doctype(path: Path, part: IO[bytes]) -> None:
    """Refuse XML that declares a document type: Office files never do (ECMA-376 part 2, 7.2), entity bombs must."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = lambda *_: _stop(_Declared())
    parser.StartElementHandler = lambda *_: _stop(_Begun())
    try:
        while chunk := part.read(4096):
            parser.Parse(chunk)
    except _Begun:
        return
    except _Declared:
        raise UserError(
            Text("这个表格文件含有不允许的声明：{path}", "This workbook declares entities: {path}", path=path.name),
            Text("请在表格软件中另存后再导入。", "Save it again in a spreadsheet program."),
            code="file_damaged",
        ) from None


class _Begun(Exception):
    """The first element came without a document type before it."""


class _Declared(Exception):
    """A document type is declared."""


def _stop(reason: Exception) -> None:
    raise reason


class Merges:
    """Fills merged cells: the value of the first cell stands in every cell of its area.

    Areas are (first row, first column, last row, last column), rows from 1, columns from 0.
    """

    def __init__(self, areas: list[tuple[int, int, int, int]]) -> None:
        self._waiting = sorted((a for a in areas if a[2] > a[0]), reverse=True)
        self._open: list[tuple[tuple[int, int, int, int], Any]] = []

    def add(self, areas: list[tuple[int, int, int, int]]) -> None:
        """Take more areas, none of which began in a row that was filled already."""
        self._waiting = sorted([*self._waiting, *(a for a in areas if a[2] > a[0])], reverse=True)

    def fill(self, line: int, cells: list[Any]) -> list[Any]:
        """Return the row with its merged cells filled; rows come in order."""
        while self._waiting and self._waiting[-1][0] <= line:
            area = self._waiting.pop()
            value = cells[area[1]] if area[0] == line and area[1] < len(cells) else None
            self._open.append((area, value))
        if not self._open:
            return cells
        self._open = [(area, value) for area, value in self._open if area[2] >= line]
        for (_, left, _, right), value in self._open:
            if len(cells) <= right:
                cells.extend([None] * (right + 1 - len(cells)))
            for column in range(left, right + 1):
                if cells[column] is None:
                    cells[column] = value
        return cells
