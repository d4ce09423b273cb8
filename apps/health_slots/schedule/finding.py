"""Which of a file's rows are the schedule: the heading under its titles, in the sheets that people see."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps.health_slots.schedule.cells import is_blank, plain
from apps.health_slots.schedule.fields import find_columns
from apps.health_slots.schedule.habits import Habits
from apps.health_slots.schedule.tables import Book, Rows, open_book
from baas.errors import Text, UserError

LOOKED_AT = 40
"""Rows at a sheet's top among which the heading is looked for."""
ENOUGH = 4
"""Known headings that make a row the heading of a schedule."""
PER_SHEET = 10_000_000
"""Lines of the second sheet are numbered from here on, so that one number names a line of the whole file."""


@dataclass(frozen=True)
class Sheet:
    """A schedule inside a file: its headings, and its rows as (line in the whole file, cells)."""

    name: str
    headings: tuple[str, ...]
    rows: Rows


@dataclass(frozen=True)
class Schedule:
    """The sheets of a file that hold a schedule, to be read once and in order."""

    encoding: str
    sheets: Iterator[Sheet]
    names: list[str]
    """Names of the sheets read so far, by number."""

    def place(self, line: int) -> tuple[str, int]:
        """Sheet and line as the program that wrote the file shows them; the sheet is "" while there is only one."""
        number, row = divmod(line, PER_SHEET)
        return (self.names[number] if len(set(self.names)) > 1 and number < len(self.names) else "", row)


def find_schedule(path: Path, habits: Habits) -> Schedule:
    """Open a file and find its schedule; UserError where there is none."""
    book = open_book(path)
    names: list[str] = []
    found = _sheets(path, book, habits, names)
    try:
        first = next(found)
    except StopIteration:
        raise UserError(
            Text("文件里没有表头：{path}", "The file has no heading: {path}", path=path.name),
            Text(
                "表里要有一行列名，如 科室、医生、日期、时段、号源数。",
                "One row must name the columns, such as department, doctor, date, count.",
            ),
            code="no_heading",
        ) from None
    return Schedule(book.encoding, itertools.chain((first,), found), names)


def _sheets(path: Path, book: Book, habits: Habits, names: list[str]) -> Iterator[Sheet]:
    unknown: Sheet | None = None
    for table in book.tables:
        if table.hidden:
            continue
        head = list(itertools.islice(table.rows, LOOKED_AT))
        known, at = max(((_known(cells, habits), -n) for n, (_, cells) in enumerate(head)), default=(0, 0))
        if known >= ENOUGH:
            names.append(table.name)
            yield _sheet(len(names) - 1, table.name, head, -at, table.rows)
        elif unknown is None and (wide := _first_wide(head)) is not None:
            # Headings that nobody knows become questions; its rows are read when they are answered.
            unknown = _sheet(0, table.name, head[: wide + 1], wide, iter(()))
    if not names and unknown is not None:
        names.append(unknown.name)
        yield unknown


def _sheet(number: int, name: str, head: list[tuple[int, list[Any]]], at: int, rest: Rows) -> Sheet:
    headings = tuple("" if is_blank(cell) else plain(cell)[:60] for cell in head[at][1])
    first = number * PER_SHEET
    rows = ((first + line, cells) for line, cells in itertools.chain(head[at + 1 :], rest))
    return Sheet(name, headings, rows)


def _known(cells: list[Any], habits: Habits) -> int:
    return len(find_columns(tuple("" if is_blank(c) else plain(c)[:60] for c in cells), habits))


def _first_wide(head: list[tuple[int, list[Any]]]) -> int | None:
    """The first row with several texts, for a file whose headings nobody knows."""
    for number, (_, cells) in enumerate(head):
        if sum(isinstance(cell, str) and bool(cell.strip()) for cell in cells) >= ENOUGH:
            return number
    return next((n for n, (_, cells) in enumerate(head) if not all(is_blank(cell) for cell in cells)), None)
