"""What 服务目录 keeps: seals of audit logs, standards, and what networks were measured as against them."""

from fabric_sdk.kinds import Act, Actor, Code, Data, Items, Kind, Reason, Record, Role, Sha256, State, Text, Whole

from .editions import MOST_CLAUSES, MOST_NUMBER

KEEPER = Role(held="catalogue_keeper")
MOST_LINES = 10**12


def by_hand(_record: Record) -> bool:
    """No page offers a bare form for what programs fill in."""
    return False


RESULTS = ("met", "partly", "unmet", "unknown")
GRADES = ("A", "B", "C", "D")


class Seal(Kind, prefix="FC"):
    """The hash of an audit log's line, and so of every line before it. `chain` is the hash of its first line."""

    chain, line, head = Sha256(), Whole(1, MOST_LINES), Sha256()
    keeper = Actor()

    SEALED = State("ok", final=True)

    seal = Act(SEALED, KEEPER, "SealAudit", "AuditSealed", begins=True, form=(chain, line, head), offered=by_hand)


class Standard(Kind, prefix="FB", unique=["edition"]):
    """One edition of a standard: its whole text (`apps.catalogue.editions`), so that every desk has the same, and its
    hash."""

    text = Data()
    code, number, title = Text(16, made=True), Whole(1, MOST_NUMBER, made=True), Text(made=True)
    edition, sha256 = Text(made=True), Sha256(made=True)
    keeper = Actor()
    reason = Reason(1000)

    IN_FORCE, WITHDRAWN = State("ok"), State("none", final=True)

    publish = Act(
        IN_FORCE,
        KEEPER,
        "PublishStandard",
        "StandardPublished",
        begins=True,
        form=(text,),
        offered=by_hand,
    )
    withdraw = Act(IN_FORCE >> WITHDRAWN, KEEPER, "WithdrawStandard", "StandardWithdrawn", form=(reason,), danger=True)


class Assessment(Kind, prefix="FM", under="standard", listed="assessments"):
    """What a check of the network against an edition came to. Score and grade are counted by the contract; `report` is
    the hash of the report with everything that was measured, `paper` that of the same for people (PDF), `height` the
    ledger's when it was looked at."""

    results = Items(MOST_CLAUSES, {"clause": Text(12), "result": Code(*RESULTS), "file": Sha256(optional=True)})
    height, report, paper = Whole(1, 10**12), Sha256(), Sha256()
    standard_sha256 = Sha256(made=True)
    score, grade = Whole(0, 100, made=True), Code(*GRADES, made=True)
    assessor = Actor()

    RECORDED = State("ok", final=True)

    record = Act(
        RECORDED,
        KEEPER,
        "RecordAssessment",
        "AssessmentRecorded",
        on="standard",
        form=(results, height, report, paper),
        offered=by_hand,
    )


KINDS = (Seal, Standard, Assessment)
