"""Several bookings or identities in one transaction: each its own outcome, as if alone after those before it."""

from __future__ import annotations

import json

from chaincode.health_slots.gathered import TOGETHER
from fabric_sdk.chaincode.testing import MVCC_READ_CONFLICT, VALID
from tests.chaincode.health_slots.conftest import OTHER_STAFF, PLATFORM, PORTAL_1, PORTAL_2, refused, resident


def wanted(session: str, *pairs: tuple[int, int]) -> list[dict[str, str]]:
    return [{"slot": f"{session}.{slot:03d}", "resident": resident(number)} for slot, number in pairs]


def codes(outcomes: list) -> list[str]:
    return [outcome["refused"]["code"] if "refused" in outcome else "booked" for outcome in outcomes]


def test_each_booking_has_its_own_outcome_in_the_order_they_came(city):
    session = city.publish()
    outcomes = city.do(PORTAL_1, "BookSlots", wanted(session, (1, 1), (1, 2), (2, 2), (99, 3), (3, 1), (4, 4)))
    assert codes(outcomes) == ["booked", "SLOT_TAKEN", "booked", "NOT_FOUND", "LIMIT_PER_DEPARTMENT", "booked"]
    booked = [outcome["booked"] for outcome in outcomes if "booked" in outcome]
    assert len({one["id"] for one in booked}) == 3
    for one in booked:
        kept = city.ask(PLATFORM, "GetAppointment", one["id"])
        assert kept == one and kept["state"] == "booked" and kept["booker"] == "DataBureauMSP/one"
        assert city.ask(PLATFORM, "GetSlot", one["slot"])["record"]["appointment"] == one["id"]
    assert json.loads(city.tester.events[-1].payload) == [one["slot"] for one in booked]


def test_together_is_what_they_would_be_alone_one_after_another(city):
    """The same wishes of the same people, with fees to post: equal outcomes, equal bills, whatever stands between."""
    pairs = [(1, 1), (2, 2), (1, 3), (8, 4), (3, 2), (4, 5)]
    together = city.publish("CARD-D1-261203A", fee=3000)
    alone = city.publish("CARD-D2-261204A", fee=3000, doctor="D2", date="2026-12-04")
    outcomes = city.do(PORTAL_1, "BookSlots", wanted(together, *pairs))
    single = []
    for one in wanted(alone, *pairs):
        try:
            single.append({"booked": city.do(PORTAL_1, "BookSlot", one["slot"], one["resident"])})
        except Exception as refusal:
            single.append({"refused": {"code": refusal.code}})
    assert codes(outcomes) == codes(single)
    for one, other in zip(outcomes, single, strict=True):
        if "booked" in one:
            assert one["booked"]["bill"] == other["booked"]["bill"]
            assert one["booked"]["bill"]["postings"] == 1


def test_a_refused_booking_leaves_nothing_behind(city):
    """A hold that ran out is let go before the limits are looked at: with the refusal that is undone, too."""
    city.set_policy(given_up="free")
    session = city.publish()
    held = city.do(PORTAL_1, "HoldSlot", f"{session}.001", resident(1))
    city.book(f"{session}.002", 2)
    city.pass_time(seconds=601)
    city.do(PORTAL_1, "HoldSlot", f"{session}.003", resident(3))
    proposed = city.tester.propose("BookSlots", json.dumps(wanted(session, (1, 2))), as_=PORTAL_1)
    assert codes(proposed.result) == ["LIMIT_PER_DEPARTMENT"]
    assert proposed.writes == {}
    assert city.ask(PLATFORM, "GetAppointment", held["id"])["state"] == "pending"
    assert city.ask(PLATFORM, "GetSlot", f"{session}.001")["record"]["appointment"] == held["id"]


def test_one_that_conflicts_can_be_tried_again_without_the_others(city):
    session = city.publish()
    group = city.tester.propose("BookSlots", json.dumps(wanted(session, (1, 1), (2, 2))), as_=PORTAL_1)
    faster = city.tester.propose("BookSlot", f"{session}.001", resident(9), as_=PORTAL_2)
    assert [faster.commit(), group.commit()] == [VALID, MVCC_READ_CONFLICT]
    assert codes(city.do(PORTAL_1, "BookSlots", wanted(session, (1, 1), (2, 2)))) == ["SLOT_TAKEN", "booked"]


def test_groups_are_of_one_hospital_and_not_too_large(city):
    session = city.publish()
    other = {"slot": "H2.CARD-D1-261203A.001", "resident": resident(2)}
    with refused("SEVERAL_HOSPITALS"):
        city.do(PORTAL_1, "BookSlots", [*wanted(session, (1, 1)), other])
    for number in (0, TOGETHER + 1):
        with refused("BAD_ARGUMENT"):
            city.do(PORTAL_1, "BookSlots", wanted(session, *((1, n) for n in range(number))))
    with refused("FORBIDDEN"):
        city.do(OTHER_STAFF, "BookSlots", wanted(session, (1, 1)))
    assert city.ask(PLATFORM, "GetSlot", f"{session}.001")["state"] == "free"
