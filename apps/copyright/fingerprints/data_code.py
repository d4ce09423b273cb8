"""ISCC's Data-Code (ISO 24138) of large files in bounded time: the reference's cut points, found many at once.

A chunk ends where a rolling sum of its bytes' gear values has enough zero bits. Each byte's weight halves with every
byte after it, so the sum at all places follows from six additions of whole arrays; the few places that may be cut
points are looked at exactly. The chunks are those of `iscc_core`, byte for byte, at many times its speed.
"""

from __future__ import annotations

import bisect
import functools
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

_BLOCK = 4 << 20
_FRACTION = 20
"""Bits behind the point: 33 before it and these stay within 64 in every addition."""
_SLICE = 32 << 10
_REACH = 64
"""Bytes whose gear value still counts; what is older weighs less than the last bit."""
_ERROR = 16


class Readable(Protocol):
    """What a data code is made of."""

    def read(self, size: int, /) -> bytes: ...


@functools.cache
def _gear() -> tuple[NDArray[np.uint64], list[int]]:
    import iscc_core

    values = [int(one) for one in iscc_core.core_opts.cdc_gear]
    return np.array(values, dtype=np.uint64) << np.uint64(_FRACTION), values


def _rolling(data: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """The rolling sum at every byte, never too large and hardly too small: its lowest 32 bits, `_FRACTION` of them
    behind the point."""
    out = np.empty(len(data), dtype=np.uint32)
    for start in range(0, len(data), _SLICE):  # so little at a time stays in the processor's cache
        begin = max(0, start - _REACH)
        total = _gear()[0][data[begin : start + _SLICE]]
        shifted = np.empty_like(total)
        step = 1
        while step < _REACH:
            np.right_shift(total[:-step], np.uint64(step), out=shifted[:-step])
            total[step:] += shifted[:-step]
            step *= 2
        out[start : start + _SLICE] = total[start - begin :].astype(np.uint32)
    return out


@dataclass(frozen=True)
class _Candidates:
    """Places where the sum's lowest bits may all be zero; `sure` where they are, whatever the last bits hide."""

    mask: int
    places: list[int]
    sure: list[bool]

    @classmethod
    def of(cls, total: NDArray[np.uint32], mask: int) -> _Candidates:
        whole = ((mask + 1) << _FRACTION) - 1
        low = total & np.uint32(whole)
        places = np.nonzero((low < np.uint32(1 << _FRACTION)) | (low > np.uint32(whole - _ERROR)))[0]
        sure = low[places] < np.uint32((1 << _FRACTION) - _ERROR)
        return cls(mask, places.tolist(), sure.tolist())


class _Cutter:
    """Cut points in one piece of data that is held in memory."""

    def __init__(self, data: bytes, average: int) -> None:
        import iscc_core

        self._data = data
        low, high, centre, strict, loose = iscc_core.cdc.alg_cdc_params(average)
        self._low, self.most, self._centre = int(low), int(high), int(centre)
        total = _rolling(np.frombuffer(data, dtype=np.uint8))
        self._phases = (_Candidates.of(total, int(strict)), _Candidates.of(total, int(loose)))

    def length(self, start: int) -> int:
        """How long the chunk that begins at `start` is."""
        values, data = _gear()[1], self._data
        size = len(data) - start
        begin = at = start + min(self._low, size)
        near, pattern = at + _REACH, 0  # before `near`, the arrays' sums reach back beyond this chunk's beginning
        ends = (start + min(self._centre, size), start + min(self.most, size))
        for phase, end in zip(self._phases, ends, strict=True):
            mask, places = phase.mask, phase.places
            for place in range(at, min(near, end)):
                pattern = (pattern >> 1) + values[data[place]]
                if not pattern & mask:
                    return place + 1 - start
            at = max(at, min(near, end))
            number = bisect.bisect_left(places, max(begin, near))
            while number < len(places) and (place := places[number]) < end:
                if not phase.sure[number]:  # the sum lies next to a whole number: count it out
                    for byte in data[at : place + 1]:
                        pattern = (pattern >> 1) + values[byte]
                    at = place + 1
                if phase.sure[number] or not pattern & mask:
                    return place + 1 - start
                number += 1
            begin = max(begin, end)
        return min(self.most, size)


def chunk_features(stream: Readable) -> list[int]:
    """The hash of every chunk of a stream, in order."""
    import iscc_core
    from iscc_core.code_data import xxhash

    features: list[int] = []
    rest = b""
    while True:
        piece = stream.read(_BLOCK)
        data = rest + piece
        if not data:
            break
        cutter = _Cutter(data, iscc_core.core_opts.data_avg_chunk_size)
        start = 0
        while start < len(data) and (not piece or len(data) - start > cutter.most):
            length = cutter.length(start)
            features.append(int(xxhash.xxh32_intdigest(data[start : start + length])))
            start += length
        rest = data[start:]
        if not piece:
            break
    return features or [int(xxhash.xxh32_intdigest(b""))]


def data_code(stream: Readable) -> str:
    """The Data-Code (64 bits) of a stream, read to its end."""
    import iscc_core

    digest = iscc_core.alg_minhash_256(chunk_features(stream))
    unit = iscc_core.encode_component(
        mtype=iscc_core.MT.DATA, stype=iscc_core.ST.NONE, version=iscc_core.VS.V0, bit_length=64, digest=digest
    )
    return f"ISCC:{unit}"
