"""Draws against their own parties, portals and hospitals: no outcome is chosen, no list is a veto, nothing disappears.

Before: hospital and platform chose a winner by dating messages inside the tolerance while the patients' side was marked
as absent; 20,010 applications of one portal stopped any draw; slots lay in a draw until the year 2100 and the audit
said that everything agrees.
"""

from __future__ import annotations

import base64
import hashlib

import pytest

from apps.health_slots.kinds import Draw
from apps.health_slots.services.draws import rerun
from chaincode.health_slots import draw_list, draw_result, fair_draw
from fabric_sdk.chaincode import ChaincodeError
from tests.chaincode.health_slots.conftest import PATIENTS, PLATFORM, PORTAL_1, PORTAL_2, STAFF, refused
from tests.chaincode.health_slots.test_draws import reveal, second_void, secret

DAY = 86_400


def person(number: int) -> str:
    return "R" + base64.b32encode(hashlib.sha256(f"tout {number}".encode()).digest())[:26].decode()


def test_hospital_and_platform_cannot_finish_without_the_patients_side(contract_city):
    """They silence it twice; what decides then is a number of a day that had not come."""
    city = contract_city
    record = second_void(city, "patients")
    assert record["state"] == "number" and record["skipped"]["patients"][0] == "not-revealed"
    for act in ("FinishDraw", "FreezeDraw", "SkipParty"):
        with refused("DRAW_STATE"):
            city.do(PLATFORM, act, "D1")
    # Nor can they agree on a number before its day is over.
    with refused("TOO_EARLY"):
        city.do(STAFF, "EnterNumber", "D1", "000")


def test_the_number_is_of_a_day_after_both_rounds(contract_city):
    city = contract_city
    session = city.publish()
    plan = {"id": "D1", "hospital": "H1", "slots": [f"{session}.001"], "apply_until": city.now + 60, "turn_s": 400}
    for date in ("2026-11-23", "2026-11-20", "2027-01-01"):
        with refused("OUT_OF_BOUNDS"):
            city.do(STAFF, "OpenDraw", plan | {"number_date": date})
    assert city.do(STAFF, "OpenDraw", plan | {"number_source": "ssq", "number_date": "2026-11-26"})["number"] == {
        "source": "ssq",
        "date": "2026-11-26",
    }


@pytest.mark.parametrize("apply_s", [40 * DAY, 9 * DAY + 23 * 3600])
def test_slots_do_not_disappear_into_a_draw(contract_city, apply_s):
    city = contract_city
    session = city.publish()
    plan = {"id": "D1", "hospital": "H1", "slots": [f"{session}.001"], "turn_s": 3600}
    with refused("OUT_OF_BOUNDS"):
        city.do(STAFF, "OpenDraw", plan | {"apply_until": city.now + apply_s})


def test_residents_do_not_apply_for_months(contract_city):
    city = contract_city
    session = city.publish("CARD-D1-270601A", date="2027-06-01")
    plan = {"id": "D1", "hospital": "H1", "slots": [f"{session}.001"], "turn_s": 3600}
    with refused("OUT_OF_BOUNDS"):
        city.do(STAFF, "OpenDraw", plan | {"apply_until": city.now + 31 * DAY})
    city.do(STAFF, "OpenDraw", plan | {"apply_until": city.now + 29 * DAY})


def test_a_session_is_not_moved_out_of_sight(contract_city):
    city = contract_city
    session = city.publish()
    for date in ("2027-02-02", "2199-12-31"):
        with refused("OUT_OF_BOUNDS"):
            city.do(STAFF, "MoveSession", session, date, 0, "meeting")
    city.do(STAFF, "MoveSession", session, "2027-01-30", 0, "meeting")
    with refused("OUT_OF_BOUNDS"):  # step by step neither
        city.do(STAFF, "MoveSession", session, "2027-03-01", 0, "meeting")


