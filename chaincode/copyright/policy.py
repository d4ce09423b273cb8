"""The versioned rules of the registration office: lists of the form, deadlines, terms of protection, holidays.

The rules are data (`policies/VERSION.json`); a record keeps the version it was made under, so that a later policy does
not change an earlier act. Sources of the rules are named in the files.
"""

from __future__ import annotations

import calendar
import functools
import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from importlib import resources
from typing import Any

from chaincode.working_days import WorkingDays, read_year, shipped
from fabric_sdk.chaincode import ChaincodeError

CURRENT = "2026-1"


class Policy:
    """One version of the rules. `data` is the file's content; it is shared and must not be changed."""

    def __init__(self, data: dict[str, Any], working_days: WorkingDays) -> None:
        self.working_days = working_days
        known = working_days.years.items()
        self.data = data | {
            "holidays": {str(n): [f"{day:%m-%d}" for day in sorted(y.off) if day.weekday() < 5] for n, y in known},
            "working_weekends": {str(n): [f"{day:%m-%d}" for day in y.worked] for n, y in known},
        }
        self.version: str = data["version"]
        self.zone = timezone(timedelta(hours=data["utc_offset_hours"]))

    def with_calendar(self, years: Mapping[str, Any]) -> Policy:
        """The same rules with the yearly calendars that the ledger was given."""
        if not years:
            return self
        return Policy(self.data, self.working_days.with_years(read_year(one) for one in years.values()))

    def codes(self, table: str) -> frozenset[str]:
        """The codes that a field may take, such as `categories`."""
        return frozenset(self.data[table])

    def economic(self) -> frozenset[str]:
        """The rights that can be licensed and pledged."""
        return frozenset(code for code, row in self.data["rights"].items() if not row["personal"])

    def entry(self, table: str, code: str) -> dict[str, Any]:
        """One row of a table; the code was checked before."""
        row: dict[str, Any] = self.data[table][code]
        return row

    def limit(self, name: str) -> int:
        return int(self.data["limits"][name])

    def local_date(self, at: datetime) -> date:
        """The office's calendar day at an instant."""
        return at.astimezone(self.zone).date()

    def months_after(self, start: date, months: int) -> date:
        """The same day of a later month, or that month's last day."""
        year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
        return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))

    def deadline(self, name: str, at: datetime) -> str:
        """A deadline of the policy counted from an instant, as the ISO date of its last day."""
        amounts = self.data["deadlines"]
        day = self.local_date(at)
        if f"{name}_months" in amounts:
            return self.months_after(day, amounts[f"{name}_months"]).isoformat()
        return self.working_days.after(day, amounts[f"{name}_working_days"]).isoformat()

    def right_until(self, work: dict[str, Any], entity: bool) -> str | None:
        """The last day of the economic rights, None while it cannot be known (著作权法 art. 23).

        Natural persons: the end of the 50th year after the (last) author's death. Legal entities and audiovisual works:
        the end of the 50th year after first publication, or after completion if unpublished.
        """
        term = self.data["term"]
        if entity or work["category"] in term["entity_categories"]:
            first = (work.get("published") or work.get("completed") or {}).get("date")
            return f"{int(first[:4]) + term['years_after_publication']:04d}-12-31" if first else None
        deaths = [author.get("died") for author in work["authors"]]
        if not deaths or not all(deaths):
            return None
        return f"{int(max(str(died) for died in deaths)[:4]) + term['years_after_death']:04d}-12-31"


@functools.cache
def load(version: str = CURRENT) -> Policy:
    """The policy of a version; ChaincodeError `UNKNOWN_POLICY` if this contract does not ship it."""
    if version not in versions():
        raise ChaincodeError("UNKNOWN_POLICY", f"there is no policy version {version[:32]}", status=404)
    text = (resources.files("chaincode.copyright") / "policies" / f"{version}.json").read_text(encoding="utf-8")
    return Policy(json.loads(text), shipped())


@functools.cache
def versions() -> tuple[str, ...]:
    """Every version shipped, oldest first."""
    folder = resources.files("chaincode.copyright") / "policies"
    return tuple(sorted(entry.name[:-5] for entry in folder.iterdir() if entry.name.endswith(".json")))
