"""Checking in: codes of a resident's own device, replayed, photographed, of others; a desk that vouches for nobody.

Before, every code came from one workspace's key, which no hospital had; and a code named person and appointment to
whoever photographed it.
"""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chaincode.health_slots.check_in import CANDIDATES, device_code, device_payload
from tests.chaincode.health_slots.conftest import AUTHORITY, OTHER_STAFF, PORTAL_1, STAFF, City, person, refused
from tests.people import altered, card
from tests.security.test_tickets import asked, begun

TODAY = "2026-11-23"
COLLEAGUE = person("HospitalMSP", "staff", hospital="all")


class Visitor:
    """A resident with a booking today, an identity at the hospital and a key bound to the account."""

    def __init__(self, city: City, number: int, slot: str, *, bound: bool = True) -> None:
        self.city, self.key = city, Ed25519PrivateKey.generate()
        self.public = self.key.public_key().public_bytes_raw()
        found = asked(city, number, day=TODAY)
        self.visit, self.account = found["resident"], found["account"]
        self.appointment = city.do(PORTAL_1, "BookSlot", slot, self.visit, "", found["ticket"])["id"]
        account = asked(city, number, who=STAFF, day="")
        for id, proof in ((self.visit, found["proof"]), (self.account, account["proof"])):
            identity = {"name": f"样例{number}", "document_type": "01", "document": card(number), "phone": "1"}
            text = json.dumps(identity | {"salt": "ab" * 32}).encode()
            city.do(STAFF, "DepositIdentity", "H1", id, transient={"identity": text, "proof": proof.encode()})
        if bound:
            city.do(STAFF, "BindResidentKey", "H1", self.account, self.public.hex())

    def code(self, *, at: int = 0, life: int = 120, key: Ed25519PrivateKey | None = None) -> str:
        now = self.city.now + at
        signed = device_payload(self.public, now, now + life, f"n{now}{self.city.tester._calls}")
        return device_code(signed, (key or self.key).sign(signed))


@pytest.fixture
def city() -> City:
    return begun(City(tickets=True))


@pytest.fixture
def session(city: City) -> str:
    return city.publish("CARD-D1-261123A", date=TODAY, start=660, end=720, runs=[[660, 10, 6, "online"]])


def recognise(city, code, *appointments, who=STAFF, hospital="H1"):
    return city.ask(who, "RecogniseCode", hospital, list(appointments), transient={"code": code.encode()})


def test_a_device_checks_in_its_owner_at_any_desk_once(city, session):
    zhao, qian = Visitor(city, 1, f"{session}.001"), Visitor(city, 2, f"{session}.002")
    code = zhao.code()
    found = recognise(city, code, qian.appointment, zhao.appointment, who=COLLEAGUE)
    assert found["appointment"] == zhao.appointment
    done = city.do(COLLEAGUE, "CheckIn", zhao.appointment, found["pass"])
    assert (done["state"], done["checked_in_by"]) == ("checked-in", ["code", "HospitalMSP/staff-all"])
    # Used: neither the pass, nor another pass for the same code, checks anybody in again.
    with refused("CODE_USED"):
        city.do(COLLEAGUE, "CheckIn", zhao.appointment, found["pass"])
    with refused("BAD_CODE"):
        recognise(city, code, zhao.appointment, qian.appointment)


def test_a_second_appointment_of_a_day_needs_a_second_code(city, session):
    city.set_policy(per_day=2, per_department_day=2)
    later = city.publish("CARD-D2-261123A", doctor="D2", date=TODAY, start=660, end=720, runs=[[660, 10, 6, "online"]])
    zhao = Visitor(city, 1, f"{later}.001")
    found = asked(city, 1, day=TODAY)
    other = city.do(PORTAL_1, "BookSlot", f"{later}.004", found["resident"], "", found["ticket"])["id"]
    code = zhao.code()
    first, second = recognise(city, code, zhao.appointment), recognise(city, code, other)
    city.do(STAFF, "CheckIn", zhao.appointment, first["pass"])
    with refused("CODE_USED"):
        city.do(STAFF, "CheckIn", other, second["pass"])


