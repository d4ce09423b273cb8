"""The EPCIS event hash ID: one name for the content of an event, however it is written.

CBV 2.0 section 8.9 (`ni:///sha-256;…?ver=CBV2.0`). Where the text leaves room, in the order of business transactions
and in what is left over of sensor elements, this follows the published generator library 1.9.3, so that what two
companies compute is equal. An event is read as nodes (name, text, nodes below), as its XML would have them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from chaincode.traceability.identifiers import canonical
from chaincode.traceability.vocabulary import expanded

Node = tuple[Any, str, list[Any]]
Order = Sequence[tuple[str, Any]]

_ELEMENT: Order = (("epcClass", None), ("quantity", None), ("uom", None))
_EPCS: Order = (("epc", None),)
_QUANTITIES: Order = (("quantityElement", _ELEMENT),)
_DEVICE = ("deviceID", "deviceMetadata", "rawData", "dataProcessingMethod")
_METADATA = ("time", "startTime", "endTime", *_DEVICE, "bizRules")
_REPORT = ("type", "exception", *_DEVICE, "time", "microorganism", "chemicalSubstance", "value", "component",
           "stringValue", "booleanValue", "hexBinaryValue", "uriValue", "minValue", "maxValue", "meanValue", "sDev",
           "percRank", "percValue", "uom", "coordinateReferenceSystem")  # fmt: skip
_ORDER: Order = (
    ("eventTime", None),
    ("eventTimeZoneOffset", None),
    ("certificationInfo", None),
    ("parentID", None),
    ("epcList", _EPCS),
    ("inputEPCList", _EPCS),
    ("childEPCs", _EPCS),
    ("quantityList", _QUANTITIES),
    ("childQuantityList", _QUANTITIES),
    ("inputQuantityList", _QUANTITIES),
    ("outputEPCList", _EPCS),
    ("outputQuantityList", _QUANTITIES),
    ("action", None),
    ("transformationID", None),
    ("bizStep", None),
    ("disposition", None),
    ("persistentDisposition", (("set", None), ("unset", None))),
    ("readPoint", (("id", None),)),
    ("bizLocation", (("id", None),)),
    (
        "sensorElementList",
        ((
            "sensorElement",
            (
                ("sensorMetadata", [(one, None) for one in _METADATA]),
                ("sensorReport", [(one, None) for one in _REPORT]),
            ),
        ),),
    ),
)  # fmt: skip
_IGNORED = frozenset({"recordTime", "eventID", "type", "errorDeclaration"})
_COMMENTS = frozenset({"#text", "rdfs:comment", "comment"})
_PAIRS = ("sourceList", "destinationList", "bizTransactionList")
_UNSORTED = ("bizTransaction", "source", "destination")
_TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)\Z", re.ASCII)


def event_hash(event: Mapping[str, Any], namespaces: Mapping[str, str]) -> str:
    """The hash ID of an event as JSON has it; `namespaces` are the prefixes that its document declares."""
    return f"ni:///sha-256;{hashlib.sha256(prehash(event, namespaces).encode()).hexdigest()}?ver=CBV2.0"


def prehash(event: Mapping[str, Any], namespaces: Mapping[str, str]) -> str:
    """The text that is hashed."""
    name, _, nodes = _shaped(_node(expanded(event), namespaces))
    ordered = _in_order(nodes, _ORDER)
    rest = [one for one in nodes if one[0] not in _IGNORED]
    return f"eventType={name}{ordered}{_generic(rest) if rest else ''}"


def instant_of(text: str) -> datetime:
    """A point in time with its zone (xsd:dateTimeStamp), to the millisecond, as UTC; ValueError otherwise."""
    found = _TIME.match(text)
    if found is None:
        raise ValueError(text)
    *parts, fraction, zone = found.groups()
    micro = round(int((fraction or "0")[:6].ljust(6, "0")), -3)
    hours, minutes = (0, 0) if zone == "Z" else (int(zone[1:3]), int(zone[4:]))
    if hours > 14 or minutes > 59:
        raise ValueError(text)
    offset = timedelta(hours=hours, minutes=minutes) * (-1 if zone[0] == "-" else 1)
    try:
        year, month, day, hour, minute, second = (int(one) for one in parts)
        local = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        return local + timedelta(microseconds=micro) - offset
    except OverflowError as error:
        raise ValueError(text) from error


def utc(moment: datetime) -> str:
    """A point in time as it is hashed and kept."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def _node(value: Any, namespaces: Mapping[str, str]) -> Node:
    if isinstance(value, list):
        return "", "", sorted(_node(one, namespaces) for one in value)
    if not isinstance(value, dict):
        return "", str(_named(value, namespaces) if isinstance(value, str) else value), []
    nodes: list[Node] = []
    for key, below in value.items():
        if key in _COMMENTS:
            continue
        prefix, colon, local = key.partition(":")
        name = f"{{{namespaces[prefix]}}}{local}" if colon and prefix in namespaces else key
        found = _node(below, namespaces)
        if isinstance(below, list):
            nodes += [(name, text, more) for _, text, more in found[2]]
        else:
            nodes.append((name, found[1], found[2]))
    if not any(one in value for one in _UNSORTED):
        nodes.sort()
    return str(value.get("type", "")), str(value.get("#text", "")), nodes


