"""A small city on an in-memory ledger: two hospitals, their staff, a portal, the platform, the authority."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chaincode.health_slots import HealthSlotsContract, grid, health_code
from fabric_sdk.chaincode import ChaincodeError
from fabric_sdk.chaincode.testing import Client, Collection, ContractTester, client
from tests.people import card

START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""Monday 10:00 in China."""
RULES: dict[str, Any] = {"release_mode": "after-commit", "release_delay_s": 60, "returned": "waitlist"}
RUNS = [[480, 10, 6, "online"], [540, 10, 2, "window"]]


def person(msp_id: str, role: str, **more: str) -> Client:
    attributes = {"slots.role": role} | {f"slots.{k}": v for k, v in more.items()}
    name = "-".join([role, *more.values()])
    return client(msp_id, name, **attributes)


AUTHORITY = person("HealthMSP", "authority")
PLATFORM = person("DataBureauMSP", "platform")
PAYMENT = person("DataBureauMSP", "payment")
PATIENTS = person("HealthMSP", "patients")
PORTAL_1 = person("DataBureauMSP", "portal", portal="one")
PORTAL_2 = person("DataBureauMSP", "portal", portal="two")
STAFF = person("HospitalMSP", "staff", hospital="H1")
OTHER_STAFF = person("HospitalMSP", "staff", hospital="H2")


def resident(number: int) -> str:
    """A pseudonym as the application makes them."""
    return "R" + base64.b32encode(hashlib.sha256(str(number).encode()).digest())[:26].decode()


class City:
    """Shorthand for calls; time stands still unless `pass_time` moves it."""

    def __init__(self, *, tickets: bool = False) -> None:
        self.contract = HealthSlotsContract()
        self.skew = 0.0
        self.signing: Ed25519PrivateKey | None = None
        self.contract.peer_clock = lambda: self.tester.now.timestamp() + self.skew  # type: ignore[method-assign]
        members = frozenset({"HospitalMSP"})
        self.tester = ContractTester(
            self.contract,
            collections=[
                Collection("patients", members, member_only_read=True),
                Collection("office_DataBureauMSP", frozenset({"DataBureauMSP"})),
            ],
            now=START,
        )
        roles = {
            "authority": ["HealthMSP"],
            "platform": ["DataBureauMSP"],
            "portal": ["DataBureauMSP"],
            "payment": ["DataBureauMSP"],
            "patients": ["HealthMSP"],
        }
        self.do(AUTHORITY, "Initialize", roles, 90, tickets)
        hospitals = [
            {"id": h, "name": f"医院{h}", "msp_id": "HospitalMSP", "collection": "patients"} for h in ("H1", "H2")
        ]
        self.do(AUTHORITY, "RegisterHospitals", hospitals)
        units = {
            "departments": [{"id": "CARD", "name": "心血管内科"}, {"id": "ORTH", "name": "骨科"}],
            "doctors": [
                {"id": "D1", "department": "CARD", "name": "专家一"},
                {"id": "D2", "department": "CARD", "name": "专家二"},
                {"id": "D3", "department": "ORTH", "name": "专家三"},
            ],
        }
        self.do(STAFF, "RegisterUnits", "H1", units)
        self.do(OTHER_STAFF, "RegisterUnits", "H2", units)
        self.set_policy()

    @property
    def now(self) -> int:
        return int(self.tester.now.timestamp())

    def pass_time(self, **amount: float) -> None:
        self.tester.now += timedelta(**amount)

    def do(self, who: Client, function: str, *args: Any, **keywords: Any) -> Any:
        return self.tester.invoke(function, *args, as_=who, **keywords)

    def ask(self, who: Client, function: str, *args: Any, **keywords: Any) -> Any:
        return self.tester.evaluate(function, *args, as_=who, **keywords)

    def set_policy(self, **rules: Any) -> None:
        self.do(STAFF, "SetPolicy", "H1", RULES | rules, "demand")

    def plan(self, sid: str, **changes: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return a plan and its opening."""
        runs = changes.pop("runs", RUNS)
        secret = hashlib.sha256(sid.encode()).digest()
        hospital = changes.pop("hospital", "H1")
        plan = {
            "id": sid,
            "department": "CARD",
            "doctor": "D1",
            "date": "2026-12-03",
            "part": "am",
            "kind": "expert",
            "start": 480,
            "end": 720,
            "fee": 0,
            "count": sum(r[2] for r in runs),
            "root": grid.commitment(f"{hospital}.{sid}", runs, secret),
            "release_at": 0,
        } | changes
        return plan, {"id": sid, "secret": secret.hex(), "runs": runs}

    def publish(self, sid: str = "CARD-D1-261203A", **changes: Any) -> str:
        """Commit, wait, open; return the session's full name."""
        plan, opening = self.plan(sid, **changes)
        self.do(STAFF, "CommitSessions", "H1", [plan])
        self.pass_time(seconds=61)
        self.do(STAFF, "PublishSessions", "H1", [opening])
        return f"H1.{sid}"

    def deposit(
        self, number: int, hospital: str = "H1", who: Client = PORTAL_1, *, id: str = "", proof: str = ""
    ) -> str:
        """Keep somebody's identity; `id` and `proof` are the authority's, on a ledger that asks for tickets."""
        identity = {
            "name": f"张三{number}",
            "document_type": "01",
            "document": card(number),
            "phone": f"1380013{number:04d}",
            "salt": hashlib.sha256(f"salt {number}".encode()).hexdigest(),
        }
        transient = {"identity": json.dumps(identity).encode()} | ({"proof": proof.encode()} if proof else {})
        self.do(who, "DepositIdentity", hospital, id or resident(number), transient=transient)
        return id or resident(number)

    def code(self, appointment: str, resident: str, *, life: int = 300, key: str = "k1") -> str:
        """A check-in code signed with the key `k1`, which is on the ledger from the first call on."""
        if not self.signing:
            self.signing = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
            self.do(PLATFORM, "RegisterCodeKey", "k1", self.signing.public_key().public_bytes_raw().hex())
        nonce = f"n{self.tester._calls}"
        signed = health_code.code_payload(appointment, resident, self.now, self.now + life, key, nonce)
        return health_code.assemble(signed, self.signing.sign(signed))

    def book(self, slot: str, number: int, who: Client = PORTAL_1) -> Any:
        return self.do(who, "BookSlot", slot, resident(number))


def refused(code: str) -> Any:
    """Expect the contract to refuse with `code`."""
    return pytest.raises(ChaincodeError, match=f"^{code}: ")


@pytest.fixture
def city() -> City:
    return City()
