"""Each role's key against the contract: what each could gain, tried. Calls go to the contract as any client's would."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from apps.kit.papers import COLLECTION
from chaincode.supply_finance.kinds import Certificate, Financing, Line
from fabric_sdk.chaincode import ChaincodeError
from fabric_sdk.chaincode.testing import MVCC_READ_CONFLICT, VALID, Client
from tests.chaincode.supply_finance.city import (
    BANK,
    CORE,
    OTHER_BANK,
    PRETENDER,
    STRANGER,
    TIER1,
    TIER2,
    TIER3,
    City,
    days,
    paper,
    party,
)

CHINA = timedelta(hours=8)


@pytest.fixture
def city() -> City:
    return City()


def refused(code: str) -> Any:
    return pytest.raises(ChaincodeError, match=code)


def midnight(day: str) -> datetime:
    """When a day of the office begins."""
    return datetime.fromisoformat(day).replace(tzinfo=UTC) - CHINA


def held(city: City, amount: int = 1_000_00, **changes: Any) -> str:
    return str(city.held(amount=amount, **changes)["id"])


# -- the same receivable twice ---------------------------------------------------------------------------
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"goods": "别的货物", "contract": "别的合同"},
        {"invoice": "2631 0000-0000 0000 0001", "invoice_sha256": "ee" * 32},
        {"invoice": "２６３１" + "０" * 15 + "１", "invoice_sha256": "ee" * 32},
        {"invoice": "26310000000000000099"},
        {"salt": "99" * 16, "invoice_sha256": "ee" * 32},
    ],
    ids=["again", "other goods", "spaces", "full width", "same bytes", "other file"],
)
def test_an_invoice_serves_one_certificate(city: City, changes: dict[str, Any]) -> None:
    line = city.line()
    city.held(line, 500_00)
    reference = city.hand_in("certificate", "papers", paper(1, **changes), CORE, face_fen=500_00)
    given = {"seller": party(TIER2), "face_fen": 500_00, "due": days(60), "recourse": "with", "papers": reference}
    with refused("TAKEN"):
        city.do(Certificate.issue, line, CORE, **given)


def test_an_invoice_serves_again_once_nobody_took_the_first(city: City) -> None:
    line = city.line(1_000_00)
    first = city.issued(line)
    city.do(Certificate.decline, first["id"], TIER1, reason="金额不符")
    again = city.issued(line)
    city.do(Certificate.accept, again["id"], TIER1)
    with refused("OVER_LINE"):
        city.issued(line, 1, number=2)
    with refused("WRONG_STATE"):
        city.do(Certificate.cancel, again["id"], CORE, reason="x")


def test_papers_of_one_amount_do_not_stand_for_another(city: City) -> None:
    line = city.line()
    small = city.hand_in("certificate", "papers", paper(1, invoice_amount_fen=100), CORE, face_fen=100)
    given = {"seller": party(TIER1), "face_fen": 101, "due": days(60), "recourse": "with"}
    with refused("PAPER_MISSING"):
        city.do(Certificate.issue, line, CORE, papers=small, **given)
    with refused("PAPER_MISSING"):
        city.do(Certificate.issue, line, CORE, papers=small | {"tags": []}, **(given | {"face_fen": 100}))
    with refused("INVALID_FIELD: invoice_amount_fen"):
        city.hand_in("certificate", "papers", paper(2, invoice_amount_fen=100), CORE, face_fen=101)


# -- financing twice -------------------------------------------------------------------------------------
def test_a_certificate_is_financed_by_one_bank(city: City) -> None:
    one = held(city)
    asked = city.do(Financing.ask, one, TIER1, bank=party(BANK))
    with refused("NOT_FREE"):
        city.do(Financing.ask, one, TIER1, bank=party(OTHER_BANK))
    for act, given in (
        (Certificate.split, {"parts": [{"amount_fen": 1}]}),
        (Certificate.transfer, {"to": party(TIER2)}),
    ):
        with refused("WRONG_STATE"):
            city.do(act, one, TIER1, **given)
    with refused("NOT_LENDER"):
        city.do(Financing.offer, asked["id"], OTHER_BANK, terms=city.terms(OTHER_BANK), open_until=days(2))
    city.do(Financing.offer, asked["id"], BANK, terms=city.terms(), open_until=days(2))
    city.do(Financing.accept, asked["id"], TIER1)
    with refused("WRONG_STATE"):
        city.do(Financing.withdraw, asked["id"], TIER1)
    city.do(Financing.pay, asked["id"], BANK, receipt_sha256="cc" * 32)
    assert city.read(one)["holder"] == party(BANK)
    for holder in (TIER1, BANK):
        with refused(r"NOT_FREE|NOT_HOLDER"):
            city.do(Financing.ask, one, holder, bank=party(OTHER_BANK))
    with refused("WRONG_STATE"):
        city.do(Financing.pay, asked["id"], BANK, receipt_sha256="cc" * 32)


def test_two_banks_at_the_same_moment(city: City) -> None:
    """Both are endorsed on the same state; the ledger commits one."""
    one = held(city)
    asked = [city.tester.propose("AskFinancing", one, {"bank": party(bank)}, as_=TIER1) for bank in (BANK, OTHER_BANK)]
    assert [each.commit() for each in asked] == [VALID, MVCC_READ_CONFLICT]


def test_a_part_and_its_whole_at_the_same_moment(city: City) -> None:
    one = held(city)
    split = city.tester.propose("SplitCertificate", one, [{"amount_fen": 400_00}, {"amount_fen": 600_00}], as_=TIER1)
    ask = city.tester.propose("AskFinancing", one, {"bank": party(BANK)}, as_=TIER1)
    assert [split.commit(), ask.commit()] == [VALID, MVCC_READ_CONFLICT]


def test_two_issues_at_the_same_moment_stay_within_the_line(city: City) -> None:
    line = city.line(1_000_00)
    proposals = []
    for number in (1, 2):
        body = paper(number, invoice_amount_fen=600_00)
        reference = city.hand_in("certificate", "papers", body, CORE, face_fen=600_00)
        given = {"seller": party(TIER1), "face_fen": 600_00, "due": days(60), "recourse": "with", "papers": reference}
        proposals.append(city.tester.propose("IssueCertificate", line, given, as_=CORE))
    assert [one.commit() for one in proposals] == [VALID, MVCC_READ_CONFLICT]


# -- amounts ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ([1, 999_98], "SUM_DIFFERS"),
        ([1, 1_000_00], "SUM_DIFFERS"),
        ([-1, 1_000_01], "INVALID_FIELD"),
        ([0, 1_000_00], "INVALID_FIELD"),
        ([333_33.33, 666_66.67], "INVALID_FIELD"),
        (["50000", "50000"], "INVALID_FIELD"),
        ([True, 999_99], "INVALID_FIELD"),
        ([10**18, 1], "INVALID_FIELD"),
        ([1_000_00], "INVALID_FIELD: parts"),
        ([], "INVALID_FIELD: parts"),
        ([1] * 51, "INVALID_FIELD: parts"),
    ],
)
def test_no_split_makes_or_loses_a_fen(city: City, parts: list[Any], code: str) -> None:
    one = held(city)
    with refused(code):
        city.do(Certificate.split, one, TIER1, parts=[{"amount_fen": part} for part in parts])


def test_thirds_are_split_to_the_fen(city: City) -> None:
    one = held(city, 100)
    parts = [{"amount_fen": part, "to": party(TIER2)} for part in (33, 33, 34)]
    children = city.do(Certificate.split, one, TIER1, parts=parts)["children"]
    assert sum(city.read(child)["amount_fen"] for child in children) == 100
    for child in children:
        city.do(Certificate.take, child, TIER2)
        with refused("INVALID_FIELD"):
            city.do(Certificate.split, child, TIER2, parts=[{"amount_fen": 16.5}, {"amount_fen": 16.5}])


@pytest.mark.parametrize("amount", [-1, 0, 10**14, 2**63, 1.5, "1", True, None])
def test_no_certificate_or_line_of_an_amount_that_is_none(city: City, amount: Any) -> None:
    with refused("INVALID_FIELD"):
        city.do(Line.grant, who=BANK, core=party(CORE), limit_fen=amount, until=days(100))
    with refused("INVALID_FIELD"):
        city.hand_in("certificate", "papers", paper(), CORE, face_fen=amount)


def test_a_line_is_not_stretched(city: City) -> None:
    line = city.line(1_000_00)
    one = city.held(line, 1_000_00)
    with refused("OVER_LINE"):
        city.issued(line, 1, number=2)
    with refused("INVALID_FIELD: limit_fen"):
        city.do(Line.change, line, BANK, limit_fen=999_99)
    city.do(Certificate.split, one["id"], TIER1, parts=[{"amount_fen": 500_00}, {"amount_fen": 500_00}])
    assert city.read(line)["used_fen"] == 1_000_00, "parts use what their whole used"
    city.do(Line.close, line, BANK, reason="x")
    with refused("LINE_NOT_ACTIVE"):
        city.issued(line, 1, number=3)


def test_splits_end_somewhere(city: City) -> None:
    one = held(city, 10_00)
    for _ in range(40):
        amount = city.read(one)["amount_fen"]
        parts = [{"amount_fen": amount - 1}, {"amount_fen": 1}]
        one = city.do(Certificate.split, one, TIER1, parts=parts)["children"][0]
    with refused("TOO_DEEP"):
        city.do(
            Certificate.split, one, TIER1, parts=[{"amount_fen": 1}, {"amount_fen": city.read(one)["amount_fen"] - 1}]
        )


# -- days ------------------------------------------------------------------------------------------------
def test_no_certificate_outlives_what_the_rules_allow(city: City) -> None:
    line = city.line(until=days(400))
    for due, code in (
        (days(0), "INVALID_FIELD: due: lies in the past"),
        (days(-1), "INVALID_FIELD: due: lies in the past"),
        (days(200), "INVALID_FIELD: longer"),
        (days(370), "INVALID_FIELD: due: lies more than 12 months"),
        ("9999-12-31", "INVALID_FIELD: due"),
        ("2026-13-01", "INVALID_FIELD: due: must be a date"),
    ):
        with refused(code):
            city.issued(line, due=due)
    assert city.issued(line, due=days(200), longer="设备分期验收")["state"] == "ISSUED"
    with refused("INVALID_FIELD: due: lies after the line's end"):
        city.issued(city.line(until=days(50)), number=2)


def test_nothing_but_redemption_after_the_day(city: City) -> None:
    one, offered = held(city), city.held(city.line(), 500_00, number=2)["id"]
    city.do(Certificate.transfer, offered, TIER1, to=party(TIER2))
    with refused("NOT_DUE"):
        city.do(Certificate.mature, one, CORE)
    city.at(midnight(days(90)) + timedelta(hours=3))
    for act, on, who, given in (
        (Financing.ask, one, TIER1, {"bank": party(BANK)}),
        (Certificate.transfer, one, TIER1, {"to": party(TIER2)}),
        (Certificate.split, one, TIER1, {"parts": [{"amount_fen": 1}, {"amount_fen": 999_99}]}),
        (Certificate.take, offered, TIER2, {}),
    ):
        with refused("DUE"):
            city.do(act, on, who, **given)
    city.do(Certificate.mature, one, BANK)
    city.do(Certificate.pay, one, CORE, receipt_sha256="cc" * 32)
    city.do(Certificate.confirm, one, TIER1)
    for who in (TIER1, BANK, CORE):
        with refused(r"NOT_FREE|NOT_HOLDER"):
            city.do(Financing.ask, one, who, bank=party(OTHER_BANK))


@pytest.mark.parametrize("ahead", [-90, -60, 0, 60, 90])
def test_no_clock_within_the_tolerance_decides_about_the_day(city: City, ahead: int) -> None:
    """Whatever time is claimed: before the day's midnight by the peer nothing is due, after it nothing else."""
    one = held(city)
    due = midnight(days(90))
    for peer in (-300, -91, -30, 0, 30, 91, 300):
        city.peer_clock = due + timedelta(seconds=peer)
        city.tester.now = city.peer_clock + timedelta(seconds=ahead)
        may = {"ask": False, "mature": False}
        for name, function, arguments in (
            ("ask", "AskFinancing", [one, {"bank": party(BANK)}]),
            ("mature", "MatureCertificate", [one]),
        ):
            try:
                city.tester.propose(function, *arguments, as_=TIER1)
                may[name] = True
            except ChaincodeError as error:
                assert error.code in {"DUE", "NOT_DUE"}
        assert not (may["ask"] and may["mature"])
        assert not may["ask"] or peer < 0, "financed after its day"
        assert not may["mature"] or peer >= 0, "matured before its day"


