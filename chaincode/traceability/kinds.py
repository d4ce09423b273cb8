"""Manufacturing traceability: who takes part, what happened to goods, what was measured of them, what is recalled.

Goods themselves are no kind: they come into being and change by events alone (`chaincode.traceability.goods`).
"""

from chaincode.traceability.vocabulary import DISPOSITIONS, STEPS
from fabric_sdk.kinds import (
    Act,
    Actor,
    Code,
    Data,
    Kind,
    Need,
    Party,
    Reason,
    Record,
    Role,
    Sha256,
    State,
    Text,
    Who,
    Whole,
)

ENTERPRISE = Role(held="trace_enterprise")
AUTHORITY = Role(held="trace_authority")
INSPECTOR = Role(held="trace_inspector")
MOST_EVENTS = 200
"""Events of one call."""
MOST_MARKS = 500
"""Goods that one call stops."""


def _reported(recall: Record, who: Who) -> bool:
    return Recall.open_notices[recall] == 0


REPORTED = Need("NOT_REPORTED", "holders have not reported yet what they took back", _reported)
IS_OPEN = Need("NOT_OPEN", "the recall is over", lambda recall, who: bool(recall["state"] == "OPEN"), of="recall")
OWN_PREFIX = Need(
    "OWN_CASE", "nobody admits their own enterprise", lambda enterprise, who: enterprise["party"] != who.party
)


class Enterprise(Kind, prefix="QY"):
    """An enterprise with the GS1 company prefix that its goods' names begin with."""

    name, company, party = Text(100), Text(12), Actor()
    reason = Reason()

    APPLIED, ADMITTED = State("wait"), State("ok")
    REFUSED, SUSPENDED = State("none", final=True), State("bad")

    apply = Act(APPLIED, ENTERPRISE, "ApplyEnterprise", "EnterpriseApplied", begins=True, form=(name, company))
    admit = Act(
        APPLIED >> ADMITTED, AUTHORITY, "AdmitEnterprise", "EnterpriseAdmitted", needs=(OWN_PREFIX,), waits=True
    )
    refuse = Act(APPLIED >> REFUSED, AUTHORITY, "RefuseEnterprise", "EnterpriseRefused", form=(reason,), danger=True)
    suspend = Act(
        ADMITTED >> SUSPENDED, AUTHORITY, "SuspendEnterprise", "EnterpriseSuspended", form=(reason,), danger=True
    )
    restore = Act(SUSPENDED >> ADMITTED, AUTHORITY, "RestoreEnterprise", "EnterpriseRestored", form=(reason,))


CAPTURER = Role("NOT_CAPTURER", "only who captured an event declares it wrong", field="party")


class Event(Kind, prefix="SJ", unique=["hash"]):
    """An EPCIS event: what the graph of goods needs, and the hash of everything else, which stays with its company.

    `sha256` is of the event's bytes, which are sent as transient data under this name. `goods` says which goods stand
    where: `epcs`, `inputs`, `outputs`, `children` (name → amount or ""), `parent`; `inside` were in a used container.
    """

    what = Code("ObjectEvent", "AggregationEvent", "TransactionEvent", "TransformationEvent", "AssociationEvent",
                made=True)  # fmt: skip
    action, step = Code("ADD", "DELETE", "OBSERVE", made=True), Code(*sorted(STEPS), made=True)
    disposition = Code(*sorted(DISPOSITIONS), made=True)
    at, zone, place = Text(30, made=True), Text(6, made=True), Text(300, made=True)
    party, receiver, process = Actor(), Party(made=True), Text(300, made=True)
    late, place_in_call = Whole(made=True), Whole(made=True)
    hash, sha256 = Text(120, made=True), Sha256()
    goods = Data(made=True)
    reason = Reason()

    RECORDED, DECLARED = State("ok"), State("warn", final=True)

    capture = Act(
        RECORDED, ENTERPRISE, "CaptureEvent", "EventCaptured", begins=True, form=(sha256,), many="CaptureEvents",
        most=MOST_EVENTS,
    )  # fmt: skip
    declare = Act(RECORDED >> DECLARED, CAPTURER, "DeclareError", "ErrorDeclared", form=(reason,), danger=True)


class Readings(Kind, prefix="JC"):
    """A batch of sensor readings or an inspection of goods: the file stays outside, its hash and verdict are here."""

    goods, sort, quantity, unit = Text(300), Code("sensor", "inspection"), Text(60), Text(20, optional=True)
    readings, lowest, highest = Whole(1, 10**7), Text(30, optional=True), Text(30, optional=True)
    first, last, result = Text(35), Text(35), Code("passed", "failed")
    sha256, party = Sha256(), Actor()
    reason = Reason()

    RECORDED, WITHDRAWN = State("ok"), State("none", final=True)

    record = Act(
        RECORDED, INSPECTOR | ENTERPRISE, "RecordReadings", "ReadingsRecorded", begins=True,
        form=(goods, sort, quantity, unit, readings, lowest, highest, first, last, result, sha256),
    )  # fmt: skip
    withdraw = Act(
        RECORDED >> WITHDRAWN, Role("NOT_CAPTURER", field="party"), "WithdrawReadings", "ReadingsWithdrawn",
        form=(reason,), danger=True,
    )  # fmt: skip


class Recall(Kind, prefix="ZH"):
    """Goods that are taken back: `goods` and all that was made of them, marked one proven step after the other."""

    goods, level, cause, party = Text(300), Code("1", "2", "3"), Text(500, area=True), Actor()
    begun, marked, open_notices = Text(30, made=True), Whole(made=True), Whole(made=True)
    steps = Data(passing=True)
    reason = Reason()

    OPEN, CLOSED, WITHDRAWN = State("bad"), State("none", final=True), State("none", final=True)

    begin = Act(
        OPEN, AUTHORITY | ENTERPRISE, "BeginRecall", "RecallBegun", begins=True, form=(goods, level, cause), danger=True
    )
    mark = Act(OPEN, ENTERPRISE | AUTHORITY, "MarkGoods", "GoodsMarked", form=(steps,), silent=True, positional=False)
    close = Act(OPEN >> CLOSED, AUTHORITY, "CloseRecall", "RecallClosed", form=(reason,), needs=(REPORTED,))
    withdraw = Act(OPEN >> WITHDRAWN, AUTHORITY, "WithdrawRecall", "RecallWithdrawn", form=(reason,), danger=True)


class Notice(Kind, prefix="TZ", under="recall", listed="notices"):
    """A holder of recalled goods is told, and says what was taken back."""

    holder, sample = Party(), Text(300)
    count, recovered = Whole(1), Whole()
    remark = Text(500, area=True, optional=True)

    SENT, REPORTED = State("wait"), State("ok", final=True)

    send = Act(
        SENT, AUTHORITY | ENTERPRISE, "SendNotice", "NoticeSent", on="recall", needs=(IS_OPEN,),
        form=(holder, sample, count),
    )  # fmt: skip
    report = Act(
        SENT >> REPORTED, Role("NOT_HOLDER", "only the holder reports", field="holder"), "ReportNotice",
        "NoticeReported", form=(recovered, remark), waits=True,
    )  # fmt: skip


KINDS = (Enterprise, Event, Readings, Recall, Notice)
