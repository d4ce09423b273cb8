"""Tables of one channel's ledger and how its SQLite file is opened.

The file is in WAL mode with full synchronisation: a committed transaction survives the loss of power, and readers keep
the snapshot they began with while the next block is written. Keys are TEXT with SQLite's BINARY collation, which
orders by UTF-8 bytes as Fabric does.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from network.embedded.faults import LedgerDamaged

SCHEMA_VERSION = 2
"""2: blocks are packed (`packing`); a file of layout 1 is read as it is and goes on in layout 2."""

_TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;

-- One Fabric block each, packed (see `packing`); digest is SHA-256 over the block itself.
CREATE TABLE blocks (
  number INTEGER PRIMARY KEY, hash BLOB NOT NULL, body BLOB NOT NULL, digest BLOB NOT NULL
);
CREATE INDEX blocks_by_hash ON blocks (hash);

-- First occurrence of a transaction id, valid or not. Well-formed ids are kept as their 32 bytes.
CREATE TABLE transactions (
  id BLOB PRIMARY KEY, block INTEGER NOT NULL, position INTEGER NOT NULL, code INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE state (
  namespace TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL,
  block INTEGER NOT NULL, tx INTEGER NOT NULL, metadata BLOB,
  PRIMARY KEY (namespace, key)
) WITHOUT ROWID;

-- Few keys have policies of their own; this says quickly in which namespaces there are any.
CREATE INDEX state_with_metadata ON state (namespace) WHERE metadata IS NOT NULL;

-- What every organisation knows of private data: hashes of keys and values.
CREATE TABLE hashed_state (
  namespace TEXT NOT NULL, collection TEXT NOT NULL, key_hash BLOB NOT NULL, value_hash BLOB NOT NULL,
  block INTEGER NOT NULL, tx INTEGER NOT NULL, metadata BLOB,
  PRIMARY KEY (namespace, collection, key_hash)
) WITHOUT ROWID;

CREATE INDEX hashed_state_with_metadata ON hashed_state (namespace) WHERE metadata IS NOT NULL;

CREATE TABLE private_state (
  namespace TEXT NOT NULL, collection TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL,
  block INTEGER NOT NULL, tx INTEGER NOT NULL, key_hash BLOB NOT NULL,
  PRIMARY KEY (namespace, collection, key)
) WITHOUT ROWID;
CREATE INDEX private_state_by_hash ON private_state (namespace, collection, key_hash);

-- Private write sets for the stream of blocks with private data; pruned is 1 where a purge took something out.
CREATE TABLE private_writes (
  block INTEGER NOT NULL, tx INTEGER NOT NULL, namespace TEXT NOT NULL, collection TEXT NOT NULL,
  rwset BLOB NOT NULL, pruned INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (block, tx, namespace, collection)
) WITHOUT ROWID;

-- Where each key was written; values are read from the blocks.
CREATE TABLE history (
  namespace TEXT NOT NULL, key TEXT NOT NULL, block INTEGER NOT NULL, tx INTEGER NOT NULL,
  PRIMARY KEY (namespace, key, block, tx)
) WITHOUT ROWID;

-- Private keys that end with their collection's blockToLive.
CREATE TABLE expiry (
  at INTEGER NOT NULL, block INTEGER NOT NULL, namespace TEXT NOT NULL, collection TEXT NOT NULL,
  key_hash BLOB NOT NULL,
  PRIMARY KEY (at, namespace, collection, key_hash, block)
) WITHOUT ROWID;

-- Rich-query indexes that a contract package brought along (META-INF/statedb/couchdb/indexes).
CREATE TABLE query_indexes (
  namespace TEXT NOT NULL, collection TEXT NOT NULL, name TEXT NOT NULL, fields TEXT NOT NULL,
  PRIMARY KEY (namespace, collection, name)
) WITHOUT ROWID;
"""


def create(path: Path) -> sqlite3.Connection:
    """Open the ledger file for writing and make its tables if it is new."""
    connection = _connect(path)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA cache_size = -16384")
        connection.execute("PRAGMA wal_autocheckpoint = 0")  # the writer checkpoints when it suits
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            connection.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")
        elif version == 1:
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        elif version != SCHEMA_VERSION:
            raise LedgerDamaged(f"{path.name} has layout {version}; this program reads layout {SCHEMA_VERSION}")
    except sqlite3.DatabaseError as e:
        connection.close()
        if isinstance(e, sqlite3.OperationalError):
            raise
        raise LedgerDamaged(f"{path.name} is not a readable ledger file: {e}") from e
    return connection


def open_reader(path: Path) -> sqlite3.Connection:
    """Open another connection that only reads."""
    connection = _connect(path)
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA cache_size = -8192")
    return connection


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False, cached_statements=256)
    connection.execute("PRAGMA temp_store = MEMORY")
    return connection
