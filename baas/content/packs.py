"""Blocks on disk: append-only pack files and an SQLite index saying where each block lies.

Writers never depend on each other or on a lock: each writes a pack of its own, makes it durable, and only then adds
its rows in one transaction. Whatever a killed writer leaves is a file no row points to; `collect` removes it once
its process is gone.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

from baas.content.cid import ParsedCid, malformed, parse
from baas.content.store import ContentError, disk_full, missing
from baas.content.unixfs import walk
from network.processes import birth_of, born_as
from network.text import Text

_SCHEMA = """
CREATE TABLE IF NOT EXISTS packs (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS blocks (
    digest BLOB PRIMARY KEY, pack INTEGER NOT NULL REFERENCES packs(id), at INTEGER NOT NULL, size INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS blocks_by_pack ON blocks(pack);
CREATE TABLE IF NOT EXISTS pins (cid TEXT PRIMARY KEY, name TEXT NOT NULL, created TEXT NOT NULL);
"""
_BUSY_MS = 120_000
_WRITING: set[str] = set()
"""Packs that this process writes now, whichever of its stores on a folder does."""


def sync_folder(folder: Path) -> None:
    """Make a folder's entries durable (Windows does this with the file itself)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def writing() -> Iterator[None]:
    """Turn a full or unwritable disk into one clear error."""
    try:
        yield
    except OSError as error:
        raise disk_full(error) from error
    except sqlite3.OperationalError as error:
        raise disk_full(OSError(0, str(error))) from error


class BlockStore:
    """Packs and index under one folder; safe to use from several threads and processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.packs_folder = folder / "packs"
        with writing():
            self.packs_folder.mkdir(parents=True, exist_ok=True)
            self._reader = self.connect()
            self._reader.executescript(_SCHEMA)
        self._lock = threading.RLock()
        self._files: dict[int, int] = {}

    def connect(self) -> sqlite3.Connection:
        """A new connection to the index (one per writer; durable commits)."""
        connection = sqlite3.connect(
            self.folder / "index.db", timeout=_BUSY_MS / 1000, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        return connection

    def query(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        """Rows of a small read."""
        with self._lock:
            return self._reader.execute(sql, values).fetchall()

    def has(self, cid: ParsedCid) -> int | None:
        """Size of a block that is here, or None."""
        with self._lock:
            row = self._reader.execute("SELECT size FROM blocks WHERE digest=?", (cid.digest,)).fetchone()
        return None if row is None else int(row[0])

    def get(self, cid: ParsedCid) -> bytes:
        """A block, hashed; raises `NotFound` or `ContentError`."""
        block = self.get_unchecked(cid)
        if not cid.matches(block):
            raise ContentError(
                Text("内容块 {cid} 已损坏。", "The block {cid} is damaged.", cid=cid.text),
                Text(
                    "请运行 citychain store verify,并从备份或另一仓库导入。",
                    "Run citychain store verify, then import it from a backup or another store.",
                ),
                code="content_damaged",
            )
        return block

    def get_unchecked(self, cid: ParsedCid) -> bytes:
        """A block as it lies on the disk."""
        for attempt in range(3):  # a collection may move the block between the look-up and the read
            with self._lock:
                row = self._reader.execute(
                    "SELECT b.pack, p.name, b.at, b.size FROM blocks b JOIN packs p ON p.id=b.pack WHERE digest=?",
                    (cid.digest,),
                ).fetchone()
                if row is None:
                    raise missing(cid.text)
                try:
                    return self._pread(row[0], row[1], row[2], row[3])
                except FileNotFoundError as error:
                    if attempt == 2:
                        raise missing(cid.text) from error
        raise missing(cid.text)

    def _pread(self, pack: int, name: str, at: int, size: int) -> bytes:
        handle = self._files.get(pack)
        if handle is None:
            if len(self._files) >= 64:
                os.close(self._files.pop(next(iter(self._files))))
            handle = os.open(self.packs_folder / name, os.O_RDONLY | getattr(os, "O_BINARY", 0))
            self._files[pack] = handle
        if sys.platform != "win32":
            return os.pread(handle, size, at)
        os.lseek(handle, at, os.SEEK_SET)
        return os.read(handle, size)

    def forget_file(self, pack: int) -> None:
        """Close a pack before it is deleted."""
        with self._lock:
            if (handle := self._files.pop(pack, None)) is not None:
                os.close(handle)

    def new_name(self) -> str:
        """A unique pack name that says which process writes it, so that nobody deletes it meanwhile."""
        name = f"{os.getpid()}-{birth_of(os.getpid())}-{uuid.uuid4().hex}.pack"
        _WRITING.add(name)
        return name

    def release_name(self, name: str) -> None:
        _WRITING.discard(name)

    def abandoned(self, name: str) -> bool:
        """True if nobody can still be writing the pack `name`."""
        try:
            pid, birth, _ = name.split("-", 2)
            born = born_as(int(pid), int(birth) if birth.isdecimal() else birth)
        except ValueError:
            return True
        if born and int(pid) == os.getpid():
            return name not in _WRITING
        return not born

    def close(self) -> None:
        with self._lock:
            for handle in self._files.values():
                os.close(handle)
            self._files.clear()
            self._reader.close()


class PackWriter:
    """One writer's pack: `put` blocks, then `commit` them all or `abort`."""

    def __init__(self, store: BlockStore) -> None:
        self._store = store
        self.name = store.new_name()
        self._path = store.packs_folder / self.name
        with writing():
            self.connection = store.connect()
            self.connection.execute(
                "CREATE TEMP TABLE pending (digest BLOB PRIMARY KEY, at INTEGER, size INTEGER) WITHOUT ROWID"
            )
            self._file = self._path.open("xb", buffering=1 << 20)
        self._at = 0
        self._done = False

    def put(self, cid: ParsedCid, block: bytes) -> None:
        """Append a block unless this pack has it already."""
        with writing():
            row = self.connection.execute(
                "INSERT OR IGNORE INTO pending VALUES (?, ?, ?)", (cid.digest, self._at, len(block))
            )
            if row.rowcount:
                self._file.write(block)
                self._at += len(block)

    def get(self, cid: ParsedCid) -> bytes:
        """A block this pack will hold, or the store holds already (for completeness checks before a commit)."""
        row = self.connection.execute("SELECT at, size FROM pending WHERE digest=?", (cid.digest,)).fetchone()
        if row is None:
            return self._store.get(cid)
        self._file.flush()
        with self._path.open("rb") as file:
            file.seek(row[0])
            return file.read(row[1])

    def has(self, cid: ParsedCid) -> bool:
        row = self.connection.execute("SELECT 1 FROM pending WHERE digest=?", (cid.digest,)).fetchone()
        return row is not None or self._store.has(cid) is not None

    def begin(self) -> None:
        """Make the pack durable and take the index's write lock: nothing can be collected from here to `commit`."""
        with writing():
            self._file.flush()
            os.fsync(self._file.fileno())
            sync_folder(self._store.packs_folder)
            self.connection.execute("BEGIN IMMEDIATE")
            self.connection.execute("INSERT INTO packs (name) VALUES (?)", (self.name,))
            pack = self.connection.execute("SELECT id FROM packs WHERE name=?", (self.name,)).fetchone()[0]
            taken = self.connection.execute(
                "INSERT OR IGNORE INTO blocks (digest, pack, at, size) SELECT digest, ?, at, size FROM pending", (pack,)
            ).rowcount
            self._useful = taken > 0
            if not self._useful:
                self.connection.execute("DELETE FROM packs WHERE id=?", (pack,))

    def commit(self, pins: list[tuple[str, str, str]]) -> None:
        """Finish what `begin` started and set `pins` (cid, name, created)."""
        with writing():
            self.connection.executemany(
                "INSERT INTO pins VALUES (?, ?, ?) ON CONFLICT(cid) DO UPDATE SET name="
                "CASE WHEN excluded.name='' THEN name ELSE excluded.name END",
                pins,
            )
            self.connection.execute("COMMIT")
        self._done = True

    def close(self) -> None:
        """Let go of the pack; delete it unless committed and useful."""
        if not self._done:
            with contextlib.suppress(sqlite3.Error):
                self.connection.execute("ROLLBACK")
        with contextlib.suppress(OSError):
            self._file.close()
        self.connection.close()
        if not self._done or not self._useful:
            with contextlib.suppress(OSError):
                self._path.unlink()
        self._store.release_name(self.name)

    _useful = False


def collect(store: BlockStore) -> tuple[int, int]:
    """Delete every block no pin leads to, rewrite packs that became mostly empty; return (blocks, bytes) removed.

    Runs in one write transaction of the index. If a pinned node is damaged, nothing is deleted: what it led to is
    unknown.
    """
    before = _pack_bytes(store)
    connection = store.connect()
    doomed: list[tuple[int, str]] = []
    try:
        with writing():
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("CREATE TEMP TABLE live (digest BLOB PRIMARY KEY) WITHOUT ROWID")

        def seen(cid: ParsedCid) -> bool:
            return connection.execute("INSERT OR IGNORE INTO live VALUES (?)", (cid.digest,)).rowcount == 0

        for (cid,) in connection.execute("SELECT cid FROM pins").fetchall():
            for _ in walk(store.get, parse(cid), seen):
                pass
        removed = connection.execute("DELETE FROM blocks WHERE digest NOT IN (SELECT digest FROM live)").rowcount
        for pack, name in connection.execute("SELECT id, name FROM packs").fetchall():
            live = connection.execute("SELECT COALESCE(SUM(size), 0) FROM blocks WHERE pack=?", (pack,)).fetchone()[0]
            path = store.packs_folder / name
            size = path.stat().st_size if path.exists() else 0
            if live == 0 or live * 2 < size:
                if live:
                    _rewrite(store, connection, pack, path)
                doomed.append((pack, name))
                connection.execute("DELETE FROM packs WHERE id=?", (pack,))
        with writing():
            connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise
    finally:
        connection.close()
    for pack, name in doomed:
        store.forget_file(pack)
        with contextlib.suppress(OSError):
            (store.packs_folder / name).unlink()
    _remove_orphans(store)
    return removed, max(0, before - _pack_bytes(store))


def _pack_bytes(store: BlockStore) -> int:
    """Bytes of all packs; one that a writer removes meanwhile counts nothing."""
    total = 0
    for path in store.packs_folder.glob("*.pack"):
        with contextlib.suppress(FileNotFoundError):
            total += path.stat().st_size
    return total


def _remove_orphans(store: BlockStore) -> None:
    """Delete packs that no row points to and nobody writes any more (asked in this order: a writer that has just
    finished is in the index by then)."""
    finished = [path for path in store.packs_folder.glob("*.pack") if store.abandoned(path.name)]
    known = {str(name) for (name,) in store.query("SELECT name FROM packs")}
    for path in finished:
        if path.name not in known:
            with contextlib.suppress(OSError):
                path.unlink()


def _rewrite(store: BlockStore, connection: sqlite3.Connection, pack: int, path: Path) -> None:
    """Copy a pack's live blocks to a fresh pack and point their rows there."""
    name = store.new_name()
    try:
        with writing(), path.open("rb") as source, (store.packs_folder / name).open("xb") as target:
            connection.execute("INSERT INTO packs (name) VALUES (?)", (name,))
            fresh = connection.execute("SELECT id FROM packs WHERE name=?", (name,)).fetchone()[0]
            rows = connection.execute(
                "SELECT digest, at, size FROM blocks WHERE pack=? ORDER BY at", (pack,)
            ).fetchall()
            for digest, at, size in rows:
                source.seek(at)
                block = source.read(size)
                if len(block) != size:
                    raise malformed("pack file ends too early")
                connection.execute("UPDATE blocks SET pack=?, at=? WHERE digest=?", (fresh, target.tell(), digest))
                target.write(block)
            target.flush()
            os.fsync(target.fileno())
        sync_folder(store.packs_folder)
    finally:
        store.release_name(name)
