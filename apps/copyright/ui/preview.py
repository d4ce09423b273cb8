"""Small pictures of works: of a file here, or of what the content store holds."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QImageReader, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from apps.copyright.model import Work
from apps.copyright.regions import Box
from apps.copyright.service import CopyrightService
from apps.copyright.ui.thumbnails import decoded
from console.theme import theme, tokens, ui_font
from console.widgets.picture import draw_icon

MAX_PREVIEW_BYTES = 40 * 1000 * 1000
EDGE = 720


def read_file(path: Path) -> QImage:
    """Read a picture file at preview size; a null image for what is none."""
    if path.stat().st_size > MAX_PREVIEW_BYTES:
        return QImage()
    return _scaled(QImageReader(str(path)))


def read_work(service: CopyrightService, work: Work, under: str = "") -> QImage:
    """The picture of a work, of a film its first; a null image for what whoever acts may not see, sealed works, other
    media. `under` names the case that lets a registrar see a work that looks like the case's own."""
    return decoded(service.views.large(work, under))


def as_jpeg(image: QImage) -> bytes:
    """A picture as a file, for `regions`."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "JPEG", 90)  # type: ignore[call-overload]
    return bytes(data.data())


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
        self._region: Box | None = None
        self.nothing = ""
        """What is said in the place of a picture that is not shown."""
        self.setMinimumHeight(height)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)

    def set_icon(self, icon: str) -> None:
        """The sign to show when there is no picture."""
        self._icon = icon
        self.update()

    def set_image(self, image: QImage) -> None:
        self._image, self._region = image, None
        self.update()

    def set_region(self, region: Box | None) -> None:
        """Draw a part of the picture: what the other picture shows of it, too. The rest is dimmed."""
        self._region = region
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
            if self.nothing and box.height() > 120:
                painter.setFont(ui_font(tokens.SIZE_CAPTION))
                painter.setPen(look.colour("text3"))
                room = QRectF(box.left() + 12, box.center().y() + 22, box.width() - 24, 40)
                flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
                painter.drawText(room, int(flags), self.nothing)
            return
        room = box.adjusted(4, 4, -4, -4)
        shown = self._image.size().scaled(room.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
        target = QRectF(0, 0, shown.width(), shown.height())
        target.moveCenter(room.center())
        painter.drawImage(target, self._image)
        if self._region is not None:
            self._paint_region(painter, target, self._region)

    def _paint_region(self, painter: QPainter, target: QRectF, region: Box) -> None:
        left, top, right, bottom = region
        part = QRectF(
            target.left() + left * target.width(),
            target.top() + top * target.height(),
            (right - left) * target.width(),
            (bottom - top) * target.height(),
        )
        rest = QPainterPath()
        rest.addRect(target)
        inner = QPainterPath()
        inner.addRect(part)
        painter.fillPath(rest.subtracted(inner), QColor(0, 0, 0, 120))
        for colour, width in ((QColor(0, 0, 0, 160), 4), (QColor(255, 196, 61), 2)):  # seen on any picture
            painter.setPen(QPen(colour, width))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(part.adjusted(1, 1, -1, -1))
