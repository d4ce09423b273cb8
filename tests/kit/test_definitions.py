"""Declarations that contradict themselves fail when they are made, with the place; old records are raised."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from apps.kit.formats import shown
from apps.kit.words import Catalogue, FieldWords, KindWords
from baas.errors import Text as Said
from chaincode.kit.acts import Doing, rule
from chaincode.kit.contract import KitContract, Part
from fabric_sdk.chaincode import ChaincodeError
from fabric_sdk.chaincode.memory_ledger import Entry
from fabric_sdk.chaincode.testing import ContractTester, client
from fabric_sdk.kinds import (
    ANYBODY,
    Act,
    Actor,
    Code,
    Codes,
    Data,
    Day,
    Fen,
    Field,
    Flag,
    Items,
    Kind,
    KindError,
    Need,
    Party,
    Role,
    Sealed,
    Share,
    State,
    Text,
    Whole,
)

NAMED = Role("NOT_YOU", field="who")


def kind(prefix: str = "AA", **more: Any) -> Callable[[dict[str, Any]], type[Kind]]:
    """Declare a kind called Thing with these attributes."""
    return lambda body: type("Thing", (Kind,), body, prefix=prefix, **more)


def body(**changes: Any) -> dict[str, Any]:
    """A kind that is right, with changes."""
    new, done = State("wait"), State("ok", final=True)
    found = {
        "who": Party(),
        "NEW": new,
        "DONE": done,
        "begin": Act(new, ANYBODY, "Begin", "Begun", begins=True),
        "end": Act(new >> done, NAMED, "End", "Ended"),
    }
    return found | changes


def test_a_right_one_is_taken() -> None:
    made = kind()(body())
    assert (made.id, list(made.states), list(made.acts)) == ("thing", ["NEW", "DONE"], ["begin", "end"])


LOST = State("warn")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (body(LOST=LOST), "nothing leads to the state LOST"),
        (body(DONE=State("ok")), "another kind's"),
        (body(id=Text()), "the field id has a name that the kit keeps"),
        (body(log=Data()), "the field log has a name that the kit keeps"),
        (body(end=Act(LOST, None, "End", "Ended")), "has no role"),
        (body(end=Act("NEW", NAMED, "End", "Ended")), "names no state"),
        (body(who=Text()), "for the party who, which no field names"),
        (body(other=Act(LOST, NAMED, "", "Ended")), "has no function or no event"),
        (body(who=Party), "is the type itself"),
        (body(begin=Act(LOST, ANYBODY, "Begin", "Begun", begins=True)), "names the state"),
        (body(begin=Act(LOST, ANYBODY, "Begin", "Begun", on="work")), "hangs on nothing"),
    ],
)
def test_contradictions_are_told(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(KindError, match=said) as caught:
        kind()(wrong)
    assert "Thing" in str(caught.value), "the message names the place"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"prefix": "A"}, "two capital letters"),
        ({"version": 2}, "needs an upgrade"),
        ({"upgrades": {1: dict}}, "needs an upgrade from each of none"),
        ({"unique": ["number"]}, "which is no field"),
        ({"listed": "things"}, "under nothing"),
        ({"under": "work"}, "begins without the work"),
    ],
)
def test_contradictions_of_the_whole_are_told(more: dict[str, Any], said: str) -> None:
    with pytest.raises(KindError, match=said):
        kind(**more)(body())


def test_states_that_are_final_and_left_or_never_left() -> None:
    new, done = State("wait"), State("ok")
    acts = {"begin": Act(new, ANYBODY, "Begin", "Begun", begins=True), "end": Act(new >> done, ANYBODY, "End", "Ended")}
    with pytest.raises(KindError, match="DONE is never left"):
        kind()({"NEW": new, "DONE": done, **acts})
    new, done = State("wait", final=True), State("ok", final=True)
    acts = {"begin": Act(new, ANYBODY, "Begin", "Begun", begins=True), "end": Act(new >> done, ANYBODY, "End", "Ended")}
    with pytest.raises(KindError, match="NEW is final, and yet it is left"):
        kind()({"NEW": new, "DONE": done, **acts})


def test_roles_and_needs_that_say_nothing_or_ask_another_kind() -> None:
    with pytest.raises(KindError, match="no condition"):
        Role("NOBODY")
    with pytest.raises(KindError, match="yet has a condition"):
        Role("ALL", anybody=True, held="x")
    new, done = State("wait"), State("ok", final=True)
    wrong = Need("X", "x", lambda record, who: True, of="work")
    acts = {
        "begin": Act(new, ANYBODY, "Begin", "Begun", begins=True),
        "end": Act(new >> done, ANYBODY, "End", "Ended", needs=(wrong,)),
    }
    with pytest.raises(KindError, match="it is a question to a work"):
        kind()({"NEW": new, "DONE": done, **acts})


def test_acts_of_one_function_that_are_sent_differently() -> None:
    """What the second asks for could never have been sent: the wire has the first one's arguments."""
    new, done, text = State("wait"), State("ok", final=True), Text()
    acts = {
        "text": text,
        "who": Party(),
        "begin": Act(new, ANYBODY, "Begin", "Begun", begins=True),
        "one": Act(new >> done, NAMED, "End", "Ended"),
        "two": Act(new >> done, ANYBODY, "End", "Ended", form=(text,)),
    }
    with pytest.raises(KindError, match="one and two share End but are not sent alike"):
        kind()({"NEW": new, "DONE": done, **acts})


