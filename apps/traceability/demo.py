"""The demonstration: steel, brakes and electric bicycles of four sample enterprises, and the recall of a heat of steel.

Everything here is a sample. A ledger that has it already is left alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from apps.traceability import epcis
from apps.traceability.application import ENTERPRISE
from apps.traceability.service import TraceabilityService, build_service
from apps.traceability.words import short
from baas.applications import DemoTold
from baas.errors import Text
from baas.jobs import JobContext
from chaincode.traceability.identifiers import check_digit
from chaincode.traceability.kinds import Enterprise, Readings, Recall
from fabric_sdk import clock

if TYPE_CHECKING:
    from baas.applications import DemoOptions
    from baas.platform import Platform

CHINA = timezone(timedelta(hours=8))
STEEL, PARTS, BIKES, SHOP = "6900001", "6900002", "6900003", "6900004"
NAMES = {STEEL: "样例钢铁", PARTS: "样例制动部件", BIKES: "样例电动车", SHOP: "样例商行"}
NAMES_EN = {STEEL: "steel", PARTS: "brakes", BIKES: "bikes"}


def lot(prefix: str, name: str) -> str:
    """A lot's GS1 Digital Link."""
    digits = f"0{prefix}00101"
    return f"https://id.gs1.org/01/{digits}{check_digit(digits)}/10/{name}"


def item(prefix: str, serial: str) -> str:
    """A single thing's GS1 Digital Link."""
    digits = f"0{prefix}00202"
    return f"https://id.gs1.org/01/{digits}{check_digit(digits)}/21/{serial}"


def pallet(prefix: str, number: int) -> str:
    """A logistic unit's EPC URI."""
    return f"urn:epc:id:sscc:{prefix}.0{number:09d}"


def party(prefix: str) -> str:
    """An enterprise's EPC URI."""
    return f"urn:epc:id:pgln:{prefix}.00000"


RECALLED = lot(STEEL, "H-2611")


