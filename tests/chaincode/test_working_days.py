"""One calendar of working days: the notices that came along, those a ledger is given, and what is no calendar."""

from __future__ import annotations

import copy
import datetime as dt
import json
from typing import Any

import pytest

from baas.errors import UserError
from baas.working_days import guessed, guessed_words, needed_years, read_calendar, write_calendar
from chaincode.working_days import BadCalendar, WorkingDays, before, read_year, shipped
from tests.moments import notice_of

DAYS = shipped()


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def test_the_notices_of_2025_and_2026() -> None:
    assert set(DAYS.years) == {2025, 2026}
    assert [len(DAYS.years[year].off) for year in (2025, 2026)] == [28, 33]
    assert all("国办发明电" in one.source for one in DAYS.years.values())
    for text, works in {
        "2025-01-26": True,
        "2025-01-28": False,
        "2025-02-05": True,
        "2025-10-08": False,
        "2025-10-11": True,
        "2026-01-04": True,
        "2026-02-14": True,
        "2026-02-23": False,
        "2026-09-20": True,
        "2026-10-08": True,
        "2026-10-10": True,
        "2026-10-11": False,
    }.items():
        assert DAYS.is_working(day(text)) is works, text


def test_every_worked_day_is_a_weekend_day_and_every_year_has_a_working_week_less() -> None:
    for year in DAYS.years.values():
        assert all(one.weekday() >= 5 for one in year.worked)
        first = dt.date(year.year, 1, 1)
        working = sum(DAYS.is_working(first + dt.timedelta(days=n)) for n in range(365))
        assert 245 <= working <= 251


def test_thirty_working_days_of_the_office() -> None:
    assert DAYS.after(day("2026-02-13"), 1) == day("2026-02-14")
    assert DAYS.after(day("2026-09-30"), 1) == day("2026-10-08")
    assert DAYS.after(day("2026-01-05"), 30) == day("2026-02-14")
    off, worked = DAYS.years[2026].off, frozenset(DAYS.years[2026].worked)
    assert before(day("2026-10-08"), 1, off, worked) == day("2026-09-30")
    assert before(day("2026-10-12"), 1, off, worked) == day("2026-10-10")


def test_a_year_without_notice_is_known_as_guessed_until_it_is_imported() -> None:
    assert not DAYS.knows(day("2027-10-04")) and DAYS.is_working(day("2027-10-04"))
    assert guessed(DAYS, [day("2026-12-31"), day("2027-01-15")]) == (2027,)
    said = guessed_words((2027,), "citychain slots calendar")
    assert said is not None and "2027" in said.zh and "citychain slots calendar" in said.en
    assert guessed_words((), "x") is None
    known = DAYS.with_years([read_year(notice_of())])
    assert not known.is_working(day("2027-10-04")) and known.is_working(day("2027-10-09"))
    assert guessed(known, [day("2027-01-15")]) == ()


def test_next_year_is_needed_from_the_middle_of_november_on() -> None:
    assert needed_years(day("2026-11-01")) == (2026,)
    assert needed_years(day("2026-11-29")) == (2026, 2027)


def test_an_exported_year_is_read_as_it_was(tmp_path: Any) -> None:
    path = write_calendar(DAYS, 2026, tmp_path / "2026.json")
    assert read_calendar(path) == DAYS.years[2026]
    path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))
    assert read_calendar(path) == DAYS.years[2026]
    with pytest.raises(UserError):
        write_calendar(DAYS, 2030, path)


def changed(**changes: Any) -> dict[str, Any]:
    return {**notice_of(), **changes}


def holidays(*extra: dict[str, str], without: str = "") -> list[dict[str, str]]:
    return [one for one in notice_of()["holidays"] if one["name"] != without] + list(extra)


def feast(name: str, first: str, last: str) -> dict[str, str]:
    return {"name": name, "from": f"2027-{first}", "to": f"2027-{last}"}


def moved(name: str, first: str, last: str) -> dict[str, Any]:
    """The notice with one feast on other days."""
    return changed(holidays=[*holidays(without=name), feast(name, first, last)])


BAD = {
    "overlapping days": (moved("中秋节", "10-07", "10-08"), "overlap"),
    "a feast twice": (changed(holidays=holidays(feast("春节", "03-01", "03-02"))), "overlap"),
    "a feast missing": (changed(holidays=holidays(without="端午节")), "missing"),
    "no holidays": (changed(holidays=[]), "missing"),
    "an unknown feast": (changed(holidays=holidays(feast("周年庆", "03-01", "03-02"))), "unknown"),
    "a worked weekday": (changed(worked=["2027-03-01"]), "worked"),
    "a worked holiday": (changed(worked=["2027-10-02"]), "worked"),
    "a worked day twice": (changed(worked=["2027-10-09", "2027-10-09"]), "overlap"),
    "another year's day": (changed(worked=["2028-01-01"]), "outside"),
    "no day": (changed(worked=["2027-02-30"]), "day"),
    "a number for a day": (changed(worked=[20270201]), "day"),
    "ends before it begins": (moved("春节", "02-09", "02-06"), "order"),
    "half the year off": (moved("春节", "01-10", "03-30"), "many"),
    "thousands of days": (changed(worked=["2027-10-09"] * 5000), "many"),
    "a year as text": (changed(year="2027"), "form"),
    "year 9999": (changed(year=9999), "form"),
    "a source with control characters": (changed(source="a\x00"), "form"),
    "a field too many": (changed(more=1), "form"),
    "a list": ([notice_of()], "form"),
    "nothing": (None, "form"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_calendar_is_refused_in_one_sentence(case: str, tmp_path: Any) -> None:
    data, reason = BAD[case]
    with pytest.raises(BadCalendar) as refused:
        read_year(copy.deepcopy(data))
    assert refused.value.reason == reason
    path = tmp_path / "year.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(UserError) as told:
        read_calendar(path)
    assert told.value.code == "bad_calendar"
    assert str(told.value.message).count("\n") == 0


@pytest.mark.parametrize("text", ["", "{", "[" * 50_000, '"' + "x" * 70_000 + '"'])
def test_files_that_are_no_json(text: str, tmp_path: Any) -> None:
    path = tmp_path / "year.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError):
        read_calendar(path)


def test_the_holiday_of_new_year_may_begin_the_year_before() -> None:
    data = changed(holidays=[*holidays(without="元旦"), {"name": "元旦", "from": "2026-12-31", "to": "2027-01-02"}])
    assert not WorkingDays([read_year(data)]).is_working(day("2026-12-31"))
