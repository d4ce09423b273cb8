"""Search parameters of booking portals, read strictly: what is not understood is refused, never ignored."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from fabric_sdk.clock import CHINA

COMMON = frozenset({"_id", "_count", "_cursor", "_format", "_pretty"})
_PREFIX = re.compile(r"(eq|ne|ge|gt|le|lt|sa|eb|ap)?(.+)", re.DOTALL)
MAX_COUNT = 200
YEARS = range(1900, 2200)


class BadSearch(ValueError):
    """A search parameter that cannot be honoured; the text is for the portal's developers."""


@dataclass(frozen=True)
class Range:
    """Moments from `low` (included) to `high` (excluded), seconds since 1970; None leaves a side open."""

    low: int | None = None
    high: int | None = None

    def holds(self, moment: int) -> bool:
        return (self.low is None or moment >= self.low) and (self.high is None or moment < self.high)

    def dates(self) -> tuple[str, str]:
        """First and last local date that the range touches, "" where open."""
        first = dt.datetime.fromtimestamp(self.low, CHINA).date().isoformat() if self.low is not None else ""
        last = dt.datetime.fromtimestamp(self.high - 1, CHINA).date().isoformat() if self.high is not None else ""
        return first, last


@dataclass
class Search:
    """The parameters of one request by name; values of a repeated parameter all hold, comma means or."""

    values: dict[str, list[str]] = field(default_factory=dict)
    count: int = 50
    cursor: str = ""

    def alternatives(self, name: str) -> list[str]:
        """The alternatives of a parameter that may be given once; [] if it is not."""
        given = self.values.get(name, [])
        if len(given) > 1:
            raise BadSearch(f"{name} may be given once")
        return [part for part in given[0].split(",") if part] if given else []

    def references(self, name: str, *types: str) -> list[str]:
        """Ids of a reference parameter: `Type/id` or a bare id."""
        found = []
        for text in self.alternatives(name):
            kind, slash, id = text.rpartition("/")
            if slash and kind.rpartition("/")[2] not in types:
                raise BadSearch(f"{name} refers to {' or '.join(types)}")
            found.append(id)
        return found

    def tokens(self, name: str) -> list[str]:
        """Codes of a token parameter; a system before `|` is not compared."""
        return [text.rpartition("|")[2] for text in self.alternatives(name)]

    def require_sort(self, *known: str) -> None:
        """Refuse an order other than the one that results have."""
        if any(order not in known for order in self.alternatives("_sort")):
            raise BadSearch(f"_sort is {' or '.join(known)}")

    def moments(self, name: str) -> Range:
        """The range of a date parameter, all its values together."""
        low: int | None = None
        high: int | None = None
        for text in self.values.get(name, []):
            one = _range(name, text)
            if one.low is not None:
                low = one.low if low is None else max(low, one.low)
            if one.high is not None:
                high = one.high if high is None else min(high, one.high)
        return Range(low, high)


def read_search(pairs: Iterable[tuple[str, str]], allowed: Sequence[str]) -> Search:
    """Read a query string; BadSearch names a parameter that this resource does not have."""
    search = Search()
    for name, value in pairs:
        if name not in allowed and name not in COMMON:
            raise BadSearch(f"unknown search parameter {name[:40]}; known: {', '.join(sorted({*allowed, *COMMON}))}")
        if len(value) > 500:
            raise BadSearch(f"{name} is too long")
        if name == "_count":
            if not value.isascii() or not value.isdigit() or not 1 <= int(value[:9]) <= MAX_COUNT:
                raise BadSearch(f"_count is 1 to {MAX_COUNT}")
            search.count = int(value)
        elif name == "_cursor":
            search.cursor = value
        elif name == "_format":
            if value.partition(";")[0] not in ("json", "application/json", "application/fhir+json", "text/json"):
                raise BadSearch("_format is application/fhir+json")
        elif name != "_pretty":
            search.values.setdefault(name, []).append(value)
    return search


def _range(name: str, text: str) -> Range:
    match = _PREFIX.fullmatch(text)
    prefix, rest = (match[1] or "eq", match[2]) if match else ("eq", "")
    if prefix in ("ne", "ap"):
        raise BadSearch(f"{name} has no prefix {prefix}; use eq, ge, gt, le, lt, sa or eb")
    begins, ends = _span(name, rest)
    return {
        "eq": Range(begins, ends),
        "ge": Range(begins, None),
        "gt": Range(ends, None),
        "sa": Range(ends, None),
        "le": Range(None, ends),
        "lt": Range(None, begins),
        "eb": Range(None, begins),
    }[prefix]


def _span(name: str, text: str) -> tuple[int, int]:
    """The seconds that a FHIR date of any precision covers (start included, end excluded)."""
    try:
        if not text[:4].isascii() or int(text[:4]) not in YEARS:
            raise ValueError
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            day = dt.datetime.fromisoformat(text).replace(tzinfo=CHINA)
            return int(day.timestamp()), int((day + dt.timedelta(days=1)).timestamp())
        if re.fullmatch(r"\d{4}-\d{2}", text):
            first = dt.datetime(int(text[:4]), int(text[5:]), 1, tzinfo=CHINA)
            after = (first + dt.timedelta(days=32)).replace(day=1)
            return int(first.timestamp()), int(after.timestamp())
        moment = dt.datetime.fromisoformat(text.replace(" ", "+"))
        if moment.tzinfo is None or "T" not in text:
            raise ValueError
    except (ValueError, OverflowError) as error:
        raise BadSearch(f"{name} is a date such as ge2026-12-03 or ge2026-12-03T08:00:00+08:00") from error
    seconds = int(moment.timestamp())
    return seconds, seconds + 1
