"""The records of 数字版权 as data: registrations and changes, licences and use, transfers, pledges, disputes, cases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fabric_sdk.kinds import (
    ANYBODY,
    Act,
    Actor,
    Cid,
    Code,
    Codes,
    Data,
    Day,
    Fen,
    Flag,
    Id,
    Items,
    Kind,
    Need,
    Party,
    Reason,
    Reasons,
    Record,
    Role,
    Sha256,
    Share,
    State,
    Territory,
    Text,
    Who,
    Whole,
)

EXCLUSIVE, SOLE, ORDINARY = "exclusive", "sole", "ordinary"
WORDS = "text_characters"


def _owns(work: Record, who: Who) -> bool:
    return any(owner["party"] == who.party for owner in work["owners"])


def _has_parent(given: Mapping[str, Any]) -> bool:
    return bool(given.get("parent"))


def _without_parent(given: Mapping[str, Any]) -> bool:
    return not given.get("parent")


def _end_asked(licence: Record) -> bool:
    return bool(licence.get("termination_asked"))


def _no_end_asked(licence: Record) -> bool:
    return not licence.get("termination_asked")


def _never(record: Record) -> bool:
    return False


def _missing(record: Record) -> list[str]:
    return sorted(party for party, given in record["consents"].items() if not given)


def _parties(record: Record) -> set[str]:
    named = (record.get(role) for role in ("pledgor", "pledgee", "claimant", "applicant"))
    owners = (owner["party"] for owner in record.get("owners", ()))
    return {one for one in (*named, *owners, *record.get("consents", ())) if one}


_OWNERS_ONLY = "only an owner of the work may do this"
OWNER = Role("NOT_OWNER", _OWNERS_ONLY, test=_owns)
CREATOR = Role(text="this needs the role creator", held="creator")
APPLICANT = Role("NOT_APPLICANT", field="applicant")
LICENSOR, LICENSEE = Role("NOT_LICENSOR", field="licensor"), Role("NOT_LICENSEE", field="licensee")
SELLER, BUYER = Role("NOT_SELLER", field="seller"), Role("NOT_BUYER", "only the buyer may do this", field="to")
PLEDGOR, PLEDGEE = Role("NOT_ASKED", field="pledgor"), Role("NOT_PLEDGEE", field="pledgee")
CLAIMANT, REPORTER = Role("NOT_CLAIMANT", field="claimant"), Role("NOT_REPORTER", field="reporter")
ASKED = Role("NOT_ASKED", asked=True)
REGISTRAR = Role(text="this needs a registrar of the office", held="registrar", waiting="office")

ALIVE = Need("WRONG_STATE", lambda w: f"the work is {w['state']}", lambda w, who: w["state"] == "ACTIVE", of="work")
UNDISPUTED = Need(
    "DISPUTED",
    lambda w: f"the work is frozen by dispute {w['disputes'][0]}",
    lambda w, who: not w["disputes"],
    of="work",
)
FREE = (ALIVE, UNDISPUTED)
AGREED = Need(
    "CONSENT_MISSING",
    lambda r: f"the consent of {', '.join(_missing(r))} is missing",
    lambda r, who: not _missing(r),
    412,
)
CONSENTED = AGREED
OWNED = Need("NOT_OWNER", _OWNERS_ONLY, _owns, 403, of="work")
COMPLETE = Need(
    "WORK_INCOMPLETE",
    lambda w: f"the work's {'completed' if w['authors'] else 'authors'} must be given before registration",
    lambda w, who: bool(w["authors"] and w["completed"]),
    400,
    of="work",
)
UNFILED = Need(
    "ALREADY_FILED",
    lambda w: f"the work has the registration {w['registration']}",
    lambda w, who: not w["registration"],
    of="work",
)
REGISTERED = Need("NOT_REGISTERED", "the work is not registered", lambda w, who: bool(w["number"]), of="work")
UNPLEDGED = Need(
    "PLEDGED",
    lambda w: f"the work is pledged already ({w['pledge']})",
    lambda w, who: not w["pledge"],
    of="work",
)
PLEDGEABLE = (*FREE, REGISTERED, UNPLEDGED)
NOT_SOLE_OWNER = Need(
    "SAME_PARTY",
    "an owner does not contest their own work",
    lambda w, who: [owner["party"] for owner in w["owners"]] != [who.party],
    of="work",
)
_OWN_CASE = "a registrar does not decide a case of their own"
NO_PARTY = Need("CONFLICT_OF_INTEREST", _OWN_CASE, lambda r, who: who.party not in _parties(r), 403)
NO_OWNER = Need("CONFLICT_OF_INTEREST", _OWN_CASE, lambda w, who: not _owns(w, who), 403, of="work")
IN_FORCE = Need(
    "WRONG_STATE",
    lambda one: f"licence {one['id']} is {one['state']}",
    lambda one, who: one["state"] == "ACTIVE",
    of="licence",
)


_OWNER = {"party": Party(), "name": Text(200), "kind": Code(table="owner_kinds")}
_PROOF = {"kind": Text(64), "sha256": Sha256(), "cid": Cid(optional=True)}
_ALIKE = {"work_id": Id("work"), "method": Text(64), "relation": Text(WORDS, default="")}


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
    reasons, opinion, ground = Reasons(), Reason(), Code(table="cancellation_grounds", passing=True)
    sha256, cid = Sha256(passing=True), Cid(passing=True)

    SUBMITTED, VERIFYING = State("wait", queued=True), State("busy", queued=True)
    CORRECTION, ACCEPTED = State("warn", queued=True), State("wait", queued=True)
    EXAMINING, APPROVED = State("busy", queued=True), State("ok", queued=True)
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
    verify = Act(
        SUBMITTED >> VERIFYING,
        REGISTRAR,
        "BeginVerification",
        "RegistrationVerifying",
        needs=(NO_PARTY,),
        parent_needs=(NO_OWNER,),
        waits=True,
    )
    accept = Act(
        VERIFYING >> ACCEPTED,
        REGISTRAR,
        "AcceptRegistration",
        "RegistrationAccepted",
        needs=(NO_PARTY,),
        parent_needs=(NO_OWNER,),
        waits=True,
    )
    examine = Act(
        ACCEPTED >> EXAMINING,
        REGISTRAR,
        "BeginExamination",
        "RegistrationExamining",
        needs=(NO_PARTY,),
        parent_needs=(NO_OWNER,),
        waits=True,
    )
    approve = Act(
        EXAMINING >> APPROVED,
        REGISTRAR,
        "ApproveRegistration",
        "RegistrationApproved",
        needs=(NO_PARTY,),
        parent_needs=(NO_OWNER, *FREE),
        form=(opinion,),
        waits=True,
    )
    ask_correction = Act(
        (VERIFYING | EXAMINING) >> CORRECTION,
        REGISTRAR,
        "RequestCorrection",
        "CorrectionRequested",
        needs=(NO_PARTY,),
        parent_needs=(NO_OWNER,),
        form=(reasons,),
    )
    correct = Act(
        CORRECTION >> SUBMITTED,
        APPLICANT,
        "SubmitCorrection",
        "CorrectionSubmitted",
        parent_needs=(OWNED,),
        form=application,
        positional=False,
        waits=True,
    )
    lapse = Act(CORRECTION >> LAPSED, ANYBODY, "LapseRegistration", "RegistrationLapsed")
    withdraw = Act(
        (SUBMITTED | VERIFYING | CORRECTION | ACCEPTED | EXAMINING) >> WITHDRAWN,
        APPLICANT,
        "WithdrawRegistration",
        "RegistrationWithdrawn",
        danger=True,
    )
    refuse = Act(
        (VERIFYING | EXAMINING) >> REFUSED,
        REGISTRAR,
        "RefuseRegistration",
        "RegistrationRefused",
        needs=(NO_PARTY,),
        parent_needs=(NO_OWNER,),
        form=(reasons,),
        danger=True,
    )
    certify = Act(
        APPROVED >> CERTIFIED,
        REGISTRAR,
        "IssueCertificate",
        "CertificateIssued",
        needs=(NO_PARTY,),
        parent_needs=(NO_OWNER, *FREE),
        waits=True,
    )
    note_certificate = Act(
        CERTIFIED | PUBLISHED,
        REGISTRAR,
        "RecordCertificate",
        "CertificateRecorded",
        needs=(NO_PARTY,),
        parent_needs=(NO_OWNER,),
        form=(sha256, cid),
        silent=True,
        offered=_never,
    )
    publish = Act(
        CERTIFIED >> PUBLISHED,
        REGISTRAR,
        "PublishRegistration",
        "RegistrationPublished",
        needs=(NO_PARTY,),
        parent_needs=(NO_OWNER,),
        waits=True,
    )
    cancel = Act(
        (CERTIFIED | PUBLISHED) >> CANCELLED,
        REGISTRAR,
        "CancelRegistration",
        "RegistrationCancelled",
        needs=(NO_PARTY,),
        parent_needs=(NO_OWNER,),
        form=(ground, reasons),
        danger=True,
    )


class Change(Kind, prefix="BG", under="work", listed="changes"):
    """变更与补充: an owner of a registered work asks for corrected or further entries, the office decides."""

    applicant, changes, reason = Actor(), Data(), Text(WORDS, area=True)
    opinion, reasons = Reasons(name="reasons"), Reasons()

    REQUESTED, APPROVED, REFUSED = State("wait"), State("ok", final=True), State("bad", final=True)

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
    approve = Act(
        REQUESTED >> APPROVED,
        REGISTRAR,
        "DecideChange",
        "ChangeDecided",
        fixed={"approve": True},
        form=(opinion,),
        needs=(NO_PARTY,),
        parent_needs=(NO_OWNER, *FREE),
        waits=True,
    )
    refuse = Act(
        REQUESTED >> REFUSED,
        REGISTRAR,
        "DecideChange",
        "ChangeDecided",
        fixed={"approve": False},
        form=(reasons,),
        needs=(NO_PARTY,),
        parent_needs=(NO_OWNER,),
        danger=True,
    )


class Licence(Kind, prefix="XK", under="work", listed="licences", indexed=["licensee"]):
    """授权许可: exclusive, sole and ordinary licences, signed by both sides."""

    kind, licensor, licensee = Code(EXCLUSIVE, SOLE, ORDINARY), Actor(), Party()
    rights, territory = Codes(table="rights"), Territory()
    from_, until = Day(), Day()
    fee_fen, royalty_bp, unit_fen = Fen(default=0), Share(default=0), Fen(default=0)
    sublicensing, parent = Flag(default=False), Text(64, default="")
    terms, contract_sha256 = Text(WORDS, area=True, default=""), Sha256(default="")
    termination_asked, reason = Data(made=True), Reason()

    OFFERED, ACTIVE = State("wait"), State("ok")
    REJECTED, WITHDRAWN, TERMINATED = State("none", final=True), State("none", final=True), State("none", final=True)

    offer = Act(
        OFFERED, OWNER, "OfferLicence", "LicenceOffered", on="work", needs=FREE, when=_without_parent, main=True
    )
    sublicense = Act(OFFERED, ANYBODY, "OfferLicence", "LicenceOffered", on="work", needs=FREE, when=_has_parent)
    consent = Act(OFFERED, ASKED, "ConsentLicence", "LicenceConsented", consents=True, waits=True)
    accept = Act(
        OFFERED >> ACTIVE, LICENSEE, "AcceptLicence", "LicenceGranted", needs=(AGREED,), parent_needs=FREE, waits=True
    )
    reject = Act(OFFERED >> REJECTED, LICENSEE, "RejectLicence", "LicenceRejected")
    withdraw = Act(OFFERED >> WITHDRAWN, LICENSOR, "WithdrawLicence", "LicenceWithdrawn")
    ask_end = Act(
        ACTIVE,
        LICENSOR,
        "TerminateLicence",
        "LicenceTerminationAsked",
        form=(reason,),
        silent=True,
        offered=_no_end_asked,
    )
    end = Act(
        ACTIVE >> TERMINATED,
        LICENSEE,
        "TerminateLicence",
        "LicenceTerminated",
        form=(reason,),
        waits=_end_asked,
        danger=True,
    )


class Usage(Kind, prefix="SY", under="licence", listed="usage"):
    """使用计量: use of a licence in a period, its royalty split by the owners' shares."""

    reporter, licensor, work_id = Actor(), Party(made=True), Text(64, made=True)
    from_, until = Day(), Day(past=True)
    quantity, unit, revenue_fen = Whole(0, 10**12), Text(32), Fen(default=0)
    royalty_fen, split = Fen(made=True), Data(made=True)
    note, doubt = Reason(default="", name="note"), Reason(name="note")

    REPORTED, SETTLED = State("wait"), State("ok", final=True)
    DISPUTED = State("warn", final=True)

    record = Act(
        REPORTED, LICENSEE, "RecordUsage", "UsageRecorded", on="licence", needs=(IN_FORCE,), main=_no_end_asked
    )
    settle = Act(
        REPORTED >> SETTLED, LICENSOR, "SettleUsage", "UsageSettled", fixed={"accepted": True}, form=(note,), waits=True
    )
    dispute = Act(
        REPORTED >> DISPUTED, LICENSOR, "SettleUsage", "UsageSettled", fixed={"accepted": False}, form=(doubt,)
    )


