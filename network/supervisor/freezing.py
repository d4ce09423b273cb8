"""Programs held still while their files are copied: as of one instant, without one of them being stopped.

What such a copy shows is what a crash of all of them at that instant would have left, and that is what they recover
from. Whoever holds them lets go however it ends.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import psutil

LONGEST_S = 120.0
"""How long the supervisor holds programs still at most; then they go on, and the copy is void."""
_SETTLE_S = 10.0


@contextlib.contextmanager
def held_still(pids: Iterable[int]) -> Iterator[None]:
    """Suspend these processes inside the block; when it begins, no thread of theirs runs any more."""
    held: list[psutil.Process] = []
    try:
        for pid in pids:
            process = psutil.Process(pid)
            held.append(process)
            process.suspend()
        for process in held:
            _settle(process.pid)
        yield
    finally:
        for process in held:
            go_on(process.pid)


def go_on(pid: int) -> None:
    """Let a process run that may have been held still; harmless where it was not, or is gone."""
    with contextlib.suppress(psutil.Error, OSError):
        psutil.Process(pid).resume()


def _settle(pid: int) -> None:
    """Wait until every thread stands: a signal to stop reaches those on other processors a moment later."""
    until = time.monotonic() + _SETTLE_S
    while time.monotonic() < until:
        if _stands(pid):
            return
        time.sleep(0.001)
    raise TimeoutError(f"process {pid} does not stand still")


def _stands(pid: int) -> bool:
    if sys.platform != "linux":
        # The others tell of a process only; suspending is at once on Windows.
        return sys.platform == "win32" or psutil.Process(pid).status() in (psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE)
    for task in Path(f"/proc/{pid}/task").glob("*/stat"):
        with contextlib.suppress(OSError):  # a thread that ended
            if task.read_text("utf-8", "replace").rpartition(")")[2].split()[0] not in "TtZXx":
                return False
    return True
