"""What the stored state must be, recomputed from the blocks alone."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from fabric_protos.common.common_pb2 import HeaderType
from fabric_protos.peer.collection_pb2 import CollectionConfigPackage
from fabric_protos.peer.lifecycle.db_pb2 import StateData

from network.embedded.block_format import TRANSACTIONS_FILTER
from network.embedded.definitions import LIFECYCLE
from network.embedded.mvcc import Update, Updates, merge, metadata_bytes
from network.embedded.state_view import transaction_key
from network.embedded.transactions import VALID, NamespaceSets, is_delete, is_hash_delete, parse_bytes
from network.embedded.versions import Version

_COLLECTIONS_FIELD = "/Collections"
_FIELDS_PREFIX = "namespaces/fields/"


@dataclass(frozen=True, slots=True)
class WriteSet:
    """A private write set as the block knows it: its hash, value hashes by key hash (b"" for deletions), metadata.

    `removed` are key hashes that purges have taken out since; `expired` says that nothing of it must be kept.
    """

    digest: bytes
    writes: dict[bytes, bytes]
    metadata: frozenset[bytes]
    removed: frozenset[bytes] = frozenset()
    expired: bool = False

    @property
    def pruned(self) -> bool:
        return self.expired or bool(self.removed)


@dataclass(slots=True)
class Expected:
    """What every table must hold."""

    public: dict[tuple[str, str], Update] = field(default_factory=dict)
    hashed: dict[tuple[str, str, bytes], Update] = field(default_factory=dict)
    transactions: dict[bytes | str, tuple[int, int, int]] = field(default_factory=dict)
    history: set[tuple[str, str, int, int]] = field(default_factory=set)
    write_sets: dict[tuple[int, int, str, str], WriteSet] = field(default_factory=dict)
    last_config: int = 0


class Replay:
    """Applies blocks in order, as they were committed (their validation codes are taken as they are)."""

    def __init__(self) -> None:
        self._expected = Expected()
        self._ids: dict[Version, str] = {}
        self._expiry: dict[int, list[tuple[int, str, str, bytes]]] = {}
        self._lifetimes: dict[tuple[str, str], int] = {}
        self._purges: list[tuple[Version, str, str, set[bytes]]] = []

    def result(self) -> Expected:
        return self._expected

    def transaction_id(self, version: Version) -> str:
        """The id of the transaction at a height, "" if there is none."""
        return self._ids.get(version, "")

    def add(self, block: Any) -> Updates:
        """Apply one block; return its state changes as its commit hash covers them."""
        number = block.header.number
        codes = block.metadata.metadata[TRANSACTIONS_FILTER]
        updates = Updates()
        for position, envelope in enumerate(block.data.data):
            transaction = parse_bytes(envelope)
            code = codes[position]
            if transaction.tx_id:
                entry = (number, position, code)
                self._expected.transactions.setdefault(transaction_key(transaction.tx_id), entry)
                self._ids[Version(number, position)] = transaction.tx_id
            if code != VALID:
                continue
            if transaction.view is not None and transaction.view.header.type == HeaderType.CONFIG:
                self._expected.last_config = number
            for sets in transaction.namespaces:
                self._apply(sets, Version(number, position), updates)
        self._purge()
        self._expire(number, updates)
        self._keep(updates)
        return updates

    def _apply(self, sets: NamespaceSets, version: Version, updates: Updates) -> None:
        name = sets.name
        values = {w.key: None if is_delete(w) else w.value for w in sets.sets.writes}
        metadata = {w.key: metadata_bytes(w) for w in sets.sets.metadata_writes}
        for key in values.keys() | metadata.keys():
            latest = updates.public.get((name, key)) or self._expected.public.get((name, key))
            update = merge(key, values, metadata, latest, version)
            if update is not None:
                updates.public[name, key] = update
        for key in values:
            self._expected.history.add((name, key, version.block, version.tx))
        for collection in sets.collections:
            self._apply_hashed(name, collection, version, updates)

    def _apply_hashed(self, namespace: str, collection: Any, version: Version, updates: Updates) -> None:
        values = {w.key_hash: None if is_hash_delete(w) else w.value_hash for w in collection.sets.hashed_writes}
        metadata = {w.key_hash: metadata_bytes(w) for w in collection.sets.metadata_writes}
        for key in values.keys() | metadata.keys():
            place = (namespace, collection.name, key)
            latest = updates.hashed.get(place) or self._expected.hashed.get(place)
            update = merge(key, values, metadata, latest, version)
            if update is not None:
                updates.hashed[place] = update
        if collection.private_hash:
            writes = {k: v or b"" for k, v in values.items()}
            place_of = (version.block, version.tx, namespace, collection.name)
            self._expected.write_sets[place_of] = WriteSet(collection.private_hash, writes, frozenset(metadata))
        purged = {w.key_hash for w in collection.sets.hashed_writes if w.is_purge}
        if purged:
            self._purges.append((version, namespace, collection.name, purged))

    def _expire(self, number: int, updates: Updates) -> None:
        for block, namespace, collection, digest in self._expiry.pop(number, ()):
            place = (namespace, collection, digest)
            current = self._expected.hashed.get(place)
            if current is not None and current.version.block == block and place not in updates.hashed:
                del self._expected.hashed[place]
            for key, write_set in self._expected.write_sets.items():
                if (key[0], *key[2:]) == (block, namespace, collection):
                    self._expected.write_sets[key] = replace(write_set, expired=True)

    def _purge(self) -> None:
        """A purge reaches back to every private write set of its collection."""
        for version, namespace, collection, digests in self._purges:
            for key, write_set in self._expected.write_sets.items():
                if key[2:] == (namespace, collection) and key[:2] < version:
                    found = digests & (write_set.writes.keys() | write_set.metadata)
                    if found:
                        self._expected.write_sets[key] = replace(write_set, removed=write_set.removed | found)
        self._purges.clear()

    def _keep(self, updates: Updates) -> None:
        for place, update in updates.public.items():
            if update.value is None:
                self._expected.public.pop(place, None)
            else:
                self._expected.public[place] = update
        for place_of, update in updates.hashed.items():
            if update.value is None:
                self._expected.hashed.pop(place_of, None)
                continue
            self._expected.hashed[place_of] = update
            lifetime = self._lifetimes.get(place_of[:2], 0)
            if lifetime:
                end = update.version.block + lifetime + 1
                self._expiry.setdefault(end, []).append((update.version.block, *place_of))
        self._learn_lifetimes(updates)

    def _learn_lifetimes(self, updates: Updates) -> None:
        for (namespace, key), update in updates.public.items():
            if namespace == LIFECYCLE and key.startswith(_FIELDS_PREFIX) and key.endswith(_COLLECTIONS_FIELD):
                chaincode = key[len(_FIELDS_PREFIX) : -len(_COLLECTIONS_FIELD)]
                package = CollectionConfigPackage.FromString(StateData.FromString(update.value or b"").Bytes)
                for entry in package.config:
                    config = entry.static_collection_config
                    self._lifetimes[chaincode, config.name] = config.block_to_live
