"""Frames of the local stream: Gateway and Deliver calls over one connection on the same machine, without gRPC.

A frame is a length (4 bytes, big-endian, of what follows), a kind (1 byte), a call number (4 bytes) and a body:

    HELLO   client: the token; server: empty. First frame of both sides.
    CALL    client: method, target and request of a call with one request
    OPEN    client: method and target of a call with several requests
    DATA    either side: one message of a stream
    REPLY   server: the one message of a call without a stream; the call is over
    END     client: no more requests; server: the stream is over
    ERROR   server: status code and texts; the call is over
    CANCEL  client: the answer is not wanted any more
    CREDIT  client: how many more stream messages the server may send

Calls are named by gRPC path, the target is the peer's name. Streams begin with WINDOW messages of credit.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from fabric_sdk.errors import DecodeError
from fabric_sdk.wire import MAX_MESSAGE_BYTES

HELLO, CALL, OPEN, DATA, REPLY, END, ERROR, CANCEL, CREDIT = range(1, 10)
WINDOW = 64
MAX_FRAME_BYTES = MAX_MESSAGE_BYTES + 4096
_HEAD = struct.Struct(">IBI")
_U32 = struct.Struct(">I")

STATUS_CODES = {
    "OK": 0,
    "CANCELLED": 1,
    "UNKNOWN": 2,
    "INVALID_ARGUMENT": 3,
    "DEADLINE_EXCEEDED": 4,
    "NOT_FOUND": 5,
    "ALREADY_EXISTS": 6,
    "PERMISSION_DENIED": 7,
    "RESOURCE_EXHAUSTED": 8,
    "FAILED_PRECONDITION": 9,
    "ABORTED": 10,
    "OUT_OF_RANGE": 11,
    "UNIMPLEMENTED": 12,
    "INTERNAL": 13,
    "UNAVAILABLE": 14,
    "DATA_LOSS": 15,
    "UNAUTHENTICATED": 16,
}
STATUS_NAMES = {number: name for name, number in STATUS_CODES.items()}


@dataclass(frozen=True, slots=True)
class Status:
    """How a call failed: gRPC status name, text, and a serialised google.rpc.Status (b"" if there are no details)."""

    code: str
    message: str
    details: bytes = b""


def frame(kind: int, call: int, body: bytes = b"") -> bytes:
    """Encode one frame."""
    return _HEAD.pack(len(body) + 5, kind, call) + body


def call_body(method: str, target: str, request: bytes) -> bytes:
    """Body of CALL and OPEN frames."""
    name, where = method.encode(), target.encode()
    return bytes((len(name), len(where))) + name + where + request


def read_call(body: bytes) -> tuple[str, str, bytes]:
    """Method, target and request of a CALL or OPEN frame; DecodeError if it is broken."""
    if len(body) < 2 or len(body) < 2 + body[0] + body[1]:
        raise DecodeError("a call frame is too short")
    middle = 2 + body[0]
    end = middle + body[1]
    try:
        return body[2:middle].decode(), body[middle:end].decode(), body[end:]
    except UnicodeDecodeError as e:
        raise DecodeError("a call frame names no method") from e


def error_body(status: Status) -> bytes:
    text = status.message.encode("utf-8", "replace")
    return bytes((STATUS_CODES.get(status.code, 2),)) + _U32.pack(len(text)) + text + status.details


def read_error(body: bytes) -> Status:
    """The status in an ERROR frame; DecodeError if it is broken."""
    if len(body) < 5:
        raise DecodeError("an error frame is too short")
    (size,) = _U32.unpack_from(body, 1)
    if len(body) < 5 + size:
        raise DecodeError("an error frame is too short")
    return Status(STATUS_NAMES.get(body[0], "UNKNOWN"), body[5 : 5 + size].decode("utf-8", "replace"), body[5 + size :])


def credit_body(count: int) -> bytes:
    return _U32.pack(count)


def read_credit(body: bytes) -> int:
    if len(body) != 4:
        raise DecodeError("a credit frame has four bytes")
    return int(_U32.unpack(body)[0])


class FrameReader:
    """Cuts what a connection delivers into frames. DecodeError for frames longer than any message may be."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Take bytes and yield the frames they complete as (kind, call, body)."""
        buffer = self._buffer
        buffer += data
        position, available = 0, len(buffer)
        try:
            while available - position >= 9:
                length, kind, call = _HEAD.unpack_from(buffer, position)
                if length < 5 or length > MAX_FRAME_BYTES:
                    raise DecodeError(f"a frame of {length} bytes is not possible")
                end = position + 4 + length
                if end > available:
                    break
                body = bytes(buffer[position + 9 : end])
                position = end
                yield kind, call, body
        finally:
            del buffer[:position]
