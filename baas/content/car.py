"""CARv1 archives: one root, depth first, no duplicates, byte for byte as `ipfs dag export` writes them.

Source: https://ipld.io/specs/transport/car/carv1/ and carv2/, of which the CARv1 inside is read and the index, which
says nothing that the blocks do not, is passed over. Reading bounds every length before it allocates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO

from baas.content import unixfs
from baas.content.cid import MAX_CID_BYTES, ParsedCid, malformed, parse_binary, write_varint
from baas.content.store import Cid
from baas.content.unixfs import MAX_BLOCK_BYTES

_MAX_HEADER_BYTES = 64 << 10
_MAX_ROOTS = 256
_PRAGMA = b"\xa1\x67version\x02"
_MAX_PADDING = 1 << 20


def header(roots: list[ParsedCid]) -> bytes:
    """The archive's first section: DAG-CBOR `{"roots": [CID…], "version": 1}` behind its length."""
    if len(roots) > 23:
        raise ValueError("at most 23 roots")
    body = bytearray(b"\xa2\x65roots") + bytes((0x80 | len(roots),))
    for root in roots:
        binary = b"\x00" + root.binary
        body += b"\xd8\x2a\x58" + bytes((len(binary),)) + binary
    body += b"\x67version\x01"
    return write_varint(len(body)) + bytes(body)


def section(cid: ParsedCid, block: bytes) -> bytes:
    """One block behind its length and CID."""
    binary = cid.binary
    return write_varint(len(binary) + len(block)) + binary + block


def _read_exact(source: BinaryIO, size: int) -> bytes:
    parts, have = [], 0
    while have < size:
        piece = source.read(size - have)
        if not piece:
            raise malformed("CAR archive ends too early")
        parts.append(piece)
        have += len(piece)
    return b"".join(parts)


def _read_length(source: BinaryIO) -> int | None:
    """A section's length, or None at the end of the archive."""
    value = shift = 0
    while True:
        byte = source.read(1)
        if not byte:
            if shift:
                raise malformed("CAR archive ends too early")
            return None
        value |= (byte[0] & 0x7F) << shift
        if byte[0] < 0x80:
            return value
        shift += 7
        if shift > 35:
            raise malformed("CAR section length")


class _Cbor:
    """Just enough DAG-CBOR for an archive's header: maps, arrays, text, unsigned integers, CIDs (tag 42)."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def _head(self) -> tuple[int, int]:
        if self._at >= len(self._data):
            raise malformed("CAR header")
        first = self._data[self._at]
        self._at += 1
        info = first & 0x1F
        if info < 24:
            return first >> 5, info
        if info > 26:
            raise malformed("CAR header")
        width = 1 << (info - 24)
        number = int.from_bytes(self._take(width), "big")
        return first >> 5, number

    def _take(self, size: int) -> bytes:
        piece = self._data[self._at : self._at + size]
        if len(piece) != size:
            raise malformed("CAR header")
        self._at += size
        return piece

    def header(self) -> list[ParsedCid]:
        major, pairs = self._head()
        if major != 5 or pairs > 8:
            raise malformed("CAR header")
        roots: list[ParsedCid] | None = None
        version = None
        for _ in range(pairs):
            major, size = self._head()
            key = self._take(size)
            if major == 3 and key == b"roots":
                roots = self._roots()
            elif major == 3 and key == b"version":
                major, version = self._head()
                if major != 0:
                    raise malformed("CAR header")
            else:
                raise malformed("CAR header")
        if version != 1 or not roots or self._at != len(self._data):
            raise malformed(f"CAR version {version}, only CARv1 with roots is read")
        return roots

    def _roots(self) -> list[ParsedCid]:
        major, count = self._head()
        if major != 4 or count > _MAX_ROOTS:
            raise malformed("CAR header")
        roots = []
        for _ in range(count):
            if self._head() != (6, 42):
                raise malformed("CAR header")
            major, size = self._head()
            binary = self._take(size)
            if major != 2 or size > MAX_CID_BYTES or binary[:1] != b"\x00":
                raise malformed("CAR header")
            cid, end = parse_binary(binary, 1)
            if end != len(binary):
                raise malformed("CAR header")
            roots.append(cid)
        return roots


def read(source: BinaryIO) -> tuple[list[ParsedCid], Iterator[tuple[ParsedCid, bytes]]]:
    """Read an archive: its roots at once, its blocks as they come, each already checked against its CID."""
    first = _first(source)
    if first == _PRAGMA:
        source = _inside(source)  # type: ignore[assignment]
        first = _first(source)
    return _Cbor(first).header(), _blocks(source)


def _first(source: BinaryIO) -> bytes:
    size = _read_length(source)
    if size is None or not 0 < size <= _MAX_HEADER_BYTES:
        raise malformed("CAR header length")
    return _read_exact(source, size)


class _Part:
    """A stretch of a stream, read in order."""

    def __init__(self, source: BinaryIO, size: int) -> None:
        self._source, self._left = source, size

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes of it."""
        piece = self._source.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(piece)
        return piece


def _inside(source: BinaryIO) -> _Part:
    """The CARv1 of a CARv2, whose header of 40 bytes follows its pragma: characteristics, offset, size, index."""
    head = _read_exact(source, 40)
    offset, size = (int.from_bytes(head[at : at + 8], "little") for at in (16, 24))
    skipped = offset - len(_PRAGMA) - 1 - len(head)
    if not 0 <= skipped <= _MAX_PADDING or size < 1:
        raise malformed("CARv2 header")
    _read_exact(source, skipped)
    return _Part(source, size)


def _blocks(source: BinaryIO) -> Iterator[tuple[ParsedCid, bytes]]:
    while (size := _read_length(source)) is not None:
        if not 0 < size <= MAX_BLOCK_BYTES + MAX_CID_BYTES:
            raise malformed("CAR section length")
        body = _read_exact(source, size)
        cid, at = parse_binary(body)
        block = body[at:]
        if not cid.matches(block):
            raise malformed(f"block does not match its CID {cid.text}")
        yield cid, block


def whole_in(source: BinaryIO, block: Callable[[Cid], bytes]) -> list[Cid]:
    """The roots of an archive of which it holds every block itself; `block` gives a block by its CID.

    A root that the store completes is not among them: whoever made the archive need not have had what it links to.
    """
    roots, blocks = read(source)
    held = {cid.digest for cid, _ in blocks}
    found: list[Cid] = []
    for root in roots:
        met: set[bytes] = set()

        def seen(one: ParsedCid, met: set[bytes] = met) -> bool:
            known = one.digest in met
            met.add(one.digest)
            return known

        if all(cid.digest in held for cid, _ in unixfs.walk(lambda one: block(one.text), root, seen)):
            found.append(root.text)
    return found
