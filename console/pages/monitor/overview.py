"""The first tab: transactions and latency over time, the nodes by how much they need somebody, the open alerts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from console.i18n import say, tr
from console.i18n.formats import clock as time_of
from console.i18n.formats import number, size
from console.pages.monitor.nodes import NodesTab
from console.pages.monitor.words import growth_words, meaning
from console.widgets.basic import Label, Status, clear, hbox, line, vbox
from console.widgets.card import Card
from console.widgets.facts import Facts
from console.widgets.lines import Line, LineChart

if TYPE_CHECKING:
    from baas.monitoring.alerts import Alert
    from baas.monitoring.cost import Cost
    from baas.monitoring.history import Point
    from baas.monitoring.sampling import Sample
    from console.pages.monitor.page import MonitorPage, Seen

SHOWN = 6


class OverviewTab(QWidget):
    """Everything at one look."""

    def __init__(self, page: MonitorPage) -> None:
        super().__init__()
        self._page = page
        outer = hbox(self, spacing=16)
        left = vbox(spacing=16)
        charts = hbox(spacing=16)
        self.rates = LineChart(tr("提交", "commits"))
        self.latency = LineChart(tr("提交时延"))
        charts.addWidget(
            _charted(tr("提交", "commits"), tr("笔/秒"), self.rates, [(tr("有效"), "plot"), (tr("作废"), "bad")])
        )
        charts.addWidget(_charted(tr("提交时延"), tr("毫秒"), self.latency, [("p50", "plot"), ("p95", "warn")]))
        left.addLayout(charts, 2)
        self.nodes = NodesTab(page.context)
        left.addWidget(self.nodes, 3)
        outer.addLayout(left, 3)
        right = vbox(spacing=16)
        self._alerts = Card(tr("告警"), flush=True)
        self._alerts.setFixedWidth(340)
        right.addWidget(self._alerts)
        self._facts = Card(tr("网络", "one"))
        self._facts.setFixedWidth(340)
        right.addWidget(self._facts)
        right.addStretch(1)
        outer.addLayout(right)

    def show_seen(self, seen: Seen) -> None:
        """Show a reading."""
        for chart, names in (
            (self.rates, (("tx.valid", tr("有效"), "plot", False), ("tx.invalid", tr("作废"), "bad", True))),
            (self.latency, (("latency.p50", "p50", "plot", False), ("latency.p95", "p95", "warn", True))),
        ):
            lines = [
                Line(title, tone, _points(seen.series.get(name, ())), dashed) for name, title, tone, dashed in names
            ]
            chart.set_lines(lines, seen.start, seen.end, seen.step)
        self.nodes.show_nodes(seen.now.nodes if seen.now else ())
        self._show_alerts([one for one in seen.alerts if not one.ended])
        self._show_facts(seen.now, seen.cost)

    def _show_alerts(self, lasting: list[Alert]) -> None:
        open_ = sum(1 for one in lasting if one.open)
        self._alerts.note.setText(tr("{n} 条未处理").format(n=open_) if open_ else "")
        column = self._alerts.reset()
        if not lasting:
            row = hbox(margins=(16, 12, 16, 12))
            row.addWidget(Status(tr("没有告警"), "ok"))
            row.addStretch(1)
            column.addLayout(row)
        for index, one in enumerate(lasting[:SHOWN]):
            if index:
                column.addWidget(line())
            column.addWidget(_alert_row(one))
        if len(lasting) > SHOWN:
            more = tr("另有 {n} 条").format(n=len(lasting) - SHOWN)
            row = hbox(margins=(16, 8, 16, 8))
            row.addWidget(Label(more, "caption", "text2"))
            column.addLayout(row)

    def _show_facts(self, now: Sample | None, cost: Cost | None) -> None:
        clear(self._facts.body)
        if now is None:
            self._facts.body.addWidget(Label(tr("正在等待第一次查看"), "body", "text2"))
            return
        facts = Facts(90)
        facts.add(tr("区块高度"), number(now.height))
        facts.add(
            tr("处理器"), "—" if now.process_cpu is None else tr("{p}% 核").format(p=round(100 * now.process_cpu))
        )
        facts.add(tr("内存"), "—" if now.process_memory is None else size(now.process_memory))
        facts.add(tr("数据"), size(now.data_bytes))
        facts.add(tr("磁盘剩余"), size(now.disk_free))
        if cost is not None:
            facts.add(tr("增长"), growth_words(cost.growth, cost.measured_s))
            facts.add(tr("这意味着"), meaning(cost.disk_free, cost.growth))
        self._facts.body.addWidget(facts)


def _points(points: tuple[Point, ...]) -> list[tuple[float, float]]:
    return [(point.at, point.mean) for point in points]


def _charted(title: str, unit: str, chart: LineChart, legend: list[tuple[str, str]]) -> Card:
    card = Card(title, unit)
    for words, tone in legend:
        label = Label(words, "caption", tone if tone in {"bad", "warn"} else "accent")
        label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        card.head.addWidget(label)
    card.add(chart, 1)
    return card


def _alert_row(one: Alert) -> QWidget:
    row = QWidget()
    layout = hbox(row, margins=(16, 9, 16, 9), spacing=12)
    words = vbox(spacing=2)
    words.addWidget(Status(say(one.title), one.level))
    words.addWidget(Label(say(one.text), "caption", "text2", wrap=True))
    layout.addLayout(words, 1)
    at = Label(time_of(one.since), "caption", "text2")
    layout.addWidget(at, 0, Qt.AlignmentFlag.AlignTop)
    row.setAccessibleName(f"{say(one.title)}: {say(one.text)}")
    return row
