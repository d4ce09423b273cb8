"""No sequence of calls by any role doubles a slot, unbalances money or points, or reaches an illegal state.

The ledger is judged by `soundness` after every call that was accepted; who may call what by the table of `test_access`.
"""

from __future__ import annotations

import hashlib
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test

from chaincode.health_slots import calendar, fair_draw
from chaincode.health_slots.consents import consent_text
from fabric_sdk.chaincode import ChaincodeError
from tests.chaincode.health_slots.anybody import (
    CHANNELS,
    DIGEST,
    EVERYBODY,
    KEYS,
    NUMBERS,
    PARTIES,
    PEOPLE,
    REACHED,
    SECRETS,
    SESSIONS,
    Anybody,
)
from tests.chaincode.health_slots.conftest import (
    AUTHORITY,
    OTHER_STAFF,
    PAYMENT,
    PLATFORM,
    PORTAL_1,
    PORTAL_2,
    STAFF,
    resident,
)
from tests.chaincode.health_slots.soundness import check_change
from tests.chaincode.health_slots.test_access import ALLOWED

somebody = st.sampled_from(EVERYBODY)
desk = st.sampled_from([PORTAL_1, PORTAL_2, STAFF, PLATFORM])
numbers = st.integers(0, PEOPLE - 1)
residents = numbers.map(resident)
slots = st.builds(lambda s, n: f"{s}.{n:03d}", st.sampled_from(SESSIONS), st.integers(1, 6))
sessions = st.sampled_from(SESSIONS)
picks = st.integers(0, 1000)


