"""Contracts on the memory ledger: typed calls, Fabric's read and write rules, private data, errors."""

from __future__ import annotations

import contextlib
import json
import logging
import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fabric_sdk.chaincode import ChaincodeError, Context, Contract, ContractChaincode, query, transaction, values
from fabric_sdk.chaincode.keys import composite_range, create_composite_key, split_composite_key
from fabric_sdk.chaincode.testing import (
    MVCC_READ_CONFLICT,
    PHANTOM_READ_CONFLICT,
    VALID,
    CommitConflict,
    ContractTester,
    MemoryLedger,
    NotDeterministic,
    client,
)
from tests.chaincode_runtime.sample_contract import CONTRACTS, Asset, Colour, Owner

SECRETS = {
    "name": "secrets",
    "policy": "OR('Org1MSP.member','Org2MSP.member')",
    "memberOnlyRead": True,
    "memberOnlyWrite": True,
    "blockToLive": 2,
}
LAMP = Asset("lamp", Colour.RED, 5, [Owner("Ann", 0.5), Owner("Bo")])


@pytest.fixture
def tester() -> ContractTester:
    return ContractTester(CONTRACTS, collections=[SECRETS])


def test_typed_arguments_and_results(tester: ContractTester) -> None:
    assert tester.invoke("Create", LAMP) == LAMP
    assert tester.evaluate("Read", "lamp") == 5
    assert tester.evaluate("Read", "none") is None
    assert tester.evaluate("OfColour", "red") == ["lamp"]
    assert tester.evaluate("OfColour", "blue") == []
    assert [(e.name, e.payload) for e in tester.events] == [("created", b"lamp")]


def test_every_simple_type_travels(tester: ContractTester) -> None:
    moment = datetime(2026, 5, 1, 8, tzinfo=UTC)
    out = tester.evaluate("Typed", 1.5, True, moment.isoformat(), b"\x00\xff")
    assert out == [1.5, True, "2026-05-01T08:00:00Z", "AP8=", 7]
    assert tester.evaluate("Typed", 2, False, "2026-05-01T08:00:00+08:00", b"", 9)[-1] == 9


