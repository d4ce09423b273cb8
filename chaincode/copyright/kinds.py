"""The records of 数字版权 as data: registrations and changes, licences and use, transfers, pledges, disputes, cases."""

from __future__ import annotations

from chaincode.copyright.money_kinds import Payment, Reconciliation
from chaincode.copyright.office_kinds import Cancellation, Change, Registration
from chaincode.copyright.roles import (
    AGREED,
    ALIVE,
    ASKED,
    BUYER,
    CLAIMANT,
    CONSENTED,
    EXCLUSIVE,
    FREE,
    IN_FORCE,
    LICENSEE,
    LICENSOR,
    NO_OWNER,
    NO_PARTY,
    NOT_SOLE_OWNER,
    ORDINARY,
    OWNER,
    PLEDGEABLE,
    PLEDGEE,
    PLEDGOR,
    REGISTRAR,
    REPORTER,
    SELLER,
    SOLE,
    WORDS,
    end_asked,
    has_parent,
    no_end_asked,
    with_deadline,
    without_parent,
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
    Fen,
    Flag,
    Id,
    Items,
    Kind,
    Party,
    Reason,
    Reasons,
    Sha256,
    Share,
    State,
    Territory,
    Text,
    Whole,
)

__all__ = [
    "KINDS",
    "Cancellation",
    "Change",
    "Dispute",
    "Infringement",
    "Licence",
    "Payment",
    "Pledge",
    "Reconciliation",
    "Registration",
    "Transfer",
    "Usage",
]


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

    offer = Act(OFFERED, OWNER, "OfferLicence", "LicenceOffered", on="work", needs=FREE, when=without_parent, main=True)
    sublicense = Act(OFFERED, ANYBODY, "OfferLicence", "LicenceOffered", on="work", needs=FREE, when=has_parent)
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
        offered=no_end_asked,
    )
    end = Act(
        ACTIVE >> TERMINATED,
        LICENSEE,
        "TerminateLicence",
        "LicenceTerminated",
        form=(reason,),
        waits=end_asked,
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

    record = Act(REPORTED, LICENSEE, "RecordUsage", "UsageRecorded", on="licence", needs=(IN_FORCE,), main=no_end_asked)
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
    """异议: a claim with its evidence. It freezes a work until the office has looked at it, a few days at most, and if
    the office admits it until it is decided; a frivolous one is lifted."""

    claimant, ground = Actor(), Code(table="dispute_grounds")
    statement, evidence = Text(WORDS, area=True), Items("proofs", _EVIDENCE, default=[])
    earlier = Id("work", optional=True)
    freezes, deadlines = Data(made=True), Data(made=True)
    outcome, reasons, reason = Code(table="dispute_outcomes"), Reasons(), Reason()

    OPEN, ADMITTED = State("warn", queued=True), State("warn", queued=True)
    DECIDED, WITHDRAWN = State("ok", final=True), State("none", final=True)
    LIFTED, LAPSED = State("bad", final=True), State("none", final=True)

    open = Act(
        OPEN,
        ANYBODY,
        "OpenDispute",
        "DisputeOpened",
        on="work",
        needs=(ALIVE, NOT_SOLE_OWNER),
        form=(ground, statement, evidence, earlier),
    )
    admit = Act(
        OPEN >> ADMITTED,
        REGISTRAR,
        "AdmitDispute",
        "DisputeAdmitted",
        form=(reason,),
        needs=(NO_PARTY,),
        parent_needs=(NO_OWNER,),
        waits=True,
    )
    lift = Act(
        (OPEN | ADMITTED) >> LIFTED,
        REGISTRAR,
        "LiftDispute",
        "DisputeEnded",
        form=(reasons,),
        needs=(NO_PARTY,),
        parent_needs=(NO_OWNER,),
        danger=True,
    )
    lapse = Act(OPEN >> LAPSED, ANYBODY, "LapseDispute", "DisputeEnded", offered=with_deadline)
    resolve = Act(
        (OPEN | ADMITTED) >> DECIDED,
        REGISTRAR,
        "ResolveDispute",
        "DisputeEnded",
        form=(outcome, reasons),
        needs=(NO_PARTY,),
        parent_needs=(NO_OWNER,),
        waits=True,
    )
    withdraw = Act((OPEN | ADMITTED) >> WITHDRAWN, CLAIMANT, "WithdrawDispute", "DisputeEnded", form=(reason,))


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


KINDS: tuple[type[Kind], ...] = (
    Licence,
    Usage,
    Transfer,
    Pledge,
    Registration,
    Change,
    Cancellation,
    Dispute,
    Infringement,
    Payment,
    Reconciliation,
)
"""All of them; works are written by hand."""