def test_codes_of_others_old_ones_and_forged_ones_are_refused(city, session):
    zhao, qian = Visitor(city, 1, f"{session}.001"), Visitor(city, 2, f"{session}.002")
    mine = [zhao.appointment]
    thief = Ed25519PrivateKey.generate()
    head, payload, signature = zhao.code().split(".")
    for wrong in (
        *("", "CC2..", "x" * 2000, f"{head}.{payload}.{signature}.x", f"{head}.{altered(payload)}.{signature}"),
        *(zhao.code(key=thief), qian.code(), zhao.code(life=601), zhao.code(life=0), zhao.code(at=1000)),
    ):
        with refused("BAD_CODE"):
            recognise(city, wrong, *mine)
    old = zhao.code()
    city.pass_time(seconds=121)
    with refused("CODE_EXPIRED"):
        recognise(city, old, *mine)
    with refused("FORBIDDEN"):
        recognise(city, zhao.code(), *mine, who=PORTAL_1)
    with refused("FORBIDDEN"):
        recognise(city, zhao.code(), *mine, who=OTHER_STAFF)
    with refused("BAD_CODE"):  # another hospital's staff learn nothing of who has an appointment here
        recognise(city, zhao.code(), *mine, who=OTHER_STAFF, hospital="H2")
    with refused("BAD_ARGUMENT"):
        recognise(city, zhao.code(), *(f"A{n}" for n in range(CANDIDATES + 1)))
    city.do(AUTHORITY, "WithdrawResidentKey", zhao.account, "other")
    with refused("BAD_CODE"):
        recognise(city, zhao.code(), *mine)


def test_a_pass_is_for_one_appointment_and_one_member_of_staff(city, session):
    zhao, qian = Visitor(city, 1, f"{session}.001"), Visitor(city, 2, f"{session}.002")
    paper = recognise(city, zhao.code(), zhao.appointment)["pass"]
    for who, appointment, text in (
        (STAFF, qian.appointment, paper),
        (COLLEAGUE, zhao.appointment, paper),
        (STAFF, zhao.appointment, altered(paper)),
        (STAFF, zhao.appointment, asked(city, 1, day=TODAY)["ticket"]),
        (STAFF, zhao.appointment, zhao.code()),
    ):
        with refused("BAD_CODE"):
            city.do(who, "CheckIn", appointment, text)
    city.pass_time(seconds=601)
    with refused("CODE_EXPIRED"):
        city.do(STAFF, "CheckIn", zhao.appointment, paper)


def test_nothing_of_a_check_in_tells_whose_key_it_was(city, session):
    """A key stands beside an account: were it or its signature beside a visit, every visit would be the account's."""
    zhao = Visitor(city, 1, f"{session}.001")
    code = zhao.code()
    paper = recognise(city, code, zhao.appointment)["pass"]
    before = city.tester.ledger.state(city.tester.name)
    city.do(STAFF, "CheckIn", zhao.appointment, paper)
    after = city.tester.ledger.state(city.tester.name)
    written = b"".join(v for k, v in after.items() if before.get(k) != v) + paper.encode()
    for secret in (zhao.account, zhao.public.hex(), code.split(".")[1], code.split(".")[2]):
        assert secret.encode() not in written


def test_a_desk_checks_in_whom_it_looked_up_and_nobody_else(city, session):
    zhao, qian = Visitor(city, 1, f"{session}.001", bound=False), Visitor(city, 2, f"{session}.002", bound=False)
    with refused("TRACE_MISSING"):
        city.do(STAFF, "CheckInAtDesk", zhao.appointment)
    city.do(STAFF, "LookAtIdentity", "H1", zhao.visit, "check-in")
    with refused("TRACE_MISSING"):
        city.do(STAFF, "CheckInAtDesk", qian.appointment)
    with refused("TRACE_MISSING"):  # a colleague's look is the colleague's
        city.do(COLLEAGUE, "CheckInAtDesk", zhao.appointment)
    with refused("FORBIDDEN"):
        city.do(OTHER_STAFF, "CheckInAtDesk", zhao.appointment)
    done = city.do(STAFF, "CheckInAtDesk", zhao.appointment)
    assert done["checked_in_by"] == ["desk", "HospitalMSP/staff-H1"]
    with refused("ILLEGAL_MOVE"):
        city.do(STAFF, "CheckInAtDesk", zhao.appointment)
    # The day's list is a look at everybody on it, for a quarter of an hour.
    city.do(STAFF, "LookAtDay", "H1", TODAY, "check-in")
    city.pass_time(seconds=901)
    with refused("TRACE_MISSING"):
        city.do(STAFF, "CheckInAtDesk", qian.appointment)
    city.do(STAFF, "LookAtDay", "H1", TODAY, "check-in")
    assert city.do(STAFF, "CheckInAtDesk", qian.appointment)["state"] == "checked-in"
