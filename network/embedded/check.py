"""Checking everything stored against the blocks: what cannot be recomputed from them is named.

Blocks are checked by themselves (digest, hashes, validation codes with commit hash); then the state, the hashed and
private state, the transaction index, the history and the kept private write sets are rebuilt from the blocks and
compared with what is stored, value for value. Works while the node runs (on a snapshot) and when it does not.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from fabric_protos.common.common_pb2 import Block, Metadata
from fabric_protos.ledger.rwset.kvrwset.kv_rwset_pb2 import KVRWSet

from fabric_sdk.blocks.hashing import data_hash, header_hash
from network.embedded import block_format, schema
from network.embedded.check_replay import Expected, Replay, WriteSet
from network.embedded.faults import LedgerDamaged
from network.embedded.rwset import key_hash
from network.embedded.state_view import StateView
from network.embedded.transactions import is_delete
from network.embedded.versions import Version


@dataclass(frozen=True, slots=True)
class Damage:
    """One place where stored data are not what the blocks say. Numbers are -1 and texts "" where they do not apply."""

    what: str
    block: int = -1
    transaction: str = ""
    namespace: str = ""
    collection: str = ""
    key: str = ""

    def __str__(self) -> str:
        parts = [
            f"block {self.block}" if self.block >= 0 else "",
            f"transaction {self.transaction}" if self.transaction else "",
            f"chaincode {self.namespace}" if self.namespace else "",
            f"collection {self.collection}" if self.collection else "",
            f"key {self.key!r}" if self.key else "",
        ]
        return f"{', '.join(p for p in parts if p) or 'ledger'}: {self.what}"


def check_state(network_directory: Path, channel: str) -> Iterator[Damage]:
    """Check a channel of the embedded network in a folder; yields what is damaged, nothing if all is well.

    Raises FileNotFoundError if the network has no such channel.
    """
    path = network_directory / "embedded" / "channels" / channel / "ledger.db"
    if not path.exists():
        raise FileNotFoundError(path)
    yield from check_ledger(path)


def check_ledger(path: Path) -> Iterator[Damage]:
    """As `check_state`, for one ledger file."""
    try:
        connection = schema.open_reader(path)
        view = StateView(connection)
    except sqlite3.DatabaseError as e:
        yield Damage(f"the ledger file cannot be read: {e}")
        return
    try:
        for (text,) in connection.execute("PRAGMA integrity_check(100)"):
            if text != "ok":
                yield Damage(f"the ledger file is damaged: {text}")
        yield from _Check(view).run()
    except sqlite3.DatabaseError as e:
        yield Damage(f"the ledger file is damaged: {e}")
    finally:
        view.close()


class _Check:
    def __init__(self, view: StateView) -> None:
        self._view = view
        self._replay = Replay()

    def run(self) -> Iterator[Damage]:
        previous, commit_hash, readable = b"", b"", True
        for number in range(self._view.height):
            try:
                row = self._view.block(number)
            except LedgerDamaged as e:  # it lies in an archive file that is missing or another one
                yield Damage(str(e), number)
                readable = False
                continue
            if row is None:
                yield Damage("the block is missing", number)
                readable = False
                continue
            if not isinstance(row.body, bytes) or sha256(row.body).digest() != row.digest:
                yield Damage("the stored block does not fit its digest", number)
            try:
                block = Block.FromString(row.body)
                found, commit_hash = self._block(number, block, row.hash, previous, commit_hash)
                yield from found
            except Exception as e:
                yield Damage(f"the stored block cannot be read: {type(e).__name__}", number)
                readable = False
            previous = row.hash
        if not readable:
            return
        expected = self._replay.result()
        yield from self._meta(commit_hash, expected)
        yield from self._transactions(expected)
        yield from self._state(expected)
        yield from self._hashed(expected)
        yield from self._private(expected)
        yield from self._private_writes(expected)
        yield from self._history(expected)

    def _block(
        self, number: int, block: Any, stored_hash: bytes, previous: bytes, commit_hash: bytes
    ) -> tuple[list[Damage], bytes]:
        found: list[Damage] = []
        if block.header.number != number:
            found.append(Damage(f"the block calls itself {block.header.number}", number))
        if block.header.previous_hash != previous:
            found.append(Damage("the previous block's hash does not fit", number))
        if header_hash(block.header) != stored_hash:
            found.append(Damage("the header does not fit the stored hash", number))
        if data_hash(block.data) != block.header.data_hash:
            found.append(Damage("the transactions do not fit the header", number))
        updates = self._replay.add(block)
        codes = block.metadata.metadata[block_format.TRANSACTIONS_FILTER]
        if number:
            commit_hash = block_format.commit_hash(codes, updates, commit_hash)
            stored = Metadata.FromString(block.metadata.metadata[block_format.COMMIT_HASH]).value
            if stored != commit_hash:
                found.append(Damage("the validation codes or writes do not fit the commit hash", number))
                commit_hash = stored
        return found, commit_hash

    def _meta(self, commit_hash: bytes, expected: Expected) -> Iterator[Damage]:
        if (self._view.meta("commit_hash") or b"") != commit_hash:
            yield Damage("the noted commit hash is not that of the newest block")
        if self._view.meta("last_config") != str(expected.last_config).encode():
            yield Damage(f"the noted configuration block is not {expected.last_config}")

    def _transactions(self, expected: Expected) -> Iterator[Damage]:
        wanted = dict(expected.transactions)
        for key, block, position, code in self._view.query("SELECT id, block, position, code FROM transactions", ()):
            known = wanted.pop(key, None)  # type: ignore[call-overload]
            shown = key.hex() if isinstance(key, bytes) else str(key)
            if known is None:
                yield Damage("the index knows a transaction that is in no block", transaction=shown)
            elif known != (block, position, code):
                yield Damage("the index of transactions is wrong", known[0], shown)
        for key, known in wanted.items():
            shown = key.hex() if isinstance(key, bytes) else str(key)
            yield Damage("the transaction is missing in the index", known[0], shown)

    def _state(self, expected: Expected) -> Iterator[Damage]:
        wanted = dict(expected.public)
        rows = self._view.query("SELECT namespace, key, value, block, tx, metadata FROM state", ())
        for namespace, key, value, block, tx, metadata in rows:
            known = wanted.pop((namespace, key), None)  # type: ignore[arg-type]
            if known is None:
                yield Damage("the state holds a key that no block wrote", namespace=str(namespace), key=str(key))
            elif (value, (block, tx), metadata) != (known.value, known.version, known.metadata):
                yield self._at("the value is not what was written", known.version, str(namespace), "", str(key))
        for (namespace, key), known in wanted.items():
            yield self._at("the key is missing in the state", known.version, namespace, "", key)

    def _hashed(self, expected: Expected) -> Iterator[Damage]:
        wanted = dict(expected.hashed)
        rows = self._view.query(
            "SELECT namespace, collection, key_hash, value_hash, block, tx, metadata FROM hashed_state", ()
        )
        for namespace, collection, digest, value, block, tx, metadata in rows:
            known = wanted.pop((namespace, collection, digest), None)  # type: ignore[arg-type]
            shown = digest.hex() if isinstance(digest, bytes) else str(digest)
            if known is None:
                what = "the hashed state holds a key that no block wrote"
                yield Damage(what, namespace=str(namespace), collection=str(collection), key=shown)
            elif (value, (block, tx), metadata) != (known.value, known.version, known.metadata):
                what = "the hash of the value is not what was written"
                yield self._at(what, known.version, str(namespace), str(collection), shown)
        for (namespace, collection, digest), known in wanted.items():
            what = "the key is missing in the hashed state"
            yield self._at(what, known.version, namespace, collection, digest.hex())

    def _private(self, expected: Expected) -> Iterator[Damage]:
        rows = self._view.query("SELECT namespace, collection, key, value, block, tx, key_hash FROM private_state", ())
        for namespace, collection, key, value, block, tx, digest in rows:
            place = (str(namespace), str(collection), str(key))
            computed = key_hash(place[2])
            known = expected.hashed.get((place[0], place[1], computed))
            if digest != computed:
                yield Damage("the private key does not fit its hash", -1, "", *place)
            elif known is None or known.value is None:
                yield Damage("the private state holds a key that no block wrote", -1, "", *place)
            elif not isinstance(value, bytes) or sha256(value).digest() != known.value:
                yield self._at("the private value does not fit its hash on the ledger", known.version, *place)
            elif (block, tx) != known.version:
                yield self._at("the private value's version is wrong", known.version, *place)

    def _private_writes(self, expected: Expected) -> Iterator[Damage]:
        rows = self._view.query("SELECT block, tx, namespace, collection, rwset, pruned FROM private_writes", ())
        for block, tx, namespace, collection, rwset, pruned in rows:
            version = Version(_number(block), _number(tx))
            place = (str(namespace), str(collection))
            known = expected.write_sets.get((*version, *place))
            if known is None or not isinstance(rwset, bytes) or pruned not in (0, 1):
                yield Damage("a private write set is kept that no block has", version.block, "", *place)
            elif bool(pruned) != known.pruned:
                yield self._at("the private write set is marked wrongly as purged or not", version, *place)
            elif not known.pruned and sha256(rwset).digest() != known.digest:
                yield self._at("the private write set does not fit its hash", version, *place)
            elif known.pruned and not _is_trimmed(rwset, known):
                yield self._at("what a purge left of the private write set does not fit its hashes", version, *place)

    def _history(self, expected: Expected) -> Iterator[Damage]:
        wanted = set(expected.history)
        for row in self._view.query("SELECT namespace, key, block, tx FROM history", ()):
            if row in wanted:
                wanted.discard(row)
            else:
                yield Damage("the history knows a write that no block has", namespace=str(row[0]), key=str(row[1]))
        for namespace, key, block, tx in wanted:
            yield self._at("the write is missing in the history", Version(block, tx), namespace, "", key)

    def _at(self, what: str, version: Version, namespace: str, collection: str = "", key: str = "") -> Damage:
        tx_id = self._replay.transaction_id(version)
        return Damage(what, version.block, tx_id, namespace, collection, key)


def _number(value: object) -> int:
    return value if isinstance(value, int) else -1


def _is_trimmed(rwset: bytes, known: WriteSet) -> bool:
    """Whether a private write set is exactly what a purge (or its collection's blockToLive) leaves of it."""
    if known.expired:
        return rwset == b""
    try:
        message = KVRWSet.FromString(rwset)
    except Exception:
        return False
    kept = {key_hash(w.key): b"" if is_delete(w) else sha256(w.value).digest() for w in message.writes}
    wanted = {digest: value for digest, value in known.writes.items() if digest not in known.removed}
    metadata = {key_hash(w.key) for w in message.metadata_writes}
    canonical: bytes = message.SerializeToString()
    return kept == wanted and metadata == known.metadata - known.removed and canonical == rwset
