"""作品谱系: a work's family tree, from the earliest works on the left to what was made of them on the right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy

from apps.copyright.ui.terms import term, tr
from console.theme import theme, tokens, ui_font
from console.widgets.picture import Picture, Spot, draw_box, draw_icon, draw_text

_WIDTH, _HEIGHT = 192.0, 52.0
_STEP_X, _STEP_Y = 226.0, 64.0
MOST = 200


@dataclass(frozen=True)
class Relative:
    """A work of the tree; one elsewhere has no id and only what its descendant says of it."""

    id: str
    title: str
    note: str
    icon: str
    elsewhere: bool = False


def relatives(tree: Mapping[str, Any], work: Mapping[str, Any]) -> tuple[list[Relative], list[tuple[str, str]]]:
    """The works and links of a `FamilyTree` answer, with earlier works that are not on this ledger."""
    found = []
    for one in list(tree.get("works", ()))[:MOST]:
        note = term("creation_kinds", str(one["creation_kind"])) + " · "
        note += tr("本作品") if one["id"] == work["id"] else str(one["created"][:7])
        found.append(Relative(one["id"], str(one["title"]), note, _icon(str(one["category"]))))
    shown = {one.id for one in found}
    links = [(one["from"], one["to"]) for one in tree.get("links", ()) if {one["from"], one["to"]} <= shown]
    for number, source in enumerate(work.get("sources", ())):
        if not source.get("work_id") and source.get("description"):
            key = f"elsewhere-{number}"
            found.append(Relative(key, str(source["description"]), tr("未在本链登记"), "file", elsewhere=True))
            links.append((key, str(work["id"])))
    return found, links


def _icon(category: str) -> str:
    return {
        "art": "image",
        "photograph": "image",
        "drawing": "image",
        "music": "sound",
        "audiovisual": "video",
        "literary": "text",
        "oral": "sound",
        "software": "terminal",
    }.get(category, "file")


class FamilyPicture(Picture):
    """The tree; arrow keys walk it both ways, Enter opens a work."""

    def __init__(
        self,
        works: Sequence[Relative],
        links: Sequence[tuple[str, str]],
        here: str,
        pictures: Callable[[str], Any] = lambda work_id: None,
    ) -> None:
        """`pictures` gives what gives a work's picture, by its id."""
        super().__init__(tr("作品谱系"))
        self._pictures = pictures
        self._links, self._here = list(links), here
        self._works = {one.id: one for one in works}
        self._boxes = _placed(list(self._works), self._links)
        self.spots = [
            Spot(one.id, self._boxes[one.id], f"{one.title}, {one.note}") for one in works if one.id in self._boxes
        ]
        self.current = here
        self._speak()
        right = max((box.right() for box in self._boxes.values()), default=_WIDTH)
        low = max((box.bottom() for box in self._boxes.values()), default=_HEIGHT)
        self._size = QSize(int(right) + 8, int(low) + 8)
        self.setMinimumSize(self._size)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def elsewhere(self) -> set[str]:
        """Works that cannot be opened: they are not on this ledger."""
        return {one.id for one in self._works.values() if one.elsewhere}

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many generations up, how many down, and how many works."""
        columns = {which: round(box.left() / _STEP_X) for which, box in self._boxes.items()}
        here = columns.get(self._here, 0)
        return here - min(columns.values(), default=0), max(columns.values(), default=0) - here, len(columns)

    def sizeHint(self) -> QSize:
        return self._size

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme().colour("ctl"), 1.4))
        for start, end in self._links:
            if start in self._boxes and end in self._boxes:
                one, other = self._boxes[start], self._boxes[end]
                a, b = QPointF(one.right(), one.center().y()), QPointF(other.left(), other.center().y())
                middle = b.x() - (_STEP_X - _WIDTH) / 2
                painter.drawLine(a, QPointF(middle, a.y()))
                painter.drawLine(QPointF(middle, a.y()), QPointF(middle, b.y()))
                painter.drawLine(QPointF(middle, b.y()), b)
        for which, box in self._boxes.items():
            self._paint(painter, self._works[which], box)

    def _paint(self, painter: QPainter, one: Relative, box: QRectF) -> None:
        here, chosen = one.id == self._here, one.id == self.current
        ground = "asoft" if chosen else "card"
        border = "fill" if here or (chosen and self.hasFocus()) else "btn"
        draw_box(painter, box, ground, border, width=2 if here or chosen else 1, dashed=one.elsewhere)
        well = QRectF(box.left() + 8, box.top() + 10, 32, 32)
        give = None if one.elsewhere else self._pictures(one.id)
        image = give() if give is not None else None
        if image is None or image.isNull():
            draw_box(painter, well, "sunken", "line", radius=4)
            draw_icon(painter, QPointF(well.left() + 8, well.top() + 8), one.icon, "text2", 16)
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            short = min(image.width(), image.height())
            painter.drawImage(
                well, image, QRectF((image.width() - short) / 2, (image.height() - short) / 2, short, short)
            )
        left = well.right() + 8
        room = box.right() - left - 8
        draw_text(painter, QRectF(left, box.top() + 6, room, 20), one.title, "text", ui_font(bold=here))
        small = ui_font(tokens.SIZE_CAPTION)
        draw_text(painter, QRectF(left, box.top() + 26, room, 18), one.note, "text2", small)


def _placed(ids: list[str], links: list[tuple[str, str]]) -> dict[str, QRectF]:
    """Put every work in the column after its latest source, and beside its family within the column."""
    parents: dict[str, list[str]] = defaultdict(list)
    for start, end in links:
        parents[end].append(start)
    depth: dict[str, int] = {}
    waiting = set(ids)
    while waiting:
        ready = [one for one in ids if one in waiting and all(p not in waiting for p in parents[one])]
        if not ready:  # sources in a circle cannot be, but a picture must end
            ready = sorted(waiting)
        for one in ready:
            depth[one] = 1 + max((depth[p] for p in parents[one] if p in depth), default=-1)
            waiting.discard(one)
    # A source whose descendants begin later stands right before them, not at the far left.
    children: dict[str, list[str]] = defaultdict(list)
    for start, end in links:
        children[start].append(end)
    for one in sorted(ids, key=lambda which: -depth[which]):
        if children[one] and not parents[one]:
            depth[one] = max(depth[one], min(depth[c] for c in children[one]) - 1)
    columns: dict[int, list[str]] = defaultdict(list)
    for one in ids:
        columns[depth[one]].append(one)
    row: dict[str, float] = {}
    for column in sorted(columns):
        wished = {
            one: sum(row[p] for p in parents[one] if p in row) / max(1, sum(p in row for p in parents[one]))
            for one in columns[column]
        }
        taken = -1.0
        for one in sorted(columns[column], key=lambda which: wished[which]):
            taken = row[one] = max(taken + 1, wished[one] - (len(columns[column]) - 1) / 2)
            taken = row[one]
    top = min(row.values(), default=0)
    return {one: QRectF(4 + depth[one] * _STEP_X, 4 + (row[one] - top) * _STEP_Y, _WIDTH, _HEIGHT) for one in ids}


class FamilyScroll(QScrollArea):
    """Room for a tree wider than the page: it scrolls sideways and keeps the work itself in view."""

    def __init__(self, picture: FamilyPicture) -> None:
        super().__init__()
        self.picture = picture
        self.setWidget(picture)
        self.setWidgetResizable(True)
        picture.setAutoFillBackground(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.viewport().setAutoFillBackground(False)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._fit(0)
        picture.chosen.connect(self._follow)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit(event.size().width())

    def _fit(self, width: int) -> None:
        """Leave room for the scroll bar only when the tree is wider than the page."""
        bar = 14 if 0 < width < self.picture.sizeHint().width() else 2
        self.setFixedHeight(min(self.picture.sizeHint().height() + bar, 340))

    def _follow(self, which: str) -> None:
        spot = next((one for one in self.picture.spots if one.id == which), None)
        if spot is not None:
            self.ensureVisible(int(spot.box.center().x()), int(spot.box.center().y()), 120, 40)
