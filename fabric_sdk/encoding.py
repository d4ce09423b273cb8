"""Protobuf's wire format by hand, for messages that every transaction needs; tests hold them beside protobuf's bytes.

A message object costs a few microseconds before it holds anything. Only messages whose fields are known when they are
written are here; fields that are empty are left out, as proto3 does.
"""

from __future__ import annotations

from collections.abc import Iterable


def varint(number: int) -> bytes:
    if number < 0x80:
        return _BYTES[number]
    if number < 0x4000:
        return bytes((number & 0x7F | 0x80, number >> 7))
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


_BYTES = [bytes((n,)) for n in range(256)]
_TAGS = [bytes((n << 3 | 2,)) for n in range(16)]


def field(number: int, value: bytes) -> bytes:
    """A field of bytes, text or a message (numbers below 16), also when it is empty."""
    return _TAGS[number] + varint(len(value)) + value


def filled(number: int, value: bytes) -> bytes:
    """The same, b"" for an empty value."""
    return _TAGS[number] + varint(len(value)) + value if value else b""


def number(field_number: int, value: int) -> bytes:
    """A field with a number that is not negative, b"" for 0."""
    return _BYTES[field_number << 3] + varint(value) if value else b""


def response(status: int, message: str, payload: bytes) -> bytes:
    """`protos.Response`."""
    return number(1, status) + filled(2, message.encode()) + filled(3, payload)


def proposal_response_payload(
    proposal_hash: bytes,
    results: bytes,
    events: bytes,
    *,
    status: int,
    message: str,
    payload: bytes,
    chaincode: str,
    chaincode_version: str,
) -> bytes:
    """`protos.ProposalResponsePayload` with a `ChaincodeAction`: what endorsers sign."""
    identifier = filled(2, chaincode.encode()) + filled(3, chaincode_version.encode())
    action = (
        filled(1, results) + filled(2, events) + field(3, response(status, message, payload)) + field(4, identifier)
    )
    return filled(1, proposal_hash) + field(2, action)


def header(channel_header: bytes, signature_header: bytes) -> bytes:
    """`common.Header`."""
    return filled(1, channel_header) + filled(2, signature_header)


def transaction_payload(
    raw_header: bytes,
    signature_header: bytes,
    public_payload: bytes,
    response_payload: bytes,
    endorsements: Iterable[tuple[bytes, bytes]],
) -> tuple[bytes, bytes]:
    """`common.Payload` of an endorser transaction, and the `protos.Transaction` inside it.

    `endorsements` are pairs of serialised identity and signature.
    """
    signed = b"".join(field(2, filled(1, endorser) + filled(2, signature)) for endorser, signature in endorsements)
    action = filled(1, public_payload) + field(2, filled(1, response_payload) + signed)
    transaction = field(1, filled(1, signature_header) + filled(2, action))
    return field(1, raw_header) + field(2, transaction), transaction


def envelope(payload: bytes, signature: bytes) -> bytes:
    """`common.Envelope`."""
    return filled(1, payload) + filled(2, signature)


def channel_header(
    kind: int, seconds: int, nanos: int, channel: str, transaction_id: str, extension: bytes, tls_hash: bytes
) -> bytes:
    """`common.ChannelHeader`; fields in the order of their numbers."""
    return (
        number(1, kind)
        + field(3, number(1, seconds) + number(2, nanos))
        + filled(4, channel.encode())
        + filled(5, transaction_id.encode())
        + filled(7, extension)
        + filled(8, tls_hash)
    )


def call(chaincode: str, args: Iterable[bytes], *, is_init: bool = False) -> bytes:
    """`protos.ChaincodeInvocationSpec`."""
    given = b"".join(field(1, arg) for arg in args) + (b"\x18\x01" if is_init else b"")
    spec = field(2, filled(2, chaincode.encode())) + field(3, given)
    return field(1, spec)


def signed_proposal_request(
    transaction_id: str, channel: str, proposal: bytes, signature: bytes, organizations: Iterable[str]
) -> bytes:
    """`gateway.EvaluateRequest` and `gateway.EndorseRequest`, whose fields have the same numbers."""
    return (
        filled(1, transaction_id.encode())
        + filled(2, channel.encode())
        + field(3, filled(1, proposal) + filled(2, signature))
        + b"".join(field(4, organization.encode()) for organization in organizations)
    )


def submit_request(transaction_id: str, channel: str, payload: bytes, signature: bytes) -> bytes:
    """`gateway.SubmitRequest`."""
    return filled(1, transaction_id.encode()) + filled(2, channel.encode()) + field(3, envelope(payload, signature))


def commit_status_request(transaction_id: str, channel: str, identity: bytes) -> bytes:
    """`gateway.CommitStatusRequest`."""
    return filled(1, transaction_id.encode()) + filled(2, channel.encode()) + filled(3, identity)


def signed_request(request: bytes, signature: bytes) -> bytes:
    """`gateway.SignedCommitStatusRequest`."""
    return filled(1, request) + filled(2, signature)
