"""Places for what runs at a time, shared among those who ask: whoever waits with many is served in turn with others."""

from __future__ import annotations

import asyncio
from collections import Counter, deque

SHARE = 4
"""How many times the places that are free one may have (dynamic thresholds: Choudhury and Hahne, 1998)."""


class Room:
    """`most` places. Some stay free for who comes next, and who has none is never kept waiting by a share."""

    def __init__(self, most: int) -> None:
        self._free = most
        self._held: Counter[bytes] = Counter()
        self._waiting: dict[bytes, deque[asyncio.Future[None]]] = {}

    async def acquire(self, whose: bytes) -> None:
        """Wait for a place; then `release` must follow."""
        if self._may(whose) and whose not in self._waiting:
            self._take(whose)
            return
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(whose, deque()).append(waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            if not waiter.cancelled():
                self.release(whose)
            elif (queue := self._waiting.get(whose)) is not None and waiter in queue:
                queue.remove(waiter)
                if not queue:
                    del self._waiting[whose]
            raise

    def release(self, whose: bytes) -> None:
        self._free += 1
        self._held[whose] -= 1
        if not self._held[whose]:
            del self._held[whose]
        self._serve()

    def _may(self, whose: bytes) -> bool:
        held = self._held.get(whose, 0)
        return self._free > 0 and (not held or held < SHARE * self._free)

    def _take(self, whose: bytes) -> None:
        self._free -= 1
        self._held[whose] += 1

    def _serve(self) -> None:
        """Give places to those who wait, one each in turn, as long as anybody may have one."""
        while (whose := next(filter(self._may, self._waiting), None)) is not None:
            queue = self._waiting.pop(whose)
            waiter = queue.popleft()
            if not waiter.done():
                self._take(whose)
                waiter.set_result(None)
            if queue:
                self._waiting[whose] = queue
