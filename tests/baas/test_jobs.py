from __future__ import annotations

import threading

import pytest

from baas.errors import Cancelled, InternalError, NotFound, Text, UserError
from baas.events import BlockIndexed, Event, EventBus, JobChanged, NetworkChanged
from baas.jobs import NULL_CONTEXT, JobContext, Jobs, _called


def work(count: int, *, ctx: JobContext) -> int:
    ctx.step("one", Text("一", "one"))
    for number in range(count):
        ctx.check_cancelled()
        ctx.progress(number + 1, count, "…")
    ctx.step("two", Text("二", "two"))
    ctx.log("done")
    return count


def test_a_job_in_this_thread_returns_its_result_and_keeps_its_steps() -> None:
    seen = []
    jobs = Jobs()
    assert jobs.run(work, 3, watch=seen.append) == 3
    (job,) = jobs.all()
    assert job.state == "done"
    assert [(s.id, s.state) for s in job.steps] == [("one", "done"), ("two", "done")]
    assert job.steps[0].done == 3
    assert [line for _, line in job.lines] == ["done"]
    assert seen


def test_a_job_in_a_worker_and_its_events() -> None:
    bus = EventBus()
    states: list[str] = []
    bus.subscribe(JobChanged, lambda event: states.append(event.state))
    jobs = Jobs(bus)
    job = jobs.submit(work, 5)
    assert job.wait(10)
    assert job.result == 5
    assert states[-1] == "done"
    jobs.close()


def test_errors_of_ours_pass_and_strange_ones_are_our_bug() -> None:
    def fail(error: Exception, *, ctx: JobContext) -> None:
        ctx.step("only", Text("唯一", "only"))
        raise error

    jobs = Jobs()
    with pytest.raises(NotFound):
        jobs.run(fail, NotFound("nothing"))
    with pytest.raises(InternalError) as bug:
        jobs.run(fail, ZeroDivisionError("oops"))
    assert isinstance(bug.value.__cause__, ZeroDivisionError)
    assert bug.value.exit_code == 70
    assert [job.steps[0].state for job in jobs.all()] == ["failed", "failed"]


def test_a_cancelled_job_ends_at_its_next_safe_point() -> None:
    started, go_on = threading.Event(), threading.Event()

    def patient(*, ctx: JobContext) -> None:
        started.set()
        go_on.wait(10)
        ctx.check_cancelled()
        raise AssertionError("went on after cancel")

    jobs = Jobs()
    job = jobs.submit(patient)
    assert started.wait(10)
    job.cancel()
    assert job.cancelling
    go_on.set()
    assert job.wait(10)
    assert job.state == "cancelled"
    assert job.error is None
    with pytest.raises(Cancelled):
        _ = job.result


def test_interrupt_becomes_cancelled() -> None:
    def interrupted(*, ctx: JobContext) -> None:
        raise KeyboardInterrupt

    with pytest.raises(Cancelled):
        Jobs().run(interrupted)


def test_a_queue_runs_one_after_the_other() -> None:
    running = 0
    most = 0
    guard = threading.Lock()

    def alone(*, ctx: JobContext) -> None:
        nonlocal running, most
        with guard:
            running += 1
            most = max(most, running)
        threading.Event().wait(0.01)
        with guard:
            running -= 1

    jobs = Jobs()
    made = [jobs.submit(alone, queue="network:city") for _ in range(5)]
    assert all(job.wait(10) for job in made)
    assert most == 1


def test_closing_cancels_what_runs_and_what_waits() -> None:
    started = threading.Event()

    def endless(*, ctx: JobContext) -> None:
        started.set()
        while True:
            ctx.check_cancelled()
            threading.Event().wait(0.005)

    jobs = Jobs()
    first = jobs.submit(endless, queue="q")
    second = jobs.submit(endless, queue="q")
    assert started.wait(10)
    jobs.close()
    assert (first.state, second.state) == ("cancelled", "cancelled")
    with pytest.raises(UserError):
        jobs.submit(endless)


def test_a_broken_listener_does_not_silence_the_others() -> None:
    bus = EventBus()
    heard: list[Event] = []

    def broken(_event: Event) -> None:
        raise RuntimeError("listener")

    bus.subscribe(Event, broken)
    end = bus.subscribe(NetworkChanged, heard.append)
    bus.publish(NetworkChanged("city", "up"))
    bus.publish(BlockIndexed("city", "c", 1, 1, 0))
    assert heard == [NetworkChanged("city", "up")]
    end()
    bus.publish(NetworkChanged("city", "down"))
    assert len(heard) == 1


def test_the_null_context_takes_everything() -> None:
    assert isinstance(NULL_CONTEXT, JobContext)
    assert work(2, ctx=NULL_CONTEXT) == 2


def test_the_log_calls_what_is_made_on_the_spot_by_its_module() -> None:
    """Found in the pictures: "AuditTab.run.<locals>.audit" stood on the page of the audit."""

    def audit() -> None: ...

    audit.__module__ = "apps.health_slots.ui.audit"
    assert _called(audit) == "health_slots.audit"
    nameless = lambda: None  # noqa: E731
    nameless.__module__ = "console.pages.ledger.verify"
    assert _called(nameless) == "ledger.verify"
    assert _called(test_the_log_calls_what_is_made_on_the_spot_by_its_module).startswith("test_the_log")
