"""How numbers lie in a session's hours, as runs `(start, minutes, count)`."""

from __future__ import annotations

from apps.health_slots.schedule.habits import Spread

HALF_HOUR = 30
Run = tuple[int, int, int]


def spread(start: int, end: int, count: int, how: Spread) -> list[Run]:
    """Spread `count` numbers over the minutes from `start` to `end`; empty if they are more than there are minutes.

    Numbers that divide the time are equal. Else "minutes" gives the first ones a minute more than the rest, and
    "half-hours" gives each half hour its share of numbers, which begin with it.
    """
    length = end - start
    if not 0 < count <= length:
        return []
    if length % count == 0:
        return [(start, length // count, count)]
    if how == "minutes":
        longer = length % count
        minutes = length // count
        return [(start, minutes + 1, longer), (start + longer * (minutes + 1), minutes, count - longer)]
    return _half_hours(start, end, count)


def _half_hours(start: int, end: int, count: int) -> list[Run]:
    blocks = [(begin, min(begin + HALF_HOUR, end)) for begin in range(start, end, HALF_HOUR)]
    share, more = divmod(count, len(blocks))
    runs: list[Run] = []
    for number, (begin, finish) in enumerate(blocks):
        here = share + (number < more)
        if here == 0:
            continue
        minutes = (finish - begin) // here
        if minutes < 1:
            return []
        runs.append((begin, minutes, here))
    return runs
