"""Two columns side by side that stand below each other where the window is narrow."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QWidget

from console.theme import tokens
from console.widgets.basic import vbox

NARROW = 860
"""Below this width (pixels) there is one column."""


class TwoColumns(QWidget):
    """`left` and `right` are columns to fill; `shares` say how they share the width."""

    def __init__(self, shares: tuple[int, int] = (1, 1), *, spacing: int = tokens.CARD_GAP) -> None:
        super().__init__()
        self._shares = shares
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(spacing)
        self.left, self.right = vbox(spacing=spacing), vbox(spacing=spacing)
        self._row.addLayout(self.left, shares[0])
        self._row.addLayout(self.right, shares[1])
        self.setMinimumWidth(320)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = event.size().width() < NARROW
        way = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        if self._row.direction() != way:
            self._row.setDirection(way)
            for at, share in enumerate(self._shares):
                self._row.setStretch(at, 0 if narrow else share)
