"""转诊 in the window: the authority admits, the clinic's staff refer and book, take back; the hospital looks on."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable
from typing import Any

from fabric_sdk import clock
from tests.apps.health_slots.ui.conftest import HEADINGS


def reserve(here: Any) -> str:
    """Four slots tomorrow night, reserved for referrals until an hour before; returns the session."""
    tomorrow = (clock.today() + dt.timedelta(days=1)).isoformat()
    row = ["CARD", "心血管内科", "D1", "专家甲", "主任医师", tomorrow, "夜间", "22:00", "23:00", 4, "专家", "社区", 0]
    path = here.folder / f"{here.id}-reserve.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([HEADINGS, row])
    done = here.service.schedules.import_file(here.id, path)
    here.service.schedules.release(here.id)
    return str(done.sessions[0])


def test_a_clinic_refers_and_books_with_clicks(window: Any, hospital: Callable[..., Any]) -> None:
    there, clinic = hospital(referral_hours=1), hospital()
    session = reserve(there)
    who = clinic.person()
    window.act_as("HospitalMSP/slots-nurse", "hospital_staff")
    view = window.at(clinic.id, "referrals")
    assert not view.reserved_table.isVisible() and not view.may_button.isVisible()
    assert not window.window.header.buttons["refer"].isEnabled()
    window.act_as("HealthMSP/slots-inspector", "authority")
    view = window.at(clinic.id, "referrals")
    assert "refer" not in window.window.header.buttons
    window.do("准许这家机构转诊", None, view)
    assert clinic.id in there.service.referrals.clinics()
    window.act_as("HospitalMSP/slots-nurse", "hospital_staff")
    view = window.at(clinic.id, "referrals")
    at = [row.id for row in view.reserved.rows].index(session)
    view.reserved_table.choose(at)
    window.settle()
    assert "4" in window.said()
    answer = window.fill(name=who.name, phone=who.phone, type=who.document_type, document=who.document)
    window.head("refer", answer)
    (row,) = (one for one in view.referrals.rows if one.clinic == clinic.id)
    assert (row.hospital, row.state) == (there.id, "booked")
    assert next(one.left for one in view.reserved.rows if one.id == session) == 3
    view.referral_table.choose([one.id for one in view.referrals.rows].index(row.id))
    window.settle()
    assert who.name not in window.said() and who.document not in window.said()
    window.do("撤回转诊…", window.confirm())
    assert there.service.referrals.listed(clinic=clinic.id) == ()
    assert there.service.bookings.get(row.appointment).state == "booked", "what is booked stays"
