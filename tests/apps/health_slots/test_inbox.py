"""What waits for whom in 号源链: each line asks whoever may do it, as the act's words say."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from apps.health_slots import roles
from apps.health_slots.cast import serves
from apps.health_slots.inbox import waiting_of
from apps.health_slots.manifest import MANIFEST
from baas.session import OWNER_ACTOR, Actor
from chaincode.health_slots.fair_draw import PARTIES

AT = {roles.HOSPITAL_STAFF: "HospitalMSP", roles.AUTHORITY: "HealthMSP", roles.PATIENTS: "HealthMSP"}
WHO = (roles.HOSPITAL_STAFF, roles.PLATFORM, roles.PATIENTS)
CLERK_OF_HOSPITAL = Actor("x", "HospitalMSP", frozenset({roles.CLERK}), "clerk")


def lines(town: Any, who: Any) -> list[tuple[str, str, str]]:
    """Kind, what it is about and what it asks, for whoever holds a role of the platform."""
    actor = who if isinstance(who, Actor) else Actor("x", AT.get(who, "DataBureauMSP"), frozenset({who}), "one")
    granted = frozenset().union(*(MANIFEST.grants[role] for role in actor.roles))
    session = SimpleNamespace(actor=actor, allows=lambda permission, msp_id="": permission in granted)
    town.service.refresh()
    found = waiting_of("health_slots", SimpleNamespace(session=session), "city", town.service)
    return [(one.kind, one.title if isinstance(one.title, str) else one.title.zh, one.asks.zh) for one in found]


@pytest.fixture(autouse=True)
def alone(monkeypatch: Any) -> None:
    """Whether plans stand on this machine alone is no question of this ledger's."""
    monkeypatch.setattr("apps.health_slots.services.schedules.Schedules.unshared", lambda self: ())


def test_a_draw_asks_each_party_in_its_turn_and_the_platform_for_the_rest(town: Any) -> None:
    session = town.publish()[0]
    service = town.service
    service.draws.open("D1", "H1", [f"{session}.001"], apply_s=60, turn_s=400)
    asked = ("draw", "摇号 D1", "承诺种子：citychain slots draw commit")
    for who in WHO:
        assert lines(town, who) == [asked]
    assert not lines(town, roles.AUTHORITY)
    service.draws.commit("D1", "platform")
    assert not lines(town, roles.PLATFORM) and lines(town, roles.PATIENTS) == [asked]
    service.draws.commit("D1", "patients")
    town.ledger.pass_time(seconds=61)
    assert not lines(town, roles.PATIENTS)
    assert [line[2] for line in lines(town, roles.PLATFORM)] == ["冻结名单：citychain slots draw freeze"]
    service.draws.freeze("D1")
    assert service.draws.get("D1")["state"] == "number", "without the hospital's seed a public number decides"
    assert not lines(town, roles.PLATFORM)
    town.ledger.pass_time(seconds=2 * 86_400)
    number = ["录入公开号码：citychain slots draw number"]
    assert [line[2] for line in lines(town, roles.PATIENTS)] == number
    service.draws.enter_number("D1", "patients", "123")
    assert not lines(town, roles.PATIENTS) and [line[2] for line in lines(town, roles.PLATFORM)] == number


def test_a_turn_is_asked_of_its_party_and_a_turn_that_passed_of_the_platform(town: Any) -> None:
    service, session = town.service, town.publish()[0]
    service.draws.open("D1", "H1", [f"{session}.001"], apply_s=60, turn_s=400)
    for party in PARTIES:
        service.draws.commit("D1", party)
    town.ledger.pass_time(seconds=61)
    service.draws.freeze("D1")
    reveal = ["轮到您揭示：citychain slots draw reveal"]
    for party, who, other in zip(PARTIES, WHO, (*WHO[1:], WHO[0]), strict=True):
        assert [line[2] for line in lines(town, who)] == reveal and not lines(town, other), party
        if party != "patients":
            service.draws.reveal("D1", party)
    town.ledger.pass_time(seconds=401)
    assert [line[2] for line in lines(town, roles.PLATFORM)] == ["超时未揭示：citychain slots draw skip"]
    assert not lines(town, roles.PATIENTS)


def test_a_clerk_pays_back_and_settles_the_own_hospitals_days(town: Any) -> None:
    session = town.publish(town.row(挂号费="15"))[0]
    made = town.service.bookings.book(f"{session}.001", town.resident(1))
    town.service.bills.pay(made.id, "wechat", "WX-1", made.due)
    assert not lines(town, CLERK_OF_HOSPITAL)
    town.service.bookings.cancel(made.id)
    assert lines(town, CLERK_OF_HOSPITAL) == [
        ("refund", f"{town.service.hospitals()[0].name}：应退 {made.due} 分", "退款：citychain slots bill refund")
    ]
    town.ledger.pass_time(seconds=86_400)
    assert ("settlement", "结算：citychain slots bill settle") in [line[::2] for line in lines(town, roles.PLATFORM)]


def test_returned_slots_are_handed_on_by_staff_and_reopened_by_the_platform(town: Any) -> None:
    session = town.publish()[0]
    made = town.service.bookings.book(f"{session}.001", town.resident(1))
    town.service.bookings.cancel(made.id)
    asked = ("returned", "市第一人民医院：1 个退号待分配", "分配退号：citychain slots hand-on")
    assert asked in lines(town, roles.HOSPITAL_STAFF) and lines(town, roles.PLATFORM) == [asked]
    town.service.waiting.join(session, town.resident(2))
    assert asked in lines(town, roles.HOSPITAL_STAFF) and not lines(town, roles.PLATFORM)


def test_a_nurse_of_one_hospital_is_asked_nothing_of_another(town: Any) -> None:
    town.publish()
    first, second = sorted(town.service.hospitals(), key=lambda one: one.id)
    here = {"slots.role": "staff", "slots.hospital": "H1"}
    nurse = Actor("x", "HospitalMSP", frozenset({roles.HOSPITAL_STAFF}), "nurse", attributes=here)
    assert serves(nurse, first) and not serves(nurse, second)
    assert not serves(replace(nurse, msp_id="OtherHospitalMSP"), first)
    assert serves(OWNER_ACTOR, first) and serves(OWNER_ACTOR, second)
    made = town.service.bookings.book(f"{town.service.sessions()[0].id}.001", town.resident(1))
    town.service.bookings.cancel(made.id)
    assert [line[0] for line in lines(town, nurse)] == ["returned"]
    elsewhere = replace(nurse, attributes=here | {"slots.hospital": "H2"})
    assert not lines(town, elsewhere)
