"""What a hospital's desks share: sealed, first private then public, never lost for what still needs it."""

from __future__ import annotations

import json

import pytest

from chaincode.health_slots.kept import late_name
from fabric_sdk.chaincode import ChaincodeError
from fabric_sdk.chaincode.sealing import is_sealed
from fabric_sdk.chaincode.testing import MVCC_READ_CONFLICT
from tests.chaincode.health_slots.conftest import PLATFORM, PORTAL_1, STAFF, person, refused, resident

UNITS = {"departments": [{"id": "CARD", "name": "心血管内科"}]}
COLLEAGUE = person("HospitalMSP", "staff", hospital="all")


def keep(city, name, *openings, who=STAFF):
    plan = {o["id"]: {"secret": o["secret"], "runs": o["runs"]} for o in openings}
    city.do(who, "KeepPlan", "H1", name, transient={"plan": json.dumps(plan).encode()})


def test_a_colleague_opens_what_somebody_committed(city):
    plan, opening = city.plan("CARD-D1-261203A")
    keep(city, "P1", opening)
    city.do(STAFF, "CommitSessions", "H1", [plan], UNITS, "P1")
    city.pass_time(seconds=61)
    read = city.ask(COLLEAGUE, "ReadPlan", "H1", "P1")[plan["id"]]
    assert city.do(COLLEAGUE, "PublishSessions", "H1", [{"id": plan["id"], **read}]) == plan["count"]
    city.do(COLLEAGUE, "ForgetPlan", "H1", "P1")
    assert not city.ask(STAFF, "HasPlan", "H1", "P1")


def test_a_commitment_whose_plan_nobody_keeps_is_refused(city):
    plan, opening = city.plan("CARD-D1-261203A")
    with refused("PLAN_MISSING"):
        city.do(STAFF, "CommitSessions", "H1", [plan], UNITS, "P1")
    keep(city, "P1", opening)
    # One that is gone before the commitment is ordered leaves no session that nobody can open.
    proposed = city.tester.propose("CommitSessions", "H1", json.dumps([plan]), json.dumps(UNITS), "P1", as_=STAFF)
    city.do(STAFF, "ForgetPlan", "H1", "P1")
    assert proposed.commit() == MVCC_READ_CONFLICT


def test_a_plan_takes_no_others_place_and_stays_while_it_is_needed(city):
    plan, opening = city.plan("CARD-D1-261203A")
    keep(city, "P1", opening)
    with refused("PLAN_EXISTS"):
        keep(city, "P1", {**opening, "secret": "00" * 32})
    city.do(STAFF, "CommitSessions", "H1", [plan], UNITS, "P1")
    with refused("PLAN_NEEDED"):
        city.do(STAFF, "ForgetPlan", "H1", "P1")


def test_what_is_handed_over_late_opens_what_was_promised_or_is_not_taken(city):
    plan, opening = city.plan("CARD-D1-261203A")
    city.do(STAFF, "CommitSessions", "H1", [plan])
    for wrong in ({**opening, "secret": "00" * 32}, {**opening, "runs": [[480, 10, 8, "reserved"]]}):
        with refused("COMMITMENT_MISMATCH"):
            keep(city, "P1", wrong)
    name = late_name([plan["id"]])
    with refused("PLAN_MISSING"):
        city.do(STAFF, "LinkPlan", "H1", name, [plan["id"]])
    keep(city, name, opening)
    assert city.do(STAFF, "LinkPlan", "H1", name, [plan["id"]]) == 1
    assert city.ask(STAFF, "GetSession", f"H1.{plan['id']}")["plan"] == name