class Slots(Anybody):
    """Everybody does anything; after every call the whole ledger is checked."""

    @rule(who=somebody, slot=slots, resident=residents, function=st.sampled_from(["HoldSlot", "BookSlot"]))
    def take(self, who: Any, slot: str, resident: str, function: str) -> None:
        self.call(who, function, slot, resident)

    @rule(who=desk, slot=slots, resident=residents, function=st.sampled_from(["HoldSlot", "BookSlot"]))
    def take_at_a_desk(self, who: Any, slot: str, resident: str, function: str) -> None:
        self.call(who, function, slot, resident)

    @rule(who=desk, pick=picks, resident=residents, function=st.sampled_from(["HoldSlot", "BookSlot"]))
    def take_what_somebody_touched(self, who: Any, pick: int, resident: str, function: str) -> None:
        touched = sorted(self.records("slot"))
        if touched:
            self.call(who, function, ".".join(touched[pick % len(touched)]), resident)

    @rule(who=somebody, pick=picks, function=st.sampled_from(["CancelAppointment", "Fulfil", "MarkNoShow"]))
    def change(self, who: Any, pick: int, function: str) -> None:
        self.call(who, function, self.pick_appointment(pick))

    @rule(pick=picks)
    def cancel_rightly(self, pick: int) -> None:
        self.call(PLATFORM, "CancelAppointment", self.pick_appointment(pick))

    @rule(who=somebody, slot=slots, function=st.sampled_from(["ReleaseLapsed", "OfferReturned", "ReopenReturned"]))
    def hand_on(self, who: Any, slot: str, function: str) -> None:
        self.call(who, function, slot)

    @rule(who=somebody, session=sessions, resident=residents, join=st.booleans())
    def wait(self, who: Any, session: str, resident: str, join: bool) -> None:
        self.call(who, "JoinWaitlist" if join else "LeaveWaitlist", session, resident)

    @rule(session=sessions, order=st.permutations(range(PEOPLE)), apart=st.booleans())
    def queue_up(self, session: str, order: list[int], apart: bool) -> None:
        for number in order:
            self.call(PORTAL_1, "JoinWaitlist", session, resident(number))
            self.city.pass_time(seconds=int(apart))

    @rule(
        who=st.sampled_from([PAYMENT, PAYMENT, *EVERYBODY]),
        pick=picks,
        right=st.booleans(),
        reference=st.integers(0, 99),
        channel=st.sampled_from(CHANNELS),
    )
    def pay(self, who: Any, pick: int, right: bool, reference: int, channel: str) -> None:
        amount = 1500 if right else 1499
        self.call(who, "RecordPayment", self.pick_appointment(pick), channel, f"p{reference}", amount, "")

    @rule(who=st.sampled_from([PAYMENT, PAYMENT, *EVERYBODY]), pick=picks, channel=st.sampled_from(CHANNELS))
    def refund(self, who: Any, pick: int, channel: str) -> None:
        self.call(who, "RecordRefund", self.pick_appointment(pick), channel, f"r{self.city.tester._calls}")

    @rule(
        who=st.sampled_from([PAYMENT, PLATFORM, *EVERYBODY]), days=st.integers(0, 4), channel=st.sampled_from(CHANNELS)
    )
    def settle(self, who: Any, days: int, channel: str) -> None:
        date = calendar.add_days(calendar.local_date(self.city.now, 480), -days)
        self.call(who, "SettleDay", "H1", date, channel)
        books = dict.fromkeys(("hospital", "platform", "payment"), DIGEST)
        self.call(who, "RecordReconciliation", "H1", date, books, days, DIGEST)

    @rule(who=somebody, session=sessions, number=st.integers(1, 6))
    def add(self, who: Any, session: str, number: int) -> None:
        self.call(who, "AddSlot", session, number, 560, 10, "online", "revisit")

    @rule(session=sessions, number=st.integers(5, 6))
    def add_rightly(self, session: str, number: int) -> None:
        self.call(STAFF, "AddSlot", session, number, 560, 10, "online", "revisit")

    @rule(who=st.sampled_from([STAFF, *EVERYBODY]), session=sessions, number=st.integers(0, 6))
    def withdraw(self, who: Any, session: str, number: int) -> None:
        self.call(who, "StopSlots", session, [number], "equipment")

    @rule(who=st.sampled_from([STAFF, *EVERYBODY]), session=sessions, sure=st.integers(0, 5))
    def stop(self, who: Any, session: str, sure: int) -> None:
        if sure == 0:
            self.call(who, "StopSession", session, "doctor-ill")

    @rule(
        who=st.sampled_from([STAFF, STAFF, *EVERYBODY]),
        session=sessions,
        day=st.sampled_from(["2026-12-03", "2026-12-04"]),
        shift=st.integers(-60, 60),
    )
    def move(self, who: Any, session: str, day: str, shift: int) -> None:
        self.call(who, "MoveSession", session, day, shift, "meeting")

    @rule(who=st.sampled_from([STAFF, STAFF, *EVERYBODY]), session=sessions, doctor=st.sampled_from(["D1", "D2", "D3"]))
    def substitute(self, who: Any, session: str, doctor: str) -> None:
        self.call(who, "SubstituteDoctor", session, doctor, "doctor-leave")

    @rule(
        who=st.sampled_from([STAFF, *EVERYBODY]),
        sid=st.sampled_from(["A", "B"]),
        wrong=st.sampled_from(["", "runs", "secret"]),
    )
    def commit_and_open(self, who: Any, sid: str, wrong: str) -> None:
        """A third session on a later day, opened rightly or not."""
        date = calendar.add_days(calendar.local_date(self.city.now, 480), 3)
        plan, opening = self.city.plan(
            f"CARD-D1-{date}{sid}", date=date, start=1000, end=1100, runs=[[1000, 10, 4, "online"]]
        )
        if wrong == "runs":
            opening["runs"] = [[1000, 10, 4, "reserved"]]
        elif wrong:
            opening["secret"] = hashlib.sha256(b"other").hexdigest()
        self.call(who, "CommitSessions", "H1", [plan])
        self.call(STAFF, "CommitSessions", "H1", [plan])
        self.call(who, "PublishSessions", "H1", [opening])
        self.call(STAFF, "PublishSessions", "H1", [opening])
        self.city.pass_time(seconds=61)
        done = self.call(STAFF, "PublishSessions", "H1", [opening])
        assert not (done and wrong), "something else than was committed was opened"

    @rule(who=somebody, per_day=st.integers(1, 3), own=st.booleans())
    def new_rules(self, who: Any, per_day: int, own: bool) -> None:
        owner = "H1" if own else "CITY"
        rules = self.rules | {"per_day": per_day, "per_department_day": 1, "release_mode": "after-commit"}
        self.call(who, "SetPolicy", owner, rules, "demand")
        self.call(who, "RegisterUnits", "H1", {"departments": [{"id": "CARD", "name": "心血管内科"}]})

    @rule(
        who=st.sampled_from([PLATFORM, *EVERYBODY]),
        resident=residents,
        amount=st.integers(-1, 12),
        what=st.sampled_from(["SpendPoints", "ExpirePoints"]),
    )
    def points(self, who: Any, resident: str, amount: int, what: str) -> None:
        self.call(who, what, resident, *([amount, "gift"] if what == "SpendPoints" else []))

    @rule(who=st.sampled_from([PLATFORM, PLATFORM, *EVERYBODY]), resident=residents, pick=picks)
    def reverse(self, who: Any, resident: str, pick: int) -> None:
        whose = self.account(NUMBERS[resident])
        entries = [(r["at"], r["source"][:8], k[1]) for k, r in self.records("points-entry").items() if k[0] == whose]
        if entries:
            self.call(who, "ReversePoints", resident, sorted(entries)[pick % len(entries)][2])

    @rule(
        who=st.sampled_from([STAFF, AUTHORITY, *EVERYBODY]),
        picked=st.lists(slots, min_size=1, max_size=2, unique=True),
        commits=st.sets(st.sampled_from(fair_draw.PARTIES)),
    )
    def open_draw(self, who: Any, picked: list[str], commits: set[str]) -> None:
        plan = self.plan(f"D{self.draw + 1}", picked)
        if self.call(who, "OpenDraw", plan) is not None:
            self.draw += 1
            for party in sorted(commits):
                self.call(PARTIES[party], "CommitSeed", plan["id"], fair_draw.chain(SECRETS[party])[0].hex())

    @rule(who=somebody, resident=residents)
    def apply_for_draw(self, who: Any, resident: str) -> None:
        self.call(who, "ApplyForDraw", f"D{self.draw}", resident)

    @rule(who=somebody, what=st.sampled_from(["FreezeDraw", "SkipParty", "FinishDraw", "CloseDraw", "BeginReveals"]))
    def go_on_with_draw(self, who: Any, what: str) -> None:
        self.call(who, what, f"D{self.draw}")

    @rule(who=somebody, party=st.sampled_from(fair_draw.PARTIES), link=st.integers(0, 2))
    def reveal(self, who: Any, party: str, link: int) -> None:
        value = fair_draw.chain(SECRETS[party])[link].hex()
        self.call(who, "RevealSeed" if link else "CommitSeed", f"D{self.draw}", value)

    @rule(
        who=somebody,
        number=numbers,
        hospital=st.sampled_from(["H1", "H2"]),
        later=st.integers(0, 3600),
        mine=st.booleans(),
    )
    def consent(self, who: Any, number: int, hospital: str, later: int, mine: bool) -> None:
        """Bind a key, sign with it or with somebody else's, give, look, revoke."""
        self.deposit(number)
        owner = self.account(number)
        key = KEYS[number]
        self.call(who, "BindResidentKey", "H1", owner, key.public_key().public_bytes_raw().hex())
        self.call(STAFF, "BindResidentKey", "H1", owner, key.public_key().public_bytes_raw().hex())
        self.consents += 1
        id, until = f"C{self.consents}", self.city.now + later
        signer = key if mine else KEYS[(number + 1) % PEOPLE]
        signature = signer.sign(consent_text("give", id, owner, hospital, until)).hex()
        given = self.call(PORTAL_1, "GiveConsent", id, owner, hospital, until, signature)
        assert not given or mine, "a consent with somebody else's signature"

    @rule(who=st.sampled_from([STAFF, OTHER_STAFF, *EVERYBODY]), pick=picks, revoke=st.booleans(), mine=st.booleans())
    def use_consent(self, who: Any, pick: int, revoke: bool, mine: bool) -> None:
        if not self.consents:
            return
        id = f"C{pick % self.consents + 1}"
        record = self.records("consent").get((id,))
        if record is None:
            return
        if revoke:
            number = next(n for n in range(PEOPLE) if self.account(n) == record["resident"])
            text = consent_text("revoke", id, record["resident"], record["hospital"], record["until"])
            signature = KEYS[number if mine else (number + 1) % PEOPLE].sign(text).hex()
            assert not self.call(who, "RevokeConsent", id, signature) or mine
            return
        right = OTHER_STAFF if record["hospital"] == "H2" else STAFF
        try:
            self.city.do(who, "OpenRecord", id, "treatment")
        except ChaincodeError as refusal:
            assert refusal.code in ("FORBIDDEN", "NO_CONSENT"), refusal
        else:
            assert who is right, "another hospital looked"
            REACHED["OpenRecord"] += 1
            now = self.state()
            check_change(self.before, now, self.city.now)
            self.before = now

    @rule(who=somebody, number=numbers)
    def keys_and_purge(self, who: Any, number: int) -> None:
        owner = resident(number)
        self.call(who, "WithdrawResidentKey", owner, "other")
        self.call(who, "PurgeIdentity", "H1", owner)
        self.call(who, "RegisterCodeKey", "k2", DIGEST)
        self.call(who, "WithdrawCodeKey", "k2")
        self.call(who, "CommitBeacon", calendar.local_date(self.city.now, 480), hashlib.sha256(bytes(32)).hexdigest())
        self.call(who, "RevealBeacon", calendar.local_date(self.city.now - 3 * 86_400, 480), bytes(32).hex())

    # What people do who know what they are doing, so that deep states are reached

    @rule(pick=picks, act=st.sampled_from(["OfferReturned", "ReopenReturned", "ReleaseLapsed"]))
    def hand_on_rightly(self, pick: int, act: str) -> None:
        wanted = "held" if act == "ReleaseLapsed" else "returned"
        found = sorted(k for k, r in self.records("slot").items() if r["state"] == wanted)
        if found:
            if act != "OfferReturned":
                self.city.pass_time(seconds=121)
            self.call(PLATFORM, act, ".".join(found[pick % len(found)]))

    @rule(number=numbers, session=sessions, slot=st.integers(1, 3), channel=st.sampled_from(CHANNELS))
    def book_and_return(self, number: int, session: str, slot: int, channel: str) -> None:
        booked = self.call(PORTAL_1, "BookSlot", f"{session}.{slot:03d}", resident(number))
        if booked is not None:
            if booked["bill"]["due"]:
                self.call(PAYMENT, "RecordPayment", booked["id"], channel, f"b{self.city.tester._calls}", 1500, "")
            self.call(PORTAL_1, "CancelAppointment", booked["id"])
            if booked["bill"]["due"]:
                self.call(PAYMENT, "RecordRefund", booked["id"], channel, f"f{self.city.tester._calls}")

    @rule(reveals=st.booleans())
    def go_on_rightly(self, reveals: bool) -> None:
        draw = self.records("draw").get((f"D{self.draw}",))
        if draw is None or draw["state"] in ("done", "void"):
            return
        if draw["state"] == "open":
            self.city.pass_time(seconds=32)
            self.call(PLATFORM, "FreezeDraw", f"D{self.draw}")
        elif draw["state"] == "number":
            self.city.pass_time(days=1)
            for party in ("hospital", "platform") if reveals else ("patients",):
                self.call(PARTIES[party], "EnterNumber", f"D{self.draw}", "7" if reveals else "8")
        elif not draw["turn"]:
            self.call(PLATFORM, "FinishDraw", f"D{self.draw}")
        elif reveals:
            party = draw["turn"]
            values = fair_draw.chain(SECRETS[party])
            following = values[[v.hex() for v in values].index(draw["tips"][party]) + 1]
            self.call(PARTIES[party], "RevealSeed", f"D{self.draw}", following.hex())
        else:
            self.city.pass_time(seconds=362)
            self.call(PLATFORM, "SkipParty", f"D{self.draw}")

    @rule(pick=picks, comes=st.booleans())
    def the_day_comes(self, pick: int, comes: bool) -> None:
        id = self.pick_appointment(pick, "booked")
        if id == "A0":
            return
        record = self.records("appointment")[(id,)]
        session = self.records("session")[tuple(record["slot"].split(".")[:2])]
        start = calendar.at(session["date"], session["start"] + session.get("shift", 0), 480)
        if start > self.city.now:
            self.city.pass_time(seconds=start - self.city.now)
        if comes:
            self.deposit(self.number_of(record["resident"]), session["date"])
            code = self.city.code(id, record["resident"])
            self.before = self.state()
            if self.call(STAFF, "CheckIn", id, code) is not None:
                assert self.call(STAFF, "CheckIn", id, code) is None
                if pick % 2:
                    self.call(STAFF, "Fulfil", id)
                    self.call(PLATFORM, "SpendPoints", resident(self.number_of(record["resident"])), 4, "gift")
        else:
            self.city.pass_time(hours=3)
            self.call(STAFF, "MarkNoShow", id)

    @rule(seconds=st.sampled_from([1, 25, 61, 130, 3600, 86_400 * 3, 86_400 * 366]), sure=st.booleans())
    def pass_time(self, seconds: int, sure: bool) -> None:
        self.city.pass_time(seconds=seconds if sure or seconds < 86_400 * 30 else 1)

    @rule(who=somebody, slot=slots, resident=residents, skew=st.sampled_from([-100_000, -301, -299, 299, 301]))
    def with_another_clock(self, who: Any, slot: str, resident: str, skew: int) -> None:
        """The peer's clock is off: beyond the tolerance nothing is taken, within it nothing becomes unsound."""
        self.city.skew = skew
        try:
            done = self.call(who, "BookSlot", slot, resident)
            self.call(PLATFORM, "ReleaseLapsed", slot)
        finally:
            self.city.skew = 0
        assert not (done and abs(skew) > 300)


SETTINGS = settings(
    max_examples=int(os.environ.get("SLOTS_EXAMPLES", "15")),
    phases=[Phase.explicit, Phase.generate] if "SLOTS_AS_FOUND" in os.environ else tuple(Phase),
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestSlots = Slots.TestCase
TestSlots.settings = SETTINGS


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_long_campaign() -> None:
    """Many long runs, and proof that they got everywhere: each function that writes was accepted many times."""
    examples = int(os.environ.get("SLOTS_CAMPAIGN", "1500"))
    run_state_machine_as_test(Slots, settings=settings(SETTINGS, max_examples=examples, stateful_step_count=60))
    outside = {"Initialize", "RegisterHospitals", "DepositIdentity", "BindResidentKey"}
    queries = {f for f in ALLOWED if f.startswith(("Get", "List", "Has", "Prove", "Read"))}
    rare = {f: REACHED[f] for f in set(ALLOWED) - outside - queries if REACHED[f] < min(20, examples // 50)}
    assert not rare, f"hardly ever reached: {rare}"
