"""What a tab of the slots page is: content, an address of its own, and the header's actions while it is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from apps.health_slots.service import HealthSlotsService
from console.page import Action

if TYPE_CHECKING:
    from apps.health_slots.ui.page import SlotsPage


class View(QWidget):
    """Base of the tabs. `page.service` is there whenever a view is entered."""

    def __init__(self, page: SlotsPage) -> None:
        super().__init__()
        self.page = page

    @property
    def service(self) -> HealthSlotsService:
        """The page's service; a view is shown only when there is one."""
        found = self.page.service
        assert found is not None
        return found

    @property
    def hospital(self) -> str:
        return self.page.hospital

    def enter(self, rest: str = "") -> None:
        """Show the view as things are now; `rest` is what follows the tab in the address."""

    def header_actions(self) -> list[Action]:
        """The header's actions while this view is shown, the main one with `kind="primary"`."""
        return []

    def may(self, permission: str) -> bool:
        """Say whether the acting person has a permission."""
        return self.page.context.platform.session.allows(permission)

    def read(self, fn: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """Read in a worker; nothing arrives when another hospital or view was chosen in the meantime."""
        hospital = self.hospital

        def arrived(value: Any) -> None:
            if self.page.hospital == hospital:
                done(value)

        self.page.read(fn, arrived)
