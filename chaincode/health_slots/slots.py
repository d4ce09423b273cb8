"""One slot as it stands: what its session promised, and what has become of it since."""

from __future__ import annotations

from dataclasses import dataclass

from chaincode.health_slots import calendar, grid, terms
from chaincode.health_slots.context import STAFF, Caller, SlotsContext
from chaincode.health_slots.records import Record
from chaincode.health_slots.refusals import conflict, forbid, missing
from chaincode.health_slots.terms import FREE, PUBLISHED, STOPPED

STAFF_POOLS = ("window", "reserved")
"""Pools that only the hospital's own desk books from."""


@dataclass(slots=True)
class SlotView:
    """A slot of a published session; `record` is None until somebody touched it."""

    hospital: str
    session_id: str
    number: int
    session: Record
    record: Record | None
    start: int
    end: int
    pool: str

    @property
    def name(self) -> str:
        return terms.slot_name(self.hospital, self.session_id, self.number)

    @property
    def state(self) -> str:
        return FREE if self.record is None else str(self.record["state"])

    @property
    def attributes(self) -> tuple[str, str, str]:
        return self.hospital, self.session_id, f"{self.number:03d}"

    def begins(self) -> int:
        """Return the moment at which the slot begins, moves of its session included."""
        return calendar.at(self.session["date"], self.start + int(self.session.get("shift", 0)), self.session["offset"])

    def ends(self) -> int:
        """Return the moment at which the slot ends, moves of its session included."""
        return calendar.at(self.session["date"], self.end + int(self.session.get("shift", 0)), self.session["offset"])

    def put(self, ctx: SlotsContext, record: Record) -> None:
        """Write the slot's record; what made it (加号) stays with it."""
        if self.record is not None and "added" in self.record:
            record["added"] = self.record["added"]
        record["at"] = ctx.now
        self.record = record
        ctx.records.put(record, "slot", *self.attributes)


def require_published(ctx: SlotsContext, hospital: str, session: str) -> Record:
    """Return a session that is open; SESSION_STOPPED or NOT_PUBLISHED otherwise."""
    return _published(ctx.session(hospital, session), hospital, session)


def _published(record: Record | None, hospital: str, session: str) -> Record:
    if record is None:
        missing(f"there is no session {hospital}.{session}")
    if record["state"] == STOPPED:
        conflict("SESSION_STOPPED", f"session {hospital}.{session} was stopped")
    if record["state"] != PUBLISHED:
        conflict("NOT_PUBLISHED", f"session {hospital}.{session} is not open yet")
    return record


def view_slot(ctx: SlotsContext, name: str, *, stopped_too: bool = False) -> SlotView:
    """Return a slot by its name; NOT_FOUND if neither committed nor added."""
    hospital, sid, number = terms.split_slot(name)
    session, record = ctx.records.look_all(("session", hospital, sid), ("slot", hospital, sid, f"{number:03d}"))
    if session is None:
        missing(f"there is no session {hospital}.{sid}")
    if not (stopped_too and session["state"] == STOPPED and "runs" in session):
        _published(session, hospital, sid)
    promised = grid.slot_at(session["runs"], number)
    if promised is not None:
        start, end, pool = promised.start, promised.end, promised.pool
    elif record is not None and "added" in record:
        start, end, pool = record["added"]["start"], record["added"]["end"], record["added"]["pool"]
    else:
        missing(f"there is no slot {name}")
    ctx.offsets[hospital] = session["offset"]
    return SlotView(hospital, sid, number, session, record, start, end, pool)


def lapsed(ctx: SlotsContext, record: Record) -> bool:
    """Say whether a held slot's hold ran out, so that anybody may take it over."""
    return ctx.reached(int(record["expires"]) + 1)


def require_pool(caller: Caller, pool: str) -> None:
    """Refuse a desk that may not book from `pool`."""
    if pool in STAFF_POOLS and caller.role != STAFF:
        forbid(f"slots of the pool {pool} are given by the hospital's own desk", "POOL_CLOSED")
