"""家庭成员: somebody books for a child or a parent; a tout makes up a family, plays a consent again, or looks for kin.

Before, a portal told of nobody but the patient, and who pressed the button stood nowhere.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chaincode.health_slots import calendar, families, tickets
from chaincode.health_slots.accounts import b64, unb64
from chaincode.health_slots.families import family_text
from chaincode.health_slots.records import encode
from fabric_sdk.chaincode.testing import MVCC_READ_CONFLICT
from tests.chaincode.health_slots.conftest import (
    AUTHORITY,
    OTHER_STAFF,
    PLATFORM,
    PORTAL_1,
    PORTAL_2,
    STAFF,
    City,
    refused,
    resident,
)
from tests.people import card
from tests.security.test_tickets import DAY, asked, begun, ticket

CHILD, GRANDCHILD = card(1, "20150601"), card(2, "20200229")
MOTHER, FATHER, GRANDMOTHER = card(3, "19850101"), card(4, "19840101"), card(5, "19550101")
BIRTHDAY = calendar.at("2033-06-01", 0, 480)
KEY = Ed25519PrivateKey.from_private_bytes(b"f" * 32)


@pytest.fixture
def city() -> City:
    return begun(City(tickets=True))


def data(document: str, kind: str = "01") -> bytes:
    return json.dumps({"document_type": kind, "document": document}).encode()


def both(patient: str, guardian: str) -> dict[str, bytes]:
    return {"person": data(patient), "guardian": data(guardian)}


def linking(city: City, patient: str, guardian: str, *more: Any, kind: str = "minor", who=STAFF, until: int = 0) -> str:
    until = until or city.now + 300 * calendar.DAY
    found = city.ask(who, "Linking", "H1", kind, until, *more, transient=both(patient, guardian))
    return str(found["paper"])


def link(city: City, patient: str = CHILD, guardian: str = MOTHER, *more: Any, who=STAFF, **how: Any) -> str:
    paper = linking(city, patient, guardian, *more, who=who, **how)
    city.do(who, "SetFamily", "H1", paper)
    return paper


def unlink(city: City, patient: str = CHILD, guardian: str = MOTHER, *more: Any, who=STAFF) -> None:
    found = city.ask(who, "Unlinking", "H1", *more, transient=both(patient, guardian))
    city.do(who, "SetFamily", "H1", found["paper"])


def acting(city: City, patient: str = CHILD, guardian: str = MOTHER, day: str = DAY, who=PORTAL_1) -> tuple[str, str]:
    """Visit id and ticket of a patient for whom somebody acts."""
    found = city.ask(who, "Ticket", "H1", day, "", transient=both(patient, guardian))
    return found["resident"], found["ticket"]


def book(city: City, slot: str, patient: str = CHILD, guardian: str = MOTHER, who=PORTAL_1) -> Any:
    name, paper = acting(city, patient, guardian, who=who)
    return city.do(who, "BookSlot", slot, name, "", paper)


def test_a_mother_books_for_her_child_and_the_limits_are_the_childs(city):
    session = city.publish()
    for pair in ((CHILD, MOTHER), (CHILD, FATHER)):
        with refused("NO_FAMILY"):
            acting(city, *pair)
        link(city, *pair)
    made = book(city, f"{session}.001")
    alone = asked(city, document=CHILD)
    assert made["resident"] == alone["resident"], "the visit is the child's"
    # Neither the father, nor another portal, nor the child itself gets round the child's limit.
    with refused("LIMIT_PER_DEPARTMENT"):
        book(city, f"{session}.002", guardian=FATHER)
    with refused("LIMIT_PER_DEPARTMENT"):
        book(city, f"{session}.002", who=PORTAL_2)
    with refused("LIMIT_PER_DEPARTMENT"):
        city.do(PORTAL_1, "BookSlot", f"{session}.002", alone["resident"], "", alone["ticket"])
    # The mother's own visit of that day is hers still.
    own, paper = ticket(city, document=MOTHER)
    assert "acting" not in city.do(PORTAL_1, "BookSlot", f"{session}.002", own, "", paper)
    assert made["acting"] not in (own, made["resident"])
    found = city.ask(AUTHORITY, "Acted", made["id"])
    assert found == {"account": asked(city, document=MOTHER)["account"], "kind": "minor"}


def test_what_was_ended_is_refused_from_the_next_ticket_on(city):
    session = city.publish()
    paper = link(city)
    before = book(city, f"{session}.001")
    unlink(city)
    with refused("NO_FAMILY"):
        acting(city)
    assert city.ask(STAFF, "Family", "H1", transient={"person": data(MOTHER)}) == []
    assert city.ask(PORTAL_1, "GetAppointment", before["id"])["state"] == "booked", "what was booked is the child's"
    # The paper that made the link does not bring it back, whoever still has it.
    with refused("FAMILY_CHANGED"):
        city.do(STAFF, "SetFamily", "H1", paper)
    with refused("NO_FAMILY"):
        unlink(city)


def test_a_link_ends_by_itself(city):
    link(city, until=city.now + 3600)
    acting(city)
    city.pass_time(seconds=3601)
    with refused("NO_FAMILY"):
        acting(city)


@pytest.mark.parametrize(
    ("patient", "guardian", "how", "code"),
    [
        (GRANDMOTHER, MOTHER, {}, "NOT_A_MINOR"),
        (CHILD, MOTHER, {"until": BIRTHDAY + 1}, "BAD_ARGUMENT"),  # further than three years
        (CHILD, GRANDCHILD, {}, "MINOR"),
        (CHILD, MOTHER, {"kind": "consent"}, "MINOR"),
        (CHILD, MOTHER, {"who": PORTAL_1}, "FORBIDDEN"),
        (CHILD, MOTHER, {"who": OTHER_STAFF}, "FORBIDDEN"),
        (GRANDMOTHER, MOTHER, {"kind": "consent", "who": PORTAL_1}, "FORBIDDEN"),
        (MOTHER, MOTHER, {"kind": "consent"}, "BAD_ARGUMENT"),
        (CHILD, MOTHER, {"kind": "friend"}, "BAD_ARGUMENT"),
        (CHILD, MOTHER, {"until": 1}, "BAD_ARGUMENT"),
    ],
)
def test_who_is_linked_to_whom_and_by_whom(city, patient, guardian, how, code):
    with refused(code):
        linking(city, patient, guardian, **how)


def test_a_childs_link_ends_on_the_eighteenth_birthday(city):
    child = card(9, "20091201")
    birthday = calendar.at("2027-12-01", 0, 480)
    with refused("NOT_A_MINOR"):
        linking(city, child, MOTHER, until=birthday + 1)
    link(city, child, MOTHER, until=birthday)
    leap = card(9, "20100228"), calendar.at("2028-02-28", 0, 480)
    link(city, leap[0], MOTHER, until=leap[1])
    city.pass_time(days=400)
    with refused("NOT_A_MINOR"):
        linking(city, child, MOTHER)


def bound(city: City, number: int = 5) -> str:
    """The grandmother's key, bound by a hospital that knows her; returns her account."""
    found = asked(city, who=STAFF, day="", document=card(number, "19550101"))
    identity = {
        "name": "奶奶",
        "document_type": "01",
        "document": GRANDMOTHER,
        "phone": "13900000000",
        "salt": "ab" * 32,
    }
    transient = {"identity": json.dumps(identity).encode(), "proof": found["proof"].encode()}
    city.do(STAFF, "DepositIdentity", "H1", found["account"], transient=transient)
    city.do(STAFF, "BindResidentKey", "H1", found["account"], KEY.public_key().public_bytes_raw().hex())
    return str(found["account"])


