"""Commitments, releases and changes: nothing hidden, nothing slipped in, every change signed."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaincode.health_slots import calendar, grid, merkle
from chaincode.health_slots.policy import Policy
from fabric_sdk.chaincode import ChaincodeError
from fabric_sdk.chaincode.testing import MVCC_READ_CONFLICT, PHANTOM_READ_CONFLICT, VALID
from tests.chaincode.health_slots.conftest import AUTHORITY, PAYMENT, PLATFORM, PORTAL_1, STAFF, refused, resident


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=40), st.data())
def test_merkle_proofs_lead_to_the_root_and_only_there(leaves, data):
    index = data.draw(st.integers(0, len(leaves) - 1))
    root = merkle.root_of(leaves)
    path = merkle.proof_of(leaves, index)
    assert merkle.verify_proof(leaves[index], path, root)
    assert not merkle.verify_proof(bytes(32), path, root) or leaves[index] == bytes(32)


def test_merkle_tree_is_that_of_rfc_6962():
    # Root over the leaves "", 00, 10 with RFC 6962's prefixes; computed with Go's certificate-transparency tests.
    leaf = [hashlib.sha256(b"\x00" + d).digest() for d in (b"", b"\x00", b"\x10")]
    assert merkle.root_of(leaf).hex() == "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(1, 30), st.integers(1, 12)), min_size=1, max_size=8))
def test_runs_unpack_to_numbered_slots(parts):
    runs = [[start, minutes, count, "online"] for start, minutes, count in parts]
    slots = grid.expand(runs)
    assert [s.number for s in slots] == list(range(1, len(slots) + 1))
    assert all(grid.slot_at(runs, s.number) == s for s in slots)
    assert grid.slot_at(runs, len(slots) + 1) is None


def test_opening_must_be_what_was_committed(city):
    plan, opening = city.plan("CARD-D1-261203A")
    city.do(STAFF, "CommitSessions", "H1", [plan])
    city.pass_time(seconds=61)
    fewer = {**opening, "runs": [[480, 10, 5, "online"], [540, 10, 2, "window"]]}
    shifted = {**opening, "runs": [[480, 10, 6, "reserved"], [540, 10, 2, "window"]]}
    salted = {**opening, "secret": "00" * 32}
    for wrong in (fewer, shifted, salted):
        with refused("COMMITMENT_MISMATCH"):
            city.do(STAFF, "PublishSessions", "H1", [wrong])
    assert city.do(STAFF, "PublishSessions", "H1", [opening]) == 8
    with refused("NOT_COMMITTED"):
        city.do(STAFF, "PublishSessions", "H1", [opening])


def test_nothing_opens_uncommitted_or_early(city):
    plan, opening = city.plan("CARD-D1-261203A")
    with refused("NOT_FOUND"):
        city.do(STAFF, "PublishSessions", "H1", [opening])
    city.do(STAFF, "CommitSessions", "H1", [plan])
    with refused("TOO_EARLY"):
        city.do(STAFF, "PublishSessions", "H1", [opening])
    with refused("NOT_PUBLISHED"):
        city.book("H1.CARD-D1-261203A.001", 1)


def test_daily_release_and_late_commitments(city):
    city.do(STAFF, "SetPolicy", "H1", {}, "correction")
    on_time, _ = city.plan("CARD-D1-261203A")
    late, _ = city.plan("CARD-D1-261125A", date="2026-11-25")
    city.do(STAFF, "CommitSessions", "H1", [on_time, late])
    first = city.ask(PLATFORM, "GetSession", "H1.CARD-D1-261203A")
    assert (first["late"], first["release_at"]) == (False, calendar.at("2026-11-26", 900, 480))
    assert city.ask(PLATFORM, "GetSession", "H1.CARD-D1-261125A")["late"] is True


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"date": "2026-11-22"}, "PAST_DATE"),
        ({"date": "2028-11-22"}, "FAR_DATE"),
        ({"date": "2026-02-30"}, "BAD_DATE"),
        ({"date": "2026-2-3"}, "BAD_DATE"),
        ({"doctor": "D9"}, "NOT_FOUND"),
        ({"doctor": "D3"}, "NOT_FOUND"),
        ({"count": 0}, "BAD_ARGUMENT"),
        ({"count": 401}, "BAD_ARGUMENT"),
        ({"start": 700, "end": 600}, "BAD_ARGUMENT"),
        ({"fee": -1}, "BAD_ARGUMENT"),
        ({"root": "zz"}, "BAD_DIGEST"),
        ({"part": "noon"}, "BAD_ARGUMENT"),
        ({"id": "../x"}, "BAD_ID"),
    ],
)
def test_bad_plans_commit_nothing(city, changes, code):
    good, _ = city.plan("CARD-D2-261203A", doctor="D2")
    bad, _ = city.plan("CARD-D1-261203A")
    with refused(code):
        city.do(STAFF, "CommitSessions", "H1", [good, bad | changes])
    with refused("NOT_FOUND"):
        city.ask(PLATFORM, "GetSession", "H1.CARD-D2-261203A")


def test_a_doctor_is_not_in_two_places(city):
    city.publish()
    overlapping, _ = city.plan("CARD-D1-261203B", start=700, end=780)
    with refused("SESSION_OVERLAP"):
        city.do(STAFF, "CommitSessions", "H1", [overlapping])
    after, _ = city.plan("CARD-D1-261203P", start=720, end=780)
    city.do(STAFF, "CommitSessions", "H1", [after])


def test_stopping_a_session_cancels_without_blame_and_owes_everything_back(city):
    session = city.publish(fee=2000)
    booked = city.book(f"{session}.001", 1)
    city.do(PAYMENT, "RecordPayment", booked["id"], "wechat", "p1", 2000, "")
    assert city.do(STAFF, "StopSession", session, "doctor-ill") == [booked["id"]]
    found = city.ask(PLATFORM, "GetAppointment", booked["id"])
    assert (found["state"], found["bill"]["refund_due"]) == ("cancelled", 2000)
    assert city.ask(PLATFORM, "GetConduct", resident(1))["no_shows"] == []
    with refused("SESSION_STOPPED"):
        city.book(f"{session}.002", 2)
    assert city.ask(PLATFORM, "GetSession", session)["changes"][0]["signer"] == "HospitalMSP/staff-H1"


def test_booking_and_stopping_at_once_never_both_hold(city):
    session = city.publish()
    city.book(f"{session}.002", 2)
    booking = city.tester.propose("BookSlot", f"{session}.001", resident(1), as_=PORTAL_1)
    stopping = city.tester.propose("StopSession", session, "doctor-ill", as_=STAFF)
    assert [stopping.commit(), booking.commit()] == [VALID, MVCC_READ_CONFLICT]
    other = city.publish("CARD-D2-261203A", doctor="D2")
    booking = city.tester.propose("BookSlot", f"{other}.001", resident(1), as_=PORTAL_1)
    stopping = city.tester.propose("StopSession", other, "doctor-ill", as_=STAFF)
    assert [booking.commit(), stopping.commit()] == [VALID, PHANTOM_READ_CONFLICT]


def test_moving_keeps_appointments_and_frees_the_roster(city):
    session = city.publish()
    booked = city.book(f"{session}.001", 1)
    city.do(STAFF, "MoveSession", session, "2026-12-04", 30, "meeting")
    assert city.ask(PLATFORM, "GetSlot", f"{session}.001")["record"]["appointment"] == booked["id"]
    plan, _ = city.plan("CARD-D1-261203B")
    city.do(STAFF, "CommitSessions", "H1", [plan])
    with refused("PAST_DATE"):
        city.do(STAFF, "MoveSession", session, "2026-11-22", 0, "meeting")


def test_what_is_over_is_neither_moved_nor_withdrawn(city):
    session = city.publish("CARD-D1-261124A", date="2026-11-24")
    seen, missed, waits = (city.book(f"{session}.00{n}", n) for n in (1, 2, 3))
    city.tester.now = city.tester.now.replace(day=24, hour=0, minute=20)
    for booked in (seen, waits):
        number = 1 if booked is seen else 3
        city.deposit(number)
        city.do(STAFF, "CheckIn", booked["id"], city.code(booked["id"], resident(number)))
    city.do(STAFF, "Fulfil", seen["id"])
    with refused("SLOT_USED"):
        city.do(STAFF, "StopSlots", session, [1], "equipment")
    city.do(STAFF, "StopSlots", session, [3], "equipment")
    assert city.ask(PLATFORM, "GetAppointment", waits["id"])["cancelled"][0] == "slot-stopped"
    city.tester.now = city.tester.now.replace(day=24, hour=4, minute=1)
    city.do(STAFF, "MarkNoShow", missed["id"])
    with refused("SLOT_USED"):
        city.do(STAFF, "StopSlots", session, [2], "equipment")
    with refused("SESSION_OVER"):
        city.do(STAFF, "MoveSession", session, "2026-11-30", 0, "meeting")


def test_substitute_is_of_the_same_department_and_free(city):
    session = city.publish()
    with refused("NOT_FOUND"):
        city.do(STAFF, "SubstituteDoctor", session, "D3", "doctor-leave")
    assert city.do(STAFF, "SubstituteDoctor", session, "D2", "doctor-leave")["doctor"] == "D2"
    other = city.publish("CARD-D1-261203B", doctor="D1")
    with refused("SESSION_OVERLAP"):
        city.do(STAFF, "SubstituteDoctor", other, "D2", "doctor-leave")


def test_added_slot_is_marked_and_has_no_proof(city):
    session = city.publish()
    for number, start, minutes in ((8, 560, 10), (9, 1435, 10), (9, 560, 0), (401, 560, 10)):
        with refused("BAD_ARGUMENT"):
            city.do(STAFF, "AddSlot", session, number, start, minutes, "online", "revisit")
    name = city.do(STAFF, "AddSlot", session, 9, 560, 10, "online", "revisit")
    assert city.book(name, 1)["state"] == "booked"
    assert city.ask(PLATFORM, "GetSlot", name)["record"]["added"]["signer"] == "HospitalMSP/staff-H1"
    with refused("NOT_IN_COMMITMENT"):
        city.ask(PLATFORM, "ProveSlot", name)
    with refused("SLOT_EXISTS"):
        city.do(STAFF, "AddSlot", session, 9, 560, 10, "online", "revisit")


def test_proof_of_a_slot_checks_out_offline(city):
    session = city.publish()
    proof = city.ask(PLATFORM, "ProveSlot", f"{session}.003")
    leaf = merkle.leaf_hash(proof["line"], bytes.fromhex(proof["salt"]))
    assert merkle.verify_proof(leaf, [(s, bytes.fromhex(v)) for s, v in proof["path"]], bytes.fromhex(proof["root"]))
    assert proof["line"] == f"{session}.003|500|510|online"


def test_old_slots_keep_the_rules_they_were_made_under(city):
    session = city.publish()
    city.set_policy(hold_s=5)
    held = city.do(PORTAL_1, "HoldSlot", f"{session}.001", resident(1))
    assert held["expires"] == city.now + 600
    assert city.ask(PLATFORM, "GetPolicy", "H1", 1)["rules"]["hold_s"] == 600
    assert city.ask(PLATFORM, "GetPolicy", "H1")["version"] == 2


@pytest.mark.parametrize(
    "rules",
    [{"hold_s": 0}, {"hold_s": True}, {"nonsense": 1}, {"bar_days": [0]}, {"holidays": ["x"]}, {"returned": "?"}],
)
def test_bad_policies_are_refused(city, rules):
    with refused("BAD_POLICY" if "holidays" not in rules else "BAD_DATE"):
        city.do(STAFF, "SetPolicy", "H1", rules, "demand")


def test_city_rules_are_the_authoritys(city):
    with refused("FORBIDDEN"):
        city.do(STAFF, "SetPolicy", "CITY", {}, "demand")
    assert city.do(AUTHORITY, "SetPolicy", "CITY", {"per_day": 2}, "demand")["version"] == 2


def test_working_days_skip_weekends_holidays_and_honour_makeup_days():
    policy = Policy(
        holidays=("2026-10-01", "2026-10-02", "2026-10-05", "2026-10-06", "2026-10-07"), workdays=("2026-10-10",)
    )
    assert policy.cancel_until("2026-10-08", 480) == calendar.at("2026-09-30", 960, 480)
    assert policy.cancel_until("2026-10-12", 480) == calendar.at("2026-10-10", 960, 480)


@pytest.mark.parametrize(
    "runs",
    [
        [],
        [[480, 10, 6]],
        [[480, 0, 6, "online"]],
        [[470, 10, 6, "online"]],
        "x",
        [[480, 10, 500, "online"]],
        [[480, True, 6, "online"]],
    ],
)
def test_bad_runs_are_refused(runs):
    with pytest.raises(ChaincodeError, match="BAD_RUNS"):
        grid.check_runs(runs, 480, 720)
