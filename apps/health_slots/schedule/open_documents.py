"""ODS of LibreOffice and WPS: the sheets' XML read as a stream, so that no repeat count can fill memory.

The readers that exist build the whole sheet first, repeated rows and columns unrolled; a file of a few kilobytes may
claim 17 billion cells. OpenDocument 1.3, part 3, sections 9.1 and 19.385.
"""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from apps.health_slots.schedule.cells import MAX_COLUMNS
from apps.health_slots.schedule.tables import (
    MAX_ROWS,
    MAX_TABLES,
    Book,
    Merges,
    Rows,
    Table,
    damaged_workbook,
    refuse_doctype,
    too_large,
)
from baas.errors import UserError

MIME = b"application/vnd.oasis.opendocument.spreadsheet"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_DURATION = re.compile(r"PT(\d{1,3})H(\d{1,2})M(\d{1,2})(?:[.,]\d+)?S")
MAX_CONTENT = 512 * 1024 * 1024
_UNITS = ("hours", "minutes", "seconds")
_MAX_CELLS = 20_000
"""Elements of one row; LibreOffice ends at 16,384 columns."""
_MAX_REPEATED_CONTENT = 5000
"""Copies of one row with content that are read; an empty one is passed over however often it stands there."""


def is_one(path: Path) -> bool:
    """Whether a zip file is an OpenDocument spreadsheet."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.read("mimetype")[:80].strip() == MIME if "mimetype" in archive.namelist() else False
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError):
        return False


def open_book(path: Path) -> Book:
    """Open a spreadsheet; its sheets must be read in order, each before the next."""
    try:
        archive = zipfile.ZipFile(path)
        info = archive.getinfo("content.xml")
        if info.file_size > MAX_CONTENT:
            raise too_large(path)
        with archive.open(info) as head:
            refuse_doctype(path, head)
        stream = archive.open(info)
    except UserError:
        raise
    except Exception as error:  # as in `workbooks`
        raise damaged_workbook(path) from error
    return Book("ods", _Reader(path, archive, stream).tables())


class _Reader:
    """One pass over content.xml."""

    def __init__(self, path: Path, archive: zipfile.ZipFile, stream: Any) -> None:
        self._path = path
        self._archive = archive
        self._stream = stream
        self._hidden: set[str] = set()

    def tables(self) -> Iterator[Table]:
        count = 0
        events = self._events()
        try:
            for event, element in events:
                if event == "start" and element.tag == f"{_TABLE}table" and count < MAX_TABLES:
                    count += 1
                    name = element.get(f"{_TABLE}name", "")
                    rows = self._rows(element, events)
                    yield Table(name, element.get(f"{_TABLE}style-name") in self._hidden, rows)
                    for _ in rows:  # what the reader left of it
                        pass
                elif event == "end" and element.tag == f"{_STYLE}style":
                    properties = element.find(f"{_STYLE}table-properties")
                    if properties is not None and properties.get(f"{_TABLE}display") == "false":
                        self._hidden.add(element.get(f"{_STYLE}name", ""))
        finally:
            self._archive.close()

    def _events(self) -> Iterator[tuple[str, Any]]:
        try:
            yield from ElementTree.iterparse(self._stream, events=("start", "end"))
        except UserError:
            raise
        except Exception as error:
            raise damaged_workbook(self._path) from error

    def _rows(self, table: Any, events: Iterator[tuple[str, Any]]) -> Rows:
        line = elements = 0
        merges = Merges([])
        for event, element in events:
            elements += 1
            if elements > _MAX_CELLS * 10:
                raise damaged_workbook(self._path)
            if event != "end":
                continue
            if element is table:
                element.clear()
                return
            if element.tag != f"{_TABLE}table-row":
                continue
            elements = 0
            repeated = _repeat(element, "number-rows-repeated")
            cells, spans = _cells(element)
            table.clear()
            element.clear()
            if all(cell is None for cell in cells) and not spans:
                line += repeated
                continue
            for number in range(min(repeated, _MAX_REPEATED_CONTENT)):
                here = line + number + 1
                merges.add([(here, left, here + down - 1, right) for left, right, down in spans])
                yield here, merges.fill(here, list(cells))
            line += repeated
            if line > MAX_ROWS * 10:
                raise too_large(self._path)


def _cells(row: Any) -> tuple[list[Any], list[tuple[int, int, int]]]:
    """The row's values, at most `MAX_COLUMNS`, and its cells that span rows as (first column, last column, rows)."""
    cells: list[Any] = []
    spans: list[tuple[int, int, int]] = []
    for element in row:
        if element.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell") or len(cells) >= MAX_COLUMNS:
            continue
        value = None if element.tag.endswith("covered-table-cell") else _value(element)
        down, across = _repeat(element, "number-rows-spanned"), _repeat(element, "number-columns-spanned")
        if down > 1:
            spans.append((len(cells), min(len(cells) + across, MAX_COLUMNS) - 1, min(down, MAX_ROWS)))
        repeated = min(_repeat(element, "number-columns-repeated"), MAX_COLUMNS - len(cells))
        cells += [value] * repeated
    while cells and cells[-1] is None:
        cells.pop()
    return cells, spans


def _value(element: Any) -> Any:
    kind = element.get(f"{_OFFICE}value-type")
    if kind in ("float", "currency", "percentage"):
        return _number(element.get(f"{_OFFICE}value", ""))
    if kind == "date":
        return _moment(element.get(f"{_OFFICE}date-value", ""))
    if kind == "time":
        text = element.get(f"{_OFFICE}time-value", "")
        match = _DURATION.fullmatch(text)
        return text if match is None else dt.timedelta(**dict(zip(_UNITS, map(int, match.groups()), strict=True)))
    texts = ["".join(part.itertext()) for part in element.iter(f"{_TEXT}p")]
    return "\n".join(texts) or None


def _number(text: str) -> Any:
    try:
        number = float(text)
    except ValueError:
        return text or None
    return int(number) if number.is_integer() and abs(number) < 1e15 else number


def _moment(text: str) -> Any:
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        return text or None


def _repeat(element: Any, name: str) -> int:
    text = element.get(f"{_TABLE}{name}", "1")
    return max(1, int(text[:9])) if text.isascii() and text.isdigit() else 1
