"""家庭成员: for whom the resident at the desk may book, linked and ended where both documents are seen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from apps.health_slots import permissions
from apps.health_slots.model import Identity
from apps.health_slots.services.families import Member
from apps.health_slots.ui.phrases import hospital_today, short_name, stamp, tr
from apps.health_slots.ui.resident import document_types
from chaincode.health_slots.families import adult_from
from console.widgets.basic import Button, Label, clear, hbox, vbox
from console.widgets.dialogs import Dialog
from console.widgets.forms import Form, choice_field, text_field
from fabric_sdk.clock import CHINA
from network.text import Text

if TYPE_CHECKING:
    from apps.health_slots.service import HealthSlotsService
    from apps.health_slots.ui.page import SlotsPage

YEARS = (("1", 365), ("2", 730), ("3", 1094))


def kind_word(kind: str) -> str:
    """How a link came about, in a word."""
    return {"minor": tr("监护"), "consent": tr("本人授权")}.get(kind, kind)


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
            self._say(tr("没有登记可为谁代约。"))
        for one in found:
            words = tr("{who}：{kind}，至 {t}").format(
                who=short_name(one.who), kind=kind_word(one.kind), t=stamp(one.until, "%Y-%m-%d")
            )
            self.members.addWidget(Label(words, "caption", "text2", wrap=True))

    def _say(self, words: str) -> None:
        self.members.addWidget(Label(words, "caption", "text2", wrap=True))

    def link(self) -> None:
        """Let the resident at the desk book for somebody whose document is here, too."""
        form = Form(2)
        form.add("type", choice_field(tr("对方证件类型"), document_types()))
        form.add("document", text_field(tr("对方证件号码"), required=True))
        form.add("kind", choice_field(tr("关系"), [(kind, kind_word(kind)) for kind in ("minor", "consent")]))
        form.add("days", choice_field(tr("期限"), [(d, tr("{n} 年").format(n=n)) for n, d in YEARS]))
        words = tr(
            "监护：看过双方证件和监护证明，到年满 18 周岁为止。本人授权：双方都在场。"
            "账本上只有主管部门能打开的密文；对方的限额仍按对方自己算。"
        )
        dialog = Dialog(self._page, tr("可代谁预约"), words, accept=tr("登记成员"))
        self._ask(dialog, form, tr("已登记家庭成员"), Text("登记家庭成员", "Link a family member"), _link)

    def end(self) -> None:
        """Let the resident at the desk no longer book for somebody."""
        form = Form(2)
        form.add("type", choice_field(tr("对方证件类型"), document_types()))
        form.add("document", text_field(tr("对方证件号码"), required=True))
        dialog = Dialog(self._page, tr("解除代约"), tr("从下一次预约起不能再代约；已约的号不变。"), accept=tr("解除"))
        self._ask(dialog, form, tr("已解除"), Text("解除家庭成员", "End a family link"), _end)

    def _ask(
        self,
        dialog: Dialog,
        form: Form,
        said: str,
        title: Text,
        act: Callable[[HealthSlotsService, str, str, dict[str, Any]], Any],
    ) -> None:
        page = self._page
        resident, hospital = page.resident, page.hospital
        if resident is None:
            return
        dialog.body.addWidget(form)
        dialog.watch(form)
        page.ask(
            dialog,
            lambda service, values: act(service, hospital, resident.id, values),
            title,
            said,
            done=lambda receipt: self.load(),
        )


def _link(service: HealthSlotsService, hospital: str, guardian: str, values: dict[str, Any]) -> Any:
    patient = Identity("", values["type"], values["document"], "")
    last = hospital_today() + dt.timedelta(days=int(values["days"]))
    until = int(dt.datetime.combine(last, dt.time(), CHINA).timestamp())
    if values["kind"] == "minor":
        until = min(until, adult_from(values["type"], values["document"]) or until)
    return service.families.link(hospital, patient, service.families.seen(hospital, guardian), values["kind"], until)


def _end(service: HealthSlotsService, hospital: str, guardian: str, values: dict[str, Any]) -> Any:
    patient = Identity("", values["type"], values["document"], "")
    return service.families.unlink(hospital, patient, service.families.seen(hospital, guardian))


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
