"""Booking a slot for the resident at the desk: hold it while they decide, or book it at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from apps.health_slots import permissions
from apps.health_slots.model import Appointment
from apps.health_slots.services.lists import VisitRow
from apps.health_slots.ui.families import ask_guardian
from apps.health_slots.ui.phrases import appointment_word, short_name, stamp, tr, yuan
from apps.health_slots.ui.resident import ask_new, no_resident_note, title_of
from baas.errors import Conflict
from console.i18n import say
from console.shell.inspector import Inspected
from console.widgets.basic import Button, Label, Status, clear, hbox, vbox
from console.widgets.facts import Facts, Section
from console.widgets.signing import SignLine, signs
from console.widgets.states import Note
from network.text import Text

if TYPE_CHECKING:
    from apps.health_slots.model import SessionRow, SlotRow
    from apps.health_slots.services.bookings import Bookings
    from apps.health_slots.ui.page import SlotsPage
    from network.errors import CityChainError


def booking_panel(page: SlotsPage, session: SessionRow, slot: SlotRow) -> Inspected:
    """Return the inspector for one slot: facts, then the booking or who has it."""
    panel = Inspected(f"{session.department_name} {slot.number:03d}", f"{session.house} · {session.doctor_name}")
    panel.setProperty("inspectorWidth", 344)
    facts = Facts(64)
    facts.add(tr("时间"), stamp(slot.begins_at, "%Y-%m-%d %H:%M"))
    facts.add(tr("费用"), yuan(session.fee))
    facts.add(tr("创建"), stamp(slot.created_at, "%Y-%m-%d %H:%M"))
    facts.add(tr("截止"), stamp(slot.closes_at, "%Y-%m-%d %H:%M"))
    facts.add_hash(tr("编号"), slot.id, slot.id)
    panel.add(Section(first=True).add(facts))
    if slot.state == "free" and page.context.platform.session.allows(permissions.BOOK):
        panel.add(BookingSection(page, slot))
    else:
        panel.add(_Appointments(page, slot))
    return panel


class BookingSection(Section):
    """Who it is for, then hold or book."""

    def __init__(self, page: SlotsPage, slot: SlotRow) -> None:
        super().__init__(tr("为居民预约"))
        self._page, self._slot = page, slot
        self._guardian = ""
        self._who = vbox(spacing=8)
        self.body.addLayout(self._who)
        row = hbox()
        self.book_button = Button(tr("预约"), self.book, icon="check")
        self.hold_button = Button(tr("先锁定"), self.hold)
        signing = page.signs_as("staff")
        for button in (self.book_button, self.hold_button):
            signs(button, signing)
            row.addWidget(button)
        row.addStretch(1)
        self.body.addWidget(SignLine(signing))
        self.body.addLayout(row)
        self.result = vbox(spacing=8)
        self.body.addLayout(self.result)
        page.resident_changed.connect(self._alone)
        self._show_resident()

    def _show_resident(self) -> None:
        clear(self._who)
        resident = self._page.resident
        for button in (self.book_button, self.hold_button):
            button.setEnabled(resident is not None)
        if resident is not None:
            self._who.addWidget(Label(title_of(resident), "strong"))
            self._show_guardian()
            return
        self._who.addWidget(no_resident_note())
        row = hbox()
        row.addWidget(Button(tr("去窗口查找"), lambda: self._page.choose_tab("desk"), small=True, icon="search"))
        row.addWidget(Button(tr("登记新居民…"), self._new, small=True, icon="plus"))
        row.addStretch(1)
        self._who.addLayout(row)

    def _show_guardian(self, digits: str = "") -> None:
        """Who books for the resident, where somebody of the family does."""
        row = hbox()
        if self._guardian:
            row.addWidget(Label(tr("由家人代约，证件尾号 {d}").format(d=digits), "caption"))
            row.addWidget(Button(tr("本人"), self._alone, kind="link", small=True))
        else:
            row.addWidget(Button(tr("由家人代约…"), self.ask_guardian, kind="link", small=True))
        row.addStretch(1)
        self._who.addLayout(row)

    def ask_guardian(self) -> None:
        """Look at who books for the resident at the desk."""
        ask_guardian(self._page, self._acts)

    def _acts(self, guardian: str, digits: str) -> None:
        self._guardian = guardian
        clear(self._who)
        if (resident := self._page.resident) is not None:
            self._who.addWidget(Label(title_of(resident), "strong"))
            self._show_guardian(digits)

    def _alone(self) -> None:
        self._guardian = ""
        self._show_resident()

    def _new(self) -> None:
        if (found := ask_new(self._page)) is not None:
            self._page.set_resident(found)

    def book(self) -> None:
        """Book the slot for the resident at the desk."""
        slot, guardian = self._slot.id, self._guardian
        self._take(
            lambda resident: self._bookings().book(slot, resident, part="staff", guardian=guardian),
            Text("预约 {s}", "Book {s}", s=slot),
        )

    def hold(self) -> None:
        """Hold the slot while the resident decides."""
        slot, guardian = self._slot.id, self._guardian
        self._take(
            lambda resident: self._bookings().hold(slot, resident, part="staff", guardian=guardian),
            Text("锁定 {s}", "Hold {s}", s=slot),
        )

    def _bookings(self) -> Bookings:
        service = self._page.service
        assert service is not None
        return service.bookings

    def _take(self, act: Callable[[str], Appointment], title: Text) -> None:
        resident = self._page.resident
        if resident is None:
            return
        self.book_button.setEnabled(False)
        self.hold_button.setEnabled(False)
        if not self._page.change(lambda: act(resident.id), title, done=self._taken, failed=self._refused):
            self.book_button.setEnabled(True)
            self.hold_button.setEnabled(True)

    def _taken(self, appointment: Appointment) -> None:
        page = self._page
        service = page.service
        words = appointment_word(appointment.state)
        page.context.notice(tr("{slot}：{state}").format(slot=appointment.slot, state=words))
        visit = service.lists.visit(appointment.id) if service is not None else None
        if visit is not None:
            from apps.health_slots.ui.appointment import appointment_panel

            page.inspect(appointment_panel(page, visit))

    def _refused(self, error: CityChainError) -> None:
        self._show_resident()
        clear(self.result)
        self.result.addWidget(Status(say(error.message), "bad", role="body"))
        if error.hint:
            self.result.addWidget(Label(say(error.hint), "caption", "text2", wrap=True))
        if isinstance(error, Conflict):
            self._page.search.search()


class _Appointments(Section):
    """Who has the slot, by pseudonym."""

    def __init__(self, page: SlotsPage, slot: SlotRow) -> None:
        super().__init__(tr("预约记录"), tr("居民只显示假名"))
        service = page.service
        self._column = vbox(spacing=8)
        self.body.addLayout(self._column)
        if service is None:
            return

        def show(found: tuple[VisitRow, ...]) -> None:
            if not found:
                self._column.addWidget(Label(tr("没有预约"), "body", "text2"))
            for visit in found[:4]:
                row = hbox()
                row.addWidget(Label(short_name(visit.resident), "caption"))
                row.addWidget(Label(appointment_word(visit.state), "caption", "text2"))
                row.addStretch(1)
                row.addWidget(_opener(page, visit))
                self._column.addLayout(row)
            if slot.state == "returned":
                self._column.addWidget(Note(tr("这个号已退回，先给候补的人。可在“候补”页分配。")))

        session = slot.id.rpartition(".")[0]

        def read() -> tuple[VisitRow, ...]:
            rows = service.lists.visits(slot.id.partition(".")[0], session=session, limit=5000)
            return tuple(reversed([row for row in rows if row.slot == slot.id]))

        page.context.tasks.fetch(read, show, page.banner.show_error, owner=self)


def _opener(page: SlotsPage, visit: VisitRow) -> Button:
    name = tr("查看预约 {n}").format(n=visit.id[:12])
    return Button(tr("查看"), lambda: open_visit(page, visit), kind="link", small=True, name=name)


def open_visit(page: SlotsPage, visit: VisitRow) -> None:
    """Show an appointment in the inspector."""
    from apps.health_slots.ui.appointment import appointment_panel

    page.inspect(appointment_panel(page, visit))
