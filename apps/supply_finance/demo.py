"""The demonstration of 供应链金融: a hospital's receivables issued, split to the second tier, financed by one bank."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps.kit.formats import yuan
from apps.kit.service import Service
from apps.supply_finance.manifest import APPLICATION, BANK, CORE, SUPPLIER
from apps.supply_finance.receivables import Row, books, issue_table
from baas.applications import DemoTold
from baas.errors import Text
from baas.jobs import JobContext
from chaincode.supply_finance.kinds import Certificate, Financing, Line
from fabric_sdk.kinds import Act, Record

if TYPE_CHECKING:
    from baas.applications import DemoOptions
    from baas.platform import Platform

LIMIT_FEN = 5_000_000_00
_RECEIPT = hashlib.sha256("付款回单样例".encode()).hexdigest()


def run(platform: Platform, network: str, options: DemoOptions, ctx: JobContext) -> dict[str, Any]:
    """Issue the table's receivables and live with the first ones; goes on where it was stopped.

    Answers `{"finance": {"line", "rows", "certificates", "total_fen", "parties"}}`.
    """
    with Service(platform, network, APPLICATION) as service:
        cast = _Cast(service)
        line = cast.line()
        given = options.get("receivables")
        seller = "" if given else cast.party(cast.supplier)
        rows = issue_table(service, line["id"], given or samples(), seller=seller, ctx=ctx)
        certificates = {one["id"]: one for one in service.all(Certificate)}
        for one in certificates.values():
            if one["state"] == "ISSUED":
                service.do(Certificate.accept, on=one["id"], signer=cast.supplier)
        if rows and rows[0].certificate and not any(one["level"] for one in certificates.values()):
            cast.live(rows[0].certificate, ctx)
        found = books(service)
        return {
            "finance": {
                "line": line["id"],
                "rows": [_told(one) for one in rows],
                "certificates": found.certificates,
                "total_fen": sum(found.receivable.values()),
                "parties": len(found.rows()),
                "findings": [one.en for one in found.findings],
            }
        }


def _told(row: Row) -> dict[str, Any]:
    return {"row": row.number, "state": row.state, "certificate": row.certificate}


def told(result: Mapping[str, Any]) -> DemoTold:
    """What the demonstration did, for people."""
    found = result.get("finance", {})
    total = yuan(found.get("total_fen", 0))
    said = Text("{n} 张凭证，应收 {t}", "{n} certificates, {t} receivable", n=found.get("certificates", 0), t=total)
    return DemoTold(said, lines=[(Text("供应链金融", "Supply-chain finance"), said)])


def samples() -> Path:
    """The sample table, with its invoices, contracts and delivery notes beside it."""
    return Path(str(resources.files("apps.supply_finance") / "samples")) / "receivables.csv"


class _Cast:
    """The people of the demonstration: the owner's own, suppliers of two tiers and a second bank."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.bank, self.core, self.supplier = (service.signer_for(str(role)) for role in (BANK, CORE, SUPPLIER))
        self.second, self.third = (
            self._somebody(self.supplier, "supplier-2", str(SUPPLIER)),
            self._somebody(self.supplier, "supplier-3", str(SUPPLIER)),
        )
        self.other_bank = self._somebody(self.bank, "bank-2", str(BANK))

    def _somebody(self, like: str, name: str, role: str) -> str:
        msp = like.partition("/")[0]
        return self.service.platform.identities.ensure(msp, name, role, network=self.service.network)

    def party(self, signer: str) -> str:
        return self.service.who(signer).party

    def do(self, act: Act, on: str, signer: str, **given: Any) -> Record:
        found: Record = self.service.do(act, given, on=on, signer=signer).value
        return found

    def line(self) -> Record:
        """The hospital's line, granted and accepted."""
        core = self.party(self.core)
        mine = [one for one in self.service.all(Line) if one["core"] == core and one["state"] in {"OFFERED", "ACTIVE"}]
        if not mine:
            from apps.supply_finance.words import in_days

            given = {"core": core, "limit_fen": LIMIT_FEN, "until": in_days(365)}
            mine = [self.do(Line.grant, "", self.bank, **given)]
        return mine[0] if mine[0]["state"] == "ACTIVE" else self.do(Line.accept, mine[0]["id"], self.core)

    def live(self, certificate: str, ctx: JobContext) -> None:
        """Split over three levels, pass parts on, finance one, offer another to the second bank."""
        ctx.step("split", Text("拆分、转让并融资", "Split, pass on, finance"))
        whole = self.service.read(certificate)["amount_fen"]
        first, rest = whole * 6 // 10, whole - whole * 6 // 10
        parts = [{"amount_fen": first, "to": self.party(self.second)}, {"amount_fen": rest}]
        to_second, kept = self.do(Certificate.split, certificate, self.supplier, parts=parts)["children"]
        self.do(Certificate.take, to_second, self.second)
        third = first * 2 // 5
        half = (first - third) // 2
        parts = [{"amount_fen": third, "to": self.party(self.third)}, {"amount_fen": half}]
        parts.append({"amount_fen": first - third - half})
        to_third, to_bank, _ = self.do(Certificate.split, to_second, self.second, parts=parts)["children"]
        self.do(Certificate.take, to_third, self.third)
        self._finance(to_bank, self.second, self.bank, paid=True)
        self._finance(kept, self.supplier, self.other_bank, paid=False)

    def _finance(self, certificate: str, holder: str, bank: str, *, paid: bool) -> None:
        from apps.supply_finance.words import in_days

        asked = self.do(Financing.ask, certificate, holder, bank=self.party(bank))
        amount = asked["amount_fen"]
        terms = {"rate_bp": 385, "payout_fen": amount - amount * 385 * 90 // 3_650_000, "note": None}
        self.do(Financing.offer, asked["id"], bank, terms=terms, open_until=in_days(3))
        if paid:
            self.do(Financing.accept, asked["id"], holder)
            self.do(Financing.pay, asked["id"], bank, receipt_sha256=_RECEIPT)
