"""Certificates on a timeline: rows by organisation, today's line, the next thirty days, each end written at its tip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy

from console.i18n import language, tr
from console.i18n.formats import day, day_short
from console.theme import theme, tokens, ui_font
from console.theme.fonts import metrics
from console.widgets.basic import STATE_ICONS
from console.widgets.picture import Picture, Spot, draw_icon, draw_text
from fabric_sdk import clock

_ROW = 33.0
_HEAD = 33.0
_GROUP = 31.0
_LABEL = 330.0
_NAME = 118.0
_WIDEST_NAME = 0.26
"""How much of the picture's width names may take."""
SOON_DAYS, NEAR_DAYS = 30, 90
_MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Certificate:
    """One certificate; `group` is its organisation's id."""

    id: str
    group: str
    name: str
    kind: str
    not_after: datetime
    revoked_at: datetime | None = None

    def state(self, now: datetime) -> str:
        """ok, info (within 90 days), warn (within 30), bad (expired) or none (revoked)."""
        if self.revoked_at is not None:
            return "none"
        left = (self.not_after - now).days
        if left < 0:
            return "bad"
        return "warn" if left < SOON_DAYS else "info" if left < NEAR_DAYS else "ok"

    def remaining(self, now: datetime) -> str:
        if self.revoked_at is not None:
            return tr("已吊销")
        left = (self.not_after - now).days
        if left < 0:
            return tr("已过期")
        if left > 730:
            return tr("{y} 年").format(y=self.not_after.year)
        return tr("{n} 天").format(n=left)


@dataclass(frozen=True)
class Group:
    """An organisation's heading."""

    id: str
    title: str
    note: str
    icon: str


