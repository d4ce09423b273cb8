"""The interface's operations as FHIR R4 `OperationDefinition`s: where the CapabilityStatement's links lead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.health_slots.serving.fhir_codes import narrative

Resource = dict[str, Any]
_APPOINTMENT = (
    "An Appointment that names the slot (Slot/id) and the patient, by the portal's id or as contained Patient"
)
_PATIENT = "A reference to the patient by the portal's id, or to a contained Patient"
_IN: Mapping[str, tuple[Resource, ...]] = {
    "Slot-hold": (
        {"name": "patient", "use": "in", "min": 0, "max": "1", "documentation": _PATIENT, "type": "Reference"},
        {"name": "resource", "use": "in", "min": 0, "max": "1", "documentation": _APPOINTMENT, "type": "Appointment"},
    ),
    "Appointment-book": (
        {"name": "resource", "use": "in", "min": 1, "max": "1", "documentation": _APPOINTMENT, "type": "Appointment"},
    ),
    "Appointment-cancel": (),
}
_WORDS: Mapping[str, str] = {
    "Slot-hold": "Hold a free slot for a patient as long as the hospital's rules say; the same again is the same",
    "Appointment-book": "Book a slot that is free, or held for this patient by this portal; the same again is the same",
    "Appointment-cancel": "Cancel one of the portal's own appointments, until the moment that the rules name",
}


def operation(id: str, base: str) -> Resource | None:
    """An operation by its id (`Slot-hold`), None if there is none."""
    if id not in _WORDS:
        return None
    kind, _, code = id.partition("-")
    on_type = code == "book"
    answer = {"name": "return", "use": "out", "min": 1, "max": "1", "documentation": "The appointment now"}
    return {
        "resourceType": "OperationDefinition",
        "id": id,
        "text": narrative(_WORDS[id]),
        "url": f"{base}/OperationDefinition/{id}",
        "name": f"{kind}{code.capitalize()}",
        "title": f"{kind} ${code}",
        "status": "active",
        "kind": "operation",
        "publisher": "CityChain",
        "description": _WORDS[id],
        "affectsState": True,
        "code": code,
        "resource": [kind],
        "system": False,
        "type": on_type,
        "instance": not on_type,
        "parameter": [*({**one} for one in _IN[id]), {**answer, "type": "Appointment"}],
    }