def test_no_key_of_the_hospital_makes_a_promise_that_nobody_can_keep(city):
    """Attack: point a session at junk and forget what opens it; before, it could never be opened."""
    plan, opening = city.plan("CARD-D1-261203A")
    _, other = city.plan("CARD-D2-261203A")
    keep(city, "P1", opening)
    city.do(STAFF, "CommitSessions", "H1", [plan], UNITS, "P1")
    keep(city, "JUNK", other)
    for name in ("JUNK", late_name([plan["id"]]), late_name([other["id"]])):
        with pytest.raises(ChaincodeError, match=r"^PLAN_M"):
            city.do(STAFF, "LinkPlan", "H1", name, [plan["id"]])
    for name in (late_name([plan["id"]]), late_name([other["id"]])):
        with refused("PLAN_MISMATCH"):  # neither of other sessions, nor of one that is not promised
            keep(city, name, other)
    with refused("PLAN_NEEDED"):
        city.do(COLLEAGUE, "ForgetPlan", "H1", "P1")
    city.do(STAFF, "ForgetPlan", "H1", "JUNK")
    city.pass_time(seconds=61)
    assert city.do(STAFF, "PublishSessions", "H1", [opening]) == plan["count"]
    city.do(STAFF, "ForgetPlan", "H1", "P1")


def test_what_alone_opens_a_session_stays_though_the_session_does_not_name_it(city):
    plan, opening = city.plan("CARD-D1-261203A")
    keep(city, "P1", opening)
    keep(city, "P2", {**opening, "secret": "00" * 32})
    keep(city, "P3", {**opening, "runs": [[0, 10, 8, "online"]]})
    city.do(STAFF, "CommitSessions", "H1", [plan], UNITS)
    with refused("PLAN_NEEDED"):
        city.do(STAFF, "ForgetPlan", "H1", "P1")
    for name in ("P2", "P3"):
        city.do(STAFF, "ForgetPlan", "H1", name)


def test_what_is_kept_is_sealed_and_read_by_the_hospitals_staff_alone(city):
    _, opening = city.plan("CARD-D1-261203A")
    keep(city, "P1", opening)
    city.do(STAFF, "KeepNote", "H1", "habits", transient={"note": b'{"date": "dmy"}'})
    assert city.ask(COLLEAGUE, "ReadNote", "H1", "habits") == {"date": "dmy"}
    private = list(city.tester.ledger.state(city.tester.name, "patients").values())
    assert len(private) == 2 and all(is_sealed(value) for value in private)
    for stranger in (PLATFORM, PORTAL_1, person("HospitalMSP", "staff", hospital="H2")):
        for call in (("ReadPlan", "H1", "P1"), ("ReadNote", "H1", "habits")):
            with refused("FORBIDDEN"):
                city.ask(stranger, *call)
    city.do(STAFF, "DropNote", "H1", "habits")
    assert city.ask(STAFF, "ReadNote", "H1", "habits") == {}


@pytest.mark.parametrize(
    "plan",
    [
        b"",
        b"[]",
        b"{}",
        b"x",
        b'{"a": 1}',
        b'{"a": {"secret": "00"}}',
        b"[" * 100_000,
        json.dumps({"a": {"secret": "zz" * 32, "runs": []}}).encode(),
        b'{"a": {"secret": "%s", "runs": 5}}' % (b"00" * 32),
        b" " * 4_000_001,
    ],
)
def test_plans_of_a_wrong_form_are_refused(city, plan):
    with pytest.raises(ChaincodeError, match=r"^BAD_"):
        city.do(STAFF, "KeepPlan", "H1", "P1", transient={"plan": plan})


def test_who_cancels_at_another_desk_does_so_in_their_own_name(city):
    """Before, staff that cancelled what a portal had made left "resident" on the ledger."""
    session = city.publish()
    made = city.book(f"{session}.001", 1)
    assert city.do(STAFF, "CancelAppointment", made["id"])["cancelled"][::2] == ["elsewhere", "HospitalMSP/staff-H1"]
    own = city.book(f"{session}.002", 2)
    assert city.do(PORTAL_1, "CancelAppointment", own["id"])["cancelled"][0] == "resident"
    kept = city.ask(PLATFORM, "GetAppointment", made["id"])
    assert kept["cancelled"][2] == "HospitalMSP/staff-H1" and kept["resident"] == resident(1)
