"""Looking at films and listening to sounds: stills and outline here, played by Qt where it can, else by the system.

The console's package has no QtMultimedia (it would double its size); where somebody has installed it, films and sounds
play in the page. Stills and outlines are made by the worker and need nothing.
"""

from __future__ import annotations

import importlib.util
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRectF, QSize, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from apps.copyright.ui.terms import tr
from apps.copyright.ui.thumbnails import decoded
from console.theme import theme, tokens, ui_font
from console.widgets.basic import Button, Label, hbox
from console.widgets.card import Card
from console.widgets.picture import Picture, Spot
from network.text import Text

if TYPE_CHECKING:
    from apps.copyright.model import Work
    from apps.copyright.ui.page import CopyrightPage
    from apps.copyright.views import Seen

_STILL = QSize(150, 84)
_GAP = 8
_SUFFIXES = {"audio/mpeg": ".mp3", "audio/mp4": ".m4a", "audio/x-wav": ".wav", "video/x-matroska": ".mkv"}


def can_play() -> bool:
    """Whether Qt's player is installed beside the console."""
    return importlib.util.find_spec("PySide6.QtMultimedia") is not None


def clock_words(seconds: float) -> str:
    """Minutes and seconds, with hours where there are any."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class Stills(Picture):
    """Pictures of a film in a row that breaks where the page ends; each says at which second it is."""

    def __init__(self, seen: Seen) -> None:
        super().__init__(tr("影片画面"))
        self._images = [decoded(one) for one in seen.pictures]
        self._seconds = seen.seconds
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(_STILL.width())
        self._place(_STILL.width())

    def _place(self, width: int) -> None:
        across = max(1, (width + _GAP) // (_STILL.width() + _GAP))
        self.spots = []
        for at, second in enumerate(self._seconds):
            left, top = (at % across) * (_STILL.width() + _GAP), (at // across) * (_STILL.height() + 26)
            box = QRectF(left, top, _STILL.width(), _STILL.height() + 20)
            self.spots.append(Spot(str(at), box, clock_words(second)))
        rows = -(-len(self._seconds) // across)
        self.setFixedHeight(max(1, rows) * (_STILL.height() + 26))

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._place(event.size().width())

    def image(self, which: str) -> QImage:
        """One of the pictures."""
        return self._images[int(which)]

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        painter.setFont(ui_font(tokens.SIZE_CAPTION))
        for spot, image in zip(self.spots, self._images, strict=True):
            frame = QRectF(spot.box.topLeft(), spot.box.bottomRight()).adjusted(0, 0, 0, -20)
            painter.fillRect(frame, look.colour("sunken"))
            shown = image.size().scaled(_STILL, Qt.AspectRatioMode.KeepAspectRatio)
            target = QRectF(0, 0, shown.width(), shown.height())
            target.moveCenter(frame.center())
            painter.drawImage(target, image)
            if spot.id == self.current:
                painter.setPen(QPen(look.colour("fill"), 2))
                painter.drawRect(frame.adjusted(1, 1, -1, -1))
            painter.setPen(look.colour("text2"))
            under = QRectF(frame.left(), frame.bottom() + 2, frame.width(), 18)
            painter.drawText(under, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, spot.spoken)


class Outline(QWidget):
    """How loud a sound is over its length."""

    def __init__(self, seen: Seen) -> None:
        super().__init__()
        self._peaks, self._duration = seen.peaks, seen.duration
        self.setFixedHeight(92)
        self.setAccessibleName(tr("声音波形，长 {t}").format(t=clock_words(seen.duration)))

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = QRectF(self.rect()).adjusted(0, 0, 0, -20)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("sunken"))
        painter.drawRoundedRect(room, 6, 6)
        painter.setBrush(look.colour("plot"))
        step = room.width() / max(1, len(self._peaks))
        for at, peak in enumerate(self._peaks):
            high = max(1.0, peak / 255 * (room.height() - 8))
            painter.drawRect(QRectF(at * step, room.center().y() - high / 2, max(1.0, step * 0.7), high))
        painter.setPen(look.colour("text2"))
        painter.setFont(ui_font(tokens.SIZE_CAPTION))
        under = QRectF(0, room.bottom() + 2, room.width(), 18)
        painter.drawText(under, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, "0:00")
        end = clock_words(self._duration)
        painter.drawText(under, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, end)


class MediaCard(Card):
    """A film or a sound on its work's page: what is in it at a glance, and the way to play it."""

    def __init__(self, page: CopyrightPage, work: Work) -> None:
        super().__init__(tr("试看试听"))
        self._page, self._work = page, work
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self.seen_as: Stills | Outline | None = None
        self.waiting = Label(tr("正在取画面…"), "caption", "text2")
        self.add(self.waiting)
        row = hbox(spacing=10)
        built_in = can_play()
        self.play = Button(tr("播放") if built_in else tr("用系统播放器打开"), self.start, icon="play", small=True)
        row.addWidget(self.play)
        if not built_in:
            words = tr("本程序包不含播放组件，由系统的播放器打开；可能需要它支持此格式。")
            row.addWidget(Label(words, "caption", "text2", wrap=True), 1)
        else:
            row.addStretch(1)
        self.body.addLayout(row)
        self.destroyed.connect(self._forget)
        service = page.service
        page.context.tasks.fetch(lambda: service.views.stills(work), self._show, self._failed, owner=self)

    def _show(self, seen: Seen) -> None:
        if seen.pictures:
            self.seen_as = Stills(seen)
        elif seen.peaks:
            self.seen_as = Outline(seen)
        if self.seen_as is None:
            self.waiting.setText(tr("没有可显示的画面：您无权查看，或文件不在这里，或无法解码。"))
            self.play.setEnabled(False)
            return
        self.body.replaceWidget(self.waiting, self.seen_as)
        self.waiting.hide()

    def _failed(self, error: object) -> None:
        del error
        self.waiting.setText(tr("现在取不到画面，请稍后再试。"))

    def start(self) -> None:
        """Write the content to a file of its own, which goes with this card, and play it."""
        service, work = self._page.service, self._work
        self._forget()
        self._folder = tempfile.TemporaryDirectory(prefix="citychain-play-", ignore_cleanup_errors=True)
        media_type = work.media_type.partition(";")[0]
        path = Path(self._folder.name) / f"{work.id}{_SUFFIXES.get(media_type, '.' + media_type.partition('/')[2])}"

        def write(*, ctx: Any) -> Path:
            ctx.step("read", Text("取出 {t}", "Take out {t}", t=work.title))
            with path.open("wb") as file:
                for piece in service.read_content(work):
                    ctx.check_cancelled()
                    file.write(piece)
            return path

        title = Text("取出 {t}", "Take out {t}", t=work.title)
        self._page.context.job(write, title=title, done=self._play, failed=self._page.banner.show_error)

    def _play(self, path: Path) -> None:
        if can_play():
            self._play_here(path)
        elif not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            self._page.context.notice(tr("系统没有打开此文件的程序；可用“取出文件”另存。"), "warn")

    def _play_here(self, path: Path) -> None:
        from PySide6.QtMultimedia import QAudioOutput, QMediaPlayer

        player = QMediaPlayer(self)
        player.setAudioOutput(QAudioOutput(player))
        if self._work.media_type.startswith("video/"):
            from PySide6.QtMultimediaWidgets import QVideoWidget

            screen = QVideoWidget()
            screen.setMinimumHeight(320)
            player.setVideoOutput(screen)
            self.body.insertWidget(0, screen)
        player.setSource(QUrl.fromLocalFile(str(path)))
        stop = Button(tr("停止"), player.stop, icon="stop", small=True)
        self.body.addWidget(stop, 0, Qt.AlignmentFlag.AlignLeft)
        player.play()

    def _forget(self, *_: object) -> None:
        folder, self._folder = self._folder, None
        if folder is not None:
            folder.cleanup()


def media_card(page: CopyrightPage, work: Work) -> MediaCard | None:
    """The card of a film or a sound; None for other works and sealed ones, which are opened with their key."""
    if work.encrypted or not work.media_type.startswith(("audio/", "video/")):
        return None
    return MediaCard(page, work)
