"""What happened and what runs: the toast, and the inspector views of notices and jobs."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QProgressBar, QWidget

from console.i18n import say, tr
from console.i18n.formats import duration, when
from console.tasks import JobView, Tasks
from console.widgets.basic import STATE_ICONS, Button, Icon, Label, Status, clear, hbox, vbox
from console.widgets.facts import Section
from console.widgets.states import describe
from fabric_sdk import clock


@dataclass(frozen=True)
class Notice:
    """Something that happened."""

    text: str
    state: str
    at: datetime


class Notices:
    """The newest hundred notices."""

    def __init__(self) -> None:
        self.kept: deque[Notice] = deque(maxlen=100)
        self.unread = 0

    def add(self, text: str, state: str) -> None:
        self.kept.appendleft(Notice(text, state, clock.local()))
        self.unread += 1


class Toast(QFrame):
    """A sentence at the lower edge for five seconds."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("surface", "card")
        self._left = 0
        row = hbox(self, margins=(14, 9, 16, 9), spacing=9)
        self._icon = Icon("ok", "ok")
        self._label = Label("", "body")
        row.addWidget(self._icon)
        row.addWidget(self._label)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(5000)
        self._timer.timeout.connect(self.hide)
        self.hide()

    def tell(self, text: str, state: str) -> None:
        self._icon.set(*STATE_ICONS.get(state, STATE_ICONS["info"]))
        self._label.setText(text)
        self.setAccessibleName(text)
        self.place()
        self.show()
        self.raise_()
        self._timer.start()

    def place(self, left: int | None = None) -> None:
        """Stand in the middle of what lies right of `left` pixels, as wide as its sentence but no wider than that."""
        self._left = self._left if left is None else left
        parent = self.parentWidget()
        if parent is None:
            return
        room = parent.width() - self._left - 48
        self._label.setWordWrap(self._label.sizeHint().width() + 60 > room)
        self.setMaximumWidth(max(160, room))
        self.adjustSize()
        self.move(self._left + (parent.width() - self._left - self.width()) // 2, parent.height() - self.height() - 44)


class NoticeList(QWidget):
    """The inspector's list of notices."""

    def __init__(self, notices: Notices) -> None:
        super().__init__()
        column = vbox(self, spacing=0)
        section = Section(tr("最近的通知"), first=True)
        if not notices.kept:
            section.text(tr("还没有通知。"), tone="text2")
        for notice in list(notices.kept)[:30]:
            section.add(Status(notice.text, notice.state if notice.state in STATE_ICONS else "info"))
            section.add(Label(when(notice.at, seconds=True), "badge", "text3"))
        column.addWidget(section)
        column.addStretch(1)


class JobList(QWidget):
    """The inspector's list of jobs with progress, cancel and what went wrong."""

    def __init__(self, tasks: Tasks) -> None:
        super().__init__()
        column = vbox(self, spacing=0)
        jobs = list(reversed(tasks.jobs))[:20]
        if not jobs:
            column.addWidget(Section(tr("任务"), first=True).text(tr("还没有任务。"), tone="text2"))
        for number, view in enumerate(jobs):
            column.addWidget(JobCard(view, first=number == 0))
        column.addStretch(1)


class JobCard(Section):
    """One job, live."""

    def __init__(self, view: JobView, *, first: bool = False) -> None:
        super().__init__(first=first)
        self._view = view
        self._content = vbox(spacing=6)
        self.body.addLayout(self._content)
        view.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        clear(self._content)
        view, job = self._view, self._view.job
        words = {
            "queued": (tr("等待中"), "wait"),
            "running": (tr("进行中"), "busy"),
            "done": (tr("已完成"), "ok"),
            "failed": (tr("没有完成"), "bad"),
            "cancelled": (tr("已取消"), "none"),
        }
        text, state = words[view.state]
        row = hbox()
        row.addWidget(Label(view.title, "strong"))
        row.addStretch(1)
        row.addWidget(Status(text, state))
        self._content.addLayout(row)
        if job is None:
            return
        step = job.current
        if view.running and step is not None:
            self._content.addWidget(Label(say(step.text or step.title), "caption", "text2", wrap=True))
            bar = QProgressBar()
            bar.setTextVisible(False)
            bar.setRange(0, 1000 if step.total else 0)
            bar.setValue(int(1000 * step.done / step.total) if step.total else 0)
            bar.setAccessibleName(view.title)
            self._content.addWidget(bar)
            self._content.addWidget(Button(tr("取消任务"), view.cancel, small=True))
        elif job.finished_at is not None:
            took = duration(job.finished_at - job.created)
            self._content.addWidget(Label(tr("用时 {t}").format(t=took), "badge", "text3"))
        if job.error is not None:
            self._content.addWidget(Label(say(job.error.message), "caption", "text", wrap=True))
            if job.error.hint:
                self._content.addWidget(Label(say(job.error.hint), "caption", "text2", wrap=True))
            details = describe(job.error)
            copy = Button(tr("复制详情"), lambda: _copy(details), small=True, icon="copy")
            self._content.addWidget(copy)


def _copy(text: str) -> None:
    from PySide6.QtGui import QGuiApplication

    QGuiApplication.clipboard().setText(text)
