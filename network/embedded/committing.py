"""From a list of ordered transactions to everything that their block changes on disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fabric_protos.common.common_pb2 import Block, Metadata
from fabric_protos.ledger.rwset.kvrwset.kv_rwset_pb2 import KVRWSet

from network.embedded import block_format
from network.embedded.mvcc import Update, Updates
from network.embedded.rwset import key_hash
from network.embedded.state_view import StateView
from network.embedded.store import BlockWrite
from network.embedded.transactions import VALID, Transaction
from network.embedded.versions import Version

NEVER = 0
"""blockToLive of a collection whose data stay."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """A block as the ordering service made it: no validation codes yet."""

    block: Block
    hash: bytes
    transactions: list[Transaction]


def finish(
    ordered: Ordered,
    updates: Updates,
    previous_commit_hash: bytes,
    view: StateView,
    lifetimes: dict[tuple[str, str], int],
) -> BlockWrite:
    """Put the validation codes and the commit hash into the block, and list every row to write.

    `lifetimes` gives blockToLive for (namespace, collection); collections not in it live for ever.
    """
    block, number = ordered.block, ordered.block.header.number
    codes = bytes(t.code for t in ordered.transactions)
    commit_hash = b""
    block.metadata.metadata[block_format.TRANSACTIONS_FILTER] = codes
    if number > 0:  # the chain of commit hashes begins with block 1 (kv_ledger.go, addBlockCommitHash)
        commit_hash = block_format.commit_hash(codes, updates, previous_commit_hash)
        block.metadata.metadata[block_format.COMMIT_HASH] = Metadata(value=commit_hash).SerializeToString()
    write = BlockWrite(number, ordered.hash, block.SerializeToString(), commit_hash)
    write.transactions = [(t.tx_id, position, t.code) for position, t in enumerate(ordered.transactions)]
    for position, transaction in enumerate(ordered.transactions):
        if transaction.code == VALID:
            _transaction_rows(write, position, transaction)
            write.config_block = write.config_block or transaction.is_config
    _expire(write, updates, view)
    _state_rows(write, updates, lifetimes)
    _purge_rows(write, updates, view)
    return write


def _transaction_rows(write: BlockWrite, position: int, transaction: Transaction) -> None:
    for sets in transaction.namespaces:
        for item in sets.sets.writes:
            write.history.append((sets.name, item.key, write.number, position))
    for (namespace, collection), rwset in transaction.private.items():
        write.private_writes.append((write.number, position, namespace, collection, rwset, 0))


def _state_rows(write: BlockWrite, updates: Updates, lifetimes: dict[tuple[str, str], int]) -> None:
    for (namespace, key), update in updates.public.items():
        if update.value is None:
            write.state_deletes.append((namespace, key))
        else:
            write.state.append((namespace, key, update.value, *update.version, update.metadata))
    for (namespace, collection, digest), update in updates.hashed.items():
        if update.value is None:
            write.hashed_deletes.append((namespace, collection, digest))
        else:
            write.hashed.append((namespace, collection, digest, update.value, *update.version, update.metadata))
            lifetime = lifetimes.get((namespace, collection), NEVER)
            if lifetime:
                end = update.version.block + lifetime + 1
                write.expiry.append((end, update.version.block, namespace, collection, digest))
    for (namespace, collection, name), update in updates.private.items():
        if update.value is None:
            write.private_deletes.append((namespace, collection, name))
        else:
            write.private.append((namespace, collection, name, update.value, *update.version, key_hash(name)))


def _expire(write: BlockWrite, updates: Updates, view: StateView) -> None:
    """Private keys whose time ends with this block, unless something newer has been written to them."""
    end = Version(write.number, (1 << 64) - 1)
    for block, namespace, collection, digest in view.expiring(write.number):
        place = (namespace, collection, digest)
        hashed = view.get_hashed(*place)
        if hashed is not None and hashed.version.block == block and place not in updates.hashed:
            updates.hashed[place] = Update(None, None, end)
        held = view.get_private_by_hash(*place)
        if held is not None and held[1].block == block and (namespace, collection, held[0]) not in updates.private:
            updates.private[namespace, collection, held[0]] = Update(None, None, end)
        for tx, ns, coll, _ in view.private_writes(block):
            if (ns, coll) == (namespace, collection):
                write.private_writes_pruned.append((b"", 1, block, tx, ns, coll))


def _purge_rows(write: BlockWrite, updates: Updates, view: StateView) -> None:
    """Erase purged keys from the private state and from every private write set before the purge."""
    purges: dict[tuple[str, str], dict[bytes, Version]] = {}
    for (namespace, collection, digest), version in updates.purged.items():
        purges.setdefault((namespace, collection), {})[digest] = version
        held = view.get_private_by_hash(namespace, collection, digest)
        if held is not None and (namespace, collection, held[0]) not in updates.private:
            write.private_deletes.append((namespace, collection, held[0]))
    for place, digests in purges.items():
        for block, tx, rwset in view.private_writes_of(*place):
            trimmed = without_keys(rwset, set(digests))
            if trimmed is not None:
                write.private_writes_pruned.append((trimmed, 1, block, tx, *place))
    for position, row in enumerate(write.private_writes):
        block, tx, namespace, collection, rwset, _ = row
        digests = purges.get((namespace, collection), {})
        trimmed = without_keys(rwset, {d for d, version in digests.items() if Version(block, tx) < version})
        if trimmed is not None:
            write.private_writes[position] = (block, tx, namespace, collection, trimmed, 1)


def without_keys(rwset: bytes, digests: set[bytes]) -> bytes | None:
    """A private write set (KVRWSet) without the keys of these hashes; None if it has none of them."""
    message: Any = KVRWSet.FromString(rwset)
    writes = [w for w in message.writes if key_hash(w.key) not in digests]
    metadata = [w for w in message.metadata_writes if key_hash(w.key) not in digests]
    if len(writes) == len(message.writes) and len(metadata) == len(message.metadata_writes):
        return None
    data: bytes = KVRWSet(writes=writes, metadata_writes=metadata).SerializeToString()
    return data
