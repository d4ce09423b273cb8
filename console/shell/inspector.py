"""The inspector on the right: what happened, what to do, facts, history of whatever is chosen.

In a wide window it stands beside the page; in a narrow one it is a drawer that lies upon the page's right edge.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent, Qt
from PySide6.QtWidgets import QApplication, QFrame, QWidget

from console.i18n import tr
from console.theme import tokens
from console.widgets.basic import Button, Chip, Elided, IconButton, Label, hbox, vbox
from console.widgets.card import Scroll
from console.widgets.focus import tab_stops

WIDENS_BY = 110
"""How many pixels wider than usual it is in a wide window."""


class Inspector(QFrame):
    """Holds one widget at a time. Signals: `closed` when a person closed it."""

    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("surface", "inspector")
        self.setFixedWidth(tokens.INSPECTOR_WIDTH)
        self.setAccessibleName(tr("详情"))
        column = vbox(self, spacing=0)
        self._scroll = Scroll(spacing=0)
        self._scroll.inner.setMinimumWidth(1)  # as wide as the panel, however long a word inside is
        column.addWidget(self._scroll, 1)
        self._content: QWidget | None = None
        self.waiting = False
        """Nobody asked for what is shown: in a narrow window it waits behind its handle."""
        self.hide()

    @property
    def content(self) -> QWidget | None:
        """What is shown now."""
        return self._content

    def show_widget(self, widget: QWidget | None, asked: bool = True) -> None:
        """Show `widget`; when it tells the same thing anew, the place read and the keyboard's stay where they are."""
        again = self._content is not None and widget is not None and _title(self._content) == _title(widget)
        self.waiting = self.waiting if again and not asked else not asked
        old, place, focused = self._content, 0, -1
        if old is not None:
            if again:
                place = self._scroll.verticalScrollBar().value()
            focused = _stop_with_focus(old)
            old.hide()
            self._scroll.column.removeWidget(old)
            old.deleteLater()
            self._content = None
        if widget is None:
            self.hide()
            return
        self._content = widget
        self._scroll.column.addWidget(widget)
        self.fit()
        self.show()
        widget.show()
        if isinstance(widget, Inspected):
            widget.close_button.clicked.connect(self.closed)
        if focused >= 0:
            stops = tab_stops(widget)
            if stops:
                stops[min(focused, len(stops) - 1)].setFocus(Qt.FocusReason.OtherFocusReason)
        if place:
            self._scroll.inner.adjustSize()
        self._scroll.verticalScrollBar().setValue(place)

    def fit(self) -> None:
        """Take the width that the content wants, and in a wide window some of the room that the page leaves."""
        asked = self._content.property("inspectorWidth") if self._content is not None else None
        more = (self.window().width() - tokens.WINDOW_SIZE[0]) // 8
        self.setFixedWidth(int(asked or tokens.INSPECTOR_WIDTH) + max(0, min(more, WIDENS_BY)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)


def _title(widget: QWidget) -> str:
    return widget.title if isinstance(widget, Inspected) else type(widget).__name__


def _stop_with_focus(root: QWidget) -> int:
    """Return which of the tab stops has the keyboard, -1 when none of them has."""
    now = QApplication.focusWidget()
    if now is None or not root.isAncestorOf(now):
        return -1
    stops = tab_stops(root)
    return stops.index(now) if now in stops else 0


class Inspected(QWidget):
    """The usual content: a head with title, note and a chip, then sections in `body`, buttons in a foot."""

    def __init__(self, title: str, note: str = "", chip: Chip | None = None) -> None:
        super().__init__()
        self.title = title
        outer = vbox(self, spacing=0)
        head = vbox(margins=(18, 14, 10, 12), spacing=4)
        row = hbox(spacing=8)
        name = Label(title, "section", wrap=True)
        row.addWidget(name, 1)
        self.close_button = IconButton("close", tr("关闭详情"))
        row.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(row)
        if note:
            head.addWidget(Elided(note, "caption", "text2"))
        if chip is not None:
            head.addWidget(chip)
        outer.addLayout(head)
        self.body = vbox(spacing=0)
        outer.addLayout(self.body)
        outer.addStretch(1)

    def add(self, section: QWidget) -> Inspected:
        self.body.addWidget(section)
        return self

    def buttons(self, *buttons: Button) -> QWidget:
        """Return a row of buttons for a section."""
        holder = QWidget()
        row = hbox(holder)
        for button in buttons:
            row.addWidget(button)
        row.addStretch(1)
        return holder


class Middle(QWidget):
    """The page and the inspector: side by side, or the inspector upon the page when there is no room for both."""

    def __init__(self, content: QWidget, inspector: Inspector) -> None:
        super().__init__()
        self._content, self._inspector = content, inspector
        content.setParent(self)
        inspector.setParent(self)
        inspector.installEventFilter(self)
        self.handle = IconButton("left", tr("打开详情"), self._open, size=28)
        self.handle.setParent(self)
        self.handle.setProperty("kind", "plain")
        self.handle.hide()

    def _open(self) -> None:
        self._inspector.waiting = False
        self._place()
        stops = tab_stops(self._inspector)
        if stops:
            stops[0].setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def drawn_over(self) -> bool:
        """Whether the inspector lies upon the page."""
        return self.window().width() < tokens.DRAWER_BELOW

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._inspector.fit()
        self._place()

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.ShowToParent, QEvent.Type.HideToParent, QEvent.Type.Resize):
            self._place()
        return False

    def _place(self) -> None:
        width, height = self.width(), self.height()
        shown = not self._inspector.isHidden()
        waits = shown and self.drawn_over and self._inspector.waiting
        drawer = min(self._inspector.width(), width) if shown and not waits else 0
        beside = 0 if self.drawn_over else drawer
        self.handle.setVisible(waits)
        self.handle.move(width - self.handle.width() - 4, 10)
        self.handle.raise_()
        self._content.setGeometry(QRect(0, 0, width - beside, height))
        self._inspector.setGeometry(QRect(width - drawer, 0, self._inspector.width(), height))
        if drawer:
            self._inspector.raise_()
