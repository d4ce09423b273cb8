"""社区预留: slots of the pool `community` that are booked by referral until some hours before their session.

The rules under which a session is committed say how many hours (`referral_hours`, 0 for none). Until then a clinic that
the authority lets refer writes who is referred to which department on which date; from then on everybody books, with
nobody's act: the hour is in the session. Whether an endorser takes a booking depends on both clocks, as for a release.
What is written does not: a referral that there is goes into the appointment before that hour and after it.

The clinic's own desk also books a reserved slot for whom it referred, and gives back what it booked so.
"""

from __future__ import annotations

from chaincode.health_slots import calendar, terms
from chaincode.health_slots.context import AUTHORITY, EVERY_HOSPITAL, STAFF, SlotsContext
from chaincode.health_slots.records import Record
from chaincode.health_slots.refusals import bad, conflict, forbid, missing
from chaincode.health_slots.slots import SlotView
from chaincode.health_slots.tickets import DAYS_AHEAD, require_ticket
from fabric_sdk.chaincode import query, transaction

COMMUNITY = "community"


class ReferralFunctions:
    """Who may refer, and who is referred."""

    @transaction
    def AdmitClinic(self, ctx: SlotsContext, clinic: str, reason: str) -> Record:
        """Let an institution of the ledger refer to others' reserved slots. Authority only."""
        ctx.require_role(AUTHORITY)
        ctx.hospital(clinic)
        record: Record = {"reason": terms.reason_code(reason), "signer": ctx.caller.signer, "at": ctx.now}
        ctx.records.put(record, "clinic", clinic)
        return record

    @transaction
    def DismissClinic(self, ctx: SlotsContext, clinic: str) -> None:
        """Let an institution refer no more; what it referred stays. Authority only."""
        ctx.require_role(AUTHORITY)
        if not ctx.records.exists("clinic", clinic):
            missing(f"{clinic[:40]} is no clinic that refers")
        ctx.records.delete("clinic", clinic)

    @transaction
    def Refer(
        self,
        ctx: SlotsContext,
        clinic: str,
        hospital: str,
        department: str,
        date: str,
        resident: str,
        ticket: str = "",
    ) -> Record:
        """Refer somebody to a department on a date; the clinic's staff only, with the authority's ticket of that date.

        The person is named by the visit id alone, as bookings name them. Refused: a clinic that the authority did not
        admit (FORBIDDEN), itself as the hospital (BAD_ARGUMENT), somebody who is referred there already (REFERRED).
        """
        ctx.require_staff(clinic)
        if not ctx.records.exists("clinic", clinic):
            forbid(f"the health authority does not let {clinic} refer")
        if clinic == hospital:
            bad("a clinic refers to other hospitals")
        offset = ctx.offset(hospital)
        if not ctx.records.exists("unit", hospital, terms.unit_id(department)):
            missing(f"hospital {hospital} has no department {department}")
        today = calendar.local_date(ctx.now, offset)
        if not today <= calendar.parse_date(date).isoformat() <= calendar.add_days(today, DAYS_AHEAD):
            bad(f"a referral is for a date from today until {DAYS_AHEAD} days ahead", "BAD_DATE")
        place = ("referral", hospital, department, date, terms.resident_id(resident))
        require_ticket(ctx, clinic, resident, date, ticket)
        if ctx.records.exists(*place):
            conflict("REFERRED", "this person is referred to that department on that date already")
        record: Record = {"clinic": clinic, "signer": ctx.caller.signer, "at": ctx.now}
        ctx.records.put(record, *place)
        ctx.stub.set_event("Referred", f"{hospital}.{department}".encode())
        return record

    @transaction
    def WithdrawReferral(self, ctx: SlotsContext, hospital: str, department: str, date: str, resident: str) -> None:
        """Take a referral back; the clinic's staff only. What was booked by it stays."""
        place = ("referral", hospital, department, date, terms.resident_id(resident))
        record = ctx.records.find(*place)
        if record is None:
            missing("there is no such referral")
        ctx.require_staff(record["clinic"])
        ctx.records.delete(*place)

    @query
    def GetReferral(self, ctx: SlotsContext, hospital: str, department: str, date: str, resident: str) -> Record:
        """Return a referral: clinic, who signed, when."""
        found = ctx.records.find("referral", hospital, department, date, terms.resident_id(resident))
        if found is None:
            missing("there is no such referral")
        return found

    @query
    def ListClinics(self, ctx: SlotsContext) -> dict[str, Record]:
        """Return the institutions that the authority lets refer, by id."""
        return {attributes[0]: record for attributes, record in ctx.records.scan("clinic")}


def reserved_until(view: SlotView) -> int:
    """Until when a slot is booked by referral only, seconds since 1970 UTC; 0 for one that never was reserved."""
    hours = int(view.session.get("referral_hours", 0))
    if view.pool != COMMUNITY or not hours:
        return 0
    minute = view.session["start"] + int(view.session.get("shift", 0))
    return calendar.at(view.session["date"], minute, view.session["offset"]) - hours * 3600


def referral_of(ctx: SlotsContext, view: SlotView, resident: str) -> Record:
    """What an appointment says of its referral; REFERRAL_NEEDED for a reserved slot before its hour without one.

    Read whatever the hour: endorsers whose clocks differ a little must write the same.
    """
    until = reserved_until(view)
    if not until:
        return {}
    place = ("referral", view.hospital, view.session["department"], view.session["date"], resident)
    found = ctx.records.find(*place)
    if found is not None:
        return {"referral": found["clinic"]}
    require_public(ctx, view)
    return {}


def referring_clinic(ctx: SlotsContext, view: SlotView, resident: str) -> str:
    """The clinic whose staff the caller is and that referred this person here, "" for any other desk.

    Such a desk books the reserved slot while the person stands there; it is no desk of the hospital otherwise.
    """
    if ctx.caller.role != STAFF or view.pool != COMMUNITY:
        return ""
    place = ("referral", view.hospital, view.session["department"], view.session["date"], terms.resident_id(resident))
    found = ctx.records.find(*place)
    clinic = str(found["clinic"]) if found is not None else ""
    return clinic if clinic and ctx.caller.booker in _bookers(ctx, clinic) else ""


def _bookers(ctx: SlotsContext, clinic: str) -> tuple[str, str]:
    """How a clinic's staff are named as bookers: of it alone, or of all its organisation's institutions."""
    msp_id = ctx.hospital(clinic)["msp_id"]
    return f"{msp_id}/{clinic}", f"{msp_id}/{EVERY_HOSPITAL}"


def is_clinics_own(ctx: SlotsContext, appointment: Record) -> bool:
    """Say whether the caller is staff of the clinic that referred to an appointment and booked it."""
    caller, clinic = ctx.caller, appointment.get("referral", "")
    if not clinic or caller.role != STAFF or caller.booker != appointment["booker"]:
        return False
    return caller.booker in _bookers(ctx, clinic)


def require_public(ctx: SlotsContext, view: SlotView) -> None:
    """Refuse what gives a slot to everybody while it is reserved (REFERRAL_NEEDED)."""
    until = reserved_until(view)
    if until and not ctx.reached(until):
        conflict("REFERRAL_NEEDED", f"slot {view.name} is booked by referral until {until}")