def test_no_list_is_too_long(contract_city, monkeypatch):
    """A portal fills the list; it is frozen and ranked in bounded ranges, and anybody may do that."""
    city = contract_city
    for module in (draw_list, draw_result):
        monkeypatch.setattr(module, "AT_ONCE", 40)
    monkeypatch.setattr(draw_list, "A_TRANSACTION", 60)
    session = city.publish()
    slots = [f"{session}.{n:03d}" for n in (1, 2)]
    plan = {"id": "D1", "hospital": "H1", "slots": slots, "apply_until": city.now + 600, "turn_s": 400}
    city.do(STAFF, "OpenDraw", plan)
    for party, who in (("hospital", STAFF), ("platform", PLATFORM), ("patients", PATIENTS)):
        city.do(who, "CommitSeed", "D1", fair_draw.chain(secret(party))[0].hex())
    people = [person(n) for n in range(300)]
    for one in people:
        city.do(PORTAL_1, "ApplyForDraw", "D1", one)
    city.pass_time(seconds=601)
    assert city.do(PORTAL_2, "FreezeDraw", "D1")["state"] == "closing"
    with refused("DRAW_STATE"):
        city.do(PORTAL_1, "ApplyForDraw", "D1", person(301))
    with refused("TOO_MANY"):
        city.do(PORTAL_2, "FreezeBuckets", "D1", 0, 256)
    with refused("TOO_EARLY"):
        city.do(PORTAL_2, "BeginReveals", "D1")
    for first in range(0, 256, 16):
        city.do(PORTAL_2, "FreezeBuckets", "D1", first, 16)
    frozen = city.do(PORTAL_2, "BeginReveals", "D1")
    assert frozen["frozen"] == fair_draw.list_digest(people) and frozen["applicants"] == 300
    for party in fair_draw.PARTIES:
        reveal(city, party)
    with refused("TOO_EARLY"):
        city.do(PORTAL_2, "FinishDraw", "D1")
    with monkeypatch.context() as patch:
        listed = draw_list.buckets_of

        def slipped_in(*args):
            return [(bucket, [*found, person(999)]) for bucket, found in listed(*args)]

        patch.setattr(draw_result, "buckets_of", slipped_in)
        with refused("LIST_DIFFERS"):
            city.do(PORTAL_2, "RankBuckets", "D1", 0, 16)
    for first in range(0, 256, 16):
        city.do(PORTAL_2, "RankBuckets", "D1", first, 16)
    with monkeypatch.context() as patch:

        def lost(*args, **more):
            raise ChaincodeError("SLOT_LOST", "nobody is passed over for this")

        patch.setattr(draw_result, "take", lost)
        with refused("SLOT_LOST"):
            city.do(PORTAL_2, "FinishDraw", "D1")
    done = city.do(PORTAL_2, "FinishDraw", "D1")
    assert rerun("D1", done, people).agrees and len(done["winners"]) == 2


def test_open_and_stuck_draws_stand_in_the_audit(town):
    (session,) = town.publish()
    draws = town.service.draws
    draws.open("D1", "H1", [f"{session}.001", f"{session}.002"], apply_s=600, turn_s=600)
    found = {f.kind: f for f in town.service.audit(hospital="H1").findings}
    assert found["open-draw"].severity == "info"
    for days, severity in ((2, "notice"), (12, "alarm")):
        later = int(town.ledger.now) + days * DAY
        found = {f.kind: f for f in town.service.audit(hospital="H1", as_of=later).findings}
        assert found["stuck-draw"].severity == severity and "2" in found["stuck-draw"].text.zh
    town.ledger.pass_time(days=11)
    town.service.acts.do(Draw.close, on="D1")
    report = town.service.audit(hospital="H1")
    assert {f.kind for f in report.findings} >= {"void-draw"} and "stuck-draw" not in {f.kind for f in report.findings}


def test_a_silent_party_stands_in_the_audit(town):
    (session,) = town.publish()
    draws = town.service.draws
    draws.open("D1", "H1", [f"{session}.001"], apply_s=60, turn_s=600)
    for party in fair_draw.PARTIES:
        draws.commit("D1", party)
    draws.apply("D1", town.resident(1))
    town.ledger.pass_time(seconds=61)
    draws.freeze("D1")
    draws.reveal("D1", "hospital")
    draws.reveal("D1", "platform")
    town.ledger.pass_time(seconds=601)
    town.service.acts.do(Draw.skip, on="D1")
    for party in fair_draw.PARTIES:
        draws.reveal("D1", party)
    draws.finish("D1")
    assert draws.verify("D1").agrees
    found = [f for f in town.service.audit(hospital="H1").findings if f.kind == "re-rolled"]
    assert len(found) == 1 and "patients" in found[0].text.en
