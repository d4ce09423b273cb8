"""Appointments: held, booked, cancelled, attended; one key per slot decides who gets it."""

from __future__ import annotations

from chaincode.health_slots import calendar, terms
from chaincode.health_slots.bills import close_order, find_appointment, new_bill, open_order
from chaincode.health_slots.context import AUTHORITY, PLATFORM, PORTAL, STAFF, SlotsContext
from chaincode.health_slots.deadlines import is_closed
from chaincode.health_slots.identities import has_identity
from chaincode.health_slots.points import earn
from chaincode.health_slots.policy import Policy
from chaincode.health_slots.records import Record
from chaincode.health_slots.referrals import is_clinics_own, referral_of, referring_clinic
from chaincode.health_slots.refusals import conflict, forbid
from chaincode.health_slots.registry import policy_of
from chaincode.health_slots.slots import SlotView, lapsed, require_pool, view_slot
from chaincode.health_slots.terms import (
    APPOINTMENT_MOVES,
    BOOKED,
    CANCELLED,
    CHECKED_IN,
    DRAWN,
    FREE,
    FULFILLED,
    HELD,
    NO_SHOW,
    PENDING,
    RETURNED,
    STOPPED,
)
from chaincode.health_slots.tickets import Vouched, count_acting, count_payer, require_ticket
from fabric_sdk.chaincode import query, transaction

LAPSED = "lapsed"
"""In a person's visits of a day: how many holds ran out. They count against the day, so that nobody can hold, let go
and hold again for ever."""
LAPSES_FREE = 2
"""How many holds may run out besides the day's limit: people are slow."""
NO_CONDUCT: Record = {"no_shows": [], "bars": 0, "until": 0}
"""Of who never missed an appointment; not to be changed."""


class AppointmentFunctions:
    """What desks and portals do for a resident, and staff on the day."""

    @transaction
    def HoldSlot(self, ctx: SlotsContext, slot: str, resident: str, ticket: str = "") -> Record:
        """Hold a free slot for a resident for as long as the rules say; returns the pending appointment."""
        view, policy = _open_slot(ctx, slot, resident)
        vouched = require_ticket(ctx, view.hospital, resident, view.session["date"], ticket)
        if view.state == HELD and not lapsed(ctx, view.record or {}):
            _taken(view)
        return take(ctx, view, policy, resident, PENDING, policy.hold_s, vouched=vouched)

    @transaction
    def BookSlot(self, ctx: SlotsContext, slot: str, resident: str, payer: str = "", ticket: str = "") -> Record:
        """Book a slot that is free or held for this resident by this desk; returns the appointment.

        Where the rules ask for payment first, the appointment stays `pending` until the payment is recorded.
        """
        return book(ctx, slot, resident, payer, ticket)

    @transaction
    def CancelAppointment(self, ctx: SlotsContext, appointment: str) -> Record:
        """Cancel for the resident, until the moment the rules name; the slot goes to the waitlist or a draw.

        Only through whom it was made: the same portal, the hospital's desk or the platform. Where another desk does
        it than the one that booked, the record says so, and always who signed: nobody cancels in a resident's name.
        """
        record = find_appointment(ctx, appointment)
        caller = ctx.caller if is_clinics_own(ctx, record) else ctx.require_desk(record["hospital"])
        if caller.role not in (STAFF, PLATFORM) and not caller.speaks_for(record["booker"]):
            forbid("this appointment was made through another portal")
        view = view_slot(ctx, record["slot"], stopped_too=True)
        policy = policy_of(ctx, *view.session["policy"])
        moved = bool(view.session.get("changes"))
        limit = policy.cancel_until(view.session["date"], view.session["offset"])
        limit = view.begins() if moved else min(limit, view.begins())
        if record["state"] == CHECKED_IN:
            conflict("ILLEGAL_MOVE", "who has checked in is seen, or the hospital stops the slot")
        closed = is_closed(ctx, view.hospital, view.session_id)
        if record["state"] == BOOKED and (closed or ctx.passed(limit)):
            conflict("CANCEL_TOO_LATE", f"this appointment could be cancelled until {limit}")
        was = record["state"]
        _cancel(ctx, record, "resident" if caller.speaks_for(record["booker"]) else "elsewhere")
        record["cancelled"].append(caller.signer)
        ctx.records.put(record, "appointment", appointment)
        if (view.record or {}).get("appointment") == appointment:
            view.put(ctx, _given_back(ctx, policy, was == BOOKED or bool((view.record or {}).get("offered"))))
        ctx.stub.set_event("SlotReturned", record["slot"].encode())
        return record

    @transaction
    def ReleaseLapsed(self, ctx: SlotsContext, slot: str) -> str:
        """Let go of a hold that ran out; anybody may. Returns the slot's new state."""
        view = view_slot(ctx, slot)
        record = view.record or {}
        if view.state != HELD or not lapsed(ctx, record):
            conflict("NOT_LAPSED", f"slot {slot} is not held by a hold that ran out")
        lapse(ctx, record)
        policy = policy_of(ctx, *view.session["policy"])
        view.put(ctx, _given_back(ctx, policy, bool(record.get("offered"))))
        return view.state

    @transaction
    def Fulfil(self, ctx: SlotsContext, appointment: str) -> Record:
        """Record that the resident was seen; earns the points that the rules give."""
        record = find_appointment(ctx, appointment)
        ctx.require_staff(record["hospital"])
        move(record, FULFILLED)
        record["fulfilled_at"] = ctx.now
        policy = policy_of(ctx, *record["policy"])
        # What was booked by ticket names no account: the authority credits a day's visits together (CreditPoints).
        if policy.points_fulfilled and "account" not in record:
            earn(ctx, record["resident"], policy.points_fulfilled, policy.points_valid_days, appointment)
        ctx.records.put(record, "appointment", appointment)
        return record

    @transaction
    def MarkNoShow(self, ctx: SlotsContext, appointment: str) -> Record:
        """爽约: record after the slot is over that the resident did not come; repeated no-shows bar from booking.

        What was booked by ticket names no person: the authority notes a day's no-shows (NoteNoShows).
        """
        record = find_appointment(ctx, appointment)
        ctx.require_staff(record["hospital"])
        view = view_slot(ctx, record["slot"])
        policy = policy_of(ctx, *record["policy"])
        if not ctx.reached(view.ends() + policy.check_in_after_minutes * 60):
            conflict("TOO_EARLY", "the slot is not over")
        move(record, NO_SHOW)
        ctx.records.put(record, "appointment", appointment)
        if "account" in record:
            return {**NO_CONDUCT}
        return note_no_show(ctx, record["resident"], policy, ctx.now, record["hospital"])

    @query
    def GetAppointment(self, ctx: SlotsContext, appointment: str) -> Record:
        """Return an appointment (pseudonym only)."""
        return find_appointment(ctx, appointment)

    @query
    def GetConduct(self, ctx: SlotsContext, resident: str) -> Record:
        """Return a resident's no-shows and until when booking is barred."""
        if ctx.caller.role == STAFF:
            ctx.require_staff_anywhere()
        else:
            ctx.require_role(PLATFORM, AUTHORITY, PORTAL)
        return ctx.records.find("conduct", terms.resident_id(resident)) or {**NO_CONDUCT}


