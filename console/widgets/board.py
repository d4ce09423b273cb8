"""The lifecycle board: organisations × install and approve, and the commit beside them."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy

from console.i18n import tr
from console.theme import theme, tokens, ui_font
from console.widgets.basic import STATE_ICONS
from console.widgets.picture import Picture, Spot, draw_icon, draw_text

_HEAD = 33.0
_ROW = 62.0


@dataclass(frozen=True)
class BoardCell:
    """A word, its health sign and a remark."""

    word: str
    state: str
    remark: str = ""


@dataclass(frozen=True)
class BoardLine:
    """One organisation."""

    id: str
    title: str
    icon: str
    install: BoardCell
    approve: BoardCell


@dataclass(frozen=True)
class Board:
    """What the board shows; `commit` are lines of (text, tone, bold) for the last column."""

    lines: tuple[BoardLine, ...]
    installed: str
    approved: str
    commit_head: str
    commit: tuple[tuple[str, str, bool], ...]


class BoardView(Picture):
    """Cells can be chosen: `install/MSP`, `approve/MSP`, `commit`."""

    def __init__(self) -> None:
        super().__init__(tr("合约生命周期"))
        self._board: Board | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_board(self, board: Board) -> None:
        self._board = board
        self._place()
        self._speak()
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        lines = len(self._board.lines) if self._board else 1
        return QSize(760, int(_HEAD + lines * _ROW) + 1)

    def minimumSizeHint(self) -> QSize:
        return QSize(520, self.sizeHint().height())

    def resizeEvent(self, event: object) -> None:
        self._place()

    def _columns(self) -> list[float]:
        width = float(self.width())
        return [0.0, width * 0.28, width * 0.51, width * 0.77, width]

    def _place(self) -> None:
        if self._board is None:
            return
        x = self._columns()
        self.spots = []
        for number, row in enumerate(self._board.lines):
            y = _HEAD + number * _ROW
            for key, cell, left, right in (("install", row.install, x[1], x[2]), ("approve", row.approve, x[2], x[3])):
                said = f"{row.title}, {cell.word} {cell.remark}"
                self.spots.append(Spot(f"{key}/{row.id}", QRectF(left, y, right - left, _ROW), said))
        spoken = ", ".join(text for text, _, _ in self._board.commit)
        self.spots.append(Spot("commit", QRectF(x[3], _HEAD, x[4] - x[3], len(self._board.lines) * _ROW), spoken))

    def paintEvent(self, event: QPaintEvent) -> None:
        board = self._board
        if board is None:
            return
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        x = self._columns()
        painter.fillRect(QRectF(0, 0, self.width(), _HEAD), look.colour("sunken"))
        caption = ui_font(tokens.SIZE_CAPTION)
        heads = (
            (tr("组织"), ""),
            (tr("1 安装"), board.installed),
            (tr("2 批准"), board.approved),
            (tr("3 提交"), board.commit_head),
        )
        for number, (title, note) in enumerate(heads):
            left = x[number] + (16 if number in {0, 3} else 13)
            used = draw_text(painter, QRectF(left, 0, 160, _HEAD), title, "text2", caption)
            draw_text(painter, QRectF(left + used + 10, 0, 200, _HEAD), note, "text", caption)
        for spot in self.spots:
            if spot.id == self.current:
                painter.fillRect(spot.box, look.colour("asoft"))
        for number, row in enumerate(board.lines):
            y = _HEAD + number * _ROW
            painter.setPen(QPen(look.colour("line"), 1))
            painter.drawLine(QPointF(0, y), QPointF(x[3], y))
            draw_icon(painter, QPointF(16, y + 23), row.icon, "text2", 15)
            draw_text(painter, QRectF(42, y + 11, x[1] - 50, 20), row.title, "text", ui_font(bold=True))
            draw_text(painter, QRectF(42, y + 31, x[1] - 50, 20), row.id, "text2", caption)
            self._paint_cell(painter, row.install, QRectF(x[1], y, x[2] - x[1], _ROW))
            self._paint_cell(painter, row.approve, QRectF(x[2], y, x[3] - x[2], _ROW))
        painter.setPen(QPen(look.colour("line"), 1))
        for edge in x[1:4]:
            painter.drawLine(QPointF(edge, 0), QPointF(edge, self.height()))
        painter.drawLine(QPointF(0, _HEAD), QPointF(self.width(), _HEAD))
        top = _HEAD + 12
        for text, tone, bold in board.commit:
            box = QRectF(x[3] + 16, top, x[4] - x[3] - 28, 60)
            font = ui_font(tokens.SIZE_BODY if bold or tone == "text" else tokens.SIZE_CAPTION, bold=bold)
            painter.setFont(font)
            painter.setPen(look.colour(tone))
            flags = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop)
            used_box = painter.boundingRect(box, flags, text)
            painter.drawText(box, flags, text)
            top += used_box.height() + 4

    def _paint_cell(self, painter: QPainter, cell: BoardCell, box: QRectF) -> None:
        sign, tone = STATE_ICONS[cell.state]
        middle = box.top() + (23 if not cell.remark else 13)
        draw_icon(painter, QPointF(box.left() + 13, middle), sign, tone, 14)
        word = cell.state if cell.state in {"warn", "bad"} else "text2"
        draw_text(painter, QRectF(box.left() + 32, middle - 4, box.width() - 40, 22), cell.word, word)
        if cell.remark:
            area = QRectF(box.left() + 13, box.top() + 32, box.width() - 20, 20)
            draw_text(painter, area, cell.remark, "text2", ui_font(tokens.SIZE_CAPTION))
