"""Sealed papers: secret, bound to what is public, no two with the same mark, read by role with a trace."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from apps.kit.papers import COLLECTION, collections
from chaincode.kit.contract import KitContract
from chaincode.kit.fields import invalid
from chaincode.kit.papers import PAPERS, Papers
from chaincode.kit.records import KitContext
from fabric_sdk.chaincode import ChaincodeError
from fabric_sdk.chaincode.sealing import KeyFile, SealingKeys, is_sealed
from fabric_sdk.chaincode.testing import ContractTester, client
from fabric_sdk.kinds import Act, Actor, Fen, Kind, KindError, Party, Record, Role, Sealed, State, Text

NOW = datetime(2026, 3, 1, 4, tzinfo=UTC)
SELLER = Role(held="seller")
PARTIES = Role("NOT_READER", "this paper is not for you", test=lambda one, who: who.party in (one["by"], one["to"]))


class Claim(Kind, prefix="ZC"):
    by, to, amount_fen = Actor(), Party(), Fen(1)
    bill = Sealed({"number": Text(40), "price_fen": Fen(1)}, PARTIES, tags=("number",), shown=("amount_fen",))
    MADE, GONE = State("ok"), State("none", final=True)
    make = Act(MADE, SELLER, "Make", "Made", begins=True)
    drop = Act(MADE >> GONE, SELLER, "Drop", "Dropped")


class ClaimContract(Papers, KitContract, kinds=(Claim,)):
    name, version = "claims", "1.0.0"

    def check_paper(self, ctx: KitContext, field: Sealed, paper: Record, shown: Record) -> None:
        paper["number"] = paper["number"].upper()
        if paper["price_fen"] < shown["amount_fen"]:
            invalid("price_fen", "is less than the claim")


ANNA, BEN, EVE = (client("OrgMSP", name, role="seller") for name in ("anna", "ben", "eve"))
PAPER = {"number": "A-1", "price_fen": 500, "salt": "ab" * 16}


@pytest.fixture
def tester() -> ContractTester:
    found = ContractTester(ClaimContract(clock=lambda: NOW), collections=collections("OrgMSP"), now=NOW)
    settings = {"office_msp": "OrgMSP", "roles": {"seller": ["OrgMSP"]}}
    found.invoke("Configure", settings, as_=client("OrgMSP", "admin", ou="admin"))
    return found


def put(tester: ContractTester, paper: Any = PAPER, amount: Any = 500, as_: Any = ANNA, name: str = "bill") -> Any:
    transient = {"paper": json.dumps(paper).encode()}
    return tester.invoke("PutPaper", "claim", name, {"amount_fen": amount}, as_=as_, transient=transient)


def make(tester: ContractTester, reference: Any, amount: int = 500) -> Any:
    return tester.invoke("Make", {"to": "OrgMSP/ben", "amount_fen": amount, "bill": reference}, as_=ANNA)


def test_what_is_kept_says_nothing(tester: ContractTester) -> None:
    reference = put(tester)
    record = make(tester, reference)
    assert PAPERS == COLLECTION
    kept = tester.ledger.state("claims", PAPERS)
    assert all(is_sealed(value) for value in kept.values())
    everything = json.dumps(record) + str(tester.ledger.state("claims")) + str(kept)
    assert "A-1" not in everything and '"number"' not in everything


def test_a_paper_is_read_by_its_parties_after_a_trace(tester: ContractTester) -> None:
    record = make(tester, put(tester))
    for reader in (ANNA, BEN):
        with pytest.raises(ChaincodeError, match="TRACE_MISSING"):
            tester.evaluate("ReadPaper", record["id"], "bill", as_=reader)
        tester.invoke("LookAtPaper", record["id"], "bill", as_=reader)
        assert tester.evaluate("ReadPaper", record["id"], "bill", as_=reader) == PAPER
    for function in ("LookAtPaper", "ReadPaper"):
        with pytest.raises(ChaincodeError, match="NOT_READER"):
            tester.evaluate(function, record["id"], "bill", as_=EVE)
    assert {one["by"] for one in tester.evaluate("ListLooks", record["id"])} == {"OrgMSP/anna", "OrgMSP/ben"}


def test_one_trace_does_not_open_a_paper_for_ever(tester: ContractTester) -> None:
    record = make(tester, put(tester))
    tester.invoke("LookAtPaper", record["id"], "bill", as_=ANNA)
    contract: Any = tester.chaincode.contracts[0]
    contract._clock = lambda: NOW + timedelta(minutes=30)
    with pytest.raises(ChaincodeError, match="CLOCK_DIFFERS"):
        tester.evaluate("ReadPaper", record["id"], "bill", as_=ANNA)
    tester.now = NOW + timedelta(minutes=30)
    with pytest.raises(ChaincodeError, match="TRACE_MISSING"):
        tester.evaluate("ReadPaper", record["id"], "bill", as_=ANNA)


@pytest.mark.parametrize(
    ("reference", "amount"),
    [
        ({"commitment": "ab" * 32, "tags": []}, 500),
        ("tags", 500),
        ("other tags", 500),
        ("right", 501),
    ],
)
def test_a_reference_that_was_not_made_for_this_is_refused(tester: ContractTester, reference: Any, amount: int) -> None:
    right = put(tester)
    given = {"right": right, "tags": right | {"tags": []}, "other tags": right | {"tags": ["ab" * 16]}}
    with pytest.raises(ChaincodeError, match="PAPER_MISSING"):
        make(tester, given.get(reference, reference) if isinstance(reference, str) else reference, amount)


def test_two_records_cannot_have_papers_of_the_same_number(tester: ContractTester) -> None:
    make(tester, put(tester))
    again = put(tester, PAPER | {"number": "a-1", "price_fen": 900, "salt": "cd" * 16})
    with pytest.raises(ChaincodeError, match="TAKEN"):
        make(tester, again)
    tester.sealing = SealingKeys(
        KeyFile("K2026-test", "Org1MSP", 0, bytes(range(64))), KeyFile("K2027", "Org1MSP", 9, bytes(64))
    )
    next_year = put(tester, PAPER | {"salt": "ef" * 16})
    assert len(next_year["tags"]) == 2
    with pytest.raises(ChaincodeError, match="TAKEN"):
        make(tester, next_year)


@pytest.mark.parametrize(
    ("paper", "amount", "code"),
    [
        (PAPER | {"price_fen": 499}, 500, "INVALID_FIELD: price_fen"),
        (PAPER | {"salt": "short"}, 500, "INVALID_FIELD: salt"),
        (PAPER | {"more": 1}, 500, "INVALID_FIELD: more"),
        (PAPER, -1, "INVALID_FIELD: shown.amount_fen"),
        (PAPER, "500", "INVALID_FIELD: shown.amount_fen"),
        ([], 500, "INVALID_FIELD"),
        ("x" * 70_000, 500, "PAPER_MISSING"),
    ],
)
def test_a_paper_that_is_none_is_refused(tester: ContractTester, paper: Any, amount: Any, code: str) -> None:
    with pytest.raises(ChaincodeError, match=code):
        put(tester, paper, amount)


def test_nobody_without_a_role_hands_papers_in(tester: ContractTester) -> None:
    for stranger in (client("OrgMSP", "x"), client("OtherMSP", "x", role="seller")):
        with pytest.raises(ChaincodeError, match="FORBIDDEN"):
            put(tester, as_=stranger)
    with pytest.raises(ChaincodeError, match="INVALID_FIELD: field"):
        put(tester, name="to")


def test_declarations_that_contradict_themselves() -> None:
    def declare(**sealed: Any) -> None:
        state = State(final=True)
        paper = Sealed({"number": Text()}, PARTIES, **sealed)
        body = {"paper": paper, "S": state, "make": Act(state, SELLER, "M", "M", begins=True)}
        type("Thing", (Kind,), body, prefix="ZZ")

    with pytest.raises(KindError, match="tags price, which it does not have"):
        declare(tags=("price",))
    with pytest.raises(KindError, match="shows amount_fen, which the act make does not ask for"):
        declare(shown=("amount_fen",))
    with pytest.raises(KindError, match="need the part Papers"):
        type("Bare", (KitContract,), {"name": "bare"}, kinds=(Claim,))
