"""Whether what a transaction saw of a range of keys was still so: Fabric's check against phantoms, from signed bytes.

Up to fifty keys of a range stand in the read set one by one, more as hashes of groups, and of groups of those
(core/ledger/kvledger/txmgmt/rwsetutil).
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left, insort
from collections.abc import Iterator

from fabric_sdk.proof.wire import Broken, fields, many, number, raw, string

Version = tuple[int, int]
_LARGEST_DEGREE = 1_000


class LiveKeys:
    """The keys of a namespace that there are, in order, and where each was written: block and place."""

    def __init__(self) -> None:
        self._versions: dict[str, Version] = {}
        self._order: list[str] = []

    def version(self, key: str) -> Version | None:
        return self._versions.get(key)

    def put(self, key: str, version: Version) -> None:
        if key not in self._versions:
            insort(self._order, key)
        self._versions[key] = version

    def drop(self, key: str) -> None:
        if self._versions.pop(key, None) is not None:
            del self._order[bisect_left(self._order, key)]

    def between(self, start: str, end: str, *, with_end: bool) -> Iterator[tuple[str, Version]]:
        """From `start` on, up to `end` ("" for no end)."""
        at = bisect_left(self._order, start)
        while at < len(self._order):
            key = self._order[at]
            if end and (key > end or (key == end and not with_end)):
                return
            yield key, self._versions[key]
            at += 1


def range_unchanged(keys: LiveKeys, query: bytes) -> bool:
    """Whether a `RangeQueryInfo` would find now what it found then."""
    info = fields(query)
    found = keys.between(string(info, 1), string(info, 2), with_end=not number(info, 3))
    summary = fields(raw(info, 5)) if 5 in info else None
    if summary is not None:
        return _summed(found, number(summary, 1)) == (number(summary, 2), many(summary, 3))
    for one in many(fields(raw(info, 4)), 1):
        read = fields(one)
        version = fields(raw(read, 2))
        if next(found, None) != (string(read, 1), (number(version, 1), number(version, 2))):
            return False
    return next(found, None) is None


def _summed(found: Iterator[tuple[str, Version]], degree: int) -> tuple[int, list[bytes]]:
    """The tree's top level and its hashes, as a peer sums them up."""
    if not 2 <= degree <= _LARGEST_DEGREE:
        raise Broken("transaction-unreadable")
    levels: list[list[bytes]] = [[]]
    group: list[bytes] = []
    for key, version in found:
        group.append(_member(1, _read_bytes(key, version)))
        if len(group) > degree:
            _grow(levels, _summary(group), degree)
            group = []
    if not levels[0] and len(levels) == 1:
        return 0, []  # so few that a peer keeps them one by one
    if group:
        _grow(levels, _summary(group), degree)
    for place, hashes in enumerate(levels[:-1]):
        if hashes:
            levels[place + 1].append(hashes[0] if len(hashes) == 1 else _summary(hashes))
    if len(levels[-1]) > degree:
        levels.append([_summary(levels[-1])])
    return len(levels), levels[-1]


def _grow(levels: list[list[bytes]], leaf: bytes, degree: int) -> None:
    levels[0].append(leaf)
    place = 0
    while len(levels[place]) > degree:
        combined = _summary(levels[place])
        levels[place] = []
        place += 1
        if place == len(levels):
            levels.append([])
        levels[place].append(combined)


def _summary(parts: list[bytes]) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def _read_bytes(key: str, version: Version) -> bytes:
    """A `KVRead` as a peer writes it down."""
    block, place = version
    where = (b"\x08" + _varint(block) if block else b"") + (b"\x10" + _varint(place) if place else b"")
    return _member(1, key.encode()) + _member(2, where)


def _member(field: int, data: bytes) -> bytes:
    return bytes((field << 3 | 2,)) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*found, value))
