"""A session's slots, packed as runs and unpacked into lines that the commitment covers.

A run `[start, minutes, count, pool]` is `count` slots of `minutes` each, back to back from minute `start` of the
session's day. A city's 312,000 slots a day travel as runs; a slot gets a key of its own only when somebody touches it.
"""

from __future__ import annotations

from typing import Any

from chaincode.health_slots import terms
from chaincode.health_slots.leaves import GridSlot, commitment, expand, leaves, line, slot_at
from chaincode.health_slots.refusals import bad

__all__ = ["GridSlot", "check_runs", "commitment", "expand", "leaves", "line", "slot_at"]


def check_runs(runs: Any, start: int, end: int) -> list[list[Any]]:
    """Return `runs` in canonical form; BAD_RUNS if they leave the session's hours or are too many."""
    if not isinstance(runs, list) or not 0 < len(runs) <= terms.MAX_SLOTS:
        bad("a session needs runs [start, minutes, count, pool]", "BAD_RUNS")
    checked: list[list[Any]] = []
    total = 0
    for run in runs:
        if not isinstance(run, list) or len(run) != 4 or not all(type(v) is int for v in run[:3]):
            bad("a run is [start, minutes, count, pool]", "BAD_RUNS")
        first, minutes, count, pool = run
        if pool not in terms.POOLS or not 1 <= minutes <= 480 or not 1 <= count <= terms.MAX_SLOTS:
            bad("a run has 1 to 480 minutes, a positive count and a known pool", "BAD_RUNS")
        last = first + minutes * count
        if first < start or last > end:
            bad("a run leaves its session's hours", "BAD_RUNS")
        total += count
        checked.append([first, minutes, count, pool])
    if total > terms.MAX_SLOTS:
        bad(f"a session has at most {terms.MAX_SLOTS} slots", "BAD_RUNS")
    return checked
