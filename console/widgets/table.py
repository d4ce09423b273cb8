"""The console's table: one view and one painter for every list, from three rows to a million."""

from __future__ import annotations

from typing import Any, cast

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFont,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolTip,
    QWidget,
)

from console.i18n.plain import one_line, tip
from console.models.cells import Cell
from console.models.tables import CELL_ROLE, ROW_ROLE, CellModel
from console.theme import mono_font, theme, tokens, ui_font
from console.theme.fonts import metrics
from console.widgets.columns import FREE_NEEDS, shared_widths

Index = QModelIndex | QPersistentModelIndex


LOOKED_AT = 40
"""Rows whose texts are measured: more than a window shows."""
MARGINS = 16
"""Left and right of a field's text together, in pixels."""
PICTURE = 40
"""The side of a picture in a row of two lines."""


def paint_picture(painter: QPainter, area: QRect, cell: Cell) -> QRect:
    """Paint a field's picture in its frame, or its icon there; returns what is left of the field."""
    look, side = theme(), min(PICTURE, area.height() - 8)
    box = QRect(area.left(), area.top() + (area.height() - side) // 2, side, side)
    image = cell.picture() if cell.picture is not None else None
    if image is None or image.isNull():
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look.colour("line"), 1))
        painter.setBrush(look.colour("sunken"))
        painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        mark = look.pixmap(cell.icon or "file", cell.tone or "text2", 16, painter.device().devicePixelRatioF())
        painter.drawPixmap(QPoint(box.center().x() - 7, box.center().y() - 7), mark)
    else:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        short = min(image.width(), image.height())
        middle = QRect((image.width() - short) // 2, (image.height() - short) // 2, short, short)
        painter.drawImage(box, image, middle)
    return area.adjusted(side + 10, 0, 0, 0)


def cell_width(cell: Cell, *, below: bool = True) -> int:
    """What a field takes that is shown whole, in pixels; `below` with its second line."""
    if cell.tag:
        return MARGINS + 12 + metrics(tokens.SIZE_BADGE).horizontalAdvance(cell.text)
    size = tokens.SIZE_CAPTION if cell.mono else tokens.SIZE_BODY
    text = metrics(size, bold=cell.bold, mono=cell.mono).horizontalAdvance(cell.text)
    under = metrics(tokens.SIZE_CAPTION).horizontalAdvance(cell.sub) if cell.sub and below else 0
    beside = PICTURE + 10 if cell.picture is not None else 22 if cell.icon else 0
    return MARGINS + beside + (52 if cell.bar is not None else 0) + max(text, under) + 2


class CellPainter(QStyledItemDelegate):
    """Paints a `Cell`: icon, text, second line, tag or bar, over the row's ground."""

    def __init__(self, view: DataTable) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(80, self._view.row_height)

    def helpEvent(self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index) -> bool:
        """Tell what a field has no room for, where it has nothing of its own to tell."""
        cell = index.data(CELL_ROLE)
        if isinstance(cell, Cell) and not (cell.tip or cell.copy) and event.type() == QEvent.Type.ToolTip:
            inset = 8 if index.column() == 0 else 0
            cut = cell_width(cell) + inset > self._view.columnWidth(index.column())
            QToolTip.showText(
                event.globalPos(), tip("\n".join(filter(None, (cell.text, cell.sub)))) if cut else "", view
            )
            return True
        return super().helpEvent(event, view, option, index)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        cell = index.data(CELL_ROLE)
        rect: QRect = option.rect
        look = theme()
        chosen = self._view.currentIndex().row() == index.row()
        if chosen:
            painter.fillRect(rect, look.colour("asoft"))
        elif self._view.hovered == index.row():
            painter.fillRect(rect, look.colour("rowhover"))
        painter.setPen(QPen(look.colour("line"), 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        if not isinstance(cell, Cell):
            return
        right = cast(CellModel, index.model()).columns[index.column()].right
        first = index.column() == 0
        area = rect.adjusted(16 if first else 8, 0, -8, -1)
        painter.save()
        painter.setClipRect(rect)
        if cell.picture is not None:
            area = paint_picture(painter, area, cell)
        elif cell.icon:
            size = 15
            top = area.center().y() - size // 2 if not cell.sub else area.top() + 10
            tone = cell.tone or "text2"
            painter.drawPixmap(
                QPoint(area.left(), top), look.pixmap(cell.icon, tone, size, painter.device().devicePixelRatioF())
            )
            area.setLeft(area.left() + size + 7)
        if cell.bar is not None:
            area = self._paint_bar(painter, area, cell.bar)
        if cell.tag and cell.text:
            self._paint_tag(painter, area, cell)
        else:
            self._paint_text(painter, area, cell, right, bold=cell.bold or (chosen and first))
        painter.restore()

    def _paint_text(self, painter: QPainter, area: QRect, cell: Cell, right: bool, *, bold: bool) -> None:
        look = theme()
        size = tokens.SIZE_CAPTION if cell.mono else tokens.SIZE_BODY
        font = mono_font(bold=bold) if cell.mono else ui_font(bold=bold)
        if cell.struck:
            font = QFont(font)
            font.setStrikeOut(True)
        tone = cell.word_tone or (cell.tone if cell.tone in {"warn", "bad", "accent", "text3"} else "text")
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        painter.setFont(font)
        painter.setPen(look.colour(tone))
        line = QRect(area)
        if cell.sub:
            line = QRect(area.left(), area.top() + 7, area.width(), 20)
        measure = metrics(size, bold=bold, mono=cell.mono)
        # what is told apart by its end, a hash or a key, is shortened in the middle
        shortened = Qt.TextElideMode.ElideMiddle if cell.mono and " " not in cell.text else Qt.TextElideMode.ElideRight
        shown = measure.elidedText(one_line(cell.text), shortened, line.width())
        painter.drawText(line, side | Qt.AlignmentFlag.AlignVCenter, shown)
        if cell.sub:
            small = ui_font(tokens.SIZE_CAPTION)
            painter.setFont(small)
            painter.setPen(look.colour("text3"))
            under = QRect(area.left(), area.top() + 27, area.width(), 18)
            shown = metrics(tokens.SIZE_CAPTION).elidedText(
                one_line(cell.sub), Qt.TextElideMode.ElideRight, under.width()
            )
            painter.drawText(under, side | Qt.AlignmentFlag.AlignVCenter, shown)

    def _paint_tag(self, painter: QPainter, area: QRect, cell: Cell) -> None:
        look = theme()
        font = ui_font(tokens.SIZE_BADGE)
        text = one_line(cell.text)
        width = metrics(tokens.SIZE_BADGE).horizontalAdvance(text) + 12
        box = QRectF(area.left() + 0.5, area.center().y() - 8.5, min(width, area.width()), 18)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look.colour("btn"), 1))
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(look.colour(cell.word_tone or "text2"))
        painter.setFont(font)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_bar(self, painter: QPainter, area: QRect, share: float) -> QRect:
        look = theme()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        box = QRectF(area.left(), area.center().y() - 2, 44, 6)
        painter.setBrush(look.colour("track"))
        painter.drawRoundedRect(box, 3, 3)
        box.setWidth(max(3.0, 44 * min(1.0, share)))
        painter.setBrush(look.colour("plot"))
        painter.drawRoundedRect(box, 3, 3)
        return area.adjusted(52, 0, 0, 0)


class DataTable(QTableView):
    """A table whose rows are chosen as a whole.

    Signals: `row_chosen(row)` when another row is current, by mouse or arrow keys; `row_opened(row)` for Enter and
    double click. Ctrl+C copies the first field of the row that has something worth copying whole.
    """

    row_chosen = Signal(object)
    row_opened = Signal(object)

    def __init__(self, model: CellModel, name: str, *, two_lines: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row_height = tokens.ROW_TWO_LINES if two_lines else tokens.ROW_HEIGHT
        self.hovered = -1
        model.setParent(self)
        self.setModel(model)
        self.setItemDelegate(CellPainter(self))
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(self.row_height)
        heads = self.horizontalHeader()
        heads.setFixedHeight(tokens.TABLE_HEAD)
        heads.setHighlightSections(False)
        heads.setSectionsClickable(False)
        heads.setFont(ui_font(tokens.SIZE_CAPTION))
        heads.setMinimumSectionSize(24)
        heads.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._columns = model.columns
        self._widths: dict[int, int] = {}
        measure = metrics(tokens.SIZE_CAPTION)
        self._needed = [measure.horizontalAdvance(column.title) + MARGINS + 8 for column in self._columns]
        self._heads, self._measured = self._needed, False
        model.modelReset.connect(self._measure)
        model.dataChanged.connect(self._measure_first)
        self.doubleClicked.connect(self._open)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_width()

    def _share_width(self) -> None:
        """Give columns their widths; in a narrow window all of them shrink before one has to be scrolled to."""
        room = self.viewport().width()
        shown = [at for at, column in enumerate(self._columns) if not (column.spare and self._short_of(room))]
        widths = shared_widths([self._columns[at].width for at in shown], room, [self._needed[at] for at in shown])
        given = dict(zip(shown, widths, strict=True))
        if given != self._widths:
            self._widths = given
            for section in range(len(self._columns)):
                self.setColumnHidden(section, section not in given)
                self.setColumnWidth(section, given.get(section, 0))

    def _short_of(self, room: int) -> bool:
        """Whether the texts of all columns take more than `room` pixels."""
        return sum(min(need, FREE_NEEDS) for need in self._needed) > room

    def _measure(self) -> None:
        """See what the columns' texts take, of the rows that a window shows first, and share the width by that."""
        model = cast(CellModel, self.model())
        needed = list(self._heads)
        here = [row for row in range(min(model.rowCount(), LOOKED_AT)) if model.row_at(row) is not None]
        for row in here:
            for at in range(len(self._columns)):
                cell = model.index(row, at).data(CELL_ROLE)
                if isinstance(cell, Cell):
                    told = cell_width(cell, below=self._columns[at].width > 0)
                    needed[at] = max(needed[at], told + (8 if at == 0 else 0))
        self._needed, self._measured = needed, bool(here)
        self._share_width()

    def _measure_first(self) -> None:
        """Rows that are read a page at a time arrive after their count."""
        if not self._measured:
            self._measure()

    def fit(self, at_most: int = 12) -> None:
        """Be exactly as high as the rows need, at most `at_most` rows."""
        rows = min(max(self.model().rowCount(), 1), at_most)
        self.setFixedHeight(tokens.TABLE_HEAD + rows * self.row_height + 2)

    def current_row(self) -> Any | None:
        index = self.currentIndex()
        return index.data(ROW_ROLE) if index.isValid() else None

    def choose(self, row: int) -> None:
        """Make a row current and see that it is visible."""
        if 0 <= row < self.model().rowCount():
            self.setCurrentIndex(self.model().index(row, 0))
            self.scrollTo(self.currentIndex())

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(cast(QModelIndex, current), cast(QModelIndex, previous))
        self.viewport().update()
        row = current.data(ROW_ROLE) if current.isValid() else None
        if row is not None:
            self.row_chosen.emit(row)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self._copy()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._hover(self.indexAt(event.position().toPoint()).row())

    def leaveEvent(self, event: Any) -> None:
        super().leaveEvent(event)
        self._hover(-1)

    def _hover(self, row: int) -> None:
        if row != self.hovered:
            self.hovered = row
            self.viewport().update()

    def _open(self, index: Index) -> None:
        row = index.data(ROW_ROLE) if index.isValid() else None
        if row is not None:
            self.row_opened.emit(row)

    def _copy(self) -> None:
        index = self.currentIndex()
        if not index.isValid():
            return
        cells = [index.siblingAtColumn(c).data(CELL_ROLE) for c in range(self.model().columnCount())]
        whole = next((c.copy for c in cells if isinstance(c, Cell) and c.copy), "")
        QGuiApplication.clipboard().setText(whole or "\t".join(c.text for c in cells if isinstance(c, Cell)))
