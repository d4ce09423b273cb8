"""Jobs that tokens have begun: each token sees its own."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any

from baas.api import answers
from baas.api.shapes import Moment, Scalar
from baas.errors import NotFound, Text
from baas.jobs import Job

MOST = 200
"""Jobs of one token that are remembered."""
MOST_RUNNING = 4
"""Jobs that one token may have under way."""


class JobBook:
    """Which token began which job; of a token's that are too many what has ended is forgotten, the oldest first."""

    def __init__(self) -> None:
        self._jobs: OrderedDict[str, tuple[str, str, Job[Any]]] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, token: str, operation: str, job: Job[Any]) -> answers.Job:
        """Note a job as the token's."""
        with self._lock:
            self._jobs[job.id] = token, operation, job
            own = [(id, one) for id, (owner, _, one) in self._jobs.items() if owner == token]
            ended = [id for id, one in own if one.finished_at is not None]
            for id in ended[: max(0, len(own) - MOST)]:
                del self._jobs[id]
        return told(operation, job)

    def running(self, token: str) -> int:
        """How many jobs of a token are under way."""
        with self._lock:
            return sum(owner == token and job.finished_at is None for owner, _, job in self._jobs.values())

    def get(self, token: str, id: str) -> tuple[str, Job[Any]]:
        """A token's own job with the operation that began it; `NotFound` for any other."""
        with self._lock:
            owner, operation, job = self._jobs.get(id, ("", "", None))
        if job is None or owner != token:
            raise NotFound(Text("这个令牌没有这个任务。", "This token has no such job."), code="no_job")
        return operation, job

    def of(self, token: str) -> list[answers.Job]:
        """A token's jobs, the newest first."""
        with self._lock:
            found = [(operation, job) for owner, operation, job in self._jobs.values() if owner == token]
        return [told(operation, job) for operation, job in reversed(found)]


def told(operation: str, job: Job[Any]) -> answers.Job:
    """A job as it stands."""
    step, error = job.current, job.error
    return answers.Job(
        id=job.id,
        operation=operation,
        state=job.state,
        step=_text(step.title) if step is not None else None,
        done=step.done if step is not None else 0.0,
        total=step.total if step is not None else 0.0,
        created=Moment(job.created),
        finished=Moment(job.finished_at) if job.finished_at is not None else None,
        error=answers.JobError(error.code, _text(error.message), _text(error.hint) if error.hint else None)
        if error is not None
        else None,
        result=_result(job),
    )


def _text(value: Text | str) -> Text:
    return value if isinstance(value, Text) else Text("{t}", "{t}", t=value)


def _result(job: Job[Any]) -> dict[str, Scalar] | None:
    if job.state != "done" or not isinstance(job.result, dict):
        return None
    return {str(name): Scalar(value) for name, value in job.result.items()}
