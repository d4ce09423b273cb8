"""社区预留 as people meet it: clinics refer, portals find what fell back, audits find what came early."""

from __future__ import annotations

import pytest
from fhir.resources.R4B import get_fhir_model_class

from apps.health_slots.kinds import Clinic
from apps.health_slots.model import SlotQuery
from baas.errors import CityChainError, UserError
from chaincode.health_slots import calendar
from tests.apps.health_slots.portals import booking
from tests.apps.health_slots.test_audit import forge, kinds, session_record

DATE = "2026-12-03"
FALLS_BACK = calendar.at(DATE, 480, 480) - 24 * 3600


@pytest.fixture
def reserve(town):
    """A session of H1 with two public slots and two for referrals, and H2 as the clinic."""
    town.service.rules.set_policy("H1", {"referral_hours": 24}, "demand")
    town.service.referrals.admit("H2")
    (session,) = town.publish(
        town.row(号源数=2, 结束="09:00"), town.row(号源数=2, 开始="09:00", 结束="10:00", 号源池="社区")
    )
    return session


def wait(town, moment):
    now = int(town.ledger.tester.now.timestamp())
    town.ledger.pass_time(seconds=moment - now)


def refused(code):
    return pytest.raises(CityChainError, check=lambda error: error.code == code)


def test_a_clinic_refers_and_the_person_books(town, reserve):
    with refused("referral_needed"):
        town.service.bookings.book(f"{reserve}.003", town.service.bookings.deposit("H1", town.identity(1)))
    assert list(town.service.referrals.clinics()) == ["H2"]
    town.service.referrals.refer("H2", town.identity(1), "H1", "CARD", DATE)
    booked = town.service.bookings.book(f"{reserve}.003", town.resident(1))
    assert booked.state == "booked"
    town.service.referrals.refer("H2", town.identity(2), "H1", "CARD", DATE)
    town.service.referrals.withdraw("H2", town.identity(2), "H1", "CARD", DATE)
    with refused("referral_needed"):
        town.service.bookings.book(f"{reserve}.004", town.service.bookings.deposit("H1", town.identity(2)))
    assert town.service.audit().clean
    town.service.acts.do(Clinic.dismiss, on="H2")
    with refused("forbidden"):
        town.service.referrals.refer("H2", town.identity(3), "H1", "CARD", DATE)


def test_portals_find_a_reserved_slot_from_its_hour_on(town, http, reserve):
    def free():
        found = http.get("/fhir/Slot", params={"status": "free", "start": DATE, "_count": "50"}).json()
        return {entry["resource"]["id"] for entry in found.get("entry", [])}

    public = {f"{reserve}.001", f"{reserve}.002"}
    assert free() == public
    wait(town, FALLS_BACK - 1)
    assert free() == public
    wait(town, FALLS_BACK)
    assert free() == public | {f"{reserve}.003", f"{reserve}.004"}
    assert town.service.index.session(reserve).referral_until == FALLS_BACK
    town.service.bookings.book(f"{reserve}.004", town.service.bookings.deposit("H1", town.identity(1)))
    assert town.service.audit().clean, "nobody's act, and no finding"


def test_searches_that_name_no_moment_are_as_before(town, reserve):
    wait(town, FALLS_BACK)
    assert {s.pool for s in town.service.search(SlotQuery(pool="online")).slots} == {"online"}
    assert {s.pool for s in town.service.search(SlotQuery(pool="community")).slots} == {"community"}


@pytest.mark.parametrize(("early", "alarms"), [(60, {"unreferred": 1}), (-60, {})])
def test_the_audit_finds_a_reserved_slot_that_was_given_without_a_referral(town, reserve, early, alarms):
    """Written by peers that were told to: the slot, and an appointment that looks right."""
    wait(town, FALLS_BACK - early)
    forge(town, "slot", ("H1", reserve[3:], "003"), {"state": "booked", "appointment": "Aforged", "at": 1})
    assert {k: n for k, n in kinds(town.service.audit()).items() if k == "unreferred"} == alarms


@pytest.mark.parametrize("hours", [0, 1])
def test_the_audit_finds_a_reserve_that_was_shortened(town, reserve, hours):
    forge(town, "session", ("H1", reserve[3:]), session_record(town, reserve) | {"referral_hours": hours})
    assert kinds(town.service.audit())["altered"] == 1


def test_rules_of_before_know_no_reserve_and_take_one(town):
    """A version that an earlier contract wrote has no such member; the next one may."""
    (session,) = town.publish(town.row(号源池="社区"))
    assert town.service.index.session(session).referral_until == 0
    town.service.bookings.book(f"{session}.001", town.service.bookings.deposit("H1", town.identity(1)))
    with pytest.raises(UserError):
        town.service.rules.set_policy("H1", {"referral_minutes": 3})


def test_a_portal_sees_the_reserve_and_books_it_for_whom_a_clinic_referred(town, http, portals, reserve):
    """Before, a portal could not tell its patient of the slots that a referral is for."""
    asked = {"status": "free", "service-category": "community", "start": DATE}
    found = http.get("/fhir/Slot", params=asked).json()["entry"]
    assert [one["resource"]["id"] for one in found] == [f"{reserve}.003", f"{reserve}.004"]
    slot = found[0]["resource"]
    assert slot["serviceCategory"][0]["coding"][0]["code"] == "community"
    assert "2026-12-02 08:00" in slot["comment"]
    get_fhir_model_class("Slot").model_validate(slot)
    public = http.get(f"/fhir/Slot/{reserve}.001").json()
    assert "serviceCategory" not in public and "comment" not in public
    assert http.get("/fhir/Slot", params=asked | {"service-category": "window"}).json().get("entry", []) == []
    by_schedule = http.get("/fhir/Slot", params={"schedule": reserve, "service-category": "community"}).json()
    assert len(by_schedule["entry"]) == 2
    refused = http.post("/fhir/Appointment/$book", json=booking(slot["id"], portals.patient(1)))
    assert refused.status_code == 422
    town.service.referrals.refer("H2", town.identity(1), "H1", "CARD", DATE)
    assert http.post("/fhir/Appointment/$book", json=booking(slot["id"], portals.patient(1))).status_code == 201
    (row,) = town.service.referrals.listed(clinic="H2")
    assert (row.hospital, row.state) == ("H1", "booked")
    (left,) = town.service.referrals.reserved("H2")
    assert (left.id, left.left) == (reserve, 1) and town.service.referrals.reserved("H1") == ()
    wait(town, FALLS_BACK)
    assert town.service.referrals.reserved("H2") == (), "from its hour on it is everybody's"
