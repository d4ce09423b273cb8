"""Every act over a contract written by hand: done by whoever its kind names in the state that it names, and leads to
the state that it names; refused in every other state and to everybody else; offered to nobody whom it would refuse.

The contract is the real one, in a small city; records are brought into a state by the contract's own calls, into the
wrong ones by hand.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from apps.health_slots.cast import HELD
from apps.health_slots.kinds import (
    KINDS,
    Beacon,
    Booking,
    Clinic,
    CodeKey,
    Consent,
    Draw,
    Family,
    Hospital,
    Key,
    Points,
    Referral,
    Resident,
    Session,
    Settlement,
    Tickets,
)
from apps.health_slots.manifest import MANIFEST
from apps.health_slots.words import catalogue
from baas.applications import Applications
from baas.roles import permissions_of
from chaincode.health_slots import fair_draw
from chaincode.health_slots.consents import consent_text
from fabric_sdk.chaincode import ChaincodeError
from fabric_sdk.chaincode.memory_ledger import Entry
from fabric_sdk.chaincode.testing import Client, client
from fabric_sdk.kinds import Act, Kind
from tests.chaincode.health_slots.conftest import (
    AUTHORITY,
    OTHER_STAFF,
    PATIENTS,
    PAYMENT,
    PLATFORM,
    PORTAL_1,
    STAFF,
    City,
    resident,
)
from tests.chaincode.health_slots.test_access import ALLOWED, DIGEST, KEY, WHO

PEOPLE = {
    "portal": PORTAL_1,
    "staff": STAFF,
    "authority": AUTHORITY,
    "platform": PLATFORM,
    "payment": PAYMENT,
    "patients": PATIENTS,
}
AT = {"staff": "HospitalMSP", "authority": "HealthMSP", "patients": "HealthMSP"}
"""Whose organisation gives each part; the platform's otherwise."""
SESSION = "H1.CARD-D1-261203A"
SLOT = f"{SESSION}.001"
NOWHERE = {"NOT_FOUND", "ILLEGAL_MOVE", "SESSION_STOPPED", "DRAW_STATE", "TOO_EARLY", "CHECK_IN_CLOSED", "SLOT_LOST"}
NOWHERE |= {"NO_CONSENT", "CONSENT_REVOKED"}
"""How the contract refuses what does not fit the state."""
BY_PAPER = {Family.link, Family.unlink, Resident.register}
"""What wants a paper or an identity besides: carried out elsewhere (test_ticket_machine.py), refused here."""
PROGRAMS = {HELD["portal"]}
"""Roles of programs: no page is opened by them."""


@dataclass(frozen=True)
class Tried:
    """A call that does an act, and where the record stands whose state it may change; `now` if it moves it."""

    arguments: list[Any]
    key: tuple[str, ...] = ()
    who: Client | None = None


def session(city: City, *more: Any) -> Tried:
    city.publish()
    return Tried([SESSION, *more], ("session", *SESSION.split(".", 1)))


def booked(city: City, *more: Any, fee: int = 0, hold: bool = False) -> Tried:
    city.set_policy(check_in_before_minutes=1440, cancel_working_days=0, cancel_minute=1439)
    city.publish(fee=fee)
    city.deposit(1)
    made = city.do(STAFF, "HoldSlot" if hold else "BookSlot", SLOT, resident(1))
    return Tried([made["id"], *more], ("appointment", made["id"]))


def confirmed(city: City) -> Tried:
    return replace(booked(city, hold=True), arguments=[SLOT, resident(1)])


def paid_back(city: City) -> Tried:
    tried = booked(city, "wechat", "p2", fee=1500)
    city.do(PAYMENT, "RecordPayment", tried.arguments[0], "wechat", "p1", 1500, "")
    city.do(STAFF, "CancelAppointment", tried.arguments[0])
    return tried


def at_the_desk(city: City) -> Tried:
    tried = booked(city)
    city.pass_time(days=10, hours=-2)
    city.do(STAFF, "LookAtIdentity", "H1", resident(1), "check-in")
    return tried


def seen(city: City) -> Tried:
    tried = at_the_desk(city)
    city.do(STAFF, "CheckInAtDesk", tried.arguments[0])
    return tried


def missed(city: City) -> Tried:
    tried = booked(city)
    city.pass_time(days=11)
    return tried


