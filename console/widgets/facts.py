"""Facts in two columns, key and value; the body of most inspectors."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from console.i18n.plain import tip as plain_tip
from console.widgets.basic import HashLabel, Label, Mono, Status, hbox, line, vbox


class Facts(QWidget):
    """Key on the left in `text2`, value on the right; a value may be text, a hash to copy or any widget."""

    def __init__(self, key_width: int = 68) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnMinimumWidth(0, key_width)
        self._grid.setColumnStretch(1, 1)
        self._row = 0

    def add(self, key: str, value: str | QWidget, *, mono: bool = False, tip: str = "") -> Facts:
        label = Label(key, "caption", "text2")
        self._grid.addWidget(label, self._row, 0, Qt.AlignmentFlag.AlignTop)
        if isinstance(value, QWidget):
            shown = value
        elif mono:
            shown = Mono(value, wrap=True)
        else:
            shown = Label(value, "caption", "text", wrap=True)
        if tip:
            shown.setToolTip(plain_tip(tip))
        self._grid.addWidget(shown, self._row, 1, Qt.AlignmentFlag.AlignTop)
        self._row += 1
        return self

    def add_hash(self, key: str, value: str, shown: str = "") -> Facts:
        return self.add(key, HashLabel(value, shown, what=key) if value else "—")


class Section(QWidget):
    """A captioned part of an inspector with a line above it."""

    def __init__(self, caption: str = "", note: str = "", *, first: bool = False) -> None:
        super().__init__()
        outer = vbox(self, spacing=0)
        if not first:
            outer.addWidget(line())
        inner = QWidget()
        self.body = vbox(inner, margins=(18, 12, 18, 14), spacing=8)
        outer.addWidget(inner)
        if caption:
            row = hbox()
            row.addWidget(Label(caption, "caption", "text2"), 0, Qt.AlignmentFlag.AlignTop)
            if note:
                said = Label(note, "caption", "text2", wrap=True)
                said.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
                row.addWidget(said, 1)
            else:
                row.addStretch(1)
            self.body.addLayout(row)

    def add(self, widget: QWidget) -> Section:
        self.body.addWidget(widget)
        return self

    def text(self, words: str, *, tone: str = "text") -> Section:
        return self.add(Label(words, "body", tone, wrap=True))

    def status(self, words: str, state: str) -> Section:
        return self.add(Status(words, state, wrap=True))
