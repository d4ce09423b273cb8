"""Slots, sessions and appointments as FHIR R4 resources, and back.

Resources are built through `fhir.resources` (R4B, whose Schedule, Slot and Appointment are those of R4). That library
takes any text as a status, so codes go through the value sets here (http://hl7.org/fhir/R4/valueset-slotstatus.html,
…/valueset-appointmentstatus.html).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from typing import Any

from fhir.resources.R4B.appointment import Appointment as FhirAppointment
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.capabilitystatement import CapabilityStatement
from fhir.resources.R4B.operationoutcome import OperationOutcome
from fhir.resources.R4B.schedule import Schedule as FhirSchedule
from fhir.resources.R4B.slot import Slot as FhirSlot

from apps.health_slots.model import KIND_TITLES, Appointment, SessionRow, SlotRow
from chaincode.health_slots import calendar
from fabric_sdk.clock import CHINA

RESIDENT_SYSTEM = "urn:citychain:resident"
DOCUMENT_SYSTEM = "urn:citychain:document"
"""Document numbers that portals send; `system` may end in `:TYPE`, as in `urn:citychain:document:01`."""

SLOT_STATUS: Mapping[str, str] = {
    "free": "free",
    "held": "busy-tentative",
    "booked": "busy",
    "returned": "busy-unavailable",
    "drawn": "busy-unavailable",
    "stopped": "busy-unavailable",
}
SLOT_STATUSES = frozenset({"busy", "free", "busy-unavailable", "busy-tentative", "entered-in-error"})
APPOINTMENT_STATUSES = frozenset(
    {
        "proposed",
        "pending",
        "booked",
        "arrived",
        "fulfilled",
        "cancelled",
        "noshow",
        "entered-in-error",
        "checked-in",
        "waitlist",
    }
)


def slot_resource(slot: SlotRow, session: SessionRow) -> dict[str, Any]:
    """A slot as FHIR R4 `Slot`."""
    status = SLOT_STATUS[slot.state]
    assert status in SLOT_STATUSES
    made = FhirSlot.model_validate(
        {
            "id": slot.id,
            "schedule": {"reference": f"Schedule/{slot.session}"},
            "status": status,
            "start": instant(slot.begins_at),
            "end": instant(slot.begins_at + (slot.end - slot.start) * 60),
            "serviceType": [_concept(session.kind, KIND_TITLES[session.kind].zh)],
            "specialty": [_concept(session.department, session.department_name)],
            "appointmentType": _concept(session.kind, KIND_TITLES[session.kind].zh),
            "overbooked": slot.added,
        }
    )
    return _plain(made)


def schedule_resource(session: SessionRow) -> dict[str, Any]:
    """A session as FHIR R4 `Schedule`; its doctor and department are named, never a patient."""
    begins, ends = horizon(session)
    made = FhirSchedule.model_validate(
        {
            "id": session.id,
            "active": session.state == "published",
            "specialty": [_concept(session.department, session.department_name)],
            "serviceType": [_concept(session.kind, KIND_TITLES[session.kind].zh)],
            "actor": [
                {"reference": f"Practitioner/{session.hospital}.{session.doctor}", "display": session.doctor_name},
                {
                    "reference": f"HealthcareService/{session.hospital}.{session.department}",
                    "display": session.department_name,
                },
                {"reference": f"Organization/{session.hospital}", "display": session.hospital_name},
            ],
            "planningHorizon": {"start": instant(begins), "end": instant(ends)},
        }
    )
    return _plain(made)


def horizon(session: SessionRow) -> tuple[int, int]:
    """When a session begins and ends, in seconds since 1970."""
    return calendar.at(session.date, session.start, 480), calendar.at(session.date, session.end, 480)


def appointment_resource(appointment: Appointment, slot: SlotRow) -> dict[str, Any]:
    """An appointment as FHIR R4 `Appointment`; the patient is a pseudonym."""
    assert appointment.state in APPOINTMENT_STATUSES
    made = FhirAppointment.model_validate(
        {
            "id": appointment.id,
            "status": appointment.state,
            "slot": [{"reference": f"Slot/{appointment.slot}"}],
            "start": instant(slot.begins_at),
            "end": instant(slot.begins_at + (slot.end - slot.start) * 60),
            "created": instant(appointment.created_at),
            "participant": [
                {
                    "actor": {
                        "type": "Patient",
                        "identifier": {"system": RESIDENT_SYSTEM, "value": appointment.resident},
                    },
                    "status": "accepted",
                }
            ],
        }
    )
    return _plain(made)


def bundle(
    resources: Iterable[Mapping[str, Any]],
    base: str,
    self_url: str,
    next_url: str = "",
    included: Iterable[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """A search result as a searchset `Bundle`; `included` came along because of `_include`."""
    links = [{"relation": "self", "url": self_url}]
    if next_url:
        links.append({"relation": "next", "url": next_url})
    entries = [
        {
            "fullUrl": f"{base}/{r['resourceType']}/{r['id']}",
            "resource": dict(r),
            "search": {"mode": mode},
        }
        for mode, found in (("match", resources), ("include", included))
        for r in found
    ]
    # The entries are valid already; building them again through the model would double the work.
    frame = _plain(Bundle.model_validate({"type": "searchset", "link": links}))
    return {**frame, "entry": entries} if entries else frame


def outcome(code: str, text: str, *, details: str = "") -> dict[str, Any]:
    """An `OperationOutcome` with one error; `code` is of the issue-type value set."""
    issue: dict[str, Any] = {"severity": "error", "code": code, "diagnostics": text}
    if details:
        issue["details"] = {"text": details}
    return _plain(OperationOutcome.model_validate({"issue": [issue]}))


def capability(base: str, now: dt.datetime) -> dict[str, Any]:
    """What this interface can do, as a `CapabilityStatement`."""
    search: dict[str, list[tuple[str, str]]] = {
        "Schedule": [
            ("_id", "token"),
            ("actor", "reference"),
            ("date", "date"),
            ("specialty", "token"),
            ("service-type", "token"),
            ("active", "token"),
        ],
        "Slot": [
            ("_id", "token"),
            ("schedule", "reference"),
            ("start", "date"),
            ("status", "token"),
            ("specialty", "token"),
            ("service-type", "token"),
            ("appointment-type", "token"),
            ("schedule.actor", "reference"),
        ],
        "Appointment": [
            ("_id", "token"),
            ("patient", "reference"),
            ("actor", "reference"),
            ("date", "date"),
            ("status", "token"),
            ("slot", "reference"),
            ("practitioner", "reference"),
            ("specialty", "token"),
            ("service-type", "token"),
            ("appointment-type", "token"),
        ],
    }
    operations = {"Slot": ["hold"], "Appointment": ["book", "cancel"]}
    resources = [
        {
            "type": name,
            "interaction": [{"code": "read"}, {"code": "search-type"}],
            "searchParam": [{"name": n, "type": t} for n, t in parameters],
            **({"searchInclude": ["Slot:schedule"]} if name == "Slot" else {}),
            **(
                {
                    "operation": [
                        {"name": o, "definition": f"{base}/OperationDefinition/{name}-{o}"} for o in operations[name]
                    ]
                }
                if name in operations
                else {}
            ),
        }
        for name, parameters in search.items()
    ]
    made = CapabilityStatement.model_validate(
        {
            "status": "active",
            "date": now.isoformat(timespec="seconds"),
            "kind": "instance",
            "implementation": {"description": "CityChain appointment slots", "url": base},
            "fhirVersion": "4.0.1",
            "format": ["application/fhir+json"],
            "rest": [
                {"mode": "server", "security": {"description": "Bearer token of a portal"}, "resource": resources}
            ],
        }
    )
    return _plain(made)


def instant(seconds: int) -> str:
    """A moment as FHIR `instant`, in China's offset."""
    return dt.datetime.fromtimestamp(seconds, CHINA).isoformat()


def _concept(code: str, text: str) -> dict[str, Any]:
    return {"coding": [{"code": code, "display": text}], "text": text}


def _plain(resource: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(resource.model_dump_json())
    return found
