"""The state machine on a ledger that asks for tickets, as new ones do: the same rules, and what tickets promise.

Whoever is booked for is somebody whom the desk that books has just seen; one person's limits hold at every desk; an
identity is kept for the person of the id alone; points and no-shows reach the right account, each once.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from chaincode.health_slots import calendar, tickets
from fabric_sdk.chaincode import ChaincodeError
from tests.chaincode.health_slots.anybody import BOOKERS, NAMES, PEOPLE
from tests.chaincode.health_slots.conftest import (
    AUTHORITY,
    OTHER_STAFF,
    PORTAL_1,
    PORTAL_2,
    STAFF,
    resident,
)
from tests.chaincode.health_slots.test_machine import EVERYBODY, SETTINGS, Slots, desk, numbers, picks, slots, somebody
from tests.people import card

FAULTS = ("none", "other-person", "other-desk", "other-date", "old", "changed", "other-payer", "account", "unsigned")
AUTHORITIES = st.sampled_from([AUTHORITY, AUTHORITY, *EVERYBODY])


class Ticketed(Slots):
    """Everybody does anything, with tickets."""

    tickets = True

    def begun(self) -> None:
        if not hasattr(self, "credited"):
            self.credited: Counter[str] = Counter()
            """Points that the authority gave to accounts."""
            self.kept: dict[str, str] = {}
            """Documents that the hospital was given, by id."""

    @rule(who=desk, slot=slots, number=numbers, other=numbers, fault=st.sampled_from(FAULTS))
    def take_with_a_wrong_paper(self, who: Any, slot: str, number: int, other: int, fault: str) -> None:
        """No paper but the right one takes a slot."""
        date = self.date_of(slot)
        if not self.may_ask(number, date) or not self.may_ask(other, date):
            return
        visit = self.visit(number, date)
        paper = self.ask_ticket(who, number, date)["ticket"]
        payer = ""
        if fault == "none":
            paper = ""
        elif fault == "other-person":
            if other == number:
                return
            paper = self.ask_ticket(who, other, date)["ticket"]
        elif fault == "other-desk":
            paper = self.ask_ticket(PORTAL_2 if who is not PORTAL_2 else PORTAL_1, number, date)["ticket"]
        elif fault == "other-date":
            later = calendar.add_days(calendar.local_date(self.city.now, 480), 9)
            if later == date or not self.may_ask(number, later):
                return
            paper = self.ask_ticket(who, number, later)["ticket"]
        elif fault == "old":
            self.city.pass_time(seconds=tickets.LIFE_S + 1)
        elif fault == "changed":
            paper = paper[:-3] + ("AAA" if paper[-3:] != "AAA" else "BBB")
        elif fault == "other-payer":
            payer = self.visit(other, date)
        elif fault == "account":
            visit = self.account(number)
        else:
            paper = paper.rpartition(".")[0] + "."
        done = self.call(who, "BookSlot", slot, visit, payer, paper)
        assert done is None, f"booked with a ticket that is {fault}"
        if not payer:
            assert self.call(who, "HoldSlot", slot, visit, paper) is None, f"held with a ticket that is {fault}"
            session = slot.rpartition(".")[0]
            assert self.call(who, "JoinWaitlist", session, visit, paper) is None, f"queued with a {fault} ticket"

    @rule(who=desk, slot=slots, number=numbers, payer=numbers)
    def somebody_else_pays(self, who: Any, slot: str, number: int, payer: int) -> None:
        date = self.date_of(slot)
        if not self.may_ask(number, date):
            return
        person = json.dumps({"document_type": "01", "document": card(payer)}).encode()
        paper = self.ask_ticket(who, number, date, payer=person)["ticket"]
        visit, paying = self.visit(number, date), self.visit(payer, date)
        assert self.call(who, "BookSlot", slot, visit, "", paper) is None, "the payer of the ticket was dropped"
        self.call(who, "BookSlot", slot, visit, paying, paper)

    @rule(who=desk, number=numbers, of=numbers, kept=numbers, pick=picks)
    def keep_an_identity(self, who: Any, number: int, of: int, kept: int, pick: int) -> None:
        """The identity of `kept` with the proof of `of` under the id of `number`: accepted when all three are one."""
        self.begun()
        appointment = self.pick_appointment(pick)
        date = self.date_of(self.records("appointment")[(appointment,)]["slot"]) if appointment != "A0" else ""
        if not self.may_ask(number, date) or not self.may_ask(of, date):
            return
        id = self.ask_ticket(PORTAL_1, number, date)["resident"]
        proof = self.ask_ticket(PORTAL_1, of, date)["proof"]
        document = card(kept)
        identity = {"name": f"张三{kept}", "document_type": "01", "document": document, "phone": "1", "salt": "ab" * 32}
        transient = {"identity": json.dumps(identity).encode(), "proof": proof.encode()}
        try:
            self.city.do(who, "DepositIdentity", "H1", id, transient=transient)
        except ChaincodeError as refusal:
            assert refusal.code in ("BAD_PROOF", "IDENTITY_EXISTS", "FORBIDDEN"), refusal
        else:
            assert number == of == kept, "somebody else's identity was kept"
            assert NAMES[id_of(who)] in ("portal", "other-portal", "staff", "platform")
            self.before = self.state()

    @rule(who=AUTHORITIES, again=st.booleans(), day=st.booleans())
    def give_what_is_due(self, who: Any, again: bool, day: bool) -> None:
        """The authority credits points and notes no-shows; nobody else does, and nothing counts twice."""
        self.begun()
        if day:
            self.city.pass_time(days=1)
        names = sorted(k[0] for k in self.records("appointment"))
        if not names:
            return
        due = self.city.ask(AUTHORITY, "Due", "H1", names)
        for function, entries in (("CreditPoints", due["points"]), ("NoteNoShows", due["no_shows"])):
            if not entries:
                continue
            done = self.call(who, function, "H1", entries)
            if done is None:
                continue
            if function == "CreditPoints":
                for entry in entries:
                    self.credited[entry["who"]] += entry["amount"]
            if again:
                assert self.call(AUTHORITY, function, "H1", entries) is None, "what counted counts again"

    @rule(who=somebody, number=numbers)
    def anybody_asks(self, who: Any, number: int) -> None:
        """A ticket is made for desks, and of somebody's visits a desk is told its own."""
        date = calendar.add_days(calendar.local_date(self.city.now, 480), 1)
        person = json.dumps({"document_type": "01", "document": card(number)}).encode()
        try:
            seen = self.city.ask(who, "VisitsHere", "H1", transient={"person": person})
            self.ask_ticket(who, number, date)
        except ChaincodeError as refusal:
            assert refusal.code in ("FORBIDDEN", "BARRED"), refusal
            return
        assert NAMES[id_of(who)] in BOOKERS, "no desk, and a ticket"
        mine = {r["id"] for r in seen}
        for record in self.records("appointment").values():
            if record["id"] in mine:
                assert self.number_of(record["resident"]) == number, "somebody else's visit was shown"
                here = NAMES[id_of(who)]
                assert here in ("staff", "platform", "officer") or record["booker"].endswith(BOOKERS[here])

    @invariant()
    def tickets_hold(self) -> None:
        if not hasattr(self, "before"):
            return
        self.begun()
        for record in self.records("appointment").values():
            assert record["resident"] in self.whose, "an appointment of nobody"
            number = self.whose[record["resident"]]
            assert self.visit(number, record["visit_date"]) == record["resident"], "the id of another day"
            assert record["by"] and record["account"], "nobody vouched"
        given: Counter[str] = Counter()
        for key, entry in self.records("points-entry").items():
            if entry["account"] == "issued" and entry["source"] == "H1":
                given[key[0]] += entry["lines"][0][1]
        assert given == self.credited, "points that nobody was due"
        fulfilled = Counter(
            self.account(self.number_of(r["resident"]))
            for r in self.records("appointment").values()
            if r["state"] == "fulfilled"
        )
        assert set(given) <= set(fulfilled), "points for somebody who was never seen"
        for kind, state in (("credited", "fulfilled"), ("noted", "noshow")):
            ended = sum(r["state"] == state for r in self.records("appointment").values())
            assert len(self.records(kind)) <= ended, f"more {kind} than there were"

    def teardown(self) -> None:
        if hasattr(self, "before"):
            self.keep_an_identity(STAFF, 0, 0, 1, 0)
            self.give_what_is_due(OTHER_STAFF, True, False)
            for number in range(PEOPLE):
                self.call(PORTAL_1, "BookSlot", f"H1.CARD-D1-261203A.{number + 1:03d}", resident(number))
        super().teardown()
        if hasattr(self, "before"):
            self.give_what_is_due(AUTHORITY, True, True)
            self.tickets_hold()


def id_of(who: Any) -> int:
    return id(who)


TestTicketed = Ticketed.TestCase
TestTicketed.settings = settings(SETTINGS, max_examples=int(os.environ.get("SLOTS_EXAMPLES", "6")))
