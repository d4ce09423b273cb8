"""Segments and tabs: one of a few, chosen by mouse or arrow keys."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.theme import theme, tokens, ui_font


class _OneOf(QWidget):
    """Base of both: named choices, one current; ← → move.

    Signals: `chosen(id)` when a person or `choose(…)` changes it.
    """

    chosen = Signal(str)

    def __init__(self, name: str, options: Sequence[tuple[str, str]], current: str = "") -> None:
        super().__init__()
        self._name = name
        self._options = list(options)
        self._notes: dict[str, str] = {}
        self._current = current or (options[0][0] if options else "")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self._speak()

    @property
    def current(self) -> str:
        return self._current

    @property
    def options(self) -> tuple[tuple[str, str], ...]:
        return tuple(self._options)

    def set_options(self, options: Sequence[tuple[str, str]], notes: dict[str, str] | None = None) -> None:
        """Replace the choices; `notes` are figures shown beside them. The current one stays if it is still there."""
        self._options = list(options)
        self._notes = dict(notes or {})
        if self._current not in dict(options):
            self._current = options[0][0] if options else ""
        self._speak()
        self.updateGeometry()
        self.update()

    def choose(self, which: str, *, tell: bool = True) -> None:
        if which == self._current or which not in dict(self._options):
            return
        self._current = which
        self._speak()
        self.update()
        if tell:
            self.chosen.emit(which)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        ids = [i for i, _ in self._options]
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if step and self._current in ids:
            self.choose(ids[max(0, min(len(ids) - 1, ids.index(self._current) + step))])
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for which, box in self._boxes():
            if box.contains(event.position()):
                self.choose(which)

    def sizeHint(self) -> QSize:
        boxes = self._boxes()
        return QSize(int(boxes[-1][1].right()) + 1 if boxes else 0, self._height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _height(self) -> int:
        raise NotImplementedError

    def _boxes(self) -> list[tuple[str, QRectF]]:
        raise NotImplementedError

    def _speak(self) -> None:
        self.setAccessibleName(f"{self._name}: {dict(self._options).get(self._current, '')}")


class Segmented(_OneOf):
    """A row of joined buttons."""

    def _height(self) -> int:
        return tokens.CONTROL_HEIGHT - 2

    def _boxes(self) -> list[tuple[str, QRectF]]:
        metrics = QFontMetrics(ui_font(tokens.SIZE_BODY, bold=True))
        left, boxes = 0.0, []
        for which, text in self._options:
            width = metrics.horizontalAdvance(text) + 24
            boxes.append((which, QRectF(left, 0, width, self._height())))
            left += width
        return boxes

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QRectF(0.5, 0.5, self.sizeHint().width() - 1, self._height() - 1)
        painter.setPen(QPen(look.colour("btn"), 1))
        painter.setBrush(look.colour("card"))
        painter.drawRoundedRect(whole, 6, 6)
        boxes = self._boxes()
        for number, (which, box) in enumerate(boxes):
            current = which == self._current
            if current:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(look.colour("asoft"))
                painter.drawRoundedRect(box.adjusted(1, 1, -1 if number == len(boxes) - 1 else 0, -1), 5, 5)
            if number:
                painter.setPen(QPen(look.colour("btn"), 1))
                painter.drawLine(box.topLeft(), box.bottomLeft())
            painter.setPen(look.colour("accent" if current else "text"))
            painter.setFont(ui_font(tokens.SIZE_BODY, bold=current))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, dict(self._options)[which])


class Tabs(_OneOf):
    """Tabs under a page's header, with a figure beside the word where there is one."""

    def _height(self) -> int:
        return tokens.TAB_HEIGHT

    def _boxes(self) -> list[tuple[str, QRectF]]:
        bold = QFontMetrics(ui_font(tokens.SIZE_BODY, bold=True))
        plain = QFontMetrics(ui_font(tokens.SIZE_BODY))
        left, boxes = 0.0, []
        for which, text in self._options:
            note = self._notes.get(which, "")
            width = bold.horizontalAdvance(text) + (plain.horizontalAdvance(note) + 5 if note else 0)
            boxes.append((which, QRectF(left, 0, width, self._height())))
            left += width + 22
        return boxes

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        for which, box in self._boxes():
            current = which == self._current
            font = ui_font(tokens.SIZE_BODY, bold=current)
            text = dict(self._options)[which]
            painter.setFont(font)
            painter.setPen(look.colour("text" if current else "text2"))
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)
            note = self._notes.get(which, "")
            if note:
                painter.setFont(ui_font(tokens.SIZE_BODY))
                painter.setPen(look.colour("text3"))
                after = box.adjusted(QFontMetrics(font).horizontalAdvance(text) + 5, 0, 4, 0)
                painter.drawText(after, Qt.AlignmentFlag.AlignVCenter, note)
            if current:
                painter.fillRect(QRectF(box.left(), box.bottom() - 2, box.width(), 2), look.colour("fill"))
