"""取号: the resident's code as a picture, and the desk's field for a scanner or a pasted code."""

from __future__ import annotations

import io
import time
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QPixmap
from PySide6.QtWidgets import QLabel

from apps.health_slots.services.lists import VisitRow
from apps.health_slots.ui.phrases import stamp, tr
from console.i18n import say
from console.widgets.basic import Button, Label, Status, clear, hbox, vbox
from console.widgets.card import Card
from console.widgets.facts import Section
from console.widgets.forms import text_field
from console.widgets.signing import signs
from network.errors import CityChainError
from network.text import Text

if TYPE_CHECKING:
    from apps.health_slots.ui.page import SlotsPage

CODE_SECONDS = 300


def qr_code(text: str, scale: int = 4) -> QPixmap:
    """Return `text` as a QR code, black on white in either theme, because scanners want it so."""
    import segno

    buffer = io.BytesIO()
    segno.make(text, error="m").save(buffer, kind="png", scale=scale, border=2)
    result = QPixmap()
    result.loadFromData(QByteArray(buffer.getvalue()))
    return result


class CodeSection(Section):
    """Makes the signed code of a booked appointment and shows it until it runs out."""

    def __init__(self, page: SlotsPage, visit: VisitRow) -> None:
        super().__init__(tr("取号码"), tr("签名，限时，只能用一次"))
        self._page, self._visit = page, visit
        self.code = ""
        self._until = 0.0
        self.show_button = Button(tr("出示取号码"), self.issue, icon="key", small=True)
        self.picture = QLabel()
        self.picture.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.picture.setAccessibleName(tr("取号二维码"))
        self.picture.hide()
        self.left = Label("", "caption", "text2")
        self.left.hide()
        self.copy_button = Button(tr("复制码"), self._copy, icon="copy", small=True)
        self.copy_button.hide()
        self.add(self.picture)
        self.add(self.left)
        row = hbox()
        row.addWidget(self.show_button)
        row.addWidget(self.copy_button)
        row.addStretch(1)
        self.body.addLayout(row)
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self._tick)

    def issue(self) -> None:
        """Sign a fresh code."""
        service = self._page.service
        if service is not None:
            visit = self._visit
            self.show_button.setEnabled(False)
            self._page.context.tasks.fetch(
                lambda: service.bookings.issue_code(visit.id, seconds=CODE_SECONDS),
                self._show,
                self._refused,
                owner=self,
            )

    def _refused(self, error: CityChainError) -> None:
        self.show_button.setEnabled(True)
        self._page.banner.show_error(error)

    def _show(self, code: str) -> None:
        self.code = code
        self._until = time.monotonic() + CODE_SECONDS
        self.picture.setPixmap(qr_code(code))
        self.picture.show()
        self.left.show()
        self.copy_button.show()
        self.show_button.setText(tr("换一个"))
        self.show_button.setEnabled(True)
        self._tick()
        self._timer.start()

    def _tick(self) -> None:
        left = int(self._until - time.monotonic())
        if left > 0:
            self.left.setText(tr("{m}:{s} 内有效").format(m=left // 60, s=f"{left % 60:02d}"))
            return
        self._timer.stop()
        self.code = ""
        self.picture.hide()
        self.copy_button.hide()
        self.left.setText(tr("已过期，请换一个"))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.code)
        self.copy_button.set_icon("check")


class CheckInCard(Card):
    """The field that a scanner types into: a code and Enter.

    Signals: `checked_in(appointment)`.
    """

    checked_in = Signal(str)

    def __init__(self, page: SlotsPage) -> None:
        super().__init__(tr("取号"), tr("扫描居民的二维码，或粘贴码后按回车"))
        self._page = page
        row = hbox(spacing=8)
        self.field = text_field(tr("取号码"), placeholder="CC1.…")
        row.addWidget(self.field, 1)
        self.button = Button(tr("取号"), self.check_in, icon="check")
        signs(self.button, page.signs_as("staff"))
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignBottom)
        editor: Any = self.field.editor
        editor.returnPressed.connect(self.check_in)
        self.add(row)
        self._result = vbox(spacing=4)
        self.add(self._result)
        self._tell(tr("码里已含预约号，不必先找预约。"), "info")

    def check_in(self) -> None:
        """Check in whoever the code names."""
        service, code = self._page.service, self.field.value
        if service is None or not code:
            self.field.editor.setFocus()
            return
        self.button.setEnabled(False)
        asked = self._page.change(
            lambda: service.bookings.check_in_by_code(code, self._page.hospital),
            Text("取号", "Check in"),
            done=self._done,
            failed=self._refused,
        )
        if not asked:
            self.button.setEnabled(True)

    def _done(self, result: tuple[str, Any]) -> None:
        appointment, receipt = result
        self.button.setEnabled(True)
        self.field.set_value("")
        self.field.editor.setFocus()
        service = self._page.service
        visit = service.lists.visit(appointment) if service is not None else None
        if visit is not None:
            words = tr("已取号：{dept} {n} 号，{when}").format(
                dept=visit.department, n=f"{visit.number:03d}", when=stamp(visit.begins_at)
            )
        else:
            words = tr("已取号：{a}").format(a=appointment)
        self._tell(words, "ok", tr("写入区块 {n}").format(n=receipt.block))
        self.checked_in.emit(appointment)

    def _refused(self, error: CityChainError) -> None:
        self.button.setEnabled(True)
        editor: Any = self.field.editor
        editor.selectAll()
        editor.setFocus()
        self._tell(say(error.message), "bad", say(error.hint or ""))

    def _tell(self, words: str, state: str, note: str = "") -> None:
        clear(self._result)
        self._result.addWidget(Status(words, state, role="body" if state != "info" else "caption", wrap=True))
        if note:
            self._result.addWidget(Label(note, "caption", "text2", wrap=True))
