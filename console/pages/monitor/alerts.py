"""The alerts, those that last first; a chosen one can be taken up or silenced."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QStackedWidget, QWidget

from console.i18n import say, tr
from console.i18n.formats import duration, when
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.widgets.basic import STATE_ICONS, Button, vbox
from console.widgets.card import Card
from console.widgets.facts import Facts, Section
from console.widgets.states import EmptyState
from console.widgets.table import DataTable
from fabric_sdk import clock

if TYPE_CHECKING:
    from baas.monitoring.alerts import Alert
    from console.pages.monitor.page import MonitorPage

HOURS = 8.0


class AlertsTab(QWidget):
    """A table of alerts, and what can be done about the chosen one in the inspector."""

    def __init__(self, page: MonitorPage) -> None:
        super().__init__()
        self._page = page
        self.stack = QStackedWidget()
        column = vbox(self)
        column.addWidget(self.stack, 1)
        card = Card(flush=True)
        self.model = RowsModel(
            [
                Column(tr("告警"), 200),
                Column(tr("说明")),
                Column(tr("开始"), 170),
                Column(tr("处理"), 200),
            ],
            _cells,
        )
        self.table = DataTable(self.model, tr("告警"))
        self.table.row_chosen.connect(self._inspect)
        card.add(self.table, 1)
        self.stack.addWidget(card)
        self.stack.addWidget(
            EmptyState("shield", tr("没有告警"), tr("节点停止、磁盘将满、证书将到期或提交变慢时，会出现在这里。"))
        )

    def show_alerts(self, alerts: Sequence[Alert]) -> None:
        """Show these alerts."""
        if list(self.model.rows) != list(alerts):
            self.model.set_rows(alerts)
        self.stack.setCurrentIndex(0 if alerts else 1)

    def _inspect(self, one: Any) -> None:
        if one is not None:
            self._page.inspect(self._panel(one))

    def _panel(self, one: Alert) -> QWidget:
        panel = QWidget()
        column = vbox(panel, spacing=0)
        head = Section(say(one.title), first=True)
        head.text(say(one.text))
        words, state = _handling(one)
        head.status(words, state)
        column.addWidget(head)
        facts = Facts()
        facts.add(tr("对象"), one.subject)
        facts.add(tr("开始"), when(one.since, seconds=True))
        facts.add(tr("历时"), duration((one.ended or clock.seconds()) - one.since))
        facts.add(tr("受理人"), one.by or "—")
        section = Section(tr("详情"))
        section.add(facts)
        column.addWidget(section)
        if not one.ended and self._page.may_handle:
            acts = Section(tr("处理"))
            if not one.taken:
                acts.add(Button(tr("受理"), lambda: self._page.take_up(one), icon="check"))
            acts.add(Button(tr("静默 8 小时"), lambda: self._page.silence(one, HOURS), icon="clock"))
            column.addWidget(acts)
        column.addStretch(1)
        return panel


def _handling(one: Alert) -> tuple[str, str]:
    if one.ended:
        return tr("已结束"), "ok"
    if one.taken:
        return tr("{who} 已受理").format(who=one.by), "info"
    if one.silent(clock.seconds()):
        return tr("静默到 {at}").format(at=when(one.silent_until)), "info"
    return tr("未处理"), one.level


def _cells(one: Any) -> list[Cell]:
    words, state = _handling(one)
    icon, tone = STATE_ICONS["none" if one.ended else one.level]
    return [
        Cell(say(one.title), icon=icon, tone=tone, bold=not one.ended),
        Cell(say(one.text)),
        Cell(when(one.since, seconds=True)),
        Cell(words, word_tone=state if state in {"warn", "bad"} else "text2"),
    ]
