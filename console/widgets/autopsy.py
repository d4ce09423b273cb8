"""A transaction's way and, when it lost a race, the race: five stages, and the key both transactions read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.i18n import tr
from console.i18n.formats import moment
from console.theme import mono_font, theme, tokens, ui_font
from console.widgets.basic import STATE_ICONS, breakable
from console.widgets.picture import draw_box, draw_icon, draw_text


@dataclass(frozen=True)
class StageBox:
    """A step of the way: title, state (ok, failed, skipped), what happened."""

    title: str
    state: str
    detail: str


def _breakable(text: str) -> str:
    """Names may break after their punctuation: the columns are narrow."""
    return _AFTER.sub("\\1\u200b", breakable(text))


_AFTER = re.compile(r"([._/-])(?=\w)")


class StagesView(QWidget):
    """Five stages joined by lines; the failed one is red, what never happened is dashed."""

    def __init__(self) -> None:
        super().__init__()
        self._stages: list[StageBox] = []
        self.setFixedHeight(96)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Be as high as the longest remark needs at this width."""
        if not self._stages:
            return
        width = int((self.width() - 16) / len(self._stages) - 12)
        metrics = QFontMetrics(ui_font(tokens.SIZE_CAPTION))
        flags = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop)
        tallest = max(
            metrics.boundingRect(0, 0, max(40, width), 1000, flags, _breakable(s.detail)).height() for s in self._stages
        )
        self.setFixedHeight(58 + tallest)

    def set_stages(self, stages: Sequence[StageBox]) -> None:
        self._stages = list(stages)
        self._fit()
        words = {"ok": tr("正常"), "failed": tr("失败"), "skipped": tr("未进行")}
        self.setAccessibleName("; ".join(f"{s.title}: {words[s.state]}, {s.detail}" for s in stages))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._stages:
            return
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        step = (self.width() - 16) / len(self._stages)
        for number, stage in enumerate(self._stages):
            x = 8 + number * step
            sign, tone = {"ok": STATE_ICONS["ok"], "failed": STATE_ICONS["bad"], "skipped": STATE_ICONS["none"]}[
                stage.state
            ]
            draw_icon(painter, QPointF(x, 8), sign, tone, 17)
            if number + 1 < len(self._stages):
                following = self._stages[number + 1].state
                colour = {"ok": "okg", "failed": "badg", "skipped": "btn"}[following]
                pen = QPen(look.colour(colour), 2)
                if following == "skipped":
                    pen.setStyle(Qt.PenStyle.DashLine)
                painter.setPen(pen)
                painter.drawLine(QPointF(x + 25, 16.5), QPointF(x + step - 8, 16.5))
            words = {"ok": "text", "failed": "bad", "skipped": "text3"}[stage.state]
            draw_text(painter, QRectF(x, 32, step - 10, 20), stage.title, words, ui_font(bold=True))
            painter.setFont(ui_font(tokens.SIZE_CAPTION))
            painter.setPen(look.colour("text2"))
            flags = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop)
            painter.drawText(QRectF(x, 53, step - 12, self.height() - 53), flags, _breakable(stage.detail))


@dataclass(frozen=True)
class Race:
    """Two transactions and one key. Times are seconds since the epoch; versions are already written out."""

    key: str
    read: str
    found: str
    winner: str
    winner_note: str
    winner_time: float
    loser: str
    loser_note: str
    loser_time: float
    block: str


