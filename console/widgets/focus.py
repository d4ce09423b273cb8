"""The focus ring: two pixels outside whatever has the keyboard, never hidden behind its neighbours."""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from console.theme import theme

_OWN_RING = (QLineEdit, QComboBox, QAbstractSpinBox, QPlainTextEdit, QTextEdit)
"""Inputs show by their border that they have the keyboard."""


def tab_stops(root: QWidget) -> list[QWidget]:
    """Return what the Tab key reaches inside `root` now, in the order in which the widgets were made."""
    return [
        widget
        for widget in root.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisibleTo(root) and widget.isEnabled()
    ]


class FocusRing(QWidget):
    """A see-through child of the window that draws the ring; inputs show focus themselves."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._target: QWidget | None = None
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._on_focus)
        self.hide()

    def _on_focus(self, old: QWidget | None, now: QWidget | None) -> None:
        if self._target is not None and shiboken6.isValid(self._target):
            self._target.removeEventFilter(self)
        self._target = None
        tabbed = now is not None and bool(now.focusPolicy() & Qt.FocusPolicy.TabFocus)
        if now is None or not tabbed or now.window() is not self.window() or isinstance(now, _OWN_RING):
            self.hide()
            return
        self._target = now
        now.installEventFilter(self)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show):
            self._place()
        elif event.type() in (QEvent.Type.Hide, QEvent.Type.Destroy):
            self.hide()
        return False

    def _place(self) -> None:
        target = self._target
        if target is None or not shiboken6.isValid(target) or not target.isVisible():
            self.hide()
            return
        origin = target.mapTo(self.window(), QPoint(0, 0))
        outside = 0 if isinstance(target, QAbstractScrollArea) else 4
        box = QRect(origin, target.size()).adjusted(-outside, -outside, outside, outside)
        self.setGeometry(box.intersected(self.window().rect()))
        self.raise_()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme().colour("fill"), 2))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)
