"""The moments that tests stand at: the only ones who set the clock port, for their own process.

Child processes (nodes, commands) ask their own machine; for them there is Debian's `faketime`, as in
`dev.py test --clocks`.
"""

from __future__ import annotations

import datetime as dt
import time

import pytest

from fabric_sdk import clock

CHINA_FRIDAY_EVENING = dt.datetime(2026, 11, 27, 18, 0, tzinfo=clock.CHINA)


def stand_at(patch: pytest.MonkeyPatch, moment: dt.datetime) -> None:
    """Let this process believe that it is `moment`, and that time goes on from there."""
    shift(patch, moment.timestamp() - time.time())


def shift(patch: pytest.MonkeyPatch, seconds: float) -> None:
    """Let this process's clock be `seconds` ahead of the machine's (behind where negative)."""
    patch.setattr(clock, "_read", lambda: time.time_ns() + round(seconds * 1e9))
