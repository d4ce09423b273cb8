"""Verifying a whole chain, exporting it, verifying an export from elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QProgressBar, QWidget

from baas import roles
from console.i18n import say, tr
from console.i18n.formats import number, size
from console.tasks import JobView
from console.theme import tokens
from console.widgets.basic import Button, HashLabel, Label, Status, clear, hbox, vbox
from console.widgets.card import Card, Scroll
from console.widgets.facts import Facts
from console.widgets.forms import DropZone, save_file
from network.text import Text

if TYPE_CHECKING:
    from console.pages.ledger.page import LedgerPage


class VerifyTab(QWidget):
    """Three cards: this chain, an export of it, an export of somebody else's."""

    def __init__(self, page: LedgerPage) -> None:
        super().__init__()
        self._page = page
        outer = vbox(self)
        scroll = Scroll((tokens.PAGE_MARGIN, 14, tokens.PAGE_MARGIN, 24))
        outer.addWidget(scroll)
        self.card = Card(tr("校验这条链"))
        words = tr(
            "从创世区块起逐块重算哈希与链接，核对排序节点、发起人和背书者的签名；内置账本还会把状态与区块对照。不依赖索引。"
        )
        self.card.add(Label(words, "body", "text2", wrap=True))
        row = hbox()
        self.button = Button(tr("开始校验"), self.run, icon="shield", kind="primary")
        row.addWidget(self.button)
        self.cancel = Button(tr("取消"), self._cancel)
        self.cancel.hide()
        row.addWidget(self.cancel)
        row.addStretch(1)
        self.card.add(row)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tr("校验进度"))
        self.bar.hide()
        self.card.add(self.bar)
        self.result = vbox(spacing=8)
        self.card.add(self.result)
        scroll.column.addWidget(self.card)
        self.export_card = Card(tr("导出整条链"))
        self.export_card.add(
            Label(
                tr("导出文件只含区块，任何人都可以在别处离线校验。"),
                "body",
                "text2",
                wrap=True,
            )
        )
        row = hbox()
        row.addWidget(Button(tr("导出…"), self._export, icon="download"))
        row.addStretch(1)
        self.export_card.add(row)
        scroll.column.addWidget(self.export_card)
        other = Card(tr("校验一个导出文件"))
        zone = DropZone(tr("拖入导出文件，或点此选择"), pattern="*")
        zone.dropped.connect(lambda paths: self._verify_file(Path(paths[0])))
        other.add(zone)
        self.other_result = vbox(spacing=8)
        other.add(self.other_result)
        scroll.column.addWidget(other)
        scroll.column.addStretch(1)
        self._view: JobView | None = None

    def enter(self) -> None:
        self.export_card.setVisible(self._page.context.platform.session.allows(roles.LEDGER_EXPORT))

    def run(self) -> None:
        """Verify as a job with progress and cancel."""
        if self._view is not None and self._view.running:
            return
        clear(self.result)
        platform, network = self._page.context.platform, self._page.context.network
        view = self._page.context.job(
            platform.ledger.verify,
            network,
            title=Text("校验 {n}", "Verify {n}", n=network),
            done=lambda found: self._show(found, self.result),
            failed=self._failed,
        )
        self._watch(view)

    def _watch(self, view: JobView) -> None:
        self._view = view
        self.button.setEnabled(False)
        self.cancel.show()
        self.bar.show()

        def changed() -> None:
            step = view.job.current if view.job else None
            self.bar.setRange(0, 1000 if step and step.total else 0)
            self.bar.setValue(int(1000 * step.done / step.total) if step and step.total else 0)

        def over() -> None:
            self.button.setEnabled(True)
            self.cancel.hide()
            self.bar.hide()

        view.changed.connect(changed)
        view.finished.connect(over)

    def _cancel(self) -> None:
        if self._view is not None:
            self._view.cancel()

    def _failed(self, error: Any) -> None:
        clear(self.result)
        self.result.addWidget(Status(tr("校验未通过"), "bad", role="strong"))
        self.result.addWidget(Label(say(error.message), "body", wrap=True))
        if error.hint:
            self.result.addWidget(Label(say(error.hint), "body", "text2", wrap=True))

    def _show(self, found: Any, into: Any) -> None:
        clear(into)
        into.addWidget(Status(tr("每个区块和签名都一致"), "ok", role="strong"))
        facts = Facts(110)
        facts.add(tr("通道"), found.channel or found.source)
        facts.add(tr("区块数"), number(found.blocks))
        facts.add(
            tr("交易数"),
            tr("{n} 笔，有效 {v}").format(n=number(found.transactions), v=number(found.valid_transactions)),
        )
        facts.add(
            tr("状态对照"),
            tr("与区块一致") if found.state_checked else tr("未对照"),
        )
        facts.add(tr("末块哈希"), HashLabel(found.last_hash, found.last_hash[:16] + "…" + found.last_hash[-16:]))
        into.addWidget(facts)

    def _export(self) -> None:
        context = self._page.context
        path = save_file(self, tr("导出整条链"), f"{context.network}.blocks")
        if path:
            context.job(
                context.platform.ledger.export,
                Path(path),
                context.network,
                title=Text("导出 {n}", "Export {n}", n=context.network),
                done=lambda found: context.notice(
                    tr("已导出 {n} 个区块，{size}").format(n=number(found.blocks), size=size(found.bytes))
                ),
            )

    def _verify_file(self, path: Path) -> None:
        context = self._page.context
        context.job(
            context.platform.ledger.verify_file,
            path,
            title=Text("校验 {f}", "Verify {f}", f=path.name),
            done=lambda found: self._show(found, self.other_result),
        )
