"""登记 registrations and 变更 changes as data: what the office decides about works."""

from __future__ import annotations

from typing import Any

from chaincode.copyright.roles import (
    AGREED,
    APPLICANT,
    ASKED,
    COMPLETE,
    CREATOR,
    FREE,
    NO_OWNER,
    NO_PARTY,
    OWNED,
    OWNER,
    REGISTERED,
    REGISTRAR,
    SECOND_PERSON,
    UNFILED,
    UNPLEDGED,
    WORDS,
    agreed,
    has_matches,
    never,
    not_compared,
)
from fabric_sdk.kinds import (
    ANYBODY,
    Act,
    Actor,
    Cid,
    Code,
    Codes,
    Data,
    Day,
    Field,
    Id,
    Items,
    Kind,
    Need,
    Party,
    Reason,
    Reasons,
    Sha256,
    State,
    Text,
    Whole,
)

_OWNER = {"party": Party(), "name": Text(200), "kind": Code(table="owner_kinds")}
_PROOF = {"kind": Text(64), "sha256": Sha256(), "cid": Cid(optional=True)}
_ALIKE = {"work_id": Id("work"), "method": Text(64), "relation": Text(WORDS, default="")}
_FOUND: dict[str, Field[Any]] = {
    "work_id": Id("work"),
    "method": Text(64),
    "score": Whole(0, 100),
    "detail": Text(200, default=""),
}


def _decide(
    step: Any, function: str, event: str, *, work: tuple[Need, ...] = (), needs: tuple[Need, ...] = (), **more: Any
) -> Act:
    """An act of the office's registrars, never in a case of their own; `work` is what must hold of the work."""
    return Act(step, REGISTRAR, function, event, needs=(NO_PARTY, *needs), parent_needs=(NO_OWNER, *work), **more)


class Registration(Kind, prefix="DJ", under="work", listed="registrations", indexed=["applicant"]):
    """登记: 提交 → 核查 → (补正) → 受理 → 审查 → 发证 → 公告, reviewed by the office."""

    applicant = Actor()
    acquisition, attribution = Code(table="acquisitions"), Code(table="attributions")
    rights, statement = Codes(table="rights"), Data()
    owners, proofs = Items("owners", _OWNER), Items("proofs", _PROOF, default=[])
    similar = Items(20, _ALIKE, default=[])
    number, documents_hash = Text(64, made=True, default=""), Sha256(made=True)
    deadlines, registered, right_until = Data(made=True), Day(made=True), Day(made=True)
    certificate, certificates = Data(made=True), Data(made=True)
    published, cancelled = Day(made=True), Data(made=True)
    asked = Codes(table="correctable", logged=True, optional=True)
    corrections, term = Data(made=True), Data(made=True)
    entries, explanation = Data(optional=True, passing=True), Text(WORDS, area=True, optional=True, passing=True)
    reasons, opinion, ground = Reasons(), Reason(), Code(table="cancellation_grounds", passing=True)
    comparison, examiner = Data(made=True), Party(made=True)
    found = Items(50, _FOUND, default=[], passing=True)
    basis = Code("content", "prints", "none", "differs", "cut", passing=True)
    height, works = Whole(passing=True), Whole(passing=True)
    alike, decision = Id("work", logged=True), Code(table="opinions", logged=True)
    view = Reason()
    sha256, cid, replaces = Sha256(passing=True), Cid(passing=True), Sha256(passing=True, default="")

    SUBMITTED, VERIFYING = State("wait", queued=True), State("busy", queued=True)
    CORRECTION, ACCEPTED = State("warn", queued=True), State("wait", queued=True)
    EXAMINING, EXAMINED = State("busy", queued=True), State("wait", queued=True)
    APPROVED = State("ok", queued=True)
    CERTIFIED, PUBLISHED = State("ok", queued=True), State("ok", queued=True)
    REFUSED, LAPSED = State("bad", final=True, queued=True), State("none", final=True, queued=True)
    WITHDRAWN, CANCELLED = State("none", final=True, queued=True), State("bad", final=True, queued=True)

    application = (acquisition, attribution, rights, statement, owners, proofs, similar)
    submit = Act(
        SUBMITTED,
        CREATOR,
        "SubmitRegistration",
        "RegistrationSubmitted",
        on="work",
        needs=(OWNED, *FREE, COMPLETE, UNFILED),
        form=application,
    )
    verify = _decide(SUBMITTED >> VERIFYING, "BeginVerification", "RegistrationVerifying", waits=True)
    accept = _decide(VERIFYING >> ACCEPTED, "AcceptRegistration", "RegistrationAccepted", waits=True)
    examine = _decide(ACCEPTED >> EXAMINING, "BeginExamination", "RegistrationExamining", waits=True)
    compare = _decide(
        EXAMINING, "CompareWork", "WorkCompared", form=(found, basis, height, works), silent=True, main=not_compared
    )
    opine = _decide(
        EXAMINING | EXAMINED, "GiveOpinion", "OpinionGiven", form=(alike, decision, view), offered=has_matches
    )
    pass_first = _decide(
        EXAMINING >> EXAMINED, "PassExamination", "RegistrationExamined", work=FREE, form=(opinion,), waits=True
    )
    approve = _decide(
        EXAMINED >> APPROVED,
        "ApproveRegistration",
        "RegistrationApproved",
        needs=(SECOND_PERSON,),
        work=FREE,
        form=(opinion,),
        waits=True,
    )
    send_back = _decide(
        EXAMINED >> EXAMINING, "ReturnExamination", "ExaminationReturned", needs=(SECOND_PERSON,), form=(reasons,)
    )
    ask_correction = _decide(
        (VERIFYING | EXAMINING) >> CORRECTION, "RequestCorrection", "CorrectionRequested", form=(reasons, asked)
    )
    correct = Act(
        CORRECTION >> SUBMITTED,
        APPLICANT,
        "SubmitCorrection",
        "CorrectionSubmitted",
        parent_needs=(OWNED,),
        form=(*application, entries, explanation),
        positional=False,
        waits=True,
    )
    lapse = Act(CORRECTION >> LAPSED, ANYBODY, "LapseRegistration", "RegistrationLapsed")
    withdraw = Act(
        (SUBMITTED | VERIFYING | CORRECTION | ACCEPTED | EXAMINING | EXAMINED) >> WITHDRAWN,
        APPLICANT,
        "WithdrawRegistration",
        "RegistrationWithdrawn",
        danger=True,
    )
    refuse = _decide(
        (VERIFYING | EXAMINING | EXAMINED) >> REFUSED,
        "RefuseRegistration",
        "RegistrationRefused",
        form=(reasons,),
        danger=True,
    )
    certify = _decide(APPROVED >> CERTIFIED, "IssueCertificate", "CertificateIssued", work=FREE, waits=True)
    note_certificate = _decide(
        CERTIFIED | PUBLISHED,
        "RecordCertificate",
        "CertificateRecorded",
        form=(sha256, cid, replaces),
        silent=True,
        offered=never,
    )
    publish = _decide(CERTIFIED >> PUBLISHED, "PublishRegistration", "RegistrationPublished", waits=True)
    cancel = _decide(
        (CERTIFIED | PUBLISHED) >> CANCELLED,
        "CancelRegistration",
        "RegistrationCancelled",
        form=(ground, reasons),
        danger=True,
    )


