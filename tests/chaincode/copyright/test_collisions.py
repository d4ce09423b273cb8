"""Collisions: the theft of a published photograph, and everything that must hold before the office approves."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from baas.content.cid import DAG_PB, RAW, of_block
from chaincode.copyright.collisions import MOST_FOUND, PRINT_CHARACTERS
from fabric_sdk.chaincode.testing import client

from .conftest import ALICE, BOB, REGISTRAR, SECOND, Office, application_form, claim, documents, work_form

THIEF = client("CopyrightMSP", "thief", role="creator")
NEAR = {"method": "image", "score": 93, "detail": "18/256"}


def said(work: dict[str, Any], relation: str = "independent", words: str = "我也拍了这张") -> list[dict[str, str]]:
    return [{"work_id": work["id"], "relation": relation, "words": words}]


def examining(office: Office, work: dict[str, Any], who: Any = THIEF) -> dict[str, Any]:
    case = office.submitted(work, who)
    for function in ("BeginVerification", "AcceptRegistration", "BeginExamination"):
        office.step(function, case)
    return case


class TestDeposits:
    def test_the_same_bytes_of_somebody_else_need_a_word_about_theirs(self, office: Office) -> None:
        first = office.work()
        error = office.refused("COLLISION", "Deposit", work_form(), as_=THIEF)
        assert first["id"] in str(error) and "CopyrightMSP/alice" in str(error)
        office.refused("COLLISION", "DepositMany", [work_form("b"), work_form()], as_=THIEF)
        other = office.work("c")
        office.refused("COLLISION", "Deposit", work_form(relations=said(other)), as_=THIEF)
        taken = office.do("Deposit", work_form(relations=said(first)), as_=THIEF)
        assert (taken["earlier"], taken["relations"]) == ([first["id"]], said(first))

    @pytest.mark.parametrize(
        ("relations", "code"),
        [
            ([{"work_id": "CZ20260101-000000000000", "relation": "independent", "words": "x"}], "NOT_FOUND"),
            ([{"work_id": "", "relation": "independent", "words": "x"}], "INVALID_FIELD"),
            ([{"relation": "friends", "words": "x"}], "INVALID_FIELD"),
            ([{"relation": "independent", "words": ""}], "INVALID_FIELD"),
            ("all of them", "INVALID_FIELD"),
        ],
    )
    def test_a_word_is_one_of_the_offices_and_says_something(self, office: Office, relations: Any, code: str) -> None:
        first = office.work()
        if isinstance(relations, list):
            relations = [{"work_id": first["id"]} | one for one in relations]
        office.refused(code, "Deposit", work_form(relations=relations), as_=THIEF)

    @pytest.mark.parametrize("codec", [RAW, DAG_PB])
    def test_a_file_has_one_name(self, office: Office, codec: int) -> None:
        """Bits that base32 leaves over name the same bytes otherwise; with a false hash nothing else would collide."""
        form = work_form()
        cid = form["content"]["cid"] = of_block(b"a", codec).text
        office.do("Deposit", form, as_=ALICE)
        letters = "abcdefghijklmnopqrstuvwxyz234567"
        last = letters.index(cid[-1])
        for other in (*(cid[:-1] + letters[last + more] for more in (1, 2, 3)), cid[:7] + "z" + cid[8:]):
            form["content"] |= {"cid": other, "sha256": hashlib.sha256(b"lie").hexdigest()}
            error = office.refused("INVALID_FIELD", "Deposit", form, as_=THIEF)
            assert "content.cid" in str(error)

    def test_who_owns_the_earlier_work_or_names_it_as_source_is_asked_nothing(self, office: Office) -> None:
        first = office.work()
        sale = office.do("ProposeTransfer", first["id"], {"to": "DataBureauMSP/bob"}, as_=ALICE)
        office.do("AcceptTransfer", sale["id"], as_=BOB)
        assert office.do("Deposit", work_form(), as_=BOB)["earlier"] == [first["id"]]
        second = office.work("b")
        form = work_form("b", creation_kind="adaptation", sources=[{"work_id": second["id"]}])
        assert office.do("Deposit", form, as_=THIEF)["earlier"] == [second["id"]]

    def test_a_revoked_deposit_may_be_made_again(self, office: Office) -> None:
        first = office.work()
        office.refused("DUPLICATE_DEPOSIT", "Deposit", work_form(), as_=ALICE)
        office.do("RevokeDeposit", first["id"], "题名有误", as_=ALICE)
        again = office.do("Deposit", work_form(), as_=ALICE)
        assert (again["state"], again["earlier"]) == ("ACTIVE", [first["id"]])
        # Somebody else's deposit of it is still asked about: withdrawn is not undone.
        office.refused("COLLISION", "Deposit", work_form(), as_=THIEF)


class TestPrints:
    def test_they_lie_beside_the_record_for_everybody(self, office: Office) -> None:
        prints = {"image/1": base64.b64encode(bytes(32)).decode()}
        work = office.do("Deposit", work_form(prints=prints), as_=ALICE)
        assert work["prints"] == ["image/1"]
        assert office.ask("ReadPrints", work["id"], as_=BOB) == prints
        assert office.ask("ReadPrints", office.work("b")["id"]) == {}

    @pytest.mark.parametrize(
        "prints",
        [
            [],
            "AAAA",
            {"image/1": 7},
            {"image/1": ""},
            {"image/1": "nicht base64!"},
            {"../image": "AAAA"},
            {"image": "AAAA"},
            {f"a/{number}": "AAAA" for number in range(9)},
            {"a/1": "A" * PRINT_CHARACTERS, "b/1": "AAAA"},
        ],
    )
    def test_what_is_none_is_refused(self, office: Office, prints: object) -> None:
        office.refused("INVALID_FIELD", "Deposit", work_form(prints=prints), as_=ALICE)

    def test_sealed_works_have_none(self, office: Office) -> None:
        form = work_form(prints={"image/1": "AAAA"})
        form["content"] |= {"encrypted": True, "commitment": "1" * 64}
        del form["content"]["sha256"]
        office.refused("INVALID_FIELD", "Deposit", form, as_=ALICE)


class TestExamination:
    """What stands between a copy and its certificate, refusal by refusal."""

    def stolen(self, office: Office) -> tuple[dict[str, Any], dict[str, Any]]:
        first = office.work()
        taken = office.do("Deposit", work_form(relations=said(first)), as_=THIEF)
        return first, examining(office, taken)

    def test_the_same_bytes_are_found_though_nobody_names_them(self, office: Office) -> None:
        first, case = self.stolen(office)
        office.refused("NOT_COMPARED", "PassExamination", case["id"], "符合", as_=REGISTRAR)
        (entry,) = office.compare(case)["comparison"]["found"]
        assert (entry["work_id"], entry["method"], entry["own"]) == (first["id"], "exact", False)
        error = office.refused("OPINION_MISSING", "PassExamination", case["id"], "符合", as_=REGISTRAR)
        assert first["id"] in str(error)
        office.step("GiveOpinion", case, first["id"], "copy", "与在先存证逐字节相同")
        office.refused("FOUND_COPY", "PassExamination", case["id"], "符合", as_=REGISTRAR)
        refused = office.step("RefuseRegistration", case, ["系他人作品的复制"])
        assert refused["state"] == "REFUSED"

    def test_an_honest_collision_passes_with_its_opinion(self, office: Office) -> None:
        first, case = self.stolen(office)
        office.compare(case)
        office.step("GiveOpinion", case, first["id"], "prior", "申请人提供了原始底片")
        passed = office.step("PassExamination", case, "符合")
        assert (passed["state"], passed["examiner"]) == ("EXAMINED", "CopyrightMSP/registrar")
        office.refused("SAME_PERSON", "ApproveRegistration", case["id"], "同意", as_=REGISTRAR)
        office.refused("SAME_PERSON", "ReturnExamination", case["id"], ["x"], as_=REGISTRAR)
        assert office.step("ApproveRegistration", case, "同意", as_=SECOND)["state"] == "APPROVED"

    def test_what_looks_alike_wants_an_opinion_too_and_own_works_do_not(self, office: Office) -> None:
        near, own = office.work("near"), office.work("own", THIEF)
        case = examining(office, office.work("mine", THIEF))
        found = office.compare(case, {"work_id": near["id"], **NEAR}, {"work_id": own["id"], **NEAR})
        assert {one["work_id"]: one["own"] for one in found["comparison"]["found"]} == {
            near["id"]: False,
            own["id"]: True,
        }
        office.refused("OPINION_MISSING", "PassExamination", case["id"], "符合", as_=REGISTRAR)
        office.step("GiveOpinion", case, near["id"], "different", "构图、内容都不同")
        assert office.step("PassExamination", case, "符合")["state"] == "EXAMINED"

    def test_an_opinion_is_not_lost_by_comparing_again(self, office: Office) -> None:
        near = office.work("near")
        case = examining(office, office.work("mine", THIEF))
        office.compare(case, {"work_id": near["id"], **NEAR})
        office.step("GiveOpinion", case, near["id"], "copy", "局部相同")
        again = office.compare(case)
        assert [one["decision"] for one in again["comparison"]["found"]] == ["copy"]
        office.refused("FOUND_COPY", "PassExamination", case["id"], "符合", as_=REGISTRAR)
        changed = office.step("GiveOpinion", case, near["id"], "licensed", "已补交许可")
        opinions = [one for one in changed["log"] if "decision" in one]
        assert [(one["decision"], one["reasons"]) for one in opinions] == [
            ("copy", ["局部相同"]),
            ("licensed", ["已补交许可"]),
        ]

    def test_later_deposits_of_a_public_hash_hold_up_nobody(self, office: Office) -> None:
        """Who deposits the same afterwards contests the work; else anybody could keep it from being registered."""
        mine = office.work("mine", ALICE)
        case = examining(office, mine, ALICE)
        form = work_form("mine", relations=said(mine, "source", "是我的原作"))
        for number in range(3):
            form["content"] = form["content"] | {"cid": of_block(f"junk {number}".encode(), DAG_PB).text}
            office.do("Deposit", form, as_=THIEF)
        (entry,) = office.compare(case)["comparison"]["found"]
        assert (entry["method"], entry["own"], entry["later"]) == ("exact", False, True)
        again = office.do("Deposit", work_form("mine", relations=said(mine)), as_=THIEF)
        office.do("RevokeDeposit", again["id"], "再来", as_=THIEF)
        office.do("Deposit", work_form("mine", relations=said(mine)), as_=THIEF)
        office.step("PassExamination", case, "符合")
        office.do("OpenDispute", mine["id"], claim(), as_=BOB)
        office.refused("DISPUTED", "ApproveRegistration", case["id"], "同意", as_=SECOND)

    def test_more_later_deposits_than_a_comparison_holds_are_no_obstacle(self, office: Office) -> None:
        mine = office.work("mine", ALICE)
        case = examining(office, mine, ALICE)
        form = work_form("mine", relations=said(mine))
        junk = [of_block(f"junk {number}".encode(), DAG_PB).text for number in range(MOST_FOUND + 100)]
        forms = [form | {"content": form["content"] | {"cid": cid}} for cid in junk]
        for first in range(0, len(forms), 100):
            office.do("DepositMany", forms[first : first + 100], as_=THIEF)
        (entry,) = office.compare(case)["comparison"]["found"]
        assert entry["later"]
        assert office.step("PassExamination", case, "符合")["state"] == "EXAMINED"

    def test_of_one_depositors_earlier_ones_the_oldest_wants_an_opinion(self, office: Office) -> None:
        first = office.work()
        office.do("RevokeDeposit", first["id"], "题名有误", as_=ALICE)
        office.later(days=1)
        office.work()
        case = examining(office, office.do("Deposit", work_form(relations=said(first)), as_=THIEF))
        assert [one["work_id"] for one in office.compare(case)["comparison"]["found"]] == [first["id"]]

    def test_a_registrar_gives_no_opinion_about_a_work_of_their_own(self, office: Office) -> None:
        both = client("CopyrightMSP", "both", role="creator,registrar")
        own = office.work("own", both)
        case = examining(office, office.work("mine", THIEF))
        office.compare(case, {"work_id": own["id"], **NEAR})
        office.refused("CONFLICT_OF_INTEREST", "GiveOpinion", case["id"], own["id"], "copy", "抄我的", as_=both)
        sale = office.do("ProposeTransfer", own["id"], {"to": "DataBureauMSP/bob"}, as_=both)
        office.do("AcceptTransfer", sale["id"], as_=BOB)
        office.refused("CONFLICT_OF_INTEREST", "GiveOpinion", case["id"], own["id"], "copy", "抄我的", as_=both)
        office.step("GiveOpinion", case, own["id"], "different", "不同")

    def test_a_registrar_who_contests_a_work_decides_nothing_about_it(self, office: Office) -> None:
        work = office.work("mine", THIEF)
        case = examining(office, work)
        dispute = office.do("OpenDispute", work["id"], claim(), as_=REGISTRAR)
        other = office.do("OpenDispute", work["id"], claim(), as_=BOB)
        for function, *arguments in (
            ("RefuseRegistration", case["id"], ["系他人作品"]),
            ("RequestCorrection", case["id"], ["补正"]),
            ("CompareWork", case["id"], [], "content", 1, 1),
            ("AdmitDispute", other["id"], "属实"),
            ("ResolveDispute", other["id"], "upheld", ["属实"]),
        ):
            office.refused("CONFLICT_OF_INTEREST", str(function), *arguments, as_=REGISTRAR)
        office.do("WithdrawDispute", dispute["id"], "撤回", as_=REGISTRAR)
        assert office.step("RefuseRegistration", case, ["系他人作品"])["state"] == "REFUSED"

    def test_what_the_applicant_named_is_found_whatever_the_office_searched(self, office: Office) -> None:
        near = office.work("near")
        taken = office.do("Deposit", work_form("mine", relations=said(near)), as_=THIEF)
        case = examining(office, taken)
        assert [one["work_id"] for one in office.compare(case)["comparison"]["found"]] == [near["id"]]

    def test_a_work_that_was_not_opened_is_not_passed(self, office: Office) -> None:
        case = examining(office, office.work("mine", THIEF))
        for basis in ("none", "prints"):  # a thief's deposit may carry prints of another file
            office.step("CompareWork", case, [], basis, 10, 3)
            office.refused("NOT_COMPARED", "PassExamination", case["id"], "符合", as_=REGISTRAR)

    @pytest.mark.parametrize(
        ("arguments", "code"),
        [
            (([{"work_id": "CZ20260101-000000000000", **NEAR}], "content", 1, 1), "NOT_FOUND"),
            (([{"work_id": "?", **NEAR, "score": 101}], "content", 1, 1), "NOT_FOUND"),
            (([], "by eye", 1, 1), "INVALID_FIELD"),
            (([], "content", -1, 1), "INVALID_FIELD"),
        ],
    )
    def test_wrong_comparisons(self, office: Office, arguments: Any, code: str) -> None:
        case = examining(office, office.work("mine", THIEF))
        office.refused(code, "CompareWork", case["id"], *arguments, as_=REGISTRAR)

    @pytest.mark.parametrize("who", [ALICE, THIEF, BOB])
    def test_nobody_else_compares_or_gives_opinions(self, office: Office, who: Any) -> None:
        first, case = self.stolen(office)
        office.compare(case)
        office.refused("FORBIDDEN", "CompareWork", case["id"], [], "content", 1, 1, as_=who)
        office.refused("FORBIDDEN", "GiveOpinion", case["id"], first["id"], "different", "x", as_=who)

    def test_an_opinion_is_about_a_work_that_was_found(self, office: Office) -> None:
        _, case = self.stolen(office)
        other = office.work("other")
        office.refused("NOT_COMPARED", "GiveOpinion", case["id"], other["id"], "different", "x", as_=REGISTRAR)
        office.compare(case)
        office.refused("NOT_COMPARED", "GiveOpinion", case["id"], other["id"], "different", "x", as_=REGISTRAR)


def test_the_thief_first_at_the_office_is_met_by_the_author_after(office: Office) -> None:
    """The author deposited first and did not register: the thief's application stands before the office with it."""
    author = office.work("photo")
    office.do("PutOwnerDocuments", author["id"], as_=ALICE, transient=documents())
    taken = office.do("Deposit", work_form("photo", relations=said(author, "source", "他抄我的")), as_=THIEF)
    case = examining(office, taken)
    entry = office.compare(case)["comparison"]["found"][0]
    assert (entry["work_id"], entry["by"]) == (author["id"], "ledger")
    assert office.do("SubmitRegistration", author["id"], application_form(), as_=ALICE)["state"] == "SUBMITTED"
