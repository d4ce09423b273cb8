"""A desk's mouse that counts its clicks."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from tests.console.conftest import Desk


class Hand:
    """A desk's mouse that counts."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.clicks = desk, 0

    def on(self, widget: QWidget) -> None:
        self.clicks += 1
        self.desk.bot.mouseClick(widget, Qt.MouseButton.LeftButton)  # type: ignore[attr-defined]

    def rail(self, page: str) -> None:
        self.on(self.desk.window.rail.items[page])
        self.desk.settle()

    def press(self, text: str, within: QWidget | None = None) -> None:
        self.clicks += 1
        self.desk.press(text, within)

    def header(self, action: str) -> None:
        self.clicks += 1
        self.desk.press_header(action)

    def tab(self, tab: str) -> None:
        self.clicks += 1
        self.desk.window.header.tabs.chosen.emit(tab)
        self.desk.settle()

    def row(self, table: Any, number: int) -> None:
        self.clicks += 1
        table.choose(number)
        self.desk.settle()
