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
    QScrollArea,
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


def bring_into_view(widget: QWidget) -> None:
    """Scroll whatever `widget` lies in until all of it is seen; what is larger than its place stays where it is."""
    holder = widget.parentWidget()
    while holder is not None:
        if isinstance(holder, QScrollArea):
            room = holder.viewport()
            place = QRect(widget.mapTo(room, QPoint(0, 0)), widget.size())
            fits = place.width() <= room.width() and place.height() <= room.height()
            if fits and not room.rect().contains(place):
                holder.ensureWidgetVisible(widget, 8, 8)
        holder = holder.parentWidget()


class FocusRing(QWidget):
    """A see-through child of the window that draws the ring; inputs show focus themselves."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._target: QWidget | None = None
        self._watched: list[QWidget] = []
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._on_focus)
        self.hide()

    def _on_focus(self, old: QWidget | None, now: QWidget | None) -> None:
        for widget in self._watched:
            if shiboken6.isValid(widget):
                widget.removeEventFilter(self)
        self._watched.clear()
        self._target = None
        if now is not None and now.window() is self.window():
            # Qt scrolls for the Tab key alone. Not while a person presses the mouse: the place must not slip away
            # under it. Not when the window comes back: the person may have scrolled away on purpose.
            within = old is not None and shiboken6.isValid(old) and old.window() is self.window()
            if within and QApplication.mouseButtons() == Qt.MouseButton.NoButton:
                bring_into_view(now)
        tabbed = now is not None and bool(now.focusPolicy() & Qt.FocusPolicy.TabFocus)
        if now is None or not tabbed or now.window() is not self.window() or isinstance(now, _OWN_RING):
            self.hide()
            return
        self._target = now
        # Whatever holds the target may move it: a scrolled page, a layout that makes room.
        holder: QWidget | None = now
        while holder is not None and holder is not self.window():
            holder.installEventFilter(self)
            self._watched.append(holder)
            holder = holder.parentWidget()
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.LayoutRequest):
            self._place()
        elif event.type() == QEvent.Type.Hide:
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
