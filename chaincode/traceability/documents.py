"""An event as it is sent: bounded, read once, checked against EPCIS 2.0's shape, reduced to what goods need."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from chaincode.kit.fields import invalid
from chaincode.traceability.event_hash import event_hash, instant_of
from chaincode.traceability.identifiers import canonical, is_uri
from chaincode.traceability.vocabulary import bare

MOST_BYTES = 65_536
DEEPEST = 24
MOST_GOODS = 1_000
MICRO = 1_000_000
Amounts = dict[str, dict[str, int | None]]
"""Goods with how much of them: unit → millionths; an empty mapping for single things, None for an unknown amount."""

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}\Z", re.ASCII)
_OFFSET = re.compile(r"[+-](0\d|1[0-4]):[0-5]\d\Z", re.ASCII)
_COMMON = {
    "type", "id", "eventID", "eventTime", "eventTimeZoneOffset", "recordTime", "certificationInfo", "errorDeclaration",
    "bizStep", "disposition", "persistentDisposition", "readPoint", "bizLocation", "bizTransactionList", "sourceList",
    "destinationList", "sensorElementList", "@context",
}  # fmt: skip
_KNOWN = {
    "ObjectEvent": {"action", "epcList", "quantityList", "ilmd"},
    "AggregationEvent": {"action", "parentID", "childEPCs", "childQuantityList"},
    "AssociationEvent": {"action", "parentID", "childEPCs", "childQuantityList"},
    "TransactionEvent": {"action", "parentID", "epcList", "quantityList"},
    "TransformationEvent": {
        "inputEPCList", "inputQuantityList", "outputEPCList", "outputQuantityList", "transformationID", "ilmd",
    },
}  # fmt: skip


@dataclass
class Seen:
    """An event as the ledger's goods see it."""

    what: str
    hash: str
    name: str
    at: datetime
    zone: str
    action: str = ""
    step: str = ""
    disposition: str = ""
    place: str = ""
    process: str = ""
    parent: str = ""
    epcs: Amounts = field(default_factory=dict)
    children: Amounts = field(default_factory=dict)
    inputs: Amounts = field(default_factory=dict)
    outputs: Amounts = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    destinations: tuple[str, ...] = ()
    declares_error: bool = False

    def goods(self) -> dict[str, Any]:
        """What the record says of goods."""
        found: dict[str, Any] = {"parent": self.parent} if self.parent else {}
        for name in ("epcs", "children", "inputs", "outputs"):
            if amounts := getattr(self, name):
                found[name] = {one: told(amount) for one, amount in amounts.items()}
        return found


def told(amount: Mapping[str, int | None]) -> str:
    """An amount as records keep it: "" for a single thing, "12.5 KGM", "? " for an unknown one."""
    for unit, number in amount.items():
        return f"{plain(number)} {unit}".rstrip()
    return ""


def plain(number: int | None) -> str:
    """Millionths as people write them."""
    return "?" if number is None else format((Decimal(number) / MICRO).normalize(), "f")


