"""Multi-version concurrency control: which transactions of a block still saw the state as it is, and what they change.

Source: core/ledger/kvledger/txmgmt/validation (validator, tx_ops, combined_iterator, rangequery_validator).
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from fabric_protos.ledger.rwset.kvrwset.kv_rwset_pb2 import KVMetadataWrite, KVRWSet

from network.embedded.merkle import RangeReads
from network.embedded.rwset import key_hash, read_entry
from network.embedded.state_view import KeyedValue, StateView
from network.embedded.transactions import VALID, NamespaceSets, Transaction, code, is_delete, is_hash_delete
from network.embedded.versions import Version, from_wire

_READ_CONFLICT = code("MVCC_READ_CONFLICT")
_PHANTOM = code("PHANTOM_READ_CONFLICT")


@dataclass(frozen=True, slots=True)
class Update:
    """A key's new value (None: deleted) and metadata at a height."""

    value: bytes | None
    metadata: bytes | None
    version: Version


@dataclass(slots=True)
class Updates:
    """What the valid transactions of one block do to the state, later ones over earlier ones."""

    public: dict[tuple[str, str], Update] = field(default_factory=dict)
    hashed: dict[tuple[str, str, bytes], Update] = field(default_factory=dict)
    private: dict[tuple[str, str, str], Update] = field(default_factory=dict)
    purged: dict[tuple[str, str, bytes], Version] = field(default_factory=dict)
    sorted_keys: dict[str, list[str]] = field(default_factory=dict)

    def put_public(self, namespace: str, key: str, update: Update) -> None:
        if (namespace, key) not in self.public:
            insort(self.sorted_keys.setdefault(namespace, []), key)
        self.public[namespace, key] = update


def validate(view: StateView, number: int, transactions: list[Transaction]) -> Updates:
    """Give every transaction that is still undecided its code, in order, and collect the valid ones' changes.

    Transactions that failed before carry a code other than VALID and are left alone.
    """
    updates = Updates()
    metadata_only: set[tuple[str, str, str]] = set()
    for position, transaction in enumerate(transactions):
        if transaction.code != VALID or transaction.is_config:
            continue
        transaction.code = _check(view, transaction.namespaces, updates)
        if transaction.code == VALID:
            version = Version(number, position)
            _apply(view, transaction.namespaces, updates, version)
            _apply_private(transaction, updates, version, metadata_only)
    _renew_private_versions(view, updates, metadata_only)
    return updates


def collect(view: StateView, number: int, transactions: list[Transaction]) -> Updates:
    """What the transactions that carry VALID change, as others judged them: nothing is checked again."""
    updates = Updates()
    metadata_only: set[tuple[str, str, str]] = set()
    for position, transaction in enumerate(transactions):
        if transaction.code == VALID and not transaction.is_config:
            version = Version(number, position)
            _apply(view, transaction.namespaces, updates, version)
            _apply_private(transaction, updates, version, metadata_only)
    _renew_private_versions(view, updates, metadata_only)
    return updates


# Checks ----------------------------------------------------------------------------------------------------------


def _check(view: StateView, namespaces: tuple[NamespaceSets, ...], updates: Updates) -> int:
    for sets in namespaces:
        name = sets.name
        for read in sets.sets.reads:
            if (name, read.key) in updates.public or view.get_version(name, read.key) != _version(read):
                return _READ_CONFLICT
        for info in sets.sets.range_queries_info:
            if not _range_unchanged(view, name, info, updates):
                return _PHANTOM
        for collection in sets.collections:
            for read in collection.sets.hashed_reads:
                if (name, collection.name, read.key_hash) in updates.hashed:
                    return _READ_CONFLICT
                known = view.get_hashed(name, collection.name, read.key_hash)
                if (None if known is None else known.version) != _version(read):
                    return _READ_CONFLICT
    return VALID


def _version(read: Any) -> Version | None:
    return from_wire(read.version) if read.HasField("version") else None


def _range_unchanged(view: StateView, namespace: str, info: Any, updates: Updates) -> bool:
    items = _combined(view, namespace, info.start_key, info.end_key, not info.itr_exhausted, updates)
    kind = info.WhichOneof("reads_info")
    if kind == "reads_merkle_hashes":
        return _same_summary(items, info.reads_merkle_hashes)
    for read in info.raw_reads.kv_reads:
        item = next(items, None)
        if item is None or item.key != read.key or item.version != _version(read):
            return False
    return next(items, None) is None


def _same_summary(items: Iterator[KeyedValue], expected: Any) -> bool:
    if expected.max_degree < 2:
        return False
    reads = RangeReads(expected.max_degree)
    matched = 0
    for item in items:
        reads.add(read_entry(item.key, item.version))
        summary = reads.summary()
        if summary.max_level < expected.max_level or matched == len(summary.max_level_hashes):
            continue
        if len(summary.max_level_hashes) > len(expected.max_level_hashes):
            return False
        if summary.max_level_hashes[matched] != expected.max_level_hashes[matched]:
            return False
        matched += 1
    _, final = reads.finish()
    return final is not None and bool(final == expected)


