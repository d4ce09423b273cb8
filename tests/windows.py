"""What a test must leave behind of the windows it opened: nothing that is seen, and an event loop that still turns."""

from __future__ import annotations

import sys
import weakref
from typing import Any

SEATS: weakref.WeakSet[Any] = weakref.WeakSet()
"""Who keeps a window (`window`) open from test to test, and closes it in the end."""


def shown() -> set[Any]:
    """The top-level windows that are seen; empty where no test of this process has had any."""
    if "PySide6.QtWidgets" not in sys.modules:
        return set()
    from PySide6.QtWidgets import QApplication

    return {one for one in QApplication.topLevelWidgets() if one.isVisible()} if QApplication.instance() else set()


def turns() -> bool:
    """Whether an event loop still turns here. After `QCoreApplication.exit` every loop but the application's own ends
    before it has handled one event, for whatever test comes next: then no timer fires and no reading arrives."""
    from PySide6.QtCore import QCoreApplication, QEventLoop, QTimer

    app, loop = QCoreApplication.instance(), QEventLoop()
    QTimer.singleShot(0, loop.quit)
    if app is None or loop.exec() == 0:
        return True
    QTimer.singleShot(0, app, lambda: app.exit(0))
    app.exec()  # beginning it is what lets loops turn again
    return False


def left_open(before: set[Any]) -> list[str]:
    """What is seen now and was not before, in words; it is closed here, so that one test alone is to blame."""
    said = []
    for one in shown() - before - {seat.window for seat in SEATS}:
        said.append(f"{type(one).__name__} {one.windowTitle()!r}")
        one.close()
    return sorted(said)
