"""Small parts everything is made of: labels, icons, buttons, lines, chips, hashes to copy."""

from __future__ import annotations

import re
from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QFontMetrics, QGuiApplication, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from console.i18n import tr
from console.i18n.formats import short_hash
from console.i18n.plain import label as plain_label
from console.i18n.plain import one_line, plain, tip
from console.theme import mono_font, theme, tokens, ui_font
from console.theme.fonts import metrics

ROLES: dict[str, tuple[int, bool]] = {
    "display": (tokens.SIZE_DISPLAY, True),
    "page": (tokens.SIZE_PAGE, True),
    "section": (tokens.SIZE_SECTION, True),
    "card": (tokens.SIZE_CARD, True),
    "lead": (tokens.SIZE_CARD, False),
    "body": (tokens.SIZE_BODY, False),
    "strong": (tokens.SIZE_BODY, True),
    "caption": (tokens.SIZE_CAPTION, False),
    "badge": (tokens.SIZE_BADGE, False),
}


WIDEST_LINE = 1040
"""How long the lines of a text that wraps may be, in pixels: longer ones are hard to read on."""


def breakable(text: str) -> str:
    """Return `text` with places (U+200B) where long runs without spaces may break, so that they never widen a page.

    A run breaks after its punctuation where it has some, and within its words only where these are long themselves.
    """
    return _LONG_RUN.sub(lambda run: _LONG_WORD.sub(_broken, _AFTER.sub(rf"\1{_BREAK}", run[0])), text)


def _broken(word: re.Match[str]) -> str:
    return _BREAK.join(word[0][i : i + 8] for i in range(0, len(word[0]), 8))


_BREAK = "\u200b"
_LONG_RUN = re.compile(r"[!-~]{25,}")
_LONG_WORD = re.compile(r"[!-~]{20,}")
_AFTER = re.compile(r"([,;:/}\]|&?=_.-])(?=[^\s,;:/}\]|&?=_.-])")


class Label(QLabel):
    """A text in one of the type roles and tones."""

    def __init__(self, text: str = "", role: str = "body", tone: str = "text", *, wrap: bool = False) -> None:
        super().__init__(breakable(plain(text)) if wrap else plain(text))
        size, bold = ROLES[role]
        self.setFont(ui_font(size, bold=bold))
        self.setProperty("tone", tone)
        self.setWordWrap(wrap)
        self.setTextFormat(Qt.TextFormat.PlainText)
        if wrap:
            self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
            policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
            policy.setHeightForWidth(True)
            self.setSizePolicy(policy)

    def setText(self, text: str) -> None:
        super().setText(breakable(plain(text)) if self.wordWrap() else plain(text))

    def heightForWidth(self, width: int) -> int:
        return super().heightForWidth(min(width, WIDEST_LINE) + self.contentsMargins().right())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.wordWrap() and self.alignment() & Qt.AlignmentFlag.AlignLeft:
            beyond = max(0, self.width() - WIDEST_LINE)
            if self.contentsMargins().right() != beyond:
                self.setContentsMargins(0, 0, beyond, 0)

    def set_tone(self, tone: str) -> None:
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            self.style().unpolish(self)
            self.style().polish(self)


class Elided(Label):
    """A one-line label that shortens itself and tells the whole text in its tooltip."""

    def __init__(self, text: str = "", role: str = "body", tone: str = "text") -> None:
        self._whole, self._more = one_line(text), ""
        super().__init__(self._whole, role, tone)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setMinimumWidth(40)

    def setText(self, text: str) -> None:
        self._whole = one_line(text)
        self._elide()

    def tell(self, more: str) -> None:
        """Say `more` in the tooltip than the line does."""
        self._more = more
        self._elide()

    def sizeHint(self) -> QSize:
        return QSize(QFontMetrics(self.font()).horizontalAdvance(self._whole) + 2, super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        shown = QFontMetrics(self.font()).elidedText(self._whole, Qt.TextElideMode.ElideRight, self.width())
        super().setText(shown)
        self.setToolTip(tip(self._more or self._whole) if self._more or shown != self._whole else "")
        self.setAccessibleName(self._whole)


class ElidedMono(Elided):
    """A one-line fixed-width text that shortens itself; a right click copies the whole."""

    def __init__(self, text: str = "", tone: str = "text", *, bold: bool = False) -> None:
        super().__init__(text, "caption", tone)
        self.setFont(mono_font(bold=bold))
        copy = QAction(tr("复制"), self)
        copy.triggered.connect(lambda: QGuiApplication.clipboard().setText(self._whole))
        self.addAction(copy)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)


