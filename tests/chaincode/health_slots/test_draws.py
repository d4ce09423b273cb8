"""Draws: the same winners for everybody, and nobody who withholds chooses them."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.health_slots.services.draws import rerun
from chaincode.health_slots import fair_draw
from tests.chaincode.health_slots.conftest import PATIENTS, PLATFORM, PORTAL_1, STAFF, refused, resident

PARTIES = {"hospital": STAFF, "platform": PLATFORM, "patients": PATIENTS}


def secret(party: str, salt: str = "") -> bytes:
    return hashlib.sha256(f"{party}{salt}".encode()).digest()


def announce(city, slots: int = 2, people: int = 9, parties=fair_draw.PARTIES, salt: str = "", id: str = "D1"):
    session = city.publish()
    names = [f"{session}.{n:03d}" for n in range(1, slots + 1)]
    plan = {"id": id, "hospital": "H1", "slots": names, "apply_until": city.now + 60, "turn_s": 30}
    city.do(STAFF, "OpenDraw", plan)
    for party in parties:
        city.do(PARTIES[party], "CommitSeed", id, fair_draw.chain(secret(party, salt))[0].hex())
    for number in range(people):
        city.do(PORTAL_1, "ApplyForDraw", id, resident(number))
    city.pass_time(seconds=62)
    return city.do(PLATFORM, "FreezeDraw", id)


def reveal(city, party: str, link: int = 1, salt: str = "", id: str = "D1"):
    return city.do(PARTIES[party], "RevealSeed", id, fair_draw.chain(secret(party, salt))[link].hex())


def applicants(city, id: str = "D1"):
    return city.ask(PLATFORM, "ListApplicants", id)["items"]


def test_outsider_computes_the_same_winners(city):
    announce(city)
    for party in fair_draw.PARTIES:
        reveal(city, party)
    done = city.do(PLATFORM, "FinishDraw", "D1")
    proof = rerun("D1", done, applicants(city))
    assert proof.agrees and len(proof.winners) == 2
    winner, slot = done["winners"][0]
    assert city.do(PORTAL_1, "BookSlot", slot, winner)["state"] == "booked"
    tampered = {**done, "winners": [[resident(8), slot], done["winners"][1]]}
    assert not rerun("D1", tampered, applicants(city)).agrees or tampered["winners"] == done["winners"]
    assert not rerun("D1", done, applicants(city)[:-1]).agrees
    assert not rerun("D1", {**done, "revealed": {**done["revealed"], "platform": "00" * 32}}, applicants(city)).agrees


def test_slots_in_a_draw_cannot_be_booked(city):
    announce(city)
    with refused("SLOT_IN_DRAW"):
        city.book("H1.CARD-D1-261203A.001", 50)


def test_reveals_come_in_order_and_in_time(city):
    announce(city)
    with refused("NOT_YOUR_TURN"):
        reveal(city, "platform")
    with refused("SEED_MISMATCH"):
        reveal(city, "hospital", link=2)
    reveal(city, "hospital")
    city.pass_time(seconds=31)
    with refused("TOO_LATE"):
        reveal(city, "platform")
    with refused("TOO_EARLY"):
        city.do(PLATFORM, "FinishDraw", "D1")


def test_withholder_is_marked_and_its_knowledge_is_worthless(city):
    """The last party sees the round's outcome and withholds: the outcome that counts hangs on unrevealed links."""
    announce(city)
    reveal(city, "hospital")
    first = reveal(city, "platform")
    city.pass_time(seconds=32)
    skipped = city.do(PLATFORM, "SkipParty", "D1")
    assert skipped["skipped"]["patients"][0] == "not-revealed"
    assert skipped["revealed"] == {} and skipped["void_rounds"] == [first["revealed"]]
    with refused("SEED_MISMATCH"):
        reveal(city, "hospital", link=1)
    reveal(city, "hospital", link=2)
    reveal(city, "platform", link=2)
    done = city.do(PLATFORM, "FinishDraw", "D1")
    proof = rerun("D1", done, applicants(city))
    assert proof.agrees and proof.skipped == ("patients",)
    everyone = applicants(city)
    with_it = {**first["revealed"], "patients": fair_draw.chain(secret("patients"))[1].hex()}
    known = {fair_draw.seed_of("D1", done["frozen"], r).hex() for r in (first["revealed"], with_it)}
    assert done["seed"] not in known
    assert fair_draw.rank(bytes.fromhex(done["seed"]), everyone) == [
        *fair_draw.rank(bytes.fromhex(done["seed"]), everyone)
    ]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000))
