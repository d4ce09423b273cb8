"""Streams of blocks: whole, filtered, with private data (peers), and as an orderer delivers them.

Sources: common/deliver/deliver.go, core/peer/deliverevents.go.
"""

from __future__ import annotations

import datetime
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing
from typing import Any, Literal

from fabric_protos.common.common_pb2 import Block, Envelope, HeaderType, Status
from fabric_protos.ledger.rwset.rwset_pb2 import TxPvtReadWriteSet
from fabric_protos.orderer.ab_pb2 import DeliverResponse as OrdererResponse
from fabric_protos.orderer.ab_pb2 import SeekInfo
from fabric_protos.peer.events_pb2 import BlockAndPrivateData, DeliverResponse, FilteredBlock

from fabric_sdk import clock
from fabric_sdk.msp import ValidatedIdentity
from fabric_sdk.transaction import EnvelopeView, MalformedTransaction, read_payload
from network.embedded.channel import Channel
from network.embedded.committing import without_keys
from network.embedded.faults import AccessDenied
from network.embedded.quotas import StreamQuota
from network.embedded.transactions import Transaction, purged_keys

log = logging.getLogger(__name__)
Kind = Literal["block", "filtered", "private", "orderer"]
TIME_WINDOW = datetime.timedelta(minutes=15)
_RESOURCES: dict[Kind, str] = {"block": "event/Block", "filtered": "event/FilteredBlock", "private": "event/Block"}
_READERS = "/Channel/Readers"


