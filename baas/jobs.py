"""Long work with steps, progress, a log and a cancel button; the same for command line, console and tests.

A job is a plain function whose parameter `ctx` is a `JobContext`:

    def deploy(spec: TopologySpec, *, ctx: JobContext) -> NetworkHandle: …

    jobs.run(deploy, spec)              # here and now, returns the result or raises
    job = jobs.submit(deploy, spec)     # in a worker thread
"""

from __future__ import annotations

import contextvars
import logging
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Generic, Literal, Protocol, TypeVar, runtime_checkable

from baas import audit
from baas.errors import Cancelled, CityChainError, Text, UserError, translate
from baas.events import EventBus, JobChanged
from fabric_sdk import clock

_log = logging.getLogger(__name__)
T = TypeVar("T")


def _called(fn: Callable[..., object]) -> str:
    """How the audit log calls what a job does; what was made on the spot is called by its module."""
    name = getattr(fn, "__qualname__", type(fn).__name__)
    if "<" not in name:
        return name
    place = [part for part in fn.__module__.split(".") if part not in {"apps", "baas", "console", "pages", "services"}]
    inner = name.rpartition(".")[2]
    return ".".join([place[0], inner if "<" not in inner else place[-1]])


JobState = Literal["queued", "running", "done", "failed", "cancelled"]
StepState = Literal["running", "done", "failed", "cancelled"]
MAX_LOG_LINES = 5_000


@runtime_checkable
class JobContext(Protocol):
    """What a long function tells about itself and how it hears that it should end."""

    def step(self, id: str, title: Text) -> None:
        """Begin the step `id`; the step before it, if any, is done."""

    def progress(self, done: float, total: float, text: Text | str = "") -> None:
        """Say that `done` of `total` units of the current step are done; `total` 0 means unknown."""

    def log(self, text: Text | str) -> None:
        """Add a line to the job's log. Never a secret."""

    def check_cancelled(self) -> None:
        """Raise `Cancelled` when somebody asked for the end; called between units of work."""


class NullJobContext:
    """A `JobContext` that keeps nothing, for tests and for calls nobody watches."""

    def step(self, id: str, title: Text) -> None:
        return None

    def progress(self, done: float, total: float, text: Text | str = "") -> None:
        return None

    def log(self, text: Text | str) -> None:
        return None

    def check_cancelled(self) -> None:
        return None


NULL_CONTEXT = NullJobContext()


@dataclass(frozen=True)
class JobStep:
    """One step of a job as it stands: `done` of `total` units, times in seconds since the epoch."""

    id: str
    title: Text | str
    state: StepState
    started: float
    finished: float | None = None
    done: float = 0.0
    total: float = 0.0
    text: Text | str = ""


class Job(Generic[T]):
    """A piece of long work; also the `JobContext` that its function gets.

    Reading is safe from any thread. Listeners are called in the working thread, at most ~20 times a second for
    mere progress and at once for every change of state or step.
    """

    _PROGRESS_INTERVAL = 0.05

    def __init__(self, title: Text | str, on_change: Callable[[Job[Any]], None] | None = None) -> None:
        self.id = uuid.uuid4().hex[:12]
        self.title = title
        self.created = clock.seconds()
        self.finished_at: float | None = None
        self._state: JobState = "queued"
        self._result: T | None = None
        self._error: CityChainError | None = None
        self._steps: list[JobStep] = []
        self._lines: list[tuple[float, Text | str]] = []
        self._cancel = threading.Event()
        self._ended = threading.Event()
        self._lock = threading.RLock()
        self._listeners: list[Callable[[Job[Any]], None]] = [on_change] if on_change else []
        self._last_progress = 0.0

    # -- what watchers see -------------------------------------------------------------------------
    @property
    def state(self) -> JobState:
        return self._state

    @property
    def error(self) -> CityChainError | None:
        """Why the job failed; None while it runs, when it succeeded and when it was cancelled."""
        return self._error

    @property
    def steps(self) -> tuple[JobStep, ...]:
        with self._lock:
            return tuple(self._steps)

    @property
    def current(self) -> JobStep | None:
        with self._lock:
            return self._steps[-1] if self._steps else None

    @property
    def lines(self) -> tuple[tuple[float, Text | str], ...]:
        """The log: (seconds since the epoch, line), the newest 5,000."""
        with self._lock:
            return tuple(self._lines)

    @property
    def result(self) -> T:
        """The function's result; raises the job's error, or `Cancelled`, when there is none."""
        if self._state == "done":
            return self._result  # type: ignore[return-value]
        if self._state == "failed" and self._error is not None:
            raise self._error
        if self._state == "cancelled":
            raise Cancelled()
        raise UserError(Text("任务还没有结束。", "The job has not ended yet."))

    def cancel(self) -> None:
        """Ask the job to end at its next safe point."""
        self._cancel.set()

    @property
    def cancelling(self) -> bool:
        return self._cancel.is_set() and not self._ended.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the job has ended, at most `timeout` seconds; say whether it has."""
        return self._ended.wait(timeout)

    def subscribe(self, listener: Callable[[Job[Any]], None]) -> Callable[[], None]:
        """Call `listener(job)` on every change; the returned function ends it."""
        with self._lock:
            self._listeners.append(listener)

        def unsubscribe() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return unsubscribe

    # -- JobContext --------------------------------------------------------------------------------
    def step(self, id: str, title: Text) -> None:
        with self._lock:
            self._close_step("done")
            self._steps.append(JobStep(id, title, "running", clock.seconds()))
        self._notify()

    def progress(self, done: float, total: float, text: Text | str = "") -> None:
        with self._lock:
            if not self._steps:
                self._steps.append(JobStep("work", self.title, "running", clock.seconds()))
            self._steps[-1] = replace(self._steps[-1], done=done, total=total, text=text)
        now = time.monotonic()
        if now - self._last_progress >= self._PROGRESS_INTERVAL or (total and done >= total):
            self._last_progress = now
            self._notify()

    def log(self, text: Text | str) -> None:
        with self._lock:
            self._lines.append((clock.seconds(), text))
            del self._lines[:-MAX_LOG_LINES]
        self._notify()

    def check_cancelled(self) -> None:
        if self._cancel.is_set():
            raise Cancelled()

    # -- running -----------------------------------------------------------------------------------
    def _execute(self, fn: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Run `fn` and keep how it ended; never raises."""
        self._state = "running"
        self._notify()
        try:
            self.check_cancelled()
            what = _called(fn)
            with audit.operation(what, self.title if self.title != what else "", audit.named(fn, args, kwargs)):
                self._result = fn(*args, ctx=self, **kwargs)
            self._end("done", "done")
        except Cancelled:
            self._end("cancelled", "cancelled")
        except Exception as error:
            translated = translate(error)
            if translated is not error:
                translated.__cause__ = error
            if translated.exit_code == 70:
                _log.exception("job %s failed", self.id)
            self._error = translated
            self._end("failed", "failed")

    def _end(self, state: JobState, step_state: StepState) -> None:
        with self._lock:
            self._close_step(step_state)
            self.finished_at = clock.seconds()
            self._state = state
        self._ended.set()
        self._notify()

    def _close_step(self, state: StepState) -> None:
        if self._steps and self._steps[-1].state == "running":
            self._steps[-1] = replace(self._steps[-1], state=state, finished=clock.seconds())

    def _notify(self) -> None:
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            try:
                listener(self)
            except Exception:
                _log.exception("a listener of job %s failed", self.id)


