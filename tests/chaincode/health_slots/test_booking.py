"""Holding, booking, cancelling, waiting: one slot, one person."""

from __future__ import annotations

import pytest

from fabric_sdk.chaincode.testing import MVCC_READ_CONFLICT, VALID
from tests.chaincode.health_slots.conftest import (
    OTHER_STAFF,
    PLATFORM,
    PORTAL_1,
    PORTAL_2,
    STAFF,
    person,
    refused,
    resident,
)


def test_book_and_refuse_the_second(city):
    session = city.publish()
    booked = city.book(f"{session}.001", 1)
    assert booked["state"] == "booked"
    with refused("SLOT_TAKEN"):
        city.book(f"{session}.001", 2)
    assert city.ask(PLATFORM, "GetSlot", f"{session}.001")["state"] == "booked"


def test_two_bookings_at_once_commit_once_and_leave_other_slots_alone(city):
    session = city.publish()
    first = city.tester.propose("BookSlot", f"{session}.001", resident(1), as_=PORTAL_1)
    second = city.tester.propose("BookSlot", f"{session}.001", resident(2), as_=PORTAL_2)
    other = city.tester.propose("BookSlot", f"{session}.002", resident(3), as_=PORTAL_2)
    assert [first.commit(), second.commit(), other.commit()] == [VALID, MVCC_READ_CONFLICT, VALID]


def test_hold_expires_and_is_taken_over_where_the_rules_say_so(city):
    city.set_policy(given_up="free")
    session = city.publish()
    held = city.do(PORTAL_1, "HoldSlot", f"{session}.001", resident(1))
    assert held["state"] == "pending"
    with refused("SLOT_TAKEN"):
        city.book(f"{session}.001", 2, PORTAL_2)
    with refused("SLOT_TAKEN"):
        city.book(f"{session}.001", 1, PORTAL_2)
    city.pass_time(seconds=601)
    assert city.book(f"{session}.001", 2, PORTAL_2)["state"] == "booked"
    assert city.ask(PLATFORM, "GetAppointment", held["id"])["cancelled"][0] == "lapsed"


def test_a_hold_that_was_given_up_never_goes_straight_to_the_fastest(city):
    """A tout holds a slot, finds a buyer, and lets go at an agreed second: the buyer must not get it."""
    session = city.publish()
    given = city.do(PORTAL_1, "HoldSlot", f"{session}.001", resident(1))
    city.do(PORTAL_1, "CancelAppointment", given["id"])
    city.do(PORTAL_1, "HoldSlot", f"{session}.002", resident(1))
    city.pass_time(seconds=601)
    for slot in (f"{session}.001", f"{session}.002"):
        with refused("SLOT_RETURNED"):
            city.book(slot, 2)
    city.do(PORTAL_2, "JoinWaitlist", session, resident(3))
    assert city.do(PLATFORM, "OfferReturned", f"{session}.001")["resident"] == resident(3)
    assert city.do(PORTAL_2, "ReleaseLapsed", f"{session}.002") == "returned"


def test_nobody_cancels_away_a_no_show(city):
    """The rules may allow cancelling late, but never after the slot has begun, nor after checking in."""
    city.set_policy(cancel_working_days=0, cancel_minute=1439)
    session = city.publish("CARD-D1-261124A", date="2026-11-24")
    missed, came = city.book(f"{session}.001", 1), city.book(f"{session}.002", 2)
    city.tester.now = city.tester.now.replace(day=24, hour=0, minute=0, second=1)
    with refused("CANCEL_TOO_LATE"):
        city.do(PORTAL_1, "CancelAppointment", missed["id"])
    city.deposit(2)
    city.do(STAFF, "CheckIn", came["id"], city.code(came["id"], resident(2)))
    with refused("ILLEGAL_MOVE"):
        city.do(PORTAL_1, "CancelAppointment", came["id"])


def test_held_slot_is_booked_by_its_holder(city):
    session = city.publish()
    held = city.do(PORTAL_1, "HoldSlot", f"{session}.001", resident(1))
    booked = city.book(f"{session}.001", 1)
    assert (booked["id"], booked["state"]) == (held["id"], "booked")


def test_limits_per_department_and_day(city):
    session = city.publish()
    city.book(f"{session}.001", 1)
    with refused("LIMIT_PER_DEPARTMENT"):
        city.book(f"{session}.002", 1)


def test_cancel_returns_to_the_waitlist_first(city):
    session = city.publish()
    booked = city.book(f"{session}.001", 1)
    city.do(PORTAL_2, "JoinWaitlist", session, resident(2))
    with refused("FORBIDDEN"):
        city.do(PORTAL_2, "CancelAppointment", booked["id"])
    city.do(PORTAL_1, "CancelAppointment", booked["id"])
    with refused("SLOT_RETURNED"):
        city.book(f"{session}.001", 3)
    with refused("SOMEBODY_WAITS"):
        city.do(PLATFORM, "ReopenReturned", f"{session}.001")
    offered = city.do(PLATFORM, "OfferReturned", f"{session}.001")
    assert offered["resident"] == resident(2)
    assert city.do(PORTAL_2, "BookSlot", f"{session}.001", resident(2))["state"] == "booked"


