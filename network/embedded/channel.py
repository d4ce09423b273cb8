"""One channel of the embedded ledger: ordering, validation, durable commit, and who is told about it.

Everything here runs in the event loop's thread; only the write of a finished block happens in a thread of its own
(`commit_loop`). What others can see (`view`, `config`) moves on after a block is on disk, never before.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fabric_protos.common.common_pb2 import Block, Envelope
from fabric_protos.peer.collection_pb2 import StaticCollectionConfig

from fabric_sdk import policy as policies
from fabric_sdk.blocks.hashing import header_hash
from fabric_sdk.bounded import BoundedCache
from fabric_sdk.chaincode.ledger import KeyModification
from fabric_sdk.errors import FabricError
from fabric_sdk.signatures import SignatureCache
from network.embedded import block_format, mango
from network.embedded.block_reading import key_history
from network.embedded.channel_config import ChannelConfig, ConfigInvalid, config_of_envelope
from network.embedded.commit_loop import CommitLoop
from network.embedded.committing import Ordered, finish
from network.embedded.counting import Counters
from network.embedded.definitions import (
    LIFECYCLE,
    CollectionHistory,
    Definition,
    DefinitionCache,
    defined_names,
    read_definition,
)
from network.embedded.faults import BroadcastRefused, LedgerDamaged
from network.embedded.mvcc import Updates, validate
from network.embedded.ordering import OrdererIdentity, Sequencer
from network.embedded.state_view import KeyedValue, StateView, TransactionRow, require_body
from network.embedded.store import BlockWrite, LedgerStore
from network.embedded.transactions import VALID, Transaction, parse_bytes
from network.embedded.transient import RETENTION_BLOCKS, TransientStore
from network.embedded.validator import BlockValidation

if TYPE_CHECKING:
    from network.embedded.neighbours import Neighbours
    from network.embedded.prepared import Prepared

_RECENT_BLOCKS = 8
_PREPARED = 1024


@dataclass(frozen=True, slots=True)
class Committed:
    """A block as it goes to disk, and what it does to the state."""

    ordered: Ordered
    write: BlockWrite
    updates: Updates


class Channel:
    """A channel that this node runs. `directory` holds its files; a new channel begins with `create`."""

    def __init__(self, directory: Path, channel_id: str, orderers: Callable[[], Sequence[OrdererIdentity]]) -> None:
        self.channel_id = channel_id
        self.directory = directory
        self.signatures = SignatureCache()
        self.store = LedgerStore(directory / "ledger.db")
        self.transient = TransientStore(directory / "transient.db")
        self.view = self.store.view
        if not self.view.height:
            self.store.close()
            raise LedgerDamaged(f"channel {channel_id} has no genesis block")
        self.config = self._load_config()
        self.definitions = DefinitionCache()
        self._collections = CollectionHistory()
        self.sequencer = Sequencer(lambda: self.config, orderers)
        self.lifecycle_version = 0
        """grows whenever a definition or approval changes"""
        self.on_lifecycle: list[Callable[[], None]] = []
        """called after a block that changed definitions or approvals"""
        self.neighbours: Neighbours | None = None  # real peers, where there are any
        self._orderers = orderers
        self._commit_hash = self.store.commit_hash
        newest = self.view.block(self.view.height - 1)
        if newest is None:
            raise LedgerDamaged(f"the newest block of channel {channel_id} is missing")
        self._last_hash = newest.hash
        self._last_config = self.store.last_config
        self._key_policies = self.view.namespaces_with_metadata()
        self.prepared: BoundedCache[str, Prepared] = BoundedCache(_PREPARED)
        """transactions that a Gateway has prepared, until they come back signed"""
        self._members: BoundedCache[tuple[int, bytes, bytes], bool] = BoundedCache(4096)
        self._recent: BoundedCache[int, tuple[Block, list[Transaction]]] = BoundedCache(_RECENT_BLOCKS)
        self.counters = Counters()
        self._unforgotten: list[str] = []
        self._commit_waiters: dict[str, list[asyncio.Future[TransactionRow]]] = {}
        self._block_waiters: list[asyncio.Future[None]] = []
        self._loop = CommitLoop(self)

    @classmethod
    def create(cls, directory: Path, genesis: bytes) -> str:
        """Make the channel's ledger with its genesis block (idempotent); return the channel's name."""
        block = Block.FromString(genesis)
        if block.header.number != 0 or len(block.data.data) != 1:
            raise ConfigInvalid("not a genesis block")
        channel_id, envelope = config_of_envelope(Envelope.FromString(block.data.data[0]))
        ChannelConfig(channel_id, envelope.config)
        directory.mkdir(parents=True, exist_ok=True)
        store = LedgerStore(directory / "ledger.db")
        try:
            if store.view.height == 0:
                while len(block.metadata.metadata) < 5:
                    block.metadata.metadata.append(b"")
                transaction = parse_bytes(block.data.data[0])
                transaction.code = VALID
                ordered = Ordered(block, header_hash(block.header), [transaction])
                store.write(finish(ordered, Updates(), b"", store.view, {}))
            elif store.view.block(0).hash != header_hash(block.header):  # type: ignore[union-attr]
                raise ConfigInvalid(f"channel {channel_id} exists with another genesis block")
        finally:
            store.close()
        return channel_id

    # Life

    def start(self) -> None:
        self._loop.start()

    async def close(self) -> None:
        """Write what was accepted, then close the files."""
        await self._loop.close()
        for blocked in self._block_waiters:
            blocked.cancel()
        for waiting in list(self._commit_waiters.values()):
            for future in waiting:
                future.cancel()
        self.store.close()
        self.transient.close()

    @property
    def fault(self) -> str:
        """Why blocks cannot be written at the moment, "" if they can."""
        return self._loop.fault

    @property
    def height(self) -> int:
        return self.view.height

    @property
    def last_hash(self) -> bytes:
        return self._last_hash

    @property
    def last_config(self) -> int:
        """Number of the block whose configuration is in force."""
        return self._last_config

    # What simulations and validation ask (simulator.Channel, validator.Context)

    def definition(self, view: StateView, name: str) -> Definition | None:
        return self.definitions.get(view, name) if view is self.view else read_definition(view, name)

    def collection_below(self, number: int, namespace: str, collection: str) -> StaticCollectionConfig | None:
        """A private collection as it was defined before a block."""
        return self._collections.below(self.view, number, namespace, collection)

    def defined(self) -> list[str]:
        """Names of all chaincodes with a committed definition."""
        return list(defined_names(self.view))

    def organizations(self) -> frozenset[str]:
        return self.config.application_msp_ids

    def has_key_policies(self, namespace: str) -> bool:
        return namespace in self._key_policies

    def is_collection_member(self, policy: bytes, serialized_identity: bytes) -> bool:
        key = (self.config.sequence, policy, serialized_identity)
        verdict = self._members.get(key)
        if verdict is None:
            try:
                identity = self.config.msps.validate(serialized_identity)
                verdict = policies.compile(policy).evaluate([identity], self.config.msps)
            except FabricError:
                verdict = False
            self._members.put(key, verdict)
        return verdict

    def key_history(self, view: StateView, namespace: str, key: str) -> Iterator[KeyModification]:
        return key_history(view, namespace, key)

    def rich_query(self, view: StateView, namespace: str, collection: str, query: str) -> Iterator[KeyedValue]:
        return mango.run(view, namespace, collection, query)

    def rich_query_page(
        self, view: StateView, namespace: str, query: str, size: int, bookmark: str
    ) -> tuple[list[KeyedValue], str]:
        return mango.run_page(view, namespace, query, size, bookmark)

    # Ordering

    def keep_private(self, tx_id: str, private: Mapping[tuple[str, str], bytes]) -> None:
        """Keep private write sets until they are ordered; real members are told of them."""
        self.transient.put(tx_id, private, self.height)
        if self.neighbours is not None:
            self.neighbours.told(self, tx_id, private)

    def broadcast(self, envelope: Envelope, tx_id: str = "") -> Transaction:
        """Put an envelope in line to be ordered; BroadcastRefused if it may not be.

        `tx_id` is what its sender says it is: a transaction that was prepared under it is not read again.
        """
        if self._loop.closing or self.fault:
            raise BroadcastRefused("SERVICE_UNAVAILABLE", self.fault or "the node is stopping")
        if not self._orderers():
            raise BroadcastRefused("SERVICE_UNAVAILABLE", "no Raft leader")
        prepared = self.prepared.pop(tx_id) if tx_id else None
        known = prepared.signed(envelope, self.config.sequence) if prepared is not None else None
        transaction = self.sequencer.take(envelope, known)
        self.counters.arrived()
        self._loop.wake()
        return transaction

    # Telling others

    async def committed(self, tx_id: str) -> TransactionRow:
        """Wait until a transaction is in a block on disk, and say how it fared."""
        row = self.view.transaction(tx_id)
        if row is not None:
            return row
        future: asyncio.Future[TransactionRow] = asyncio.get_running_loop().create_future()
        waiting = self._commit_waiters.setdefault(tx_id, [])
        waiting.append(future)
        try:
            return await future
        finally:
            with contextlib.suppress(ValueError):
                waiting.remove(future)
            if not waiting and self._commit_waiters.get(tx_id) is waiting:
                del self._commit_waiters[tx_id]

    async def wait_for_block(self, number: int) -> None:
        """Wait until the ledger is higher than `number`."""
        while self.view.height <= number:
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._block_waiters.append(future)
            await future

    def block(self, number: int) -> tuple[Block, list[Transaction]]:
        """A committed block with its transactions parsed; recent ones come from memory."""
        known = self._recent.get(number)
        if known is None:
            block = Block.FromString(require_body(self.view, number))
            known = (block, [parse_bytes(envelope) for envelope in block.data.data])
            codes = block.metadata.metadata[block_format.TRANSACTIONS_FILTER]
            for transaction, code in zip(known[1], codes, strict=True):
                transaction.code = code
            self._recent.put(number, known)
        return known

    # Committing (see `commit_loop`)

    def can_order(self) -> bool:
        """Whether ordering nodes run that can make blocks."""
        return bool(self._orderers())

    def prepare(self, transactions: list[Transaction]) -> Committed:
        """The next block of these transactions, validated, and what it changes; nothing is written yet.

        May be called again with the same ones.
        """
        ordered = self._order(transactions)
        BlockValidation(self).run(transactions)
        self._collect_private(transactions)
        updates = validate(self.view, ordered.block.header.number, transactions)
        write = finish(ordered, updates, self._commit_hash, self.view, self._lifetimes(updates))
        return Committed(ordered, write, updates)

    def _order(self, transactions: list[Transaction]) -> Ordered:
        number = self.view.height
        config_block = transactions[0].is_config
        last_config = number if config_block else self._last_config
        block, header = block_format.new_block(number, self._last_hash, [t.envelope for t in transactions], last_config)
        signers = [(o.signer, o.consenter) for o in self._orderers()]
        if self.config.consensus != "BFT":
            signers = [(signer, None) for signer, _ in signers[:1]]
        block_format.sign(block, header, last_config, signers)
        return Ordered(block, block_format.hash_of(header), transactions)

    def _collect_private(self, transactions: list[Transaction]) -> None:
        """Find the private write sets that belong to the hashes in valid transactions."""
        for transaction in transactions:
            if transaction.code != VALID:
                continue
            for sets in transaction.namespaces:
                for collection in sets.collections:
                    if collection.private_hash:
                        found = self.transient.get(
                            transaction.tx_id, sets.name, collection.name, collection.private_hash
                        )
                        if found is not None:
                            transaction.private[sets.name, collection.name] = found

    def _lifetimes(self, updates: Updates) -> dict[tuple[str, str], int]:
        found: dict[tuple[str, str], int] = {}
        for namespace, collection, _ in updates.hashed:
            if (namespace, collection) not in found:
                definition = self.definition(self.view, namespace)
                config = None if definition is None else definition.explicit.get(collection)
                found[namespace, collection] = 0 if config is None else config.block_to_live
        return found

    async def publish(self, made: Committed) -> None:
        """Show a block that is on disk to everybody; may be called again when reading it failed."""
        write, updates, number = made.write, made.updates, made.write.number
        self._commit_hash, self._last_hash = write.commit_hash, write.hash
        self.view.refresh()
        if self.view.height <= number:
            # A contract has kept a query's results unread, and with them the state as it was before.
            self.view.reopen()
        if any(key[0] == LIFECYCLE for key in (*updates.public, *updates.hashed)):
            self.definitions.forget()
            self.lifecycle_version += 1
            for listener in self.on_lifecycle:
                listener()
        self._key_policies.update(row[0] for row in write.state if row[5] is not None)
        self._key_policies.update(row[0] for row in write.hashed if row[6] is not None)
        if write.config_block:
            self._last_config = number
            self.config = self._load_config()
        transactions = made.ordered.transactions
        self._recent.put(number, (made.ordered.block, transactions))
        self._tell(transactions, number)
        self.counters.committed(t.code == VALID for t in transactions)

    async def forget_private(self, made: Committed) -> None:
        """Take what is now on the ledger out of the transient store, and what an earlier call could not."""
        self._unforgotten += [t.tx_id for t in made.ordered.transactions if t.private]
        if self._unforgotten or made.write.number % RETENTION_BLOCKS == 0:
            self.transient.purge(self._unforgotten, made.write.number)
            self._unforgotten.clear()

    def _tell(self, transactions: list[Transaction], number: int) -> None:
        fared = {
            t.tx_id: self.view.transaction(t.tx_id) or TransactionRow(number, position, t.code)
            for position, t in enumerate(transactions)
            if t.tx_id in self._commit_waiters
        }
        for tx_id, row in fared.items():
            for future in self._commit_waiters.pop(tx_id, ()):
                if not future.done():
                    future.set_result(row)
        waiters, self._block_waiters = self._block_waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    def _load_config(self) -> ChannelConfig:
        block = Block.FromString(require_body(self.view, self.store.last_config))
        _, envelope = config_of_envelope(Envelope.FromString(block.data.data[0]))
        return ChannelConfig(self.channel_id, envelope.config, self.signatures)
