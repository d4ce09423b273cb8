"""What this desk has still to hand in, and what it has handed in: a small queue that survives everything.

A deposit is on the ledger before its file is anywhere else. The file waits here, is seen, and is tried again, later
each time, until every service that is meant has it whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from baas.courier.notes import Notes
from baas.errors import Text, translating
from fabric_sdk.clock import seconds

_SCHEMA = """
CREATE TABLE IF NOT EXISTS waiting (
    record TEXT NOT NULL, cid TEXT NOT NULL, signer TEXT NOT NULL, title TEXT NOT NULL, size INTEGER NOT NULL,
    added REAL NOT NULL, tries INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL DEFAULT 0,
    zh TEXT NOT NULL DEFAULT '', en TEXT NOT NULL DEFAULT '', PRIMARY KEY (record, cid)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS handed (
    record TEXT NOT NULL, cid TEXT NOT NULL, service TEXT NOT NULL, at REAL NOT NULL,
    PRIMARY KEY (record, cid, service)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS handed_by_cid ON handed(cid);
CREATE TABLE IF NOT EXISTS came (
    cid TEXT NOT NULL, record TEXT NOT NULL, PRIMARY KEY (cid, record)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS received (cid TEXT NOT NULL, party TEXT NOT NULL, PRIMARY KEY (cid, party)) WITHOUT ROWID;
"""
FIRST_S, MOST_S = 30.0, 3600.0
"""How long after a try that failed the next one comes: twice as long each time, in seconds."""


@dataclass(frozen=True)
class Waiting:
    """A file that waits. `size` in bytes; `due` when it is tried next, seconds since the epoch; `why` it waits."""

    record: str
    cid: str
    signer: str
    title: str
    size: int
    added: float
    tries: int
    due: float
    why: Text


class Handing(Notes):
    """The queue of one network on this desk, and whom a file came to here."""

    def __init__(self, path: Path, clock: Callable[[], float] = seconds) -> None:
        super().__init__(path, _SCHEMA, clock)

    def add(self, record: str, cid: str, signer: str, title: str, size: int) -> None:
        """Note that a file is to be handed in; again is the same."""
        self.add_all([(record, cid, signer, title, size)])

    def add_all(self, files: Iterable[tuple[str, str, str, str, int]]) -> None:
        """The same for many: (record, cid, signer, title, size) each."""
        now = self._clock()
        rows = [(*one, now) for one in files]  # whoever names them may ask this queue meanwhile
        with translating(), self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany(
                "INSERT OR IGNORE INTO waiting (record, cid, signer, title, size, added) VALUES (?, ?, ?, ?, ?, ?)",
                rows,
            )
            self._db.execute("COMMIT")

    def waiting(self, *, due: bool = False) -> list[Waiting]:
        """What waits, oldest first; only what is to be tried now with `due`."""
        until = self._clock() if due else float("inf")
        with translating(), self._lock:
            rows = self._db.execute(
                "SELECT record, cid, signer, title, size, added, tries, due, zh, en FROM waiting WHERE due <= ? "
                "ORDER BY added, record",
                (until,),
            ).fetchall()
        return [
            Waiting(a, b, c, d, int(size), float(added), int(tries), float(later), Text(zh, en))
            for a, b, c, d, size, added, tries, later, zh, en in rows
        ]

    def failed(self, one: Waiting, why: Text) -> None:
        """Note why a try came to nothing; the next one comes later."""
        later = min(FIRST_S * 2**one.tries, MOST_S)
        with translating(), self._lock:
            self._db.execute(
                "UPDATE waiting SET tries=tries+1, due=?, zh=?, en=? WHERE record=? AND cid=?",
                (self._clock() + later, why.zh, why.en, one.record, one.cid),
            )

    def handed(self, one: Waiting, service: str) -> None:
        """Note that a service has a file whole."""
        with translating(), self._lock:
            self._db.execute(
                "INSERT OR REPLACE INTO handed VALUES (?, ?, ?, ?)", (one.record, one.cid, service, self._clock())
            )

    def services_of(self, record: str, cid: str) -> set[str]:
        """The services that have a file from here."""
        with translating(), self._lock:
            rows = self._db.execute("SELECT service FROM handed WHERE record=? AND cid=?", (record, cid)).fetchall()
        return {str(row[0]) for row in rows}

    def done(self, one: Waiting) -> None:
        """Take a file off the queue: every service that was meant has it, or it is not to be handed in any more."""
        with translating(), self._lock:
            self._db.execute("DELETE FROM waiting WHERE record=? AND cid=?", (one.record, one.cid))

    def elsewhere(self, prefix: str) -> int:
        """How many records whose ids begin so have their file at some service, from this desk."""
        with translating(), self._lock:
            row = self._db.execute(
                "SELECT COUNT(DISTINCT record) FROM handed WHERE substr(record, 1, ?) = ?", (len(prefix), prefix)
            ).fetchone()
        return int(row[0])

    def received(self, cid: str, party: str) -> None:
        """Note that a person had a file here by right: nothing calls that copy back from them."""
        with translating(), self._lock:
            self._db.execute("INSERT OR IGNORE INTO received VALUES (?, ?)", (cid, party))

    def has_received(self, cid: str, party: str) -> bool:
        """Whether a person had a file here by right."""
        with translating(), self._lock:
            row = self._db.execute("SELECT 1 FROM received WHERE cid=? AND party=?", (cid, party)).fetchone()
        return row is not None

    def came(self, cid: str, record: str) -> None:
        """Note that a service gave a file to this desk for a record under which it was handed in there."""
        with translating(), self._lock:
            self._db.execute("INSERT OR IGNORE INTO came VALUES (?, ?)", (cid, record))

    def lies_under(self, cid: str, records: Iterable[str]) -> bool:
        """Whether a file is here for one of these records: to be handed in for it, handed in, or fetched for it."""
        return not {str(one) for one in records}.isdisjoint(self._records_of(cid))

    def knows(self, cid: str) -> bool:
        """Whether a file is here for any record or for anybody."""
        with translating(), self._lock:
            row = self._db.execute("SELECT 1 FROM received WHERE cid=?", (cid,)).fetchone()
        return row is not None or bool(self._records_of(cid))

    def _records_of(self, cid: str) -> set[str]:
        asked = " UNION ".join(f"SELECT record FROM {name} WHERE cid=?1" for name in ("waiting", "handed", "came"))
        with translating(), self._lock:
            return {str(row[0]) for row in self._db.execute(asked, (cid,))}
