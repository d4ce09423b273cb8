"""Work outside the window's thread: results arrive in it, jobs report, cancel ends, nobody gone is called."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QObject, QThread
from PySide6.QtWidgets import QLabel

from baas.jobs import Jobs
from console.context import Context
from console.tasks import Tasks, Watchdog
from network.errors import CityChainError, UserError
from network.text import Text


@pytest.fixture
def tasks(qapp: object) -> Any:
    made = Tasks()
    jobs = Jobs()
    made.use(jobs)
    yield made
    made.close()
    jobs.close(2)


def test_a_result_arrives_in_the_windows_thread(qtbot: Any, qapp: Any, tasks: Tasks) -> None:
    seen: list[tuple[str, bool]] = []

    def read() -> str:
        return threading.current_thread().name

    tasks.fetch(read, lambda name: seen.append((name, QThread.currentThread() is qapp.thread())))
    qtbot.waitUntil(lambda: bool(seen), timeout=20000)
    assert seen[0][0].startswith("read")
    assert seen[0][1]
    assert tasks.idle


def test_unforeseen_errors_become_ours(qtbot: Any, tasks: Tasks, caplog: Any) -> None:
    errors: list[CityChainError] = []
    tasks.fetch(lambda: 1 / 0, None, errors.append)
    qtbot.waitUntil(lambda: bool(errors), timeout=20000)
    assert errors[0].exit_code == 70
    assert "ZeroDivisionError" in errors[0].message.zh


def test_nothing_is_delivered_to_a_page_that_has_gone(qtbot: Any, tasks: Tasks) -> None:
    page, seen = QObject(), []
    go = threading.Event()
    tasks.fetch(lambda: go.wait(2), seen.append, owner=page)
    shiboken6.delete(page)
    go.set()
    qtbot.waitUntil(lambda: tasks.idle, timeout=20000)
    assert seen == []


def test_a_jobs_result_is_not_told_to_a_page_that_has_gone(qtbot: Any, tasks: Tasks) -> None:
    """Another person sat down while a file was looked at: its result met the old page's parts, which were deleted."""
    context, going = Context(tasks), threading.Event()

    class Part(QLabel):
        def show_result(self, text: str) -> None:
            self.setText(text)

    parts = [Part(), Part()]
    views = [context.job(lambda *, ctx: going.wait(10) and "x", title="x", done=part.show_result) for part in parts]
    shiboken6.delete(parts[0])
    with qtbot.waitSignals([view.succeeded for view in views], timeout=10_000):
        going.set()
    assert parts[1].text() == "x"


def test_a_job_tells_its_steps_and_its_result(qtbot: Any, tasks: Tasks) -> None:
    def work(n: int, *, ctx: Any) -> int:
        for i in range(n):
            ctx.step(str(i), Text("步", "step"))
            ctx.progress(1, 1)
        return n

    view = tasks.job(work, 5, title=Text("做", "do"), network="city")
    with qtbot.waitSignals([view.succeeded, view.finished], timeout=20000):
        pass
    assert view.job is not None
    assert len(view.job.steps) == 5
    assert view.job.result == 5


def test_a_failing_job_brings_its_error_once(qtbot: Any, tasks: Tasks) -> None:
    def work(*, ctx: Any) -> None:
        raise UserError(Text("不行。", "No."), Text("换一个。", "Another."))

    view = tasks.job(work, title="x")
    heard: list[CityChainError] = []
    view.failed.connect(heard.append)
    qtbot.waitUntil(lambda: not view.running, timeout=20000)
    qtbot.wait(30)
    assert [e.message.zh for e in heard] == ["不行。"]


def test_cancel_is_silent(qtbot: Any, tasks: Tasks) -> None:
    def work(*, ctx: Any) -> None:
        while True:
            ctx.check_cancelled()
            time.sleep(0.005)

    view = tasks.job(work, title="x")
    failures: list[object] = []
    view.failed.connect(failures.append)
    qtbot.wait(30)
    with qtbot.waitSignal(view.cancelled, timeout=20000):
        view.cancel()
    assert failures == []


def test_one_network_has_one_writer(qtbot: Any, tasks: Tasks) -> None:
    running, most = [0], [0]

    def work(*, ctx: Any) -> None:
        running[0] += 1
        most[0] = max(most[0], running[0])
        time.sleep(0.02)
        running[0] -= 1

    views = [tasks.job(work, title="x", network="city") for _ in range(5)]
    qtbot.waitUntil(lambda: not any(v.running for v in views), timeout=20000)
    assert most == [1]


def test_the_watchdog_sees_a_stall(qtbot: Any, qapp: Any) -> None:
    dog = Watchdog()
    dog.start()
    qtbot.wait(40)
    time.sleep(0.12)
    qtbot.wait(20)
    dog.stop()
    assert dog.worst_ms > 80
    assert dog.stalls
