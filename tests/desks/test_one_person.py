"""One resident at desks, hospitals and portals that spell his document differently: one person to every limit.

And nobody but the authority can tell so: not by any word of the whole chain, not by any id that a portal has.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.testclient import TestClient

from apps.health_slots.samples import write_schedule
from apps.health_slots.service import HealthSlotsService, build_service
from apps.health_slots.serving.fhir import fhir_app
from apps.health_slots.serving.portals import PlatformPortals
from fabric_sdk import clock
from fabric_sdk.blocks import decode_block
from tests.desks.conftest import Office, Person
from tests.people import card, paper

WORD = re.compile(rb"[A-Za-z0-9_+/=-]{12,}")
PHONE = "13912349876"
SPELT = {"alpha": "01", "beta": "居民身份证"}


@dataclass
class Town:
    """Two hospitals of one organisation, each rule one visit a department and two a day; two portals."""

    service: HealthSlotsService
    hospitals: tuple[str, str]
    http: TestClient
    tokens: dict[str, str] = field(default_factory=dict)

    def slot(self, hospital: str, day: int, department: int = 0) -> str:
        """A free slot of the schedule's n-th day; the same department each time unless another is asked for."""
        self.service.refresh()
        everything = self.service.sessions(hospital=hospital, state="published")
        sessions = [s for s in everything if s.date == self.date(hospital, day)]
        names = sorted({s.department for s in sessions})
        for session in sessions:
            if session.department == names[department]:
                for slot in self.service.slots(session.id):
                    if slot.state == "free" and slot.pool == "online":
                        return slot.id
        raise AssertionError("no slot is left")

    def date(self, hospital: str, day: int) -> str:
        return sorted({s.date for s in self.service.sessions(hospital=hospital, state="published")})[day]

    def book(self, portal: str, slot: str, document: str, name: str) -> Any:
        patient = {
            "resourceType": "Patient",
            "id": "p",
            "identifier": [{"system": f"urn:citychain:document:{SPELT[portal]}", "value": document}],
            "name": [{"text": name}],
            "telecom": [{"system": "phone", "value": PHONE}],
        }
        body = {
            "resourceType": "Appointment",
            "status": "proposed",
            "slot": [{"reference": f"Slot/{slot}"}],
            "participant": [{"actor": {"reference": "#p"}, "status": "accepted"}],
            "contained": [patient],
        }
        bearer = {"Authorization": f"Bearer {self.tokens[portal]}"}
        return self.http.post("/fhir/Appointment/$book", json=body, headers=bearer)


