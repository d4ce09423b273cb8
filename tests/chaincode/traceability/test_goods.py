"""Goods by their events: who holds what, what it became, and everything that is refused on the way."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

import chaincode.traceability
from apps.kit.refusals import said
from apps.traceability.application import APPLICATION
from fabric_sdk.chaincode import ChaincodeError
from tests.chaincode.traceability.chain import (
    FALSE_OFFICE,
    GUEST,
    INSPECTOR,
    MAKER,
    NOW,
    OFFICE,
    PREFIXES,
    RIVAL,
    SHOP,
    Chain,
    box,
    item,
    lot,
    party,
)


@pytest.fixture
def chain() -> Chain:
    return Chain()


def refused(code: str, call: Callable[..., Any], *args: Any, **kwargs: Any) -> str:
    with pytest.raises(ChaincodeError) as found:
        call(*args, **kwargs)
    assert found.value.code == code, found.value
    return found.value.message


def test_goods_go_from_supplier_to_shop(chain: Chain) -> None:
    chain.make(MAKER, steel=100)
    made = chain.transform(MAKER, {lot("steel"): 40.5}, {item("A1"): 0, item("A2"): 0})
    assert made["goods"]["inputs"] == {lot("steel"): "40.5 KGM"} and made["party"] == "DataBureauMSP/maker"
    chain.pack(MAKER, box(1), item("A1"), item("A2"), steel=10)
    chain.hand_over(MAKER, SHOP, box(1))
    assert chain.good(box(1))["holder"] == "DataBureauMSP/shop"
    chain.pack(SHOP, box(1), action="DELETE")
    assert chain.good(item("A1"))["holder"] == "DataBureauMSP/shop" and chain.good(box(1))["has"] == {}
    assert chain.good(lot("steel"))["holders"] == ["DataBureauMSP/maker", "DataBureauMSP/shop"]
    chain.observe(SHOP, "retail_selling", item("A1"))
    assert chain.good(item("A1"))["enterprise"] == "maker"


def test_one_thing_has_one_name(chain: Chain) -> None:
    chain.make(MAKER, item("A1"))
    refused("EXISTS", chain.make, MAKER, "urn:epc:id:sgtin:0614141.107346.A1")
    chain.observe(MAKER, "storing", "https://shop.example.com/gtin/10614141073464/ser/A1?x=1")


class TestInSomebodyElsesName:
    def test_an_event_is_its_callers(self, chain: Chain) -> None:
        chain.make(MAKER, item("A1"))
        assert chain.observe(MAKER, "storing", item("A1"))["party"] == "DataBureauMSP/maker"
        refused("NOT_HELD", chain.observe, RIVAL, "storing", item("A1"))
        refused("NOT_HELD", chain.transform, RIVAL, {item("A1"): 0}, {item("B1", PREFIXES[RIVAL]): 0})
        refused("NOT_HELD", chain.pack, RIVAL, box(1, PREFIXES[RIVAL]), item("A1"))

    def test_nobody_ships_as_another(self, chain: Chain) -> None:
        chain.make(RIVAL, item("B1", PREFIXES[RIVAL]))
        source = [{"type": "possessing_party", "source": party(PREFIXES[MAKER])}]
        event = chain.event(
            "ObjectEvent",
            action="OBSERVE",
            bizStep="shipping",
            epcList=[item("B1", PREFIXES[RIVAL])],
            sourceList=source,
        )
        refused("NOT_YOURS", chain.capture, RIVAL, event)

    def test_only_whom_goods_are_sent_to_receives_them(self, chain: Chain) -> None:
        chain.make(MAKER, item("A1"), steel=10)
        chain.observe(MAKER, "shipping", item("A1"), to=PREFIXES[SHOP], steel=4)
        refused("NOT_HELD", chain.observe, RIVAL, "receiving", item("A1"))
        refused("NOT_HELD", chain.observe, RIVAL, "receiving", steel=4)
        chain.observe(SHOP, "receiving", item("A1"), steel=4)
        refused("NOT_HELD", chain.observe, MAKER, "storing", item("A1"))

    def test_a_shipment_can_be_taken_back_until_it_is_received(self, chain: Chain) -> None:
        chain.make(MAKER, item("A1"), steel=10)
        chain.observe(MAKER, "shipping", item("A1"), to=PREFIXES[SHOP], steel=10)
        refused("NOT_HELD", chain.observe, RIVAL, "void_shipping", item("A1"), to=PREFIXES[SHOP])
        refused("NOT_HELD", chain.observe, RIVAL, "void_shipping", to=PREFIXES[SHOP], steel=10)
        chain.observe(MAKER, "void_shipping", item("A1"), to=PREFIXES[SHOP], steel=10)
        refused("NOT_HELD", chain.observe, SHOP, "receiving", item("A1"))
        assert chain.good(lot("steel"))["holders"] == ["DataBureauMSP/maker"]

    def test_an_enterprise_that_is_not_admitted_captures_nothing(self, chain: Chain) -> None:
        refused("NOT_ADMITTED", chain.make, GUEST, "https://example.com/thing/1")
        refused("FORBIDDEN", chain.make, FALSE_OFFICE, item("A1"))
        chain.tester.invoke("SuspendEnterprise", chain.enterprises[MAKER]["id"], "欠费", as_=OFFICE)
        refused("NOT_ADMITTED", chain.make, MAKER, item("A1"))
        chain.tester.invoke("RestoreEnterprise", chain.enterprises[MAKER]["id"], "已缴", as_=OFFICE)
        chain.make(MAKER, item("A1"))

    def test_another_enterprises_process_takes_nothing(self, chain: Chain) -> None:
        chain.make(MAKER, steel=10)
        chain.transform(MAKER, {lot("steel"): 1}, {item("A1"): 0}, transformationID="urn:example:run-1")
        refused(
            "NOT_YOURS",
            chain.transform,
            RIVAL,
            {},
            {item("B1", PREFIXES[RIVAL]): 0},
            transformationID="urn:example:run-1",
        )


class TestPrefixes:
    def test_foreign_names_are_not_given(self, chain: Chain) -> None:
        for name in (item("X", PREFIXES[RIVAL]), item("X", "7777777"), box(1, PREFIXES[SHOP])):
            refused("FOREIGN_PREFIX", chain.make, MAKER, name)
        chain.make(MAKER, steel=1)
        refused("FOREIGN_PREFIX", chain.transform, MAKER, {lot("steel"): 1}, {lot("x", PREFIXES[RIVAL]): 1})
        refused("NOT_HELD", chain.observe, MAKER, "storing", item("X", PREFIXES[RIVAL]))

    def test_goods_from_outside_are_taken_in_and_told_apart(self, chain: Chain) -> None:
        chain.observe(MAKER, "receiving", item("X", "7777777"))
        assert chain.good(item("X", "7777777"))["outside"] is True
        refused("NOT_HELD", chain.observe, RIVAL, "storing", item("X", "7777777"))

    @pytest.mark.parametrize("prefix", ["0614141", "06141419", "061414", "0614"])
    def test_no_prefix_begins_another(self, chain: Chain, prefix: str) -> None:
        made = chain.tester.invoke("ApplyEnterprise", {"name": "冒用", "company": prefix}, as_=GUEST)
        refused("TAKEN", chain.tester.invoke, "AdmitEnterprise", made["id"], as_=OFFICE)

    def test_applying_takes_no_prefix_away(self, chain: Chain) -> None:
        for _ in range(2):
            chain.tester.invoke("ApplyEnterprise", {"name": "先占", "company": "8888888"}, as_=RIVAL)
        chain.admit(GUEST, "8888888")
        refused(
            "INVALID_FIELD", chain.tester.invoke, "ApplyEnterprise", {"name": "x", "company": "１２３４"}, as_=GUEST
        )


class TestTime:
    def test_no_event_before_the_one_before(self, chain: Chain) -> None:
        chain.make(MAKER, item("A1"), steel=5)
        chain.observe(MAKER, "storing", item("A1"))
        chain.at -= timedelta(days=1)
        assert "later" in refused("TOO_EARLY", chain.observe, MAKER, "shipping", item("A1"))
        refused("TOO_EARLY", chain.transform, MAKER, {lot("steel"): 1}, {item("A2"): 0})

    def test_neither_the_future_nor_long_ago(self, chain: Chain) -> None:
        chain.at = NOW + timedelta(hours=1)
        assert "future" in refused("INVALID_FIELD", chain.make, MAKER, item("A1"))
        chain.at = NOW - timedelta(days=40)
        assert "30 days" in refused("INVALID_FIELD", chain.make, MAKER, item("A1"))
        chain.at = NOW - timedelta(days=20)
        chain.make(MAKER, item("A1"))

    def test_the_zone_is_the_events_own(self, chain: Chain) -> None:
        chain.make(MAKER, item("A1"))
        local = NOW.astimezone(UTC) - timedelta(hours=1)
        event = {
            "type": "ObjectEvent", "action": "OBSERVE", "epcList": [item("A1")], "eventTimeZoneOffset": "-06:00",
            "eventTime": (local - timedelta(hours=6)).isoformat(timespec="milliseconds").replace("+00:00", "-06:00"),
        }  # fmt: skip
        found = chain.capture(MAKER, event)[0]
        assert (found["at"], found["zone"]) == ("2026-03-01T03:00:00.000Z", "-06:00")


class TestLoopsAndDoubleUse:
    def test_containers_hold_neither_themselves_nor_each_other(self, chain: Chain) -> None:
        chain.pack(MAKER, box(1), box(2))
        chain.pack(MAKER, box(2), box(3))
        for inner, outer in ((box(3), box(1)), (box(2), box(1)), (box(3), box(2))):
            refused("LOOP", chain.pack, MAKER, inner, outer)
        refused("INVALID_FIELD", chain.pack, MAKER, box(1), box(1))
        refused("PACKED", chain.pack, MAKER, box(4), box(3))

    def test_nothing_is_made_of_itself_however_far(self, chain: Chain) -> None:
        chain.make(MAKER, a=10)
        chain.transform(MAKER, {lot("a"): 1}, {lot("b"): 1})
        chain.transform(MAKER, {lot("b"): 1}, {lot("c"): 1})
        refused("LOOP", chain.transform, MAKER, {lot("c"): 1}, {lot("a"): 1})
        refused("INVALID_FIELD", chain.transform, MAKER, {lot("a"): 1}, {lot("a"): 1})
        chain.transform(MAKER, {lot("a"): 1}, {lot("d"): 1}, transformationID="urn:example:run")
        chain.transform(MAKER, {lot("d"): 1}, {lot("e"): 1})
        refused("LOOP", chain.transform, MAKER, {lot("e"): 1}, {}, transformationID="urn:example:run")

    def test_what_was_used_is_gone(self, chain: Chain) -> None:
        chain.make(MAKER, item("A1"), steel=10)
        chain.transform(MAKER, {item("A1"): 0, lot("steel"): 6}, {item("A2"): 0})
        refused("GONE", chain.transform, MAKER, {item("A1"): 0}, {item("A3"): 0})
        refused("TOO_MUCH", chain.transform, MAKER, {lot("steel"): 4.000001}, {item("A3"): 0})
        chain.transform(MAKER, {lot("steel"): 4}, {item("A3"): 0})
        refused("NOT_HELD", chain.transform, MAKER, {lot("steel"): 0.5}, {item("A4"): 0})
        refused("EXISTS", chain.transform, MAKER, {}, {item("A3"): 0}, transformationID="urn:example:again")

    def test_a_lot_is_not_used_twice_in_one_call(self, chain: Chain) -> None:
        chain.make(MAKER, steel=10)
        events = [
            chain.event(
                "TransformationEvent",
                inputQuantityList=[{"epcClass": lot("steel"), "quantity": 6, "uom": "KGM"}],
                outputEPCList=[item(f"A{number}")],
            )
            for number in range(2)
        ]
        refused("TOO_MUCH", chain.capture, MAKER, *events)
        assert chain.good(item("A0")) == {"name": item("A0"), "enterprise": "maker"}, "all or none"

    def test_what_is_in_a_used_container_is_used_with_it(self, chain: Chain) -> None:
        chain.make(MAKER, item("A1"), steel=5)
        chain.pack(MAKER, box(1), item("A1"), steel=5)
        chain.pack(MAKER, box(2), box(1))
        found = chain.transform(MAKER, {box(2): 0}, {item("A9"): 0})
        assert set(found["goods"]["inside"]) == {item("A1"), box(1), lot("steel")}
        refused("GONE", chain.observe, MAKER, "storing", item("A1"))


class TestHostileEvents:
    def body(self, chain: Chain, **fields: Any) -> bytes:
        event = chain.event("ObjectEvent", action="ADD", epcList=[item("A1")]) | fields
        return json.dumps({"namespaces": {}, "event": event}).encode()

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"epcList": "x"}, "epcList"),
            ({"epcList": [1]}, "epcList"),
            ({"epcList": ["no uri"]}, "epcList"),
            ({"epcList": [item("A1"), "urn:epc:id:sgtin:0614141.107346.A1"]}, "epcList"),
            ({"epcList": [f"urn:x:{number}" for number in range(1001)]}, "epcList"),
            ({"epcList": []}, "epcList"),
            ({"action": "CHANGE"}, "action"),
            ({"type": "QuantityEvent"}, "type"),
            ({"type": ["ObjectEvent"]}, "type"),
            ({"eventTime": "2026-02-28T00:00:00"}, "eventTime"),
            ({"eventTime": "2026-02-30T00:00:00Z"}, "eventTime"),
            ({"eventTime": "0001-01-01T00:00:00+14:00"}, "eventTime"),
            ({"eventTimeZoneOffset": "+8"}, "eventTimeZoneOffset"),
            ({"quantityList": [{"epcClass": lot("x"), "quantity": -1}]}, "quantityList"),
            ({"quantityList": [{"epcClass": lot("x"), "quantity": True}]}, "quantityList"),
            ({"quantityList": [{"epcClass": lot("x"), "quantity": 0.0000001}]}, "quantityList"),
            ({"quantityList": [{"epcClass": lot("x"), "quantity": 1e30}]}, "quantityList"),
            ({"quantityList": [{"epcClass": lot("x"), "quantity": 1, "uom": "KG; DROP"}]}, "quantityList"),
            ({"readPoint": "x"}, "readPoint"),
            ({"bizTransactionList": ["x"]}, "bizTransactionList"),
            ({"sourceList": [{}]}, "sourceList"),
            ({"bizStep": {"a": 1}}, "bizStep"),
            ({"secret": 1}, "secret"),
            ({"eventID": "no uri"}, "eventID"),
        ],
    )
    def test_a_wrong_event_is_refused_at_its_field(self, chain: Chain, fields: dict[str, Any], field: str) -> None:
        assert refused("INVALID_FIELD", chain.send, MAKER, [self.body(chain, **fields)]).startswith(f"{field}: ")

    @pytest.mark.parametrize(
        "body",
        [
            b"", b"{", b"[]", b"null", b'"x"', b"\xff", b'{"event": {}}',
            b'{"namespaces": {}, "event": {}, "event": {}}', b'{"namespaces": {"a b": "x:y"}, "event": {}}',
            b'{"namespaces": {}, "event": ' + b"[" * 100_000 + b"}",
            b'{"namespaces": {}, "event": {"a:b": ' + b'{"c":' * 30 + b"1" + b"}" * 30 + b"}}",
            b'{"namespaces": {}, "event": {"type": NaN}}',
            b'{"namespaces": {}, "event": {"a:b": ' + b"9" * 5000 + b"}}",
            b'{"namespaces": {}, "event": {"a:b": "\\ud800"}}', b" " * 70_000,
        ],
    )  # fmt: skip
    def test_hostile_json_is_refused(self, chain: Chain, body: bytes) -> None:
        refused("INVALID_FIELD", chain.send, MAKER, [body])

    def test_odd_values_of_a_companys_own_fields_are_taken(self, chain: Chain) -> None:
        odd = {"ex:sourceList": ["x"], "ex:a": {"sourceList": ["x"], "b": None, "c": [[1], [[]]]}, "ex:n": 1e308}
        chain.send(MAKER, [self.body(chain, **odd)])

    def test_what_was_not_sent_is_not_captured(self, chain: Chain) -> None:
        body, other = self.body(chain), self.body(chain, bizStep="storing")
        digest = hashlib.sha256(body).hexdigest()
        for sent in ({}, {digest: other}):
            refused(
                "INVALID_FIELD", chain.tester.invoke, "CaptureEvents", [{"sha256": digest}], as_=MAKER, transient=sent
            )
        refused("INVALID_FIELD", chain.tester.invoke, "CaptureEvents", [{"sha256": digest}] * 201, as_=MAKER)


def test_every_reason_against_a_field_is_said_in_chinese_too() -> None:
    """Every sentence of `invalid(field, sentence)` in the contract's sources, with something in its gaps."""
    folder = Path(str(chaincode.traceability.__file__)).parent
    found = 0
    for path in sorted(folder.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "invalid"):
                continue
            parts = node.args[1].values if isinstance(node.args[1], ast.JoinedStr) else [node.args[1]]
            sentence = "".join(str(one.value) if isinstance(one, ast.Constant) else "7" for one in parts)
            said_as = said(sentence, APPLICATION.field_reasons)
            assert said_as.zh != said_as.en, sentence
            found += 1
    assert found > 40


