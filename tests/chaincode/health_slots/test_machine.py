"""No sequence of calls by any role doubles a slot, unbalances money or points, or reaches an illegal state."""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from chaincode.health_slots import calendar, fair_draw
from chaincode.health_slots.terms import APPOINTMENT_MOVES
from fabric_sdk.chaincode import ChaincodeError
from fabric_sdk.chaincode.keys import split_composite_key
from tests.chaincode.health_slots.conftest import (
    AUTHORITY,
    OTHER_STAFF,
    PATIENTS,
    PAYMENT,
    PLATFORM,
    PORTAL_1,
    PORTAL_2,
    STAFF,
    City,
    person,
    resident,
)

OUTSIDER = person("CopyrightMSP", "portal", portal="x")
EVERYBODY = [AUTHORITY, STAFF, OTHER_STAFF, PLATFORM, PAYMENT, PATIENTS, PORTAL_1, PORTAL_2, OUTSIDER]
DESKS = [PORTAL_1, PORTAL_2, STAFF, PLATFORM]
SESSIONS = ["H1.CARD-D1-261203A", "H1.CARD-D2-261203A"]
RUNS = [[480, 10, 3, "online"], [510, 10, 1, "window"]]
SECRETS = {p: f"{p}-secret".encode().ljust(32, b".") for p in fair_draw.PARTIES}
PARTIES = {"hospital": STAFF, "platform": PLATFORM, "patients": PATIENTS}

somebody = st.sampled_from(EVERYBODY)
desk = st.sampled_from(DESKS)
residents = st.integers(0, 3).map(resident)
slots = st.builds(lambda s, n: f"{s}.{n:03d}", st.sampled_from(SESSIONS), st.integers(1, 6))
sessions = st.sampled_from(SESSIONS)
picks = st.integers(0, 1000)


