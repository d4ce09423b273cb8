"""A time limit for contracts that run in the node's own thread.

A contract that never returns would stop the whole node. A second thread watches the clock and, when the limit is over,
makes the main thread raise TimedOut at its next bytecode (by simulating a signal, which works on every platform).
"""

from __future__ import annotations

import _thread
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_SIGNAL = signal.SIGABRT  # only simulated, never sent; nothing else in this process handles it


class TimedOut(BaseException):
    """The contract took longer than it may. Not an Exception, so that the contract cannot go on regardless."""


class Watchdog:
    """Watches executions in the main thread; elsewhere it does nothing."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._deadline = 0.0
        self._wake = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._main = threading.current_thread() is threading.main_thread()

    @contextmanager
    def limit(self) -> Iterator[None]:
        """Run the block under the time limit (not re-entrant: calls between contracts share the first limit)."""
        if not self._main or self._deadline:
            yield
            return
        if self._thread is None:
            self._start()
        self._deadline = time.monotonic() + self._seconds
        try:
            yield
        finally:
            self._deadline = 0.0

    def close(self) -> None:
        with self._wake:
            self._closed = True
            self._wake.notify()

    def _start(self) -> None:
        signal.signal(_SIGNAL, self._interrupt)
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
        self._thread.start()

    def _interrupt(self, *_: object) -> None:
        if self._deadline and time.monotonic() >= self._deadline:
            self._deadline = 0.0
            raise TimedOut

    def _watch(self) -> None:
        with self._wake:
            while not self._closed:
                deadline = self._deadline
                if deadline and time.monotonic() >= deadline:
                    _thread.interrupt_main(_SIGNAL)
                self._wake.wait(min(1.0, self._seconds / 2))
