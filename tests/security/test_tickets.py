"""Tickets: a portal books for nobody in particular and looks for a buyer later; a desk for more people than it saw.

Before, any well-formed id was booked for, and whoever deposited an identity first bound it to any buyer.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from apps.health_slots.model import Identity
from baas.errors import UserError
from chaincode.health_slots import tickets
from chaincode.health_slots.records import encode
from chaincode.health_slots.tickets import person_of
from fabric_sdk.chaincode.testing import client
from tests.apps.health_slots.portals import booking
from tests.chaincode.health_slots.conftest import (
    AUTHORITY,
    OTHER_STAFF,
    PLATFORM,
    PORTAL_1,
    PORTAL_2,
    STAFF,
    City,
    person,
    refused,
    resident,
)
from tests.people import card


def begun(city):
    key = city.ask(AUTHORITY, "TicketKey")
    city.do(AUTHORITY, "RegisterTicketKey", key["key"], key["public"])
    return city


@pytest.fixture
def city():
    """A new ledger, which asks for tickets."""
    return begun(City(tickets=True))


def test_a_new_ledger_books_for_nobody_before_the_authority_is_ready():
    city = City(tickets=True)
    session = city.publish()
    with refused("TICKET_NEEDED"):
        city.do(PORTAL_1, "BookSlot", f"{session}.001", resident(1))
    who, paper = ticket(begun(city))
    assert city.do(PORTAL_1, "BookSlot", f"{session}.001", who, "", paper)["by"] == f"{PORTAL_1.msp_id}/portal-one"


def test_a_ledger_of_before_goes_on_and_may_choose(contract_city):
    city = contract_city
    session = city.publish()
    first = city.do(PORTAL_1, "BookSlot", f"{session}.001", resident(1))
    who, paper = ticket(begun(city))
    with refused("TICKET_NEEDED"):
        city.do(PORTAL_1, "BookSlot", f"{session}.002", resident(2))
    city.do(PORTAL_1, "BookSlot", f"{session}.002", who, "", paper)
    city.do(PORTAL_1, "CancelAppointment", first["id"])


DAY = "2026-12-03"


def asked(city, number: int = 1, who=PORTAL_1, hospital: str = "H1", day: str = DAY, portal: str = "", **changes):
    person = {"document_type": "01", "document": card(number)} | changes
    transient = {"person": json.dumps(person).encode()}
    if "payer" in changes:
        transient["payer"] = json.dumps(person | {"document": person.pop("payer")}).encode()
        transient["person"] = json.dumps(person).encode()
    return city.ask(who, "Ticket", hospital, day, portal, transient=transient)


def ticket(city, number: int = 1, who=PORTAL_1, hospital: str = "H1", **changes):
    found = asked(city, number, who, hospital, **changes)
    return found["resident"], found["ticket"]


CARD = card(1, "19900307", "110101")
SPELLINGS = tuple(f"{CARD[:6]}{mark}{CARD[6:]}" for mark in ("-", " ", ".", "\u200b"))


@pytest.mark.parametrize("spelling", [*SPELLINGS, "".join(chr(ord(d) + 0xFEE0) for d in CARD)])
def test_one_document_is_one_person_however_it_is_written(spelling):
    """Attack: a hyphen made three persons of one, each with a day's limits of its own."""
    person = lambda document: json.dumps({"document_type": "01", "document": document}).encode()  # noqa: E731
    assert person_of(person(spelling)) == person_of(person(CARD))
    for nothing in ("---", "", "\u200b" * 8, "1-2"):
        with refused("BAD_DOCUMENT"):
            person_of(person(nothing))


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
    for wrong in (*changed, paper[:-2], paper + "AA", "CT2..", "CT2." + "a" * 2000, "x", paper.replace("CT2", "CC1")):
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
    ids.add(
        ticket(city, document="".join(chr(ord(d) + 0xFEE0) for d in card(1)[:6]) + f" {card(1)[6:14]} {card(1)[14:]}")[
            0
        ]
    )
    assert len(ids) == 1
    # On another day it is another, and nobody else can tell that it is the same person.
    assert ticket(city, 1, day="2026-12-04")[0] not in ids
    passport = {"document_type": "03"}
    assert ticket(city, document="x1234567", **passport)[0] == ticket(city, document="X 123 4567", **passport)[0]
    assert ticket(city, document_type="居民身份证")[0] == ticket(city)[0]
    for kind in ("02", "03", "04", "99"):  # one card was an account under each
        with refused("BAD_DOCUMENT"):
            ticket(city, document_type=kind)


