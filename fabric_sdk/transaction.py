"""Read proposals and transactions that others made: each message is parsed once, into plain values.

A transaction that is not well formed raises MalformedTransaction with the validation code that Fabric's committing
peers give it (`core/common/validation`), so that a validator needs no second look.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any

from fabric_protos.common.common_pb2 import (
    ChannelHeader,
    Envelope,
    Header,
    HeaderType,
    Payload,
    SignatureHeader,
)
from fabric_protos.peer.chaincode_pb2 import ChaincodeInvocationSpec
from fabric_protos.peer.proposal_pb2 import (
    ChaincodeAction,
    ChaincodeHeaderExtension,
    ChaincodeProposalPayload,
    Proposal,
)
from fabric_protos.peer.proposal_response_pb2 import ProposalResponsePayload
from fabric_protos.peer.transaction_pb2 import ChaincodeActionPayload, Transaction

from fabric_sdk.errors import DecodeError
from fabric_sdk.wire import decode, encode

# Looking a name up in an enumeration of protobuf costs a microsecond, and messages are asked for their type often.
ENDORSER_TRANSACTION: int = HeaderType.ENDORSER_TRANSACTION
CONFIG: int = HeaderType.CONFIG
CONFIG_UPDATE: int = HeaderType.CONFIG_UPDATE
_IN_BLOCKS = (ENDORSER_TRANSACTION, CONFIG_UPDATE, CONFIG)


class MalformedTransaction(DecodeError):
    """A transaction that cannot be read; `code_name` is the validation code that it gets in a block."""

    def __init__(self, code_name: str, message: str) -> None:
        super().__init__(message)
        self.code_name = code_name


def transaction_id(nonce: bytes, creator: bytes) -> str:
    """The id of a transaction: hex SHA-256 over nonce and creator."""
    return sha256(nonce + creator).hexdigest()


def utc_datetime(timestamp: Any) -> datetime.datetime | None:
    """A protobuf timestamp as an aware datetime (microseconds); None if it is outside of the calendar."""
    try:
        return datetime.datetime.fromtimestamp(timestamp.seconds, datetime.UTC) + datetime.timedelta(
            microseconds=timestamp.nanos // 1000
        )
    except (ValueError, OverflowError, OSError):
        return None


@dataclass(frozen=True)
class HeaderView:
    """The two headers that every signed message begins with; `raw_*` are their exact bytes."""

    raw_channel_header: bytes = field(repr=False)
    raw_signature_header: bytes = field(repr=False)
    type: int
    channel_id: str
    transaction_id: str
    epoch: int
    seconds: int
    nanos: int
    extension: bytes = field(repr=False)
    tls_certificate_hash: bytes = field(repr=False)
    creator: bytes = field(repr=False)
    nonce: bytes = field(repr=False)

    @cached_property
    def timestamp(self) -> datetime.datetime | None:
        """When the client says it made the message."""
        return utc_datetime(self)

    @property
    def type_name(self) -> str:
        return header_type_name(self.type)


@dataclass(frozen=True)
class ProposalView:
    """A proposal to call a chaincode; `args[0]` is by convention the function's name."""

    header: HeaderView
    raw: bytes = field(repr=False)
    raw_header: bytes = field(repr=False)
    chaincode: str
    chaincode_version: str
    input_chaincode: str
    args: tuple[bytes, ...] = field(repr=False)
    is_init: bool
    decorations: Mapping[str, bytes] = field(repr=False)
    transient: Mapping[str, bytes] = field(repr=False)
    raw_public_payload: bytes = field(repr=False)

    @property
    def channel_id(self) -> str:
        return self.header.channel_id

    @property
    def transaction_id(self) -> str:
        return self.header.transaction_id

    @property
    def creator(self) -> bytes:
        return self.header.creator

    @cached_property
    def hash(self) -> bytes:
        """What every endorser answers to: SHA-256 over both headers and the payload without transient data."""
        return proposal_hash(self.header.raw_channel_header, self.header.raw_signature_header, self.raw_public_payload)


