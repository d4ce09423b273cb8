"""Books that are reconciled: a CSV of order, type and amount, compared entry by entry with the others."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from baas.csv_cells import harmless
from baas.errors import Text, UserError, translating
from network.encodings import read_text

MAX_BOOK_BYTES = 64 * 1024 * 1024
BOOK_COLUMNS = ("order", "type", "amount")
"""A book is a CSV of order (what was paid for), type, and amount in fen; other columns are ignored."""

Entry = tuple[str, str, int]


@dataclass(frozen=True)
class Comparison:
    """Books compared as multisets: entries and totals in fen by book, the SHA-256 of each, and what differs.

    `differences` are entries with how often each book has them, in the entries' order.
    """

    entries: Mapping[str, int]
    totals: Mapping[str, int]
    books: Mapping[str, str]
    differences: tuple[tuple[Entry, Mapping[str, int]], ...]


def days_of(since: str, until: str) -> tuple[dt.date, dt.date]:
    """First and last day of a book; UserError for what is no day as 2026-11-01, or where the last lies before."""
    days = []
    for text in (since, until):
        try:
            days.append(dt.date.fromisoformat(text))
            if text != days[-1].isoformat():
                raise ValueError("another way to write it")
        except ValueError as error:
            raise UserError(
                Text("日期不对：{d}", "The date is wrong: {d}", d=text[:40]),
                Text("应写作 2026-11-01。", "Write 2026-11-01."),
                code="bad_day",
            ) from error
    if days[1] < days[0]:
        raise UserError(Text("截止日期早于起始日期。", "The last day lies before the first."))
    return days[0], days[1]


def compare(books: Mapping[str, Iterable[Entry]], incoming: str) -> Comparison:
    """Compare books entry by entry; `incoming` is the type that counts positive in totals."""
    counted = {name: Counter(entries) for name, entries in books.items()}
    everything = sorted(set().union(*counted.values()))
    differences = tuple(
        (entry, {name: counted[name][entry] for name in counted})
        for entry in everything
        if len({counted[name][entry] for name in counted}) > 1
    )
    totals = {
        name: sum((e[2] if e[1] == incoming else -e[2]) * n for e, n in entries.items())
        for name, entries in counted.items()
    }
    digests = {
        name: hashlib.sha256(json.dumps(sorted(entries.elements())).encode()).hexdigest()
        for name, entries in counted.items()
    }
    return Comparison({name: entries.total() for name, entries in counted.items()}, totals, digests, differences)


def write_book(entries: Sequence[Entry], target: Path) -> int:
    """Write a book in the form in which books are read; returns how many entries."""
    with translating(), target.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([BOOK_COLUMNS, *([harmless(cell) for cell in entry] for entry in entries)])
    return len(entries)


def read_book(path: Path, types: Sequence[str]) -> list[Entry]:
    """Read a book whose entries are of these types; UserError names the line that is wrong."""
    try:
        if path.stat().st_size > MAX_BOOK_BYTES:
            raise UserError(Text("账本文件太大。", "The book is too large."))
        text = read_text(path, MAX_BOOK_BYTES)
    except (OSError, ValueError) as error:
        raise UserError(
            Text("读不了账本文件：{path}", "The book cannot be read: {path}", path=path.name),
            Text("应为 CSV，列为 order,type,amount。", "It is a CSV of order,type,amount."),
        ) from error
    reader = csv.DictReader(io.StringIO(text))
    if not set(BOOK_COLUMNS) <= set(reader.fieldnames or ()):
        raise UserError(
            Text("账本缺少列：{path}", "The book lacks columns: {path}", path=path.name),
            Text("需要 order,type,amount。", "It needs order,type,amount."),
        )
    entries: list[Entry] = []
    for row in reader:
        amount = (row["amount"] or "").strip()
        if row["type"] not in types or not amount.isascii() or not amount.isdigit() or len(amount) > 15:
            either, both = " 或 ".join(types), " or ".join(types)
            raise UserError(
                Text(
                    "{path} 第 {line} 行看不懂。",
                    "{path}, line {line} makes no sense.",
                    path=path.name,
                    line=reader.line_num,
                ),
                Text("type 为 {a}，amount 为分。", "type is {b}, amount is in fen.", a=either, b=both),
            )
        entries.append(((row["order"] or "").strip()[:64], row["type"], int(amount)))
    return entries