class Jobs:
    """Runs jobs: in the caller's thread, in a pool, or one after the other in a named queue.

    A queue is for work that must not overlap, such as changes of one network (`queue="network:city"`).
    """

    def __init__(self, events: EventBus | None = None, workers: int = 4) -> None:
        self._events = events or EventBus()
        self._workers = workers
        self._pool: ThreadPoolExecutor | None = None
        self._queues: dict[str, ThreadPoolExecutor] = {}
        self._lock = threading.Lock()
        self._jobs: dict[str, Job[Any]] = {}
        self._closed = False

    def run(
        self,
        fn: Callable[..., T],
        *args: Any,
        title: Text | str = "",
        watch: Callable[[Job[Any]], None] | None = None,
        **kwargs: Any,
    ) -> T:
        """Run `fn(*args, ctx=…, **kwargs)` in this thread and return its result or raise its error.

        Ctrl+C becomes `Cancelled`.
        """
        job: Job[T] = self._new(title or fn.__name__)
        if watch is not None:
            job.subscribe(watch)
        try:
            job._execute(fn, args, kwargs)
        except KeyboardInterrupt:
            job.cancel()
            job._end("cancelled", "cancelled")
        return job.result

    def submit(
        self,
        fn: Callable[..., T],
        *args: Any,
        title: Text | str = "",
        queue: str | None = None,
        **kwargs: Any,
    ) -> Job[T]:
        """Start `fn(*args, ctx=…, **kwargs)` in a worker thread and return its job at once.

        Whoever acts here alone (`Session.within`), and the door it came through, are the job's, too.
        """
        job: Job[T] = self._new(title or getattr(fn, "__name__", "job"))
        self._executor(queue).submit(contextvars.copy_context().run, job._execute, fn, args, kwargs)
        return job

    def all(self) -> tuple[Job[Any], ...]:
        """Every job since the platform was opened, the newest 200, oldest first."""
        with self._lock:
            return tuple(self._jobs.values())

    def active(self) -> tuple[Job[Any], ...]:
        return tuple(job for job in self.all() if job.state in {"queued", "running"})

    def close(self, timeout: float = 10.0) -> None:
        """Cancel what runs and wait for it, at most `timeout` seconds."""
        self._closed = True
        for job in self.active():
            job.cancel()
        deadline = time.monotonic() + timeout
        executors = [*self._queues.values(), *([self._pool] if self._pool else [])]
        for executor in executors:
            executor.shutdown(wait=False, cancel_futures=True)
        for job in self.active():
            if job.state == "queued":
                job._end("cancelled", "cancelled")
            job.wait(max(0.0, deadline - time.monotonic()))

    def _new(self, title: Text | str) -> Job[Any]:
        if self._closed:
            raise UserError(Text("工作区已关闭。", "The workspace is closed."))
        job: Job[Any] = Job(title, lambda j: self._events.publish(JobChanged(j.id, j.state)))
        with self._lock:
            self._jobs[job.id] = job
            for old in [j for j in self._jobs.values() if j.state in {"done", "failed", "cancelled"}][:-200]:
                del self._jobs[old.id]
        return job

    def _executor(self, queue: str | None) -> ThreadPoolExecutor:
        with self._lock:
            if queue is None:
                if self._pool is None:
                    self._pool = ThreadPoolExecutor(self._workers, thread_name_prefix="job")
                return self._pool
            if queue not in self._queues:
                self._queues[queue] = ThreadPoolExecutor(1, thread_name_prefix=f"job-{queue}")
            return self._queues[queue]
