"""Simulating one transaction on a snapshot: the rules of Fabric's transaction simulator and chaincode handler.

Sources: core/ledger/kvledger/txmgmt/txmgr (tx_simulator, query_executor), core/chaincode/handler.go and
query_response_generator.go. Error texts are Fabric's, since clients see them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from fabric_protos.ledger.rwset.kvrwset.kv_rwset_pb2 import QueryReads, RangeQueryInfo

from fabric_sdk.chaincode.ledger import VALIDATION_PARAMETER, KeyModification
from network.embedded import rwset
from network.embedded.definitions import LIFECYCLE, Definition, field_key, implicit_owner
from network.embedded.faults import Refusal
from network.embedded.merkle import RangeReads
from network.embedded.rwset import RwSetBuilder, read_entry
from network.embedded.state_view import KeyedValue, StateView

BATCH = 100
"""Results per message between peer and chaincode; the peer reads one more to know whether there are more."""
TOTAL_QUERY_LIMIT = 100_000
READ_ONLY_QUERIES = "Queries on pvt data is supported only in a read-only transaction"


class Channel(Protocol):
    """What a simulation needs to know of its channel."""

    channel_id: str

    def definition(self, view: StateView, name: str) -> Definition | None: ...

    def organizations(self) -> frozenset[str]: ...

    def has_key_policies(self, namespace: str) -> bool: ...

    def is_collection_member(self, policy: bytes, serialized_identity: bytes) -> bool: ...

    def key_history(self, view: StateView, namespace: str, key: str) -> Iterator[KeyModification]: ...

    def rich_query(self, view: StateView, namespace: str, collection: str, query: str) -> Iterator[KeyedValue]: ...

    def rich_query_page(
        self, view: StateView, namespace: str, query: str, size: int, bookmark: str
    ) -> tuple[list[KeyedValue], str]: ...


@dataclass
class Simulation:
    """One transaction on one peer: its snapshot, what it has read and written so far, and who asked.

    `peer_identity` is the simulating peer's SerializedIdentity: it decides which private data are in reach.
    """

    channel: Channel
    view: StateView
    tx_id: str
    creator: bytes
    peer_msp_id: str
    peer_identity: bytes
    rich_queries: bool = False
    """whether the peer's state database answers them: CouchDB does, LevelDB does not"""
    builder: RwSetBuilder = field(default_factory=RwSetBuilder)
    private_reads: set[tuple[str, str]] = field(default_factory=set)
    written_policies: dict[tuple[str, str], dict[str, bytes | None]] = field(default_factory=dict)
    """(namespace, collection) -> key -> its key-level policy as committed, None where it has none"""
    wrote: bool = False
    queried_private: bool = False
    paged: bool = False
    _ranges: list[RangeScan] = field(default_factory=list)
    _checked_collections: set[tuple[str, str]] = field(default_factory=set)
    _permissions: dict[tuple[str, str], tuple[bool, bool]] = field(default_factory=dict)
    _holds: dict[tuple[str, str], bool] = field(default_factory=dict)

    # Public state

    def get_state(self, namespace: str, key: str) -> bytes | None:
        found = self.view.get_state(namespace, key)
        reads = self.builder.namespace(namespace).reads
        if found is None:
            reads[key] = None
            return None
        reads[key] = found.version
        return found.value

    def get_metadata(self, namespace: str, key: str) -> dict[str, bytes]:
        found = self.view.get_state(namespace, key)
        self.builder.namespace(namespace).reads[key] = None if found is None else found.version
        return {} if found is None else rwset.decode_metadata(found.metadata)

    def put_state(self, namespace: str, key: str, value: bytes | None) -> None:
        self._check_write()
        self.builder.namespace(namespace).writes[key] = value
        self._note_policy(namespace, "", key)

    def put_metadata(self, namespace: str, key: str, metadata: Mapping[str, bytes]) -> None:
        self._check_write()
        self.builder.namespace(namespace).metadata[key] = metadata
        self._note_policy(namespace, "", key)

    def range(self, namespace: str, start: str, end: str) -> RangeScan:
        scan = RangeScan(self, namespace, start, end, 0)
        self._ranges.append(scan)
        return scan

    def range_page(self, namespace: str, start: str, end: str, size: int) -> RangeScan:
        self._check_paging()
        scan = RangeScan(self, namespace, start, end, size)
        self._ranges.append(scan)
        return scan

    def rich_query(self, namespace: str, query: str) -> Iterator[KeyedValue]:
        self._require_rich_queries("ExecuteQuery")
        return self._rich_query(namespace, query)

    def _rich_query(self, namespace: str, query: str) -> Iterator[KeyedValue]:
        for item in self.channel.rich_query(self.view, namespace, "", query):
            self.builder.namespace(namespace).reads[item.key] = item.version
            yield item

    def rich_query_page(self, namespace: str, query: str, size: int, bookmark: str) -> tuple[list[KeyedValue], str]:
        self._check_paging()
        self._require_rich_queries("ExecuteQueryWithMetadata")
        items, following = self.channel.rich_query_page(self.view, namespace, query, size, bookmark)
        reads = self.builder.namespace(namespace).reads
        for item in items:
            reads[item.key] = item.version
        return items, following

    def history(self, namespace: str, key: str) -> Iterator[KeyModification]:
        return self.channel.key_history(self.view, namespace, key)

    # Private state

    def get_private(self, namespace: str, collection: str, key: str) -> bytes | None:
        self.check_collection(namespace, collection)
        held = self.view.get_private(namespace, collection, key) if self._is_held(namespace, collection) else None
        hashed = self.view.get_hashed(namespace, collection, rwset.key_hash(key))
        known = None if hashed is None else hashed.version
        version = None if held is None else held.version
        if known != version:
            raise Refusal(
                "private data matching public hash version is not available. "
                f"Public hash version = {known or '<nil>'}, Private data version = {version or '<nil>'}"
            )
        self.builder.collection(namespace, collection).reads[key] = version
        self.private_reads.add((namespace, collection))
        return None if held is None else held.value

    def get_private_hash(self, namespace: str, collection: str, key: str) -> bytes | None:
        self.check_collection(namespace, collection)
        hashed = self.view.get_hashed(namespace, collection, rwset.key_hash(key))
        self.builder.collection(namespace, collection).reads[key] = None if hashed is None else hashed.version
        return None if hashed is None else hashed.value

    def get_private_metadata(self, namespace: str, collection: str, key: str) -> dict[str, bytes]:
        self.check_collection(namespace, collection)
        hashed = self.view.get_hashed(namespace, collection, rwset.key_hash(key))
        self.builder.collection(namespace, collection).reads[key] = None if hashed is None else hashed.version
        return {} if hashed is None else rwset.decode_metadata(hashed.metadata)

    def put_private(self, namespace: str, collection: str, key: str, value: bytes | None, purge: bool = False) -> None:
        self.check_collection(namespace, collection)
        self._check_write()
        self.builder.collection(namespace, collection).writes[key] = (value, purge)
        self._note_policy(namespace, collection, key)

    def put_private_metadata(self, namespace: str, collection: str, key: str, metadata: Mapping[str, bytes]) -> None:
        self.check_collection(namespace, collection)
        self._check_write()
        self.builder.collection(namespace, collection).metadata[key] = metadata
        self._note_policy(namespace, collection, key)

    def private_range(self, namespace: str, collection: str, start: str, end: str) -> Iterator[KeyedValue]:
        self._check_private_query()
        self.check_collection(namespace, collection)
        if not self._is_held(namespace, collection):
            return iter(())
        return self.view.private_range(namespace, collection, start, end)

    def private_rich_query(self, namespace: str, collection: str, query: str) -> Iterator[KeyedValue]:
        self._check_private_query()
        self.check_collection(namespace, collection)
        self._require_rich_queries("ExecuteQuery")
        if not self._is_held(namespace, collection):
            return iter(())
        return self.channel.rich_query(self.view, namespace, collection, query)

    # Who may

    def read_sequence(self, definition: Definition) -> None:
        """Note the read by which Fabric ties a transaction to the definition's sequence."""
        key = field_key("namespaces", definition.name, "Sequence")
        self.builder.namespace(LIFECYCLE).reads[key] = definition.sequence_version

    def check_collection(self, namespace: str, collection: str) -> None:
        """Refuse collections that the committed definition does not know."""
        if (namespace, collection) in self._checked_collections:
            return
        definition = self._read_definition(namespace)
        if definition is None:
            raise Refusal(
                f"collection config not defined for chaincode [{namespace}], pass the collection configuration upon"
                " chaincode definition/instantiation"
            )
        owner = implicit_owner(collection)
        known = owner in self.channel.organizations() if owner is not None else collection in definition.explicit
        if not known:
            raise Refusal(f"collection [{collection}] not defined in the collection config for chaincode [{namespace}]")
        self._checked_collections.add((namespace, collection))

    def check_creator(self, namespace: str, collection: str, action: str) -> None:
        """memberOnlyRead and memberOnlyWrite: whether the client's organisation may; `action` is read or write."""
        permissions = self._permissions.get((namespace, collection))
        if permissions is None:
            permissions = self._permissions[namespace, collection] = self._permissions_of(namespace, collection)
        if not permissions[action == "write"]:
            raise Refusal(
                f"tx creator does not have {action} access permission on privatedata in chaincodeName:{namespace} "
                f"collectionName: {collection}"
            )

    def _permissions_of(self, namespace: str, collection: str) -> tuple[bool, bool]:
        definition = self._read_definition(namespace)
        config = None if definition is None else definition.collection(collection)
        if config is None:
            raise Refusal(f"collection {self.channel.channel_id}/{namespace}/{collection} could not be found")
        if not config.member_only_read and not config.member_only_write:
            return True, True
        policy = config.member_orgs_policy.signature_policy.SerializeToString()
        if self.channel.is_collection_member(policy, self.creator):
            return True, True
        return not config.member_only_read, not config.member_only_write

    def _is_held(self, namespace: str, collection: str) -> bool:
        """Whether this peer's organisation is a member of the collection and so holds its data."""
        known = self._holds.get((namespace, collection))
        if known is None:
            definition = self.channel.definition(self.view, namespace)
            config = None if definition is None else definition.collection(collection)
            known = config is not None and self.channel.is_collection_member(
                config.member_orgs_policy.signature_policy.SerializeToString(), self.peer_identity
            )
            self._holds[namespace, collection] = known
        return known

    def _read_definition(self, namespace: str) -> Definition | None:
        definition = self.channel.definition(self.view, namespace)
        if definition is not None and definition.reads:
            self.builder.namespace(LIFECYCLE).reads.update(definition.reads)
        return definition

    # Results

    def close_ranges(self) -> None:
        """Put what range queries saw into the read set; nothing may be read afterwards."""
        for scan in self._ranges:
            self.builder.add_range(scan.namespace, scan.close())
        self._ranges.clear()

    def _check_write(self) -> None:
        if self.queried_private:
            raise Refusal(
                f"txid [{self.tx_id}]: unsuppored transaction. Transaction has already performed queries on pvt data."
                " Writes are not allowed"
            )
        if self.paged:
            raise Refusal(
                f"txid [{self.tx_id}]: unsuppored transaction. Transaction has already performed a paginated query."
                " Writes are not allowed"
            )
        self.wrote = True

    def _check_private_query(self) -> None:
        if self.wrote:
            raise Refusal(f"txid [{self.tx_id}]: unsuppored transaction. {READ_ONLY_QUERIES}")
        self.queried_private = True

    def _check_paging(self) -> None:
        if self.wrote:
            raise Refusal(
                f"txid [{self.tx_id}]: unsuppored transaction. Paginated queries are supported only in a read-only"
                " transaction"
            )
        self.paged = True

    def _require_rich_queries(self, operation: str) -> None:
        """Refuse as LevelDB does (core/ledger/kvledger/txmgmt/statedb/stateleveldb)."""
        if not self.rich_queries:
            raise Refusal(f"{operation} not supported for leveldb")

    def _note_policy(self, namespace: str, collection: str, key: str) -> None:
        """Note a written key's own policy as committed; few namespaces have any."""
        metadata = None
        if self.channel.has_key_policies(namespace):
            if collection:
                hashed = self.view.get_hashed(namespace, collection, rwset.key_hash(key))
                metadata = None if hashed is None else hashed.metadata
            else:
                metadata = self.view.get_metadata(namespace, key)
        policy = rwset.decode_metadata(metadata).get(VALIDATION_PARAMETER) if metadata is not None else None
        self.written_policies.setdefault((namespace, collection), {})[key] = policy


