"""Sessions: committed before release, opened against the commitment, changed only with a reason and a signer.

A session's record holds its slots packed as runs (`grid`). It is written when the hospital commits, opens or changes
the session, never when somebody books, so that residents do not contend for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chaincode.health_slots import calendar, grid, merkle, terms
from chaincode.health_slots.appointments import cancel_by_hospital
from chaincode.health_slots.bills import find_appointment
from chaincode.health_slots.context import AUTHORITY, PLATFORM, SlotsContext
from chaincode.health_slots.deadlines import reopen
from chaincode.health_slots.kept import require_kept
from chaincode.health_slots.records import Record
from chaincode.health_slots.refusals import bad, conflict, missing
from chaincode.health_slots.registry import Units, campus_of, policy_head, policy_of, write_units
from chaincode.health_slots.slots import require_published
from chaincode.health_slots.terms import COMMITTED, PUBLISHED, STOPPED
from fabric_sdk.chaincode import query, transaction
from fabric_sdk.chaincode.keys import create_composite_key
from fabric_sdk.chaincode.state_policy import owner_and_one_of

MOVE_DAYS = 60
"""How far from the promised date a session may move: what is moved to the end of time is hidden."""
MAX_BATCH = 2000
"""Sessions in one transaction."""
DAY_MINUTES = 1440
LATEST_END = DAY_MINUTES + 720
"""Where a night clinic ends at the latest, in minutes from its day's midnight: noon of the next day."""


@dataclass(frozen=True)
class SessionPlan:
    """What a hospital promises before release; `id` is unique in the hospital, minutes count from local midnight.

    An `end` beyond 1440 is on the next day, at noon at the latest; the session's day is the one on which it begins.
    """

    id: str
    department: str
    doctor: str
    date: str
    part: str
    kind: str
    start: int
    end: int
    fee: int
    """Fee of one slot in fen."""
    count: int
    root: str
    """Merkle root over all slots, hex (see `grid.commitment`)."""
    release_at: int = 0
    """Seconds since 1970; 0 for the moment that the rules name."""
    campus: str = ""
    """Where it is held, for a hospital with more than one campus; it stays there."""


@dataclass(frozen=True)
class Opening:
    """The opening of one commitment: its secret (32 bytes hex) and the slots as runs."""

    id: str
    secret: str
    runs: list[list[Any]]


