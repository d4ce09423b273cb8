"""A job's steps on a terminal: finished ones stay as lines, the current one has a bar."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any

from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from baas.cli.output import console
from baas.errors import Lang, render

if TYPE_CHECKING:
    from baas.jobs import Job


class ProgressView:
    """Shows one job while it runs; a context manager."""

    def __init__(self, lang: Lang) -> None:
        self._lang = lang
        self._progress = Progress(
            SpinnerColumn(finished_text="✓"),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[text]}", markup=False),
            TimeElapsedColumn(),
            console=console(stderr=True),
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> ProgressView:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def update(self, job: Job[Any]) -> None:
        """Take in what the job says of itself."""
        for position, step in enumerate(job.steps):
            key = f"{position}/{step.id}"
            if key not in self._tasks:
                self._tasks[key] = self._progress.add_task(render(step.title, self._lang), total=None, text="")
            task = self._tasks[key]
            text = render(step.text, self._lang) if step.text else ""
            if step.state == "done":
                self._progress.update(task, total=1, completed=1, text=text)
            else:
                self._progress.update(task, total=step.total or None, completed=step.done, text=text)
            if step.state != "running":
                self._progress.stop_task(task)
