"""Corrections, amendments, changes, cancellations: what the owners may have changed, by whom, and what is kept."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import ALICE, BOB, CAROL, REGISTRAR, SECOND, Office, application_form, documents

WRONG_ID = {"owners": [{"party": "DataBureauMSP/bob", "name": "样例甲", "kind": "natural"}]}


def shared(office: Office, work: dict[str, Any], share: int = 4_000) -> dict[str, Any]:
    sale = office.do("ProposeTransfer", work["id"], {"to": "DataBureauMSP/bob", "share": share}, as_=ALICE)
    office.do("AcceptTransfer", sale["id"], as_=BOB)
    found: dict[str, Any] = office.ask("Read", work["id"])
    return found


class TestAmendments:
    def test_what_is_missing_is_filled_in_before_an_application(self, office: Office) -> None:
        work = office.work(authors=None, completed=None)
        office.refused("WORK_INCOMPLETE", "SubmitRegistration", work["id"], application_form(), as_=ALICE)
        facts = {"authors": [{"name": "样例甲"}], "completed": {"date": "2025-11-18"}}
        amended = office.do("AmendWork", work["id"], facts, "补全", as_=ALICE)
        assert amended["authors"][0]["name"] == "样例甲"
        assert amended["amended"][0]["before"] == {"authors": [], "completed": None}
        assert office.submitted(amended)["state"] == "SUBMITTED"

    def test_a_wrong_title_is_corrected_and_the_old_one_kept(self, office: Office) -> None:
        work = office.work()
        amended = office.do("AmendWork", work["id"], {"title": "莞邑春晓（定稿）"}, "题名有误", as_=ALICE)
        assert (amended["title"], amended["amended"][0]["before"]["title"]) == ("莞邑春晓（定稿）", work["title"])
        assert [one["record"]["title"] for one in office.ask("History", work["id"])] == [
            "莞邑春晓（定稿）",
            work["title"],
        ]

    @pytest.mark.parametrize(
        ("entries", "code"),
        [
            ({}, "INVALID_FIELD"),
            ({"title": "莞邑春晓 a"}, "INVALID_FIELD"),
            ({"title": ""}, "INVALID_FIELD"),
            ({"content": {"cid": "x"}}, "INVALID_FIELD"),
            ({"owners": []}, "INVALID_FIELD"),
            ({"number": "样例登字-2026-F-00000001"}, "INVALID_FIELD"),
            ({"published": {"date": "2020-01-01"}}, "INVALID_FIELD"),
            ({"completed": {"date": "2999-01-01"}}, "INVALID_FIELD"),
            ({"software": {"version": "1.0", "development": "independent"}}, "INVALID_FIELD"),
            ({"creation_kind": "adaptation"}, "INVALID_FIELD"),
            ({"sources": [{"description": "x"}]}, "INVALID_FIELD"),
        ],
    )
    def test_wrong_amendments(self, office: Office, entries: dict[str, Any], code: str) -> None:
        office.refused(code, "AmendWork", office.work()["id"], entries, "x", as_=ALICE)

    def test_by_whom_and_when(self, office: Office) -> None:
        work = office.work()
        office.refused("NOT_OWNER", "AmendWork", work["id"], {"title": "x"}, "x", as_=BOB)
        office.refused("INVALID_FIELD", "AmendWork", work["id"], {"title": "x"}, "", as_=ALICE)
        shared(office, work)
        office.refused("NOT_SOLE_OWNER", "AmendWork", work["id"], {"title": "x"}, "x", as_=BOB)
        published = {"published": {"date": "2025-12-01"}}
        assert office.do("AmendWork", work["id"], published, "补全", as_=BOB)["published"]["date"] == "2025-12-01"
        filed = office.work("filed")
        office.submitted(filed)
        office.refused("ALREADY_FILED", "AmendWork", filed["id"], {"title": "x"}, "x", as_=ALICE)
        gone = office.work("gone")
        office.do("RevokeDeposit", gone["id"], "x", as_=ALICE)
        office.refused("WRONG_STATE", "AmendWork", gone["id"], {"title": "x"}, "x", as_=ALICE)

    def test_the_family_tree_follows(self, office: Office) -> None:
        first, other, work = office.work("first"), office.work("other"), office.work("work")
        entries = {"creation_kind": "adaptation", "sources": [{"work_id": first["id"]}]}
        office.do("AmendWork", work["id"], entries, "补全", as_=ALICE)
        office.do("AmendWork", work["id"], {"sources": [{"work_id": other["id"]}]}, "更正", as_=ALICE)
        assert {one["id"] for one in office.ask("FamilyTree", other["id"])["works"]} == {other["id"], work["id"]}
        assert len(office.ask("FamilyTree", first["id"])["works"]) == 1
        own = {"sources": [{"work_id": work["id"]}]}
        office.refused("INVALID_FIELD", "AmendWork", work["id"], own, "x", as_=ALICE)


class TestCorrections:
    def asked(self, office: Office, *fields: str) -> dict[str, Any]:
        case = office.submitted(office.work())
        office.step("BeginVerification", case)
        return office.step("RequestCorrection", case, ["请更正"], list(fields))

    def test_every_named_field_changes_and_both_versions_are_kept(self, office: Office) -> None:
        case = self.asked(office, "title", "statement", "authors")
        statement = {"purpose": "记录家乡", "process": "写生三次后上色", "originality": "构图与用色"}
        entries = {"title": "莞邑春晓（二）", "authors": [{"name": "样例乙"}]}
        form = application_form(statement=statement) | {"entries": entries}
        done = office.step("SubmitCorrection", case, form, as_=ALICE)
        (kept,) = done["corrections"]
        assert set(kept["before"]) == set(kept["after"]) == {"title", "statement", "authors"}
        assert (kept["before"]["title"], kept["after"]["title"]) == ("莞邑春晓 a", "莞邑春晓（二）")
        assert kept["before"]["statement"]["process"] == "写生后上色"
        assert office.ask("Read", case["work_id"])["title"] == "莞邑春晓（二）"

    @pytest.mark.parametrize(
        ("named", "form", "code"),
        [
            (["title"], application_form(), "NOT_CORRECTED"),
            (["title"], application_form() | {"entries": {"title": "莞邑春晓 a"}}, "NOT_CORRECTED"),
            (["documents"], application_form(), "NOT_CORRECTED"),
            (["title"], application_form() | {"entries": {"title": "x", "note": "y"}}, "NOT_ASKED"),
            (["title"], application_form(rights=["network"]) | {"entries": {"title": "x"}}, "NOT_ASKED"),
            (["statement"], application_form() | {"entries": {"category": "literary"}}, "NOT_ASKED"),
            (["owners"], application_form(**WRONG_ID), "INVALID_FIELD"),
            (["title"], application_form() | {"entries": {"content": {}}}, "INVALID_FIELD"),
        ],
    )
    def test_no_other_field_and_none_left_out(
        self, office: Office, named: list[str], form: dict[str, Any], code: str
    ) -> None:
        case = self.asked(office, *named)
        office.refused(code, "SubmitCorrection", case["id"], form, as_=ALICE)

    def test_what_the_office_asks_for_is_a_field(self, office: Office) -> None:
        case = office.submitted(office.work())
        office.step("BeginVerification", case)
        office.refused("INVALID_FIELD", "RequestCorrection", case["id"], ["x"], ["mood"], as_=REGISTRAR)
        office.refused("INVALID_FIELD", "RequestCorrection", case["id"], ["x"], [], as_=REGISTRAR)

    def test_a_field_that_is_right_may_be_explained(self, office: Office) -> None:
        case = self.asked(office, "title")
        form = application_form() | {"explanation": "题名即为原题，见扉页"}
        done = office.step("SubmitCorrection", case, form, as_=ALICE)
        assert done["corrections"][0] | {"at": ""} == {
            "at": "",
            "before": {},
            "after": {},
            "explanation": "题名即为原题，见扉页",
        }

    def test_new_documents_answer_for_documents(self, office: Office) -> None:
        case = self.asked(office, "documents")
        given = documents()
        given["documents"] = given["documents"].replace("样例甲".encode(), "样例甲一".encode())
        given["documents"] = given["documents"].replace(b"00" * 16, b"01" * 16)
        office.do("PutOwnerDocuments", case["work_id"], as_=ALICE, transient=given)
        assert office.step("SubmitCorrection", case, application_form(), as_=ALICE)["state"] == "SUBMITTED"


class TestChanges:
    def test_all_owners_consent_and_what_stood_there_is_kept(self, office: Office) -> None:
        work = shared(office, office.registered())
        change = office.do("RequestChange", work["id"], {"title": "定稿"}, "更正", as_=ALICE)
        assert change["consents"] == {"DataBureauMSP/bob": ""}
        office.refused("CONSENT_MISSING", "DecideChange", change["id"], True, ["属实"], as_=REGISTRAR)
        office.refused("NOT_ASKED", "ConsentChange", change["id"], as_=CAROL)
        office.do("ConsentChange", change["id"], as_=BOB)
        approved = office.do("DecideChange", change["id"], True, ["属实"], as_=REGISTRAR)
        assert approved["before"] == {"title": "莞邑春晓 a"}
        case = office.ask("Read", work["registration"])
        assert case["outdated"] == change["id"], "a new certificate is due"

    def test_who_bought_a_share_meanwhile_is_asked(self, office: Office) -> None:
        work = office.registered()
        change = office.do("RequestChange", work["id"], {"title": "定稿"}, "更正", as_=ALICE)
        shared(office, work)
        office.refused("OWNERS_CHANGED", "DecideChange", change["id"], True, ["属实"], as_=REGISTRAR)
        office.do("WithdrawChange", change["id"], as_=ALICE)

    def test_the_category_stands_in_the_number_and_does_not_change(self, office: Office) -> None:
        work = office.registered()
        office.refused("INVALID_FIELD", "RequestChange", work["id"], {"category": "literary"}, "x", as_=ALICE)


class TestCancellations:
    def test_owners_apply_and_the_office_decides(self, office: Office) -> None:
        work = shared(office, office.registered())
        number = work["number"]
        office.refused(
            "APPLICATION_NEEDED", "CancelRegistration", work["registration"], "owner_request", ["x"], as_=REGISTRAR
        )
        office.refused("NOT_OWNER", "RequestCancellation", work["id"], {"reason": "x"}, as_=CAROL)
        asked = office.do("RequestCancellation", work["id"], {"reason": "不再需要"}, as_=ALICE)
        office.refused("CONSENT_MISSING", "DecideCancellation", asked["id"], True, ["同意"], as_=REGISTRAR)
        office.do("ConsentCancellation", asked["id"], as_=BOB)
        office.refused("FORBIDDEN", "DecideCancellation", asked["id"], True, ["同意"], as_=ALICE)
        office.do("DecideCancellation", asked["id"], True, ["同意"], as_=REGISTRAR)
        case, after = office.ask("Read", work["registration"]), office.ask("Read", work["id"])
        assert (case["state"], case["cancelled"]["ground"]) == ("CANCELLED", "owner_request")
        assert (after["number"], after["registration"]) == ("", "")
        assert [one["number"] for one in after["cancelled"]] == [number]
        assert office.ask("Find", "number", number)[0]["cancelled"], "who looks the number up learns of it"
        assert office.ask("ListQueue", "registrations", "CANCELLED", 10)["items"][0]["id"] == case["id"]
        assert office.ask("ListQueue", "registrations", "PUBLISHED", 10)["items"] == []
        office.refused("NOT_REGISTERED", "DecideCancellation", self.again(office, after), True, ["x"], as_=REGISTRAR)

    def again(self, office: Office, work: dict[str, Any]) -> str:
        """An application that was open when another one cancelled the registration."""
        other = office.registered("other")
        first, second = (office.do("RequestCancellation", other["id"], {"reason": "x"}, as_=ALICE) for _ in "ab")
        office.do("DecideCancellation", first["id"], True, ["x"], as_=REGISTRAR)
        return str(second["id"])

    def test_not_while_pledged_and_not_by_default(self, office: Office) -> None:
        work = office.registered()
        asked = office.do("RequestCancellation", work["id"], {"reason": "x"}, as_=ALICE)
        office.refused("BAD_ARGUMENTS", "DecideCancellation", asked["id"], as_=REGISTRAR)
        office.do("WithdrawCancellation", asked["id"], as_=ALICE)
        office.refused("WRONG_STATE", "DecideCancellation", asked["id"], True, ["x"], as_=REGISTRAR)
        plain = office.work("plain")
        office.refused("NOT_REGISTERED", "RequestCancellation", plain["id"], {"reason": "x"}, as_=ALICE)

    def test_a_cancelled_work_may_be_registered_again_under_a_new_number(self, office: Office) -> None:
        work = office.registered()
        office.do("CancelRegistration", work["registration"], "judgment", ["(2026) 样例民初 1 号"], as_=REGISTRAR)
        case = office.submitted(office.ask("Read", work["id"]))
        for function in ("BeginVerification", "AcceptRegistration", "BeginExamination"):
            office.step(function, case)
        office.passed(case)
        assert office.step("IssueCertificate", case, as_=SECOND)["number"] > work["number"]
