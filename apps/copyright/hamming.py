"""Search among millions of 256-bit hashes within a Hamming distance, in memory.

Multi-index hashing (Norouzi, Punjani, Fleet 2012): each hash is cut into 14 pieces of 18 bits, each piece has a sorted
table, and a query looks at every hash that has some piece within one bit of its own. A hash at distance 27 or less is
always found (pigeonhole: 14 pieces, so one has at most one wrong bit); at 40 with probability 0.97 and at 50 with
0.87, for evenly spread errors, and a work has several variants that may be found.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

PIECES = 14
PIECE_BITS = 18
_TAIL_LIMIT = 20_000
_GROUP = 16
_MASK = np.uint64((1 << PIECE_BITS) - 1)

Bits = NDArray[np.uint8]


def _pieces(bits: Bits) -> NDArray[np.uint32]:
    """Rows of 14 numbers of 18 bits (the last four bits of a hash take no part)."""
    words = np.zeros((len(bits), 5), dtype=np.uint64)
    words[:, :4] = np.ascontiguousarray(bits).view(">u8").astype(np.uint64)
    out = np.empty((len(bits), PIECES), dtype=np.uint32)
    for number in range(PIECES):
        start = number * PIECE_BITS
        word, offset = divmod(start, 64)
        shift = 64 - offset - PIECE_BITS
        if shift >= 0:
            value = words[:, word] >> np.uint64(shift)
        else:
            value = (words[:, word] << np.uint64(-shift)) | (words[:, word + 1] >> np.uint64(64 + shift))
        out[:, number] = value & _MASK
    return out


_NEIGHBOURS = np.concatenate([[0], 1 << np.arange(PIECE_BITS)]).astype(np.uint32)


class HammingIndex:
    """Hashes with an owner number each. New ones wait in a tail that is scanned, until it is worth sorting anew."""

    def __init__(self, bits: Bits | None = None, owners: NDArray[np.int64] | None = None) -> None:
        self._bits: Bits = np.empty((0, 32), dtype=np.uint8) if bits is None else np.ascontiguousarray(bits)
        self._owners = np.empty(0, dtype=np.int64) if owners is None else np.asarray(owners, dtype=np.int64)
        self._tail_bits: list[Bits] = []
        self._tail_owners: list[NDArray[np.int64]] = []
        self._tail = 0
        self._build()

    def __len__(self) -> int:
        return len(self._bits) + self._tail

    def _build(self) -> None:
        self._words = np.ascontiguousarray(self._bits).view(np.uint64)
        pieces = _pieces(self._bits)
        self._order = np.empty((PIECES, len(self._bits)), dtype=np.uint32)
        self._starts = np.empty((PIECES, (1 << PIECE_BITS) + 1), dtype=np.uint32)
        for number in range(PIECES):
            values = pieces[:, number]
            self._order[number] = np.argsort(values, kind="stable")
            counts = np.bincount(values, minlength=1 << PIECE_BITS)
            self._starts[number, 0] = 0
            np.cumsum(counts, out=self._starts[number, 1:])

    def add(self, bits: Bits, owner: int) -> None:
        """Add one owner's hashes."""
        if len(bits) == 0:
            return
        self._tail_bits.append(np.ascontiguousarray(bits))
        self._tail_owners.append(np.full(len(bits), owner, dtype=np.int64))
        self._tail += len(bits)
        if self._tail > max(_TAIL_LIMIT, len(self._bits) // 20):
            self._bits = np.concatenate([self._bits, *self._tail_bits])
            self._owners = np.concatenate([self._owners, *self._tail_owners])
            self._tail_bits, self._tail_owners, self._tail = [], [], 0
            self._build()

    def search(self, queries: Bits, radius: int) -> dict[int, tuple[int, int]]:
        """Owners within `radius` bits of any query: owner → (distance, which query)."""
        found: dict[int, tuple[int, int]] = {}
        queries = np.ascontiguousarray(queries)
        if len(self._bits):
            first = np.unique(queries, axis=0, return_index=True)[1]
            self._search_tables(queries, np.sort(first), radius, found)
        if self._tail:
            bits = np.concatenate(self._tail_bits)
            owners = np.concatenate(self._tail_owners)
            words = bits.view(np.uint64)
            for number, query in enumerate(queries.view(np.uint64)):
                distances = np.bitwise_count(words ^ query).sum(axis=1)
                for place in np.nonzero(distances <= radius)[0]:
                    _note(found, int(owners[place]), int(distances[place]), number)
        return found

    @property
    def memory(self) -> int:
        """Bytes that the tables take."""
        tables = self._bits.nbytes + self._owners.nbytes + self._order.nbytes + self._starts.nbytes
        return tables + sum(part.nbytes for part in self._tail_bits) + sum(part.nbytes for part in self._tail_owners)

    def _search_tables(
        self, queries: Bits, which: NDArray[np.int64], radius: int, found: dict[int, tuple[int, int]]
    ) -> None:
        """Look at the queries `which` at once, a piece at a time, in groups that keep the work in a few megabytes."""
        queries = queries[which]
        words = queries.view(np.uint64)
        keys = (_pieces(queries)[:, :, None] ^ _NEIGHBOURS).astype(np.int64)
        for first in range(0, len(queries), _GROUP):
            group = keys[first : first + _GROUP]
            rows, asked = [], []
            for piece in range(PIECES):
                wanted = group[:, piece, :]
                starts = self._starts[piece][wanted].astype(np.int64)
                counts = self._starts[piece][wanted + 1].astype(np.int64) - starts
                flat = counts.ravel()
                total = int(flat.sum())
                if total:
                    at = np.arange(total) + np.repeat(starts.ravel() - np.cumsum(flat) + flat, flat)
                    rows.append(self._order[piece][at])
                    asked.append(np.repeat(np.arange(first, first + len(group)), counts.sum(axis=1)))
            if not rows:
                continue
            row, query = np.concatenate(rows), np.concatenate(asked)
            distances = np.bitwise_count(self._words[row] ^ words[query]).sum(axis=1)
            near = np.nonzero(distances <= radius)[0]
            for place in near:
                _note(found, int(self._owners[row[place]]), int(distances[place]), int(which[query[place]]))


def _note(found: dict[int, tuple[int, int]], owner: int, distance: int, query: int) -> None:
    if owner not in found or distance < found[owner][0]:
        found[owner] = (distance, query)
