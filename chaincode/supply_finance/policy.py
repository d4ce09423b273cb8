"""The rules that may change, by version: terms of certificates, days of grace, how far one may be split."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from chaincode.kit.fields import invalid


@dataclass(frozen=True)
class Policy:
    """`usual_months` is the longest term without a reason, `most_months` the longest of all; `levels` bounds the depth
    of splits; a holder waits `grace_days` after maturity before it is overdue, a bank pays within `pay_days`."""

    usual_months: int
    most_months: int
    levels: int
    grace_days: int
    pay_days: int


CURRENT = "2025"
POLICIES: Mapping[str, Policy] = {
    # 银发〔2025〕77 号 (in force since 2025-06-15): 付款期限原则上 6 个月以内, 最长不超过 1 年.
    "2025": Policy(usual_months=6, most_months=12, levels=40, grace_days=3, pay_days=3),
}
_NUMBER = re.compile(r"[0-9]{18}([0-9]{2})?\Z")


def months_after(day: date, months: int) -> date:
    """The same day so many months later, the last of the month where it has none."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def following(day: str, days: int = 1) -> str:
    """The day so many days later."""
    return (date.fromisoformat(day) + timedelta(days)).isoformat()


def invoice_number(text: str) -> str:
    """An invoice's number in one form: the 20 digits of a fully digital invoice, or code (10 or 12) and number (8).

    Full-width digits, blanks and hyphens make no other invoice of it.
    """
    found = re.sub(r"[\s\-–—_./]", "", unicodedata.normalize("NFKC", text))
    if not _NUMBER.match(found):
        invalid("invoice", "must be the number of an invoice: 20 digits, or its code and number")
    return found
