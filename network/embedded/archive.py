"""Whole old blocks moved out of a channel's ledger into files, on a disk of their own, and back.

The ledger keeps each block's hash and digest and everything that was computed from it (state, history, indexes); in
place of the block stands a pointer to its file. Blocks are read from there as before, each checked against its digest.
The files have the form of an export (magic line, then length and block), one for a thousand blocks, named by channel,
genesis hash and numbers. The genesis block and the configuration in force always stay, so that the network starts
while an archive's disk is away. Works while the node runs: the ledger changes a file at a time.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from fabric_sdk.files import replace_file
from network.embedded.faults import BlockAway, LedgerDamaged
from network.embedded.packing import pack, unpack

MAGIC = b"citychain-blocks-1\n"
FOLDERS = "archive.json"
BLOCKS_A_FILE = 1000
KEPT_BLOCKS = 100
_MARK = b"\xffcitychain-archive\x00"
"""No protobuf message begins so."""
_LENGTH = struct.Struct(">Q")


@dataclass(frozen=True)
class Moved:
    """How many blocks were moved, and their bytes."""

    blocks: int
    bytes: int


@dataclass(frozen=True)
class Archived:
    """What lies in archives: blocks in how many files, in which folders, and the names of files that are not there."""

    blocks: int
    files: int
    folders: tuple[Path, ...]
    missing: tuple[str, ...]


def resolve(ledger: Path, body: bytes, digest: bytes, number: int) -> bytes:
    """A stored block's bytes: itself, or what its pointer names; `BlockAway` where that cannot be had."""
    if not body.startswith(_MARK):
        return unpack(body, number)
    name, offset, length = _pointer(body)
    for folder in folders(ledger):
        with contextlib.suppress(OSError), (folder / name).open("rb") as stream:
            stream.seek(offset)
            found = stream.read(length)
            if sha256(found).digest() == digest:
                return found
            raise BlockAway(f"the archive file {name} is not the one that block {number} was moved to", name)
    raise BlockAway(f"block {number} lies in the archive file {name}, which is not here", name)


def folders(ledger: Path) -> list[Path]:
    """Where archive files of this ledger are looked for."""
    try:
        document = json.loads((ledger.parent / FOLDERS).read_bytes())
    except (OSError, ValueError):
        return []
    return [Path(str(one)) for one in document.get("folders", [])]


def move_out(
    ledger: Path, target: Path, below: int, check: Callable[[int, int], None] = lambda _done, _all: None
) -> Moved:
    """Move the blocks below a number into files in `target`; goes on where an earlier call was interrupted.

    `check` is told how many of how many were moved, and may raise to stop between two files. The newest hundred blocks
    are never moved. OSError for a full disk and sqlite3.Error leave the file at hand where it was.
    """
    target = target.absolute()
    target.mkdir(parents=True, exist_ok=True)
    moved = Moved(0, 0)
    with _opened(ledger) as connection:
        prefix, last_config, height = _facts(connection, ledger)
        below = min(below, height - KEPT_BLOCKS)
        _note_folder(ledger, target)
        for begin in range(0, max(0, below), BLOCKS_A_FILE):
            end = min(begin + BLOCKS_A_FILE, below)
            check(begin, below)
            rows = _present(connection, begin, end, last_config)
            if rows:
                # A file never takes the place of one that blocks already point into.
                name = f"{prefix}-{rows[0][0]:09d}-{rows[-1][0]:09d}.blocks"
                pointers = _write(target / name, rows)
                _exchange(connection, pointers)
                moved = Moved(moved.blocks + len(rows), moved.bytes + sum(len(body) for _, body in rows))
    return moved


def bring_back(ledger: Path, check: Callable[[int, int], None] = lambda _done, _all: None) -> Moved:
    """Take every archived block into the ledger again; `BlockAway` before anything changes if a file is not whole.

    The files stay where they are.
    """
    with _opened(ledger) as connection:
        numbers = [n for n, _ in _pointers(connection)]
        for number in numbers:
            _body(connection, ledger, number)
        size = 0
        for begin in range(0, len(numbers), BLOCKS_A_FILE):
            check(begin, len(numbers))
            found = [(_body(connection, ledger, n), n) for n in numbers[begin : begin + BLOCKS_A_FILE]]
            size += sum(len(body) for body, _ in found)
            _exchange(connection, [(pack(body), n) for body, n in found])
    return Moved(len(numbers), size)


