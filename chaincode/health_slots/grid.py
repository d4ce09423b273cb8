"""A session's slots, packed as runs and unpacked into lines that the commitment covers.

A run `[start, minutes, count, pool]` is `count` slots of `minutes` each, back to back from minute `start` of the
session's day. A city's 312,000 slots a day travel as runs; a slot gets a key of its own only when somebody touches it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chaincode.health_slots import merkle, terms
from chaincode.health_slots.refusals import bad


@dataclass(frozen=True, slots=True)
class GridSlot:
    """One slot as its hospital committed to it; minutes count from local midnight of the session's date."""

    number: int
    start: int
    end: int
    pool: str


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


def expand(runs: Sequence[Sequence[Any]]) -> list[GridSlot]:
    """Return the slots of checked runs, numbered from 1."""
    slots: list[GridSlot] = []
    for first, minutes, count, pool in runs:
        for index in range(count):
            start = first + index * minutes
            slots.append(GridSlot(len(slots) + 1, start, start + minutes, pool))
    return slots


def slot_at(runs: Sequence[Sequence[Any]], number: int) -> GridSlot | None:
    """Return slot `number` without unpacking the rest; None if the runs end before it."""
    before = 0
    for first, minutes, count, pool in runs:
        if number <= before + count:
            start = first + (number - before - 1) * minutes
            return GridSlot(number, start, start + minutes, pool)
        before += count
    return None


def line(session: str, slot: GridSlot) -> str:
    """Return the canonical line of a slot that its leaf covers; `session` is `hospital.session`."""
    return f"{session}.{slot.number:03d}|{slot.start}|{slot.end}|{slot.pool}"


def leaves(session: str, runs: Sequence[Sequence[Any]], secret: bytes) -> list[bytes]:
    """Return the leaves of a session's tree in slot order."""
    return [merkle.leaf_hash(line(session, s), merkle.slot_salt(secret, s.number)) for s in expand(runs)]


def commitment(session: str, runs: Sequence[Sequence[Any]], secret: bytes) -> str:
    """Return the Merkle root of a session in hex."""
    return merkle.root_of(leaves(session, runs, secret)).hex()
