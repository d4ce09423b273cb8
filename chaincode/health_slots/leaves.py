"""A session's slots unpacked into the lines that its commitment covers; needs nothing else of ours.

So a stranger's one-file audit has it, too (`apps.health_slots.recount`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chaincode.health_slots.merkle import leaf_hash, root_of, slot_salt


@dataclass(frozen=True, slots=True)
class GridSlot:
    """One slot as its hospital committed to it; minutes count from local midnight of the session's date."""

    number: int
    start: int
    end: int
    pool: str


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
    return [leaf_hash(line(session, s), slot_salt(secret, s.number)) for s in expand(runs)]


def commitment(session: str, runs: Sequence[Sequence[Any]], secret: bytes) -> str:
    """Return the Merkle root of a session in hex."""
    return root_of(leaves(session, runs, secret)).hex()
