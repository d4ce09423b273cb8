"""What gRPC adds to HTTP/2: length-prefixed messages, timeouts, and a status in the trailers.

Source: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
"""

from __future__ import annotations

import base64
import binascii
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from fabric_sdk.errors import GatewayError
from fabric_sdk.http2.details import DETAILS_KEY, read_details
from fabric_sdk.http2.engine import CANCEL, ENHANCE_YOUR_CALM, REFUSED_STREAM
from fabric_sdk.wire import MAX_MESSAGE_BYTES

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
_NAMES = {str(number).encode(): name for name, number in STATUS_CODES.items()}
_OF_HTTP = {400: "INTERNAL", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "UNIMPLEMENTED"}
_UNAVAILABLE_HTTP = (429, 502, 503, 504)
_SECONDS = {b"H": 3600.0, b"M": 60.0, b"S": 1.0, b"m": 1e-3, b"u": 1e-6, b"n": 1e-9}
_HEAD = struct.Struct(">BI")
_PLAIN = frozenset(range(0x20, 0x7F)) - {0x25}


class BadMessage(Exception):
    """The peer's bytes are no gRPC messages, or larger than allowed; `code` is the status to fail the call with."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


def frame(message: bytes) -> bytes:
    """A message as it travels: uncompressed, behind its length."""
    return b"\0" + len(message).to_bytes(4, "big") + message


class MessageReader:
    """Cuts what a stream delivers into messages of at most `limit` bytes."""

    __slots__ = ("_limit", "_parts")

    def __init__(self, limit: int = MAX_MESSAGE_BYTES) -> None:
        self._limit = limit
        self._parts = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """Take bytes and return the messages that they complete. BadMessage for compressed or too large ones."""
        parts = self._parts
        if not parts and len(data) >= 5:
            compressed, size = _HEAD.unpack_from(data)
            if not compressed and len(data) == size + 5 and size <= self._limit:
                return [data[5:]]
        parts += data
        found: list[bytes] = []
        begin, available = 0, len(parts)
        while available - begin >= 5:
            compressed, size = _HEAD.unpack_from(parts, begin)
            if compressed:
                raise BadMessage("UNIMPLEMENTED", "compressed messages are not supported")
            if size > self._limit:
                raise BadMessage("RESOURCE_EXHAUSTED", f"received message larger than max ({size} vs. {self._limit})")
            end = begin + 5 + size
            if end > available:
                break
            found.append(bytes(parts[begin + 5 : end]))
            begin = end
        if begin:
            del parts[:begin]
        return found

    @property
    def pending(self) -> int:
        """Bytes of a message that is not complete."""
        return len(self._parts)


def timeout_value(seconds: float) -> bytes:
    """`grpc-timeout`: at most eight digits and a unit, never shorter than asked for."""
    milliseconds = max(1, math.ceil(seconds * 1000))
    if milliseconds < 100_000_000:
        return b"%dm" % milliseconds
    return b"%dS" % min(99_999_999, math.ceil(seconds))


def read_timeout(value: bytes) -> float | None:
    """Seconds; None if this is no timeout."""
    digits, unit = value[:-1], _SECONDS.get(value[-1:])
    if unit is None or not 1 <= len(digits) <= 8 or not digits.isdigit():
        return None
    return int(digits) * unit


def encode_text(text: str) -> bytes:
    """`grpc-message`: UTF-8, percent-encoded outside of printable ASCII, and blanks at its ends, which no field value
    may have (RFC 9113, 8.2.1): libraries take a whole answer with one for malformed, and its reader waits."""
    data = text.encode("utf-8", "replace")
    if not _PLAIN.issuperset(data):
        data = b"".join(b"%c" % byte if byte in _PLAIN else b"%%%02X" % byte for byte in data)
    begun = data.lstrip(b" ")
    inner = begun.rstrip(b" ")
    return b"%20" * (len(data) - len(begun)) + inner + b"%20" * (len(begun) - len(inner))


def decode_text(value: bytes) -> str:
    return unquote_to_bytes(value).decode("utf-8", "replace")


def encode_binary(data: bytes) -> bytes:
    """A header whose name ends in `-bin`: base64 without padding."""
    return base64.b64encode(data).rstrip(b"=")


def decode_binary(value: bytes) -> bytes:
    """Its bytes, b"" if it is not base64; padded or not."""
    try:
        return base64.b64decode(value.rstrip(b"=") + b"=" * (-len(value.rstrip(b"=")) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""


@dataclass(frozen=True, slots=True)
class Failure:
    """How a call failed: status name, text, and a serialised google.rpc.Status (b"" if there are no details)."""

    code: str
    text: str
    details: bytes = b""

    def trailers(self) -> list[tuple[bytes, bytes]]:
        found = [(b"grpc-status", b"%d" % STATUS_CODES.get(self.code, 2))]
        if self.text:
            found.append((b"grpc-message", encode_text(self.text)))
        if self.details:
            found.append((DETAILS_KEY.encode(), encode_binary(self.details)))
        return found

    def error(self) -> GatewayError:
        return GatewayError(self.code, self.text, read_details(self.details) if self.details else ())


def failure_of(trailers: Mapping[bytes, bytes]) -> Failure | None:
    """What a call's trailers say: None for success."""
    status = trailers.get(b"grpc-status")
    if status == b"0":
        return None
    if status is None:
        return Failure("UNKNOWN", "the server ended the call without a status")
    details = trailers.get(DETAILS_KEY.encode(), b"")
    return Failure(
        _NAMES.get(status, "UNKNOWN"),
        decode_text(trailers.get(b"grpc-message", b"")),
        decode_binary(details) if details else b"",
    )


def failure_of_http(status: bytes, content_type: bytes) -> Failure | None:
    """What is wrong with a response's head; None if it is a gRPC response."""
    if status == b"200":
        if content_type.startswith(b"application/grpc"):
            return None
        return Failure("UNKNOWN", f"the server does not speak gRPC: content-type {content_type.decode('latin-1')!r}")
    try:
        number = int(status)
    except ValueError:
        number = 0
    code = "UNAVAILABLE" if number in _UNAVAILABLE_HTTP else _OF_HTTP.get(number, "UNKNOWN")
    return Failure(code, f"the server answered with HTTP status {status.decode('latin-1')!r}")


def failure_of_reset(code: int) -> Failure:
    """What a stream that was broken off without a status means."""
    name = {REFUSED_STREAM: "UNAVAILABLE", CANCEL: "CANCELLED", ENHANCE_YOUR_CALM: "RESOURCE_EXHAUSTED"}.get(
        code, "INTERNAL"
    )
    return Failure(name, f"the server broke the call off (HTTP/2 error {code})")
