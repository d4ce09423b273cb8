"""Deadlines against whoever writes the time: what is endorsed before and kept back does not commit afterwards.

An attacker endorses in time, keeps the transaction, and submits it when it suits. Before, cancelling after the last
moment, paying into a settled day and depositing before the true author did all commit.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from baas.errors import LedgerError
from fabric_sdk.chaincode.testing import MVCC_READ_CONFLICT, PHANTOM_READ_CONFLICT, VALID
from tests.chaincode.copyright.conftest import ALICE, BOB, REGISTRAR, Office, work_form
from tests.chaincode.health_slots.conftest import (
    AUTHORITY,
    PATIENTS,
    PAYMENT,
    PLATFORM,
    PORTAL_1,
    PORTAL_2,
    STAFF,
    refused,
    resident,
)
from tests.chaincode.health_slots.test_draws import announce, reveal

CONFLICTS = (MVCC_READ_CONFLICT, PHANTOM_READ_CONFLICT)


def kept_back(city, who, function, *args):
    return city.tester.propose(function, *args, as_=who)


def test_a_cancellation_kept_back_past_the_deadline(contract_city):
    city = contract_city
    session = city.publish()
    booked = city.book(f"{session}.001", 1)
    late = kept_back(city, PORTAL_1, "CancelAppointment", booked["id"])
    with refused("TOO_EARLY"):
        city.do(PORTAL_2, "Close", session)
    city.pass_time(days=9, hours=18)
    closed = city.do(PORTAL_2, "Close", session)  # anybody may
    assert closed["limit"] < closed["at"]
    with refused("CLOSED_ALREADY"):
        city.do(PORTAL_2, "Close", session)
    assert late.commit() in CONFLICTS
    # Nor do clocks that are behind, the client's and its peers' alike, open it again.
    city.tester.now -= timedelta(seconds=city.now - closed["limit"] + 30)
    with refused("CANCEL_TOO_LATE"):
        city.do(PORTAL_1, "CancelAppointment", booked["id"])


def test_services_close_what_is_over(town):
    """Board, FHIR and whoever hands slots on do it by themselves, once."""
    (session,) = town.publish()
    booked = town.service.bookings.book(f"{session}.001", town.resident(1))
    assert town.service.waiting.close_due() == 0
    town.ledger.pass_time(days=9, hours=6)
    assert town.service.waiting.close_due() == 1
    assert town.service.waiting.close_due() == 0
    assert town.service.ledger.evaluate("authority", "GetClosed", session)["at"] == int(town.ledger.now)
    with pytest.raises(LedgerError) as refusal:
        town.service.bookings.cancel(booked.id)
    assert refusal.value.code == "cancel_too_late"
    town.ledger.pass_time(minutes=1)
    assert not [f for f in town.service.audit(hospital="H1").findings if f.kind == "late-close"]


@pytest.mark.parametrize("minutes", [9, 11])
def test_who_closes_late_stands_in_the_audit(town, minutes):
    (session,) = town.publish()
    town.service.bookings.book(f"{session}.001", town.resident(1))
    town.ledger.pass_time(days=9, hours=6, minutes=minutes - 1)
    town.service.waiting.close_due()
    found = [f.kind for f in town.service.audit(hospital="H1").findings]
    assert ("late-close" in found) == (minutes > 10)


def test_a_moved_session_may_be_cancelled_again(contract_city):
    city = contract_city
    session = city.publish()
    booked = city.book(f"{session}.001", 1)
    city.pass_time(days=9, hours=18)
    city.do(AUTHORITY, "Close", session)
    city.do(STAFF, "MoveSession", session, "2026-12-08", 0, "meeting")
    assert city.do(PORTAL_1, "CancelAppointment", booked["id"])["state"] == "cancelled"


def test_a_payment_kept_back_past_the_settlement(contract_city):
    city = contract_city
    session = city.publish(fee=3000)
    first, second = city.book(f"{session}.001", 1), city.book(f"{session}.002", 2)
    city.do(PAYMENT, "RecordPayment", first["id"], "wechat", "p1", 3000, "")
    late = kept_back(city, PAYMENT, "RecordPayment", second["id"], "wechat", "p2", 3000, "")
    refund = kept_back(city, PORTAL_1, "CancelAppointment", first["id"])
    assert refund.commit() == VALID
    late_refund = kept_back(city, PAYMENT, "RecordRefund", first["id"], "wechat", "r1")
    city.pass_time(days=1)
    settled = city.do(PAYMENT, "SettleDay", "H1", "2026-11-23", "wechat")
    assert settled["amount"] == 3000
    assert late.commit() in CONFLICTS and late_refund.commit() in CONFLICTS


def test_an_application_kept_back_past_the_freeze(contract_city):
    city = contract_city
    session = city.publish()
    plan = {"id": "D1", "hospital": "H1", "slots": [f"{session}.001"], "apply_until": city.now + 60, "turn_s": 400}
    city.do(STAFF, "OpenDraw", plan)
    late = kept_back(city, PORTAL_1, "ApplyForDraw", "D1", resident(1))
    city.pass_time(seconds=62)
    city.do(PORTAL_2, "FreezeDraw", "D1")
    assert late.commit() in CONFLICTS


def test_a_reveal_kept_back_past_its_turn(contract_city):
    city = contract_city
    announce(city)
    reveal(city, "hospital")
    reveal(city, "platform")
    from chaincode.health_slots import fair_draw
    from tests.chaincode.health_slots.test_draws import secret

    link = fair_draw.chain(secret("patients"))[1].hex()
    late = kept_back(city, PATIENTS, "RevealSeed", "D1", link)
    city.pass_time(seconds=402)
    city.do(PORTAL_1, "SkipParty", "D1")
    assert late.commit() in CONFLICTS


def test_a_hold_kept_back_past_its_end(contract_city):
    city = contract_city
    session = city.publish()
    city.do(PORTAL_1, "HoldSlot", f"{session}.001", resident(1))
    late = kept_back(city, PORTAL_1, "BookSlot", f"{session}.001", resident(1))
    city.pass_time(seconds=700)
    city.do(PORTAL_2, "ReleaseLapsed", f"{session}.001")
    assert late.commit() in CONFLICTS


@pytest.mark.parametrize("skew", [-89, 89])
def test_no_outcome_depends_on_the_submitters_clock_within_the_tolerance(contract_city, skew):
    """New networks take 90 s; whoever dates a message inside them neither opens early nor acts late."""
    city = contract_city
    assert city.ask(AUTHORITY, "GetSettings")["clock_tolerance_s"] == 90
    announce(city)
    turn_ends = city.ask(PLATFORM, "GetDraw", "D1")["turn_ends"]
    city.pass_time(seconds=turn_ends - city.now + (1 if skew < 0 else -10))
    city.skew = skew
    with refused("TOO_EARLY" if skew < 0 or city.now <= turn_ends else "x"):
        city.do(PORTAL_1, "SkipParty", "D1")
    if skew > 0:
        with refused("TOO_LATE"):
            reveal(city, "hospital")


def test_a_turn_is_longer_than_any_dating_of_messages(contract_city):
    city = contract_city
    session = city.publish()
    plan = {"id": "D1", "hospital": "H1", "slots": [f"{session}.001"], "apply_until": city.now + 60}
    for turn_s in (1, 30, 359):
        with refused("BAD_ARGUMENT"):
            city.do(STAFF, "OpenDraw", plan | {"turn_s": turn_s})
    city.do(STAFF, "OpenDraw", plan | {"turn_s": 360})


def test_a_correction_kept_back_past_its_deadline():
    office = Office()
    case = office.submitted(office.work())
    office.step("BeginVerification", case)
    office.step("RequestCorrection", case, ["证件不清楚"])
    office.do("PutOwnerDocuments", case["work_id"], as_=ALICE, transient=_documents())
    from tests.chaincode.copyright.conftest import application_form

    correct = ("SubmitCorrection", case["id"], application_form())
    late = office.tester.propose(*correct, as_=ALICE)
    office.later(days=80)
    office.do("LapseRegistration", case["id"], as_=BOB)  # anybody may
    assert late.commit() in CONFLICTS


def test_a_deposit_is_not_dated_before_the_true_authors():
    """Within the clocks' tolerance a copyist could be the earlier depositor."""
    office = Office()
    work = office.work("true", as_=ALICE)
    office.peers_clock = office.tester.now
    office.later(minutes=-2)
    office.refused("BACKDATED", "Deposit", work_form("true"), as_=BOB)
    office.later(minutes=3)
    said = [{"relation": "independent", "work_id": work["id"], "words": "各自创作"}]
    assert office.do("Deposit", work_form("true", relations=said), as_=BOB)["earlier"] == [work["id"]]
    assert REGISTRAR


def _documents():
    from tests.chaincode.copyright.conftest import documents

    return documents()
