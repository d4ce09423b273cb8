"""What people do with slots, as data: in which part each act is signed, what it asks, in which state it is offered.

The contract is written by hand and says itself who may do what; these are its acts as commands and pages know them.
"""

from __future__ import annotations

from apps.health_slots.cast import PARTS
from apps.health_slots.model import DOCUMENT_TITLES, FAMILY_TITLES, LOOK_PURPOSES, POOL_TITLES, PURPOSES, REASON_TITLES
from fabric_sdk.kinds import Act, Code, Day, Fen, Id, Kind, Role, State, Text, Whole

_ROLE = {part: Role(held=part) for part in PARTS}
STAFF, PAYMENT, PLATFORM, AUTHORITY = (_ROLE[part] for part in ("staff", "payment", "platform", "authority"))
ANYBODY = PLATFORM | STAFF | AUTHORITY | _ROLE["patients"]
"""Of those who take part in draws: the contract asks nobody's role for these steps."""
BOOKS = PAYMENT | PLATFORM
DESK = _ROLE["portal"] | STAFF
PARTY = PLATFORM | STAFF | _ROLE["patients"]
PARTIES = ("hospital", "platform", "patients")


class Session(Kind, by_hand=True):
    since, numbers, doctor, date = Text(optional=True), Text(), Code(), Day()
    shift = Whole(-1439, 1439)
    hour, minute, minutes, pool = Whole(0, 23), Whole(0, 59), Whole(1, 240), Code(*POOL_TITLES)
    reason, resident = Code(*REASON_TITLES), Text()

    PUBLISHED, STOPPED = State(name="published"), State(name="stopped")

    join = Act(PUBLISHED, STAFF, "JoinWaitlist", form=(resident,))
    add = Act(PUBLISHED, STAFF, "AddSlot", form=(hour, minute, minutes, pool, reason))
    move = Act(PUBLISHED, STAFF, "MoveSession", form=(date, shift, reason))
    substitute = Act(PUBLISHED, STAFF, "SubstituteDoctor", form=(doctor, reason))
    withdraw = Act(PUBLISHED, STAFF, "StopSlots", form=(numbers, reason), danger=True)
    stop = Act(PUBLISHED >> STOPPED, STAFF, "StopSession", form=(reason,), danger=True)
    stop_from = Act(PUBLISHED >> STOPPED, STAFF, "StopSession", form=(since, reason), danger=True)


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
    confirm = Act(PENDING >> BOOKED, STAFF, "BookSlot", offered=lambda visit: visit["ours"])
    fulfil = Act(CHECKED_IN >> FULFILLED, STAFF, "Fulfil")
    check_in = Act(BOOKED >> CHECKED_IN, STAFF, "CheckInAtDesk")
    miss = Act(BOOKED >> MISSED, STAFF, "MarkNoShow", danger=True, offered=lambda visit: visit["begun"])
    give_up = Act(PENDING >> CANCELLED, STAFF, "CancelAppointment", danger=True)
    cancel = Act(BOOKED >> CANCELLED, STAFF, "CancelAppointment", danger=True)


class Settlement(Kind, by_hand=True):
    hospital, date, channel = Id("hospital"), Day(), Code()

    SETTLED = State()

    settle = Act(SETTLED, BOOKS, "SettleDay", begins=True, positional=True, form=(hospital, date, channel))


class Draw(Kind, by_hand=True):
    party, value = Code(*PARTIES), Text()

    OPEN, CLOSING, REVEALING = (State("busy", name=one) for one in ("open", "closing", "revealing"))
    NUMBER, DONE, VOID = State("warn", name="number"), State("ok", name="done"), State("warn", name="void")

    commit = Act(OPEN, PARTY, "CommitSeed", form=(party,))
    freeze = Act((OPEN | CLOSING) >> REVEALING, ANYBODY, "FreezeDraw")
    reveal = Act(REVEALING, PARTY, "RevealSeed", form=(party,))
    skip = Act(REVEALING, ANYBODY, "SkipParty")
    number = Act(NUMBER, PARTY, "EnterNumber", form=(party, value))
    close = Act((OPEN | CLOSING | REVEALING | NUMBER) >> VOID, ANYBODY, "CloseDraw")
    finish = Act((REVEALING | NUMBER) >> DONE, ANYBODY, "FinishDraw")


