"""Read-write sets: what a simulated transaction read and wants to write, public and (as hashes) private."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fabric_protos.ledger.rwset.kvrwset.kv_rwset_pb2 import HashedRWSet, KVRWSet
from fabric_protos.ledger.rwset.rwset_pb2 import TxPvtReadWriteSet, TxReadWriteSet

from fabric_sdk.errors import DecodeError
from fabric_sdk.wire import decode


@dataclass(frozen=True, slots=True)
class Version:
    """Where a key's value was written: block number and place in the block."""

    block: int
    transaction: int


@dataclass(frozen=True, slots=True)
class Read:
    """A read key and the version that was found; None if the key did not exist."""

    key: str
    version: Version | None


@dataclass(frozen=True, slots=True)
class Write:
    key: str
    value: bytes = field(repr=False)
    is_delete: bool


@dataclass(frozen=True, slots=True)
class MetadataWrite:
    """New metadata of a key, such as `VALIDATION_PARAMETER` (its own endorsement policy); no entries: removed."""

    key: str
    entries: Mapping[str, bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class RangeQuery:
    """A range that was read: its keys (`reads`), or for long ones a Merkle summary of them."""

    start_key: str
    end_key: str
    exhausted: bool
    reads: tuple[Read, ...]
    merkle_degree: int
    merkle_level: int
    merkle_hashes: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class HashedRead:
    key_hash: bytes
    version: Version | None


@dataclass(frozen=True, slots=True)
class HashedWrite:
    key_hash: bytes
    value_hash: bytes
    is_delete: bool
    is_purge: bool


@dataclass(frozen=True, slots=True)
class HashedMetadataWrite:
    key_hash: bytes
    entries: Mapping[str, bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class CollectionHashes:
    """A private collection as the ledger shows it to everybody: SHA-256 of keys and values."""

    name: str
    reads: tuple[HashedRead, ...]
    writes: tuple[HashedWrite, ...]
    metadata_writes: tuple[HashedMetadataWrite, ...]
    private_hash: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class NamespaceRwSet:
    """One chaincode's part."""

    name: str
    reads: tuple[Read, ...]
    writes: tuple[Write, ...]
    range_queries: tuple[RangeQuery, ...]
    metadata_writes: tuple[MetadataWrite, ...]
    collections: tuple[CollectionHashes, ...]


@dataclass(frozen=True, slots=True)
class ReadWriteSet:
    namespaces: tuple[NamespaceRwSet, ...]

    def namespace(self, name: str) -> NamespaceRwSet | None:
        return next((n for n in self.namespaces if n.name == name), None)


@dataclass(frozen=True, slots=True)
class PrivateWrites:
    """The clear text that one collection's members received with a transaction."""

    namespace: str
    collection: str
    writes: tuple[Write, ...]


def decode_rwset(results: bytes) -> ReadWriteSet:
    """Parse `TxReadWriteSet` bytes; DecodeError if they are not."""
    outer = decode(TxReadWriteSet, results, "read-write set")
    if outer.data_model != TxReadWriteSet.KV:
        raise DecodeError(f"unknown data model {outer.data_model} of a read-write set")
    return ReadWriteSet(tuple(_namespace(part) for part in outer.ns_rwset))


def decode_private_rwset(data: bytes | TxPvtReadWriteSet) -> tuple[PrivateWrites, ...]:
    """Parse the private part of a transaction (`TxPvtReadWriteSet`); DecodeError if it is not one."""
    outer = decode(TxPvtReadWriteSet, data, "private read-write set") if isinstance(data, bytes) else data
    found = []
    for namespace in outer.ns_pvt_rwset:
        for collection in namespace.collection_pvt_rwset:
            inner = decode(KVRWSet, collection.rwset, "private read-write set")
            writes = tuple(Write(w.key, w.value, w.is_delete) for w in inner.writes)
            found.append(PrivateWrites(namespace.namespace, collection.collection_name, writes))
    return tuple(found)


def _namespace(part: Any) -> NamespaceRwSet:
    inner = decode(KVRWSet, part.rwset, "key-value read-write set")
    return NamespaceRwSet(
        part.namespace,
        tuple(_read(r) for r in inner.reads),
        tuple(Write(w.key, w.value, w.is_delete) for w in inner.writes),
        tuple(_range_query(q) for q in inner.range_queries_info),
        tuple(MetadataWrite(m.key, {e.name: e.value for e in m.entries}) for m in inner.metadata_writes),
        tuple(_collection(c) for c in part.collection_hashed_rwset),
    )


def _read(read: Any) -> Read:
    return Read(read.key, _version(read))


def _version(read: Any) -> Version | None:
    if not read.HasField("version"):
        return None
    return Version(read.version.block_num, read.version.tx_num)


def _range_query(query: Any) -> RangeQuery:
    summary = query.reads_merkle_hashes
    return RangeQuery(
        query.start_key,
        query.end_key,
        query.itr_exhausted,
        tuple(_read(r) for r in query.raw_reads.kv_reads),
        summary.max_degree,
        summary.max_level,
        tuple(summary.max_level_hashes),
    )


def _collection(part: Any) -> CollectionHashes:
    inner = decode(HashedRWSet, part.hashed_rwset, "hashed read-write set")
    return CollectionHashes(
        part.collection_name,
        tuple(HashedRead(r.key_hash, _version(r)) for r in inner.hashed_reads),
        tuple(HashedWrite(w.key_hash, w.value_hash, w.is_delete, w.is_purge) for w in inner.hashed_writes),
        tuple(HashedMetadataWrite(m.key_hash, {e.name: e.value for e in m.entries}) for m in inner.metadata_writes),
        part.pvt_rwset_hash,
    )
