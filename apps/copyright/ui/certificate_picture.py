"""A small picture of the certificate: its fields as the ledger has them, for recognition; the PDF is the document."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from apps.copyright.model import Registration, Work
from apps.copyright.ui.terms import label, term, tr
from chaincode.copyright import kinds
from console.theme import serif_font, ui_font

PAPER, INK, GOLD, SOFT = QColor("#FFFDF8"), QColor("#1A212C"), QColor("#B9995A"), QColor("#6B6250")


class CertificatePicture(QWidget):
    """Paper is white in either theme."""

    def __init__(self, work: Work, registration: Registration) -> None:
        super().__init__()
        record = registration.record
        owners = tr("、").join(str(o.get("name", "")) for o in record.get("owners", ()))
        authors = tr("、").join(str(a.get("signature") or a.get("name", "")) for a in work.record.get("authors", ()))
        completed = (work.record.get("completed") or {}).get("date", "")
        self._number = registration.number
        self._rows = [
            (tr("作品名称"), work.title),
            (tr("作品类别"), term("categories", work.category)),
            (tr("作者"), authors),
            (tr("著作权人"), owners),
            (tr("创作性质"), term("creation_kinds", work.creation_kind)),
            (tr("完成日期"), str(completed)),
            (label(kinds.Registration.registered), str(record.get("registered", ""))),
        ]
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(270)
        self.setAccessibleName(
            tr("证书 {n}：").format(n=registration.number) + ", ".join(f"{k} {v}" for k, v in self._rows)
        )

    def sizeHint(self) -> QSize:
        return QSize(300, 270)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        page = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(QColor("#D9D2C2"), 1))
        painter.setBrush(PAPER)
        painter.drawRect(page)
        painter.setPen(QPen(GOLD, 1))
        painter.drawRect(page.adjusted(8, 8, -8, -8))
        inner = page.adjusted(22, 22, -22, -18)
        painter.setPen(INK)
        painter.setFont(serif_font(19, bold=True))
        centre = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
        painter.drawText(inner, centre, tr("作品登记证书"))
        painter.setFont(ui_font(11))
        painter.setPen(SOFT)
        painter.drawText(inner.adjusted(0, 32, 0, 0), centre, self._number)
        painter.setPen(QPen(QColor("#E4DCCB"), 1))
        painter.drawLine(
            inner.topLeft() + QRectF(0, 56, 0, 0).topLeft(), inner.topRight() + QRectF(0, 56, 0, 0).topLeft()
        )
        y = inner.top() + 66
        for key, value in self._rows:
            painter.setPen(SOFT)
            painter.drawText(QRectF(inner.left(), y, 70, 20), Qt.AlignmentFlag.AlignVCenter, key)
            painter.setPen(INK)
            metrics = painter.fontMetrics()
            shown = metrics.elidedText(value or "—", Qt.TextElideMode.ElideRight, int(inner.width() - 78))
            painter.drawText(QRectF(inner.left() + 76, y, inner.width() - 76, 20), Qt.AlignmentFlag.AlignVCenter, shown)
            y += 21
