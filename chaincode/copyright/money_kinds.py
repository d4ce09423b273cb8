"""Money of 数字版权 as data: payments told by who paid and confirmed by who was paid, and books that were compared."""

from __future__ import annotations

from chaincode.copyright.roles import WORDS
from fabric_sdk.kinds import (
    ANYBODY,
    Act,
    Actor,
    Cid,
    Code,
    Day,
    Fen,
    Items,
    Kind,
    Party,
    Reason,
    Role,
    Sha256,
    State,
    Text,
    Whole,
)

CHANNELS = ("bank", "alipay", "wechat", "cash", "other")
_PROOF = {"kind": Text(64), "cid": Cid(), "sha256": Sha256()}
PAYER, PAYEE = Role("NOT_PAYER", field="payer"), Role("NOT_PAYEE", field="payee")


class Payment(Kind, prefix="FK", under="work", listed="payments"):
    """付款: what was paid for a licence, a transfer or a reported use. It counts when the payee has confirmed it."""

    payer, payee = Actor(), Party(optional=True)
    for_, purpose = Text(64), Text(32, made=True)
    amount_fen, paid = Fen(1), Day(past=True)
    channel, reference = Code(*CHANNELS), Text(64)
    proofs = Items("proofs", _PROOF, default=[])
    note, reason = Text(WORDS, area=True, default=""), Reason()

    REPORTED, CONFIRMED = State("wait"), State("ok", final=True)
    DENIED, WITHDRAWN = State("bad", final=True), State("none", final=True)

    record = Act(REPORTED, ANYBODY, "RecordPayment", "PaymentRecorded", on="work")
    confirm = Act(REPORTED >> CONFIRMED, PAYEE, "ConfirmPayment", "PaymentConfirmed", waits=True)
    deny = Act(REPORTED >> DENIED, PAYEE, "DenyPayment", "PaymentDenied", form=(reason,))
    withdraw = Act(REPORTED >> WITHDRAWN, PAYER, "WithdrawPayment", "PaymentWithdrawn", form=(reason,))


class Reconciliation(Kind, prefix="DZ", indexed=["party"]):
    """三方对账: somebody's own book, their confirmed payments on the ledger, and the channel's book of some days."""

    party = Actor()
    from_, until = Day(past=True), Day(past=True)
    own_sha256, ledger_sha256, channel_sha256 = Sha256(), Sha256(), Sha256()
    entries, differences, report_sha256 = Whole(0, 10**9), Whole(0, 10**9), Sha256()

    RECORDED = State("ok", final=True)

    record = Act(RECORDED, ANYBODY, "RecordReconciliation", "ReconciliationRecorded", begins=True)