def locate(ledger: Path, folder: Path) -> Archived:
    """Look for archive files in another folder from now on, first; returns what is found then."""
    _note_folder(ledger, folder.absolute())
    return archived(ledger)


def archived(ledger: Path) -> Archived:
    """What of the ledger lies in archives; read without the node."""
    with _opened(ledger) as connection:
        found = list(_pointers(connection))
    names = {_pointer(body)[0] for _, body in found}
    places = folders(ledger)
    missing = sorted(name for name in names if not any((folder / name).is_file() for folder in places))
    return Archived(len(found), len(names), tuple(places), tuple(missing))


@contextlib.contextmanager
def _opened(ledger: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(ledger, timeout=30, isolation_level=None)
    try:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        yield connection
        with contextlib.suppress(sqlite3.OperationalError):
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    finally:
        connection.close()


def _facts(connection: sqlite3.Connection, ledger: Path) -> tuple[str, int, int]:
    genesis, height = connection.execute(
        "SELECT (SELECT hash FROM blocks WHERE number = 0), (SELECT max(number) + 1 FROM blocks)"
    ).fetchone()
    row = connection.execute("SELECT value FROM meta WHERE name = 'last_config'").fetchone()
    if genesis is None or row is None:
        raise LedgerDamaged(f"{ledger.name} has no genesis block")
    return f"{ledger.parent.name}-{genesis.hex()[:12]}", int(row[0]), height


def _present(connection: sqlite3.Connection, begin: int, end: int, last_config: int) -> list[tuple[int, bytes]]:
    rows = connection.execute("SELECT number, body FROM blocks WHERE number >= ? AND number < ?", (begin, end))
    return [(n, unpack(body, n)) for n, body in rows if n not in (0, last_config) and not body.startswith(_MARK)]


def _pointers(connection: sqlite3.Connection) -> Iterator[tuple[int, bytes]]:
    rows = connection.execute(
        "SELECT number, body FROM blocks WHERE substr(body, 1, ?) = ? ORDER BY number", (len(_MARK), _MARK)
    )
    yield from rows


def _body(connection: sqlite3.Connection, ledger: Path, number: int) -> bytes:
    body, digest = connection.execute("SELECT body, digest FROM blocks WHERE number = ?", (number,)).fetchone()
    return resolve(ledger, body, digest, number)


def _write(path: Path, rows: list[tuple[int, bytes]]) -> list[tuple[bytes, int]]:
    """Write one archive file, whole and on disk or not at all; return the pointers to its blocks."""
    pointers = []
    temporary = path.with_name(f".{path.name}.part")
    try:
        with temporary.open("wb") as stream:
            stream.write(MAGIC)
            for number, body in rows:
                stream.write(_LENGTH.pack(len(body)))
                pointers.append((_MARK + f"{path.name}\0{stream.tell()}\0{len(body)}".encode(), number))
                stream.write(body)
            stream.flush()
            os.fsync(stream.fileno())
        replace_file(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    return pointers


def _exchange(connection: sqlite3.Connection, bodies: list[tuple[bytes, int]]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.executemany("UPDATE blocks SET body = ? WHERE number = ?", bodies)
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def _pointer(body: bytes) -> tuple[str, int, int]:
    try:
        name, offset, length = body[len(_MARK) :].decode().split("\0")
        if "/" in name or "\\" in name or name.startswith("."):
            raise ValueError(name)
        return name, int(offset), int(length)
    except ValueError as e:
        raise LedgerDamaged("a pointer to an archived block cannot be read") from e


def _note_folder(ledger: Path, folder: Path) -> None:
    from network.vault import write_public

    known = [one for one in folders(ledger) if one != folder]
    places = [str(folder), *(str(one) for one in known)]
    write_public(ledger.parent / FOLDERS, json.dumps({"folders": places}, ensure_ascii=False).encode())