def book(ctx: SlotsContext, slot: str, resident: str, payer: str, ticket: str, suffix: str = "") -> Record:
    """Book one slot, whether alone or one of a list in this transaction (then `suffix` tells its appointment)."""
    view, policy = _open_slot(ctx, slot, resident)
    if payer:
        terms.resident_id(payer)
    record, date = view.record or {}, view.session["date"]
    held = view.state == HELD and not lapsed(ctx, record)
    if held and record["resident"] != resident:
        _taken(view)
    if held and not payer and not ctx.caller.is_door:
        vouched = Vouched(ctx.caller.booker)  # who holds the slot was vouched for when it was held
    else:
        vouched = require_ticket(ctx, view.hospital, resident, date, ticket, payer)
    if payer:
        count_payer(ctx, payer, date)
    if held:
        if record["booker"] != vouched.booker:
            _taken(view)
        return _confirm_held(ctx, view, policy, record, payer)
    first = policy.prepay and bool(view.session["fee"])
    state, seconds = (PENDING, policy.pay_s) if first else (BOOKED, 0)
    return take(ctx, view, policy, resident, state, seconds, payer, confirmed=first, vouched=vouched, suffix=suffix)


def note_no_show(ctx: SlotsContext, who: str, policy: Policy, at: int, hospital: str) -> Record:
    """Add a no-show to somebody's conduct and bar them where the rules say so; returns the conduct."""
    conduct = ctx.records.find("conduct", who) or {**NO_CONDUCT}
    since = ctx.now - policy.no_show_within_days * calendar.DAY
    conduct["no_shows"] = [entry for entry in conduct["no_shows"] if entry[0] >= since]
    conduct["no_shows"].append([at, hospital])
    if len(conduct["no_shows"]) >= policy.no_show_count:
        conduct["until"] = max(conduct["until"], ctx.now + policy.bar_for(conduct["bars"]))
        conduct["bars"] += 1
        conduct["no_shows"] = []
    ctx.records.put(conduct, "conduct", who)
    return conduct


