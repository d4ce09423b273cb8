"""A ledger in memory with Fabric's semantics, for tests of contracts.

It keeps what contracts get wrong: reads do not see the transaction's own writes, commits check versions and phantoms,
paginated and private range queries exclude writes, private values are seen by members only, key-level policies stay
with their key, purge erases. It has no signatures, no endorsement policies and, like LevelDB, no rich queries.
"""

from __future__ import annotations

import bisect
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fabric_sdk.chaincode.client_identity import ClientIdentity
from fabric_sdk.chaincode.errors import PeerError
from fabric_sdk.chaincode.ledger import (
    ERROR,
    Chaincode,
    Invocation,
    KeyModification,
    KeyValue,
    Page,
    QueryMetadata,
    Response,
    Results,
)

Version = tuple[int, int]
Place = tuple[str, str, str]
"""Namespace (chaincode), collection ("" for the public state), key."""

VALID = "VALID"
MVCC_READ_CONFLICT = "MVCC_READ_CONFLICT"
PHANTOM_READ_CONFLICT = "PHANTOM_READ_CONFLICT"


@dataclass(frozen=True, slots=True)
class Collection:
    """A private data collection; `members` are MSP ids."""

    name: str
    members: frozenset[str]
    member_only_read: bool = False
    member_only_write: bool = False
    block_to_live: int = 0

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Collection:
        """Read one entry of a Fabric collections file; the members are the MSP ids its policy names."""
        return cls(
            name=config["name"],
            members=frozenset(re.findall(r"'([^'.]+)\.\w+'", config["policy"])),
            member_only_read=bool(config.get("memberOnlyRead", False)),
            member_only_write=bool(config.get("memberOnlyWrite", False)),
            block_to_live=int(config.get("blockToLive", 0)),
        )


