"""XLSX, row by row: memory does not grow with the sheet, whatever its cells claim.

openpyxl's row-by-row mode knows neither merged cells nor, beside the values, the formulas; both are found by looking
through the sheet's XML once before.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from apps.health_slots.schedule.cells import MAX_COLUMNS, NoValue, arithmetic
from apps.health_slots.schedule.tables import (
    MAX_BLANK,
    MAX_TABLES,
    MAX_UNPACKED,
    Book,
    Merges,
    Rows,
    Table,
    damaged_workbook,
    refuse_doctype,
    too_blank,
    too_large,
)
from baas.errors import UserError

MAX_STRINGS = 128 * 1024 * 1024
"""Bytes of a workbook's shared strings, the one part of it that is held in memory."""
MAX_MERGES = 200_000
_CHUNK = 1 << 20
_OVERLAP = 200
_MERGE = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]{0,60}?ref=\"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})\"")
_FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")


def open_book(path: Path) -> Book:
    """Open a workbook; its sheets are read one after the other."""
    import openpyxl

    try:
        with zipfile.ZipFile(path) as archive:
            _check(path, archive)
        values = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except UserError:
        raise
    except Exception as error:  # what a damaged file makes of two parsers and a decompressor has no common class
        raise damaged_workbook(path) from error

    def tables() -> Iterator[Table]:
        try:
            for sheet in values.worksheets[:MAX_TABLES]:
                merges, formulas = _look_through(path, getattr(sheet, "_worksheet_path", ""))
                hidden = sheet.sheet_state != "visible"
                yield Table(sheet.title, hidden, _rows(path, sheet, merges, formulas))
        finally:
            values.close()

    return Book("xlsx", tables())


def _check(path: Path, archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    strings = sum(e.file_size for e in entries if "sharedstrings" in e.filename.lower())
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED or strings > MAX_STRINGS:
        raise too_large(path)
    for entry in entries:
        if entry.filename.lower().endswith((".xml", ".rels")):
            with archive.open(entry) as part:
                refuse_doctype(path, part)


def _look_through(path: Path, part: str) -> tuple[Merges, bool]:
    """The sheet's merged areas, and whether it has formulas."""
    areas: list[tuple[int, int, int, int]] = []
    formulas = False
    with zipfile.ZipFile(path) as archive, suppress(KeyError), archive.open(part.lstrip("/")) as file:
        rest = b""
        while chunk := file.read(_CHUNK):
            text = rest + chunk
            formulas = formulas or _FORMULA.search(text) is not None
            for match in _MERGE.finditer(text):
                if len(areas) < MAX_MERGES:
                    areas.append((int(match[2]), _column(match[1]), int(match[4]), _column(match[3])))
            rest = text[-_OVERLAP:]
    kept = {a for a in areas if a[1] < MAX_COLUMNS}
    return Merges([(top, left, bottom, min(right, MAX_COLUMNS - 1)) for top, left, bottom, right in kept]), formulas


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _rows(path: Path, sheet: Any, merges: Merges, formulas: bool) -> Rows:
    import openpyxl

    other = openpyxl.load_workbook(path, read_only=True, data_only=False) if formulas else None
    try:
        found = sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS)
        said = other[sheet.title].iter_rows(values_only=True, max_col=MAX_COLUMNS) if other is not None else None
        blank = 0
        for line, row in enumerate(found, start=1):
            cells = list(row)
            blank = 0 if any(cell is not None for cell in cells) else blank + 1
            if blank > MAX_BLANK:
                raise too_blank(line)
            if said is not None:
                cells = _with_formulas(cells, next(said, ()))
            yield line, merges.fill(line, cells)
    except UserError:
        raise
    except Exception as error:  # as above
        raise damaged_workbook(path) from error
    finally:
        if other is not None:
            other.close()


def _with_formulas(cells: list[Any], formulas: Any) -> list[Any]:
    """Values, where the file has none what its formula comes to, else a `NoValue`."""
    for index, formula in enumerate(formulas[: len(cells)]):
        if cells[index] is None and isinstance(formula, str) and formula.startswith("="):
            value = arithmetic(formula)
            cells[index] = NoValue(formula) if value is None else value
    return cells
