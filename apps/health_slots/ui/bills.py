"""支付账单: the day's book, the trial balance, the three-way reconciliation, and residents' points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

from apps.health_slots import permissions
from apps.health_slots.ui.balance import BalancePart
from apps.health_slots.ui.daybook import DayPart
from apps.health_slots.ui.phrases import tr
from apps.health_slots.ui.points import PointsPart
from apps.health_slots.ui.reconcile import ReconcilePart
from apps.health_slots.ui.view import View
from console.page import Action
from console.theme import tokens
from console.widgets.basic import hbox, vbox
from console.widgets.choice import Segmented
from console.widgets.lazy import LazyStack

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
        options = [("day", tr("当天收支")), ("balance", tr("试算平衡"))]
        if self.may(permissions.SETTLE):
            options.append(("reconcile", tr("三方对账")))
        options.append(("points", tr("积分")))
        self.chooser = Segmented(tr("账单的部分"), options)
        self.chooser.chosen.connect(self._on_chosen)
        row = hbox()
        row.addWidget(self.chooser)
        row.addStretch(1)
        column.addLayout(row)
        self.stack = LazyStack(
            {
                "day": lambda: DayPart(self),
                "balance": lambda: BalancePart(self),
                "reconcile": lambda: ReconcilePart(self),
                "points": lambda: PointsPart(self),
            }
        )
        column.addWidget(self.stack, 1)

    @property
    def day(self) -> DayPart:
        return cast(DayPart, self.stack.part("day"))

    @property
    def reconcile(self) -> ReconcilePart:
        return cast(ReconcilePart, self.stack.part("reconcile"))

    @property
    def points(self) -> PointsPart:
        return cast(PointsPart, self.stack.part("points"))

    @property
    def part(self) -> Part:
        """The part that is shown."""
        return cast(Part, self.stack.part(self.chooser.current))

    def header_actions(self) -> list[Action]:
        return self.part.header_actions()

    def enter(self, rest: str = "") -> None:
        if rest in dict(self.chooser.options):
            self.chooser.choose(rest, tell=False)
        self.stack.show_part(self.chooser.current)
        self.part.enter()

    def _on_chosen(self, which: str) -> None:
        self.page.inspect(None)
        self.page.moved.emit(f"bills/{which}")
        self.enter(which)
        self.page.show_actions()
