"""Charts drawn by hand: a sparkline and a bar chart, both with their figures spoken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.i18n.formats import number
from console.theme import theme, tokens, ui_font


class Sparkline(QWidget):
    """A line over equal steps with its area filled; no axes."""

    def __init__(self, name: str, height: int = 42) -> None:
        super().__init__()
        self._name = name
        self._values: list[float] = []
        self.setMinimumHeight(height)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)

    def set_values(self, values: Sequence[float]) -> None:
        self._values = list(values)
        if values:
            self.setAccessibleName(f"{self._name}: {number(min(values))} – {number(max(values))}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if len(self._values) < 2:
            return
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top = max(self._values) or 1.0
        width, height = self.width(), self.height() - 4
        points = [
            QPointF(width * i / (len(self._values) - 1), 2 + height * (1 - value / top))
            for i, value in enumerate(self._values)
        ]
        curve = QPainterPath(points[0])
        for point in points[1:]:
            curve.lineTo(point)
        area = QPainterPath(curve)
        area.lineTo(width, self.height())
        area.lineTo(0, self.height())
        painter.fillPath(area, look.colour("asoft"))
        painter.setPen(QPen(look.colour("plot"), 1.6))
        painter.drawPath(curve)


@dataclass(frozen=True)
class Bar:
    """One bar: its label below, its value, a remark above; `faint` for a period that has not ended."""

    label: str
    value: float
    remark: str = ""
    faint: bool = False


class BarChart(QWidget):
    """Bars over a zero line with three guide lines."""

    def __init__(self, name: str, unit: str = "", note: str = "") -> None:
        super().__init__()
        self._name, self._unit, self._note = name, unit, note
        self._bars: list[Bar] = []
        self.setMinimumHeight(180)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(name)

    def set_bars(self, bars: Sequence[Bar]) -> None:
        self._bars = list(bars)
        facts = ", ".join(f"{bar.label} {number(bar.value)}" for bar in bars)
        self.setAccessibleName(f"{self._name}: {facts}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(ui_font(tokens.SIZE_BADGE))
        plot = QRectF(44, 26, self.width() - 56, self.height() - 52)
        top = _round_up(max((bar.value for bar in self._bars), default=0.0))
        painter.setPen(look.colour("text3"))
        painter.drawText(QRectF(0, 0, 120, 18), Qt.AlignmentFlag.AlignVCenter, self._unit)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(self.width() - 212, 0, 200, 18), right, self._note)
        for part in range(3):
            y = plot.bottom() - plot.height() * part / 2
            painter.setPen(QPen(look.colour("line"), 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(look.colour("text3"))
            painter.drawText(QRectF(0, y - 9, 36, 18), right, number(top * part / 2))
        if not self._bars:
            return
        step = plot.width() / len(self._bars)
        for index, bar in enumerate(self._bars):
            height = plot.height() * bar.value / top if top else 0.0
            width = min(24.0, step * 0.6)
            left = plot.left() + step * index + (step - width) / 2
            box = QRectF(left, plot.bottom() - height, width, height)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.colour("aline" if bar.faint else "plot"))
            painter.drawRoundedRect(box, 2, 2)
            painter.setPen(look.colour("text2"))
            centre = Qt.AlignmentFlag.AlignCenter
            painter.drawText(QRectF(left - 30, plot.bottom() + 4, width + 60, 18), centre, bar.label)
            painter.drawText(QRectF(left - 30, box.top() - 18, width + 60, 16), centre, bar.remark)


def _round_up(value: float) -> float:
    """Return the next of 2, 4, 10, 20, 40, … so that the guide line in the middle carries a whole number."""
    scale = 1.0
    while True:
        for step in (2.0, 4.0, 10.0):
            if step * scale >= value:
                return step * scale
        scale *= 10
