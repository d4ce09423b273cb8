"""Who and where, as far as slots refer to it: hospitals, departments, doctors. No patients."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from apps.health_slots.index import SlotIndex
from apps.health_slots.serving.fhir_codes import narrative, specialty_concept
from apps.health_slots.serving.fhir_model import location_id
from apps.health_slots.serving.fhir_search import BadSearch, Search
from baas.errors import NotFound, Text

Resource = dict[str, Any]
HOSPITAL_SYSTEM = "urn:citychain:hospital"
CAMPUS_SYSTEM = "urn:citychain:campus"
DEPARTMENT_ID_SYSTEM = "urn:citychain:department"
DOCTOR_SYSTEM = "urn:citychain:doctor"
PARAMETERS: dict[str, tuple[str, ...]] = {
    "Organization": ("name", "identifier"),
    "Location": ("name", "organization"),
    "HealthcareService": ("name", "organization", "specialty"),
    "Practitioner": ("name", "identifier"),
    "PractitionerRole": ("organization", "practitioner", "specialty", "service"),
}
MAX_READ = 50_000

_HOSPITALS = "SELECT h.code, h.name FROM hospital h ORDER BY h.code LIMIT ?"
_CAMPUSES = (
    "SELECT h.code, h.name, c.code, c.name FROM campus c JOIN hospital h ON h.id = c.hospital "
    "ORDER BY h.code, c.code LIMIT ?"
)
_DEPARTMENTS = (
    "SELECT h.code, h.name, d.code, j.name FROM department d JOIN hospital h ON h.id = d.hospital "
    "JOIN subject j ON j.id = d.subject ORDER BY h.code, d.code LIMIT ?"
)
_DOCTORS = (
    "SELECT h.code, h.name, t.code, t.name, t.title, t.department, COALESCE(j.name, t.department) FROM doctor t "
    "JOIN hospital h ON h.id = t.hospital LEFT JOIN department d ON d.hospital = t.hospital AND d.code = t.department "
    "LEFT JOIN subject j ON j.id = d.subject ORDER BY h.code, t.code LIMIT ?"
)


def find(index: SlotIndex, kind: str, search: Search) -> tuple[list[Resource], str]:
    """A page of what matches, and where to go on ("" at the end)."""
    ids = set(search.tokens("_id"))
    wanted = [one for one in _all(index, kind) if (not ids or one["id"] in ids) and _matches(one, kind, search)]
    text = search.cursor or "0"
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise BadSearch("the cursor is not valid", "_cursor")
    start = int(text)
    page = wanted[start : start + search.count]
    return page, str(start + search.count) if len(wanted) > start + search.count else ""


def read(index: SlotIndex, kind: str, id: str) -> Resource:
    """One resource; NotFound otherwise."""
    found = next((one for one in _all(index, kind) if one["id"] == id), None)
    if found is None:
        raise NotFound(Text("没有这条记录。", "There is no such record."))
    return found


def _all(index: SlotIndex, kind: str) -> Iterator[Resource]:
    if kind == "Organization":
        return (_organization(*row) for row in index.rows(_HOSPITALS, (MAX_READ,)))
    if kind == "Location":
        hospitals = (_location(*row) for row in index.rows(_HOSPITALS, (MAX_READ,)))
        return itertools.chain(hospitals, (_campus(*row) for row in index.rows(_CAMPUSES, (MAX_READ,))))
    if kind == "HealthcareService":
        return (_service(*row) for row in index.rows(_DEPARTMENTS, (MAX_READ,)))
    make_doctor = _practitioner if kind == "Practitioner" else _role
    return (make_doctor(*row) for row in index.rows(_DOCTORS, (MAX_READ,)))


def _matches(resource: Resource, kind: str, search: Search) -> bool:
    references = {
        "organization": ("Organization", _refers(resource, "organization", "providedBy", "managingOrganization")),
        "practitioner": ("Practitioner", _refers(resource, "practitioner")),
        "service": ("HealthcareService", {r.get("reference", "") for r in resource.get("healthcareService", [])}),
    }
    for name in PARAMETERS[kind]:
        if name in references:
            type_, there = references[name]
            asked = {f"{type_}/{id}" for id in search.references(name, type_)}
        else:
            asked, there = set(search.tokens(name)), _values(resource, name)
            if name == "name" and asked:
                if not any(one.startswith(text) for text in asked for one in there):
                    return False
                continue
        if asked and not asked & there:
            return False
    return True


def _refers(resource: Resource, *names: str) -> set[str]:
    return {resource[name]["reference"] for name in names if name in resource}


def _values(resource: Resource, name: str) -> set[str]:
    if name == "identifier":
        return {one["value"] for one in resource.get("identifier", [])}
    if name == "specialty":
        return {coding["code"] for one in resource.get("specialty", []) for coding in one["coding"]}
    found = resource.get("name", "")
    return {found, *resource.get("alias", ())} if isinstance(found, str) else {one["text"] for one in found}


def _organization(code: str, name: str) -> Resource:
    return {
        "resourceType": "Organization",
        "id": code,
        "text": narrative(name),
        "identifier": [{"system": HOSPITAL_SYSTEM, "value": code}],
        "active": True,
        "name": name,
    }


def _location(code: str, name: str) -> Resource:
    return {
        "resourceType": "Location",
        "id": code,
        "text": narrative(name),
        "identifier": [{"system": HOSPITAL_SYSTEM, "value": code}],
        "status": "active",
        "name": name,
        "mode": "instance",
        "managingOrganization": {"reference": f"Organization/{code}", "display": name},
    }


def _campus(hospital: str, hospital_name: str, code: str, name: str) -> Resource:
    """A campus as a place within its hospital's."""
    return {
        "resourceType": "Location",
        "id": location_id(hospital, code),
        "text": narrative(f"{hospital_name} {name}"),
        "identifier": [{"system": CAMPUS_SYSTEM, "value": f"{hospital}.{code}"}],
        "status": "active",
        "name": f"{hospital_name} {name}",
        "alias": [name],
        "mode": "instance",
        "managingOrganization": {"reference": f"Organization/{hospital}", "display": hospital_name},
        "partOf": {"reference": f"Location/{hospital}", "display": hospital_name},
    }