class CertificateTimeline(Picture):
    """Rows can be chosen; their id is the certificate's."""

    MONTHS = 18

    def __init__(self) -> None:
        super().__init__(tr("证书时间线"))
        self._rows: list[Group | Certificate] = []
        self._now = clock.now()
        self._name_width = _NAME
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_certificates(self, groups: Sequence[Group], certificates: Sequence[Certificate]) -> None:
        self._now = clock.now()
        self._rows = []
        for group in groups:
            members = [c for c in certificates if c.group == group.id]
            if members:
                self._rows += [group, *members]
        widths = [metrics(tokens.SIZE_BODY, bold=True).horizontalAdvance(c.name) for c in certificates]
        self._name_width = max([_NAME, *(width + 6.0 for width in widths)])
        self._place()
        self._speak()
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        height = _HEAD + sum(_GROUP if isinstance(row, Group) else _ROW for row in self._rows)
        return QSize(800, int(height) + 1)

    def minimumSizeHint(self) -> QSize:
        return QSize(640, self.sizeHint().height())

    def _place(self) -> None:
        y, self.spots = _HEAD, []
        for row in self._rows:
            height = _GROUP if isinstance(row, Group) else _ROW
            if isinstance(row, Certificate):
                spoken = f"{row.group} {row.name} {row.kind}, {row.remaining(self._now)}, {day(row.not_after.date())}"
                self.spots.append(Spot(row.id, QRectF(0, y, 4000, height), spoken))
            y += height

    @property
    def _more(self) -> float:
        """How much wider than usual the names are, so that those that differ at their end are told apart."""
        return max(0.0, min(self._name_width, self.width() * _WIDEST_NAME) - _NAME)

    @property
    def _label(self) -> float:
        return _LABEL + self._more

    def _x(self, at: datetime) -> float:
        """Where a moment is: the scale begins six weeks ago and shows eighteen months."""
        start = self._now - timedelta(days=42)
        share = (at - start) / timedelta(days=30.44 * self.MONTHS)
        return self._label + share * (self.width() - self._label)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width, height = float(self.width()), float(self.height())
        painter.fillRect(QRectF(0, 0, width, _HEAD), look.colour("sunken"))
        y = _HEAD
        for row in self._rows:
            if isinstance(row, Group):
                painter.fillRect(QRectF(0, y, width, _GROUP), look.colour("sunken"))
                y += _GROUP
            else:
                if row.id == self.current:
                    painter.fillRect(QRectF(0, y, width, _ROW), look.colour("asoft"))
                y += _ROW
        soon = QRectF(self._x(self._now), _HEAD, self._x(self._now + timedelta(days=SOON_DAYS)) - self._x(self._now), y)
        painter.fillRect(soon, look.colour("warnsoft"))
        self._paint_months(painter, y)
        caption = ui_font(tokens.SIZE_CAPTION)
        draw_text(painter, QRectF(16, 0, 150, _HEAD), tr("证书"), "text2", caption)
        draw_text(painter, QRectF(224 + self._more, 0, 100, _HEAD), tr("剩余"), "text2", caption)
        painter.setPen(QPen(look.colour("line"), 1))
        painter.drawLine(QPointF(self._label, 0), QPointF(self._label, height))
        y = _HEAD
        for row in self._rows:
            painter.setPen(QPen(look.colour("line"), 1))
            painter.drawLine(QPointF(0, y), QPointF(width, y))
            if isinstance(row, Group):
                self._paint_group(painter, row, y)
                y += _GROUP
            else:
                self._paint_row(painter, row, y)
                y += _ROW
        self._paint_today(painter, y)

    def _paint_months(self, painter: QPainter, bottom: float) -> None:
        look = theme()
        at = self._now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        end = self._now + timedelta(days=30.44 * self.MONTHS)
        while at < end:
            at = (at + timedelta(days=32)).replace(day=1)
            x = self._x(at)
            if x >= self.width():
                break
            if at.month % 2 == 0 and at.month != 1:
                continue
            painter.setPen(QPen(look.colour("line"), 1))
            painter.drawLine(QPointF(x, 0), QPointF(x, bottom))
            label = str(at.year) if at.month == 1 else _month(at.month)
            draw_text(painter, QRectF(x + 5, 0, 60, _HEAD), label, "text2", ui_font(tokens.SIZE_BADGE))

    def _paint_group(self, painter: QPainter, group: Group, y: float) -> None:
        draw_icon(painter, QPointF(16, y + 8), group.icon, "text2", 15)
        used = draw_text(painter, QRectF(40, y, 200 + self._more, _GROUP), group.title, "text", ui_font(bold=True))
        draw_text(painter, QRectF(48 + used, y, 240, _GROUP), group.note, "text2")

    def _paint_row(self, painter: QPainter, row: Certificate, y: float) -> None:
        look = theme()
        state = row.state(self._now)
        chosen = row.id == self.current
        font = QFont(ui_font(bold=chosen))
        font.setStrikeOut(row.revoked_at is not None)
        tone = "text3" if row.revoked_at else "text"
        more = self._more
        draw_text(painter, QRectF(40, y, _NAME + more, _ROW), row.name, tone, font)
        tag = QRectF(163.5 + more, y + 7.5, 52, 18)
        painter.setPen(QPen(look.colour("btn"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(tag, 4, 4)
        draw_text(painter, tag, row.kind, "text2", ui_font(tokens.SIZE_BADGE), Qt.AlignmentFlag.AlignHCenter)
        sign, sign_tone = STATE_ICONS[state]
        draw_icon(painter, QPointF(224 + more, y + 10), sign, sign_tone, 13)
        word = state if state in {"warn", "bad"} else "text"
        draw_text(painter, QRectF(243 + more, y, 84, _ROW), row.remaining(self._now), word, ui_font())
        self._paint_bar(painter, row, state, y + _ROW / 2)

    def _paint_bar(self, painter: QPainter, row: Certificate, state: str, middle: float) -> None:
        look = theme()
        end = row.revoked_at or row.not_after
        x = self._x(end)
        beyond = x > self.width()
        x = min(x, float(self.width()) - 2)
        colour = {"ok": "okg", "info": "fill", "warn": "warng", "bad": "badg", "none": "idleg"}[state]
        thick = 4.0 if state == "ok" else 8.0
        if state == "none":
            thick = 6.0
        left = self._label + 1
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour(colour))
        if x > left:
            painter.drawRoundedRect(QRectF(left, middle - thick / 2, x - left, thick), 2, 2)
        pen = QPen(look.colour(colour), 2)
        painter.setPen(pen)
        if row.revoked_at is not None:
            painter.setPen(QPen(look.colour("bad"), 2))
            painter.drawLine(QPointF(x - 4, middle - 4), QPointF(x + 4, middle + 4))
            painter.drawLine(QPointF(x - 4, middle + 4), QPointF(x + 4, middle - 4))
            dotted = QPen(look.colour("idleg"), 1.4, Qt.PenStyle.DotLine)
            painter.setPen(dotted)
            stop = min(self._x(row.not_after), x + 130)
            painter.drawLine(QPointF(x + 8, middle), QPointF(stop, middle))
            words = tr("{d} 吊销").format(d=day_short(row.revoked_at.astimezone().date()))
            draw_text(painter, QRectF(stop + 6, middle - 10, 160, 20), words, "text2", ui_font(tokens.SIZE_BADGE))
        elif beyond:
            painter.drawLine(QPointF(x - 6, middle - 5), QPointF(x, middle))
            painter.drawLine(QPointF(x - 6, middle + 5), QPointF(x, middle))
        else:
            painter.drawLine(QPointF(x, middle - 7), QPointF(x, middle + 7))
            date = row.not_after.astimezone().date()
            soon = state in {"warn", "bad"}
            words = day_short(date) if soon else day(date)
            tone = state if soon else "text2"
            box = QRectF(x + 7, middle - 10, 110, 20)
            if box.right() > self.width():
                box.moveRight(x - 7)
                box.moveTop(middle - 22)
            draw_text(painter, box, words, tone, ui_font(tokens.SIZE_BADGE, bold=soon))

    def _paint_today(self, painter: QPainter, bottom: float) -> None:
        look = theme()
        x = self._x(self._now)
        painter.setPen(QPen(look.colour("bad" if not look.tokens.dark else "badg"), 1.5))
        painter.drawLine(QPointF(x, _HEAD - 4), QPointF(x, bottom))
        pill = QRectF(x - 18, 8, 36, 18)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("bad" if not look.tokens.dark else "badg"))
        painter.drawRoundedRect(pill, 4, 4)
        tone = "onfill" if not look.tokens.dark else "bg"
        draw_text(painter, pill, tr("今天"), tone, ui_font(11, bold=True), Qt.AlignmentFlag.AlignHCenter)


def _month(month: int) -> str:
    return f"{month}月" if language() == "zh" else _MONTHS_EN[month - 1]
