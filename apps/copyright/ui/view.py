"""What a view of the copyright page is: shown under an address, with its own header, reading through the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.appkit.views import AppView

if TYPE_CHECKING:
    from apps.copyright.service import CopyrightService
    from apps.copyright.ui.page import CopyrightPage


class View(AppView):
    """Base of the page's own views."""

    page: CopyrightPage

    @property
    def service(self) -> CopyrightService:
        """The service; a view is only shown when there is one."""
        return self.page.service
