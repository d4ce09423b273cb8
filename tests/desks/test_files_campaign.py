"""Mixed work of all roles at ten desks while desks, the content service and a hospital's door are killed.

`CITYCHAIN_CAMPAIGN_MINUTES` says for how long (2 by default); whatever is acknowledged must be there at the end, and no
two desks may disagree.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import signal
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any

import pytest

from fabric_sdk import clock
from tests.desks.conftest import Office, Person
from tests.desks.slots_work import Town
from tests.desks.test_files import RESIDENT, ContentService, sha256, unique

pytestmark = pytest.mark.slow
MINUTES = float(os.environ.get("CITYCHAIN_CAMPAIGN_MINUTES", "2"))
STATEMENT = ("--purpose", "p", "--process", "p", "--originality", "o")
COMPLETED = ("--author", "样例甲", "--completed", "2025-11-18")


class Desk:
    """A person whose machine may be switched off at any moment; one command at a time."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.lock = Lock()
        self.deaths = 0

    def say(self, *args: object) -> Any:
        """The answer of a command, None when the machine was switched off under it or it was refused."""
        with self.lock:
            try:
                said = self.person.say(*args)
            except AssertionError:
                raise
            except Exception:
                self.person.restart()
                self.deaths += 1
                return None
        assert said.code != 70, f"{self.person.name}: {args}\n{said.err}"
        return said.json if said.code == 0 and said.out.strip() else None

    def kill(self) -> None:
        with suppress(Exception):
            self.person.process.kill()


