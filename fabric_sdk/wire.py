"""One door for protobuf bytes that others wrote: a bounded size, and one kind of error."""

from __future__ import annotations

from typing import Any, TypeVar

from google.protobuf.message import DecodeError as _ProtobufDecodeError

from fabric_sdk.errors import DecodeError

M = TypeVar("M")

MAX_MESSAGE_BYTES = 100 * 1024 * 1024
"""Fabric's own limit for one gRPC message."""


def decode(message_type: type[M], data: bytes, what: str = "") -> M:
    """Parse `data` as `message_type`; DecodeError if it is not one (or is larger than Fabric sends)."""
    if len(data) > MAX_MESSAGE_BYTES:
        raise DecodeError(f"{what or message_type.__name__}: {len(data)} bytes are more than Fabric sends")
    message: Any = message_type()
    try:
        message.ParseFromString(data)
    except (_ProtobufDecodeError, UnicodeDecodeError, ValueError) as e:
        raise DecodeError(f"not a {what or message_type.__name__}") from e
    return message  # type: ignore[no-any-return]


def enum_name(enum: Any, number: int) -> str:
    """The name of an enumeration's number; the number itself where others send one that nobody has named."""
    return str(enum.Name(number)) if number in enum.values() else str(number)


def encode(message: Any) -> bytes:
    """Serialise a message with its map entries in a stable order, so that equal messages give equal bytes."""
    data: bytes = message.SerializeToString(deterministic=True)
    return data