class Transfer(Kind, prefix="ZR", under="work", listed="transfers"):
    """转让: the economic rights, or a share of them, change hands."""

    seller, to = Actor(), Party()
    share, price_fen = Share(1, optional=True), Fen(default=0)
    contract_sha256, note = Sha256(default=""), Text(WORDS, area=True, default="")
    reason = Reason()

    PROPOSED, COMPLETED = State("wait"), State("ok", final=True)
    REJECTED, WITHDRAWN = State("none", final=True), State("none", final=True)

    propose = Act(PROPOSED, OWNER, "ProposeTransfer", "TransferProposed", on="work", needs=FREE)
    consent = Act(PROPOSED, ASKED, "ConsentTransfer", "TransferConsented", consents=True, waits=True)
    accept = Act(
        PROPOSED >> COMPLETED,
        BUYER,
        "AcceptTransfer",
        "WorkTransferred",
        needs=(AGREED,),
        parent_needs=FREE,
        waits=True,
    )
    reject = Act(PROPOSED >> REJECTED, BUYER | ASKED, "RejectTransfer", "TransferRejected", form=(reason,))
    withdraw = Act(PROPOSED >> WITHDRAWN, SELLER, "WithdrawTransfer", "TransferWithdrawn")


_EVIDENCE = {"kind": Text(64), "cid": Cid(), "sha256": Sha256(), "captured": Text(32, default="")}


