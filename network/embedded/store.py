"""One channel's durable ledger: a block and everything that follows from it go to disk in one transaction."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from network.embedded import schema
from network.embedded.faults import LedgerDamaged
from network.embedded.packing import pack
from network.embedded.state_view import StateView, transaction_key

_CHECKPOINT_BYTES = 16 * 1024 * 1024
_MAX_SPARE_READERS = 4
_ROWS_AT_ONCE = (64, 8)
"""of at most seven columns: SQLite takes 999 values everywhere"""


@dataclass(slots=True)
class BlockWrite:
    """All that one block changes. Rows are in the order of the tables' columns (see `schema`)."""

    number: int
    hash: bytes
    body: bytes
    commit_hash: bytes
    transactions: list[tuple[str, int, int]] = field(default_factory=list)
    """(transaction id, position, validation code)"""
    state: list[tuple[str, str, bytes, int, int, bytes | None]] = field(default_factory=list)
    state_deletes: list[tuple[str, str]] = field(default_factory=list)
    hashed: list[tuple[str, str, bytes, bytes, int, int, bytes | None]] = field(default_factory=list)
    hashed_deletes: list[tuple[str, str, bytes]] = field(default_factory=list)
    private: list[tuple[str, str, str, bytes, int, int, bytes]] = field(default_factory=list)
    private_deletes: list[tuple[str, str, str]] = field(default_factory=list)
    private_writes: list[tuple[int, int, str, str, bytes, int]] = field(default_factory=list)
    private_writes_pruned: list[tuple[bytes, int, int, int, str, str]] = field(default_factory=list)
    """(rwset, pruned, block, tx, namespace, collection): replacements of older entries"""
    history: list[tuple[str, str, int, int]] = field(default_factory=list)
    expiry: list[tuple[int, int, str, str, bytes]] = field(default_factory=list)
    indexes: list[tuple[str, str, str, str]] = field(default_factory=list)
    config_block: bool = False

    @property
    def erases(self) -> bool:
        """Whether private values are to be gone from the disk with this block."""
        return bool(self.private_deletes or self.private_writes_pruned)


