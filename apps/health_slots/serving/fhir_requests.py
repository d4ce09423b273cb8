"""What portals send: an Appointment (bare or in Parameters) that names a slot and a patient.

The patient is either a pseudonym (`identifier.system` urn:citychain:resident) or a contained `Patient` with document
number, name and phone; those go to the hospital's private collection and nowhere else. Who acts for the patient is a
participant of type `RelatedPerson`, by the portal's id for that person or contained with the document's number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from apps.health_slots.model import Identity
from apps.health_slots.serving.fhir_model import DOCUMENT_SYSTEM, RESIDENT_SYSTEM
from chaincode.health_slots.documents import CARD, is_card, kind_of, number_of
from fabric_sdk.chaincode.plain_text import deceptive

_SLOT = re.compile(r"(?:.*/)?Slot/([A-Za-z0-9.-]{1,64})")
_RESIDENT = re.compile(r"R[A-Z2-7]{26}")
_RELATED = re.compile(r"(?:.*/)?RelatedPerson/(R[A-Z2-7]{26})\.(R[A-Z2-7]{26})")


@dataclass(frozen=True)
class Document:
    """Who somebody is, by a document alone: kind (code) and number."""

    document_type: str = field(repr=False)
    document: str = field(repr=False)


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
    named = {_pseudonym(actor) for actor in _actors(_appointment(body)) if not _is_related(actor)} - {""}
    if len(named) > 1:
        raise BadRequest("an Appointment is for one patient", "Appointment.participant")
    return named.pop() if named else ""


def related_of(body: Mapping[str, Any], patient: str) -> str | Document:
    """Who acts for the patient: the portal's id for that person, or the document in a contained RelatedPerson.

    "" where nobody does. One that says nothing of this patient (`patient`, the portal's id, "" for the contained one)
    is refused: nobody acts for somebody else's child by mistake, and no actor is passed over.
    """
    appointment, everything = _appointment(body), list(_contained(body))
    contained = [one for one in everything if one.get("resourceType") == "RelatedPerson"]
    actors = [actor for actor in _actors(appointment) if _is_related(actor)]
    known = {f"#{one.get('id')}" for one in everything}
    for local in (str(actor.get("reference", "")) for actor in _actors(appointment)):
        if local.startswith("#") and local not in known:
            raise BadRequest("a participant refers to nothing that is contained", "Appointment.participant.actor")
    if len(contained) > 1 or len(actors) > 1:
        raise BadRequest("one RelatedPerson acts for the patient", "Appointment.participant")
    if contained:
        return _related(body, contained[0], patient)
    if not actors:
        return ""
    reference = _RELATED.fullmatch(str(actors[0].get("reference", ""))[:300])
    if reference is not None:
        if patient != reference[2]:
            raise BadRequest("the RelatedPerson is of another patient", "Appointment.participant.actor.reference")
        return reference[1]
    value = _pseudonym(actors[0])
    if not value:
        raise BadRequest(
            f"name the RelatedPerson by its id, an identifier of {RESIDENT_SYSTEM} or a contained RelatedPerson",
            "Appointment.participant.actor",
        )
    return value


def _related(body: Mapping[str, Any], person: Mapping[str, Any], patient: str) -> Document:
    """The document of a contained RelatedPerson, whose patient is the appointment's."""
    said = person.get("patient")
    said = said if isinstance(said, dict) else {}
    ids = {f"#{one.get('id')}" for one in _contained(body) if one.get("resourceType") == "Patient"}
    if _pseudonym(said) != patient if patient else said.get("reference") not in ids:
        raise BadRequest("the RelatedPerson's patient is the appointment's", "Appointment.contained.patient")
    code, number = _document(person, "RelatedPerson")
    return Document(code, number)


def _is_related(actor: Mapping[str, Any]) -> bool:
    return actor.get("type") == "RelatedPerson" or "RelatedPerson/" in str(actor.get("reference", ""))


def _pseudonym(actor: Mapping[str, Any]) -> str:
    """The portal's id in a reference by identifier, "" where there is none."""
    identifier = actor.get("identifier")
    if not isinstance(identifier, dict) or identifier.get("system") != RESIDENT_SYSTEM:
        return ""
    value = identifier.get("value")
    if not isinstance(value, str) or not _RESIDENT.fullmatch(value):
        raise BadRequest(
            "the patient's identifier is no pseudonym of this city", "Appointment.participant.actor.identifier.value"
        )
    return value


def identity_of(body: Mapping[str, Any]) -> Identity:
    """The identity in the contained Patient; BadRequest says what is missing."""
    for resource in _contained(body):
        if resource.get("resourceType") == "Patient":
            return _identity(resource)
    raise BadRequest(
        f"name the patient by an identifier of {RESIDENT_SYSTEM} or a contained Patient", "Appointment.participant"
    )


def _identity(patient: Mapping[str, Any]) -> Identity:
    name = next((str(n.get("text", "")).strip() for n in _objects(patient.get("name")) if n.get("text")), "")
    phones = (t for t in _objects(patient.get("telecom")) if t.get("system") == "phone")
    phone = next((str(t.get("value", "")).strip() for t in phones), "")
    code, document = _document(patient, "Patient", (name, 80, "name.text"), (phone, 30, "a telecom of system phone"))
    return Identity(name, code, document, phone)


def _document(person: Mapping[str, Any], who: str, *others: tuple[str, int, str]) -> tuple[str, str]:
    """Kind and number of the document among a person's identifiers; `others` are held to their length as well."""
    document_type, document = "", ""
    for identifier in _objects(person.get("identifier")):
        system = str(identifier.get("system", ""))
        if system == DOCUMENT_SYSTEM or system.startswith(f"{DOCUMENT_SYSTEM}:"):
            document_type = system[len(DOCUMENT_SYSTEM) + 1 :] or "01"
            document = str(identifier.get("value", "")).strip()
    of_document = ((document, 40, f"an identifier of {DOCUMENT_SYSTEM}"), (document_type, 20, "a document type"))
    for value, limit, what in (*of_document, *others):
        if not 0 < len(value) <= limit:
            raise BadRequest(f"the {who} needs {what} of at most {limit} characters", "Appointment.contained")
        if any(ord(letter) < 32 for letter in value) or deceptive(value):
            raise BadRequest(f"the {who}'s {what} has characters that cannot be seen", "Appointment.contained")
    code = kind_of(document_type)
    if code and code != CARD and is_card(document):
        what = f"number of a document of type {code} but a resident's card's, which is type {CARD}"
        raise BadRequest(f"the {who}'s identifier is no {what}", "Appointment.contained")
    if not code or not number_of(code, document):
        what = f"number of a document of type {code}" if code else "type of a document (01, 02, 03, 04, 06, 07, 99)"
        raise BadRequest(f"the {who}'s identifier is no {what}", "Appointment.contained")
    return code, document


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
