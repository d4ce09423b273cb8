"""积分: a resident's balance by what runs out first, every entry, spending and taking back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from apps.health_slots import permissions
from apps.health_slots.ui.phrases import stamp, tr
from apps.health_slots.ui.resident import ResidentCard, title_of
from console.i18n.formats import number
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.page import Action
from console.theme import tokens
from console.widgets.basic import Button, Label, Status, clear, hbox, vbox
from console.widgets.card import Card
from console.widgets.dialogs import Dialog
from console.widgets.forms import Form, choice_field, number_field
from console.widgets.states import EmptyState, Note
from console.widgets.table import DataTable
from network.text import Text

if TYPE_CHECKING:
    from apps.health_slots.ui.bills import BillsView


@dataclass(frozen=True)
class Entry:
    """One change of a resident's points."""

    id: str
    amount: int
    account: str
    source: str
    at: int
    reversed: bool

    @property
    def reversible(self) -> bool:
        return not self.reversed and self.account != "expired" and not self.source.startswith("reversal:")


def purposes() -> list[tuple[str, str]]:
    """What points are spent on; the id stands on the ledger."""
    return [
        ("gift", tr("礼品")),
        ("parking", tr("停车券")),
        ("checkup", tr("体检折扣")),
        ("fee", tr("抵挂号费")),
    ]


