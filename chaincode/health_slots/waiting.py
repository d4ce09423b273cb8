"""Waitlists and returned slots: what comes back goes to who waits, never straight to the fastest."""

from __future__ import annotations

import hashlib
import hmac

from chaincode.health_slots import calendar, terms
from chaincode.health_slots.appointments import lapse, take
from chaincode.health_slots.context import PLATFORM, STAFF, SlotsContext
from chaincode.health_slots.records import Record
from chaincode.health_slots.referrals import require_public
from chaincode.health_slots.refusals import conflict, forbid, missing
from chaincode.health_slots.registry import policy_of
from chaincode.health_slots.slots import SlotView, lapsed, require_published, view_slot
from chaincode.health_slots.terms import FREE, HELD, PENDING, RETURNED
from chaincode.health_slots.tickets import Vouched, require_ticket
from fabric_sdk.chaincode import ChaincodeError, query, transaction

JOIN_TOLERANCE_S = 30
"""How far a waiter's own clock may be off: the place in the queue is the transaction's time."""
SKIPPED = ("BARRED", "LIMIT_PER_DAY", "LIMIT_PER_DEPARTMENT", "FAMILY_LIMIT")


class WaitingFunctions:
    """Queueing for a session, handing on returned slots, and reopening them at a moment nobody can time."""

    @transaction
    def JoinWaitlist(self, ctx: SlotsContext, session: str, resident: str, ticket: str = "") -> Record:
        """Queue for any slot of a session that is returned; one place a resident."""
        hospital, sid = terms.split_session(session)
        ctx.require_desk(hospital)
        record = require_published(ctx, hospital, sid)
        terms.resident_id(resident)
        vouched = require_ticket(ctx, hospital, resident, record["date"], ticket)
        if abs(ctx.now - ctx.peer_clock) > JOIN_TOLERANCE_S:
            ctx.refuse_clock()
        if ctx.records.exists("waiter", hospital, sid, resident):
            conflict("WAITING_ALREADY", "the resident waits for this session already")
        place = f"{ctx.now:012d}"
        entry: Record = {"resident": resident, "at": ctx.now, **vouched.entry()}
        ctx.records.put(entry, "waiting", hospital, sid, place, ctx.stub.tx_id)
        waiter: Record = {"place": [place, ctx.stub.tx_id], "booker": vouched.booker}
        ctx.records.put(waiter, "waiter", hospital, sid, resident)
        return entry

    @transaction
    def LeaveWaitlist(self, ctx: SlotsContext, session: str, resident: str) -> None:
        """Give up a place in the queue, through the desk that took it."""
        hospital, sid = terms.split_session(session)
        caller = ctx.require_desk(hospital)
        waiter = ctx.records.find("waiter", hospital, sid, terms.resident_id(resident))
        if waiter is None:
            missing("the resident does not wait for this session")
        if caller.role not in (STAFF, PLATFORM) and not caller.speaks_for(waiter["booker"]):
            forbid("the resident waits through another portal")
        ctx.records.delete("waiting", hospital, sid, *waiter["place"])
        ctx.records.delete("waiter", hospital, sid, resident)

    @transaction
    def OfferReturned(self, ctx: SlotsContext, slot: str) -> Record:
        """Hold a returned slot for the first in the queue who may have it; anybody may ask for this."""
        view = self._returned(ctx, slot)
        require_public(ctx, view)  # what comes back of a reserve waits for its hour
        policy = policy_of(ctx, *view.session["policy"])
        taken: Record | None = None
        for attributes, entry in ctx.records.scan("waiting", view.hospital, view.session_id):
            ctx.records.delete("waiting", *attributes)
            ctx.records.delete("waiter", view.hospital, view.session_id, entry["resident"])
            try:
                taken = take(
                    ctx,
                    view,
                    policy,
                    entry["resident"],
                    PENDING,
                    policy.offer_s,
                    vouched=Vouched.of(entry),
                    offered=True,
                )
            except ChaincodeError as refusal:
                if refusal.code not in SKIPPED:
                    raise
            else:
                break
        if taken is None:
            conflict("NOBODY_WAITS", f"nobody who may have slot {slot} waits for it")
        return taken

    @transaction
    def ReopenReturned(self, ctx: SlotsContext, slot: str) -> str:
        """Open a returned slot for booking again when nobody waits, at a moment that touts cannot know.

        The platform calls it at the moment that its secret beacon of the day gives (`reopening`); the contract holds
        it to the bounds of the rules, and once the beacon is revealed everybody can check the moment. Without a beacon
        from before the return a slot waits for as long as the rules allow, and is marked.
        """
        ctx.require_role(PLATFORM)
        view = self._returned(ctx, slot)
        for _ in ctx.records.scan("waiting", view.hospital, view.session_id):
            conflict("SOMEBODY_WAITS", "returned slots go to the waitlist first")
        policy = policy_of(ctx, *view.session["policy"])
        if policy.returned == "draw":
            conflict("NEEDS_DRAW", "the rules of this hospital give returned slots by draw")
        returned_at = (view.record or {}).get("returned_at", 0)
        if not ctx.reached(returned_at + policy.reopen_min_s):
            conflict("TOO_EARLY", f"slot {slot} reopens from {returned_at + policy.reopen_min_s}")
        day = calendar.local_date(returned_at, ctx.offset(view.hospital))
        beacon = ctx.records.find("beacon", day)
        timed = beacon is not None and beacon["at"] <= returned_at
        if not timed and not ctx.reached(returned_at + policy.reopen_max_s):
            conflict("NO_BEACON", f"no beacon of {day} was committed to before the slot was returned")
        view.put(ctx, {"state": FREE, "returned_at": returned_at, "reopened_at": ctx.now, "timed": timed})
        ctx.stub.set_event("SlotReopened", slot.encode())
        return slot

    @transaction
    def CommitBeacon(self, ctx: SlotsContext, date: str, digest: str) -> Record:
        """Commit to the secret that times the reopenings of a day that has not begun its reopenings. Platform only."""
        ctx.require_role(PLATFORM)
        calendar.parse_date(date)
        if ctx.records.exists("beacon", date):
            conflict("BEACON_EXISTS", f"{date} has its beacon")
        record: Record = {"digest": terms.digest(digest, "a beacon"), "signer": ctx.caller.signer, "at": ctx.now}
        ctx.records.put(record, "beacon", date)
        return record

    @transaction
    def RevealBeacon(self, ctx: SlotsContext, date: str, secret: str) -> Record:
        """Reveal the secret of a day that is over by two days, so that every reopening can be checked."""
        ctx.require_role(PLATFORM)
        record = ctx.records.find("beacon", date)
        if record is None:
            missing(f"there is no beacon for {date}")
        if not ctx.reached(calendar.at(calendar.add_days(date, 2), 0, 0)):
            conflict("TOO_EARLY", f"reopenings of slots returned on {date} may still come")
        if hashlib.sha256(bytes.fromhex(terms.digest(secret, "a secret"))).hexdigest() != record["digest"]:
            conflict("BEACON_MISMATCH", "this is not the secret that was committed to")
        record.update(secret=secret, revealed_at=ctx.now)
        ctx.records.put(record, "beacon", date)
        return record

    @query
    def GetBeacon(self, ctx: SlotsContext, date: str) -> Record:
        """Return a day's beacon: the digest, and the secret once it is revealed."""
        record = ctx.records.find("beacon", calendar.parse_date(date).isoformat())
        if record is None:
            missing(f"there is no beacon for {date}")
        return record

    @query
    def ListWaiting(self, ctx: SlotsContext, session: str) -> list[Record]:
        """Return the queue of a session in order."""
        hospital, sid = terms.split_session(session)
        ctx.session(hospital, sid)
        return [entry for _, entry in ctx.records.scan("waiting", hospital, sid)]

    def _returned(self, ctx: SlotsContext, slot: str) -> SlotView:
        view = view_slot(ctx, slot)
        record = view.record or {}
        if view.state == HELD and record.get("offered") and lapsed(ctx, record):
            lapse(ctx, record)
            view.put(ctx, {"state": RETURNED, "returned_at": ctx.now})
        if view.state != RETURNED:
            conflict("NOT_RETURNED", f"slot {slot} is {view.state}")
        return view


def reopening(secret: bytes, slot: str, returned_at: int, low: int, high: int) -> int:
    """Return the moment at which a beacon reopens a slot: `low` to `high` seconds after it was returned."""
    drawn = int.from_bytes(hmac.digest(secret, f"{slot}|{returned_at}".encode(), "sha256")[:8], "big")
    return returned_at + low + drawn % (high - low + 1)