class Change(Kind, prefix="BG", under="work", listed="changes"):
    """变更与补充: the owners of a registered work ask for corrected or further entries, the office decides."""

    applicant, changes, reason = Actor(), Data(), Text(WORDS, area=True)
    before = Data(made=True)
    opinion, reasons = Reasons(name="reasons"), Reasons()

    REQUESTED, APPROVED, REFUSED = State("wait"), State("ok", final=True), State("bad", final=True)
    WITHDRAWN = State("none", final=True)

    request = Act(
        REQUESTED,
        OWNER,
        "RequestChange",
        "ChangeRequested",
        on="work",
        needs=(*FREE, REGISTERED),
        form=(changes, reason),
        positional=True,
    )
    consent = Act(REQUESTED, ASKED, "ConsentChange", "ChangeConsented", consents=True, waits=True)
    withdraw = Act(REQUESTED >> WITHDRAWN, APPLICANT, "WithdrawChange", "ChangeWithdrawn")
    approve = _decide(
        REQUESTED >> APPROVED,
        "DecideChange",
        "ChangeDecided",
        needs=(AGREED,),
        fixed={"approve": True},
        form=(opinion,),
        work=FREE,
        waits=agreed,
    )
    refuse = _decide(
        REQUESTED >> REFUSED, "DecideChange", "ChangeDecided", fixed={"approve": False}, form=(reasons,), danger=True
    )


class Cancellation(Kind, prefix="ZX", under="work", listed="cancellations"):
    """注销: the owners of a registered work ask that its registration be cancelled, the office decides."""

    applicant, reason = Actor(), Text(WORDS, area=True)
    opinion, reasons = Reasons(name="reasons"), Reasons()

    REQUESTED, APPROVED, REFUSED = State("wait"), State("ok", final=True), State("bad", final=True)
    WITHDRAWN = State("none", final=True)

    request = Act(
        REQUESTED,
        OWNER,
        "RequestCancellation",
        "CancellationRequested",
        on="work",
        needs=(*FREE, REGISTERED, UNPLEDGED),
        form=(reason,),
        danger=True,
    )
    consent = Act(REQUESTED, ASKED, "ConsentCancellation", "CancellationConsented", consents=True, waits=True)
    withdraw = Act(REQUESTED >> WITHDRAWN, APPLICANT, "WithdrawCancellation", "CancellationWithdrawn")
    approve = _decide(
        REQUESTED >> APPROVED,
        "DecideCancellation",
        "CancellationDecided",
        needs=(AGREED,),
        fixed={"approve": True},
        form=(opinion,),
        work=(*FREE, REGISTERED, UNPLEDGED),
        waits=agreed,
    )
    refuse = _decide(
        REQUESTED >> REFUSED,
        "DecideCancellation",
        "CancellationDecided",
        fixed={"approve": False},
        form=(reasons,),
        danger=True,
    )
