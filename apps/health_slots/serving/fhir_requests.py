"""What portals send: an Appointment (bare or in Parameters) that names a slot and a patient.

The patient is either a pseudonym (`identifier.system` urn:citychain:resident) or a contained `Patient` with document
number, name and phone; those go to the hospital's private collection and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

from apps.health_slots.model import Identity
from apps.health_slots.serving.fhir_model import DOCUMENT_SYSTEM, RESIDENT_SYSTEM
from chaincode.health_slots.documents import CARD, is_card, kind_of, number_of
from fabric_sdk.chaincode.plain_text import deceptive

_SLOT = re.compile(r"(?:.*/)?Slot/([A-Za-z0-9.-]{1,64})")
_RESIDENT = re.compile(r"R[A-Z2-7]{26}")


class BadRequest(ValueError):
    """A body that lacks something; the text names it and repeats nothing of what was sent.

    `where` is the element as a FHIRPath expression.
    """

    def __init__(self, text: str, where: str = "") -> None:
        super().__init__(text)
        self.where = where


def slot_of(body: Mapping[str, Any]) -> str:
    """The slot that the Appointment names."""
    appointment = _appointment(body)
    slots = appointment.get("slot")
    if not isinstance(slots, list) or len(slots) != 1 or not isinstance(slots[0], dict):
        raise BadRequest("Appointment.slot names exactly one slot", "Appointment.slot")
    match = _SLOT.fullmatch(str(slots[0].get("reference", ""))[:300])
    if match is None:
        raise BadRequest("Appointment.slot.reference is Slot/id", "Appointment.slot[0].reference")
    return match[1]


def status_wanted(body: Mapping[str, Any]) -> str:
    """The status of an Appointment that is to be made: `pending` (a hold), `proposed` or `booked`."""
    if body.get("resourceType") != "Appointment":
        raise BadRequest("the body is an Appointment", "Appointment")
    status = body.get("status", "proposed")
    if status not in ("pending", "proposed", "booked"):
        raise BadRequest("an Appointment is made as pending (held), proposed or booked", "Appointment.status")
    return str(status)


def conditions(header: str) -> list[tuple[str, str]]:
    """What `If-None-Exist` asks, as search parameters; BadRequest where it asks nothing."""
    try:
        pairs = parse_qsl(header.partition("?")[2] or header, keep_blank_values=True, max_num_fields=20)
    except ValueError as error:
        raise BadRequest("If-None-Exist is a search, as slot=Slot/id&status=booked", "http.If-None-Exist") from error
    wanted = [pair for pair in pairs if not pair[0].startswith("_") or pair[0] in ("_id", "_lastUpdated")]
    if not any(value for _, value in wanted):
        raise BadRequest("If-None-Exist is a search, as slot=Slot/id&status=booked", "http.If-None-Exist")
    return wanted


def patient_of(body: Mapping[str, Any]) -> str:
    """The pseudonym of the patient, "" if the body brings an identity instead."""
    for actor in _actors(_appointment(body)):
        identifier = actor.get("identifier")
        if isinstance(identifier, dict) and identifier.get("system") == RESIDENT_SYSTEM:
            value = identifier.get("value")
            if not isinstance(value, str) or not _RESIDENT.fullmatch(value):
                raise BadRequest(
                    "the patient's identifier is no pseudonym of this city",
                    "Appointment.participant.actor.identifier.value",
                )
            return value
    return ""


def identity_of(body: Mapping[str, Any]) -> Identity:
    """The identity in the contained Patient; BadRequest says what is missing."""
    for resource in _contained(body):
        if resource.get("resourceType") == "Patient":
            return _identity(resource)
    raise BadRequest(
        f"name the patient by an identifier of {RESIDENT_SYSTEM} or a contained Patient", "Appointment.participant"
    )


def _identity(patient: Mapping[str, Any]) -> Identity:
    document_type, document = "", ""
    for identifier in _objects(patient.get("identifier")):
        system = str(identifier.get("system", ""))
        if system == DOCUMENT_SYSTEM or system.startswith(f"{DOCUMENT_SYSTEM}:"):
            document_type = system[len(DOCUMENT_SYSTEM) + 1 :] or "01"
            document = str(identifier.get("value", "")).strip()
    name = next((str(n.get("text", "")).strip() for n in _objects(patient.get("name")) if n.get("text")), "")
    phones = (t for t in _objects(patient.get("telecom")) if t.get("system") == "phone")
    phone = next((str(t.get("value", "")).strip() for t in phones), "")
    for value, limit, what in (
        (document, 40, f"an identifier of {DOCUMENT_SYSTEM}"),
        (document_type, 20, "a document type"),
        (name, 80, "name.text"),
        (phone, 30, "a telecom of system phone"),
    ):
        if not 0 < len(value) <= limit:
            raise BadRequest(f"the Patient needs {what} of at most {limit} characters", "Appointment.contained")
        if any(ord(letter) < 32 for letter in value) or deceptive(value):
            raise BadRequest(f"the Patient's {what} has characters that cannot be seen", "Appointment.contained")
    code = kind_of(document_type)
    if code and code != CARD and is_card(document):
        what = f"number of a document of type {code} but a resident's card's, which is type {CARD}"
        raise BadRequest(f"the Patient's identifier is no {what}", "Appointment.contained")
    if not code or not number_of(code, document):
        what = f"number of a document of type {code}" if code else "type of a document (01, 02, 03, 04, 06, 07, 99)"
        raise BadRequest(f"the Patient's identifier is no {what}", "Appointment.contained")
    return Identity(name, code, document, phone)


def _appointment(body: Mapping[str, Any]) -> Mapping[str, Any]:
    kind = body.get("resourceType")
    if kind == "Appointment":
        return body
    if kind == "Parameters":
        for parameter in _objects(body.get("parameter")):
            resource = parameter.get("resource")
            if isinstance(resource, dict) and resource.get("resourceType") == "Appointment":
                return resource
            reference = parameter.get("valueReference")
            if parameter.get("name") == "patient" and isinstance(reference, dict):
                return {"participant": [{"actor": reference}], "contained": body.get("contained", [])}
    raise BadRequest("the body is an Appointment, or Parameters with one")


def _contained(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from _objects(_appointment(body).get("contained"))
    for parameter in _objects(body.get("parameter")):
        resource = parameter.get("resource")
        if isinstance(resource, dict):
            yield resource


def _actors(appointment: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for participant in _objects(appointment.get("participant")):
        actor = participant.get("actor")
        if isinstance(actor, dict):
            yield actor


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        yield from (item for item in value[:20] if isinstance(item, dict))
