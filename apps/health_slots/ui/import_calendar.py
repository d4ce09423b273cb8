"""The calendar of a schedule file before its import: how many sessions and slots each day would get."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy

from apps.health_slots.schedule import SessionDraft
from apps.health_slots.ui.phrases import tr
from chaincode.working_days import shipped
from console.i18n.formats import day_long, day_short, number, weekday
from console.theme import theme, tokens, ui_font
from console.widgets.picture import Picture, Spot, draw_text

MOST_WEEKS = 8
"""Weeks that are drawn; of a longer file the first."""
_HEAD, _ROW = 26.0, 46.0


@dataclass(frozen=True)
class PlannedDay:
    """What a file has for one day."""

    day: date
    sessions: int
    slots: int

    @property
    def holiday(self) -> bool:
        """Whether the day, no Saturday or Sunday, is off by the State Council's calendar as far as it is known here."""
        days = shipped()
        return self.day.weekday() < 5 and days.knows(self.day) and not days.is_working(self.day)


def planned_days(sessions: Iterable[SessionDraft]) -> tuple[PlannedDay, ...]:
    """The days of a file's sessions, earliest first; one pass, however many there are."""
    found: dict[str, tuple[int, int]] = {}
    for one in sessions:
        count, slots = found.get(one.date, (0, 0))
        found[one.date] = (count + 1, slots + one.count)
    return tuple(PlannedDay(date.fromisoformat(day), *found[day]) for day in sorted(found))


class ImportCalendar(Picture):
    """Weeks down, Monday to Sunday across; a day can be chosen, its id is the ISO date."""

    def __init__(self, days: Sequence[PlannedDay]) -> None:
        super().__init__(tr("文件里的日历"))
        weeks = sorted({one.day - timedelta(days=one.day.weekday()) for one in days})
        self.left_out = max(0, len(weeks) - MOST_WEEKS)
        self._weeks = weeks[:MOST_WEEKS]
        self._days = {one.day: one for one in days}
        self._most = max((one.slots for one in days), default=0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(700, int(_HEAD + _ROW * len(self._weeks)) + 1)

    def minimumSizeHint(self) -> QSize:
        return QSize(420, self.sizeHint().height())

    def resizeEvent(self, event: object) -> None:
        self.spots = [
            Spot(one.day.isoformat(), self._box(one.day), _spoken(one))
            for one in self._days.values()
            if one.day - timedelta(days=one.day.weekday()) in self._weeks
        ]

    def _box(self, day: date) -> QRectF:
        width = self.width() / 7
        row = self._weeks.index(day - timedelta(days=day.weekday()))
        return QRectF(day.weekday() * width + 1, _HEAD + row * _ROW + 1, width - 2, _ROW - 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look, width = theme(), self.width() / 7
        painter.fillRect(QRectF(0, 0, self.width(), _HEAD), look.colour("sunken"))
        for week in self._weeks:
            for at in range(7):
                self._paint_day(painter, week + timedelta(days=at))
        for at in range(7):
            head = QRectF(at * width + 8, 0, width - 10, _HEAD)
            draw_text(painter, head, weekday(date(2024, 1, 1 + at)), "text2", ui_font(tokens.SIZE_BADGE, bold=True))

    def _paint_day(self, painter: QPainter, day: date) -> None:
        look, box, small = theme(), self._box(day), ui_font(tokens.SIZE_BADGE)
        planned = self._days.get(day)
        if planned is not None:
            shade = look.colour("asoft")
            shade.setAlphaF(0.35 + 0.65 * planned.slots / max(1, self._most))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(shade)
            painter.drawRoundedRect(box, 5, 5)
        if planned is not None and day.isoformat() == self.current:
            painter.setPen(QPen(look.colour("fill"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 5, 5)
        line = QRectF(box.left() + 7, box.top() + 3, box.width() - 12, 18)
        draw_text(painter, line, day_short(day), "text" if planned else "text3", small)
        if planned is None:
            return
        if planned.holiday:
            draw_text(painter, line, tr("节假日"), "warn", small, Qt.AlignmentFlag.AlignRight)
        words = tr("{n} 号").format(n=number(planned.slots))
        draw_text(painter, line.translated(0, 19), words, "text", ui_font(bold=True))


def _spoken(one: PlannedDay) -> str:
    words = tr("{day}：{s} 个出诊单元，{n} 个号").format(
        day=day_long(one.day), s=number(one.sessions), n=number(one.slots)
    )
    return f"{words}（{tr('节假日')}）" if one.holiday else words
