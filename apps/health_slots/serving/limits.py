"""Tokens of portals."""

from __future__ import annotations

import re
import secrets
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from baas.errors import Conflict, NotFound, Text, UserError, translating
from baas.serving.limits import token_digest
from chaincode.health_slots.context import PORTAL_DAY, is_portal
from fabric_sdk.clock import seconds

_NAME = re.compile(r"[a-z0-9]{2,20}")
_TABLE = """
CREATE TABLE IF NOT EXISTS portal (
    name TEXT PRIMARY KEY, token_sha256 TEXT NOT NULL UNIQUE, per_second REAL NOT NULL, burst INTEGER NOT NULL,
    created_at INTEGER NOT NULL, revoked_at INTEGER, expires_at INTEGER, per_day INTEGER) WITHOUT ROWID
"""
_COLUMNS = f"name, per_second, burst, created_at, revoked_at, expires_at, COALESCE(per_day, {PORTAL_DAY})"
TOKEN_DAYS = 365
"""How long a token counts unless somebody says otherwise."""


@dataclass(frozen=True)
class Portal:
    """A booking portal that may use the FHIR interface; `per_second` requests on average, `burst` at once.

    Its token counts until `expires_at` (seconds since 1970; None for one from before tokens expired).
    """

    name: str
    per_second: float
    burst: int
    created_at: int
    revoked_at: int | None
    expires_at: int | None = None
    per_day: int = PORTAL_DAY
    """Holds and bookings of a day, by China's date."""


class PortalRegistry:
    """Portals of one network; of a token only its SHA-256 is kept."""

    def __init__(self, path: Path, *, clock: Callable[[], float] = seconds) -> None:
        self._path = path
        self._clock = clock
        with translating():
            path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(path)) as db, db:
                db.execute(_TABLE)
                known = {row[1] for row in db.execute("PRAGMA table_info(portal)")}
                for column in ("expires_at", "per_day"):
                    if column not in known:
                        db.execute(f"ALTER TABLE portal ADD COLUMN {column} INTEGER")

    def add(
        self, name: str, *, per_second: float = 20.0, burst: int = 40, days: int = TOKEN_DAYS, per_day: int = PORTAL_DAY
    ) -> str:
        """Admit a portal and return its token, good for `days`; it is shown this once."""
        check_name(name)
        token, now = new_token(), int(self._clock())
        try:
            with translating(), closing(sqlite3.connect(self._path)) as db, db:
                db.execute(
                    "INSERT INTO portal VALUES (?, ?, ?, ?, ?, NULL, ?, ?)",
                    (name, token_digest(token), per_second, burst, now, now + days * 86_400, per_day),
                )
        except sqlite3.IntegrityError as error:
            raise taken(name) from error
        return token

    def renew(self, name: str, *, days: int = TOKEN_DAYS) -> str:
        """Give a portal a new token, good for `days`; the old one stops at once. A revoked portal may come back so."""
        token, now = new_token(), int(self._clock())
        with translating(), closing(sqlite3.connect(self._path)) as db, db:
            done = db.execute(
                "UPDATE portal SET token_sha256 = ?, expires_at = ?, revoked_at = NULL WHERE name = ?",
                (token_digest(token), now + days * 86_400, name),
            )
            if not done.rowcount:
                raise no_portal(name)
        return token

    def revoke(self, name: str) -> None:
        """Take a portal's token away for good."""
        with translating(), closing(sqlite3.connect(self._path)) as db, db:
            done = db.execute(
                "UPDATE portal SET revoked_at = ? WHERE name = ? AND revoked_at IS NULL", (int(self._clock()), name)
            )
            if not done.rowcount:
                raise no_portal(name)

    def all(self) -> tuple[Portal, ...]:
        """Every portal by name."""
        with translating(), closing(sqlite3.connect(self._path)) as db:
            rows = db.execute(f"SELECT {_COLUMNS} FROM portal ORDER BY name")
            return tuple(Portal(*row) for row in rows)

    def registrations(self) -> tuple[tuple[Portal, str], ...]:
        """Every portal with its token's digest."""
        with translating(), closing(sqlite3.connect(self._path)) as db:
            rows = db.execute(f"SELECT {_COLUMNS}, token_sha256 FROM portal ORDER BY name")
            return tuple((Portal(*row[:-1]), str(row[-1])) for row in rows)

    def clear(self) -> None:
        """Forget every portal: the organisation's peers have them."""
        with translating(), closing(sqlite3.connect(self._path)) as db, db:
            db.execute("DELETE FROM portal")

    def of_token(self, token: str) -> Portal | None:
        """The portal whose token this is, None for a forged, expired or revoked one."""
        with translating(), closing(sqlite3.connect(self._path)) as db:
            row = db.execute(
                f"SELECT {_COLUMNS} FROM portal WHERE token_sha256 = ? AND revoked_at IS NULL "
                "AND (expires_at IS NULL OR expires_at > ?)",
                (token_digest(token), int(self._clock())),
            ).fetchone()
            return Portal(*row) if row and is_portal(row[0]) else None


AT_NAME = {"field": "name"}
"""Where a form shows what is wrong with a portal's name."""


def check_name(name: str) -> None:
    """Refuse what cannot be a portal's name."""
    if not _NAME.fullmatch(name):
        raise UserError(
            Text("门户名为 2 到 20 位小写字母或数字。", "A portal's name is 2 to 20 lower-case letters and digits."),
            details=AT_NAME,
        )
    if not is_portal(name):
        raise UserError(
            Text("名称 {name} 由平台自己使用。", "The name {name} is used by the platform itself.", name=name),
            Text("请换一个名称。", "Choose another one."),
            details=AT_NAME,
        )


def taken(name: str) -> Conflict:
    """What is told of a portal that is there already."""
    return Conflict(Text("已有门户 {name}。", "There is a portal {name}.", name=name), details=AT_NAME)


def new_token() -> str:
    """A fresh token of 256 bits."""
    return f"ccp_{secrets.token_urlsafe(32)}"


def no_portal(name: str) -> NotFound:
    """What is told of a portal that is not there."""
    return NotFound(Text("没有门户 {name}。", "There is no portal {name}.", name=name[:40]))