@pytest.mark.parametrize(
    "changes",
    [
        {"document_type": "借书证"},
        {"document_type": 1},
        {"document": card(1)[:17] + "Y"},
        {"document": ""},
        {"document": "1\x002345"},
        {"document": "9" * 60},
    ],
)
def test_documents_are_coded(city, changes):
    with refused("BAD_DOCUMENT"):
        ticket(city, **changes)


def test_only_desks_ask_and_only_the_authoritys_server_answers(city):
    person = {"person": b'{"document_type": "01", "document": "11010519491231002X"}'}
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


FHIR = person("DataBureauMSP", "portal", portal="all")


def test_a_fhir_service_vouches_for_its_portals_and_no_desk_does(city):
    session = city.publish()
    for who, portal in ((PORTAL_1, "two"), (STAFF, "alpha"), (FHIR, ""), (FHIR, "citydesk"), (FHIR, "H1")):
        with refused("FORBIDDEN"):
            asked(city, who=who, portal=portal)
    who, paper = ticket(city, who=FHIR, portal="alpha")
    held = city.do(FHIR, "HoldSlot", f"{session}.001", who, paper)
    assert held["booker"] == "DataBureauMSP/fhir:alpha"
    # Another portal's booking does not become its own, nor does one without the person at hand.
    same, other = ticket(city, who=FHIR, portal="beta")
    with refused("SLOT_TAKEN"):
        city.do(FHIR, "BookSlot", f"{session}.001", same, "", other)
    with refused("TICKET_NEEDED"):
        city.do(FHIR, "BookSlot", f"{session}.001", who)
    city.do(FHIR, "BookSlot", f"{session}.001", who, "", ticket(city, who=FHIR, portal="alpha")[1])
    for stranger in (PORTAL_1, person("HealthMSP", "portal", portal="all")):
        with refused("FORBIDDEN"):
            city.do(stranger, "CancelAppointment", held["id"])
    city.do(FHIR, "CancelAppointment", held["id"])


def test_a_draw_is_of_one_date_as_the_ids_are(city):
    """Over two dates one person would be two, and the limits of a day would not see them."""
    first, second = city.publish(), city.publish("CARD-D1-261204A", date="2026-12-04")
    plan = {"id": "D1", "hospital": "H1", "apply_until": city.now + 60, "slots": [f"{first}.001", f"{second}.001"]}
    with refused("DRAW_DATES"):
        city.do(STAFF, "OpenDraw", plan)
    assert city.do(STAFF, "OpenDraw", plan | {"slots": [f"{first}.001", f"{first}.002"]})["date"] == DAY
    with refused("BAD_TICKET"):
        city.do(PORTAL_1, "ApplyForDraw", "D1", *ticket(city, day="2026-12-04"))
    city.do(PORTAL_1, "ApplyForDraw", "D1", *ticket(city))


def test_a_ticket_of_longer_life_or_of_tomorrow_is_refused(city, monkeypatch):
    """An authority's server of another make, or with a wrong clock, gives nobody more than ten minutes."""
    session = city.publish()
    with monkeypatch.context() as patch:
        patch.setattr(tickets, "LIFE_S", 6000)
        who, paper = ticket(city)
    with refused("BAD_TICKET"):
        city.do(PORTAL_1, "HoldSlot", f"{session}.001", who, paper)
    city.pass_time(hours=1)
    who, paper = ticket(city)
    city.pass_time(hours=-1)
    with refused("BAD_TICKET"):
        city.do(PORTAL_1, "HoldSlot", f"{session}.001", who, paper)


