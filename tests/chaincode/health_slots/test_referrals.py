"""社区预留: reserved slots are booked by referral until their hour, and by everybody from then on, whoever's clock."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from chaincode.health_slots import calendar, grid
from fabric_sdk.chaincode.testing import client
from tests.chaincode.health_slots.conftest import (
    AUTHORITY,
    OTHER_STAFF,
    PLATFORM,
    PORTAL_1,
    STAFF,
    City,
    person,
    refused,
    resident,
)

RUNS = [[480, 10, 2, "online"], [500, 10, 4, "community"]]
DATE = "2026-12-03"
HOURS = 24
FALLS_BACK = calendar.at(DATE, 480, 480) - HOURS * 3600
"""Eight in the morning of the day before, in China."""


def reserve(city: City, **more: Any) -> str:
    city.set_policy(referral_hours=HOURS, **more)
    return city.publish(runs=RUNS)


def refer(city: City, number: int, who: Any = OTHER_STAFF, clinic: str = "H2", **changes: str) -> Any:
    place = {"hospital": "H1", "department": "CARD", "date": DATE} | changes
    return city.do(who, "Refer", clinic, *place.values(), resident(number))


@pytest.fixture
def town(city: City) -> City:
    city.do(AUTHORITY, "AdmitClinic", "H2", "demand")
    return city


def at(city: City, moment: int) -> None:
    city.pass_time(seconds=moment - city.now)


def test_until_its_hour_a_reserved_slot_needs_a_referral(town):
    session = reserve(town)
    for who in (PORTAL_1, STAFF, PLATFORM):
        with refused("REFERRAL_NEEDED"):
            town.do(who, "BookSlot", f"{session}.003", resident(1))
        with refused("REFERRAL_NEEDED"):
            town.do(who, "HoldSlot", f"{session}.003", resident(1))
    town.book(f"{session}.001", 9)
    assert refer(town, 1)["clinic"] == "H2"
    booked = town.book(f"{session}.003", 1)
    assert (booked["state"], booked["referral"]) == ("booked", "H2")
    with refused("REFERRAL_NEEDED"):
        town.book(f"{session}.004", 2)


def test_at_its_hour_it_is_everybodys_without_anybodys_act(town):
    session = reserve(town)
    at(town, FALLS_BACK - 1)
    with refused("REFERRAL_NEEDED"):
        town.book(f"{session}.003", 1)
    at(town, FALLS_BACK)
    assert "referral" not in town.book(f"{session}.003", 1)
    held = town.do(PORTAL_1, "HoldSlot", f"{session}.004", resident(2))
    assert held["state"] == "pending"


@pytest.mark.parametrize("skew", [-60, 60])
def test_no_clock_within_the_tolerance_opens_it_early(town, skew):
    """A submitter that dates itself ahead meets the peer's clock; a peer that is ahead meets the transaction's time."""
    session = reserve(town)
    town.skew = skew
    at(town, FALLS_BACK - min(skew, 0) - max(skew, 0) - (1 if skew > 0 else 60))
    assert max(town.now, town.now + skew) >= FALLS_BACK - 1 and min(town.now, town.now + skew) < FALLS_BACK
    with refused("REFERRAL_NEEDED"):
        town.book(f"{session}.003", 1)


def test_what_is_written_hangs_on_no_clock(town):
    """Around the hour endorsers' clocks differ: with a referral all of them write it, after the hour, too."""
    session = reserve(town)
    refer(town, 1)
    at(town, FALLS_BACK + 30)
    results = []
    for skew in (-60, 0, 60):
        town.skew, calls = skew, town.tester._calls
        proposed = town.tester.propose("BookSlot", f"{session}.003", resident(1), as_=PORTAL_1)
        results.append(proposed.simulation.transaction.results())
        town.tester._calls = calls  # the same transaction, at another endorser
    assert results[0] == results[1] == results[2] and '"referral":"H2"' in str(results[0])


def test_who_may_refer_where(town):
    reserve(town)
    stranger = client("HospitalMSP", "nobody")
    for who in (STAFF, PORTAL_1, PLATFORM, AUTHORITY, stranger):
        with refused("FORBIDDEN"):
            refer(town, 1, who)
    with refused("FORBIDDEN"):  # not admitted
        town.do(STAFF, "Refer", "H1", "H2", "CARD", DATE, resident(1))
    with refused("BAD_ARGUMENT"):  # to itself
        refer(town, 1, hospital="H2")
    with refused("NOT_FOUND"):
        refer(town, 1, department="NONE")
    with refused("NOT_FOUND"):
        refer(town, 1, hospital="H9")
    for day in ("2026-11-22", "2027-11-22"):
        with refused("BAD_DATE"):
            refer(town, 1, date=day)
    refer(town, 1)
    with refused("REFERRED"):
        refer(town, 1)
    town.do(AUTHORITY, "DismissClinic", "H2")
    with refused("FORBIDDEN"):
        refer(town, 2)
    with refused("FORBIDDEN"):
        town.do(STAFF, "AdmitClinic", "H1", "demand")


