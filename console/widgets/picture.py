"""Base of pictures made of boxes that can be chosen: by mouse, by arrow keys, spoken by a screen reader."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from console.i18n.plain import one_line, tip
from console.theme import theme, ui_font


@dataclass(frozen=True)
class Spot:
    """A box of a picture: its id, where it is, what is said about it.

    `act` means that it does something or leads elsewhere: a click opens it, the arrow keys only come to stand on it.
    """

    id: str
    box: QRectF
    spoken: str
    act: bool = False


class Picture(QWidget):
    """A painted widget with spots.

    Signals: `chosen(id)` when another spot is current; `opened(id)` for Enter and double click.
    """

    chosen = Signal(str)
    opened = Signal(str)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self.spots: list[Spot] = []
        self.current = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self._speak()

    def choose(self, which: str, *, tell: bool = True) -> None:
        """Make a spot current ("" for none)."""
        if which == self.current:
            return
        self.current = which
        self._speak()
        self.update()
        if tell and not self._acts(which):
            self.chosen.emit(which)

    def _acts(self, which: str) -> bool:
        return any(spot.act for spot in self.spots if spot.id == which)

    def _speak(self) -> None:
        spot = next((s for s in self.spots if s.id == self.current), None)
        self.setAccessibleName(f"{self._name}: {spot.spoken}" if spot else self._name)

    def _at(self, point: QPointF) -> Spot | None:
        return next((spot for spot in reversed(self.spots) if spot.box.contains(point)), None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        spot = self._at(event.position())
        if spot is None:
            return
        if spot.act:
            self.choose(spot.id)
            self.opened.emit(spot.id)
            return
        if spot.id == self.current:
            self.chosen.emit(spot.id)
        self.choose(spot.id)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        spot = self._at(event.position())
        if spot is not None and not spot.act:
            self.opened.emit(spot.id)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        over = self._at(event.position()) is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            spot = self._at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), tip(spot.spoken) if spot else "", self)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.current:
            self.opened.emit(self.current)
            return
        ways = {
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, -1),
            Qt.Key.Key_Down: (0, 1),
        }
        if key in ways and self.spots:
            self._move(*ways[key])
        else:
            super().keyPressEvent(event)

    def _move(self, dx: int, dy: int) -> None:
        """Go to the nearest spot in a direction; sideways deviation counts double."""
        here = next((s for s in self.spots if s.id == self.current), None)
        if here is None:
            self.choose(self.spots[0].id)
            return
        best: tuple[float, Spot] | None = None
        for spot in self.spots:
            way = spot.box.center() - here.box.center()
            along = way.x() * dx + way.y() * dy
            across = abs(way.x() * dy) + abs(way.y() * dx)
            if spot is here or along <= 1:
                continue
            cost = along + 2 * across
            if best is None or cost < best[0]:
                best = (cost, spot)
        if best is not None:
            self.choose(best[1].id)


def draw_text(
    painter: QPainter,
    box: QRectF,
    text: str,
    tone: str = "text",
    font: QFont | None = None,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> float:
    """Draw one line, shortened to the box, vertically centred; return the width it took."""
    font = font or ui_font()
    painter.setFont(font)
    painter.setPen(theme().colour(tone))
    metrics = QFontMetrics(font)
    shown = metrics.elidedText(one_line(text), Qt.TextElideMode.ElideRight, int(box.width()) + 1)
    painter.drawText(box, align | Qt.AlignmentFlag.AlignVCenter, shown)
    return float(metrics.horizontalAdvance(shown))


def draw_box(
    painter: QPainter,
    box: QRectF,
    ground: str,
    border: str,
    *,
    radius: float = 6,
    width: float = 1,
    dashed: bool = False,
) -> None:
    """Draw a rounded box in tokens; an empty ground is see-through."""
    look = theme()
    pen = QPen(look.colour(border), width)
    if dashed:
        pen.setStyle(Qt.PenStyle.DashLine)
    painter.setPen(pen)
    painter.setBrush(look.colour(ground) if ground else Qt.BrushStyle.NoBrush)
    inset = width / 2
    painter.drawRoundedRect(box.adjusted(inset, inset, -inset, -inset), radius, radius)


def draw_icon(painter: QPainter, at: QPointF, name: str, tone: str, size: int = 15) -> None:
    """Draw an icon with its upper left corner at a point."""
    painter.drawPixmap(at, theme().pixmap(name, tone, size, painter.device().devicePixelRatioF()))
