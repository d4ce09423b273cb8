"""Requests for event streams, and the events: shared by the blocking and the asyncio client."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from fabric_protos.common.common_pb2 import Block, Envelope, HeaderType, Status
from fabric_protos.gateway.gateway_pb2 import (
    ChaincodeEventsRequest,
    ChaincodeEventsResponse,
    SignedChaincodeEventsRequest,
)
from fabric_protos.orderer.ab_pb2 import SeekInfo, SeekNextCommit, SeekPosition, SeekSpecified
from fabric_protos.peer.events_pb2 import DeliverResponse

from fabric_sdk.blocks.model import validation_code_name
from fabric_sdk.blocks.rwset import PrivateWrites, decode_private_rwset
from fabric_sdk.envelope import signed_envelope
from fabric_sdk.errors import FabricError, GatewayError
from fabric_sdk.gateway.checkpoint import Checkpoint
from fabric_sdk.gateway.messages import Party
from fabric_sdk.gateway.transport import (
    METHOD_CHAINCODE_EVENTS,
    METHOD_DELIVER,
    METHOD_DELIVER_FILTERED,
    METHOD_DELIVER_PRIVATE,
)
from fabric_sdk.identity import SigningIdentity
from fabric_sdk.transaction import header_type_name
from fabric_sdk.wire import decode, enum_name

T = TypeVar("T")
_LAST_BLOCK = (1 << 64) - 1

_DELIVER_STATUS = {
    Status.BAD_REQUEST: "INVALID_ARGUMENT",
    Status.FORBIDDEN: "PERMISSION_DENIED",
    Status.NOT_FOUND: "NOT_FOUND",
    Status.REQUEST_ENTITY_TOO_LARGE: "RESOURCE_EXHAUSTED",
    Status.INTERNAL_SERVER_ERROR: "INTERNAL",
    Status.NOT_IMPLEMENTED: "UNIMPLEMENTED",
    Status.SERVICE_UNAVAILABLE: "UNAVAILABLE",
}


@dataclass(frozen=True, slots=True)
class ChaincodeEvent:
    """An event that a contract set in a valid transaction."""

    block_number: int
    transaction_id: str
    chaincode: str
    event_name: str
    payload: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class FilteredTransaction:
    """A transaction without its contents: id, type, code, and its event's name (filtered blocks hide payloads)."""

    transaction_id: str
    type: str
    validation_code: int
    events: tuple[ChaincodeEvent, ...]

    @property
    def validation_code_name(self) -> str:
        return validation_code_name(self.validation_code)


@dataclass(frozen=True, slots=True)
class FilteredBlock:
    """A block without its contents."""

    channel_id: str
    number: int
    transactions: tuple[FilteredTransaction, ...]


@dataclass(frozen=True, slots=True)
class BlockWithPrivateData:
    """A block, and the private data of its transactions (by place in the block) that the listener may see."""

    block: Block
    private_data: Mapping[int, tuple[PrivateWrites, ...]] = field(repr=False)


class EventsDraft(Generic[T]):
    """A signed request for one kind of stream: `signable` is what the signature is over."""

    method = ""
    duplex = True

    def __init__(self, signable: bytes, signature: bytes = b"") -> None:
        self.signable = signable
        self.signature = signature

    def to_bytes(self) -> bytes:
        data: bytes = Envelope(payload=self.signable, signature=self.signature).SerializeToString()
        return data

    def events(self, message: bytes) -> Iterator[T]:
        """The events of one message from the node; GatewayError if it refuses or ends the stream."""
        raise NotImplementedError


class ChaincodeEventsDraft(EventsDraft[ChaincodeEvent]):
    method = METHOD_CHAINCODE_EVENTS
    duplex = False

    @classmethod
    def create(
        cls, party: Party, channel: str, chaincode: str, start_block: int | None, checkpoint: Checkpoint | None
    ) -> ChaincodeEventsDraft:
        request = ChaincodeEventsRequest(
            channel_id=channel,
            chaincode_id=chaincode,
            identity=party.creator,
            start_position=_start(start_block, checkpoint),
        )
        if checkpoint is not None and checkpoint.transaction_id:
            request.after_transaction_id = checkpoint.transaction_id
        return cls(request.SerializeToString())

    @classmethod
    def from_bytes(cls, data: bytes, signature: bytes = b"") -> ChaincodeEventsDraft:
        message = decode(SignedChaincodeEventsRequest, data, "signed chaincode events request")
        return cls(message.request, signature or message.signature)

    def to_bytes(self) -> bytes:
        data: bytes = SignedChaincodeEventsRequest(request=self.signable, signature=self.signature).SerializeToString()
        return data

    def events(self, message: bytes) -> Iterator[ChaincodeEvent]:
        response = decode(ChaincodeEventsResponse, message, "chaincode events")
        for event in response.events:
            yield ChaincodeEvent(
                response.block_number, event.tx_id, event.chaincode_id, event.event_name, event.payload
            )


