"""UnixFS files: cutting a stream into blocks as Kubo does, and reading a range back out of untrusted blocks.

Layout: balanced, raw leaves, dag-pb nodes with UnixFS `Data` of type File; the bytes equal Kubo's, so the CIDs do.
Sources: IPLD dag-pb specification, https://specs.ipfs.tech/unixfs/.

Reading trusts nothing: every block is hashed by its source, every node's sizes must add up and every child must
carry at least one byte, so that the work is bounded by the bytes that come out and a cyclic, empty or endless graph
cannot be expressed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from baas.content.cid import DAG_PB, RAW, ParsedCid, malformed, of_block, parse_binary, read_varint, write_varint
from baas.content.store import Chunking, ContentError, Progress
from network.text import Text

MAX_BLOCK_BYTES = 2 << 20
"""Largest block taken from anybody, as in Bitswap and Kubo."""
MAX_DEPTH = 24
_RAW_TYPE, _DIRECTORY, _FILE, _HAMT = 0, 1, 2, 5

PutBlock = Callable[[ParsedCid, bytes], None]
GetBlock = Callable[[ParsedCid], bytes]


@dataclass(frozen=True, slots=True)
class Link:
    """A child: its CID, the `total` bytes its graph takes up (dag-pb's Tsize) and its `name` (folders only)."""

    cid: ParsedCid
    total: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Node:
    """A decoded dag-pb block; `sizes` are the file bytes under each link, `size` those of the whole node."""

    links: tuple[Link, ...]
    kind: int
    data: bytes
    size: int
    sizes: tuple[int, ...] = field(default=())


def encode_file_node(links: list[tuple[Link, int]]) -> bytes:
    """Encode an inner file node from (link, file bytes under it), byte for byte as Kubo does."""
    sizes = [size for _, size in links]
    data = bytearray(b"\x08\x02\x18") + write_varint(sum(sizes))
    for size in sizes:
        data += b"\x20" + write_varint(size)
    out = bytearray()
    for link, _ in links:
        binary = link.cid.binary
        body = b"\x0a" + write_varint(len(binary)) + binary + b"\x12\x00\x18" + write_varint(link.total)
        out += b"\x12" + write_varint(len(body)) + body
    return bytes(out + b"\x0a" + write_varint(len(data)) + data)


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield (field number, value) of a protobuf message: varints and length-delimited fields only."""
    at = 0
    while at < len(data):
        tag, at = read_varint(data, at)
        if tag & 7 == 0:
            number, at = read_varint(data, at)
            yield tag >> 3, number
        elif tag & 7 == 2:
            length, at = read_varint(data, at)
            if length > len(data) - at:
                raise malformed("dag-pb")
            yield tag >> 3, data[at : at + length]
            at += length
        else:
            raise malformed("dag-pb")


def _decode_link(body: bytes) -> Link:
    cid: ParsedCid | None = None
    total, name = 0, ""
    for number, value in _fields(body):
        if number == 1 and isinstance(value, bytes):
            cid, end = parse_binary(value)
            if end != len(value):
                raise malformed("dag-pb link")
        elif number == 2 and isinstance(value, bytes):
            name = value.decode("utf-8", "replace")
        elif number == 3 and isinstance(value, int):
            total = value
    if cid is None:
        raise malformed("dag-pb link")
    return Link(cid, total, name)


def decode_node(block: bytes) -> Node:
    """Decode a dag-pb block with UnixFS data; raises `ContentError` for anything else."""
    links: list[Link] = []
    unixfs: bytes | None = None
    for number, value in _fields(block):
        if number == 2 and isinstance(value, bytes):
            links.append(_decode_link(value))
        elif number == 1 and isinstance(value, bytes) and unixfs is None:
            unixfs = value
        else:
            raise malformed("dag-pb")
    kind, data, size, sizes = -1, b"", 0, []
    for number, value in _fields(unixfs or b""):
        if number == 1 and isinstance(value, int):
            kind = value
        elif number == 2 and isinstance(value, bytes):
            data = value
        elif number == 3 and isinstance(value, int):
            size = value
        elif number == 4 and isinstance(value, int):
            sizes.append(value)
        elif number == 4 and isinstance(value, bytes):
            at = 0
            while at < len(value):
                one, at = read_varint(value, at)
                sizes.append(one)
    return Node(tuple(links), kind, data, size, tuple(sizes))


def links_of(cid: ParsedCid, block: bytes) -> tuple[Link, ...]:
    """Children of any block (none for a raw leaf)."""
    return decode_node(block).links if cid.codec == DAG_PB else ()


def _read_full(stream: BinaryIO, size: int) -> bytes:
    """Read `size` bytes unless the stream ends before (raw streams may answer short)."""
    piece = stream.read(size)
    if not piece or len(piece) == size:
        return piece or b""
    parts, have = [piece], len(piece)
    while have < size and (piece := stream.read(size - have)):
        parts.append(piece)
        have += len(piece)
    return b"".join(parts)


class _Levels:
    """The open right edge of the balanced tree: at most `links` entries a level, whatever the file's length."""

    def __init__(self, put: PutBlock, width: int) -> None:
        self._put = put
        self._width = width
        self._levels: list[list[tuple[Link, int]]] = [[]]

    def push(self, link: Link, size: int, level: int = 0) -> None:
        if level == len(self._levels):
            self._levels.append([])
        self._levels[level].append((link, size))
        if len(self._levels[level]) == self._width:
            self._fold(level)

    def _fold(self, level: int) -> None:
        children, self._levels[level] = self._levels[level], []
        block = encode_file_node(children)
        cid = of_block(block, DAG_PB)
        self._put(cid, block)
        total = len(block) + sum(link.total for link, _ in children)
        self.push(Link(cid, total), sum(size for _, size in children), level + 1)

    def root(self) -> tuple[ParsedCid, int]:
        level = 0
        while True:
            here = self._levels[level]
            if level == len(self._levels) - 1 and len(here) == 1:
                return here[0][0].cid, here[0][1]
            if here:
                self._fold(level)
            level += 1


def build(stream: BinaryIO, put: PutBlock, chunking: Chunking, progress: Progress) -> tuple[ParsedCid, int]:
    """Cut `stream` into blocks, hand each to `put` (children first) and return (root, file bytes)."""
    levels = _Levels(put, chunking.links)
    done = 0
    while True:
        leaf = _read_full(stream, chunking.leaf_bytes)
        if not leaf and done:
            break
        cid = of_block(leaf, RAW)
        put(cid, leaf)
        levels.push(Link(cid, len(leaf)), len(leaf))
        done += len(leaf)
        progress(done)
        if len(leaf) < chunking.leaf_bytes:
            break
    return levels.root()


def cid_of(stream: BinaryIO, chunking: Chunking, progress: Progress) -> ParsedCid:
    """The CID a stream would get, storing nothing."""
    return build(stream, lambda _cid, _block: None, chunking, progress)[0]


def _file_node(block: bytes, expected: int | None) -> Node:
    node = decode_node(block)
    if node.kind in (_DIRECTORY, _HAMT):
        raise ContentError(
            Text("该 CID 是文件夹,不是文件。", "This CID is a folder, not a file."),
            Text("请给出其中某个文件的 CID。", "Give the CID of a file inside it."),
            code="content_is_folder",
        )
    if node.kind not in (_FILE, _RAW_TYPE) or len(node.sizes) != len(node.links):
        raise malformed("UnixFS file node")
    if node.size != len(node.data) + sum(node.sizes) or (expected is not None and node.size != expected):
        raise malformed("UnixFS sizes do not add up")
    if node.links and (min(node.sizes) == 0):
        raise malformed("UnixFS child without bytes")
    return node


def is_directory(block: bytes) -> bool:
    """Whether a dag-pb block is a UnixFS directory (not a sharded one)."""
    return decode_node(block).kind == _DIRECTORY


def entries_of(block: bytes) -> tuple[Link, ...]:
    """The entries of a directory's block."""
    node = decode_node(block)
    if node.kind != _DIRECTORY:
        raise malformed("UnixFS directory")
    return node.links


def file_size(get: GetBlock, cid: ParsedCid) -> int:
    """File bytes under a CID, from its root block alone; of a folder those of all its files."""
    return _size(get, cid, {}, 0)


def _size(get: GetBlock, cid: ParsedCid, known: dict[bytes, int], depth: int) -> int:
    """Each block is read once, however often it is named: a few blocks may say terabytes, and are believed to."""
    if depth > MAX_DEPTH:
        raise malformed("UnixFS tree too deep")
    if (found := known.get(cid.digest)) is None:
        block = get(cid)
        if cid.codec == RAW:
            found = len(block)
        elif is_directory(block):
            found = sum(_size(get, link.cid, known, depth + 1) for link in entries_of(block))
        else:
            found = _file_node(block, None).size
        known[cid.digest] = found
    return found


def read(get: GetBlock, root: ParsedCid, offset: int = 0, length: int | None = None) -> Iterator[bytes]:
    """Yield the file's bytes `[offset, offset + length)`; `get` must hash what it returns."""
    if offset < 0 or (length is not None and length < 0):
        raise ValueError("offset and length must not be negative")
    end = None if length is None else offset + length
    stack: list[tuple[ParsedCid, int, int | None, int]] = [(root, 0, None, 0)]  # cid, starts at, size, depth
    while stack:
        cid, start, size, depth = stack.pop()
        if end is not None and start >= end:
            return
        block = get(cid)
        if cid.codec == RAW:
            if size is not None and len(block) != size:
                raise malformed("UnixFS leaf length")
            node = None
            data = block
        else:
            node = _file_node(block, size)
            data = node.data
        piece = data[max(0, offset - start) : None if end is None else max(0, end - start)]
        if piece:
            yield piece
        if node is None or not node.links:
            continue
        if depth >= MAX_DEPTH:
            raise malformed("UnixFS tree too deep")
        at = start + len(node.data)
        below: list[tuple[ParsedCid, int, int | None, int]] = []
        for link, child in zip(node.links, node.sizes, strict=True):
            if at + child > offset and (end is None or at < end):
                below.append((link.cid, at, child, depth + 1))
            at += child
        stack.extend(reversed(below))


def walk(
    get: GetBlock, root: ParsedCid, seen: Callable[[ParsedCid], bool], leaf: GetBlock | None = None
) -> Iterator[tuple[ParsedCid, bytes | None]]:
    """Yield every distinct block below `root` depth first, parents before children.

    `seen(cid)` says whether it was met before and remembers it. Raw leaves are fetched with `leaf` (None: not fetched,
    block is None), nodes with `get`. Graphs deeper than `MAX_DEPTH` are refused.
    """
    stack = [(root, 0)]
    while stack:
        cid, depth = stack.pop()
        if seen(cid):
            continue
        if depth > MAX_DEPTH:
            raise malformed("graph too deep")
        if cid.codec == RAW:
            yield cid, leaf(cid) if leaf else None
            continue
        block = get(cid)
        yield cid, block
        stack.extend((link.cid, depth + 1) for link in reversed(links_of(cid, block)))
