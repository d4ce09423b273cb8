"""Clients that lie: each calls the contract directly, with whatever arguments, time and certificate it can make."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from baas.content.cid import RAW, of_block
from fabric_sdk.chaincode import ChaincodeError
from fabric_sdk.chaincode.testing import client

from .conftest import (
    ALICE,
    BOB,
    CAROL,
    REGISTRAR,
    RESIDENT,
    Office,
    application_form,
    clear_documents,
    documents,
    work_form,
)
from .test_rights import CONTRACT, DAVE, co_owned, licensed, pledge_terms, pledged
from .test_works import licence_terms

OTHER = client("DataBureauMSP", "erin", role="creator,licensee")


def transfer(office: Office, work: dict[str, Any], seller: Any, buyer: Any, share: int | None = None) -> dict[str, Any]:
    """A transfer that nobody else must consent to."""
    terms = {"to": f"{buyer.msp_id}/{buyer.name}"} | ({"share": share} if share else {})
    proposed = office.do("ProposeTransfer", work["id"], terms, as_=seller)
    for owner in (ALICE, BOB):
        if f"{owner.msp_id}/{owner.name}" in proposed["consents"]:
            office.do("ConsentTransfer", proposed["id"], as_=owner)
    found: dict[str, Any] = office.do("AcceptTransfer", proposed["id"], as_=buyer)
    return found


class TestTime:
    """The time of a transaction is its sender's word; the endorsing peer's clock holds it to the truth."""

    @pytest.mark.parametrize("away", [timedelta(days=-3650), timedelta(minutes=-11), timedelta(minutes=11)])
    def test_a_deposit_is_not_backdated(self, office: Office, away: timedelta) -> None:
        office.peers_clock = office.tester.now
        office.tester.now += away
        office.refused("CLOCK_DIFFERS", "Deposit", work_form(), as_=ALICE)

    def test_a_clock_a_little_off_is_borne_with(self, office: Office) -> None:
        office.peers_clock = office.tester.now
        office.later(minutes=9)
        office.do("Deposit", work_form(), as_=ALICE)

    def test_a_late_correction_is_not_backdated(self, office: Office) -> None:
        case = office.submitted(office.work())
        office.step("BeginVerification", case)
        office.step("RequestCorrection", case, ["请补充"])
        asked = office.tester.now
        office.peers_clock = asked + timedelta(days=70)
        office.tester.now = asked + timedelta(days=30)
        office.refused("CLOCK_DIFFERS", "SubmitCorrection", case["id"], application_form(), as_=ALICE)

    def test_questions_may_be_asked_with_a_wrong_clock(self, office: Office) -> None:
        work = office.work()
        office.peers_clock = office.tester.now + timedelta(days=400)
        assert office.ask("Read", work["id"]) == work

    def test_use_is_not_reported_before_it_happened(self, office: Office) -> None:
        licence = licensed(office, office.work())
        usage = {"from": "2026-01-01", "until": "2026-01-31", "unit": "次", "quantity": 3}
        office.refused("INVALID_FIELD", "RecordUsage", licence["id"], usage, as_=CAROL)


class TestOwnerDocuments:
    """What the office examined stays what it examined, and an identity card is shown to nobody else."""

    def test_they_are_not_exchanged_while_the_office_examines(self, office: Office) -> None:
        case = office.submitted(office.work())
        work_id = case["work_id"]
        office.refused("WRONG_STATE", "PutOwnerDocuments", work_id, as_=ALICE, transient=documents())
        office.step("BeginVerification", case)
        office.step("RequestCorrection", case, ["证件不清楚"])
        office.do("PutOwnerDocuments", work_id, as_=ALICE, transient=documents())

    def test_a_registered_works_documents_are_fixed(self, office: Office) -> None:
        work = office.registered()
        office.refused("WRONG_STATE", "PutOwnerDocuments", work["id"], as_=ALICE, transient=documents())

    def test_former_owners_papers_do_not_stand_for_the_new_owner(self, office: Office) -> None:
        work = office.work()
        office.do("PutOwnerDocuments", work["id"], as_=ALICE, transient=documents())
        transfer(office, work, ALICE, BOB)
        form = application_form("DataBureauMSP/bob")
        office.refused("DOCUMENTS_MISSING", "SubmitRegistration", work["id"], form, as_=BOB)

    def test_a_buyer_does_not_read_the_sellers_identity_card(self, office: Office) -> None:
        work = office.registered()
        transfer(office, work, ALICE, BOB)
        shown = office.ask("ReadOwnerDocuments", work["id"], as_=BOB)
        assert RESIDENT not in str(shown)
        assert office.ask("ReadOwnerDocuments", work["id"], as_=ALICE)["owners"][0]["document_number"] == RESIDENT

    def test_a_co_owner_reads_their_own_entry_and_no_salt(self, office: Office) -> None:
        work = office.work()
        transfer(office, work, ALICE, BOB, share=4000)
        both = ("CopyrightMSP/alice", "DataBureauMSP/bob")
        office.do("PutOwnerDocuments", work["id"], as_=ALICE, transient=documents(*both))
        shown = office.ask("ReadOwnerDocuments", work["id"], as_=BOB)
        assert [one["party"] for one in shown["owners"]] == ["DataBureauMSP/bob"]
        assert "salt" not in shown
        with pytest.raises(ChaincodeError, match="TRACE_MISSING"):
            office.ask("ReadOwnerDocuments", work["id"])
        office.do("LookAtOwnerDocuments", work["id"], as_=REGISTRAR)
        assert len(office.ask("ReadOwnerDocuments", work["id"])["owners"]) == 2
        assert [look["by"] for look in office.ask("ListLooks", work["id"], as_=ALICE)] == ["CopyrightMSP/registrar"]
        # A call that is dated back to the hour of an old trace: it opened the documents for ever.
        office.peers_clock = office.tester.now + timedelta(days=30)
        with pytest.raises(ChaincodeError, match="CLOCK_DIFFERS"):
            office.ask("ReadOwnerDocuments", work["id"])
        office.peers_clock = None
        office.later(minutes=16)
        with pytest.raises(ChaincodeError, match="TRACE_MISSING"):
            office.ask("ReadOwnerDocuments", work["id"])
        with pytest.raises(ChaincodeError, match="NOT_OWNER"):
            office.ask("ReadOwnerDocuments", work["id"], as_=CAROL)

    def test_documents_in_clear_are_sealed_and_erased_by_registrars_alone(self, office: Office) -> None:
        work = office.work()
        clear_documents(office, work)
        for step in ("SealOwnerDocuments", "PurgeClearDocuments"):
            office.refused("FORBIDDEN", step, work["id"], as_=ALICE)
        office.refused("NOT_SEALED", "PurgeClearDocuments", work["id"], as_=REGISTRAR)
        assert office.do("SealOwnerDocuments", work["id"], as_=REGISTRAR) is True
        office.do("PurgeClearDocuments", work["id"], as_=REGISTRAR)
        kept = office.tester.ledger.state("copyright", "ownerDocuments")
        assert kept and RESIDENT.encode() not in b"".join(kept.values())
        assert office.do("SealOwnerDocuments", work["id"], as_=REGISTRAR) is False
        office.do("LookAtOwnerDocuments", work["id"], as_=REGISTRAR)
        assert office.ask("ReadOwnerDocuments", work["id"])["owners"][0]["document_number"] == RESIDENT

    def test_older_papers_in_clear_do_not_take_the_place_of_newer_ones(self, office: Office) -> None:
        """Sealing what lay in clear wrote it over what had been handed in since."""
        work = office.work()
        clear_documents(office, work)
        newer = {"documents": documents()["documents"].replace(json.dumps("样例甲").strip('"').encode(), b"new")}
        office.do("PutOwnerDocuments", work["id"], as_=ALICE, transient=newer)
        assert office.do("SealOwnerDocuments", work["id"], as_=REGISTRAR) is True
        office.do("PurgeClearDocuments", work["id"], as_=REGISTRAR)
        office.do("LookAtOwnerDocuments", work["id"], as_=REGISTRAR)
        assert office.ask("ReadOwnerDocuments", work["id"])["owners"][0]["name"] == "new"


class TestOwnersWhoChangeInBetween:
    """A consent binds those who gave it: who came to own part of a work since was never asked."""

    def test_an_application_names_the_owners_of_now(self, office: Office) -> None:
        case = office.submitted(office.work())
        for function in ("BeginVerification", "AcceptRegistration", "BeginExamination"):
            office.step(function, case)
        transfer(office, {"id": case["work_id"]}, ALICE, BOB)
        office.compare(case)
        office.refused("OWNERS_CHANGED", "PassExamination", case["id"], "符合", as_=REGISTRAR)

    def test_an_approved_application_too(self, office: Office) -> None:
        case = office.submitted(office.work())
        for function in ("BeginVerification", "AcceptRegistration", "BeginExamination"):
            office.step(function, case)
        office.passed(case)
        transfer(office, {"id": case["work_id"]}, ALICE, BOB)
        office.refused("OWNERS_CHANGED", "IssueCertificate", case["id"], as_=REGISTRAR)

    def test_an_exclusive_licence(self, office: Office) -> None:
        work = office.work()
        offer = office.do("OfferLicence", work["id"], licence_terms(kind="exclusive"), as_=ALICE)
        transfer(office, work, ALICE, BOB, share=4000)
        office.refused("OWNERS_CHANGED", "AcceptLicence", offer["id"], as_=CAROL)

    def test_a_licence_of_a_work_pledged_since(self, office: Office) -> None:
        work = office.registered()
        offer = office.do("OfferLicence", work["id"], licence_terms(), as_=ALICE)
        pledged(office, work)
        office.refused("PLEDGED", "AcceptLicence", offer["id"], as_=CAROL)

    def test_a_pledge_between_signing_and_registration(self, office: Office) -> None:
        work = co_owned(office)
        pledge = office.do("ProposePledge", work["id"], pledge_terms(), as_=ALICE)
        office.do("ConsentPledge", pledge["id"], as_=BOB)
        office.do("AcceptPledge", pledge["id"], as_=DAVE)
        transfer(office, work, BOB, OTHER)
        office.refused("OWNERS_CHANGED", "RegisterPledge", pledge["id"], as_=REGISTRAR)

    def test_a_pledge_of_what_the_pledgor_sold(self, office: Office) -> None:
        work = office.registered()
        pledge = office.do("ProposePledge", work["id"], pledge_terms(), as_=ALICE)
        transfer(office, work, ALICE, BOB)
        office.refused("NOT_OWNER", "AcceptPledge", pledge["id"], as_=DAVE)


class TestRegistrars:
    """Nobody decides a case of their own, whatever they have become in between."""

    INSIDER = client("CopyrightMSP", "insider", role="registrar,creator,licensee")

    def test_not_their_own_application(self, office: Office) -> None:
        case = office.submitted(office.work("own", as_=self.INSIDER), as_=self.INSIDER)
        office.refused("CONFLICT_OF_INTEREST", "BeginVerification", case["id"], as_=self.INSIDER)

    def test_not_of_a_work_they_bought_meanwhile(self, office: Office) -> None:
        case = office.submitted(office.work())
        transfer(office, {"id": case["work_id"]}, ALICE, self.INSIDER, share=100)
        office.refused("CONFLICT_OF_INTEREST", "BeginVerification", case["id"], as_=self.INSIDER)

    def test_not_a_pledge_they_consented_to(self, office: Office) -> None:
        work = office.registered()
        transfer(office, work, ALICE, self.INSIDER, share=100)
        pledge = office.do("ProposePledge", work["id"], pledge_terms(), as_=ALICE)
        office.do("ConsentPledge", pledge["id"], as_=self.INSIDER)
        office.do("AcceptPledge", pledge["id"], as_=DAVE)
        office.refused("CONFLICT_OF_INTEREST", "RegisterPledge", pledge["id"], as_=self.INSIDER)

    @pytest.mark.parametrize("role", ["", "creator", "Registrar", "registrar2", "registrar;creator"])
    def test_a_role_is_the_whole_word(self, office: Office, role: str) -> None:
        case = office.submitted(office.work())
        who = client("CopyrightMSP", "almost", role=role)
        office.refused("FORBIDDEN", "BeginVerification", case["id"], as_=who)

    @pytest.mark.parametrize("msp_id", ["HospitalMSP", "CopyrightMSP2", "copyrightmsp"])
    def test_another_organisations_ca_makes_no_registrar(self, office: Office, msp_id: str) -> None:
        case = office.submitted(office.work())
        who = client(msp_id, "registrar", role="registrar", ou="admin")
        office.refused("FORBIDDEN", "BeginVerification", case["id"], as_=who)


class TestForgedArguments:
    def test_content_is_what_its_cid_says(self, office: Office) -> None:
        form = work_form()
        form["content"]["sha256"] = "0" * 64
        error = office.refused("INVALID_FIELD", "Deposit", form, as_=ALICE)
        assert "content.sha256" in str(error)

    def test_large_content_has_its_digest_taken_on_trust_but_its_cid_found(self, office: Office) -> None:
        first = office.work("first")
        form = work_form("other")
        form["content"] |= {"cid": of_block(b"node", RAW).text.replace("bafkrei", "bafybei")}
        form["content"]["sha256"] = first["content"]["sha256"]
        assert first["id"] in str(office.refused("COLLISION", "Deposit", form, as_=BOB))
        form["relations"] = [{"work_id": first["id"], "relation": "independent", "words": "另一份"}]
        later = office.do("Deposit", form, as_=BOB)
        assert later["earlier"] == [first["id"]], "who registers another's digest is shown the earlier work"

    @pytest.mark.parametrize(
        "forged",
        [
            {"owners": [{"party": "DataBureauMSP/bob", "share": 10_000}]},
            {"depositor": "DataBureauMSP/bob"},
            {"created": "2001-01-01T00:00:00Z"},
            {"number": "样例登字-2026-F-00000001"},
            {"registration": "DJ20260101-000000000000"},
            {"state": "REVOKED"},
            {"id": "CZ20260101-000000000000"},
            {"disputes": []},
            {"waiting": ["office"]},
        ],
    )
    def test_what_the_ledger_decides_is_no_argument(self, office: Office, forged: dict[str, Any]) -> None:
        office.refused("INVALID_FIELD", "Deposit", work_form(**forged), as_=ALICE)

    @pytest.mark.parametrize(
        ("function", "terms"),
        [
            ("OfferLicence", licence_terms(consents={}, state="ACTIVE")),
            ("OfferLicence", licence_terms(licensor="DataBureauMSP/bob")),
            ("ProposeTransfer", {"to": "DataBureauMSP/dave", "seller": "DataBureauMSP/bob"}),
            ("ProposeTransfer", {"to": "DataBureauMSP/dave", "share": 10_001}),
            ("ProposeTransfer", {"to": "DataBureauMSP/dave", "share": -1}),
            ("ProposeTransfer", {"to": "DataBureauMSP/dave", "share": True}),
            ("ProposeTransfer", {"to": "DataBureauMSP/dave", "share": 0.5}),
            ("ProposePledge", pledge_terms(consents={"DataBureauMSP/bob": "yes"})),
            ("ProposePledge", pledge_terms(debt_fen=0)),
            ("ProposePledge", pledge_terms(debt_until="2026-02-30")),
            ("ProposePledge", {key: value for key, value in pledge_terms().items() if key not in CONTRACT}),
        ],
    )
    def test_terms_that_reach_too_far(self, office: Office, function: str, terms: dict[str, Any]) -> None:
        office.refused("INVALID_FIELD", function, office.registered()["id"], terms, as_=ALICE)

    def test_an_id_of_another_kind_is_not_taken(self, office: Office) -> None:
        work = office.registered()
        for function in ("AcceptLicence", "AcceptTransfer", "AcceptPledge", "BeginVerification", "OpenDispute"):
            wrong = work["registration"] if function == "OpenDispute" else work["id"]
            arguments = ({"ground": "ownership", "statement": "x"},) if function == "OpenDispute" else ()
            office.refused("NOT_FOUND", function, wrong, *arguments, as_=REGISTRAR)

    @pytest.mark.parametrize("key", ["settings", "", "CZ", "\x00cid\x00", "CZ20260101-000000000000"])
    def test_no_other_key_of_the_ledger_is_read_as_a_record(self, office: Office, key: str) -> None:
        with pytest.raises(ChaincodeError):
            office.ask("Read", key)

    def test_a_change_keeps_completion_before_publication(self, office: Office) -> None:
        work = office.registered(published={"date": "2025-12-01"})
        change = office.do("RequestChange", work["id"], {"completed": {"date": "2025-12-24"}}, "更正", as_=ALICE)
        office.refused("INVALID_FIELD", "DecideChange", change["id"], True, ["同意"], as_=REGISTRAR)
        assert office.do("DecideChange", change["id"], False, ["顺序不对"], as_=REGISTRAR)["state"] == "REFUSED"

    def test_a_change_of_the_authors_counts_the_term_anew(self, office: Office) -> None:
        work = office.registered()
        assert office.ask("Read", work["registration"])["right_until"] is None
        authors = {"authors": [{"name": "样例甲", "died": "1980-03-01"}]}
        change = office.do("RequestChange", work["id"], authors, "补充", as_=ALICE)
        office.do("DecideChange", change["id"], True, ["属实"], as_=REGISTRAR)
        assert office.ask("Read", work["registration"])["right_until"] == "2030-12-31"
        late = pledge_terms(debt_until="2031-01-01")
        office.refused("RIGHT_EXPIRES", "ProposePledge", work["id"], late, as_=ALICE)


class TestIdentities:
    @pytest.mark.parametrize("name", ["a/b", "", "x" * 200, "alice\n", "al\x00ice"])
    def test_names_that_could_be_taken_for_another(self, office: Office, name: str) -> None:
        try:
            who = client("CopyrightMSP", name, role="creator")
        except ValueError:
            pytest.skip("no certificate can carry this name")
        with pytest.raises(ChaincodeError, match="BAD_CREATOR"):
            office.do("Deposit", work_form(), as_=who)

    def test_the_same_name_in_another_organisation_is_somebody_else(self, office: Office) -> None:
        work = office.work()
        namesake = client("HospitalMSP", "alice", role="creator")
        office.refused("NOT_OWNER", "ProposeTransfer", work["id"], {"to": "DataBureauMSP/dave"}, as_=namesake)
        office.refused("NOT_OWNER", "RevokeDeposit", work["id"], "x", as_=namesake)

    def test_nobody_makes_another_organisation_the_office(self) -> None:
        office = Office.__new__(Office)
        from chaincode.copyright import CopyrightContract
        from fabric_sdk.chaincode.testing import ContractTester

        tester = ContractTester(CopyrightContract(clock=lambda: tester.now))
        office.tester = tester
        settings = {"office_msp": "CopyrightMSP", "office_name": "x", "number_prefix": "x"}
        for who in (
            client("HospitalMSP", "admin", ou="admin"),
            client("CopyrightMSP", "alice", role="creator"),
            client("CopyrightMSP", "admin", role="admin"),
        ):
            office.refused("FORBIDDEN", "Configure", settings, as_=who)