class Pledge(Kind, prefix="ZY", under="work", listed="pledges"):
    """质押: a registered work as security; pledgee and co-owners sign, then the office registers."""

    pledgor, pledgee = Actor(), Party()
    debt_fen, debt_from, debt_until = Fen(1), Day(), Day()
    rights, contract_sha256 = Codes(table="rights"), Sha256()
    note, deadlines = Text(WORDS, area=True, default=""), Data(made=True)
    reason, reasons = Reason(), Reasons()

    PROPOSED, AGREED, REGISTERED = State("wait"), State("wait", queued=True), State("info")
    REFUSED, REJECTED = State("bad", final=True), State("none", final=True)
    WITHDRAWN, DISCHARGED = State("none", final=True), State("none", final=True)

    propose = Act(PROPOSED, OWNER, "ProposePledge", "PledgeProposed", on="work", needs=PLEDGEABLE)
    consent = Act(PROPOSED, ASKED, "ConsentPledge", "PledgeConsented", consents=True, waits=True)
    accept = Act(
        PROPOSED >> AGREED,
        PLEDGEE,
        "AcceptPledge",
        "PledgeAgreed",
        needs=(CONSENTED,),
        parent_needs=PLEDGEABLE,
        waits=True,
    )
    register = Act(
        AGREED >> REGISTERED,
        REGISTRAR,
        "RegisterPledge",
        "PledgeRegistered",
        needs=(NO_PARTY,),
        parent_needs=PLEDGEABLE,
        waits=True,
    )
    refuse = Act(
        AGREED >> REFUSED, REGISTRAR, "RefusePledge", "PledgeRefused", form=(reasons,), needs=(NO_PARTY,), danger=True
    )
    decline = Act(PROPOSED >> REJECTED, ASKED | PLEDGEE, "RejectPledge", "PledgeRejected", form=(reason,))
    step_back = Act(AGREED >> WITHDRAWN, ASKED | PLEDGEE, "RejectPledge", "PledgeRejected", form=(reason,))
    withdraw = Act((PROPOSED | AGREED) >> WITHDRAWN, PLEDGOR, "RejectPledge", "PledgeRejected", form=(reason,))
    discharge = Act(REGISTERED >> DISCHARGED, PLEDGEE, "DischargePledge", "PledgeDischarged")


