"""A ledger of 供应链金融 in memory and everybody on it: two banks, a core enterprise, suppliers of three tiers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from apps.kit.papers import collections
from apps.kit.service import wire_arguments
from chaincode.supply_finance.contract import FinanceContract
from fabric_sdk.chaincode.testing import Client, ContractTester, client
from fabric_sdk.kinds import Act, Record

OFFICE, BANK2, CORE_MSP, FALSE = "OfficeMSP", "SecondBankMSP", "CoreMSP", "FalseMSP"
NOW = datetime(2026, 3, 1, 4, tzinfo=UTC)
SETTINGS = {
    "office_msp": OFFICE,
    "roles": {"bank": [OFFICE, BANK2], "core_enterprise": [CORE_MSP], "supplier": [OFFICE]},
}
ADMIN = client(OFFICE, "admin", ou="admin")
BANK = client(OFFICE, "bank-a", role="bank")
OTHER_BANK = client(BANK2, "bank-b", role="bank")
CORE = client(CORE_MSP, "hospital", role="core_enterprise")
TIER1, TIER2, TIER3 = (client(OFFICE, f"tier-{n}", role="supplier") for n in (1, 2, 3))
STRANGER = client("OtherMSP", "stranger")
PRETENDER = client(FALSE, "tier-1", role="supplier,bank,core_enterprise")
EVERYBODY = (BANK, OTHER_BANK, CORE, TIER1, TIER2, TIER3, STRANGER, PRETENDER, ADMIN)


def party(who: Client) -> str:
    return f"{who.msp_id}/{who.name}"


def paper(number: int = 1, **changes: Any) -> Record:
    """Trade papers: an invoice with a number of its own, and what it is about."""
    return {
        "invoice": f"{26310000000000000000 + number}",
        "invoice_amount_fen": 10_000_00,
        "invoice_sha256": f"{number:064x}",
        "contract": "采购合同 2026-17",
        "contract_sha256": "aa" * 32,
        "delivery_sha256": "bb" * 32,
        "goods": "输液泵 20 台",
        "salt": "cd" * 16,
        **changes,
    }


def days(count: int) -> str:
    """A day so many days after the ledger's today, in the office's zone."""
    return (date(2026, 3, 1) + timedelta(days=count)).isoformat()


class City:
    """The contract with its people; `at` moves all clocks together."""

    def __init__(self) -> None:
        self.contract = FinanceContract(clock=lambda: self.peer_clock)
        self.peer_clock = NOW
        self.tester = ContractTester(self.contract, collections=collections(OFFICE), now=NOW)
        self.order: dict[str, None] = {}
        self.tester.invoke("Configure", SETTINGS, as_=ADMIN)

    def at(self, moment: datetime) -> None:
        self.peer_clock = self.tester.now = moment

    def do(self, act: Act, on: str = "", who: Client = TIER1, **given: Any) -> Record:
        done: Record = self.tester.invoke(act.function, *wire_arguments(act, given, on), as_=who)
        for one in (done["id"], *(done.get("children") or ())):
            self.order.setdefault(one, None)
        return done

    def hand_in(self, kind: str, field: str, body: Record, who: Client, **shown: Any) -> Record:
        transient = {"paper": json.dumps(body).encode()}
        found: Record = self.tester.invoke("PutPaper", kind, field, shown, as_=who, transient=transient)
        return found

    def read(self, record_id: str) -> Record:
        found: Record = self.tester.evaluate("Read", record_id)
        return found

    def records(self) -> Iterator[Record]:
        """Every record in the order in which it was made: ids are of chance."""
        state = self.tester.ledger.state(self.tester.name)
        assert {key for key in state if key[:2] in {"ED", "PZ", "RZ"}} == set(self.order)
        yield from (json.loads(state[one]) for one in self.order)

    # -- a life so far -------------------------------------------------------------------------------
    def line(self, limit: int = 10_000_00, until: str = "") -> str:
        acts = self.contract.all_kinds["line"].acts
        line = self.do(acts["grant"], who=BANK, core=party(CORE), limit_fen=limit, until=until or days(300))
        return str(self.do(acts["accept"], line["id"], CORE)["id"])

    def issued(self, line: str, amount: int = 1_000_00, number: int = 1, **changes: Any) -> Record:
        acts = self.contract.all_kinds["certificate"].acts
        reference = self.hand_in(
            "certificate", "papers", paper(number, invoice_amount_fen=amount), CORE, face_fen=amount
        )
        given = {"seller": party(TIER1), "face_fen": amount, "due": days(90), "recourse": "with", "papers": reference}
        return self.do(acts["issue"], line, CORE, **{**given, **changes})

    def held(self, line: str = "", amount: int = 1_000_00, number: int = 1, **changes: Any) -> Record:
        one = self.issued(line or self.line(), amount, number, **changes)
        return self.do(self.contract.all_kinds["certificate"].acts["accept"], one["id"], TIER1)

    def terms(self, who: Client = BANK, payout: int = 980_00) -> Record:
        return self.hand_in("financing", "terms", {"rate_bp": 365, "payout_fen": payout, "salt": "ef" * 16}, who)

    def financed(self, certificate: str, bank: Client = BANK, holder: Client = TIER1) -> Record:
        acts = self.contract.all_kinds["financing"].acts
        asked = self.do(acts["ask"], certificate, holder, bank=party(bank))
        self.do(acts["offer"], asked["id"], bank, terms=self.terms(bank), open_until=days(3))
        self.do(acts["accept"], asked["id"], holder)
        return self.do(acts["pay"], asked["id"], bank, receipt_sha256="cc" * 32)