class KeyLink(QPushButton):
    """A key of the ledger in fixed-width type that shortens itself and leads to the key's life."""

    def __init__(self, text: str, on_click: Callable[[], object], *, bold: bool = False) -> None:
        super().__init__()
        self._whole = one_line(text)
        self.setProperty("kind", "key")
        self.setFont(mono_font(bold=bold))
        self.setFixedHeight(18)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(tr("键 {key}").format(key=self._whole))
        self.setToolTip(tip(self._whole))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.clicked.connect(lambda: on_click())  # noqa: PLW0108 - drops the checked state

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        shown = QFontMetrics(self.font()).elidedText(self._whole, Qt.TextElideMode.ElideMiddle, self.width() - 2)
        self.setText(plain_label(shown))


class Mono(Label):
    """A fixed-width text that can be selected, or copied whole by its menu when it wraps."""

    def __init__(
        self, text: str = "", tone: str = "text", size: int = tokens.SIZE_CAPTION, *, wrap: bool = False
    ) -> None:
        super().__init__(text, "caption", tone, wrap=wrap)
        self.setFont(mono_font(size))
        if wrap:
            self._whole = text
            copy = QAction(tr("复制"), self)
            copy.triggered.connect(lambda: QGuiApplication.clipboard().setText(self._whole))
            self.addAction(copy)
            self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
            return
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def setText(self, text: str) -> None:
        self._whole = text
        super().setText(text)


class Icon(QWidget):
    """An icon that follows the theme."""

    def __init__(self, name: str, tone: str = "text2", size: int = 16) -> None:
        super().__init__()
        self._name, self._tone, self._size = name, tone, size
        self.setFixedSize(size, size)

    def set(self, name: str, tone: str) -> None:
        self._name, self._tone = name, tone
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.drawPixmap(0, 0, theme().pixmap(self._name, self._tone, self._size, self.devicePixelRatioF()))


class Button(QPushButton):
    """A button; `kind` is plain, primary, danger, link or ghost."""

    def __init__(
        self,
        text: str,
        on_click: Callable[[], object] | None = None,
        *,
        icon: str = "",
        kind: str = "plain",
        small: bool = False,
        name: str = "",
    ) -> None:
        super().__init__(plain_label(text))
        self._icon_name = icon
        self._icon_size = 14 if small else 16
        self.setProperty("kind", kind)
        self.setFont(ui_font(tokens.SIZE_CAPTION if small else tokens.SIZE_BODY, bold=kind == "primary"))
        self.setFixedHeight(tokens.CONTROL_SMALL if small else tokens.CONTROL_HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(name or text)
        self.setAutoDefault(False)
        if kind in {"link", "ghost"}:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        if on_click is not None:
            self.clicked.connect(lambda: on_click())  # noqa: PLW0108 - drops the checked state
        self._refresh_icon()

    def set_kind(self, kind: str) -> None:
        self.setProperty("kind", kind)
        self.style().unpolish(self)
        self.style().polish(self)
        self._refresh_icon()

    def set_icon(self, icon: str) -> None:
        self._icon_name = icon
        self._refresh_icon()

    def setText(self, text: str) -> None:
        super().setText(plain_label(text))
        self._refresh_icon()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._refresh_icon()

    def _refresh_icon(self) -> None:
        if not getattr(self, "_icon_name", ""):
            return
        tone = {"primary": "onfill", "danger": "bad", "link": "accent"}.get(str(self.property("kind")), "text2")
        room = 4 if self.text() else 0
        icon = theme().icon(self._icon_name, tone, self._icon_size, room)
        if self.icon().cacheKey() == icon.cacheKey():
            return
        self.setIcon(icon)
        self.setIconSize(QSize(self._icon_size + room, self._icon_size))


class Link(Button):
    """Words that lead somewhere, at most as wide as an inspector; what is left out stands in the tooltip."""

    def __init__(self, text: str, on_click: Callable[[], object]) -> None:
        whole = one_line(text)
        room = tokens.INSPECTOR_WIDTH - 44
        shown = metrics(tokens.SIZE_CAPTION).elidedText(whole, Qt.TextElideMode.ElideMiddle, room)
        super().__init__(shown, on_click, kind="link", small=True, name=whole)
        self.setToolTip(tip(whole) if shown != whole else "")


class IconButton(Button):
    """A square button with an icon only; `name` is what it is called aloud and in the tooltip."""

    def __init__(self, icon: str, name: str, on_click: Callable[[], object] | None = None, *, size: int = 26) -> None:
        super().__init__("", on_click, icon=icon, kind="ghost", small=True, name=name)
        self.setFixedSize(size, size)
        self.setToolTip(name)


class HashLabel(QWidget):
    """A hash in short form with a button that copies the whole."""

    copied = Signal(str)

    def __init__(self, value: str, shown: str = "", tone: str = "text", what: str = "") -> None:
        super().__init__()
        self._value = value
        row = hbox(self, spacing=4)
        self.text = Mono(shown or short_hash(value), tone)
        self.text.setToolTip(tip(value))
        row.addWidget(self.text)
        self.button = IconButton(
            "copy", tr("复制 {what}").format(what=what or shown or short_hash(value)), self.copy, size=20
        )
        row.addWidget(self.button)
        row.addStretch(1)

    def copy(self) -> None:
        """Put the whole value on the clipboard and show for a moment that it is there."""
        QGuiApplication.clipboard().setText(self._value)
        self.button.set_icon("check")
        QTimer.singleShot(1200, self.button, lambda: self.button.set_icon("copy"))
        self.copied.emit(self._value)


class Chip(QWidget):
    """A pill or tag: soft ground, icon, word. `outline` makes it a tag with a border."""

    def __init__(self, text: str, tone: str = "text2", icon: str = "", *, outline: bool = False) -> None:
        super().__init__()
        self._text, self._tone, self._icon, self._outline = one_line(text), tone, icon, outline
        self.setFont(ui_font(tokens.SIZE_CAPTION if not outline else tokens.SIZE_BADGE))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)

    def set(self, text: str, tone: str, icon: str = "") -> None:
        self._text, self._tone, self._icon = one_line(text), tone, icon
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        width = QFontMetrics(self.font()).horizontalAdvance(self._text) + (12 if self._outline else 16)
        return QSize(width + (17 if self._icon else 0), 18 if self._outline else 20)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        soft = {"ok": "oksoft", "warn": "warnsoft", "bad": "badsoft", "violet": "violetsoft", "accent": "asoft"}
        if self._outline:
            painter.setPen(QPen(look.colour("aline" if self._tone == "accent" else "btn"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, 4, 4)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.colour(soft.get(self._tone, "track")))
            painter.drawRoundedRect(box, 10, 10)
        left = 6.0 if self._outline else 8.0
        if self._icon:
            picture = look.pixmap(self._icon, self._tone, 13, self.devicePixelRatioF())
            painter.drawPixmap(QPointF(left, (self.height() - 13) / 2), picture)
            left += 17
        painter.setPen(look.colour(self._tone))
        painter.setFont(self.font())
        painter.drawText(QRectF(left, 0, self.width() - left, self.height()), Qt.AlignmentFlag.AlignVCenter, self._text)


class Status(QWidget):
    """Icon and word. Calm rule: for ok, info and off only the icon is coloured; warn and bad colour the word too."""

    def __init__(
        self, text: str, state: str = "ok", *, size: int = 14, role: str = "caption", wrap: bool = False
    ) -> None:
        super().__init__()
        row = hbox(self, spacing=5)
        self._icon = Icon(*STATE_ICONS[state], size)
        self._label = Label(text, role, _word_tone(state), wrap=wrap)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop if wrap else Qt.AlignmentFlag(0))
        row.addWidget(self._label, 1 if wrap else 0)
        self.setAccessibleName(text)

    def set(self, text: str, state: str) -> None:
        self._icon.set(*STATE_ICONS[state])
        self._label.setText(text)
        self._label.set_tone(_word_tone(state))
        self.setAccessibleName(text)