def _named(text: str, namespaces: Mapping[str, str]) -> str:
    prefix, colon, local = text.partition(":")
    return namespaces[prefix] + local if colon and prefix in namespaces else text


def _shaped(node: Node) -> Node:
    """JSON leaves out elements that XML has between a list and its members, and calls some otherwise."""
    name, text, nodes = node
    plain: list[Node] = []
    lists: dict[str, list[Any]] = {}
    for one in nodes:
        if one[0].endswith("List"):
            member = tuple(pair[:2] for pair in one[2][:2]) if one[0] in _PAIRS else (one[0][:-4], one[1], one[2])
            lists.setdefault(one[0], []).append(member)
        elif one[0] == "childEPCs":
            lists.setdefault("childEPCs", []).append(("epc", one[1], []))
        else:
            plain.append(one)
    below = [_shaped(one) for one in plain]
    for key, members in lists.items():
        whole: Node = (key, "", members)
        below.append(whole if key in _PAIRS else _shaped(whole))
    if name in ("inputEPC", "outputEPC"):
        name = "epc"
    elif name in ("inputQuantity", "outputQuantity", "childQuantity") or (name == "quantity" and below):
        name = "quantityElement"
    return name, text, below


def _in_order(nodes: list[Node], order: Order) -> str:
    """The known elements in their order; what was said is taken out of `nodes`, so that the rest remains."""
    own = _extensions(nodes)
    said = ""
    for name, below in order:
        found = []
        for one in [one for one in nodes if one[0] == name]:
            inner = _in_order(one[2], below) if below else ""
            text = one[1].strip()
            if text:
                moment = "time" in name.lower() and "offset" not in name.lower()
                text = f"={_moment(text) if moment else _value(text)}"
            if text or inner:
                found.append(f"{name}{text}{inner}")
            if not one[2]:
                nodes.remove(one)
        said += "".join(sorted(found))
    return said + (_generic(own) if own else "")


def _extensions(nodes: list[Node]) -> list[Node]:
    """A company's own elements inside a standard one, taken out of it; those of the event itself come at the end."""
    if len(nodes) <= 1 or any("eventTime" in one[0] or "action" in one[0] for one in nodes):
        return []
    own = [one for one in nodes if "{" in one[0] and "/}" in one[0]]
    for one in own:
        nodes.remove(one)
    return own


def _generic(nodes: Sequence[Any]) -> str:
    found = []
    for one in nodes:
        if not one or isinstance(one[0], tuple):
            found.append("".join(f"{name}{_said(text)}" for name, text in one))
        else:
            found.append(f"{one[0]}{_said(one[1])}{_generic(one[2])}")
    return "".join(sorted(found))


def _said(text: str) -> str:
    text = text.strip()
    return f"={_value(text)}" if text else ""


def _moment(text: str) -> str:
    try:
        return utc(instant_of(text))
    except ValueError:
        return text


_URNS = (("urn:epcglobal:cbv:bizstep:", "BizStep-"), ("urn:epcglobal:cbv:disp:", "Disp-"),
         ("urn:epcglobal:cbv:btt:", "BTT-"), ("urn:epcglobal:cbv:sdt:", "SDT-"),
         ("urn:epcglobal:cbv:er:", "ER-"))  # fmt: skip


def _value(text: str) -> str:
    for urn, name in _URNS:
        text = text.replace(urn, f"https://ref.gs1.org/cbv/{name}")
    try:
        number = float(text)
        return str(int(number)) if number == int(number) else str(number)
    except (ValueError, OverflowError):
        return canonical(text)