class Dispute(Kind, prefix="YY", under="work", listed="disputes"):
    """异议: a claim that freezes a work until the office has decided."""

    claimant, ground = Actor(), Code(table="dispute_grounds")
    statement, evidence = Text(WORDS, area=True), Items("proofs", _EVIDENCE, default=[])
    outcome, reasons, reason = Code(table="dispute_outcomes"), Reasons(), Reason()

    OPEN, DECIDED, WITHDRAWN = State("warn", queued=True), State("ok", final=True), State("none", final=True)

    open = Act(
        OPEN,
        ANYBODY,
        "OpenDispute",
        "DisputeOpened",
        on="work",
        needs=(ALIVE, NOT_SOLE_OWNER),
        form=(ground, statement, evidence),
    )
    resolve = Act(
        OPEN >> DECIDED,
        REGISTRAR,
        "ResolveDispute",
        "DisputeEnded",
        form=(outcome, reasons),
        needs=(NO_PARTY,),
        parent_needs=(NO_OWNER,),
        waits=True,
    )
    withdraw = Act(OPEN >> WITHDRAWN, CLAIMANT, "WithdrawDispute", "DisputeEnded", form=(reason,))


class Infringement(Kind, prefix="QQ", under="work", listed="infringements"):
    """侵权线索: a suspected infringement with its evidence."""

    reporter, where, description = Actor(), Text(2000), Text(WORDS, area=True)
    suspect, evidence = Text(200, default=""), Items("proofs", _EVIDENCE, default=[])
    outcome, note = Code(table="infringement_outcomes"), Reason(name="note")
    added = Items("proofs", _EVIDENCE, name="evidence", passing=True)

    REPORTED, EVIDENCED, CLOSED = State("warn"), State("info"), State("ok", final=True)

    report = Act(
        REPORTED | EVIDENCED,
        ANYBODY,
        "ReportInfringement",
        "InfringementReported",
        on="work",
        form=(where, description, suspect, evidence),
    )
    add = Act((REPORTED | EVIDENCED) >> EVIDENCED, REPORTER, "AddEvidence", "EvidenceAdded", form=(added,), waits=True)
    close = Act(
        (REPORTED | EVIDENCED) >> CLOSED, REPORTER, "CloseInfringement", "InfringementClosed", form=(outcome, note)
    )


KINDS: tuple[type[Kind], ...] = (Licence, Usage, Transfer, Pledge, Registration, Change, Dispute, Infringement)
"""All of them; works are written by hand."""
