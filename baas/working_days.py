"""Yearly calendars of working days for commands, pages and the doctor: reading a file, and saying what is unknown."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baas.errors import CityChainError, Text, UserError, translating
from chaincode.working_days import BadCalendar, WorkingDays, Year, read_year
from fabric_sdk import clock
from network.encodings import read_text

if TYPE_CHECKING:
    from baas.platform import Platform
    from baas.services.doctor import Check

AHEAD_DAYS = 45
"""Deadlines of 30 working days reach so far: from the middle of November on the next year is needed, too."""
MAX_FILE_BYTES = 64_000

_WRONG = {
    "form": Text("缺少或写错了“{d}”", "'{d}' is missing or wrong"),
    "day": Text("{d} 不是日期", "{d} is no date"),
    "order": Text("{d} 开始的假期先止后起", "the holiday from {d} ends before it begins"),
    "outside": Text("{d} 不在这一年", "{d} does not lie in the year"),
    "overlap": Text("“{d}”与别的日子重叠或重复", "'{d}' overlaps or is there twice"),
    "missing": Text("缺少“{d}”", "'{d}' is missing"),
    "unknown": Text("没有叫“{d}”的法定节日", "there is no public holiday '{d}'"),
    "worked": Text("{d} 不是假期之外的周末，不能是调休上班日", "{d} is no weekend day outside the holidays"),
    "many": Text("日子太多", "there are too many days"),
}


def read_calendar(path: Path) -> Year:
    """A year's calendar from a JSON file as `… calendar --export` writes it; UserError names what is wrong with it."""
    try:
        with translating():
            data = json.loads(read_text(path, MAX_FILE_BYTES))
        return read_year(data)
    except BadCalendar as error:
        reason = _WRONG[error.reason]
        detail = error.detail or "year, version, source, holidays, worked"
        raise UserError(
            Text(
                "日历文件 {f} 不能用：{why_zh}。",
                "The calendar file {f} cannot be used: {why_en}.",
                f=path.name,
                why_zh=reason.zh.format(d=detail),
                why_en=reason.en.format(d=detail),
            ),
            Text(
                "先导出一年作样子：citychain slots calendar --export 2026 文件。",
                "Export a year as a model: citychain slots calendar --export 2026 FILE.",
            ),
            code="bad_calendar",
        ) from error
    except (ValueError, RecursionError) as error:
        raise UserError(
            Text("日历文件 {f} 不是可读的 JSON。", "The calendar file {f} is no readable JSON.", f=path.name),
            code="bad_calendar",
        ) from error


def write_calendar(days: WorkingDays, year: int, path: Path) -> Path:
    """Write a year that is known, as a model for the next; UserError if it is not known."""
    found = days.years.get(year)
    if found is None:
        raise UserError(Text("不知道 {y} 年的日历。", "The calendar of {y} is not known.", y=year), code="no_calendar")
    with translating():
        path.write_text(json.dumps(found.to_mapping(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return path


def needed_years(today: dt.date) -> tuple[int, ...]:
    """The years that deadlines of today may touch."""
    return tuple(sorted({today.year, (today + dt.timedelta(days=AHEAD_DAYS)).year}))


def guessed(days: WorkingDays, dates: Iterable[dt.date] = ()) -> tuple[int, ...]:
    """Of these dates' years (or those that deadlines of today may touch), the ones computed from weekends alone."""
    years = {day.year for day in dates} or set(needed_years(clock.today()))
    return tuple(sorted(year for year in years if year not in days.years))


def guessed_words(years: Iterable[int], way: str | Text) -> Text | None:
    """The sentence that goes with a date whose year is not known; None where all are. `way` says how a calendar is
    imported: a command that is given a file, or a sentence about a button."""
    named = sorted(set(years))
    if not named:
        return None
    return Text(
        "{y} 年的工作日按周末推算：国务院的日历还没有导入（{c}）。",
        "Working days of {y} are computed from weekends: the State Council's calendar is not imported ({c}).",
        y=", ".join(map(str, named)),
        c=way if isinstance(way, Text) else Text("{c} 文件", "{c} FILE", c=way),
    )


def rows(days: WorkingDays) -> list[dict[str, Any]]:
    """The years that are known and those that deadlines need, for a table."""
    years = sorted({*days.years, *needed_years(clock.today())})
    return [
        {
            "year": year,
            "known": year in days.years,
            "source": days.years[year].source if year in days.years else "",
            "days_off": len(days.years[year].off) if year in days.years else 0,
            "worked": len(days.years[year].worked) if year in days.years else 0,
        }
        for year in years
    ]


def doctor_check(
    platform: Platform, application: str, title: Text, command: str, calendar: Callable[[Any], WorkingDays]
) -> list[Check]:
    """The doctor's finding on the calendar that an application's service knows on the default network's ledger.

    None where there is no such network, it is not ready, or its ledger cannot be asked.
    """
    from baas.services.doctor import Check

    network = platform.networks.default()
    if not network or platform.networks.state(network).phase != "ready":
        return []
    try:
        with contextlib.closing(platform.applications.get(application).build_service(platform, network)) as service:
            days = calendar(service)
    except CityChainError:
        return []
    id = f"{application}-calendar"
    note = guessed_words(guessed(days), command)
    if note is None:
        years = ", ".join(map(str, sorted(days.years)))
        return [Check(id, title, "ok", Text("已知 {y} 年", "{y} are known", y=years))]
    return [
        Check(
            id,
            title,
            "info",
            note,
            Text(
                "国务院公布后导入：{c} 文件；样子见 {c} --export 2026 文件。",
                "Import it once it is published: {c} FILE; for a model, {c} --export 2026 FILE.",
                c=command,
            ),
        )
    ]
