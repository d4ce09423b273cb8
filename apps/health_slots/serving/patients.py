"""What one FHIR service remembers of its portals: their patients by random ids, what each made, how much a day.

Where visits have ids of their own, portals never learn one: a portal names a patient by an id that this service drew,
and another portal's id for the same person is another. Nobody can follow an id of a portal on the ledger.
"""

from __future__ import annotations

import base64
import secrets
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from baas.errors import translating


@dataclass(eq=False)
class _Work:
    """One piece of work, as it waits for the disk."""

    act: Callable[[sqlite3.Connection], object]
    over: bool = False
    error: BaseException | None = None

    def end(self, error: BaseException | None = None) -> None:
        self.over, self.error = True, error


_TABLES = """
CREATE TABLE IF NOT EXISTS patient (
    portal TEXT NOT NULL, id TEXT NOT NULL, resident TEXT NOT NULL,
    PRIMARY KEY (portal, id), UNIQUE (portal, resident)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS made (
    portal TEXT NOT NULL, appointment TEXT NOT NULL, patient TEXT NOT NULL, guardian TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (portal, appointment)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS made_patient ON made (portal, patient);
CREATE TABLE IF NOT EXISTS used (
    portal TEXT NOT NULL, day TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (portal, day)) WITHOUT ROWID;
"""
IN_ONE_SEARCH = 2_000
DRAWN = 10_000
"""Ids in memory that were drawn and not kept yet."""