def draw(city: City, *more: Any, to: str = "open") -> Tried:
    """A draw that was led to a state; all three parties have committed unless it is open."""
    city.publish()
    plan = {"id": "D1", "hospital": "H1", "slots": [SLOT], "apply_until": city.now + 60, "turn_s": 360}
    city.do(STAFF, "OpenDraw", plan)
    key = ("draw", "D1")
    if to == "open":
        return Tried(["D1", *more], key)
    links = {who: fair_draw.chain(name * 32) for who, name in ((STAFF, b"h"), (PLATFORM, b"p"), (PATIENTS, b"r"))}
    for who, link in links.items():
        city.do(who, "CommitSeed", "D1", link[0].hex())
    city.do(PORTAL_1, "ApplyForDraw", "D1", resident(3))
    city.pass_time(seconds=61)
    if to == "closing":
        return Tried(["D1", *more], key)
    city.do(PLATFORM, "FreezeDraw", "D1")
    if to == "revealing":
        return Tried(["D1", links[STAFF][1].hex()], key, STAFF)
    if to == "revealed":
        for who, link in links.items():
            city.do(who, "RevealSeed", "D1", link[1].hex())
    elif to == "late":
        city.pass_time(seconds=361)
    elif to == "over":
        city.pass_time(days=20)
    else:
        for _ in range(2):
            city.pass_time(seconds=361)
            city.do(PLATFORM, "SkipParty", "D1")
        city.pass_time(days=11)
    return Tried(["D1", *more], key)


def points(city: City, *more: Any, reversed_: bool = False) -> Tried:
    entry = {"who": resident(1), "mark": "m1", "amount": 10, "valid_days": 1}
    city.do(AUTHORITY, "CreditPoints", "H1", [entry])
    if reversed_:
        more = (next(iter(city.ask(PLATFORM, "GetPoints", resident(1))["entries"])),)
    return Tried([resident(1), *more])


def expired(city: City) -> Tried:
    tried = points(city)
    city.pass_time(days=3)
    return tried


def keyed(city: City, *more: Any) -> Tried:
    city.deposit(1)
    city.do(STAFF, "BindResidentKey", "H1", resident(1), KEY.public_key().public_bytes_raw().hex())
    return Tried([resident(1), *more])


def consenting(city: City) -> Tried:
    keyed(city)
    until = city.now + 3600
    signature = KEY.sign(consent_text("give", "C1", resident(1), "H1", until)).hex()
    return Tried(["C1", resident(1), "H1", until, signature])


def consented(city: City, *, revoked: bool = False) -> Tried:
    given = consenting(city).arguments
    city.do(PORTAL_1, "GiveConsent", *given)
    signature = KEY.sign(consent_text("revoke", "C1", resident(1), "H1", given[3])).hex()
    return Tried(["C1", signature if revoked else "treatment"], ("consent", "C1"))


def bound(city: City) -> Tried:
    city.deposit(1)
    return Tried(["H1", resident(1), KEY.public_key().public_bytes_raw().hex()])


def referred(city: City, *, back: bool = False) -> Tried:
    city.publish()
    city.do(AUTHORITY, "AdmitClinic", "H2", "demand")
    whom = ["H1", "CARD", "2026-12-03", resident(8)]
    if back:
        city.do(OTHER_STAFF, "Refer", "H2", *whom)
    return Tried(whom if back else ["H2", *whom], who=OTHER_STAFF)


def clinic(city: City, *more: Any, admitted: bool = False) -> Tried:
    if admitted:
        city.do(AUTHORITY, "AdmitClinic", "H2", "demand")
    return Tried(["H2", *more])


def code_key(city: City) -> Tried:
    city.do(PLATFORM, "RegisterCodeKey", "k1", KEY.public_key().public_bytes_raw().hex())
    return Tried(["k1"])


HOSPITALS = [{"id": "H3", "name": "样例", "msp_id": "HospitalMSP", "collection": "patients"}]
TRIALS: dict[Act, Callable[[City], Tried]] = {
    Session.join: lambda city: session(city, resident(2)),
    Session.add: lambda city: session(city, 9, 560, 10, "online", "revisit"),
    Session.move: lambda city: session(city, "2026-12-04", 0, "meeting"),
    Session.substitute: lambda city: session(city, "D2", "doctor-leave"),
    Session.withdraw: lambda city: session(city, [3], "equipment"),
    Session.stop: lambda city: session(city, "doctor-ill"),
    Session.stop_from: lambda city: session(city, "doctor-ill"),
    Booking.pay: lambda city: booked(city, "wechat", "p1", 1500, "", fee=1500),
    Booking.refund: paid_back,
    Booking.confirm: confirmed,
    Booking.fulfil: seen,
    Booking.check_in: at_the_desk,
    Booking.miss: missed,
    Booking.give_up: lambda city: booked(city, hold=True),
    Booking.cancel: booked,
    Settlement.settle: lambda city: Tried(["H1", "2026-11-20", "wechat"]),
    Draw.commit: lambda city: draw(city, fair_draw.chain(b"x" * 32)[0].hex()),
    Draw.freeze: lambda city: draw(city, to="closing"),
    Draw.reveal: lambda city: draw(city, to="revealing"),
    Draw.skip: lambda city: draw(city, to="late"),
    Draw.number: lambda city: draw(city, "12345", to="number"),
    Draw.close: lambda city: draw(city, to="over"),
    Draw.finish: lambda city: draw(city, to="revealed"),
    Points.spend: lambda city: points(city, 5, "gift"),
    Points.expire: expired,
    Points.reverse: lambda city: points(city, reversed_=True),
    Resident.register: lambda city: Tried(["H1", resident(7)]),
    Key.bind: bound,
    Key.withdraw: lambda city: keyed(city, "other"),
    Clinic.admit: lambda city: clinic(city, "demand"),
    Clinic.dismiss: lambda city: clinic(city, admitted=True),
    Hospital.admit: lambda city: Tried([HOSPITALS]),
    Family.link: lambda city: Tried(["H1", "CF1.e30.AA"]),
    Family.unlink: lambda city: Tried(["H1", "CF1.e30.AA"]),
    Referral.refer: referred,
    Referral.book: referred,
    Referral.take_back: lambda city: referred(city, back=True),
    Consent.give: consenting,
    Consent.look: consented,
    Consent.revoke: lambda city: consented(city, revoked=True),
    CodeKey.withdraw: code_key,
    Tickets.ask: lambda city: Tried(["k1", DIGEST]),
    Beacon.commit: lambda city: Tried(["2026-11-24", DIGEST]),
}
ACTS = [act for kind in KINDS for act in kind.acts.values()]