def test_a_ticket_by_a_key_that_nobody_registered_is_refused(city):
    session = city.publish()
    payload = json.loads(tickets.unb64(ticket(city)[1].split(".")[1]))
    own = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
    for key in ("K-none", "", payload["k"]):
        forged = f"CT2.{tickets.b64(encode(payload | {'k': key, 'r': resident(7)}))}"
        paper = f"{forged}.{tickets.b64(own.sign(forged.encode()))}"
        with refused("BAD_TICKET"):
            city.do(PORTAL_1, "HoldSlot", f"{session}.001", resident(7), paper)


def test_another_organisations_door_has_no_say(city):
    """Both may give the role, and both have a portal alpha."""
    settings = city.ask(AUTHORITY, "GetSettings")
    city.do(AUTHORITY, "Initialize", settings["roles"] | {"portal": ["DataBureauMSP", "HospitalMSP"]})
    session = city.publish()
    who, paper = ticket(city, who=FHIR, portal="alpha")
    held = city.do(FHIR, "HoldSlot", f"{session}.001", who, paper)["id"]
    with refused("FORBIDDEN"):
        city.do(person("HospitalMSP", "portal", portal="all"), "CancelAppointment", held)
    city.do(FHIR, "CancelAppointment", held)


def test_a_fhir_service_is_no_officer(city, monkeypatch):
    """It stands for all portals of the city; how much each of them may do is counted at its door."""
    monkeypatch.setattr(tickets, "OFFICER_DAY", 1)
    session = city.publish()
    for number in (1, 2, 3):
        who, paper = ticket(city, number, FHIR, portal="alpha")
        city.do(FHIR, "BookSlot", f"{session}.00{number}", who, "", paper)


def test_a_fhir_service_is_none_where_anybody_books_for_anybody(contract_city):
    session = contract_city.publish()
    with refused("FORBIDDEN"):
        contract_city.do(FHIR, "BookSlot", f"{session}.001", resident(1))


def test_one_payer_pays_for_so_many_of_a_day(city, monkeypatch):
    monkeypatch.setattr(tickets, "PAYER_DAY", 2)
    session = city.publish()
    payer = ticket(city, 50)[0]
    for number in (1, 2, 3):
        found = asked(city, number, payer=card(50))
        call = ("BookSlot", f"{session}.00{number}", found["resident"])
        with refused("BAD_TICKET"):
            city.do(PORTAL_1, *call, resident(9), found["ticket"])
        with refused("BAD_TICKET"):
            city.do(PORTAL_1, *call, "", found["ticket"])
        if number < 3:
            assert city.do(PORTAL_1, *call, payer, found["ticket"])["payer"] == payer
    with refused("PAYER_LIMIT"):
        city.do(PORTAL_1, *call, payer, found["ticket"])


def test_an_identity_is_kept_for_the_person_of_the_ticket_alone(city):
    """A portal books for one person and puts its buyer's identity in the place."""
    found = asked(city, 1)

    def keep(document: str, proof: str, who=PORTAL_1, id: str = found["resident"]):
        identity = {"name": "张三", "document_type": "01", "document": document, "phone": "138", "salt": "ab" * 32}
        transient = {"identity": json.dumps(identity).encode(), "proof": proof.encode()}
        city.do(who, "DepositIdentity", "H1", id, transient=transient)

    own, buyer = card(1), card(2)
    for wrong in ("", "CI1..", "x" * 300, asked(city, 2)["proof"], found["ticket"]):
        with refused("BAD_PROOF"):
            keep(own, wrong)
    for who in (PORTAL_1, STAFF):
        with refused("BAD_PROOF"):
            keep(buyer, found["proof"], who)
    with refused("BAD_PROOF"):
        keep(own, found["proof"], id=asked(city, 1, day="2026-12-04")["resident"])
    keep(own, found["proof"])
    assert city.ask(PLATFORM, "HasIdentity", "H1", found["resident"])