@dataclass(slots=True)
class Entry:
    """A committed value with its version and metadata."""

    value: bytes
    version: Version
    metadata: dict[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RangeRead:
    """A range query as it must still read at commit."""

    namespace: str
    collection: str
    start: str
    end: str
    found: tuple[tuple[str, Version], ...]


class MemoryLedger:
    """Committed state of one channel: values, hashes, history, blocks (one transaction each)."""

    def __init__(self, channel_id: str = "testchannel") -> None:
        self.channel_id = channel_id
        self.height = 0
        self.channels: dict[str, MemoryLedger] = {channel_id: self}
        self._chaincodes: dict[str, Chaincode] = {}
        self._collections: dict[str, dict[str, Collection]] = {}
        self._entries: dict[tuple[str, str], dict[str, Entry]] = {}
        self._order: dict[tuple[str, str], list[str]] = {}
        self._history: dict[tuple[str, str], list[KeyModification]] = {}

    def deploy(self, name: str, chaincode: Chaincode, collections: Iterable[Collection] = ()) -> None:
        """Make a chaincode callable under `name` with its private collections."""
        self._chaincodes[name] = chaincode
        self._collections[name] = {c.name: c for c in collections}

    def simulate(self, chaincode: str, invocation: Invocation) -> Simulation:
        """Begin a transaction of `chaincode` on the state as it is now."""
        return Simulation(self, chaincode, invocation)

    def call(self, name: str, invocation: Invocation, ledger: Simulation) -> Response:
        """Run a deployed chaincode on a simulation."""
        if name not in self._chaincodes:
            return Response(ERROR, f"execute failed: make sure the chaincode {name} has been successfully defined")
        return self._chaincodes[name].invoke(invocation, ledger)

    def commit(self, simulation: Simulation) -> str:
        """Append a block with this transaction; return its validation code and apply it if that is VALID."""
        tx = simulation.transaction
        code = self._validate(tx)
        block = self.height
        self.height += 1
        if code == VALID:
            self._apply(tx, (block, 0))
        self._expire(block)
        return code

    def entry(self, place: Place) -> Entry | None:
        """Return what is committed at `place`."""
        return self._entries.get(place[:2], {}).get(place[2])

    def state(self, chaincode: str, collection: str = "") -> dict[str, bytes]:
        """Return all committed keys and values of a chaincode, in key order (for assertions)."""
        entries = self._entries.get((chaincode, collection), {})
        return {k: entries[k].value for k in sorted(entries)}

    def history(self, chaincode: str, key: str) -> list[KeyModification]:
        return list(reversed(self._history.get((chaincode, key), [])))

    def collection(self, chaincode: str, name: str) -> Collection:
        """Return a collection's definition; PeerError if the chaincode has none of this name."""
        found = self._collections.get(chaincode, {}).get(name)
        if found is None:
            raise PeerError(f"collection {self.channel_id}/{chaincode}/{name} could not be found")
        return found

    def range(self, chaincode: str, collection: str, start: str, end: str) -> list[tuple[str, Entry]]:
        """Return committed entries from `start` (included) to `end` (excluded, "" for no end)."""
        space = (chaincode, collection)
        entries = self._entries.get(space, {})
        order = self._order.get(space)
        if order is None:
            order = self._order[space] = sorted(entries)
        first = bisect.bisect_left(order, start)
        last = bisect.bisect_left(order, end) if end else len(order)
        return [(k, entries[k]) for k in order[first:last]]

    def _validate(self, tx: Transaction) -> str:
        for place, version in tx.reads.items():
            entry = self.entry(place)
            if (entry.version if entry else None) != version:
                return MVCC_READ_CONFLICT
        for read in tx.ranges:
            now = self.range(read.namespace, read.collection, read.start, read.end)
            if tuple((k, e.version) for k, e in now) != read.found:
                return PHANTOM_READ_CONFLICT
        return VALID

    def _apply(self, tx: Transaction, version: Version) -> None:
        for place, value in tx.writes.items():
            namespace, collection, key = place
            space = self._entries.setdefault((namespace, collection), {})
            self._order.pop((namespace, collection), None)
            if value is None:
                space.pop(key, None)
            else:
                before = space.get(key)
                space[key] = Entry(value, version, dict(before.metadata) if before else {})
            if not collection:
                change = KeyModification(tx.tx_id, value or b"", tx.timestamp, value is None)
                self._history.setdefault((namespace, key), []).append(change)
        for place, metadata in tx.metadata.items():
            entry = self.entry(place)
            if entry is not None:
                entry.metadata, entry.version = dict(metadata), version

    def _expire(self, block: int) -> None:
        for chaincode, collections in self._collections.items():
            for collection in collections.values():
                if not collection.block_to_live:
                    continue
                space = self._entries.get((chaincode, collection.name), {})
                old = [k for k, e in space.items() if e.version[0] + collection.block_to_live + 1 <= block]
                for key in old:
                    del space[key]
                    self._order.pop((chaincode, collection.name), None)


class Transaction:
    """Read and write sets that the chaincodes of one transaction share."""

    def __init__(self, invocation: Invocation) -> None:
        self.tx_id = invocation.tx_id
        self.timestamp = invocation.timestamp
        self.reads: dict[Place, Version | None] = {}
        self.ranges: list[RangeRead] = []
        self.writes: dict[Place, bytes | None] = {}
        self.metadata: dict[Place, dict[str, bytes]] = {}
        self.writes_performed = False
        self.writes_forbidden = ""

    def results(self) -> tuple[Any, ...]:
        """What endorsing peers must agree upon (private values as hashes)."""
        hashed = {p: _hash(v) if p[1] and v is not None else v for p, v in self.writes.items()}
        return (sorted(self.reads.items()), self.ranges, sorted(hashed.items(), key=lambda i: i[0]), self.metadata)


class Simulation:
    """The `LedgerPort` of one transaction on a `MemoryLedger`."""

    def __init__(
        self, ledger: MemoryLedger, chaincode: str, invocation: Invocation, transaction: Transaction | None = None
    ) -> None:
        self._ledger = ledger
        self._chaincode = chaincode
        self._invocation = invocation
        self.transaction = transaction or Transaction(invocation)

    def get_state(self, collection: str, key: str) -> bytes:
        self._check_access("GET_STATE", collection, write=False)
        entry = self._read(collection, key)
        if entry is None:
            return b""
        self._check_member("GET_STATE", collection, entry)
        return entry.value

    def get_states(self, collection: str, keys: Sequence[str]) -> list[bytes]:
        return [self.get_state(collection, key) for key in keys]

    def put_state(self, collection: str, key: str, value: bytes) -> None:
        self._check_write("PUT_STATE", collection)
        self.transaction.writes[self._place(collection, key)] = value or None

    def del_state(self, collection: str, key: str) -> None:
        self._check_write("DEL_STATE", collection)
        self.transaction.writes[self._place(collection, key)] = None

    def purge_private_data(self, collection: str, key: str) -> None:
        self._check_write("PURGE_PRIVATE_DATA", collection)
        self.transaction.writes[self._place(collection, key)] = None

    def get_private_data_hash(self, collection: str, key: str) -> bytes:
        self._ledger.collection(self._chaincode, collection)
        entry = self._read(collection, key)
        return _hash(entry.value) if entry else b""

    def get_state_metadata(self, collection: str, key: str) -> Mapping[str, bytes]:
        self._check_access("GET_STATE_METADATA", collection, write=False)
        entry = self._read(collection, key)
        return dict(entry.metadata) if entry else {}

    def put_state_metadata(self, collection: str, key: str, name: str, value: bytes) -> None:
        self._check_write("PUT_STATE_METADATA", collection)
        self.transaction.metadata[self._place(collection, key)] = {name: value}

    def get_state_by_range(self, collection: str, start: str, end: str, page: Page | None = None) -> Results[KeyValue]:
        self._check_access("GET_STATE_BY_RANGE", collection, write=False)
        if collection:
            self._exclude_writes("GET_STATE_BY_RANGE", "Queries on pvt data is", "queries on pvt data")
            found = self._ledger.range(self._chaincode, collection, start, end)
            for _, entry in found:
                self._check_member("GET_STATE_BY_RANGE", collection, entry)
            return Results(self._items(found))
        if page is None:
            found = self._ledger.range(self._chaincode, "", start, end)
            seen = tuple((k, e.version) for k, e in found)
            self.transaction.ranges.append(RangeRead(self._chaincode, "", start, end, seen))
            return Results(self._items(found))
        self._exclude_writes("GET_STATE_BY_RANGE", "Paginated queries are", "a paginated query")
        found = self._ledger.range(self._chaincode, "", page.bookmark or start, end)
        bookmark = found[page.size][0] if len(found) > page.size else ""
        found = found[: page.size]
        return Results(self._items(found), metadata=QueryMetadata(len(found), bookmark))

    def get_query_result(self, collection: str, query: str, page: Page | None = None) -> Results[KeyValue]:
        raise self._refuse("GET_QUERY_RESULT", "ExecuteQuery not supported for leveldb")

    def get_history_for_key(self, key: str) -> Results[KeyModification]:
        return Results(self._ledger.history(self._chaincode, key))

    def invoke_chaincode(self, name: str, args: Sequence[bytes], channel: str) -> Response:
        ledger = self._ledger.channels.get(channel or self._ledger.channel_id)
        if ledger is None:
            return Response(ERROR, f"failed to find ledger for channel: {channel}")
        call = Invocation(
            channel_id=ledger.channel_id,
            tx_id=self._invocation.tx_id,
            timestamp=self._invocation.timestamp,
            creator=self._invocation.creator,
            args=list(args),
            transient=self._invocation.transient,
            peer_msp_id=self._invocation.peer_msp_id,
            sealing=self._invocation.sealing,
        )
        shared = self.transaction if ledger is self._ledger else None
        return ledger.call(name, call, Simulation(ledger, name, call, shared))

    def _place(self, collection: str, key: str) -> Place:
        return (self._chaincode, collection, key)

    def _read(self, collection: str, key: str) -> Entry | None:
        place = self._place(collection, key)
        entry = self._ledger.entry(place)
        self.transaction.reads.setdefault(place, entry.version if entry else None)
        return entry

    def _items(self, found: list[tuple[str, Entry]]) -> list[KeyValue]:
        return [KeyValue(self._chaincode, key, entry.value) for key, entry in found]

    def _check_write(self, operation: str, collection: str) -> None:
        self._check_access(operation, collection, write=True)
        if self.transaction.writes_forbidden:
            raise self._refuse(
                operation,
                f"txid [{self._invocation.tx_id}]: unsuppored transaction. Transaction has already performed "
                f"{self.transaction.writes_forbidden}. Writes are not allowed",
            )
        self.transaction.writes_performed = True

    def _exclude_writes(self, operation: str, what: str, performed: str) -> None:
        if self.transaction.writes_performed:
            raise self._refuse(
                operation,
                f"txid [{self._invocation.tx_id}]: unsuppored transaction. {what} supported only in a read-only "
                "transaction",
            )
        self.transaction.writes_forbidden = performed

    def _check_access(self, operation: str, collection: str, *, write: bool) -> None:
        if not collection:
            return
        definition = self._ledger.collection(self._chaincode, collection)
        limited = definition.member_only_write if write else definition.member_only_read
        if limited and ClientIdentity.from_creator(self._invocation.creator).msp_id not in definition.members:
            kind = "write" if write else "read"
            raise self._refuse(
                operation,
                f"tx creator does not have {kind} access permission on privatedata in "
                f"chaincodeName:{self._chaincode} collectionName: {collection}",
            )

    def _check_member(self, operation: str, collection: str, entry: Entry) -> None:
        peer = self._invocation.peer_msp_id
        if collection and peer and peer not in self._ledger.collection(self._chaincode, collection).members:
            block, number = entry.version
            raise self._refuse(
                operation,
                "private data matching public hash version is not available. Public hash version = "
                f"{{BlockNum: {block}, TxNum: {number}}}, Private data version = <nil>",
            )

    def _refuse(self, operation: str, reason: str) -> PeerError:
        return PeerError(f"{operation} failed: transaction ID: {self._invocation.tx_id}: {reason}")


def _hash(value: bytes) -> bytes:
    return hashlib.sha256(value).digest()