def test_lapsed_offer_goes_on_to_the_next_in_line(city):
    session = city.publish()
    booked = city.book(f"{session}.001", 1)
    for number in (2, 3):
        city.do(PORTAL_2, "JoinWaitlist", session, resident(number))
        city.pass_time(seconds=1)
    city.do(PORTAL_1, "CancelAppointment", booked["id"])
    city.do(PLATFORM, "OfferReturned", f"{session}.001")
    city.pass_time(seconds=1801)
    with refused("SLOT_RETURNED"):
        city.book(f"{session}.001", 9)
    assert city.do(PLATFORM, "OfferReturned", f"{session}.001")["resident"] == resident(3)


def test_reopening_needs_the_beacon_and_its_bounds(city):
    session = city.publish()
    for number, beacon_first in ((1, False), (2, True)):
        if beacon_first:
            city.do(PLATFORM, "CommitBeacon", "2026-11-23", "ab" * 32)
        slot = f"{session}.{number:03d}"
        booked = city.book(slot, 10 + number)
        city.do(PORTAL_1, "CancelAppointment", booked["id"])
        with refused("TOO_EARLY"):
            city.do(PLATFORM, "ReopenReturned", slot)
        city.pass_time(seconds=700)
        if not beacon_first:
            with refused("NO_BEACON"):
                city.do(PLATFORM, "ReopenReturned", slot)
            city.pass_time(seconds=6501)
        city.do(PLATFORM, "ReopenReturned", slot)
        assert city.ask(PLATFORM, "GetSlot", slot)["record"]["timed"] is beacon_first
    assert city.book(f"{session}.001", 2)["state"] == "booked"


def test_cancel_until_the_working_day_before(city):
    city.set_policy(cancel_working_days=1, cancel_minute=960)
    session = city.publish(date="2026-11-30")  # a Monday: until Friday 27, 16:00
    booked = city.book(f"{session}.001", 1)
    city.tester.now = city.tester.now.replace(day=27, hour=8, minute=0, second=1)
    with refused("CANCEL_TOO_LATE"):
        city.do(PORTAL_1, "CancelAppointment", booked["id"])
    city.pass_time(seconds=-2)
    assert city.do(PORTAL_1, "CancelAppointment", booked["id"])["state"] == "cancelled"


def test_no_shows_bar_from_booking(city):
    city.set_policy(no_show_count=2, bar_days=[30, 60])
    for day in ("2026-11-24", "2026-11-25"):
        session = city.publish(f"CARD-D1-{day[2:].replace('-', '')}A", date=day)
        booked = city.book(f"{session}.001", 1)
        with refused("TOO_EARLY"):
            city.do(STAFF, "MarkNoShow", booked["id"])
        city.tester.now = city.tester.now.replace(day=int(day[-2:]), hour=5)
        conduct = city.do(STAFF, "MarkNoShow", booked["id"])
    assert conduct["until"] == city.now + 30 * 86400
    session = city.publish("CARD-D1-261203A")
    with refused("BARRED"):
        city.book(f"{session}.001", 1)


def test_window_slots_are_the_desks_own(city):
    session = city.publish()
    with refused("POOL_CLOSED"):
        city.book(f"{session}.007", 1)
    assert city.book(f"{session}.007", 1, STAFF)["booker"] == "HospitalMSP/H1"


@pytest.mark.parametrize("seconds", [-301, 301])
def test_far_off_clocks_are_refused(city, seconds):
    session = city.publish()
    city.skew = seconds
    with refused("CLOCK_DIFFERS"):
        city.book(f"{session}.001", 1)


def test_a_clock_that_runs_ahead_gains_nothing_at_release(city):
    plan, opening = city.plan("CARD-D1-261203A")
    city.do(STAFF, "CommitSessions", "H1", [plan])
    city.pass_time(seconds=120)
    city.skew = -80
    with refused("TOO_EARLY"):
        city.do(STAFF, "PublishSessions", "H1", [opening])


def test_only_roles_given_by_their_organisation_count(city):
    session = city.publish()
    forged = person("CopyrightMSP", "portal", portal="x")
    with refused("FORBIDDEN"):
        city.book(f"{session}.001", 1, forged)
    with refused("FORBIDDEN"):
        city.do(OTHER_STAFF, "StopSession", session, "holiday")
    with refused("BAD_ID"):
        city.do(PORTAL_1, "BookSlot", f"{session}.001", "张三")


def test_a_hold_is_its_residents_even_at_the_same_desk(city):
    session = city.publish()
    held = city.do(PORTAL_1, "HoldSlot", f"{session}.001", resident(1))
    with refused("SLOT_TAKEN"):
        city.do(PORTAL_1, "BookSlot", f"{session}.001", resident(2))
    with refused("SLOT_TAKEN"):
        city.do(PORTAL_2, "BookSlot", f"{session}.001", resident(1))
    assert city.do(PORTAL_1, "BookSlot", f"{session}.001", resident(1))["id"] == held["id"]