@pytest.mark.parametrize(
    ("function", "args", "text"),
    [
        ("Create", ["not json"], "asset"),
        ("Create", [{"id": "x"}], "lacks the member"),
        ("Create", [{"id": "x", "colour": "green", "size": 1, "owners": []}], "colour must be one of"),
        ("Create", [{"id": "x", "colour": "red", "size": True, "owners": []}], "size must be an integer"),
        ("Create", [{"id": "x", "colour": "red", "size": 1, "owners": [], "extra": 1}], "unknown member"),
        ("Create", ['{"id":"x","id":"y"}'], "duplicate"),
        ("Create", ["[" * 100_000], "not valid JSON"),
        ("Create", [], "expects 1 arguments, not 0"),
        ("Typed", ["NaN", "true", "2026-05-01T08:00:00Z", b""], "number"),
        ("Typed", ["1e999", "true", "2026-05-01T08:00:00Z", b""], "finite"),
        ("Typed", [1, "1", "2026-05-01T08:00:00Z", b""], "flag"),
        ("Typed", [1, True, "2026-05-01T08:00:00", b""], "offset"),
        ("Page", ["9" * 5000, ""], "not valid JSON"),
        ("Read", [b"\xff"], "UTF-8"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(
    tester: ContractTester, function: str, args: list[object], text: str
) -> None:
    with pytest.raises(ChaincodeError, match=text) as caught:
        tester.evaluate(function, *args)
    assert (caught.value.code, caught.value.status) == ("BAD_ARGUMENTS", 400)
    assert tester.ledger.height == 0


def test_names_of_functions_and_contracts(tester: ContractTester) -> None:
    assert tester.evaluate("assets:Read", "x") is None
    assert tester.evaluate("other:Hello") == "hello"
    assert tester.evaluate("other:Nothing") == b"no other:Nothing"
    for function, code in (("Hello", "UNKNOWN_FUNCTION"), ("nobody:Hello", "UNKNOWN_CONTRACT")):
        with pytest.raises(ChaincodeError) as caught:
            tester.evaluate(function)
        assert (caught.value.code, caught.value.status) == (code, 404)


def test_errors_carry_code_and_never_private_text(tester: ContractTester, caplog: pytest.LogCaptureFixture) -> None:
    tester.invoke("Create", LAMP)
    with pytest.raises(ChaincodeError) as caught:
        tester.invoke("Create", LAMP)
    assert (caught.value.code, caught.value.message, caught.value.status) == ("EXISTS", "asset lamp exists", 409)
    with caplog.at_level(logging.DEBUG), pytest.raises(ChaincodeError, match=r"INTERNAL.*RuntimeError") as crashed:
        tester.invoke("Crash", "patient-370102")
    assert "370102" not in str(crashed.value) + caplog.text
    assert "sample_contract.py" in caplog.text


def test_reads_do_not_see_own_writes(tester: ContractTester) -> None:
    assert tester.invoke("ReadOwnWrite", "k") == ""
    assert tester.evaluate("Range", "k", "l") == ["k=new"]
    assert tester.invoke("ReadOwnWrite", "k") == "new"


def test_conflicting_transactions(tester: ContractTester) -> None:
    first, second = tester.propose("Put", "k", "1"), tester.propose("Put", "k", "2")
    assert (first.commit(), second.commit()) == (VALID, MVCC_READ_CONFLICT)
    blind = tester.propose("Delete", "k")
    tester.invoke("Put", "k", "3")
    assert blind.commit() == VALID
    phantom = tester.propose("Range", "a", "z")
    tester.invoke("Put", "m", "1")
    assert phantom.commit() == PHANTOM_READ_CONFLICT
    stale = tester.propose("Create", LAMP)
    tester.invoke("Create", LAMP)
    tester.events.clear()
    assert stale.commit() == MVCC_READ_CONFLICT
    assert tester.events == []


def test_commit_conflicts_are_raised_by_invoke(tester: ContractTester) -> None:
    class Racing(MemoryLedger):
        def commit(self, simulation: object) -> str:
            return MVCC_READ_CONFLICT

    racing = ContractTester(CONTRACTS, ledger=Racing())
    with pytest.raises(CommitConflict, match=MVCC_READ_CONFLICT):
        racing.invoke("Put", "k", "v")


def test_pages_and_bookmarks(tester: ContractTester) -> None:
    for n in range(5):
        tester.invoke("Put", f"k{n}", "v")
    tester.invoke("Create", LAMP)  # its composite key stays out of simple ranges
    seen, bookmark = [], ""
    while True:
        page = tester.evaluate("Page", 2, bookmark)
        seen += page["keys"]
        bookmark = page["bookmark"]
        if not bookmark:
            break
    assert seen == ["k0", "k1", "k2", "k3", "k4", "lamp"]
    assert tester.evaluate("FirstOf", "", "") == "k0"
    for write_first in (True, False):
        with pytest.raises(ChaincodeError, match="aginated quer"):
            tester.invoke("PageThenWrite", write_first)


def test_history_newest_first(tester: ContractTester) -> None:
    tester.invoke("Put", "k", "1")
    tester.now += timedelta(hours=1)
    tester.invoke("Put", "k", "2")
    tester.invoke("Delete", "k")
    history = tester.evaluate("History", "k")
    assert [(h["value"], h["deleted"]) for h in history] == [("", True), ("2", False), ("1", False)]
    assert history[2]["at"] == "2026-01-01T00:00:00Z"


def test_private_data_is_for_members(tester: ContractTester) -> None:
    member, stranger = client("Org1MSP", "m"), client("Org3MSP", "s")
    with pytest.raises(ChaincodeError, match="write access permission"):
        tester.invoke("Hide", "k", as_=stranger, transient={"value": b"secret"})
    assert tester.invoke("HideQuietly", "k", as_=stranger) == "refused"
    assert tester.invoke("Hide", "k", as_=member, transient={"value": b"secret"}) == ""
    assert tester.evaluate("Reveal", "k", as_=member) == "secret"
    digest = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"
    assert tester.evaluate("Digest", "k", as_=stranger, peer="Org3MSP") == digest
    with pytest.raises(ChaincodeError, match="read access permission"):
        tester.evaluate("Reveal", "k", as_=stranger)
    with pytest.raises(ChaincodeError, match=r"public hash version is not available.*BlockNum: 1"):
        tester.evaluate("Reveal", "k", as_=member, peer="Org3MSP")
    assert tester.evaluate("Reveal", "absent", as_=member, peer="Org3MSP") == ""
    assert tester.evaluate("Secrets", as_=member) == ["k"]


def test_private_data_expires_and_is_purged(tester: ContractTester) -> None:
    hide = {"value": b"secret"}
    tester.invoke("Hide", "k", transient=hide)
    tester.invoke("Purge", "k")
    assert (tester.evaluate("Reveal", "k"), tester.evaluate("Digest", "k")) == ("", "")
    tester.invoke("Hide", "k", transient=hide)  # blockToLive 2: lives through two more blocks
    for _ in range(2):
        tester.invoke("Put", "x", "y")
        assert tester.evaluate("Reveal", "k") == "secret"
    tester.invoke("Put", "x", "y")
    assert tester.evaluate("Digest", "k") == ""


def test_key_policies_stay_until_the_key_goes(tester: ContractTester) -> None:
    tester.invoke("Protect", "k", ["Org1MSP"])
    assert tester.evaluate("Protectors", "k") == []  # metadata of an absent key is dropped
    tester.invoke("Put", "k", "1")
    assert tester.invoke("Protect", "k", ["Org2MSP", "Org1MSP"]) == ["Org1MSP", "Org2MSP"]
    tester.invoke("Put", "k", "2")
    assert tester.evaluate("Protectors", "k") == ["Org1MSP", "Org2MSP"]
    tester.invoke("Delete", "k")
    tester.invoke("Put", "k", "3")
    assert tester.evaluate("Protectors", "k") == []


def test_the_client_and_its_attributes(tester: ContractTester) -> None:
    registrar = client("Org2MSP", "ann", role="registrar")
    who = tester.evaluate("WhoAmI", as_=registrar, peer="Org1MSP")
    assert who == {
        "msp": "Org2MSP",
        "name": "ann",
        "role": "registrar",
        "peer": "Org1MSP",
        "at": "2026-01-01T00:00:00Z",
        "channel": "testchannel",
        "function": "WhoAmI",
    }
    assert tester.invoke("Guarded", as_=registrar) == "done"
    with pytest.raises(ChaincodeError) as caught:
        tester.invoke("Guarded")
    assert (caught.value.code, caught.value.status) == ("FORBIDDEN", 403)


def test_chaincode_to_chaincode(tester: ContractTester) -> None:
    second = ContractTester(CONTRACTS, name="second", ledger=tester.ledger)
    tester.invoke("Call", "second", ["Put", "k", "from-first"])
    assert second.evaluate("Range", "", "") == ["k=from-first"]
    assert tester.evaluate("Range", "", "") == ["before-call=1"]
    elsewhere = MemoryLedger("elsewhere")
    tester.ledger.channels["elsewhere"] = elsewhere
    away = ContractTester(CONTRACTS, name="second", ledger=elsewhere)
    away.invoke("Put", "k", "7")
    assert tester.invoke("Call", "second", ["Read", "k"], "elsewhere") == "7"
    tester.invoke("Call", "second", ["Put", "k", "8"], "elsewhere")
    assert away.evaluate("Range", "", "") == ["k=7"]  # another channel is read-only
    for name, channel in (("third", ""), ("second", "nowhere")):
        with pytest.raises(ChaincodeError, match="CALL_FAILED"):
            tester.invoke("Call", name, ["Read", "k"], channel)


def test_rich_queries_fail_as_on_leveldb(tester: ContractTester) -> None:
    with pytest.raises(ChaincodeError, match="not supported for leveldb"):
        tester.evaluate("Rich", '{"selector":{}}')


def test_a_contract_with_its_own_randomness_is_found_out() -> None:
    class Dice(Contract):
        @transaction
        def Roll(self, ctx: Context) -> None:
            ctx.stub.put_state("k", str(random.random()).encode())

    with pytest.raises(NotDeterministic, match="Roll"):
        ContractTester(Dice()).invoke("Roll")


def test_hooks_and_inheritance() -> None:
    calls: list[object] = []

    class Base(Contract):
        @query
        def Same(self, ctx: Context) -> str:
            return "base"

    class Derived(Base):
        name = "derived"

        def before_transaction(self, ctx: Context) -> None:
            calls.append(ctx.stub.function)
            if ctx.stub.function == "Closed":
                raise ChaincodeError("CLOSED", "not today")

        def after_transaction(self, ctx: Context, result: object) -> None:
            calls.append(result)

        @query(name="Renamed")
        def other(self, ctx: Context) -> str:
            return "renamed"

        @query
        def Closed(self, ctx: Context) -> str:
            return "never"

    tester = ContractTester(Derived())
    assert (tester.evaluate("Same"), tester.evaluate("Renamed")) == ("base", "renamed")
    assert calls[:2] == ["Same", "base"]
    with pytest.raises(ChaincodeError, match="CLOSED"):
        tester.evaluate("Closed")


def test_metadata_names_functions_and_schemas() -> None:
    described = json.loads(ContractChaincode(CONTRACTS).metadata)
    functions = {t["name"]: t for t in described["contracts"]["assets"]["transactions"]}
    create = functions["Create"]
    assert create["tag"] == ["submit", "submitTx"]
    assert create["parameters"] == [{"name": "asset", "schema": {"$ref": "#/components/schemas/Asset"}}]
    assert create["description"] == "Create an asset."
    assert functions["Read"]["tag"] == ["evaluate"]
    schema = described["components"]["schemas"]["Asset"]
    assert schema["required"] == ["id", "colour", "size", "owners"]
    assert schema["properties"]["owners"] == {"type": "array", "items": {"$ref": "#/components/schemas/Owner"}}
    assert schema["properties"]["colour"] == {"type": "string", "enum": ["red", "blue"]}
    assert "org.hyperledger.fabric" in described["contracts"]


@given(st.lists(st.text(st.characters(exclude_characters="\0\U0010ffff", codec="utf-8"), max_size=8), max_size=5))
def test_composite_keys_round_trip(attributes: list[str]) -> None:
    key = create_composite_key("type", attributes)
    assert split_composite_key(key) == ("type", attributes)
    start, end = composite_range("type", attributes[:1])
    assert not attributes or start <= key < end


@pytest.mark.parametrize("part", ["a\0b", "\U0010ffff", "\ud800"])
def test_composite_keys_refuse(part: str) -> None:
    with pytest.raises(ValueError):
        create_composite_key("type", [part])
    with pytest.raises(ValueError):
        split_composite_key("plain")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_canonical_json_reads_back(value: object) -> None:
    try:
        written = values.dump_json(value)
    except UnicodeEncodeError:
        return  # lone surrogates are no Unicode text
    assert values.parse_json(written.decode()) == value
    assert values.dump_json(values.parse_json(written.decode())) == written


@given(st.binary(max_size=200))
def test_hostile_arguments_end_in_one_error(raw: bytes) -> None:
    for annotation in (Asset, int, list[str], dict[str, Owner], Colour, datetime, str | None, float | None):
        with contextlib.suppress(values.ValueFormatError):
            values.decode_argument(raw, annotation)


def test_canonical_json_of_python_values() -> None:
    moment = datetime(2026, 5, 1, 8, tzinfo=UTC)
    value = {
        "zebra": [LAMP, Colour.BLUE, (1, 2.5)],
        "城": {"at": moment, "day": moment.date(), "raw": b"\x00\xff", "set": {"b", "a"}, "none": None},
    }
    assert values.dump_json(value).decode() == (
        '{"zebra":[{"colour":"red","id":"lamp","note":null,"owners":[{"name":"Ann","share":0.5},'
        '{"name":"Bo","share":1.0}],"size":5},"blue",[1,2.5]],"城":{"at":"2026-05-01T08:00:00Z",'
        '"day":"2026-05-01","none":null,"raw":"AP8=","set":["a","b"]}}'
    )
    for impossible in (float("nan"), object(), LAMP.__class__):
        with pytest.raises((TypeError, ValueError)):
            values.dump_json([impossible])
