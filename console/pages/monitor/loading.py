"""The load test: asked for here, run by another process, and what limits said with its figures."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from baas import roles
from console.apart import load_test
from console.i18n import say, tr
from console.i18n.formats import number, when
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.widgets.basic import Button, Label, Status, hbox, vbox
from console.widgets.card import Card
from console.widgets.dialogs import ConfirmName
from console.widgets.table import DataTable
from network.text import Text

if TYPE_CHECKING:
    from baas.monitoring.load.figures import LoadReport, Step
    from console.page import Page
    from network.errors import CityChainError


class LoadTab(QWidget):
    """The last load test: the verdict, and one row for each number of calls under way."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        self.report: LoadReport | None = None
        column = vbox(self, spacing=14)
        self.card = Card(tr("是什么限制了它"))
        self.verdict = Label("", "section", wrap=True)
        self.evidence = Label("", "body", wrap=True)
        self.change = Label("", "body", "text2", wrap=True)
        for part in (self.verdict, self.evidence, self.change):
            self.card.add(part)
        row = hbox()
        self.begin = Button(tr("开始压测…"), self.ask, icon="play", kind="primary")
        row.addWidget(self.begin)
        self.running = Status(tr("正在压测"), "wait")
        self.running.hide()
        row.addWidget(self.running)
        row.addStretch(1)
        self.card.add(row)
        column.addWidget(self.card)
        steps = self._steps = Card(tr("逐级加压"), flush=True)
        self.model = RowsModel(
            [
                Column(tr("并发"), 80, right=True),
                Column(tr("每秒交易"), 110, right=True),
                Column(tr("p50 / p95（毫秒）"), 150, right=True),
                Column(tr("背书 / 排序 / 提交（毫秒）"), 200, right=True),
                Column(tr("每块笔数"), 100, right=True),
                Column(tr("失败")),
            ],
            _cells,
        )
        self.table = DataTable(self.model, tr("逐级加压"))
        steps.add(self.table, 1)
        column.addWidget(steps, 1)
        column.addStretch(0)  # before the first load test there are no steps to show

    def show_reports(self, reports: Sequence[LoadReport]) -> None:
        """Show the newest of these."""
        found = reports[-1] if reports else None
        if found == self.report and self.verdict.text():
            return
        self.report = found
        self.begin.setEnabled(self._page.context.platform.session.allows(roles.NETWORK_CHANGE))
        self._steps.setVisible(found is not None)
        if found is None:
            self.verdict.setText(tr("还没有压测过"))
            self.evidence.setText(tr("压测逐级增加并发，量出吞吐量和时延，指出限制所在和改法。"))
            self.change.setText("")
            self.model.set_rows(())
            return
        self.verdict.setText(say(found.verdict.title))
        self.evidence.setText(say(found.verdict.evidence))
        self.change.setText(say(found.verdict.change))
        words = tr("{at} · {call} · 最高每秒 {n} 笔")
        self.card.note.setText(words.format(at=when(found.at), call=found.call, n=number(round(found.best.per_second))))
        self.model.set_rows(found.steps)

    def ask(self) -> ConfirmName:
        """Ask before anything is written; a network marked as production says so."""
        context = self._page.context
        network = context.network
        words = tr(
            "会在网络“{n}”上部署合约 loadtest 并大量写入，约一分钟，期间其他人会变慢。写入的行随后删除，区块留在链上。"
        )
        if context.platform.monitor.production(network):
            words += tr("这是正式网络。")
        dialog = ConfirmName(self._page, tr("压测"), words.format(n=network), network, tr("开始压测"))
        dialog.accepted.connect(self._start)
        dialog.open()
        return dialog

    def _start(self) -> None:
        context = self._page.context
        network = context.network
        self.begin.setEnabled(False)
        self.running.show()
        context.job(
            partial(load_test(context), network=network, confirmed=network),
            title=Text("压测 {n}", "Load test of {n}", n=network),
            network=network,
            done=lambda _: self._over(),
            failed=self._failed,
        )

    def _over(self) -> None:
        self.running.hide()
        self.begin.setEnabled(True)
        self._page.refresh()

    def _failed(self, error: CityChainError) -> None:
        self._over()
        self._page.banner.show_error(error)


def _cells(step: Any) -> list[Cell]:
    stages = f"{step.endorse_ms:.0f} / {step.order_ms:.0f} / {step.commit_ms:.0f}"
    return [
        Cell(number(step.clients)),
        Cell(f"{step.per_second:.1f}", bold=True),
        Cell(f"{step.p50_ms:.0f} / {step.p95_ms:.0f}"),
        Cell(stages),
        Cell(f"{step.in_block:.1f}"),
        Cell(_errors(step), tip=next(iter(step.said.values()), "")),
    ]


def _errors(step: Step) -> str:
    return ", ".join(f"{code} × {count}" for code, count in step.errors.items()) or "—"
