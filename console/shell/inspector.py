"""The inspector on the right: what happened, what to do, facts, history of whatever is chosen."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeyEvent, Qt
from PySide6.QtWidgets import QFrame, QWidget

from console.i18n import tr
from console.theme import tokens
from console.widgets.basic import Button, Chip, Elided, IconButton, Label, hbox, vbox
from console.widgets.card import Scroll


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
        column.addWidget(self._scroll, 1)
        self._content: QWidget | None = None
        self.hide()

    def show_widget(self, widget: QWidget | None) -> None:
        if self._content is not None:
            self._content.hide()
            self._scroll.column.removeWidget(self._content)
            self._content.deleteLater()
            self._content = None
        if widget is None:
            self.hide()
            return
        self._content = widget
        self._scroll.column.addWidget(widget)
        self._scroll.verticalScrollBar().setValue(0)
        self.setFixedWidth(int(widget.property("inspectorWidth") or tokens.INSPECTOR_WIDTH))
        self.show()
        if isinstance(widget, Inspected):
            widget.close_button.clicked.connect(self.closed)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)


class Inspected(QWidget):
    """The usual content: a head with title, note and a chip, then sections in `body`, buttons in a foot."""

    def __init__(self, title: str, note: str = "", chip: Chip | None = None) -> None:
        super().__init__()
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