class TestEventIds:
    def test_the_same_event_is_recorded_once(self, chain: Chain) -> None:
        chain.make(MAKER, item("A1"))
        event = chain.event("ObjectEvent", action="OBSERVE", epcList=[item("A1")])
        chain.capture(MAKER, event)
        refused("TAKEN", chain.capture, MAKER, {**event, "recordTime": "2026-01-01T00:00:00Z"})
        refused("TAKEN", chain.capture, MAKER, {**event, "epcList": ["urn:epc:id:sgtin:0614141.107346.A1"]})

    def test_an_event_id_names_one_event(self, chain: Chain) -> None:
        chain.make(MAKER, item("A1"))
        name = "urn:uuid:4d8d4b2c-0b5e-4b1c-9d35-000000000001"
        chain.capture(MAKER, chain.event("ObjectEvent", action="OBSERVE", epcList=[item("A1")], eventID=name))
        other = chain.event("ObjectEvent", action="OBSERVE", epcList=[item("A1")], eventID=name)
        refused("TAKEN", chain.capture, MAKER, other)

    def test_nobody_takes_the_hash_of_anothers_event(self, chain: Chain) -> None:
        from chaincode.traceability.event_hash import event_hash

        chain.make(MAKER, item("A1"))
        mine = chain.event("ObjectEvent", action="OBSERVE", epcList=[item("A1")])
        name = event_hash(mine, {})
        chain.capture(
            RIVAL, chain.event("ObjectEvent", action="ADD", epcList=[item("B", PREFIXES[RIVAL])], eventID=name)
        )
        assert chain.capture(MAKER, {**mine, "eventID": name})[0]["hash"] == name
        taken = chain.event("ObjectEvent", action="ADD", epcList=[item("C", PREFIXES[RIVAL])], eventID=name)
        refused("TAKEN", chain.capture, RIVAL, taken)

    def test_only_who_captured_an_event_declares_it_wrong_and_it_stays(self, chain: Chain) -> None:
        chain.make(MAKER, steel=5)
        made = chain.transform(MAKER, {lot("steel"): 1}, {item("A1"): 0})
        refused("NOT_CAPTURER", chain.tester.invoke, "DeclareError", made["id"], "incorrect_data", as_=RIVAL)
        refused("NOT_CAPTURER", chain.tester.invoke, "DeclareError", made["id"], "incorrect_data", as_=OFFICE)
        chain.tester.invoke("DeclareError", made["id"], "incorrect_data", as_=MAKER)
        recall = chain.recall(MAKER, lot("steel"))
        step = [item("A1"), "made", made["process"], lot("steel")]
        chain.tester.invoke("MarkGoods", recall["id"], {"steps": [step]}, as_=OFFICE)
        assert chain.good(item("A1"))["marked"] == [recall["id"]], "declared wrong, and yet recalled"


