"""Overview and topology: the picture or a list of the same facts, with the chosen node in the inspector."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QStackedWidget, QWidget

from console.i18n import say, tr
from console.i18n.formats import ago, number
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.pages.network.grow import add_node
from console.pages.network.view import NetworkView, topology
from console.shell.inspector import Inspected
from console.theme import tokens
from console.titles import node_state
from console.widgets.basic import STATE_ICONS, Button, Chip, HashLabel, Status, clear, hbox, vbox
from console.widgets.card import Card, Scroll
from console.widgets.choice import Segmented
from console.widgets.facts import Facts, Section
from console.widgets.table import DataTable
from console.widgets.topology import TopologyView

if TYPE_CHECKING:
    from console.pages.network.page import NetworkPage
    from network.drivers.base import NodeStatus


class TopologyTab(QWidget):
    """Picture and list."""

    def __init__(self, page: NetworkPage) -> None:
        super().__init__()
        self._page = page
        self._view: NetworkView | None = None
        column = vbox(self, margins=(tokens.PAGE_MARGIN, 10, tokens.PAGE_MARGIN, 0), spacing=14)
        bar = hbox(spacing=8)
        self.mode = Segmented(tr("显示方式"), [("picture", tr("拓扑")), ("list", tr("列表"))])
        self.mode.chosen.connect(self._on_mode)
        bar.addWidget(self.mode)
        self.channel = QComboBox()
        self.channel.setFixedHeight(30)
        self.channel.setMinimumWidth(130)
        self.channel.setAccessibleName(tr("通道"))
        self.channel.currentTextChanged.connect(lambda text: self._draw())
        bar.addWidget(self.channel)
        bar.addStretch(1)
        self._health = hbox(spacing=18)
        bar.addLayout(self._health)
        column.addLayout(bar)
        self.stack = QStackedWidget()
        self.picture = TopologyView()
        self.picture.chosen.connect(self._on_chosen)
        self.picture.opened.connect(self._on_opened)
        scroll = self._scroll = Scroll((0, 0, 8, 24), 0)
        scroll.column.addWidget(self.picture)
        scroll.column.addStretch(1)
        self.stack.addWidget(scroll)
        card = Card(flush=True)
        self.model = RowsModel(
            [
                Column(tr("节点")),
                Column(tr("组织"), 170),
                Column(tr("种类"), 100),
                Column(tr("地址"), 170),
                Column(tr("区块"), 90, right=True),
                Column(tr("状态"), 120),
            ],
            _node_cells,
        )
        self.table = DataTable(self.model, tr("节点"))
        self.table.row_chosen.connect(self._inspect)
        card.add(self.table)
        holder = QWidget()
        inner = vbox(holder, margins=(0, 0, 0, 24))
        inner.addWidget(card)
        self.stack.addWidget(holder)
        column.addWidget(self.stack, 1)

    def show_view(self, view: NetworkView) -> None:
        self._view = view
        names = [c.name for c in view.spec.channels]
        if [self.channel.itemText(i) for i in range(self.channel.count())] != names:
            self.channel.blockSignals(True)
            self.channel.clear()
            self.channel.addItems(names)
            self.channel.blockSignals(False)
        clear(self._health)
        states = [node.state for node in view.status.nodes]
        for state, word, sign in (
            ("running", tr("正常"), "ok"),
            ("starting", tr("启动中"), "busy"),
            ("unknown", tr("未知"), "warn"),
            ("stopped", tr("停止"), "bad"),
            ("failed", tr("失败"), "bad"),
            ("lapsed", tr("证书失效"), "bad"),
        ):
            count = states.count(state)  # type: ignore[arg-type]
            if count:
                self._health.addWidget(Status(f"{word} {count}", sign))
        self.model.set_rows(view.status.nodes)
        self._draw()
        chosen = self.picture.current
        if chosen.startswith("node/") and self._page.tab == "topology" and self._page.inspecting:
            self._on_chosen(chosen)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.picture.use_room(self._scroll.viewport().height() - 24)

    def _draw(self) -> None:
        if self._view is not None and self.channel.currentText():
            self.picture.can_grow = self._page.may_grow(self._view)
            self.picture.use_room(self._scroll.viewport().height() - 24)
            self.picture.set_topology(topology(self._view, self.channel.currentText()))

    def _on_mode(self, mode: str) -> None:
        self.stack.setCurrentIndex(0 if mode == "picture" else 1)

    def _on_chosen(self, spot: str) -> None:
        kind, _, which = spot.partition("/")
        if self._view is None:
            return
        if kind == "node":
            node = self._view.node(which)
            if node is not None:
                self._inspect(node)
        elif kind == "org":
            self._page.inspect(self._organization(which))

    def _on_opened(self, spot: str) -> None:
        kind, _, which = spot.partition("/")
        if self._view is None:
            return
        if kind == "add":
            self.picture.choose("", tell=False)
            add_node(self._page, self._view, "peer", which)
        elif kind == "contract":
            self._page.context.go(f"contracts/{which}")

    def _inspect(self, node: NodeStatus) -> None:
        self._page.inspect(self._node(node))

    def _node(self, node: NodeStatus) -> Inspected:
        assert self._view is not None
        view, page = self._view, self._page
        word, sign = node_state(node.state)
        short = node.name.partition(".")[0]
        title = next((say(o.title) for o in view.spec.organizations if o.msp_id == node.msp_id), node.msp_id)
        tone = {"ok": "ok", "bad": "bad", "warn": "warn"}.get(sign, "text2")
        panel = Inspected(short, title, Chip(word, tone, STATE_ICONS[sign][0]))
        down = node.state in {"stopped", "failed"}
        what = Section(tr("发生了什么") if down else tr("现在"))
        if node.detail:
            what.text(say(node.detail))
        elif down:
            what.text(tr("这个节点没有运行。账本和证书都在，启动后会自动追平。"))
        else:
            what.text(tr("运行正常。"))
        buttons = []
        if node.state == "lapsed":
            buttons.append(
                Button(tr("续期证书…"), lambda: page.context.go("identities/renew"), icon="refresh", kind="primary")
            )
        if view.spec.runtime != "attached" and node.kind in {"peer", "orderer"}:
            if down:
                buttons.append(
                    Button(tr("启动节点"), lambda: page.run_node(node.name, start=True), icon="play", kind="primary")
                )
            else:
                buttons.append(Button(tr("停止节点"), lambda: page.run_node(node.name, start=False), icon="stop"))
        buttons.append(Button(tr("查看日志"), lambda: page.context.go(f"networks/{view.name}/logs/{node.name}")))
        what.add(panel.buttons(*buttons))
        panel.add(what)
        facts = Facts(76)
        facts.add(tr("全名"), node.name)
        facts.add(tr("种类"), _kind(node.kind))
        facts.add(tr("地址"), HashLabel(node.address, node.address, what=tr("地址")))
        for channel, height in node.heights.items():
            top = max((n.heights.get(channel, 0) for n in view.status.nodes), default=0)
            facts.add(channel, tr("区块 {n} / {top}").format(n=number(height), top=number(top)))
        if node.pid:
            facts.add(tr("进程"), str(node.pid))
        if node.since:
            facts.add(tr("状态自"), ago(node.since))
        facts.add(tr("重启"), number(node.restarts))
        panel.add(Section(tr("节点")).add(facts))
        return panel

    def _organization(self, msp_id: str) -> Inspected:
        assert self._view is not None
        organization = self._view.spec.organization(msp_id)
        panel = Inspected(say(organization.title), msp_id)
        facts = Facts(76)
        facts.add(tr("短名"), organization.name)
        facts.add(tr("域名"), organization.domain)
        facts.add(tr("记账节点"), ", ".join(p.name for p in organization.peers) or "—")
        facts.add(tr("排序节点"), ", ".join(o.name for o in organization.orderers) or "—")
        panel.add(Section(tr("组织")).add(facts))
        go = Button(tr("查看证书"), lambda: self._page.context.go("identities"), icon="identity")
        panel.add(Section().add(panel.buttons(go)))
        return panel


def _kind(kind: str) -> str:
    return {
        "peer": tr("记账节点"),
        "orderer": tr("排序节点"),
        "contract": tr("合约服务"),
        "ledger": tr("内置账本进程"),
        "ca": tr("证书服务"),
        "database": tr("状态数据库"),
    }.get(kind, kind)


def _node_cells(node: Any) -> list[Cell]:
    word, sign = node_state(node.state)
    return [
        Cell(node.name, icon="ledger" if node.kind == "orderer" else "server", bold=True, copy=node.name),
        Cell(node.msp_id),
        Cell(_kind(node.kind)),
        Cell(node.address, mono=True, copy=node.address),
        Cell(number(node.height) if node.height is not None else "—"),
        Cell(
            word,
            icon=STATE_ICONS[sign][0],
            tone=STATE_ICONS[sign][1],
            word_tone=sign if sign in {"bad", "warn"} else "text2",
        ),
    ]
