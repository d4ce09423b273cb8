"""Tables that people send and are given: CSV (UTF-8 or GB 18030) and XLSX in, bounded; either out, harmless to open."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from baas.csv_cells import harmless
from baas.errors import Text, UserError

MOST_BYTES, MOST_UNPACKED, MOST_ROWS, MOST_COLUMNS = 64 << 20, 128 << 20, 200_000, 60
_AS = Text("请另存为 UTF-8 的 CSV 或 XLSX。", "Save it as CSV in UTF-8 or as XLSX.")


def read_table(
    path: Path,
    columns: Mapping[str, str],
    needed: Collection[str],
    *,
    most_rows: int = MOST_ROWS,
    most_bytes: int = MOST_BYTES,
) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows below the heading, as trimmed text by the names in `columns` (heading → name), each with its number.

    Empty rows and unknown columns are passed over. UserError with the codes `table_too_large`, `table_encoding`,
    `table_format`, `table_empty` and `table_columns` (one that is `needed` is missing).
    """
    rows = _cells(path, most_bytes)
    first = next(rows, None)
    if first is None:
        raise UserError(Text("表格 {p} 是空的。", "The table {p} is empty.", p=path.name), code="table_empty")
    heading = [columns.get(_text(cell), "") for cell in first]
    if missing := set(needed) - set(heading):
        names = [title for title, name in columns.items() if name in missing]
        lacking = Text("、".join([one for one in names if not one.isascii()] or names), ", ".join(sorted(missing)))
        raise UserError(
            Text("表格缺少列：{c}。", "The table lacks columns: {c}.", c=lacking),
            Text("列名：{c}", "Columns: {c}", c=", ".join(sorted(columns))),
            code="table_columns",
        )
    for number, row in enumerate(rows, start=2):
        if number > most_rows:
            raise UserError(Text("表格行数太多。", "The table has too many rows."), code="table_too_large")
        cells = {name: _text(cell) for name, cell in zip(heading, row, strict=False) if name}
        if any(cells.values()):
            yield number, cells


def write_table(target: Path, heading: Sequence[str], rows: Iterable[Sequence[object]], sheet: str = "table") -> int:
    """Write a table as CSV (UTF-8 with BOM) or, if the file is called so, XLSX; returns how many rows it has."""
    count = 0
    with ExitStack() as stack:
        if target.suffix.lower() == ".xlsx":
            from openpyxl import Workbook

            book = Workbook(write_only=True)
            write: Callable[[list[object]], object] = book.create_sheet(sheet).append
            stack.callback(book.save, target)
        else:
            write = csv.writer(stack.enter_context(target.open("w", encoding="utf-8-sig", newline=""))).writerow
        write(list(heading))
        for row in rows:
            write([harmless(cell) for cell in row])
            count += 1
    return count


def _text(cell: object) -> str:
    return "" if cell is None else str(cell).strip()


def _cells(path: Path, most_bytes: int) -> Iterator[Sequence[object]]:
    try:
        if path.stat().st_size > most_bytes:
            raise UserError(Text("表格 {p} 太大。", "The table {p} is too large.", p=path.name), code="table_too_large")
        data = path.read_bytes()
    except OSError as error:
        why = error.strerror or str(error)
        raise UserError(Text("读不了表格 {p}：{w}。", "{p} cannot be read: {w}.", p=path.name, w=why)) from error
    try:
        yield from _workbook(data) if data.startswith(b"PK") else csv.reader(io.StringIO(_decoded(data, path.name)))
    except UserError:
        raise
    except Exception as error:  # whatever a reader of foreign bytes raises
        said = Text("{p} 不是可读的表格。", "{p} is no readable table.", p=path.name)
        raise UserError(said, _AS, code="table_format") from error


def _decoded(data: bytes, name: str) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    said = Text("表格 {p} 的编码无法识别。", "{p} is in no known encoding.", p=name)
    raise UserError(said, _AS, code="table_encoding")


def _workbook(data: bytes) -> Iterator[Sequence[object]]:
    from openpyxl import load_workbook

    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        if sum(one.file_size for one in packed.infolist()) > MOST_UNPACKED:
            raise UserError(Text("表格太大。", "The table is too large."), code="table_too_large")
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    try:
        yield from book.worksheets[0].iter_rows(values_only=True, max_col=MOST_COLUMNS)
    finally:
        book.close()