class SessionFunctions:
    """From commitment to release, and every change afterwards."""

    @transaction
    def CommitSessions(
        self, ctx: SlotsContext, hospital: str, plans: list[SessionPlan], units: Units | None = None, plan: str = ""
    ) -> int:
        """Write the commitments of sessions before their release; returns how many. Staff only.

        `units` are departments and doctors that the plans need and the ledger does not know yet. `plan` is under which
        name the hospital's peers keep slots and secrets of these sessions (`KeepPlan`); PLAN_MISSING if they do not.

        Refused: a doctor in two sessions at once (SESSION_OVERLAP), a date that is over (PAST_DATE), a release that
        already was (RELEASE_PASSED), an id that is taken. A commitment after the moment that the rules name for the
        release is taken, but marked `late` for everyone to see.
        """
        record = ctx.require_staff(hospital)
        if not 0 < len(plans) <= MAX_BATCH:
            bad(f"1 to {MAX_BATCH} sessions at a time")
        if units is not None:
            write_units(ctx, hospital, units)
        kept = {"plan": plan} if plan else {}
        if plan:
            require_kept(ctx, hospital, plan)
        owner, version = policy_head(ctx, hospital)
        policy = policy_of(ctx, owner, version)
        offset = record["utc_offset_minutes"]
        for session in plans:
            self._check_plan(ctx, hospital, session, offset)
            if policy.release_mode == "daily":
                due = policy.due_release(session.date, offset)
                release_at, late = max(session.release_at or due, due), ctx.now >= due
                release_at = max(release_at, ctx.now) if late else release_at
            else:
                release_at, late = max(session.release_at, ctx.now + policy.release_delay_s), False
            if release_at >= calendar.at(session.date, session.end, offset):
                bad("a session must be released before it ends", "RELEASE_PASSED")
            ctx.records.put(
                {
                    "state": COMMITTED,
                    "department": session.department,
                    "doctor": session.doctor,
                    "date": session.date,
                    "part": session.part,
                    "kind": session.kind,
                    "start": session.start,
                    "end": session.end,
                    "fee": session.fee,
                    "count": session.count,
                    "root": session.root,
                    "release_at": release_at,
                    "late": late,
                    "policy": [owner, version],
                    "offset": offset,
                    "committed_at": ctx.now,
                    "committed_by": ctx.caller.signer,
                    **kept,
                    **campus_of(ctx, hospital, session.campus),
                    **policy.reserve(),
                },
                "session",
                hospital,
                session.id,
            )
            _keep_for(ctx, record["msp_id"], hospital, session.id)
            self._reserve(ctx, hospital, session)
        ctx.stub.set_event("SessionsCommitted", hospital.encode())
        return len(plans)

    @transaction
    def PublishSessions(self, ctx: SlotsContext, hospital: str, openings: list[Opening]) -> int:
        """Open committed sessions; returns the number of slots. Staff only.

        The contract rebuilds the Merkle root from all slots and refuses anything that is not exactly what was
        committed (COMMITMENT_MISMATCH), and any opening before the release (TOO_EARLY).
        """
        owner = ctx.require_staff(hospital)["msp_id"]
        if not 0 < len(openings) <= MAX_BATCH:
            bad(f"1 to {MAX_BATCH} sessions at a time")
        total = 0
        for opening in openings:
            session = ctx.session(hospital, opening.id)
            name = f"{hospital}.{opening.id}"
            if session["state"] != COMMITTED:
                conflict("NOT_COMMITTED", f"session {name} is {session['state']}")
            if not ctx.reached(session["release_at"]):
                conflict("TOO_EARLY", f"session {name} opens at {session['release_at']}")
            secret = bytes.fromhex(terms.digest(opening.secret, "a session's secret"))
            runs = grid.check_runs(opening.runs, session["start"], session["end"])
            if sum(r[2] for r in runs) != session["count"] or grid.commitment(name, runs, secret) != session["root"]:
                bad(f"the slots of session {name} are not those committed", "COMMITMENT_MISMATCH")
            session.update(
                state=PUBLISHED,
                runs=runs,
                secret=opening.secret,
                published_at=ctx.now,
                published_by=ctx.caller.signer,
            )
            ctx.records.put(session, "session", hospital, opening.id)
            _keep_for(ctx, owner, hospital, opening.id)
            total += session["count"]
        ctx.stub.set_event("SessionsPublished", hospital.encode())
        return total

    @transaction
    def StopSession(self, ctx: SlotsContext, session: str, reason: str) -> list[str]:
        """停诊: stop a whole session; every appointment in it is cancelled without blame. Returns their ids."""
        hospital, sid = terms.split_session(session)
        ctx.require_staff(hospital)
        record = ctx.session(hospital, sid)
        if record["state"] == STOPPED:
            conflict("SESSION_STOPPED", f"session {session} is stopped already")
        self._change(ctx, record, "stopped", reason, {"was": record["state"]})
        record["state"] = STOPPED
        ctx.records.put(record, "session", hospital, sid)
        self._release_roster(ctx, hospital, record["doctor"], record["date"], sid)
        cancelled = []
        for _, slot in ctx.records.scan("slot", hospital, sid):
            if slot.get("appointment") and slot["state"] in (terms.BOOKED, terms.HELD):
                cancel_by_hospital(ctx, slot["appointment"], "session-stopped")
                cancelled.append(slot["appointment"])
        ctx.stub.set_event("SessionStopped", session.encode())
        return cancelled

    @transaction
    def StopSlots(self, ctx: SlotsContext, session: str, numbers: list[int], reason: str) -> int:
        """Withdraw single slots of a published session, booked ones included; returns how many."""
        hospital, sid = terms.split_session(session)
        ctx.require_staff(hospital)
        record = require_published(ctx, hospital, sid)
        if not 0 < len(numbers) <= terms.MAX_SLOTS or len(set(numbers)) != len(numbers):
            bad("name each slot once")
        for number in numbers:
            slot = ctx.records.find("slot", hospital, sid, f"{number:03d}")
            if number < 1 or (slot is None and grid.slot_at(record["runs"], number) is None):
                missing(f"session {session} has no slot {number}")
            slot = slot or {}
            if slot.get("state") in (STOPPED, terms.DRAWN):
                conflict("SLOT_STOPPED", f"slot {number} is {slot['state']} already")
            if slot.get("appointment") and slot.get("state") in (terms.BOOKED, terms.HELD):
                holder = find_appointment(ctx, slot["appointment"])
                if holder["state"] in (terms.FULFILLED, terms.NO_SHOW):
                    conflict("SLOT_USED", f"slot {number} is over: its appointment is {holder['state']}")
                cancel_by_hospital(ctx, slot["appointment"], "slot-stopped")
            kept = {"added": slot["added"]} if "added" in slot else {}
            ctx.records.put(
                {
                    **kept,
                    "state": STOPPED,
                    "reason": terms.reason_code(reason),
                    "signer": ctx.caller.signer,
                    "at": ctx.now,
                },
                "slot",
                hospital,
                sid,
                f"{number:03d}",
            )
        return len(numbers)

    @transaction
    def MoveSession(self, ctx: SlotsContext, session: str, date: str, shift_minutes: int, reason: str) -> Record:
        """改诊: hold a session on another date or `shift_minutes` later; its appointments move along."""
        hospital, sid = terms.split_session(session)
        offset = ctx.require_staff(hospital)["utc_offset_minutes"]
        record = require_published(ctx, hospital, sid)
        calendar.parse_date(date)
        terms.whole(shift_minutes, -1439, 1439, "shift_minutes")
        shift = record.get("shift", 0) + shift_minutes
        if not 0 <= record["start"] + shift < DAY_MINUTES or record["end"] + shift > LATEST_END:
            bad("the session would leave its day")
        first = min(record["date"], *(c["from"][0] for c in record.get("changes", []) if c["what"] == "moved"), date)
        if date > calendar.add_days(first, MOVE_DAYS):
            bad(f"a session moves within {MOVE_DAYS} days of the date that was promised", "OUT_OF_BOUNDS")
        if calendar.at(date, record["start"] + shift, offset) <= ctx.now:
            bad("a session cannot move into the past", "PAST_DATE")
        if ctx.passed(calendar.at(record["date"], record["end"] + record.get("shift", 0), offset)):
            conflict("SESSION_OVER", f"session {session} is over; it cannot move any more")
        self._change(
            ctx, record, "moved", reason, {"from": [record["date"], record.get("shift", 0)], "to": [date, shift]}
        )
        self._release_roster(ctx, hospital, record["doctor"], record["date"], sid)
        record.update(date=date, shift=shift)
        reopen(ctx, hospital, sid)
        self._take_roster(ctx, hospital, record["doctor"], date, sid, record["start"] + shift, record["end"] + shift)
        ctx.records.put(record, "session", hospital, sid)
        ctx.stub.set_event("SessionMoved", session.encode())
        return record

    @transaction
    def SubstituteDoctor(self, ctx: SlotsContext, session: str, doctor: str, reason: str) -> Record:
        """替诊: another doctor of the same department takes the session."""
        hospital, sid = terms.split_session(session)
        ctx.require_staff(hospital)
        record = require_published(ctx, hospital, sid)
        found = ctx.records.find("doctor", hospital, doctor)
        if found is None or found["department"] != record["department"]:
            missing(f"department {record['department']} has no doctor {doctor[:40]}")
        shift = record.get("shift", 0)
        self._change(ctx, record, "substituted", reason, {"from": record["doctor"], "to": doctor})
        self._release_roster(ctx, hospital, record["doctor"], record["date"], sid)
        self._take_roster(ctx, hospital, doctor, record["date"], sid, record["start"] + shift, record["end"] + shift)
        record["doctor"] = doctor
        reopen(ctx, hospital, sid)
        ctx.records.put(record, "session", hospital, sid)
        ctx.stub.set_event("DoctorSubstituted", session.encode())
        return record

    @transaction
    def AddSlot(
        self, ctx: SlotsContext, session: str, number: int, start: int, minutes: int, pool: str, reason: str
    ) -> str:
        """加号: add slot `number` to a published session, outside its commitment and marked as such for ever."""
        hospital, sid = terms.split_session(session)
        ctx.require_staff(hospital)
        record = require_published(ctx, hospital, sid)
        terms.whole(number, record["count"] + 1, terms.MAX_SLOTS, "the number of an added slot")
        if ctx.records.exists("slot", hospital, sid, f"{number:03d}"):
            conflict("SLOT_EXISTS", f"session {session} has a slot {number} already")
        latest = max(DAY_MINUTES, record["end"])
        terms.whole(start, 0, latest - 1, "start")
        terms.whole(minutes, 1, min(480, latest - start), "minutes")
        added = {
            "start": start,
            "end": start + minutes,
            "pool": terms.one_of(pool, terms.POOLS, "pool"),
            "reason": terms.reason_code(reason),
            "signer": ctx.caller.signer,
            "at": ctx.now,
        }
        ctx.records.put({"state": terms.FREE, "added": added, "at": ctx.now}, "slot", hospital, sid, f"{number:03d}")
        ctx.stub.set_event("SlotAdded", f"{session}.{number:03d}".encode())
        return terms.slot_name(hospital, sid, number)

    @query
    def GetSession(self, ctx: SlotsContext, session: str) -> Record:
        """Return a session's record."""
        return ctx.session(*terms.split_session(session))

    @query
    def ProveSlot(self, ctx: SlotsContext, slot: str) -> Record:
        """Return what proves that a slot was committed: line, salt, path and root, all in hex."""
        hospital, sid, number = terms.split_slot(slot)
        record = require_published(ctx, hospital, sid)
        found = grid.slot_at(record["runs"], number)
        if found is None:
            missing(f"slot {slot} was not committed; it was added later or does not exist", "NOT_IN_COMMITMENT")
        secret = bytes.fromhex(record["secret"])
        name = f"{hospital}.{sid}"
        path = merkle.proof_of(grid.leaves(name, record["runs"], secret), number - 1)
        return {
            "slot": slot,
            "line": grid.line(name, found),
            "salt": merkle.slot_salt(secret, number).hex(),
            "path": [[side, sibling.hex()] for side, sibling in path],
            "root": record["root"],
            "committed_at": record["committed_at"],
            "committed_by": record["committed_by"],
        }

    def _check_plan(self, ctx: SlotsContext, hospital: str, plan: SessionPlan, offset: int) -> None:
        terms.split_session(f"{hospital}.{plan.id}")
        terms.one_of(plan.part, terms.PARTS, "part")
        terms.one_of(plan.kind, terms.KINDS, "kind")
        terms.whole(plan.start, 0, DAY_MINUTES - 1, "start")
        terms.whole(plan.end, plan.start + 1, LATEST_END, "end")
        terms.whole(plan.fee, 0, 10_000_000, "fee")
        terms.whole(plan.count, 1, terms.MAX_SLOTS, "count")
        terms.digest(plan.root, "a root")
        taken, doctor = ctx.records.find_all(("session", hospital, plan.id), ("doctor", hospital, plan.doctor))
        if taken is not None:
            conflict("SESSION_EXISTS", f"session {hospital}.{plan.id} exists already")
        if doctor is None or doctor["department"] != plan.department:
            missing(f"department {plan.department[:40]} of hospital {hospital} has no doctor {plan.doctor[:40]}")
        if calendar.at(plan.date, plan.end, offset) <= ctx.now:
            bad(f"session {plan.id} would be over already", "PAST_DATE")
        if calendar.at(plan.date, 0, offset) > ctx.now + 400 * calendar.DAY:
            bad(f"session {plan.id} is more than 400 days away", "FAR_DATE")

    def _reserve(self, ctx: SlotsContext, hospital: str, plan: SessionPlan) -> None:
        self._take_roster(ctx, hospital, plan.doctor, plan.date, plan.id, plan.start, plan.end)

    def _take_roster(
        self, ctx: SlotsContext, hospital: str, doctor: str, date: str, sid: str, start: int, end: int
    ) -> None:
        """Note a session in its day's roster; a night clinic reaches into the next one's."""
        near = [(date, 0), (calendar.add_days(date, -1), -DAY_MINUTES)]
        if end > DAY_MINUTES:
            near.append((calendar.add_days(date, 1), DAY_MINUTES))
        found = ctx.records.find_all(*(("roster", hospital, doctor, day) for day, _ in near))
        for (day, shift), roster in zip(near, found, strict=True):
            for other, (first, last) in (roster or {}).items():
                if start < last + shift and first + shift < end:
                    conflict("SESSION_OVERLAP", f"doctor {doctor} has session {other} at that time on {day}")
        roster = found[0] or {}
        roster[sid] = [start, end]
        ctx.records.put(roster, "roster", hospital, doctor, date)

    def _release_roster(self, ctx: SlotsContext, hospital: str, doctor: str, date: str, sid: str) -> None:
        roster = ctx.records.find("roster", hospital, doctor, date) or {}
        roster.pop(sid, None)
        ctx.records.put(roster, "roster", hospital, doctor, date)

    def _change(self, ctx: SlotsContext, record: Record, what: str, reason: str, details: Record) -> None:
        entry = {
            "what": what,
            "reason": terms.reason_code(reason),
            "signer": ctx.caller.signer,
            "at": ctx.now,
            **details,
        }
        record.setdefault("changes", []).append(entry)


def _keep_for(ctx: SlotsContext, owner: str, hospital: str, session: str) -> None:
    """Let nobody write a session without a peer of its own hospital's organisation and one that watches over it.

    The contract's policy is content with any hospital's peer, so this is needed where several organisations run them.
    """
    if len(ctx.settings.get("hospital_organizations", ())) > 1:
        roles = ctx.settings["roles"]
        watchers = {*roles.get(AUTHORITY, ()), *roles.get(PLATFORM, ())}
        policy = owner_and_one_of(owner, watchers - set(ctx.settings["hospital_organizations"]))
        key = create_composite_key("session", (hospital, session))
        if ctx.stub.get_state_validation_parameter(key) != policy:
            ctx.stub.set_state_validation_parameter(key, policy)