def test_a_clock_beyond_the_tolerance_is_refused(city: City) -> None:
    one = held(city)
    city.at(midnight(days(91)))
    city.tester.now = midnight(days(89))
    with refused("CLOCK_DIFFERS"):
        city.do(Financing.ask, one, TIER1, bank=party(BANK))


def test_an_endorsement_kept_back_past_the_day_commits_no_more(city: City) -> None:
    one = held(city)
    kept = city.tester.propose("AskFinancing", one, {"bank": party(BANK)}, as_=TIER1)
    moved = city.tester.propose("TransferCertificate", one, party(TIER2), as_=TIER1)
    city.at(midnight(days(90)) + timedelta(hours=1))
    city.do(Certificate.mature, one, CORE)
    assert [kept.commit(), moved.commit()] == [MVCC_READ_CONFLICT, MVCC_READ_CONFLICT]


def test_a_bank_that_does_not_pay_holds_nobody(city: City) -> None:
    one = held(city)
    asked = city.do(Financing.ask, one, TIER1, bank=party(BANK))
    city.do(Financing.offer, asked["id"], BANK, terms=city.terms(), open_until=days(2))
    city.do(Financing.accept, asked["id"], TIER1)
    with refused("NOT_DUE"):
        city.do(Financing.release, asked["id"], TIER1)
    city.at(midnight(days(4)) + timedelta(minutes=5))
    with refused("OFFER_OVER"):
        city.do(Financing.pay, asked["id"], BANK, receipt_sha256="cc" * 32)
    city.do(Financing.release, asked["id"], TIER1)
    assert city.read(one)["state"] == "HELD"


