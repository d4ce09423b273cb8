"""What time it is: the one place where the programs ask the machine.

Everything that needs the present asks here, so that one question decides what "now" is and a test can stand at any
moment by replacing `_read` (a test finds whoever asks the machine past this module). There is no other way to set
it but `recalled`: a process believes its machine. Calendar days are always those of a named zone, never of the
machine's own: a day on a ledger is the office's or the hospital's wherever the computer stands.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from contextlib import contextmanager

CHINA = dt.timezone(dt.timedelta(hours=8))
"""China Standard Time, one zone for the whole country and without daylight saving (国家授时中心; tz: Asia/Shanghai)."""

EARLIEST = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
"""Before it this program was not there: a machine that says so has lost its clock (1970 after an empty battery)."""
LATEST = dt.datetime(2060, 1, 1, tzinfo=dt.UTC)
"""Beyond the life of any certificate that is issued today; what such a machine signs nobody else would take."""

_read = time.time_ns


@contextmanager
def recalled(moment: dt.datetime) -> Iterator[None]:
    """Let the present be `moment` meanwhile, in the whole process: for one that makes calls of the past again."""
    global _read  # noqa: PLW0603
    before, then = _read, int(moment.timestamp() * 1e9)
    _read = lambda: then  # noqa: E731
    try:
        yield
    finally:
        _read = before


def nanoseconds() -> int:
    """Nanoseconds since 1970 UTC."""
    return _read()


def seconds() -> float:
    """Seconds since 1970 UTC."""
    return _read() / 1e9


def now() -> dt.datetime:
    """The present, aware, in UTC."""
    return dt.datetime.fromtimestamp(_read() / 1e9, dt.UTC)


def plausible() -> bool:
    """Whether the machine's clock can be right at all."""
    return EARLIEST <= now() < LATEST


def local() -> dt.datetime:
    """The present in the machine's own zone: for people who look at a clock, never for a record."""
    return now().astimezone()


def today(zone: dt.tzinfo = CHINA) -> dt.date:
    """The calendar day in `zone`."""
    return now().astimezone(zone).date()
