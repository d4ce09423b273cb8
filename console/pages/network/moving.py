"""From the embedded ledger to Fabric: what will happen, what is in the way, whether Fabric agrees, and the move."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from console.i18n import say, tr
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.pages.network.hybrid import OrganizationsCard
from console.theme import tokens
from console.widgets.basic import Button, Label, Status, hbox, vbox
from console.widgets.card import Card, Scroll
from console.widgets.choice import Segmented
from console.widgets.dialogs import ConfirmName, Dialog
from console.widgets.table import DataTable
from network.text import Text

if TYPE_CHECKING:
    from baas.services.promotion import MoveState, PromotedRuntime
    from console.pages.network.page import NetworkPage
    from network.promotion.checks import PromotionPlan
    from network.promotion.judge import Judgement


class MovingTab(QWidget):
    """The way to Fabric on the same chain."""

    def __init__(self, page: NetworkPage) -> None:
        super().__init__()
        self._page = page
        self.found: MoveState | None = None
        self._runtime: PromotedRuntime = "native"
        outer = vbox(self)
        scroll = Scroll((tokens.PAGE_MARGIN, 14, tokens.PAGE_MARGIN, 24))
        outer.addWidget(scroll)
        self.state = Card(tr("迁移到 Fabric"))
        scroll.column.addWidget(self.state)
        self.organizations = OrganizationsCard(page)
        scroll.column.addWidget(self.organizations)
        self.obstacles = Card(tr("障碍"), flush=True)
        self.in_the_way = RowsModel([Column(tr("障碍")), Column(tr("怎么办"), 420)], self._obstacle)
        self.table = DataTable(self.in_the_way, tr("障碍"))
        self.obstacles.add(self.table)
        scroll.column.addWidget(self.obstacles)
        self.contracts = Card(tr("合约"), flush=True)
        columns = [
            Column(tr("合约", "one")),
            Column(tr("版本"), 110),
            Column(tr("通道"), 160),
            Column(tr("迁移后"), 320),
        ]
        self.served = RowsModel(columns, self._contract)
        self.served_table = DataTable(self.served, tr("合约"))
        self.contracts.add(self.served_table)
        scroll.column.addWidget(self.contracts)
        self.lost = Card(tr("将失去的私有数据"), flush=True)
        self.gone = RowsModel(
            [Column(tr("键")), Column(tr("合约", "one"), 160), Column(tr("私有集合"), 200)], self._lost
        )
        self.lost_table = DataTable(self.gone, tr("将失去的私有数据"))
        self.lost.add(self.lost_table)
        scroll.column.addWidget(self.lost)
        scroll.column.addStretch(1)

    def read(self) -> None:
        view = self._page.view
        if view is not None:
            promotion, name, runtime = self._page.context.platform.promotion, view.name, self._runtime
            self._page.read(lambda: promotion.look(name, runtime), self._show)

    def _show(self, found: MoveState) -> None:
        self.found = found
        column = self.state.reset()
        plan = found.plan
        buttons = hbox()
        if plan is not None:
            if found.engine or self._runtime == "docker":
                options = [("native", tr("官方程序")), ("docker", tr("Docker 容器"))]
                self.runs = Segmented(tr("由谁运行节点"), options, self._runtime)
                self.runs.chosen.connect(self._chosen)
                column.addWidget(self.runs)
            self._show_plan(column, plan, containers=self._runtime == "docker")
            if self._runtime == "native" and not any(one.code in {"programs", "version"} for one in plan.obstacles):
                buttons.addWidget(Button(tr("由真实节点逐块核对"), self.judge, icon="check"))
            move = Button(tr("迁移到 Fabric…"), self.move_over, icon="play", kind="primary")
            move.setEnabled(not plan.obstacles)
            buttons.addWidget(move)
        elif found.phase == "moved":
            column.addWidget(Status(tr("已由 Fabric 接手，尚未完成"), "wait"))
            words = tr("继续迁移会让各组织批准新的合约包。在此之前还可以回到内置账本，不会丢失任何记录。")
            column.addWidget(Label(words, "body", "text2", wrap=True))
            buttons.addWidget(Button(tr("继续迁移"), self.go_on, icon="play", kind="primary"))
            buttons.addWidget(Button(tr("回到内置账本…"), self.go_back))
        else:
            column.addWidget(Status(tr("已由 Fabric 运行"), "ok"))
            words = tr("还是原来的链、证书和地址。")
            if found.kept:
                words += tr("原来的账本还在，确认无误后请删除：今后的清除不会触及它。")
                buttons.addWidget(Button(tr("删除原来的账本…"), self.forget, icon="trash"))
            column.addWidget(Label(words, "body", "text2", wrap=True))
        buttons.addStretch(1)
        column.addLayout(buttons)
        self.organizations.show_moves(found.organizations)
        self._fill(self.obstacles, self.in_the_way, self.table, plan.obstacles if plan is not None else ())
        self._fill(self.contracts, self.served, self.served_table, plan.contracts if plan is not None else ())
        self._fill(self.lost, self.gone, self.lost_table, plan.lost if plan is not None else ())

    @staticmethod
    def _fill(card: Card, model: RowsModel, table: DataTable, rows: tuple[Any, ...]) -> None:
        card.setVisible(bool(rows))
        model.set_rows(rows)
        table.fit(12)

    @staticmethod
    def _show_plan(column: Any, plan: PromotionPlan, *, containers: bool) -> None:
        ready = tr("可以迁移") if not plan.obstacles else tr("还不能迁移")
        column.addWidget(Status(ready, "off" if plan.obstacles else "ok"))
        words = tr(
            "内置账本会停止，由官方 Fabric {v} 程序接手：还是同一条链，节点、证书、地址和连接配置都不变。"
            "真实节点先重放全部区块并逐块对照，一致才交接。"
        )
        if containers:
            words = tr(
                "内置账本会停止，由官方 Fabric {v} 镜像的容器接手：还是同一条链，节点、证书、端口和连接配置都不变。"
                "通道配置会先改用节点名称。真实节点先重放全部区块并逐块对照，一致才交接。"
            )
        column.addWidget(Label(words.format(v=plan.fabric_version), "body", "text2", wrap=True))
        facts = tr("{b} 个区块，{t} 笔交易；{o} 个排序节点，{p} 个记账节点；约需 {s} 秒停机，{m} MB 磁盘空间。")
        facts = facts.format(
            b=f"{sum(plan.heights.values()):,}",
            t=f"{plan.transactions:,}",
            o=plan.orderers,
            p=plan.peers,
            s=plan.seconds,
            m=f"{plan.disk_bytes // 1_000_000:,}",
        )
        column.addWidget(Label(facts, "body", wrap=True))
        back = tr("各组织批准新合约包之前，随时可以回到内置账本；中途断电，下次启动不是回到内置账本，就是把迁移做完。")
        column.addWidget(Label(back, "caption", "text3", wrap=True))

    @staticmethod
    def _obstacle(one: Any) -> list[Cell]:
        return [Cell(say(one.text), bold=True), Cell(say(one.hint))]

    @staticmethod
    def _contract(one: Any) -> list[Cell]:
        where = tr("由独立进程提供，各组织批准新的包") if one.module else tr("由原来的服务继续提供")
        return [Cell(one.name, bold=True), Cell(one.version), Cell(one.channel), Cell(where)]

    @staticmethod
    def _lost(one: Any) -> list[Cell]:
        return [Cell(one.key.replace("\0", " ").strip(), bold=True), Cell(one.contract), Cell(one.collection)]

    # Acts

    def judge(self) -> None:
        """Let real peers replay the chain beside the running network."""
        self._job("replay", Text("由真实节点逐块核对", "Compare with real peers block by block"), self._judged)

    def _judged(self, found: Judgement) -> None:
        if found.difference is None:
            words = tr("Fabric {v} 得到相同的账本，每个区块都一致。")
            self._page.context.notice(words.format(v=found.version))
            return
        Dialog(self._page, tr("Fabric 有不同意见"), say(found.difference.text), accept=tr("关闭"), writes=False).open()

    def move_over(self) -> None:
        """Ask for the network's name, then move."""
        view = self._page.view
        assert view is not None and self.found is not None and self.found.plan is not None
        lost = tr("网络会停止约 {s} 秒。各组织批准新合约包以后，就不能再回到内置账本。请先备份。")
        words = lost.format(s=self.found.plan.seconds)
        if ConfirmName(self._page, tr("迁移到 Fabric"), words, view.name, tr("迁移")).exec():
            self.go_on()

    def _chosen(self, runtime: PromotedRuntime) -> None:
        self._runtime = runtime
        self.read()

    def go_on(self) -> None:
        """Move, or finish a move that was interrupted, where it was begun."""
        fresh = self.found is not None and self.found.plan is not None
        how = ("", self._runtime) if fresh else ()
        self._job("promote", Text("迁移到 Fabric", "Move to Fabric"), lambda _: self._page.refresh(), *how)

    def go_back(self) -> None:
        """Ask, then return to the embedded ledger."""
        words = tr("Fabric 的节点会停止并删除，内置账本从迁移前的区块继续。")
        dialog = Dialog(self._page, tr("回到内置账本"), words, accept=tr("回到内置账本"))
        if dialog.exec():
            title = Text("回到内置账本", "Go back to the embedded ledger")
            self._job("go_back", title, lambda _: self._page.refresh())

    def forget(self) -> None:
        """Ask for the network's name, then delete the former ledger."""
        view = self._page.view
        assert view is not None
        words = tr("原来的账本将被删除，不能恢复。")
        if ConfirmName(self._page, tr("删除原来的账本"), words, view.name, tr("删除")).exec():
            self._job("forget", Text("删除原来的账本", "Delete the former ledger"), lambda _: self.read())

    def _job(self, act: str, title: Text, done: Any, *more: str) -> None:
        view, context = self._page.view, self._page.context
        assert view is not None

        def failed(error: Any) -> None:
            self._page.refresh()
            self._page.change_failed(error)

        context.job(
            getattr(context.platform.promotion, act),
            view.name,
            *more,
            title=title,
            network=view.name,
            done=done,
            failed=failed,
        )