class Slots(RuleBasedStateMachine):
    """Everybody does anything; afterwards the whole ledger is checked."""

    @initialize(prepay=st.booleans(), fee=st.sampled_from([0, 1500]), returned=st.sampled_from(["waitlist", "draw"]))
    def begin(self, prepay: bool, fee: int, returned: str) -> None:
        self.city = City()
        self.city.set_policy(
            prepay=prepay,
            returned=returned,
            per_department_day=2,
            hold_s=60,
            pay_s=120,
            offer_s=60,
            reopen_min_s=1,
            reopen_max_s=2,
            no_show_count=1,
            cancel_working_days=0,
            cancel_minute=700,
        )
        for session in SESSIONS:
            self.city.publish(session.partition(".")[2], doctor=session.split("-")[1], runs=RUNS, fee=fee)
        self.before: dict[str, str] = {}
        self.draw = 0
        self.accepted: Counter[str] = Counter()

    def call(self, who: Any, function: str, *args: Any) -> Any:
        try:
            result = self.city.do(who, function, *args)
        except ChaincodeError as refusal:
            assert refusal.code not in ("CHAINCODE_ERROR", "INTERNAL"), f"{function}: {refusal}"
            return None
        self.accepted[function] += 1
        self.check_moves(self.records("appointment"))
        return result

    def records(self, kind: str) -> dict[tuple[str, ...], Any]:
        found = {}
        for key, value in self.city.tester.ledger.state("health_slots").items():
            name, attributes = split_composite_key(key)
            if name == kind:
                found[tuple(attributes)] = json.loads(value)
        return found

    def appointment(self, pick: int) -> str:
        return self.pick_appointment(pick) or "A0"

    def pick_appointment(self, pick: int, state: str = "") -> str:
        """An appointment by its place in time, since ids differ between runs; "" if there is none."""
        found = [r for r in self.records("appointment").values() if state in ("", r["state"])]
        found.sort(key=lambda r: (r["created_at"], r["slot"], r["resident"], r["state"]))
        return found[pick % len(found)]["id"] if found else ""

    @rule(who=desk, slot=slots, resident=residents)
    def hold(self, who: Any, slot: str, resident: str) -> None:
        self.call(who, "HoldSlot", slot, resident)

    @rule(who=desk, slot=slots, resident=residents)
    def book(self, who: Any, slot: str, resident: str) -> None:
        self.call(who, "BookSlot", slot, resident)

    @rule(who=somebody, pick=picks)
    def cancel(self, who: Any, pick: int) -> None:
        self.call(who, "CancelAppointment", self.appointment(pick))

    @rule(pick=picks)
    def cancel_rightly(self, pick: int) -> None:
        self.call(PLATFORM, "CancelAppointment", self.appointment(pick))

    @rule(who=somebody, pick=picks, function=st.sampled_from(["Fulfil", "MarkNoShow"]))
    def day(self, who: Any, pick: int, function: str) -> None:
        self.call(who, function, self.appointment(pick))

    @rule(who=somebody, slot=slots, function=st.sampled_from(["ReleaseLapsed", "OfferReturned", "ReopenReturned"]))
    def hand_on(self, who: Any, slot: str, function: str) -> None:
        self.call(who, function, slot)

    @rule(who=desk, session=sessions, resident=residents, join=st.booleans())
    def wait(self, who: Any, session: str, resident: str, join: bool) -> None:
        self.call(who, "JoinWaitlist" if join else "LeaveWaitlist", session, resident)

    @rule(
        who=st.sampled_from([PAYMENT, PAYMENT, PORTAL_1]), pick=picks, right=st.booleans(), reference=st.integers(0, 99)
    )
    def pay(self, who: Any, pick: int, right: bool, reference: int) -> None:
        self.call(who, "RecordPayment", self.appointment(pick), "wechat", f"p{reference}", 1500 if right else 1499, "")

    @rule(who=st.sampled_from([PAYMENT, PAYMENT, STAFF]), pick=picks, reference=st.integers(0, 99))
    def refund(self, who: Any, pick: int, reference: int) -> None:
        self.call(who, "RecordRefund", self.appointment(pick), "wechat", f"r{reference}")

    @rule(date=st.sampled_from(["2026-11-23", "2026-12-03"]))
    def settle(self, date: str) -> None:
        self.call(PAYMENT, "SettleDay", "H1", date, "wechat")

    @rule(who=st.sampled_from([STAFF, OTHER_STAFF]), session=sessions, number=st.integers(1, 6))
    def add(self, who: Any, session: str, number: int) -> None:
        self.call(who, "AddSlot", session, number, 560, 10, "online", "revisit")

    @rule(who=st.sampled_from([STAFF, PLATFORM]), session=sessions, number=st.integers(0, 6))
    def withdraw(self, who: Any, session: str, number: int) -> None:
        self.call(who, "StopSlots", session, [number], "equipment")

    @rule(session=sessions, sure=st.integers(0, 5))
    def stop(self, session: str, sure: int) -> None:
        if sure == 0:
            self.call(STAFF, "StopSession", session, "doctor-ill")

    @rule(session=sessions, day=st.sampled_from(["2026-12-03", "2026-12-04"]), shift=st.integers(-60, 60))
    def move(self, session: str, day: str, shift: int) -> None:
        self.call(STAFF, "MoveSession", session, day, shift, "meeting")

    @rule(
        who=st.sampled_from([PLATFORM, PORTAL_1]),
        resident=residents,
        amount=st.integers(-1, 12),
        what=st.sampled_from(["SpendPoints", "ExpirePoints"]),
    )
    def points(self, who: Any, resident: str, amount: int, what: str) -> None:
        self.call(who, what, resident, *([amount, "gift"] if what == "SpendPoints" else []))

    @rule(resident=residents, pick=picks)
    def reverse(self, resident: str, pick: int) -> None:
        entries = [
            (r["at"], r["source"][:8], k[1]) for k, r in self.records("points-entry").items() if k[0] == resident
        ]
        if entries:
            self.call(PLATFORM, "ReversePoints", resident, sorted(entries)[pick % len(entries)][2])

    @rule(
        picked=st.lists(slots, min_size=1, max_size=2, unique=True), commits=st.sets(st.sampled_from(fair_draw.PARTIES))
    )
    def open_draw(self, picked: list[str], commits: set[str]) -> None:
        plan = {
            "id": f"D{self.draw + 1}",
            "hospital": "H1",
            "slots": picked,
            "apply_until": self.city.now + 30,
            "turn_s": 20,
        }
        if self.call(STAFF, "OpenDraw", plan) is not None:
            self.draw += 1
            for party in commits:
                self.call(PARTIES[party], "CommitSeed", plan["id"], fair_draw.chain(SECRETS[party])[0].hex())

    @rule(resident=residents)
    def apply_for_draw(self, resident: str) -> None:
        self.call(PORTAL_1, "ApplyForDraw", f"D{self.draw}", resident)

    @rule(what=st.sampled_from(["FreezeDraw", "SkipParty", "FinishDraw"]))
    def go_on_with_draw(self, what: str) -> None:
        self.call(PLATFORM, what, f"D{self.draw}")

    @rule(party=st.sampled_from(fair_draw.PARTIES), link=st.integers(1, 3))
    def reveal(self, party: str, link: int) -> None:
        self.call(PARTIES[party], "RevealSeed", f"D{self.draw}", fair_draw.chain(SECRETS[party])[link].hex())

    # What people do who know what they are doing, so that deep states are reached

    @rule(pick=picks, act=st.sampled_from(["OfferReturned", "ReopenReturned", "ReleaseLapsed"]))
    def hand_on_rightly(self, pick: int, act: str) -> None:
        wanted = "held" if act == "ReleaseLapsed" else "returned"
        found = sorted(k for k, r in self.records("slot").items() if r["state"] == wanted)
        if found:
            if act != "OfferReturned":
                self.city.pass_time(seconds=121)
            self.call(PLATFORM, act, ".".join(found[pick % len(found)]))

    @rule(number=st.integers(0, 3), session=sessions, slot=st.integers(1, 3))
    def book_and_return(self, number: int, session: str, slot: int) -> None:
        booked = self.call(PORTAL_1, "BookSlot", f"{session}.{slot:03d}", resident(number))
        if booked is not None:
            if booked["state"] == "pending":
                self.call(PAYMENT, "RecordPayment", booked["id"], "wechat", f"b{self.city.tester._calls}", 1500, "")
            self.call(PORTAL_1, "CancelAppointment", booked["id"])

    @rule(reveals=st.booleans())
    def go_on_rightly(self, reveals: bool) -> None:
        draw = self.records("draw").get((f"D{self.draw}",))
        if draw is None or draw["state"] in ("done", "void"):
            return
        if draw["state"] == "open":
            self.city.pass_time(seconds=32)
            self.call(PLATFORM, "FreezeDraw", f"D{self.draw}")
        elif not draw["turn"]:
            self.call(PLATFORM, "FinishDraw", f"D{self.draw}")
        elif reveals:
            party = draw["turn"]
            values = fair_draw.chain(SECRETS[party])
            following = values[[v.hex() for v in values].index(draw["tips"][party]) + 1]
            self.call(PARTIES[party], "RevealSeed", f"D{self.draw}", following.hex())
        else:
            self.city.pass_time(seconds=22)
            self.call(PLATFORM, "SkipParty", f"D{self.draw}")

    @rule(pick=picks, comes=st.booleans())
    def the_day_comes(self, pick: int, comes: bool) -> None:
        id = self.pick_appointment(pick, "booked")
        if not id:
            return
        record = self.records("appointment")[(id,)]
        session = self.records("session")[tuple(record["slot"].split(".")[:2])]
        start = calendar.at(session["date"], session["start"] + session.get("shift", 0), 480)
        if start > self.city.now:
            self.city.pass_time(seconds=start - self.city.now)
        if comes:
            number = next(n for n in range(4) if resident(n) == record["resident"])
            self.city.deposit(number)
            code = self.city.code(id, record["resident"])
            if self.call(STAFF, "CheckIn", id, code) is not None:
                assert self.call(STAFF, "CheckIn", id, code) is None
                self.call(STAFF, "Fulfil", id)
                self.call(PLATFORM, "SpendPoints", record["resident"], 4, "gift")
        else:
            self.city.pass_time(hours=3)
            self.call(STAFF, "MarkNoShow", id)

    @rule(seconds=st.sampled_from([1, 25, 61, 130, 3600, 86_400 * 3]))
    def pass_time(self, seconds: int) -> None:
        self.city.pass_time(seconds=seconds)

    @invariant()
    def ledger_is_sound(self) -> None:
        if not hasattr(self, "city"):
            return
        appointments = self.records("appointment")
        self.check_slots(appointments)
        self.check_money(appointments)
        self.check_points()

    def check_slots(self, appointments: dict[tuple[str, ...], Any]) -> None:
        live = defaultdict(list)
        for record in appointments.values():
            if record["state"] in ("pending", "booked", "checked-in"):
                live[record["slot"]].append(record["id"])
        for slot, ids in live.items():
            assert len(ids) == 1, f"{slot} has {len(ids)} live appointments"
            record = self.records("slot")[tuple(slot.split("."))]
            assert record["state"] in ("held", "booked") and record["appointment"] == ids[0]
        for key, record in self.records("slot").items():
            if record["state"] in ("held", "booked"):
                holder = appointments[(record["appointment"],)]
                assert holder["slot"] == ".".join(key)
                stopped = self.records("session")[key[:2]]["state"] == "stopped"
                expected = {"held": {"pending"}, "booked": {"booked", "checked-in", "fulfilled", "noshow"}}
                assert stopped or holder["state"] in expected[record["state"]], (record, holder)

    def check_moves(self, appointments: dict[tuple[str, ...], Any]) -> None:
        for (id,), record in appointments.items():
            was = self.before.get(id)
            if was is not None and was != record["state"]:
                path = {was} | APPOINTMENT_MOVES[was]
                assert record["state"] in path, (was, record["state"])
            self.before[id] = record["state"]
        assert set(self.before) <= {k[0] for k in appointments}

    def check_money(self, appointments: dict[tuple[str, ...], Any]) -> None:
        orders: dict[str, Counter[str]] = defaultdict(Counter)
        everything: Counter[str] = Counter()
        for key, posting in self.records("posting").items():
            assert sum(amount for _, amount in posting["lines"]) == 0
            for account, amount in posting["lines"]:
                everything[account] += amount
                orders[key[2]][account] += amount
        assert sum(everything.values()) == 0
        for (id,), record in appointments.items():
            bill, books = record["bill"], orders[id]
            assert books["receivable"] == bill["due"] - bill["paid"] >= 0
            assert -books["refunds"] == bill["refund_due"] >= 0
            assert books["clearing:wechat"] == bill["paid"] - bill["refunded"] >= 0
            assert bill["paid"] >= bill["refund_due"] + bill["refunded"]
            if record["state"] == "cancelled":
                assert bill["paid"] == bill["refund_due"] + bill["refunded"]

    def check_points(self) -> None:
        sums: Counter[str] = Counter()
        everything: Counter[str] = Counter()
        for key, entry in self.records("points-entry").items():
            assert sum(amount for _, amount in entry["lines"]) == 0
            sums[key[0]] += entry["lines"][0][1]
            everything[entry["lines"][1][0]] += entry["lines"][1][1]
        for (who,), account in self.records("points").items():
            assert account["balance"] == sum(lot[1] for lot in account["lots"]) == sums[who] >= 0
        assert sum(sums.values()) == -sum(everything.values())


TestSlots = Slots.TestCase
TestSlots.settings = settings(
    max_examples=int(os.environ.get("SLOTS_EXAMPLES", "25")),
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.slow
def test_long_campaign() -> None:
    run_state_machine_as_test(Slots, settings=settings(TestSlots.settings, max_examples=1500, stateful_step_count=60))
