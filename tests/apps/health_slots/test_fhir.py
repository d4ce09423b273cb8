"""The FHIR interface: valid R4 resources, the searches portals use, one 201 and one 409."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

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
from tests.apps.health_slots.portals import booking
from tests.people import card


def test_resources_validate_as_r4(town, http, portals):
    (session,) = town.publish()
    slots = http.get("/fhir/Slot", params={"schedule": f"Schedule/{session}"}).json()
    Bundle.model_validate(slots)
    assert len(slots["entry"]) == 12
    for entry in slots["entry"]:
        Slot.model_validate(entry["resource"])
        assert entry["resource"]["status"] in SLOT_STATUSES
    Schedule.model_validate(http.get(f"/fhir/Schedule/{session}").json())
    CapabilityStatement.model_validate(http.get("/fhir/metadata").json())
    made = http.post("/fhir/Appointment/$book", json=booking(f"{session}.001", portals.patient(1)))
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
            body = booking(f"{session}.001", portals.patient(number, names[number]))
            return client.post("/fhir/Appointment/$book", json=body, headers=headers).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, range(2))) == [201, 409]


def test_hold_then_book_then_cancel(town, http, portals):
    (session,) = town.publish()
    held = http.post(f"/fhir/Slot/{session}.001/$hold", json=booking(f"{session}.001", portals.patient(1)))
    assert (held.status_code, held.json()["status"]) == (201, "pending")
    assert http.get(f"/fhir/Slot/{session}.001").json()["status"] == "busy-tentative"
    booked = http.post("/fhir/Appointment/$book", json=booking(f"{session}.001", portals.patient(1)))
    assert booked.json()["id"] == held.json()["id"]
    cancelled = http.post(f"/fhir/Appointment/{held.json()['id']}/$cancel", json={})
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    listed = http.get("/fhir/Appointment", params={"patient": portals.patient(1), "status": "cancelled"}).json()
    assert [e["resource"]["id"] for e in listed["entry"]] == [held.json()["id"]]


def test_another_portals_appointment_does_not_exist(town, http, portals):
    (session,) = town.publish()
    id = http.post("/fhir/Appointment/$book", json=booking(f"{session}.001", portals.patient(1))).json()["id"]
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
            "identifier": [{"system": "urn:citychain:document:01", "value": card(9999)}],
            "name": [{"text": "上官隐私"}],
            "telecom": [{"system": "phone", "value": "13912345678"}],
        }
    ]
    made = http.post("/fhir/Appointment/$book", json=body)
    assert made.status_code == 201
    chain = json.dumps([repr(t.writes) for b in town.ledger.chain for t in b.transactions], ensure_ascii=False)
    for secret in (card(9999), "上官隐私", "13912345678"):
        assert secret not in made.text
        assert secret not in chain


def pages(http, url: str) -> list[list[str]]:
    """Ids page by page, following `next` links."""
    found = []
    while url:
        answer = http.get(url)
        assert answer.status_code == 200, answer.text
        Bundle.model_validate(answer.json())
        found.append([e["resource"]["id"] for e in answer.json().get("entry", []) if e["search"]["mode"] == "match"])
        url = next((link["url"] for link in answer.json()["link"] if link["relation"] == "next"), "")
        assert len(found) < 50
    return found


def test_every_search_pages_and_misses_nothing(town, http, monkeypatch, portals):
    town.service.rules.set_policy("CITY", {"per_department_day": 20, "per_day": 20})
    rows = [town.row(医生编号=f"D{n}", 医生=f"专家{n}", 号源数=4, 结束="08:40") for n in range(5)]
    sessions = town.publish(*rows)
    booked = []
    for session in sessions:
        town.ledger.pass_time(seconds=1)
        for number in (1, 2):
            body = booking(f"{session}.{number:03d}", portals.patient(1))
            booked.append(http.post("/fhir/Appointment/$book", json=body).json()["id"])
    assert [len(p) for p in pages(http, "/fhir/Schedule?_count=2")] == [2, 2, 1]
    for query, total in (
        (f"schedule={','.join(sessions)}&status=free", 10),
        ("status=busy,free", 20),
        ("start=ge2026-12-03&start=lt2026-12-04&status=busy", 10),
        ("service-type=expert&status=free", 10),
        ("specialty=CARD&status=free", 10),
        ("specialty=CARD,ORTH&status=free", 10),
    ):
        found = pages(http, f"/fhir/Slot?{query}&_count=3")
        assert all(len(p) <= 3 for p in found)
        ids = [i for p in found for i in p]
        assert len(ids) == len(set(ids)) == total, query
    for limit in (4000, 3):
        monkeypatch.setattr("apps.health_slots.serving.fhir_find.MAX_READ", limit)
        ids = [i for p in pages(http, "/fhir/Appointment?_count=4") for i in p]
        assert sorted(ids) == sorted(booked) and len(ids) == 10
        ids = [
            i
            for p in pages(http, f"/fhir/Appointment?practitioner=Practitioner/H1.D3&patient={portals.patient(1)}")
            for i in p
        ]
        assert len(ids) == 2
        assert pages(http, "/fhir/Appointment?date=gt2026-12-03")[-1] == []


def test_schedules_come_along_and_forms_are_searched(town, http):
    (session,) = town.publish()
    bundle = http.get("/fhir/Slot?status=free&_include=Slot:schedule&_sort=start").json()
    Bundle.model_validate(bundle)
    modes = [e["search"]["mode"] for e in bundle["entry"]]
    assert (modes.count("match"), modes.count("include")) == (12, 1)
    assert bundle["entry"][-1]["resource"]["id"] == session
    form = http.post("/fhir/Slot/_search", data={"schedule": f"Schedule/{session}", "status": "free"})
    assert len(form.json()["entry"]) == 12
    assert http.post("/fhir/Slot/_search", json={}).status_code == 415
    assert http.get("/fhir/Schedule?date=2026-12-03").json()["entry"][0]["resource"]["id"] == session
    assert "entry" not in http.get("/fhir/Schedule?date=lt2026-12-03").json()
    assert "entry" not in http.get("/fhir/Slot?_id=H9.NONE-X.001").json()
    assert "entry" not in http.get("/fhir/Slot?service-type=unknown").json()


def test_capability_statement_names_what_there_is(http):
    """Each search parameter that it names is taken, and no other."""
    from apps.health_slots.serving import fhir_directory as directory
    from apps.health_slots.serving import fhir_find as finding

    found = http.get("/fhir/metadata").json()
    assert found["fhirVersion"] == "4.0.1"
    searched = [r for r in found["rest"][0]["resource"] if {"code": "search-type"} in r["interaction"]]
    named = {r["type"]: {p["name"] for p in r["searchParam"]} for r in searched}
    taken = {
        "Slot": finding.SLOT_PARAMETERS,
        "Schedule": finding.SCHEDULE_PARAMETERS,
        "Appointment": finding.APPOINTMENT_PARAMETERS,
        **directory.PARAMETERS,
        "CodeSystem": ("url",),
        "Subscription": ("status",),
    }
    others = {"_include", "_revinclude", "_sort"}
    assert named == {kind: {"_id", *names} - others for kind, names in taken.items()}


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/fhir/Slot?nonsense=1", None, 400),
        ("GET", "/fhir/Slot?status=zzz", None, 400),
        ("GET", "/fhir/Slot?start=yesterday", None, 400),
        ("GET", "/fhir/Slot?_count=100000", None, 400),
        ("GET", "/fhir/Slot?_cursor=x", None, 400),
        ("GET", "/fhir/Slot?schedule=x&_cursor=-1", None, 400),
        ("GET", "/fhir/Appointment?_cursor=x_y", None, 400),
        ("GET", "/fhir/Schedule?active=maybe", None, 400),
        ("GET", "/fhir/Slot?start=zz2026-12-03", None, 400),
        ("GET", "/fhir/Slot?start=2026-12-03T25:00", None, 400),
        ("GET", "/fhir/Slot?start=ge99999", None, 400),
        ("GET", "/fhir/Slot?_summary=all", None, 400),
        ("GET", "/fhir/Slot?_total=yes", None, 400),
        ("GET", "/fhir/Organization?_lastUpdated=ge2026", None, 400),
        ("GET", "/fhir/Practitioner?_cursor=x", None, 400),
        ("GET", "/fhir/Practitioner/H9.X", None, 404),
        ("GET", "/fhir/CodeSystem/none", None, 404),
        ("GET", "/fhir/Slot?_sort=-status", None, 400),
        ("GET", "/fhir/Slot?_include=Slot:patient", None, 400),
        ("GET", "/fhir/Slot?_format=xml", None, 400),
        ("GET", "/fhir/Slot?schedule.actor=Patient/1", None, 400),
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


def test_rules_are_422(town, http, portals):
    (session,) = town.publish()
    http.post("/fhir/Appointment/$book", json=booking(f"{session}.001", portals.patient(1)))
    again = http.post("/fhir/Appointment/$book", json=booking(f"{session}.002", portals.patient(1)))
    assert again.status_code == 422


def test_date_prefixes():
    span = read_search([("start", "ge2026-12-03"), ("start", "lt2026-12-05")], ("start",)).moments("start")
    assert span.dates() == ("2026-12-03", "2026-12-04")
    with pytest.raises(BadSearch):
        read_search([("start", "2026-13-99")], ("start",)).moments("start")