def signed(city: City, who: str, until: int, act: str = "link", at: int = 0, key=KEY, guardian: str = MOTHER):
    """A grown person's signature that the mother may book, and when it was made."""
    at = at or city.now
    other = asked(city, day="", document=guardian)["account"]
    return key.sign(family_text(act, who, other, until, at)).hex(), at


def test_a_grown_person_signs_at_home_and_any_desk_carries_it(city):
    grandmother, until = bound(city), city.now + 100 * calendar.DAY
    consent = signed(city, grandmother, until)
    link(city, GRANDMOTHER, MOTHER, *consent, kind="consent", who=PORTAL_1, until=until)
    acting(city, GRANDMOTHER)
    (one,) = city.ask(STAFF, "Family", "H1", transient={"person": data(MOTHER)})
    assert (one["kind"], one["how"], one["until"]) == ("consent", "signature", until)
    unlink(city, GRANDMOTHER, MOTHER, *signed(city, grandmother, 0, "unlink"), who=PORTAL_2)
    with refused("NO_FAMILY"):
        acting(city, GRANDMOTHER)
    # Played again, what she signed before brings nothing back; what she signs now does.
    with refused("BAD_SIGNATURE"):
        link(city, GRANDMOTHER, MOTHER, *consent, kind="consent", who=PORTAL_1, until=until)
    city.pass_time(seconds=1)
    again = signed(city, grandmother, until)
    link(city, GRANDMOTHER, MOTHER, *again, kind="consent", who=PORTAL_1, until=until)
    acting(city, GRANDMOTHER)


