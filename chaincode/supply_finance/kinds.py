"""What 供应链金融 keeps: a bank's line for a core enterprise, certificates issued on it, and their financing.

Nominal amounts, holders and days are the channel's to see, for sums must be checked by everybody; prices and trade
papers are sealed. A certificate is never changed in its amount: it is split into parts that sum up to it, and ends.
"""

from __future__ import annotations

from fabric_sdk import clock
from fabric_sdk.kinds import (
    Act,
    Actor,
    Code,
    Data,
    Day,
    Fen,
    Id,
    Items,
    Kind,
    Need,
    Party,
    Reason,
    Record,
    Role,
    Sealed,
    Sha256,
    Share,
    State,
    Text,
    Who,
    Whole,
)

MOST_FEN = 10**13
"""A hundred billion yuan: no certificate and no line is larger."""
MOST_PARTS = 50

BANK_ROLE, CORE_ROLE, SUPPLIER_ROLE = "bank", "core_enterprise", "supplier"
GRANTS = Role(held=BANK_ROLE)
MEMBER = Role("FORBIDDEN", "this needs a role of this application", test=lambda record, who: bool(who.roles))


def _party(code: str, field: str, held: str = "") -> Role:
    return Role(code, field=field, held=held, text=f"only the {field} may do this" + (f", as {held}" if held else ""))


LENDER = _party("NOT_LENDER", "bank", BANK_ROLE)
CORE = _party("NOT_CORE", "core", CORE_ROLE)
DEBTOR = _party("NOT_DEBTOR", "debtor", CORE_ROLE)
HOLDER = _party("NOT_HOLDER", "holder")
SELLER = _party("NOT_HOLDER", "holder", SUPPLIER_ROLE)
RECEIVER = _party("NOT_RECEIVER", "to", SUPPLIER_ROLE)
APPLICANT = _party("NOT_APPLICANT", "applicant")
FINANCED_FROM = _party("NOT_SELLER", "financed_from")


def _sees_trade(one: Record, who: Who) -> bool:
    return who.party in (one.get("debtor"), one.get("seller"), one.get("financier"))


def _sees_terms(one: Record, who: Who) -> bool:
    return who.party in (one.get("applicant"), one.get("bank"))


TRADE_PARTIES = Role("NOT_READER", "only debtor, first seller and the bank that is asked see these", test=_sees_trade)
TERM_PARTIES = Role("NOT_READER", "only the applicant and this bank see these", test=_sees_terms)

ACTIVE_LINE = Need("LINE_NOT_ACTIVE", "the line of credit is not active", lambda line, who: line["state"] == "ACTIVE")
FREE = Need("NOT_FREE", lambda one: f"the certificate is {one['state']}", lambda one, who: one["state"] == "HELD")
LOCKED = Need("NOT_LOCKED", "the certificate is no longer kept for this", lambda one, who: one["state"] == "LOCKED")
WITH_RECOURSE = Need(
    "NO_RECOURSE",
    "the certificate is without recourse, or nobody sold it to the holder",
    lambda one, who: one["recourse"] == "with" and bool(one["financed_from"]),
)


class Line(Kind, prefix="ED"):
    """A line of credit (授信额度) that a bank grants a core enterprise; `used_fen` is what is issued and not ended."""

    bank, core, limit_fen, until = Actor(), Party(), Fen(1, MOST_FEN), Day()
    used_fen = Fen(made=True, default=0)
    reason = Reason(1000)

    OFFERED, ACTIVE = State("wait"), State("ok")
    REJECTED, CLOSED = State("none", final=True), State("none", final=True)

    grant = Act(OFFERED, GRANTS, "GrantLine", "LineGranted", begins=True)
    accept = Act(OFFERED >> ACTIVE, CORE, "AcceptLine", "LineAccepted", waits=True)
    reject = Act(OFFERED >> REJECTED, CORE, "RejectLine", "LineRejected", form=(reason,), danger=True)
    change = Act(ACTIVE, LENDER, "ChangeLine", "LineChanged", form=(limit_fen,))
    close = Act(ACTIVE >> CLOSED, LENDER, "CloseLine", "LineClosed", form=(reason,), danger=True)