class PortalPatients:
    """Kept beside the registry of portals, in the same file.

    One connection reads and one writes: two hundred of their own met SQLite's lock until some were told that the file
    is in use, after their appointments stood on the ledger. Who writes while the disk is busy with others' is written
    together with all who came meanwhile; who reads never waits for the disk.
    """

    def __init__(self, path: Path) -> None:
        self._turn = threading.Lock()
        self._drawn: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._waiting: list[_Work] = []
        self._gate = threading.Lock()
        self._writing = threading.Lock()
        with translating():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._writer, self._reader = _opened(path), _opened(path)
            with self._writer:
                self._writer.execute("PRAGMA journal_mode = WAL")
                self._writer.executescript(_TABLES)
                if "guardian" not in {row[1] for row in self._writer.execute("PRAGMA table_info(made)")}:
                    self._writer.execute("ALTER TABLE made ADD COLUMN guardian TEXT NOT NULL DEFAULT ''")

    @contextmanager
    def _mine(self) -> Iterator[sqlite3.Connection]:
        """The connection that reads, for one question."""
        with self._turn, translating():
            yield self._reader

    def _write(self, act: Callable[[sqlite3.Connection], object]) -> None:
        """Do a piece of work and have it on the disk: kept whole or undone, together with what others wait for."""
        work = _Work(act)
        with self._gate:
            self._waiting.append(work)
        with self._writing:
            if not work.over:
                with self._gate:
                    together, self._waiting = self._waiting, []
                self._do(together)
        if work.error is not None:
            raise work.error

    def _do(self, together: list[_Work]) -> None:
        """Write several pieces of work in one transaction; where one fails each is tried by itself."""
        try:
            with translating(), self._writer:
                for work in together:
                    work.act(self._writer)
        except BaseException as error:
            if len(together) > 1 and isinstance(error, Exception):
                for work in together:
                    self._do([work])
                return
            for work in together:
                work.end(error)
            if not isinstance(error, Exception):
                raise
            return
        for work in together:
            work.end()

    def id_of(self, portal: str, resident: str) -> str:
        """The portal's id of a resident, drawn and kept when it is first needed."""
        drawn = self.draw(portal, resident)
        new = "INSERT OR IGNORE INTO patient VALUES (?, ?, ?)"
        self._write(lambda db: db.execute(new, (portal, drawn, resident)))
        with self._mine() as db:
            return self._known(db, portal, resident)

    def draw(self, portal: str, resident: str) -> str:
        """The portal's id of a resident; a new one is kept with what is made for it, and nobody is told before."""
        with self._mine() as db:
            if known := self._known(db, portal, resident):
                return known
            drawn = self._drawn.setdefault((portal, resident), f"R{_letters()}")
            while len(self._drawn) > DRAWN:
                self._drawn.popitem(last=False)
            return drawn

    def _known(self, db: sqlite3.Connection, portal: str, resident: str) -> str:
        row = db.execute("SELECT id FROM patient WHERE portal = ? AND resident = ?", (portal, resident)).fetchone()
        return str(row[0]) if row else ""

    def resident(self, portal: str, id: str) -> str:
        """Whom a portal means by an id, "" if it has none such."""
        with self._mine() as db:
            row = db.execute("SELECT resident FROM patient WHERE portal = ? AND id = ?", (portal, id)).fetchone()
            return str(row[0]) if row else ""

    def note(
        self,
        portal: str,
        appointment: str,
        patient: str,
        resident: str = "",
        day: str = "",
        guardian: tuple[str, str] = ("", ""),
    ) -> None:
        """Remember for which of its patients (who is `resident`) a portal made an appointment, and who acted for the
        patient (the portal's id and who that is); with a day count it as one more of that day, and forget the days
        before. All at once: each piece of work waits for the disk."""

        def act(db: sqlite3.Connection) -> None:
            for id, who in ((patient, resident), guardian):
                if who:
                    db.execute("INSERT OR IGNORE INTO patient VALUES (?, ?, ?)", (portal, id, who))
            db.execute(
                "INSERT OR REPLACE INTO made (portal, appointment, patient, guardian) VALUES (?, ?, ?, ?)",
                (portal, appointment, patient, guardian[0]),
            )
            if day:
                _count(db, portal, day)

        self._write(act)
        with self._turn:
            for who in (resident, guardian[1]):
                self._drawn.pop((portal, who), None)

    def patient_of(self, portal: str, appointment: str) -> tuple[str, str]:
        """For which of its patients a portal made an appointment, and by whom where somebody acted; "" for unknown."""
        with self._mine() as db:
            row = db.execute(
                "SELECT patient, guardian FROM made WHERE portal = ? AND appointment = ?", (portal, appointment)
            ).fetchone()
            return (str(row[0]), str(row[1])) if row else ("", "")

    def knows(self, portal: str, kind: str, id: str) -> bool:
        """Whether a portal has such a Patient, or such a RelatedPerson (`guardian.patient`) who acted through it."""
        if kind == "Patient":
            return bool(self.resident(portal, id))
        guardian, _, patient = id.partition(".")
        with self._mine() as db:
            row = db.execute(
                "SELECT 1 FROM made WHERE portal = ? AND patient = ? AND guardian = ? AND guardian <> '' LIMIT 1",
                (portal, patient, guardian),
            ).fetchone()
            return row is not None

    def appointments(self, portal: str, patient: str) -> tuple[str, ...]:
        """What a portal made for one of its patients."""
        with self._mine() as db:
            rows = db.execute(
                "SELECT appointment FROM made WHERE portal = ? AND patient = ? ORDER BY appointment LIMIT ?",
                (portal, patient, IN_ONE_SEARCH),
            )
            return tuple(str(row[0]) for row in rows)

    def used(self, portal: str, day: str) -> int:
        """How many holds and bookings a portal made on a day."""
        with self._mine() as db:
            row = db.execute("SELECT count FROM used WHERE portal = ? AND day = ?", (portal, day)).fetchone()
            return int(row[0]) if row else 0

    def use(self, portal: str, day: str) -> None:
        """Count one more, and forget the days before."""
        self._write(lambda db: _count(db, portal, day))


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=30, check_same_thread=False)


def _count(db: sqlite3.Connection, portal: str, day: str) -> None:
    db.execute("DELETE FROM used WHERE portal = ? AND day < ?", (portal, day))
    db.execute(
        "INSERT INTO used VALUES (?, ?, 1) ON CONFLICT (portal, day) DO UPDATE SET count = count + 1", (portal, day)
    )


def _letters() -> str:
    return base64.b32encode(secrets.token_bytes(17))[:26].decode()