@pytest.mark.timeout(int(MINUTES * 60) + 1200)
def test_nothing_is_lost_and_no_two_desks_disagree(
    office: Office, seat: Callable[..., Person], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    content = ContentService(office)
    content.start()
    creators = [Desk(seat(unique("maker"), "PublicMSP", "creator,licensee")) for _ in range(3)]
    registrars = [Desk(seat(unique("officer"), "CopyrightMSP", "registrar")) for _ in range(2)]
    nurses = [Desk(seat(unique("nurse"), "HospitalMSP", "hospital_staff")) for _ in range(2)]
    clerk = Desk(seat(unique("clerk"), "HospitalMSP", "payment_clerk"))
    keeper = Desk(seat(unique("keeper"), "HospitalMSP", "portal_admin"))
    authority = Desk(seat(unique("officer"), "HealthMSP", "authority"))
    desks = [*creators, *registrars, *nurses, clerk, keeper, authority]
    town = Town(office, nurses[0].person, keeper.person, tmp_path)
    licences: dict[str, str] = {}
    over = Event()
    made: dict[str, tuple[Desk, str]] = {}
    cases: dict[str, str] = {}
    acts = [0]

    def create(desk: Desk) -> None:
        chance = random.Random(desk.person.name)
        number = desk.person.write("id", RESIDENT)
        while not over.is_set():
            acts[0] += 1
            if chance.random() < 0.6 or not made:
                file = desk.person.write(f"{uuid.uuid4().hex}.txt", f"{uuid.uuid4().hex}\n" * chance.randrange(20, 900))
                work = desk.say("copyright", "deposit", file, "--title", file.name[:8], *COMPLETED)
                if work is None:
                    continue
                made[work["id"]] = (desk, sha256(file))
                if chance.random() < 0.4:
                    words = ("--owner-name", "甲", "--document-file", number, *STATEMENT)
                    case = desk.say("copyright", "register", work["id"], *words)
                    cases.update({case["id"]: work["id"]} if case else {})
            elif chance.random() < 0.4:
                license_one(desk, chance)
            elif chance.random() < 0.5:
                desk.say("copyright", "inbox")
            else:
                desk.say("copyright", "files", "--now")

    def license_one(desk: Desk, chance: random.Random) -> None:
        """A licence to a colleague, accepted at the other's desk, who then opens the work there."""
        mine = [work for work, (owner, _) in list(made.items()) if owner is desk]
        other = chance.choice([one for one in creators if one is not desk])
        if not mine:
            return
        work, day = chance.choice(mine), clock.today().isoformat()
        later = (clock.today() + dt.timedelta(days=300)).isoformat()
        words = ("--kind", "ordinary", "--rights", "network", "--territory", "CN", "--from", day, "--until", later)
        to = f"PublicMSP/{other.person.name}"
        offered = desk.say("copyright", "license", "offer", work, "--to", to, *words)
        if offered is None or other.say("copyright", "license", "accept", offered["id"]) is None:
            return
        licences[offered["id"]] = "ACTIVE"
        target = other.person.folder / uuid.uuid4().hex
        if other.say("copyright", "open", work, "-o", target) is not None:
            assert sha256(target) == made[work][1], work

    def review(desk: Desk) -> None:
        chance = random.Random(desk.person.name)
        while not over.is_set():
            acts[0] += 1
            if not cases:
                time.sleep(0.5)
                continue
            case = chance.choice(list(cases))
            step = chance.choice(("verify", "accept", "examine", "compare", "pass", "approve", "open"))
            if step == "open":
                work = cases[case]
                target = desk.person.folder / uuid.uuid4().hex
                if desk.say("copyright", "open", work, "-o", target) is not None:
                    assert sha256(target) == made[work][1], work
            elif step == "compare":
                desk.say("copyright", "compare", case)
            else:
                desk.say("copyright", "review", case, step)

    killed = {"desks": 0, "content": 0, "door": 0}

    def kill_desks() -> None:
        chance = random.Random(7)
        while not over.wait(chance.uniform(3, 8)):
            chance.choice(desks).kill()
            killed["desks"] += 1

    def kill_services() -> None:
        chance = random.Random(8)
        while not over.wait(chance.uniform(15, 45)):
            content.end(signal.SIGKILL)
            over.wait(chance.uniform(0, 5))
            content.start()
            killed["content"] += 1
            over.wait(chance.uniform(5, 15))
            town.door.end(signal.SIGKILL)
            over.wait(chance.uniform(0, 5))
            town.address = town.door.start()
            killed["door"] += 1

    killers = [Thread(target=kill_desks), Thread(target=kill_services)]
    try:
        with ThreadPoolExecutor(len(desks) + 1) as pool:
            running = [pool.submit(create, one) for one in creators] + [pool.submit(review, one) for one in registrars]
            running += [pool.submit(town.nurse, one, over) for one in nurses]
            running += [pool.submit(town.clerk, clerk, over), pool.submit(town.keeper, keeper, over)]
            running += [pool.submit(town.authority, authority, over), pool.submit(town.patron, over)]
            for killer in killers:
                killer.start()
            until = time.monotonic() + MINUTES * 60
            while time.monotonic() < until and not any(one.done() for one in running):
                time.sleep(1)  # whoever ends before the time has found something
            over.set()
            for one in running:
                one.result(300)
        for killer in killers:
            killer.join(120)
        deaths = sum(one.deaths for one in desks)
        with capsys.disabled():
            print(
                f"\n{acts[0] + town.acts} acts: {len(made)} works, {len(cases)} cases, {len(licences)} licences, "
                f"{len(town.booked)} bookings, {len(town.cancelled)} taken back, {len(town.paid)} payments, "
                f"{len(town.refunds)} refunds, {len(town.portals)} portals; {killed} killed, {deaths} noticed"
            )
        _agree(creators, registrars, made, cases)
        states = {case: creators[0].person.run("copyright", "history", case)[0]["state"] for case in licences}
        assert set(states.values()) <= {"ACTIVE"}, states
        fresh = seat(unique("nurse"), "HospitalMSP", "hospital_staff")
        town.agree([one.person for one in nurses], fresh, authority.person, keeper.person)
        town.money([clerk.person, seat(unique("clerk"), "HospitalMSP", "payment_clerk")])
    finally:
        over.set()
        content.end()
        town.door.end()


def _agree(
    creators: list[Desk], registrars: list[Desk], made: dict[str, tuple[Desk, str]], cases: dict[str, str]
) -> None:
    desks = [one.person for one in (*creators, *registrars)]
    for one in creators:
        one.person.restart()
        assert one.person.run("copyright", "files", "--now") == []
    # Everybody sees the same works and the same cases.
    seen = [{one["id"]: one["state"] for one in person.run("copyright", "list")} for person in desks]
    assert all(one == seen[0] for one in seen) and set(made) <= set(seen[0])
    states = [
        {case: person.run("copyright", "history", case)[0]["state"] for case in list(cases)[:20]} for person in desks
    ]
    assert all(one == states[0] for one in states)
    # Every file that was deposited, acknowledged or not, is at the service, and opens at a registrar's as it was.
    mine = {work for one in creators for work in (w["id"] for w in one.person.run("copyright", "list", "--mine"))}
    held = registrars[0].person.say("store", "verify", "--ledger").json["files"]
    where = {one["record"]: one["at"] for one in held if one["what"] == "work"}
    assert [work for work in mine if "CopyrightMSP" not in where[work]] == []
    for number, work in enumerate(list(cases.values())[:15]):
        target = registrars[1].person.folder / f"last-{number}"
        registrars[1].person.run("copyright", "open", work, "-o", target)
        assert sha256(target) == made[work][1]