class LedgerStore:
    """The ledger file of one channel.

    `write` and `checkpoint` run in one writer thread; `view` belongs to the event loop's thread; `snapshot` gives
    further independent views.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writer = schema.create(path)
        self.view = StateView(schema.open_reader(path))
        self._spare: list[StateView] = []
        self._closed = False
        self._bulk = False

    # Writing

    def write(self, block: BlockWrite) -> None:
        """Make the block durable; returns after the disk has it. Either all of it is there, or nothing."""
        execute = self._writer.execute
        number = block.number
        # What a private value leaves in its page is overwritten with zeros; public state needs no such care.
        execute(f"PRAGMA secure_delete = {'ON' if block.erases or block.private else 'OFF'}").fetchall()
        execute("BEGIN IMMEDIATE")
        try:
            execute(
                "INSERT INTO blocks VALUES (?, ?, ?, ?)",
                (number, block.hash, pack(block.body), sha256(block.body).digest()),
            )
            self._many(
                "INSERT OR IGNORE INTO transactions VALUES (?, ?, ?, ?)",
                [(transaction_key(t), number, position, code) for t, position, code in block.transactions if t],
            )
            for sql, rows in (
                ("DELETE FROM state WHERE namespace = ? AND key = ?", block.state_deletes),
                ("INSERT OR REPLACE INTO state VALUES (?, ?, ?, ?, ?, ?)", block.state),
                (
                    "DELETE FROM hashed_state WHERE namespace = ? AND collection = ? AND key_hash = ?",
                    block.hashed_deletes,
                ),
                ("INSERT OR REPLACE INTO hashed_state VALUES (?, ?, ?, ?, ?, ?, ?)", block.hashed),
                (
                    "DELETE FROM private_state WHERE namespace = ? AND collection = ? AND key = ?",
                    block.private_deletes,
                ),
                ("INSERT OR REPLACE INTO private_state VALUES (?, ?, ?, ?, ?, ?, ?)", block.private),
                ("INSERT OR REPLACE INTO private_writes VALUES (?, ?, ?, ?, ?, ?)", block.private_writes),
                (
                    "UPDATE private_writes SET rwset = ?, pruned = ?"
                    " WHERE block = ? AND tx = ? AND namespace = ? AND collection = ?",
                    block.private_writes_pruned,
                ),
                ("INSERT OR IGNORE INTO history VALUES (?, ?, ?, ?)", block.history),
                ("INSERT OR REPLACE INTO expiry VALUES (?, ?, ?, ?, ?)", block.expiry),
                ("INSERT OR REPLACE INTO query_indexes VALUES (?, ?, ?, ?)", block.indexes),
            ):
                if rows:
                    self._many(sql, rows)
            execute("DELETE FROM expiry WHERE at <= ?", (number,))
            execute("INSERT OR REPLACE INTO meta VALUES ('commit_hash', ?)", (block.commit_hash,))
            if block.config_block:
                execute("INSERT OR REPLACE INTO meta VALUES ('last_config', ?)", (str(number).encode(),))
            execute("COMMIT")
        except sqlite3.IntegrityError as e:
            self._roll_back()
            # A disk may say that it failed when it had not: then the block at hand is there already.
            row = execute("SELECT hash FROM blocks WHERE number = ?", (number,)).fetchone()
            if row is None or row[0] != block.hash:
                raise LedgerDamaged(f"block {number} cannot be added, another one is in its place: {e}") from e
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            self._writer.execute("ROLLBACK")

    def _many(self, sql: str, rows: Sequence[tuple[object, ...]]) -> None:
        """Run a statement for all rows; insertions with many rows at a time.

        Each statement gives the interpreter's lock up once, and has to wait for a busy thread to get it back.
        """
        head, inserts, places = sql.partition(" VALUES ")
        begin = 0
        if inserts:
            for count in _ROWS_AT_ONCE:
                together = f"{head} VALUES {', '.join([places] * count)}"
                while len(rows) - begin >= count:
                    self._writer.execute(together, [value for row in rows[begin : begin + count] for value in row])
                    begin += count
        if begin < len(rows):
            self._writer.executemany(sql, rows[begin:])

    def in_bulk(self) -> None:
        """Do not wait for the disk with each block from now on: for a ledger that is thrown away if it is not finished.

        `close` then waits for all of it.
        """
        self._bulk = True
        self._writer.execute("PRAGMA synchronous = OFF")

    def wal_is_large(self) -> bool:
        """Whether it is time for a checkpoint."""
        try:
            return self.path.with_name(self.path.name + "-wal").stat().st_size > _CHECKPOINT_BYTES
        except OSError:
            return False

    def checkpoint(self) -> None:
        """Move the write-ahead log into the file, as far as readers allow."""
        self._writer.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def truncate_log(self) -> bool:
        """Copy the write-ahead log into the file and empty it; False while a snapshot still needs it."""
        execute = self._writer.execute
        execute("PRAGMA busy_timeout = 50").fetchall()
        try:
            return not execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except sqlite3.OperationalError:
            return False
        finally:
            execute("PRAGMA busy_timeout = 30000").fetchall()

    # Reading

    def snapshot(self) -> StateView:
        """A view of the newest committed block that stays there until it is given back with `done`. In any thread."""
        try:
            view = self._spare.pop()
        except IndexError:
            return StateView(schema.open_reader(self.path))
        view.refresh()
        if view.height < self.view.height:  # whoever had it before has left a reading of it unfinished
            view.reopen()
        return view

    def done(self, view: StateView) -> None:
        """Give a snapshot back."""
        if self._closed or len(self._spare) >= _MAX_SPARE_READERS:
            view.close()
        else:
            view.release()
            self._spare.append(view)

    @property
    def commit_hash(self) -> bytes:
        """The commit hash chained up to the newest block; empty before any block."""
        return self.view.meta("commit_hash") or b""

    @property
    def last_config(self) -> int:
        """Number of the newest block that carries a configuration."""
        value = self.view.meta("last_config")
        if value is None:
            raise LedgerDamaged("the ledger does not know its configuration block")
        return int(value)

    def close(self) -> None:
        """Close the file; a finished log is folded in, so that a copy of the file alone is whole."""
        if self._closed:
            return
        self._closed = True
        for view in (*self._spare, self.view):
            view.close()
        self._spare.clear()
        if self._bulk:
            self._writer.execute("PRAGMA synchronous = FULL")
        with contextlib.suppress(sqlite3.Error):
            # A contract that never ended may still hold a snapshot; the log is then folded in at the next start.
            self._writer.execute("PRAGMA busy_timeout = 500")
            self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        self._writer.close()
