"""The office's rules in one table: each row is a rule, what somebody tries against it, and the refusal.

Rows are run one by one against a fresh contract; the last test says that no rule of the list is without a row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from .conftest import ALICE, BOB, CAROL, FALSE_REGISTRAR, REGISTRAR, SECOND, Office, application_form, claim, work_form
from .test_collisions import THIEF, examining, said
from .test_corrections import shared
from .test_money import bought, paid
from .test_rights import licensed
from .test_works import licence_terms

RULES = (
    "what others deposited, or looks like it, stops a deposit without a word about theirs",
    "no case passes that was not compared with the network's works",
    "each work that was found wants an opinion",
    "what the office calls a copy is not registered",
    "first and second examination are two people's",
    "a registrar's role counts only in the office's organisation",
    "nobody decides a case of their own",
    "only what the office named is corrected",
    "entries change before an application by amendment, afterwards by a change with all owners' consent",
    "a cancelled number stays void",
    "a registration needs authors, a date and the owners' documents",
    "a dispute needs evidence and somebody else's work",
    "a frozen work is neither licensed nor sold",
    "licences do not contradict each other",
    "licences begin with both signatures and end with the licensee's",
    "only owners sell, no more than they have, with everybody's consent",
    "only registered works are pledged",
    "a payment is told by who owes, at most what is open, once",
    "a payment counts by the payee's word alone",
)


@dataclass(frozen=True)
class Row:
    """A rule broken: `tries` brings everything about and returns (function, arguments, who)."""

    rule: int
    what: str
    code: str
    tries: Callable[[Office], tuple[str, list[Any], Any]]


def _collision(office: Office) -> tuple[str, list[Any], Any]:
    office.work()
    return "Deposit", [work_form()], THIEF


def _other_named(office: Office) -> tuple[str, list[Any], Any]:
    office.work()
    return "Deposit", [work_form(relations=said(office.work("other")))], THIEF


def _stolen(office: Office) -> tuple[dict[str, Any], dict[str, Any]]:
    first = office.work()
    return first, examining(office, office.do("Deposit", work_form(relations=said(first)), as_=THIEF))


def _not_compared(office: Office) -> tuple[str, list[Any], Any]:
    return "PassExamination", [examining(office, office.work(), ALICE)["id"], "符合"], REGISTRAR


def _no_opinion(office: Office) -> tuple[str, list[Any], Any]:
    _, case = _stolen(office)
    office.compare(case)
    return "PassExamination", [case["id"], "符合"], REGISTRAR


def _a_copy(office: Office) -> tuple[str, list[Any], Any]:
    first, case = _stolen(office)
    office.compare(case)
    office.step("GiveOpinion", case, first["id"], "copy", "逐字节相同")
    return "PassExamination", [case["id"], "符合"], REGISTRAR


def _passed_once(office: Office, work: dict[str, Any]) -> dict[str, Any]:
    case = examining(office, work, ALICE)
    office.compare(case)
    office.step("PassExamination", case, "符合")
    return case


def _frozen(office: Office) -> dict[str, Any]:
    work = office.work()
    office.do("OpenDispute", work["id"], claim(), as_=BOB)
    return work


def _correcting(office: Office) -> dict[str, Any]:
    case = office.submitted(office.work())
    office.step("BeginVerification", case)
    return office.step("RequestCorrection", case, ["题名不符"], ["title"])


def _cancelled(office: Office) -> dict[str, Any]:
    work = office.registered()
    asked = office.do("RequestCancellation", work["id"], {"reason": "不再需要"}, as_=ALICE)
    office.step("DecideCancellation", asked, True, ["权利人申请"])
    found: dict[str, Any] = office.ask("Read", work["id"])
    return found


def _active(office: Office, **terms: Any) -> dict[str, Any]:
    return licensed(office, office.work(), **terms)


def _told(office: Office) -> dict[str, Any]:
    work, transfer = bought(office)
    office.later(days=40)
    found: dict[str, Any] = office.do("RecordPayment", work["id"], paid(transfer, 50_000), as_=BOB)
    return found


def _fee(office: Office, who: Any, amount: int = 100) -> tuple[str, list[Any], Any]:
    licence = _active(office, fee_fen=10_000)
    office.later(days=40)
    return "RecordPayment", [licence["work_id"], paid(licence, amount)], who


def _filed(office: Office) -> dict[str, Any]:
    work = office.work()
    office.submitted(work)
    return work


TABLE = (
    Row(0, "the same bytes", "COLLISION", _collision),
    Row(0, "a word about another work", "COLLISION", _other_named),
    Row(1, "passed at once", "NOT_COMPARED", _not_compared),
    Row(2, "passed with a find", "OPINION_MISSING", _no_opinion),
    Row(3, "passed nevertheless", "FOUND_COPY", _a_copy),
    Row(
        4,
        "the same registrar",
        "SAME_PERSON",
        lambda o: ("ApproveRegistration", [_passed_once(o, o.work())["id"], "同意"], REGISTRAR),
    ),
    Row(
        5,
        "another hospital's registrar",
        "FORBIDDEN",
        lambda o: ("BeginVerification", [o.submitted(o.work())["id"]], FALSE_REGISTRAR),
    ),
    Row(5, "an applicant", "FORBIDDEN", lambda o: ("BeginVerification", [o.submitted(o.work())["id"]], ALICE)),
    Row(
        6, "a registrar's own work", "CONFLICT_OF_INTEREST", lambda o: ("BeginVerification", [_own_case(o)["id"]], BOTH)
    ),
    Row(
        7,
        "another field",
        "NOT_ASKED",
        lambda o: (
            "SubmitCorrection",
            [_correcting(o)["id"], application_form() | {"entries": {"title": "定稿", "note": "也改"}}],
            ALICE,
        ),
    ),
    Row(
        8,
        "amended after filing",
        "ALREADY_FILED",
        lambda o: ("AmendWork", [_filed(o)["id"], {"title": "x"}, "x"], ALICE),
    ),
    Row(8, "amended by a stranger", "NOT_OWNER", lambda o: ("AmendWork", [o.work()["id"], {"title": "x"}, "x"], BOB)),
    Row(
        8,
        "changed before registration",
        "NOT_REGISTERED",
        lambda o: ("RequestChange", [o.work()["id"], {"title": "x"}, "x"], ALICE),
    ),
    Row(
        8,
        "changed without a co-owner",
        "CONSENT_MISSING",
        lambda o: ("DecideChange", [_change_of_two(o)["id"], True, ["符合"]], REGISTRAR),
    ),
    Row(
        9,
        "cancelled again",
        "NOT_REGISTERED",
        lambda o: ("RequestCancellation", [_cancelled(o)["id"], {"reason": "x"}], ALICE),
    ),
    Row(9, "pledged after it", "NOT_REGISTERED", lambda o: ("ProposePledge", [_cancelled(o)["id"], _pledge()], ALICE)),
    Row(
        10,
        "no authors",
        "WORK_INCOMPLETE",
        lambda o: ("SubmitRegistration", [o.work(authors=None)["id"], application_form()], ALICE),
    ),
    Row(
        10,
        "no documents",
        "DOCUMENTS_MISSING",
        lambda o: ("SubmitRegistration", [o.work()["id"], application_form()], ALICE),
    ),
    Row(11, "one sentence", "EVIDENCE_MISSING", lambda o: ("OpenDispute", [o.work()["id"], claim(evidence=[])], BOB)),
    Row(11, "an own work", "SAME_PARTY", lambda o: ("OpenDispute", [o.work()["id"], claim()], ALICE)),
    Row(12, "licensed", "DISPUTED", lambda o: ("OfferLicence", [_frozen(o)["id"], licence_terms()], ALICE)),
    Row(12, "sold", "DISPUTED", lambda o: ("ProposeTransfer", [_frozen(o)["id"], {"to": "DataBureauMSP/bob"}], ALICE)),
    Row(
        13,
        "an ordinary beside an exclusive one",
        "LICENCE_CONFLICT",
        lambda o: ("OfferLicence", [_active(o, kind="exclusive")["work_id"], licence_terms()], ALICE),
    ),
    Row(14, "accepted by somebody else", "NOT_LICENSEE", lambda o: ("AcceptLicence", [_offer(o)["id"]], BOB)),
    Row(14, "accepted by who offers", "NOT_LICENSEE", lambda o: ("AcceptLicence", [_offer(o)["id"]], ALICE)),
    Row(
        15,
        "a stranger's sale",
        "NOT_OWNER",
        lambda o: ("ProposeTransfer", [o.work()["id"], {"to": "HospitalMSP/carol"}], BOB),
    ),
    Row(
        15,
        "more than one has",
        "INVALID_FIELD",
        lambda o: ("ProposeTransfer", [shared(o, o.work())["id"], {"to": "HospitalMSP/carol", "share": 6_001}], ALICE),
    ),
    Row(15, "without the co-owner", "CONSENT_MISSING", lambda o: ("AcceptTransfer", [_sale_of_two(o)["id"]], CAROL)),
    Row(16, "a deposit only", "NOT_REGISTERED", lambda o: ("ProposePledge", [o.work()["id"], _pledge()], ALICE)),
    Row(17, "told by the payee", "NOT_PAYER", lambda o: _fee(o, ALICE)),
    Row(17, "more than is open", "WRONG_AMOUNT", lambda o: _fee(o, CAROL, 10_001)),
    Row(18, "confirmed by the payer", "NOT_PAYEE", lambda o: ("ConfirmPayment", [_told(o)["id"]], BOB)),
    Row(18, "confirmed by the office", "NOT_PAYEE", lambda o: ("ConfirmPayment", [_told(o)["id"]], SECOND)),
)


def _pledge() -> dict[str, Any]:
    days = {"debt_from": "2026-01-01", "debt_until": "2027-01-01"}
    return {"pledgee": "HospitalMSP/carol", "debt_fen": 100, "rights": "all", "contract_sha256": "1" * 64, **days}


def _offer(office: Office) -> dict[str, Any]:
    found: dict[str, Any] = office.do("OfferLicence", office.work()["id"], licence_terms(), as_=ALICE)
    return found


def _sale_of_two(office: Office) -> dict[str, Any]:
    work = shared(office, office.work())
    found: dict[str, Any] = office.do("ProposeTransfer", work["id"], {"to": "HospitalMSP/carol"}, as_=ALICE)
    return found


def _change_of_two(office: Office) -> dict[str, Any]:
    work = shared(office, office.registered())
    found: dict[str, Any] = office.do("RequestChange", work["id"], {"title": "定稿"}, "更正", as_=ALICE)
    return found


def _own_case(office: Office) -> dict[str, Any]:
    return office.submitted(office.work("own", BOTH), BOTH)


def _both() -> Any:
    from fabric_sdk.chaincode.testing import client

    return client("CopyrightMSP", "both", role="creator,registrar")


BOTH = _both()


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.rule + 1}-{row.what.replace(' ', '-')}")
def test_every_rule_refuses(office: Office, row: Row) -> None:
    function, arguments, who = row.tries(office)
    before = {key: entry.value for key, entry in office.tester.ledger._entries[("copyright", "")].items()}
    office.refused(row.code, function, *arguments, as_=who)
    after = {key: entry.value for key, entry in office.tester.ledger._entries[("copyright", "")].items()}
    assert before == after, "a refusal writes nothing"


def test_no_rule_is_without_a_row() -> None:
    assert {row.rule for row in TABLE} == set(range(len(RULES)))
