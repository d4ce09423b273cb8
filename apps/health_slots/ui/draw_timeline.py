"""The parties of a draw on a line each: what they committed, when they revealed, who was skipped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy

from apps.health_slots.ui.draw_words import party_word, stage_cells
from apps.health_slots.ui.phrases import tr
from chaincode.health_slots.fair_draw import PARTIES
from console.theme import theme, tokens, ui_font
from console.widgets.picture import Picture, Spot, draw_icon, draw_text

_HEAD, _ROW, _LABEL = 32.0, 44.0, 124.0
_SIGNS = {
    "done": ("ok", "ok"),
    "wait": ("clock", "text3"),
    "turn": ("busy", "accent"),
    "skipped": ("warn", "warn"),
    "void": ("none", "text3"),
    "out": ("none", "text3"),
}


def sign_word(state: str) -> str:
    return {
        "done": tr("已完成"),
        "wait": tr("等待"),
        "turn": tr("轮到"),
        "skipped": tr("跳过"),
        "void": tr("作废"),
        "out": tr("不参加"),
    }.get(state, state)


class DrawTimeline(Picture):
    """Three lines, one a party; the id of a spot is `party:column`."""

    def __init__(self) -> None:
        super().__init__(tr("各方进度"))
        self._columns: list[tuple[str, dict[str, str]]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(int(_HEAD + _ROW * len(PARTIES)) + 2)

    def show_record(self, record: Mapping[str, Any]) -> None:
        """Show a draw's record."""
        self._columns = stage_cells(record)
        self._place()
        self._speak()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(640, self.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(420, self.height())

    def resizeEvent(self, event: object) -> None:
        self._place()

    def _cell(self, row: int, column: int) -> QRectF:
        width = (self.width() - _LABEL) / max(1, len(self._columns))
        return QRectF(_LABEL + column * width, _HEAD + row * _ROW, width, _ROW)

    def _place(self) -> None:
        self.spots = [
            Spot(
                f"{party}:{column}",
                self._cell(row, column),
                tr("{who} {what}：{state}").format(who=party_word(party), what=title, state=sign_word(cells[party])),
            )
            for row, party in enumerate(PARTIES)
            for column, (title, cells) in enumerate(self._columns)
        ]

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(QRectF(0, 0, self.width(), _HEAD), look.colour("sunken"))
        caption = ui_font(tokens.SIZE_CAPTION)
        for column, (title, _) in enumerate(self._columns):
            box = self._cell(0, column)
            draw_text(painter, QRectF(box.left(), 0, box.width() - 8, _HEAD), title, "text2", caption)
        for row, party in enumerate(PARTIES):
            top = _HEAD + row * _ROW
            painter.setPen(QPen(look.colour("line"), 1))
            painter.drawLine(QPointF(0, top), QPointF(self.width(), top))
            draw_text(painter, QRectF(16, top, _LABEL - 20, _ROW), party_word(party), "text", ui_font(bold=True))
            self._paint_line(painter, row, party)

    def _paint_line(self, painter: QPainter, row: int, party: str) -> None:
        look = theme()
        middle = _HEAD + row * _ROW + _ROW / 2
        for column, (_, cells) in enumerate(self._columns):
            state = cells[party]
            box = self._cell(row, column)
            if f"{party}:{column}" == self.current:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(look.colour("asoft"))
                painter.drawRoundedRect(box.adjusted(-6, 6, -6, -6), 5, 5)
            icon, tone = _SIGNS[state]
            word = sign_word(state)
            tone_of_word = "warn" if state == "skipped" else "accent" if state == "turn" else "text2"
            used = draw_text(painter, box.adjusted(20, 0, -14, 0), word, tone_of_word)
            if column + 1 < len(self._columns):
                pen = QPen(look.colour("okg" if state == "done" else "btn"), 1.5)
                if state != "done":
                    pen.setStyle(Qt.PenStyle.DashLine)
                painter.setPen(pen)
                left = box.left() + 26 + used
                if left < box.right() - 8:
                    painter.drawLine(QPointF(left, middle), QPointF(box.right() - 6, middle))
            draw_icon(painter, QPointF(box.left(), middle - 7.5), icon, tone, 15)
