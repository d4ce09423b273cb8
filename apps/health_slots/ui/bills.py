"""支付账单: the day's book, the trial balance, the three-way reconciliation, and residents' points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtWidgets import QStackedWidget, QWidget

from apps.health_slots.ui.balance import BalancePart
from apps.health_slots.ui.daybook import DayPart
from apps.health_slots.ui.points import PointsPart
from apps.health_slots.ui.reconcile import ReconcilePart
from apps.health_slots.ui.view import View
from apps.health_slots.ui.words import tr
from console.page import Action
from console.theme import tokens
from console.widgets.basic import hbox, vbox
from console.widgets.choice import Segmented

if TYPE_CHECKING:
    from apps.health_slots.ui.page import SlotsPage


class Part(Protocol):
    """One of the bills' parts."""

    def enter(self) -> None: ...

    def header_actions(self) -> list[Action]: ...


class BillsView(View):
    """Address: day, balance, reconcile or points."""

    def __init__(self, page: SlotsPage) -> None:
        super().__init__(page)
        column = vbox(self, margins=(tokens.PAGE_MARGIN, 12, tokens.PAGE_MARGIN, 16), spacing=12)
        self.day = DayPart(self)
        self.balance = BalancePart(self)
        self.reconcile = ReconcilePart(self)
        self.points = PointsPart(self)
        self.parts: dict[str, Part] = {"day": self.day, "balance": self.balance}
        options = [("day", tr("当天收支")), ("balance", tr("试算平衡"))]
        if self.may("slots.settle"):
            self.parts["reconcile"] = self.reconcile
            options.append(("reconcile", tr("三方对账")))
        self.parts["points"] = self.points
        options.append(("points", tr("积分")))
        self.chooser = Segmented(tr("账单的部分"), options)
        self.chooser.chosen.connect(self._on_chosen)
        row = hbox()
        row.addWidget(self.chooser)
        row.addStretch(1)
        column.addLayout(row)
        self.stack = QStackedWidget()
        for part in self.parts.values():
            assert isinstance(part, QWidget)
            self.stack.addWidget(part)
        column.addWidget(self.stack, 1)

    @property
    def part(self) -> Part:
        return self.parts[self.chooser.current]

    def header_actions(self) -> list[Action]:
        return self.part.header_actions()

    def enter(self, rest: str = "") -> None:
        if rest in self.parts:
            self.chooser.choose(rest, tell=False)
        part = self.part
        assert isinstance(part, QWidget)
        self.stack.setCurrentWidget(part)
        part.enter()

    def _on_chosen(self, which: str) -> None:
        self.page.inspect(None)
        self.page.moved.emit(f"bills/{which}")
        self.enter(which)
        self.page.show_actions()