def parse(data: bytes, most: int = MOST_BYTES, deepest: int = DEEPEST) -> Any:
    """JSON out of hostile bytes: bounded in size and depth, no name twice, no NaN."""
    if len(data) > most:
        invalid("event", f"is larger than {most} bytes")
    deep = low = 0
    for part in re.findall(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', data):
        low += part in (b"[", b"{")
        low -= part in (b"]", b"}")
        deep = max(deep, low)
    if deep > deepest:
        invalid("event", f"is nested deeper than {deepest} levels")
    try:
        found = json.loads(data.decode(), object_pairs_hook=_once, parse_constant=_no_constant)
        if re.search(rb"\\u[dD][89a-fA-F]", data):
            json.dumps(found, ensure_ascii=False).encode()  # half a character is no text
        return found
    except (ValueError, RecursionError):
        invalid("event", "is not JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        invalid("event", "says one name twice")
    return dict(pairs)


def _no_constant(_: str) -> Any:
    raise ValueError


def read(data: bytes) -> Seen:
    """An event with the namespaces of its document: `{"namespaces": {…}, "event": {…}}`. INVALID_FIELD otherwise."""
    sent = parse(data)
    if not isinstance(sent, dict) or set(sent) != {"namespaces", "event"} or not isinstance(sent["event"], dict):
        invalid("event", "must be an object with namespaces and event")
    namespaces, event = sent["namespaces"], sent["event"]
    if not isinstance(namespaces, dict) or not all(_NAME.match(one) and is_uri(uri) for one, uri in namespaces.items()):
        invalid("namespaces", "must be prefixes with URIs")
    what = event.get("type")
    if not isinstance(what, str) or what not in _KNOWN:
        invalid("type", f"must be one of {', '.join(sorted(_KNOWN))}")
    for name in event:
        if name not in _COMMON | _KNOWN[what] and ":" not in name:
            invalid(name[:64], "is not known")
    seen = Seen(what, "", _event_id(event), _time(event), _zone(event))
    seen.action = "" if what == "TransformationEvent" else _action(event)
    seen.step, seen.disposition = (bare(_text(event, name)) for name in ("bizStep", "disposition"))
    seen.place = _place(event, "readPoint") or _place(event, "bizLocation")
    seen.sources, seen.destinations = _parties(event, "source"), _parties(event, "destination")
    seen.declares_error = "errorDeclaration" in event
    _read_goods(seen, event)
    for name in ("persistentDisposition", "errorDeclaration", "ilmd"):
        if not isinstance(event.get(name, {}), dict):
            invalid(name, "must be an object")
    for name in ("sensorElementList", "bizTransactionList"):
        _objects(event, name)
    seen.hash = event_hash(event, namespaces)
    return seen


def _read_goods(seen: Seen, event: Mapping[str, Any]) -> None:
    if seen.what == "TransformationEvent":
        seen.inputs = _goods(event, "inputEPCList", "inputQuantityList")
        seen.outputs = _goods(event, "outputEPCList", "outputQuantityList")
        seen.process = _one(event, "transformationID")
        if not (seen.inputs and seen.outputs) and not seen.process:
            invalid("inputEPCList", "inputs and outputs are needed, or a transformationID")
        if twice := sorted(set(seen.inputs) & set(seen.outputs)):
            invalid("outputEPCList", f"{twice[0]} is made of itself")
    elif seen.what in ("AggregationEvent", "AssociationEvent"):
        seen.parent = _one(event, "parentID")
        seen.children = _goods(event, "childEPCs", "childQuantityList")
        if not seen.parent and seen.action != "OBSERVE":
            invalid("parentID", "is missing")
        if seen.parent in seen.children:
            invalid("childEPCs", "a container is not in itself")
    else:
        seen.parent = _one(event, "parentID")
        seen.epcs = _goods(event, "epcList", "quantityList")
    found = [*seen.epcs, *seen.children, *seen.inputs, *seen.outputs]
    if not (found or seen.parent or "sensorElementList" in event):
        invalid("epcList", "is missing")
    if len(found) > MOST_GOODS:
        invalid("epcList", f"an event names at most {MOST_GOODS} goods")


def _text(event: Mapping[str, Any], name: str) -> str:
    value = event.get(name, "")
    if not isinstance(value, str) or len(value) > 200:
        invalid(name, "must be text")
    return value


def _event_id(event: Mapping[str, Any]) -> str:
    name = event.get("eventID", "")
    if name != "" and not is_uri(name):
        invalid("eventID", "must be a URI")
    return str(name)


def _time(event: Mapping[str, Any]) -> datetime:
    try:
        return instant_of(_text(event, "eventTime"))
    except ValueError:
        invalid("eventTime", "must be a time with its zone such as 2026-01-31T08:00:00.000+08:00")


def _zone(event: Mapping[str, Any]) -> str:
    zone = _text(event, "eventTimeZoneOffset")
    if not _OFFSET.match(zone):
        invalid("eventTimeZoneOffset", "must be an offset such as +08:00")
    return zone


def _action(event: Mapping[str, Any]) -> str:
    action = event.get("action")
    if action not in ("ADD", "OBSERVE", "DELETE"):
        invalid("action", "must be one of ADD, DELETE, OBSERVE")
    return str(action)


def _place(event: Mapping[str, Any], name: str) -> str:
    value = event.get(name)
    if value is None:
        return ""
    if not isinstance(value, dict) or not is_uri(value.get("id")):
        invalid(name, "must be an object with the URI of a place as id")
    return canonical(value["id"])


def _one(event: Mapping[str, Any], name: str) -> str:
    value = event.get(name)
    if value is None:
        return ""
    if not is_uri(value):
        invalid(name, "must be a URI")
    return canonical(value)


def _objects(event: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    value = event.get(name, [])
    if not isinstance(value, list) or len(value) > MOST_GOODS or not all(isinstance(one, dict) for one in value):
        invalid(name, f"must be a list of 0 to {MOST_GOODS} objects")
    return iter(value)


def _parties(event: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Who had or gets goods, the one with their possession first."""
    found: dict[str, str] = {}
    for one in _objects(event, f"{name}List"):
        if not is_uri(one.get(name)) or not isinstance(one.get("type"), str):
            invalid(f"{name}List", f"each needs a type and the URI of a {name}")
        found.setdefault(bare(one["type"]), canonical(one[name]))
    return tuple(found[one] for one in ("possessing_party", "owning_party") if one in found)


def _goods(event: Mapping[str, Any], epcs: str, quantities: str) -> Amounts:
    found: Amounts = {}
    names = event.get(epcs, [])
    if not isinstance(names, list) or not all(is_uri(one) for one in names):
        invalid(epcs, "must be a list of URIs")
    for name in names:
        _add(found, epcs, canonical(name), {})
    for one in _objects(event, quantities):
        if not is_uri(one.get("epcClass")):
            invalid(quantities, "each needs the URI of an epcClass")
        _add(found, quantities, canonical(one["epcClass"]), _amount(one, quantities))
    return found


def _add(found: Amounts, where: str, name: str, amount: dict[str, int | None]) -> None:
    if name in found:
        invalid(where, f"{name} stands there twice")
    found[name] = amount


def _amount(element: Mapping[str, Any], where: str) -> dict[str, int | None]:
    unit, number = element.get("uom", ""), element.get("quantity")
    if not isinstance(unit, str) or (unit and not re.fullmatch(r"[A-Z0-9]{2,3}", unit)):
        invalid(where, "uom must be a code of UN/CEFACT Recommendation 20")
    if number is None:
        return {unit: None}
    try:
        exact = Decimal(str(number)) * MICRO
        whole = int(exact)
        if isinstance(number, bool | str) or exact != whole or not 0 < whole <= 10**18:
            raise ValueError
    except (ValueError, InvalidOperation, OverflowError):
        invalid(where, "quantity must be a number above 0 with six decimals at most")
    return {unit: whole}
