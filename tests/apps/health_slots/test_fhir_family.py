"""A portal books for a family member: RelatedPerson, the authority's link, and the patient's own limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from apps.health_slots.model import Identity
from baas.errors import CityChainError
from tests.apps.health_slots.portals import booking
from tests.people import card

CHILD = Identity("欧阳小小", "01", card(1, "20150601"), "13900000001")
MOTHER = Identity("欧阳大大", "01", card(3, "19850101"), "13900000003")


def linked(town: Any, patient: Identity = CHILD, guardian: Identity = MOTHER) -> None:
    """At the hospital's window, with both documents."""
    until = town.service.now() + 300 * 86_400
    town.service.families.link("H1", patient, guardian, "minor", until)


def person(kind: str, who: Identity, id: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": kind,
        "id": id,
        "identifier": [{"system": f"urn:citychain:document:{who.document_type}", "value": who.document}],
        "name": [{"text": who.name}],
        "telecom": [{"system": "phone", "value": who.phone}],
        **more,
    }


def for_child(slot: str, patient: Identity = CHILD, guardian: Identity = MOTHER) -> dict[str, Any]:
    """An Appointment with both persons contained, as from a portal that books for the child the first time."""
    return {
        "resourceType": "Appointment",
        "status": "proposed",
        "slot": [{"reference": f"Slot/{slot}"}],
        "contained": [
            person("Patient", patient, "p"),
            person("RelatedPerson", guardian, "r", patient={"reference": "#p"}),
        ],
        "participant": [
            {"actor": {"reference": "#p"}, "status": "accepted"},
            {"actor": {"reference": "#r"}, "status": "accepted"},
        ],
    }


def test_a_portal_books_for_a_child(town, http, portals):
    (session,) = town.publish()
    body = for_child(f"{session}.001")
    refused = http.post("/fhir/Appointment/$book", json=body)
    assert (refused.status_code, refused.json()["issue"][0]["code"]) == (422, "business-rule")
    linked(town)
    made = http.post("/fhir/Appointment/$book", json=body)
    assert made.status_code == 201, made.text
    again = http.post("/fhir/Appointment/$book", json=body)
    assert (again.status_code, again.json()["id"]) == (200, made.json()["id"])
    patient, related = (one["actor"] for one in made.json()["participant"])
    child = patient["identifier"]["value"]
    assert related["reference"].startswith("RelatedPerson/") and related["reference"].endswith(f".{child}")
    assert http.get(f"/fhir/Appointment/{made.json()['id']}").json()["participant"] == made.json()["participant"]
    found = http.get(f"/fhir/{related['reference']}")
    assert found.json()["patient"] == {"reference": f"Patient/{child}"}
    get_fhir_model_class("RelatedPerson").model_validate(found.json())
    # Nothing of the mother's is with the hospital, and another portal knows neither of them.
    assert town.service.bookings.get(made.json()["id"]).acted_for
    other = {"Authorization": f"Bearer {portals.tokens['beta']}"}
    assert http.get(f"/fhir/{related['reference']}", headers=other).status_code == 404
    # By the ids that it learnt: the limits are the child's, by the mother or by itself.
    mother = related["reference"].removeprefix("RelatedPerson/").partition(".")[0]
    second = booking(f"{session}.002", child)
    for actor in (
        {"reference": related["reference"]},
        {"type": "RelatedPerson", "identifier": {"system": "urn:citychain:resident", "value": mother}},
    ):
        acting = second | {"participant": [*second["participant"], {"actor": actor, "status": "accepted"}]}
        assert http.post("/fhir/Appointment/$book", json=acting).status_code == 422
    assert http.post("/fhir/Appointment/$book", json=second).status_code == 422
    town.service.rules.set_policy("H1", {"per_department_day": 5, "per_day": 5}, "demand")
    (afternoon,) = town.publish(town.row(医生编号="D2", 医生="专家二", 时段="下午", 开始="14:00", 结束="16:00"))
    third = booking(f"{afternoon}.001", child)
    acting = third | {"participant": [*third["participant"], {"actor": {"reference": related["reference"]}}]}
    held = http.post(f"/fhir/Slot/{afternoon}.001/$hold", json=acting)
    assert held.status_code == 201 and len(held.json()["participant"]) == 2
    # Ended at the window: the next is refused, and what was booked stays and can be given back.
    town.service.families.unlink("H1", CHILD, MOTHER)
    town.ledger.pass_time(seconds=60)
    last = acting | {"slot": [{"reference": f"Slot/{afternoon}.002"}]}
    assert http.post("/fhir/Appointment/$book", json=last).status_code == 422
    assert http.post(f"/fhir/Appointment/{made.json()['id']}/$cancel", json={}).status_code == 200


