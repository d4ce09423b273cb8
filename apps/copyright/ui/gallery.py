"""画廊: the works of the list as pictures, over the same rows; arrow keys walk, Enter opens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from apps.copyright.ui.terms import tr
from console.i18n.plain import one_line
from console.models.cells import Cell
from console.models.tables import CELL_ROLE, ROW_ROLE
from console.theme import theme, tokens, ui_font
from console.theme.fonts import metrics

if TYPE_CHECKING:
    from console.models.tables import RowsModel

CARD = QSize(212, 232)
_PICTURE = 156

Index = QModelIndex | QPersistentModelIndex


class CardPainter(QStyledItemDelegate):
    """A work: its picture whole in its frame, title, number or time of deposit."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        del option, index
        return CARD

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        cell, state = index.data(CELL_ROLE), _last(index)
        if not isinstance(cell, Cell):
            return
        look, box = theme(), QRectF(option.rect).adjusted(6.5, 6.5, -6.5, -6.5)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        painter.setPen(QPen(look.colour("fill" if chosen else "line"), 2 if chosen else 1))
        painter.setBrush(look.colour("asoft" if chosen else "card"))
        painter.drawRoundedRect(box, 8, 8)
        frame = QRectF(box.left() + 8, box.top() + 8, box.width() - 16, _PICTURE)
        self._picture(painter, frame, cell)
        self._words(painter, QRect(int(frame.left()), int(frame.bottom()) + 6, int(frame.width()), 44), cell, state)
        painter.restore()

    def _picture(self, painter: QPainter, frame: QRectF, cell: Cell) -> None:
        look = theme()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("sunken"))
        painter.drawRoundedRect(frame, 6, 6)
        image = cell.picture() if cell.picture is not None else None
        if image is None or image.isNull():
            mark = look.pixmap(cell.icon or "file", cell.tone or "text3", 32, painter.device().devicePixelRatioF())
            painter.drawPixmap(int(frame.center().x()) - 16, int(frame.center().y()) - 16, mark)
            return
        shown = image.size().scaled(frame.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
        target = QRectF(0, 0, shown.width(), shown.height())
        target.moveCenter(frame.center())
        outline = QPainterPath()
        outline.addRoundedRect(target, 6, 6)
        painter.setClipPath(outline)
        painter.drawImage(target, image)
        painter.setClipping(False)

    def _words(self, painter: QPainter, room: QRect, cell: Cell, state: object) -> None:
        look, elide = theme(), Qt.TextElideMode.ElideRight
        painter.setFont(ui_font(bold=True))
        painter.setPen(look.colour("text"))
        title = metrics(tokens.SIZE_BODY, bold=True).elidedText(one_line(cell.text), elide, room.width())
        painter.drawText(QRect(room.left(), room.top(), room.width(), 20), Qt.AlignmentFlag.AlignVCenter, title)
        under = QRect(room.left(), room.top() + 22, room.width(), 18)
        note, tone = cell.sub, "text3"
        if isinstance(state, Cell):
            note, tone = state.text, state.word_tone or "text3"
        painter.setFont(ui_font(tokens.SIZE_CAPTION))
        painter.setPen(look.colour(tone))
        note = metrics(tokens.SIZE_CAPTION).elidedText(one_line(note), elide, under.width())
        painter.drawText(under, Qt.AlignmentFlag.AlignVCenter, note)


def _last(index: Index) -> object:
    """The row's last field: its state."""
    model = index.model()
    return model.index(index.row(), model.columnCount() - 1).data(CELL_ROLE)


class Gallery(QListView):
    """The rows of a model as cards. Signals: `row_opened(row)` for a click, Enter and Space."""

    row_opened = Signal(object)

    def __init__(self, model: RowsModel) -> None:
        super().__init__()
        self.setModel(model)
        self.setItemDelegate(CardPainter(self))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setGridSize(CARD)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.viewport().setAutoFillBackground(False)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(tr("画廊"))
        self.clicked.connect(self._open)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._open(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def _open(self, index: Any) -> None:
        row = index.data(ROW_ROLE) if index.isValid() else None
        if row is not None:
            self.row_opened.emit(row)
