"""Recalls: nothing is missed, nothing is stopped without proof, nothing stopped moves on."""

from __future__ import annotations

import pytest

from tests.chaincode.traceability.chain import (
    FALSE_OFFICE,
    MAKER,
    OFFICE,
    PREFIXES,
    RIVAL,
    SHOP,
    Chain,
    box,
    item,
    lot,
)
from tests.chaincode.traceability.test_goods import refused


@pytest.fixture
def chain() -> Chain:
    """Steel of which A1 is made; A1 in a box at the shop, B1 (of A2) at the maker."""
    chain = Chain()
    chain.make(MAKER, steel=100, tin=100)
    chain.transform(MAKER, {lot("steel"): 5}, {item("A1"): 0, item("A2"): 0}, transformationID="urn:example:run")
    chain.transform(MAKER, {item("A2"): 0, lot("tin"): 1}, {item("B1"): 0})
    chain.transform(MAKER, {lot("tin"): 1}, {item("C1"): 0})
    chain.pack(MAKER, box(1), item("A1"), item("C1"))
    chain.hand_over(MAKER, SHOP, box(1))
    return chain


def stop_all(chain: Chain, recall: str) -> None:
    steps = [
        [item("A1"), "made", "urn:example:run", lot("steel")],
        [item("A2"), "made", "urn:example:run", lot("steel")],
    ]
    chain.tester.invoke("MarkGoods", recall, {"steps": steps}, as_=MAKER)


def test_stopped_goods_do_not_move_on_and_neither_does_what_they_are_in(chain: Chain) -> None:
    recall = chain.recall(MAKER, lot("steel"))["id"]
    refused("STOPPED", _at_recall(chain).transform, MAKER, {lot("steel"): 1}, {item("A3"): 0})
    stop_all(chain, recall)
    chain.observe(SHOP, "storing", box(1))
    for act in (
        lambda: chain.observe(SHOP, "shipping", box(1), to=PREFIXES[RIVAL]),
        lambda: chain.observe(SHOP, "retail_selling", box(1)),
        lambda: chain.transform(SHOP, {box(1): 0}, {item("S1", PREFIXES[SHOP]): 0}),
        lambda: chain.pack(SHOP, box(9, PREFIXES[SHOP]), box(1)),
    ):
        refused("STOPPED", act)
    chain.pack(SHOP, box(1), item("A1"), action="DELETE")
    chain.observe(SHOP, "retail_selling", box(1))
    refused("STOPPED", chain.observe, SHOP, "retail_selling", item("A1"))
    chain.observe(SHOP, "shipping", item("A1"), to=PREFIXES[MAKER])
    assert chain.good(item("A1"))["to"] == "DataBureauMSP/maker", "back to whoever recalls it may go"


def _at_recall(chain: Chain) -> Chain:
    """The events that follow happen after the recall began."""
    chain.at = chain.tester.now
    return chain


def test_what_happened_before_the_recall_is_still_recorded_and_stopped(chain: Chain) -> None:
    """Backdating gains nothing: what is made of stopped goods is stopped, whenever it says it was made."""
    chain.recall(MAKER, lot("steel"))
    made = chain.transform(MAKER, {lot("steel"): 1}, {item("A3"): 0})
    assert chain.good(item("A3"))["marked"] and made["late"] == 6
    _at_recall(chain)
    refused("STOPPED", chain.observe, MAKER, "retail_selling", item("A3"))
    refused("STOPPED", chain.pack, MAKER, box(5), item("A3"))


def test_a_lot_cannot_be_hidden_from_its_recall(chain: Chain) -> None:
    """In a container, in a container in a container, behind another process: it is found and stopped."""
    chain.pack(MAKER, box(2), steel=3)
    chain.pack(MAKER, box(3), box(2))
    chain.recall(MAKER, lot("steel"))
    _at_recall(chain)
    refused("STOPPED", chain.observe, MAKER, "shipping", box(3), to=PREFIXES[SHOP])
    refused("STOPPED", chain.transform, MAKER, {box(3): 0}, {item("A9"): 0})
    chain.pack(MAKER, box(2), action="DELETE", steel=3)
    chain.observe(MAKER, "shipping", box(3), to=PREFIXES[SHOP])


