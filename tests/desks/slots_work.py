"""Slots work of a campaign: nurses, a clerk, portals and their door; and what must be true of it at the end."""

from __future__ import annotations

import random
import time
import uuid
from pathlib import Path
from threading import Event, Lock
from typing import Any, Protocol

import httpx

from apps.health_slots.service import build_service
from fabric_sdk import clock
from tests.desks.conftest import Office, Person
from tests.desks.test_fhir_door import Door, booked, named
from tests.desks.test_slots_parties import published
from tests.people import card, paper


class Desk(Protocol):
    """A person whose machine may be switched off at any moment; see `test_files_campaign.Desk`."""

    person: Person

    def say(self, *args: object) -> Any: ...


class Town:
    """A hospital with its acknowledged bookings, cancellations, payments and portals."""

    def __init__(self, office: Office, nurse: Person, keeper: Person, folder: Path) -> None:
        self.office = office
        self.hospital = f"H{uuid.uuid4().hex[:8].upper()}"
        service = build_service(office.platform, "city")
        service.set_up({self.hospital: "样例医院"}, "HospitalMSP")
        service.close()
        self.slots = published(nurse, self.hospital)
        self.portal = named("p")
        self.token = keeper.run("slots", "portal", "add", self.portal)["token"]
        name, key = named("fhir"), folder / "fhir.pem"
        office.platform.identities.issue_service("HospitalMSP", name, key, "slots_service", {"slots.role": "portal"})
        words = ("serve", "fhir", "--identity", f"HospitalMSP/{name}", "--key-file", key)
        self.door = Door(office.platform.workspace.folder, *words)
        self.address = self.door.start()
        self.lock = Lock()
        self.booked: dict[str, tuple[str, int]] = {}
        self.asked_back: set[str] = set()
        self.cancelled: set[str] = set()
        self.paid: dict[str, str] = {}
        self.refunds: dict[str, str] = {}
        self.portals: dict[str, str] = {}
        self.acts = 0

    def note(self, made: Any) -> None:
        with self.lock:
            self.booked[made["id"]] = (made["slot"], int(made.get("due") or 0))

    def nurse(self, desk: Desk, over: Event) -> None:
        """Books at the window, takes back, looks at the day."""
        chance = random.Random(desk.person.name)
        while not over.is_set():
            self.acts += 1
            dice = chance.random()
            if dice < 0.6:
                desk.person.write("who.json", paper(5, document=card(uuid.uuid4().int % 10**6)))
                words = (chance.choice(self.slots), "--identity", "who.json", "--window")
                if (made := desk.say("slots", "book", *words)) is not None:
                    self.note(made)
            elif dice < 0.8 and self.booked:
                id = chance.choice(list(self.booked))
                with self.lock:
                    self.asked_back.add(id)
                if desk.say("slots", "cancel", id, "--window") is not None:
                    with self.lock:
                        self.cancelled.add(id)
            elif dice < 0.9:
                desk.say("slots", "hand-on", "--hospital", self.hospital)
            else:
                desk.say("inbox")

    def clerk(self, desk: Desk, over: Event) -> None:
        """Takes money, pays back, looks at the balance."""
        chance = random.Random(desk.person.name)
        while not over.is_set():
            self.acts += 1
            dice, reference = chance.random(), uuid.uuid4().hex[:16]
            open_ = [one for one, (_, due) in list(self.booked.items()) if due and one not in self.paid]
            back = [one for one in list(self.cancelled) if one in self.paid and one not in self.refunds]
            if dice < 0.5 and open_:
                id = chance.choice(open_)
                if desk.say("slots", "bill", "pay", id, "wechat", reference, self.booked[id][1]) is not None:
                    self.paid[id] = reference
            elif dice < 0.8 and back:
                id = chance.choice(back)
                if desk.say("slots", "bill", "refund", id, "wechat", reference) is not None:
                    self.refunds[id] = reference
            else:
                said = desk.say("slots", "bill", "balance", "--hospital", self.hospital)
                assert said is None or said["balanced"], said
                over.wait(0.5)

    def keeper(self, desk: Desk, over: Event) -> None:
        """Admits portals and takes them away again."""
        chance = random.Random(desk.person.name)
        while not over.wait(1):
            self.acts += 1
            if chance.random() < 0.5 or not self.portals:
                if desk.say("slots", "portal", "add", name := named("q")) is not None:
                    self.portals[name] = "admitted"
            else:
                name = chance.choice(list(self.portals))
                before, self.portals[name] = self.portals[name], "asked"
                said = desk.say("slots", "portal", "revoke", name)
                self.portals[name] = "revoked" if said is not None or before == "revoked" else "asked"

    def authority(self, desk: Desk, over: Event) -> None:
        """Recomputes the hospital from the blocks; whatever is killed, it agrees."""
        while not over.wait(3):
            self.acts += 1
            said = desk.say("slots", "audit", "--hospital", self.hospital)
            assert said is None or said["clean"], said["findings"]

    def patron(self, over: Event) -> None:
        """Somebody who books through the portal, whose door may be gone."""
        chance = random.Random(self.portal)
        while not over.wait(0.3):
            self.acts += 1
            try:
                with httpx.Client(base_url=self.address, trust_env=False) as client:
                    answer = booked(client, self.token, chance.choice(self.slots), uuid.uuid4().int % 10**6)
            except httpx.HTTPError:
                time.sleep(0.5)
                continue
            assert answer.status_code in {201, 409, 422, 429, 503}, answer.text
            if answer.status_code == 201:
                with self.lock:
                    self.booked[answer.json()["id"]] = ("", 0)

    def agree(self, nurses: list[Person], fresh: Person, authority: Person, keeper: Person) -> None:
        """What was acknowledged stands, and every desk of the hospital tells the same, a new one too."""
        hospital = [*nurses, fresh]
        for one in (*hospital, authority, keeper):
            one.restart()
        lists = [_states(one, self.hospital) for one in hospital]
        assert all(one == lists[0] for one in lists), "desks disagree on appointments"
        states = lists[0]
        lost = sorted(set(self.booked) - set(states))
        assert not lost, lost
        for id, state in states.items():
            if id in self.cancelled:
                assert state == "cancelled", (id, state)
            elif id in self.booked and id not in self.asked_back:
                assert state != "cancelled", (id, state)
        assert authority.run("slots", "audit", "--hospital", self.hospital)["clean"]
        listed = {one["name"]: one for one in keeper.run("slots", "portal", "list")}
        assert set(self.portals) <= set(listed)
        assert all(listed[name]["revoked_at"] for name, state in self.portals.items() if state == "revoked")

    def money(self, clerks: list[Person]) -> None:
        """Payments and refunds that were acknowledged are in the books once, and the books balance at every desk."""
        day = clock.today()
        dates = [day.isoformat(), (day.fromordinal(day.toordinal() - 1)).isoformat()]
        told = []
        for one in clerks:
            one.restart()
            words = ("slots", "bill", "postings")
            rows = [row for date in dates for row in one.run(*words, date, "--hospital", self.hospital)]
            balance = one.run("slots", "bill", "balance", "--hospital", self.hospital)
            assert balance["balanced"]
            told.append(([(row["order"], row["number"], row["reference"]) for row in rows], balance["accounts"]))
        assert all(one == told[0] for one in told)
        references = [reference for _, _, reference in told[0][0]]
        for reference in (*self.paid.values(), *self.refunds.values()):
            assert references.count(reference) == 1, reference


def _states(person: Person, hospital: str) -> dict[str, str]:
    rows = person.run("slots", "appointments", "--hospital", hospital, "--limit", "10000")
    return {row["id"]: row["state"] for row in rows}
