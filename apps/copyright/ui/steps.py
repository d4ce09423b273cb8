"""The way of a work from the file to the certificate, as a row of steps; where one stands is filled."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from apps.copyright.ui.terms import tr
from console.theme import theme, tokens, ui_font
from console.widgets.picture import draw_box, draw_icon, draw_text


class Steps(QWidget):
    """Steps before the current one are ticked, later ones numbered; `later` ones lie with somebody else."""

    def __init__(self, titles: Sequence[str], later: int) -> None:
        super().__init__()
        self._titles, self._later, self._at = list(titles), later, 0
        self.setFixedHeight(50)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_at(0)

    def set_at(self, at: int) -> None:
        """Stand at a step, counted from 0."""
        self._at = at
        words = tr("第 {n} 步，共 {m} 步：{t}").format(n=at + 1, m=len(self._titles), t=self._titles[at])
        self.setAccessibleName(words)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(760, 50)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_box(painter, QRectF(self.rect()), "card", "line", radius=8)
        widths = []
        for at, title in enumerate(self._titles):
            font = ui_font(bold=at == self._at)
            widths.append(28.0 + QFontMetrics(font).horizontalAdvance(title))
        gap = max(12.0, (self.width() - 40 - sum(widths)) / max(1, len(widths) - 1))
        x, middle = 20.0, self.height() / 2
        for at, title in enumerate(self._titles):
            here, done = at == self._at, at < self._at
            if done:
                draw_icon(painter, QPointF(x, middle - 9), "ok", "ok", 18)
            else:
                circle = QRectF(x, middle - 9, 18, 18)
                painter.setPen(QPen(look.colour("fill" if here else "ctl"), 1.2))
                painter.setBrush(look.colour("fill") if here else Qt.BrushStyle.NoBrush)
                painter.drawEllipse(circle)
                number = ui_font(tokens.SIZE_BADGE, bold=here)
                tone = "onfill" if here else "text2"
                draw_text(painter, circle, str(at + 1), tone, number, Qt.AlignmentFlag.AlignHCenter)
            tone = "text" if here or done else "text2"
            draw_text(painter, QRectF(x + 26, 0, widths[at], self.height()), title, tone, ui_font(bold=here))
            end = x + widths[at]
            if at + 1 < len(self._titles) and gap > 24:
                pen = QPen(look.colour("btn"), 1)
                if at + 1 >= len(self._titles) - self._later:
                    pen.setStyle(Qt.PenStyle.DashLine)
                painter.setPen(pen)
                painter.drawLine(QPointF(end + 10, middle), QPointF(end + gap - 10, middle))
            x = end + gap
