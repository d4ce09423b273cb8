"""Payments, refunds, settlements, and the daily three-way reconciliation."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from apps import books as books_of
from apps.books import Entry
from apps.health_slots import permissions
from apps.health_slots.model import Receipt
from apps.health_slots.services.base import Theme

SETTLE = permissions.SETTLE


@dataclass(frozen=True)
class Difference:
    """An entry that is not in all three books the same number of times."""

    order: str
    type: str
    amount: int
    hospital: int
    platform: int
    payment: int


@dataclass(frozen=True)
class Reconciliation:
    """A day's result; totals in fen by book, payments less refunds."""

    hospital: str
    date: str
    entries: Mapping[str, int]
    totals: Mapping[str, int]
    books: Mapping[str, str]
    differences: tuple[Difference, ...]

    @property
    def report(self) -> str:
        """SHA-256 of the list of differences."""
        text = json.dumps([asdict(d) for d in self.differences], sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class TrialBalance:
    """Sums of a hospital's accounts in fen, debit positive; they sum to zero."""

    hospital: str
    accounts: Mapping[str, int]

    @property
    def balanced(self) -> bool:
        return sum(self.accounts.values()) == 0


class Bills(Theme):
    """What the payment reconciler does."""

    def pay(self, appointment: str, channel: str, reference: str, amount: int, *, account: str = "") -> Receipt:
        """Record a payment in fen; `account` (never stored) becomes a pseudonym of who paid."""
        self._require(SETTLE)
        payer = self._vault.payer(account) if account else ""
        return self._ledger.submit("payment", "RecordPayment", appointment, channel, reference, amount, payer)

    def postings(self, hospital: str, date: str) -> list[dict[str, Any]]:
        """Every posting of a hospital's day."""
        found: list[dict[str, Any]] = []
        bookmark = ""
        while True:
            page = self._ledger.evaluate("payment", "ListPostings", hospital, date, bookmark)
            found += page["items"]
            bookmark = page["bookmark"]
            if not bookmark or not page["items"]:
                return found

    def trial_balance(self, hospital: str) -> TrialBalance:
        """Sum up all accounts of a hospital from the index."""
        self._sync()
        sums: Counter[str] = Counter()
        rows = self._index.rows(
            "SELECT p.lines FROM posting p JOIN hospital h ON h.id = p.hospital WHERE h.code = ?", (hospital,)
        )
        for (lines,) in rows:
            for account, amount in json.loads(lines):
                sums[account] += amount
        return TrialBalance(hospital, dict(sorted(sums.items())))

    def platform_book(self, hospital: str, date: str) -> list[Entry]:
        """Payments and refunds of a day as the ledger has them."""
        found: list[Entry] = []
        for posting in self.postings(hospital, date):
            amount = sum(a for name, a in posting["lines"] if name.startswith("clearing:"))
            if posting["why"] in ("payment", "late-payment"):
                found.append((posting["order"], "payment", amount))
            elif posting["why"] == "refund":
                found.append((posting["order"], "refund", -amount))
        return found

    def write_book(self, hospital: str, date: str, target: Path) -> int:
        """Write the platform's book of a day as CSV, in the form in which books are read; returns how many entries."""
        self._require(permissions.READ)
        return books_of.write_book(self.platform_book(hospital, date), target)

    def reconcile(self, hospital: str, date: str, hospital_book: Path, payment_book: Path) -> Reconciliation:
        """Compare the hospital's book, the ledger and the payment channel's book entry by entry; records nothing."""
        self._require(SETTLE)
        books = {
            "hospital": read_book(hospital_book),
            "platform": self.platform_book(hospital, date),
            "payment": read_book(payment_book),
        }
        return compare(hospital, date, books)

    def record(self, result: Reconciliation) -> Receipt:
        """Write a reconciliation's digests and number of differences to the ledger."""
        self._require(SETTLE)
        return self._ledger.submit(
            "payment",
            "RecordReconciliation",
            result.hospital,
            result.date,
            dict(result.books),
            len(result.differences),
            result.report,
        )


def compare(hospital: str, date: str, books: Mapping[str, Iterable[Entry]]) -> Reconciliation:
    """Compare three books as multisets of entries."""
    found = books_of.compare(books, "payment")
    differences = tuple(
        Difference(*entry, counts["hospital"], counts["platform"], counts["payment"])
        for entry, counts in found.differences
    )
    return Reconciliation(hospital, date, found.entries, found.totals, found.books, differences)


def read_book(path: Path) -> list[Entry]:
    """Read a book; UserError names the line that is wrong."""
    return books_of.read_book(path, ("payment", "refund"))
