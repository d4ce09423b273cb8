"""Reading the ledger as of one committed block."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from network.embedded import archive, packing, schema
from network.embedded.faults import LedgerDamaged
from network.embedded.versions import Version

_CHUNK = 200


class StateValue(NamedTuple):
    """A committed value with the height that wrote it; `metadata` is serialised KVMetadataWrite entries or None."""

    value: bytes
    version: Version
    metadata: bytes | None


class KeyedValue(NamedTuple):
    key: str
    value: bytes
    version: Version


class BlockRow(NamedTuple):
    number: int
    hash: bytes
    body: bytes
    digest: bytes


class TransactionRow(NamedTuple):
    block: int
    position: int
    code: int


def transaction_key(tx_id: str) -> bytes | str:
    """The stored form of a transaction id: its 32 bytes if it is the usual lower-case hexadecimal."""
    if len(tx_id) == 64:
        try:
            raw = bytes.fromhex(tx_id)
        except ValueError:
            return tx_id
        if raw.hex() == tx_id:
            return raw
    return tx_id


class StateView:
    """A snapshot of one channel's ledger; everything read through it belongs to the same block height.

    Not for two threads at once. `refresh` moves it to the newest committed block.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._execute = connection.execute
        self._path: Path | None = None
        self.height = 0
        self.refresh()

    def refresh(self) -> None:
        """Let go of the old snapshot and pin the newest one."""
        self.release()  # not by what is remembered: SQLite itself ends a transaction when the disk fails
        self._execute("BEGIN")
        row = self._execute("SELECT max(number) FROM blocks").fetchone()
        self.height = 0 if row[0] is None else row[0] + 1

    def release(self) -> None:
        """End the snapshot without beginning another (`refresh` begins one)."""
        if self._connection.in_transaction:
            self._execute("ROLLBACK")

    def reopen(self) -> None:
        """Read through a new connection; readings of the old one that were left unfinished end.

        For a snapshot that `refresh` cannot move on, because somebody holds a cursor of it.
        """
        connection, old = schema.open_reader(self._file()), self._connection
        self._connection, self._execute = connection, connection.execute
        old.close()
        self.refresh()

    def close(self) -> None:
        self._connection.close()

    # Public state

    def get_state(self, namespace: str, key: str) -> StateValue | None:
        row = self._execute(
            "SELECT value, block, tx, metadata FROM state WHERE namespace = ? AND key = ?", (namespace, key)
        ).fetchone()
        return None if row is None else StateValue(row[0], Version(row[1], row[2]), row[3])

    def get_version(self, namespace: str, key: str) -> Version | None:
        row = self._execute("SELECT block, tx FROM state WHERE namespace = ? AND key = ?", (namespace, key)).fetchone()
        return None if row is None else Version(row[0], row[1])

    def get_metadata(self, namespace: str, key: str) -> bytes | None:
        row = self._execute("SELECT metadata FROM state WHERE namespace = ? AND key = ?", (namespace, key)).fetchone()
        return None if row is None else row[0]

    def range(self, namespace: str, start: str, end: str) -> Iterator[KeyedValue]:
        """Yield keys in [start, end) by their UTF-8 bytes; an empty `end` means no end."""
        sql = "SELECT key, value, block, tx FROM state WHERE namespace = ? AND key {} ?{} ORDER BY key LIMIT ?"
        yield from self._chunks(sql, (namespace,), start, end)

    # Private state

    def get_hashed(self, namespace: str, collection: str, key_hash: bytes) -> StateValue | None:
        """The hash of a private value; `value` holds the hash."""
        row = self._execute(
            "SELECT value_hash, block, tx, metadata FROM hashed_state"
            " WHERE namespace = ? AND collection = ? AND key_hash = ?",
            (namespace, collection, key_hash),
        ).fetchone()
        return None if row is None else StateValue(row[0], Version(row[1], row[2]), row[3])

    def get_private(self, namespace: str, collection: str, key: str) -> StateValue | None:
        row = self._execute(
            "SELECT value, block, tx FROM private_state WHERE namespace = ? AND collection = ? AND key = ?",
            (namespace, collection, key),
        ).fetchone()
        return None if row is None else StateValue(row[0], Version(row[1], row[2]), None)

    def get_private_by_hash(self, namespace: str, collection: str, key_hash: bytes) -> tuple[str, Version] | None:
        """The clear key behind a hash and its version, if this ledger holds it."""
        row = self._execute(
            "SELECT key, block, tx FROM private_state WHERE namespace = ? AND collection = ? AND key_hash = ?",
            (namespace, collection, key_hash),
        ).fetchone()
        return None if row is None else (row[0], Version(row[1], row[2]))

    def private_range(self, namespace: str, collection: str, start: str, end: str) -> Iterator[KeyedValue]:
        sql = (
            "SELECT key, value, block, tx FROM private_state"
            " WHERE namespace = ? AND collection = ? AND key {} ?{} ORDER BY key LIMIT ?"
        )
        yield from self._chunks(sql, (namespace, collection), start, end)

    def private_writes(self, block: int) -> list[tuple[int, str, str, bytes]]:
        """(transaction, namespace, collection, serialised KVRWSet) of a block, in order."""
        return self._execute(
            "SELECT tx, namespace, collection, rwset FROM private_writes WHERE block = ?"
            " ORDER BY tx, namespace, collection",
            (block,),
        ).fetchall()

    def private_writes_of(self, namespace: str, collection: str) -> Iterator[tuple[int, int, bytes]]:
        """(block, transaction, serialised KVRWSet) of every private write set kept for a collection."""
        yield from self.query(  # type: ignore[misc]
            "SELECT block, tx, rwset FROM private_writes WHERE namespace = ? AND collection = ?",
            (namespace, collection),
        )

    def namespaces_with_metadata(self) -> set[str]:
        """Namespaces in which some key has metadata (a policy of its own)."""
        rows = self._execute(
            "SELECT DISTINCT namespace FROM state WHERE metadata IS NOT NULL UNION"
            " SELECT DISTINCT namespace FROM hashed_state WHERE metadata IS NOT NULL"
        ).fetchall()
        return {row[0] for row in rows}

    def expiring(self, at: int) -> list[tuple[int, str, str, bytes]]:
        """(committing block, namespace, collection, key hash) of private keys that end with block `at`."""
        return self._execute("SELECT block, namespace, collection, key_hash FROM expiry WHERE at = ?", (at,)).fetchall()

    # Blocks and transactions

    def block(self, number: int) -> BlockRow | None:
        row = self._execute("SELECT number, hash, body, digest FROM blocks WHERE number = ?", (number,)).fetchone()
        return None if row is None else BlockRow(row[0], row[1], self._whole(row[2], row[3], number), row[3])

    def block_body(self, number: int) -> bytes | None:
        row = self._execute("SELECT body, digest FROM blocks WHERE number = ?", (number,)).fetchone()
        return None if row is None else self._whole(row[0], row[1], number)

    def _whole(self, body: bytes, digest: bytes, number: int) -> bytes:
        """The block itself, where it was packed or moved into an archive file."""
        if not isinstance(body, bytes) or not body.startswith(b"\xff"):
            return body
        if body.startswith(packing.MARK):
            return packing.unpack(body, number)
        return archive.resolve(self._file(), body, digest, number)

    def _file(self) -> Path:
        if self._path is None:
            self._path = Path(self._execute("PRAGMA database_list").fetchone()[2])
        return self._path

    def block_number_by_hash(self, block_hash: bytes) -> int | None:
        row = self._execute("SELECT number FROM blocks WHERE hash = ?", (block_hash,)).fetchone()
        return None if row is None else row[0]

    def transaction(self, tx_id: str) -> TransactionRow | None:
        row = self._execute(
            "SELECT block, position, code FROM transactions WHERE id = ?", (transaction_key(tx_id),)
        ).fetchone()
        return None if row is None else TransactionRow(*row)

    def history(self, namespace: str, key: str) -> Iterator[Version]:
        """Heights at which the key was written, newest first."""
        last = (1 << 62, 1 << 62)
        while True:
            rows = self._execute(
                "SELECT block, tx FROM history WHERE namespace = ? AND key = ? AND (block, tx) < (?, ?)"
                " ORDER BY block DESC, tx DESC LIMIT ?",
                (namespace, key, *last, _CHUNK),
            ).fetchall()
            for row in rows:
                yield Version(*row)
            if len(rows) < _CHUNK:
                return
            last = rows[-1]

    def meta(self, name: str) -> bytes | None:
        row = self._execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if row is None else row[0]

    def query(self, sql: str, parameters: tuple[object, ...]) -> Iterator[tuple[object, ...]]:
        """Run a reading statement; its cursor is closed with the generator."""
        cursor = self._execute(sql, parameters)
        try:
            for row in cursor:  # noqa: UP028 - `yield from` would close what `reopen` has ended
                yield row
        finally:
            with contextlib.suppress(sqlite3.ProgrammingError):
                cursor.close()

    def indexes(self, namespace: str, collection: str) -> list[tuple[str, str]]:
        """(name, fields as JSON) of the rich-query indexes of a namespace or collection."""
        return self._execute(
            "SELECT name, fields FROM query_indexes WHERE namespace = ? AND collection = ? ORDER BY name",
            (namespace, collection),
        ).fetchall()

    def _chunks(self, sql: str, scope: tuple[str, ...], start: str, end: str) -> Iterator[KeyedValue]:
        # Chunks instead of one long cursor: an unfinished cursor would keep the snapshot from moving on.
        upper = " AND key < ?" if end else ""
        position, operator, chunk = start, ">=", 20
        while True:
            parameters: tuple[object, ...] = (*scope, position, *((end,) if end else ()), chunk)
            rows = self._execute(sql.format(operator, upper), parameters).fetchall()
            for row in rows:
                yield KeyedValue(row[0], row[1], Version(row[2], row[3]))
            if len(rows) < chunk:
                return
            position, operator, chunk = rows[-1][0], ">", _CHUNK


def require_body(view: StateView, number: int) -> bytes:
    """The stored block, which must be there."""
    body = view.block_body(number)
    if body is None:
        raise LedgerDamaged(f"block {number} is missing")
    return body