class RaceView(QWidget):
    """Who read which version when, and who came first."""

    def __init__(self, race: Race) -> None:
        super().__init__()
        self._race = race
        self.setFixedHeight(214)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(
            tr("键 {key}：交易 {winner} 先写入 {found}，交易 {loser} 读到的 {read} 已过时").format(
                key=race.key, winner=race.winner, found=race.found, loser=race.loser, read=race.read
            )
        )

    def sizeHint(self) -> QSize:
        return QSize(600, 214)

    def paintEvent(self, event: QPaintEvent) -> None:
        look, race = theme(), self._race
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, right = 140.0, float(self.width()) - 150
        cut = right
        first, last = sorted((race.winner_time, race.loser_time))
        span = max(last - first, 0.001)
        at = {
            t: left + 40 + (cut - left - 160) * ((t - first) / span) * 0.55 for t in (race.winner_time, race.loser_time)
        }
        if race.winner_time == race.loser_time:
            at[race.loser_time] = left + 40
        small, badge = ui_font(tokens.SIZE_CAPTION), ui_font(tokens.SIZE_BADGE)
        free = 0.0
        for t in sorted({race.winner_time, race.loser_time}, key=lambda one: at[one]):
            when = moment(t)
            if when is not None:
                stamp = f"{when:%H:%M:%S.%f}"[:-3]
                x = max(at[t] - 40, free)  # instants that are close do not write over each other
                free = x + draw_text(painter, QRectF(x, 0, 100, 20), stamp, "text2", badge) + 10
        rows = (
            (28.0, tr("键的版本"), ""),
            (92.0, tr("胜出的交易"), f"{race.winner} · {race.winner_note}"),
            (152.0, tr("这笔交易"), f"{race.loser} · {race.loser_note}"),
        )
        for y, title, note in rows:
            draw_text(painter, QRectF(0, y, 132, 20), title, "text", ui_font(bold=True))
            draw_text(painter, QRectF(0, y + 19, 136, 18), note, "text2", mono_font(tokens.SIZE_BADGE))
        band = QRectF(left, 28, cut - left, 28)
        draw_box(painter, band, "sunken", "btn", radius=4)
        draw_text(painter, band.adjusted(10, 0, -6, 0), tr("版本 {v}").format(v=race.read), "text", small)
        after = QRectF(cut, 28, self.width() - cut - 2, 28)
        draw_box(painter, after, "asoft", "aline", radius=4)
        draw_text(painter, after.adjusted(8, 0, -4, 0), race.found, "accent", small)
        painter.setPen(QPen(look.colour("text2"), 1.6))
        painter.drawLine(QPointF(cut, 22), QPointF(cut, 190))
        draw_text(painter, QRectF(cut - 110, 192, 220, 18), race.block, "text2", badge, Qt.AlignmentFlag.AlignHCenter)
        self._path(painter, at[race.winner_time], 103, cut, won=True)
        self._path(painter, at[race.loser_time], 163, cut, won=False)

    def _path(self, painter: QPainter, start: float, y: float, cut: float, *, won: bool) -> None:
        look, race = theme(), self._race
        colour = look.colour("okg" if won else "badg")
        painter.setPen(QPen(colour, 1.3, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(start, 56), QPointF(start, y - 5))
        painter.setPen(QPen(colour, 2, Qt.PenStyle.SolidLine if won else Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(start + 5, y), QPointF(cut - 8, y))
        painter.setPen(QPen(colour, 2))
        painter.setBrush(look.colour("card"))
        painter.drawEllipse(QPointF(start, y), 4.5, 4.5)
        label = tr("读 {v}").format(v=race.read)
        draw_text(painter, QRectF(start + 10, y - 20, 160, 18), label, "text2", ui_font(tokens.SIZE_BADGE))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        tone = "onfill" if not look.tokens.dark else "bg"
        if won:
            painter.drawEllipse(QPointF(cut, y), 8, 8)
            draw_icon(painter, QPointF(cut - 6, y - 6), "check", tone, 12)
            painter.setPen(QPen(colour, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawLine(QPointF(cut + 9, y), QPointF(cut + 34, y))
            painter.drawLine(QPointF(cut + 34, y), QPointF(cut + 34, 60))
            painter.drawLine(QPointF(cut + 34, 58), QPointF(cut + 30, 65))
            painter.drawLine(QPointF(cut + 34, 58), QPointF(cut + 38, 65))
        else:
            corner = [(-8, -3.4), (-3.4, -8), (3.4, -8), (8, -3.4), (8, 3.4), (3.4, 8), (-3.4, 8), (-8, 3.4)]
            painter.drawPolygon(QPolygonF([QPointF(cut + dx, y + dy) for dx, dy in corner]))
            draw_icon(painter, QPointF(cut - 6, y - 6), "close", tone, 12)
        words = tr("先写") if won else tr("版本已变")
        beside = cut + (46 if won else 18)  # the winner's line goes on to the key's new version
        room = QRectF(beside, y - 10, self.width() - beside, 20)
        draw_text(painter, room, words, "ok" if won else "bad", ui_font(bold=True))
