"""款项: what licences, transfers and reported use make people owe, what was paid for it, and three books compared.

The rule of what is owed is the contract's (`chaincode.copyright.money.owed`); here it is summed up for those who act.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps.books import Comparison, Entry, compare, days_of, read_book, write_book
from apps.copyright import permissions
from apps.copyright.model import Committed
from baas.csv_cells import harmless
from baas.errors import translating
from chaincode.copyright.kinds import Licence, Payment, Reconciliation, Transfer, Usage
from chaincode.copyright.money import owed

if TYPE_CHECKING:
    from apps.copyright.service import CopyrightService

PAID, RECEIVED = "paid", "received"
TYPES = (PAID, RECEIVED)


@dataclass(frozen=True)
class Debt:
    """What one party owes another for one matter, in fen: in all, confirmed as received, told and not confirmed yet."""

    matter: str
    purpose: str
    work_id: str
    payer: str
    payee: str
    due: int
    confirmed: int
    told: int

    @property
    def open(self) -> int:
        """What nobody has told to be paid."""
        return self.due - self.confirmed - self.told


class Money:
    """Debts and payments of the people who act on one network."""

    def __init__(self, service: CopyrightService) -> None:
        self._service = service

    def debts(self) -> list[Debt]:
        """Everything owed by or to the people here, what is open first."""
        self._service.platform.session.require(permissions.READ)
        mine, parties = self._service.kit.mine(), self._service.kit.parties
        uses = [
            use
            for licence in mine
            if licence["type"] == Licence.id and (licence["royalty_bp"] or licence["unit_fen"])
            for use in self._service.ledger.evaluate("auditor", "ListUsage", licence["id"])
        ]
        matters = {str(one["id"]): one for one in (*mine, *uses) if one["type"] in (Licence.id, Transfer.id, Usage.id)}
        found = debts_of(matters.values(), (one for one in mine if one["type"] == Payment.id))
        own = [one for one in found if parties & {one.payer, one.payee}]
        return sorted(own, key=lambda one: (one.open <= 0, one.matter, one.payee))

    def pay(self, matter: str, given: Mapping[str, Any], proofs: Iterable[Path] = ()) -> Committed[Any]:
        """Record a payment for a licence, a transfer or a reported use, with files that prove it.

        Whoever of the people here owes it signs; the ledger says why where nobody does.
        """
        service = self._service
        record = service.kit.read(matter)
        _, payer, _ = owed(record)
        signer = next((one for one in service.kit.signers if service.kit.who(one).party == payer), "")
        kept = service.store_evidence([f"payment={one}" for one in proofs])
        filled = {name: value for name, value in given.items() if value} | {"for": matter, "proofs": kept}
        return service.kit.do(Payment.record, filled, on=str(record["work_id"]), signer=signer)

    def entries(self, since: str, until: str) -> list[Entry]:
        """The ledger's book of the people here: confirmed payments of these days, as `paid` or `received`.

        Days are written as 2026-11-01; UserError for others, and where the last lies before the first.
        """
        self._service.platform.session.require(permissions.READ)
        first, last = days_of(since, until)
        parties = self._service.kit.parties
        found: list[Entry] = []
        for one in self._service.kit.mine():
            if one["type"] != Payment.id or one["state"] != "CONFIRMED":
                continue
            if not first <= dt.date.fromisoformat(one["paid"]) <= last:
                continue
            entry = (str(one["for"]), int(one["amount_fen"]))
            found += [(entry[0], PAID, entry[1])] if one["payer"] in parties else []
            found += [(entry[0], RECEIVED, entry[1])] if one["payee"] in parties else []
        return sorted(found)

    def write_book(self, since: str, until: str, target: Path) -> int:
        """Write the ledger's book of some days as CSV; returns how many entries."""
        return write_book(self.entries(since, until), target)

    def write_debts(self, target: Path) -> int:
        """Write what is owed and paid as CSV, in fen; returns how many lines."""
        names = ("matter", "purpose", "work_id", "payer", "payee", "due", "confirmed", "told", "open")
        lines = self.debts()
        with translating(), target.open("w", encoding="utf-8-sig", newline="") as file:
            rows = ([harmless(getattr(one, name)) for name in names] for one in lines)
            csv.writer(file).writerows([names, *rows])
        return len(lines)

    def reconcile(self, since: str, until: str, own: Path, channel: Path) -> Comparison:
        """Compare one's own book, the ledger and the channel's book of some days; records nothing."""
        self._service.platform.session.require(permissions.READ)
        ledger = self.entries(since, until)
        books = {"own": read_book(own, TYPES), "ledger": ledger, "channel": read_book(channel, TYPES)}
        return compare(books, RECEIVED)

    def record(self, since: str, until: str, result: Comparison) -> Committed[Any]:
        """Write a comparison's digests and number of differences to the ledger."""
        listed = json.dumps([[*entry, dict(counts)] for entry, counts in result.differences], sort_keys=True)
        given: dict[str, Any] = {f"{name}_sha256": digest for name, digest in result.books.items()}
        given |= {"from": since, "until": until, "entries": result.entries["ledger"]}
        given |= {"differences": len(result.differences), "report_sha256": hashlib.sha256(listed.encode()).hexdigest()}
        return self._service.kit.do(Reconciliation.record, given)


def debts_of(matters: Iterable[Mapping[str, Any]], payments: Iterable[Mapping[str, Any]]) -> list[Debt]:
    """Every debt that these records make, with what these payments told and confirmed of it."""
    sums: dict[tuple[str, str, str], int] = {}
    for one in payments:
        if one["type"] != Payment.id:
            continue
        key = (str(one["for"]), str(one["payee"]), str(one["state"]))
        sums[key] = sums.get(key, 0) + int(one["amount_fen"])
    found = []
    for matter in matters:
        purpose, payer, payees = owed(matter)
        for payee, due in payees.items():
            if payee == payer or not due:
                continue
            which = str(matter["id"])
            confirmed, told = (sums.get((which, payee, state), 0) for state in ("CONFIRMED", "REPORTED"))
            found.append(Debt(which, purpose, str(matter["work_id"]), payer, payee, due, confirmed, told))
    return found