def other_patient(body: dict[str, Any]) -> None:
    body["contained"][1]["patient"] = {"reference": "#q"}


def without_patient(body: dict[str, Any]) -> None:
    del body["contained"][1]["patient"]


def two(body: dict[str, Any]) -> None:
    body["contained"].append(body["contained"][1] | {"id": "s"})


def invented(body: dict[str, Any]) -> None:
    body["contained"][1]["identifier"][0]["value"] = "110105194912310021"


def dangling(body: dict[str, Any]) -> None:
    """The actor refers to somebody who was left out of the body."""
    del body["contained"][1]


def no_document(body: dict[str, Any]) -> None:
    body["contained"][1]["identifier"] = []


def of_another(body: dict[str, Any]) -> None:
    """Somebody of another patient of this portal, by ids that look right."""
    del body["contained"][1]
    body["participant"][1]["actor"] = {"reference": f"RelatedPerson/R{'A' * 26}.R{'B' * 26}"}


@pytest.mark.parametrize("change", [other_patient, without_patient, two, invented, dangling, no_document, of_another])
def test_a_related_person_who_does_not_fit_is_refused_and_never_passed_over(
    town, http, change: Callable[[dict[str, Any]], None]
):
    """Attack: an actor that is overlooked would be a booking by the patient, and nobody's to answer for."""
    (session,) = town.publish()
    linked(town)
    body = for_child(f"{session}.001")
    change(body)
    answer = http.post("/fhir/Appointment/$book", json=body)
    assert answer.status_code == 400 and "Appointment" in answer.json()["issue"][0]["expression"][0], answer.text
    assert http.get("/fhir/Appointment").json().get("entry", []) == []


def test_ids_that_the_portal_does_not_have_act_for_nobody(town, http, portals):
    (session,) = town.publish()
    child = portals.patient(1)
    stranger = {"system": "urn:citychain:resident", "value": portals.patient(2, "beta")}
    body = booking(f"{session}.001", child)
    body["participant"].append({"actor": {"type": "RelatedPerson", "identifier": stranger}, "status": "accepted"})
    assert http.post("/fhir/Appointment/$book", json=body).status_code == 422
    # Two patients are no appointment: before, the first was taken and the other passed over.
    body["participant"][1]["actor"] = {"identifier": stranger}
    assert http.post("/fhir/Appointment/$book", json=body).status_code == 400


def test_a_grown_persons_own_key_speaks_through_any_desk(town):
    """The text is made for the device, signed there, and carried by the portal's organisation."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from apps.health_slots.services.families import Signed

    key = Ed25519PrivateKey.generate()
    old = Identity("欧阳老老", "01", card(5, "19550101"), "13900000005")
    resident = town.service.bookings.deposit("H1", old, part="staff")
    town.service.residents.bind_key("H1", resident, key.public_key().public_bytes_raw())
    families, until = town.service.families, town.service.now() + 86_400 * 30
    text = families.text("H1", old, MOTHER, until)
    signed = Signed(key.sign(text).hex(), town.service.now())
    families.link("H1", old, MOTHER, "consent", until, part="portal", signed=signed)
    (member,) = families.members("H1", MOTHER)
    assert (member.kind, member.how) == ("consent", "signature") and member.who != resident
    town.ledger.pass_time(seconds=2)
    text = families.text("H1", old, MOTHER, 0)
    families.unlink("H1", old, MOTHER, part="portal", signed=Signed(key.sign(text).hex(), town.service.now()))
    assert families.members("H1", MOTHER) == ()
    with pytest.raises(CityChainError, check=lambda error: error.code == "no_family"):
        families.unlink("H1", old, MOTHER)


def test_a_ticket_asked_for_ahead_is_that_of_who_asked(town, portals):
    """What was asked for with the mother is not taken for a booking without her, nor the other way round."""
    linked(town)
    (session,) = town.publish()
    bookings = portals.service_of("alpha").bookings
    mother = bookings.resident(MOTHER)
    child = bookings.receive("H1", CHILD, slot=f"{session}.001", guardian=mother)
    alone = bookings.book(f"{session}.001", child)
    assert not alone.acted_for
    bookings.cancel(alone.id)
    bookings.receive("H1", CHILD, slot=f"{session}.002")
    assert bookings.book(f"{session}.002", child, guardian=mother).acted_for
