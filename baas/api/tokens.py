"""Tokens of the service API: of each only its SHA-256 is kept, so that whoever reads the file cannot use one.

A token reads `ccat_ID_SECRET`: the id names it in lists and in the audit log, the secret has 256 bits and is shown
once. The file is not part of backups, so that no token that was revoked comes back with one.
"""

from __future__ import annotations

import hmac
import json
import os
import re
import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from baas.errors import NotFound, Text, translating
from baas.serving.limits import token_digest
from fabric_sdk.clock import seconds

FOLDER, FILE = "api", "tokens.db"
TOKEN = re.compile(r"ccat_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
"""How a token reads: whoever looks for leaked ones can look for this."""
USED_S = 60.0
"""When a token was used last is noted to the minute."""
_TABLE = """
CREATE TABLE IF NOT EXISTS token (
    id TEXT PRIMARY KEY, digest TEXT NOT NULL, name TEXT NOT NULL, scopes TEXT NOT NULL, network TEXT NOT NULL,
    identity TEXT NOT NULL, party TEXT NOT NULL, contracts TEXT NOT NULL, per_second REAL NOT NULL,
    created REAL NOT NULL, expires REAL NOT NULL, revoked REAL, used REAL) WITHOUT ROWID
"""
_COLUMNS = "id, name, scopes, network, identity, party, contracts, per_second, created, expires, revoked, used"


@dataclass(frozen=True)
class Token:
    """A token as it is listed. Times in seconds since the epoch; `revoked` and `used` are None while they are not.

    `network` is the only one that it reaches ("" for all), `identity` the label of whoever it acts as there ("owner"
    for the workspace's owner) and `party` how that person's certificate names them, `contracts` those that it may
    call (none named: all), `per_second` how many requests a second it may make on average.
    """

    id: str
    name: str
    scopes: tuple[str, ...]
    network: str
    identity: str
    party: str
    contracts: tuple[str, ...]
    per_second: float
    created: float
    expires: float
    revoked: float | None = None
    used: float | None = None

    def state(self, now: float) -> str:
        """`revoked`, `expired` or `valid`."""
        return "revoked" if self.revoked is not None else "expired" if now >= self.expires else "valid"


class TokenStore:
    """The tokens of a workspace; several programs may have it open, and each sees at once what another did."""

    def __init__(self, workspace: Path, *, clock: Callable[[], float] = seconds) -> None:
        self._path = workspace / FOLDER / FILE
        self._clock = clock
        self._threads = threading.local()

    def add(
        self,
        name: str,
        scopes: Iterable[str],
        *,
        network: str,
        identity: str,
        party: str = "",
        contracts: Iterable[str] = (),
        per_second: float,
        expires: float,
    ) -> tuple[Token, str]:
        """Keep a new token; returns it and what it reads, which is not kept."""
        id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
        words, named = tuple(sorted(scopes)), tuple(sorted(contracts))
        made = Token(id, name, words, network, identity, party, named, per_second, self._clock(), expires)
        whole = f"ccat_{id}_{secret}"
        with self._opened() as db:
            db.execute(
                "INSERT INTO token VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL)",
                (
                    id, token_digest(whole), name, json.dumps(words), network, identity, party,
                    json.dumps(named), per_second, made.created, expires,
                ),
            )  # fmt: skip
        return made, whole

    def revoke(self, id: str) -> Token:
        """End a token for good; one that is ended already stays so. `NotFound` for an unknown id."""
        with self._opened() as db:
            db.execute("UPDATE token SET revoked = ? WHERE id = ? AND revoked IS NULL", (self._clock(), id))
        return self.get(id)

    def get(self, id: str) -> Token:
        """The token with this id; `NotFound` otherwise."""
        found = self._select("WHERE id = ?", (id,))
        if not found:
            raise NotFound(Text("没有令牌 {i}。", "There is no token {i}.", i=id[:40]), code="no_token")
        return found[0]

    def all(self) -> tuple[Token, ...]:
        """Every token, the newest first."""
        return tuple(self._select("ORDER BY created DESC, id"))

    def of_secret(self, whole: str) -> Token | None:
        """The token that reads so; None for a forged, expired or revoked one."""
        found = TOKEN.fullmatch(whole)
        if found is None:
            return None
        with translating():
            row = self._reading().execute("SELECT digest FROM token WHERE id = ?", (found[1],)).fetchone()
        # A stranger's guess is hashed and compared as a true one is, so that no answer is quicker than another.
        kept = str(row[0]) if row is not None else "0" * 64
        fits = hmac.compare_digest(kept, token_digest(whole))
        return self.alive(found[1]) if fits and row is not None else None

    def alive(self, id: str) -> Token | None:
        """The token with this id as long as it counts now."""
        found = self._select("WHERE id = ?", (id,))
        return found[0] if found and found[0].state(self._clock()) == "valid" else None

    def note_used(self, token: Token) -> None:
        """Note that a token was used just now; to the minute, and not at all where the disk is full."""
        now = self._clock()
        if token.used is not None and now - token.used < USED_S:
            return
        try:
            with self._opened() as db:
                db.execute("UPDATE token SET used = ? WHERE id = ?", (now, token.id))
        except Exception:
            return

    # -- inside ------------------------------------------------------------------------------------
    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        with translating():
            self._path.parent.mkdir(mode=0o700, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=5)) as db:
                if os.name == "posix":
                    self._path.chmod(0o600)
                db.execute("PRAGMA journal_mode = WAL")
                db.execute("PRAGMA synchronous = FULL")
                with db:
                    db.execute(_TABLE)
                    yield db

    def _reading(self) -> sqlite3.Connection:
        """This thread's connection for questions; what lies there now, also after somebody took the file away."""
        kept: tuple[sqlite3.Connection, tuple[int, int]] | None = getattr(self._threads, "kept", None)
        try:
            found = self._path.stat()
            place = (found.st_dev, found.st_ino)
        except FileNotFoundError:
            place = (0, 0)
        if kept is not None and kept[1] == place:
            return kept[0]
        if kept is not None:
            kept[0].close()
        if place == (0, 0):
            db = sqlite3.connect(":memory:")
            db.execute(_TABLE)
        else:
            db = sqlite3.connect(self._path, timeout=5, check_same_thread=False)
        self._threads.kept = db, place
        return db

    def _select(self, more: str, values: tuple[str, ...] = ()) -> list[Token]:
        with translating():
            rows = self._reading().execute(f"SELECT {_COLUMNS} FROM token {more}", values).fetchall()
        return [
            Token(
                row[0],
                row[1],
                tuple(json.loads(row[2])),
                row[3],
                row[4],
                row[5],
                tuple(json.loads(row[6])),
                row[7],
                row[8],
                row[9],
                row[10],
                row[11],
            )
            for row in rows
        ]