class Certificate(Kind, prefix="PZ", under="line", listed="certificates", indexed=["root"]):
    """A receivable certificate (应收账款电子凭证): who owes whom how much, due when."""

    debtor, seller, holder = Party(made=True), Party(), Party(made=True)
    face_fen, amount_fen = Fen(1, MOST_FEN), Fen(made=True)
    due, recourse = Day(), Code("with", "without")
    longer = Text(300, optional=True)
    papers = Sealed(
        {
            "invoice": Text(40),
            "invoice_amount_fen": Fen(1, MOST_FEN),
            "invoice_sha256": Sha256(),
            "contract": Text(100),
            "contract_sha256": Sha256(),
            "delivery_sha256": Sha256(),
            "goods": Text(300),
        },
        TRADE_PARTIES,
        tags=("invoice", "invoice_sha256"),
        shown=("face_fen",),
    )
    to = Party()
    parts = Items(MOST_PARTS, {"amount_fen": Fen(1, MOST_FEN), "to": Party(optional=True)}, logged=True)
    root, parent = Id("certificate", made=True), Id("certificate", made=True)
    level, children = Whole(0, 10**6, made=True), Data(made=True)
    financing, financier, financed_from = Id("financing", made=True), Party(made=True), Party(made=True)
    receipt_sha256, reason = Sha256(logged=True), Reason(1000)

    ISSUED, HELD, OFFERED, LOCKED = State("wait"), State("ok"), State("busy"), State("busy", carried=True)
    FINANCED, MATURED, PAID = State("ok", carried=True), State("warn"), State("busy")
    OVERDUE, RECOURSE, REPURCHASED = State("bad"), State("bad"), State("busy")
    SPLIT, REDEEMED = State("none", final=True), State("ok", final=True)
    DECLINED, CANCELLED = State("none", final=True), State("none", final=True)

    issue = Act(
        ISSUED,
        CORE,
        "IssueCertificate",
        "CertificateIssued",
        on="line",
        form=(seller, face_fen, due, recourse, longer, papers),
        needs=(ACTIVE_LINE,),
    )
    accept = Act(ISSUED >> HELD, SELLER, "AcceptCertificate", "CertificateAccepted", waits=True)
    decline = Act(ISSUED >> DECLINED, HOLDER, "DeclineCertificate", "CertificateDeclined", form=(reason,), danger=True)
    cancel = Act(ISSUED >> CANCELLED, DEBTOR, "CancelCertificate", "CertificateCancelled", form=(reason,), danger=True)
    split = Act(HELD >> SPLIT, HOLDER, "SplitCertificate", "CertificateSplit", form=(parts,))
    transfer = Act(HELD >> OFFERED, HOLDER, "TransferCertificate", "CertificateOffered", form=(to,))
    take = Act(OFFERED >> HELD, RECEIVER, "TakeCertificate", "CertificateTransferred", waits=True)
    refuse = Act(OFFERED >> HELD, RECEIVER, "RefuseCertificate", "CertificateRefused", form=(reason,), danger=True)
    recall = Act(OFFERED >> HELD, HOLDER, "RecallCertificate", "CertificateRecalled")
    mature = Act(
        (HELD | OFFERED | LOCKED | FINANCED) >> MATURED,
        MEMBER,
        "MatureCertificate",
        "CertificateMatured",
        offered=lambda one: bool(one["due"] <= clock.today().isoformat()),
    )
    pay = Act(
        (MATURED | OVERDUE | RECOURSE) >> PAID,
        DEBTOR,
        "PayCertificate",
        "CertificatePaid",
        form=(receipt_sha256,),
        waits=True,
    )
    confirm = Act(PAID >> REDEEMED, HOLDER, "ConfirmPayment", "CertificateRedeemed", waits=True)
    contest = Act(PAID >> MATURED, HOLDER, "ContestPayment", "PaymentContested", form=(reason,), danger=True)
    default = Act(
        MATURED >> OVERDUE,
        HOLDER,
        "DeclareOverdue",
        "CertificateOverdue",
        offered=lambda one: bool(one["due"] < clock.today().isoformat()),
    )
    turn_back = Act(OVERDUE >> RECOURSE, HOLDER, "TurnBack", "RecourseTaken", needs=(WITH_RECOURSE,))
    repurchase = Act(
        RECOURSE >> REPURCHASED,
        FINANCED_FROM,
        "RepurchaseCertificate",
        "CertificateRepurchased",
        form=(receipt_sha256,),
        waits=True,
    )
    settle = Act(REPURCHASED >> OVERDUE, HOLDER, "SettleRepurchase", "RepurchaseSettled", waits=True)
    dispute = Act(
        REPURCHASED >> RECOURSE, HOLDER, "DisputeRepurchase", "RepurchaseDisputed", form=(reason,), danger=True
    )


class Financing(Kind, prefix="RZ", under="certificate", listed="financings"):
    """A holder asks one bank to finance a certificate, which is kept for it meanwhile."""

    applicant, bank, amount_fen = Actor(), Party(), Fen(made=True)
    terms = Sealed(
        {"rate_bp": Share(0, 3600), "payout_fen": Fen(1, MOST_FEN), "note": Text(300, optional=True)}, TERM_PARTIES
    )
    open_until, pay_by = Day(), Day(made=True)
    receipt_sha256, reason = Sha256(), Reason(1000)

    ASKED, OFFERED, ACCEPTED = State("wait"), State("wait"), State("busy")
    PAID = State("ok", final=True)
    DECLINED, WITHDRAWN, LAPSED = State("none", final=True), State("none", final=True), State("none", final=True)

    ask = Act(ASKED, HOLDER, "AskFinancing", "FinancingAsked", on="certificate", form=(bank,), needs=(FREE,))
    offer = Act(
        ASKED >> OFFERED,
        LENDER,
        "OfferFinancing",
        "FinancingOffered",
        form=(terms, open_until),
        parent_needs=(LOCKED,),
        waits=True,
    )
    accept = Act(
        OFFERED >> ACCEPTED, APPLICANT, "AcceptFinancing", "FinancingAccepted", parent_needs=(LOCKED,), waits=True
    )
    pay = Act(
        ACCEPTED >> PAID,
        LENDER,
        "PayFinancing",
        "FinancingPaid",
        form=(receipt_sha256,),
        parent_needs=(LOCKED,),
        waits=True,
    )
    decline = Act(
        (ASKED | OFFERED) >> DECLINED, LENDER, "DeclineFinancing", "FinancingDeclined", form=(reason,), danger=True
    )
    withdraw = Act((ASKED | OFFERED) >> WITHDRAWN, APPLICANT, "WithdrawFinancing", "FinancingWithdrawn", danger=True)
    release = Act(ACCEPTED >> LAPSED, APPLICANT, "ReleaseFinancing", "FinancingLapsed", danger=True)


KINDS = (Line, Certificate, Financing)
