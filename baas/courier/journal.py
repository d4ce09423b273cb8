"""What a content service took in and gave out: for quotas, for retention, and for whoever must account for it.

A SQLite file in the service's workspace. Bytes and times are plain numbers: bytes, seconds since the epoch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from baas.courier.notes import Notes
from baas.errors import Text, UserError, translating
from fabric_sdk.clock import seconds

if TYPE_CHECKING:
    from baas.workspace import Workspace

_SCHEMA = """
CREATE TABLE IF NOT EXISTS taken (
    cid TEXT NOT NULL, record TEXT NOT NULL, party TEXT NOT NULL, bytes INTEGER NOT NULL, at REAL NOT NULL,
    dropped REAL, PRIMARY KEY (cid, record)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS taken_by_party ON taken(party);
CREATE TABLE IF NOT EXISTS given (
    day INTEGER NOT NULL, party TEXT NOT NULL, cid TEXT NOT NULL, record TEXT NOT NULL, bytes INTEGER NOT NULL,
    last REAL NOT NULL, PRIMARY KEY (day, party, cid, record)) WITHOUT ROWID;
"""
_DAY_S = 86_400
SETTING = "content.service."


@dataclass(frozen=True)
class Policy:
    """What a service takes, gives and keeps: bytes, and days after which what nobody needs any more goes."""

    file_bytes: int = 8 << 30
    person_bytes: int = 64 << 30
    """What one person may have lie here altogether."""
    daily_bytes: int = 64 << 30
    """What one person may fetch in 24 hours (UTC days)."""
    free_bytes: int = 2 << 30
    """What stays free on the disk."""
    keep_days: int = 90
    """How long a file stays after its record was withdrawn, revoked or refused."""


def policy_of(workspace: Workspace) -> Policy:
    """The policy of this workspace's service."""
    found = {one.name: workspace.setting(SETTING + one.name) for one in fields(Policy)}
    return Policy(**{name: int(value) for name, value in found.items() if value.isdigit()})


def set_policy(workspace: Workspace, **changes: int | None) -> Policy:
    """Change the policy; takes effect when the service starts next."""
    for name, value in changes.items():
        if value is not None:
            if value < 0:
                raise UserError(Text("不能小于 0：{n}", "It is not below 0: {n}", n=name), code="usage")
            workspace.set_setting(SETTING + name, str(value))
    return policy_of(workspace)


@dataclass(frozen=True)
class Taken:
    """A file that lies here for a record."""

    cid: str
    record: str
    party: str
    bytes: int
    at: float


class Journal(Notes):
    """One service's."""

    def __init__(self, path: Path, clock: Callable[[], float] = seconds) -> None:
        super().__init__(path, _SCHEMA, clock)

    def took(self, cid: str, record: str, party: str, size: int) -> None:
        """Note that a file was handed in; again is the same."""
        with translating(), self._lock:
            self._db.execute(
                "INSERT INTO taken VALUES (?, ?, ?, ?, ?, NULL) ON CONFLICT(cid, record) DO UPDATE SET dropped=NULL",
                (cid, record, party, size, self._clock()),
            )

    def has(self, cid: str, record: str) -> bool:
        """Whether a file was handed in for this record, byte by byte, and is kept for it."""
        with translating(), self._lock:
            row = self._db.execute(
                "SELECT 1 FROM taken WHERE cid=? AND record=? AND dropped IS NULL", (cid, record)
            ).fetchone()
        return row is not None

    def held_for(self, party: str) -> int:
        """How many bytes lie here that a person handed in."""
        with translating(), self._lock:
            row = self._db.execute(
                "SELECT COALESCE(SUM(bytes), 0) FROM taken WHERE party=? AND dropped IS NULL", (party,)
            ).fetchone()
        return int(row[0])

    def gave(self, party: str, cid: str, record: str, size: int) -> None:
        """Note bytes that somebody fetched."""
        now = self._clock()
        with translating(), self._lock:
            self._db.execute(
                "INSERT INTO given VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT(day, party, cid, record) "
                "DO UPDATE SET bytes=bytes+excluded.bytes, last=excluded.last",
                (int(now // _DAY_S), party, cid, record, size, now),
            )

    def given_today(self, party: str) -> int:
        """How many bytes a person has fetched today."""
        with translating(), self._lock:
            row = self._db.execute(
                "SELECT COALESCE(SUM(bytes), 0) FROM given WHERE day=? AND party=?",
                (int(self._clock() // _DAY_S), party),
            ).fetchone()
        return int(row[0])

    def fetches(self, record: str) -> list[dict[str, object]]:
        """Who fetched a record's files, when last and how much, newest first."""
        with translating(), self._lock:
            rows = self._db.execute(
                "SELECT party, cid, MAX(last), SUM(bytes) FROM given WHERE record=? GROUP BY party, cid "
                "ORDER BY MAX(last) DESC",
                (record,),
            ).fetchall()
        return [{"party": a, "cid": b, "last": c, "bytes": d} for a, b, c, d in rows]

    def kept(self) -> list[Taken]:
        """Every file that lies here for a record."""
        with translating(), self._lock:
            rows = self._db.execute("SELECT cid, record, party, bytes, at FROM taken WHERE dropped IS NULL").fetchall()
        return [Taken(*row) for row in rows]

    def drop(self, cid: str, record: str) -> bool:
        """Note that a file is not kept for this record any more; says whether no other record needs it."""
        with translating(), self._lock:
            self._db.execute("UPDATE taken SET dropped=? WHERE cid=? AND record=?", (self._clock(), cid, record))
            row = self._db.execute("SELECT 1 FROM taken WHERE cid=? AND dropped IS NULL", (cid,)).fetchone()
        return row is None


def shown(policy: Policy) -> dict[str, int]:
    """A policy for showing."""
    return asdict(policy)
