"""Attempts on the draw: an outsider's own computation, copied seeds, invented people, and what coalitions can do."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import pytest

from apps.health_slots.services.draws import verify_export
from baas.errors import UserError
from chaincode.health_slots import fair_draw
from tests.chaincode.health_slots.conftest import PATIENTS, PLATFORM, PORTAL_1, PORTAL_2, STAFF, refused, resident
from tests.chaincode.health_slots.test_draws import announce, applicants, reveal, secret


def export(city, id: str = "D1"):
    """What `citychain slots draw export` writes, gone through JSON as it does."""
    record = city.ask(PLATFORM, "GetDraw", id)
    return json.loads(
        json.dumps({"draw": id, "algorithm": record["algorithm"], "record": record, "applicants": applicants(city, id)})
    )


def outsider(data) -> list[list[str]]:
    """The published algorithm written again with nothing but SHA-256 and HMAC, as somebody else would."""

    def sha(*parts: bytes) -> bytes:
        return hashlib.sha256(b"".join(parts)).digest()

    record, people = data["record"], sorted(data["applicants"])
    buckets: dict[str, list[str]] = {}
    for person in people:
        buckets.setdefault(base64.b32decode(person[1:9])[:1].hex(), []).append(person)
    digests = {b: sha(*(f"{p}\n".encode() for p in found)).hex() for b, found in buckets.items()}
    frozen = sha(*(f"{b}:{digests[b]}\n".encode() for b in sorted(digests))).hex()
    assert frozen == record["frozen"]
    for party, value in record["revealed"].items():
        tip = bytes.fromhex(value)
        for _ in range(1 + sum(party in r for r in record.get("void_rounds", []))):
            tip = sha(b"citychain-draw-link\x00", tip)
        assert tip.hex() == record["commitments"][party]
    order = [p for p in ("hospital", "platform", "patients") if p in record["revealed"]]
    seed = sha(
        "\x00".join(
            ["citychain-draw-2", data["draw"], frozen, *(f"{p}={record['revealed'][p]}" for p in order)]
        ).encode()
    )
    ranked = sorted(people, key=lambda p: hmac.new(seed, p.encode(), "sha256").digest())
    eligible = [p for p in ranked if p not in record["passed_over"]]
    slots = [s for s in sorted(record["slots"]) if s not in record["withdrawn"]]
    return [list(pair) for pair in zip(eligible, slots, strict=False)]


@pytest.mark.parametrize("withholds", [None, "hospital", "platform", "patients"])
def test_an_outsider_finds_the_same_winners_from_the_export_alone(city, withholds):
    announce(city, slots=3, people=8)
    city.do(STAFF, "StopSlots", "H1.CARD-D1-261203A", [5], "equipment")
    links = dict.fromkeys(fair_draw.PARTIES, 1)
    while (turn := city.ask(PLATFORM, "GetDraw", "D1")["turn"]) != "":
        if turn == withholds:
            city.pass_time(seconds=402)
            city.do(PLATFORM, "SkipParty", "D1")
            withholds = None
            continue
        # Who revealed in the void round is one link further than who had not come to its turn.
        reveal(city, turn, link=links[turn])
        links[turn] += 1
    done = city.do(PLATFORM, "FinishDraw", "D1")
    data = export(city)
    assert outsider(data) == done["winners"] and len(done["winners"]) == 3
    assert verify_export(data).agrees


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["applicants"].pop(),
        lambda d: d["applicants"].append(d["applicants"][0]),
        lambda d: d["record"]["winners"].reverse(),
        lambda d: d["record"]["revealed"].pop("patients"),
        lambda d: d["record"]["revealed"].update(platform="00" * 32),
        lambda d: d["record"]["passed_over"].append(d["record"]["winners"][0][0]),
        lambda d: d["record"]["passed_over"].append(resident(77)),
        lambda d: d["record"]["withdrawn"].append(d["record"]["slots"][0]),
        lambda d: d.update(draw="D2"),
    ],
)
def test_whatever_is_changed_in_an_export_is_noticed(city, change):
    announce(city)
    for party in fair_draw.PARTIES:
        reveal(city, party)
    city.do(PLATFORM, "FinishDraw", "D1")
    data = export(city)
    assert verify_export(data).agrees
    change(data)
    assert not verify_export(data).agrees


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"algorithm": "x"},
        {"algorithm": fair_draw.ALGORITHM, "applicants": "x"},
        {"algorithm": fair_draw.ALGORITHM, "applicants": [], "draw": "D", "record": {}},
    ],
)
def test_what_is_no_export_is_refused(data):
    with pytest.raises(UserError):
        verify_export(data)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["record"].update(state=["done"]),
        lambda d: d["record"].update(state="revealing"),
        lambda d: d["record"].update(state="DONE"),
        lambda d: d["record"].pop("winners"),
        lambda d: d["record"].update(winners=[[p, s, "x"] for p, s in d["record"]["winners"]]),
        lambda d: d["record"].update(passed_over={}),
        lambda d: d["record"].update(slots="".join(d["record"]["slots"])),
        lambda d: d["record"].update(number={"value": 5}),
        lambda d: d["record"].update(algorithm="another"),
        lambda d: d.update(draw=["D1"]),
    ],
)
def test_no_form_of_an_export_skips_the_check(city, change):
    """Before, `"state": ["done"]` or a state without a result agreed with any winners."""
    announce(city)
    for party in fair_draw.PARTIES:
        reveal(city, party)
    city.do(PLATFORM, "FinishDraw", "D1")
    data = export(city)
    change(data)
    with pytest.raises(UserError):
        verify_export(data)


def test_nobody_copies_another_partys_seed(city):
    session = city.publish()
    plan = {"id": "D1", "hospital": "H1", "slots": [f"{session}.001"], "apply_until": city.now + 60, "turn_s": 400}
    city.do(STAFF, "OpenDraw", plan)
    tip = fair_draw.chain(secret("hospital"))[0].hex()
    city.do(STAFF, "CommitSeed", "D1", tip)
    for party in (PLATFORM, PATIENTS):
        with refused("SEED_COPIED"):
            city.do(party, "CommitSeed", "D1", tip)
    with refused("SEED_COMMITTED"):
        city.do(STAFF, "CommitSeed", "D1", "ab" * 32)


def test_people_whom_nobody_checked_get_no_chance_where_the_rules_ask_for_the_real_name(city):
    city.set_policy(real_name="booking")
    session = city.publish()
    plan = {"id": "D1", "hospital": "H1", "slots": [f"{session}.001"], "apply_until": city.now + 60, "turn_s": 400}
    city.do(STAFF, "OpenDraw", plan)
    with refused("REAL_NAME_NEEDED"):
        city.do(PORTAL_1, "ApplyForDraw", "D1", resident(1))
    city.deposit(1)
    city.do(PORTAL_1, "ApplyForDraw", "D1", resident(1))
    with refused("APPLIED_ALREADY"):  # through another portal neither
        city.do(PORTAL_2, "ApplyForDraw", "D1", resident(1))


def outcomes_seen(coalition: frozenset[str]) -> int:
    """How many outcomes a coalition can look at before it decides, while everybody else reveals in time.

    Plays the protocol as the contract does: fixed order, silence voids the round, after a second void the public number
    decides. The coalition sees an outcome when, at a turn of its own, nobody else is left to reveal in that round.
    """
    order = fair_draw.PARTIES
    last = any(coalition.issuperset(order[index:]) for index, party in enumerate(order) if party in coalition)
    return fair_draw.ROUNDS if last else 0


@pytest.mark.parametrize(
    ("coalition", "looks"),
    [
        ((), 0),
        (("hospital",), 0),
        (("platform",), 0),
        (("hospital", "platform"), 0),
        (("patients",), 2),
        (("hospital", "patients"), 2),
        (("platform", "patients"), 2),
        (fair_draw.PARTIES, 2),
    ],
)
def test_what_each_coalition_can_look_at(coalition, looks):
    """Honest figures: nobody chooses, but who comes last may trade what it saw for something unknown, marked.

    Hospital and platform, even together, have nothing to look at: without the patients' link there is no outcome.
    """
    assert outcomes_seen(frozenset(coalition)) == looks


@pytest.mark.parametrize("first", ["hospital", "platform"])
def test_hospital_and_platform_decide_blindly(city, first):
    """They withhold or not before the patients' link is known, and its next link is a preimage of nothing public."""
    announce(city)
    if first == "platform":
        reveal(city, "hospital")
    before = city.ask(PLATFORM, "GetDraw", "D1")
    assert "patients" not in before["revealed"]
    city.pass_time(seconds=402)
    after = city.do(PLATFORM, "SkipParty", "D1")
    assert after["turn"] == "hospital" and after["revealed"] == {}
    public = {v for r in after["void_rounds"] for v in r.values()} | set(after["commitments"].values())
    chains = {p: [v.hex() for v in fair_draw.chain(secret(p))] for p in fair_draw.PARTIES}
    assert not any(chains["patients"][n] in public for n in (1, 2))
    reveal(city, "hospital", link=2 if first == "platform" else 1)
    reveal(city, "platform")
    reveal(city, "patients")
    assert city.do(PLATFORM, "FinishDraw", "D1")["state"] == "done"
