"""The kit attacked as one ordinary key would: raw calls with wrong, huge, foreign and deceiving arguments."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from chaincode.kit.fields import Fields
from chaincode.kit.reading import MOST_DEEP
from fabric_sdk.chaincode import ChaincodeError, Context, Contract, query
from fabric_sdk.chaincode.testing import ContractTester, client
from fabric_sdk.kinds import Record
from tests.kit.everything import ANNE, BEN, OFFICE, Box, Everything, Thing, ledger, right

HALF = "\ud800"
DEEP: Any = json.loads("[" * 400 + "]" * 400)
WIRE = [
    b"", b"null", b"true", b"-1", b"1e3", b"9" * 5_000, b"NaN", b"[]", b"{}", b"[null]", b'"\\ud800"', b'{"\\ud800":1}',
    json.dumps(DEEP).encode(), b"\xff", b"\x00", b"settings", b"BX", b"\x00waiting\x00", "\u202e".encode(),
]  # fmt: skip
FORMS: list[Any] = [
    None, True, 0, -1, 1.5, 10**400, "", [], {}, [[]], [None], HALF, [HALF], {HALF: 1}, DEEP, "字" * 3_000, "\u202ex",
    "x\x00", {"commitment": "ab" * 32, "tags": [HALF]}, {"commitment": "ab" * 32, "tags": ["x" * 10_000]},
    [{"amount": True}], [{"amount": 1, "state": "PAID"}], "2026-W01-1", "2026-02-30", "２０２６-03-31",
]  # fmt: skip


def wire(*arguments: Any) -> list[bytes]:
    """As a foreign program sends them: text raw, the rest JSON in ASCII, halves of characters and all."""
    return [one if isinstance(one, bytes) else one.encode() if isinstance(one, str) else json.dumps(one).encode()
            for one in arguments]  # fmt: skip


def answer(tester: ContractTester, function: str, *arguments: Any) -> str:
    """The code of a refusal, "" if the call would be done. Whatever else is raised or said is a defect."""
    try:
        tester.propose(function, *wire(*arguments), as_=ANNE)
    except ChaincodeError as error:
        str(error).encode()
        assert 400 <= error.status < 500, f"{function}: {error}"
        return error.code
    return ""


@pytest.fixture
def tester() -> ContractTester:
    return ledger()


@pytest.fixture(scope="module")
def laid() -> tuple[ContractTester, str, Record]:
    """A ledger with a box and a paper, on which nothing is committed any more."""
    found = ledger()
    box = str(found.invoke("BeginBox", {"number": "B-1"}, as_=ANNE)["id"])
    return found, box, right(box, paper(found, "one"))


@pytest.fixture
def box(tester: ContractTester) -> str:
    return str(tester.invoke("BeginBox", {"number": "B-1"}, as_=ANNE)["id"])


def paper(tester: ContractTester, secret: str) -> Record:
    body = json.dumps({"secret": secret, "salt": "cd" * 16}).encode()
    found: Record = tester.invoke("PutPaper", "thing", "sealed", {}, as_=ANNE, transient={"paper": body})
    return found


def test_what_is_right_is_done(tester: ContractTester, box: str) -> None:
    thing = tester.invoke("BeginThing", box, right(box, paper(tester, "one")), as_=ANNE)
    assert (thing["state"], thing["box_id"], thing["owner"]) == ("NEW", box, f"{OFFICE}/anne")


def test_no_argument_brings_the_contract_down(laid: tuple[ContractTester, str, Record]) -> None:
    """Half a character in a refusal or in a record made the contract fail, and the peer answer nobody for 15 s."""
    tester, box, _ = laid
    for function, declared in Everything.functions.items():
        for count in range(len(declared.parameters) + 2):
            for one in WIRE:
                answer(tester, function, *[one] * count)
                answer(tester, function, box, *[one] * count)


@pytest.mark.parametrize("name", [*(one for one, field in Thing.fields.items() if not field.logged), HALF])
def test_no_value_of_a_field_brings_the_contract_down(laid: tuple[ContractTester, str, Record], name: str) -> None:
    tester, box, form = laid
    for value in FORMS:
        answer(tester, "BeginThing", box, form | {name: value})
    if name in form and name != "flag":
        assert answer(tester, "BeginThing", box, {key: one for key, one in form.items() if key != name})


def test_a_text_that_is_far_too_long_is_not_read_letter_by_letter() -> None:
    begun = time.process_time()
    for text in ("字" * 3_000_000, "e\u0301" * 1_500_000):
        with pytest.raises(ChaincodeError, match="longer than 20 characters"):
            Fields({"text": text}).text("text", 20)
    assert time.process_time() - begun < 1.0, "it took seconds, on every peer that was asked"
    assert Fields({"text": "  " + "e\u0301" * 20}).text("text", 20) == "é" * 20


def test_a_refusal_that_quotes_half_a_character_can_be_sent() -> None:
    class Quoting(Contract):
        name = "quoting"

        @query
        def Ask(self, ctx: Context) -> str:
            raise ChaincodeError("WRONG", f"{HALF} is wrong", status=400)

    with pytest.raises(ChaincodeError, match=r"WRONG: \? is wrong"):
        ContractTester(Quoting()).evaluate("Ask")


def test_a_paper_with_half_a_character_is_refused(tester: ContractTester) -> None:
    for body in (b'{"secret":"\\ud800"}', b'{"\\ud800":1,"secret":"x"}', b'{"secret":"x","secret":"y"}', b"\xff"):
        with pytest.raises(ChaincodeError, match="sealed: is not JSON"):
            tester.invoke("PutPaper", "thing", "sealed", {}, as_=ANNE, transient={"paper": body})


@pytest.mark.parametrize("kept", ["id", "type", "state", "log", "waiting", "consents", "version", "tx_id", "box_id"])
def test_what_the_kit_keeps_is_nobodys_to_send(tester: ContractTester, box: str, kept: str) -> None:
    form = right(box, paper(tester, "one")) | {kept: "DONE"}
    assert answer(tester, "BeginThing", box, form) == "INVALID_FIELD"


def test_another_kinds_record_is_not_taken_for_this_one(tester: ContractTester, box: str) -> None:
    thing = tester.invoke("BeginThing", box, right(box, paper(tester, "one")), as_=ANNE)["id"]
    assert answer(tester, "ShutBox", thing) == answer(tester, "NoteThing", box, "x", "y") == "NOT_FOUND"
    assert answer(tester, "BeginThing", thing, right(box, paper(tester, "two"))) == "NOT_FOUND"
    assert answer(tester, "BeginThing", box, right(thing, paper(tester, "three"))) == "NOT_FOUND"
    assert answer(tester, "ListUnder", thing, "thing", 10) == answer(tester, "Read", f"{box}\x00") == "NOT_FOUND"


def test_a_stranger_and_a_false_organisation_may_nothing(tester: ContractTester, box: str) -> None:
    for who in (client("FalseMSP", "anne", role="holder"), client(OFFICE, "anne2"), client(OFFICE, "Anne")):
        for function, arguments in (("BeginBox", [{"number": "B-2"}]), ("ShutBox", [box]), ("BeginBoxes", [[]])):
            with pytest.raises(ChaincodeError) as caught:
                tester.invoke(function, *arguments, as_=who)
            assert caught.value.status in (400, 403), function


@pytest.mark.parametrize("alike", ["Ｂ-1", "B-１", "B-1\u3000", "B－1", "ℬ-1", "B-①"], ids=ascii)
def test_a_number_is_not_taken_twice_in_letters_that_look_alike(tester: ContractTester, box: str, alike: str) -> None:
    assert answer(tester, "BeginBox", {"number": alike}) == "TAKEN"
    assert answer(tester, "BeginBoxes", [{"number": "B-2"}, {"number": alike}]) == "TAKEN"
    assert tester.evaluate("FindBy", "box", "number", alike)["id"] == box


def test_blanks_make_no_other_number(tester: ContractTester) -> None:
    tester.invoke("BeginBox", {"number": "B 2026 1"}, as_=ANNE)
    for alike in ("B\u00a02026 1", "B  2026 1", "B\u20032026\t1"):
        assert answer(tester, "BeginBox", {"number": alike}) == "TAKEN"
    assert answer(tester, "BeginBox", {"number": "B20261"}) == "", "another one all the same"


def test_a_number_from_before_looks_were_folded_is_found_and_taken(tester: ContractTester, box: str) -> None:
    """Ledgers written before have the number as it was sent."""
    state = tester.ledger._entries[tester.name, ""]
    (key,) = [one for one in state if one.startswith("\x00box.number\x00")]
    state[key.replace("B-1", "Ｂ-9")] = state.pop(key)
    assert answer(tester, "BeginBox", {"number": "Ｂ-9"}) == "TAKEN"
    assert tester.evaluate("FindBy", "box", "number", "Ｂ-9")["id"] == box


def test_a_paper_does_not_serve_twice_in_letters_that_look_alike(tester: ContractTester, box: str) -> None:
    tester.invoke("BeginThing", box, right(box, paper(tester, "F 26-1")), as_=ANNE)
    for alike in ("Ｆ 26-1", "F\u00a026-1", "F  26－1"):
        assert answer(tester, "BeginThing", box, right(box, paper(tester, alike))) == "TAKEN"


@pytest.mark.parametrize("name", ["ben ", " ben", "ben\u00a0", "b  en", "ben\u3000", "be\u0301n", "ben\u200b", "вen"])
def test_nobody_is_named_who_only_looks_like_somebody(tester: ContractTester, box: str, name: str) -> None:
    form = right(box, paper(tester, "one")) | {"party": f"{OFFICE}/{name}"}
    assert answer(tester, "BeginThing", box, form) == "INVALID_FIELD"
    for honest in ("ben", "Li Ming", "城东公司（分部）", "béla"):
        assert answer(tester, "BeginThing", box, form | {"party": f"{OFFICE}/{honest}"}) == ""


def test_data_is_not_deeper_than_readers_bear(tester: ContractTester, box: str) -> None:
    form = right(box, paper(tester, "one"))
    for levels, code in ((MOST_DEEP, ""), (MOST_DEEP + 1, "INVALID_FIELD"), (900, "INVALID_FIELD")):
        for opening, closing in (("[", "]"), ('{"a":', "}")):
            inner = "1" if opening != "[" else ""
            value = json.loads(opening * levels + inner + closing * levels)
            assert answer(tester, "BeginThing", box, form | {"data": value}) == code, levels


def test_many_are_all_or_none(tester: ContractTester) -> None:
    before = tester.ledger.state(tester.name)
    for records in (
        [{"number": "B-1"}, {"number": "B-1"}],
        [{"number": "B-1"}, {}],
        [{"number": f"{n}"} for n in range(101)],
    ):
        assert answer(tester, "BeginBoxes", records)
    assert tester.ledger.state(tester.name) == before


def test_an_act_of_the_other_is_refused(tester: ContractTester, box: str) -> None:
    with pytest.raises(ChaincodeError, match="NOT_OWNER"):
        tester.invoke(Box.shut.function, box, as_=BEN)
    tester.invoke(Box.shut.function, box, as_=ANNE)
    with pytest.raises(ChaincodeError, match="WRONG_STATE"):
        tester.invoke(Box.shut.function, box, as_=ANNE)
