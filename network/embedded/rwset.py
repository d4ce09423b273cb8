"""Read and write sets as a simulation collects them, in the byte form that Fabric's peers produce.

Everything is sorted by key (Go's byte order of UTF-8), range queries stay in the order in which they were made.
Source: ledger/rwset/rwset.proto and core/ledger/kvledger/txmgmt/rwsetutil.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from fabric_protos.ledger.rwset.kvrwset import kv_rwset_pb2 as kv
from fabric_protos.ledger.rwset.rwset_pb2 import TxReadWriteSet

from network.embedded.versions import Version


def utf8(key: str) -> bytes:
    """Sort key: Fabric orders strings by their UTF-8 bytes (which equals Python's order by code points)."""
    return key.encode()


def key_hash(key: str) -> bytes:
    return sha256(key.encode()).digest()


def decode_metadata(stored: bytes | None) -> dict[str, bytes]:
    if stored is None:
        return {}
    return {entry.name: entry.value for entry in kv.KVMetadataWrite.FromString(stored).entries}


def _entries(metadata: Mapping[str, bytes]) -> list[kv.KVMetadataEntry]:
    return [kv.KVMetadataEntry(name=name, value=metadata[name]) for name in sorted(metadata)]


@dataclass(slots=True)
class PublicSets:
    """What one namespace read and wrote in the open."""

    reads: dict[str, Version | None] = field(default_factory=dict)
    writes: dict[str, bytes | None] = field(default_factory=dict)
    """None deletes"""
    metadata: dict[str, Mapping[str, bytes]] = field(default_factory=dict)
    ranges: list[kv.RangeQueryInfo] = field(default_factory=list)
    collections: dict[str, HashedSets] = field(default_factory=dict)


@dataclass(slots=True)
class HashedSets:
    """What one collection shows to everybody, by key in the clear (hashed when it is built)."""

    reads: dict[str, Version | None] = field(default_factory=dict)
    writes: dict[str, tuple[bytes | None, bool]] = field(default_factory=dict)
    """key -> (value or None, purge)"""
    metadata: dict[str, Mapping[str, bytes]] = field(default_factory=dict)


class RwSetBuilder:
    """Collects one transaction's reads and writes over all the namespaces that it touches."""

    def __init__(self) -> None:
        self.namespaces: dict[str, PublicSets] = {}

    def namespace(self, name: str) -> PublicSets:
        sets = self.namespaces.get(name)
        if sets is None:
            sets = self.namespaces[name] = PublicSets()
        return sets

    def collection(self, namespace: str, name: str) -> HashedSets:
        return self.namespace(namespace).collections.setdefault(name, HashedSets())

    def add_range(self, namespace: str, info: kv.RangeQueryInfo) -> None:
        """Add a range query unless one with the same bounds and end is there."""
        ranges = self.namespace(namespace).ranges
        if not any(
            (r.start_key, r.end_key, r.itr_exhausted) == (info.start_key, info.end_key, info.itr_exhausted)
            for r in ranges
        ):
            ranges.append(info)

    def private_write_sets(self) -> dict[tuple[str, str], bytes]:
        """(namespace, collection) -> serialised KVRWSet with the values in the clear."""
        found: dict[tuple[str, str], bytes] = {}
        for namespace in sorted(self.namespaces):
            for name, sets in sorted(self.namespaces[namespace].collections.items()):
                if not sets.writes and not sets.metadata:
                    continue
                message = kv.KVRWSet(
                    writes=[_write(key, sets.writes[key][0]) for key in sorted(sets.writes)],
                    metadata_writes=[kv.KVMetadataWrite(key=key) for key in sorted(sets.metadata)],
                )
                found[namespace, name] = message.SerializeToString()
        return found

    def public(self, private: Mapping[tuple[str, str], bytes]) -> bytes:
        """The serialised TxReadWriteSet that peers sign; `private` as from `private_write_sets`."""
        result = TxReadWriteSet(data_model=TxReadWriteSet.KV)
        for name in sorted(self.namespaces):
            sets = self.namespaces[name]
            entry = result.ns_rwset.add()
            entry.namespace = name
            entry.rwset = kv.KVRWSet(
                reads=[_read(key, sets.reads[key]) for key in sorted(sets.reads)],
                range_queries_info=sets.ranges,
                writes=[_write(key, sets.writes[key]) for key in sorted(sets.writes)],
                metadata_writes=[
                    kv.KVMetadataWrite(key=key, entries=_entries(sets.metadata[key])) for key in sorted(sets.metadata)
                ],
            ).SerializeToString()
            for collection, hashed in sorted(sets.collections.items()):
                part = entry.collection_hashed_rwset.add()
                part.collection_name = collection
                part.hashed_rwset = _hashed(hashed).SerializeToString()
                write_set = private.get((name, collection))
                if write_set is not None:
                    part.pvt_rwset_hash = sha256(write_set).digest()
        data: bytes = result.SerializeToString()
        return data


def read_entry(key: str, version: Version | None) -> kv.KVRead:
    return _read(key, version)


def _read(key: str, version: Version | None) -> kv.KVRead:
    return kv.KVRead(key=key) if version is None else kv.KVRead(key=key, version=version.wire())


def _write(key: str, value: bytes | None) -> kv.KVWrite:
    # Fabric takes an empty value for a deletion (rwsetutil.newKVWrite).
    return kv.KVWrite(key=key, value=value) if value else kv.KVWrite(key=key, is_delete=True)


def _hashed(sets: HashedSets) -> kv.HashedRWSet:
    message = kv.HashedRWSet()
    for key in sorted(sets.reads):
        version = sets.reads[key]
        read = message.hashed_reads.add(key_hash=key_hash(key))
        if version is not None:
            read.version.CopyFrom(version.wire())
    for key in sorted(sets.writes):
        value, purge = sets.writes[key]
        write = message.hashed_writes.add(key_hash=key_hash(key), is_purge=purge)
        if value:
            write.value_hash = sha256(value).digest()
        else:
            write.is_delete = True
    for key in sorted(sets.metadata):
        message.metadata_writes.add(key_hash=key_hash(key), entries=_entries(sets.metadata[key]))
    return message
