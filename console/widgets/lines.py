"""A chart of lines over time, drawn by hand, with its newest figures spoken."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.i18n.formats import number
from console.theme import theme, tokens, ui_font

_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 12, 10, 24
_DAY = 86_400


@dataclass(frozen=True)
class Line:
    """One line: its name, the theme's colour, whether it is dashed, and its points (seconds since the epoch, value)."""

    name: str
    tone: str
    points: Sequence[tuple[float, float]]
    dashed: bool = False


class LineChart(QWidget):
    """Lines between two moments; where nothing was measured for three steps the line is broken."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._lines: list[Line] = []
        self._span = (0.0, 1.0)
        self._step = 1.0
        self.setMinimumHeight(170)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(name)

    def set_lines(self, lines: Sequence[Line], start: float, end: float, step: float) -> None:
        """Show these lines from `start` to `end`; `step` is how far apart measurements are, in seconds."""
        self._lines, self._span, self._step = list(lines), (start, max(end, start + 1)), step
        said = ", ".join(f"{line.name} {number(line.points[-1][1])}" for line in lines if line.points)
        self.setAccessibleName(f"{self._name}: {said or '—'}")
        self.update()

    @property
    def lines(self) -> tuple[Line, ...]:
        return tuple(self._lines)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(ui_font(tokens.SIZE_BADGE))
        plot = QRectF(_LEFT, _TOP, self.width() - _LEFT - _RIGHT, self.height() - _TOP - _BOTTOM)
        top = ceiling(max((value for line in self._lines for _, value in line.points), default=0.0))
        for part in range(3):
            y = plot.bottom() - plot.height() * part / 2
            painter.setPen(QPen(look.colour("line"), 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(look.colour("text3"))
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, y - 9, _LEFT - 6, 18), right, number(top * part / 2, 1 if top < 4 else 0))
        self._paint_times(painter, plot)
        for line in self._lines:
            self._paint_line(painter, plot, line, top)

    def _paint_times(self, painter: QPainter, plot: QRectF) -> None:
        start, end = self._span
        form = "%H:%M" if end - start <= _DAY else "%m-%d"
        painter.setPen(theme().colour("text3"))
        for part in range(4):
            try:
                at = dt.datetime.fromtimestamp(start + (end - start) * part / 3).astimezone()
            except (OSError, OverflowError, ValueError):  # nothing measured: Windows knows no local time about 1970
                return
            x = plot.left() + plot.width() * part / 3
            side = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight)
            align = side[0] if part == 0 else side[2] if part == 3 else side[1]
            left = x if part == 0 else x - 60 if part == 3 else x - 30
            painter.drawText(QRectF(left, plot.bottom() + 4, 60, 18), align, at.strftime(form))

    def _paint_line(self, painter: QPainter, plot: QRectF, line: Line, top: float) -> None:
        start, end = self._span
        path, before = QPainterPath(), None
        for at, value in line.points:
            x = plot.left() + plot.width() * (at - start) / (end - start)
            point = QPointF(x, plot.bottom() - plot.height() * (value / top if top else 0))
            if before is None or at - before > 3 * self._step:
                path.moveTo(point)
            else:
                path.lineTo(point)
            before = at
        pen = QPen(theme().colour(line.tone), 1.6)
        if line.dashed:
            pen.setDashPattern([3, 2])
        painter.setPen(pen)
        painter.drawPath(path)


def ceiling(value: float) -> float:
    """The next of 1, 2, 5, 10, 20, 50, … at least `value`; 1 for nothing."""
    scale = 1.0
    while True:
        for step in (1.0, 2.0, 5.0):
            if step * scale >= value:
                return step * scale
        scale *= 10
