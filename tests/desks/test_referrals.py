"""A community clinic's own desk: it refers who stands there to a hospital's reserve, books, and gives back its own."""

from __future__ import annotations

import csv
import datetime as dt
import io
import uuid
from collections.abc import Callable

import pytest

from apps.health_slots.service import build_service
from fabric_sdk import clock
from tests.apps.health_slots.conftest import HEADINGS
from tests.desks.conftest import Office, Person
from tests.people import card, paper

Hire = Callable[[str, str], Person]


@pytest.fixture
def institutions(office: Office) -> tuple[str, str]:
    """A hospital and a clinic, of one organisation, with staff of their own."""
    hospital, clinic = (f"{letter}{uuid.uuid4().hex[:8].upper()}" for letter in "HC")
    service = build_service(office.platform, "city")
    try:
        service.set_up({hospital: "样例医院", clinic: "样例社康"}, "HospitalMSP")
    finally:
        service.close()
    return hospital, clinic


@pytest.fixture
def at(seat: Callable[..., Person]) -> Hire:
    """A member of staff of one institution, and of no other."""

    def make(word: str, hospital: str) -> Person:
        attributes = {"slots.role": "staff", "slots.hospital": hospital}
        return seat(f"{word}-{uuid.uuid4().hex[:8]}", "HospitalMSP", "hospital_staff", **attributes)

    return make


def reserve(nurse: Person, hospital: str) -> str:
    """Three slots in four days, two of them for referrals until a day before; returns the session."""
    rules = {"release_mode": "after-commit", "release_delay_s": 0, "window_days": 30, "referral_hours": 24}
    nurse.run("slots", "policy", "--hospital", hospital, *(f"{k}={v}" for k, v in rules.items()))
    day = (clock.today() + dt.timedelta(days=4)).isoformat()
    out = io.StringIO()
    row = ["CARD", "心血管内科", "D1", "专家一", day, "上午"]
    csv.writer(out).writerows(
        [
            HEADINGS,
            [*row, "08:00", "09:00", 1, "专家", "线上", 0],
            [*row, "09:00", "10:00", 2, "专家", "社区", 0],
        ]
    )
    nurse.write("schedule.csv", out.getvalue())
    nurse.run("slots", "import", "schedule.csv", "--hospital", hospital)
    nurse.run("slots", "release", "--hospital", hospital)
    found = nurse.run("slots", "search", "--hospital", hospital)["slots"]
    (session,) = {slot["id"].rpartition(".")[0] for slot in found}
    return str(session)


def test_a_clinic_refers_and_books_at_its_own_desk(
    institutions: tuple[str, str], at: Hire, seat: Callable[..., Person]
) -> None:
    """Before, its staff could refer, but who stood there had to go elsewhere to get the slot."""
    hospital, clinic = institutions
    nurse, doctor = at("nurse", hospital), at("doctor", clinic)
    officer = seat(f"officer-{uuid.uuid4().hex[:8]}", "HealthMSP", "authority")
    session = reserve(nurse, hospital)
    who = paper(1, document=card(uuid.uuid4().int % 10**6))
    doctor.write("who.json", who)
    # Whom the authority did not admit refers nobody; it sees what is reserved all the same.
    words = ("slots", "refer-book", "who.json", session, "--clinic", clinic)
    assert doctor.fails(*words)["code"] == "forbidden"
    (left,) = [one for one in doctor.run("slots", "reserved", "--clinic", clinic) if one["session"] == session]
    assert left["left"] == 2 and left["until"] > clock.seconds()
    assert clinic in officer.run("slots", "clinics", "--admit", clinic)
    made = doctor.run(*words)
    assert (made["state"], made["slot"].rpartition(".")[0]) == ("booked", session)
    # The hospital sees who came from where; the clinic sees its own, and no name stands in either.
    for person, option, place in ((nurse, "--hospital", hospital), (doctor, "--clinic", clinic)):
        (row,) = person.run("slots", "referrals", option, place)
        assert (row["clinic"], row["state"], row["appointment"]) == (clinic, "booked", made["id"])
        assert "样例居民" not in str(row)
    # The same person again: the limit is the person's, not the desk's.
    assert doctor.fails(*words)["code"] == "limit_per_department"
    # The hospital's own window has the reserve no earlier either, and the clinic is no desk of the hospital otherwise.
    nurse.write("other.json", paper(2, document=card(uuid.uuid4().int % 10**6)))
    refused = nurse.fails("slots", "book", f"{session}.003", "--identity", "other.json", "--window")
    assert refused["code"] == "referral_needed"
    doctor.write("other.json", paper(3, document=card(uuid.uuid4().int % 10**6)))
    assert doctor.fails("slots", "book", f"{session}.001", "--identity", "other.json", "--window")["code"] in {
        "forbidden",
        "permission_denied",
    }
    # What it booked it gives back; the slot is for the next who is referred.
    doctor.run("slots", "cancel", made["id"], "--window")
    booked = nurse.run("slots", "book", f"{session}.001", "--identity", "other.json", "--window")
    assert doctor.fails("slots", "cancel", booked["id"], "--window")["code"] == "forbidden"
    # Dismissed, it refers no more; what it referred stays.
    officer.run("slots", "clinics", "--dismiss", clinic)
    assert doctor.fails("slots", "refer-book", "other.json", session, "--clinic", clinic)["code"] == "forbidden"
    assert doctor.run("slots", "referrals", "--clinic", clinic)
    assert officer.run("slots", "audit", "--hospital", hospital)["clean"]
