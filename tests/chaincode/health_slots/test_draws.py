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
    plan = {"id": id, "hospital": "H1", "slots": names, "apply_until": city.now + 60, "turn_s": 400}
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
    city.pass_time(seconds=401)
    with refused("TOO_LATE"):
        reveal(city, "platform")
    with refused("TOO_EARLY"):
        city.do(PLATFORM, "FinishDraw", "D1")


def test_withholder_is_marked_and_its_knowledge_is_worthless(city):
    """The last party sees the round's outcome and withholds: the outcome that counts hangs on unrevealed links."""
    announce(city)
    reveal(city, "hospital")
    first = reveal(city, "platform")
    city.pass_time(seconds=402)
    skipped = city.do(PLATFORM, "SkipParty", "D1")
    assert skipped["skipped"]["patients"][0] == "not-revealed"
    assert skipped["revealed"] == {} and skipped["void_rounds"] == [{**first["revealed"], "silent": "patients"}]
    with refused("SEED_MISMATCH"):
        reveal(city, "hospital", link=1)
    reveal(city, "hospital", link=2)
    reveal(city, "platform", link=2)
    with refused("TOO_EARLY"):  # with all three reveals or not at all
        city.do(PLATFORM, "FinishDraw", "D1")
    reveal(city, "patients")
    done = city.do(PLATFORM, "FinishDraw", "D1")
    proof = rerun("D1", done, applicants(city))
    assert proof.agrees and proof.skipped == ("patients",)
    with_it = {**first["revealed"], "patients": fair_draw.chain(secret("patients"))[1].hex()}
    assert done["seed"] != fair_draw.seed_of("D1", done["frozen"], with_it).hex()


def second_void(city, party: str = "patients"):
    """Two rounds in which a party lets its turn pass."""
    announce(city)
    for round in (1, 2):
        for other in fair_draw.PARTIES[: fair_draw.PARTIES.index(party)]:
            reveal(city, other, link=round)
        city.pass_time(seconds=402)
        record = city.do(PORTAL_1, "SkipParty", "D1")
    return record


@pytest.mark.parametrize("party", fair_draw.PARTIES)
def test_after_two_void_rounds_the_announced_number_decides(city, party):
    """No party gains by silence: the number is of a later day and was named before anybody applied."""
    record = second_void(city, party)
    assert record["state"] == "number" and record["number"] == {"source": "fucai-3d", "date": "2026-11-24"}
    with refused("DRAW_STATE"):
        reveal(city, "hospital")
    with refused("TOO_EARLY"):
        city.do(STAFF, "EnterNumber", "D1", "123")
    city.pass_time(days=2)
    city.do(STAFF, "EnterNumber", "D1", "123")
    with refused("FORBIDDEN"):
        city.do(PORTAL_1, "EnterNumber", "D1", "123")
    city.do(PLATFORM, "EnterNumber", "D1", "321")
    with refused("DRAW_STATE"):
        city.do(PLATFORM, "FinishDraw", "D1")
    city.do(PATIENTS, "EnterNumber", "D1", "123")
    done = city.do(PORTAL_1, "FinishDraw", "D1")
    assert done["seed"] == fair_draw.seed_of_number("D1", done["frozen"], "fucai-3d", "2026-11-24", "123").hex()
    assert rerun("D1", done, applicants(city)).agrees
    done["number"]["value"] = "321"
    assert not rerun("D1", done, applicants(city)).agrees


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000))
def test_what_a_withholder_sees_says_nothing_of_what_comes(salt):
    """Over many draws the outcome it sees and the one that comes agree no more often than chance."""
    people = [resident(n) for n in range(16)]
    frozen = fair_draw.list_digest(people)
    chains = {p: fair_draw.chain(secret(p, str(salt))) for p in fair_draw.PARTIES}
    seen = fair_draw.seed_of("D", frozen, {p: c[1].hex() for p, c in chains.items()})
    comes = fair_draw.seed_of("D", frozen, {p: c[2].hex() for p, c in chains.items()})
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


def test_a_draw_that_nobody_finishes_is_closed_by_anybody(city):
    second_void(city, "hospital")
    with refused("TOO_EARLY"):
        city.do(PORTAL_1, "CloseDraw", "D1")
    city.pass_time(days=10)
    closed = city.do(PORTAL_1, "CloseDraw", "D1")
    assert closed["state"] == "void"
    assert city.ask(PLATFORM, "GetSlot", "H1.CARD-D1-261203A.001")["state"] == "returned"
    for act in ("FinishDraw", "CloseDraw"):
        with refused("DRAW_STATE"):
            city.do(PLATFORM, act, "D1")


def test_without_all_three_commitments_the_number_decides(city):
    frozen = announce(city, parties=("hospital", "platform"))
    assert frozen["skipped"]["patients"][0] == "no-commitment" and frozen["state"] == "number"
    with refused("DRAW_STATE"):
        city.do(PATIENTS, "CommitSeed", "D1", "ab" * 32)
    with refused("DRAW_STATE"):
        reveal(city, "hospital")


def test_applicants_close_and_count_once(city):
    session = city.publish()
    plan = {"id": "D2", "hospital": "H1", "slots": [f"{session}.001"], "apply_until": city.now + 60, "turn_s": 400}
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