def test_what_was_signed_later_is_not_undone_by_what_was_signed_before(city):
    """Within the day that a signature holds: a consent made shorter, and one made again after it was to end."""
    grandmother, long, short = bound(city), city.now + 100 * calendar.DAY, city.now + calendar.DAY
    first = signed(city, grandmother, long)
    link(city, GRANDMOTHER, MOTHER, *first, kind="consent", who=PORTAL_1, until=long)
    city.pass_time(seconds=60)
    kept = signed(city, grandmother, 0, "unlink")  # a desk that did not carry it at once
    city.pass_time(seconds=60)
    second = signed(city, grandmother, short)
    link(city, GRANDMOTHER, MOTHER, *second, kind="consent", who=PORTAL_1, until=short)
    with refused("BAD_SIGNATURE"):
        link(city, GRANDMOTHER, MOTHER, *first, kind="consent", who=PORTAL_2, until=long)
    with refused("BAD_SIGNATURE"):
        unlink(city, GRANDMOTHER, MOTHER, *kept, who=PORTAL_2)
    # Carried again by who heard no answer, the last one is what it was.
    link(city, GRANDMOTHER, MOTHER, *second, kind="consent", who=PORTAL_1, until=short)
    with refused("BAD_SIGNATURE"):
        link(city, GRANDMOTHER, MOTHER, *signed(city, grandmother, long, at=second[1]), kind="consent", until=long,
             who=PORTAL_1)  # fmt: skip
    # What both made anew at a window counts from then on, too.
    city.pass_time(seconds=60)
    link(city, GRANDMOTHER, kind="consent", until=short)
    with refused("BAD_SIGNATURE"):
        link(city, GRANDMOTHER, MOTHER, *second, kind="consent", who=PORTAL_1, until=short)
    (one,) = city.ask(STAFF, "Family", "H1", transient={"person": data(MOTHER)})
    assert one["until"] == short
    # One that ran out in the meantime is not brought back with a signature of before it either.
    city.pass_time(seconds=60)
    link(city, GRANDMOTHER, kind="consent", until=city.now + 60)
    city.pass_time(seconds=120)
    with refused("BAD_SIGNATURE"):
        link(city, GRANDMOTHER, MOTHER, *first, kind="consent", who=PORTAL_1, until=long)


def test_who_has_one_document_learns_of_no_family(city):
    """Before, any portal heard whose guardian anybody was, by the accounts that it also got for a document."""
    link(city)
    link(city, GRANDMOTHER, kind="consent")
    asking = {"person": data(MOTHER)}
    for who in (PORTAL_1, PORTAL_2, PLATFORM):
        with refused("FORBIDDEN"):
            city.ask(who, "Family", "H1", transient=asking)
    shown = city.ask(STAFF, "Family", "H1", transient=asking)
    assert shown == city.ask(AUTHORITY, "Family", "H1", transient=asking)
    told = json.dumps(shown)
    for document in (CHILD, GRANDMOTHER):
        assert asked(city, day="", document=document)["account"] not in told
    # A child of two guardians is another to each: two lists are not laid side by side.
    link(city, CHILD, FATHER)
    (other,) = city.ask(STAFF, "Family", "H1", transient={"person": data(FATHER)})
    assert len({one["who"] for one in (*shown, other)}) == 3


