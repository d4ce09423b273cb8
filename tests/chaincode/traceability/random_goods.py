"""Random supply chains as EPCIS events, and a reference walk over the events alone.

The walk knows nothing of the contract or its index: it plays the events in their order, keeps what is in what, and
says which goods a recall takes in by going round until nothing is added.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.chaincode.traceability.chain import box, item, lot

Event = Mapping[str, Any]


class Industry:
    """Makes valid events one after the other: lots and things are made, used, packed, unpacked, used with their box."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.lots: list[str] = []
        self.things: list[str] = []
        self.boxes: dict[str, list[str]] = {}
        self.made = 0

    def events(self, count: int) -> Iterator[dict[str, Any]]:
        """`count` events, without their times."""
        for _ in range(count):
            yield self.chance.choices(
                (self._raw, self._work, self._pack, self._unpack, self._use_box), (2, 10, 4, 2, 1 if self.boxes else 0)
            )[0]()

    def _name(self) -> tuple[str, bool]:
        self.made += 1
        is_lot = self.chance.random() < 0.4
        return (lot if is_lot else item)(f"N{self.made}"), is_lot

    def _raw(self) -> dict[str, Any]:
        name, is_lot = self._name()
        (self.lots if is_lot else self.things).append(name)
        goods = {"quantityList": [{"epcClass": name, "quantity": 10**6}]} if is_lot else {"epcList": [name]}
        return {"type": "ObjectEvent", "action": "ADD", "bizStep": "commissioning", **goods}

    def _inputs(self) -> dict[str, Any]:
        lots = self._some(self.lots[-60:], 2)
        things = self._some(self.things[-60:], 2)
        for one in things:
            self.things.remove(one)
        found: dict[str, Any] = {}
        if lots:
            found["inputQuantityList"] = [{"epcClass": one, "quantity": 1} for one in lots]
        if things:
            found["inputEPCList"] = things
        return found

    def _outputs(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for _ in range(self.chance.randint(1, 3)):
            name, is_lot = self._name()
            if is_lot:
                self.lots.append(name)
                found.setdefault("outputQuantityList", []).append({"epcClass": name, "quantity": 10**6})
            else:
                self.things.append(name)
                found.setdefault("outputEPCList", []).append(name)
        return found

    def _work(self) -> dict[str, Any]:
        inputs = self._inputs()
        if not inputs:
            return self._raw()
        event = {"type": "TransformationEvent", "bizStep": "assembling", **inputs, **self._outputs()}
        if self.chance.random() < 0.2:
            event["transformationID"] = f"urn:example:run-{self.made}"
        return event

    def _pack(self) -> dict[str, Any]:
        inside = self._some(self.things[-40:], 4)
        if self.boxes and self.chance.random() < 0.3:
            inside += self._some(self._free()[-10:], 1)
        if not inside:
            return self._raw()
        self.made += 1
        container = box(self.made)
        for one in inside:
            if one in self.things:
                self.things.remove(one)
            self._drop(one)
        self.boxes[container] = list(inside)
        return {"type": "AggregationEvent", "action": "ADD", "bizStep": "packing", "parentID": container,
                "childEPCs": inside}  # fmt: skip

    def _drop(self, name: str) -> None:
        """A box in another box is no longer named by itself."""
        if name in self.boxes:
            self.boxes[f"in {name}"] = self.boxes.pop(name)

    def _free(self) -> list[str]:
        return [one for one in self.boxes if not one.startswith("in ")]

    def _unpack(self) -> dict[str, Any]:
        if not self._free():
            return self._raw()
        container = self.chance.choice(self._free())
        out = self._some(self.boxes[container], 2) or self.boxes[container][:1]
        if not out:
            return self._raw()
        for one in out:
            self.boxes[container].remove(one)
            if f"in {one}" in self.boxes:
                self.boxes[one] = self.boxes.pop(f"in {one}")
            else:
                self.things.append(one)
        return {"type": "AggregationEvent", "action": "DELETE", "bizStep": "unpacking", "parentID": container,
                "childEPCs": out}  # fmt: skip

    def _use_box(self) -> dict[str, Any]:
        if not self._free():
            return self._raw()
        container = self.chance.choice(self._free())
        self._forget(container)
        return {"type": "TransformationEvent", "bizStep": "assembling", "inputEPCList": [container], **self._outputs()}

    def _forget(self, name: str) -> None:
        for one in self.boxes.pop(name, None) or self.boxes.pop(f"in {name}", []):
            self._forget(one)

    def _some(self, among: Sequence[str], most: int) -> list[str]:
        return self.chance.sample(list(among), min(len(among), self.chance.randint(0, most)))


def reference(events: Sequence[Event], start: str) -> tuple[set[str], set[str]]:
    """What a recall of `start` takes in, and which containers hold some of it at the end."""
    inside: dict[str, set[str]] = {}
    ever: dict[str, set[str]] = {}
    work: list[tuple[str, set[str], set[str]]] = []
    for number, event in enumerate(events):
        if event["type"] == "AggregationEvent":
            children, parent = set(event["childEPCs"]), event["parentID"]
            if event["action"] == "ADD":
                inside.setdefault(parent, set()).update(children)
                ever.setdefault(parent, set()).update(children)
            else:
                inside[parent] -= children
        elif event["type"] == "TransformationEvent":
            used = _named(event, "input")
            for name in list(used):
                used |= _emptied(inside, name)
            work.append((event.get("transformationID", str(number)), used, _named(event, "output")))
    affected = {start}
    affected |= _whole(ever, start)
    grew = True
    while grew:
        before = len(affected)
        hit = {process for process, used, _ in work if used & affected}
        for process, _, made in work:
            if process in hit:
                affected |= made
        grew = len(affected) > before
    holding: set[str] = set()
    while more := {parent for parent, children in inside.items() if children & (affected | holding)} - holding:
        holding |= more
    return affected, holding - affected


def _whole(ever: Mapping[str, set[str]], start: str) -> set[str]:
    found, edge = {start}, [start]
    while edge:
        for one in ever.get(edge.pop(), ()):
            if one not in found:
                found.add(one)
                edge.append(one)
    return found


def _emptied(inside: dict[str, set[str]], name: str) -> set[str]:
    found = inside.pop(name, set())
    for one in list(found):
        found |= _emptied(inside, one)
    return found


def _named(event: Event, which: str) -> set[str]:
    lots = {one["epcClass"] for one in event.get(f"{which}QuantityList", ())}
    return lots | set(event.get(f"{which}EPCList", ()))
