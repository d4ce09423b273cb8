"""Where an import's rows lie while they are compared with each other: a temporary database that spills to disk.

A file may have a million rows; memory holds a few thousand of them at a time. SQLite keeps a temporary database in its
page cache and moves it to an unnamed file when it grows, which is gone with the process, killed or not.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from typing import Any, overload

from baas.errors import Text, translating

PAGE = 500
CACHE_KIB = 16 * 1024
_TABLES = """
CREATE TABLE row (
    line INTEGER PRIMARY KEY, department TEXT, department_name TEXT, doctor TEXT, doctor_name TEXT, title TEXT,
    date TEXT, part TEXT, start INTEGER, "end" INTEGER, count INTEGER, kind TEXT, pool TEXT, fee INTEGER,
    department_code TEXT, doctor_code TEXT, campus TEXT, campus_name TEXT);
CREATE TABLE made (
    first INTEGER, id TEXT, department TEXT, department_name TEXT, doctor TEXT, doctor_name TEXT, title TEXT, date TEXT,
    part TEXT, kind TEXT, fee INTEGER, start INTEGER, "end" INTEGER, department_code TEXT, doctor_code TEXT,
    campus TEXT, campus_name TEXT, runs TEXT, lines TEXT, count INTEGER);
CREATE TABLE note (line INTEGER, zh TEXT, en TEXT);
CREATE TABLE bad (line INTEGER, "column" TEXT, value TEXT, zh TEXT, en TEXT);
"""


@dataclass(frozen=True)
class BadLine:
    """A line of the file that cannot be imported; `column` is the file's heading, empty for the whole line.

    `sheet` is empty while only one sheet of the file holds a schedule.
    """

    line: int
    column: str
    value: str
    why: Text
    sheet: str = ""


@dataclass(frozen=True)
class Note:
    """How a line was understood where the file did not say it in so many words."""

    line: int
    text: Text
    sheet: str = ""


@dataclass(frozen=True)
class SessionDraft:
    """A session as the file describes it; `runs` are `(start, minutes, count, pool)`, minutes from midnight.

    `department` and `doctor` are ids on the ledger, `…_code` what the hospital calls them where that differs. An `end`
    beyond 1440 is on the next day.
    """

    id: str
    department: str
    department_name: str
    doctor: str
    doctor_name: str
    title: str
    date: str
    part: str
    kind: str
    fee: int
    start: int
    end: int
    department_code: str
    doctor_code: str
    campus: str
    """Id on the ledger of the campus, made from its name; "" where the file names none."""
    campus_name: str
    runs: tuple[tuple[int, int, int, str], ...]
    lines: tuple[int, ...]

    @property
    def count(self) -> int:
        return sum(run[2] for run in self.runs)


@dataclass(frozen=True, slots=True)
class Row:
    """A line that is good by itself: a run of slots. Field names are the columns of `fields`, in the table's order."""

    line: int
    department: str
    department_name: str
    doctor: str
    doctor_name: str
    title: str
    date: str
    part: str
    start: int
    end: int
    count: int
    kind: str
    pool: str
    fee: int
    department_code: str
    doctor_code: str
    campus: str
    campus_name: str


ROW_FIELDS = tuple(f.name for f in fields(Row))[1:]
DRAFT_FIELDS = tuple(f.name for f in fields(SessionDraft))


