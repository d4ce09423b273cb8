"""The life of the right: licences, transfers, pledges, disputes, infringements, usage, with every refusal."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaincode.copyright.licences import split
from fabric_sdk.chaincode.testing import client

from .conftest import ALICE, BOB, CAROL, FALSE_REGISTRAR, REGISTRAR, Office, claim
from .test_works import licence_terms

DAVE = client("DataBureauMSP", "dave", role="licensee,creator")
CONTRACT = {"contract_sha256": "1" * 64}


def licensed(office: Office, work: dict[str, Any], who: Any = CAROL, **changes: Any) -> dict[str, Any]:
    terms = licence_terms(licensee=f"{who.msp_id}/{who.name}", **changes)
    licence = office.do("OfferLicence", work["id"], terms, as_=ALICE)
    found: dict[str, Any] = office.do("AcceptLicence", licence["id"], as_=who)
    return found


def co_owned(office: Office, seed: str = "co") -> dict[str, Any]:
    """A registered work that alice (60 %) and bob (40 %) own."""
    work = office.registered(seed)
    transfer = office.do("ProposeTransfer", work["id"], {"to": "DataBureauMSP/bob", "share": 4000}, as_=ALICE)
    office.do("AcceptTransfer", transfer["id"], as_=BOB)
    found: dict[str, Any] = office.ask("Read", work["id"])
    return found


class TestLicences:
    def test_both_sides_sign(self, office: Office) -> None:
        work = office.work()
        offer = office.do("OfferLicence", work["id"], licence_terms(), as_=ALICE)
        assert offer["state"] == "OFFERED"
        office.refused("NOT_LICENSEE", "AcceptLicence", offer["id"], as_=BOB)
        assert office.do("AcceptLicence", offer["id"], as_=CAROL)["state"] == "ACTIVE"
        office.refused("WRONG_STATE", "AcceptLicence", offer["id"], as_=CAROL)
        office.refused("WRONG_STATE", "WithdrawLicence", offer["id"], as_=ALICE)

    def test_only_owners_license(self, office: Office) -> None:
        office.refused("NOT_OWNER", "OfferLicence", office.work()["id"], licence_terms(), as_=BOB)

    @pytest.mark.parametrize(
        ("first", "second", "refused"),
        [
            ("ordinary", "ordinary", False),
            ("exclusive", "ordinary", True),
            ("ordinary", "exclusive", True),
            ("sole", "ordinary", True),
            ("exclusive", "exclusive", True),
            ("sole", "sole", True),
        ],
    )
    def test_conflicts(self, office: Office, first: str, second: str, refused: bool) -> None:
        work = office.work()
        licensed(office, work, kind=first)
        terms = licence_terms(licensee="DataBureauMSP/dave", kind=second, territory="CN-GD")
        if refused:
            office.refused("LICENCE_CONFLICT", "OfferLicence", work["id"], terms, as_=ALICE)
        else:
            office.do("OfferLicence", work["id"], terms, as_=ALICE)

    @pytest.mark.parametrize(
        "other",
        [
            {"rights": ["translation"]},
            {"territory": "US"},
            {"from": "2027-01-01", "until": "2027-12-31"},
        ],
    )
    def test_exclusive_licences_beside_each_other(self, office: Office, other: dict[str, Any]) -> None:
        work = office.work()
        licensed(office, work, kind="exclusive")
        licensed(office, work, DAVE, kind="exclusive", **other)

    def test_two_exclusive_offers_and_only_one_is_accepted(self, office: Office) -> None:
        work = office.work()
        offers = [
            office.do("OfferLicence", work["id"], licence_terms(licensee=one, kind="exclusive"), as_=ALICE)
            for one in ("HospitalMSP/carol", "DataBureauMSP/dave")
        ]
        office.do("AcceptLicence", offers[0]["id"], as_=CAROL)
        office.refused("LICENCE_CONFLICT", "AcceptLicence", offers[1]["id"], as_=DAVE)

    def test_two_acceptances_in_one_block_conflict(self, office: Office) -> None:
        work = office.work()
        offers = [
            office.do("OfferLicence", work["id"], licence_terms(licensee=one, kind="exclusive"), as_=ALICE)
            for one in ("HospitalMSP/carol", "DataBureauMSP/dave")
        ]
        first = office.tester.propose("AcceptLicence", offers[0]["id"], as_=CAROL)
        second = office.tester.propose("AcceptLicence", offers[1]["id"], as_=DAVE)
        assert first.commit() == "VALID"
        assert second.commit() == "MVCC_READ_CONFLICT"

    def test_an_ended_licence_stands_in_nobodys_way(self, office: Office) -> None:
        work = office.work()
        licence = licensed(office, work, kind="exclusive")
        asked = office.do("TerminateLicence", licence["id"], "改版", as_=ALICE)
        assert asked["state"] == "ACTIVE"
        office.do("TerminateLicence", licence["id"], "同意", as_=CAROL)
        licensed(office, work, DAVE, kind="exclusive")

    def test_sublicences_stay_within(self, office: Office) -> None:
        work = office.work()
        plain = licensed(office, work)
        terms = licence_terms(licensee="DataBureauMSP/dave", parent=plain["id"])
        office.refused("NO_SUBLICENSING", "OfferLicence", work["id"], terms, as_=CAROL)
        wide = licensed(office, work, sublicensing=True, rights=["network", "broadcasting"])
        terms["parent"] = wide["id"]
        office.refused("NOT_LICENSEE", "OfferLicence", work["id"], terms, as_=BOB)
        for change in ({"rights": ["translation"]}, {"territory": "WORLD"}, {"until": "2027-01-01"}, {"kind": "sole"}):
            office.refused("BEYOND_LICENCE", "OfferLicence", work["id"], terms | change, as_=CAROL)
        offer = office.do("OfferLicence", work["id"], terms, as_=CAROL)
        assert office.do("AcceptLicence", offer["id"], as_=DAVE)["state"] == "ACTIVE"

    def test_co_owners_must_consent_to_exclusive_ones(self, office: Office) -> None:
        work = co_owned(office)
        office.do("OfferLicence", work["id"], licence_terms(), as_=ALICE)
        offer = office.do("OfferLicence", work["id"], licence_terms(kind="exclusive"), as_=ALICE)
        office.refused("CONSENT_MISSING", "AcceptLicence", offer["id"], as_=CAROL)
        office.refused("NOT_ASKED", "ConsentLicence", offer["id"], as_=DAVE)
        office.do("ConsentLicence", offer["id"], as_=BOB)
        assert office.do("AcceptLicence", offer["id"], as_=CAROL)["state"] == "ACTIVE"

    @pytest.mark.parametrize(
        "terms",
        [
            {"until": "2025-12-31"},
            {"from": "2026-12-31", "until": "2026-01-01"},
            {"territory": "Mars"},
            {"rights": []},
            {"royalty_bp": 10_001},
            {"fee_fen": -1},
            {"licensee": "carol"},
            {"kind": "friendly"},
        ],
    )
    def test_wrong_terms(self, office: Office, terms: dict[str, Any]) -> None:
        office.refused("INVALID_FIELD", "OfferLicence", office.work()["id"], licence_terms(**terms), as_=ALICE)


class TestUsage:
    def test_royalties_are_split_by_shares(self, office: Office) -> None:
        work = co_owned(office)
        licence = licensed(office, work, royalty_bp=1000, unit_fen=1)
        office.later(days=40)
        usage = {"from": "2026-01-01", "until": "2026-01-31", "unit": "次", "quantity": 3, "revenue_fen": 10_000}
        office.refused("NOT_LICENSEE", "RecordUsage", licence["id"], usage, as_=BOB)
        record = office.do("RecordUsage", licence["id"], usage, as_=CAROL)
        assert record["royalty_fen"] == 1003
        assert {one["party"]: one["fen"] for one in record["split"]} == {
            "CopyrightMSP/alice": 602,
            "DataBureauMSP/bob": 401,
        }
        office.refused("USAGE_COUNTED", "RecordUsage", licence["id"], usage, as_=CAROL)
        office.refused("INVALID_FIELD", "RecordUsage", licence["id"], usage | {"until": "2027-05-01"}, as_=CAROL)
        office.refused("NOT_LICENSOR", "SettleUsage", record["id"], True, "", as_=CAROL)
        assert office.do("SettleUsage", record["id"], True, "", as_=ALICE)["state"] == "SETTLED"
        assert [one["id"] for one in office.ask("ListUsage", licence["id"])] == [record["id"]]

    @given(st.integers(0, 10**12), st.lists(st.integers(1, 100), min_size=1, max_size=8))
    def test_no_fen_is_lost(self, amount: int, weights: list[int]) -> None:
        shares = [10_000 * weight // sum(weights) for weight in weights]
        shares[0] += 10_000 - sum(shares)
        owners = [{"party": f"M/{number}", "share": share} for number, share in enumerate(shares)]
        parts = split(amount, owners)
        assert sum(one["fen"] for one in parts) == amount
        for one, share in zip(parts, shares, strict=True):
            assert abs(one["fen"] - amount * share / 10_000) < 1.01


class TestTransfers:
    def test_owner_proposes_buyer_accepts(self, office: Office) -> None:
        work = office.work()
        office.refused("NOT_OWNER", "ProposeTransfer", work["id"], {"to": "DataBureauMSP/dave"}, as_=BOB)
        transfer = office.do("ProposeTransfer", work["id"], {"to": "DataBureauMSP/bob"}, as_=ALICE)
        office.refused("NOT_BUYER", "AcceptTransfer", transfer["id"], as_=ALICE)
        office.do("AcceptTransfer", transfer["id"], as_=BOB)
        assert office.ask("Read", work["id"])["owners"] == [{"party": "DataBureauMSP/bob", "share": 10_000}]
        assert office.ask("ListMine", "works", 10, "", as_=ALICE)["items"] == []
        assert len(office.ask("ListMine", "works", 10, "", as_=BOB)["items"]) == 1
        office.refused("NOT_OWNER", "ProposeTransfer", work["id"], {"to": "DataBureauMSP/dave"}, as_=ALICE)

    def test_the_same_share_is_not_sold_twice(self, office: Office) -> None:
        work = office.work()
        first = office.do("ProposeTransfer", work["id"], {"to": "DataBureauMSP/bob"}, as_=ALICE)
        second = office.do("ProposeTransfer", work["id"], {"to": "DataBureauMSP/dave"}, as_=ALICE)
        office.do("AcceptTransfer", first["id"], as_=BOB)
        office.refused("OWNERS_CHANGED", "AcceptTransfer", second["id"], as_=DAVE)

    def test_all_co_owners_consent(self, office: Office) -> None:
        work = co_owned(office)
        transfer = office.do("ProposeTransfer", work["id"], {"to": "HospitalMSP/carol"}, as_=ALICE)
        office.refused("CONSENT_MISSING", "AcceptTransfer", transfer["id"], as_=CAROL)
        office.do("ConsentTransfer", transfer["id"], as_=BOB)
        office.do("AcceptTransfer", transfer["id"], as_=CAROL)
        owners = {one["party"]: one["share"] for one in office.ask("Read", work["id"])["owners"]}
        assert owners == {"DataBureauMSP/bob": 4000, "HospitalMSP/carol": 6000}

    def test_a_co_owner_may_say_no(self, office: Office) -> None:
        work = co_owned(office)
        transfer = office.do("ProposeTransfer", work["id"], {"to": "HospitalMSP/carol"}, as_=ALICE)
        office.refused("NOT_BUYER", "RejectTransfer", transfer["id"], "x", as_=DAVE)
        office.do("RejectTransfer", transfer["id"], "不同意", as_=BOB)
        office.refused("WRONG_STATE", "AcceptTransfer", transfer["id"], as_=CAROL)

    def test_a_disputed_work_does_not_move(self, office: Office) -> None:
        work = office.work()
        transfer = office.do("ProposeTransfer", work["id"], {"to": "DataBureauMSP/bob"}, as_=ALICE)
        dispute = office.do("OpenDispute", work["id"], claim(), as_=BOB)
        office.refused("DISPUTED", "AcceptTransfer", transfer["id"], as_=BOB)
        office.refused("DISPUTED", "ProposeTransfer", work["id"], {"to": "DataBureauMSP/dave"}, as_=ALICE)
        office.refused("DISPUTED", "OfferLicence", work["id"], licence_terms(), as_=ALICE)
        office.refused("FORBIDDEN", "ResolveDispute", dispute["id"], "dismissed", ["x"], as_=FALSE_REGISTRAR)
        office.do("ResolveDispute", dispute["id"], "dismissed", ["证据不足"], as_=REGISTRAR)
        office.do("AcceptTransfer", transfer["id"], as_=BOB)


def pledge_terms(**changes: Any) -> dict[str, Any]:
    terms = {
        "pledgee": "DataBureauMSP/dave",
        "debt_fen": 10_000_000,
        "debt_from": "2026-01-01",
        "debt_until": "2027-01-01",
        "rights": "all",
    }
    return terms | CONTRACT | changes


def pledged(office: Office, work: dict[str, Any]) -> dict[str, Any]:
    pledge = office.do("ProposePledge", work["id"], pledge_terms(), as_=ALICE)
    office.do("AcceptPledge", pledge["id"], as_=DAVE)
    found: dict[str, Any] = office.do("RegisterPledge", pledge["id"], as_=REGISTRAR)
    return found


class TestPledges:
    def test_joint_filing_registration_discharge(self, office: Office) -> None:
        work = office.registered()
        pledge = office.do("ProposePledge", work["id"], pledge_terms(), as_=ALICE)
        office.refused("WRONG_STATE", "RegisterPledge", pledge["id"], as_=REGISTRAR)
        office.refused("NOT_PLEDGEE", "AcceptPledge", pledge["id"], as_=BOB)
        agreed = office.do("AcceptPledge", pledge["id"], as_=DAVE)
        assert agreed["deadlines"]["registration"] == "2026-01-15"
        office.refused("FORBIDDEN", "RegisterPledge", pledge["id"], as_=FALSE_REGISTRAR)
        office.do("RegisterPledge", pledge["id"], as_=REGISTRAR)
        office.refused("PLEDGED", "ProposePledge", work["id"], pledge_terms(), as_=ALICE)
        office.refused("NOT_PLEDGEE", "DischargePledge", pledge["id"], as_=ALICE)
        office.do("DischargePledge", pledge["id"], as_=DAVE)
        assert office.ask("Read", work["id"])["pledge"] == ""

    def test_a_pledged_work_moves_with_the_pledgees_consent_only(self, office: Office) -> None:
        work = office.registered()
        pledged(office, work)
        transfer = office.do("ProposeTransfer", work["id"], {"to": "DataBureauMSP/bob"}, as_=ALICE)
        office.refused("CONSENT_MISSING", "AcceptTransfer", transfer["id"], as_=BOB)
        office.do("ConsentTransfer", transfer["id"], as_=DAVE)
        office.do("AcceptTransfer", transfer["id"], as_=BOB)

    def test_a_pledge_after_the_proposal_stops_the_transfer(self, office: Office) -> None:
        work = office.registered()
        transfer = office.do("ProposeTransfer", work["id"], {"to": "DataBureauMSP/bob"}, as_=ALICE)
        pledged(office, work)
        office.refused("PLEDGED", "AcceptTransfer", transfer["id"], as_=BOB)

    def test_refusals(self, office: Office) -> None:
        office.refused("NOT_REGISTERED", "ProposePledge", office.work("x")["id"], pledge_terms(), as_=ALICE)
        work = office.registered()
        office.refused("NOT_OWNER", "ProposePledge", work["id"], pledge_terms(), as_=BOB)
        office.refused("INVALID_FIELD", "ProposePledge", work["id"], pledge_terms(rights=["authorship"]), as_=ALICE)
        office.do("OpenDispute", work["id"], claim(), as_=BOB)
        office.refused("DISPUTED", "ProposePledge", work["id"], pledge_terms(), as_=ALICE)

    def test_a_debt_must_not_outlive_the_right(self, office: Office) -> None:
        work = office.registered("film", category="audiovisual", published=None, completed={"date": "1980-01-01"})
        office.do("ProposePledge", work["id"], pledge_terms(debt_until="2030-12-31"), as_=ALICE)
        office.refused("RIGHT_EXPIRES", "ProposePledge", work["id"], pledge_terms(debt_until="2031-01-01"), as_=ALICE)
        old = office.registered("old", category="audiovisual", completed={"date": "1950-01-01"})
        office.refused("RIGHT_EXPIRED", "ProposePledge", old["id"], pledge_terms(), as_=ALICE)

    def test_all_co_owners_consent(self, office: Office) -> None:
        work = co_owned(office)
        pledge = office.do("ProposePledge", work["id"], pledge_terms(), as_=ALICE)
        office.refused("CONSENT_MISSING", "AcceptPledge", pledge["id"], as_=DAVE)
        office.do("ConsentPledge", pledge["id"], as_=BOB)
        office.do("AcceptPledge", pledge["id"], as_=DAVE)
        assert office.do("RefusePledge", pledge["id"], ["合同无效"], as_=REGISTRAR)["state"] == "REFUSED"


class TestDisputesAndInfringements:
    def test_disputes(self, office: Office) -> None:
        work = office.work()
        form = claim()
        office.refused("SAME_PARTY", "OpenDispute", work["id"], form, as_=ALICE)
        office.refused("FORBIDDEN", "OpenDispute", work["id"], form, as_=client("X", "nobody"))
        dispute = office.do("OpenDispute", work["id"], form, as_=BOB)
        office.refused("ALREADY_FILED", "OpenDispute", work["id"], form, as_=BOB)
        office.refused("NOT_CLAIMANT", "WithdrawDispute", dispute["id"], "x", as_=ALICE)
        office.do("WithdrawDispute", dispute["id"], "和解", as_=BOB)
        assert office.ask("Read", work["id"])["disputes"] == []
        office.refused("WRONG_STATE", "ResolveDispute", dispute["id"], "upheld", ["x"], as_=REGISTRAR)

    def test_infringement_cases(self, office: Office) -> None:
        work = office.work()
        report = {"where": "https://example.com/copy", "description": "未经许可使用"}
        office.refused("NOT_OWNER", "ReportInfringement", work["id"], report, as_=CAROL)
        licensed(office, work, kind="exclusive")
        office.do("ReportInfringement", work["id"], report, as_=CAROL)
        case = office.do("ReportInfringement", work["id"], report, as_=ALICE)
        evidence = [{"kind": "capture", "cid": work["content"]["cid"], "sha256": "2" * 64}]
        office.refused("NOT_REPORTER", "AddEvidence", case["id"], evidence, as_=CAROL)
        assert office.do("AddEvidence", case["id"], evidence, as_=ALICE)["state"] == "EVIDENCED"
        closed = office.do("CloseInfringement", case["id"], "removed", "已下架", as_=ALICE)
        assert closed["outcome"] == "removed"
        office.refused("WRONG_STATE", "AddEvidence", case["id"], evidence, as_=ALICE)
        assert len(office.ask("ListOf", work["id"])["infringements"]) == 2


def test_two_transfers_at_once_conflict(office: Office) -> None:
    work = office.work()
    offers = [
        office.do("ProposeTransfer", work["id"], {"to": to}, as_=ALICE)
        for to in ("DataBureauMSP/bob", "DataBureauMSP/dave")
    ]
    first = office.tester.propose("AcceptTransfer", offers[0]["id"], as_=BOB)
    second = office.tester.propose("AcceptTransfer", offers[1]["id"], as_=DAVE)
    assert first.commit() == "VALID"
    assert second.commit() == "MVCC_READ_CONFLICT"
