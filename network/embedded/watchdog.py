"""A time limit for contracts that run in the node's own thread.

A contract that never returns would stop the whole node. A second thread watches the clock and, when the limit is over,
makes the main thread raise TimedOut: by a signal, which also ends a wait, or where there is none by simulating one,
which is heard at the next bytecode. It does so every second while the contract catches it and goes on; in the end the
process is given up, for what it has acknowledged is on disk.
"""

from __future__ import annotations

import _thread
import ctypes
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

log = logging.getLogger(__name__)

_SIGNAL = signal.SIGABRT  # nothing else in this process handles it
_AGAIN_SECONDS = 1.0
_PATIENCE = 20
_GIVEN_UP = 3


class TimedOut(BaseException):
    """The contract took longer than it may. Not an Exception, so that the contract cannot go on regardless."""


def interrupt(thread: int) -> None:
    """Make the thread with this identifier raise TimedOut at its next bytecode."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(TimedOut))


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
            self._deadline = time.monotonic() + _AGAIN_SECONDS
            raise TimedOut

    def _watch(self) -> None:
        tries = 0
        with self._wake:
            while not self._closed:
                deadline = self._deadline
                if not deadline:
                    tries = 0
                elif time.monotonic() >= deadline:
                    tries += 1
                    if tries > _PATIENCE:
                        log.critical("a contract holds the node and does not end when told to; the process ends")
                        os._exit(_GIVEN_UP)
                    _interrupt_main()
                self._wake.wait(min(1.0, self._seconds / 2))


def _interrupt_main() -> None:
    main = threading.main_thread().ident
    if sys.platform == "win32" or main is None:
        _thread.interrupt_main(_SIGNAL)
    else:
        signal.pthread_kill(main, _SIGNAL)