def test_how_large_a_family_is_does_not_show_in_what_is_kept(city):
    def size() -> set[int]:
        state = city.tester.ledger.state(city.tester.name)
        return {len(value) for key, value in state.items() if "family\x00" in key and "officer" not in key}

    link(city)
    alone = size()
    for number in range(4):
        link(city, card(number + 60, "20180101"))
    link(city, CHILD, FATHER)
    assert len(alone) == 1 and size() == alone


def test_a_forged_old_or_other_signature_is_refused(city):
    grandmother, until = bound(city), city.now + 100 * calendar.DAY
    forged = Ed25519PrivateKey.from_private_bytes(b"g" * 32)
    tries = [
        signed(city, grandmother, until, key=forged),
        signed(city, grandmother, until + 1),
        signed(city, grandmother, until, guardian=FATHER),
        signed(city, grandmother, until, at=city.now - families.SIGNED_S - 1),
        signed(city, grandmother, until, at=city.now + 3600),
        signed(city, grandmother, until, "unlink"),
        ("zz", city.now),
    ]
    for one in tries:
        with refused("BAD_SIGNATURE"):
            linking(city, GRANDMOTHER, MOTHER, *one, kind="consent", who=PORTAL_1, until=until)
    with refused("NO_KEY"):
        linking(city, FATHER, MOTHER, *tries[0], kind="consent", who=PORTAL_1, until=until)


def test_nobody_makes_up_a_family_to_hoard_slots(city, monkeypatch):
    """So many at a time, so many in a year: whoever lets one go and takes another does not go on for ever."""
    children = [card(number, "20180101") for number in range(20, 40)]
    for child in children[: families.MEMBERS]:
        link(city, child)
    with refused("FAMILY_FULL"):
        linking(city, children[families.MEMBERS], MOTHER)
    link(city, children[0])  # the same again is the same
    for child in children[: families.MEMBERS]:
        unlink(city, child)
    for child in children[families.MEMBERS : families.BEGUN]:
        link(city, child)
        unlink(city, child)
    with refused("FAMILY_CHANGES"):
        linking(city, children[families.BEGUN], MOTHER)
    link(city, children[families.BEGUN], FATHER)
    monkeypatch.setattr(families, "OFFICER_LINKS", 1)
    with refused("OFFICER_LIMIT"):
        link(city, children[0], FATHER)


def test_one_person_makes_so_many_appointments_of_a_day_for_others(city, monkeypatch):
    monkeypatch.setattr(tickets, "ACTING_DAY", 1)
    session = city.publish()
    other = card(7, "20180101")
    for child in (CHILD, other):
        link(city, child)
    book(city, f"{session}.001")
    with refused("FAMILY_LIMIT"):
        book(city, f"{session}.002", other)
    own, paper = ticket(city, document=MOTHER)
    city.do(PORTAL_1, "BookSlot", f"{session}.002", own, "", paper)


def test_who_made_too_many_does_not_hold_up_the_queue(city, monkeypatch):
    session = city.publish(runs=[[480, 10, 1, "online"]], count=1)
    booked = city.do(PORTAL_1, "BookSlot", f"{session}.001", *_spread(ticket(city, 9)))
    link(city)
    for name, paper in (acting(city), ticket(city, 8)):
        city.do(PORTAL_1, "JoinWaitlist", session, name, paper)
        city.pass_time(seconds=1)
    city.do(PORTAL_1, "CancelAppointment", booked["id"])
    monkeypatch.setattr(tickets, "ACTING_DAY", 0)
    assert city.do(PLATFORM, "OfferReturned", f"{session}.001")["resident"] == ticket(city, 8)[0]


def _spread(found: tuple[str, str]) -> tuple[str, str, str]:
    return found[0], "", found[1]


