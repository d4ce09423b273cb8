"""The status bar: network, runtime, block and its age, jobs, keystore, clock."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame

from console.i18n import tr
from console.i18n.formats import ago, number, when
from console.tasks import JobView, Tasks
from console.theme import tokens
from console.widgets.basic import Button, Label, Status, hbox
from fabric_sdk import clock


class StatusBar(QFrame):
    """Signals: `jobs_pressed`, `notices_pressed`."""

    jobs_pressed = Signal()
    notices_pressed = Signal()

    def __init__(self, tasks: Tasks) -> None:
        super().__init__()
        self._tasks = tasks
        self._block: tuple[int, datetime] | None = None
        self.setProperty("surface", "status")
        self.setFixedHeight(tokens.STATUS_HEIGHT)
        self.setAccessibleName(tr("状态栏"))
        row = hbox(self, margins=(16, 0, 16, 0), spacing=16)
        self.network = Status(tr("尚无网络"), "none")
        self.runtime = Label("", "caption", "text2")
        self.block = Label("", "caption", "text2")
        row.addWidget(self.network)
        row.addWidget(self.runtime)
        row.addWidget(self.block)
        row.addStretch(1)
        self.job = Button("", self.jobs_pressed.emit, kind="ghost", small=True, name=tr("任务"))
        self.notices = Button("", self.notices_pressed.emit, kind="ghost", small=True, icon="bell", name=tr("通知"))
        self.clock = Label("", "caption", "text2")
        for button in (self.job, self.notices):
            button.setFixedHeight(22)
            row.addWidget(button)
        row.addWidget(self.clock)
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self._tick)
        self._timer.start()
        for view in tasks.active:
            view.changed.connect(self._show_jobs)
        tasks.job_started.connect(self._on_job)
        tasks.job_finished.connect(self._job_over)  # a method, so that it ends with this bar
        self._show_jobs()
        self._tick()

    def set_network(self, text: str, state: str, runtime: str) -> None:
        self.network.set(text, state)
        self.runtime.setText(runtime)
        self.runtime.setVisible(bool(runtime))

    def set_block(self, number_: int | None, at: datetime | None) -> None:
        self._block = (number_, at) if number_ is not None and at is not None else None
        self._tick()

    def set_notices(self, count: int) -> None:
        self.notices.setText(str(count) if count else "")

    def _on_job(self, view: JobView) -> None:
        view.changed.connect(self._show_jobs)
        self._show_jobs()

    def _job_over(self, view: JobView) -> None:
        self._show_jobs()

    def _show_jobs(self) -> None:
        active = self._tasks.active
        if not active:
            self.job.setText(tr("没有进行中的任务"))
            self.job.set_icon("check")
            return
        view = active[-1]
        step = view.job.current if view.job is not None else None
        figures = ""
        if step is not None and step.total:
            figures = f" {number(step.done)} / {number(step.total)}"
        more = f" +{len(active) - 1}" if len(active) > 1 else ""
        self.job.setText(f"{view.title}{figures}{more}")
        self.job.set_icon("busy")

    def _tick(self) -> None:
        self.clock.setText(when(clock.local()))
        if self._block is None:
            self.block.setText("")
            return
        height, at = self._block
        self.block.setText(tr("区块 {n} · {age}").format(n=number(height), age=ago(at)))
