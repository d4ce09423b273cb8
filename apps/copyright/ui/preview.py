"""Small pictures of works: of a file here, or of what the content store holds."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QImageReader, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from apps.copyright.model import Work
from apps.copyright.service import CopyrightService
from console.theme import theme
from console.widgets.picture import draw_icon

MAX_PREVIEW_BYTES = 40 * 1000 * 1000
EDGE = 720


def read_file(path: Path) -> QImage:
    """Read a picture file at preview size; a null image for what is none."""
    if path.stat().st_size > MAX_PREVIEW_BYTES:
        return QImage()
    return _scaled(QImageReader(str(path)))


def read_work(service: CopyrightService, work: Work) -> QImage:
    """Read a stored picture at preview size; a null image for sealed works and other media."""
    if work.encrypted or not work.media_type.startswith("image/") or work.size > MAX_PREVIEW_BYTES:
        return QImage()
    buffer = QBuffer()
    buffer.setData(QByteArray(b"".join(service.read_content(work))))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    return _scaled(QImageReader(buffer))


def _scaled(reader: QImageReader) -> QImage:
    reader.setAutoTransform(True)
    whole = reader.size()
    if whole.isValid() and max(whole.width(), whole.height()) > EDGE:
        reader.setScaledSize(whole.scaled(QSize(EDGE, EDGE), Qt.AspectRatioMode.KeepAspectRatio))
    return reader.read()


class Preview(QWidget):
    """A picture in its frame, or the sign of its medium."""

    def __init__(self, icon: str, name: str, *, border: str = "line", height: int = 200) -> None:
        super().__init__()
        self._icon, self._border = icon, border
        self._image = QImage()
        self.setMinimumHeight(height)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)

    def set_icon(self, icon: str) -> None:
        """The sign to show when there is no picture."""
        self._icon = icon
        self.update()

    def set_image(self, image: QImage) -> None:
        self._image = image
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(look.colour(self._border), 1))
        painter.setBrush(look.colour("sunken"))
        painter.drawRoundedRect(box, 6, 6)
        if self._image.isNull():
            draw_icon(painter, box.center() - QRectF(0, 0, 28, 28).center(), self._icon, "text3", 28)
            return
        room = box.adjusted(4, 4, -4, -4)
        shown = self._image.size().scaled(room.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
        target = QRectF(0, 0, shown.width(), shown.height())
        target.moveCenter(room.center())
        painter.drawImage(target, self._image)