def test_dates_of_before_are_nobodys_to_ask_for(city):
    """Who saw a document once could follow the person back through the years, id by id."""
    for day in ("2026-11-22", "2025-12-03", "2028-01-01", "2026-13-01"):
        with refused("BAD_DATE"):
            asked(city, day=day)
    session = city.publish()
    mine = asked(city, 1)
    booked = city.do(PORTAL_1, "BookSlot", f"{session}.001", mine["resident"], "", mine["ticket"])["id"]
    person_ = {"person": json.dumps({"document_type": "01", "document": card(1)}).encode()}
    seen = {
        name: [one["id"] for one in city.ask(who, "VisitsHere", hospital, transient=person_)]
        for name, who, hospital in (
            ("own", PORTAL_1, "H1"),
            ("rival", PORTAL_2, "H1"),
            ("here", STAFF, "H1"),
            ("elsewhere", OTHER_STAFF, "H2"),
        )
    }
    assert seen == {"own": [booked], "rival": [], "here": [booked], "elsewhere": []}


def test_a_desk_learns_of_no_shows_how_many_and_not_when(city):
    """Before, any portal that knew a document's number was told the dates that its person had missed."""
    city.set_policy(no_show_count=3)
    session = city.publish()
    found = asked(city, 1)
    missed = city.do(PORTAL_1, "BookSlot", f"{session}.001", found["resident"], "", found["ticket"])["id"]
    city.tester.now = datetime(2026, 12, 3, 23, 0, tzinfo=UTC)
    city.do(STAFF, "MarkNoShow", missed)
    city.do(AUTHORITY, "NoteNoShows", "H1", city.ask(AUTHORITY, "Due", "H1", [missed])["no_shows"])
    person_ = {"person": json.dumps({"document_type": "01", "document": card(1)}).encode()}
    for who, hospital in ((PORTAL_1, "H1"), (STAFF, "H1"), (OTHER_STAFF, "H2")):
        assert city.ask(who, "Conduct", hospital, transient=person_) == {"count": 1, "bars": 0, "until": 0}
    with refused("FORBIDDEN"):
        city.ask(OTHER_STAFF, "Conduct", "H1", transient=person_)


def test_no_record_joins_visits_with_each_other_or_with_an_account(city):
    """Points and no-shows are the authority's: a day's entries together, without visit, appointment or hour."""
    city.set_policy(no_show_count=2, points_fulfilled=7)
    done = []
    for number, sid in ((1, "CARD-D1-261203A"), (2, "CARD-D2-261203A")):
        session = city.publish(sid, doctor=sid[5:7])
        for who in (1, 2):
            found = asked(city, who if number == 1 else who + 10 * number)
            slot = f"{session}.00{who}"
            done.append(city.do(PORTAL_1, "BookSlot", slot, found["resident"], "", found["ticket"])["id"])
    city.tester.now = datetime(2026, 12, 3, 23, 0, tzinfo=UTC)
    for appointment in done[:2]:
        record = city.ask(PLATFORM, "GetAppointment", appointment)
        city.do(STAFF, "MarkNoShow", appointment)
        assert city.ask(PLATFORM, "GetConduct", record["resident"])["no_shows"] == []
    due = city.ask(AUTHORITY, "Due", "H1", done)
    assert len(due["no_shows"]) == 2 and not due["points"]
    text = json.dumps(due)
    assert not any(name in text for name in done)
    assert city.do(AUTHORITY, "NoteNoShows", "H1", due["no_shows"]) == 2
    with refused("CREDITED_ALREADY"):
        city.do(AUTHORITY, "NoteNoShows", "H1", due["no_shows"])
    assert city.ask(AUTHORITY, "Due", "H1", done)["no_shows"] == []
    # One more no-show of the same person on another day bars, and only the authority could add them up.
    session = city.publish("CARD-D1-261205A", date="2026-12-05")
    found = asked(city, 1, day="2026-12-05")
    missed = city.do(PORTAL_1, "BookSlot", f"{session}.001", found["resident"], "", found["ticket"])["id"]
    city.tester.now = datetime(2026, 12, 5, 23, 0, tzinfo=UTC)
    city.do(STAFF, "MarkNoShow", missed)
    city.do(AUTHORITY, "NoteNoShows", "H1", city.ask(AUTHORITY, "Due", "H1", [missed])["no_shows"])
    with refused("BARRED"):
        asked(city, 1, day="2026-12-08")
    asked(city, 2, day="2026-12-08")


