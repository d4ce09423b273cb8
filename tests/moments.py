"""The moments that tests stand at: the only ones who set the clock port, for their own process.

Child processes (nodes, commands) ask their own machine; for them there is Debian's `faketime`, as in
`dev.py test --clocks`.
"""

from __future__ import annotations

import datetime as dt
import os
import time
from pathlib import Path
from typing import Any

import pytest

from fabric_sdk import clock

FAKETIME = next(Path("/usr/lib").glob("*-linux-gnu/faketime/libfaketimeMT.so.1"), None)
"""Debian's library that shifts what a process takes for the present, if it is here."""
CHINA_FRIDAY_EVENING = dt.datetime(2026, 11, 27, 18, 0, tzinfo=clock.CHINA)


def stand_at(patch: pytest.MonkeyPatch, moment: dt.datetime) -> None:
    """Let this process believe that it is `moment`, and that time goes on from there."""
    shift(patch, moment.timestamp() - time.time())


def shift(patch: pytest.MonkeyPatch, seconds: float) -> None:
    """Let this process's clock be `seconds` ahead of the machine's (behind where negative)."""
    patch.setattr(clock, "_read", lambda: time.time_ns() + round(seconds * 1e9))


class Machine:
    """A machine whose clock is set while its programs run: this process, and those that it starts after `begin`.

    The whole may itself be shifted already (`dev.py test --clocks`).
    """

    def __init__(self, patch: pytest.MonkeyPatch, moved: Path) -> None:
        self._patch, self._moved = patch, moved
        self._already = round(float(os.environ.get("FAKETIME", "0").removesuffix("s")))
        self.set_ahead(0)

    def begin(self) -> None:
        """Let programs that are started from now on follow its clock.

        Only what Python hands on is changed: the library may be at work in this process, too, and looks again and again
        at the C library's own environment.
        """
        environment = {name: value for name, value in os.environ.items() if not name.startswith("FAKETIME")}
        following = {
            "LD_PRELOAD": str(FAKETIME), "FAKETIME_TIMESTAMP_FILE": str(self._moved), "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_FORCE_MONOTONIC_FIX": "0",
            "PYTHONPATH": str(Path(__file__).parent / "clocks" / "shifted"),
        }  # fmt: skip
        self._patch.setattr(os, "environ", environment | following)

    def set_ahead(self, seconds: int) -> None:
        """Set its clock so far ahead of what it was at first."""
        self._moved.write_text(f"{self._already + seconds:+d}", encoding="ascii")
        shift(self._patch, seconds)


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
