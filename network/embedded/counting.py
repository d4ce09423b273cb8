"""What a channel has done since its node began: transactions by outcome, blocks, and how long transactions took."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable
from typing import Any

BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the buckets of time from order to disk, in seconds; one more takes what is beyond."""


class Counters:
    """Counted by the channel's own thread; `snapshot` is what the driver is told."""

    def __init__(self) -> None:
        self.valid = self.invalid = self.blocks = 0
        self.seconds = 0.0
        self._buckets = [0] * (len(BOUNDS_S) + 1)
        self._arrived: deque[float] = deque()

    def arrived(self) -> None:
        """A transaction was put in line."""
        self._arrived.append(time.monotonic())

    def committed(self, valid: Iterable[bool]) -> None:
        """A block is on disk, with the transactions that were first in line."""
        now = time.monotonic()
        self.blocks += 1
        for fine in valid:
            self.valid += fine
            self.invalid += not fine
            if not self._arrived:
                continue
            took = now - self._arrived.popleft()
            self.seconds += took
            self._buckets[sum(1 for bound in BOUNDS_S if took > bound)] += 1

    def snapshot(self) -> dict[str, Any]:
        """Totals since the beginning; `buckets` counts transactions by `BOUNDS_S`."""
        return {
            "valid": self.valid,
            "invalid": self.invalid,
            "blocks": self.blocks,
            "seconds": self.seconds,
            "buckets": list(self._buckets),
        }
