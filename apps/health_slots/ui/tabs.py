"""The tabs of the slots page in their order: who sees each, and how it is made."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from apps.health_slots.ui.view import View
from apps.health_slots.ui.words import tr

if TYPE_CHECKING:
    from apps.health_slots.ui.page import SlotsPage


@dataclass(frozen=True)
class Tab:
    """A tab: its address, title, the permissions it needs, and its view's maker."""

    id: str
    title: Callable[[], str]
    needs: tuple[str, ...]
    make: Callable[[SlotsPage], View]


def _view(module: str, name: str) -> Callable[[SlotsPage], View]:
    """Return a function that imports and makes a view when it is first shown."""

    def make(page: SlotsPage) -> View:
        made: View = getattr(importlib.import_module(f"apps.health_slots.ui.{module}"), name)(page)
        return made

    return make


TABS: tuple[Tab, ...] = (
    Tab("board", lambda: tr("看板"), ("slots.read",), _view("board_tab", "BoardTab")),
    Tab("desk", lambda: tr("窗口"), ("slots.book",), _view("desk", "DeskView")),
    Tab("search", lambda: tr("查号与预约"), ("slots.book",), _view("search", "SearchTab")),
    Tab("waitlist", lambda: tr("候补"), ("slots.book", "slots.change"), _view("waitlist", "WaitlistView")),
    Tab("draws", lambda: tr("摇号"), ("slots.read",), _view("draws", "DrawsView")),
    Tab("bills", lambda: tr("账单"), ("slots.read",), _view("bills", "BillsView")),
    Tab("policies", lambda: tr("规则"), ("slots.read",), _view("policies", "PoliciesView")),
    Tab("residents", lambda: tr("授权与留痕"), ("slots.book",), _view("residents", "ResidentsView")),
    Tab("authority", lambda: tr("监管"), ("slots.serve",), _view("authority", "AuthorityView")),
    Tab("audit", lambda: tr("审计"), ("slots.audit",), _view("audit", "AuditTab")),
)
