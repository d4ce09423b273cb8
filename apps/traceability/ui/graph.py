"""The goods' graph: what goods were made of on the left, what they became on the right, the recalled set marked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QScrollArea

from apps.traceability.ui import tr
from console.theme import theme, tokens, ui_font
from console.widgets.picture import Picture, Spot, draw_box, draw_icon, draw_text

WIDTH, HEIGHT = 176.0, 52.0
STEP_X, STEP_Y = 236.0, 62.0
PROCESS = 14.0
MOST = 240
"""Goods in one picture; of more the nearest are shown."""


@dataclass(frozen=True)
class Ware:
    """Goods as a box: what they are called, what is said below, whether a recall stops them or would."""

    name: str
    title: str
    note: str
    icon: str
    stopped: bool = False
    gone: bool = False

    @property
    def spoken(self) -> str:
        state = tr("召回") if self.stopped else tr("已用掉") if self.gone else ""
        return f"{self.title}, {self.note}{', ' if state else ''}{state}"


class GoodsPicture(Picture):
    """Boxes of goods and dots of processes; arrow keys walk it, Enter makes goods the middle of the picture."""

    def __init__(self, wares: Sequence[Ware], edges: Iterable[tuple[str, str]], here: str) -> None:
        super().__init__(tr("货物图"))
        self._wares, self._here = {one.name: one for one in wares}, here
        self._edges = list(edges)
        self._boxes = placed(list(self._wares), self._edges)
        self.spots = [Spot(name, self._boxes[name], one.spoken) for name, one in self._wares.items()]
        self.current = here
        self._speak()
        right = max((box.right() for box in self._boxes.values()), default=WIDTH)
        low = max((box.bottom() for box in self._boxes.values()), default=HEIGHT)
        self.setFixedSize(QSize(int(right) + 12, int(low) + 12))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        marked = {one.name for one in self._wares.values() if one.stopped}
        hot = {process for source, process in self._edges if source in marked and process not in self._wares}
        for start, end in sorted(self._edges, key=lambda one: bool({*one} & hot)):
            one, other = self._boxes[start], self._boxes[end]
            bad = (start in marked and end in hot) or (start in hot and end in marked)
            painter.setPen(QPen(theme().colour("badg" if bad else "ctl"), 2 if bad else 1.4))
            a, b = QPointF(one.right(), one.center().y()), QPointF(other.left(), other.center().y())
            bend = max(24.0, (b.x() - a.x()) / 2)
            path = QPainterPath(a)
            path.cubicTo(QPointF(a.x() + bend, a.y()), QPointF(b.x() - bend, b.y()), b)
            painter.drawPath(path)
        for name, box in self._boxes.items():
            if name in self._wares:
                self._paint(painter, self._wares[name], box)
            else:
                draw_box(painter, box, "card", "badg" if name in hot else "ctl", radius=PROCESS / 2, width=2)

    def _paint(self, painter: QPainter, one: Ware, box: QRectF) -> None:
        here, chosen = one.name == self._here, one.name == self.current
        border = "badg" if one.stopped else "fill" if here or (chosen and self.hasFocus()) else "btn"
        ground = "badsoft" if one.stopped else "asoft" if chosen else "card"
        draw_box(painter, box, ground, border, width=2 if here or chosen or one.stopped else 1, dashed=one.gone)
        icon, tone = ("bad", "bad") if one.stopped else (one.icon, "text2")
        draw_icon(painter, QPointF(box.left() + 10, box.top() + 18), icon, tone, 16)
        left = box.left() + 34
        room = box.right() - left - 8
        draw_text(painter, QRectF(left, box.top() + 6, room, 20), one.title, "text", ui_font(bold=here))
        small = ui_font(tokens.SIZE_CAPTION)
        draw_text(painter, QRectF(left, box.top() + 26, room, 18), one.note, "text2", small)


class GraphScroll(QScrollArea):
    """Room for a graph larger than the page; it keeps what is chosen in view."""

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setAutoFillBackground(False)
        self.picture: GoodsPicture | None = None

    def show_picture(self, picture: GoodsPicture) -> None:
        self.picture = picture
        self.setWidget(picture)
        picture.setAutoFillBackground(False)
        picture.chosen.connect(self.follow)
        self.follow(picture.current)

    def follow(self, name: str) -> None:
        spot = next((one for one in self.picture.spots if one.id == name), None) if self.picture else None
        if spot is not None:
            self.ensureVisible(int(spot.box.center().x()), int(spot.box.center().y()), 260, 80)


def placed(names: Sequence[str], edges: Sequence[tuple[str, str]]) -> dict[str, QRectF]:
    """Goods in the column after all that they are made of, processes right before what they made."""
    wares = set(names)
    before: dict[str, list[str]] = defaultdict(list)
    for start, end in edges:
        before[end].append(start)
    sources = {name: [src for dot in before[name] for src in (before[dot] if dot not in wares else [dot])]
               for name in names}  # fmt: skip
    column: dict[str, int] = {}
    waiting = list(names)
    while waiting:
        ready = [one for one in waiting if all(src in column for src in sources[one] if src in wares)] or waiting
        for one in ready:
            column[one] = 1 + max((column[src] for src in sources[one] if src in column), default=-1)
        waiting = [one for one in waiting if one not in column]
    _beside(column, sources)
    row = _rows(column, sources)
    top = min(row.values(), default=0.0)
    boxes = {one: QRectF(6 + column[one] * STEP_X, 6 + (row[one] - top) * STEP_Y, WIDTH, HEIGHT) for one in names}
    for dot in {one for edge in edges for one in edge} - wares:
        made = [boxes[end] for start, end in edges if start == dot and end in boxes]
        used = [boxes[start] for start, end in edges if end == dot and start in boxes]
        around = made or used
        middle = sum(box.center().y() for box in around) / max(1, len(around))
        left = min(box.left() for box in made) - 34 if made else max(box.right() for box in used) + 20
        boxes[dot] = QRectF(left, middle - PROCESS / 2, PROCESS, PROCESS)
    return boxes


def _beside(column: dict[str, int], sources: Mapping[str, Sequence[str]]) -> None:
    """What is made of nothing stands right before what it is used for, not at the far left."""
    after: dict[str, list[str]] = defaultdict(list)
    for name, found in sources.items():
        for source in found:
            after[source].append(name)
    for name in sorted(column, key=lambda one: -column[one]):
        if after[name] and not sources[name]:
            column[name] = max(column[name], min(column[one] for one in after[name]) - 1)


def _rows(column: Mapping[str, int], sources: Mapping[str, Sequence[str]]) -> dict[str, float]:
    """Beside what it is made of, in each column without overlap."""
    row: dict[str, float] = {}
    for number in sorted(set(column.values())):
        here = [one for one, at in column.items() if at == number]
        known = {one: [row[src] for src in sources[one] if src in row] for one in here}
        wished = {one: sum(rows) / len(rows) if rows else 0.0 for one, rows in known.items()}
        taken = -1e9
        for one in sorted(here, key=lambda name: (wished[name], name)):
            taken = row[one] = max(taken + 1, wished[one] - (len(here) - 1) / 2)
    return row
