"""Private data on their way to a real peer: they wait in its transient store for the blocks that name their hashes.

Form: Fabric's core/transientstore (keys) and its message TxPvtReadWriteSetWithConfigInfo (values). A peer gets what its
organisation holds by the collections' own rules and nothing else, not even as bytes on its disk.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from types import MappingProxyType

from fabric_protos.ledger.rwset.rwset_pb2 import TxPvtReadWriteSet
from fabric_protos.peer.collection_pb2 import StaticCollectionConfig
from fabric_protos.transientstore.transientstore_pb2 import TxPvtReadWriteSetWithConfigInfo

from network.promotion.leveldb import write_database
from network.promotion.stored import PrivateSet, StoredChannel, holds_hash


@dataclass
class PrivateShare:
    """What one peer is given: how many sets, and those that cannot be because a purge took part of them."""

    given: int = 0
    broken: list[PrivateSet] = field(default_factory=list)


def write_transient(
    channels: list[StoredChannel],
    data: Path,
    identity: bytes,
    *,
    since: Mapping[str, int] = MappingProxyType({}),
    pending: Mapping[str, list[tuple[str, PrivateSet]]] = MappingProxyType({}),
) -> dict[str, PrivateShare]:
    """Write the transient store of a peer whose files lie in `data`, while it does not run; the shares by channel.

    `identity` is the peer's SerializedIdentity: collections decide by it. Of each channel, blocks below `since` are
    left out (the peer has them); `pending` are (transaction id, private write set) of what is not in a block yet.
    """
    shares = {channel.channel_id: PrivateShare() for channel in channels}

    def entries() -> Iterator[tuple[bytes, bytes]]:
        for channel in channels:
            name = channel.channel_id
            yield from _entries(channel, held_sets(channel, identity, shares[name].broken, since.get(name, 0)), shares)
            yield from _entries(channel, _pending(channel, identity, pending.get(name, [])), shares)

    write_database(data / "transientstore", entries())
    return shares


def _pending(
    channel: StoredChannel, identity: bytes, sets: list[tuple[str, PrivateSet]]
) -> Iterator[tuple[str, list[PrivateSet]]]:
    for tx_id, one in sets:
        config = channel.collection(one.block, one.namespace, one.collection)
        if config is not None and channel.is_member(config, identity):
            yield tx_id, [one]


def held_sets(
    channel: StoredChannel, identity: bytes, broken: list[PrivateSet], since: int = 0
) -> Iterator[tuple[str, list[PrivateSet]]]:
    """(transaction id, private write sets) that the identity's organisation holds and that are still whole.

    Of those that it holds and that are not, one that has anything left is appended to `broken`. Blocks below `since`
    are not looked at.
    """
    for number, of_block in groupby(channel.private_sets(since), key=lambda one: one.block):
        _, transactions = channel.block(number)
        for index, of_transaction in groupby(of_block, key=lambda one: one.transaction):
            whole: list[PrivateSet] = []
            for one in of_transaction:
                config = channel.collection(number, one.namespace, one.collection)
                if config is None or not channel.is_member(config, identity) or _expired(channel, number, config):
                    continue
                if holds_hash(one, channel.expected_hash(transactions, one)):
                    whole.append(one)
                elif one.rwset:
                    broken.append(one)
            if whole:
                yield transactions[index].tx_id, whole


def _expired(channel: StoredChannel, number: int, config: StaticCollectionConfig) -> bool:
    """Whether a collection's blockToLive has ended for what a block wrote; a peer then has nothing of it any more.

    The embedded ledger keeps a set that only deletes, where Fabric keeps none (core/ledger/pvtdatapolicy).
    """
    return bool(config.block_to_live) and channel.height - 1 > number + config.block_to_live


def _entries(
    channel: StoredChannel, given: Iterable[tuple[str, list[PrivateSet]]], shares: Mapping[str, PrivateShare]
) -> Iterator[tuple[bytes, bytes]]:
    prefix = channel.channel_id.encode() + b"\0"
    for tx_id, sets in given:
        height = ordered_number(sets[0].block)
        unique = str(uuid.uuid4()).encode()
        by_transaction = tx_id.encode() + b"\0" + unique + b"\0" + height
        yield prefix + b"P\0" + by_transaction, b"\0" + _message(channel, sets)
        yield prefix + b"T\0" + by_transaction, b""
        yield prefix + b"H\0" + height + b"\0" + tx_id.encode() + b"\0" + unique, b""
        shares[channel.channel_id].given += len(sets)


def _message(channel: StoredChannel, sets: list[PrivateSet]) -> bytes:
    info = TxPvtReadWriteSetWithConfigInfo(endorsed_at=sets[0].block)
    private: TxPvtReadWriteSet = info.pvt_rwset
    for one in sets:
        if not private.ns_pvt_rwset or private.ns_pvt_rwset[-1].namespace != one.namespace:
            private.ns_pvt_rwset.add(namespace=one.namespace)
        private.ns_pvt_rwset[-1].collection_pvt_rwset.add(collection_name=one.collection, rwset=one.rwset)
        config = channel.collection(one.block, one.namespace, one.collection)
        entry = info.collection_configs[one.namespace].config.add()
        entry.static_collection_config.CopyFrom(config)
    encoded: bytes = info.SerializeToString()
    return encoded


def ordered_number(number: int) -> bytes:
    """A number whose bytes sort as numbers do: how many bytes follow, then those, the highest first."""
    size = (number.bit_length() + 7) // 8
    return bytes([size]) + number.to_bytes(size, "big")
