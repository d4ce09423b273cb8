"""A city of the state machine: its rules are in `test_machine`, what is judged after each call in `soundness`."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from chaincode.health_slots import calendar, fair_draw, tickets
from fabric_sdk.chaincode import ChaincodeError
from fabric_sdk.chaincode.sealing import KeyFile, SealingKeys
from tests.chaincode.health_slots.conftest import (
    AUTHORITY,
    PATIENTS,
    PAYMENT,
    PLATFORM,
    PORTAL_1,
    PORTAL_2,
    STAFF,
    City,
    resident,
)
from tests.chaincode.health_slots.soundness import Records, check_change, check_offer, check_state, read_state
from tests.chaincode.health_slots.test_access import ALLOWED, DESKS, WHO
from tests.people import card

NAMES = {id(who): name for name, who in WHO.items()}
MAY = ALLOWED | {"CancelAppointment": DESKS, "LeaveWaitlist": DESKS, "SetPolicy": frozenset({"staff", "authority"})}
BOOKERS = {"portal": "/one", "other-portal": "/two", "staff": "/H1", "platform": "/platform", "officer": "/platform"}
EVERYBODY = list(WHO.values())
SESSIONS = ["H1.CARD-D1-261203A", "H1.CARD-D2-261203A"]
RUNS = [[480, 10, 3, "online"], [510, 10, 1, "window"]]
SECRETS = {p: f"{p}-secret".encode().ljust(32, b".") for p in fair_draw.PARTIES}
PARTIES = {"hospital": STAFF, "platform": PLATFORM, "patients": PATIENTS}
PEOPLE = 4
KEYS = {n: Ed25519PrivateKey.from_private_bytes(bytes([n + 1]) * 32) for n in range(PEOPLE)}
CHANNELS = ("wechat", "alipay")
DIGEST = "ab" * 32

NUMBERS = {resident(number): number for number in range(1_000)}
VISITS = {"HoldSlot": 1, "BookSlot": 1, "JoinWaitlist": 1, "ApplyForDraw": 1, "LeaveWaitlist": 1}
"""Where a call names somebody by the visit's id, and"""
ACCOUNTS = {
    "SpendPoints": 0,
    "ExpirePoints": 0,
    "ReversePoints": 0,
    "BindResidentKey": 1,
    "WithdrawResidentKey": 0,
    "PurgeIdentity": 1,
    "GiveConsent": 1,
}
"""where by the account's; on a ledger without tickets both are the person's one id."""

REACHED: Counter[str] = Counter()
"""Functions that were accepted in this process, so that a campaign can say what it never got to."""