@dataclass(frozen=True)
class EnvelopeView:
    """A signed message: the signature is over `payload`."""

    payload: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    header: HeaderView
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class EndorsementView:
    """One peer's signature over the response payload followed by `endorser` (its serialized identity)."""

    endorser: bytes = field(repr=False)
    signature: bytes = field(repr=False)


@dataclass(frozen=True)
class ActionView:
    """What an endorser transaction carries: the call, its simulated results and who signed them."""

    args: tuple[bytes, ...] = field(repr=False)
    input_chaincode: str
    is_init: bool
    response_payload: bytes = field(repr=False)
    results: bytes = field(repr=False)
    events: bytes = field(repr=False)
    response_status: int
    response_message: str
    response_payload_data: bytes = field(repr=False)
    chaincode: str
    chaincode_version: str
    endorsements: tuple[EndorsementView, ...]


def header_type_name(number: int) -> str:
    """`ENDORSER_TRANSACTION`, `CONFIG`, ...; `HEADER_TYPE_<n>` for numbers without a name."""
    name: str | None = HeaderType.DESCRIPTOR.values_by_number.get(number) and HeaderType.Name(number)
    return name or f"HEADER_TYPE_{number}"


def proposal_hash(raw_channel_header: bytes, raw_signature_header: bytes, raw_public_payload: bytes) -> bytes:
    digest = sha256(raw_channel_header)
    digest.update(raw_signature_header)
    digest.update(raw_public_payload)
    return digest.digest()


def read_header(raw_channel_header: bytes, raw_signature_header: bytes) -> HeaderView:
    """Parse both headers; DecodeError if they are not."""
    channel = decode(ChannelHeader, raw_channel_header, "channel header")
    signature = decode(SignatureHeader, raw_signature_header, "signature header")
    timestamp = channel.timestamp
    return HeaderView(
        raw_channel_header,
        raw_signature_header,
        channel.type,
        channel.channel_id,
        channel.tx_id,
        channel.epoch,
        timestamp.seconds,
        timestamp.nanos,
        channel.extension,
        channel.tls_cert_hash,
        signature.creator,
        signature.nonce,
    )


def read_proposal(proposal: bytes) -> ProposalView:
    """Parse a proposal and check that it is complete; DecodeError says what is wrong.

    The creator's right and signature are the caller's business.
    """
    outer = decode(Proposal, proposal, "proposal")
    header = decode(Header, outer.header, "header")
    view = read_header(header.channel_header, header.signature_header)
    if view.type not in (ENDORSER_TRANSACTION, CONFIG):
        raise DecodeError(f"invalid header type {view.type_name}")
    if view.epoch != 0:
        raise DecodeError("epoch is non-zero")
    if not view.nonce:
        raise DecodeError("nonce is empty")
    if not view.creator:
        raise DecodeError("creator is empty")
    expected = transaction_id(view.nonce, view.creator)
    if view.transaction_id != expected:
        raise DecodeError(f"incorrectly computed txid '{view.transaction_id}' -- expected '{expected}'")
    target = decode(ChaincodeHeaderExtension, view.extension, "chaincode header extension")
    if not target.chaincode_id.name:
        raise DecodeError("the chaincode's name is empty")
    payload = decode(ChaincodeProposalPayload, outer.payload, "chaincode proposal payload")
    call = decode(ChaincodeInvocationSpec, payload.input, "chaincode invocation")
    if not call.HasField("chaincode_spec") or not call.chaincode_spec.HasField("input"):
        raise DecodeError("the chaincode invocation has no input")
    spec = call.chaincode_spec
    return ProposalView(
        header=view,
        raw=proposal,
        raw_header=outer.header,
        chaincode=target.chaincode_id.name,
        chaincode_version=target.chaincode_id.version,
        input_chaincode=spec.chaincode_id.name,
        args=tuple(spec.input.args),
        is_init=spec.input.is_init,
        decorations=dict(spec.input.decorations),
        transient=dict(payload.TransientMap),
        raw_public_payload=encode(ChaincodeProposalPayload(input=payload.input)),
    )