def test_every_act_by_hand_of_every_application_is_tried() -> None:
    modules = (importlib.util.find_spec(f"apps.{one.id}.kinds") for one in Applications().all())
    by_hand = [one.name for one in modules if one is not None]
    assert [one for one in by_hand if declares_by_hand(one)] == ["apps.health_slots.kinds"]
    assert list(TRIALS) == ACTS


def declares_by_hand(module: str) -> bool:
    """Whether a module has kinds over a contract written by hand."""
    kinds = (one for one in vars(importlib.import_module(module)).values() if isinstance(one, type))
    return any(issubclass(one, Kind) and one.by_hand for one in kinds)


def primary(act: Act, tried: Tried) -> Client:
    """Whoever does an act first of all: as its role names the part."""
    return tried.who or PEOPLE[(act.role.either or (act.role,))[0].held]


def code_of(city: City, act: Act, tried: Tried, who: Client) -> str:
    """The code with which a call is refused, "" if it is not; nothing is written."""
    before = city.tester.ledger.state(city.tester.name)
    try:
        city.tester.propose(act.function, *tried.arguments, as_=who)
    except ChaincodeError as refused:
        return refused.code
    finally:
        assert city.tester.ledger.state(city.tester.name) == before
    return ""


def entry(city: City, key: tuple[str, ...]) -> tuple[dict[str, Entry], str]:
    """The entries of the ledger and the name of one of them."""
    entries: dict[str, Entry] = city.tester.ledger._entries[(city.tester.name, "")]
    return entries, "\x00" + "\x00".join(key) + "\x00"


def starts(act: Act) -> set[str]:
    """The states in which an act may be done, or another by the same function."""
    sharing = (one for one in act.kind.acts.values() if one.function == act.function)
    return {state.name for one in sharing for state in one.sources}


def state_of(city: City, key: tuple[str, ...]) -> str:
    entries, name = entry(city, key)
    return str(json.loads(entries[name].value)["state"])


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.id)
def test_an_act_is_refused_in_wrong_states_and_to_wrong_people_and_not_offered_to_them(act: Act) -> None:
    city = City()
    tried = TRIALS[act](city)
    who, kind = primary(act, tried), act.kind
    check_offered(city, act, tried)
    for name, other in WHO.items():
        if name not in ALLOWED[act.function]:
            assert code_of(city, act, tried, other) == "FORBIDDEN", name
    if act in BY_PAPER:
        assert code_of(city, act, tried, who) not in ("", "FORBIDDEN")
        return
    assert not code_of(city, act, tried, who)
    if not tried.key or len(kind.states) == 1:
        city.do(who, act.function, *tried.arguments)
        return
    was = state_of(city, tried.key)
    assert was in starts(act), "the trial begins where the act may be done"
    entries, name = entry(city, tried.key)
    right = entries[name]
    for state in set(kind.states) - starts(act):
        entries[name] = Entry(json.dumps({**json.loads(right.value), "state": state}).encode(), right.version)
        assert code_of(city, act, tried, who) in NOWHERE, f"{act.id} of what is {state}"
    entries[name] = right
    city.do(who, act.function, *tried.arguments)
    ends = {one.name for one in act.targets} or {was}
    assert state_of(city, tried.key) in ends, f"{act.id} leads elsewhere"


def people(act: Act) -> dict[str, Client]:
    """Everybody of the platform who has the act's permission, by role."""
    words = catalogue()
    permission = words.act(act).permission or words.words[act.kind.id].permission
    found = {}
    for part, role in HELD.items():
        if role not in PROGRAMS and permission in permissions_of(frozenset({role}), MANIFEST.grants):
            found[part] = client(AT.get(part, "DataBureauMSP"), f"one-{part}", role=role)
    return found


def check_offered(city: City, act: Act, tried: Tried) -> None:
    """An act is offered to whom the contract lets do it, and to nobody else."""
    mine = people(act)
    assert mine.keys() & act.role.roles_held(), "nobody who may has the permission"
    for part, who in mine.items():
        refused = code_of(city, act, tried, who) == "FORBIDDEN"
        assert refused == (part not in act.role.roles_held()), part
