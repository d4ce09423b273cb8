"""Payments: by whoever owes, at most what is open, each reference once, counted when the payee has confirmed."""

from __future__ import annotations

from typing import Any

import pytest

from baas.content.cid import RAW, of_block
from chaincode.copyright import money
from chaincode.kit.records import KitContext

from .conftest import ALICE, BOB, CAROL, REGISTRAR, Office
from .test_rights import DAVE, co_owned, licensed
from .test_works import licence_terms

CAROL_PARTY, ALICE_PARTY, BOB_PARTY = "HospitalMSP/carol", "CopyrightMSP/alice", "DataBureauMSP/bob"


def paid(matter: dict[str, Any], amount: int, reference: str = "T1", **more: Any) -> dict[str, Any]:
    given = {"for": matter["id"], "amount_fen": amount, "channel": "bank", "reference": reference, "paid": "2026-01-02"}
    return given | more


def bought(office: Office) -> tuple[dict[str, Any], dict[str, Any]]:
    """A work that alice sold to bob, and the transfer."""
    work = office.work("sold")
    transfer = office.do("ProposeTransfer", work["id"], {"to": BOB_PARTY, "price_fen": 50_000}, as_=ALICE)
    return work, office.do("AcceptTransfer", transfer["id"], as_=BOB)


def test_a_licence_fee_is_paid_in_parts_and_confirmed(office: Office) -> None:
    office.later(days=40)
    work = office.work()
    licence = licensed(office, work, fee_fen=10_000)
    first = office.do("RecordPayment", work["id"], paid(licence, 4_000), as_=CAROL)
    assert (first["state"], first["payee"], first["purpose"]) == ("REPORTED", ALICE_PARTY, "fee")
    office.refused("WRONG_AMOUNT", "RecordPayment", work["id"], paid(licence, 6_001, "T2"), as_=CAROL)
    assert office.do("ConfirmPayment", first["id"], as_=ALICE)["state"] == "CONFIRMED"
    office.refused("WRONG_AMOUNT", "RecordPayment", work["id"], paid(licence, 6_001, "T2"), as_=CAROL)
    rest = office.do("RecordPayment", work["id"], paid(licence, 6_000, "T2"), as_=CAROL)
    office.refused("WRONG_AMOUNT", "RecordPayment", work["id"], paid(licence, 1, "T3"), as_=CAROL)
    assert [one["id"] for one in office.ask("ListOf", work["id"])["payments"]] == sorted([first["id"], rest["id"]])


@pytest.mark.parametrize("who", [BOB, ALICE, REGISTRAR])
def test_only_who_owes_tells_a_payment(office: Office, who: Any) -> None:
    office.later(days=40)
    work = office.work()
    licence = licensed(office, work, fee_fen=10_000)
    office.refused("NOT_PAYER", "RecordPayment", work["id"], paid(licence, 100), as_=who)


def test_only_the_payee_confirms_and_only_the_payer_takes_back(office: Office) -> None:
    work, transfer = bought(office)
    office.later(days=40)
    told = office.do("RecordPayment", work["id"], paid(transfer, 50_000), as_=BOB)
    assert told["purpose"] == "price"
    office.refused("NOT_PAYEE", "ConfirmPayment", told["id"], as_=BOB)
    office.refused("NOT_PAYEE", "DenyPayment", told["id"], "没有", as_=CAROL)
    office.refused("NOT_PAYER", "WithdrawPayment", told["id"], "写错", as_=ALICE)
    assert office.do("ConfirmPayment", told["id"], as_=ALICE)["state"] == "CONFIRMED", "she owns nothing by now"
    office.refused("WRONG_STATE", "DenyPayment", told["id"], "没有", as_=ALICE)
    office.refused("WRONG_STATE", "WithdrawPayment", told["id"], "写错", as_=BOB)


def test_what_did_not_come_is_open_again_with_its_reference(office: Office) -> None:
    work, transfer = bought(office)
    office.later(days=40)
    for undo, who in (("DenyPayment", ALICE), ("WithdrawPayment", BOB)):
        told = office.do("RecordPayment", work["id"], paid(transfer, 50_000), as_=BOB)
        office.refused("WRONG_AMOUNT", "RecordPayment", work["id"], paid(transfer, 1, "T2"), as_=BOB)
        office.do(undo, told["id"], "没有到账", as_=who)
    office.do("RecordPayment", work["id"], paid(transfer, 50_000), as_=BOB)


def test_a_reference_counts_once_whoever_tells_it(office: Office) -> None:
    office.later(days=40)
    work, other = office.work(), office.work("b")
    mine, theirs = licensed(office, work, fee_fen=10_000), licensed(office, other, who=DAVE, fee_fen=10_000)
    office.do("RecordPayment", work["id"], paid(mine, 4_000), as_=CAROL)
    office.refused("DUPLICATE_PAYMENT", "RecordPayment", work["id"], paid(mine, 4_000), as_=CAROL)
    office.refused("DUPLICATE_PAYMENT", "RecordPayment", other["id"], paid(theirs, 4_000), as_=DAVE)
    office.refused("DUPLICATE_PAYMENT", "RecordPayment", other["id"], paid(theirs, 1, channel="alipay"), as_=DAVE)
    office.do("RecordPayment", other["id"], paid(theirs, 4_000, "T2", channel="alipay"), as_=DAVE)


