"""Checking in at another desk than the one that booked: by a code of one's own device, or looked up by name."""

from __future__ import annotations

import csv
import datetime as dt
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from fabric_sdk import clock
from tests.desks.conftest import Office, Person
from tests.people import paper

HEADINGS = [
    "科室编号",
    "科室",
    "医生编号",
    "医生",
    "日期",
    "时段",
    "开始",
    "结束",
    "号源数",
    "号别",
    "号源池",
    "挂号费",
]


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


def night(person: Person) -> Path:
    """Slots that begin within the day from now, whatever the hour."""
    day = (clock.today() + dt.timedelta(days=1)).isoformat()
    row = ["CARD", "心血管内科", "D1", "专家一", day, "夜间", "00:00", "00:40", 8, "专家", "线上", "0"]
    path = person.folder / "night.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([HEADINGS, row])
    return path


def test_a_code_of_ones_own_device_and_a_slip_are_good_at_another_desk(
    seat: Callable[..., Person], hire: Callable[[str], Person], hospital: str
) -> None:
    """Before, every code had to come from the platform's workspace, which no hospital had."""
    first, second = (seat(f"nurse-{uuid.uuid4().hex[:8]}", "HospitalMSP", "hospital_staff") for _ in range(2))
    rules = ("release_mode=after-commit", "release_delay_s=0", "window_days=30", "check_in_before_minutes=1440")
    first.run("slots", "policy", "--hospital", hospital, *rules)
    done = first.run("slots", "import", night(first), "--hospital", hospital)
    first.run("slots", "release", "--hospital", hospital)
    (session,) = done["sessions"]
    zhao = hire("zhao")
    public = zhao.run("slots", "key", "new", "zhao.pem")["public"]
    booked = {}
    for number, name in ((1, "赵一"), (2, "钱二")):
        file = first.write(f"{number}.json", paper(number, name=name))
        booked[name] = first.run("slots", "book", f"{session}.00{number}", "--identity", file, "--window")["id"]
    account = first.run("slots", "deposit", "1.json", "--hospital", hospital)["resident"]
    first.run("slots", "key", "bind", public, "--hospital", hospital, "--resident", account)

    # His own device, without workspace or network; nothing in the code leads to anybody.
    code = zhao.run("slots", "key", "code", "zhao.pem", "--seconds", "600")["code"]
    assert not (zhao.folder / "workspace" / "citychain.db").exists()
    assert account not in code and booked["赵一"] not in code
    assert second.fails("slots", "check-in", booked["钱二"], code)["code"] == "bad_code"
    second.run("slots", "check-in", booked["赵一"], code)
    assert first.run("slots", "show", booked["赵一"])["checked_in_by"] == ["code", f"HospitalMSP/{second.name}"]
    assert first.fails("slots", "check-in", booked["赵一"], code)["code"] == "bad_code"  # she is in already

    # The slip: looked up by name, the document compared; the look is traced, and who vouched stands on the record.
    day = (clock.today() + dt.timedelta(days=1)).isoformat()
    (row,) = second.run("slots", "day", day, "--hospital", hospital, "--find", "钱二")
    second.run("slots", "check-in", row["id"], "--document")
    assert first.run("slots", "show", row["id"])["checked_in_by"] == ["desk", f"HospitalMSP/{second.name}"]
    assert row["id"] == booked["钱二"]
