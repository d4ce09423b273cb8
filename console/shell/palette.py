"""The command palette (Ctrl+K): go to a page, do an action, find anything on the ledger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import shiboken6
from PySide6.QtCore import QModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QDialog, QFrame, QLineEdit, QListView, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from console.i18n import tr
from console.i18n.plain import one_line
from console.tasks.runner import later
from console.theme import theme, tokens, ui_font
from console.widgets.basic import Label, line, vbox
from console.widgets.focus import FocusRing

NOTE = 220
"""Pixels of an entry's remark at most."""
_COMMAND = int(Qt.ItemDataRole.UserRole) + 1
Finder = Callable[[str, Callable[[str, list["Command"]], None]], None]
"""(text, tell): finds, and calls `tell(source, what was found)` for each of its sources when that has answered."""


@dataclass(frozen=True)
class Command:
    """Something the palette offers; `words` are further words it is found by."""

    text: str
    run: Callable[[], object]
    icon: str = "arrow"
    note: str = ""
    words: str = ""


def shown_note(note: str, metrics: QFontMetrics) -> str:
    """A remark as it is painted: its middle goes where it is too long."""
    return metrics.elidedText(one_line(note), Qt.TextElideMode.ElideMiddle, NOTE)


class _Painter(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: object) -> QSize:
        return QSize(100, tokens.ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: object) -> None:
        assert isinstance(index, QModelIndex)
        command = index.data(_COMMAND)
        view = self.parent()
        if not isinstance(command, Command) or not isinstance(view, QListView):
            return
        look = theme()
        rect: QRect = option.rect
        if view.currentIndex() == index:
            painter.fillRect(rect, look.colour("asoft"))
        ratio = view.devicePixelRatioF()
        painter.drawPixmap(rect.left() + 14, rect.top() + 10, look.pixmap(command.icon, "text2", 16, ratio))
        painter.setPen(look.colour("text"))
        painter.setFont(ui_font(bold=view.currentIndex() == index))
        painter.drawText(rect.adjusted(42, 0, -200, 0), Qt.AlignmentFlag.AlignVCenter, one_line(command.text))
        small = ui_font(tokens.SIZE_CAPTION)
        painter.setFont(small)
        painter.setPen(look.colour("text3"))
        note = shown_note(command.note, QFontMetrics(small))
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(rect.adjusted(0, 0, -14, 0), right, note)


class Palette(QDialog):
    """A field and a list; ↑ ↓ choose, Enter does, Esc closes. `find` looks further while the person types."""

    def __init__(self, parent: QWidget, commands: list[Command], find: Finder | None = None) -> None:
        super().__init__(parent, Qt.WindowType.FramelessWindowHint | Qt.WindowType.Dialog)
        theme().dress(self)
        self.setWindowTitle(tr("搜索或跳转"))
        self.setModal(True)
        self._commands = commands
        self._find = find
        self._found: dict[str, list[Command]] = {}
        self.resize(620, 420)
        column = vbox(self, spacing=0)
        self.editor = QLineEdit()
        self.editor.setFixedHeight(44)
        self.editor.setPlaceholderText(tr("页面、操作、交易号、键、CID、作品名…"))
        self.editor.setAccessibleName(tr("搜索或跳转"))
        self.editor.setFont(ui_font(tokens.SIZE_CARD))
        self.editor.textChanged.connect(self._on_text)
        column.addWidget(self.editor)
        self.list = QListView()
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setAccessibleName(tr("结果"))
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.list.setItemDelegate(_Painter(self.list))
        self.list.clicked.connect(self._run)
        self._model = QStandardItemModel(self)
        self.list.setModel(self._model)
        column.addWidget(self.list, 1)
        column.addWidget(line())
        self.hint = Label("", "badge", "text3")
        self.hint.setContentsMargins(14, 6, 14, 6)
        column.addWidget(self.hint)
        self.ring = FocusRing(self)
        self._pause = later(180, self, self._search)
        self._fill()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            row = self.list.currentIndex().row() + (1 if key == Qt.Key.Key_Down else -1)
            row = max(0, min(self._model.rowCount() - 1, row))
            self.list.setCurrentIndex(self._model.index(row, 0))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run(self.list.currentIndex())
        else:
            super().keyPressEvent(event)

    def _on_text(self, text: str) -> None:
        self._found = {}
        self._fill()
        self._pause.stop()
        if self._find is not None and (len(text.strip()) >= 2 or not text.strip().isascii()):
            self._pause.start()

    def _search(self) -> None:
        text = self.editor.text().strip()
        if self._find is None:
            return

        def arrived(source: str, found: list[Command]) -> None:
            if shiboken6.isValid(self) and self.editor.text().strip() == text:
                self._found[source] = found
                self._fill(searched=True)

        self._find(text, arrived)

    def _fill(self, *, searched: bool = False) -> None:
        words = self.editor.text().strip().lower().split()

        def fits(command: Command) -> bool:
            hay = f"{command.text} {command.note} {command.words}".lower()
            return all(word in hay for word in words)

        self._model.clear()
        chosen = self.list.currentIndex().row()
        shown = [c for c in self._commands if fits(c)][:30]
        shown += [command for source in sorted(self._found, reverse=True) for command in self._found[source]]
        for command in shown:
            item = QStandardItem(command.text)
            item.setData(command, _COMMAND)
            item.setAccessibleText(f"{command.text} {command.note}")
            self._model.appendRow(item)
        if shown:
            self.list.setCurrentIndex(self._model.index(max(0, min(chosen, len(shown) - 1)) if searched else 0, 0))
        text = self.editor.text().strip()
        if not shown and searched:
            self.hint.setText(tr("没有找到“{text}”。可输入交易号、键、CID 或作品名，至少 4 个字符。").format(text=text))
        else:
            self.hint.setText(tr("↑ ↓ 选择 · Enter 执行 · Esc 关闭"))

    def _run(self, index: QModelIndex) -> None:
        command = index.data(_COMMAND) if index.isValid() else None
        if isinstance(command, Command):
            self.accept()
            command.run()
