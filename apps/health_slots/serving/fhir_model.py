"""Slots, sessions and appointments as FHIR R4 resources, and back.

Resources are written by hand: building each through `fhir.resources` (R4B, whose Schedule, Slot and Appointment are
those of R4) took two thirds of the interface's processor time. The tests hold every kind against that library. It takes
any text as a status, so codes go through the value sets here (http://hl7.org/fhir/R4/valueset-slotstatus.html,
…/valueset-appointmentstatus.html).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from typing import Any

from fhir.resources.R4B.capabilitystatement import CapabilityStatement

from apps.health_slots.model import (
    APPOINTMENT_TITLES,
    KIND_TITLES,
    PART_TITLES,
    STATE_TITLES,
    Appointment,
    SessionRow,
    SlotRow,
)
from apps.health_slots.serving.fhir_codes import kind_concept, narrative, pool_concept, specialty_concept
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
    return {
        "resourceType": "Slot",
        "id": slot.id,
        "meta": _meta(slot.updated_at),
        "text": narrative(_slot_words(slot, session)),
        "schedule": {"reference": f"Schedule/{slot.session}"},
        "status": status,
        "start": instant(slot.begins_at),
        "end": instant(slot.begins_at + (slot.end - slot.start) * 60),
        "serviceType": [kind_concept(session.kind)],
        "specialty": [specialty_concept(session.department, session.department_name)],
        "appointmentType": kind_concept(session.kind),
        "overbooked": slot.added,
        **_reserve(slot, session),
    }


def _reserve(slot: SlotRow, session: SessionRow) -> dict[str, Any]:
    """What a slot says that is booked by referral until an hour: its pool as category, the hour as a comment."""
    if slot.pool != "community" or not session.referral_until:
        return {}
    opens = dt.datetime.fromtimestamp(session.referral_until, CHINA).strftime("%Y-%m-%d %H:%M")
    return {"serviceCategory": [pool_concept(slot.pool)], "comment": f"社区预留，凭转诊预约；{opens} 起向公众开放"}


def schedule_resource(session: SessionRow) -> dict[str, Any]:
    """A session as FHIR R4 `Schedule`; its doctor and department are named, never a patient."""
    begins, ends = horizon(session)
    return {
        "resourceType": "Schedule",
        "id": session.id,
        "meta": _meta(session.updated_at),
        "text": narrative(_session_words(session)),
        "active": session.state == "published",
        "specialty": [specialty_concept(session.department, session.department_name)],
        "serviceType": [kind_concept(session.kind)],
        "actor": [
            {"reference": f"Practitioner/{session.hospital}.{session.doctor}", "display": session.doctor_name},
            {
                "reference": f"HealthcareService/{session.hospital}.{session.department}",
                "display": session.department_name,
            },
            {"reference": f"Organization/{session.hospital}", "display": session.hospital_name},
            {"reference": f"Location/{location_id(session.hospital, session.campus)}", "display": session.house},
        ],
        "planningHorizon": {"start": instant(begins), "end": instant(ends)},
    }


def location_id(hospital: str, campus: str) -> str:
    """The id of a place: the hospital's, or `hospital.campus`."""
    return f"{hospital}.{campus}" if campus else hospital


def horizon(session: SessionRow) -> tuple[int, int]:
    """When a session begins and ends, in seconds since 1970."""
    return calendar.at(session.date, session.start, 480), calendar.at(session.date, session.end, 480)


def appointment_resource(appointment: Appointment, slot: SlotRow, patient: str, guardian: str = "") -> dict[str, Any]:
    """An appointment as FHIR R4 `Appointment`; `patient` is the id by which the portal knows the resident, `guardian`
    that of who acted, "" for nobody of this portal's."""
    assert appointment.state in APPOINTMENT_STATUSES
    return {
        "resourceType": "Appointment",
        "id": appointment.id,
        "meta": _meta(appointment.updated_at),
        "text": narrative(f"{_clock(slot)} {APPOINTMENT_TITLES[appointment.state].zh}"),
        "status": appointment.state,
        "slot": [{"reference": f"Slot/{appointment.slot}"}],
        "start": instant(slot.begins_at),
        "end": instant(slot.begins_at + (slot.end - slot.start) * 60),
        "created": instant(appointment.created_at),
        "participant": [
            {
                "actor": {
                    "type": "Patient",
                    "identifier": {"system": RESIDENT_SYSTEM, "value": patient},
                },
                "status": "accepted",
            },
            *([_acting(guardian, patient)] if guardian else []),
        ],
    }


def _acting(guardian: str, patient: str) -> dict[str, Any]:
    return {"actor": {"reference": f"RelatedPerson/{guardian}.{patient}"}, "status": "accepted"}


