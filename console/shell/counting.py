"""What the status bar and the rail's badges say, from the one list of what needs doing."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer

from console.shell.navigation import allowed_pages
from console.tasks.runner import later
from fabric_sdk import clock

if TYPE_CHECKING:
    from console.context import Context
    from console.page import PageSpec
    from console.shell.rail import Rail
    from console.shell.statusbar import StatusBar
    from console.shell.summary import Summary

BADGES_MS = 5000
"""How long after a block the applications' counts are read again: each reads its index."""


class Counting(QObject):
    """Reads in the background and shows it; the applications' pages tell by `context.counted` what they have read."""

    def __init__(self, context: Context, specs: list[PageSpec], rail: Rail, status: StatusBar) -> None:
        super().__init__(rail)
        self._context, self._specs, self._rail, self._status = context, specs, rail, status
        self._height = self._era = 0
        self._soon = later(200, self, self.refresh)
        self._badges_soon = QTimer(self)
        self._badges_soon.setInterval(BADGES_MS)
        self._badges_soon.setSingleShot(True)
        self._badges_soon.timeout.connect(self.count)
        context.counted.connect(self._on_counted)
        context.page_titles = self._titles

    def _titles(self) -> dict[str, str]:
        pages = allowed_pages(self._specs, self._context)
        return {page.id: page.title() for page in pages if page.badge is not None}

    def forget(self) -> None:
        """Another network or another role: nothing of before counts, nor what is still being read of it."""
        self._context.waiting.clear()
        self._context.todo.forget()
        self._height = 0
        self._era += 1
        self._soon.start()

    def heard(self, event: Any) -> None:
        """Something happened on the platform."""
        from baas.events import BlockIndexed, NetworkChanged

        if isinstance(event, BlockIndexed):
            if event.network != self._context.network:
                return
            self._height = max(self._height, event.number + 1)
            self._status.set_block(self._height, clock.local())
            if not self._badges_soon.isActive():
                self._badges_soon.start()
        else:
            if isinstance(event, NetworkChanged):
                self._height = 0
            self._context.todo.forget()
            self._soon.start()

    def count(self) -> None:
        """Ask the applications' counters what is to be handled; one that fails shows nothing."""
        context = self._context
        if not context.ready or not context.network:
            return
        platform, network = context.platform, context.network
        for spec in allowed_pages(self._specs, context):
            if spec.badge is not None:
                context.tasks.fetch(
                    partial(spec.badge, platform, network),
                    partial(self._counted, self._era, spec.id),
                    lambda error: None,
                    owner=self,
                )

    def refresh(self) -> None:
        """Read what the status bar and the platform's badges show."""
        from console.shell.summary import read_summary

        context = self._context
        if not context.ready:
            return
        platform, network, todo = context.platform, context.network, context.todo
        context.tasks.fetch(
            lambda: read_summary(platform, network, todo),
            partial(self._show, self._era),
            lambda error: None,
            owner=self,
        )

    def _counted(self, era: int, page: str, count: int) -> None:
        if era == self._era:
            self._context.counted.emit(page, count)

    def _show(self, era: int, summary: Summary) -> None:
        if era != self._era:
            return
        self._status.set_network(summary.text, summary.state, summary.runtime)
        if summary.height is None or summary.height >= self._height:
            self._height = summary.height or 0
            self._status.set_block(summary.height, summary.block_time)  # blocks may have come while it was read
        for page, count in summary.badges.items():
            self._set_badge(page, count)

    def _on_counted(self, page: str, count: int) -> None:
        """The applications' counts, wherever they were read last: badge and overview show this one."""
        self._context.waiting[page] = count
        self._set_badge(page, count)

    def _set_badge(self, page: str, count: int) -> None:
        if page in self._rail.items:
            self._rail.items[page].set_badge(count)
