"""What people do with slots, as data: in which part each act is signed, what it asks, in which state it is offered.

The contract is written by hand and says itself who may do what; these are its acts as commands and pages know them.
"""

from __future__ import annotations

from apps.health_slots.cast import PARTS
from fabric_sdk.kinds import Act, Code, Day, Fen, Id, Kind, Role, State, Text

_ROLE = {part: Role(held=part) for part in PARTS}
STAFF, PAYMENT = _ROLE["staff"], _ROLE["payment"]


class Booking(Kind, by_hand=True):
    channel, reference, amount = Code(), Text(64), Fen(1)
    account = Text(optional=True)

    PENDING, BOOKED, CHECKED_IN = State(name="pending"), State(name="booked"), State(name="checked-in")
    FULFILLED, MISSED, CANCELLED = State(name="fulfilled"), State(name="noshow"), State(name="cancelled")
    _ANY = PENDING | BOOKED | CHECKED_IN | FULFILLED | MISSED | CANCELLED

    pay = Act(
        _ANY,
        PAYMENT,
        "RecordPayment",
        form=(channel, reference, amount, account),
        offered=lambda visit: visit["owed"] > 0,
    )
    refund = Act(
        _ANY, PAYMENT, "RecordRefund", form=(channel, reference), offered=lambda visit: visit["refund_due"] > 0
    )
    confirm = Act(PENDING >> BOOKED, STAFF, "BookSlot")
    fulfil = Act(CHECKED_IN >> FULFILLED, STAFF, "Fulfil")
    check_in = Act(BOOKED >> CHECKED_IN, STAFF, "CheckInAtDesk")
    miss = Act(BOOKED >> MISSED, STAFF, "MarkNoShow", danger=True, offered=lambda visit: visit["begun"])
    give_up = Act(PENDING >> CANCELLED, STAFF, "CancelAppointment", danger=True)
    cancel = Act(BOOKED >> CANCELLED, STAFF, "CancelAppointment", danger=True)


class Settlement(Kind, by_hand=True):
    hospital, date, channel = Id("hospital"), Day(), Code()

    SETTLED = State()

    settle = Act(SETTLED, PAYMENT, "SettleDay", begins=True, positional=True, form=(hospital, date, channel))


KINDS = (Booking, Settlement)