def test_points_reach_the_account_once(city):
    city.set_policy(points_fulfilled=7)
    session = city.publish(date="2026-11-23", start=660, end=780, runs=[[660, 10, 6, "online"]])
    found = asked(city, 1, day="2026-11-23")
    city.do(PORTAL_1, "BookSlot", f"{session}.001", found["resident"], "", found["ticket"])
    identity = {"name": "张", "document_type": "01", "document": card(1), "phone": "1", "salt": "ab" * 32}
    transient = {"identity": json.dumps(identity).encode(), "proof": found["proof"].encode()}
    city.do(PORTAL_1, "DepositIdentity", "H1", found["resident"], transient=transient)
    record = city.do(PORTAL_1, "BookSlot", f"{session}.002", *_again(city, 2))
    assert record["state"] == "booked"
    booked = city.ask(PLATFORM, "GetSlot", f"{session}.001")["record"]["appointment"]
    city.do(STAFF, "CheckIn", booked, city.code(booked, found["resident"]))
    city.do(STAFF, "Fulfil", booked)
    assert city.ask(PLATFORM, "GetPoints", found["account"])["balance"] == 0
    due = city.ask(AUTHORITY, "Due", "H1", [booked, record["id"]])["points"]
    assert [entry["who"] for entry in due] == [found["account"]]
    assert city.ask(AUTHORITY, "Due", "H2", [booked]) == {"points": [], "no_shows": []}
    city.do(AUTHORITY, "CreditPoints", "H1", due)
    with refused("CREDITED_ALREADY"):
        city.do(AUTHORITY, "CreditPoints", "H1", due)
    assert city.ask(PLATFORM, "GetPoints", found["account"])["balance"] == 7
    assert city.ask(PLATFORM, "GetPoints", found["resident"])["balance"] == 0


def _again(city, number: int):
    found = asked(city, number, day="2026-11-23")
    return found["resident"], "", found["ticket"]


def test_a_portal_has_a_quota_of_the_day_at_its_door(town, portals, http, monkeypatch):
    (session,) = town.publish()
    portals.registry.add("small", per_second=1000, burst=1000, per_day=2)
    token = portals.registry.renew("small")
    headers = _FHIR | {"Authorization": f"Bearer {token}"}
    for number, status in ((1, 201), (2, 201), (3, 429)):
        body = booking(f"{session}.00{number}", portals.patient(number, "small"))
        answer = http.post("/fhir/Appointment/$book", json=body, headers=headers)
        assert answer.status_code == status
    assert int(answer.headers["retry-after"]) > 60
    # Ids of one portal are no other's, and none of them stands on the ledger.
    ids = [portals.patient(n, "small") for n in (1, 2)]
    assert not set(ids) & {portals.patient(n, "alpha") for n in (1, 2)}
    assert not any(id in str(t.writes) for id in ids for b in town.ledger.chain for t in b.transactions)


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
    person = Identity("欧阳凭证", "01", card(99), "13900000099")
    with pytest.raises(UserError) as refusal:
        town.service.bookings.book(f"{session}.001", resident(5))
    assert refusal.value.code == "ticket_needed"
    who = town.service.bookings.resident(person)
    booked = town.service.bookings.book(f"{session}.001", who)
    assert booked.resident != who, "the account never stands beside a visit"
    assert town.service.bookings.appointments("H1", who) == (booked.id,)
    assert town.service.bookings.appointments("H1", who, part="staff") == (booked.id,)
    assert town.service.bookings.appointments("H2", who, part="staff") == ()
    town.service.waiting.join(session, town.service.bookings.resident(town.identity(2)))
    draws = town.service.draws
    draws.open("D1", "H1", [f"{session}.002"], apply_s=60, turn_s=600)
    draws.apply("D1", who)
    answer = http.post("/fhir/Appointment/$book", json=booking(f"{session}.004", resident(6)), headers=_FHIR)
    assert answer.status_code == 422 or answer.json()["issue"][0]["code"] == "business-rule"
    written = json.dumps([t.writes for b in town.ledger.chain for t in b.transactions], ensure_ascii=False, default=str)
    assert person.document not in written and person.name not in written


