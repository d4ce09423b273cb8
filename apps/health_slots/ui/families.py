"""家庭成员: for whom the resident at the desk may book, linked and ended where both documents are seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from apps.health_slots import permissions
from apps.health_slots.kinds import Family
from apps.health_slots.model import FAMILY_TITLES, Identity
from apps.health_slots.services.families import Member
from apps.health_slots.ui.phrases import short_name, stamp, tr
from apps.health_slots.ui.resident import document_types
from console.i18n import say
from console.widgets.basic import Button, Label, clear, hbox, vbox
from console.widgets.dialogs import Dialog
from console.widgets.forms import Form, choice_field, text_field
from fabric_sdk.kinds import Act
from network.text import Text

if TYPE_CHECKING:
    from apps.health_slots.service import HealthSlotsService
    from apps.health_slots.ui.page import SlotsPage


def kind_word(kind: str) -> str:
    """How a link came about, in a word."""
    return say(FAMILY_TITLES.get(kind, kind))


class FamilyPart(QWidget):
    """In the card of what a hospital knows: members, and the two buttons."""

    def __init__(self, page: SlotsPage) -> None:
        super().__init__()
        self._page = page
        column = vbox(self, spacing=6)
        column.addWidget(Label(tr("家庭成员"), "strong"))
        self.members = vbox(spacing=4)
        column.addLayout(self.members)
        row = hbox()
        self.link_button = Button(tr("登记…"), self.link, icon="plus", small=True, name=tr("登记家庭成员"))
        self.end_button = Button(tr("解除…"), self.end, kind="danger", small=True, name=tr("解除家庭成员"))
        row.addWidget(self.link_button)
        row.addWidget(self.end_button)
        row.addStretch(1)
        column.addLayout(row)

    def load(self) -> None:
        """Read for whom the resident at the desk may book."""
        page = self._page
        resident, service, hospital = page.resident, page.service, page.hospital
        allowed = page.context.platform.session.allows(permissions.BOOK)
        self.setVisible(allowed and resident is not None)
        clear(self.members)
        if resident is None or service is None or not allowed:
            return
        who = resident.id

        def read() -> tuple[Member, ...]:
            return service.families.members(hospital, service.families.seen(hospital, who))

        def failed(error: Any) -> None:
            self._say(tr("核对证件后显示。"))

        page.context.tasks.fetch(read, self._show, failed, owner=self)

    def _show(self, found: tuple[Member, ...]) -> None:
        clear(self.members)
        self.end_button.setEnabled(bool(found))
        if not found:
            self._say(tr("还没有登记可以代约的家人。"))
        for one in found:
            words = tr("{who}：{kind}，至 {t}").format(
                who=short_name(one.who), kind=kind_word(one.kind), t=stamp(one.until, "%Y-%m-%d")
            )
            self.members.addWidget(Label(words, "caption", "text2", wrap=True))

    def _say(self, words: str) -> None:
        self.members.addWidget(Label(words, "caption", "text2", wrap=True))

    def link(self) -> None:
        """Let the resident at the desk book for somebody whose document is here, too."""
        self._ask(Family.link)

    def end(self) -> None:
        """Let the resident at the desk no longer book for somebody."""
        self._ask(Family.unlink)

    def _ask(self, act: Act) -> None:
        page, resident = self._page, self._page.resident
        if resident is not None:
            here = {"hospital": page.hospital}
            page.act(act, {"id": resident.id}, also=here, done=lambda receipt: self.load()).exec()


def ask_guardian(page: SlotsPage, chosen: Callable[[str, str], None]) -> None:
    """Ask who books for the resident at the desk; `chosen` hears the id and the document's last digits."""
    form = Form(2)
    form.add("type", choice_field(tr("代约人证件类型"), document_types()))
    form.add("document", text_field(tr("代约人证件号码"), required=True))
    words = tr("核对代约人的证件。须先登记为可代这位居民预约。")
    dialog = Dialog(page, tr("由家人代约"), words, accept=tr("核对"))
    dialog.body.addWidget(form)
    dialog.watch(form)
    hospital = page.hospital

    def act(service: HealthSlotsService, values: dict[str, Any]) -> str:
        who = Identity("", values["type"], values["document"], "")
        return service.bookings.resident(who, hospital=hospital, part="staff")

    def done(id: str) -> None:
        chosen(id, form["document"][-4:])

    page.ask(dialog, act, Text("核对代约人", "Look at who books for the resident"), done=done)
