"""Tickets: a portal books for nobody in particular and looks for a buyer later; a desk for more people than it saw.

Before, any well-formed id was booked for, and whoever deposited an identity first bound it to any buyer.
"""

from __future__ import annotations

import json

import pytest

from apps.health_slots.services.bookings import Identity
from baas.errors import UserError
from chaincode.health_slots import tickets
from fabric_sdk.chaincode.testing import client
from tests.apps.health_slots.portals import booking
from tests.chaincode.health_slots.conftest import (
    AUTHORITY,
    OTHER_STAFF,
    PLATFORM,
    PORTAL_1,
    PORTAL_2,
    STAFF,
    refused,
    resident,
)


@pytest.fixture
def city(contract_city):
    """A ledger that asks for tickets."""
    key = contract_city.ask(AUTHORITY, "TicketKey")
    contract_city.do(AUTHORITY, "RegisterTicketKey", key["key"], key["public"])
    return contract_city


def ticket(city, number: int = 1, who=PORTAL_1, hospital: str = "H1", **changes):
    person = {"document_type": "01", "document": f"11010119900101{number:04d}"} | changes
    found = city.ask(who, "Ticket", hospital, transient={"person": json.dumps(person).encode()})
    return found["resident"], found["ticket"]


def test_nobody_books_for_an_invented_person(city):
    session = city.publish()
    plan = {"id": "D1", "hospital": "H1", "slots": [f"{session}.006"], "apply_until": city.now + 60}
    city.do(STAFF, "OpenDraw", plan)
    invented = resident(77)
    for who in (PORTAL_1, PLATFORM, STAFF):
        for function, *args in (
            ("HoldSlot", f"{session}.001", invented),
            ("BookSlot", f"{session}.001", invented),
            ("JoinWaitlist", session, invented),
            ("ApplyForDraw", "D1", invented),
        ):
            with refused("TICKET_NEEDED"):
                city.do(who, function, *args)
    who, paper = ticket(city)
    assert city.do(PORTAL_1, "BookSlot", f"{session}.001", who, "", paper)["resident"] == who


def test_a_ticket_is_for_one_person_one_desk_and_ten_minutes(city):
    session = city.publish()
    (who, paper), (other, _) = ticket(city, 1), ticket(city, 2)
    slot = f"{session}.001"
    with refused("BAD_TICKET"):
        city.do(PORTAL_1, "HoldSlot", slot, other, paper)
    for thief in (PORTAL_2, STAFF, PLATFORM):
        with refused("BAD_TICKET"):
            city.do(thief, "HoldSlot", slot, who, paper)
    # A colleague at the same desk did not see the document, and the same name at another desk is another desk.
    whose, seen = ticket(city, 3, STAFF)
    colleague = client("HospitalMSP", "colleague", **{"slots.role": "staff", "slots.hospital": "H1"})
    elsewhere = client("DataBureauMSP", "portal-one", **{"slots.role": "portal", "slots.portal": "three"})
    with refused("BAD_TICKET"):
        city.do(colleague, "HoldSlot", slot, whose, seen)
    with refused("BAD_TICKET"):
        city.do(elsewhere, "HoldSlot", slot, who, paper)
    city.pass_time(seconds=601)
    with refused("TICKET_EXPIRED"):
        city.do(PORTAL_1, "HoldSlot", slot, who, paper)


def test_every_changed_ticket_is_refused(city):
    session = city.publish()
    who, paper = ticket(city)
    slot = f"{session}.001"
    changed = [paper[:at] + ("A" if paper[at] != "A" else "B") + paper[at + 1 :] for at in range(4, len(paper), 7)]
    for wrong in (*changed, paper[:-2], paper + "AA", "CT1..", "CT1." + "a" * 2000, "x", paper.replace("CT1", "CC1")):
        with refused("(BAD_TICKET|TICKET_EXPIRED)"):
            city.do(PORTAL_1, "HoldSlot", slot, who, wrong)


def test_one_person_is_one_id_at_every_desk(city):
    """Spaces, width and case of a number, hospital and portal make no second person."""
    ids = {
        ticket(city, 1)[0],
        ticket(city, 1, PORTAL_2)[0],
        ticket(city, 1, STAFF)[0],
        ticket(city, 1, OTHER_STAFF, "H2")[0],
    }
    ids.add(ticket(city, document="１１０１０１ 19900101 0001")[0])
    assert len(ids) == 1
    assert ticket(city, document="x1234567")[0] == ticket(city, document="X 123 4567")[0]
    assert ticket(city, document_type="03")[0] != ticket(city)[0]


