"""What waits in 号源链, told at each person's own desk: `citychain inbox` and the line at login."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable

import pytest

from apps.health_slots.service import build_service
from fabric_sdk import clock
from tests.desks.conftest import Office, Person
from tests.desks.test_slots_parties import published
from tests.people import card, paper


def waits(person: Person, about: str) -> dict[str, str]:
    """Kind → what is asked, of the matters that concern one hospital, draw, portal or appointment."""
    found = [one for one in person.run("inbox") if one["application"] == "health_slots"]
    return {one["kind"]: one["asks"] for one in found if about in one["id"]}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_each_is_told_of_what_is_theirs_and_of_nothing_else(seat: Callable[..., Person], office: Office) -> None:
    """Before, the inbox of nurse, clerk, authority and portal administrator was empty whatever happened."""
    hospital = f"H{uuid.uuid4().hex[:8].upper()}"
    service = build_service(office.platform, "city")
    service.set_up({hospital: "样例医院"}, "HospitalMSP")
    service.close()

    def at(msp_id: str, role: str) -> Person:
        return seat(f"{role.replace('_', '-')}-{uuid.uuid4().hex[:8]}", msp_id, role)

    nurse, clerk = at("HospitalMSP", "hospital_staff"), at("HospitalMSP", "payment_clerk")
    bureau, patients = at("DataBureauMSP", "slots_platform"), at("HealthMSP", "patients_party")
    authority, keeper = at("HealthMSP", "authority"), at("HospitalMSP", "portal_admin")
    everybody = (nurse, clerk, bureau, patients, authority, keeper)
    slots = published(nurse, hospital)
    assert [waits(one, hospital) for one in everybody] == [{}] * 6

    # A second schedule is due and not opened: the nurse is asked to, the authority sees that it is late.
    later = (clock.today() + dt.timedelta(days=9)).isoformat()
    row = f"NEW,新科,D9,专家九,{later},上午,08:00,09:00,4,专家,线上,20"
    nurse.write("more.csv", f"科室编号,科室,医生编号,医生,日期,时段,开始,结束,号源数,号别,号源池,挂号费\n{row}\n")
    nurse.run("slots", "import", "more.csv", "--hospital", hospital)
    assert [set(waits(one, hospital)) for one in everybody] == [{"release"}, set(), set(), set(), {"late"}, set()]
    assert "for you" in nurse.plain("inbox", "--line")
    nurse.run("slots", "release", "--hospital", hospital)
    assert [waits(one, hospital) for one in everybody] == [{}] * 6

    # A visit that was paid is taken back: the clerk owes money, the nurse a slot to hand on.
    nurse.write("who.json", paper(5, document=card(uuid.uuid4().int % 10**6)))
    made = nurse.run("slots", "book", slots[-1], "--identity", "who.json", "--window")
    reference = uuid.uuid4().hex[:12]
    clerk.run("slots", "bill", "pay", made["id"], "wechat", reference, made["due"])
    nurse.run("slots", "cancel", made["id"], "--window")
    assert [set(waits(one, made["id"])) for one in everybody] == [set(), {"refund"}, set(), set(), set(), set()]
    assert set(waits(nurse, hospital)) == {"returned"}
    clerk.run("slots", "bill", "refund", made["id"], "wechat", f"{reference}-back")
    assert waits(clerk, made["id"]) == {}

    # A draw asks each party for its seed until it has committed.
    draw, day = f"D{uuid.uuid4().hex[:10]}", slots[0].rpartition(".")[0]
    drawn = [one for one in slots if one.startswith(day)][:2]
    nurse.run("slots", "draw", "open", draw, *drawn, "--hospital", hospital, "--apply-s", "600", "--turn-s", "400")
    parties = {"hospital": nurse, "platform": bureau, "patients": patients}
    for party, person in parties.items():
        assert "draw commit" in waits(person, draw)["draw"]
        person.run("slots", "draw", "commit", draw, party)
        assert waits(person, draw) == {}
    assert [waits(one, draw) for one in (clerk, authority, keeper)] == [{}] * 3

    # A portal's token that ends soon, told to whoever may renew it.
    portal = f"p{uuid.uuid4().hex[:8]}"
    keeper.run("slots", "portal", "add", portal, "--days", "5")
    assert "portal renew" in waits(keeper, portal)["portal"]
    keeper.run("slots", "portal", "renew", portal)
    assert [waits(one, portal) for one in everybody] == [{}] * 6