def test_an_offer_does_not_outlive_its_day(city: City) -> None:
    one = held(city)
    asked = city.do(Financing.ask, one, TIER1, bank=party(BANK))
    for day in (days(-1), days(91), "9999-12-31"):
        with refused("INVALID_FIELD: open_until"):
            city.do(Financing.offer, asked["id"], BANK, terms=city.terms(), open_until=day)
    city.do(Financing.offer, asked["id"], BANK, terms=city.terms(), open_until=days(0))
    city.at(midnight(days(1)))
    with refused("OFFER_OVER"):
        city.do(Financing.accept, asked["id"], TIER1)


# -- recourse --------------------------------------------------------------------------------------------
def overdue(city: City, one: str) -> None:
    city.at(midnight(days(90)) + timedelta(hours=1))
    city.do(Certificate.mature, one, BANK)
    with refused("NOT_DUE"):
        city.do(Certificate.default, one, BANK)
    city.at(midnight(days(94)) + timedelta(minutes=5))
    city.do(Certificate.default, one, BANK)


def test_recourse_is_taken_once_and_only_where_it_is_said(city: City) -> None:
    one = held(city)
    city.financed(one)
    overdue(city, one)
    with refused("NOT_HOLDER"):
        city.do(Certificate.turn_back, one, OTHER_BANK)
    city.do(Certificate.turn_back, one, BANK)
    with refused("NOT_SELLER"):
        city.do(Certificate.repurchase, one, TIER2, receipt_sha256="cc" * 32)
    city.do(Certificate.repurchase, one, TIER1, receipt_sha256="cc" * 32)
    city.do(Certificate.settle, one, BANK)
    assert city.read(one)["holder"] == party(TIER1)
    with refused("NO_RECOURSE"):
        city.do(Certificate.turn_back, one, TIER1)
    city.do(Certificate.pay, one, CORE, receipt_sha256="cc" * 32)
    city.do(Certificate.confirm, one, TIER1)


