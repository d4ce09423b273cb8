"""Two works side by side, and how alike they are by each method: 疑似 (suspected) only."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from apps.copyright.model import Similar, Work
from apps.copyright.ui.preview import Preview
from apps.copyright.ui.terms import term, tr, work_icon
from console.theme import theme
from console.widgets.basic import Button, Elided, Label, hbox, vbox

STRONG = 0.85
"""From here on a score's bar is in the colour of a warning."""


def method_words(method: str) -> str:
    """What a method compares."""
    return {
        "exact": tr("完全相同"),
        "image": tr("图像"),
        "text": tr("文字"),
        "excerpt": tr("文字摘录"),
        "audio": tr("声音"),
        "video": tr("影像"),
        "iscc": "ISCC",
        "told": tr("申请人所述"),
    }.get(method, method)


def detail_words(detail: str) -> str:
    """A comparison's detail in the language in use; one that is not known is shown as it is."""
    for pattern, words in (
        (r"(\d+/\d+) mirrored", tr("距离 {n}，镜像后")),
        (r"(\d+/\d+)", tr("距离 {n}")),
        (r"(\d+%) alike", tr("{n} 相同")),
        (r"(\d+%) of the shorter text", tr("占较短文字的 {n}")),
        (r"(\d+) of \d+ moments in step", tr("{n} 处同步")),
    ):
        if found := re.fullmatch(pattern, detail):
            return words.format(n=found[1])
    if found := re.fullmatch(r"(\d+) of (\d+) scenes, (.*)", detail):
        return tr("{a}/{b} 个场景，{rest}").format(a=found[1], b=found[2], rest=detail_words(found[3]))
    return detail


class ScoreBar(QWidget):
    """How alike, as a bar."""

    def __init__(self, score: float, width: int = 150) -> None:
        super().__init__()
        self._score = score
        self.setFixedSize(width, 14)
        self.setAccessibleName(f"{score:.0%}")

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("track"))
        painter.drawRoundedRect(QRectF(0, 4, self.width(), 6), 3, 3)
        painter.setBrush(look.colour("warng" if self._score > STRONG else "idleg"))
        painter.drawRoundedRect(QRectF(0, 4, self.width() * max(0.02, self._score), 6), 3, 3)


class ScoreRow(QWidget):
    """One comparison: method, title, bar, score, detail. Signals: `chosen` by a click, Space or Enter."""

    chosen = Signal()

    def __init__(self, one: Similar) -> None:
        super().__init__()
        self.similar = one
        self._current = False
        self.setFixedHeight(32)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(f"{method_words(one.method)} {one.title} {one.score:.0%} {detail_words(one.detail)}")
        row = hbox(self, margins=(8, 0, 8, 0), spacing=10)
        method = Label(method_words(one.method), "caption", "text2")
        method.setFixedWidth(66)
        row.addWidget(method)
        row.addWidget(Elided(one.title, "body"), 1)
        row.addWidget(ScoreBar(one.score, 76))
        score = Label(f"{one.score:.0%}", "caption")
        score.setFixedWidth(42)
        score.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(score)
        row.addWidget(Elided(detail_words(one.detail), "caption", "text2"), 1)

    def set_current(self, current: bool) -> None:
        self._current = current
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.chosen.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.chosen.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._current:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().colour("asoft"))
        painter.drawRoundedRect(QRectF(self.rect()), 6, 6)


class ScoreList(QWidget):
    """Comparisons, best first. Signals: `chosen(Similar)`."""

    chosen = Signal(object)

    def __init__(self, found: Sequence[Similar]) -> None:
        super().__init__()
        column = vbox(self, spacing=2)
        self.rows: list[ScoreRow] = []
        for one in found:
            row = ScoreRow(one)
            row.chosen.connect(lambda row=row: self.choose(row))
            self.rows.append(row)
            column.addWidget(row)
        if self.rows:
            self.rows[0].set_current(True)

    def choose(self, row: ScoreRow) -> None:
        for one in self.rows:
            one.set_current(one is row)
        self.chosen.emit(row.similar)


class SideBySide(QWidget):
    """Your file on the left, an earlier work on the right."""

    def __init__(self, name: str, image: QImage, media_type: str, lines: Sequence[str] = (), *, mine: str = "") -> None:
        super().__init__()
        row = hbox(self, spacing=16)
        self._left = self._column(row, mine or tr("您的文件"), "aline")
        self._right = self._column(row, tr("在先作品"), "warng")
        self._show(self._left, image, work_icon(media_type), [name, *lines])

    def _column(self, row: Any, title: str, border: str) -> tuple[Any, Preview, Any]:
        column = vbox(spacing=5)
        column.addWidget(Label(title, "strong"))
        preview = Preview("image", title, border=border, height=200)
        column.addWidget(preview)
        words = vbox(spacing=2)
        column.addLayout(words)
        column.addStretch(1)
        row.addLayout(column, 1)
        return column, preview, words

    def _show(self, side: tuple[Any, Preview, Any], image: QImage, icon: str, lines: Sequence[str]) -> None:
        from console.widgets.basic import clear

        _, preview, words = side
        preview.set_icon(icon)
        preview.set_image(image)
        clear(words)
        for text in lines:
            words.addWidget(Label(text, "caption", "text2", wrap=True))

    def show_mine(self, work: Work, image: QImage) -> None:
        """Show a deposited work on the left."""
        from console.i18n.formats import when

        lines = [work.title, tr("存证于 {t}").format(t=when(work.created))]
        self._show(self._left, image, work_icon(work.media_type), lines)

    def show_earlier(self, work: Work, image: QImage, go: Callable[[str], None]) -> None:
        """Show an earlier work, with a link to it."""
        from console.i18n.formats import when

        lines = [
            work.title,
            " · ".join(p for p in (work.number, term("categories", work.category)) if p),
            tr("存证于 {t}").format(t=when(work.created)),
        ]
        self._show(self._right, image, work_icon(work.media_type), lines)
        link = Button(tr("打开在先作品"), lambda: go(f"copyright/work/{work.id}"), kind="link", small=True)
        self._right[2].addWidget(link, 0, Qt.AlignmentFlag.AlignLeft)