def test_a_referral_is_for_one_person_department_and_date(town):
    session = reserve(town)
    refer(town, 1, department="ORTH")
    refer(town, 1, date="2026-12-04")
    refer(town, 2)
    with refused("REFERRAL_NEEDED"):
        town.book(f"{session}.003", 1)
    with refused("FORBIDDEN"):
        town.do(STAFF, "WithdrawReferral", "H1", "CARD", DATE, resident(2))
    town.do(OTHER_STAFF, "WithdrawReferral", "H1", "CARD", DATE, resident(2))
    with refused("REFERRAL_NEEDED"):
        town.book(f"{session}.003", 2)


def test_what_comes_back_of_a_reserve_goes_to_nobody_before_its_hour(town):
    """Cancelling, the waitlist and draws are no ways around a referral."""
    session = reserve(town, cancel_working_days=0)
    refer(town, 1)
    booked = town.book(f"{session}.003", 1)
    town.do(PORTAL_1, "JoinWaitlist", session, resident(5))
    town.do(PORTAL_1, "CancelAppointment", booked["id"])
    with refused("REFERRAL_NEEDED"):
        town.do(PORTAL_1, "OfferReturned", f"{session}.003")
    draw = {"id": "D1", "hospital": "H1", "slots": [f"{session}.004"], "apply_until": town.now + 60}
    with refused("REFERRAL_NEEDED"):
        town.do(STAFF, "OpenDraw", draw)
    at(town, FALLS_BACK)
    assert town.do(PORTAL_1, "OfferReturned", f"{session}.003")["resident"] == resident(5)


def test_the_hour_moves_with_the_session_and_added_slots_are_reserved_too(town):
    session = reserve(town)
    added = town.do(STAFF, "AddSlot", session, 7, 560, 10, "community", "demand")
    at(town, FALLS_BACK)
    town.do(STAFF, "MoveSession", session, "2026-12-04", 60, "meeting")
    for slot in (f"{session}.003", added):
        with refused("REFERRAL_NEEDED"):
            town.book(slot, 1)
    town.pass_time(hours=25)
    town.book(added, 1)


def test_sessions_of_before_have_no_reserve(town):
    """What was committed under rules without a reserve keeps them: community slots are everybody's."""
    session = town.publish(runs=RUNS)
    assert "referral_hours" not in town.ask(PORTAL_1, "GetSession", session)
    town.set_policy(referral_hours=HOURS)
    town.book(f"{session}.003", 1)
    assert town.ask(PORTAL_1, "GetPolicy", "H1", 1)["rules"]["referral_hours"] == 0


def test_a_policy_written_by_an_earlier_contract_is_read(town):
    from chaincode.health_slots.policy import Policy

    old = Policy().to_mapping()
    del old["referral_hours"]
    assert Policy.trusted(old).referral_hours == 0
    for wrong in (-1, 721, True, "24"):
        with refused("BAD_POLICY"):
            town.set_policy(referral_hours=wrong)


def test_the_reserve_is_no_part_of_what_the_root_covers(town):
    """Runs and pools are as before, so that programs of before check every opening."""
    session = reserve(town)
    record = town.ask(PORTAL_1, "GetSession", session)
    secret = hashlib.sha256(session[3:].encode()).digest()
    assert grid.commitment(session, RUNS, secret) == record["root"] and record["referral_hours"] == HOURS


def test_the_clinics_own_desk_books_for_whom_it_referred_and_nobody_else(town):
    """Before, whoever stood at the clinic had to go elsewhere for the slot that was kept for them."""
    session = reserve(town)
    with refused("FORBIDDEN"):
        town.do(OTHER_STAFF, "BookSlot", f"{session}.003", resident(1))
    refer(town, 1)
    for slot, who in ((f"{session}.001", resident(1)), (f"{session}.003", resident(2))):
        with refused("FORBIDDEN"):  # no public slot, and nobody whom it did not refer
            town.do(OTHER_STAFF, "BookSlot", slot, who)
    booked = town.do(OTHER_STAFF, "BookSlot", f"{session}.003", resident(1))
    assert (booked["referral"], booked["booker"]) == ("H2", "HospitalMSP/H2")
    # It gives back what it booked, and nothing that others did.
    other = town.do(PORTAL_1, "BookSlot", f"{session}.001", resident(3))
    with refused("FORBIDDEN"):
        town.do(OTHER_STAFF, "CancelAppointment", other["id"])
    assert town.do(OTHER_STAFF, "CancelAppointment", booked["id"])["cancelled"][0] == "resident"


def test_another_organisations_staff_is_no_clinic(town):
    """Attack: a certificate of another organisation that calls itself staff of the clinic."""
    session = reserve(town)
    refer(town, 1)
    for forged in (person("CopyrightMSP", "staff", hospital="H2"), person("CopyrightMSP", "staff", hospital="all")):
        with refused("FORBIDDEN"):
            town.do(forged, "BookSlot", f"{session}.003", resident(1))
