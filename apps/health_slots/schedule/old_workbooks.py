"""XLS of Excel 97 to 2003, by xlrd: a pure Python reader that keeps only the cells that are there."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from apps.health_slots.schedule.cells import MAX_COLUMNS
from apps.health_slots.schedule.tables import MAX_TABLES, Book, Merges, Rows, Table, damaged_workbook, too_large

MAX_BYTES = 64 * 1024 * 1024
"""A full sheet of that format (65,536 rows of 14 columns) is some 12 MB."""


def open_book(path: Path) -> Book:
    """Open an old workbook; formatting is read because merged cells and hidden sheets stand there."""
    import xlrd

    if path.stat().st_size > MAX_BYTES:
        raise too_large(path)
    try:
        book = xlrd.open_workbook(
            str(path), logfile=io.StringIO(), on_demand=True, formatting_info=True, ragged_rows=True
        )
    except Exception as error:  # as in `workbooks`
        raise damaged_workbook(path) from error

    def tables() -> Iterator[Table]:
        try:
            for index in range(min(book.nsheets, MAX_TABLES)):
                try:
                    sheet = book.sheet_by_index(index)
                except Exception as error:
                    raise damaged_workbook(path) from error
                yield Table(sheet.name, sheet.visibility != 0, _rows(book, sheet))
                book.unload_sheet(index)
        finally:
            book.release_resources()

    return Book("xls", tables())


def _rows(book: Any, sheet: Any) -> Rows:
    areas = [
        (top + 1, left, bottom, min(right, MAX_COLUMNS) - 1)
        for top, bottom, left, right in sheet.merged_cells
        if left < MAX_COLUMNS
    ]
    merges = Merges(areas)
    for number in range(sheet.nrows):
        length = min(sheet.row_len(number), MAX_COLUMNS)
        cells = [_value(book, sheet.cell(number, column)) for column in range(length)]
        yield number + 1, merges.fill(number + 1, cells)


def _value(book: Any, cell: Any) -> Any:
    import xlrd

    if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
        return None
    if cell.ctype == xlrd.XL_CELL_DATE:
        if 0 <= cell.value < 1:
            return float(cell.value)
        try:
            found: dt.datetime = xlrd.xldate_as_datetime(cell.value, book.datemode)
        except (ValueError, OverflowError, xlrd.XLDateError):
            return cell.value
        return found
    return cell.value
