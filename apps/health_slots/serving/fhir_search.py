"""Search parameters of booking portals, read strictly: what is not understood is refused, never ignored."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from fabric_sdk.clock import CHINA

COMMON = frozenset({"_id", "_count", "_cursor", "_format", "_pretty", "_summary", "_total", "_elements"})
_DATE = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2})"
    r"(?:T(?P<time>\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)(?P<zone>Z|[+-]\d{2}:\d{2})?)?)?)?",
    re.ASCII,
)
_PREFIX = re.compile(r"(eq|ne|ge|gt|le|lt|sa|eb|ap)?(.+)", re.DOTALL)
MAX_COUNT = 200
SUMMARIES = ("true", "text", "data", "count", "false")
TOTALS = ("none", "estimate", "accurate")
YEARS = range(1900, 2200)


class BadSearch(ValueError):
    """A search parameter that cannot be honoured; the text is for the portal's developers.

    `parameter` names it, so that the answer's `expression` can point at it.
    """

    def __init__(self, text: str, parameter: str = "") -> None:
        super().__init__(text)
        self.parameter = parameter


@dataclass(frozen=True)
class Range:
    """Moments from `low` (included) to `high` (excluded), seconds since 1970; None leaves a side open."""

    low: int | None = None
    high: int | None = None
    but: bool = False
    """the moments outside instead (`ne`)"""

    def holds(self, moment: int) -> bool:
        inside = (self.low is None or moment >= self.low) and (self.high is None or moment < self.high)
        return inside != self.but

    def overlaps(self, begins: int, ends: int) -> bool:
        """Whether a period touches the range, as a search on a FHIR Period asks."""
        if self.but:
            return not (self.low is not None and begins >= self.low and self.high is not None and ends <= self.high)
        return (self.low is None or ends > self.low) and (self.high is None or begins < self.high)


@dataclass(frozen=True)
class Moments:
    """What all values of a date parameter ask together: of each value one of its alternatives must hold."""

    every: tuple[tuple[Range, ...], ...] = ()

    def holds(self, moment: int) -> bool:
        return all(any(one.holds(moment) for one in some) for some in self.every)

    def overlaps(self, begins: int, ends: int) -> bool:
        return all(any(one.overlaps(begins, ends) for one in some) for some in self.every)

    def bounds(self) -> tuple[int | None, int | None]:
        """The smallest range that holds every moment asked for (start included, end excluded)."""
        low: int | None = None
        high: int | None = None
        for some in self.every:
            lows = [None if one.but else one.low for one in some]
            highs = [None if one.but else one.high for one in some]
            if None not in lows:
                least = min(one for one in lows if one is not None)
                low = least if low is None else max(low, least)
            if None not in highs:
                most = max(one for one in highs if one is not None)
                high = most if high is None else min(high, most)
        return low, high

    def dates(self) -> tuple[str, str]:
        """First and last local date that the moments touch, "" where open."""
        low, high = self.bounds()
        first = dt.datetime.fromtimestamp(low, CHINA).date().isoformat() if low is not None else ""
        last = dt.datetime.fromtimestamp(high - 1, CHINA).date().isoformat() if high is not None else ""
        return first, last


@dataclass
class Search:
    """The parameters of one request by name; values of a repeated parameter all hold, comma means or."""

    values: dict[str, list[str]] = field(default_factory=dict)
    count: int = 50
    cursor: str = ""
    summary: str = "false"
    total: str = "none"
    elements: tuple[str, ...] = ()

    @property
    def only_counts(self) -> bool:
        """Whether the answer is a number without resources."""
        return self.count == 0 or self.summary == "count"

    def alternatives(self, name: str) -> list[str]:
        """The alternatives of a parameter that may be given once; [] if it is not."""
        given = self.values.get(name, [])
        if len(given) > 1:
            raise BadSearch(f"{name} may be given once", name)
        return [part for part in given[0].split(",") if part] if given else []

    def references(self, name: str, *types: str) -> list[str]:
        """Ids of a reference parameter: `Type/id` or a bare id."""
        found = []
        for text in self.alternatives(name):
            kind, slash, id = text.rpartition("/")
            if slash and kind.rpartition("/")[2] not in types:
                raise BadSearch(f"{name} refers to {' or '.join(types)}", name)
            found.append(id)
        return found

    def tokens(self, name: str) -> list[str]:
        """Codes of a token parameter; a system before `|` is not compared."""
        return [text.rpartition("|")[2] for text in self.alternatives(name)]

    def require_sort(self, *known: str) -> None:
        """Refuse an order other than the one that results have."""
        if any(order not in known for order in self.alternatives("_sort")):
            raise BadSearch(f"_sort is {' or '.join(known)}", "_sort")

    def moments(self, name: str) -> Moments:
        """What a date parameter asks: repeated values all hold, of those between commas one does."""
        given = self.values.get(name, [])
        return Moments(tuple(tuple(_range(name, part) for part in text.split(",")) for text in given))


def read_search(pairs: Iterable[tuple[str, str]], allowed: Sequence[str]) -> Search:
    """Read a query string; BadSearch names a parameter that this resource does not have."""
    search = Search()
    for name, value in pairs:
        if name not in allowed and name not in COMMON:
            known = ", ".join(sorted({*allowed, *COMMON}))
            raise BadSearch(f"unknown search parameter {name[:40]}; known: {known}", name[:40])
        if len(value) > 500:
            raise BadSearch(f"{name} is too long", name)
        _SPECIAL.get(name, _ordinary)(search, name, value)
    return search


def _ordinary(search: Search, name: str, value: str) -> None:
    search.values.setdefault(name, []).append(value)


def _count(search: Search, name: str, value: str) -> None:
    if not value.isascii() or not value.isdigit() or not 0 <= int(value[:9]) <= MAX_COUNT:
        raise BadSearch(f"_count is 0 to {MAX_COUNT}", name)
    search.count = int(value)


def _cursor(search: Search, name: str, value: str) -> None:
    search.cursor = value


def _format(search: Search, name: str, value: str) -> None:
    if value.partition(";")[0] not in ("json", "application/json", "application/fhir+json", "text/json"):
        raise BadSearch("_format is application/fhir+json", name)


def _pretty(search: Search, name: str, value: str) -> None:
    """Whoever reads the answer may indent it."""


def _summary(search: Search, name: str, value: str) -> None:
    if value not in SUMMARIES:
        raise BadSearch(f"_summary is {', '.join(SUMMARIES)}", name)
    search.summary = value


def _total(search: Search, name: str, value: str) -> None:
    if value not in TOTALS:
        raise BadSearch(f"_total is {', '.join(TOTALS)}", name)
    search.total = value


def _elements(search: Search, name: str, value: str) -> None:
    search.elements = tuple(part.strip() for part in value.split(",") if part.strip())


_SPECIAL: Mapping[str, Callable[[Search, str, str], None]] = {
    "_count": _count,
    "_cursor": _cursor,
    "_format": _format,
    "_pretty": _pretty,
    "_summary": _summary,
    "_total": _total,
    "_elements": _elements,
}


def _range(name: str, text: str) -> Range:
    match = _PREFIX.fullmatch(text)
    prefix, rest = (match[1] or "eq", match[2]) if match else ("eq", "")
    begins, ends = _span(name, rest)
    if prefix == "ap":
        # "Approximately" is left to the server (R4, 3.1.1.4.6); a day to either side is what people mean here.
        begins, ends = begins - 86_400, ends + 86_400
    return {
        "eq": Range(begins, ends),
        "ap": Range(begins, ends),
        "ne": Range(begins, ends, but=True),
        "ge": Range(begins, None),
        "gt": Range(ends, None),
        "sa": Range(ends, None),
        "le": Range(None, ends),
        "lt": Range(None, begins),
        "eb": Range(None, begins),
    }[prefix]


def _span(name: str, text: str) -> tuple[int, int]:
    """The seconds that a FHIR date of any precision covers (start included, end excluded).

    Year, month, day, minutes or seconds; a time without a zone is China's, as portals of the city mean it.
    """
    try:
        match = _DATE.fullmatch(text.replace(" ", "+"))
        if match is None or int(match["year"]) not in YEARS:
            raise ValueError
        year, month, day = (int(match[part] or 1) for part in ("year", "month", "day"))
        first = dt.datetime(year, month, day, tzinfo=CHINA)
        if match["time"] is not None:
            return _moment(match, first)
        if match["day"] is not None:
            after = first + dt.timedelta(days=1)
        elif match["month"] is not None:
            after = (first + dt.timedelta(days=32)).replace(day=1)
        else:
            after = first.replace(year=first.year + 1)
    except (ValueError, OverflowError) as error:
        raise BadSearch(f"{name} is a date such as ge2026-12-03 or ge2026-12-03T08:00:00+08:00", name) from error
    return int(first.timestamp()), int(after.timestamp())


def _moment(match: re.Match[str], day: dt.datetime) -> tuple[int, int]:
    zone = match["zone"] or "+08:00"
    text = f"{day.date().isoformat()}T{match['time']}{'+00:00' if zone == 'Z' else zone}"
    seconds = int(dt.datetime.fromisoformat(text).timestamp())
    return seconds, seconds + (1 if match["time"].count(":") > 1 else 60)
