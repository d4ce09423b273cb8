"""Two documents of one person: joined by the authority alone, and to every limit one from then on."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from chaincode.health_slots.accounts import b64, unb64
from chaincode.health_slots.records import encode
from fabric_sdk.chaincode.keys import create_composite_key
from fabric_sdk.chaincode.memory_ledger import Entry
from fabric_sdk.chaincode.testing import MVCC_READ_CONFLICT
from tests.chaincode.health_slots.conftest import AUTHORITY, PLATFORM, PORTAL_1, STAFF, City, refused
from tests.people import altered, card
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
    city.do(who, "JoinDocuments", found)
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
        city.do(AUTHORITY, "JoinDocuments", found)
    # An officer of the authority who writes something else is refused: only its key file signs.
    prefix, payload, signature = found.split(".")
    other = b64(unb64(payload).replace(b'"mark":"', b'"mark":"f'))
    for wrong in ("", "a.b.c", "x" * 3000, ticket(city)[1], f"{prefix}.{other}.{signature}", altered(found)):
        with refused("BAD_TICKET"):
            city.do(AUTHORITY, "JoinDocuments", wrong)
    assert ticket(city, 2, day=DAY)[0] != ticket(city)[0]


def joining(city, person, other):
    return city.ask(AUTHORITY, "Joining", transient={"person": data(person), "other": data(other)})


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((None, PASSPORT), (PASSPORT, None)),  # made a cycle: two persons for ever
        ((None, PASSPORT), (None, PERMIT)),  # lost the first: its no-shows counted no more
        ((PASSPORT, PERMIT), (None, PASSPORT)),  # likewise the third, which the second stands for
        ((None, PASSPORT), (PASSPORT, PERMIT)),
    ],
)
def test_two_desks_that_join_at_once_do_not_undo_each_other(city, first, second):
    """Attack: both ask first, then both write, one after the other or in one block."""
    papers = [joining(city, *both) for both in (first, second)]
    proposed = city.tester.propose("JoinDocuments", papers[1], as_=AUTHORITY)
    city.do(AUTHORITY, "JoinDocuments", papers[0])
    assert proposed.commit() == MVCC_READ_CONFLICT
    with refused("JOINED_MEANWHILE"):
        city.do(AUTHORITY, "JoinDocuments", papers[1])
    assert asked(city, **(first[0] or {}))["account"] == asked(city, **(first[1] or {}))["account"]
    if set(map(str, first)) != set(map(str, second)):
        city.do(AUTHORITY, "JoinDocuments", joining(city, *second))
        assert len({asked(city, **doc)["account"] for doc in ({}, PASSPORT, PERMIT)}) == 1


def test_a_cycle_of_before_is_one_person(city):
    """What was written so once stands for one person, whichever document is shown."""
    papers = [joining(city, *both) for both in ((None, PASSPORT), (PASSPORT, None))]
    join(city, person=PERMIT, other=PASSPORT)
    state = city.tester.ledger._entries[(city.tester.name, "")]
    for number, paper in enumerate(papers):
        found = json.loads(unb64(paper.split(".")[1]))
        state[create_composite_key("joined", (found["mark"],))] = Entry(encode({"to": found["to"]}), (1, number))
    assert asked(city)["account"] == asked(city, **PASSPORT)["account"]