def test_goods_are_stopped_by_proof_alone(chain: Chain) -> None:
    recall = chain.recall(MAKER, lot("steel"))["id"]
    for step in (
        [item("C1"), "made", "urn:example:run", lot("steel")],
        [item("A1"), "made", "urn:example:run", lot("tin")],
        [item("B1"), "made", "urn:example:run", item("A2")],
        [item("A1"), "held", box(1), ""],
        [lot("tin"), "", "", ""],
    ):
        refused("NOT_AFFECTED", chain.tester.invoke, "MarkGoods", recall, {"steps": [step]}, as_=MAKER)
    for wrong in ([], [1], [["x"]], [[1, 2, 3, 4]], [["a"] * 4] * 501, {}):
        refused("INVALID_FIELD", chain.tester.invoke, "MarkGoods", recall, {"steps": wrong}, as_=MAKER)
    stop_all(chain, recall)
    assert chain.tester.evaluate("Read", recall, as_=OFFICE)["marked"] == 3
    stop_all(chain, recall)
    assert chain.tester.evaluate("Read", recall, as_=OFFICE)["marked"] == 3, "nothing counts twice"


def test_a_recalled_container_takes_in_all_that_was_ever_inside(chain: Chain) -> None:
    chain.pack(SHOP, box(1), item("C1"), action="DELETE")
    recall = chain.recall(OFFICE, box(1))["id"]
    steps = [[item("C1"), "held", box(1), ""]]
    chain.tester.invoke("MarkGoods", recall, {"steps": steps}, as_=RIVAL)
    _at_recall(chain)
    refused("STOPPED", chain.observe, SHOP, "retail_selling", item("C1"))


def test_a_recalled_pallet_takes_in_what_is_in_its_boxes(chain: Chain) -> None:
    """However deep: a box of the pallet is itself a whole that is recalled, but not before it was shown to be one."""
    pallet = box(7, PREFIXES[SHOP])
    chain.pack(SHOP, pallet, box(1))
    recall = chain.recall(OFFICE, pallet)["id"]
    inside = [[item("C1"), "held", box(1), ""], [item("A1"), "held", box(1), ""]]
    refused("NOT_AFFECTED", chain.tester.invoke, "MarkGoods", recall, {"steps": inside}, as_=RIVAL)
    found = chain.tester.invoke("MarkGoods", recall, {"steps": [[box(1), "held", pallet, ""], *inside]}, as_=RIVAL)
    assert found["marked"] == 4
    assert chain.good(item("C1"))["marked"] == [recall]


def test_only_the_maker_or_the_authority_recalls(chain: Chain) -> None:
    form = {"goods": lot("steel"), "level": "1", "cause": "x"}
    refused("NOT_YOURS", chain.tester.invoke, "BeginRecall", form, as_=RIVAL)
    refused("FORBIDDEN", chain.tester.invoke, "BeginRecall", form, as_=FALSE_OFFICE)
    refused("NOT_FOUND", chain.tester.invoke, "BeginRecall", {**form, "goods": lot("none")}, as_=OFFICE)


def test_a_recall_ends_when_every_holder_has_reported(chain: Chain) -> None:
    recall = chain.recall(MAKER, lot("steel"))["id"]
    stop_all(chain, recall)
    form = {"holder": "DataBureauMSP/shop", "sample": item("A1"), "count": 1}
    refused("NOT_YOURS", chain.tester.invoke, "SendNotice", recall, form, as_=RIVAL)
    refused("NOT_AFFECTED", chain.tester.invoke, "SendNotice", recall, {**form, "sample": item("C1")}, as_=MAKER)
    notice = chain.tester.invoke("SendNotice", recall, form, as_=MAKER)["id"]
    refused("TAKEN", chain.tester.invoke, "SendNotice", recall, form, as_=OFFICE)
    refused("NOT_REPORTED", chain.tester.invoke, "CloseRecall", recall, "已追回", as_=OFFICE)
    refused("NOT_HOLDER", chain.tester.invoke, "ReportNotice", notice, 1, as_=MAKER)
    refused("INVALID_FIELD", chain.tester.invoke, "ReportNotice", notice, 2, as_=SHOP)
    chain.tester.invoke("ReportNotice", notice, 1, "已下架", as_=SHOP)
    refused("FORBIDDEN", chain.tester.invoke, "CloseRecall", recall, "已追回", as_=MAKER)
    chain.tester.invoke("CloseRecall", recall, "已追回", as_=OFFICE)
    _at_recall(chain)
    refused("STOPPED", chain.observe, SHOP, "retail_selling", box(1))


def test_a_withdrawn_recall_stops_nothing(chain: Chain) -> None:
    recall = chain.recall(MAKER, lot("steel"))["id"]
    stop_all(chain, recall)
    _at_recall(chain)
    refused("FORBIDDEN", chain.tester.invoke, "WithdrawRecall", recall, "误报", as_=MAKER)
    chain.tester.invoke("WithdrawRecall", recall, "误报", as_=OFFICE)
    chain.observe(SHOP, "retail_selling", box(1))