class _DeliverDraft(EventsDraft[T]):
    @classmethod
    def create(
        cls,
        party: Party,
        channel: str,
        start_block: int | None,
        checkpoint: Checkpoint | None,
        tls_certificate_der: bytes | None,
    ) -> _DeliverDraft[T]:
        seek = SeekInfo(
            start=_start(start_block, checkpoint),
            stop=SeekPosition(specified=SeekSpecified(number=_LAST_BLOCK)),
            behavior=SeekInfo.BLOCK_UNTIL_READY,
        )
        unsigned = SigningIdentity(party.identity, lambda _: b"")
        envelope = signed_envelope(
            HeaderType.DELIVER_SEEK_INFO,
            channel,
            seek.SerializeToString(),
            unsigned,
            tls_certificate_der=tls_certificate_der,
        )
        return cls(envelope.payload)

    @classmethod
    def from_bytes(cls, data: bytes, signature: bytes = b"") -> _DeliverDraft[T]:
        envelope = decode(Envelope, data, "envelope")
        return cls(envelope.payload, signature or envelope.signature)


class BlockEventsDraft(_DeliverDraft[Block]):
    method = METHOD_DELIVER

    def events(self, message: bytes) -> Iterator[Block]:
        yield delivered(message, "block").block


class FilteredBlockEventsDraft(_DeliverDraft[FilteredBlock]):
    method = METHOD_DELIVER_FILTERED

    def events(self, message: bytes) -> Iterator[FilteredBlock]:
        block = delivered(message, "filtered_block").filtered_block
        yield FilteredBlock(
            block.channel_id,
            block.number,
            tuple(
                FilteredTransaction(
                    t.txid,
                    header_type_name(t.type),
                    t.tx_validation_code,
                    tuple(
                        ChaincodeEvent(
                            block.number,
                            a.chaincode_event.tx_id,
                            a.chaincode_event.chaincode_id,
                            a.chaincode_event.event_name,
                            a.chaincode_event.payload,
                        )
                        for a in t.transaction_actions.chaincode_actions
                        if a.HasField("chaincode_event")
                    ),
                )
                for t in block.filtered_transactions
            ),
        )


class PrivateBlockEventsDraft(_DeliverDraft[BlockWithPrivateData]):
    method = METHOD_DELIVER_PRIVATE

    def events(self, message: bytes) -> Iterator[BlockWithPrivateData]:
        found = delivered(message, "block_and_private_data").block_and_private_data
        yield BlockWithPrivateData(
            found.block, {index: decode_private_rwset(data) for index, data in found.private_data_map.items()}
        )


def delivered(message: bytes, wanted: str) -> Any:
    """A message of a Deliver service, if it carries what is `wanted`; GatewayError for a status."""
    response = decode(DeliverResponse, message, "deliver response")
    kind = response.WhichOneof("Type")
    if kind == wanted:
        return response
    if kind == "status":
        name = enum_name(Status, response.status)
        raise GatewayError(
            _DELIVER_STATUS.get(response.status, "UNKNOWN"), f"the event stream ended with status {name}"
        )
    raise GatewayError("INTERNAL", f"expected {wanted} from the event stream, got {kind}")


def _start(start_block: int | None, checkpoint: Checkpoint | None) -> SeekPosition:
    if checkpoint is not None and checkpoint.block_number is not None:
        start_block = checkpoint.block_number
    if start_block is None:
        return SeekPosition(next_commit=SeekNextCommit())
    if not 0 <= start_block <= _LAST_BLOCK:
        raise FabricError(f"{start_block} is not a block number")
    return SeekPosition(specified=SeekSpecified(number=start_block))
