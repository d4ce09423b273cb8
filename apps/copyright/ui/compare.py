"""Two works side by side, and how alike they are by each method: 疑似 (suspected) only."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from apps.copyright.model import Similar, Work
from apps.copyright.regions import WHOLE, Region, region
from apps.copyright.ui.preview import Preview, as_jpeg, read_work
from apps.copyright.ui.terms import term, tr, work_icon
from console.theme import theme
from console.widgets.basic import Button, Elided, Label, hbox, vbox

if TYPE_CHECKING:
    from apps.copyright.service import CopyrightService

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


def beside(service: CopyrightService, mine: QImage, work: Work) -> tuple[QImage, Region | None]:
    """The picture of a work, and what it has in common with the picture of a file here; in a worker."""
    image = read_work(service, work)
    return image, None if mine.isNull() or image.isNull() else region(as_jpeg(mine), as_jpeg(image))


class SideBySide(QWidget):
    """Your file on the left, an earlier work on the right, and on both what they have in common.

    `height` is the pictures', in pixels. A click, or the button below them, shows both as large as the screen allows.
    """

    def __init__(
        self,
        name: str,
        image: QImage,
        media_type: str,
        lines: Sequence[str] = (),
        *,
        mine: str = "",
        height: int = 240,
        enlarges: bool = True,
    ) -> None:
        super().__init__()
        column = vbox(self, spacing=8)
        row = hbox(spacing=16)
        column.addLayout(row)
        self._height, self._mine = height, mine or tr("您的文件")
        self._left = self._column(row, self._mine, "aline")
        self._right = self._column(row, tr("在先作品"), "warng")
        self.common = Label("", "caption", "text2", wrap=True)
        self.common.hide()
        column.addWidget(self.common)
        self.larger = Button(tr("放大对照"), self.enlarge, icon="search", small=True)
        self.larger.setVisible(False)
        self._enlarges = enlarges
        column.addWidget(self.larger, 0, Qt.AlignmentFlag.AlignLeft)
        self._said: dict[int, tuple[QImage, str, list[str]]] = {}
        self._region: Region | None = None
        self._show(self._left, image, media_type, [name, *lines])

    def _column(self, row: Any, title: str, border: str) -> tuple[Any, Preview, Any]:
        column = vbox(spacing=5)
        column.addWidget(Label(title, "strong"))
        preview = Preview("image", title, border=border, height=self._height)
        column.addWidget(preview)
        words = vbox(spacing=2)
        column.addLayout(words)
        column.addStretch(1)
        row.addLayout(column, 1)
        return column, preview, words

    def _show(self, side: tuple[Any, Preview, Any], image: QImage, media_type: str, lines: Sequence[str]) -> None:
        from console.widgets.basic import clear

        _, preview, words = side
        self._said[id(preview)] = (image, media_type, list(lines))
        preview.set_icon(work_icon(media_type))
        preview.set_image(image)
        seen = media_type.startswith(("image/", "video/"))
        preview.nothing = tr("没有可显示的图片：只有权利人、被许可人和办案的登记员可以看到内容。") if seen else ""
        clear(words)
        for text in lines:
            words.addWidget(Label(text, "caption", "text2", wrap=True))
        images = [one for one, _, _ in self._said.values()]
        self.larger.setVisible(self._enlarges and len(images) > 1 and not all(one.isNull() for one in images))

    def show_mine(self, work: Work, image: QImage) -> None:
        """Show a deposited work on the left."""
        from console.i18n.formats import when

        lines = [work.title, tr("存证于 {t}").format(t=when(work.created))]
        self._show(self._left, image, work.media_type, lines)

    def show_earlier(self, work: Work, image: QImage, go: Callable[[str], None]) -> None:
        """Show an earlier work, with a link to it; what both have in common is not known yet."""
        from console.i18n.formats import when

        self.show_region(None)
        lines = [
            work.title,
            " · ".join(p for p in (work.number, term("categories", work.category)) if p),
            tr("存证于 {t}").format(t=when(work.created)),
        ]
        self._show(self._right, image, work.media_type, lines)
        link = Button(tr("打开在先作品"), lambda: go(f"copyright/work/{work.id}"), kind="link", small=True)
        self._right[2].addWidget(link, 0, Qt.AlignmentFlag.AlignLeft)

    def show_region(self, region: Region | None) -> None:
        """Draw in both pictures what they have in common; None where that is not known."""
        self._region = region
        boxes = (region.left, region.right) if region is not None else (None, None)
        for side, box in zip((self._left, self._right), boxes, strict=True):
            side[1].set_region(box if box != WHOLE else None)
        words = ""
        if region is not None:
            words = tr("两图整幅相同") if region.left == region.right == WHOLE else tr("框内为两图相同的部分")
            words += tr("，左右相反") if region.mirrored else ""
        self.common.setText(words)
        self.common.setVisible(bool(words))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.larger.isVisible():
            self.enlarge()

    def enlarge(self) -> None:
        """Both pictures in a window of their own."""
        from console.widgets.dialogs import Message

        room = self.screen().availableGeometry()
        dialog = Message(self, tr("放大对照"), "")
        (image, media_type, lines), right = self._said[id(self._left[1])], self._said[id(self._right[1])]
        pair = SideBySide(
            lines[0],
            image,
            media_type,
            lines[1:],
            mine=self._mine,
            height=max(320, room.height() - 360),
            enlarges=False,
        )
        pair._show(pair._right, *right)
        pair.show_region(self._region)
        dialog.body.addWidget(pair, 1)
        dialog.setMinimumWidth(min(1400, room.width() - 80))
        dialog.open()