def test_a_reference_that_reads_the_same_is_the_same(office: Office) -> None:
    office.later(days=40)
    work = office.work()
    licence = licensed(office, work, fee_fen=10_000)
    told = office.do("RecordPayment", work["id"], paid(licence, 1, "T-1 é收据〔2026〕"), as_=CAROL)
    for same in (
        "t-1é收据〔2026〕",
        "Ｔ－１ e收据〔2026〕",
        "T\u20131 E收据〔2026〕",
        "T\u22121\u00a0E\ufe0f收据〔2026〕",
    ):
        office.refused("DUPLICATE_PAYMENT", "RecordPayment", work["id"], paid(licence, 1, same), as_=CAROL)
    for strange in ("\u0422-2", "\u03a4-2", "T-\u0662", "\u13a2-2", "\ufe0f"):
        office.refused("INVALID_FIELD", "RecordPayment", work["id"], paid(licence, 1, strange), as_=CAROL)
    office.do("DenyPayment", told["id"], "没有到账", as_=ALICE)
    again = office.do("RecordPayment", work["id"], paid(licence, 1, "t-1e收据〔2026〕", channel="cash"), as_=CAROL)
    assert again["reference"] == "t-1e收据〔2026〕", "as it was written"


def test_references_told_before_are_still_told(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Payments on a ledger of before have their reference as written, by channel."""
    office.later(days=40)
    work = office.work()
    licence = licensed(office, work, fee_fen=10_000)

    index = KitContext.index

    def as_before(ctx: KitContext, name: str, *attributes: str, **more: str) -> None:
        if name == "payment-reference-plain":
            return index(ctx, "payment-reference", "bank", *attributes)
        return index(ctx, name, *attributes, **more)

    with monkeypatch.context() as before:
        before.setattr(KitContext, "index", as_before)
        before.setattr(money, "plain_reference", str)
        told, odd = (
            office.do("RecordPayment", work["id"], paid(licence, 1, one), as_=CAROL) for one in ("t1", "\u0422-1")
        )
    for channel in ("bank", "alipay"):
        same = paid(licence, 1, "t1", channel=channel)
        office.refused("DUPLICATE_PAYMENT", "RecordPayment", work["id"], same, as_=CAROL)
    for one in (odd, told):
        office.do("DenyPayment", one["id"], "没有到账", as_=ALICE)
    office.do("RecordPayment", work["id"], paid(licence, 1, "T1"), as_=CAROL)


def test_a_royalty_is_owed_to_each_owner_by_their_share(office: Office) -> None:
    work = co_owned(office)
    licence = licensed(office, work, royalty_bp=1000, unit_fen=1)
    office.later(days=40)
    usage = {"from": "2026-01-01", "until": "2026-01-31", "unit": "次", "quantity": 3, "revenue_fen": 10_000}
    use = office.do("RecordUsage", licence["id"], usage, as_=CAROL)
    office.refused("INVALID_FIELD", "RecordPayment", work["id"], paid(use, 401), as_=CAROL)
    told = office.do("RecordPayment", work["id"], paid(use, 401, payee=BOB_PARTY), as_=CAROL)
    assert told["purpose"] == "royalty"
    office.refused("WRONG_AMOUNT", "RecordPayment", work["id"], paid(use, 603, "T2", payee=ALICE_PARTY), as_=CAROL)
    office.refused("INVALID_FIELD", "RecordPayment", work["id"], paid(use, 1, "T2", payee="M/x"), as_=CAROL)
    assert office.do("ConfirmPayment", told["id"], as_=BOB)["state"] == "CONFIRMED"


def test_nothing_is_owed_for_what_binds_nobody(office: Office) -> None:
    office.later(days=40)
    work, other = office.work(), office.work("b")
    offer = office.do("OfferLicence", work["id"], licence_terms(fee_fen=10_000), as_=ALICE)
    office.refused("NOT_PAYER", "RecordPayment", work["id"], paid(offer, 100), as_=CAROL)
    free = licensed(office, work)
    office.refused("NOT_PAYER", "RecordPayment", work["id"], paid(free, 100), as_=CAROL)
    licence = licensed(office, other, fee_fen=10_000)
    office.refused("INVALID_FIELD", "RecordPayment", work["id"], paid(licence, 100), as_=CAROL)
    office.refused("INVALID_FIELD", "RecordPayment", work["id"], paid(work, 100), as_=CAROL)
    office.refused("INVALID_FIELD", "RecordPayment", other["id"], paid(licence, 100, paid="2199-01-01"), as_=CAROL)


def test_the_proof_of_a_payment_goes_to_both_sides_and_nobody_else(office: Office) -> None:
    work, transfer = bought(office)
    office.later(days=40)
    cid = of_block(b"slip", RAW).text
    proof = {"kind": "payment", "cid": cid, "sha256": "1" * 64}
    told = office.do("RecordPayment", work["id"], paid(transfer, 50_000, proofs=[proof]), as_=BOB)
    for who in (ALICE, BOB, REGISTRAR):
        assert office.ask("MayFetch", told["id"], cid, "CopyrightMSP", as_=who)["what"] == "proof"
    with pytest.raises(Exception, match="not for the caller"):
        office.ask("MayFetch", told["id"], cid, "CopyrightMSP", as_=CAROL)


def test_books_that_were_compared_are_kept(office: Office) -> None:
    office.later(days=40)
    digests = {f"{name}_sha256": "1" * 64 for name in ("own", "ledger", "channel", "report")}
    given = {"from": "2026-01-01", "until": "2026-01-31", "entries": 3, "differences": 1, **digests}
    done = office.do("RecordReconciliation", given, as_=CAROL)
    assert (done["party"], done["state"]) == (CAROL_PARTY, "RECORDED")
    office.refused("INVALID_FIELD", "RecordReconciliation", given | {"until": "2025-12-31"}, as_=CAROL)
