"""Processor time in a unit that machines share: one ECDSA P-256 check, measured while the thing itself is measured.

Rates depend on what else a machine does; processor time of an operation divided by a check's of the same moments does
not.
"""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import time
from collections.abc import Iterable
from typing import Self

import psutil
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

_EVERY_SECONDS = 0.1
_IN_A_ROW = 8
_WARM = 2


class Yardstick:
    """Measures checks again and again beside a load on the same event loop; `spent` is what that cost itself."""

    def __init__(self) -> None:
        self._message = bytes(range(256)) * 4
        key = ec.generate_private_key(ec.SECP256R1())
        self._signature = key.sign(self._message, ec.ECDSA(hashes.SHA256()))
        self._public = key.public_key()
        self._found: list[float] = []
        self._task: asyncio.Task[None] | None = None
        self.spent = 0.0

    @property
    def seconds(self) -> float:
        """Processor time of one check (hot): a mean, as that of operations is, with what neighbours did to both."""
        if not self._found:
            self.measure()
        return statistics.fmean(self._found)

    def measure(self) -> None:
        begin = time.thread_time()
        times: list[float] = []
        for _ in range(_IN_A_ROW):
            one = time.thread_time()
            self._public.verify(self._signature, self._message, ec.ECDSA(hashes.SHA256()))
            times.append(time.thread_time() - one)
        self._found.append(statistics.fmean(times[_WARM:]))
        self.spent += time.thread_time() - begin

    async def __aenter__(self) -> Self:
        self._found.clear()
        self._task = asyncio.create_task(self._go_on())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _go_on(self) -> None:
        while True:
            self.measure()
            await asyncio.sleep(_EVERY_SECONDS)


def processor_seconds(pids: Iterable[int]) -> float:
    """What processes and their children have used so far; those that are gone count nothing."""
    spent = 0.0
    seen: set[int] = set()
    for pid in pids:
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            for one in (process, *process.children(recursive=True)):
                if one.pid not in seen:
                    seen.add(one.pid)
                    with contextlib.suppress(psutil.Error):
                        times = one.cpu_times()
                        spent += times.user + times.system
    return spent
