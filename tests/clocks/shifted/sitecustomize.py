"""Loaded by every Python process under a shifted clock: sleeps that libfaketime does not break.

Version 0.9.10 makes timed waits on locks hang where it shifts the monotonic clock too, and makes Python's `time.sleep`
(an absolute `clock_nanosleep`) fail with EINVAL where it does not. So that clock is left alone, and sleeping is
`select` with a relative time.
"""

import select
import time


def sleep(seconds: float) -> None:
    """`time.sleep` by a relative wait."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        select.select([], [], [], min(left, 3600.0))


time.sleep = sleep
