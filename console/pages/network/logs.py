"""A node's log, as it is, with a filter and an export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QComboBox, QPlainTextEdit, QWidget

from console.i18n import say, tr
from console.pages.network.view import NetworkView
from console.theme import mono_font, tokens
from console.widgets.basic import Button, Label, hbox, vbox
from console.widgets.card import Card
from console.widgets.forms import filter_box, save_file
from network.errors import CityChainError

if TYPE_CHECKING:
    from console.pages.network.page import NetworkPage

LINES = 1000


class LogsTab(QWidget):
    """The newest thousand lines of one node; read again every three seconds while it is shown."""

    def __init__(self, page: NetworkPage) -> None:
        super().__init__()
        self._page = page
        self._lines: list[str] = []
        self._filter = ""
        self.node = ""
        column = vbox(self, margins=(tokens.PAGE_MARGIN, 12, tokens.PAGE_MARGIN, 24), spacing=12)
        bar = hbox()
        self.choice = QComboBox()
        self.choice.setFixedHeight(30)
        self.choice.setMinimumWidth(260)
        self.choice.setAccessibleName(tr("节点"))
        self.choice.currentTextChanged.connect(self._on_node)
        bar.addWidget(self.choice)
        bar.addWidget(filter_box(tr("筛选日志"), self._on_filter))
        bar.addStretch(1)
        self.note = Label("", "caption", "text2")
        bar.addWidget(self.note)
        bar.addWidget(Button(tr("导出日志…"), self._export, icon="download", small=True))
        column.addLayout(bar)
        card = Card(flush=True)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setFont(mono_font(tokens.SIZE_BADGE))
        self.text.setAccessibleName(tr("日志"))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setStyleSheet("QPlainTextEdit { border: none; background: transparent; padding: 8px 12px; }")
        card.add(self.text, 1)
        column.addWidget(card, 1)
        self._timer = QTimer(self)
        self._timer.setInterval(3000)
        self._timer.timeout.connect(self._again)
        self._timer.start()

    def show_view(self, view: NetworkView) -> None:
        names = [node.name for node in view.status.nodes]
        if [self.choice.itemText(i) for i in range(self.choice.count())] != names:
            self.choice.blockSignals(True)
            self.choice.clear()
            self.choice.addItems(names)
            self.choice.blockSignals(False)
        if self.node in names:
            self.choice.setCurrentText(self.node)
        elif names:
            self.node = names[0]

    def read(self) -> None:
        view = self._page.view
        if view is None or not self.node:
            return
        platform, name, node = self._page.context.platform, view.name, self.node
        self._page.context.tasks.fetch(
            lambda: platform.networks.logs(name, node, LINES), self._show, self._failed, owner=self
        )

    def _again(self) -> None:
        if self.isVisible():
            self.read()

    def _on_node(self, name: str) -> None:
        self.node = name
        self.read()

    def _on_filter(self, text: str) -> None:
        self._filter = text.lower()
        self._show(self._lines)

    def _show(self, lines: list[str]) -> None:
        self._lines = lines
        shown = [line for line in lines if self._filter in line.lower()]
        bar = self.text.verticalScrollBar()
        at_end = bar.value() >= bar.maximum() - 4
        text = "\n".join(shown)
        if text != self.text.toPlainText():
            self.text.setPlainText(text)
            if at_end:
                bar.setValue(bar.maximum())
        self.note.setText(tr("{n} 行").format(n=len(shown)))

    def _failed(self, error: CityChainError) -> None:
        self.note.setText(say(error.message))

    def _export(self) -> None:
        path = save_file(self, tr("导出日志"), f"{self.node}.log")
        if path:
            lines = list(self._lines)
            self._page.read(
                lambda: Path(path).write_text("\n".join(lines) + "\n", "utf-8"),
                lambda _: self._page.context.notice(tr("日志已导出")),
            )
