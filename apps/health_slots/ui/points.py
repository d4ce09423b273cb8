"""积分: a resident's balance by what runs out first, every entry, spending and taking back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from apps.health_slots import permissions
from apps.health_slots.kinds import Points
from apps.health_slots.model import PURPOSES
from apps.health_slots.ui.phrases import stamp, tr
from apps.health_slots.ui.resident import ResidentCard, title_of
from console.appkit.acting import open_act
from console.i18n import say
from console.i18n.formats import number
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.page import Action
from console.theme import tokens
from console.widgets.basic import Button, Label, Status, clear, hbox, vbox
from console.widgets.card import Card
from console.widgets.states import EmptyState, Note
from console.widgets.table import DataTable

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
        self.empty = EmptyState("award", tr("没有变动"), tr("就诊一次，按规则得积分。"))
        entries.add_table(self.table, self.empty)
        foot = hbox(margins=(12, 8, 12, 8))
        self.reverse_button = Button(tr("冲回这一笔…"), self._reverse, icon="undo", small=True)
        self.reverse_button.setEnabled(False)
        foot.addWidget(self.reverse_button)
        foot.addStretch(1)
        if not view.may(Points.reverse):
            self.reverse_button.hide()
        entries.add(foot)
        row.addWidget(entries, 1)
        column.addLayout(row, 1)
        self.table.row_chosen.connect(lambda entry: self.reverse_button.setEnabled(entry.reversible))
        view.page.resident_changed.connect(lambda: self.enter() if self.isVisible() else None)

    def header_actions(self) -> list[Action]:
        if not self.view.may(Points.spend):
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
        if over and self.view.may(Points.expire):
            self._lots.addWidget(Button(tr("清理过期积分"), self._expire, small=True))
        entries = [
            Entry(id, e["lines"][0][1], e["account"], e["source"], e["at"], bool(e.get("reversed")))
            for id, e in account["entries"].items()
        ]
        self.view.show_rows(self.table, sorted(entries, key=lambda e: -e.at))
        entry: Entry | None = self.table.current_row()
        self.reverse_button.setEnabled(entry is not None and entry.reversible)
        self.view.page.show_actions()

    def _spend(self) -> None:
        resident, page, balance = self.view.page.resident, self.view.page, int(self.account["balance"])
        if resident is None:
            return
        record = {"id": resident.id, "title": title_of(resident), "balance": balance}
        dialog = page.act(Points.spend, record, first={"amount": min(10, balance)})
        assert dialog.form is not None
        dialog.form.fields["amount"].editor.setRange(1, balance)  # type: ignore[union-attr]
        dialog.exec()

    def _expire(self) -> None:
        resident, page = self.view.page.resident, self.view.page
        if resident is not None:
            open_act(page, page.acts.open_act(Points.expire), {"id": resident.id})

    def _reverse(self) -> None:
        entry: Entry | None = self.table.current_row()
        resident = self.view.page.resident
        if entry is None or resident is None:
            return
        record = {"id": resident.id, "source": source_word(entry)}
        words = tr("这 {n} 分会收回。") if entry.amount > 0 else tr("这 {n} 分会退还，有效一年。")
        note = Note(words.format(n=number(abs(entry.amount))))
        self.view.page.act(Points.reverse, record, also={"entry": entry.id}, foresee=note).exec()


def source_word(entry: Entry) -> str:
    """Where an entry comes from."""
    if entry.source.startswith("reversal:"):
        return tr("冲回")
    if entry.account == "issued":
        return tr("就诊所得")
    if entry.account == "expired":
        return tr("过期")
    return tr("用于{what}").format(what=say(PURPOSES.get(entry.source, entry.source)))


def _cells(entry: Entry) -> list[Cell]:
    sign = "+" if entry.amount > 0 else "−"
    return [
        Cell(stamp(entry.at, "%Y-%m-%d %H:%M"), copy=entry.id),
        Cell(source_word(entry), tip=entry.source),
        Cell(f"{sign}{number(abs(entry.amount))}", bold=True),
        Cell(tr("已冲回"), word_tone="text3") if entry.reversed else Cell(tr("有效"), word_tone="text2"),
    ]