def test_acts_that_nothing_tells_apart() -> None:
    new, done = State("wait"), State("ok", final=True)
    acts = {
        "begin": Act(new, ANYBODY, "Begin", "Begun", begins=True),
        "one": Act(new >> done, NAMED, "End", "Ended"),
        "two": Act(new >> done, NAMED, "End", "Ended"),
    }
    with pytest.raises(KindError, match="nothing tells one from two"):
        kind()({"who": Party(), "NEW": new, "DONE": done, **acts})


def test_contracts_whose_kinds_collide_or_whose_rules_are_lost() -> None:
    one, two = kind()(body()), kind()(body())
    with pytest.raises(KindError, match="is taken by"):
        type("Both", (KitContract,), {"name": "both"}, kinds=(one, two))
    with pytest.raises(KindError, match="no kind here has"):

        class Lost(KitContract, kinds=(one,)):
            @rule(two.acts["end"])
            def end(self, doing: Doing) -> None: ...

    class First(Part, kinds=(one,)):
        @rule(one.acts["begin"])
        def _begun(self, doing: Doing) -> None: ...

    class Second(Part):
        @rule(one.acts["end"])
        def _begun(self, doing: Doing) -> None: ...

    with pytest.raises(KindError, match="hidden by the rule of this name"):
        type("Hiding", (First, Second, KitContract), {"name": "hiding"})


class Colour(Field[str]):
    """A type that no contract reads."""


def test_a_field_of_an_unknown_type_fails_with_its_contract() -> None:
    inner = kind()(body(colours=Items(5, {"colour": Colour()})))
    for wrong in (kind()(body(colour=Colour())), inner):
        with pytest.raises(KindError, match=r"the act begin asks for colours?, a field of the unknown type Colour"):
            type("Coloured", (KitContract,), {"name": "coloured"}, kinds=(wrong,))


def test_words_that_are_missing_are_all_named() -> None:
    made = kind()(body())
    words = KindWords(made, Said("物", "Thing"), states={made.states["NEW"]: Said("新", "new")}, fields={}, acts={})
    with pytest.raises(KindError, match=r"Thing.DONE has no words; Thing.who has no words; Thing.begin has no words"):
        Catalogue((made,), (words,))
    with pytest.raises(KindError, match="Thing has no words"):
        Catalogue((made,), ())


def _named(record: dict[str, Any]) -> dict[str, Any]:
    return record | {"name": record.pop("title")}


