"""The two hashes that chain blocks together (Fabric documentation, "Ledger": block structure)."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any


def header_bytes(header: Any) -> bytes:
    """A block header as orderers sign it: DER SEQUENCE of number, previous hash and data hash."""
    body = _integer(header.number) + _octets(header.previous_hash) + _octets(header.data_hash)
    return b"\x30" + _length(len(body)) + body


def header_hash(header: Any) -> bytes:
    """A block's hash: SHA-256 over `header_bytes`; the next block's previous hash."""
    return sha256(header_bytes(header)).digest()


def data_hash(data: Any) -> bytes:
    """SHA-256 over all envelopes one after another; takes `BlockData` or a sequence of bytes."""
    envelopes: Sequence[bytes] = data.data if hasattr(data, "data") else data
    return sha256(b"".join(envelopes)).digest()


def _integer(value: int) -> bytes:
    content = value.to_bytes(value.bit_length() // 8 + 1, "big")
    return b"\x02" + _length(len(content)) + content


def _octets(value: bytes) -> bytes:
    return b"\x04" + _length(len(value)) + value


def _length(length: int) -> bytes:
    if length < 0x80:
        return bytes((length,))
    content = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((0x80 | len(content),)) + content
