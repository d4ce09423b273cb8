"""Blocks as they are stored: packed with zlib, since each transaction repeats the same certificates.

A block of a hundred transactions takes a tenth of its bytes, and what is not written need not be waited for. The
digest beside a block is that of the block itself, as it was before there was packing; the packed bytes carry a check of
their own, so that no changed bit goes unnoticed, not even one that unpacking would not miss.
"""

from __future__ import annotations

import struct
import zlib
from hashlib import sha256

from network.embedded.faults import LedgerDamaged

MARK = b"\xffcitychain-zlib\x00"
"""No protobuf message begins so."""
_HEAD = struct.Struct(">Q8s")
HEAD_BYTES = len(MARK) + _HEAD.size
_LEAST_BYTES = 512
_MOST_BYTES = 1 << 31
_LEVEL = 1


def pack(body: bytes) -> bytes:
    """A block's stored form; itself where packing saves nothing."""
    if len(body) < _LEAST_BYTES:
        return body
    packed = zlib.compress(body, _LEVEL)
    if len(packed) + HEAD_BYTES >= len(body):
        return body
    return MARK + _HEAD.pack(len(body), _check(len(body), packed)) + packed


def unpack(stored: bytes, number: int) -> bytes:
    """The block of a stored form; LedgerDamaged where that was changed."""
    if not stored.startswith(MARK):
        return stored
    if len(stored) >= HEAD_BYTES:
        size, check = _HEAD.unpack_from(stored, len(MARK))
        packed = stored[HEAD_BYTES:]
        if check == _check(size, packed) and size <= _MOST_BYTES:
            try:
                body = zlib.decompressobj().decompress(packed, size)
            except zlib.error:
                body = b""
            if len(body) == size:
                return body
    raise LedgerDamaged(f"the stored block {number} does not fit its digest")


def plain_bytes(head: bytes, stored: int) -> int:
    """How large a block is, from the first `HEAD_BYTES` of its stored form and the length of that."""
    if head.startswith(MARK) and len(head) >= HEAD_BYTES:
        return int(_HEAD.unpack_from(head, len(MARK))[0])
    return stored


def _check(size: int, packed: bytes) -> bytes:
    return sha256(size.to_bytes(8, "big") + packed).digest()[:8]
