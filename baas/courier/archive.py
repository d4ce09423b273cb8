"""An archive of one root (CARv1, depth first, no duplicates) as bytes that can be read from any position.

Where each section lies follows from the graph's inner nodes alone, so that a part of a large file costs its own blocks.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from baas.content import Cid, ContentStore
from baas.content.car import header, section
from baas.content.cid import RAW, ParsedCid, malformed, parse, write_varint
from baas.content.unixfs import MAX_BLOCK_BYTES, MAX_DEPTH, decode_node

CAR_TYPE = "application/vnd.ipld.car; version=1; order=dfs; dups=n"


class Archive:
    """The archive of `root`; `total` are its bytes. `NotFound` when a part of it is not here."""

    def __init__(self, store: ContentStore, root: Cid) -> None:
        self._store = store
        self.root = root
        head = header([parse(root)])
        self._head = head
        self._sections: list[ParsedCid] = []
        self._starts: list[int] = []
        at = len(head)
        for cid, size in self._walk(parse(root)):
            self._sections.append(cid)
            self._starts.append(at)
            body = len(cid.binary) + size
            at += len(write_varint(body)) + body
        self.total = at

    def _walk(self, root: ParsedCid) -> Iterator[tuple[ParsedCid, int]]:
        """Every distinct block with its size; leaves are not read, their size is what the link says."""
        met: set[bytes] = set()
        stack: list[tuple[ParsedCid, int, int]] = [(root, -1, 0)]
        while stack:
            cid, size, depth = stack.pop()
            if cid.digest in met:
                continue
            met.add(cid.digest)
            if depth > MAX_DEPTH:
                raise malformed("graph too deep")
            if cid.codec == RAW and 0 <= size <= MAX_BLOCK_BYTES:
                yield cid, size
                continue
            block = self._store.block(cid.text)
            yield cid, len(block)
            if cid.codec != RAW:
                links = decode_node(block).links
                stack.extend((link.cid, link.total, depth + 1) for link in reversed(links))

    def pieces(self, start: int, length: int) -> Iterator[bytes]:
        """The bytes `[start, start + length)`, a section at a time."""
        end = min(start + length, self.total)
        if start < len(self._head):
            yield self._head[start : min(end, len(self._head))]
        number = max(0, bisect_right(self._starts, start) - 1)
        while number < len(self._starts) and self._starts[number] < end:
            begins, cid = self._starts[number], self._sections[number]
            number += 1
            stops = self._starts[number] if number < len(self._starts) else self.total
            if stops <= start:
                continue
            whole = section(cid, self._store.block(cid.text))
            if len(whole) != stops - begins:
                raise malformed("a link names another size than its block has")
            yield whole[max(0, start - begins) : end - begins]