def test_what_a_withholder_sees_says_nothing_of_what_comes(salt):
    """Over many draws the outcome it sees and the one that comes agree no more often than chance."""
    people = [resident(n) for n in range(16)]
    frozen = fair_draw.list_digest(people)
    chains = {p: fair_draw.chain(secret(p, str(salt))) for p in fair_draw.PARTIES}
    seen = fair_draw.seed_of("D", frozen, {p: c[1].hex() for p, c in chains.items()})
    comes = fair_draw.seed_of("D", frozen, {p: chains[p][2].hex() for p in ("hospital", "platform")})
    assert seen != comes
    # Nothing that was revealed in the first round leads to the next links: they are preimages.
    for party in ("hospital", "platform"):
        assert fair_draw.link(chains[party][2]) == chains[party][1]
        assert fair_draw.link(chains[party][1]) != chains[party][2]


def test_winners_of_known_outcomes_are_near_uniform():
    people = [resident(n) for n in range(8)]
    counts = dict.fromkeys(people, 0)
    for n in range(4000):
        counts[fair_draw.rank(hashlib.sha256(str(n).encode()).digest(), people)[0]] += 1
    assert min(counts.values()) > 400 and max(counts.values()) < 600


def test_nobody_reveals_and_the_draw_is_void(city):
    """Two withhold: what is left is one party, which would know the outcome; the draw is void and the slots return."""
    announce(city)
    for _ in fair_draw.PARTIES[:2]:
        city.pass_time(seconds=32)
        last = city.do(PLATFORM, "SkipParty", "D1")
    assert last["state"] == "void" and set(last["skipped"]) == {"hospital", "platform"}
    with refused("DRAW_STATE"):
        reveal(city, "patients")
    with refused("DRAW_STATE"):
        city.do(PLATFORM, "FinishDraw", "D1")
    assert city.ask(PLATFORM, "GetSlot", "H1.CARD-D1-261203A.001")["state"] == "returned"


def test_uncommitted_parties_are_marked(city):
    frozen = announce(city, parties=("hospital", "platform"))
    assert frozen["skipped"]["patients"][0] == "no-commitment"
    with refused("DRAW_STATE"):
        city.do(PATIENTS, "CommitSeed", "D1", "ab" * 32)


def test_applicants_close_and_count_once(city):
    session = city.publish()
    plan = {"id": "D2", "hospital": "H1", "slots": [f"{session}.001"], "apply_until": city.now + 60, "turn_s": 30}
    city.do(STAFF, "OpenDraw", plan)
    city.do(PORTAL_1, "ApplyForDraw", "D2", resident(1))
    with refused("APPLIED_ALREADY"):
        city.do(PORTAL_1, "ApplyForDraw", "D2", resident(1))
    with refused("TOO_EARLY"):
        city.do(PLATFORM, "FreezeDraw", "D2")
    city.pass_time(seconds=61)
    with refused("TOO_LATE"):
        city.do(PORTAL_1, "ApplyForDraw", "D2", resident(2))


def test_winner_who_may_not_book_is_passed_over(city):
    announce(city, slots=1, people=3)
    for party in fair_draw.PARTIES:
        reveal(city, party)
    order = fair_draw.rank(
        fair_draw.seed_of("D1", (d := city.ask(PLATFORM, "GetDraw", "D1"))["frozen"], d["revealed"]), applicants(city)
    )
    number = next(n for n in range(3) if resident(n) == order[0])
    city.book("H1.CARD-D1-261203A.005", number)
    done = city.do(PLATFORM, "FinishDraw", "D1")
    assert done["passed_over"] == [order[0]] and done["winners"][0][0] == order[1]
    assert rerun("D1", done, applicants(city)).agrees


@pytest.mark.parametrize("people", [0, 1])
def test_slots_without_a_winner_are_returned(city, people):
    announce(city, slots=2, people=people)
    for party in fair_draw.PARTIES:
        reveal(city, party)
    done = city.do(PLATFORM, "FinishDraw", "D1")
    assert len(done["winners"]) == people
    assert city.ask(PLATFORM, "GetSlot", "H1.CARD-D1-261203A.002")["state"] == "returned"
