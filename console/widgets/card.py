"""Cards and the other surfaces a page is laid out with."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from console.theme import tokens
from console.widgets.basic import Elided, Icon, Label, clear, hbox, line, vbox


class Card(QFrame):
    """A titled card: head of 44 px with title, note and actions, a line, and a body."""

    def __init__(
        self, title: str = "", note: str = "", *, icon: str = "", tone: str = "text2", flush: bool = False
    ) -> None:
        super().__init__()
        self.setProperty("surface", "card")
        outer = vbox(self, spacing=0)
        self.head = hbox(margins=(16, 0, 12, 0), spacing=8)
        self.title = Label(title, "card")
        self.note = Elided(note, "caption", "text2")
        if title:
            bar = QWidget()
            bar.setFixedHeight(tokens.CARD_HEAD)
            bar.setLayout(self.head)
            if icon:
                self.head.addWidget(Icon(icon, tone))
            self.head.addWidget(self.title)
            self.head.addWidget(self.note, 1)
            outer.addWidget(bar)
            outer.addWidget(line())
            self.setAccessibleName(title)
        pad = 0 if flush else tokens.CARD_PADDING
        edge = 1 if flush else 0
        self.body = vbox(margins=(pad + edge, edge or 12, pad + edge, edge or 14), spacing=0 if flush else 8)
        outer.addLayout(self.body, 1)

    def add(self, item: QWidget | QLayout, stretch: int = 0) -> None:
        """Add to the body."""
        if isinstance(item, QWidget):
            self.body.addWidget(item, stretch)
        else:
            self.body.addLayout(item, stretch)

    def add_table(self, table: QAbstractItemView, empty: QWidget) -> None:
        """Add a table, and what stands in its place while it has no rows."""

        def swap() -> None:
            rows = table.model().rowCount() > 0
            table.setVisible(rows)
            empty.setVisible(not rows)

        self.add(table, 1)
        self.add(empty, 1)
        table.model().modelReset.connect(swap)
        swap()

    def reset(self) -> QVBoxLayout:
        """Empty the body and return it."""
        clear(self.body)
        return self.body


class ClickCard(QFrame):
    """A card that is one choice or one link: all of it can be clicked, focused and pressed with Space or Enter."""

    chosen = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setProperty("surface", "card")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.isEnabled():
            self.chosen.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.chosen.emit()
        else:
            super().keyPressEvent(event)


class Scroll(QScrollArea):
    """A vertically scrolling column; give it a layout's worth of widgets through `column`."""

    def __init__(self, margins: tuple[int, int, int, int] = (0, 0, 0, 0), spacing: int = tokens.CARD_GAP) -> None:
        super().__init__()
        inner = self.inner = QWidget()
        inner.setObjectName("scrolled")
        inner.setAutoFillBackground(False)
        self.column = vbox(inner, margins=margins, spacing=spacing)
        self.setWidget(inner)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_child(self, child: QWidget) -> None:
        """Scroll so that `child` is seen."""
        self.ensureWidgetVisible(child, 0, 24)
        self.verticalScrollBar().setValue(child.mapTo(self.inner, QPoint(0, 0)).y())