def test_no_recourse_where_the_certificate_is_without(city: City) -> None:
    one = held(city, recourse="without")
    city.financed(one)
    overdue(city, one)
    with refused("NO_RECOURSE"):
        city.do(Certificate.turn_back, one, BANK)


def test_a_debtor_does_not_redeem_alone(city: City) -> None:
    one = held(city)
    city.at(midnight(days(90)) + timedelta(hours=1))
    city.do(Certificate.mature, one, CORE)
    city.do(Certificate.pay, one, CORE, receipt_sha256="cc" * 32)
    with refused("NOT_HOLDER"):
        city.do(Certificate.confirm, one, CORE)
    assert city.do(Certificate.contest, one, TIER1, reason="没有到账")["state"] == "MATURED"


# -- people ----------------------------------------------------------------------------------------------
def test_a_certificate_of_a_foreign_organisation_gives_no_role(city: City) -> None:
    line, one = city.line(), held(city, number=7)
    for who in (PRETENDER, STRANGER):
        with refused("FORBIDDEN"):
            city.do(Line.grant, who=who, core=party(CORE), limit_fen=1, until=days(9))
        with refused("NOT_CORE"):
            city.do(
                Certificate.issue, line, who, seller=party(TIER1), face_fen=1, due=days(9), recourse="with", papers={}
            )
        with refused("FORBIDDEN"):
            city.hand_in("certificate", "papers", paper(), who, face_fen=1)
        with refused("NOT_HOLDER"):
            city.do(Certificate.transfer, one, who, to=party(TIER3))
        with refused("FORBIDDEN"):
            city.do(Certificate.mature, one, who)


