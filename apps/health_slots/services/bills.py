"""Payments, refunds, settlements, and the daily three-way reconciliation."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from apps.health_slots import permissions
from apps.health_slots.model import Receipt
from apps.health_slots.services.base import Theme
from baas.csv_cells import harmless
from baas.errors import Text, UserError, translating
from network.encodings import read_text

SETTLE = permissions.SETTLE
MAX_BOOK_BYTES = 64 * 1024 * 1024
BOOK_COLUMNS = ("order", "type", "amount")
"""A book is a CSV of order (appointment id), type (payment or refund) and amount in fen; other columns are ignored."""

Entry = tuple[str, str, int]


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

    def refund(self, appointment: str, channel: str, reference: str) -> Receipt:
        """Record that what is owed was paid back."""
        self._require(SETTLE)
        return self._ledger.submit("payment", "RecordRefund", appointment, channel, reference)

    def settle(self, hospital: str, date: str, channel: str) -> Receipt:
        """Settle a past day of one channel."""
        self._require(SETTLE)
        return self._ledger.submit("payment", "SettleDay", hospital, date, channel)

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
        entries = self.platform_book(hospital, date)
        with translating(), target.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([BOOK_COLUMNS, *([harmless(cell) for cell in entry] for entry in entries)])
        return len(entries)

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
    counted = {name: Counter(entries) for name, entries in books.items()}
    everything = sorted(set().union(*counted.values()))
    differences = tuple(
        Difference(*entry, counted["hospital"][entry], counted["platform"][entry], counted["payment"][entry])
        for entry in everything
        if len({counted[name][entry] for name in counted}) > 1
    )
    totals = {
        name: sum((e[2] if e[1] == "payment" else -e[2]) * n for e, n in entries.items())
        for name, entries in counted.items()
    }
    digests = {
        name: hashlib.sha256(json.dumps(sorted(entries.elements())).encode()).hexdigest()
        for name, entries in counted.items()
    }
    sizes = {name: entries.total() for name, entries in counted.items()}
    return Reconciliation(hospital, date, sizes, totals, digests, differences)


def read_book(path: Path) -> list[Entry]:
    """Read a book; UserError names the line that is wrong."""
    try:
        if path.stat().st_size > MAX_BOOK_BYTES:
            raise UserError(Text("账本文件太大。", "The book is too large."))
        text = read_text(path, MAX_BOOK_BYTES)
    except (OSError, ValueError) as error:
        raise UserError(
            Text("读不了账本文件：{path}", "The book cannot be read: {path}", path=path.name),
            Text("应为 CSV，列为 order,type,amount。", "It is a CSV of order,type,amount."),
        ) from error
    reader = csv.DictReader(io.StringIO(text))
    if not set(BOOK_COLUMNS) <= set(reader.fieldnames or ()):
        raise UserError(
            Text("账本缺少列：{path}", "The book lacks columns: {path}", path=path.name),
            Text("需要 order,type,amount。", "It needs order,type,amount."),
        )
    entries: list[Entry] = []
    for row in reader:
        amount = (row["amount"] or "").strip()
        if row["type"] not in ("payment", "refund") or not amount.isascii() or not amount.isdigit() or len(amount) > 9:
            raise UserError(
                Text(
                    "{path} 第 {line} 行看不懂。",
                    "{path}, line {line} makes no sense.",
                    path=path.name,
                    line=reader.line_num,
                ),
                Text("type 为 payment 或 refund，amount 为分。", "type is payment or refund, amount is in fen."),
            )
        entries.append(((row["order"] or "").strip()[:64], row["type"], int(amount)))
    return entries
