"""What the health authority alone can say of visits: whose they are, what is due to the person, who missed them.

Visits have an id for each date, so the ledger cannot add a person's no-shows up or credit points to an account. The
authority's contract server opens the accounts that tickets sealed. What it writes names neither visit nor appointment:
a day's entries of a hospital go together, each with a mark that only the authority can make, so that nothing counts
twice. That the sums are right is the authority's word; how many entries a hospital's day may have is everybody's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chaincode.health_slots import calendar, terms
from chaincode.health_slots.accounts import (
    account_id,
    accounts_of,
    authority_file,
    conduct_id,
    main_account,
    mark_of,
    open_account,
    visit_id,
)
from chaincode.health_slots.appointments import LAPSED, NO_CONDUCT, note_no_show
from chaincode.health_slots.bills import find_appointment
from chaincode.health_slots.context import AUTHORITY, STAFF, SlotsContext
from chaincode.health_slots.points import earn
from chaincode.health_slots.records import Record
from chaincode.health_slots.refusals import bad, conflict
from chaincode.health_slots.registry import policy_head, policy_of
from chaincode.health_slots.terms import FULFILLED, NO_SHOW
from chaincode.health_slots.tickets import DAYS_AHEAD, person_of
from fabric_sdk.chaincode import query, transaction
from fabric_sdk.chaincode.sealing import KeyFile

RECORD_DAYS = 365
"""How far back a record is put together from visits, and a hospital sees its own."""
DESK_DAYS = 30
"""How far back another desk sees what it made for somebody."""
AT_ONCE = 500
"""Appointments of one question, and entries of one transaction."""


@dataclass(frozen=True)
class Entry:
    """Something of a day that counts once: whose (account or conduct), its mark; how many points, and for how long."""

    who: str
    mark: str
    amount: int = 0
    valid_days: int = 0


class VisitFunctions:
    """Asked at the authority's peers; what is due is written by the authority."""

    @query
    def VisitsHere(self, ctx: SlotsContext, hospital: str) -> list[Record]:
        """Return the appointments of the person in the transient field `person` that the calling desk may know of.

        Staff: those at their hospital; other desks: those that were made through them.
        """
        caller = ctx.require_desk(hospital)
        file = authority_file(ctx)
        account = main_account(ctx, file, account_id(file, *person_of(ctx.stub.get_transient().get("person", b""))))
        today = calendar.local_date(ctx.now, ctx.offset(hospital))
        back = RECORD_DAYS if caller.role == STAFF else DESK_DAYS
        first, last = calendar.add_days(today, -back), calendar.add_days(today, DAYS_AHEAD)
        accounts = accounts_of(ctx, file, account)
        found = appointments_of(ctx, (v for one in accounts for v in visits_of(ctx, file, one, first, last)))
        if caller.role == STAFF:
            return [record for record in found if record["hospital"] == hospital]
        return [record for record in found if caller.speaks_for(record["booker"])]

    @query
    def Conduct(self, ctx: SlotsContext, hospital: str) -> Record:
        """Return how many no-shows count of the person in the transient field `person`, and until when they are barred.

        To any desk that may ask for a ticket, which tells of the bar as well; not when: no desk may join two dates.
        """
        ctx.require_desk(hospital)
        file = authority_file(ctx)
        account = main_account(ctx, file, account_id(file, *person_of(ctx.stub.get_transient().get("person", b""))))
        found = [
            ctx.records.find("conduct", conduct_id(file, one)) or NO_CONDUCT for one in accounts_of(ctx, file, account)
        ]
        return {
            "count": sum(len(one["no_shows"]) for one in found),
            "bars": sum(one["bars"] for one in found),
            "until": max(one["until"] for one in found),
        }

    @query
    def Due(self, ctx: SlotsContext, hospital: str, appointments: list[str]) -> dict[str, list[Record]]:
        """Return what a hospital's ended appointments still give: entries for CreditPoints and for NoteNoShows.

        The authority asks at its own peers, for a day at a time.
        """
        ctx.require_role(AUTHORITY)
        file = authority_file(ctx)
        if not 0 < len(appointments) <= AT_ONCE:
            bad(f"1 to {AT_ONCE} appointments at a time")
        points: list[Record] = []
        missed: list[Record] = []
        for name in sorted(set(appointments)):
            record = find_appointment(ctx, name)
            account = open_account(file, record.get("account", ""), record["resident"])
            if record["hospital"] != hospital or not account:
                continue
            account = main_account(ctx, file, account)
            policy = policy_of(ctx, *record["policy"])
            if record["state"] == FULFILLED and policy.points_fulfilled:
                entry = {"who": account, "mark": mark_of(file, "points", name)}
                points.append(entry | {"amount": policy.points_fulfilled, "valid_days": policy.points_valid_days})
            elif record["state"] == NO_SHOW:
                missed.append({"who": conduct_id(file, account), "mark": mark_of(file, "missed", name)})
        fresh = [e for e in points if not ctx.records.exists("credited", e["mark"])]
        noted = [e for e in missed if not ctx.records.exists("noted", e["mark"])]
        # In the order of marks, which is nobody's order.
        return {
            "points": sorted(fresh, key=lambda e: str(e["mark"])),
            "no_shows": sorted(noted, key=lambda e: str(e["mark"])),
        }

    @transaction
    def CreditPoints(self, ctx: SlotsContext, hospital: str, entries: list[Entry]) -> int:
        """Issue the points of a hospital's visits to their accounts, each once. Authority only; returns how many."""
        ctx.require_role(AUTHORITY)
        ctx.hospital(hospital)
        due: dict[str, tuple[int, int]] = {}
        for entry in _once(ctx, "credited", entries):
            amount, days = due.get(terms.resident_id(entry.who), (0, 0))
            amount += terms.whole(entry.amount, 1, 10_000, "amount")
            due[entry.who] = amount, max(days, terms.whole(entry.valid_days, 1, 3650, "valid_days"))
        for account, (amount, days) in due.items():
            earn(ctx, account, amount, days, hospital)
        return len(entries)

    @transaction
    def NoteNoShows(self, ctx: SlotsContext, hospital: str, entries: list[Entry]) -> int:
        """Add a hospital's no-shows to the conduct of who missed them, each once; repeated ones bar. Authority only."""
        ctx.require_role(AUTHORITY)
        policy = policy_of(ctx, *policy_head(ctx, hospital))
        today = calendar.at(calendar.local_date(ctx.now, ctx.offset(hospital)), 0, ctx.offset(hospital))
        for entry in _once(ctx, "noted", entries):
            note_no_show(ctx, terms.resident_id(entry.who), policy, today, "")
        return len(entries)


