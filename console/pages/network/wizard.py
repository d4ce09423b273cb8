"""The wizard: template, organisations, runtime, consensus, review, build."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from console.context import Context
from console.i18n import say, tr
from console.page import Action
from console.pages.network.build import BuildView
from console.pages.network.draft import Draft
from console.pages.network.key_place import open_token
from console.pages.network.machine_steps import ConsensusStep, RuntimeStep
from console.pages.network.steps import OrganizationsStep, ReviewStep, TemplateStep, WizardStep
from console.tasks.runner import later
from console.theme import theme, tokens, ui_font
from console.widgets.basic import Elided, Icon, Label, clear, frame, hbox, line, vbox
from console.widgets.card import Scroll
from console.widgets.states import ErrorBanner
from network.errors import CityChainError
from network.topology import TopologySpec

WIDE = 980
"""Pixels of the page above which steps, choices and plan stand side by side."""


class Wizard(QWidget):
    """Six steps. Signals: `header_changed`; `finished(network name)`; `left` when the person cancelled."""

    header_changed = Signal()
    finished = Signal(str)
    left = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.draft = Draft(context.platform)
        self._at = 0
        row = hbox(self, spacing=0)
        row.setContentsMargins(tokens.PAGE_MARGIN, 0, 0, 0)
        self.rail = _Steps(self._titles())
        side = vbox()
        side.addWidget(self.rail)
        side.addStretch(1)
        row.addLayout(side)
        middle = vbox(margins=(16, 0, 16, 0), spacing=10)
        self.banner = ErrorBanner()
        middle.addWidget(self.banner)
        self.stack = QStackedWidget()
        middle.addWidget(self.stack, 1)
        row.addLayout(middle, 1)
        self.plan = PlanPanel(context)
        row.addWidget(self.plan)
        self._makers: list[Callable[[], WizardStep]] = [
            lambda: TemplateStep(self.draft),
            lambda: OrganizationsStep(self.draft, context),
            lambda: RuntimeStep(self.draft, context),
            lambda: ConsensusStep(self.draft),
            lambda: ReviewStep(self.draft),
        ]
        self._made: list[WizardStep] = []
        self.build: BuildView | None = None
        self._replan = later(200, self, self._plan)
        self._show()

    @staticmethod
    def _titles() -> list[str]:
        return [
            tr("模板"),
            tr("参加的组织"),
            tr("运行方式"),
            tr("共识"),
            tr("核对"),
            tr("建立"),
        ]

    # -- header --------------------------------------------------------------------------------------
    def facts(self) -> str:
        name = self.build.spec.name if self.build is not None else self.draft.name
        return tr("{name} · 第 {n} 步，共 6 步").format(name=name, n=self._at + 1)

    def header_actions(self) -> list[Action]:
        if self.build is not None:
            return self.build.header_actions()
        found = [Action("cancel", tr("取消"), self.left.emit)]
        if self._at:
            found.append(Action("back", tr("上一步"), self.back))
        titles = self._titles()
        if self._at < 4:
            text = tr("下一步：{what}").format(what=titles[self._at + 1])
            found.append(Action("next", text, self.next, kind="primary"))
        else:
            found.append(Action("next", tr("开始建立"), self.start, "play", "primary"))
        return found

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """In a narrow window the choices come first; the plan has its place beside the review."""
        review = self._at == len(self._makers) - 1
        self.plan.setVisible(self._at < 5 and (self.width() >= WIDE or review))
        self.rail.setVisible(self.width() >= WIDE - 200 and not (self.width() < WIDE and review))

    # -- steps ---------------------------------------------------------------------------------------
    def step(self, number: int) -> WizardStep:
        """A step, made with those before it when it is first needed."""
        while len(self._made) <= number:
            made = self._makers[len(self._made)]()
            self.stack.addWidget(made)
            made.changed.connect(self._on_changed)
            self._made.append(made)
        return self._made[number]

    @property
    def steps(self) -> list[WizardStep]:
        """All five steps up to the review."""
        self.step(len(self._makers) - 1)
        return self._made

    # -- moving --------------------------------------------------------------------------------------
    @property
    def at(self) -> int:
        return self._at

    def next(self) -> None:
        """Go on if this step is right, else say what is not."""
        try:
            self.step(self._at).check()
        except CityChainError as error:
            self.banner.show_error(error)
            return
        self._at = min(4, self._at + 1)
        self._show()

    def back(self) -> None:
        self._at = max(0, self._at - 1)
        self._show()

    def start(self) -> None:
        """Build the network as a job, after the token that is to hold its keys has been opened."""
        try:
            spec = self.draft.spec()
        except CityChainError as error:
            self.banner.show_error(error)
            return
        if self.draft.keys:
            opened = open_token(self.draft, self.context)
            self.context.tasks.fetch(opened, lambda _: self.resume(spec), self.banner.show_error, owner=self)
        else:
            self.resume(spec)

    def resume(self, spec: TopologySpec) -> None:
        """Build `spec`, or go on with a network that is half made."""
        self._at = 5
        self.banner.hide()
        self.build = BuildView(self.context, spec)
        self.build.header_changed.connect(self.header_changed)
        self.build.finished.connect(self.finished)
        self.build.removed.connect(self._on_removed)
        self.stack.addWidget(self.build)
        self.stack.setCurrentWidget(self.build)
        self._fit()
        self.rail.set_current(5, self._notes())
        self.build.start()
        self.header_changed.emit()

    def _on_removed(self) -> None:
        if self.build is not None:
            self.stack.removeWidget(self.build)
            self.build.deleteLater()
            self.build = None
        self._at = 4
        self._show()

    def _show(self) -> None:
        self.banner.hide()
        step = self.step(self._at)
        step.enter()
        self.stack.setCurrentWidget(step)
        self.rail.set_current(self._at, self._notes())
        self._fit()
        self._replan.start()
        self.header_changed.emit()
        step.focus_first()

    def _notes(self) -> list[str]:
        notes = [self.step(number).note() if number < self._at else "" for number in range(len(self._makers))]
        return [*notes, ""]

    def _on_changed(self) -> None:
        self.banner.hide()
        self._replan.start()
        self.header_changed.emit()

    def _plan(self) -> None:
        try:
            spec = self.draft.spec()
        except CityChainError as error:
            self.plan.show_error(error)
            return
        platform = self.context.platform
        self.context.tasks.fetch(
            lambda: platform.networks.plan(spec), self.plan.show_steps, self.plan.show_error, owner=self
        )


class _Steps(QWidget):
    """The list of steps on the left."""

    def __init__(self, titles: list[str]) -> None:
        super().__init__()
        self._titles = titles
        self.setFixedWidth(184)
        outer = vbox(self)
        card = frame("card")
        self._column = vbox(card, margins=(8, 8, 8, 8), spacing=2)
        outer.addWidget(card)

    def set_current(self, at: int, notes: list[str]) -> None:
        clear(self._column)
        for number, title in enumerate(self._titles):
            row = frame("soft" if number == at else "plain")
            row.setFixedHeight(44)
            layout = hbox(row, margins=(10, 0, 8, 0), spacing=10)
            if number < at:
                layout.addWidget(Icon("ok", "ok", 18))
            else:
                layout.addWidget(_Number(number + 1, current=number == at))
            words = vbox(spacing=0)
            words.addStretch(1)
            words.addWidget(Label(title, "strong" if number == at else "body", "text" if number <= at else "text2"))
            if notes[number]:
                words.addWidget(Elided(notes[number], "badge", "text2"))
            words.addStretch(1)
            layout.addLayout(words, 1)
            self._column.addWidget(row)
        self.setAccessibleName(tr("第 {n} 步：{title}").format(n=at + 1, title=self._titles[min(at, 5)]))


class _Number(QWidget):
    """A step's number in a circle."""

    def __init__(self, number: int, *, current: bool) -> None:
        super().__init__()
        self._number, self._current = number, current
        self.setFixedSize(18, 18)

    def paintEvent(self, event: Any) -> None:
        from PySide6.QtCore import QRectF
        from PySide6.QtGui import QPainter, QPen

        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look.colour("fill" if self._current else "ctl"), 1.2))
        painter.setBrush(look.colour("fill") if self._current else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QRectF(0.7, 0.7, 16.6, 16.6))
        painter.setPen(look.colour("onfill" if self._current else "text2"))
        painter.setFont(ui_font(tokens.SIZE_BADGE, bold=self._current))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, str(self._number))