@pytest.fixture(scope="module")
def town(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    service = build_service(office.platform, "city")
    hospitals = tuple(f"H{uuid.uuid4().hex[:8].upper()}" for _ in range(2))
    service.set_up(dict.fromkeys(hospitals, "样例医院"), "HospitalMSP")
    rules = {"release_mode": "after-commit", "release_delay_s": 0, "per_day": 2, "per_department_day": 1}
    for hospital in hospitals:
        service.rules.set_policy(hospital, rules | {"window_days": 30}, "demand")
        file = write_schedule(folder / f"{hospital}.csv", clock.today() + dt.timedelta(days=1))
        service.schedules.import_file(hospital, file)
        service.schedules.release(hospital)
    portals = PlatformPortals(office.platform, "city", service.index)
    with TestClient(fhir_app(portals)) as http:
        made = Town(service, hospitals, http)  # type: ignore[arg-type]
        for portal in SPELT:
            name = f"{portal}{uuid.uuid4().hex[:8]}"
            made.tokens[portal] = portals.registry.add(name, per_second=1000, burst=1000)
        yield made
    service.close()


@pytest.fixture(scope="module")
def desks(seat: Callable[..., Person], town: Town) -> tuple[Person, Person, Person]:
    """Two desks of the first hospital, one of the second."""
    first, second = town.hospitals
    made = [
        seat(
            f"nurse-{uuid.uuid4().hex[:8]}",
            "HospitalMSP",
            "hospital_staff",
            **{"slots.role": "staff", "slots.hospital": h},
        )
        for h in (first, first, second)
    ]
    return made[0], made[1], made[2]


def test_one_person_to_every_limit_however_the_document_is_spelt(
    town: Town, desks: tuple[Person, Person, Person]
) -> None:
    """Before, he held four appointments in one department and day where the rule says one."""
    first, second = town.hospitals
    one, two, other = desks
    document, name = card(uuid.uuid4().int % 1_000_000), "赵六"
    spelt = (
        paper(1, name=name, document=document),
        paper(1, name=name, document=f"{document[:6]} {document[6:].lower()}"),
    )
    one.write("z.json", spelt[0])
    two.write("z.json", spelt[1].replace('"01"', '"居民身份证"'))
    other.write("z.json", spelt[1])
    booked = one.run("slots", "book", town.slot(first, 1), "--identity", "z.json", "--window")
    again = two.fails("slots", "book", town.slot(first, 1), "--identity", "z.json", "--window")
    assert again["code"] == "limit_per_department"
    for portal in SPELT:
        refused = town.book(portal, town.slot(first, 1), document, name)
        assert (refused.status_code, "per" in refused.text.lower()) == (422, True), refused.text
    # A second of the day elsewhere, by the second hospital's desk; a third nowhere, by nobody.
    made = other.run("slots", "book", town.slot(second, 1), "--identity", "z.json", "--window")
    assert made["resident"] == booked["resident"]
    assert (
        two.fails("slots", "book", town.slot(first, 1, 1), "--identity", "z.json", "--window")["code"]
        == "limit_per_day"
    )
    assert town.book("beta", town.slot(second, 1, 1), document, name).status_code == 422
    # A number with a slip of the pen is nobody, at every door alike.
    wrong = document[:-1] + ("0" if document[-1] != "0" else "1")
    one.write("w.json", paper(1, document=wrong))
    assert one.fails("slots", "book", town.slot(first, 2), "--identity", "w.json", "--window")["code"] == "bad_document"
    assert town.book("alpha", town.slot(first, 2), wrong, name).status_code == 400


def words_of(chain: list[bytes], about: set[str]) -> set[bytes]:
    """Every long word of the transactions that name one of these ids."""
    found: set[bytes] = set()
    for data in chain:
        if any(id.encode() in data for id in about):
            found |= set(WORD.findall(data))
    return found


def transactions(office: Office, start: int = 0) -> list[bytes]:
    """Every transaction of the channel as any reader streams it: arguments, read and write sets, certificates."""
    network = office.platform.networks.connect("city", "DataBureauMSP/admin")
    height = build_service(office.platform, "city").ledger.height()
    found: list[bytes] = []
    with network.block_events(start_block=start) as events:
        for block in events:
            decode_block(block)
            found += list(block.data.data)
            if block.header.number + 1 >= height:
                return found
    return found


def test_nobody_can_tell_that_two_dates_are_the_same_persons(
    town: Town, desks: tuple[Person, Person, Person], office: Office
) -> None:
    """With the whole chain: what two dates of one person share is what two dates of two persons share."""
    one, two, _ = desks
    first = town.hospitals[0]
    people = {name: card(uuid.uuid4().int % 1_000_000) for name in ("同一人", "另一人")}
    visits: dict[tuple[str, int], set[str]] = {}
    shown: set[str] = set()
    for name, document in people.items():
        one.write("p.json", paper(5, name=name, document=document, phone=PHONE))
        two.write("p.json", paper(5, name=name, document=document, phone=PHONE))
        for day, desk in ((0, one), (1, two)):
            made = desk.run("slots", "book", town.slot(first, day), "--identity", "p.json", "--window")
            visits[name, day] = {made["id"], made["resident"]}
        for day, portal in ((2, "alpha"), (3, "beta")):
            answer = town.book(portal, town.slot(first, day), document, name)
            assert answer.status_code == 201, answer.text
            record = town.service.ledger.evaluate("platform", "GetAppointment", answer.json()["id"])
            visits[name, day] = {record["id"], record["resident"]}
            shown |= set(re.findall(r"R[A-Z2-7]{26}", answer.text))
    chain = transactions(office)
    assert all(words_of(chain, ids) for ids in visits.values())
    assert len(set.union(*visits.values())) == 2 * len(visits)  # no id stands for two visits
    for early, late in ((0, 1), (2, 3), (0, 2), (1, 3)):
        mine = words_of(chain, visits["同一人", early]) & words_of(chain, visits["同一人", late])
        others = words_of(chain, visits["同一人", early]) & words_of(chain, visits["另一人", late])
        others |= words_of(chain, visits["另一人", early]) & words_of(chain, visits["同一人", late])
        assert mine <= others, (early, late, mine - others)
    # What a portal calls its patients leads nowhere; nor does the document, its hash, or the name.
    assert shown
    whole = b"".join(chain)
    for word in (*shown, *people.values(), PHONE, *people):
        assert word.encode() not in whole


def test_who_is_erased_can_be_read_nowhere(town: Town, desks: tuple[Person, Person, Person], office: Office) -> None:
    """Before, erased at one desk, the name was still read at the next, under another pseudonym."""
    one, two, other = desks
    first, second = town.hospitals
    document, name = card(uuid.uuid4().int % 1_000_000), f"待清除{uuid.uuid4().hex[:6]}"
    phone = f"17{uuid.uuid4().int % 10**9:09d}"
    for desk in desks:
        desk.write("e.json", paper(9, name=name, document=document, phone=phone))
    ids = []
    for desk, hospital, day in ((one, first, 0), (two, first, 2), (other, second, 3)):
        made = desk.run("slots", "book", town.slot(hospital, day), "--identity", "e.json", "--window")
        ids.append(made["resident"])
    account = two.run("slots", "deposit", "e.json", "--hospital", first)["resident"]
    assert two.run("slots", "identity", "--hospital", first, "--resident", ids[0])["name"] == name
    one.run("slots", "purge", "--hospital", first, "--resident", account, "--yes")
    for desk in (one, two):
        for id in (account, *ids[:2]):
            assert desk.fails("slots", "identity", "--hospital", first, "--resident", id)["code"] == "not_found"
        day = town.date(first, 0)
        assert name not in json.dumps(desk.run("slots", "day", day, "--hospital", first), ensure_ascii=False)
    # The other hospital's record is the other hospital's, until it is asked as well.
    assert other.run("slots", "identity", "--hospital", second, "--resident", ids[2])["name"] == name
    other.run("slots", "purge", "--hospital", second, "--resident", ids[2], "--yes")
    assert other.fails("slots", "identity", "--hospital", second, "--resident", ids[2])["code"] == "not_found"
    # Neither desks' folders, nor nodes', nor the chain hold a word of it, whoever copies them.
    secrets = [text.encode() for text in (name, document, phone)]
    whole = b"".join(transactions(office))
    for secret in secrets:
        assert secret not in whole
    places = [office.platform.workspace.folder, *(desk.desk for desk in desks)]
    files = [path for place in places for path in place.rglob("*") if path.is_file() and not path.is_symlink()]
    assert len(files) > 50
    for path in files:
        data = path.read_bytes()
        for secret in secrets:
            assert secret not in data, path


def test_the_authority_joins_two_documents_on_sight_of_both(
    town: Town, desks: tuple[Person, Person, Person], seat: Callable[..., Person]
) -> None:
    one, two, _ = desks
    first = town.hospitals[0]
    officer = seat(f"officer-{uuid.uuid4().hex[:8]}", "HealthMSP", "authority")
    passport = {"document_type": "03", "document": f"E{uuid.uuid4().int % 10**8:08d}"}
    papers = paper(21, document=card(uuid.uuid4().int % 1_000_000)), paper(21, **passport)
    for person in (one, two, officer):
        person.write("card.json", papers[0])
        person.write("passport.json", papers[1])
    one.run("slots", "book", town.slot(first, 0), "--identity", "card.json", "--window")
    assert one.fails("slots", "join-documents", "card.json", "passport.json", "--yes")["code"]
    officer.run("slots", "join-documents", "card.json", "passport.json", "--yes")
    again = two.fails("slots", "book", town.slot(first, 0), "--identity", "passport.json", "--window")
    assert again["code"] == "limit_per_department"
    assert officer.fails("slots", "join-documents", "passport.json", "card.json", "--yes")["code"] == "joined_already"
