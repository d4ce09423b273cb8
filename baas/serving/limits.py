"""How much each caller of an interface may ask, and how its token is kept."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable


class RateLimiter:
    """Token buckets by caller; bounded in number, the least recently used goes first."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic, limit: int = 10_000) -> None:
        self._clock = clock
        self._limit = limit
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._guard = threading.Lock()

    def wait_for(self, caller: str, per_second: float, burst: int) -> float:
        """Take one request of `caller`; 0 if it may go on, otherwise the seconds until it may ask again."""
        now = self._clock()
        with self._guard:
            level, at = self._buckets.pop(caller, (float(burst), now))
            level = min(float(burst), level + (now - at) * per_second)
            allowed = level >= 1
            self._buckets[caller] = (level - 1 if allowed else level, now)
            while len(self._buckets) > self._limit:
                self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - level) / per_second


def token_digest(token: str) -> str:
    """How a token is kept: its SHA-256 in hex. A token has 256 bits of chance, so that nobody finds it by trying."""
    return hashlib.sha256(token.encode()).hexdigest()
