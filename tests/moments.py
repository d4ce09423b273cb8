"""The moments that tests stand at: the only ones who set the clock port, for their own process.

Child processes (nodes, commands) ask their own machine; for them there is Debian's `faketime`, as in
`dev.py test --clocks`.
"""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

import pytest

from fabric_sdk import clock

CHINA_FRIDAY_EVENING = dt.datetime(2026, 11, 27, 18, 0, tzinfo=clock.CHINA)


def stand_at(patch: pytest.MonkeyPatch, moment: dt.datetime) -> None:
    """Let this process believe that it is `moment`, and that time goes on from there."""
    shift(patch, moment.timestamp() - time.time())


def shift(patch: pytest.MonkeyPatch, seconds: float) -> None:
    """Let this process's clock be `seconds` ahead of the machine's (behind where negative)."""
    patch.setattr(clock, "_read", lambda: time.time_ns() + round(seconds * 1e9))


def notice_of(year: int = 2027) -> dict[str, Any]:
    """A made-up notice of another year, of the right form (2027, 2033: 9 October is a weekend day)."""
    feasts = {
        "元旦": "01-01",
        "春节": "02-06",
        "清明节": "04-05",
        "劳动节": "05-01",
        "端午节": "06-09",
        "中秋节": "09-15",
    }
    holidays = [{"name": n, "from": f"{year}-{d}", "to": f"{year}-{d}"} for n, d in feasts.items()]
    holidays.append({"name": "国庆节", "from": f"{year}-10-01", "to": f"{year}-10-07"})
    return {"year": year, "version": 1, "source": "样例通知", "holidays": holidays, "worked": [f"{year}-10-09"]}
