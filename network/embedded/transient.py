"""Private write sets between endorsement and commit.

They are in a file of their own, because a node that is killed in between must still find them when the transaction is
ordered after its restart. The file survives the end of the process, but is not forced to disk: what matters is made
durable with the block.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from network.embedded.state_view import transaction_key

RETENTION_BLOCKS = 1000
"""Fabric's peer.gossip.pvtData.transientstoreMaxBlockRetention."""


class TransientStore:
    """Endorsed private write sets by transaction id."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        execute = self._connection.execute
        execute("PRAGMA journal_mode = WAL")
        execute("PRAGMA synchronous = OFF")
        execute("PRAGMA secure_delete = ON")
        execute(
            "CREATE TABLE IF NOT EXISTS writes (tx BLOB NOT NULL, hash BLOB NOT NULL, namespace TEXT NOT NULL,"
            " collection TEXT NOT NULL, rwset BLOB NOT NULL, height INTEGER NOT NULL,"
            " PRIMARY KEY (tx, namespace, collection, hash)) WITHOUT ROWID"
        )

    def put(self, tx_id: str, writes: Mapping[tuple[str, str], bytes], height: int) -> None:
        """Keep what a simulation wrote privately; `height` is the ledger's at that time."""
        key = transaction_key(tx_id)
        self._connection.executemany(
            "INSERT OR IGNORE INTO writes VALUES (?, ?, ?, ?, ?, ?)",
            [(key, sha256(rwset).digest(), ns, coll, rwset, height) for (ns, coll), rwset in writes.items()],
        )

    def get(self, tx_id: str, namespace: str, collection: str, digest: bytes) -> bytes | None:
        """The write set with this hash, if a peer of this node endorsed it."""
        row = self._connection.execute(
            "SELECT rwset FROM writes WHERE tx = ? AND namespace = ? AND collection = ? AND hash = ?",
            (transaction_key(tx_id), namespace, collection, digest),
        ).fetchone()
        return None if row is None else row[0]

    def purge(self, tx_ids: list[str], height: int) -> None:
        """Forget committed transactions, and whatever was never ordered for a long time."""
        self._connection.executemany("DELETE FROM writes WHERE tx = ?", [(transaction_key(t),) for t in tx_ids])
        if height % RETENTION_BLOCKS == 0:
            self._connection.execute("DELETE FROM writes WHERE height < ?", (height - RETENTION_BLOCKS,))
        # Nobody else reads this file: nothing of what was forgotten stays in its log.
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        self._connection.close()