@pytest.mark.parametrize("seller", [CORE, BANK])
def test_nobody_issues_to_themselves(city: City, seller: Client) -> None:
    with refused("INVALID_FIELD: seller"):
        city.issued(city.line(), seller=party(seller))


def test_a_certificate_does_not_go_round(city: City) -> None:
    one = held(city)
    for to, field in ((TIER1, "to"), (CORE, "to")):
        with refused(f"INVALID_FIELD: {field}"):
            city.do(Certificate.transfer, one, TIER1, to=party(to))
        with refused(r"INVALID_FIELD: parts\[0\].to"):
            parts = [{"amount_fen": 1, "to": party(to)}, {"amount_fen": 999_99}]
            city.do(Certificate.split, one, TIER1, parts=parts)
    with refused("INVALID_FIELD: bank"):
        city.do(Financing.ask, one, TIER1, bank=party(TIER1))
    city.do(Certificate.transfer, one, TIER1, to=party(TIER2))
    with refused("NOT_RECEIVER"):
        city.do(Certificate.take, one, TIER3)


# -- secrets ---------------------------------------------------------------------------------------------
def test_a_bank_sees_nothing_of_another_banks_terms(city: City) -> None:
    one = held(city)
    financing = city.financed(one)["id"]
    for who in (BANK, TIER1):
        city.tester.invoke("LookAtPaper", financing, "terms", as_=who)
        assert city.tester.evaluate("ReadPaper", financing, "terms", as_=who)["payout_fen"] == 980_00
    for who in (OTHER_BANK, CORE, TIER2, STRANGER):
        for function in ("LookAtPaper", "ReadPaper"):
            with refused("NOT_READER"):
                city.tester.evaluate(function, financing, "terms", as_=who)
        if who is not CORE:
            with refused("NOT_READER"):
                city.tester.evaluate("LookAtPaper", one, "papers", as_=who)


def test_invoices_and_prices_stand_nowhere_in_clear(city: City) -> None:
    one = held(city)
    city.financed(one)
    everything = (
        b"".join(
            key.encode() + value
            for collection in ("", COLLECTION)
            for key, value in city.tester.ledger.state(city.tester.name, collection).items()
        )
        + json.dumps([event.payload.decode() for event in city.tester.events]).encode()
    )
    for secret in ("26310000000000000001", "输液泵", "采购合同"):
        assert secret.encode() not in everything, secret
    for number in (b"98000", b"365"):  # as numbers: the digits of an id at random may hold them
        assert not re.search(rb"(?<![0-9A-Za-z])" + number + rb"(?![0-9A-Za-z])", everything), number


def test_second_tier_does_not_see_the_first_tiers_invoice(city: City) -> None:
    one = held(city)
    parts = [{"amount_fen": 400_00, "to": party(TIER2)}, {"amount_fen": 600_00}]
    child = city.do(Certificate.split, one, TIER1, parts=parts)["children"][0]
    city.do(Certificate.take, child, TIER2)
    with refused("NOT_READER"):
        city.tester.evaluate("LookAtPaper", child, "papers", as_=TIER2)
    city.do(Financing.ask, child, TIER2, bank=party(BANK))
    city.tester.invoke("LookAtPaper", child, "papers", as_=BANK)
    assert city.tester.evaluate("ReadPaper", child, "papers", as_=BANK)["goods"] == "输液泵 20 台"
