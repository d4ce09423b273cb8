"""Which part of one picture is the other: a rectangle for the eye, where two like pictures lie on each other.

Whole-picture prints say that two pictures are alike, not where. Here the smaller of the two is laid on the other at
every place and many sizes, also mirrored, and the best place counts (normalised cross-correlation of luminance, J. P.
Lewis, "Fast Template Matching", 1995). It says nothing of turned or bent copies: then there is no rectangle.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SIDE = 96
"""Longer side of the pictures that are compared, in pixels."""
SIZES = tuple(0.94**step for step in range(20))
"""How large the one is within the other, as a share of the most that fits: 1 … 0.31."""
SURE = 0.8
"""From which correlation (−1…1) a place is shown: of the samples strangers reach 0.6, crops and screens 0.84–0.99."""
_GRID = 256

Box = tuple[float, float, float, float]
"""Left, top, right, bottom as shares of width and height."""
WHOLE: Box = (0.0, 0.0, 1.0, 1.0)
Plane = NDArray[np.float32]


@dataclass(frozen=True)
class Region:
    """The part of each picture that the other shows; `mirrored` if left and right are changed about."""

    left: Box
    right: Box
    score: float
    mirrored: bool


def region(left: bytes, right: bytes) -> Region | None:
    """Where two pictures (files of any kind Pillow reads) lie on each other; None where that cannot be said."""
    one, other = _plane(left), _plane(right)
    if one is None or other is None:
        return None
    found = [
        *((score, box, WHOLE, mirrored) for score, box, mirrored in _places(one, other)),
        *((score, WHOLE, box, mirrored) for score, box, mirrored in _places(other, one)),
    ]
    score, mine, theirs, mirrored = max(found, key=lambda entry: entry[0], default=(0.0, WHOLE, WHOLE, False))
    return Region(mine, theirs, score, mirrored) if score >= SURE else None


def _plane(picture: bytes) -> Plane | None:
    from PIL import Image

    try:
        file = Image.open(io.BytesIO(picture))
        file.draft("L", (SIDE * 2, SIDE * 2))
        image = file.convert("L")
    except (OSError, ValueError, Image.DecompressionBombError):
        return None
    image.thumbnail((SIDE, SIDE), Image.Resampling.BOX)
    plane: Plane = np.asarray(image, np.float32)
    return plane if min(plane.shape) >= 8 and float(plane.std()) > 2.0 else None


def _places(outer: Plane, inner: Plane) -> list[tuple[float, Box, bool]]:
    """The best place of `inner` within `outer` for every size, as it is and mirrored."""
    from PIL import Image

    spectrum = np.fft.rfft2(outer, (_GRID, _GRID))
    sums, squares = _table(outer), _table(outer * outer)
    fits = min(outer.shape[0] / inner.shape[0], outer.shape[1] / inner.shape[1])
    picture = Image.fromarray(inner)
    found = []
    for share in SIZES:
        high, wide = (max(1, round(side * fits * share)) for side in inner.shape)
        if min(high, wide) < 12:
            break
        small = np.asarray(picture.resize((wide, high), Image.Resampling.BOX), np.float32)
        for mirrored in (False, True):
            score, y, x = _best(outer.shape, spectrum, sums, squares, small[:, ::-1] if mirrored else small)
            box = (x / outer.shape[1], y / outer.shape[0], (x + wide) / outer.shape[1], (y + high) / outer.shape[0])
            found.append((score, box, mirrored))
    return found


def _table(plane: Plane) -> NDArray[np.float64]:
    return np.pad(plane.astype(np.float64), ((1, 0), (1, 0))).cumsum(0).cumsum(1)


def _best(
    shape: tuple[int, ...],
    spectrum: NDArray[np.complex128],
    sums: NDArray[np.float64],
    squares: NDArray[np.float64],
    small: Plane,
) -> tuple[float, int, int]:
    """The highest correlation of a picture over all places where it lies wholly within; with row and column."""
    high, wide = small.shape
    rows, columns = shape[0] - high + 1, shape[1] - wide + 1
    flat = small - small.mean()
    norm = float((flat * flat).sum())
    if norm <= 0:
        return 0.0, 0, 0
    product = np.fft.irfft2(spectrum * np.conj(np.fft.rfft2(flat, (_GRID, _GRID))), (_GRID, _GRID))[:rows, :columns]

    def over(table: NDArray[np.float64]) -> NDArray[np.float64]:
        return (
            table[high : high + rows, wide : wide + columns]
            - table[:rows, wide : wide + columns]
            - table[high : high + rows, :columns]
            + table[:rows, :columns]
        )

    spread = np.maximum(over(squares) - over(sums) ** 2 / (high * wide), 1e-3)
    scores = product / np.sqrt(spread * norm)
    scores[spread < 4.0 * high * wide] = 0.0  # a plain area is like everything
    row, column = np.unravel_index(int(scores.argmax()), scores.shape)
    return float(scores[row, column]), int(row), int(column)
