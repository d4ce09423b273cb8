"""Work outside the window's thread; results come back as queued signals.

Reads run in a small pool of their own. Writes are jobs of the platform: `Tasks.job` puts them in the queue of their
network, so that one network has one writer, and wraps the job in a `JobView` whose signals arrive in the window's
thread however often the job reports.
"""

from __future__ import annotations

import logging
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from inspect import ismethod
from typing import Any

import shiboken6
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from baas.errors import translate
from baas.jobs import Job, Jobs
from network.errors import Cancelled, CityChainError
from network.text import Text

_log = logging.getLogger(__name__)


class JobView(QObject):
    """A job as the window sees it.

    Signals: `changed` for progress and steps (at most every 50 ms), `finished` once, after which one of
    `succeeded(result)`, `failed(CityChainError)` or `cancelled` has been emitted.
    """

    changed = Signal()
    finished = Signal()
    succeeded = Signal(object)
    failed = Signal(object)
    cancelled = Signal()
    _told = Signal()

    def __init__(self, title: str, parent: QObject) -> None:
        super().__init__(parent)
        self.title = title
        self.job: Job[Any] | None = None
        self._ended = False
        self._pending = threading.Event()
        self._told.connect(self._on_told, Qt.ConnectionType.QueuedConnection)

    def attach(self, job: Job[Any]) -> None:
        self.job = job
        job.subscribe(self._hear)
        self._hear(job)

    @property
    def state(self) -> str:
        return self.job.state if self.job is not None else "queued"

    @property
    def running(self) -> bool:
        return not self._ended

    def cancel(self) -> None:
        """Ask the job to end at its next safe point."""
        if self.job is not None:
            self.job.cancel()
            self.changed.emit()

    def _hear(self, job: Job[Any]) -> None:
        """Called in the working thread: ask for one look, however many reports come before it happens."""
        if not self._pending.is_set():
            self._pending.set()
            if shiboken6.isValid(self):
                self._told.emit()

    def _on_told(self) -> None:
        self._pending.clear()
        job = self.job
        if job is None or self._ended:
            return
        if job.state not in {"done", "failed", "cancelled"}:
            self.changed.emit()
            return
        self._ended = True
        self.changed.emit()
        if job.state == "done":
            self.succeeded.emit(job.result)
        elif job.state == "cancelled":
            self.cancelled.emit()
        else:
            self.failed.emit(job.error)
        self.finished.emit()


class Tasks(QObject):
    """Runs reads and jobs for the pages.

    Signals: `job_started(JobView)`, `job_finished(JobView)`.
    """

    job_started = Signal(object)
    job_finished = Signal(object)
    _arrived = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._readers = ThreadPoolExecutor(4, thread_name_prefix="read")
        self._jobs: Jobs | None = None
        self._views: list[JobView] = []
        self._closed = False
        self._reading = 0
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def use(self, jobs: Jobs | None) -> None:
        """Run jobs in the platform's pool from now on."""
        self._jobs = jobs

    @property
    def jobs(self) -> tuple[JobView, ...]:
        """Every job started from this window, oldest first."""
        return tuple(self._views)

    @property
    def active(self) -> tuple[JobView, ...]:
        return tuple(view for view in self._views if view.running)

    @property
    def reading(self) -> bool:
        """Something is being read, or its result is on its way."""
        return self._reading > 0

    @property
    def idle(self) -> bool:
        """Nothing is being read and no job runs; for tests and screenshots."""
        return not self.reading and not self.active

    def fetch(
        self,
        read: Callable[[], Any],
        done: Callable[[Any], None] | None = None,
        failed: Callable[[CityChainError], None] | None = None,
        *,
        owner: QObject | None = None,
    ) -> None:
        """Call `read()` in a worker and `done(result)` or `failed(error)` in the window's thread.

        Nothing is delivered to an `owner` that has gone in the meantime.
        """
        if self._closed:
            return
        self._reading += 1

        def work() -> None:
            value: Any = None
            error: CityChainError | None = None
            try:
                value = read()
            except Exception as raised:
                error = translate(raised)
                if error is not raised:
                    error.__cause__ = raised
                if error.exit_code == 70:
                    _log.exception("a read failed")
            if not self._closed and shiboken6.isValid(self):
                self._arrived.emit((value, error, done, failed, owner))

        self._readers.submit(work)

    def job(
        self,
        fn: Callable[..., Any],
        *args: Any,
        title: Text | str,
        network: str | None = None,
        **kwargs: Any,
    ) -> JobView:
        """Start `fn(*args, ctx=…, **kwargs)` as a job; with `network` it waits for that network's other writes."""
        from console.i18n import say

        view = JobView(say(title), self)
        self._views.append(view)
        del self._views[:-200]
        view.finished.connect(lambda: self.job_finished.emit(view))
        if self._jobs is None:
            raise RuntimeError("no workspace is open")
        queue = f"network:{network}" if network else None
        view.attach(self._jobs.submit(fn, *args, title=title, queue=queue, **kwargs))
        self.job_started.emit(view)
        return view

    def close(self) -> None:
        """Deliver nothing more; reads that run are left to end by themselves."""
        self._closed = True
        self._readers.shutdown(wait=False, cancel_futures=True)

    def _deliver(self, parcel: tuple[Any, CityChainError | None, Any, Any, QObject | None]) -> None:
        value, error, done, failed, owner = parcel
        self._reading -= 1
        if owner is not None and not shiboken6.isValid(owner):
            return
        if error is None:
            if done is not None:
                done(value)
        elif failed is not None and not isinstance(error, Cancelled):
            failed(error)


class _Later(QTimer):
    """A pause, and what follows it."""

    def __init__(self, milliseconds: int, owner: QObject, action: Callable[[], object]) -> None:
        super().__init__(owner)
        # Not strongly: an owner that holds its timer would never go.
        self._action = weakref.WeakMethod(action) if ismethod(action) else lambda: action
        self.setSingleShot(True)
        self.setInterval(milliseconds)
        self.timeout.connect(action)

    def end(self) -> None:
        """Do at once what follows."""
        self.stop()
        if action := self._action():
            action()


_LATER: weakref.WeakSet[_Later] = weakref.WeakSet()


def later(milliseconds: int, owner: QObject, action: Callable[[], object]) -> QTimer:
    """Call `action` after a pause unless `owner` has gone; starting again postpones it."""
    timer = _Later(milliseconds, owner, action)
    _LATER.add(timer)
    return timer


def postponed() -> bool:
    """Whether anything waits for its pause to end; for tests and screenshots."""
    return bool(_pausing())


def end_pauses() -> None:
    """Do now what waits for its pause to end; for tests, which have nobody who types on."""
    for timer in _pausing():
        timer.end()


def _pausing() -> list[_Later]:
    return [timer for timer in list(_LATER) if shiboken6.isValid(timer) and timer.isActive()]