class _Ended(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class DeliverService:
    """Deliver for a peer (three kinds) or an orderer. `channels` are those that it serves."""

    def __init__(
        self, channels: Callable[[], Mapping[str, Channel]], quota: StreamQuota, peer_identity: bytes = b""
    ) -> None:
        self._channels = channels
        self._quota = quota
        self._peer_identity = peer_identity

    async def stream(self, kind: Kind, requests: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Answer seek requests, one after another, until the client ends or one fails."""
        async for raw in requests:
            status: int = Status.SUCCESS
            try:
                async with aclosing(self._deliver(kind, raw)) as responses:
                    async for response in responses:
                        yield response
            except _Ended as e:
                status = e.status
            yield _status(kind, status)
            if status != Status.SUCCESS:
                return

    async def _deliver(self, kind: Kind, raw: bytes) -> AsyncGenerator[bytes, None]:
        view, seek = _read(raw)
        channel = self._channels().get(view.header.channel_id)
        if channel is None:
            raise _Ended(Status.NOT_FOUND)
        session = _Session(channel, kind, view)
        session.check()
        if not seek.HasField("start") or not seek.HasField("stop"):
            raise _Ended(Status.BAD_REQUEST)
        number, stop = _bounds(channel, seek)
        with self._quota.stream(view.header.creator, "/orderer.Deliver" if kind == "orderer" else "/protos.Deliver"):
            while True:
                if seek.behavior == SeekInfo.FAIL_IF_NOT_READY and number >= channel.height:
                    raise _Ended(Status.NOT_FOUND)
                await channel.wait_for_block(number)
                session.check()
                yield self._block(kind, channel, number, seek, view.header.creator)
                if number == stop:
                    return
                number += 1

    def _private_data(
        self, channel: Channel, number: int, transactions: list[Transaction], creator: bytes
    ) -> dict[int, TxPvtReadWriteSet]:
        """Private write sets of a block, by transaction: what this peer holds, and its client may be sent.

        What a transaction itself purges is left out of its set (core/ledger/pvtdatastorage).

        As core/peer/deliverevents.go: only `memberOnlyRead` of the definition as it was below the block decides. Where
        it is false, everybody who reads the channel is sent the peer's write sets; implicit collections have it false.
        """
        found: dict[int, TxPvtReadWriteSet] = {}
        for tx, namespace, collection, rwset in channel.view.private_writes(number):
            config = channel.collection_below(number, namespace, collection)
            if not rwset or config is None:
                continue
            policy = config.member_orgs_policy.signature_policy.SerializeToString()
            if not channel.is_collection_member(policy, self._peer_identity):
                continue
            if config.member_only_read and not channel.is_collection_member(policy, creator):
                continue
            sets = found.setdefault(tx, TxPvtReadWriteSet())
            if not sets.ns_pvt_rwset or sets.ns_pvt_rwset[-1].namespace != namespace:
                sets.ns_pvt_rwset.add(namespace=namespace)
            purged = purged_keys(transactions[tx].namespaces, namespace, collection)
            left = without_keys(rwset, purged) if purged else None
            sets.ns_pvt_rwset[-1].collection_pvt_rwset.add(
                collection_name=collection, rwset=rwset if left is None else left
            )
        return found

    def _block(self, kind: Kind, channel: Channel, number: int, seek: Any, creator: bytes) -> bytes:
        block, transactions = channel.block(number)
        if kind == "filtered":
            response = DeliverResponse(filtered_block=filtered_block(channel.channel_id, number, transactions))
        elif kind == "private":
            data = BlockAndPrivateData(block=block)
            for tx, sets in self._private_data(channel, number, transactions, creator).items():
                data.private_data_map[tx].CopyFrom(sets)
            response = DeliverResponse(block_and_private_data=data)
        elif kind == "orderer":
            response = OrdererResponse(block=_shown(block, transactions, seek))
        else:
            response = DeliverResponse(block=_shown(block, transactions, seek))
        encoded: bytes = response.SerializeToString()
        return encoded


def _shown(block: Block, transactions: list[Transaction], seek: Any) -> Block:
    if seek.content_type == SeekInfo.HEADER_WITH_SIG and not transactions[0].is_config:
        return Block(header=block.header, metadata=block.metadata)
    return block


class _Session:
    """Whether a stream's client may (still) read; asked again when the configuration changes."""

    def __init__(self, channel: Channel, kind: Kind, view: EnvelopeView) -> None:
        self._channel = channel
        self._kind = kind
        self._view = view
        self._sequence = -1
        self._identity: ValidatedIdentity | None = None

    def check(self) -> None:
        config = self._channel.config
        if config.sequence != self._sequence:
            self._sequence = config.sequence
            self._identity = self._judge()
        if self._identity is None or self._identity.expires < clock.now():
            raise _Ended(Status.FORBIDDEN)

    def _judge(self) -> ValidatedIdentity | None:
        config, view = self._channel.config, self._view
        creator = view.header.creator
        if self._kind == "orderer":
            identity = config.signer(creator, view.payload, view.signature)
            return identity if identity is not None and config.check_creator(_READERS, identity) else None
        try:
            return config.check_acl(_RESOURCES[self._kind], creator, view.payload, view.signature)
        except AccessDenied:
            return None


def _read(raw: bytes) -> tuple[EnvelopeView, Any]:
    try:
        envelope = Envelope.FromString(raw)
        view = read_payload(envelope.payload, envelope.signature)
        seek = SeekInfo.FromString(view.data)
    except MalformedTransaction as e:
        raise _Ended(Status.BAD_REQUEST) from e
    except Exception as e:
        raise _Ended(Status.BAD_REQUEST) from e
    moment = view.header.timestamp
    if view.header.seconds == 0 or moment is None:
        raise _Ended(Status.BAD_REQUEST)
    if abs(clock.now() - moment) > TIME_WINDOW:
        raise _Ended(Status.BAD_REQUEST)
    return view, seek


def _bounds(channel: Channel, seek: Any) -> tuple[int, int]:
    """First block to send and the one after which the request is done (inclusive)."""
    height = channel.height
    kind = seek.start.WhichOneof("Type")
    if kind == "oldest":
        start = 0
    elif kind == "newest":
        start = height - 1
    elif kind == "specified":
        start = seek.start.specified.number
        if start > height:
            raise _Ended(Status.NOT_FOUND)
    elif kind == "next_commit":
        start = height
    else:
        raise _Ended(Status.NOT_FOUND)
    end = seek.stop.WhichOneof("Type")
    if end == "oldest":
        return start, start
    if end == "newest":
        return start, start if seek.start == seek.stop else height - 1
    if end == "specified":
        if seek.stop.specified.number < start:
            raise _Ended(Status.BAD_REQUEST)
        return start, seek.stop.specified.number
    return start, 0


def _status(kind: Kind, status: int) -> bytes:
    response = OrdererResponse(status=status) if kind == "orderer" else DeliverResponse(status=status)
    encoded: bytes = response.SerializeToString()
    return encoded


def filtered_block(channel_id: str, number: int, transactions: list[Transaction]) -> FilteredBlock:
    """A block without contents: ids, types, codes, and events without their payload."""
    filtered = FilteredBlock(channel_id=channel_id, number=number)
    for transaction in transactions:
        if transaction.view is None:
            continue
        header = transaction.view.header
        entry = filtered.filtered_transactions.add(
            txid=header.transaction_id, type=header.type, tx_validation_code=transaction.code
        )
        if header.type == HeaderType.ENDORSER_TRANSACTION:
            entry.transaction_actions.SetInParent()
            event = transaction.event
            if event is not None and event.chaincode_id:
                action = entry.transaction_actions.chaincode_actions.add()
                action.chaincode_event.CopyFrom(event)
                action.chaincode_event.payload = b""
    return filtered
