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

CURRENT = "2026-2"


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

    def term(self, work: dict[str, Any], case: dict[str, Any]) -> dict[str, Any]:
        """How long the economic rights last: `{"rule", "article", "until"}`, `until` None while nobody can know.

        It follows the authors and what kind of work it is, not who owns it now. `2026-1` knew two rules only and
        followed the owners; what was registered under it keeps its term.
        """
        rules = self.data["term"].get("rules")
        if rules is None:
            entity = any(owner["kind"] != "natural" for owner in case["owners"])
            return {"rule": "", "article": "", "until": _until_before(self.data["term"], work, entity)}
        kind = self._authors_kind(work, case)
        for rule in rules:
            if work["category"] not in rule.get("categories", (work["category"],)) or kind not in rule.get(
                "authors", (kind,)
            ):
                continue
            until = _COUNTS[rule["count"]](work, rule["years"])
            if rule.get("ended_before") and (until is None or until >= rule["ended_before"]):
                continue
            return {"rule": rule["code"], "article": rule["article"], "until": until}
        return {"rule": "", "article": "", "until": None}

    def _authors_kind(self, work: dict[str, Any], case: dict[str, Any]) -> str:
        """Whose lifetime counts: an entity's work has none; of persons whom nobody knows neither."""
        kinds = {author["kind"] for author in work["authors"]}
        if self.entry("attributions", case["attribution"]).get("entity") or (
            kinds and kinds <= {"legal", "organization"}
        ):
            return "entity"
        return "anonymous" if kinds == {"anonymous"} else "natural"


def _year(place: dict[str, Any] | None) -> int | None:
    return int(place["date"][:4]) if place and place.get("date") else None


def _end(year: int | None, years: int) -> str | None:
    return None if year is None else f"{year + years:04d}-12-31"


def _from_publication(work: dict[str, Any], years: int) -> str | None:
    """The 50th year after first publication; what was not published within 50 years of completion is not protected."""
    published, completed = _year(work.get("published")), _year(work.get("completed"))
    if published is None or (completed is not None and published > completed + years):
        return _end(completed, years)
    return _end(published, years)


def _from_first_publication(work: dict[str, Any], years: int) -> str | None:
    return _end(_year(work.get("published")), years)


def _from_death(work: dict[str, Any], years: int) -> str | None:
    """The 50th year after the death of the author who lived longest; None while one lives, or nobody knows."""
    deaths = [
        author.get("died") for author in work["authors"] if author.get("kind", "natural") in ("natural", "anonymous")
    ]
    if not deaths or not all(deaths):
        return None
    return _end(max(int(str(died)[:4]) for died in deaths), years)


_COUNTS = {
    "publication": _from_publication,
    "first_publication": _from_first_publication,
    "death": _from_death,
}


def _until_before(term: dict[str, Any], work: dict[str, Any], entity: bool) -> str | None:
    """The term as version 2026-1 counted it (著作权法 art. 23)."""
    if entity or work["category"] in term["entity_categories"]:
        first = _year(work.get("published")) or _year(work.get("completed"))
        return _end(first, term["years_after_publication"])
    return _from_death(work, term["years_after_death"])


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
