"""家庭成员 from the desks of those whom it concerns: two windows, a mother, the authority after a complaint."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable

import pytest

from fabric_sdk import clock
from tests.desks.conftest import Office, Person
from tests.desks.test_slots_parties import published
from tests.people import card, paper

pytestmark = pytest.mark.slow


@pytest.fixture
def hospital(office: Office) -> str:
    from apps.health_slots.service import build_service

    id = f"H{uuid.uuid4().hex[:8].upper()}"
    service = build_service(office.platform, "city")
    try:
        service.set_up({id: "样例医院"}, "HospitalMSP")
    finally:
        service.close()
    return id


def test_a_family_is_known_at_every_window_and_to_nobody_else(hospital: str, seat: Callable[..., Person]) -> None:
    """What one window saw counts at the colleague's, and ended at one it is refused at the other."""

    def at(word: str, msp_id: str, role: str) -> Person:
        return seat(f"{word}-{uuid.uuid4().hex[:8]}", msp_id, role)

    one, two = at("nurse", "HospitalMSP", "hospital_staff"), at("nurse", "HospitalMSP", "hospital_staff")
    officer, clerk = at("officer", "HealthMSP", "authority"), at("clerk", "HospitalMSP", "payment_clerk")
    slots = published(one, hospital, per_department_day=1, per_day=1)
    number = uuid.uuid4().int % 900
    child, mother = card(number, "20180101"), card(number, "19850101")
    for person in (one, two, clerk):
        person.write("child.json", paper(1, name="赵小", document=child))
        person.write("mother.json", paper(2, name="赵大", document=mother))
    book = ("slots", "book", slots[0], "--identity", "child.json", "--guardian", "mother.json", "--window")
    assert two.fails(*book)["code"] == "no_family"
    pair = ("child.json", "mother.json", "--hospital", hospital)
    until = (clock.today() + dt.timedelta(days=300)).isoformat()
    link = ("slots", "family", "link", *pair, "--kind", "minor", "--until", until)
    assert clerk.fails(*link)["code"] in {"permission_denied", "forbidden"}
    one.run(*link)
    (member,) = two.run("slots", "family", "list", "mother.json", "--hospital", hospital)
    assert (member["kind"], member["how"]) == ("minor", "window") and one.name in member["by"]
    made = two.run(*book)
    assert made["acted_for"] and made["state"] == "booked"
    # The child's limit is the child's: by the mother or alone, at either window.
    again = ("slots", "book", slots[1], "--identity", "child.json", "--window")
    for person, more in ((one, ()), (two, ("--guardian", "mother.json"))):
        assert person.fails(*again, *more)["code"] in {"limit_per_department", "limit_per_day"}
    # After a complaint the authority alone tells who booked, by an account.
    told = officer.run("slots", "family", "acted", made["id"])
    assert told["kind"] == "minor" and mother not in str(told)
    assert one.fails("slots", "family", "acted", made["id"])["code"] in {"permission_denied", "forbidden"}
    two.run("slots", "family", "end", *pair)
    two.run("slots", "cancel", made["id"], "--window")
    assert one.fails(*book[:2], slots[1], *book[3:])["code"] == "no_family"
    assert one.run("slots", "family", "list", "mother.json", "--hospital", hospital) == []
