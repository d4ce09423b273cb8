"""A hospital's FHIR door: a program of the hospital under an identity of its own, beside all other work."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from apps.health_slots.service import build_service
from tests.desks.conftest import Office, Person
from tests.desks.test_slots_parties import published
from tests.people import card, paper


def named(word: str) -> str:
    return f"{word}{uuid.uuid4().hex[:8]}"


class Door:
    """`citychain serve fhir` as a program of its own; started, stopped, or killed."""

    def __init__(self, workspace: Path, *words: object) -> None:
        command = [sys.executable, "-m", "baas.cli", "--workspace", workspace, "--json", *words]
        self._command = [str(one) for one in command]
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> str:
        """Start it; returns its address."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("CITYCHAIN")}
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.PIPE, text=True, encoding="utf-8", env=environment
        )
        assert self._process.stdout is not None
        said = ""
        while not said.rstrip().endswith("}"):
            line = self._process.stdout.readline()
            assert line, f"it ended: {self._process.wait(10)}"
            said += line
        return str(json.loads(said)["address"]).removesuffix("/fhir")

    def end(self, how: int = signal.SIGTERM) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(60)
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None


@contextlib.contextmanager
def door(workspace: Path, *words: object) -> Iterator[httpx.Client]:
    """A door that is open."""
    made = Door(workspace, *words)
    try:
        with httpx.Client(base_url=made.start(), trust_env=False) as client:
            yield client
    finally:
        made.end()


def booked(client: httpx.Client, token: str, slot: str, number: int) -> httpx.Response:
    patient = {
        "resourceType": "Patient",
        "id": "p",
        "identifier": [{"system": "urn:citychain:document:01", "value": card(number)}],
        "name": [{"text": "样例居民"}],
        "telecom": [{"system": "phone", "value": "13900001234"}],
    }
    body = {
        "resourceType": "Appointment",
        "status": "proposed",
        "slot": [{"reference": f"Slot/{slot}"}],
        "participant": [{"actor": {"reference": "#p"}, "status": "accepted"}],
        "contained": [patient],
    }
    bearer = {"Authorization": f"Bearer {token}"}
    return client.post("/fhir/Appointment/$book", json=body, headers=bearer, timeout=60)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("where", ["beside the authority", "at a desk"])
def test_a_hospitals_door_serves_under_its_own_identity_beside_other_work(
    where: str, seat: Callable[..., Person], office: Office, tmp_path: Path
) -> None:
    """Before, only the platform administrator's workspace could serve portals, and nothing else worked there then."""
    hospital = f"H{uuid.uuid4().hex[:8].upper()}"
    service = build_service(office.platform, "city")
    service.set_up({hospital: "样例医院"}, "HospitalMSP")
    service.close()
    nurse = seat(named("nurse"), "HospitalMSP", "hospital_staff")
    keeper = seat(named("keeper"), "HospitalMSP", "portal_admin")
    slots = published(nurse, hospital)
    portal, label = named("p"), f"HospitalMSP/{named('fhir')}"
    token = keeper.run("slots", "portal", "add", portal)["token"]
    rights = {"slots.role": "portal"}
    if where == "at a desk":
        # Two of one machine: the nurse, who goes on working, and the door.
        nurse.run("identity", "request", "door.citychain", "--name", label.partition("/")[2])
        entry = office.answer(nurse.folder / "door.citychain", label, "slots_service", attributes=rights)
        nurse.run("enter", nurse.receive(entry))
        place, words = nurse.desk, ("--as", label, "serve", "fhir")
        work = ("--as", f"HospitalMSP/{nurse.name}")
    else:
        key = tmp_path / "fhir.pem"
        office.platform.identities.issue_service("HospitalMSP", label.partition("/")[2], key, "slots_service", rights)
        place, words = office.platform.workspace.folder, ("serve", "fhir", "--identity", label, "--key-file", key)
        work = ()
    with door(place, *words) as client:
        for number in range(4):
            nurse.write(f"{number}.json", paper(300 + number, document=card(uuid.uuid4().int % 10**6)))

        def at_the_window(number: int) -> None:
            nurse.run(*work, "slots", "book", slots[number], "--identity", f"{number}.json", "--window")

        def by_the_portal(number: int) -> httpx.Response:
            return booked(client, token, slots[10 + number], uuid.uuid4().int % 10**6)

        with ThreadPoolExecutor(5) as pool:
            windows = pool.submit(lambda: [at_the_window(number) for number in range(4)])
            answers = list(pool.map(by_the_portal, range(8)))
            windows.result()
        assert [one.status_code for one in answers] == [201] * 8, [one.text for one in answers]
        # One slot for two: whoever comes second is told so, whichever door.
        assert booked(client, token, slots[0], uuid.uuid4().int % 10**6).status_code == 409
        # It signed under its own name, and as nobody else.
        ledger = build_service(office.platform, "city").ledger
        signers = {
            transaction.signer
            for block in ledger.blocks(max(0, ledger.height() - 60))
            for transaction in block.transactions
            if transaction.function == "BookSlots" and transaction.valid
        }
        assert any(label.partition("/")[2] in signer for signer in signers), signers
        keeper.run("slots", "portal", "revoke", portal)
        refused = booked(client, token, slots[30], uuid.uuid4().int % 10**6)
        assert refused.status_code in {401, 403}, refused.text
    # The door's own identity does nothing but serve: it admits no portal and moves no slot.
    if where == "at a desk":
        assert nurse.fails("--as", label, "slots", "portal", "add", named("x"))["code"] in {"permission_denied"}
        assert nurse.fails("--as", label, "slots", "release", "--hospital", hospital)["code"] == "permission_denied"
