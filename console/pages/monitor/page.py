"""The monitor's page: two charts, the nodes, and the alerts that last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QStackedWidget

from baas import roles
from console.context import Context
from console.i18n import tr
from console.i18n.formats import ago, when
from console.page import Action, Page
from console.pages.monitor.alerts import AlertsTab
from console.pages.monitor.loading import LoadTab
from console.pages.monitor.nodes import NodesTab
from console.pages.monitor.overview import OverviewTab
from console.theme import tokens
from console.widgets.basic import vbox
from console.widgets.states import EmptyState
from fabric_sdk import clock

if TYPE_CHECKING:
    from baas.monitoring.alerts import Alert
    from baas.monitoring.cost import Cost
    from baas.monitoring.history import Point
    from baas.monitoring.load.figures import LoadReport
    from baas.monitoring.sampling import Sample

AGAIN_MS = 2_000
CHARTED = ("tx.valid", "tx.invalid", "latency.p50", "latency.p95")
SPANS = {"hour": 3_600.0, "day": 86_400.0, "week": 604_800.0, "year": 31_622_400.0}
POINTS = 360
TABS = ("overview", "nodes", "alerts", "load")


@dataclass(frozen=True)
class Seen:
    """What one reading brought: the last look, the charted series, the alerts; `step` in seconds."""

    now: Sample | None
    series: dict[str, tuple[Point, ...]]
    alerts: tuple[Alert, ...]
    start: float
    end: float
    step: float
    loads: tuple[LoadReport, ...] = ()
    cost: Cost | None = None


class MonitorPage(Page):
    """Reads every two seconds while it is shown."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.span = "hour"
        self.seen: Seen | None = None
        self._reading = False
        self.stack = QStackedWidget()
        self.overview, self.nodes, self.alerts = OverviewTab(self), NodesTab(context), AlertsTab(self)
        self.load = LoadTab(self)
        self.views = QStackedWidget()
        for view in (self.overview, self.nodes, self.alerts, self.load):
            self.views.addWidget(view)
        self.stack.addWidget(self.views)
        self.stack.addWidget(EmptyState("activity", tr("没有可监控的网络"), tr("监控的是在本工作区运行的网络。")))
        column = vbox(margins=(tokens.PAGE_MARGIN, 14, tokens.PAGE_MARGIN, 24))
        column.addWidget(self.stack, 1)
        self.outer.addLayout(column, 1)
        self._timer = QTimer(self)
        self._timer.setInterval(AGAIN_MS)
        self._timer.timeout.connect(self._again)
        self._head()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def open(self, address: str) -> None:
        tab = address.partition("/")[0]
        if tab in TABS:
            self.choose_tab(tab)
        self.refresh()

    def choose_tab(self, tab: str) -> None:
        super().choose_tab(tab)
        self.views.setCurrentIndex(TABS.index(tab))

    def refresh(self) -> None:
        if self.context.ready:
            self.read(self._read, self._show)

    def _again(self) -> None:
        """Read again without the busy bar; a reading that has not come back is not doubled."""
        if self.context.ready and not self._reading and self.stack.currentIndex() == 0:
            self._reading = True
            self.context.tasks.fetch(self._read, self._show, self._missed, owner=self)

    def _missed(self, _error: Any) -> None:
        self._reading = False

    def _read(self) -> Seen | None:
        platform, network = self.context.platform, self.context.network
        if not network or network in platform.networks.attached():
            return None
        monitor = platform.monitor
        monitor.watch(network)
        end = clock.seconds()
        span = SPANS[self.span]
        series, step = monitor.charted(CHARTED, span, network, POINTS)
        loads = monitor.loads(network)
        alerts = monitor.alerts(network)
        return Seen(monitor.now(network), series, alerts, end - span, end, step, loads, monitor.cost(network))

    def _show(self, seen: Seen | None) -> None:
        self._reading = False
        self.seen = seen
        self.stack.setCurrentIndex(0 if seen is not None else 1)
        if seen is not None:
            self.overview.show_seen(seen)
            self.nodes.show_nodes(seen.now.nodes if seen.now else ())
            self.alerts.show_alerts(seen.alerts)
            self.load.show_reports(seen.loads)
            self.context.counted.emit("monitor", sum(1 for one in seen.alerts if one.open))
        self._head()

    def _head(self) -> None:
        seen = self.seen
        spans = {
            "hour": tr("最近 1 小时"),
            "day": tr("最近 1 天"),
            "week": tr("最近 7 天"),
            "year": tr("最近 1 年"),
        }
        facts = ""
        notes: dict[str, str] = {}
        if seen is not None:
            looked = tr("查看于 {at}").format(at=ago(seen.now.at)) if seen.now else tr("正在等待第一次查看")
            facts = tr("{span} · {looked}").format(span=spans[self.span], looked=looked)
            lasting = sum(1 for one in seen.alerts if not one.ended)
            notes = {"nodes": str(len(seen.now.nodes)) if seen.now else "", "alerts": str(lasting) if lasting else ""}
        menu: list[tuple[str, Callable[[], object]]] = [
            (words, partial(self._choose_span, name)) for name, words in spans.items()
        ]
        self.set_header(
            tr("监控"),
            facts,
            [Action("span", spans[self.span], menu=menu), Action("again", tr("刷新"), self.refresh, "refresh")],
            tabs=[
                ("overview", tr("概况")),
                ("nodes", tr("节点", "several")),
                ("alerts", tr("告警")),
                ("load", tr("压测")),
            ],
            notes=notes,
        )

    def _choose_span(self, name: str) -> None:
        self.span = name
        self.refresh()

    # -- alerts --------------------------------------------------------------------------------------
    @property
    def may_handle(self) -> bool:
        return self.context.ready and self.context.platform.session.allows(roles.NETWORK_CHANGE)

    def take_up(self, alert: Alert) -> None:
        """The person here takes an alert up."""
        monitor, network = self.context.platform.monitor, self.context.network
        self.read(lambda: monitor.take_up(alert.key, network), lambda _: self.refresh())

    def silence(self, alert: Alert, hours: float) -> None:
        """Nobody is told of an alert for some hours."""
        monitor, network = self.context.platform.monitor, self.context.network
        until = when(clock.seconds() + hours * 3_600)

        def done(_: Any) -> None:
            self.context.notice(tr("静默到 {at}").format(at=until))
            self.refresh()

        self.read(lambda: monitor.silence(alert.key, hours * 3_600, network), done)