def _service(hospital: str, hospital_name: str, code: str, name: str) -> Resource:
    return {
        "resourceType": "HealthcareService",
        "id": f"{hospital}.{code}",
        "text": narrative(f"{hospital_name} {name}"),
        "identifier": [{"system": DEPARTMENT_ID_SYSTEM, "value": f"{hospital}.{code}"}],
        "active": True,
        "providedBy": {"reference": f"Organization/{hospital}", "display": hospital_name},
        "specialty": [specialty_concept(code, name)],
        "location": [{"reference": f"Location/{hospital}", "display": hospital_name}],
        "name": name,
    }


def _practitioner(
    hospital: str, hospital_name: str, code: str, name: str, title: str, department: str, department_name: str
) -> Resource:
    found: Resource = {
        "resourceType": "Practitioner",
        "id": f"{hospital}.{code}",
        "text": narrative(f"{name} {title} {hospital_name} {department_name}".replace("  ", " ")),
        "identifier": [{"system": DOCTOR_SYSTEM, "value": f"{hospital}.{code}"}],
        "active": True,
        "name": [{"text": name}],
    }
    if title:
        found["qualification"] = [{"code": {"text": title}}]
    return found


def _role(
    hospital: str, hospital_name: str, code: str, name: str, title: str, department: str, department_name: str
) -> Resource:
    found: Resource = {
        "resourceType": "PractitionerRole",
        "id": f"{hospital}.{code}",
        "text": narrative(f"{name}：{hospital_name} {department_name}"),
        "active": True,
        "practitioner": {"reference": f"Practitioner/{hospital}.{code}", "display": name},
        "organization": {"reference": f"Organization/{hospital}", "display": hospital_name},
        "specialty": [specialty_concept(department, department_name)],
        "location": [{"reference": f"Location/{hospital}", "display": hospital_name}],
        "healthcareService": [{"reference": f"HealthcareService/{hospital}.{department}", "display": department_name}],
    }
    if title:
        found["code"] = [{"text": title}]
    return found
