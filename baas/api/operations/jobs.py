"""Jobs that a token has begun: how they are, and their end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from baas.api import answers
from baas.api.declaration import LIMIT, Call, operation
from baas.api.jobs import MOST_RUNNING, told
from baas.api.problems import Problem
from baas.api.schema import text
from baas.api.shapes import Page
from baas.errors import Text


def begin(call: Call, act: Callable[..., Any], *args: Any, title: Text, queue: str | None = None) -> answers.Job:
    """Begin `act(*args, ctx=…)` for the token that asks."""
    if call.jobs.running(call.token.id) >= MOST_RUNNING:
        raise Problem(
            429,
            "too_many_jobs",
            Text("这个令牌已有 {n} 个任务在进行。", "This token has {n} jobs under way.", n=MOST_RUNNING),
            headers={"Retry-After": "5"},
        )
    job = call.platform.jobs.submit(act, *args, title=title, queue=queue)
    return call.jobs.keep(call.token.id, call.operation.id, job)


@operation("GET", "/jobs", "", Text("列出这个令牌的任务", "List this token's jobs"),
           answer=Page[answers.Job],
           query={**LIMIT, "after": text(least=12, most=12, pattern="^[0-9a-f]{12}$",
                                         about=Text("上一页最后一个任务", "The last job of the page before"))},
           )  # fmt: skip
def list_jobs(call: Call) -> Page[answers.Job]:
    """The token's jobs, the newest first."""
    found, after, limit = call.jobs.of(call.token.id), call.query["after"], call.query["limit"]
    if after is not None:
        places = [place for place, one in enumerate(found) if one.id == after]
        found = found[places[0] + 1 :] if places else []
    return call.page(found[:limit], {"after": found[limit - 1].id} if len(found) > limit else None)


@operation("GET", "/jobs/{job}", "", Text("任务的现况", "How a job is"), answer=answers.Job)
def get_job(call: Call) -> answers.Job:
    """One of the token's jobs."""
    return told(*call.jobs.get(call.token.id, call.path["job"]))


@operation("POST", "/jobs/{job}/cancel", "", Text("请任务停下", "Ask a job to end"),
           answer=answers.Job)  # fmt: skip
def cancel_job(call: Call) -> answers.Job:
    """Ask a job of the token's own to end at its next safe point."""
    operation, job = call.jobs.get(call.token.id, call.path["job"])
    call.platform.session.note("api.cancel")
    job.cancel()
    return told(operation, job)


@operation("GET", "/jobs/{job}/events", "",
           Text("任务的变化（服务器推送事件）", "A job's changes (server-sent events)"),
           answer=answers.Job, streams=True)  # fmt: skip
def watch_job(call: Call) -> Callable[[], tuple[list[tuple[str, str, Any]], bool]]:
    """A job's changes until it has ended, each as a whole job."""
    operation, job = call.jobs.get(call.token.id, call.path["job"])
    last: list[answers.Job] = []

    def look() -> tuple[list[tuple[str, str, Any]], bool]:
        now = told(operation, job)
        new = [("job", "", now)] if last != [now] else []
        last[:] = [now]
        return new, now.finished is not None

    return look
