"""支付账单: order, payment, refund and settlement by double entry.

Every posting is a list of lines `[account, amount]` in fen, debit positive, that sums to zero, under a key of its own
(`posting: hospital, date, order, number`), so that paying contends with nobody. An order is its appointment; the
running amounts stand in the appointment's `bill`.

Accounts of a hospital: `receivable`, `revenue`, `clearing:CHANNEL`, `refunds`, `bank`.
"""

from __future__ import annotations

from chaincode.health_slots import calendar, terms
from chaincode.health_slots.context import SlotsContext
from chaincode.health_slots.records import Record
from chaincode.health_slots.refusals import missing

Line = tuple[str, int]


def new_bill(fee: int) -> Record:
    """Return an order's running amounts: due, paid, refund_due and refunded in fen, and how many postings it has."""
    return {"due": fee, "paid": 0, "refund_due": 0, "refunded": 0, "postings": 0}


def post(ctx: SlotsContext, appointment: Record, why: str, lines: list[Line], reference: str = "") -> None:
    """Write one balanced posting of an order; the caller writes the appointment afterwards."""
    if sum(amount for _, amount in lines) != 0 or not lines:
        raise AssertionError("an unbalanced posting is a defect of the contract")
    hospital, order = appointment["hospital"], appointment["id"]
    bill = appointment["bill"]
    bill["postings"] += 1
    ctx.records.put(
        {"why": why, "lines": [list(line) for line in lines], "reference": reference, "at": ctx.now},
        "posting",
        hospital,
        calendar.local_date(ctx.now, ctx.offset(hospital)),
        order,
        f"{bill['postings']:03d}",
    )


def open_order(ctx: SlotsContext, appointment: Record) -> None:
    """Post what a resident owes for a new appointment."""
    fee = appointment["bill"]["due"]
    if fee:
        post(ctx, appointment, "order", [("receivable", fee), ("revenue", -fee)])


def close_order(ctx: SlotsContext, appointment: Record) -> None:
    """Post the end of an order whose appointment was cancelled: the debt goes, what was paid is owed back."""
    bill = appointment["bill"]
    unpaid, paid = bill["due"] - bill["paid"], bill["paid"] - bill["refund_due"] - bill["refunded"]
    if unpaid:
        post(ctx, appointment, "order-cancelled", [("receivable", -unpaid), ("revenue", unpaid)])
        bill["due"] -= unpaid
    if paid:
        post(ctx, appointment, "refund-due", [("revenue", paid), ("refunds", -paid)])
        bill["refund_due"] += paid


def find_appointment(ctx: SlotsContext, appointment: str) -> Record:
    """Return an appointment's record; NOT_FOUND otherwise."""
    found = ctx.records.find("appointment", terms.reference(appointment, "an appointment's id"))
    if found is None:
        missing(f"there is no appointment {appointment}")
    return found