class PlanPanel(QWidget):
    """What will be done: the plan's steps, grouped by what they do. Nothing is changed before the build."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.setFixedWidth(330)
        outer = vbox(self, spacing=0)
        ground = frame("inspector")
        outer.addWidget(ground)
        column = vbox(ground, spacing=0)
        head = vbox(margins=(18, 16, 18, 12), spacing=4)
        row = hbox()
        row.addWidget(Label(tr("将要做的事"), "card"))
        row.addStretch(1)
        self.count = Label("", "caption", "text2")
        row.addWidget(self.count)
        head.addLayout(row)
        head.addWidget(
            Label(
                tr("随左侧选择即时更新，确认之前不改动任何东西。"),
                "caption",
                "text2",
                wrap=True,
            )
        )
        column.addLayout(head)
        column.addWidget(line())
        self._scroll = Scroll((18, 12, 18, 16), 6)
        column.addWidget(self._scroll, 1)

    def show_steps(self, steps: list[Any]) -> None:
        """Show the steps of a plan."""
        self.count.setText(tr("{n} 步").format(n=len(steps)))
        from network.groundwork import GROUNDWORK_KINDS

        column = self._scroll.column
        clear(column)
        groups = {
            tr("准备"): [s for s in steps if s.kind in GROUNDWORK_KINDS],
            tr("启动"): [s for s in steps if s.kind not in GROUNDWORK_KINDS],
        }
        for title, members in groups.items():
            if not members:
                continue
            head = hbox()
            head.addWidget(Label(title, "caption", "text2"), 1)
            head.addWidget(Label(tr("{n} 步").format(n=len(members)), "caption", "text2"))
            column.addLayout(head)
            column.addWidget(line())
            self._add_steps(members)
            column.addSpacing(8)
        if steps:
            note = frame("note")
            inner = hbox(note, margins=(12, 9, 12, 9), spacing=10)
            inner.addWidget(Icon("undo", "text2"), 0, Qt.AlignmentFlag.AlignTop)
            words = tr("任何一步失败都停在原处，可从那一步重试，或整网撤除，不留残余。")
            inner.addWidget(Label(words, "caption", wrap=True), 1)
            column.addWidget(note)
        column.addStretch(1)

    def _add_steps(self, steps: list[Any]) -> None:
        for step in steps:
            row = hbox(spacing=8)
            row.addWidget(Icon("minus" if step.destructive else "plus", "bad" if step.destructive else "ok", 13))
            row.addWidget(Label(say(step.title), "caption", "text", wrap=True), 1)
            self._scroll.column.addLayout(row)

    def show_error(self, error: CityChainError) -> None:
        """Say why there is no plan yet."""
        self.count.setText("")
        column = self._scroll.column
        clear(column)
        column.addWidget(Label(say(error.message), "caption", "warn", wrap=True))
        if error.hint:
            column.addWidget(Label(say(error.hint), "caption", "text2", wrap=True))
        column.addStretch(1)
