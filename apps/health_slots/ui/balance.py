"""The trial balance: every account of the hospital with its sum, and the proof that they sum to nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from apps.health_slots.services.bills import TrialBalance
from apps.health_slots.ui.daybook import account_word
from apps.health_slots.ui.phrases import money, tr
from console.i18n.formats import number
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.page import Action
from console.widgets.basic import Label, Status, hbox, vbox
from console.widgets.card import Card
from console.widgets.states import EmptyState
from console.widgets.table import DataTable

if TYPE_CHECKING:
    from apps.health_slots.ui.bills import BillsView


def meaning(account: str) -> str:
    """What an account's sum says."""
    return {
        "receivable": tr("居民还没付的挂号费"),
        "revenue": tr("医院的挂号收入"),
        "refunds": tr("该退还没退给居民的"),
        "bank": tr("已结算到医院银行户的"),
        "clearing": tr("渠道已收、还没结算的"),
    }.get(account.partition(":")[0], "")


class BalancePart(QWidget):
    """All accounts since the beginning."""

    def __init__(self, view: BillsView) -> None:
        super().__init__()
        self.view = view
        column = vbox(self, spacing=12)
        card = Card(tr("试算平衡"), tr("从第一笔分录到现在"))
        self.verdict = Status("", "ok", role="strong")
        card.add(self.verdict)
        self.totals = Label("", "body", "text2")
        card.add(self.totals)
        column.addWidget(card)
        table = Card(flush=True)
        self.model = RowsModel(
            [
                Column(tr("科目"), 220),
                Column(tr("含义")),
                Column(tr("借方（元）"), 130, right=True),
                Column(tr("贷方（元）"), 130, right=True),
            ],
            _cells,
        )
        self.table = DataTable(self.model, tr("试算平衡"))
        self.empty = EmptyState("ledger", tr("还没有分录"), tr("第一个收费的预约之后，这里列出每个科目的余额。"))
        table.add_table(self.table, self.empty)
        row = hbox()
        row.addWidget(table, 1)
        column.addLayout(row, 1)

    def header_actions(self) -> list[Action]:
        return []

    def enter(self) -> None:
        service, hospital = self.view.service, self.view.hospital
        self.view.read(lambda: service.bills.trial_balance(hospital), self._show)

    def _show(self, found: TrialBalance) -> None:
        rows = sorted(found.accounts.items(), key=lambda a: a[0])
        self.model.set_rows(rows)
        debit = sum(n for _, n in rows if n > 0)
        if found.balanced:
            self.verdict.set(tr("借贷相等"), "ok")
        else:
            self.verdict.set(tr("借贷不等，请从区块审计"), "bad")
        self.totals.setText(
            tr("{k} 个科目，借方合计 {a} 元，贷方合计 {b} 元").format(
                k=number(len(rows)), a=money(debit), b=money(-sum(n for _, n in rows if n < 0))
            )
        )


def _cells(row: tuple[str, int]) -> list[Cell]:
    account, fen = row
    return [
        Cell(account_word(account), bold=True, copy=account, tip=account),
        Cell(meaning(account), word_tone="text2"),
        Cell(money(fen) if fen > 0 else ""),
        Cell(money(-fen) if fen < 0 else ""),
    ]
