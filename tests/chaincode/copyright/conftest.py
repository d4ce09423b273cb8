"""A configured contract on a memory ledger, people of several organisations, and works to play with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from baas.content.cid import RAW, of_block
from chaincode.copyright import CopyrightContract
from chaincode.copyright.documents import clear_key
from fabric_sdk.chaincode import ChaincodeError
from fabric_sdk.chaincode.memory_ledger import Entry
from fabric_sdk.chaincode.testing import Client, ContractTester, client

COLLECTIONS = [
    {
        "name": "ownerDocuments",
        "policy": "OR('CopyrightMSP.peer')",
        "requiredPeerCount": 0,
        "maxPeerCount": 1,
        "blockToLive": 0,
        "memberOnlyRead": False,
        "memberOnlyWrite": False,
        "endorsementPolicy": {"signaturePolicy": "OR('CopyrightMSP.peer')"},
    }
]
ALICE = client("CopyrightMSP", "alice", role="creator")
BOB = client("DataBureauMSP", "bob", role="creator,licensee")
CAROL = client("HospitalMSP", "carol", role="licensee")
REGISTRAR = client("CopyrightMSP", "registrar", role="registrar")
SECOND = client("CopyrightMSP", "second", role="registrar")
FALSE_REGISTRAR = client("HospitalMSP", "registrar", role="registrar")
ADMIN = client("CopyrightMSP", "admin", ou="admin")
RESIDENT = "11010519491231002X"


def work_form(seed: str = "a", **changes: Any) -> dict[str, Any]:
    block = seed.encode()
    form = {
        "title": f"莞邑春晓 {seed}",
        "category": "art",
        "creation_kind": "original",
        "authors": [{"name": "样例甲", "signature": "莞山客"}],
        "completed": {"date": "2025-11-18", "place": "东莞"},
        "content": {
            "cid": of_block(block, RAW).text,
            "sha256": hashlib.sha256(block).hexdigest(),
            "size": len(block),
            "media_type": "image/png",
        },
    }
    return {key: value for key, value in (form | changes).items() if value is not None}


def application_form(*owners: str, **changes: Any) -> dict[str, Any]:
    form = {
        "acquisition": "original",
        "attribution": "individual",
        "rights": "all",
        "statement": {"purpose": "记录家乡", "process": "写生后上色", "originality": "构图与用色"},
        "owners": [
            {"party": party, "name": "样例甲", "kind": "natural"} for party in owners or ("CopyrightMSP/alice",)
        ],
    }
    return form | changes


def resident(number: int) -> str:
    """A resident identity number for each of several people; the first is `RESIDENT`."""
    if not number:
        return RESIDENT
    head = f"110105194912310{10 + number}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return head + "10X98765432"[sum(int(d) * w for d, w in zip(head, weights, strict=True)) % 11]


def documents(*owners: str) -> dict[str, bytes]:
    entries = [
        {
            "party": party,
            "name": "样例甲",
            "kind": "natural",
            "document_type": "resident_id",
            "document_number": resident(number),
        }
        for number, party in enumerate(owners or ("CopyrightMSP/alice",))
    ]
    return {"documents": json.dumps({"salt": "00" * 16, "owners": entries}).encode()}


def claim(**changes: Any) -> dict[str, Any]:
    """A dispute with a piece of evidence."""
    piece = {"kind": "file", "cid": of_block(b"negative", RAW).text, "sha256": hashlib.sha256(b"negative").hexdigest()}
    return {"ground": "ownership", "statement": "系本人作品", "evidence": [piece]} | changes


def clear_documents(office: Office, work: dict[str, Any]) -> None:
    """Let documents lie in clear, as contracts without key files wrote them."""
    place = office.tester.ledger._entries.setdefault(("copyright", "ownerDocuments"), {})
    place[clear_key(work["id"], work["owners"])] = Entry(documents()["documents"], (1, 0))


class Office:
    """The contract with shortcuts for the usual road."""

    def __init__(self) -> None:
        self.peers_clock: datetime | None = None
        contract = CopyrightContract(clock=lambda: self.peers_clock or self.tester.now)
        self.tester = ContractTester(contract, collections=COLLECTIONS)
        settings = {"office_msp": "CopyrightMSP", "office_name": "版权登记中心", "number_prefix": "样例登字"}
        self.do("Configure", settings, as_=ADMIN)

    def do(self, function: str, *args: Any, as_: Client, **kwargs: Any) -> Any:
        return self.tester.invoke(function, *args, as_=as_, **kwargs)

    def ask(self, function: str, *args: Any, as_: Client = REGISTRAR) -> Any:
        return self.tester.evaluate(function, *args, as_=as_)

    def refused(self, code: str, function: str, *args: Any, as_: Client, **kwargs: Any) -> ChaincodeError:
        with pytest.raises(ChaincodeError) as caught:
            self.tester.invoke(function, *args, as_=as_, **kwargs)
        assert caught.value.code == code, caught.value
        return caught.value

    def later(self, **time: float) -> None:
        self.tester.now += timedelta(**time)

    def work(self, seed: str = "a", as_: Client = ALICE, **changes: Any) -> dict[str, Any]:
        found: dict[str, Any] = self.do("Deposit", work_form(seed, **changes), as_=as_)
        return found

    def submitted(self, work: dict[str, Any], as_: Client = ALICE, **changes: Any) -> dict[str, Any]:
        owners = [owner["party"] for owner in work["owners"]]
        self.do("PutOwnerDocuments", work["id"], as_=as_, transient=documents(*owners))
        found: dict[str, Any] = self.do("SubmitRegistration", work["id"], application_form(*owners, **changes), as_=as_)
        return found

    def step(self, function: str, case: dict[str, Any], *args: Any, as_: Client = REGISTRAR) -> dict[str, Any]:
        found: dict[str, Any] = self.do(function, case["id"], *args, as_=as_)
        return found

    def compare(self, case: dict[str, Any], *found: dict[str, Any], as_: Client = REGISTRAR) -> dict[str, Any]:
        """查重 by content, and what it found."""
        return self.step("CompareWork", case, list(found), "content", 10, 3, as_=as_)

    def passed(self, case: dict[str, Any]) -> dict[str, Any]:
        """初审 by one registrar, 复审 by another."""
        self.compare(case)
        self.step("PassExamination", case, "符合登记要求")
        return self.step("ApproveRegistration", case, "同意", as_=SECOND)

    def registered(self, seed: str = "a", as_: Client = ALICE, **changes: Any) -> dict[str, Any]:
        case = self.submitted(self.work(seed, as_, **changes), as_)
        for function in ("BeginVerification", "AcceptRegistration", "BeginExamination"):
            self.step(function, case)
        self.passed(case)
        self.step("IssueCertificate", case)
        self.step("PublishRegistration", case)
        found: dict[str, Any] = self.ask("Read", case["work_id"])
        return found


@pytest.fixture
def office() -> Office:
    return Office()


Refuse = Callable[..., ChaincodeError]
