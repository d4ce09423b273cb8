"""The last step of the wizard: the build, step by step, with its log, retry and removal."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QPlainTextEdit, QProgressBar, QWidget

from baas.jobs import JobStep
from console.apart import bring_up
from console.context import Context
from console.i18n import say, tr
from console.i18n.formats import duration
from console.page import Action
from console.tasks import JobView
from console.theme import mono_font, tokens
from console.widgets.basic import Button, Elided, Icon, Label, frame, hbox, line, vbox
from console.widgets.card import Card, Scroll
from console.widgets.dialogs import ConfirmName
from console.widgets.states import describe
from fabric_sdk import clock
from network.errors import CityChainError
from network.text import Text
from network.topology import TopologySpec

SIGNS = {"running": ("busy", "accent"), "done": ("ok", "ok"), "failed": ("bad", "bad"), "cancelled": ("none", "text3")}


class BuildView(QWidget):
    """Signals: `header_changed`; `finished(network)`; `removed` after what was built has been taken away."""

    header_changed = Signal()
    finished = Signal(str)
    removed = Signal()

    def __init__(self, context: Context, spec: TopologySpec) -> None:
        super().__init__()
        self.context, self.spec = context, spec
        self.view: JobView | None = None
        self._error: CityChainError | None = None
        self._planned: dict[str, str] = {}
        self._rows: list[tuple[object, QWidget]] = []
        self._logged = 0
        row = hbox(self, spacing=16)
        left = vbox(margins=(0, 0, 0, 14), spacing=12)
        head = Card()
        line_ = hbox()
        self.title = Label(tr("正在建立"), "section")
        self.figures = Label("", "caption", "text2")
        line_.addWidget(self.title, 1)
        line_.addWidget(self.figures)
        head.add(line_)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 0)
        self.bar.setAccessibleName(tr("建立网络的进度"))
        head.add(self.bar)
        left.addWidget(head)
        self.list = Card(flush=True)
        scroll = Scroll(spacing=0)
        scroll.column.addWidget(self.list)
        scroll.column.addStretch(1)
        self._scroll = scroll
        left.addWidget(scroll, 1)
        left.addWidget(
            Label(
                tr("关闭窗口不影响已完成的步骤，下次打开可继续。"),
                "caption",
                "text2",
            )
        )
        row.addLayout(left, 3)
        log = frame("card")
        column = vbox(log, margins=(0, 0, 0, 0), spacing=0)
        caption = hbox(margins=(16, 12, 16, 12))
        caption.addWidget(Label(tr("日志"), "card"))
        column.addLayout(caption)
        column.addWidget(line())
        self.log = QPlainTextEdit()
        self.log.setReadOnly(True)
        self.log.setFont(mono_font(tokens.SIZE_BADGE))
        self.log.setAccessibleName(tr("日志"))
        self.log.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.log.setStyleSheet("QPlainTextEdit { border: none; background: transparent; }")
        column.addWidget(self.log, 1)
        foot = Label(tr("日志不含私钥与密码"), "badge", "text3")
        foot.setContentsMargins(16, 8, 16, 8)
        column.addWidget(foot)
        row.addWidget(log, 2)
        row.addSpacing(8)

    def header_actions(self) -> list[Action]:
        if self.view is not None and self.view.running:
            return [Action("cancel", tr("取消"), self.view.cancel)]
        return [Action("later", tr("稍后继续"), lambda: self.context.go("networks"))]

    def start(self) -> None:
        """Build, or go on building."""
        self._error = None
        platform = self.context.platform
        self.context.tasks.fetch(
            lambda: {step.id: say(step.title) for step in platform.networks.plan(self.spec)}, self._on_plan, owner=self
        )
        self.view = self.context.job(
            bring_up(self.context),
            self.spec,
            title=Text("建立网络 {n}", "Build network {n}", n=self.spec.name),
            network=self.spec.name,
            done=lambda result: self._done(),
            failed=self._failed,
        )
        self.view.changed.connect(self._show)
        self.view.cancelled.connect(self._stopped)
        self._show()
        self.header_changed.emit()

    def _on_plan(self, planned: dict[str, str]) -> None:
        self._planned = planned
        self._show()

    def _done(self) -> None:
        self.context.notice(tr("网络 {n} 已建好").format(n=self.spec.name))
        platform = self.context.platform
        platform.networks.set_default(self.spec.name)
        self.context.choose_network(self.spec.name)
        self.finished.emit(self.spec.name)

    def _failed(self, error: CityChainError) -> None:
        self._error = error
        self._stopped()

    def _stopped(self) -> None:
        self._show()
        self.header_changed.emit()

    def _show(self) -> None:
        job = self.view.job if self.view is not None else None
        if job is None:
            return
        steps = job.steps
        done = sum(step.state == "done" for step in steps)
        seen = {step.id for step in steps}
        waiting = [title for step, title in self._planned.items() if step not in seen] if job.state != "done" else []
        seconds = (job.finished_at or clock.seconds()) - job.created
        words = tr("已完成 {n} / {all} 步 · 用时 {t}") if waiting else tr("已完成 {n} 步 · 用时 {t}")
        self.figures.setText(words.format(n=done, all=len(steps) + len(waiting), t=duration(seconds)))
        titles = {
            "failed": tr("停在第 {n} 步").format(n=len(steps)),
            "cancelled": tr("已取消"),
            "done": tr("网络已建好"),
        }
        self.title.setText(titles.get(job.state, tr("正在建立")))
        self.bar.setRange(0, max(1, len(steps) + len(waiting)))
        self.bar.setValue(len(steps) + len(waiting) if job.state == "done" else done)
        last = len(steps) - 1
        ended = self.view is not None and not self.view.running
        entries: list[tuple[object, Callable[[], QWidget]]] = []
        for number, step in enumerate(steps):
            key = (step, number == last and ended, number == last and self._error is not None)
            entries.append((key, partial(self._row, step, last=number == last)))
        entries += [(title, partial(_waiting_row, title)) for title in waiting]
        self._place(entries)
        self._write_log(job.steps, job.lines)

    def _place(self, entries: list[tuple[object, Callable[[], QWidget]]]) -> None:
        """Make only the rows anew that have changed: a build reports many times a second."""
        body = self.list.body
        for number, (key, make) in enumerate(entries):
            if number < len(self._rows) and self._rows[number][0] == key:
                continue
            holder = QWidget()
            column = vbox(holder, spacing=0)
            if number:
                column.addWidget(line())
            column.addWidget(make())
            if number < len(self._rows):
                old = self._rows[number][1]
                body.replaceWidget(old, holder)
                old.hide()
                old.deleteLater()
                self._rows[number] = (key, holder)
            else:
                body.addWidget(holder)
                self._rows.append((key, holder))
        while len(self._rows) > len(entries):
            _, gone = self._rows.pop()
            body.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        running = next((w for (key, w) in reversed(self._rows) if isinstance(key, tuple)), None)
        if running is not None:
            later_ = self._scroll
            QTimer.singleShot(0, later_, lambda: later_.ensureWidgetVisible(running, 0, 80))

    def _write_log(self, steps: tuple[JobStep, ...], lines: tuple[tuple[float, Text | str], ...]) -> None:
        """Add what is new; start again when the log was cut or the job is another one."""
        entries = _log_lines(steps, lines)
        if len(entries) < self._logged or self._logged == 0:
            self.log.setPlainText("\n".join(entries))
        elif len(entries) > self._logged:
            self.log.appendPlainText("\n".join(entries[self._logged :]))
        self._logged = len(entries)
        self.log.verticalScrollBar().setValue(self.log.verticalScrollBar().maximum())

    def _row(self, step: JobStep, *, last: bool) -> QWidget:
        failed = step.state == "failed"
        row = frame("badrow" if failed else "cardflat")
        column = vbox(row, margins=(16, 9, 16, 9), spacing=6)
        head = hbox(spacing=10)
        head.addWidget(Icon(*SIGNS[step.state], 16))
        head.addWidget(Label(say(step.title), "strong" if failed else "body"))
        head.addWidget(Elided(say(step.text), "caption", "text2"), 1)
        if step.finished is not None:
            head.addWidget(Label(duration(step.finished - step.started), "caption", "text2"))
        column.addLayout(head)
        if last and self._error is not None:
            column.addWidget(Label(say(self._error.message), "body", "text", wrap=True))
            if self._error.hint:
                column.addWidget(Label(say(self._error.hint), "caption", "text2", wrap=True))
        if last and self.view is not None and not self.view.running and self.view.state != "done":
            buttons = hbox()
            buttons.addWidget(Button(tr("重试"), self.start, icon="refresh", kind="primary"))
            buttons.addWidget(Button(tr("撤除已建部分…"), self._remove, kind="danger"))
            buttons.addStretch(1)
            if self._error is not None:
                details = describe(self._error)
                buttons.addWidget(Button(tr("复制详情"), lambda: _copy(details), icon="copy", kind="link"))
            column.addLayout(buttons)
        return row

    def _remove(self) -> None:
        name = self.spec.name
        lost = tr("将删除网络 {n} 已建的节点、账本、证书和私钥，不能恢复。")
        dialog = ConfirmName(self, tr("撤除已建部分"), lost.format(n=name), name, tr("撤除"))
        if dialog.exec():
            self.context.job(
                self.context.platform.networks.destroy,
                name,
                title=Text("撤除 {n}", "Remove {n}", n=name),
                network=name,
                done=lambda result: self.removed.emit(),
            )


def _waiting_row(title: str) -> QWidget:
    row = frame("cardflat")
    head = hbox(row, margins=(16, 9, 16, 9), spacing=10)
    head.addWidget(Icon("off", "text3", 16))
    head.addWidget(Label(title, "body", "text2"), 1)
    return row


def _log_lines(steps: tuple[JobStep, ...], lines: tuple[tuple[float, Text | str], ...]) -> list[str]:
    """Return steps and log lines by time, with milliseconds."""
    from datetime import datetime

    entries = [(step.started, say(step.title)) for step in steps] + [(at, say(text)) for at, text in lines]
    entries.sort(key=lambda entry: entry[0])
    return [f"{datetime.fromtimestamp(at):%H:%M:%S.%f}"[:-3] + f"  {text}" for at, text in entries]


def _copy(text: str) -> None:
    from PySide6.QtGui import QGuiApplication

    QGuiApplication.clipboard().setText(text)
