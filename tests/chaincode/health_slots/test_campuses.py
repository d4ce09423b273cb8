"""Campuses: a session says where it is held, for ever; rules, limits and rosters are the hospital's."""

from __future__ import annotations

import json

import pytest

from tests.chaincode.health_slots.conftest import OTHER_STAFF, PORTAL_1, STAFF, refused, resident

EAST = {"id": "EAST", "name": "东院区", "code": "东-1"}


@pytest.fixture
def two_places(city):
    city.do(STAFF, "RegisterUnits", "H1", {"campuses": [EAST, {"id": "WEST", "name": "西院区"}]})
    return city


def test_a_session_says_where_it_is_held_from_its_commitment_on(two_places):
    session = two_places.publish(campus="EAST")
    assert two_places.ask(PORTAL_1, "GetSession", session)["campus"] == "EAST"
    listed = two_places.ask(STAFF, "ListUnits", "H1")["campuses"]
    assert [(id, one["name"], one.get("code", "")) for id, one in listed.items()] == [
        ("EAST", "东院区", "东-1"),
        ("WEST", "西院区", ""),
    ]
    moved = two_places.do(STAFF, "MoveSession", session, "2026-12-04", 30, "meeting")
    assert moved["campus"] == "EAST", "another day is not another place"
    changed = two_places.do(STAFF, "SubstituteDoctor", session, "D2", "doctor-ill")
    assert changed["campus"] == "EAST"


def test_a_campus_is_named_by_its_own_hospital_before_it_is_used(two_places):
    plan, _ = two_places.plan("CARD-D1-261203A", campus="NORTH")
    with refused("NOT_FOUND"):
        two_places.do(STAFF, "CommitSessions", "H1", [plan])
    theirs, _ = two_places.plan("CARD-D1-261203A", hospital="H2", campus="EAST")
    with refused("NOT_FOUND"):
        two_places.do(OTHER_STAFF, "CommitSessions", "H2", [theirs])
    with refused("BAD_ID"):
        two_places.do(STAFF, "CommitSessions", "H1", [{**plan, "campus": "EA.ST"}])
    with refused("FORBIDDEN"):
        two_places.do(OTHER_STAFF, "RegisterUnits", "H1", {"campuses": [EAST]})
    with refused("BAD_ARGUMENT"):
        two_places.do(STAFF, "RegisterUnits", "H1", {"campuses": [{"id": "N", "name": "东院\n西院"}]})
    # With its units in one transaction, as an import sends it.
    north = {"campuses": [{"id": "NORTH", "name": "北院区"}]}
    assert two_places.do(STAFF, "CommitSessions", "H1", [plan], north) == 1


def test_limits_count_over_campuses_as_one_hospital(two_places):
    two_places.set_policy(per_department_day=1, per_day=3)
    east = two_places.publish("CARD-D1-261203A", campus="EAST")
    west = two_places.publish("CARD-D2-261203A", doctor="D2", campus="WEST")
    two_places.book(f"{east}.001", 1)
    with refused("LIMIT_PER_DEPARTMENT"):
        two_places.book(f"{west}.001", 1)
    two_places.book(f"{west}.001", 2)


def test_a_doctor_is_at_one_campus_at_a_time(two_places):
    two_places.publish("CARD-D1-261203A", campus="EAST", start=480, end=600)
    there, _ = two_places.plan("CARD-D1-261203AW", campus="WEST", start=590, end=700)
    with refused("SESSION_OVERLAP"):
        two_places.do(STAFF, "CommitSessions", "H1", [there])
    two_places.do(STAFF, "CommitSessions", "H1", [{**there, "start": 630}])


def test_what_was_written_before_there_were_campuses_goes_on(two_places):
    """Plans, units and sessions of an earlier version have no campus, and nothing of them changes."""
    old = two_places.publish("CARD-D1-261203A")
    record = two_places.ask(PORTAL_1, "GetSession", old)
    assert "campus" not in record, json.dumps(record)
    assert two_places.do(PORTAL_1, "BookSlot", f"{old}.001", resident(1))["state"] == "booked"
    assert "campus" not in two_places.do(STAFF, "MoveSession", old, "2026-12-04", 0, "meeting")
    units = {"departments": [{"id": "ENT", "name": "耳鼻喉科"}], "doctors": []}
    assert two_places.do(STAFF, "RegisterUnits", "H1", units) == 1