class RangeScan:
    """An iterator over a key range that remembers what it showed, for the phantom check at commit."""

    def __init__(self, simulation: Simulation, namespace: str, start: str, end: str, limit: int) -> None:
        self.namespace = namespace
        self._items = simulation.view.range(namespace, start, end)
        self._end = end
        self._limit = limit
        self._returned = 0
        self._info = RangeQueryInfo(start_key=start)
        self._reads = RangeReads()

    def __iter__(self) -> RangeScan:
        return self

    def __next__(self) -> KeyedValue:
        item = None
        if not self._limit or self._returned < self._limit:
            item = next(self._items, None)
        if item is None:
            self._info.itr_exhausted = True
            self._info.end_key = self._end
            raise StopIteration
        self._returned += 1
        self._reads.add(read_entry(item.key, item.version))
        self._info.end_key = item.key
        return item

    def bookmark(self) -> str:
        """The key at which the next page begins, "" if there is none."""
        item = next(self._items, None)
        return "" if item is None else item.key

    def close(self) -> RangeQueryInfo:
        reads, summary = self._reads.finish()
        if summary is not None:
            self._info.reads_merkle_hashes.CopyFrom(summary)
        elif reads:
            self._info.raw_reads.CopyFrom(QueryReads(kv_reads=reads))
        return self._info


T = TypeVar("T")


class Batches(Generic[T]):
    """Hands out results as Fabric's peer does: 100 at a time, having read one more to see whether there are more."""

    def __init__(self, items: Iterator[T], on_end: Callable[[], None] | None = None) -> None:
        self._items = items
        self._pending: list[T] = []
        self._total = 0
        self._on_end = on_end

    def next_batch(self) -> tuple[list[T], bool]:
        """Return the next results and whether more follow."""
        pending = self._pending
        while self._total < TOTAL_QUERY_LIMIT:
            try:
                item = next(self._items)
            except StopIteration:
                break
            self._total += 1
            if len(pending) == BATCH:
                self._pending = [item]
                return pending, True
            pending.append(item)
        self._pending = []
        return pending, False

    def __iter__(self) -> Iterator[T]:
        more = True
        while more:
            batch, more = self.next_batch()
            yield from batch
