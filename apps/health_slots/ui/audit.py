"""The audit from blocks alone: hidden, added and withdrawn slots, with block and signer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from apps.health_slots.ui.words import tr
from console.i18n import say
from console.i18n.formats import number, when
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.theme import tokens
from console.widgets.basic import STATE_ICONS, Button, HashLabel, Label, Status, clear, hbox, vbox
from console.widgets.card import Card
from console.widgets.facts import Facts
from console.widgets.table import DataTable
from network.text import Text

if TYPE_CHECKING:
    from apps.health_slots.ui.page import SlotsPage

SIGNS = {"alarm": "bad", "notice": "warn", "info": "info"}


class AuditTab(QWidget):
    """Run the audit as a job; read its findings."""

    def __init__(self, page: SlotsPage) -> None:
        super().__init__()
        self._page = page
        column = vbox(self, margins=(tokens.PAGE_MARGIN, 14, tokens.PAGE_MARGIN, 20), spacing=14)
        card = Card(tr("从区块审计"))
        card.add(
            Label(
                tr(
                    "只读区块：重算每个出诊单元的承诺根，逐号对照放号内容，列出事后增减、迟到的承诺和不合规则的写入。不依赖索引，也不依赖医院的说法。"
                ),
                "body",
                "text2",
                wrap=True,
            )
        )
        row = hbox()
        self.button = Button(tr("开始审计"), self.run, icon="shield")
        row.addWidget(self.button)
        self.cancel = Button(tr("取消"))
        self.cancel.hide()
        row.addWidget(self.cancel)
        row.addStretch(1)
        card.add(row)
        self.result = vbox(spacing=8)
        card.add(self.result)
        column.addWidget(card)
        findings = Card(flush=True)
        self.model = RowsModel(
            [
                Column(tr("发现")),
                Column(tr("哪里"), 210),
                Column(tr("理由"), 110),
                Column(tr("区块"), 90, right=True),
                Column(tr("签名人"), 190),
                Column(tr("时间"), 150),
            ],
            _cells,
        )
        self.table = DataTable(self.model, tr("审计发现"))
        self.table.row_opened.connect(lambda f: page.context.go(f"ledger/tx/{f.tx_id}") if f.tx_id else None)
        findings.add(self.table, 1)
        self._findings = findings
        column.addWidget(findings, 1)
        findings.hide()
        column.addStretch(1)

    def run(self) -> None:
        service = self._page.service
        if service is None:
            return

        def audit(*, ctx: Any) -> Any:
            return service.audit(hospital=self._page.hospital, ctx=ctx)

        view = self._page.context.job(
            audit,
            title=Text("审计号源", "Audit the slots"),
            done=self._show,
            failed=lambda error: self._page.banner.show_error(error, self.run),
        )
        self.button.setEnabled(False)
        self.cancel.show()
        self.cancel.clicked.connect(view.cancel)
        view.finished.connect(self._over)

    def _over(self) -> None:
        self.button.setEnabled(True)
        self.cancel.hide()

    def _show(self, report: Any) -> None:
        clear(self.result)
        words = tr("与承诺一致，没有隐藏的号") if report.clean else tr("有与承诺不一致的地方")
        self.result.addWidget(Status(words, "ok" if report.clean else "bad", role="strong"))
        facts = Facts(110)
        facts.add(
            tr("读了"), tr("{b} 个区块，{t} 笔交易").format(b=number(report.blocks), t=number(report.transactions))
        )
        facts.add(
            tr("核对了"),
            tr("{s} 个出诊单元，{n} 个号，{k} 次预约").format(
                s=number(report.sessions), n=number(report.slots), k=number(report.bookings)
            ),
        )
        facts.add(
            tr("事后变化"),
            tr("加号 {a}，撤回 {w}，迟到 {l}，隐藏 {h}").format(
                a=report.added, w=report.withdrawn, l=report.late, h=report.hidden
            ),
        )
        facts.add(tr("末块"), HashLabel(report.head, f"{report.head[:10]}…{report.head[-10:]}", what=tr("末块")))
        self.result.addWidget(facts)
        self.model.set_rows(report.findings)
        self._findings.setVisible(bool(report.findings))


def _cells(f: Any) -> list[Cell]:
    sign = SIGNS.get(f.severity, "info")
    icon, tone = STATE_ICONS[sign]
    return [
        Cell(say(f.text), icon=icon, tone=tone, word_tone=sign if sign in {"bad", "warn"} else "text"),
        Cell(f.where, mono=True, copy=f.tx_id),
        Cell(f.reason or "—"),
        Cell(number(f.block)),
        Cell(f.signer),
        Cell(when(f.at) if f.at else ""),
    ]
