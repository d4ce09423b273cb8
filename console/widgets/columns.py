"""How a table's columns share its width."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

FREE_WIDTH = 150
"""What a column without a width of its own has at least, in pixels."""
SHRINKS_TO = 0.6
SHORT = 92
"""A column up to this many pixels never gives any of them."""
WIDENS_TO = 1.8
FREE_NEEDS = 420
"""What a column without a width of its own keeps for its texts before it gives room to others, in pixels."""
SPARE = 360
"""What a column without a width of its own takes of the room left before all columns become wider, in pixels."""


def shared_widths(wanted: Sequence[int], room: int, needed: Sequence[int] = ()) -> list[int]:
    """Return each column's width: as `wanted`, with 0 for an equal part of what is left of `room` pixels.

    `needed` is what each column's texts take. Where room is short, a column that needs less than is wanted for it
    gives that away first; then the widest of the fixed columns give, as far as `least_of` lets them, and after that
    the row is longer than the room. Where there is room, every text is shown whole; what is left goes to columns
    without a width, and from `SPARE` pixels each on to all in proportion, so that a wide window tears no row apart.
    """
    needs = list(needed) or list(wanted)
    asked = list(zip(wanted, needs, strict=True))
    # names first: what columns without a width hold; then what is more than the others wanted; then everything whole
    levels = [
        [min(width, need) if width else min(FREE_WIDTH, need or FREE_WIDTH) for width, need in asked],
        [min(width, need) if width else min(need or FREE_WIDTH, FREE_NEEDS) for width, need in asked],
        [min(need, int(width * WIDENS_TO)) if width else min(need or FREE_WIDTH, FREE_NEEDS) for width, need in asked],
        [need if width else need or FREE_WIDTH for width, need in asked],
        [max(width, need) if width else max(FREE_WIDTH, need) for width, need in asked],
    ]
    least = levels[0]
    for low, high in pairwise(levels):
        spare, given = min(room, sum(high)) - sum(low), sum(high) - sum(low)
        if spare > 0 and given > 0:
            least = [a + (b - a) * spare // given for a, b in zip(low, high, strict=True)]
    if sum(least) > room:
        least = _shrunk(least, [bool(width) for width in wanted], room)
    open_ended = [at for at, width in enumerate(wanted) if not width]
    left = room - sum(least)
    if open_ended and left > 0:
        return _spread(least, open_ended, left)
    return least


def least_of(width: int) -> int:
    """What a column of `width` pixels keeps where room is short: numbers and times stay whole."""
    return min(width, max(SHORT, int(width * SHRINKS_TO)))


def _shrunk(widths: list[int], fixed: list[bool], room: int) -> list[int]:
    """Take what is missing from the widest fixed columns, none below what `least_of` says."""
    floor = [least_of(width) if gives else width for width, gives in zip(widths, fixed, strict=True)]
    low, high = 0, max(widths)
    while low < high:
        cap = (low + high + 1) // 2
        if sum(max(f, min(w, cap)) for f, w in zip(floor, widths, strict=True)) <= room:
            low = cap
        else:
            high = cap - 1
    return [max(f, min(w, low)) for f, w in zip(floor, widths, strict=True)]


def _spread(widths: list[int], open_ended: list[int], left: int) -> list[int]:
    """Give `left` pixels away: to the open-ended columns so that they are equal, and beyond `SPARE` each to all."""
    result = list(widths)
    first = min(left, SPARE * len(open_ended))
    equal = (sum(result[at] for at in open_ended) + first) // len(open_ended)
    if equal >= max(result[at] for at in open_ended):
        for at in open_ended:
            result[at] = equal
    else:
        for at in open_ended:
            result[at] += first // len(open_ended)
    rest, whole = sum(widths) + left - sum(result), sum(result)
    if left > first:
        result = [width + width * (left - first) // whole for width in result]
        rest = sum(widths) + left - sum(result)
    result[open_ended[0]] += rest
    return result
