"""A searchable view of one contract's ledger in an SQLite file: read from the blocks, thrown away and read again.

An application says its tables and what a write means (`apply`), or what a block means (`take`); this follows the
blocks. Reads may come from any thread (a connection each); one writer at a time follows, of whichever process. No
thread closes another's connection, for it may be in the midst of reading: letting go of it ends it with its last use.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

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


class Block(Protocol):
    """A block, whatever an application keeps of it."""

    @property
    def number(self) -> int: ...

    @property
    def hash(self) -> str: ...

    @property
    def previous_hash(self) -> str: ...


B = TypeVar("B", bound=Block)


class IndexFile(Generic[B]):
    """The file of an index; `tables` is its schema, `version` that of the schema, `cache_kib` what a connection keeps
    in memory."""

    tables = ""
    version = 1
    cache_kib = 65_536

    def __init__(self, path: Path) -> None:
        self.path = path
        self._threads = threading.local()
        self._writer = threading.RLock()
        self._write: sqlite3.Connection | None = None
        with translating():
            path.parent.mkdir(parents=True, exist_ok=True)
            with Moment(path.with_name(path.name + ".lock")):
                self._prepare()

    def take(self, db: sqlite3.Connection, block: B) -> None:
        """Put a block into the tables; it follows the last one."""
        raise NotImplementedError

    def torn(self, block: B) -> Exception:
        """What is raised of a block that does not follow those in the index: another ledger has its name."""
        return _Torn()

    def begun(self, db: sqlite3.Connection, number: int) -> None:
        """A transaction has begun in which block `number` comes next: somebody else may have written before it."""

    # -- following -----------------------------------------------------------------------------------
    @property
    def height(self) -> int:
        """The number of the first block that is not in the index yet."""
        return int(self.meta("height", "0"))

    def follow(self, blocks: Iterable[B], *, total: int = 0, ctx: JobContext = NULL_CONTEXT) -> int:
        """Apply blocks in order; those that somebody else applied meanwhile are passed over. Returns how many."""
        done, height, head = 0, 0, ""
        with self._writer:
            db = self.writing()
            try:
                for number, block in enumerate(blocks):
                    if number % BATCH == 0:
                        if db.in_transaction:
                            db.commit()
                        ctx.check_cancelled()
                        ctx.progress(number, total, Text("读取区块 {n}", "Reading block {n}", n=block.number))
                        db.execute("BEGIN IMMEDIATE")
                        known = dict(db.execute("SELECT name, value FROM meta"))
                        height, head = int(known.get("height", 0)), known.get("head", "")
                        self.begun(db, height)
                    if block.number < height:
                        continue
                    if block.number != height or (head and block.previous_hash != head):
                        raise self.torn(block)
                    self.take(db, block)
                    height, head, done = block.number + 1, block.hash, done + 1
                    rows = (("height", str(height)), ("head", head))
                    db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)
                if db.in_transaction:
                    db.commit()
            except BaseException:
                self.failed()
                if db.in_transaction:
                    db.rollback()
                raise
        return done

    def failed(self) -> None:
        """What was applied last is taken back, or the index is emptied: nothing of it may be kept in memory."""

    # -- the file ------------------------------------------------------------------------------------
    @property
    def db(self) -> sqlite3.Connection:
        """The calling thread's own connection, for reading."""
        found: sqlite3.Connection | None = getattr(self._threads, "db", None)
        if found is None:
            found = self._threads.db = self._open()
        return found

    def writing(self) -> sqlite3.Connection:
        """The one connection that writes, whichever thread holds the writer's lock."""
        if self._write is None:
            self._write = self._open()
        return self._write

    def meta(self, name: str, default: str) -> str:
        """What the index notes of itself."""
        row = self.db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else default

    def _open(self) -> sqlite3.Connection:
        made = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=30)
        cache = f"cache_size = -{self.cache_kib}"
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", cache, "mmap_size = 1073741824"):
            made.execute(f"PRAGMA {pragma}")
        return made

    def clear(self) -> None:
        """Empty the index in one transaction; whoever reads it goes on reading, and sees the new content."""
        self.failed()
        db = self.writing()
        names = [name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        ours = [name for name in names if name == "sqlite_stat1" or not name.startswith("sqlite_")]
        drops = "".join(f'DROP TABLE "{name}";' for name in ours)
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
            self._write = None
            self.failed()

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


class BlockIndex(IndexFile[BlockWrites]):
    """Base of the index of an application that takes writes one by one."""

    def apply(self, db: sqlite3.Connection, key: str, value: bytes | None, at: tuple[int, int]) -> None:
        """Put one write into the tables; `at` are its block and the transaction's place in it."""
        raise NotImplementedError

    def take(self, db: sqlite3.Connection, block: BlockWrites) -> None:
        for key, value, place in block.writes:
            self.apply(db, key, value, (block.number, place))

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

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of a read."""
        with translating():
            return self.db.execute(sql, values).fetchall()


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