class Staging:
    """Rows, then sessions made of them, and every bad line; usable from one thread at a time."""

    def __init__(self) -> None:
        with translating():
            self._db = sqlite3.connect("", isolation_level=None, check_same_thread=False)
            self._db.executescript(
                f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -{CACHE_KIB}; "
                f"PRAGMA temp_store = FILE; BEGIN; {_TABLES}"
            )
        self._guard = threading.Lock()
        self._rows: list[tuple[Any, ...]] = []
        self._bad: list[tuple[Any, ...]] = []
        self._notes: list[tuple[Any, ...]] = []
        self.bad_count = self.note_count = 0

    def add(self, row: tuple[Any, ...]) -> None:
        """Keep a good row, values in the order of `Row`."""
        self._rows.append(row)
        if len(self._rows) >= PAGE:
            self._flush()

    def refuse(self, line: int, column: str, value: str, why: Text) -> None:
        """Keep a bad line and count it."""
        self.bad_count += 1
        self._bad.append((line, column, value, why.zh, why.en))
        if len(self._bad) >= PAGE:
            self._flush()

    def note(self, line: int, text: Text) -> None:
        """Keep a note and count it."""
        self.note_count += 1
        self._notes.append((line, text.zh, text.en))
        if len(self._notes) >= PAGE:
            self._flush()

    def notes(self, limit: int = PAGE) -> list[Note]:
        """The first notes in the file's order."""
        self._flush()
        with self._guard, translating():
            rows = self._db.execute("SELECT line, zh, en FROM note ORDER BY line, rowid LIMIT ?", (limit,)).fetchall()
        return [Note(line, Text(zh, en)) for line, zh, en in rows]

    def namesakes(self) -> Iterator[tuple[int, str, int]]:
        """Yield (line, id, first line) of rows whose department or doctor is named or placed otherwise further up."""
        self._flush()
        for id, columns in (("department", ("department_name",)), ("doctor", ("doctor_name", "department"))):
            differs = " OR ".join(f"r.{c} <> f.{c}" for c in columns)
            yield from self._read(
                f"SELECT r.line, r.{id}, f.line FROM row r JOIN "
                f"(SELECT {id}, MIN(line) AS line, {', '.join(columns)} FROM row GROUP BY {id}) f ON f.{id} = r.{id} "
                f"WHERE {differs} ORDER BY r.line"
            )

    def drop(self, lines: Iterable[int]) -> None:
        """Take rows out again."""
        self._flush()
        with translating():
            self._db.executemany("DELETE FROM row WHERE line = ?", ((line,) for line in lines))

    def groups(self) -> Iterator[list[Row]]:
        """Yield the rows of each session, by hour, pool and line."""
        self._flush()
        names = ", ".join(f'"{f.name}"' for f in fields(Row))
        rows = self._read(
            f"SELECT {names} FROM row ORDER BY department, doctor, date, part, kind, campus, start, pool, line"
        )
        for _, group in itertools.groupby((Row(*r) for r in rows), _session_key):
            yield list(group)

    def keep(self, drafts: Iterable[SessionDraft]) -> None:
        """Keep sessions; they are numbered in the order of their first lines by `settle`."""
        marks = ", ".join("?" * 20)
        with translating():
            self._db.executemany(
                f"INSERT INTO made VALUES ({marks})",
                ((min(d.lines), *astuple(d)[:16], json.dumps(d.runs), json.dumps(d.lines), d.count) for d in drafts),
            )

    def by_doctor(self) -> Iterator[list[tuple[int, int, int, str]]]:
        """Yield (start, end, first line, doctor) of each doctor's sessions, by time; minutes since the year 1."""
        rows = self._read('SELECT doctor, date, start, "end", first FROM made ORDER BY doctor, date, start, first')
        for doctor, group in itertools.groupby(rows, lambda r: r[0]):
            days = ((dt.date.fromisoformat(date).toordinal() * 1440, *rest) for _, date, *rest in group)
            yield [(day + start, day + end, first, doctor) for day, start, end, first in days]

    def settle(self) -> StagedSessions:
        """Number the sessions in the file's order and return them; rows are gone afterwards."""
        self._flush()
        with translating():
            self._db.execute("CREATE TABLE session AS SELECT * FROM made ORDER BY first, id")
            self._db.execute("DROP TABLE made")
            self._db.execute("DROP TABLE row")
            count, slots = self._db.execute("SELECT COUNT(*), COALESCE(SUM(count), 0) FROM session").fetchone()
        return StagedSessions(self, count, slots)

    def bad(self, after: int = 0, limit: int = PAGE) -> list[BadLine]:
        """Up to `limit` bad lines in the file's order, past the first `after`."""
        self._flush()
        with self._guard, translating():
            rows = self._db.execute(
                'SELECT line, "column", value, zh, en FROM bad ORDER BY line, rowid LIMIT ? OFFSET ?', (limit, after)
            ).fetchall()
        return [BadLine(line, column, value, Text(zh, en)) for line, column, value, zh, en in rows]

    def every_bad(self) -> Iterator[BadLine]:
        """Every bad line in the file's order."""
        self._flush()
        for line, column, value, zh, en in self._read(
            'SELECT line, "column", value, zh, en FROM bad ORDER BY line, rowid'
        ):
            yield BadLine(line, column, value, Text(zh, en))

    def sessions(self, first: int, count: int) -> list[SessionDraft]:
        """Sessions by number, from `first` (0 for the first one)."""
        with self._guard, translating():
            rows = self._db.execute(
                "SELECT * FROM session WHERE rowid > ? AND rowid <= ? ORDER BY rowid", (first, first + count)
            ).fetchall()
        return [_draft(row) for row in rows]

    def _flush(self) -> None:
        with translating():
            if self._rows:
                self._db.executemany(f"INSERT INTO row VALUES ({', '.join('?' * 18)})", self._rows)
                self._rows.clear()
            if self._bad:
                self._db.executemany("INSERT INTO bad VALUES (?, ?, ?, ?, ?)", self._bad)
                self._bad.clear()
            if self._notes:
                self._db.executemany("INSERT INTO note VALUES (?, ?, ?)", self._notes)
                self._notes.clear()

    def _read(self, sql: str) -> Iterator[Any]:
        with translating():
            cursor = self._db.execute(sql)
        while page := cursor.fetchmany(PAGE):
            yield from page


class StagedSessions(Sequence[SessionDraft]):
    """The sessions of a file, read from the temporary database as they are needed."""

    def __init__(self, staging: Staging, count: int, slots: int) -> None:
        self._staging = staging
        self._count = count
        self.slots = slots

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> SessionDraft: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[SessionDraft, ...]: ...

    def __getitem__(self, index: int | slice) -> SessionDraft | tuple[SessionDraft, ...]:
        if isinstance(index, slice):
            chosen = range(self._count)[index]
            if chosen.step == 1:
                return tuple(self._staging.sessions(chosen.start, len(chosen)))
            return tuple(self[i] for i in chosen)
        if not -self._count <= index < self._count:
            raise IndexError(index)
        return self._staging.sessions(index % self._count, 1)[0]

    def __iter__(self) -> Iterator[SessionDraft]:
        for first in range(0, self._count, PAGE):
            yield from self._staging.sessions(first, PAGE)


def _session_key(row: Row) -> tuple[str, ...]:
    """Rows with the same one are a session."""
    return row.department, row.doctor, row.date, row.part, row.kind, row.campus


def _draft(row: Any) -> SessionDraft:
    values = dict(zip(DRAFT_FIELDS, row[1:19], strict=True))
    values["runs"] = tuple((r[0], r[1], r[2], r[3]) for r in json.loads(row[17]))
    values["lines"] = tuple(json.loads(row[18]))
    return SessionDraft(**values)
