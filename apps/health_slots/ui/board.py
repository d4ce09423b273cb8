"""The week's board: departments and doctors down, days across, every slot a square of eight pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy

from apps.health_slots.model import SessionRow, SlotRow
from apps.health_slots.ui.phrases import tr
from console.i18n.formats import day_short, weekday
from console.theme import theme, tokens, ui_font
from console.theme.fonts import metrics
from console.widgets.picture import Picture, Spot, draw_text
from fabric_sdk import clock

_HEAD = 40.0
_LABEL = 124.0
_SQUARE = 7.0
_STEP = 8.6
_PER_LINE = 10
_WIDE_COLUMN, _GROWS_TO = 150.0, 1.7
"""A day that is wider than this many pixels draws its slots larger, at most so many times."""


def _parts() -> dict[str, str]:
    """The parts of the day as the board has room for."""
    return {"am": tr("上"), "pm": tr("下"), "night": tr("夜")}


@dataclass(frozen=True)
class BoardSession:
    """A session with its slots, as the board draws it."""

    session: SessionRow
    slots: tuple[SlotRow, ...]


def draw_slot(painter: QPainter, at: QPointF, state: str, *, added: bool = False, size: float = _SQUARE) -> None:
    """Draw one slot: the shape tells the state, the colour only helps."""
    look = theme()
    box = QRectF(at.x() + 0.6, at.y() + 0.6, size - 1.2, size - 1.2)
    pen = QPen(look.colour("plot"), 1.2)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if added:
        painter.setPen(QPen(look.colour("violet"), 1.2))
        painter.setBrush(look.colour("violet") if state in {"booked", "held"} else look.colour("violetsoft"))
        painter.drawRoundedRect(box, 1.5, 1.5)
        painter.setPen(QPen(look.colour("card" if state in {"booked", "held"} else "violet"), 1.2))
        centre = box.center()
        painter.drawLine(centre + QPointF(-1.8, 0), centre + QPointF(1.8, 0))
        painter.drawLine(centre + QPointF(0, -1.8), centre + QPointF(0, 1.8))
        return
    if state == "committed":
        painter.setPen(QPen(look.colour("idleg"), 1.2))
        painter.drawEllipse(box.adjusted(0.4, 0.4, -0.4, -0.4))
    elif state == "stopped":
        painter.setPen(QPen(look.colour("badg"), 1.5))
        painter.drawLine(box.topLeft(), box.bottomRight())
        painter.drawLine(box.topRight(), box.bottomLeft())
    elif state == "closed":
        painter.setPen(QPen(look.colour("idleg"), 1))
        painter.setBrush(look.colour("track"))
        painter.drawRoundedRect(box, 1.5, 1.5)
        painter.drawLine(QPointF(box.left() + 1.5, box.center().y()), QPointF(box.right() - 1.5, box.center().y()))
    elif state == "booked":
        painter.setPen(pen)
        painter.setBrush(look.colour("plot"))
        painter.drawRoundedRect(box, 1.5, 1.5)
    else:
        painter.setPen(pen)
        painter.drawRoundedRect(box, 1.5, 1.5)
        if state == "held":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.colour("plot"))
            painter.drawPolygon([box.topLeft(), box.bottomLeft(), box.bottomRight()])
        elif state in {"returned", "drawn"}:
            painter.setPen(QPen(look.colour("warng"), 1.4))
            painter.drawLine(box.bottomLeft(), box.topRight())


class WeekBoard(Picture):
    """Sessions can be chosen; the id is the session's."""

    def __init__(self) -> None:
        super().__init__(tr("号源看板"))
        self._first = clock.today()
        self._rows: list[tuple[str, str]] = []
        self._cells: dict[tuple[int, int], list[BoardSession]] = {}
        self._tops: list[float] = []
        self._total = _HEAD
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_week(self, first: date, sessions: Sequence[BoardSession]) -> None:
        """Show the seven days from `first`."""
        self._first = first
        self._cells = {}
        keys: dict[tuple[str, str], None] = {}
        for item in sorted(sessions, key=lambda s: (s.session.department_name, s.session.doctor_name, s.session.start)):
            keys.setdefault((item.session.department_name, item.session.doctor_name), None)
        self._rows = list(keys)
        for item in sessions:
            row = self._rows.index((item.session.department_name, item.session.doctor_name))
            column = (date.fromisoformat(item.session.date) - first).days
            if 0 <= column < 7:
                self._cells.setdefault((row, column), []).append(item)
        for cell in self._cells.values():
            cell.sort(key=lambda s: s.session.start)
        self._place()
        self._speak()
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(900, int(self._total) + 1)

    def minimumSizeHint(self) -> QSize:
        return QSize(760, int(self._total) + 1)

    def resizeEvent(self, event: object) -> None:
        self._place()

    # -- placing -------------------------------------------------------------------------------------
    def _column(self, number: int) -> QRectF:
        width = (self.width() - _LABEL) / 7
        return QRectF(_LABEL + number * width, 0, width, self._total)

    @property
    def _scale(self) -> float:
        return max(1.0, min(_GROWS_TO, self._column(0).width() / _WIDE_COLUMN))

    @property
    def _lead(self) -> float:
        """Where the slots begin, behind the word for the part of the day."""
        measure = metrics(tokens.SIZE_BADGE)
        return 8.0 + max(measure.horizontalAdvance(sign) for sign in _parts().values())

    def _per_line(self) -> int:
        return max(5, min(_PER_LINE, int((self._column(0).width() - self._lead - 7) // (_STEP * self._scale))))

    def _height_of(self, item: BoardSession) -> float:
        lines = -(-max(1, len(item.slots)) // self._per_line())
        return lines * _STEP * self._scale + 10

    def _place(self) -> None:
        self._tops, self.spots = [], []
        y = _HEAD
        for row in range(len(self._rows)):
            self._tops.append(y)
            tallest = 0.0
            for column in range(7):
                top = y + 8
                for item in self._cells.get((row, column), ()):
                    height = self._height_of(item)
                    box = self._column(column)
                    area = QRectF(box.left() + 2, top - 4, box.width() - 4, height)
                    self.spots.append(Spot(item.session.id, area, _spoken(item)))
                    top += height
                tallest = max(tallest, top - y)
            y += max(54.0, tallest + 6)
        self._total = max(y, _HEAD + 60)

    # -- painting ------------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(QRectF(0, 0, self.width(), _HEAD), look.colour("sunken"))
        today = (clock.today() - self._first).days
        if 0 <= today < 7:
            painter.fillRect(self._column(today), look.colour("asoft"))
        for number in range(7):
            self._paint_day(painter, number, today)
        for row, top in enumerate(self._tops):
            painter.setPen(QPen(look.colour("line"), 1))
            painter.drawLine(QPointF(0, top), QPointF(self.width(), top))
            department, doctor = self._rows[row]
            fresh = row == 0 or self._rows[row - 1][0] != department
            if fresh:
                draw_text(painter, QRectF(14, top + 7, _LABEL - 20, 20), department, "text", ui_font(bold=True))
            draw_text(painter, QRectF(14, top + (26 if fresh else 7), _LABEL - 20, 20), doctor, "text2")
        spots = {spot.id: spot for spot in self.spots}
        for items in self._cells.values():
            for item in items:
                self._paint_session(painter, item, spots[item.session.id].box)
        for row, top in enumerate(self._tops):
            for column in range(7):
                if (row, column) not in self._cells:
                    box = self._column(column)
                    area = QRectF(box.left() + 10, top + 7, box.width(), 20)
                    draw_text(painter, area, tr("未排班"), "text3", ui_font(tokens.SIZE_BADGE))

    def _paint_day(self, painter: QPainter, number: int, today: int) -> None:
        look = theme()
        box = self._column(number)
        at = self._first + timedelta(days=number)
        painter.setPen(QPen(look.colour("line"), 1))
        painter.drawLine(QPointF(box.left(), 0), QPointF(box.left(), self._total))
        words = weekday(at)
        if number == today:
            both = f"{tr('今天')} {words}"
            fits = metrics(tokens.SIZE_BODY, bold=True).horizontalAdvance(both) <= box.width() - 62
            words = both if fits else tr("今天")
        tone = "accent" if number == today else "text"
        draw_text(painter, QRectF(box.left() + 10, 0, box.width() - 58, _HEAD), words, tone, ui_font(bold=True))
        right = Qt.AlignmentFlag.AlignRight
        draw_text(
            painter,
            QRectF(box.left(), 0, box.width() - 8, _HEAD),
            day_short(at),
            "text2",
            ui_font(tokens.SIZE_BADGE),
            right,
        )

    def _paint_session(self, painter: QPainter, item: BoardSession, box: QRectF) -> None:
        look = theme()
        if item.session.id == self.current:
            painter.setPen(QPen(look.colour("fill"), 2))
            painter.setBrush(look.colour("card"))
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 5, 5)
        sign, lead = _parts().get(item.session.part, ""), self._lead
        draw_text(painter, QRectF(box.left() + 4, box.top(), lead, 16), sign, "text2", ui_font(tokens.SIZE_BADGE))
        per_line, scale = self._per_line(), self._scale
        for number, slot in enumerate(item.slots):
            line, column = divmod(number, per_line)
            at = QPointF(box.left() + lead + column * _STEP * scale, box.top() + 4 + line * _STEP * scale)
            state = "stopped" if item.session.state == "stopped" else slot.state
            draw_slot(painter, at, state, added=slot.added, size=_SQUARE * scale)


def _spoken(item: BoardSession) -> str:
    s = item.session
    words = tr("{day} {dept} {doctor}：{n} 个号，已约 {b}，空闲 {f}")
    place = f"{s.campus_name} {s.department_name}".lstrip()
    return words.format(day=s.date, dept=place, doctor=s.doctor_name, n=s.all_slots, b=s.booked, f=s.free)