def test_of_two_desks_at_once_one_is_heard(city):
    papers = [linking(city, child, MOTHER) for child in (CHILD, GRANDCHILD)]
    proposed = city.tester.propose("SetFamily", "H1", papers[1], as_=STAFF)
    city.do(STAFF, "SetFamily", "H1", papers[0])
    assert proposed.commit() == MVCC_READ_CONFLICT
    with refused("FAMILY_CHANGED"):
        city.do(STAFF, "SetFamily", "H1", papers[1])
    link(city, GRANDCHILD)
    acting(city)
    acting(city, GRANDCHILD)


def test_a_paper_is_its_desks_fresh_and_as_it_was_signed(city):
    paper = linking(city, CHILD, MOTHER)
    with refused("BAD_TICKET"):
        city.do(PLATFORM, "SetFamily", "H1", paper)
    head, payload, signature = paper.split(".")
    other = json.loads(unb64(payload)) | {"w": "signature"}
    for wrong in (
        f"{head}.{b64(encode(other))}.{signature}",
        f"CF2.{payload}.{signature}",
        ticket(city)[1],
        "CF1.e30.AA",
        "",
    ):
        with refused("BAD_TICKET"):
            city.do(STAFF, "SetFamily", "H1", wrong)
    with refused("BAD_TICKET"):  # a paper is no ticket either
        city.do(PORTAL_1, "BookSlot", f"{city.publish()}.001", resident(1), "", paper)
    city.pass_time(seconds=601)
    with refused("TICKET_EXPIRED"):
        city.do(STAFF, "SetFamily", "H1", paper)


def test_two_documents_of_one_person_are_one_to_families(city):
    """Joined, a mother's passport acts as her card does; ended, neither does, and no list begins anew."""
    passport = {"document_type": "03", "document": "E12345678"}
    link(city)
    other = json.dumps(passport).encode()
    for number in range(families.MEMBERS):
        child = card(number + 50, "20180101")
        transient = {"person": data(child), "guardian": other}
        until = city.now + 300 * calendar.DAY
        made = city.ask(STAFF, "Linking", "H1", "minor", until, transient=transient)["paper"]
        city.do(STAFF, "SetFamily", "H1", made)
    paper = city.ask(AUTHORITY, "Joining", transient={"person": data(MOTHER), "other": other})
    city.do(AUTHORITY, "JoinDocuments", paper)
    for guardian in (data(MOTHER), other):
        for child in (CHILD, card(50, "20180101")):
            city.ask(PORTAL_1, "Ticket", "H1", DAY, "", transient={"person": data(child), "guardian": guardian})
    with refused("FAMILY_FULL"):
        linking(city, GRANDCHILD, MOTHER)
    unlink(city, card(50, "20180101"))
    for guardian in (data(MOTHER), other):
        with refused("NO_FAMILY"):
            transient = {"person": data(card(50, "20180101")), "guardian": guardian}
            city.ask(PORTAL_1, "Ticket", "H1", DAY, "", transient=transient)


def test_what_stands_on_the_ledger_tells_nobody_whose_family_it_is(city):
    session = city.publish()
    later = city.publish("CARD-D1-261204A", date="2026-12-04")
    papers = [link(city), link(city, GRANDMOTHER, kind="consent")]
    made = [book(city, f"{session}.001"), book(city, f"{session}.002", GRANDMOTHER)]
    name, paper = acting(city, day="2026-12-04")
    made.append(city.do(PORTAL_1, "BookSlot", f"{later}.001", name, "", paper))
    everybody = (CHILD, MOTHER, GRANDMOTHER)
    accounts = [asked(city, day="", document=one)["account"] for one in everybody]
    mother = [asked(city, day=day, document=MOTHER)["resident"] for day in (DAY, "2026-12-04")]
    state = city.tester.ledger.state(city.tester.name)
    everything = b"".join(key.encode() + value for key, value in state.items()) + json.dumps(papers).encode()
    for secret in (*everybody, *accounts, *mother):
        assert secret.encode() not in everything
    # One person acted twice on one date; that it was the same on another date nobody can tell.
    assert made[0]["acting"] == made[1]["acting"] != made[2]["acting"]
    assert len({one["family"] for one in made}) == 3
    assert {len(key.split("\x00")[2]) for key in state if "family\x00" in key and "officer" not in key} == {32}
