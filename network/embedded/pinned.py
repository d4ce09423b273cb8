"""Copying SQLite files while others write them: each as of one instant, and what a ledger says of itself there."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

_PAGES_AT_ONCE = 2048
_TABLES = {
    "state": ("state", "namespace, key, value, block, tx, metadata", "namespace, key"),
    "hashes": (
        "hashed_state",
        "namespace, collection, key_hash, value_hash, block, tx, metadata",
        "namespace, collection, key_hash",
    ),
    "private": ("private_state", "namespace, collection, key, value, block, tx", "namespace, collection, key"),
}


@dataclass(frozen=True)
class LedgerFacts:
    """What two copies of a channel's ledger agree on when they are equal; hashes are lower-case hexadecimal.

    `height` counts blocks. `block_hash` and `commit_hash` are the newest block's, as every peer of Fabric computes
    them; `state`, `hashes` and `private` are SHA-256 over the public state, the hashes of private data (which every
    member knows) and the private values themselves, each with its versions.
    """

    height: int
    block_hash: str
    commit_hash: str
    state: str
    hashes: str
    private: str


class PinnedFile:
    """A SQLite file as it is at this instant, for as long as this is open; its writers go on meanwhile."""

    def __init__(self, path: Path) -> None:
        """Pin `path`; `sqlite3.Error` where it is no database or stays locked for 10 s."""
        self.path = path
        self._connection = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
        try:
            self._connection.execute("PRAGMA query_only = ON")
            self._connection.execute("BEGIN")
            # Only a read takes the snapshot.
            self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except BaseException:
            self._connection.close()
            raise

    def copy(self, target: Path, progress: Callable[[int, int], None] = lambda _done, _total: None) -> None:
        """Write the pinned content to `target`, a new file. `progress` hears pages done and all, and may raise.

        The transaction that is open on the source keeps SQLite from beginning again whenever somebody writes.
        """
        with contextlib.closing(sqlite3.connect(target)) as out:
            self._connection.backup(
                out, pages=_PAGES_AT_ONCE, progress=lambda _state, left, total: progress(total - left, total), sleep=0
            )
            out.execute("PRAGMA journal_mode = DELETE").fetchall()

    def ledger_facts(self) -> LedgerFacts | None:
        """The facts of a channel's ledger; None for a file that is none, or one without a block."""
        return _facts(self._connection)

    def close(self) -> None:
        """Let go of the instant."""
        self._connection.close()


def ledger_facts(path: Path) -> LedgerFacts | None:
    """The facts of the ledger file `path`; None for a file that is no ledger, or one without a block."""
    with contextlib.closing(PinnedFile(path)) as pinned:
        return pinned.ledger_facts()


def _facts(connection: sqlite3.Connection) -> LedgerFacts | None:
    names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not {"blocks", "meta", *(table for table, _, _ in _TABLES.values())} <= names:
        return None
    newest = connection.execute("SELECT number, hash FROM blocks ORDER BY number DESC LIMIT 1").fetchone()
    if newest is None:
        return None
    commit = connection.execute("SELECT value FROM meta WHERE name = 'commit_hash'").fetchone()
    digests = {name: _digest(connection, *table) for name, table in _TABLES.items()}
    return LedgerFacts(newest[0] + 1, newest[1].hex(), commit[0].hex() if commit else "", **digests)


def _digest(connection: sqlite3.Connection, table: str, columns: str, order: str) -> str:
    """SHA-256 over every field of every row, each with its kind and length before it."""
    digest = sha256()
    for row in connection.execute(f"SELECT {columns} FROM {table} ORDER BY {order}"):
        for value in row:
            if value is None:
                digest.update(b"-")
                continue
            raw = value if isinstance(value, bytes) else str(value).encode()
            digest.update(b"%d:" % len(raw))
            digest.update(raw)
    return digest.hexdigest()
