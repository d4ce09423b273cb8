"""The portal administrator's tab: admit booking portals, see them, take their tokens away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.health_slots.ui.phrases import tr
from apps.health_slots.ui.serving import PortalsCard
from apps.health_slots.ui.view import View
from console.page import Action
from console.theme import tokens
from console.widgets.basic import vbox

if TYPE_CHECKING:
    from apps.health_slots.ui.page import SlotsPage


class PortalsView(View):
    """Portals of the own organisation."""

    def __init__(self, page: SlotsPage) -> None:
        super().__init__(page)
        self.portals = PortalsCard(page)
        vbox(self, margins=(tokens.PAGE_MARGIN, 12, tokens.PAGE_MARGIN, 16)).addWidget(self.portals, 1)

    def enter(self, rest: str = "") -> None:
        self.portals.load()

    def header_actions(self) -> list[Action]:
        return [Action("portal", tr("登记门户…"), self.portals.ask_add, "plus", "primary")]
