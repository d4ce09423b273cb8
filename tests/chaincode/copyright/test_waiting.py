"""Whom records wait for: the inboxes of parties and of the office, kept in step with every act."""

from __future__ import annotations

from typing import Any

from .conftest import ALICE, BOB, CAROL, REGISTRAR, Office, claim
from .test_rights import DAVE, co_owned, pledge_terms
from .test_works import licence_terms


def waiting(office: Office, who: Any) -> set[str]:
    return {one["id"] for one in office.ask("ListMine", "waiting", 50, "", as_=who)["items"]}


def at_the_office(office: Office) -> set[str]:
    return {one["id"] for one in office.ask("ListWaiting", 50, "")["items"]}


def test_an_offer_waits_for_its_licensee_until_answered(office: Office) -> None:
    offer = office.do("OfferLicence", office.work()["id"], licence_terms(), as_=ALICE)
    assert waiting(office, CAROL) == {offer["id"]}
    assert waiting(office, ALICE) == set()
    office.do("AcceptLicence", offer["id"], as_=CAROL)
    assert waiting(office, CAROL) == set()
    concerned = office.ask("ListMine", "concerned", 50, "", as_=ALICE)["items"]
    assert offer["id"] in {one["id"] for one in concerned}


def test_consents_are_waited_for_one_by_one(office: Office) -> None:
    work = co_owned(office)
    transfer = office.do("ProposeTransfer", work["id"], {"to": "HospitalMSP/carol"}, as_=ALICE)
    assert transfer["waiting"] == ["DataBureauMSP/bob", "HospitalMSP/carol"]
    office.do("ConsentTransfer", transfer["id"], as_=BOB)
    assert transfer["id"] not in waiting(office, BOB)
    assert transfer["id"] in waiting(office, CAROL)
    done = office.do("AcceptTransfer", transfer["id"], as_=CAROL)
    assert done["waiting"] == []


def test_the_office_sees_what_waits_for_it(office: Office) -> None:
    work = office.registered("w")
    pledge = office.do("ProposePledge", work["id"], pledge_terms(), as_=ALICE)
    assert pledge["id"] not in at_the_office(office)
    office.do("AcceptPledge", pledge["id"], as_=DAVE)
    assert pledge["id"] in at_the_office(office)
    office.do("RegisterPledge", pledge["id"], as_=REGISTRAR)
    assert pledge["id"] not in at_the_office(office)
    dispute = office.do("OpenDispute", work["id"], claim(), as_=CAROL)
    assert dispute["id"] in at_the_office(office)
    office.do("WithdrawDispute", dispute["id"], "和解", as_=CAROL)
    assert dispute["id"] not in at_the_office(office)


def test_all_records_of_a_kind_come_in_pages(office: Office) -> None:
    made = [office.do("OfferLicence", office.work(str(n))["id"], licence_terms(), as_=ALICE)["id"] for n in range(3)]
    first = office.ask("ListAll", "licence", 2, "")
    rest = office.ask("ListAll", "licence", 2, first["bookmark"])
    assert sorted(one["id"] for one in [*first["items"], *rest["items"]]) == sorted(made)
    office.refused("INVALID_FIELD", "ListAll", "nothing", 2, "", as_=ALICE)
