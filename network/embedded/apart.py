"""Contracts that take long: each in a thread of its own, so that the node goes on; ended when their time is over.

A thread cannot be killed. It is made to raise TimedOut, again and again; one that never comes to a bytecode (it waits
in C) or catches everything keeps its thread and its place among `most`, and nothing else.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from network.embedded.room import Room
from network.embedded.watchdog import TimedOut, interrupt

log = logging.getLogger(__name__)
T = TypeVar("T")

# While such a thread runs, the node gets the interpreter back sooner than after Python's usual 5 ms.
_SWITCH_SECONDS = 0.0005
_AGAIN_SECONDS = 0.5
_PATIENCE = 20


class NotNeeded(Exception):
    """What was to run in a thread of its own may run where it was asked for."""


class Lease:
    """Things that several use (snapshots of ledgers); given back when the last of them has ended."""

    def __init__(self, give_back: Callable[[], None]) -> None:
        self._things = [give_back]
        self._holders = 1

    def add(self, give_back: Callable[[], None]) -> None:
        """Something more to be given back; in any thread."""
        self._things.append(give_back)

    def take(self) -> None:
        self._holders += 1

    def release(self) -> None:
        """In the event loop's thread."""
        self._holders -= 1
        if not self._holders:
            for give_back in self._things:
                give_back()


class Apart:
    """Runs calls in threads, `most` at a time, each for `seconds` at the most."""

    def __init__(self, seconds: float, most: int = 16) -> None:
        self._seconds = seconds
        self._room = Room(most)
        self._running = 0
        self._usual_switch = sys.getswitchinterval()
        self._endings: set[asyncio.Task[None]] = set()

    async def run(
        self,
        call: Callable[[], T],
        ended: Callable[[], None],
        needed: Callable[[], bool] = lambda: True,
        whose: bytes = b"",
    ) -> T:
        """Return what `call` returns; TimedOut when that takes too long. `ended` is told when its thread is no more.

        NotNeeded if `needed` says so once there is room for another thread. `whose` call it is shares the threads.
        """
        try:
            async with asyncio.timeout(self._seconds):
                await self._room.acquire(whose)
        except BaseException as e:
            ended()
            if isinstance(e, TimeoutError):
                raise TimedOut from None
            raise
        if not needed():
            self._room.release(whose)
            ended()
            raise NotNeeded
        work = _Work(call, asyncio.get_running_loop())
        self._count(1)
        work.start()
        try:
            async with asyncio.timeout(self._seconds):
                return await asyncio.shield(work.outcome)
        except TimeoutError:
            if work.outcome.done():
                raise  # the contract's own
            raise TimedOut from None
        finally:
            if work.outcome.done():
                self._leave(ended, whose)
            else:
                task = asyncio.create_task(self._end(work, ended, whose))
                self._endings.add(task)
                task.add_done_callback(self._endings.discard)

    def close(self) -> None:
        """Wait for nobody: the threads end with the process."""
        for task in self._endings:
            task.cancel()

    async def _end(self, work: _Work[T], ended: Callable[[], None], whose: bytes) -> None:
        """Make a call that nobody waits for any more end, however long that takes."""
        work.abandoned = True
        for _ in range(_PATIENCE):
            work.interrupt()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(work.ended.wait(), _AGAIN_SECONDS)
                break
        else:
            log.error("a contract does not end when told to; its thread is left alone")
            await work.ended.wait()
        self._leave(ended, whose)

    def _leave(self, ended: Callable[[], None], whose: bytes) -> None:
        self._count(-1)
        self._room.release(whose)
        ended()

    def _count(self, change: int) -> None:
        self._running += change
        sys.setswitchinterval(_SWITCH_SECONDS if self._running else self._usual_switch)


class _Work(threading.Thread, Generic[T]):
    """One call in its thread."""

    def __init__(self, call: Callable[[], T], loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(name="contract", daemon=True)
        self._call = call
        self._loop = loop
        self._guard = threading.Lock()
        self._over = False
        self.outcome: asyncio.Future[T] = loop.create_future()
        self.ended = asyncio.Event()
        self.abandoned = False

    def run(self) -> None:
        deliver: Callable[[], None]
        try:
            result = self._call()
        except BaseException as e:
            error = RuntimeError(repr(e)) if isinstance(e, StopIteration) else e
            deliver = lambda: self.outcome.set_exception(error)  # noqa: E731
        else:
            deliver = lambda: self.outcome.set_result(result)  # noqa: E731
        while not self._over:
            # The last interruption may arrive only here.
            with contextlib.suppress(TimedOut), self._guard:
                self._over = True
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
            self._loop.call_soon_threadsafe(self._deliver, deliver)

    def interrupt(self) -> None:
        """Let the thread raise TimedOut."""
        with self._guard:
            if self.ident is not None and not self._over:
                interrupt(self.ident)

    def _deliver(self, deliver: Callable[[], None]) -> None:
        if not self.abandoned and not self.outcome.done():
            deliver()
        self.ended.set()
