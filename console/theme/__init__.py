"""The look: tokens made into palette, style sheet, fonts and tinted icons.

`theme()` is the running application's look. Widgets that paint themselves ask it for a colour on every paint, so
switching between light and dark needs no bookkeeping.
"""

from __future__ import annotations

import tempfile
import weakref
from pathlib import Path

import shiboken6
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from console.theme import icons, tokens
from console.theme.fonts import load_system_fonts, mono_font, serif_font, shows_chinese, ui_font
from console.theme.style import palette, style_sheet
from console.theme.tokens import TOKENS, Mode, Tokens

__all__ = [
    "Mode",
    "Theme",
    "Tokens",
    "install",
    "load_system_fonts",
    "mono_font",
    "serif_font",
    "shows_chinese",
    "theme",
    "tokens",
    "ui_font",
]


_IN_USE: list[Theme] = []
"""The running application's look; asked for on every paint, so not through a Qt property."""


class Theme(QObject):
    """The look in use.

    The style sheet hangs on the parts of windows (`dress`), not on the application: there every widget of every page
    ever visited would be polished anew when the mode changes (400 ms for 1,130). What is seen follows at once, the rest
    one part at a time behind it, or when it is shown.

    Signals: `changed` after the mode switched and everything that is seen was repolished.
    """

    changed = Signal()

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._mode: Mode = "light"
        self._applied = False
        self.tokens: Tokens = TOKENS["light"]
        self._colours: dict[str, QColor] = {}
        self._sheet = ""
        self._parts: weakref.WeakSet[QWidget] = weakref.WeakSet()
        self._behind: weakref.WeakSet[QWidget] = weakref.WeakSet()
        self._follow = QTimer(self)
        self._follow.setInterval(0)
        self._follow.timeout.connect(self._dress_next)
        self._folder = tempfile.TemporaryDirectory(prefix="citychain-look-")
        app.setStyle("Fusion")
        app.setFont(ui_font())
        app.setProperty("citychainTheme", self)

    @property
    def mode(self) -> Mode:
        return self._mode

    def apply(self, mode: Mode) -> None:
        """Switch to `mode` at once, for every open window; nothing happens when it is in use already."""
        if self._applied and mode == self._mode:
            return
        self._applied = True
        self._mode = mode
        self.tokens = TOKENS[mode]
        self._colours = {}
        self._app.setPalette(palette(self.tokens))
        self._sheet = style_sheet(self.tokens, self._pictures())
        for part in list(self._parts):
            if not shiboken6.isValid(part):
                self._parts.discard(part)
            elif part.isVisible():
                part.setStyleSheet(self._sheet)
            else:
                self._behind.add(part)
        self._follow.start()
        self.changed.emit()

    def dress(self, part: QWidget) -> None:
        """Give a part of a window, a dialog or a menu the style sheet, now and after every change of the mode.

        No part lies within another. One that was left behind by a change is brought up to it.
        """
        if part not in self._parts or part in self._behind:
            self._parts.add(part)
            self._behind.discard(part)
            part.setStyleSheet(self._sheet)

    def _dress_next(self) -> None:
        """One hidden part a turn, so that nobody waits for what nobody sees."""
        while self._behind:
            part = self._behind.pop()
            if shiboken6.isValid(part):
                part.setStyleSheet(self._sheet)
                return
        self._follow.stop()

    def system_mode(self) -> Mode:
        """Return what the desktop asks for."""
        scheme = self._app.styleHints().colorScheme()
        return "dark" if scheme == Qt.ColorScheme.Dark else "light"

    def colour(self, name: str) -> QColor:
        """Return a token as a colour; raises AttributeError for an unknown name. Shared: copy it before changing it."""
        found = self._colours.get(name)
        if found is None:
            found = self._colours[name] = QColor(getattr(self.tokens, name))
        return found

    def hex(self, name: str) -> str:
        return str(getattr(self.tokens, name))

    def icon(self, name: str, tone: str = "text2", size: int = 16, room: int = 0) -> QIcon:
        """Return an icon for a button; `room` are empty pixels at its right, towards the text."""
        return icons.icon(name, self.hex(tone), self.hex("text3"), size, self._ratio(), room)

    def pixmap(self, name: str, tone: str = "text2", size: int = 16, ratio: float | None = None) -> QPixmap:
        return icons.pixmap(name, self.hex(tone), size, ratio or self._ratio())

    def _ratio(self) -> float:
        return max(1.0, self._app.devicePixelRatio())

    def _pictures(self) -> dict[str, str]:
        """Write the three images that a style sheet takes only by file name; return their paths."""
        folder = Path(self._folder.name)
        wanted = {"arrow": ("down", "text2"), "uparrow": ("up", "text2"), "tick": ("check", "onfill")}
        paths = {}
        for key, (name, tone) in wanted.items():
            path = folder / f"{key}-{self._mode}.svg"
            path.write_bytes(icons.svg(name, self.hex(tone)))
            paths[key] = path.as_posix()
        return paths


def install(app: QApplication, mode: Mode = "light") -> Theme:
    """Give `app` its look and return it; a second call only switches the mode."""
    found = app.property("citychainTheme")
    result = found if isinstance(found, Theme) else Theme(app)
    _IN_USE[:] = [result]
    result.apply(mode)
    return result


def theme() -> Theme:
    """Return the running application's look. Raises RuntimeError before `install`."""
    if not _IN_USE:
        raise RuntimeError("the theme is not installed yet")
    return _IN_USE[-1]
