"""Upkeep of a network of Fabric's own programs: its peers' ledger snapshots, and the loss of a machine rehearsed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from console.i18n import language, say, tr
from console.i18n.formats import number, size, when
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.theme import tokens
from console.widgets.basic import Button, Label, Status, hbox, vbox
from console.widgets.card import Card, Scroll
from console.widgets.dialogs import ConfirmName
from console.widgets.forms import Form, choice_field, pick_files, save_file
from console.widgets.signing import signs
from console.widgets.table import DataTable
from network.text import Text

if TYPE_CHECKING:
    from baas.monitoring.loss_drill import LossReport
    from console.pages.network.page import NetworkPage
    from network.native.ledger_snapshots import LedgerSnapshot

BACKUPS = "CityChain (*.ccb)"


class UpkeepTab(QWidget):
    """Snapshots as a table with what can be done with them; below it the drill and its newest report."""

    def __init__(self, page: NetworkPage) -> None:
        super().__init__()
        self._page = page
        self._shown_for: tuple[str, ...] = ()
        self.report: LossReport | None = None
        outer = vbox(self)
        scroll = Scroll((tokens.PAGE_MARGIN, 14, tokens.PAGE_MARGIN, 24))
        outer.addWidget(scroll)
        self._acts = Card(tr("账本快照"))
        scroll.column.addWidget(self._acts)
        made = Card(tr("已有的快照"), flush=True)
        columns = [
            Column(tr("通道"), 150), Column(tr("截至区块"), 100, right=True), Column(tr("节点"), 260),
            Column(tr("大小"), 100, right=True), Column(tr("快照哈希")),
        ]  # fmt: skip
        self.model = RowsModel(columns, _cells)
        self.table = DataTable(self.model, tr("已有的快照"))
        made.add(self.table)
        scroll.column.addWidget(made)
        self._drill = Card(tr("演练：丢失一台机器"))
        scroll.column.addWidget(self._drill)
        self.result = Card(tr("最近一次演练"))
        scroll.column.addWidget(self.result)
        scroll.column.addStretch(1)
        self.peers: Form | None = None
        self.lost: Form | None = None

    def read(self) -> None:
        view = self._page.view
        if view is None:
            return
        platform, name = self._page.context.platform, view.name
        self._page.read(lambda: (platform.snapshots.list(name), platform.monitor.losses(name)), self._show)

    def _show(self, found: tuple[Sequence[LedgerSnapshot], Sequence[LossReport]]) -> None:
        view = self._page.view
        assert view is not None
        snapshots, reports = found
        self.model.set_rows(snapshots)
        self.table.fit(12)
        peers = tuple(node.name for node in view.nodes("peer"))
        if self._shown_for != (view.name, *peers):  # what somebody is choosing stays
            self._shown_for = (view.name, *peers)
            self._offer(peers)
        self._show_report(reports[-1] if reports else None)

    def _offer(self, peers: tuple[str, ...]) -> None:
        view = self._page.view
        assert view is not None
        column = self._acts.reset()
        words = tr(
            "快照是通道在某个区块的完整状态，节点照常工作时就能制作。节点落后太多或账本损坏时，可以用另一个节点的快照重建，"
            "再只取此后的区块；更早的区块和私有数据留在其他节点上。"
        )
        column.addWidget(Label(words, "body", "text2", wrap=True))
        self.peers = Form(2)
        self.peers.add("peer", choice_field(tr("节点"), [(name, name) for name in peers]))
        column.addWidget(self.peers)
        row = hbox()
        for button in (
            Button(tr("制作快照"), self.make, icon="plus", kind="primary"),
            Button(tr("用快照重建…"), self.join, icon="refresh"),
        ):
            signs(button, self._page.signs_with())
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        column = self._drill.reset()
        words = tr(
            "把一个组织在本机的记账节点连同文件和私钥一起拿走，从备份恢复，追上其他组织，换发新密钥并吊销丢失的；"
            "报告写明恢复用时和缺少什么。出错或中断时，原来的节点原样放回。"
        )
        column.addWidget(Label(words, "body", "text2", wrap=True))
        self.lost = Form(2)
        organizations = [(o.msp_id, say(o.title)) for o in view.spec.organizations if o.peers]
        self.lost.add("organization", choice_field(tr("丢失机器的组织"), organizations))
        column.addWidget(self.lost)
        row = hbox()
        begin = Button(tr("选择备份并演练…"), self.lose, icon="play")
        signs(begin, self._page.signs_with())
        row.addWidget(begin)
        row.addStretch(1)
        column.addLayout(row)

    # -- snapshots -----------------------------------------------------------------------------------
    def make(self) -> None:
        """Have the chosen peer write a snapshot, as a job."""
        view, context = self._page.view, self._page.context
        assert view is not None and self.peers is not None
        peer = self.peers["peer"]
        context.job(
            partial(context.platform.snapshots.make, view.name, peer=peer),
            title=Text("{n} 制作快照", "Snapshot of {n}", n=peer),
            network=view.name,
            done=lambda made: self._done(tr("快照已制作，截至区块 {b}").format(b=number(made.block))),
            failed=self._failed,
        )

    def join(self) -> ConfirmName:
        """Ask, then make the chosen peer anew from the newest snapshot of another."""
        view = self._page.view
        assert view is not None and self.peers is not None
        peer = self.peers["peer"]
        lost = tr("节点 {n} 现有的账本会被移除，用其他节点最新的快照重建；此前的区块只留在其他节点上。").format(n=peer)
        dialog = ConfirmName(
            self._page, tr("用快照重建"), lost, peer.partition(".")[0], tr("重建"), signs=self._page.signs_with()
        )
        dialog.accepted.connect(lambda: self._join(peer))
        dialog.open()
        return dialog

    def _join(self, peer: str) -> None:
        view, context = self._page.view, self._page.context
        assert view is not None
        context.job(
            partial(context.platform.snapshots.join, peer, view.name),
            title=Text("用快照重建 {n}", "Make {n} anew from a snapshot", n=peer),
            network=view.name,
            done=lambda found: self._done(
                tr("{n} 已从区块 {b} 的快照重建并追上").format(n=peer, b=number(found.block))
            ),
            failed=self._failed,
        )

    # -- the drill -----------------------------------------------------------------------------------
    def lose(self) -> None:
        """Ask for the backup, say what will happen, and rehearse."""
        view = self._page.view
        assert view is not None and self.lost is not None
        paths = pick_files(self._page, tr("选择备份"), BACKUPS)
        if not paths:
            return
        msp_id, backup = self.lost["organization"], Path(paths[0])
        words = tr("{m} 在本机的记账节点会停止，直到从备份“{f}”恢复并追上。其他组织照常工作。")
        dialog = ConfirmName(
            self._page,
            tr("演练：丢失一台机器"),
            words.format(m=msp_id, f=backup.name),
            msp_id,
            tr("开始演练"),
            signs=self._page.signs_with(),
        )
        dialog.accepted.connect(lambda: self._lose(msp_id, backup))
        dialog.open()

    def _lose(self, msp_id: str, backup: Path) -> None:
        view, context = self._page.view, self._page.context
        assert view is not None
        context.job(
            partial(context.platform.monitor.lose, msp_id, backup, view.name),
            title=Text("演练丢失 {m} 的机器", "Rehearse the loss of {m}'s machine", m=msp_id),
            network=view.name,
            done=lambda _: self._done(tr("演练已完成，报告在下方")),
            failed=self._failed,
        )

    def _show_report(self, report: LossReport | None) -> None:
        self.report = report
        self.result.setVisible(report is not None)
        if report is None:
            return
        from baas.monitoring.loss_paper import as_text, verdict

        column = self.result.reset()
        column.addWidget(Status(say(verdict(report)), "ok" if report.whole else "bad"))
        column.addWidget(Label(f"{when(report.at)} · {report.organization}", "caption", "text3"))
        facts = "\n".join(as_text(report, language()).splitlines()[4:])
        column.addWidget(Label(facts, "body", wrap=True))
        row = hbox()
        row.addWidget(Button(tr("保存报告…"), self.save, icon="download"))
        row.addStretch(1)
        column.addLayout(row)

    def save(self) -> None:
        """Write the newest report where it is wanted, as a page to print or as text."""
        from baas.monitoring.loss_paper import as_html, as_text

        assert self.report is not None
        path = save_file(
            self._page, tr("保存报告"), f"{self.report.organization}-drill.html", "HTML (*.html);;Text (*.txt)"
        )
        if path:
            paper = as_html if path.lower().endswith((".html", ".htm")) else as_text
            Path(path).write_text(paper(self.report, language()), "utf-8")
            self._page.context.notice(tr("报告已保存"))

    def _done(self, words: str) -> None:
        self._page.context.notice(words)
        self._page.refresh()

    def _failed(self, error: Any) -> None:
        self._page.banner.show_error(error, self._page.refresh)


def _cells(one: Any) -> list[Cell]:
    return [
        Cell(one.channel, bold=True),
        Cell(number(one.block)),
        Cell(one.peer),
        Cell(size(one.bytes)),
        Cell(one.snapshot_hash[:16], copy=one.snapshot_hash, tip=one.snapshot_hash),
    ]
