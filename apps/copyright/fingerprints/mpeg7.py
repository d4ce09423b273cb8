"""The MPEG-7 frame signature (ISO/IEC 15938-3 Amd 4): 380 ternary values that ISCC's Video-Code is made of.

A picture's luma is averaged into 32 × 32 cells. Each value compares regions of cells (or one region with mid-gray) and
says darker (0), alike (1) or brighter (2); "alike" is the third of each group that differs least. The regions follow
from a few shapes laid on regular grids, so they are built here instead of listed. Method: S. Paschalakis et al., "The
MPEG-7 Video Signature Tools for Content Identification", IEEE TCSVT 22(7), 2012.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

GRID = 32
SIZE = 380
_SCALE = 476_985_600
"""A common multiple of every region's size, so that means are compared as whole numbers."""

Box = tuple[int, int, int, int]
"""A region of cells: x, y, width, height."""


@dataclass(frozen=True)
class _Group:
    """Values that share one threshold: pairs of (regions added, regions subtracted; none stands for mid-gray)."""

    values: tuple[tuple[tuple[Box, ...], tuple[Box, ...]], ...]


def _halves(x: int, y: int, side: int, first: str) -> tuple[tuple[Box, ...], tuple[Box, ...]]:
    """A square cut in two; `first` is the half that is added: left, right, top or bottom."""
    half = side // 2
    left, right = (x, y, half, side), (x + half, y, half, side)
    top, bottom = (x, y, side, half), (x, y + half, side, half)
    pair = {"l": (left, right), "r": (right, left), "t": (top, bottom), "b": (bottom, top)}[first]
    return (pair[0],), (pair[1],)


def _quarters(x: int, y: int, side: int) -> Iterator[tuple[int, int]]:
    half = side // 2
    yield from ((x, y), (x + half, y), (x, y + half), (x + half, y + half))


def _raster(start: int, step: int, count: int) -> list[tuple[int, int]]:
    return [(start + step * column, start + step * row) for row in range(count) for column in range(count)]


def _ring(x: int, y: int, side: int, border: int) -> tuple[tuple[Box, ...], tuple[Box, ...]]:
    """A square frame against what it encloses."""
    inner = side - 2 * border
    return (
        (x, y, side, border),
        (x, y + border, border, inner),
        (x + side - border, y + border, border, inner),
        (x, y + side - border, side, border),
    ), ((x + border, y + border, inner, inner),)


def _averages() -> Iterator[_Group]:
    squares = [(x, y, 8, 8) for corner in _quarters(0, 0, 32) for x, y in _quarters(*corner, 16)]
    squares += [(x, y, 16, 16) for x, y in _quarters(0, 0, 32)]
    yield _Group(tuple(((one,), ()) for one in squares))
    nested = [(x, y, 8, 8) for x, y in _raster(2, 10, 3)] + [(9, 9, 14, 14), (6, 6, 20, 20), (3, 3, 26, 26)]
    yield _Group(tuple(((one,), ()) for one in nested))


def _fine_halves() -> _Group:
    squares: list[tuple[int, int, str]] = []
    for corner, pattern in zip(_quarters(0, 0, 32), ("ltbr", "trlb", "trlb", "ltbr"), strict=True):
        squares += [(x, y, pattern) for x, y in _quarters(*corner, 16)]
    squares += [(x, y, "ttbb" if x == y == 12 else "ltbr") for x, y in _raster(2, 10, 3)]
    squares += [(x, y, "tllt") for x, y in _raster(7, 10, 2)]
    return _Group(
        tuple(
            _halves(*place, 4, first)
            for x, y, pattern in squares
            for place, first in zip(_quarters(x, y, 8), pattern, strict=True)
        )
    )


def _diagonals() -> _Group:
    values = []
    for x, y in _raster(0, 8, 4) + _raster(4, 8, 3):
        one, two, three, four = ((*place, 4, 4) for place in _quarters(x, y, 8))
        values.append(((one, four), (two, three)))
    return _Group(tuple(values))


def _pairs() -> Iterator[_Group]:
    ninths = [(x, y, 10, 10) for x, y in _raster(1, 10, 3)]
    yield _Group(tuple(((one,), (other,)) for place, one in enumerate(ninths) for other in ninths[place + 1 :]))
    routes = (
        "1232 2123 1133 3113 2132 3223 2312 1221 1131 3133 3313 1311 2220 2242 2224 2202 2024 0242 "
        "1030 1434 0103 4143 1001 3041 4334 0314 0040 4044 4404 0400"
    )
    values = []
    for route in routes.split():  # column and row of one square of a 5 × 5 grid, then of the other
        a, b, c, d = (1 + 6 * int(digit) for digit in route)
        values.append((((a, b, 6, 6),), ((c, d, 6, 6),)))
    yield _Group(tuple(values))


