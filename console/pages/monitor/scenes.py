"""The views of this page that are worth a picture, one line each; see `console.scenes`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from console.context import Context
from console.scenes import Scene, ask

if TYPE_CHECKING:
    from console.shell.window import MainWindow


def _looked(window: MainWindow) -> None:
    """Wait until the watch has looked for the first time."""
    from PySide6.QtTest import QTest

    page: Any = window.page
    for _ in range(100):
        if page.seen is not None and page.seen.now is not None:
            return
        QTest.qWait(100)
        page.refresh()
        window.settle()


def scenes(context: Context) -> list[Scene]:
    return [
        Scene("monitor-overview", "monitor/overview", _looked),
        Scene("monitor-nodes", "monitor/nodes"),
        Scene("monitor-alerts", "monitor/alerts"),
        Scene("monitor-load", "monitor/load"),
    ]


def dialogs(context: Context) -> list[Scene]:
    """What asks before it is done."""
    return [Scene("monitor-load-ask", "monitor/load", ask(0))]
