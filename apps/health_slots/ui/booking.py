"""Booking a slot for a resident at the desk: the identity goes to the hospital's private collection only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QLabel

from apps.health_slots.model import APPOINTMENT_TITLES, Appointment
from apps.health_slots.services.bookings import Identity
from apps.health_slots.ui.words import stamp, tr
from baas.errors import Conflict
from console.i18n import say
from console.shell.inspector import Inspected
from console.widgets.basic import Button, HashLabel, Label, Status, clear, vbox
from console.widgets.facts import Facts, Section
from console.widgets.forms import Form, choice_field, text_field
from console.widgets.states import Note
from network.text import Text

if TYPE_CHECKING:
    from apps.health_slots.model import SessionRow, SlotRow
    from apps.health_slots.ui.page import SlotsPage
    from network.errors import CityChainError


def booking_panel(page: SlotsPage, session: SessionRow, slot: SlotRow) -> Inspected:
    """Return the inspector for one slot: facts, then the form or the appointment."""
    panel = Inspected(
        f"{session.department_name} {slot.number:03d}", f"{session.hospital_name} · {session.doctor_name}"
    )
    panel.setProperty("inspectorWidth", 344)
    facts = Facts(64)
    facts.add(tr("时间"), stamp(slot.begins_at, "%Y-%m-%d %H:%M"))
    facts.add(tr("费用"), tr("{n} 元").format(n=f"{session.fee / 100:.2f}"))
    facts.add(tr("创建"), stamp(slot.created_at, "%Y-%m-%d %H:%M"))
    facts.add(tr("截止"), stamp(slot.closes_at, "%Y-%m-%d %H:%M"))
    facts.add_hash(tr("编号"), slot.id, slot.id)
    panel.add(Section(first=True).add(facts))
    if slot.state == "free" and page.context.platform.session.allows("slots.book"):
        panel.add(BookingForm(page, slot))
    else:
        panel.add(_Appointments(page, slot))
    return panel


class BookingForm(Section):
    """Who the resident is, then one press."""

    def __init__(self, page: SlotsPage, slot: SlotRow) -> None:
        super().__init__(tr("为居民预约"))
        self._page, self._slot = page, slot
        self.form = Form()
        self.form.add("name", text_field(tr("姓名"), required=True))
        self.form.add(
            "type",
            choice_field(
                tr("证件类型"),
                [
                    ("id-card", tr("居民身份证")),
                    ("passport", tr("护照")),
                    ("other", tr("其他")),
                ],
            ),
        )
        self.form.add("document", text_field(tr("证件号码"), required=True))
        self.form.add("phone", text_field(tr("手机"), required=True))
        self.add(self.form)
        self.add(Note(tr("姓名、证件和手机只存入这家医院的私有集合，账本上只有假名。")))
        self.book_button = Button(tr("预约"), self.book, kind="plain", icon="check")
        self.book_button.setEnabled(False)
        self.add(self.book_button)
        self.result = vbox(spacing=8)
        self.body.addLayout(self.result)
        self.form.edited.connect(lambda: self.book_button.setEnabled(not self.form.missing()))

    def book(self) -> None:
        """Deposit the identity at the hospital and book the slot, as one job."""
        service, slot = self._page.service, self._slot
        if service is None:
            return
        who = Identity(self.form["name"], self.form["type"], self.form["document"], self.form["phone"])
        hospital = slot.session.partition(".")[0]

        def run(*, ctx: Any) -> Appointment:
            ctx.step("resident", Text("登记居民（私有集合）", "Keep the resident privately"))
            resident = service.bookings.deposit(hospital, who)
            ctx.check_cancelled()
            ctx.step("book", Text("预约 {s}", "Book {s}", s=slot.id))
            return service.bookings.book(slot.id, resident)

        self.book_button.setEnabled(False)
        view = self._page.context.job(
            run,
            title=Text("预约 {s}", "Book {s}", s=slot.id),
            network=self._page.context.network,
            done=self._booked,
            failed=self._refused,
        )
        view.cancelled.connect(lambda: self.book_button.setEnabled(True))

    def _booked(self, appointment: Appointment) -> None:
        self._page.context.notice(tr("已预约 {id}").format(id=appointment.slot))
        self.form.hide()
        self.book_button.hide()
        clear(self.result)
        show_appointment(self._page, appointment, self.result)
        self._page.search.search()

    def _refused(self, error: CityChainError) -> None:
        self.book_button.setEnabled(True)
        clear(self.result)
        self.result.addWidget(Status(say(error.message), "bad", role="body"))
        if error.hint:
            self.result.addWidget(Label(say(error.hint), "caption", "text2", wrap=True))
        if isinstance(error, Conflict):
            self._page.search.search()


class _Appointments(Section):
    """Who has the slot, by pseudonym."""

    def __init__(self, page: SlotsPage, slot: SlotRow) -> None:
        super().__init__(tr("预约记录"))
        service = page.service
        self._column = vbox(spacing=8)
        self.body.addLayout(self._column)
        if service is None:
            return

        def show(found: tuple[Appointment, ...]) -> None:
            if not found:
                self._column.addWidget(Label(tr("没有预约"), "body", "text2"))
            for appointment in found[:3]:
                show_appointment(page, appointment, self._column)

        page.context.tasks.fetch(
            lambda: service.index.appointments(slot=slot.id), show, page.banner.show_error, owner=self
        )


def show_appointment(page: SlotsPage, appointment: Appointment, into: Any) -> None:
    """Show an appointment with what can be done with it."""
    service = page.service
    state = say(APPOINTMENT_TITLES.get(appointment.state, Text(appointment.state, appointment.state)))
    into.addWidget(
        Status(state, "ok" if appointment.state in {"booked", "checked-in", "fulfilled"} else "none", role="body")
    )
    facts = Facts(64)
    facts.add_hash(tr("预约号"), appointment.id, appointment.id[:18])
    facts.add_hash(tr("居民假名"), appointment.resident, f"{appointment.resident[:6]}…{appointment.resident[-4:]}")
    if appointment.tx_id:
        facts.add(tr("交易"), HashLabel(appointment.tx_id))
    into.addWidget(facts)
    if appointment.state != "booked" or service is None or not page.context.platform.session.allows("slots.book"):
        return
    code = Button(tr("出示取号码"), icon="key", small=True)
    into.addWidget(code)
    picture = QLabel()
    picture.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    picture.setAccessibleName(tr("取号二维码"))
    picture.hide()
    into.addWidget(picture)

    def show(text: str) -> None:
        picture.setPixmap(qr_code(text))
        picture.show()

    code.clicked.connect(
        lambda: page.context.tasks.fetch(
            lambda: service.bookings.issue_code(appointment.id), show, page.banner.show_error, owner=picture
        )
    )
    into.addWidget(
        Button(
            tr("退号…"),
            lambda: page.change(
                lambda: service.bookings.cancel(appointment.id),
                Text("退号 {a}", "Cancel {a}", a=appointment.id),
                tr("已退号，号源转给候补"),
            ),
            kind="danger",
            small=True,
        )
    )


def qr_code(text: str, scale: int = 4) -> QPixmap:
    """Return `text` as a QR code, black on white in either theme, because scanners want it so."""
    import io

    import segno

    buffer = io.BytesIO()
    segno.make(text, error="m").save(buffer, kind="png", scale=scale, border=2)
    result = QPixmap()
    result.loadFromData(QByteArray(buffer.getvalue()))
    return result
