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
        """Another network or another role: nothing of before counts."""
        self._context.waiting.clear()
        self._context.todo.forget()

    def heard(self, event: Any) -> None:
        """Something happened on the platform."""
        from baas.events import BlockIndexed

        if isinstance(event, BlockIndexed):
            self._status.set_block(event.number + 1, clock.local())
            if not self._badges_soon.isActive():
                self._badges_soon.start()
        else:
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
                    partial(context.counted.emit, spec.id),
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
        context.tasks.fetch(lambda: read_summary(platform, network, todo), self._show, lambda error: None, owner=self)

    def _show(self, summary: Summary) -> None:
        self._status.set_network(summary.text, summary.state, summary.runtime)
        self._status.set_block(summary.height, summary.block_time)
        for page, count in summary.badges.items():
            self._set_badge(page, count)

    def _on_counted(self, page: str, count: int) -> None:
        """The applications' counts, wherever they were read last: badge and overview show this one."""
        self._context.waiting[page] = count
        self._set_badge(page, count)

    def _set_badge(self, page: str, count: int) -> None:
        if page in self._rail.items:
            self._rail.items[page].set_badge(count)
