"""Working days in China: the State Council's yearly notice as data, for every contract that counts them.

Offices work Monday to Friday, except on holidays, and on weekend days that the notice exchanges for them (调休). The
notice for a year appears in the November before (全国年节及纪念日放假办法; 国务院办公厅关于部分节假日安排的通知).
`years/YYYY.json` are those that came with this version; a ledger can be given later ones, which go first. A year of
which nothing is known is computed from weekends alone, and whoever shows such a date says so.
"""

from __future__ import annotations

import datetime as dt
import functools
import itertools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

FEASTS = ("元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节")
"""Holidays of every year (全国年节及纪念日放假办法, art. 2); two of them may be joined in one."""
MAX_DAYS, MAX_TEXT = 60, 200
FIRST_YEAR, LAST_YEAR = 2008, 2100


class BadCalendar(ValueError):
    """A year's calendar cannot be taken; `reason` is a code, `detail` the day, name or field that is meant."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class Year:
    """One year's notice: holidays as (name, first day, last day), and weekend days that are worked."""

    year: int
    version: int
    source: str
    holidays: tuple[tuple[str, dt.date, dt.date], ...]
    worked: tuple[dt.date, ...]

    @functools.cached_property
    def off(self) -> frozenset[dt.date]:
        return frozenset(
            first + dt.timedelta(days=n) for _, first, last in self.holidays for n in range((last - first).days + 1)
        )

    def to_mapping(self) -> dict[str, Any]:
        return {
            "year": self.year,
            "version": self.version,
            "source": self.source,
            "holidays": [
                {"name": name, "from": first.isoformat(), "to": last.isoformat()} for name, first, last in self.holidays
            ],
            "worked": [day.isoformat() for day in self.worked],
        }


class WorkingDays:
    """Counting working days over the years that are known."""

    def __init__(self, years: Iterable[Year]) -> None:
        self.years: Mapping[int, Year] = {one.year: one for one in years}
        self._off = frozenset(day for one in self.years.values() for day in one.off)
        self._worked = frozenset(day for one in self.years.values() for day in one.worked)

    def with_years(self, years: Iterable[Year]) -> WorkingDays:
        """The same with these, which replace what was known of their years."""
        return WorkingDays({**self.years, **{one.year: one for one in years}}.values())

    def knows(self, day: dt.date) -> bool:
        """Whether the year of `day` is known, so that no weekend or holiday is guessed."""
        return day.year in self.years

    def is_working(self, day: dt.date) -> bool:
        return is_working(day, self._off, self._worked)

    def after(self, start: dt.date, count: int) -> dt.date:
        """The last day of a period of `count` working days that begins the day after `start`."""
        day = start
        while count > 0:
            day += dt.timedelta(days=1)
            count -= self.is_working(day)
        return day


def is_working(day: dt.date, off: frozenset[dt.date], worked: frozenset[dt.date]) -> bool:
    """Say whether offices work on `day`: not a holiday; Monday to Friday or a weekend day that is worked."""
    return day not in off and (day.weekday() < 5 or day in worked)


def before(start: dt.date, count: int, off: frozenset[dt.date], worked: frozenset[dt.date]) -> dt.date:
    """The `count`-th working day before `start`; `start` itself for 0. Never more than 60 days are off at a stretch."""
    day = start
    for _ in range(count):
        day -= dt.timedelta(days=1)
        for _guard in range(MAX_DAYS):
            if is_working(day, off, worked):
                break
            day -= dt.timedelta(days=1)
    return day


def read_year(data: object) -> Year:
    """Check a year's calendar as people or a ledger give it; BadCalendar says what is wrong with it.

    Every feast of the law must be there once, holidays do not overlap, worked days are weekend days outside them, and
    all lie in the year (a New Year's holiday may begin in the last week of the year before).
    """
    if not isinstance(data, Mapping) or set(data) != {"year", "version", "source", "holidays", "worked"}:
        raise BadCalendar("form")
    year, version, source = data["year"], data["version"], data["source"]
    if type(year) is not int or not FIRST_YEAR <= year <= LAST_YEAR:
        raise BadCalendar("form", "year")
    if type(version) is not int or not 1 <= version <= 999:
        raise BadCalendar("form", "version")
    if not isinstance(source, str) or not 0 < len(source) <= MAX_TEXT or not source.isprintable():
        raise BadCalendar("form", "source")
    if not isinstance(data["holidays"], list) or not isinstance(data["worked"], list):
        raise BadCalendar("form", "holidays")
    if len(data["holidays"]) > MAX_DAYS or len(data["worked"]) > MAX_DAYS:
        raise BadCalendar("many")
    holidays = tuple(sorted((_holiday(one, year) for one in data["holidays"]), key=lambda one: one[1]))
    _check_feasts([name for name, _, _ in holidays])
    for (_, _, last), (name, first, _) in itertools.pairwise(holidays):
        if first <= last:
            raise BadCalendar("overlap", name)
    found = Year(year, version, source, holidays, tuple(sorted(_day(one, year) for one in data["worked"])))
    if len(found.off) > MAX_DAYS:
        raise BadCalendar("many")
    for day in found.worked:
        if day.weekday() < 5 or day in found.off:
            raise BadCalendar("worked", day.isoformat())
    if len(set(found.worked)) != len(found.worked):
        raise BadCalendar("overlap", "worked")
    return found


def _holiday(data: object, year: int) -> tuple[str, dt.date, dt.date]:
    if not isinstance(data, Mapping) or set(data) != {"name", "from", "to"} or not isinstance(data["name"], str):
        raise BadCalendar("form", "holidays")
    first, last = _day(data["from"], year), _day(data["to"], year)
    if last < first:
        raise BadCalendar("order", first.isoformat())
    return data["name"], first, last


def _check_feasts(names: list[str]) -> None:
    said = "、".join(names).split("、")
    for feast in FEASTS:
        if said.count(feast) != 1:
            raise BadCalendar("missing" if feast not in said else "overlap", feast)
    for name in said:
        if name not in FEASTS:
            raise BadCalendar("unknown", name[:20])


def _day(text: object, year: int) -> dt.date:
    if not isinstance(text, str) or len(text) != 10:
        raise BadCalendar("day", str(text)[:20])
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise BadCalendar("day", text) from None
    if (day.year != year and day < dt.date(year - 1, 12, 25)) or day.year > year:
        raise BadCalendar("outside", text)
    return day


@functools.cache
def shipped() -> WorkingDays:
    """The years that came with this version."""
    folder = resources.files(__name__) / "years"
    texts = [entry.read_text(encoding="utf-8") for entry in folder.iterdir() if entry.name.endswith(".json")]
    return WorkingDays(sorted((read_year(json.loads(text)) for text in texts), key=lambda one: one.year))
