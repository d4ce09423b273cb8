"""Words that many people's texts have in common: letter heads, notices, licences. They say nothing of copying.

A piece of text counts as common once it stands in works of `DEPOSITORS` different depositors. One person cannot make
the words of a work common by depositing them again and again; several could, therefore a work that is common for the
most part (a poem that others quote) is still compared by all its words, and so is a text with hardly a word of its own.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence

DEPOSITORS = 5
MOSTLY = 0.9
"""From which share of a work on its common words are its own."""
FEW = 8
"""Hashes that are not common, below which a text is compared by all of them."""
NOTED = 0.25
"""From which share of a work on its common words are more than chance leaves in any two texts of one language."""
_EARLIEST = 64


def parts(values: Sequence[int], size: int = 500) -> Iterator[Sequence[int]]:
    """Values in pieces that SQLite takes as parameters."""
    return (values[at : at + size] for at in range(0, len(values), size))


def common(db: sqlite3.Connection, hashes: Sequence[int]) -> tuple[set[int], Counter[int]]:
    """Which of a text's hashes are common, and how many of those each of the earliest works with them has."""
    many: list[int] = []
    for part in parts(hashes):
        marks = ",".join("?" * len(part))
        counts = f"SELECT hash FROM text_sample WHERE hash IN ({marks}) GROUP BY hash HAVING COUNT(*) >= {DEPOSITORS}"
        many += [row[0] for row in db.execute(counts, part)]
    found: set[int] = set()
    having: Counter[int] = Counter()
    parties: dict[int, str] = {}
    earliest = f"SELECT work FROM text_sample WHERE hash=? ORDER BY rowid LIMIT {_EARLIEST}"
    for value in many:
        works = [row[0] for row in db.execute(earliest, (value,))]
        unknown = [work for work in works if work not in parties]
        marks = ",".join("?" * len(unknown))
        asked = f"SELECT serial, party FROM work WHERE state = 'ACTIVE' AND serial IN ({marks})"
        parties |= dict.fromkeys(unknown, "") | dict(db.execute(asked, unknown).fetchall())
        if len({parties[work] for work in works} - {""}) >= DEPOSITORS:
            found.add(value)
            having.update(works)
    return found, having