def take(
    ctx: SlotsContext,
    view: SlotView,
    policy: Policy,
    resident: str,
    state: str,
    seconds: int,
    payer: str = "",
    *,
    confirmed: bool = False,
    vouched: Vouched | None = None,
    suffix: str = "",
    offered: bool = False,
) -> Record:
    """Give a slot to a resident: checks bars and limits, writes slot, appointment, visits and order."""
    session = view.session
    conduct, visits = ctx.records.find_all(("conduct", resident), ("visits", resident, session["date"]))
    if conduct is not None and conduct["until"] > ctx.now:
        conflict("BARRED", f"booking is barred until {conduct['until']} after repeated no-shows")
    if view.record is not None and view.record["state"] == HELD:
        lapse(ctx, view.record)
        if view.record["resident"] == resident:
            visits = ctx.records.find("visits", resident, session["date"])
    visits = _within_limits(ctx, visits or {}, view, policy)
    identifier = f"A{ctx.stub.tx_id[:30]}{suffix}"
    expires = ctx.now + seconds if state == PENDING else 0
    vouched = vouched or Vouched(ctx.caller.booker)
    count_acting(ctx, vouched.acting, session["date"])
    appointment: Record = {
        "id": identifier,
        "slot": view.name,
        "hospital": view.hospital,
        "department": session["department"],
        "visit_date": session["date"],
        "resident": resident,
        "state": state,
        "created_at": ctx.now,
        "policy": session["policy"],
        "bill": new_bill(session["fee"]),
        **vouched.entry(),
        **referral_of(ctx, view, resident),
    }
    if payer:
        appointment["payer"] = payer
    if confirmed:
        appointment["confirmed"] = True
    if state == PENDING:
        appointment["expires"] = expires
    open_order(ctx, appointment)
    ctx.records.put(appointment, "appointment", identifier)
    visits[identifier] = [view.hospital, session["department"], expires]
    ctx.records.put(visits, "visits", resident, session["date"])
    slot: Record = {"state": HELD if state == PENDING else BOOKED, "appointment": identifier}
    if state == PENDING:
        slot.update(resident=resident, booker=vouched.booker, expires=expires)
    if offered:
        slot["offered"] = True
    view.put(ctx, slot)
    ctx.stub.set_event("SlotHeld" if state == PENDING else "SlotBooked", view.name.encode())
    return appointment


def lapse(ctx: SlotsContext, slot: Record) -> None:
    """End the appointment of a hold that ran out; the caller rewrites the slot."""
    record = find_appointment(ctx, slot["appointment"])
    if record["state"] == PENDING:
        _cancel(ctx, record, "lapsed")


def cancel_by_hospital(ctx: SlotsContext, appointment: str, why: str) -> None:
    """Cancel an appointment because the hospital withdrew its slot: no blame, everything paid is owed back."""
    record = find_appointment(ctx, appointment)
    if CANCELLED in APPOINTMENT_MOVES[record["state"]]:
        _cancel(ctx, record, why)


def confirm_paid(ctx: SlotsContext, record: Record) -> None:
    """Turn a confirmed, now paid appointment into a booked one; the caller writes the appointment."""
    view = view_slot(ctx, record["slot"])
    if (view.record or {}).get("appointment") != record["id"] or view.state != HELD:
        conflict("SLOT_LOST", "the slot was given to somebody else after the time to pay ran out")
    _book(ctx, view, record)


def move(record: Record, state: str) -> None:
    """Change an appointment's state; ILLEGAL_MOVE if it may not go there."""
    if state not in APPOINTMENT_MOVES[record["state"]]:
        conflict("ILLEGAL_MOVE", f"an appointment that is {record['state']} cannot become {state}")
    record["state"] = state


def _open_slot(ctx: SlotsContext, slot: str, resident: str) -> tuple[SlotView, Policy]:
    view = view_slot(ctx, slot)
    terms.resident_id(resident)
    caller = ctx.caller if referring_clinic(ctx, view, resident) else ctx.require_desk(view.hospital)
    require_pool(caller, view.pool)
    if view.state == BOOKED:
        _taken(view)
    if view.state == STOPPED:
        conflict("SLOT_STOPPED", f"slot {slot} was withdrawn")
    if view.state == DRAWN:
        conflict("SLOT_IN_DRAW", f"slot {slot} is given by a draw")
    policy = policy_of(ctx, *view.session["policy"])
    if view.state == RETURNED or (view.state == HELD and _goes_on(ctx, policy, view.record or {})):
        conflict("SLOT_RETURNED", f"slot {slot} was returned and goes to the waitlist or a draw first")
    if ctx.passed(view.begins()):
        conflict("SLOT_CLOSED", f"slot {slot} has begun")
    if policy.real_name == "booking" and not has_identity(ctx, view.hospital, resident):
        conflict("REAL_NAME_NEEDED", "this hospital asks for the resident's identity before booking")
    return view, policy