class TestReadings:
    FORM: ClassVar[dict[str, Any]] = {
        "goods": item("A1"), "sort": "sensor", "quantity": "Temperature", "unit": "CEL", "readings": 3,
        "lowest": "-18.5", "highest": "-17", "first": "2026-02-28T08:00:00+08:00", "last": "2026-02-28T01:00:00Z",
        "result": "passed", "sha256": "ab" * 32,
    }  # fmt: skip

    def test_readings_of_goods_are_recorded_with_their_zone(self, chain: Chain) -> None:
        chain.make(MAKER, item("A1"))
        found = chain.tester.invoke("RecordReadings", self.FORM, as_=INSPECTOR)
        assert (found["first"], found["last"]) == ("2026-02-28T00:00:00.000Z", "2026-02-28T01:00:00.000Z")
        refused("NOT_CAPTURER", chain.tester.invoke, "WithdrawReadings", found["id"], "x", as_=MAKER)

    @pytest.mark.parametrize(
        "changes",
        [{"first": "2026-02-28"}, {"last": "2026-02-27T00:00:00Z"}, {"last": "2026-03-02T00:00:00Z"}, {"goods": "x"},
         {"readings": 0}, {"result": None}],
    )  # fmt: skip
    def test_wrong_readings_are_refused(self, chain: Chain, changes: dict[str, Any]) -> None:
        chain.make(MAKER, item("A1"))
        refused("INVALID_FIELD", chain.tester.invoke, "RecordReadings", {**self.FORM, **changes}, as_=INSPECTOR)
