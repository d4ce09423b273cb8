"""How long a right lasts, by author and kind of work, and registration numbers without gaps."""

from __future__ import annotations

from typing import Any

import pytest

from chaincode.copyright import policy

from .conftest import ALICE, REGISTRAR, Office, application_form, work_form

RULES = policy.load("2026-2")
LIVING, DEAD, DEAD_LATER = ({"name": "x", "kind": "natural", "died": died} for died in ("", "1980-03-01", "1990-07-01"))
FIRM = {"name": "某公司", "kind": "legal"}
NOBODY = {"name": "佚名", "kind": "anonymous"}
Y1975, Y2000, Y2030 = ({"date": f"{year}-05-01"} for year in (1975, 2000, 2030))

# what: category, authors, published, completed, attribution → rule, last day
TERMS: dict[str, tuple[str, list[dict[str, str]], Any, Any, str, str, str | None]] = {
    "a living author's": ("literary", [LIVING], Y2000, Y2000, "individual", "natural", None),
    "a dead author's": ("literary", [DEAD], Y2000, Y2000, "individual", "natural", "2030-12-31"),
    "two authors': the last to die": ("literary", [DEAD, DEAD_LATER], None, None, "joint", "natural", "2040-12-31"),
    "two authors', one living": ("literary", [DEAD, LIVING], None, None, "joint", "natural", None),
    "a company's, published": ("art", [FIRM], Y2000, Y1975, "legal_entity", "entity", "2050-12-31"),
    "a company's, unpublished": ("art", [FIRM], None, Y1975, "legal_entity", "entity", "2025-12-31"),
    "a company's, published too late": ("art", [FIRM], Y2030, Y1975, "legal_entity", "entity", "2025-12-31"),
    "made for hire, the author's own": ("art", [DEAD], Y2000, Y2000, "employment", "natural", "2030-12-31"),
    "made for hire, the employer's": ("art", [LIVING], Y2000, Y2000, "employment_special", "entity", "2050-12-31"),
    "on commission": ("art", [DEAD], Y2000, Y2000, "commissioned", "natural", "2030-12-31"),
    "a film's, whoever made it": ("audiovisual", [LIVING], Y2000, Y2000, "individual", "audiovisual", "2050-12-31"),
    "nobody's": ("literary", [NOBODY], Y2000, Y2000, "individual", "anonymous", "2050-12-31"),
    "nobody's, unpublished": ("literary", [NOBODY], None, Y2000, "individual", "anonymous", None),
    "somebody's and nobody's": ("literary", [DEAD, NOBODY], Y2000, Y2000, "joint", "natural", None),
    "a person's program": ("software", [DEAD], Y2000, Y2000, "individual", "software_natural", "2030-12-31"),
    "a company's program": ("software", [FIRM], Y2000, Y2000, "legal_entity", "software_entity", "2050-12-31"),
    "a photograph of now": ("photograph", [DEAD_LATER], Y2000, Y2000, "individual", "natural", "2040-12-31"),
    "a photograph that had ended": (
        "photograph", [DEAD_LATER], {"date": "1970-06-01"}, None, "individual", "photograph_ended", "2020-12-31",
    ),
    "a photograph that had not": (
        "photograph", [DEAD_LATER], {"date": "1971-06-01"}, None, "individual", "natural", "2040-12-31",
    ),
    "a company's photograph": (
        "photograph", [FIRM], {"date": "1965-01-01"}, None, "legal_entity", "entity", "2015-12-31",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", TERMS)
def test_terms(what: str) -> None:
    category, authors, published, completed, attribution, rule, until = TERMS[what]
    work = {"category": category, "authors": authors, "published": published, "completed": completed}
    found = RULES.term(work, {"attribution": attribution, "owners": [{"kind": "legal"}]})
    assert (found["rule"], found["until"]) == (rule, until)
    assert "条" in found["article"]


def test_the_term_follows_the_author_and_not_who_owns_it_now(office: Office) -> None:
    """A company that bought a dead author's painting does not get fifty years from publication."""
    work = office.work("painting", authors=[{"name": "样例甲", "died": "1990-01-01"}], completed={"date": "1985-01-01"})
    case = office.submitted(work)
    for function in ("BeginVerification", "AcceptRegistration", "BeginExamination"):
        office.step(function, case)
    office.passed(case)
    issued = office.step("IssueCertificate", case)
    assert issued["right_until"] == "2040-12-31"
    assert issued["term"]["article"] == "著作权法第二十三条第一款"


def test_numbers_follow_each_other_without_gaps(office: Office) -> None:
    cases = []
    for number in range(4):
        case = office.submitted(office.work(f"w{number}", category=("art", "literary")[number % 2]))
        for function in ("BeginVerification", "AcceptRegistration", "BeginExamination"):
            office.step(function, case)
        office.passed(case)
        cases.append(case)
    office.refused("FORBIDDEN", "IssueCertificate", cases[0]["id"], as_=ALICE)
    numbers = [office.step("IssueCertificate", case)["number"] for case in cases]
    assert [one.split("-")[2:] for one in numbers] == [
        ["F", "00000001"],
        ["A", "00000002"],
        ["F", "00000003"],
        ["A", "00000004"],
    ]


def test_two_who_issue_at_once_do_not_take_one_number(office: Office) -> None:
    """Both read the same counter; only one of them commits, and the other's second try has the next number."""
    cases = []
    for seed in "ab":
        case = office.submitted(office.work(seed))
        for function in ("BeginVerification", "AcceptRegistration", "BeginExamination"):
            office.step(function, case)
        office.passed(case)
        cases.append(case)
    first, second = (office.tester.propose("IssueCertificate", one["id"], as_=REGISTRAR) for one in cases)
    assert first.result["number"] == second.result["number"]
    first.commit()
    assert second.commit() == "MVCC_READ_CONFLICT"
    assert office.step("IssueCertificate", cases[1])["number"].endswith("00000002")


SOFTWARE = {"version": "V1.0", "development": "independent", "lines": 12_000}


class TestSoftware:
    def test_it_is_registered_with_version_development_and_material(self, office: Office) -> None:
        work = office.work("p", category="software")
        office.refused("WORK_INCOMPLETE", "SubmitRegistration", work["id"], application_form(), as_=ALICE)
        office.do("AmendWork", work["id"], {"software": SOFTWARE}, "补全", as_=ALICE)
        office.refused("PROOF_MISSING", "SubmitRegistration", work["id"], application_form(), as_=ALICE)
        proof = {"kind": "source_code", "sha256": "1" * 64}
        case = office.submitted(office.ask("Read", work["id"]), proofs=[proof])
        assert case["state"] == "SUBMITTED"
        assert office.ask("Read", work["id"])["software"]["material"] == "general"

    @pytest.mark.parametrize(
        "software",
        [{"version": "1"}, SOFTWARE | {"development": "alone"}, SOFTWARE | {"lines": -1}, SOFTWARE | {"x": "y"}],
    )
    def test_wrong_fields(self, office: Office, software: dict[str, Any]) -> None:
        form = work_form("p", category="software", software=software)
        office.refused("INVALID_FIELD", "Deposit", form, as_=ALICE)

    def test_pictures_have_no_version(self, office: Office) -> None:
        office.refused("INVALID_FIELD", "Deposit", work_form("p", software=SOFTWARE), as_=ALICE)
