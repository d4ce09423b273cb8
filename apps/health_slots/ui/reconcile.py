"""三方对账: the hospital's book, the ledger and the payment channel's book, entry by entry."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from apps.health_slots.services.bills import Difference, Reconciliation
from apps.health_slots.ui.phrases import hospital_today, money, tr, yuan
from console.i18n.formats import number, short_hash
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.page import Action
from console.theme import tokens
from console.widgets.basic import Label, Status, clear, hbox, vbox
from console.widgets.card import Card
from console.widgets.forms import DropZone, date_field, save_file
from console.widgets.states import EmptyState
from console.widgets.table import DataTable
from network.text import Text

if TYPE_CHECKING:
    from apps.health_slots.ui.bills import BillsView


class ReconcilePart(QWidget):
    """Drop two books; the third is the ledger."""

    def __init__(self, view: BillsView) -> None:
        super().__init__()
        self.view = view
        self.books: dict[str, Path] = {}
        self.result: Reconciliation | None = None
        column = vbox(self, spacing=12)
        card = Card(tr("三方对账"), tr("医院账、平台账（账本）、支付渠道账逐笔比较"))
        row = hbox(spacing=12)
        self.day = date_field(tr("日期"))
        self.day.set_value(hospital_today().isoformat())
        self.day.setFixedWidth(150)
        self.day.edited.connect(self._compare)
        row.addWidget(self.day, 0, Qt.AlignmentFlag.AlignTop)
        self._names: dict[str, Label] = {}
        for book, title in (("hospital", tr("医院账")), ("payment", tr("支付渠道账"))):
            cell = vbox(spacing=4)
            zone = DropZone(tr("拖入{book}，或点此选择").format(book=title), pattern="CSV (*.csv)", height=64)
            zone.dropped.connect(lambda paths, b=book: self.take(b, Path(paths[0])))
            cell.addWidget(zone)
            self._names[book] = Label(tr("CSV，列为 order,type,amount（分）"), "caption", "text2")
            cell.addWidget(self._names[book])
            row.addLayout(cell, 1)
        card.add(row)
        column.addWidget(card)
        self._summary = Card()
        self._lines = vbox(spacing=6)
        self._summary.add(self._lines)
        self._summary.hide()
        column.addWidget(self._summary)
        self._list = Card(tr("差异"), flush=True)
        self.model = RowsModel(
            [
                Column(tr("订单")),
                Column(tr("类型"), 90),
                Column(tr("金额"), 110, right=True),
                Column(tr("医院账"), 110),
                Column(tr("平台账"), 110),
                Column(tr("渠道账"), 110),
                Column(tr("怎样处理"), 280),
            ],
            _cells,
        )
        self.table = DataTable(self.model, tr("差异"))
        self.table.row_opened.connect(self._open)
        self._list.add(self.table, 1)
        self._list.hide()
        column.addWidget(self._list, 1)
        self._space = EmptyState(
            "ledger",
            tr("放入两份账，第三份就是账本"),
            tr("先导出平台账可看到格式。对账只比较，不改动；结果可写上账本，供各方核对。"),
        )
        column.addWidget(self._space, 1)

    def header_actions(self) -> list[Action]:
        result = self.result
        return [
            Action("book", tr("导出平台账…"), self._export, "download"),
            Action(
                "record",
                tr("把结果写上账本"),
                self._record,
                "stamp",
                "primary",
                enabled=result is not None,
                reason="" if result is not None else tr("先放入两份账"),
                signs=self.view.page.signs_as("payment"),
            ),
        ]

    def enter(self) -> None:
        if self.books:
            self._compare()

    def take(self, book: str, path: Path) -> None:
        """Take a book's file; with both the comparison follows."""
        self.books[book] = path
        self._names[book].setText(path.name)
        self._compare()

    def _compare(self) -> None:
        if set(self.books) != {"hospital", "payment"}:
            return
        service, hospital, day = self.view.service, self.view.hospital, self.day.value
        mine, theirs = self.books["hospital"], self.books["payment"]
        self.view.page.banner.hide()
        self.view.read(lambda: service.bills.reconcile(hospital, day, mine, theirs), self._show)

    def _show(self, result: Reconciliation) -> None:
        self.result = result
        clear(self._lines)
        if result.differences:
            words = tr("{n} 笔不一致").format(n=number(len(result.differences)))
            self._lines.addWidget(Status(words, "bad", role="strong"))
        else:
            self._lines.addWidget(Status(tr("三方一致"), "ok", role="strong"))
        row = hbox(spacing=tokens.CARD_GAP)
        for book, title in (
            ("hospital", tr("医院账")),
            ("platform", tr("平台账")),
            ("payment", tr("支付渠道账")),
        ):
            cell = vbox(spacing=2)
            cell.addWidget(Label(title, "caption", "text2"))
            cell.addWidget(Label(yuan(result.totals[book]), "section"))
            note = tr("{n} 笔 · 指纹 {h}")
            cell.addWidget(
                Label(note.format(n=number(result.entries[book]), h=short_hash(result.books[book])), "caption", "text3")
            )
            row.addLayout(cell, 1)
        self._lines.addLayout(row)
        self._summary.show()
        self.model.set_rows(result.differences)
        self._list.setVisible(bool(result.differences))
        self._space.hide()
        self.view.page.show_actions()

    def _open(self, row: Difference) -> None:
        if row.order:
            self.view.page.context.go(f"health_slots/desk/{row.order}")

    def _record(self) -> None:
        result, service, page = self.result, self.view.service, self.view.page
        if result is not None:
            page.change(
                lambda: service.bills.record(result),
                Text("写入对账结果 {d}", "Record the reconciliation of {d}", d=result.date),
                tr("已把对账结果写上账本"),
                parts=["payment"],
            )

    def _export(self) -> None:
        service, hospital, day = self.view.service, self.view.hospital, self.day.value
        path = save_file(self, tr("导出平台账"), f"platform-{hospital}-{day}.csv", "CSV (*.csv)")
        if path:
            words = tr("已导出 {n} 笔")
            self.view.page.read(
                lambda: service.bills.write_book(hospital, day, Path(path)),
                lambda count: self.view.page.context.notice(words.format(n=number(count))),
            )


def advice(row: Difference) -> str:
    """What to do about an entry that is not in all three books."""
    if row.payment and not row.platform:
        return tr("渠道收了而账本没有：补记支付或让渠道退回")
    if row.platform and not row.payment:
        return tr("账本有而渠道没有：查流水号，必要时退款")
    if row.hospital < row.platform:
        return tr("医院漏记：补入医院账")
    if row.hospital > row.platform:
        return tr("医院多记：核对是否重复")
    return tr("次数不同：逐笔核对流水号")


def _cells(row: Difference) -> list[Cell]:
    kind = tr("支付") if row.type == "payment" else tr("退款")

    def times(count: int) -> Cell:
        if count:
            return Cell(tr("{n} 次").format(n=count), icon="check", tone="text2")
        return Cell(tr("没有"), icon="bad", tone="bad")

    return [
        Cell(row.order, mono=True, copy=row.order, tip=row.order),
        Cell(kind),
        Cell(money(row.amount)),
        times(row.hospital),
        times(row.platform),
        times(row.payment),
        Cell(advice(row), word_tone="text2", tip=advice(row)),
    ]
