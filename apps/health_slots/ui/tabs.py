"""The tabs of the slots page in their order: who sees each, and how it is made."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from apps.health_slots import permissions
from apps.health_slots.ui.phrases import tr
from apps.health_slots.ui.view import View

if TYPE_CHECKING:
    from apps.health_slots.ui.page import SlotsPage


@dataclass(frozen=True)
class Tab:
    """A tab: its address, title, the permissions it needs, and the module and class of its view."""

    id: str
    title: Callable[[], str]
    needs: tuple[str, ...]
    module: str
    name: str

    def load(self) -> Any:
        """Import the module of the view."""
        return importlib.import_module(f"apps.health_slots.ui.{self.module}")

    def make(self, page: SlotsPage) -> View:
        """Make the view."""
        made: View = getattr(self.load(), self.name)(page)
        return made


TABS: tuple[Tab, ...] = (
    Tab("board", lambda: tr("看板"), (permissions.READ,), "board_tab", "BoardTab"),
    Tab("desk", lambda: tr("窗口"), (permissions.BOOK,), "desk", "DeskView"),
    Tab("search", lambda: tr("查号与预约"), (permissions.BOOK,), "search", "SearchTab"),
    Tab("waitlist", lambda: tr("候补"), (permissions.BOOK, permissions.CHANGE), "waitlist", "WaitlistView"),
    Tab("draws", lambda: tr("摇号"), (permissions.READ,), "draws", "DrawsView"),
    Tab("bills", lambda: tr("账单"), (permissions.READ,), "bills", "BillsView"),
    Tab("policies", lambda: tr("规则"), (permissions.READ,), "policies", "PoliciesView"),
    Tab("residents", lambda: tr("授权与留痕"), (permissions.BOOK,), "residents", "ResidentsView"),
    Tab("referrals", lambda: tr("转诊", "several"), (permissions.CHANGE,), "referrals", "ReferralsView"),
    Tab("authority", lambda: tr("监管"), (permissions.SERVE,), "authority", "AuthorityView"),
    Tab("portals", lambda: tr("门户", "several"), (permissions.PORTALS,), "portals_tab", "PortalsView"),
    Tab("audit", lambda: tr("审计"), (permissions.AUDIT,), "audit", "AuditTab"),
)


def load_all() -> None:
    """Import every tab's module, a little at a time: done in a worker before somebody wants the first of them."""
    for tab in TABS:
        tab.load()
        time.sleep(0.01)
