"""The FHIR interface: valid R4 resources, the searches portals use, one 201 and one 409, tokens and limits."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fhir.resources.R4B.appointment import Appointment
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.capabilitystatement import CapabilityStatement
from fhir.resources.R4B.operationoutcome import OperationOutcome
from fhir.resources.R4B.schedule import Schedule
from fhir.resources.R4B.slot import Slot
from starlette.testclient import TestClient

from apps.health_slots.serving.fhir import fhir_app
from apps.health_slots.serving.fhir_model import APPOINTMENT_STATUSES, SLOT_STATUSES
from apps.health_slots.serving.fhir_search import BadSearch, read_search
from apps.health_slots.serving.limits import PortalRegistry, RateLimiter


class OneTownPortals:
    """Every portal on the town's ledger; calls take turns, as the ledger in memory is one thread's."""

    def __init__(self, town, folder: Path) -> None:
        self.town = town
        self.registry = PortalRegistry(folder / "portals.db")
        self.tokens = {n: self.registry.add(n, per_second=1000, burst=1000) for n in ("alpha", "beta")}
        self.turn = threading.Lock()
        submit = town.ledger.submit

        def in_turn(*args, **keywords):
            with self.turn:
                return submit(*args, **keywords)

        town.ledger.submit = in_turn

    def of_token(self, token):
        return self.registry.of_token(token)

    def service_of(self, portal):
        self.town.ledger.portal = portal
        return self.town.service


@pytest.fixture
def portals(town, tmp_path):
    return OneTownPortals(town, tmp_path)


@pytest.fixture
def http(portals):
    with TestClient(fhir_app(portals), raise_server_exceptions=True) as client:
        client.headers["Authorization"] = f"Bearer {portals.tokens['alpha']}"
        yield client


def booking(slot: str, resident: str) -> dict:
    return {
        "resourceType": "Appointment",
        "status": "proposed",
        "slot": [{"reference": f"Slot/{slot}"}],
        "participant": [
            {"actor": {"identifier": {"system": "urn:citychain:resident", "value": resident}}, "status": "accepted"}
        ],
    }


def test_resources_validate_as_r4(town, http):
    (session,) = town.publish()
    slots = http.get("/fhir/Slot", params={"schedule": f"Schedule/{session}"}).json()
    Bundle.model_validate(slots)
    assert len(slots["entry"]) == 12
    for entry in slots["entry"]:
        Slot.model_validate(entry["resource"])
        assert entry["resource"]["status"] in SLOT_STATUSES
    Schedule.model_validate(http.get(f"/fhir/Schedule/{session}").json())
    CapabilityStatement.model_validate(http.get("/fhir/metadata").json())
    made = http.post("/fhir/Appointment/$book", json=booking(f"{session}.001", town.resident(1)))
    assert made.status_code == 201
    appointment = made.json()
    Appointment.model_validate(appointment)
    assert appointment["status"] in APPOINTMENT_STATUSES
    assert made.headers["location"].endswith(appointment["id"])
    assert http.get(f"/fhir/Slot/{session}.001").json()["status"] == "busy"


def test_slot_search_parameters(town, http):
    morning, _afternoon = town.publish(
        town.row(), town.row(医生编号="D2", 医生="专家二", 时段="下午", 开始="14:00", 结束="16:00", 号别="普通")
    )
    town.service.bookings.book(f"{morning}.001", town.resident(1))

    def found(**parameters):
        answer = http.get("/fhir/Slot", params=parameters)
        assert answer.status_code == 200, answer.text
        return [e["resource"]["id"] for e in answer.json().get("entry", [])]

    assert len(found(status="free")) == 23
    assert found(schedule=morning, status="busy") == [f"{morning}.001"]
    assert len(found(start="ge2026-12-03T14:00:00+08:00", status="free")) == 12
    assert len(found(**{"appointment-type": "general", "status": "free"})) == 12
    assert len(found(**{"schedule.actor": "Practitioner/H1.D2", "status": "free"})) == 12
    assert len(found(specialty="心血管内科", status="free", _count="200")) == 23
    assert found(start="2026-12-04", status="free") == []
    assert found(_id=f"{morning}.002") == [f"{morning}.002"]


def test_slot_search_pages(town, http):
    town.publish()
    seen, url = [], "/fhir/Slot?status=free&_count=5"
    while url:
        page = http.get(url).json()
        seen += [e["resource"]["id"] for e in page["entry"]]
        url = next((link["url"] for link in page["link"] if link["relation"] == "next"), "")
    assert len(seen) == len(set(seen)) == 12


def test_two_portals_at_once_one_201_one_409(town, portals):
    (session,) = town.publish()
    app = fhir_app(portals)
    names = ("alpha", "beta")

    def attempt(number: int) -> int:
        with TestClient(app) as client:
            headers = {"Authorization": f"Bearer {portals.tokens[names[number]]}"}
            body = booking(f"{session}.001", town.resident(number))
            return client.post("/fhir/Appointment/$book", json=body, headers=headers).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, range(2))) == [201, 409]


def test_hold_then_book_then_cancel(town, http):
    (session,) = town.publish()
    held = http.post(f"/fhir/Slot/{session}.001/$hold", json=booking(f"{session}.001", town.resident(1)))
    assert (held.status_code, held.json()["status"]) == (201, "pending")
    assert http.get(f"/fhir/Slot/{session}.001").json()["status"] == "busy-tentative"
    booked = http.post("/fhir/Appointment/$book", json=booking(f"{session}.001", town.resident(1)))
    assert booked.json()["id"] == held.json()["id"]
    cancelled = http.post(f"/fhir/Appointment/{held.json()['id']}/$cancel", json={})
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    listed = http.get("/fhir/Appointment", params={"patient": town.resident(1), "status": "cancelled"}).json()
    assert [e["resource"]["id"] for e in listed["entry"]] == [held.json()["id"]]


def test_another_portals_appointment_does_not_exist(town, http, portals):
    (session,) = town.publish()
    id = http.post("/fhir/Appointment/$book", json=booking(f"{session}.001", town.resident(1))).json()["id"]
    beta = {"Authorization": f"Bearer {portals.tokens['beta']}"}
    assert http.get(f"/fhir/Appointment/{id}", headers=beta).status_code == 404
    assert http.post(f"/fhir/Appointment/{id}/$cancel", json={}, headers=beta).status_code == 404
    assert "entry" not in http.get("/fhir/Appointment", headers=beta).json()


def test_patient_with_identity_goes_to_private_data_only(town, http):
    (session,) = town.publish()
    body = booking(f"{session}.001", "")
    body["participant"] = [{"actor": {"reference": "#p"}, "status": "accepted"}]
    body["contained"] = [
        {
            "resourceType": "Patient",
            "id": "p",
            "identifier": [{"system": "urn:citychain:document:01", "value": "440301198001019999"}],
            "name": [{"text": "上官隐私"}],
            "telecom": [{"system": "phone", "value": "13912345678"}],
        }
    ]
    made = http.post("/fhir/Appointment/$book", json=body)
    assert made.status_code == 201
    chain = json.dumps([repr(t.writes) for b in town.ledger.chain for t in b.transactions], ensure_ascii=False)
    for secret in ("440301198001019999", "上官隐私", "13912345678"):
        assert secret not in made.text
        assert secret not in chain


@pytest.mark.parametrize(
    "header", [None, "Bearer ", "Bearer ccp_forged", "Basic YTpi", "Bearer " + "x" * 5000, "bearer\tx"]
)
def test_forged_tokens_are_refused(portals, header):
    with TestClient(fhir_app(portals)) as client:
        answer = client.get("/fhir/Slot", headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    OperationOutcome.model_validate(answer.json())


def test_revoked_token_is_refused(http, portals):
    portals.registry.revoke("alpha")
    assert http.get("/fhir/Slot").status_code == 401


def test_a_flooding_portal_is_slowed_and_others_are_not(town, tmp_path):
    portals = OneTownPortals(town, tmp_path)
    slow = portals.registry.add("slow", per_second=1, burst=3)
    with TestClient(fhir_app(portals, limiter=RateLimiter(clock=lambda: 0.0))) as client:
        codes = [client.get("/fhir/Slot", headers={"Authorization": f"Bearer {slow}"}).status_code for _ in range(6)]
        other = client.get("/fhir/Slot", headers={"Authorization": f"Bearer {portals.tokens['beta']}"})
    assert codes == [200, 200, 200, 429, 429, 429]
    assert other.status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/fhir/Slot?nonsense=1", None, 400),
        ("GET", "/fhir/Slot?status=zzz", None, 400),
        ("GET", "/fhir/Slot?start=yesterday", None, 400),
        ("GET", "/fhir/Slot?_count=100000", None, 400),
        ("GET", "/fhir/Slot?_cursor=x", None, 400),
        ("GET", "/fhir/Slot/H9.NONE-X.001", None, 404),
        ("GET", "/fhir/Appointment/A1", None, 404),
        ("POST", "/fhir/Appointment/$book", "{", 400),
        ("POST", "/fhir/Appointment/$book", "[]", 400),
        ("POST", "/fhir/Appointment/$book", '{"resourceType":"Patient"}', 400),
        ("POST", "/fhir/Appointment/$book", '{"resourceType":"Appointment","slot":[{"reference":"Slot/x"}]}', 400),
        ("POST", "/fhir/Appointment/$book", "x" * 70_000, 413),
    ],
)
def test_bad_requests_are_outcomes(town, http, method, path, body, status):
    headers = {"Content-Type": "application/fhir+json"} if body else {}
    answer = http.request(method, path, content=body, headers=headers)
    assert answer.status_code == status, answer.text
    OperationOutcome.model_validate(answer.json())


def test_rules_are_422(town, http):
    (session,) = town.publish()
    http.post("/fhir/Appointment/$book", json=booking(f"{session}.001", town.resident(1)))
    again = http.post("/fhir/Appointment/$book", json=booking(f"{session}.002", town.resident(1)))
    assert again.status_code == 422


def test_date_prefixes():
    span = read_search([("start", "ge2026-12-03"), ("start", "lt2026-12-05")], ("start",)).moments("start")
    assert span.dates() == ("2026-12-03", "2026-12-04")
    with pytest.raises(BadSearch):
        read_search([("start", "2026-13-99")], ("start",)).moments("start")
