"""What a desk kept by itself before hospitals' peers did: plans of unopened sessions, settings, unfinished imports.

Nothing new comes in; what is there goes to the peers by `slots hand-over`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
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
    """One committed session's slots as runs, and the secret (32 bytes hex) from which their salts are derived."""

    hospital: str
    session: str
    date: str
    runs: tuple[tuple[Any, ...], ...]
    secret: str = field(default="", repr=False)


class PlanStore:
    """A small database of the workspace, which need not exist."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def hospitals(self) -> tuple[str, ...]:
        """Hospitals of which something is here that was not handed over."""
        rows = self._rows(
            "SELECT hospital FROM plan WHERE opened = 0 UNION SELECT hospital FROM import_run "
            "UNION SELECT hospital FROM habit ORDER BY 1"
        )
        return tuple(str(row[0]) for row in rows)

    def waiting(self, hospital: str) -> tuple[KeptPlan, ...]:
        """Plans that were neither opened nor handed over, by day."""
        rows = self._rows(
            "SELECT hospital, session, date, runs FROM plan WHERE opened = 0 AND hospital = ? ORDER BY date, session",
            hospital,
        )
        return tuple(KeptPlan(r[0], r[1], r[2], tuple(tuple(run) for run in json.loads(r[3]))) for r in rows)

    def mark_opened(self, hospital: str, sessions: Sequence[str]) -> None:
        """Erase plans that are open on the ledger, or with the hospital's peers."""
        if sessions:
            self._write("DELETE FROM plan WHERE hospital = ? AND session = ?", [(hospital, s) for s in sessions])

    def run_of(self, hospital: str) -> ImportRun | None:
        """The hospital's unfinished import, if there is one."""
        rows = self._rows("SELECT * FROM import_run WHERE hospital = ?", hospital)
        return ImportRun(*rows[0]) if rows else None

    def end_run(self, hospital: str) -> None:
        """Forget a hospital's import: it is finished, or accepted as it is."""
        self._write("DELETE FROM import_run WHERE hospital = ?", [(hospital,)])

    def habits(self, hospital: str) -> str:
        """How the hospital writes its schedules, as it was kept; "{}" if nobody was asked yet."""
        rows = self._rows("SELECT habits FROM habit WHERE hospital = ?", hospital)
        return str(rows[0][0]) if rows else "{}"

    def clear_settings(self, hospital: str) -> None:
        """Forget what else there is of a hospital: its peers have it."""
        self.end_run(hospital)
        self._write("DELETE FROM habit WHERE hospital = ?", [(hospital,)])

    def _rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        if not self._path.is_file():
            return []
        with translating(), self._connect() as db:
            return db.execute(sql, values).fetchall()

    def _write(self, sql: str, values: list[tuple[Any, ...]]) -> None:
        if self._path.is_file():
            with translating(), self._connect() as db:
                db.executemany(sql, values)

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        """A connection for one piece of work: committed or rolled back, then closed."""
        with closing(sqlite3.connect(self._path, timeout=30)) as db, db:
            db.execute("PRAGMA synchronous = FULL")
            db.execute("PRAGMA secure_delete = ON")
            for table in (_TABLE, _RUNS, _HABITS):
                db.execute(table)
            yield db
