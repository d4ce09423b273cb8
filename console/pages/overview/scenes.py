"""The views of this page that are worth a picture, one line each; see `console.scenes`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from console.context import Context
from console.scenes import Scene
from console.shell.palette import Palette

if TYPE_CHECKING:
    from console.shell.window import MainWindow


def scenes(context: Context) -> list[Scene]:
    return [
        Scene("palette", "overview", _palette),
        Scene("keys", "overview", lambda window: window.show_keys()),
        Scene("about", "overview", _about),
        Scene("help", "overview", lambda window: window.show_help()),
    ]


def _palette(window: MainWindow) -> None:
    """The palette with something typed, while a menu's way of closing it is out of reach."""
    QTimer.singleShot(0, lambda: _type(window))
    window.open_palette()


def _type(window: MainWindow) -> None:
    for palette in window.findChildren(Palette):
        palette.editor.setText("city")


def _about(window: MainWindow) -> None:
    from console.shell.help import AboutDialog

    AboutDialog(window).exec()
