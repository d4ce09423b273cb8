"""What a view of the copyright page is: shown under an address, with its own header, reading through the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from apps.copyright.service import CopyrightService
    from apps.copyright.ui.page import CopyrightPage


class View(QWidget):
    """Base of the page's views. `live` views are read again when the ledger grows."""

    live = True

    def __init__(self, page: CopyrightPage) -> None:
        super().__init__()
        self.page = page

    @property
    def service(self) -> CopyrightService:
        """The service; a view is only shown when there is one."""
        service = self.page.service
        if service is None:
            raise RuntimeError("no network is open")
        return service

    @property
    def shown(self) -> bool:
        """True while this is the view that the page shows."""
        return self.page.stack.currentWidget() is self

    def enter(self, rest: str) -> None:
        """Show what the rest of the address names. Called at every visit, and for a live view when the ledger grew."""
        raise NotImplementedError

    def choose_tab(self, tab: str) -> None:
        """A person chose one of the view's own tabs."""
