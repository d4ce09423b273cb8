"""Civil dates and times of a hospital's day, computed the same on every peer.

Times on the ledger are whole seconds since 1970 UTC; dates are `YYYY-MM-DD` in the hospital's own offset from UTC
(China: +480 minutes, no daylight saving).
"""

from __future__ import annotations

import datetime as dt
import re

from chaincode.health_slots.refusals import bad
from chaincode.working_days import before

DAY = 86_400
_DATE = re.compile(r"(?:19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}")
"""Years 1900 to 2199: what an office can have meant, and far from the ends of every calendar library."""


def parse_date(text: object) -> dt.date:
    """Read `YYYY-MM-DD`; BAD_DATE otherwise."""
    if not isinstance(text, str) or not _DATE.fullmatch(text):
        bad(f"{str(text)[:40]!r} is no date YYYY-MM-DD", "BAD_DATE")
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        bad(f"{text} is no day of any calendar", "BAD_DATE")


def at(date: str, minute: int, offset_minutes: int) -> int:
    """Return the moment `minute` minutes after local midnight of `date`, in seconds since 1970 UTC."""
    days = (parse_date(date) - dt.date(1970, 1, 1)).days
    return days * DAY + (minute - offset_minutes) * 60


def local_date(moment: int, offset_minutes: int) -> str:
    """Return the local date at `moment`."""
    return (dt.date(1970, 1, 1) + dt.timedelta(days=(moment + offset_minutes * 60) // DAY)).isoformat()


def add_days(date: str, days: int) -> str:
    return (parse_date(date) + dt.timedelta(days=days)).isoformat()


def working_days_before(date: str, count: int, holidays: frozenset[str], workdays: frozenset[str]) -> str:
    """Return the `count`-th working day before `date`; `date` itself for 0."""
    off, worked = (frozenset(map(dt.date.fromisoformat, days)) for days in (holidays, workdays))
    return before(parse_date(date), count, off, worked).isoformat()