class Points(Kind, by_hand=True):
    amount, purpose, entry = Whole(1, 1_000_000), Code(*PURPOSES), Text()

    HELD = State()

    spend = Act(HELD, PLATFORM, "SpendPoints", form=(amount, purpose))
    expire = Act(HELD, BOOKS, "ExpirePoints")
    reverse = Act(HELD, PLATFORM, "ReversePoints", form=(entry,), danger=True)


class Resident(Kind, by_hand=True):
    name, phone, type_, document = Text(), Text(), Code(*DOCUMENT_TITLES), Text()

    KEPT = State()

    register = Act(KEPT, STAFF, "DepositIdentity", begins=True, form=(name, phone, type_, document))


class Key(Kind, by_hand=True):
    resident, reason = Text(), Code(*REASON_TITLES)

    BOUND, WITHDRAWN = State(), State()

    bind = Act(BOUND, STAFF, "BindResidentKey", begins=True, form=())
    withdraw = Act(
        WITHDRAWN,
        AUTHORITY,
        "WithdrawResidentKey",
        begins=True,
        positional=True,
        form=(resident, reason),
        danger=True,
    )


class Clinic(Kind, by_hand=True):
    reason = Code(*REASON_TITLES)

    ADMITTED, DISMISSED = State(), State()

    admit = Act(DISMISSED >> ADMITTED, AUTHORITY, "AdmitClinic", form=(reason,))
    dismiss = Act(ADMITTED >> DISMISSED, AUTHORITY, "DismissClinic")


class Hospital(Kind, by_hand=True):
    id_, name, msp = Text(12), Text(60), Code()

    ADMITTED = State()

    admit = Act(ADMITTED, AUTHORITY, "RegisterHospitals", begins=True, form=(id_, name, msp))


class Family(Kind, by_hand=True):
    type_, document, kind_, days = Code(*DOCUMENT_TITLES), Text(), Code(*FAMILY_TITLES), Code()

    LINKED = State()

    link = Act(LINKED, STAFF, "SetFamily", form=(type_, document, kind_, days))
    unlink = Act(LINKED, STAFF, "SetFamily", form=(type_, document), danger=True)


class Referral(Kind, by_hand=True):
    hospital, department, date, resident = Id("hospital"), Text(), Day(), Text()
    name, phone, type_, document = Text(), Text(), Code(*DOCUMENT_TITLES), Text()

    REFERRED, TAKEN_BACK = State(), State()

    refer = Act(REFERRED, STAFF, "Refer", form=(name, phone, type_, document))
    book = Act(REFERRED, STAFF, "Refer", form=(name, phone, type_, document))

    take_back = Act(
        TAKEN_BACK,
        STAFF,
        "WithdrawReferral",
        begins=True,
        positional=True,
        form=(hospital, department, date, resident),
    )


class Consent(Kind, by_hand=True):
    purpose = Code(*LOOK_PURPOSES)

    GIVEN, REVOKED = State(name="given"), State(name="revoked")

    give = Act(GIVEN, DESK, "GiveConsent", begins=True, form=())
    look = Act(GIVEN, STAFF, "OpenRecord", form=(purpose,))
    revoke = Act(GIVEN >> REVOKED, DESK, "RevokeConsent", danger=True)


class CodeKey(Kind, by_hand=True, id="code-key"):
    WITHDRAWN = State()

    withdraw = Act(WITHDRAWN, PLATFORM, "WithdrawCodeKey", begins=True, danger=True)


class Tickets(Kind, by_hand=True):
    NEEDED = State()

    ask = Act(NEEDED, AUTHORITY, "RegisterTicketKey", begins=True)


class Beacon(Kind, by_hand=True):
    COMMITTED = State()

    commit = Act(COMMITTED, PLATFORM, "CommitBeacon")


KINDS = (
    Session,
    Booking,
    Settlement,
    Draw,
    Points,
    Resident,
    Key,
    Clinic,
    Hospital,
    Family,
    Referral,
    Consent,
    CodeKey,
    Tickets,
    Beacon,
)
