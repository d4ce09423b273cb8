"""A searchable view of one contract's ledger in an SQLite file: read from the blocks, thrown away and read again.

An application says its tables and what a write means (`apply`); this follows the blocks. Reads may come from any
thread; one writer at a time follows, of whichever process.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baas.errors import Text, translating
from baas.jobs import NULL_CONTEXT, JobContext
from network.lock import Moment

if TYPE_CHECKING:
    from apps.kit.ledger import LedgerClient

BATCH = 200
"""Blocks applied in one SQLite transaction."""


@dataclass(frozen=True)
class BlockWrites:
    """What a contract's valid transactions wrote in one block: (key, value or None, the transaction's place in the
    block), transaction by transaction; within one the keys stand sorted, whatever the call wrote first."""

    number: int
    hash: str
    previous_hash: str
    writes: tuple[tuple[str, bytes | None, int], ...]


class BlockIndex:
    """Base of an application's index; `tables` is its schema, `version` that of the schema."""

    tables = ""
    version = 1

    def __init__(self, path: Path) -> None:
        self.path = path
        self._threads = threading.local()
        self._writer = threading.RLock()
        path.parent.mkdir(parents=True, exist_ok=True)
        with translating(), Moment(path.with_name(path.name + ".lock")):
            self._prepare()

    def apply(self, db: sqlite3.Connection, key: str, value: bytes | None, at: tuple[int, int]) -> None:
        """Put one write into the tables; `at` are its block and the transaction's place in it."""
        raise NotImplementedError

    # -- following -----------------------------------------------------------------------------------
    @property
    def height(self) -> int:
        """The number of the first block that is not in the index yet."""
        row = self.db.execute("SELECT value FROM meta WHERE name = 'height'").fetchone()
        return int(row[0]) if row else 0

    def sync(self, ledger: LedgerClient, signer: str, *, ctx: JobContext = NULL_CONTEXT) -> int:
        """Read every block that is missing; returns how many. A ledger that was replaced is read from its beginning."""
        with self._writer, translating():
            target = ledger.height(signer, ledger.committed_height)
            if self.height > target:
                self.clear()
            start = self.height
            if start >= target:
                return 0
            try:
                return self.follow(blocks_of(ledger, signer, start, target), total=target - start, ctx=ctx)
            except _Torn:
                self.clear()
                return self.follow(blocks_of(ledger, signer, 0, target), total=target, ctx=ctx)

    def follow(self, blocks: Iterable[BlockWrites], *, total: int = 0, ctx: JobContext = NULL_CONTEXT) -> int:
        """Apply blocks in order; those that somebody else applied meanwhile are passed over."""
        done, db = 0, self.db
        with self._writer:
            try:
                for number, block in enumerate(blocks):
                    if number % BATCH == 0:
                        if db.in_transaction:
                            db.commit()
                        ctx.check_cancelled()
                        ctx.progress(number, total, Text("读取区块 {n}", "Reading block {n}", n=block.number))
                        db.execute("BEGIN IMMEDIATE")
                    known = dict(db.execute("SELECT name, value FROM meta"))
                    if block.number < int(known.get("height", 0)):
                        continue
                    if block.number != int(known.get("height", 0)) or block.previous_hash != known.get("head", ""):
                        raise _Torn
                    for key, value, place in block.writes:
                        self.apply(db, key, value, (block.number, place))
                    rows = (("height", str(block.number + 1)), ("head", block.hash))
                    db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)
                    done += 1
                if db.in_transaction:
                    db.commit()
            except BaseException:
                if db.in_transaction:
                    db.rollback()
                raise
        return done

    # -- the file ------------------------------------------------------------------------------------
    @property
    def db(self) -> sqlite3.Connection:
        """The calling thread's own connection."""
        found: sqlite3.Connection | None = getattr(self._threads, "db", None)
        if found is None:
            found = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=30)
            for pragma in (
                "journal_mode = WAL",
                "synchronous = NORMAL",
                "cache_size = -65536",
                "mmap_size = 1073741824",
            ):
                found.execute(f"PRAGMA {pragma}")
            self._threads.db = found
        return found

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of a read."""
        with translating():
            return self.db.execute(sql, values).fetchall()

    def clear(self) -> None:
        """Empty the index in one transaction."""
        db = self.db
        names = [name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        drops = "".join(f'DROP TABLE "{name}";' for name in names if not name.startswith("sqlite_"))
        meta = "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
        try:
            db.executescript(
                f"BEGIN IMMEDIATE; {drops} {meta} {self.tables} PRAGMA user_version = {self.version}; COMMIT;"
            )
        except BaseException:
            if db.in_transaction:
                db.rollback()
            raise

    def close(self) -> None:
        """Let go of every connection; one in use by another thread ends when that thread is done with it."""
        with self._writer:
            self._threads = threading.local()

    def _prepare(self) -> None:
        try:
            version = self.db.execute("PRAGMA user_version").fetchone()[0]
        except sqlite3.OperationalError:
            raise  # busy, or the disk is full
        except sqlite3.DatabaseError:  # no database at all: everything in it can be read from the ledger again
            self.close()
            for suffix in ("", "-wal", "-shm"):
                with contextlib.suppress(FileNotFoundError):
                    Path(f"{self.path}{suffix}").unlink()
            version = 0
        if version != self.version:
            self.clear()


class _Torn(Exception):
    """A block does not follow those in the index: another ledger has its name."""


def blocks_of(ledger: LedgerClient, signer: str, start: int, stop: int) -> Iterator[BlockWrites]:
    """The blocks of a ledger from `start` up to `stop` (excluded), reduced to what the client's contract wrote."""
    from fabric_sdk.blocks import decode_block

    with ledger.connected(signer).block_events(start_block=start) as events:
        for raw in events:
            block = decode_block(raw)
            writes: list[tuple[str, bytes | None, int]] = []
            for transaction in block.transactions:
                part = transaction.rwset.namespace(ledger.contract) if transaction.valid else None
                for write in part.writes if part is not None else ():
                    writes.append((write.key, None if write.is_delete else write.value, transaction.index))
            previous = block.previous_hash.hex() if block.number else ""
            yield BlockWrites(block.number, block.hash.hex(), previous, tuple(writes))
            if block.number + 1 >= stop:
                return
