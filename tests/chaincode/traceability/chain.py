"""A configured contract on a memory ledger, enterprises of a supply chain, and their events."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from chaincode.traceability.contract import TraceabilityContract
from chaincode.traceability.identifiers import check_digit
from fabric_sdk.chaincode.testing import Client, ContractTester, client

NOW = datetime(2026, 3, 1, 4, tzinfo=UTC)
MAKER = client("DataBureauMSP", "maker", role="trace_enterprise")
SHOP = client("DataBureauMSP", "shop", role="trace_enterprise")
RIVAL = client("DataBureauMSP", "rival", role="trace_enterprise")
GUEST = client("DataBureauMSP", "guest", role="trace_enterprise")
OFFICE = client("HealthMSP", "office", role="trace_authority")
INSPECTOR = client("HealthMSP", "inspector", role="trace_inspector")
FALSE_OFFICE = client("DataBureauMSP", "false", role="trace_authority")
ADMIN = client("HealthMSP", "admin", ou="admin")
SETTINGS = {
    "office_msp": "HealthMSP",
    "roles": {
        "trace_enterprise": ["DataBureauMSP"],
        "trace_authority": ["HealthMSP"],
        "trace_inspector": ["HealthMSP"],
    },
}
PREFIXES = {MAKER: "0614141", SHOP: "4012345", RIVAL: "9506000"}


def gtin(prefix: str, reference: str = "07346") -> str:
    digits = f"1{prefix}{reference}"
    return digits + check_digit(digits)


def lot(name: str, prefix: str = "0614141") -> str:
    return f"https://id.gs1.org/01/{gtin(prefix)}/10/{name}"


def item(serial: str, prefix: str = "0614141") -> str:
    return f"https://id.gs1.org/01/{gtin(prefix)}/21/{serial}"


def box(number: int, prefix: str = "0614141") -> str:
    digits = f"1{prefix}{number:09d}"
    return f"https://id.gs1.org/00/{digits}{check_digit(digits)}"


def party(prefix: str) -> str:
    digits = f"{prefix}00001"
    return f"https://id.gs1.org/417/{digits}{check_digit(digits)}"


def amounts(found: Mapping[str, float]) -> list[dict[str, Any]]:
    return [{"epcClass": name, "quantity": number, "uom": "KGM"} for name, number in found.items()]


class Chain:
    """A ledger with three admitted enterprises; each event is a minute after the one before."""

    def __init__(self, **settings: Any) -> None:
        self.tester = ContractTester(TraceabilityContract(clock=lambda: self.tester.now))
        self.tester.now = NOW
        self.at = NOW - timedelta(days=7)
        self.tester.invoke("Configure", {**SETTINGS, **settings}, as_=ADMIN)
        self.enterprises = {who: self.admit(who, prefix) for who, prefix in PREFIXES.items()}

    def admit(self, who: Client, prefix: str) -> dict[str, Any]:
        made = self.tester.invoke("ApplyEnterprise", {"name": who.name, "company": prefix}, as_=who)
        return dict(self.tester.invoke("AdmitEnterprise", made["id"], as_=OFFICE))

    def event(self, what: str, **fields: Any) -> dict[str, Any]:
        self.at += timedelta(minutes=1)
        at = self.at.astimezone(UTC).isoformat(timespec="milliseconds")
        return {"type": what, "eventTime": at, "eventTimeZoneOffset": "+08:00", **fields}

    def capture(self, who: Client, *events: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Capture events in one call, as the service does."""
        return self.send(who, self.bodies(events).values())

    @staticmethod
    def bodies(events: Iterable[Mapping[str, Any]]) -> dict[str, bytes]:
        """Events as they are sent, by their hash."""
        found = [json.dumps({"namespaces": {}, "event": one}).encode() for one in events]
        return {hashlib.sha256(one).hexdigest(): one for one in found}

    def send(self, who: Client, bodies: Iterable[bytes]) -> list[dict[str, Any]]:
        sent = {hashlib.sha256(one).hexdigest(): one for one in bodies}
        forms = [{"sha256": one} for one in sent]
        return list(self.tester.invoke("CaptureEvents", forms, as_=who, transient=sent))

    # -- what happens -------------------------------------------------------------------------------
    def make(self, who: Client, *names: str, **lots: float) -> None:
        """Commission things, or lots with an amount each (by `lot(name)`)."""
        more = {lot(name, PREFIXES.get(who, "0614141")): number for name, number in lots.items()}
        fields: dict[str, Any] = {"epcList": list(names)} if names else {}
        if more:
            fields["quantityList"] = amounts(more)
        self.capture(who, self.event("ObjectEvent", action="ADD", bizStep="commissioning", **fields))

    def transform(
        self, who: Client, used: Mapping[str, float], made: Mapping[str, float], **more: Any
    ) -> dict[str, Any]:
        """Use things (amount 0) and lots, make things and lots."""
        fields: dict[str, Any] = dict(more)
        for word, goods in (("input", used), ("output", made)):
            if things := [name for name, number in goods.items() if not number]:
                fields[f"{word}EPCList"] = things
            if lots := {name: number for name, number in goods.items() if number}:
                fields[f"{word}QuantityList"] = amounts(lots)
        return self.capture(who, self.event("TransformationEvent", **fields))[0]

    def pack(self, who: Client, container: str, *names: str, action: str = "ADD", **lots: float) -> None:
        fields: dict[str, Any] = {"childEPCs": list(names)} if names else {}
        if lots:
            fields["childQuantityList"] = amounts({lot(name): number for name, number in lots.items()})
        self.capture(who, self.event("AggregationEvent", action=action, parentID=container, **fields))

    def observe(self, who: Client, step: str, *names: str, to: str = "", **lots: float) -> dict[str, Any]:
        fields: dict[str, Any] = {"epcList": list(names)} if names else {}
        if lots:
            fields["quantityList"] = amounts({lot(name): number for name, number in lots.items()})
        if to:
            fields["destinationList"] = [{"type": "possessing_party", "destination": party(to)}]
        return self.capture(who, self.event("ObjectEvent", action="OBSERVE", bizStep=step, **fields))[0]

    def hand_over(self, seller: Client, buyer: Client, *names: str, **lots: float) -> None:
        self.observe(seller, "shipping", *names, to=PREFIXES[buyer], **lots)
        self.observe(buyer, "receiving", *names, **lots)

    def goods(self, *names: str) -> list[dict[str, Any]]:
        return list(self.tester.evaluate("ReadGoods", list(names), as_=OFFICE))

    def good(self, name: str) -> dict[str, Any]:
        return self.goods(name)[0]

    def recall(self, who: Client, name: str) -> dict[str, Any]:
        return dict(self.tester.invoke("BeginRecall", {"goods": name, "level": "1", "cause": "裂纹"}, as_=who))
