"""The day's book: what was paid, refunded and is still owed; settling a past day by channel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from apps.health_slots.kinds import Settlement
from apps.health_slots.model import CHANNELS
from apps.health_slots.services.lists import PostingRow, VisitRow
from apps.health_slots.ui.phrases import channel_word, clock, day_of, hospital_today, listed, money, tr, yuan
from console.i18n.formats import day_long, number
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.page import Action
from console.theme import tokens
from console.widgets.basic import Button, IconButton, Label, clear, hbox, vbox
from console.widgets.card import Card
from console.widgets.states import EmptyState
from console.widgets.table import DataTable

if TYPE_CHECKING:
    from apps.health_slots.ui.bills import BillsView


def posting_word(why: str) -> str:
    return {
        "order": tr("下单"),
        "payment": tr("支付"),
        "late-payment": tr("迟到的支付"),
        "order-cancelled": tr("订单取消"),
        "refund-due": tr("应退"),
        "refund": tr("退款"),
        "settlement": tr("结算"),
    }.get(why, why)


class DayPart(QWidget):
    """Figures of the day, then its postings; below, what residents owe and are owed."""

    def __init__(self, view: BillsView) -> None:
        super().__init__()
        self.view = view
        self.day = hospital_today()
        self._settled: set[str] = set()
        self._channels: tuple[str, ...] = ()
        column = vbox(self, spacing=12)
        bar = hbox(spacing=8)
        bar.addWidget(IconButton("left", tr("前一天"), lambda: self._go(-1)))
        self.title = Label("", "card")
        bar.addWidget(self.title)
        bar.addWidget(IconButton("right", tr("后一天"), lambda: self._go(1)))
        bar.addWidget(Button(tr("今天"), lambda: self._go(0), small=True))
        bar.addStretch(1)
        self.settled = Label("", "caption", "text2")
        bar.addWidget(self.settled)
        column.addLayout(bar)
        self._figures = hbox(spacing=tokens.CARD_GAP)
        column.addLayout(self._figures)
        row = hbox(spacing=tokens.CARD_GAP)
        book = Card(tr("分录"), tr("每笔借贷相等"), flush=True)
        self.model = RowsModel(
            [
                Column(tr("时间"), 70),
                Column(tr("事由"), 92),
                Column(tr("借")),
                Column(tr("贷")),
                Column(tr("金额"), 88, right=True),
                Column(tr("流水号"), 120, spare=True),
            ],
            _cells,
        )
        self.table = DataTable(self.model, tr("分录"))
        self.empty = EmptyState(
            "ledger", tr("这一天没有收支"), tr("预约有费用的号就会产生订单；付款和退款在预约详情里记。")
        )
        book.add_table(self.table, self.empty)
        row.addWidget(book, 3)
        owing = Card(tr("待收与待退"), flush=True)
        self.owing = RowsModel(
            [Column(tr("哪个预约")), Column(tr("待收"), 84, right=True), Column(tr("待退"), 84, right=True)],
            _owing_cells,
        )
        self.owing_table = DataTable(self.owing, tr("待收与待退"))
        view.details(self.owing_table, self._inspect)
        owing.add(self.owing_table, 1)
        row.addWidget(owing, 2)
        column.addLayout(row, 1)

    def header_actions(self) -> list[Action]:
        if not self.view.may(Settlement.settle):
            return []
        reason = ""
        if self.day >= hospital_today():
            reason = tr("当天结束后才能结算")
        elif not self._channels:
            reason = tr("这一天没有经过渠道的收支")
        elif set(self._channels) <= self._settled:
            reason = tr("这一天已结算")
        return [
            Action("settle", tr("结算这一天…"), self._settle, "stamp", "primary", enabled=not reason, reason=reason)
        ]

    def enter(self) -> None:
        service, hospital, day = self.view.service, self.view.hospital, self.day.isoformat()
        self.title.setText(day_long(self.day))
        self.view.read(lambda: (service.lists.postings(hospital, day), service.lists.owing(hospital)), self._show)

    def _go(self, days: int) -> None:
        self.day = self.day + timedelta(days=days) if days else hospital_today()
        self.enter()

    def show_day(self, day: date) -> None:
        """Show another day."""
        self.day = day
        self.enter()

    def _show(self, found: tuple[Sequence[PostingRow], Sequence[VisitRow]]) -> None:
        postings, owing = found
        self.view.show_rows(self.table, sorted(postings, key=lambda p: (-p.at, p.order, -p.number)))
        self.view.show_rows(self.owing_table, owing)
        paid = sum(p.cleared[1] for p in postings if p.why in {"payment", "late-payment"})
        refunded = -sum(p.cleared[1] for p in postings if p.why == "refund")
        clear(self._figures)
        for title, fen, note in (
            (tr("收款"), paid, tr("{n} 笔").format(n=_count(postings, "payment", "late-payment"))),
            (tr("退款"), refunded, tr("{n} 笔").format(n=_count(postings, "refund"))),
            (tr("净额"), paid - refunded, tr("收款减退款")),
            (tr("待收"), sum(max(0, v.owed) for v in owing), tr("全部日期")),
            (tr("待退"), sum(v.refund_due for v in owing), tr("全部日期")),
        ):
            self._figures.addWidget(_figure(title, fen, note), 1)
        self._channels = tuple(sorted({p.cleared[0] for p in postings if p.cleared[0]}))
        self._settled = {p.order.removeprefix("settlement:") for p in postings if p.why == "settlement"}
        names = listed(channel_word(c) for c in sorted(self._settled))
        self.settled.setText(tr("已结算：{who}").format(who=names) if names else "")
        self.view.page.show_actions()

    def _inspect(self, visit: VisitRow) -> None:
        from apps.health_slots.ui.appointment import appointment_panel

        self.view.page.show_panel(visit, lambda: appointment_panel(self.view.page, visit))

    def _settle(self) -> None:
        page, day = self.view.page, {"hospital": self.view.hospital, "date": self.day.isoformat()}
        moved = [*(one for one in CHANNELS if one in self._channels), *(c for c in self._channels if c not in CHANNELS)]
        limits = {"channel": [one for one in moved if one not in self._settled]}
        page.act(Settlement.settle, day, also=day, limits=limits).exec()


def _count(postings: Sequence[PostingRow], *whys: str) -> str:
    return number(sum(p.why in whys for p in postings))


def _figure(title: str, fen: int, note: str) -> Card:
    card = Card()
    card.add(Label(title, "caption", "text2"))
    card.add(Label(yuan(fen), "section"))
    card.add(Label(note, "caption", "text3"))
    card.setAccessibleName(f"{title} {yuan(fen)}")
    return card


def account_word(account: str) -> str:
    """What an account of the books is called."""
    name, _, channel = account.partition(":")
    words = {
        "receivable": tr("应收"),
        "revenue": tr("收入"),
        "refunds": tr("应退款"),
        "bank": tr("银行"),
        "clearing": tr("清算"),
    }
    word = words.get(name, name)
    return f"{word} · {channel_word(channel)}" if channel else word


def _cells(posting: PostingRow) -> list[Cell]:
    debit = next((line for line in posting.lines if line[1] > 0), None)
    credit = next((line for line in posting.lines if line[1] < 0), None)
    return [
        Cell(clock(posting.at)),
        Cell(posting_word(posting.why), copy=posting.order, tip=posting.order),
        Cell(account_word(debit[0]) if debit else "—"),
        Cell(account_word(credit[0]) if credit else "—"),
        Cell(money(debit[1]) if debit else "0.00"),
        Cell(posting.reference or "—", mono=True, word_tone="text2", tip=posting.reference),
    ]


def _owing_cells(visit: VisitRow) -> list[Cell]:
    return [
        Cell(f"{day_of(visit.date)} {visit.department} {visit.number:03d}", copy=visit.id, tip=visit.id),
        Cell(money(visit.owed) if visit.owed > 0 else "—"),
        Cell(money(visit.refund_due) if visit.refund_due else "—", word_tone="warn" if visit.refund_due else ""),
    ]
