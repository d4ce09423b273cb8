"""Subscriptions of portals: told that something changed, so that they ask what (`_lastUpdated`).

A notification is a POST with an empty body to an address of the portal; nothing about anybody leaves this way. Where
this service may call at all its keeper says for each portal (`citychain slots portal hook`): a portal that could name
any address would reach through this service what it cannot reach itself.
"""

from __future__ import annotations

import re
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from baas.errors import Text, UserError, translating

_TABLES = """
CREATE TABLE IF NOT EXISTS hook_origin (portal TEXT PRIMARY KEY, origin TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS subscription (
    id TEXT PRIMARY KEY, portal TEXT NOT NULL, criteria TEXT NOT NULL, endpoint TEXT NOT NULL, header TEXT NOT NULL,
    reason TEXT NOT NULL, status TEXT NOT NULL, error TEXT NOT NULL, made INTEGER NOT NULL, ends INTEGER,
    since INTEGER NOT NULL) WITHOUT ROWID;
"""
_COLUMNS = "id, portal, criteria, endpoint, header, reason, status, error, made, ends, since"
MOST = 5
"""Subscriptions of a portal at a time."""
HERE = frozenset({"127.0.0.1", "::1", "localhost"})
_HEADER = re.compile(r"Authorization: [\x21-\x7e][\x20-\x7e]{0,200}")


@dataclass(frozen=True)
class Subscription:
    """What a portal wants to hear of. `criteria` is a search, `since` how far it was told (seconds since 1970)."""

    id: str
    portal: str
    criteria: str
    endpoint: str
    header: str
    reason: str
    status: str
    error: str
    made: int
    ends: int | None
    since: int

    def __repr__(self) -> str:
        return f"Subscription({self.id!r}, {self.criteria!r})"


class Subscriptions:
    """Kept beside the registry of portals, in the same file."""

    def __init__(self, path: Path) -> None:
        self._turn = threading.Lock()
        with translating():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=30, check_same_thread=False)
            with self._db:
                self._db.executescript(_TABLES)

    @contextmanager
    def _mine(self) -> Iterator[sqlite3.Connection]:
        with self._turn, translating(), self._db:
            yield self._db

    # Where this service may call

    def allow(self, portal: str, origin: str) -> None:
        """Let a portal be told at addresses of one origin (`https://host:port`); "" takes that away, and what it
        subscribed to."""
        if origin and origin_of(origin) != origin.rstrip("/"):
            raise UserError(
                Text(
                    "只写到主机和端口，例如 https://portal.example。", "Only host and port, as https://portal.example."
                ),
                Text("本机之外不接受明文 HTTP。", "Plain HTTP is for this machine only."),
                code="hook_origin",
            )
        with self._mine() as db:
            db.execute("DELETE FROM hook_origin WHERE portal = ?", (portal,))
            if origin:
                db.execute("INSERT INTO hook_origin VALUES (?, ?)", (portal, origin.rstrip("/")))
            kept = [origin.rstrip("/")] if origin else []
            for one in self._all(db, portal):
                if origin_of(one.endpoint) not in kept:
                    db.execute("DELETE FROM subscription WHERE id = ?", (one.id,))

    def origin(self, portal: str) -> str:
        """Where a portal may be told, "" for nowhere."""
        with self._mine() as db:
            row = db.execute("SELECT origin FROM hook_origin WHERE portal = ?", (portal,)).fetchone()
            return str(row[0]) if row else ""

    # What portals subscribed to

    def add(self, made: Subscription) -> Subscription | None:
        """Keep one more with an id of its own; None where the portal has as many as it may."""
        id = secrets.token_hex(16)
        with self._mine() as db:
            if len(self._all(db, made.portal)) >= MOST:
                return None
            values = (made.portal, made.criteria, made.endpoint, made.header, made.reason, made.status, made.error)
            db.execute(
                "INSERT INTO subscription VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (id, *values, made.made, made.ends, made.since),
            )
            return self._get(db, made.portal, id)

    def get(self, portal: str, id: str) -> Subscription | None:
        """One of a portal's own."""
        with self._mine() as db:
            return self._get(db, portal, id)

    def all(self, portal: str = "") -> tuple[Subscription, ...]:
        """A portal's own, or everybody's, in order of their making."""
        with self._mine() as db:
            return self._all(db, portal)

    def remove(self, portal: str, id: str) -> bool:
        """End one of a portal's own; False where there is none."""
        with self._mine() as db:
            return bool(db.execute("DELETE FROM subscription WHERE portal = ? AND id = ?", (portal, id)).rowcount)

    def told(self, id: str, since: int, status: str = "active", error: str = "") -> None:
        """Remember how far it was told, or why it could not be."""
        with self._mine() as db:
            db.execute(
                "UPDATE subscription SET since = ?, status = ?, error = ? WHERE id = ?", (since, status, error, id)
            )

    def _get(self, db: sqlite3.Connection, portal: str, id: str) -> Subscription | None:
        row = db.execute(f"SELECT {_COLUMNS} FROM subscription WHERE portal = ? AND id = ?", (portal, id)).fetchone()
        return Subscription(*row) if row else None

    def _all(self, db: sqlite3.Connection, portal: str) -> tuple[Subscription, ...]:
        rows = db.execute(
            f"SELECT {_COLUMNS} FROM subscription WHERE portal = ? OR ? = '' ORDER BY made, id", (portal, portal)
        )
        return tuple(Subscription(*row) for row in rows)


def origin_of(url: str) -> str:
    """Scheme, host and port of an address that this service would call; "" for one that it never would."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port is not None else ""
    except ValueError:
        return ""
    plain = parts.scheme == "http" and parts.hostname in HERE
    if not parts.hostname or not (parts.scheme == "https" or plain) or "@" in parts.netloc or parts.fragment:
        return ""
    if any(not 32 < ord(letter) < 127 for letter in url):
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{port}"


def header_fits(header: str) -> bool:
    """Whether a channel's header is one that is sent along: the portal's own Authorization, on one line."""
    return _HEADER.fullmatch(header) is not None