def read_envelope(envelope: bytes) -> EnvelopeView:
    """Parse a signed message with its headers; MalformedTransaction if it is not one.

    Codes: NIL_ENVELOPE, BAD_PAYLOAD, BAD_COMMON_HEADER, in the order in which a committing peer looks.
    """
    if not envelope:
        raise MalformedTransaction("NIL_ENVELOPE", "the envelope is empty")
    try:
        outer = decode(Envelope, envelope, "envelope")
    except DecodeError as e:
        raise MalformedTransaction("INVALID_OTHER_REASON", str(e)) from e
    return read_payload(outer.payload, outer.signature)


def read_payload(payload: bytes, signature: bytes) -> EnvelopeView:
    """As `read_envelope`, from the two parts of an envelope."""
    try:
        inner = decode(Payload, payload, "payload")
    except DecodeError as e:
        raise MalformedTransaction("BAD_PAYLOAD", str(e)) from e
    if not inner.HasField("header"):
        raise MalformedTransaction("BAD_COMMON_HEADER", "the payload has no header")
    try:
        header = read_header(inner.header.channel_header, inner.header.signature_header)
    except DecodeError as e:
        raise MalformedTransaction("BAD_COMMON_HEADER", str(e)) from e
    return EnvelopeView(payload, signature, header, inner.data)


def check_common_header(header: HeaderView) -> None:
    """What a committing peer asks of any header: a type that may be in a block, epoch 0, a nonce and a creator."""
    if header.type not in _IN_BLOCKS:
        raise MalformedTransaction("BAD_COMMON_HEADER", f"invalid header type {header.type_name}")
    if header.epoch != 0:
        raise MalformedTransaction("BAD_COMMON_HEADER", f"invalid epoch {header.epoch}, expected 0")
    if not header.nonce or not header.creator:
        raise MalformedTransaction("BAD_COMMON_HEADER", "the header has no nonce or no creator")


def read_action(view: EnvelopeView) -> ActionView:
    """Parse what an endorser transaction carries and check that it belongs to its headers.

    MalformedTransaction with code BAD_PROPOSAL_TXID, or INVALID_ENDORSER_TRANSACTION (among others if the endorsed
    results belong to another proposal).
    """
    header = view.header
    expected = transaction_id(header.nonce, header.creator)
    if header.transaction_id != expected:
        raise MalformedTransaction(
            "BAD_PROPOSAL_TXID", f"incorrectly computed txid '{header.transaction_id}' -- expected '{expected}'"
        )
    try:
        return _read_action(view)
    except MalformedTransaction:
        raise
    except DecodeError as e:
        raise MalformedTransaction("INVALID_ENDORSER_TRANSACTION", str(e)) from e


def _read_action(view: EnvelopeView) -> ActionView:
    actions = decode(Transaction, view.data, "transaction").actions
    if len(actions) != 1:
        raise DecodeError(f"only one action per transaction is supported, the transaction contains {len(actions)}")
    raw_signature_header = actions[0].header
    inner = decode(SignatureHeader, raw_signature_header, "signature header")
    if not inner.nonce or not inner.creator:
        raise DecodeError("the action's header has no nonce or no creator")
    payload = decode(ChaincodeActionPayload, actions[0].payload, "chaincode action payload")
    response = decode(ProposalResponsePayload, payload.action.proposal_response_payload, "proposal response payload")
    expected = proposal_hash(view.header.raw_channel_header, raw_signature_header, payload.chaincode_proposal_payload)
    if response.proposal_hash != expected:
        raise DecodeError("the endorsed results belong to another proposal: proposal hash does not match")
    action = decode(ChaincodeAction, response.extension, "chaincode action")
    call = decode(
        ChaincodeInvocationSpec,
        decode(ChaincodeProposalPayload, payload.chaincode_proposal_payload, "chaincode proposal payload").input,
        "chaincode invocation",
    )
    spec = call.chaincode_spec
    return ActionView(
        args=tuple(spec.input.args),
        input_chaincode=spec.chaincode_id.name,
        is_init=spec.input.is_init,
        response_payload=payload.action.proposal_response_payload,
        results=action.results,
        events=action.events,
        response_status=action.response.status,
        response_message=action.response.message,
        response_payload_data=action.response.payload,
        chaincode=action.chaincode_id.name,
        chaincode_version=action.chaincode_id.version,
        endorsements=tuple(EndorsementView(e.endorser, e.signature) for e in payload.action.endorsements),
    )
