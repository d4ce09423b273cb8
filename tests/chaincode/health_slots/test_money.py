"""Where a mutant of the contract had lived: one channel's money, a hold that was paid, a list frozen too early."""

from __future__ import annotations

import hashlib

from chaincode.health_slots import calendar
from chaincode.health_slots.deadlines import cancel_limit
from chaincode.health_slots.policy import Policy
from tests.chaincode.health_slots.conftest import PAYMENT, PLATFORM, PORTAL_1, STAFF, refused, resident


def test_a_channel_is_settled_for_its_own_money_alone(city):
    session = city.publish(fee=1500)
    for number, channel in ((1, "wechat"), (2, "alipay"), (3, "alipay")):
        id = city.book(f"{session}.00{number}", number)["id"]
        city.do(PAYMENT, "RecordPayment", id, channel, f"p{number}", 1500, "")
    date = calendar.local_date(city.now, 480)
    city.pass_time(days=1, hours=16)
    assert city.do(PAYMENT, "SettleDay", "H1", date, "wechat")["amount"] == 1500
    assert city.do(PAYMENT, "SettleDay", "H1", date, "alipay")["amount"] == 3000


def test_a_hold_that_is_paid_is_no_booking_before_it_was_confirmed(city):
    city.set_policy(prepay=True)
    session = city.publish(fee=1500)
    held = city.do(PORTAL_1, "HoldSlot", f"{session}.001", resident(1))
    paid = city.do(PAYMENT, "RecordPayment", held["id"], "wechat", "p1", 1500, "")
    assert (paid["state"], paid["bill"]["paid"]) == ("pending", 1500)
    assert city.do(PORTAL_1, "BookSlot", f"{session}.001", resident(1))["state"] == "booked"


def test_a_list_is_frozen_when_the_time_to_apply_is_over_and_not_before(city):
    session = city.publish()
    until = city.now + 60
    city.do(STAFF, "OpenDraw", {"id": "D1", "hospital": "H1", "slots": [f"{session}.001"], "apply_until": until})
    city.do(PLATFORM, "CommitSeed", "D1", hashlib.sha256(b"x").hexdigest())
    for seconds in (0, 45, 14, 1):
        city.pass_time(seconds=seconds)
        with refused("TOO_EARLY"):
            city.do(PLATFORM, "FreezeDraw", "D1")
    city.pass_time(seconds=1)
    city.do(PORTAL_1, "FreezeDraw", "D1")


def test_a_draw_is_over_before_its_first_slot_begins(city):
    session = city.publish()
    begins = calendar.at("2026-12-03", 480, 480)
    plan = {"id": "D1", "hospital": "H1", "slots": [f"{session}.001"], "turn_s": 3600}
    with refused("OUT_OF_BOUNDS"):
        city.do(STAFF, "OpenDraw", plan | {"apply_until": begins - 3 * 3600 + 1})
    city.do(STAFF, "OpenDraw", plan | {"apply_until": begins - 3 * 3600})


def test_a_draw_takes_no_slot_that_somebody_has(city):
    session = city.publish()
    city.book(f"{session}.001", 1)
    city.do(PORTAL_1, "HoldSlot", f"{session}.002", resident(2))
    for taken in (1, 2):
        plan = {"id": f"D{taken}", "hospital": "H1", "slots": [f"{session}.00{taken}"], "apply_until": city.now + 60}
        with refused("SLOT_TAKEN"):
            city.do(STAFF, "OpenDraw", plan)


def test_a_look_at_an_identity_is_good_for_a_quarter_of_an_hour(city):
    city.deposit(1)
    city.do(STAFF, "LookAtIdentity", "H1", resident(1), "check-in")
    city.pass_time(seconds=900)
    assert city.ask(STAFF, "ReadIdentity", "H1", resident(1))["name"]
    city.pass_time(seconds=1)
    with refused("TRACE_MISSING"):
        city.ask(STAFF, "ReadIdentity", "H1", resident(1))


def test_so_many_a_day_and_no_slot_that_has_begun(city):
    city.set_policy(per_day=1, per_department_day=5)
    session = city.publish()
    city.book(f"{session}.001", 1)
    with refused("LIMIT_PER_DAY"):
        city.book(f"{session}.002", 1)
    city.pass_time(seconds=calendar.at("2026-12-03", 480, 480) - city.now)
    city.book(f"{session}.002", 2)
    city.pass_time(minutes=25)
    with refused("SLOT_CLOSED"):
        city.book(f"{session}.003", 3)


def test_nobody_closes_the_time_to_cancel_before_it_is_over(city):
    session = city.publish()
    record = city.ask(PLATFORM, "GetSession", session)
    limit = cancel_limit(Policy.trusted(city.ask(PLATFORM, "GetPolicy", "H1")["rules"]), record)
    for before in (500, 1, 0):
        city.pass_time(seconds=limit - before - city.now)
        with refused("TOO_EARLY"):
            city.do(PORTAL_1, "Close", session)
    city.pass_time(seconds=1)
    city.do(PORTAL_1, "Close", session)