STATE_ICONS: dict[str, tuple[str, str]] = {
    "ok": ("ok", "ok"),
    "warn": ("warn", "warn"),
    "bad": ("bad", "bad"),
    "off": ("off", "text3"),
    "none": ("none", "text3"),
    "busy": ("busy", "accent"),
    "wait": ("clock", "text2"),
    "info": ("info", "accent"),
}


def _word_tone(state: str) -> str:
    return state if state in {"warn", "bad"} else "text2"


def line(*, vertical: bool = False) -> QFrame:
    """Return a divider."""
    result = QFrame()
    result.setProperty("surface", "vline" if vertical else "line")
    return result


def frame(surface: str) -> QFrame:
    """Return an empty frame on one of the surfaces of the style sheet."""
    result = QFrame()
    result.setProperty("surface", surface)
    return result


def set_surface(widget: QFrame, surface: str) -> None:
    """Change the ground of a frame."""
    if widget.property("surface") != surface:
        widget.setProperty("surface", surface)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def hbox(
    parent: QWidget | None = None, *, margins: tuple[int, int, int, int] = (0, 0, 0, 0), spacing: int = 8
) -> QHBoxLayout:
    """Return a row without surprises in its margins."""
    result = QHBoxLayout(parent) if parent is not None else QHBoxLayout()
    result.setContentsMargins(*margins)
    result.setSpacing(spacing)
    return result


def vbox(
    parent: QWidget | None = None, *, margins: tuple[int, int, int, int] = (0, 0, 0, 0), spacing: int = 8
) -> QVBoxLayout:
    """Return a column without surprises in its margins."""
    result = QVBoxLayout(parent) if parent is not None else QVBoxLayout()
    result.setContentsMargins(*margins)
    result.setSpacing(spacing)
    return result


def clear(layout: QLayout) -> None:
    """Take everything out of a layout and let it go."""
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        inner = item.layout()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        elif inner is not None:
            clear(inner)
