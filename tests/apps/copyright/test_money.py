"""Money over the services: what is owed, payments by their own people, three books compared and kept."""

from __future__ import annotations

import csv
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apps.books import BOOK_COLUMNS
from apps.copyright.model import WorkForm
from baas.errors import LedgerError, UserError
from chaincode.copyright.kinds import Licence, Payment
from fabric_sdk import clock

DAYS = {"from": "2026-01-01", "until": "2036-12-31"}


def book(path: Path, *rows: tuple[str, str, int]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([BOOK_COLUMNS, *rows])
    return path


def test_a_fee_from_the_offer_to_the_reconciled_books(
    acting: Callable[..., Any], fresh_file: Callable[..., Path], tmp_path: Path
) -> None:
    tag, today = uuid.uuid4().hex[:6], clock.today().isoformat()
    owner, reader = f"PublicMSP/owner-{tag}", f"HospitalMSP/reader-{tag}"
    with acting(owner, "creator") as mine:
        form = WorkForm(title=f"有价 {tag}", authors=({"name": "样例甲"},), completed={"date": "2026-01-01"})
        work = mine.deposit(fresh_file(), form).work
        terms = {"licensee": reader, "kind": "ordinary", "rights": "all", "territory": "CN", "fee_fen": 9_000, **DAYS}
        licence = mine.kit.do(Licence.offer, terms, on=work.id).value["id"]
        assert mine.money.debts() == [], "an offer owes nothing"
    told = {"channel": "bank", "reference": f"B{tag}", "paid": today}
    with acting(reader, "licensee") as theirs:
        theirs.kit.do(Licence.accept, on=licence)
        (debt,) = theirs.money.debts()
        assert (debt.due, debt.open, debt.payer, debt.payee) == (9_000, 9_000, reader, owner)
        slip = tmp_path / "回单.txt"
        slip.write_text(tag, "utf-8")
        payment = theirs.money.pay(licence, told | {"amount_fen": 4_000}, [slip]).value
        assert theirs.money.entries(today, today) == [], "a payment counts when its payee has confirmed it"
        with pytest.raises(LedgerError) as refused:
            theirs.kit.do(Payment.confirm, on=payment["id"])
        assert refused.value.code == "not_payee"
    with acting(owner, "creator") as mine:
        mine.kit.do(Payment.confirm, on=payment["id"])
        (debt,) = mine.money.debts()
        assert (debt.confirmed, debt.told, debt.open) == (4_000, 0, 5_000)
        assert b"".join(mine.content.cat(payment["proofs"][0]["cid"])) == tag.encode()
        entry = (licence, "received", 4_000)
        assert mine.money.entries(today, today) == [entry] and mine.money.entries("2026-01-01", "2026-01-01") == []
        own, bank = book(tmp_path / "own.csv", entry), book(tmp_path / "bank.csv", (licence, "received", 3_999))
        agreed = mine.money.reconcile(today, today, own, own)
        assert (agreed.differences, agreed.totals["ledger"]) == ((), 4_000)
        found = mine.money.reconcile(today, today, own, bank)
        assert [counts for _, counts in found.differences] == [
            {"own": 0, "ledger": 0, "channel": 1},
            {"own": 1, "ledger": 1, "channel": 0},
        ]
        kept = mine.money.record(today, today, found).value
        assert (kept["party"], kept["differences"], kept["entries"]) == (owner, 2, 1)
        assert kept["ledger_sha256"] == kept["own_sha256"] != kept["channel_sha256"]
        with pytest.raises(UserError):
            mine.money.reconcile(today, "2026-01-01", own, bank)
        empty = book(tmp_path / "empty.csv")
        for day in (
            f"{today[:8]}1",
            today.replace("-", "/"),
            today.replace("-", ""),
            "2026-02-30",
            "",
            f"{today}T00:00",
        ):
            with pytest.raises(UserError) as refused:
                mine.money.reconcile(day, "2036-12-31", empty, empty)
            assert refused.value.code == "bad_day" and "2026-11-01" in str(refused.value.hint), day
            with pytest.raises(UserError):
                mine.money.write_book("2026-01-01", day, tmp_path / "none.csv")
        assert not (tmp_path / "none.csv").exists()
        with pytest.raises(UserError, match="2"):
            mine.money.reconcile(today, today, book(tmp_path / "bad.csv", (licence, "gift", 1)), bank)
        assert mine.money.write_book(today, today, tmp_path / "ledger.csv") == 1
        assert mine.money.write_debts(tmp_path / "owed.csv") == 1
        assert agreed == mine.money.reconcile(today, today, tmp_path / "ledger.csv", own)
