"""Training: labs on the left, the chosen one's steps, questions and checks beside them."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import apps
from apps.labs.handing_in import may_assess
from apps.labs.lab import course, paths
from apps.labs.service import Checked, Standing, Training
from console.context import Context
from console.i18n import language, say, tr
from console.i18n.formats import when
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.page import Action, Page
from console.pages.training.handing import assess, hand_in
from console.pages.training.lab_view import LabView
from console.theme import tokens
from console.widgets.basic import STATE_ICONS, hbox
from console.widgets.dialogs import ConfirmName
from console.widgets.states import EmptyState
from console.widgets.table import DataTable
from network.processes import NO_WINDOW
from network.text import Text

if TYPE_CHECKING:
    from apps.labs.lab import Step

LIST_WIDTH, LIST_WIDEST = 300, 440
SIGNS = {"new": "none", "begun": "busy", "passed": "ok"}


@dataclass(frozen=True)
class Shown:
    """What one reading brought: every lab's standing, and of the chosen one its steps, answers and place."""

    standings: tuple[Standing, ...]
    finished: tuple[str, ...]
    steps: tuple[Step, ...]
    answers: dict[str, str]
    files: Path | None


class TrainingPage(Page):
    """Addresses `training` and `training/LAB`."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.lab = next(iter(course()))
        self.shown: Shown | None = None
        self.checked: Checked | None = None
        self.windows: list[subprocess.Popen[bytes]] = []
        row = hbox(margins=(tokens.PAGE_MARGIN, 14, tokens.PAGE_MARGIN, 24), spacing=12)
        self.rows = RowsModel([Column(tr("实训"))], self._cells)
        self.list = DataTable(self.rows, tr("实训"), two_lines=True)
        self.list.setMinimumWidth(LIST_WIDTH)
        self.list.setMaximumWidth(LIST_WIDEST)
        self.list.selectionModel().currentChanged.connect(self._on_chosen)
        row.addWidget(self.list, 3)
        self.view = LabView()
        row.addWidget(self.view, 7)
        self.outer.addLayout(row, 1)
        self.inside = EmptyState(
            "award", tr("这里是实训工作区"), tr("在这里完成步骤；开始、检查和重置在原来的工作台窗口中进行。")
        )
        self.inside.hide()
        self.outer.addWidget(self.inside, 1)
        self.set_header(tr("实训"))

    def open(self, address: str) -> None:
        wanted = address.partition("/")[0]
        if wanted in course() and wanted != self.lab:
            self.lab, self.checked = wanted, None
        self.refresh()

    def refresh(self) -> None:
        if self.context.ready:
            lab = self.lab
            self.read(lambda: self._read(lab), self._arrived)

    def _read(self, lab: str) -> Shown | None:
        from apps.labs.service import outer

        platform = self.context.platform
        folder = platform.workspace.folder
        if outer(folder) != folder:
            return None
        training = Training(platform)
        room = training.room(lab)
        files = room.files if room.there else None
        return Shown(training.standings(), training.finished(), training.steps(lab), training.answers(lab), files)

    def _arrived(self, shown: Shown | None) -> None:
        self.shown = shown
        self.list.setVisible(shown is not None)
        self.view.setVisible(shown is not None)
        self.inside.setVisible(shown is None)
        if shown is None:
            self.set_header(tr("实训"))
            return
        self.rows.set_rows(list(shown.standings))
        self.list.choose([one.lab.id for one in shown.standings].index(self.lab))
        self.view.show_lab(self._standing(), shown.steps, shown.answers, shown.files, self.checked)
        self._head()

    def _standing(self) -> Standing:
        assert self.shown is not None
        return next(one for one in self.shown.standings if one.lab.id == self.lab)

    def _on_chosen(self, *_: object) -> None:
        one = self.list.current_row()
        if one is not None and one.lab.id != self.lab:
            self.lab, self.checked = one.lab.id, None
            self.moved.emit(self.lab)
            self.refresh()

    def _cells(self, one: Standing) -> list[Cell]:
        icon, tone = STATE_ICONS[SIGNS[one.state]]
        minutes = tr("约 {n} 分钟").format(n=one.lab.minutes)
        state = {"new": tr("未开始"), "begun": tr("已开始"), "passed": tr("已通过")}[one.state]
        if one.unsound:
            state, icon, tone = tr("记录被改动，不算数"), *STATE_ICONS["warn"]
        sub = f"{minutes} · {state}"
        return [Cell(say(one.lab.title), sub=sub, bold=True, icon=icon, tone=tone, tip=say(one.lab.goal))]

    # -- header --------------------------------------------------------------------------------------
    def _head(self) -> None:
        shown = self.shown
        if shown is None:
            return
        one = self._standing()
        done = sum(1 for each in shown.standings if each.state == "passed")
        facts = tr("已通过 {n} / {all}").format(n=done, all=len(shown.standings))
        ready = [path for path in paths() if path.id in shown.finished]
        if ready:
            facts = tr("{f} · 可以提交：{p}").format(f=facts, p=tr("、").join(say(path.title) for path in ready))
        if shown.files is None:
            actions = [Action("start", tr("开始", "begin"), self.start, "play", "primary")]
        else:
            actions = [
                Action("reset", tr("重置…"), self.reset, "undo"),
                Action("desk", tr("打开实训工作台"), self.open_desk, "open"),
                Action("check", tr("检查实训"), self.check, "check", "primary"),
            ]
        more = []
        if self.context.network and ready:
            more.append(Action("hand-in", tr("提交…"), lambda: hand_in(self, ready), "upload"))
        if self.context.network and may_assess(self.context.platform):
            more.append(Action("assess", tr("考核…"), lambda: assess(self), "stamp"))
        actions = [*more, *actions]
        title = tr("实训")
        if one.state == "passed":
            facts = tr("{f} · 本项于 {at} 通过").format(f=facts, at=when(one.at))
        self.set_header(title, facts, actions)

    # -- doing ---------------------------------------------------------------------------------------
    def start(self) -> None:
        """Start the chosen lab."""
        platform, lab = self.context.platform, self.lab

        def run(*, ctx: Any) -> None:
            Training(platform).start(lab, ctx=ctx)

        self._job(run, Text("开始实训", "Start the lab"), lambda _: self._after(tr("实训已准备好")))

    def check(self) -> None:
        """Keep the answers as they stand in the page, then have the lab checked."""
        platform, lab, given = self.context.platform, self.lab, self.view.answers()

        def run(*, ctx: Any) -> Checked:
            training = Training(platform)
            if given:
                training.answer(lab, given)
            return training.check(lab, ctx=ctx)

        def done(found: Checked) -> None:
            if found.lab.id == self.lab:
                self.checked = found
            self._after(tr("通过") if found.passed else tr("还有不对的地方"), "ok" if found.passed else "warn")

        self._job(run, Text("检查实训", "Check the lab"), done)

    def reset(self) -> None:
        """Remove the chosen lab's room after its name was typed."""
        title = say(course()[self.lab].title)
        lost = tr("实训工作区连同其中的网络和文件会整个删除。已通过的记录保留。")
        dialog = ConfirmName(self, tr("重置实训“{t}”").format(t=title), lost, self.lab, tr("重置"))
        dialog.accepted.connect(self._reset)
        dialog.open()

    def _reset(self) -> None:
        platform, lab = self.context.platform, self.lab
        self.checked = None

        def run(*, ctx: Any) -> None:
            ctx.step("remove", Text("删除实训工作区", "Remove the lab's workspace"))
            Training(platform).reset(lab)

        self._job(run, Text("重置实训", "Reset the lab"), lambda _: self._after(tr("已重置")))

    def open_desk(self) -> None:
        """Another window of the console, on the lab's own workspace."""
        room = Training(self.context.platform).room(self.lab)
        words = [sys.executable, "-m", "baas.cli", "--workspace", str(room.desk), "--lang", language(), "console"]
        root = Path(apps.__path__[0]).parent  # where `-m` finds us, wherever this program was started
        self.windows.append(subprocess.Popen(words, cwd=root, creationflags=NO_WINDOW))
        self.context.notice(tr("正在打开实训工作台"))

    def _job(self, run: Any, title: Text, done: Any) -> None:
        self.banner.hide()
        self.context.job(run, title=title, done=done, failed=self._failed)

    def _failed(self, error: Any) -> None:
        self.banner.show_error(error)
        self.refresh()

    def _after(self, words: str, state: str = "ok") -> None:
        self.context.notice(words, state)
        self.refresh()
