"""Two documents of one person: joined by the authority alone, and to every limit one from then on."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from tests.chaincode.health_slots.conftest import AUTHORITY, PLATFORM, PORTAL_1, STAFF, City, refused
from tests.people import card
from tests.security.test_tickets import DAY, asked, begun, ticket

PASSPORT = {"document_type": "03", "document": "E12345678"}
PERMIT = {"document_type": "06", "document": "H12345678"}


@pytest.fixture
def city() -> City:
    return begun(City(tickets=True))


def data(document=None) -> bytes:
    return json.dumps(document or {"document_type": "01", "document": card(1)}).encode()


def join(city, person=None, other=PASSPORT, who=AUTHORITY):
    found = city.ask(who, "Joining", transient={"person": data(person), "other": data(other)})
    city.do(who, "JoinDocuments", found["mark"], found["to"], found["whole"], found["accounts"])
    return found


def test_joined_documents_are_one_person_to_every_limit(city):
    session = city.publish()
    one, other = ticket(city), ticket(city, **PASSPORT)
    assert one[0] != other[0]
    written = join(city)
    assert ticket(city)[0] == ticket(city, **PASSPORT)[0] == one[0]
    assert asked(city)["account"] == asked(city, **PASSPORT)["account"]
    who, paper = ticket(city, **PASSPORT)
    city.do(PORTAL_1, "BookSlot", f"{session}.001", who, "", paper)
    with refused("LIMIT_PER_DEPARTMENT"):
        city.do(PORTAL_1, "BookSlot", f"{session}.002", *ticket(city)[:1], "", ticket(city)[1])
    # What stands on the ledger tells nobody whose it is.
    state = b"".join(v for k, v in city.tester.ledger.state(city.tester.name).items() if "joined" in k)
    for secret in (one[0], other[0], asked(city)["account"], card(1), "E12345678"):
        assert secret.encode() not in state and secret not in json.dumps(written)


def test_a_third_document_joins_from_either_side(city):
    join(city)
    join(city, person=PERMIT, other=PASSPORT)  # whichever of the two that are one is named
    assert len({ticket(city, **doc)[0] for doc in ({}, PASSPORT, PERMIT)}) == 1
    for again in (PASSPORT, PERMIT):
        with refused("JOINED_ALREADY"):
            city.ask(AUTHORITY, "Joining", transient={"person": data(), "other": data(again)})


def test_no_shows_and_visits_of_before_are_the_persons_too(city):
    """A second document was a clean record; erasing by one left what was kept under the other."""
    city.set_policy(no_show_count=1)
    session = city.publish()
    who, paper = ticket(city, **PASSPORT)
    missed = city.do(PORTAL_1, "BookSlot", f"{session}.001", who, "", paper)["id"]
    join(city)
    seen = city.ask(STAFF, "VisitsHere", "H1", transient={"person": data()})
    assert [one["id"] for one in seen] == [missed]
    city.tester.now = datetime(2026, 12, 3, 23, 0, tzinfo=UTC)
    city.do(STAFF, "MarkNoShow", missed)
    city.do(AUTHORITY, "NoteNoShows", "H1", city.ask(AUTHORITY, "Due", "H1", [missed])["no_shows"])
    for document in ({}, PASSPORT):
        with refused("BARRED"):
            asked(city, day="2026-12-08", **document)


def test_a_bar_of_before_holds_for_both(city):
    city.set_policy(no_show_count=1)
    session = city.publish()
    who, paper = ticket(city, **PASSPORT)
    missed = city.do(PORTAL_1, "BookSlot", f"{session}.001", who, "", paper)["id"]
    city.tester.now = datetime(2026, 12, 3, 23, 0, tzinfo=UTC)
    city.do(STAFF, "MarkNoShow", missed)
    city.do(AUTHORITY, "NoteNoShows", "H1", city.ask(AUTHORITY, "Due", "H1", [missed])["no_shows"])
    asked(city, day="2026-12-08")
    join(city)
    with refused("BARRED"):
        asked(city, day="2026-12-08")
    assert city.ask(STAFF, "Conduct", "H1", transient={"person": data()})["bars"] == 1


def test_only_the_authority_joins_and_forged_marks_join_nobody(city):
    for who in (PLATFORM, PORTAL_1, STAFF):
        with refused("FORBIDDEN"):
            join(city, who=who)
    found = join(city)
    with refused("JOINED_ALREADY"):
        city.do(AUTHORITY, "JoinDocuments", found["mark"], found["to"], found["whole"], found["accounts"])
    # An officer of the authority who writes something else joins nobody: only its key file makes what opens.
    city.do(AUTHORITY, "JoinDocuments", "f" * 32, found["to"], "e" * 32, found["accounts"])
    assert ticket(city, 2, day=DAY)[0] != ticket(city)[0]
    for wrong in (("", "t", "w", "a"), ("m" * 65, "t", "w", "a"), ("m", "t" * 201, "w", "a"), ("m", "t", "w", "")):
        with refused("BAD_ARGUMENT"):
            city.do(AUTHORITY, "JoinDocuments", *wrong)
