"""Slots that were committed but not opened yet: known to the hospital alone, kept until their release."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from baas.errors import translating

_TABLE = """
CREATE TABLE IF NOT EXISTS plan (
    hospital TEXT NOT NULL, session TEXT NOT NULL, date TEXT NOT NULL, runs TEXT NOT NULL, opened INTEGER NOT NULL,
    PRIMARY KEY (hospital, session)) WITHOUT ROWID
"""


_RUNS = """
CREATE TABLE IF NOT EXISTS import_run (
    hospital TEXT PRIMARY KEY, file TEXT NOT NULL, digest TEXT NOT NULL, sessions INTEGER NOT NULL,
    committed INTEGER NOT NULL) WITHOUT ROWID
"""


_HABITS = "CREATE TABLE IF NOT EXISTS habit (hospital TEXT PRIMARY KEY, habits TEXT NOT NULL) WITHOUT ROWID"


@dataclass(frozen=True)
class ImportRun:
    """An import of several transactions that is not finished: `committed` of `sessions` are on the ledger."""

    hospital: str
    file: str
    digest: str
    sessions: int
    committed: int


@dataclass(frozen=True)
class KeptPlan:
    """One committed session's slots as runs."""

    hospital: str
    session: str
    date: str
    runs: tuple[tuple[Any, ...], ...]


class PlanStore:
    """Plans in a small database of the workspace; durable before the commitment is sent."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with translating():
            path.parent.mkdir(parents=True, exist_ok=True)
            with self._connect() as db:
                db.execute(_TABLE)
                db.execute(_RUNS)
                db.execute(_HABITS)

    def keep(self, plans: Iterable[KeptPlan]) -> None:
        """Keep plans; one that is there already stays as it is if it was opened."""
        with translating(), self._connect() as db:
            db.executemany(
                "INSERT INTO plan VALUES (?, ?, ?, ?, 0) ON CONFLICT (hospital, session) DO UPDATE "
                "SET date = excluded.date, runs = excluded.runs WHERE opened = 0",
                [(p.hospital, p.session, p.date, json.dumps(p.runs)) for p in plans],
            )

    def waiting(self, hospital: str = "") -> tuple[KeptPlan, ...]:
        """Plans that were not opened yet, by day."""
        with translating(), self._connect() as db:
            rows = db.execute(
                "SELECT hospital, session, date, runs FROM plan WHERE opened = 0 AND (? = '' OR hospital = ?) "
                "ORDER BY date, session",
                (hospital, hospital),
            ).fetchall()
        return tuple(KeptPlan(r[0], r[1], r[2], tuple(tuple(run) for run in json.loads(r[3]))) for r in rows)

    def mark_opened(self, hospital: str, sessions: Sequence[str]) -> None:
        with translating(), self._connect() as db:
            db.executemany(
                "UPDATE plan SET opened = 1 WHERE hospital = ? AND session = ?", [(hospital, s) for s in sessions]
            )

    def forget(self, hospital: str, sessions: Sequence[str]) -> None:
        """Drop plans whose commitment did not come about."""
        with translating(), self._connect() as db:
            db.executemany(
                "DELETE FROM plan WHERE opened = 0 AND hospital = ? AND session = ?", [(hospital, s) for s in sessions]
            )

    def run_of(self, hospital: str) -> ImportRun | None:
        """The hospital's unfinished import, if there is one."""
        with translating(), self._connect() as db:
            row = db.execute("SELECT * FROM import_run WHERE hospital = ?", (hospital,)).fetchone()
        return ImportRun(*row) if row else None

    def note_run(self, run: ImportRun) -> None:
        """Write how far an import has come."""
        with translating(), self._connect() as db:
            db.execute("INSERT OR REPLACE INTO import_run VALUES (?, ?, ?, ?, ?)", tuple(vars(run).values()))

    def end_run(self, hospital: str) -> None:
        """Forget a hospital's import: it is finished, or accepted as it is."""
        with translating(), self._connect() as db:
            db.execute("DELETE FROM import_run WHERE hospital = ?", (hospital,))

    def habits(self, hospital: str) -> str:
        """How the hospital writes its schedules, as it was kept; "{}" if nobody was asked yet."""
        with translating(), self._connect() as db:
            row = db.execute("SELECT habits FROM habit WHERE hospital = ?", (hospital,)).fetchone()
        return str(row[0]) if row else "{}"

    def keep_habits(self, hospital: str, habits: str) -> None:
        with translating(), self._connect() as db:
            db.execute("INSERT OR REPLACE INTO habit VALUES (?, ?)", (hospital, habits))

    def _connect(self) -> _Closing:
        return _Closing(self._path)


class _Closing:
    """A connection for one piece of work: committed or rolled back, then closed."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, timeout=30)
        self._db.execute("PRAGMA synchronous = FULL")

    def __enter__(self) -> sqlite3.Connection:
        return self._db

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        try:
            if kind is None:
                self._db.commit()
            else:
                self._db.rollback()
        finally:
            self._db.close()