def _combined(
    view: StateView, namespace: str, start: str, end: str, include_end: bool, updates: Updates
) -> Iterator[KeyedValue]:
    """The state with this block's earlier changes laid over it."""
    changed = [k for k in updates.sorted_keys.get(namespace, ()) if k >= start and (not end or k < end)]
    position = 0
    for item in view.range(namespace, start, end):
        while position < len(changed) and changed[position] < item.key:
            yield from _updated(updates, namespace, changed[position])
            position += 1
        if position < len(changed) and changed[position] == item.key:
            continue
        yield item
    for key in changed[position:]:
        yield from _updated(updates, namespace, key)
    if include_end:
        if (namespace, end) in updates.public:
            yield from _updated(updates, namespace, end)
        else:
            found = view.get_state(namespace, end)
            if found is not None:
                yield KeyedValue(end, found.value, found.version)


def _updated(updates: Updates, namespace: str, key: str) -> Iterator[KeyedValue]:
    update = updates.public[namespace, key]
    if update.value is not None:
        yield KeyedValue(key, update.value, update.version)


# Changes ---------------------------------------------------------------------------------------------------------


def _apply(view: StateView, namespaces: tuple[NamespaceSets, ...], updates: Updates, version: Version) -> None:
    for sets in namespaces:
        name = sets.name
        values = {w.key: None if is_delete(w) else w.value for w in sets.sets.writes}
        metadata = {w.key: metadata_bytes(w) for w in sets.sets.metadata_writes}
        for key in values.keys() | metadata.keys():
            latest = updates.public.get((name, key))
            if latest is None and not (key in values and (values[key] is None or key in metadata)):
                found = view.get_state(name, key)
                latest = Update(found.value, found.metadata, found.version) if found is not None else None
            update = merge(key, values, metadata, latest, version)
            if update is not None:
                updates.put_public(name, key, update)
        for collection in sets.collections:
            _apply_hashed(view, name, collection.name, collection.sets, updates, version)


def _apply_hashed(
    view: StateView, namespace: str, collection: str, sets: Any, updates: Updates, version: Version
) -> None:
    values = {w.key_hash: None if is_hash_delete(w) else w.value_hash for w in sets.hashed_writes}
    metadata = {w.key_hash: metadata_bytes(w) for w in sets.metadata_writes}
    for key in values.keys() | metadata.keys():
        place = (namespace, collection, key)
        latest = updates.hashed.get(place)
        if latest is None:
            found = view.get_hashed(namespace, collection, key)
            latest = Update(found.value, found.metadata, found.version) if found is not None else None
        update = merge(key, values, metadata, latest, version)
        if update is not None:
            updates.hashed[place] = update
    for write in sets.hashed_writes:
        if write.is_purge:
            updates.purged[namespace, collection, write.key_hash] = version


def merge(
    key: Any,
    values: dict[Any, bytes | None],
    metadata: dict[Any, bytes | None],
    latest: Update | None,
    version: Version,
) -> Update | None:
    """A key's new state; None if metadata is set on a key that is not there."""
    if key in values:
        value = values[key]
        if value is None:
            return Update(None, None, version)
        kept = latest.metadata if latest is not None else None
        return Update(value, metadata.get(key, kept), version)
    if latest is None or latest.value is None:
        return None
    return Update(latest.value, metadata[key], version)


def metadata_bytes(write: Any) -> bytes | None:
    """The stored form of a metadata write; no entries take all metadata away."""
    return KVMetadataWrite(entries=write.entries).SerializeToString() if write.entries else None


def _apply_private(
    transaction: Transaction, updates: Updates, version: Version, metadata_only: set[tuple[str, str, str]]
) -> None:
    for (namespace, collection), write_set in transaction.private.items():
        message = KVRWSet.FromString(write_set)
        for write in message.writes:
            value = None if is_delete(write) else write.value
            updates.private[namespace, collection, write.key] = Update(value, None, version)
        for write in message.metadata_writes:
            metadata_only.add((namespace, collection, write.key))


def _renew_private_versions(view: StateView, updates: Updates, keys: set[tuple[str, str, str]]) -> None:
    """A change of metadata alone gives the hashed key a new version; the private value must follow."""
    for namespace, collection, key in keys:
        hashed = updates.hashed.get((namespace, collection, key_hash(key)))
        if hashed is None or hashed.value is None:
            continue
        latest = updates.private.get((namespace, collection, key))
        if latest is None:
            found = view.get_private(namespace, collection, key)
            latest = Update(found.value, None, found.version) if found is not None else None
        if latest is None or latest.value is None or latest.version == hashed.version:
            continue
        if sha256(latest.value).digest() == hashed.value:
            updates.private[namespace, collection, key] = Update(latest.value, None, hashed.version)