def _goes_on(ctx: SlotsContext, policy: Policy, record: Record) -> bool:
    """A slot that somebody let go of goes to the next in line, not to the fastest."""
    return lapsed(ctx, record) and (bool(record.get("offered")) or policy.given_up == RETURNED)


def _given_back(ctx: SlotsContext, policy: Policy, returned: bool) -> Record:
    """What a slot becomes when its appointment ends; by the rules a hold that was given up may count as returned."""
    if returned or policy.given_up == RETURNED:
        return {"state": RETURNED, "returned_at": ctx.now}
    return {"state": FREE}


def _confirm_held(ctx: SlotsContext, view: SlotView, policy: Policy, slot: Record, payer: str) -> Record:
    if ctx.passed(slot["expires"]):
        conflict("HOLD_EXPIRED", f"the hold on slot {view.name} ran out")
    record = find_appointment(ctx, slot["appointment"])
    if payer:
        record["payer"] = payer
    if policy.prepay and record["bill"]["due"] > record["bill"]["paid"]:
        if record.get("confirmed"):
            conflict("PAYMENT_DUE", "this appointment waits for its payment")
        record["confirmed"] = True
        record["expires"] = ctx.now + policy.pay_s
        view.put(ctx, {**slot, "expires": record["expires"]})
        _visit(ctx, record, record["expires"])
        ctx.records.put(record, "appointment", record["id"])
        return record
    _book(ctx, view, record)
    ctx.records.put(record, "appointment", record["id"])
    return record


def _book(ctx: SlotsContext, view: SlotView, record: Record) -> None:
    move(record, BOOKED)
    record.pop("expires", None)
    view.put(ctx, {"state": BOOKED, "appointment": record["id"]})
    _visit(ctx, record, 0)
    ctx.stub.set_event("SlotBooked", view.name.encode())


def _visit(ctx: SlotsContext, record: Record, expires: int | None) -> None:
    """Set until when an appointment counts against the resident's limits; None takes it off."""
    visits = ctx.records.find("visits", record["resident"], record["visit_date"]) or {}
    if expires is None:
        visits.pop(record["id"], None)
    else:
        visits[record["id"]] = [record["hospital"], record["department"], expires]
    ctx.records.put(visits, "visits", record["resident"], record["visit_date"])


def _cancel(ctx: SlotsContext, record: Record, why: str) -> None:
    move(record, CANCELLED)
    record.pop("expires", None)
    record["cancelled"] = [why, ctx.now]
    close_order(ctx, record)
    _visit(ctx, record, None)
    if why == "lapsed":
        visits = ctx.records.find("visits", record["resident"], record["visit_date"]) or {}
        visits[LAPSED] = visits.get(LAPSED, 0) + 1
        ctx.records.put(visits, "visits", record["resident"], record["visit_date"])
    ctx.records.put(record, "appointment", record["id"])


def _within_limits(ctx: SlotsContext, visits: Record, view: SlotView, policy: Policy) -> Record:
    lapsed_holds = visits.get(LAPSED, 0)
    live = {a: v for a, v in visits.items() if a != LAPSED and (not v[2] or v[2] >= ctx.now)}
    lapsed_holds += len(visits) - len(live) - (LAPSED in visits)
    if len(live) + lapsed_holds >= policy.per_day + LAPSES_FREE:
        conflict("LIMIT_PER_DAY", "too many holds of this person lapsed for that day")
    if len(live) >= policy.per_day:
        conflict("LIMIT_PER_DAY", f"at most {policy.per_day} appointments a person and day")
    department = view.session["department"]
    same = sum(1 for v in live.values() if v[0] == view.hospital and v[1] == department)
    if same >= policy.per_department_day:
        conflict("LIMIT_PER_DEPARTMENT", f"at most {policy.per_department_day} a person, department and day")
    return live | ({LAPSED: visits[LAPSED]} if LAPSED in visits else {})


def _taken(view: SlotView) -> None:
    conflict("SLOT_TAKEN", f"slot {view.name} was taken by somebody else")