_FHIR = {"content-type": "application/fhir+json"}


def test_for_a_revoked_portal_the_authority_makes_no_ticket(city):
    """Whatever a FHIR service still believes, that was stopped for a while or lies."""
    keeper = client("DataBureauMSP", "keeper", role="portal_admin")
    words = {"token_sha256": "ab" * 32, "per_second": 20.0, "burst": 40, "per_day": 9, "created_at": 1, "expires_at": 2}
    with refused("PORTAL_MISSING"):
        city.do(keeper, "AdmitPortal", "alpha")
    for wrong in (
        b"",
        b"[]",
        b"{}",
        json.dumps(words | {"token": "ccp_x"}).encode(),
        json.dumps(words | {"burst": 0}).encode(),
    ):
        with refused("BAD_ARGUMENT"):
            city.do(keeper, "KeepPortal", "alpha", transient={"portal": wrong})
    city.do(keeper, "KeepPortal", "alpha", transient={"portal": json.dumps(words).encode()})
    city.do(keeper, "AdmitPortal", "alpha")
    assert asked(city, who=FHIR, portal="alpha")["ticket"]
    assert city.ask(FHIR, "ReadPortals", ["alpha", "beta"]) == {"alpha": words}
    with refused("FORBIDDEN"):
        city.ask(PORTAL_1, "ReadPortals", ["alpha"])  # a portal with a certificate of before is no service
    city.do(keeper, "RevokePortal", "alpha")
    with refused("PORTAL_REVOKED"):
        asked(city, who=FHIR, portal="alpha")
    assert asked(city, who=FHIR, portal="beta")["ticket"]


def test_a_referral_is_for_somebody_whom_a_clinic_saw_and_opens_the_slot_to_them_alone(city):
    """Attack: a clinic refers invented ids, or by another desk's ticket, and sells the reserve to whoever comes."""
    city.do(AUTHORITY, "AdmitClinic", "H2", "demand")
    city.set_policy(referral_hours=24)
    session = city.publish(runs=[[480, 10, 3, "community"]])

    def refer(who, paper):
        return city.do(OTHER_STAFF, "Refer", "H2", "H1", "CARD", DAY, who, paper)

    with refused("TICKET_NEEDED"):
        refer(resident(77), "")
    who, paper = ticket(city, 1, OTHER_STAFF, "H2")
    portals, theirs = ticket(city, 1)
    assert portals == who, "one person on one date, whichever desk asks"
    for wrong in ((who, theirs), (resident(77), paper)):
        with refused("BAD_TICKET"):
            refer(*wrong)
    with refused("REFERRAL_NEEDED"):
        city.do(PORTAL_1, "BookSlot", f"{session}.001", who, "", theirs)
    refer(who, paper)
    other, others = ticket(city, 2)
    with refused("REFERRAL_NEEDED"):
        city.do(PORTAL_1, "BookSlot", f"{session}.001", other, "", others)
    booked = city.do(PORTAL_1, "BookSlot", f"{session}.001", who, "", theirs)
    assert (booked["referral"], booked["resident"]) == ("H2", who)
