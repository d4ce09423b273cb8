"""Content identifiers (CIDv1: UnixFS, balanced tree, raw leaves of 256 KiB, 174 links a node), computed from a file."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator

LEAF_BYTES, LINKS = 262_144, 174


def put_varint(value: int) -> bytes:
    """A number as protobuf and CIDs write it."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes((value,)))


def content_cid(pieces: Iterable[bytes], size: int) -> str:
    """The CID of a stream of `size` bytes."""
    level = [
        (b"\x01\x55\x12\x20" + hashlib.sha256(leaf).digest(), len(leaf), len(leaf)) for leaf in _leaves(pieces, size)
    ]
    while len(level) > 1:
        level = [_node(level[at : at + LINKS]) for at in range(0, len(level), LINKS)]
    return "b" + base64.b32encode(level[0][0]).decode().lower().rstrip("=")


def _leaves(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    buffer = b""
    for piece in pieces:
        buffer += piece
        while len(buffer) >= LEAF_BYTES:
            yield buffer[:LEAF_BYTES]
            buffer = buffer[LEAF_BYTES:]
    if buffer or size == 0:
        yield buffer


def _node(children: list[tuple[bytes, int, int]]) -> tuple[bytes, int, int]:
    unixfs = b"\x08\x02\x18" + put_varint(sum(child[1] for child in children))
    out = b""
    for cid, length, total in children:
        unixfs += b"\x20" + put_varint(length)
        link = b"\x0a" + put_varint(len(cid)) + cid + b"\x12\x00\x18" + put_varint(total)
        out += b"\x12" + put_varint(len(link)) + link
    block = out + b"\x0a" + put_varint(len(unixfs)) + unixfs
    total = len(block) + sum(child[2] for child in children)
    return b"\x01\x70\x12\x20" + hashlib.sha256(block).digest(), sum(child[1] for child in children), total