class _Day:
    """Events of the sample days, each some minutes after the one before."""

    def __init__(self) -> None:
        self._at = clock.now().astimezone(CHINA).replace(microsecond=0) - timedelta(days=3)

    def event(self, what: str, step: str, minutes: int = 45, **fields: Any) -> dict[str, Any]:
        self._at += timedelta(minutes=minutes)
        return {"type": what, "eventTime": self._at.isoformat(), "eventTimeZoneOffset": "+08:00", **fields,
                "bizStep": step}  # fmt: skip

    def made(self, name: str, amount: float, unit: str) -> dict[str, Any]:
        """A lot comes into being."""
        return self.event(
            "ObjectEvent", "creating_class_instance", action="ADD", quantityList=_some((name, amount, unit))
        )

    def moved(self, start: str, end: str, **goods: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Goods are shipped and received."""
        sides: dict[str, Any] = {
            "sourceList": [{"type": "possessing_party", "source": party(start)}],
            "destinationList": [{"type": "possessing_party", "destination": party(end)}],
        }
        sent = self.event("ObjectEvent", "shipping", action="OBSERVE", disposition="in_transit", **goods, **sides)
        return sent, self.event(
            "ObjectEvent", "receiving", action="OBSERVE", disposition="in_progress", **goods, **sides
        )

    @property
    def now(self) -> datetime:
        return self._at


def _some(*amounts: tuple[str, float, str]) -> list[dict[str, Any]]:
    return [{"epcClass": name, "quantity": number, "uom": unit} for name, number, unit in amounts]


def story() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Who captures which events, in their order."""
    day, heats = _Day(), [RECALLED, lot(STEEL, "H-2612")]
    yield STEEL, [day.made(heat, 1200, "KGM") for heat in heats]
    for heat in heats:
        sent, received = day.moved(STEEL, PARTS, quantityList=_some((heat, 800, "KGM")))
        yield STEEL, [sent]
        yield PARTS, [received]
    brakes = [lot(PARTS, "B-01"), lot(PARTS, "B-02"), lot(PARTS, "B-03")]
    for brake, heat, used in zip(brakes, (heats[0], heats[1], heats[1]), (300, 280, 200), strict=True):
        yield PARTS, [day.event("TransformationEvent", "commissioning",
                                inputQuantityList=_some((heat, used, "KGM")),
                                outputQuantityList=_some((brake, used * 2, "EA")),
                                ilmd={"cbvmda:lotNumber": short(brake)})]  # fmt: skip
    for brake in brakes[:2]:
        sent, received = day.moved(PARTS, BIKES, quantityList=_some((brake, 200, "EA")))
        yield PARTS, [sent]
        yield BIKES, [received]
    frames = lot(BIKES, "F-09")
    yield BIKES, [day.made(frames, 60, "EA")]
    bikes = [item(BIKES, f"E{number:03d}") for number in range(1, 9)]
    for number, bike in enumerate(bikes):
        parts = _some((brakes[number // 5], 2, "EA"), (frames, 1, "EA"))
        yield BIKES, [day.event("TransformationEvent", "assembling", 10, inputQuantityList=parts, outputEPCList=[bike])]
    pallets = [pallet(BIKES, 1), pallet(BIKES, 2)]
    for place, inside in zip(pallets, (bikes[:4], bikes[4:]), strict=True):
        yield BIKES, [day.event("AggregationEvent", "packing", action="ADD", parentID=place, childEPCs=inside)]
    sent, received = day.moved(BIKES, SHOP, epcList=pallets)
    yield BIKES, [sent]
    yield SHOP, [received, day.event("AggregationEvent", "unpacking", action="DELETE", parentID=pallets[0],
                                     childEPCs=bikes[:2]),
                 day.event("ObjectEvent", "retail_selling", action="OBSERVE", disposition="retail_sold",
                           epcList=[bikes[1]])]  # fmt: skip


def run(platform: Platform, network: str, _options: DemoOptions, ctx: JobContext) -> dict[str, Any]:
    """Admit the enterprises, capture their events, recall a heat of steel. Answers what is there then."""
    with build_service(platform, network) as service:
        if not service.all(Enterprise):
            _live(service, ctx)
        service.sync()
        recalls = service.all(Recall)
        stopped = sum(Recall.marked[one] for one in recalls)
        return {"traceability": {**service.index.counts(), "recalls": len(recalls), "stopped": stopped}}


def _live(service: TraceabilityService, ctx: JobContext) -> None:
    people = {prefix: _person(service, prefix) for prefix in NAMES}
    for prefix, name in NAMES.items():
        made = service.do(Enterprise.apply, {"name": name, "company": prefix}, signer=people[prefix]).value
        service.do(Enterprise.admit, on=made["id"])
    for number, (prefix, events) in enumerate(story()):
        ctx.check_cancelled()
        ctx.progress(number, 0, Text("采集样例事件", "Capture sample events"))
        body = json.dumps(epcis.document(events)).encode()
        service.capture(body, signer=people[prefix], ctx=ctx)
    moment = clock.now().astimezone(CHINA).replace(microsecond=0)
    reading = {
        "goods": RECALLED, "sort": "inspection", "quantity": "拉伸强度", "unit": "MPa", "readings": 12,
        "lowest": "488", "highest": "611", "first": (moment - timedelta(hours=2)).isoformat(),
        "last": (moment - timedelta(hours=1)).isoformat(), "result": "failed", "sha256": "5a" * 32,
    }  # fmt: skip
    service.do(Readings.record, reading, signer=service.signer_for("trace_inspector"))
    cause = "拉伸强度低于 520 MPa，制动部件可能断裂。样例。"
    form = {"goods": RECALLED, "level": "1", "cause": cause}
    recall = service.do(Recall.begin, form, signer=people[STEEL]).value["id"]
    service.stop(recall, signer=people[STEEL], ctx=ctx)
    service.tell(recall, signer=people[STEEL])
    company = {"name": "样例轮胎", "company": "6900005"}
    service.do(Enterprise.apply, company, signer=people[PARTS])


def _person(service: TraceabilityService, prefix: str) -> str:
    """Who captures for an enterprise; the owner's own enterprise is the shop."""
    if prefix == SHOP:
        return service.signer_for(str(ENTERPRISE))
    people = next(one for one in service.manifest.people if one.role == ENTERPRISE)
    return service.platform.identities.ensure(
        people.msp_of(service.ledger.spec), f"sample-{NAMES_EN[prefix]}", str(ENTERPRISE), network=service.network
    )


def told(result: Mapping[str, Any]) -> DemoTold:
    """What the demonstration did, for people."""
    found: Mapping[str, Any] = result.get("traceability") or {}
    if not found:
        return DemoTold()
    lines: Sequence[tuple[Text, Text | str]] = [
        (Text("采集的事件", "Events captured"), f"{found['events']:,}"),
        (Text("货物", "Goods"), f"{found['goods']:,}"),
        (Text("召回停止流通的货物", "Goods stopped by recalls"), f"{found['stopped']:,}"),
    ]
    return DemoTold(lines=lines)
