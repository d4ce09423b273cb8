"""登记: the whole road, every refusal on it, deadlines, private documents, changes and cancellation."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime

import pytest

from chaincode.copyright import numbers, policy
from fabric_sdk.chaincode import ChaincodeError
from fabric_sdk.chaincode.testing import client

from .conftest import (
    ALICE,
    BOB,
    CAROL,
    FALSE_REGISTRAR,
    REGISTRAR,
    RESIDENT,
    SECOND,
    Office,
    application_form,
    documents,
)


def test_the_whole_road(office: Office) -> None:
    case = office.submitted(office.work())
    assert (case["state"], case["deadlines"]["verification"]) == ("SUBMITTED", "2026-01-08")
    assert office.step("BeginVerification", case)["state"] == "VERIFYING"
    corrected = office.step("RequestCorrection", case, ["缺少创作过程"])
    assert corrected["deadlines"]["correction"] == "2026-03-01"
    case = office.step("SubmitCorrection", case, application_form(), as_=ALICE)
    assert case["state"] == "SUBMITTED"
    office.step("BeginVerification", case)
    accepted = office.step("AcceptRegistration", case)
    assert accepted["deadlines"]["examination"] == "2026-02-12"
    office.step("BeginExamination", case)
    office.passed(case)
    certified = office.step("IssueCertificate", case)
    assert certified["number"].startswith("样例登字-2026-F-")
    assert office.step("RecordCertificate", case, "0" * 64, office.work("pdf")["content"]["cid"])["certificate"]
    final = office.step("PublishRegistration", case)
    assert [entry["to"] for entry in final["log"]] == [
        "SUBMITTED",
        "VERIFYING",
        "CORRECTION",
        "SUBMITTED",
        "VERIFYING",
        "ACCEPTED",
        "EXAMINING",
        "EXAMINED",
        "APPROVED",
        "CERTIFIED",
        "PUBLISHED",
    ]
    work = office.ask("Read", case["work_id"])
    assert work["number"] == certified["number"]
    assert office.ask("Find", "number", certified["number"]) == [work]
    assert office.ask("Find", "certificate", "0" * 64) == [work]
    assert [one["id"] for one in office.ask("ListQueue", "registrations", "PUBLISHED", 10)["items"]] == [case["id"]]
    assert office.ask("ListQueue", "registrations", "SUBMITTED", 10)["items"] == []


STEPS = {
    "BeginVerification": (),
    "RequestCorrection": (["x"],),
    "AcceptRegistration": (),
    "BeginExamination": (),
    "CompareWork": ([], "content", 1, 1),
    "PassExamination": ("ok",),
    "ReturnExamination": (["x"],),
    "ApproveRegistration": ("ok",),
    "RefuseRegistration": (["x"],),
    "IssueCertificate": (),
    "PublishRegistration": (),
    "CancelRegistration": ("judgment", ["x"]),
}
ROAD = (
    "BeginVerification",
    "AcceptRegistration",
    "BeginExamination",
    "CompareWork",
    "PassExamination",
    "ApproveRegistration",
    "IssueCertificate",
    "PublishRegistration",
)
AFTER = {
    "RequestCorrection": "AcceptRegistration",
    "RefuseRegistration": "CompareWork",
    "ReturnExamination": "ApproveRegistration",
    "CancelRegistration": "PublishRegistration",
}


@pytest.mark.parametrize("function", STEPS)
def test_only_the_offices_registrars_take_steps_and_never_their_own(office: Office, function: str) -> None:
    case = office.submitted(office.work())
    for who in (ALICE, BOB, FALSE_REGISTRAR):
        office.refused("FORBIDDEN", function, case["id"], *STEPS[function], as_=who)
    both = client("CopyrightMSP", "both", role="creator,registrar")
    own = office.submitted(office.work("own", as_=both), as_=both)
    for before in ROAD[: ROAD.index(AFTER.get(function, function))]:
        office.step(before, own, *STEPS[before], as_=SECOND if before == "ApproveRegistration" else REGISTRAR)
    office.refused("CONFLICT_OF_INTEREST", function, own["id"], *STEPS[function], as_=both)
    office.step(function, own, *STEPS[function], as_=SECOND)


@pytest.mark.parametrize("function", [name for name in STEPS if name != "BeginVerification"])
def test_no_step_is_skipped(office: Office, function: str) -> None:
    case = office.submitted(office.work())
    office.refused("WRONG_STATE", function, case["id"], *STEPS[function], as_=REGISTRAR)
    assert office.ask("Read", case["id"])["state"] == "SUBMITTED"


def test_refusals_need_reasons_and_set_the_work_free(office: Office) -> None:
    case = office.submitted(office.work())
    office.step("BeginVerification", case)
    office.refused("INVALID_FIELD", "RefuseRegistration", case["id"], [], as_=REGISTRAR)
    refused = office.step("RefuseRegistration", case, ["不构成作品"])
    assert refused["log"][-1]["reasons"] == ["不构成作品"]
    assert office.ask("Read", case["work_id"])["registration"] == ""
    again = office.do("SubmitRegistration", case["work_id"], application_form(), as_=ALICE)
    assert again["state"] == "SUBMITTED"


def test_a_late_correction_lapses(office: Office) -> None:
    case = office.submitted(office.work())
    office.step("BeginVerification", case)
    office.step("RequestCorrection", case, ["x"])
    office.refused("DEADLINE_RUNNING", "LapseRegistration", case["id"], as_=CAROL)
    office.later(days=60)
    office.refused("DEADLINE_PASSED", "SubmitCorrection", case["id"], application_form(), as_=ALICE)
    assert office.step("LapseRegistration", case, as_=CAROL)["state"] == "LAPSED"


def test_only_the_applicant_corrects_and_withdraws(office: Office) -> None:
    case = office.submitted(office.work())
    office.refused("NOT_APPLICANT", "WithdrawRegistration", case["id"], as_=BOB)
    office.refused("NOT_APPLICANT", "SubmitCorrection", case["id"], application_form(), as_=BOB)
    assert office.step("WithdrawRegistration", case, as_=ALICE)["state"] == "WITHDRAWN"


def test_an_application_needs_documents_owner_and_complete_work(office: Office) -> None:
    work = office.work()
    office.refused("DOCUMENTS_MISSING", "SubmitRegistration", work["id"], application_form(), as_=ALICE)
    office.refused("NOT_OWNER", "SubmitRegistration", work["id"], application_form(), as_=BOB)
    bare = office.work("bare", authors=None, completed=None)
    office.refused("WORK_INCOMPLETE", "SubmitRegistration", bare["id"], application_form(), as_=ALICE)
    office.submitted(work)
    office.refused("ALREADY_FILED", "SubmitRegistration", work["id"], application_form(), as_=ALICE)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"attribution": "employment"}, "PROOF_MISSING"),
        ({"acquisition": "inheritance"}, "PROOF_MISSING"),
        ({"attribution": "joint", "proofs": [{"kind": "cooperation_agreement", "sha256": "0" * 64}]}, "INVALID_FIELD"),
        ({"rights": ["everything"]}, "INVALID_FIELD"),
        ({"statement": {"purpose": "x", "process": "y"}}, "INVALID_FIELD"),
        ({"owners": [{"party": "CopyrightMSP/mallory", "name": "m", "kind": "natural"}]}, "INVALID_FIELD"),
        ({"similar": [{"work_id": "CZ20260101-000000000000", "method": "pdq"}]}, "NOT_FOUND"),
        ({"fee": 1}, "INVALID_FIELD"),
    ],
)
def test_wrong_applications(office: Office, changes: dict[str, object], code: str) -> None:
    work = office.work()
    office.do("PutOwnerDocuments", work["id"], as_=ALICE, transient=documents())
    office.refused(code, "SubmitRegistration", work["id"], application_form() | changes, as_=ALICE)


class TestOwnerDocuments:
    def test_the_ledger_shows_the_hash_of_ciphertext_only(self, office: Office) -> None:
        work = office.work()
        proposed = office.tester.propose("PutOwnerDocuments", work["id"], as_=ALICE, transient=documents())
        public = {key: value for key, value in proposed.writes.items() if key[1] == ""}
        assert public == {}
        assert RESIDENT not in str(proposed.response.payload)
        proposed.commit()
        case = office.do("SubmitRegistration", work["id"], application_form(), as_=ALICE)
        assert case["documents_hash"] == proposed.result
        assert RESIDENT not in json.dumps(case)
        ((_, _, key),) = [place for place in proposed.writes if place[1]]
        sealed = office.tester.ledger.state("copyright", "ownerDocuments")[key]
        assert hashlib.sha256(sealed).hexdigest() == case["documents_hash"]
        assert RESIDENT.encode() not in sealed
        office.do("LookAtOwnerDocuments", work["id"], as_=REGISTRAR)
        found = office.ask("ReadOwnerDocuments", work["id"], as_=REGISTRAR)
        assert found["owners"][0]["document_number"] == RESIDENT

    def test_strangers_do_not_read_or_write_them(self, office: Office) -> None:
        work = office.work()
        office.refused("NOT_OWNER", "PutOwnerDocuments", work["id"], as_=BOB, transient=documents())
        office.do("PutOwnerDocuments", work["id"], as_=ALICE, transient=documents())
        for who in (BOB, FALSE_REGISTRAR):
            with pytest.raises(ChaincodeError, match="NOT_OWNER"):
                office.ask("ReadOwnerDocuments", work["id"], as_=who)

    @pytest.mark.parametrize(
        "transient",
        [
            {},
            {"documents": b"{"},
            {"documents": b"[" * 60_000},
            {"documents": b"x" * 70_000},
            {"documents": documents()["documents"].replace(b"002X", b"0021")},
            {"documents": documents()["documents"].replace(b"0000", b"")},
            documents("CopyrightMSP/mallory"),
        ],
    )
    def test_wrong_documents(self, office: Office, transient: dict[str, bytes]) -> None:
        work = office.work()
        with pytest.raises(ChaincodeError) as caught:
            office.do("PutOwnerDocuments", work["id"], as_=ALICE, transient=transient)
        assert caught.value.code in ("DOCUMENTS_MISSING", "INVALID_FIELD")
        assert RESIDENT not in str(caught.value)


def test_changes_are_decided_by_the_office(office: Office) -> None:
    work = office.registered()
    office.refused("NOT_OWNER", "RequestChange", work["id"], {"title": "x"}, "y", as_=BOB)
    office.refused("INVALID_FIELD", "RequestChange", work["id"], {}, "y", as_=ALICE)
    office.refused("INVALID_FIELD", "RequestChange", work["id"], {"content": {}}, "y", as_=ALICE)
    change = office.do("RequestChange", work["id"], {"title": "莞邑春晓（修订）"}, "更正名称", as_=ALICE)
    office.refused("FORBIDDEN", "DecideChange", change["id"], True, ["ok"], as_=FALSE_REGISTRAR)
    office.do("DecideChange", change["id"], True, ["同意"], as_=REGISTRAR)
    assert office.ask("Read", work["id"])["title"] == "莞邑春晓（修订）"
    office.refused("WRONG_STATE", "DecideChange", change["id"], False, ["x"], as_=REGISTRAR)
    unregistered = office.work("b")
    office.refused("NOT_REGISTERED", "RequestChange", unregistered["id"], {"title": "x"}, "y", as_=ALICE)


def test_cancelling_needs_a_ground(office: Office) -> None:
    work = office.registered()
    case = {"id": work["registration"]}
    office.refused("INVALID_FIELD", "CancelRegistration", case["id"], "mood", ["x"], as_=REGISTRAR)
    cancelled = office.step("CancelRegistration", case, "judgment", ["(2026) 样例民初 1 号"])
    assert cancelled["state"] == "CANCELLED"
    assert office.ask("Read", work["id"])["number"] == ""


def test_a_clock_running_backwards_is_refused(office: Office) -> None:
    case = office.submitted(office.work())
    office.later(days=-1)
    office.refused("CLOCK_BACKWARDS", "BeginVerification", case["id"], as_=REGISTRAR)


class TestPolicy:
    RULES = policy.load()

    def test_working_days_skip_the_spring_festival_and_count_worked_weekends(self) -> None:
        assert self.RULES.working_days.after(date(2026, 2, 13), 1) == date(2026, 2, 14)
        assert self.RULES.working_days.after(date(2026, 2, 14), 1) == date(2026, 2, 24)
        assert self.RULES.working_days.after(date(2026, 9, 30), 1) == date(2026, 10, 8)

    def test_months_end_on_the_last_day(self) -> None:
        assert self.RULES.months_after(date(2025, 12, 31), 2) == date(2026, 2, 28)
        assert self.RULES.months_after(date(2023, 12, 31), 2) == date(2024, 2, 29)

    def test_the_offices_day_is_chinas(self) -> None:
        assert self.RULES.local_date(datetime(2026, 1, 1, 17, tzinfo=UTC)) == date(2026, 1, 2)

    def test_terms_of_protection(self) -> None:
        film = {"category": "audiovisual", "authors": [], "published": {"date": "1980-05-01"}, "completed": None}
        book = {"category": "literary", "authors": [{"name": "x"}], "published": None, "completed": None}
        earlier, case = policy.load("2026-1"), {"owners": [{"kind": "natural"}]}
        assert earlier.term(film, case)["until"] == "2030-12-31"
        assert earlier.term(book, case)["until"] is None
        book["authors"] = [{"name": "x", "died": "1980-01-01"}, {"name": "y", "died": "1990-07-01"}]
        assert earlier.term(book, case)["until"] == "2040-12-31", "what was registered under a version keeps its rule"

    def test_an_unknown_version_is_refused(self) -> None:
        with pytest.raises(ChaincodeError, match="UNKNOWN_POLICY"):
            policy.load("../secrets")


@pytest.mark.parametrize(
    ("number", "valid"), [(RESIDENT, True), ("110105194912310021", False), ("11010519491331002X", False), ("x", False)]
)
def test_resident_numbers(number: str, valid: bool) -> None:
    assert numbers.resident_id(number) is valid


@pytest.mark.parametrize(
    ("code", "valid"), [("91350100M000100Y43", True), ("91350100M000100Y44", False), ("91350100M000100Y4", False)]
)
def test_social_credit_codes(code: str, valid: bool) -> None:
    assert numbers.social_credit_code(code) is valid
