"""Whether somebody is at the window: what they press counts as a use of the keystore, so that only absence locks it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

PRESSED = (QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.Wheel)


class Presence(QObject):
    """Watches the native window alone: it sees each press once, before any widget does."""

    def __init__(self, window: QWidget, noticed: Callable[[], None]) -> None:
        super().__init__(window)
        self._noticed = noticed
        handle = window.windowHandle()
        if handle is not None:
            handle.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in PRESSED:
            self._noticed()
        return False