class Paper(Kind, prefix="PA", version=2, upgrades={1: _named}):
    """Its records were called by a `title` once."""

    name, owner = Text(40), Party()
    NEW, DONE = State("wait"), State("ok", final=True)
    write = Act(NEW, ANYBODY, "WritePaper", "PaperWritten", begins=True)
    end = Act(NEW >> DONE, Role("NOT_OWNER", field="owner"), "EndPaper", "PaperEnded")


class PaperContract(KitContract, kinds=(Paper,)):
    name = "paper"


def test_old_records_are_raised_wherever_they_are_read_and_written() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    tester = ContractTester(PaperContract(clock=lambda: now))
    tester.now = now
    old = {"id": "PA20250101-000000000001", "type": "paper", "title": "旧", "owner": "OrgMSP/ann", "state": "NEW"}
    old |= {"log": [], "created": "2025-01-01T00:00:00Z", "updated": "2025-01-01T00:00:00Z", "tx_id": "0"}
    tester.ledger._entries.setdefault(("paper", ""), {})[old["id"]] = Entry(json.dumps(old).encode(), (0, 0))
    tester.ledger._order.setdefault(("paper", ""), []).append(old["id"])
    ann = client("OrgMSP", "ann")
    assert tester.evaluate("Read", old["id"], as_=ann)["name"] == "旧"
    assert [one["name"] for one in tester.evaluate("ListAll", "paper", 10, as_=ann)["items"]] == ["旧"]
    ended = tester.invoke("EndPaper", old["id"], as_=ann)
    assert (ended["name"], ended["version"], ended["state"]) == ("旧", 2, "DONE")
    assert "title" not in json.loads(tester.ledger.state("paper")[old["id"]])


def test_records_of_a_kind_that_is_gone_take_no_list_down() -> None:
    """An upgrade took a kind out: whoever had one of its records could list nothing that concerned them any more."""

    def made(name: str, prefix: str, letter: str) -> type[Kind]:
        new, done = State("wait"), State("ok", final=True)
        acts = {
            "begin": Act(new, ANYBODY, f"Begin{letter}", "Begun", begins=True),
            "end": Act(new >> done, NAMED, f"End{letter}", "Ended", waits=True),
        }
        return type(name, (Kind,), {"who": Actor(), "NEW": new, "DONE": done, **acts}, prefix=prefix)

    kept, gone = made("Kept", "KE", "Kept"), made("Gone", "GO", "Gone")

    class Before(KitContract, kinds=(kept, gone)):
        name = "changing"

    now = datetime(2026, 3, 1, tzinfo=UTC)
    tester, anne = ContractTester(Before(clock=lambda: now), now=now), client("AMSP", "anne")
    tester.invoke("Configure", {"office_msp": "AMSP", "roles": {}}, as_=client("AMSP", "admin", ou="admin"))
    old = tester.invoke("BeginGone", {}, as_=anne)["id"]
    tester.invoke("BeginKept", {}, as_=anne)

    class After(KitContract, kinds=(kept,)):
        name = "changing"

    after = ContractTester(After(clock=lambda: now), now=now, ledger=tester.ledger)
    for what in ("concerned", "waiting"):
        page = after.evaluate("ListMine", what, 10, as_=anne)
        assert [one["type"] for one in page["items"]] == ["kept"], what
    with pytest.raises(ChaincodeError, match="NOT_FOUND"):
        after.evaluate("Read", old, as_=anne)


OTHERS = ("x", 5, 1.5, True, ["x"], [5], [{"a": 1}], {}, {"a": 1})


@pytest.mark.parametrize(
    "field",
    [Fen(), Share(), Flag(), Day(), Code("a"), Codes("a"), Sealed({}, ANYBODY), Items(3), Data(), Whole(), Text()],
)
def test_what_another_version_of_a_kind_wrote_is_shown_as_it_stands(field: Field[Any]) -> None:
    """A field had another type once, or the desk's program is older than the contract: lists and panels fell."""
    for value in OTHERS:
        assert isinstance(shown(field, FieldWords(Said("额", "sum")), value), str | Said)
