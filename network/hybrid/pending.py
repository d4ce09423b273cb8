"""Private data that a node has endorsed and that are in no block yet."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from network.promotion.stored import PrivateSet, StoredChannel, ledger_file


def pending_sets(directory: Path, channel: StoredChannel) -> list[tuple[str, PrivateSet]]:
    """(transaction id, private write set) of what waits to be ordered on a channel; the node may run."""
    path = ledger_file(directory, channel.channel_id).with_name("transient.db")
    if not path.exists():
        return []
    connection = sqlite3.connect(f"file:{path.as_posix()}?mode=ro", uri=True)
    try:
        rows = connection.execute("SELECT tx, namespace, collection, rwset FROM writes ORDER BY height").fetchall()
    finally:
        connection.close()
    found = []
    for tx, namespace, collection, rwset in rows:
        tx_id = tx.hex() if isinstance(tx, bytes) else str(tx)
        if channel.view.transaction(tx_id) is None:
            found.append((tx_id, PrivateSet(channel.height, 0, namespace, collection, rwset, True)))
    return found