@pytest.mark.parametrize(
    "changes",
    [{"document_type": "居民身份证"}, {"document": ""}, {"document": "1\x002345"}, {"document": "9" * 60}],
)
def test_documents_are_coded(city, changes):
    with refused("BAD_IDENTITY"):
        ticket(city, **changes)


def test_only_desks_ask_and_only_the_authoritys_server_answers(city):
    person = {"person": b'{"document_type": "01", "document": "12345"}'}
    with refused("FORBIDDEN"):
        city.ask(AUTHORITY, "Ticket", "H1", transient=person)
    with refused("FORBIDDEN"):
        city.ask(OTHER_STAFF, "Ticket", "H1", transient=person)
    for peer in ("HospitalMSP", "DataBureauMSP"):
        with refused("KEY_FILE_MISSING"):
            city.ask(PORTAL_1, "Ticket", "H1", transient=person, peer=peer)
    with refused("FORBIDDEN"):
        city.do(PLATFORM, "RegisterTicketKey", "k9", "ab" * 32)
    # New settings do not take the tickets away.
    settings = city.ask(AUTHORITY, "GetSettings")
    city.do(AUTHORITY, "Initialize", settings["roles"])
    assert city.ask(AUTHORITY, "GetSettings")["ticket_keys"] == settings["ticket_keys"]


def test_a_member_of_staff_vouches_for_so_many_a_day(city, monkeypatch):
    monkeypatch.setattr(tickets, "OFFICER_DAY", 2)
    session = city.publish()
    for number in (1, 2):
        who, paper = ticket(city, number, STAFF)
        city.do(STAFF, "BookSlot", f"{session}.{number:03d}", who, "", paper)
    who, paper = ticket(city, 3, STAFF)
    with refused("OFFICER_LIMIT"):
        city.do(STAFF, "BookSlot", f"{session}.003", who, "", paper)
    city.pass_time(days=1)
    who, paper = ticket(city, 3, STAFF)
    city.do(STAFF, "BookSlot", f"{session}.003", who, "", paper)


def test_holds_that_lapse_again_and_again_use_up_the_day(contract_city):
    """A portal holds a slot for a buyer, lets it lapse, and holds it again."""
    city = contract_city
    city.set_policy(per_day=1, given_up="free")
    session = city.publish()
    for _ in range(3):
        city.do(PORTAL_1, "HoldSlot", f"{session}.001", resident(1))
        city.pass_time(seconds=700)
        city.do(PORTAL_2, "ReleaseLapsed", f"{session}.001")
    with refused("LIMIT_PER_DAY"):
        city.do(PORTAL_1, "HoldSlot", f"{session}.001", resident(1))
    city.do(PORTAL_1, "HoldSlot", f"{session}.001", resident(2))


def test_the_application_follows(town, http):
    """Desk, queue, draw and FHIR ask for tickets by themselves; an id alone is not enough any more."""
    (session,) = town.publish()
    town.service.rules.ask_for_tickets()
    person = Identity("欧阳凭证", "01", "440301198001010099", "13900000099")
    with pytest.raises(UserError) as refusal:
        town.service.bookings.book(f"{session}.001", resident(5))
    assert refusal.value.code == "ticket_needed"
    who = town.service.bookings.resident(person)
    assert town.service.bookings.book(f"{session}.001", who).resident == who
    town.service.waiting.join(session, town.service.bookings.resident(town.identity(2)))
    draws = town.service.draws
    draws.open("D1", "H1", [f"{session}.002"], apply_s=60, turn_s=600)
    draws.apply("D1", who)
    answer = http.post("/fhir/Appointment/$book", json=booking(f"{session}.004", resident(6)), headers=_FHIR)
    assert answer.status_code == 422 or answer.json()["issue"][0]["code"] == "business-rule"
    written = json.dumps([t.writes for b in town.ledger.chain for t in b.transactions], ensure_ascii=False, default=str)
    assert person.document not in written and person.name not in written


_FHIR = {"content-type": "application/fhir+json"}
