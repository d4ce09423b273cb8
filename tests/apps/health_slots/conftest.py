"""The service on an in-memory ledger: a city of two hospitals that needs no network."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from apps.health_slots.cast import Cast, Part
from apps.health_slots.index import SlotIndex
from apps.health_slots.ledger import LedgerBlock, LedgerTransaction, split_key
from apps.health_slots.model import Identity, Receipt
from apps.health_slots.plans import PlanStore
from apps.health_slots.refusals import WORDS
from apps.health_slots.service import HealthSlotsService
from apps.health_slots.services.base import Ports
from apps.health_slots.serving.fhir import fhir_app
from apps.health_slots.vault import SlotVault
from apps.kit.ledger import decode, encode
from baas.errors import LedgerError, NotFound, Text
from chaincode.health_slots import HealthSlotsContract
from fabric_sdk.chaincode import ChaincodeError
from fabric_sdk.chaincode.testing import VALID, Collection, ContractTester, client
from tests.apps.health_slots.portals import OneTownPortals
from tests.people import card

CAST = Cast(("HospitalMSP",), "HealthMSP", "DataBureauMSP")
START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
HEADINGS = [
    "科室编号",
    "科室",
    "医生编号",
    "医生",
    "日期",
    "时段",
    "开始",
    "结束",
    "号源数",
    "号别",
    "号源池",
    "挂号费",
]


class MemoryKeys:
    """A keystore that forgets."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def put(self, name: str, pem: bytes) -> None:
        self.kept[name] = pem

    def get(self, name: str) -> bytes:
        if name not in self.kept:
            raise NotFound(Text("无", "none"))
        return self.kept[name]

    def names(self) -> list[str]:
        return list(self.kept)

    def ensure(self, name: str, make: Callable[[], bytes]) -> bytes:
        if name not in self.kept:
            self.kept[name] = make()
        return self.kept[name]


class MemorySlotLedger:
    """`SlotLedger` over the contract's tester; one transaction a block."""

    def __init__(self) -> None:
        contract = HealthSlotsContract()
        contract.peer_clock = lambda: self.now  # type: ignore[method-assign]
        collection = Collection("patients_HospitalMSP", frozenset({"HospitalMSP"}), member_only_read=True)
        self.tester = ContractTester(contract, collections=[collection], now=START)
        self.chain: list[LedgerBlock] = []
        self.portal = "citydesk"

    @property
    def now(self) -> float:
        return self.tester.now.timestamp()

    def pass_time(self, **amount: float) -> None:
        self.tester.now += timedelta(**amount)

    def _client(self, part: Part) -> Any:
        attributes = Cast.attributes(part, portal=self.portal)
        return client(CAST.msp_of(part), f"slots-{part}-{self.portal}", **attributes)

    def evaluate(
        self, part: Part, function: str, *args: Any, transient: Mapping[str, bytes] | None = None, only: str = ""
    ) -> Any:
        return decode(self._propose(part, function, args, transient).response.payload)

    def submit(
        self, part: Part, function: str, *args: Any, transient: Mapping[str, bytes] | None = None, only: str = ""
    ) -> Receipt:
        proposed = self._propose(part, function, args, transient)
        assert proposed.commit() == VALID
        self.append(proposed.tx_id, function, f"{CAST.msp_of(part)}/slots-{part}-{self.portal}", proposed.writes)
        return Receipt(proposed.tx_id, len(self.chain) - 1, decode(proposed.response.payload))

    def append(self, tx_id: str, function: str, signer: str, writes: Mapping[Any, bytes | None]) -> None:
        """Add a block as it would be read from a network; tests also write what no contract would."""
        read = []
        for (_, collection, key), value in writes.items():
            parts = split_key(key)
            if not collection and parts is not None:
                read.append((*parts, None if value is None else json.loads(value)))
        transaction = LedgerTransaction(tx_id, True, "VALID", int(self.now), function, signer, tuple(read))
        number = len(self.chain)
        previous = self.chain[-1].hash if self.chain else ""
        digest = hashlib.sha256(f"{previous}{number}{tx_id}".encode()).hexdigest()
        self.chain.append(LedgerBlock(number, digest, previous, (transaction,)))

    def msp_of(self, part: Part) -> str:
        return CAST.msp_of(part)

    def height(self) -> int:
        return len(self.chain)

    def blocks(self, start: int, stop: int | None = None) -> Iterator[LedgerBlock]:
        yield from self.chain[start:stop]

    def _propose(self, part: Part, function: str, args: Any, transient: Mapping[str, bytes] | None) -> Any:
        try:
            wire = [encode(a) for a in args]
            return self.tester.propose(function, *wire, as_=self._client(part), transient=transient)
        except ChaincodeError as refusal:
            meaning = WORDS.get(refusal.code, Text(refusal.message, refusal.message))
            details = {"contract_code": refusal.code}
            raise LedgerError(meaning, stage="endorse", code=refusal.code.lower(), details=details) from refusal


class Town:
    """The service, its ledger and shorthand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ledger = MemorySlotLedger()
        ports = Ports(self.ledger, SlotIndex(folder / "index.db"), SlotVault(MemoryKeys(), "city"))
        ports.clock = lambda: self.ledger.now
        self.ports = ports
        self.service = HealthSlotsService(ports, PlanStore(folder / "plans.db"), CAST)
        self.service.set_up({"H1": "市第一人民医院", "H2": "市中医院"})
        self.service.rules.set_policy("CITY", {"release_mode": "after-commit", "release_delay_s": 60})

    def schedule(self, rows: list[list[Any]], name: str = "schedule.csv", encoding: str = "utf-8-sig") -> Path:
        path = self.folder / name
        with path.open("w", encoding=encoding, newline="") as file:
            csv.writer(file).writerows([HEADINGS, *rows])
        return path

    def row(self, **changes: Any) -> list[Any]:
        values = {
            "科室编号": "CARD",
            "科室": "心血管内科",
            "医生编号": "D1",
            "医生": "专家一",
            "日期": "2026-12-03",
            "时段": "上午",
            "开始": "08:00",
            "结束": "10:00",
            "号源数": 12,
            "号别": "专家",
            "号源池": "线上",
            "挂号费": "30",
        } | changes
        return [values[h] for h in HEADINGS]

    def publish(self, *rows: list[Any], hospital: str = "H1") -> list[str]:
        """Import and open; returns the sessions' names."""
        file = self.schedule([*(rows or [self.row()])])
        done = self.service.schedules.import_file(hospital, file, today=self.ledger.tester.now.date())
        self.ledger.pass_time(seconds=61)
        self.service.schedules.release(hospital)
        return list(done.sessions)

    def identity(self, number: int) -> Identity:
        return Identity(f"欧阳测试{number}", "01", card(number), f"1390000{number:04d}")

    def resident(self, number: int) -> str:
        return self.service.bookings.resident(self.identity(number))

    def visit(self, number: int, date: str = "2026-12-03", hospital: str = "H1") -> str:
        """The id of a resident on a day, which only the authority can make."""
        who = self.identity(number)
        person = {"document_type": who.document_type, "document": who.document}
        transient = {"person": json.dumps(person).encode()}
        found = self.ledger.evaluate("platform", "Ticket", hospital, date, "", transient=transient)
        return str(found["resident"])


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = Town(tmp_path)
    yield made
    made.service.close()


@pytest.fixture
def portals(town, tmp_path):
    return OneTownPortals(town, tmp_path)


@pytest.fixture
def http(portals):
    with TestClient(fhir_app(portals), raise_server_exceptions=True) as client:
        client.headers["Authorization"] = f"Bearer {portals.tokens['alpha']}"
        yield client
