"""The day's list with names: one trace for everybody who has an appointment at a hospital on a day.

A desk that receives three hundred people a morning leaves one trace for its list, not three hundred; the trace stands
with everyone on the list (`ListDayLooks`). It opens no one else's identity: each is asked for by an appointment, and
the contract looks whether that appointment is of the day.
"""

from __future__ import annotations

from typing import Any

from chaincode.health_slots import calendar, terms
from chaincode.health_slots.bills import find_appointment
from chaincode.health_slots.context import SlotsContext
from chaincode.health_slots.identities import LOOK_S, PURPOSES, read_identity
from chaincode.health_slots.records import Record
from chaincode.health_slots.refusals import bad, conflict
from fabric_sdk.chaincode import query, transaction

MAX_DAY = 500
"""Appointments in one answer."""
LOOK = "day-look"


class DayListFunctions:
    """Trace and reading of a day's list."""

    @transaction
    def LookAtDay(self, ctx: SlotsContext, hospital: str, date: str, purpose: str) -> Record:
        """Leave the trace of a look at everybody who comes on a day; `ReadDay` answers for a quarter of an hour."""
        ctx.require_staff(hospital)
        calendar.parse_date(date)
        look: Record = {
            "purpose": terms.one_of(purpose, PURPOSES, "purpose"),
            "signer": ctx.caller.signer,
            "at": ctx.now,
        }
        ctx.records.put(look, LOOK, hospital, date, ctx.caller.signer)
        return look

    @query
    def ReadDay(
        self, ctx: SlotsContext, hospital: str, date: str, appointments: list[str]
    ) -> dict[str, dict[str, Any]]:
        """Return identities by appointment to staff who left the day's trace; to be evaluated on the hospital's peers.

        Those whose identity the hospital does not hold are left out. Refused: an appointment of another hospital or
        day (NOT_THAT_DAY), more than 500 of them.
        """
        ctx.require_staff(hospital)
        calendar.parse_date(date)
        if not 0 < len(appointments) <= MAX_DAY:
            bad(f"1 to {MAX_DAY} appointments at a time")
        look = ctx.records.find(LOOK, hospital, date, ctx.caller.signer)
        if look is None or ctx.passed(look["at"] + LOOK_S):
            conflict("TRACE_MISSING", "leave the trace of this look first (LookAtDay)")
        found: dict[str, dict[str, Any]] = {}
        for id in appointments:
            record = find_appointment(ctx, id)
            owner, session, _ = terms.split_slot(record["slot"])
            if owner != hospital or ctx.session(owner, session)["date"] != date:
                conflict("NOT_THAT_DAY", f"appointment {id} is not of {hospital} on {date}")
            identity = read_identity(ctx, hospital, record["resident"])
            if identity is not None:
                found[id] = identity
        return found

    @query
    def ListDayLooks(self, ctx: SlotsContext, hospital: str, date: str) -> list[Record]:
        """Return who looked at a day's list last, when and what for, one entry a person."""
        calendar.parse_date(date)
        return [look for _, look in ctx.records.scan(LOOK, hospital, date)]
