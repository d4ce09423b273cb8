"""Waiting for what a handing over needs, not for ever."""

from __future__ import annotations

import time
from collections.abc import Callable

from network.drivers.base import Progress
from network.errors import DeadlineExceeded
from network.text import Text

SECONDS = 60.0


def wait_until(look: Callable[[], bool], ctx: Progress, late: Text) -> None:
    """Look again and again; `DeadlineExceeded` with the sentence `late` after a minute."""
    until = time.monotonic() + SECONDS
    while not look():
        ctx.check_cancelled()
        if time.monotonic() > until:
            raise DeadlineExceeded(late, Text("请查看它的日志。", "See its log."), code="handover_late")
        time.sleep(0.05)