def _rings() -> _Group:
    large = [*_raster(1, 10, 3), *_raster(6, 10, 2)]
    for row in range(5):
        large += [(x, 1 + 5 * row) for x in ((1, 11, 21) if row % 2 else (6, 16))]
    small = [(x, y) for y in range(3, 24, 5) for x in range(3, 24, 5) if not (x in (3, 23) and y in (3, 23))]
    values = [_ring(x, y, 10, 3) for x, y in large]
    values += [_ring(x, y, 13, 5) for x, y in _raster(2, 5, 4)]
    return _Group(tuple(values + [_ring(x, y, 6, 2) for x, y in small]))


def _crosses() -> Iterator[_Group]:
    yield _Group(tuple((((x, y + 2, 10, 6),), ((x + 2, y, 6, 10),)) for x, y in _raster(3, 8, 3)))
    values = []
    for x, y in _raster(4, 5, 5):
        middle = ((x, y, 4, 4),)
        values.append((((x - 4, y, 4, 4), (x + 4, y, 4, 4)), middle))
        values.append((((x, y - 4, 4, 4), (x, y + 4, 4, 4)), middle))
    yield _Group(tuple(values))


def _coarse_halves() -> _Group:
    values = []
    for corner, pattern in zip(_quarters(0, 0, 32), ("tllt", "lttl", "lttl", "tllt"), strict=True):
        values += [_halves(x, y, 8, first) for (x, y), first in zip(_quarters(*corner, 16), pattern, strict=True)]
    values += [_halves(x, y, 16, first) for (x, y), first in zip(_quarters(0, 0, 32), "lttl", strict=True)]
    return _Group(tuple(values))


@functools.cache
def groups() -> tuple[_Group, ...]:
    """The ten groups of values, in the standard's order."""
    return (
        *_averages(),
        _fine_halves(),
        _diagonals(),
        *_pairs(),
        _rings(),
        *_crosses(),
        _coarse_halves(),
    )


@functools.cache
def _weights() -> NDArray[np.int64]:
    """How much each cell counts in each value: (1024, 380)."""
    weights = np.zeros((SIZE, GRID, GRID), dtype=np.int64)
    number = 0
    for group in groups():
        for value in group.values:
            for boxes, sign in zip(value, (1, -1), strict=True):
                area = sum(width * height for _, _, width, height in boxes)
                for x, y, width, height in boxes:
                    weights[number, y : y + height, x : x + width] += sign * (_SCALE // area)
            number += 1
    return weights.reshape(SIZE, GRID * GRID).T.copy()


def _cells(length: int) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    """Where each of 32 cells begins along an axis, and what brings cells of two lengths to one denominator."""
    starts = -(-np.arange(GRID + 1) * length // GRID)
    sizes = np.diff(starts)
    short = length // GRID
    factors = np.where(sizes == short, short + 1, short) if length % GRID else np.ones(GRID, dtype=np.int64)
    return starts[:-1].astype(np.intp), factors.astype(np.int64)


def frame_signature(luma: NDArray[np.uint8]) -> tuple[int, ...]:
    """The 380 values (0, 1, 2) of one picture's luma; it must be at least 32 × 32."""
    height, width = luma.shape
    if height < GRID or width < GRID:
        raise ValueError(f"{width} x {height} is too small for a frame signature")
    rows, tall = _cells(height)
    columns, wide = _cells(width)
    sums = np.add.reduceat(np.add.reduceat(luma, rows, axis=0, dtype=np.int64), columns, axis=1)
    cells = sums * tall[:, None] * wide[None, :]
    whole = (height // GRID) * (width // GRID)
    whole *= (height // GRID + 1) if height % GRID else 1
    whole *= (width // GRID + 1) if width % GRID else 1
    # the largest sums (a quarter of the picture at full brightness) must stay within 63 bits
    scale = max(1, -(-int(cells.max(initial=0)) * GRID * GRID * (_SCALE // 16) // (1 << 62)))
    values = (cells.ravel() // scale) @ _weights()
    out: list[NDArray[np.int8]] = []
    start = 0
    for group in groups():
        part = values[start : start + len(group.values)]
        start += len(group.values)
        if not group.values[0][1]:
            part = part - 128 * (whole // scale) * _SCALE
        limit = np.sort(np.abs(part))[int(len(part) * 0.333)]
        out.append(np.where(part < -limit, 0, np.where(part <= limit, 1, 2)).astype(np.int8))
    return tuple(np.concatenate(out).tolist())
