"""A channel of an embedded network as it lies on disk, at one height: what is replayed and handed over.

Reading takes no part in the node: it may run meanwhile, and what it commits afterwards is not seen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from fabric_protos.common.common_pb2 import Block, BlockMetadataIndex, Envelope, LastConfig, Metadata
from fabric_protos.common.configuration_pb2 import OrdererAddresses
from fabric_protos.peer.collection_pb2 import StaticCollectionConfig

from fabric_sdk import policy as policies
from fabric_sdk.errors import FabricError
from fabric_sdk.signatures import SignatureCache
from network.embedded import schema
from network.embedded.channel_config import ChannelConfig, config_of_envelope
from network.embedded.definitions import CollectionHistory, Definition, defined_names, read_definition
from network.embedded.state_view import StateView, require_body
from network.embedded.transactions import Transaction, parse_bytes


class PrivateSet(NamedTuple):
    """One collection's private write set of one transaction. `whole` is False where a purge took something out."""

    block: int
    transaction: int
    namespace: str
    collection: str
    rwset: bytes
    whole: bool


def ledger_file(directory: Path, channel: str) -> Path:
    """Where an embedded network in `directory` keeps a channel."""
    return directory / "embedded" / "channels" / channel / "ledger.db"


class StoredChannel:
    """One channel, pinned at the height it had when this was opened. For one thread."""

    def __init__(self, path: Path, channel_id: str) -> None:
        """`path` is the ledger file; FileNotFoundError where there is none."""
        if not path.exists():
            raise FileNotFoundError(path)
        self.channel_id = channel_id
        self.view = StateView(schema.open_reader(path))
        self.height = self.view.height
        self._signatures = SignatureCache()
        self._collections = CollectionHistory()
        self._members: dict[tuple[bytes, bytes], bool] = {}
        self.config = self._config(self.last_config)

    def close(self) -> None:
        """Let the file go."""
        self.view.close()

    def __enter__(self) -> StoredChannel:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def last_config(self) -> int:
        """Number of the newest block with a configuration."""
        value = self.view.meta("last_config")
        return 0 if value is None else int(value)

    def _config(self, number: int) -> ChannelConfig:
        _, envelope = config_of_envelope(Envelope.FromString(Block.FromString(self.body(number)).data.data[0]))
        return ChannelConfig(self.channel_id, envelope.config, self._signatures)

    # Blocks

    def body(self, number: int) -> bytes:
        """A whole block as bytes."""
        return require_body(self.view, number)

    def block(self, number: int) -> tuple[Block, list[Transaction]]:
        """A block with its transactions read."""
        block = Block.FromString(self.body(number))
        return block, [parse_bytes(envelope) for envelope in block.data.data]

    async def wait_for_block(self, number: int) -> None:
        """Blocks that are not there yet never come."""
        if number >= self.height:
            await asyncio.Event().wait()

    def config_blocks(self) -> Iterator[int]:
        """Numbers of all blocks with a configuration, newest first."""
        number = self.last_config
        while True:
            yield number
            if number == 0:
                return
            metadata = Block.FromString(self.body(number - 1)).metadata.metadata
            value = Metadata.FromString(metadata[BlockMetadataIndex.LAST_CONFIG]).value
            number = LastConfig.FromString(value).index

    def orderer_addresses(self, *, newest: bool = False) -> frozenset[str]:
        """Every `host:port` under which a configuration of the channel (or the `newest`) has ever named an orderer."""
        found: set[str] = set()
        for number in (self.last_config,) if newest else self.config_blocks():
            root = self._config(number).proto.channel_group
            groups = [root, *root.groups["Orderer"].groups.values()]
            for group in groups:
                for name in ("OrdererAddresses", "Endpoints"):
                    if name in group.values:
                        found.update(OrdererAddresses.FromString(group.values[name].value).addresses)
        return frozenset(found)

    # Definitions and private data

    def definitions(self) -> dict[str, Definition]:
        """The contracts in force by name."""
        found = {name: read_definition(self.view, name) for name in defined_names(self.view)}
        return {name: definition for name, definition in found.items() if definition is not None}

    def private_sets(self, since: int = 0) -> Iterator[PrivateSet]:
        """Every private write set that is kept, in the chain's order, from block `since` on."""
        sql = (
            "SELECT block, tx, namespace, collection, rwset, pruned FROM private_writes WHERE block >= ?"
            " ORDER BY block, tx, namespace, collection"
        )
        for block, tx, namespace, collection, rwset, pruned in self.view.query(sql, (since,)):
            yield PrivateSet(block, tx, namespace, collection, rwset, not pruned)  # type: ignore[arg-type]

    def expected_hash(self, block: list[Transaction], one: PrivateSet) -> bytes:
        """The hash that the transaction itself has of a private write set; b"" if it names none."""
        return block[one.transaction].private_hash(one.namespace, one.collection)

    def collection(self, number: int, namespace: str, collection: str) -> StaticCollectionConfig | None:
        """A private collection as it was defined before a block."""
        return self._collections.below(self.view, number, namespace, collection)

    def is_member(self, config: StaticCollectionConfig, serialized_identity: bytes) -> bool:
        """Whether an identity's organisation holds a collection's data."""
        policy = config.member_orgs_policy.signature_policy.SerializeToString()
        key = (policy, serialized_identity)
        if key not in self._members:
            try:
                identity = self.config.msps.validate(serialized_identity)
                self._members[key] = policies.compile(policy).evaluate([identity], self.config.msps)
            except FabricError:
                self._members[key] = False
        return self._members[key]


def holds_hash(one: PrivateSet, expected: bytes) -> bool:
    """Whether a kept private write set is the one that was committed."""
    return bool(one.rwset) and sha256(one.rwset).digest() == expected