def bundle(
    resources: Iterable[Mapping[str, Any]],
    base: str,
    self_url: str,
    next_url: str = "",
    included: Iterable[Mapping[str, Any]] = (),
    total: int | None = None,
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
    frame: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset", "link": links}
    if total is not None:
        frame = {"resourceType": "Bundle", "type": "searchset", "total": total, "link": links}
    return {**frame, "entry": entries} if entries else frame


def outcome(
    code: str, text: str, *, details: str = "", expression: str = "", severity: str = "error"
) -> dict[str, Any]:
    """An `OperationOutcome` with one error; `code` is of the issue-type value set, `expression` where it is."""
    issue: dict[str, Any] = {"severity": severity, "code": code, "diagnostics": text}
    if details:
        issue["details"] = {"text": details}
    if expression:
        issue["expression"] = [expression]
    return {"resourceType": "OperationOutcome", "text": narrative(text), "issue": [issue]}


SEARCHES: Mapping[str, Mapping[str, str]] = {
    "Schedule": {
        "actor": "reference",
        "date": "date",
        "specialty": "token",
        "service-type": "token",
        "active": "token",
    },
    "Slot": {
        "schedule": "reference",
        "start": "date",
        "status": "token",
        "specialty": "token",
        "service-category": "token",
        "service-type": "token",
        "appointment-type": "token",
        "schedule.actor": "reference",
    },
    "Appointment": {
        "patient": "reference",
        "actor": "reference",
        "date": "date",
        "status": "token",
        "slot": "reference",
        "practitioner": "reference",
        "specialty": "token",
        "service-type": "token",
        "appointment-type": "token",
    },
    "Organization": {"name": "string", "identifier": "token"},
    "Location": {"name": "string", "organization": "reference"},
    "HealthcareService": {"name": "string", "organization": "reference", "specialty": "token"},
    "Practitioner": {"name": "string", "identifier": "token"},
    "PractitionerRole": {
        "organization": "reference",
        "practitioner": "reference",
        "specialty": "token",
        "service": "reference",
    },
    "CodeSystem": {"url": "uri"},
}
"""Search parameters of each resource by type, beside `_id` (and `_lastUpdated` where the ledger has the moment)."""
OPERATIONS: Mapping[str, tuple[str, ...]] = {"Slot": ("hold",), "Appointment": ("book", "cancel")}


def capability(base: str, now: dt.datetime) -> dict[str, Any]:
    """What this interface can do, as a `CapabilityStatement`."""
    made = CapabilityStatement.model_validate(
        {
            "text": narrative("号源链的 FHIR R4 接口"),
            "status": "active",
            "date": now.isoformat(timespec="seconds"),
            "kind": "instance",
            "implementation": {"description": "CityChain appointment slots", "url": base},
            "fhirVersion": "4.0.1",
            "format": ["application/fhir+json"],
            "rest": [
                {
                    "mode": "server",
                    "security": {"description": "Bearer token of a portal"},
                    "resource": [*(_resource(name, base) for name in SEARCHES), _PATIENT, _RELATED, _SUBSCRIPTION],
                    "interaction": [{"code": "batch"}],
                }
            ],
        }
    )
    return _plain(made)


_SUBSCRIPTION: dict[str, Any] = {
    "type": "Subscription",
    "documentation": "rest-hook without payload: an empty POST says that something changed; ask by _lastUpdated",
    "interaction": [{"code": code} for code in ("create", "read", "search-type", "delete")],
    "searchParam": [{"name": "_id", "type": "token"}, {"name": "status", "type": "token"}],
}
_PATIENT: dict[str, Any] = {"type": "Patient", "interaction": [{"code": "read"}]}
_RELATED: dict[str, Any] = {
    "type": "RelatedPerson",
    "documentation": "who makes an Appointment for its patient; the authority's link is asked for at each",
    "interaction": [{"code": "read"}],
}


def person_resource(kind: str, id: str) -> dict[str, Any]:
    """A portal's Patient, or the RelatedPerson who acted for one (`guardian.patient`): ids, nothing of who it is."""
    identifier = [{"system": RESIDENT_SYSTEM, "value": id.partition(".")[0]}]
    if kind == "Patient":
        return {"resourceType": kind, "id": id, "text": narrative("居民"), "identifier": identifier}
    patient = {"reference": f"Patient/{id.rpartition('.')[2]}"}
    return {
        "resourceType": kind,
        "id": id,
        "text": narrative("代约人"),
        "identifier": identifier,
        "patient": patient,
    }


def _resource(name: str, base: str) -> dict[str, Any]:
    parameters = {"_id": "token", **SEARCHES[name]}
    if name in ("Schedule", "Slot", "Appointment"):
        parameters["_lastUpdated"] = "date"
    found: dict[str, Any] = {
        "type": name,
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "searchParam": [{"name": n, "type": t} for n, t in parameters.items()],
    }
    if name == "Slot":
        found["searchInclude"] = ["Slot:schedule"]
    if name == "Appointment":
        found["interaction"] += [{"code": "create"}, {"code": "update"}]
        found["conditionalCreate"] = True
    if name == "Schedule":
        found["searchRevInclude"] = ["Slot:schedule"]
    if name in OPERATIONS:
        definition = f"{base}/OperationDefinition/{name}-"
        found["operation"] = [{"name": o, "definition": f"{definition}{o}"} for o in OPERATIONS[name]]
    return found


def instant(seconds: int) -> str:
    """A moment as FHIR `instant`, in China's offset."""
    return dt.datetime.fromtimestamp(seconds, CHINA).isoformat()


def _meta(updated: int) -> dict[str, Any]:
    return {"lastUpdated": instant(updated)}


def _clock(slot: SlotRow) -> str:
    return dt.datetime.fromtimestamp(slot.begins_at, CHINA).strftime("%Y-%m-%d %H:%M")


def _slot_words(slot: SlotRow, session: SessionRow) -> str:
    return f"{_clock(slot)} {_session_words(session)} {STATE_TITLES[slot.state].zh}"


def _session_words(session: SessionRow) -> str:
    part, kind = PART_TITLES[session.part].zh, KIND_TITLES[session.kind].zh
    return f"{session.house} {session.department_name} {session.doctor_name} {session.date} {part} {kind}"


def _plain(resource: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(resource.model_dump_json())
    return found