class PointsPart(QWidget):
    """Of the resident at the desk."""

    def __init__(self, view: BillsView) -> None:
        super().__init__()
        self.view = view
        self.account: dict[str, Any] = {}
        column = vbox(self, spacing=12)
        self.resident = ResidentCard(view.page)
        if not view.may(permissions.BOOK):
            self.resident.hide()
        column.addWidget(self.resident)
        row = hbox(spacing=tokens.CARD_GAP)
        self._balance = Card(tr("余额"), tr("不可转让"))
        self._lots = vbox(spacing=6)
        self._balance.add(self._lots)
        self._balance.body.addStretch(1)
        self._balance.setFixedWidth(312)
        row.addWidget(self._balance)
        entries = Card(tr("变动"), tr("每笔两行，合计为零"), flush=True)
        self.model = RowsModel(
            [
                Column(tr("时间"), 130),
                Column(tr("事由")),
                Column(tr("积分"), 90, right=True),
                Column(tr("状态"), 110),
            ],
            _cells,
        )
        self.table = DataTable(self.model, tr("积分变动"))
        entries.add(self.table, 1)
        self.empty = EmptyState("award", tr("没有变动"), tr("就诊一次按规则得积分；先选一位居民。"))
        entries.add(self.empty, 1)
        foot = hbox(margins=(12, 8, 12, 8))
        self.reverse_button = Button(tr("冲回这一笔…"), self._reverse, icon="undo", small=True)
        self.reverse_button.setEnabled(False)
        foot.addWidget(self.reverse_button)
        foot.addStretch(1)
        if not view.may(permissions.SETTLE):
            self.reverse_button.hide()
        entries.add(foot)
        row.addWidget(entries, 1)
        column.addLayout(row, 1)
        self.table.row_chosen.connect(lambda entry: self.reverse_button.setEnabled(entry.reversible))
        view.page.resident_changed.connect(lambda: self.enter() if self.isVisible() else None)

    def header_actions(self) -> list[Action]:
        if not self.view.may(permissions.SETTLE):
            return []
        balance = int(self.account.get("balance", 0))
        reason = "" if balance else tr("没有可用的积分")
        return [Action("spend", tr("使用积分…"), self._spend, "award", "primary", enabled=balance > 0, reason=reason)]

    def enter(self) -> None:
        self.resident.show_resident()
        resident, service = self.view.page.resident, self.view.service
        if resident is None:
            self._show({"balance": 0, "lots": [], "entries": {}})
        else:
            self.view.read(lambda: service.residents.points(resident.id), self._show)

    def _show(self, account: dict[str, Any]) -> None:
        self.account = account
        clear(self._lots)
        self._lots.addWidget(Label(number(account["balance"]), "display"))
        now = self.view.service.now()
        over = False
        for expires, amount in account["lots"]:
            gone = expires <= now
            over = over or gone
            words = tr("{n} 分已过期") if gone else tr("{n} 分到 {day}")
            text = words.format(n=number(amount), day=stamp(expires, "%Y-%m-%d"))
            self._lots.addWidget(Status(text, "warn" if gone else "none"))
        if not account["lots"]:
            self._lots.addWidget(Label(tr("没有积分"), "caption", "text2"))
        if over and self.view.may(permissions.SETTLE):
            self._lots.addWidget(Button(tr("清理过期积分"), self._expire, small=True))
        entries = [
            Entry(id, e["lines"][0][1], e["account"], e["source"], e["at"], bool(e.get("reversed")))
            for id, e in account["entries"].items()
        ]
        self.view.show_rows(self.table, sorted(entries, key=lambda e: -e.at))
        self.table.setVisible(bool(entries))
        self.empty.setVisible(not entries)
        entry: Entry | None = self.table.current_row()
        self.reverse_button.setEnabled(entry is not None and entry.reversible)
        self.view.page.show_actions()

    def _spend(self) -> None:
        resident, page = self.view.page.resident, self.view.page
        if resident is None:
            return
        balance = int(self.account["balance"])
        dialog = Dialog(
            page,
            tr("使用积分"),
            tr("{who} 有 {n} 分，先用最早到期的。").format(who=title_of(resident), n=number(balance)),
            accept=tr("使用"),
        )
        form = Form(2)
        form.add("amount", number_field(tr("积分"), min(10, balance), 1, balance))
        form.add("purpose", choice_field(tr("用途"), purposes()))
        dialog.body.addWidget(form)
        page.ask(
            dialog,
            lambda service, v: service.residents.spend(resident.id, v["amount"], v["purpose"]),
            Text("使用积分", "Spend points"),
            part="platform",
            done=lambda _: page.context.notice(tr("已使用 {n} 分").format(n=number(form["amount"]))),
        )

    def _expire(self) -> None:
        resident, service = self.view.page.resident, self.view.service
        if resident is not None:
            self.view.page.change(
                lambda: service.residents.expire(resident.id),
                Text("清理过期积分", "Take off expired points"),
                tr("已清理过期积分"),
                parts=["platform"],
            )

    def _reverse(self) -> None:
        entry: Entry | None = self.table.current_row()
        resident, page = self.view.page.resident, self.view.page
        if entry is None or resident is None:
            return
        dialog = Dialog(page, tr("冲回积分"), source_word(entry), accept=tr("冲回"))
        dialog.accept_button.set_kind("danger")
        words = tr("这 {n} 分会收回。") if entry.amount > 0 else tr("这 {n} 分会退还，有效一年。")
        dialog.body.addWidget(Note(words.format(n=number(abs(entry.amount)))))
        page.ask(
            dialog,
            lambda service, v: service.residents.reverse(resident.id, entry.id),
            Text("冲回积分", "Reverse points"),
            tr("已冲回"),
            part="platform",
        )


def source_word(entry: Entry) -> str:
    """Where an entry comes from."""
    if entry.source.startswith("reversal:"):
        return tr("冲回")
    if entry.account == "issued":
        return tr("就诊所得")
    if entry.account == "expired":
        return tr("过期")
    return tr("用于{what}").format(what=dict(purposes()).get(entry.source, entry.source))


def _cells(entry: Entry) -> list[Cell]:
    sign = "+" if entry.amount > 0 else "−"
    return [
        Cell(stamp(entry.at, "%Y-%m-%d %H:%M"), copy=entry.id),
        Cell(source_word(entry), tip=entry.source),
        Cell(f"{sign}{number(abs(entry.amount))}", bold=True),
        Cell(tr("已冲回"), word_tone="text3") if entry.reversed else Cell(tr("有效"), word_tone="text2"),
    ]
