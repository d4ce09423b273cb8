"""HAPI's R4 validator, unmodified from Maven, judges what the interface answers."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import platformdirs
import pytest

from tests.apps.health_slots import test_fhir_family as family
from tests.apps.health_slots.portals import booking
from tests.apps.health_slots.test_campuses import file as with_campuses

HERE = Path(__file__).parent / "validator"
pytestmark = [pytest.mark.interop, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def libraries() -> Path:
    """The validator's jars, fetched by Maven once for this machine."""
    if not (shutil.which("java") and shutil.which("mvn")):
        pytest.skip("Java or Maven is missing")
    folder = Path(platformdirs.user_cache_dir("citychain", appauthor=False)) / "tests" / "fhir-validator"
    if not any(folder.glob("hapi-fhir-validation-*.jar")):
        command = ["mvn", "-q", "-B", "-f", str(HERE / "pom.xml"), "dependency:copy-dependencies"]
        done = subprocess.run([*command, f"-DoutputDirectory={folder}"], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            pytest.skip(f"Maven could not bring the validator: {done.stdout[-300:]}")
    return folder


def test_every_kind_of_answer_is_valid(
    town, http, libraries: Path, tmp_path_factory: pytest.TempPathFactory, portals
) -> None:
    morning, stopped = town.publish(
        town.row(), town.row(医生编号="D2", 医生="专家二", 时段="下午", 开始="14:00", 结束="16:00", 号别="普通")
    )
    today = town.ledger.tester.now.date()
    town.service.schedules.import_file("H1", with_campuses(town, ("东院区", {"日期": "2026-12-04"})), today=today)
    made = http.post("/fhir/Appointment/$book", json=booking(f"{morning}.001", portals.patient(1))).json()
    http.post(f"/fhir/Slot/{morning}.002/$hold", json=booking(f"{morning}.002", portals.patient(2)))
    gone = http.post("/fhir/Appointment/$book", json=booking(f"{morning}.003", portals.patient(3))).json()
    http.post(f"/fhir/Appointment/{gone['id']}/$cancel", json={})
    family.linked(town)
    acted = http.post("/fhir/Appointment/$book", json=family.for_child(f"{morning}.004")).json()
    town.service.schedules.stop(stopped, "doctor-ill")
    town.service.schedules.add(morning, 600, 10, "online", "revisit")
    town.service.rules.set_policy("H1", {"referral_hours": 24}, "demand")
    reserve = town.row(医生编号="D3", 医生="专家三", 号源池="社区", 日期="2026-12-05")
    town.service.schedules.import_file("H1", town.schedule([reserve], "reserve.csv"), today=today)
    town.ledger.pass_time(seconds=86_400)
    town.service.schedules.release("H1")
    town.service.refresh()
    folder = tmp_path_factory.mktemp("answers")
    answers = {
        "metadata": "/fhir/metadata",
        "slots": f"/fhir/Slot?schedule={morning},{stopped}&_include=Slot:schedule&_count=100&_total=accurate",
        "schedules": "/fhir/Schedule?_count=5",
        "appointments": "/fhir/Appointment",
        "appointment": f"/fhir/Appointment/{made['id']}",
        "wrong": "/fhir/Slot?start=soon",
        "elsewhere": "/fhir/Slot/H9.NONE-X.001",
        "summary": f"/fhir/Slot?schedule={morning}&_summary=text",
        "elements": f"/fhir/Slot?schedule={morning}&_elements=schedule,status,start,end",
        "counted": f"/fhir/Slot?schedule={morning}&_summary=count",
        **{kind: f"/fhir/{kind}" for kind in ("Organization", "Location", "HealthcareService", "Practitioner")},
        "roles": "/fhir/PractitionerRole",
        "patient": f"/fhir/Patient/{portals.patient(1)}",
        "acted": f"/fhir/Appointment/{acted['id']}",
        "related": f"/fhir/{acted['participant'][1]['actor']['reference']}",
        "reserved": "/fhir/Slot?service-category=community&_count=2",
        "with slots": "/fhir/Schedule?_revinclude=Slot:schedule&_count=1",
    }
    for name, url in answers.items():
        (folder / f"{name}.json").write_text(http.get(url).text, encoding="utf-8")
    for entry in http.get("/fhir/CodeSystem").json()["entry"]:
        resource = entry["resource"]
        (folder / f"CodeSystem-{resource['id']}.json").write_text(json.dumps(resource), encoding="utf-8")
    command = ["java", "-cp", f"{libraries}/*", str(HERE / "Validate.java"), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    *messages, last = done.stdout.strip().splitlines()
    assert last == f"checked\t{len(answers) + 4}"
    # What was asked for in parts (_elements) has no narrative, which the validator calls a best practice.
    messages = [message for message in messages if "(Best Practice Recommendation)" not in message]
    assert messages == [], "\n".join(messages)