class Anybody(RuleBasedStateMachine):
    """Calls, judged one by one, and the last attack on everything that was touched."""

    tickets = False
    """Whether the ledger asks for tickets, as new ones do; then people's ids are the authority's."""

    @initialize(
        prepay=st.booleans(),
        fee=st.sampled_from([0, 1500]),
        returned=st.sampled_from(["waitlist", "draw"]),
        given_up=st.sampled_from(["returned", "free"]),
        per_day=st.integers(1, 3),
        per_department=st.integers(1, 3),
    )
    def begin(self, prepay: bool, fee: int, returned: str, given_up: str, per_day: int, per_department: int) -> None:
        self.city = City(tickets=self.tickets)
        self.whose: dict[str, int] = {}
        if self.tickets:
            key = self.city.ask(AUTHORITY, "TicketKey")
            self.city.do(AUTHORITY, "RegisterTicketKey", key["key"], key["public"])
        self.rules = {
            "prepay": prepay,
            "returned": returned,
            "given_up": given_up,
            "per_day": per_day,
            "per_department_day": per_department,
            "hold_s": 60,
            "pay_s": 120,
            "offer_s": 60,
            "reopen_min_s": 1,
            "reopen_max_s": 2,
            "no_show_count": 1,
            "cancel_working_days": 0,
            "cancel_minute": 700,
        }
        self.city.set_policy(**self.rules)
        for session in SESSIONS:
            self.city.publish(session.partition(".")[2], doctor=session.split("-")[1], runs=RUNS, fee=fee)
        self.draw = 0
        self.consents = 0
        self.before = self.state()
        check_state(self.before)

    def state(self) -> Records:
        return read_state(self.city.tester.ledger.state("health_slots"))

    def records(self, kind: str) -> dict[tuple[str, ...], Any]:
        return self.before[kind]

    def call(self, who: Any, function: str, *args: Any) -> Any:
        """Call; if the contract accepts, judge who asked and what has become of the ledger."""
        name = NAMES[id(who)]
        args = self.translated(who, function, args)
        booker = ""
        if function == "CancelAppointment":
            booker = self.records("appointment").get((args[0],), {}).get("booker", "")
        try:
            result = self.city.do(who, function, *args)
        except ChaincodeError as refusal:
            assert refusal.code not in ("CHAINCODE_ERROR", "INTERNAL"), f"{function}: {refusal}"
            return None
        assert name in MAY[function], f"{function} was accepted from {name}"
        if name in ("portal", "other-portal") and booker:
            assert booker == f"DataBureauMSP/{'one' if name == 'portal' else 'two'}", "cancelled through another portal"
        REACHED[function] += 1
        if function in ("HoldSlot", "BookSlot"):
            assert (result["slot"], result["resident"]) == args[:2], "somebody else's appointment"
            assert result["booker"].endswith(BOOKERS[name]), "another desk's hold was taken"
        now = self.state()
        check_change(self.before, now, self.city.now)
        if function == "OfferReturned":
            check_offer(self.before, now, args[0])
        check_state(now)
        self.before = now
        return result

    # People

    def translated(self, who: Any, function: str, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """A call's arguments with the ids that the authority gives people, and with a ticket where one is needed."""
        at = (VISITS | ACCOUNTS).get(function)
        number = NUMBERS.get(args[at]) if self.tickets and at is not None and at < len(args) else None
        if number is None or at is None:
            return args
        if function in ACCOUNTS:
            return (*args[:at], self.account(number), *args[at + 1 :])
        date = self.date_of(str(args[0]))
        visit = self.visit(number, date)
        changed = (*args[:at], visit, *args[at + 1 :])
        if function == "LeaveWaitlist":
            return changed
        try:
            paper = self.ask_ticket(who, number, date)["ticket"]
        except ChaincodeError:  # not a desk, or barred: without a ticket nothing is to be had
            paper = ""
        return (*changed, "", paper) if function == "BookSlot" else (*changed, paper)

    def date_of(self, name: str) -> str:
        """The date of a slot, a session or a draw."""
        draw = self.records("draw").get((name,))
        if draw is not None:
            return str(draw["date"])
        session = self.records("session").get(tuple(name.split(".")[:2]))
        return str(session["date"]) if session else calendar.local_date(self.city.now, 480)

    def ask_ticket(self, who: Any, number: int, date: str, **more: bytes) -> dict[str, Any]:
        hospital = "H2" if NAMES[id(who)] == "other-staff" else "H1"
        person = json.dumps({"document_type": "01", "document": card(number)}).encode()
        found: dict[str, Any] = self.city.ask(who, "Ticket", hospital, date, "", transient={"person": person, **more})
        return found

    def visit(self, number: int, date: str) -> str:
        """Somebody's id on a date, which stays the same however often it is asked for; barred people have one, too."""
        visit = tickets.visit_id(self.key_file, self.account(number), date)
        self.whose[visit] = number
        return visit

    def account(self, number: int) -> str:
        if not self.tickets:
            return resident(number)
        return tickets.account_id(self.key_file, "01", card(number))

    @property
    def key_file(self) -> KeyFile:
        """The authority's, as its contract server has it."""
        assert isinstance(self.city.tester.sealing, SealingKeys)
        return next(iter(self.city.tester.sealing.files.values()))

    def number_of(self, who: str) -> int:
        """The person with an id of a visit."""
        return self.whose[who] if self.tickets else NUMBERS[who]

    def pick_appointment(self, pick: int, state: str = "") -> str:
        """An appointment by its place in time, since ids differ between runs; "A0" if there is none."""
        found = [r for r in self.records("appointment").values() if state in ("", r["state"])]
        found.sort(key=lambda r: (r["created_at"], r["slot"], r["resident"], r["state"]))
        return str(found[pick % len(found)]["id"]) if found else "A0"

    def plan(self, id: str, slots: list[str]) -> dict[str, Any]:
        return {"id": id, "hospital": "H1", "slots": slots, "apply_until": self.city.now + 30, "turn_s": 20}

    def deposit(self, number: int, date: str = "") -> None:
        """Keep somebody's identity under the id of a date, or under the account's."""
        try:
            if not self.tickets:
                self.city.deposit(number)
                return
            asked = self.ask_ticket(PORTAL_1, number, date) if self.may_ask(number, date) else None
            if asked is not None:
                self.city.deposit(number, id=asked["resident"], proof=asked["proof"])
        except ChaincodeError as refusal:
            assert refusal.code == "IDENTITY_EXISTS"

    def may_ask(self, number: int, date: str) -> bool:
        try:
            self.ask_ticket(PORTAL_1, number, date)
        except ChaincodeError as refusal:
            assert refusal.code in ("BARRED", "BAD_DATE"), refusal
            return False
        return True

    @invariant()
    def ledger_is_sound(self) -> None:
        if hasattr(self, "before"):
            check_state(self.state())

    def teardown(self) -> None:
        """However a run ends, everything that was touched is attacked once more."""
        if not hasattr(self, "before"):
            return
        number = 100
        for session in SESSIONS:
            self.call(PORTAL_1, "HoldSlot", f"{session}.001", resident(98))
            self.call(PORTAL_2, "HoldSlot", f"{session}.002", resident(99))
            for waiter in (90, 91, 92):
                self.call(PORTAL_1, "JoinWaitlist", session, resident(waiter))
        self.call(STAFF, "StopSession", SESSIONS[1], "doctor-ill")
        for key in sorted(self.records("slot")):
            slot = ".".join(key)
            for function in ("BookSlot", "HoldSlot"):
                number += 1
                self.call(STAFF, function, slot, resident(number))
            for function in ("ReleaseLapsed", "OfferReturned", "ReopenReturned"):
                self.call(PLATFORM, function, slot)
            self.call(STAFF, "OpenDraw", self.plan(f"X{number}", [slot]))
            if int(key[2]) > sum(run[2] for run in RUNS):
                added = self.call(STAFF, "AddSlot", ".".join(key[:2]), int(key[2]), 500, 5, "online", "revisit")
                assert added is None, "a slot was added in the place of another"
        self.city.pass_time(seconds=62)
        for key in sorted(self.records("slot")):
            number += 1
            self.call(STAFF, "BookSlot", ".".join(key), resident(number))
        self.everybody_attacks("CancelAppointment", "Fulfil")
        for index, id in enumerate(sorted(self.records("appointment"))):
            for function in ("CancelAppointment", "Fulfil", "MarkNoShow")[index % 2 :]:
                self.call(STAFF, function, *id)
            for amount in (1500, 1, 1500):
                number += 1
                self.call(PAYMENT, "RecordPayment", *id, "wechat", f"x{number}", amount, "")
            for _ in range(2):
                number += 1
                self.call(PAYMENT, "RecordRefund", *id, "wechat", f"x{number}")
        for who in range(PEOPLE):
            for entry in sorted(k[1] for k in self.records("points-entry") if k[0] == self.account(who)):
                for _ in range(2):
                    self.call(PLATFORM, "ReversePoints", resident(who), entry)
            self.call(PLATFORM, "SpendPoints", resident(who), 11, "gift")
            self.call(PLATFORM, "ExpirePoints", resident(who))
        self.city.pass_time(days=15)
        self.everybody_attacks("MarkNoShow", "Fulfil")
        for id in sorted(self.records("appointment")):
            self.call(STAFF, "MarkNoShow", *id)
        self.greedy_day(200)
        self.greedy_day(201)  # now some are barred
        for key in sorted(self.records("slot")):
            self.call(STAFF, "StopSlots", ".".join(key[:2]), [int(key[2])], "equipment")
        for key in sorted(self.records("slot")):
            number += 1
            self.call(STAFF, "BookSlot", ".".join(key), resident(number))
        for session in SESSIONS:
            self.call(STAFF, "StopSession", session, "doctor-ill")
            self.call(STAFF, "BookSlot", f"{session}.001", resident(number + 1))

    def everybody_attacks(self, *functions: str) -> None:
        """Who has checked in or booked, and each of all roles in turn; those who may come last."""
        order = {"checked-in": 0, "booked": 1}
        found = [(order[r["state"]], k) for k, r in self.records("appointment").items() if r["state"] in order]
        for _, appointment in sorted(found)[:3]:
            for function in functions:
                for who in sorted(EVERYBODY, key=lambda w: (NAMES[id(w)] in MAY[function], w is not PORTAL_2)):
                    self.call(who, function, *appointment)

    def greedy_day(self, number: int) -> None:
        """Everybody, barred or not, tries to get all slots of one more session."""
        date = calendar.add_days(calendar.local_date(self.city.now, 480), 5)
        runs = [[600, 5, 2 * PEOPLE, "online"]]
        plan, opening = self.city.plan(f"CARD-D1-END{date}", date=date, start=600, end=700, runs=runs)
        self.call(STAFF, "CommitSessions", "H1", [plan])
        self.city.pass_time(seconds=61)
        self.call(STAFF, "PublishSessions", "H1", [opening])
        self.call(PORTAL_1, "BookSlot", f"H1.CARD-D1-END{date}.001", resident(number))
        for who in range(PEOPLE):
            for slot in range(1, 2 * PEOPLE + 1):
                self.call(STAFF, "BookSlot", f"H1.CARD-D1-END{date}.{slot:03d}", resident(who))
        last = self.records("slot").get(("H1", f"CARD-D1-END{date}", "001"), {}).get("appointment")
        if last:
            self.city.pass_time(seconds=calendar.at(date, 600, 480) - self.city.now)
            self.deposit(number, date)
            code = self.city.code(last, self.visit(number, date) if self.tickets else resident(number))
            self.before = self.state()
            self.call(STAFF, "CheckIn", last, code)
            assert self.call(STAFF, "CheckIn", last, code) is None
            self.everybody_attacks("CancelAppointment", "Fulfil")
            self.city.pass_time(days=1)
            self.everybody_attacks("MarkNoShow")