def visits_of(ctx: SlotsContext, file: KeyFile, account: str, first: str, last: str) -> Iterator[Record]:
    """Yield what an account has on each of these dates, as the contract keeps it for the day's limits."""
    dates = []
    while first <= last:
        dates.append(first)
        first = calendar.add_days(first, 1)
    wanted = [("visits", visit_id(file, account, date), date) for date in dates]
    for found in ctx.records.look_all(*wanted):
        if found is not None:
            yield found


def appointments_of(ctx: SlotsContext, visits: Iterable[Record]) -> list[Record]:
    """Return the appointments of some days' visits."""
    names = [name for found in visits for name in found if name != LAPSED]
    return [record for record in ctx.records.find_all(*(("appointment", n) for n in names)) if record is not None]


def _once(ctx: SlotsContext, kind: str, entries: list[Entry]) -> list[Entry]:
    """Mark entries as done; CREDITED_ALREADY if one was."""
    if not 0 < len(entries) <= AT_ONCE:
        bad(f"1 to {AT_ONCE} entries at a time")
    for entry in entries:
        terms.reference(entry.mark, "a mark")
        if ctx.records.exists(kind, entry.mark):
            conflict("CREDITED_ALREADY", "one of these counted already")
        ctx.records.put({"at": ctx.now}, kind, entry.mark)
    return entries
