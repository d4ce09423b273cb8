"""The resident at the desk: found by document or pseudonym, or kept newly in the hospital's private collection."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal

from apps.health_slots.kinds import Resident
from apps.health_slots.model import DOCUMENT_TITLES, Identity
from apps.health_slots.ui.page import ChosenResident
from apps.health_slots.ui.phrases import short_name, stamp, tr
from baas.errors import LedgerError
from console.i18n import say
from console.widgets.basic import Button, HashLabel, Label, Status, clear, hbox, vbox
from console.widgets.card import Card
from console.widgets.dialogs import Dialog
from console.widgets.facts import Facts
from console.widgets.forms import choice_field, text_field
from console.widgets.states import Note

if TYPE_CHECKING:
    from apps.health_slots.service import HealthSlotsService
    from apps.health_slots.ui.page import SlotsPage

PSEUDONYM = re.compile(r"R[A-Z2-7]{26}")


def document_types() -> list[tuple[str, str]]:
    """Kinds of documents by their code in WS 364.3 (CV02.01.101); portals use the same codes."""
    return [(code, say(title)) for code, title in DOCUMENT_TITLES.items()]


def masked(name: str) -> str:
    """Return a name with all but its first character hidden."""
    return f"{name[:1]}{'＊' * max(1, min(3, len(name) - 1))}"


class ResidentCard(Card):
    """Finds a resident; shows the pseudonym, the identity this hospital holds, and whether booking is barred.

    Signals: `found` after a resident was found or newly kept.
    """

    found = Signal()

    def __init__(self, page: SlotsPage) -> None:
        super().__init__(tr("居民"), tr("证件只用来算出假名，不写入账本"))
        self._page = page
        row = hbox(spacing=8)
        self.type = choice_field(tr("证件类型"), document_types())
        self.number = text_field(tr("证件号码或假名"), placeholder=tr("输入后按回车"))
        self.number.editor.setObjectName("pageFilter")
        row.addWidget(self.type, 4)
        row.addWidget(self.number, 5)
        self.find_button = Button(tr("查找"), self.look_up, icon="search")
        self.new_button = Button(tr("登记新居民…"), self.ask_new)
        for button in (self.find_button, self.new_button):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignBottom)
        editor = self.number.editor
        editor.returnPressed.connect(self.look_up)  # type: ignore[union-attr]
        self.add(row)
        for field in (self.type, self.number):
            layout = field.layout()
            if layout is not None:
                layout.setContentsMargins(0, 0, 0, 0)
        self._result = vbox(spacing=6)
        self.add(self._result)
        page.resident_changed.connect(self.show_resident)
        self.show_resident()

    def look_up(self) -> None:
        """Look for the resident that was typed."""
        service, text = self._page.service, self.number.value
        if service is None:
            return
        if not text:
            self.number.set_error(tr("请输入证件号码或假名"))
            return
        hospital, kind = self._page.hospital, self.type.value

        def read() -> ChosenResident:
            pseudonym = text if PSEUDONYM.fullmatch(text) else _known(service, hospital, kind, text)
            name = ""
            if service.bookings.has_identity(hospital, pseudonym):
                try:
                    name = masked(service.bookings.identity(hospital, pseudonym)["name"])
                except LedgerError:
                    name = tr("本院已登记")
            return ChosenResident(pseudonym, name)

        self._page.read(read, self._take)

    def _take(self, resident: ChosenResident) -> None:
        self.number.set_value("")
        self._page.set_resident(resident)
        self.found.emit()

    def ask_new(self) -> None:
        """Keep a resident's identity in this hospital's private collection."""
        if (found := ask_new(self._page, self.type.value, self.number.value)) is not None:
            self._take(found)

    def show_resident(self) -> None:
        """Show who stands at the desk."""
        clear(self._result)
        resident, service = self._page.resident, self._page.service
        if resident is None:
            self._result.addWidget(Label(tr("还没有选居民。"), "caption", "text2"))
            return
        row = hbox(spacing=10)
        row.addWidget(Label(resident.masked or tr("本院没有这位居民的身份信息"), "strong"))
        row.addWidget(HashLabel(resident.id, short_name(resident.id), what=tr("居民假名")))
        row.addStretch(1)
        row.addWidget(Button(tr("换人"), lambda: self._page.set_resident(None), kind="link", small=True))
        self._result.addLayout(row)
        if service is None:
            return
        held, hospital = vbox(), self._page.hospital
        self._result.addLayout(held)

        def show(until: int) -> None:
            if until:
                words = tr("多次爽约，{t} 前不能预约").format(t=stamp(until, "%Y-%m-%d %H:%M"))
                held.addWidget(Status(words, "warn"))

        def bar() -> int:
            conduct = service.bookings.conduct(resident.id, hospital=hospital, part="staff")
            return int(conduct["until"]) if conduct["until"] > service.now() else 0

        self._page.context.tasks.fetch(bar, show, lambda error: None, owner=self)


def _known(service: HealthSlotsService, hospital: str, kind: str, document: str) -> str:
    """The id of whoever has this document."""
    return service.bookings.resident(Identity("", kind, document, ""), hospital=hospital, part="staff")


def ask_new(page: SlotsPage, kind: str = "01", number: str = "") -> ChosenResident | None:
    """Register a resident whose document is here; None if that was left."""
    found: list[ChosenResident] = []
    first = {"type": kind, "document": "" if PSEUDONYM.fullmatch(number) else number}

    def done(pseudonym: str) -> None:
        found.append(ChosenResident(pseudonym, masked(form["name"])))

    dialog = page.act(Resident.register, {}, also={"hospital": page.hospital}, first=first, done=done)
    assert dialog.form is not None
    form = dialog.form
    dialog.exec()
    return found[0] if found else None


class IdentityDialog(Dialog):
    """The whole identity, shown because somebody at this hospital asked for it; it is nowhere kept."""

    def __init__(self, page: SlotsPage, resident: str) -> None:
        super().__init__(
            page, tr("身份信息"), tr("只有本院职员能看到，请勿转抄。"), accept=tr("关闭"), width=440, writes=False
        )
        self.cancel_button.hide()
        facts = Facts(72)
        self.body.addWidget(facts)
        service, hospital = page.service, page.hospital
        kinds = dict(document_types())

        def show(found: dict[str, str]) -> None:
            facts.add(tr("姓名"), found["name"])
            facts.add(tr("证件"), f"{kinds.get(found['document_type'], found['document_type'])} {found['document']}")
            facts.add(tr("手机"), found["phone"])

        if service is not None:
            page.context.tasks.fetch(
                lambda: dict(service.bookings.identity(hospital, resident)), show, self.show_error, owner=self
            )


def no_resident_note() -> Note:
    """What a form says while nobody stands at the desk."""
    return Note(tr("先在“窗口”页查找或登记居民。"))


def title_of(resident: ChosenResident) -> str:
    """Return how a resident at the desk is called on screen."""
    name = short_name(resident.id)
    return f"{resident.masked} · {name}" if resident.masked else name
