"""The shape of one channel's index: a SQLite file that can always be made again from the blocks."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

VERSION = 1

SCHEMA = """
CREATE TABLE position (
    id INTEGER PRIMARY KEY CHECK (id = 0), next_block INTEGER NOT NULL, last_hash BLOB NOT NULL,
    transactions INTEGER NOT NULL, invalid INTEGER NOT NULL
);
INSERT INTO position VALUES (0, 0, x'', 0, 0);
CREATE TABLE block (
    number INTEGER PRIMARY KEY, hash BLOB NOT NULL, previous_hash BLOB NOT NULL, time REAL NOT NULL,
    transactions INTEGER NOT NULL, invalid INTEGER NOT NULL, size INTEGER NOT NULL
);
CREATE INDEX block_hash ON block(hash);
CREATE TABLE identity (
    id INTEGER PRIMARY KEY, msp_id TEXT NOT NULL, name TEXT NOT NULL, fingerprint TEXT NOT NULL,
    serial TEXT NOT NULL, certificate TEXT NOT NULL,
    transactions INTEGER NOT NULL, first_block INTEGER NOT NULL, last_block INTEGER NOT NULL,
    UNIQUE (fingerprint, msp_id)
);
CREATE INDEX identity_name ON identity(name);
CREATE TABLE contract (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
    transactions INTEGER NOT NULL, invalid INTEGER NOT NULL, keys INTEGER NOT NULL,
    first_block INTEGER NOT NULL, last_block INTEGER NOT NULL
);
CREATE TABLE tx (
    id INTEGER PRIMARY KEY, block INTEGER NOT NULL, idx INTEGER NOT NULL, tx_id BLOB NOT NULL, type TEXT NOT NULL,
    time REAL NOT NULL, creator INTEGER NOT NULL, contract INTEGER NOT NULL, function TEXT NOT NULL,
    code INTEGER NOT NULL
);
CREATE UNIQUE INDEX tx_place ON tx(block, idx);
CREATE INDEX tx_tx_id ON tx(tx_id);
CREATE INDEX tx_contract ON tx(contract);
CREATE INDEX tx_creator ON tx(creator);
CREATE INDEX tx_invalid ON tx(code) WHERE code <> 0;
CREATE TABLE ledger_key (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, contract INTEGER NOT NULL, collection TEXT NOT NULL,
    UNIQUE (name, contract, collection)
);
CREATE TABLE ledger_write (
    key INTEGER NOT NULL, tx INTEGER NOT NULL, deleted INTEGER NOT NULL, value BLOB NOT NULL,
    PRIMARY KEY (key, tx)
) WITHOUT ROWID;
CREATE TABLE ledger_policy (
    key INTEGER NOT NULL, tx INTEGER NOT NULL, policy BLOB NOT NULL, PRIMARY KEY (key, tx)
) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5(text, content='', tokenize="unicode61 remove_diacritics 0");
"""

CONTENT_TABLES = (
    "position",
    "block",
    "identity",
    "contract",
    "tx",
    "ledger_key",
    "ledger_write",
    "ledger_policy",
    "words_docsize",
)


def open_index(path: Path, *, read_only: bool) -> sqlite3.Connection:
    """Open the index at `path`; a missing one, or one of another shape, is made anew unless only reading.

    That happens in the file as it is: somebody may be reading it already, and whoever reads a file that has been put
    away while its log is another's finds it damaged. Only a file that is no database is replaced.

    The connection may be used by the thread that made it only. Full durability is not needed: a lost tail is
    indexed again.
    """
    if read_only:
        connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=5, check_same_thread=False)
        connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA cache_size = -32768")
        return connection
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        connection = _connect(path)
        (found,) = connection.execute("PRAGMA user_version").fetchone()
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        raise  # busy, or the disk is full
    except sqlite3.DatabaseError:
        # Damaged: everything in it is made again from the ledger.
        remove_index(path)
        connection, found = _connect(path), 0
    if found != VERSION:
        # In the same file: a reader that has just opened it would otherwise keep one that is gone.
        clear_index(connection)
    return connection


def clear_index(connection: sqlite3.Connection) -> None:
    """Empty the index in one transaction; whoever reads it goes on reading, and sees the new content."""
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    ours = ["words", *(name for name in tables if not name.startswith(("words", "sqlite_")))]
    drops = "".join(f"DROP TABLE IF EXISTS {name};" for name in ours)
    connection.executescript(f"BEGIN IMMEDIATE; {drops} {SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;")


def remove_index(path: Path) -> None:
    """Delete the index's files."""
    for suffix in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + suffix).unlink()


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=5, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA cache_size = -65536")
    connection.execute("PRAGMA temp_store = MEMORY")
    return connection
