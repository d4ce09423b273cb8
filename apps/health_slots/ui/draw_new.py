"""Announcing a draw, and applying for a resident."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from apps.health_slots.model import SlotQuery, SlotRow
from apps.health_slots.services.schedules import read_numbers
from apps.health_slots.ui.phrases import hospital_today, session_words, span, tr
from apps.health_slots.ui.resident import ask_new, title_of
from console.i18n import say
from console.widgets.dialogs import Dialog
from console.widgets.forms import Form, choice_field, number_field, text_field
from console.widgets.states import Note
from network.errors import CityChainError
from network.text import Text

if TYPE_CHECKING:
    from apps.health_slots.service import HealthSlotsService
    from apps.health_slots.ui.page import SlotsPage

UNITS = (("s", 1), ("min", 60), ("h", 3600), ("d", 86_400))


class DrawDialog(Dialog):
    """Which slots, how long to apply, how long each party has to reveal."""

    def __init__(self, page: SlotsPage) -> None:
        super().__init__(
            page,
            tr("新摇号"),
            tr("选中的号从此只能摇号分配。报名截止后名单冻结，三方按顺序揭示种子，逾期不揭示的一方跳过并记下。"),
            accept=tr("公布摇号"),
            width=620,
        )
        self.chosen: list[str] = []
        """The slots, once the dialog was accepted."""
        self._free: dict[str, list[SlotRow]] = {}
        self.form = form = Form(2)
        form.add("id", text_field(tr("摇号编号"), placeholder="D20261123", required=True))
        form.add("session", choice_field(tr("出诊单元"), [], required=True))
        form.add("numbers", text_field(tr("号，用逗号分开，可写 3-5"), required=True), wide=True)
        form.add("apply", number_field(tr("报名多久"), 1, 1, 999))
        form.add("apply_unit", choice_field(tr("单位"), _units()))
        form.add("turn", number_field(tr("每方揭示限时"), 10, 1, 999))
        form.add("turn_unit", choice_field(tr("单位"), _units()))
        form.fields["apply_unit"].set_value(3600)
        form.fields["turn_unit"].set_value(60)
        self.body.addWidget(form)
        self.note = Note(tr("只列出有空闲号或退回号的出诊单元。"))
        self.body.addWidget(self.note)
        self.watch(form)
        form.fields["session"].edited.connect(self._show_free)
        self.accept_button.clicked.disconnect()
        self.accept_button.clicked.connect(self._attempt)
        service, hospital = page.service, page.hospital
        if service is not None:
            page.context.tasks.fetch(
                lambda: _free_slots(service, hospital),
                self._fill,
                self.show_error,
                owner=self,
            )

    def _fill(self, found: dict[str, tuple[str, list[SlotRow]]]) -> None:
        box = self.form.fields["session"].editor
        for session, (words, slots) in found.items():
            self._free[session] = slots
            box.addItem(words, session)  # type: ignore[union-attr]

    def _show_free(self) -> None:
        slots = self._free.get(self.form["session"], [])
        numbers = ", ".join(str(s.number) for s in slots[:24])
        self.note.label.setText(tr("可摇的号：{n}").format(n=numbers or "—"))

    @property
    def slots(self) -> list[str]:
        """The names of the slots that were typed; ValueError if they make no sense."""
        session = self.form["session"]
        known = {s.number for s in self._free.get(session, [])}
        wanted = read_numbers(self.form["numbers"])
        if not set(wanted) <= known:
            raise ValueError(wanted)
        return [f"{session}.{n:03d}" for n in wanted]

    def _attempt(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}", self.form["id"]):
            self.form.fields["id"].set_error(tr("字母、数字和 _ . : -，最多 64 位"))
            return
        try:
            self.chosen = self.slots
        except ValueError:
            self.form.fields["numbers"].set_error(tr("只能选列出的号，写成 3, 7-9 这样"))
            return
        self.accept()


def _units() -> list[tuple[int, str]]:
    words = {"s": tr("秒"), "min": tr("分钟"), "h": tr("小时"), "d": tr("天")}
    return [(seconds, words[key]) for key, seconds in UNITS]


def _free_slots(service: HealthSlotsService, hospital: str) -> dict[str, tuple[str, list[SlotRow]]]:
    """By session what it is called and its slots that may be drawn; for a worker."""
    query = SlotQuery(date_from=hospital_today().isoformat(), hospital=hospital, free_only=False, limit=500)
    found: dict[str, list[SlotRow]] = {}
    for slot in service.search(query).slots:
        if slot.state in {"free", "returned"}:
            found.setdefault(slot.session, []).append(slot)
    return {name: (session_words(service.index.session(name)), slots) for name, slots in found.items()}


def ask_draw(page: SlotsPage) -> None:
    """Announce a draw of this hospital's free slots."""
    dialog, hospital = DrawDialog(page), page.hospital

    def announce(service: HealthSlotsService, v: dict[str, Any]) -> str:
        apply_s, turn_s = (v[key] * v[f"{key}_unit"] for key in ("apply", "turn"))
        service.draws.open(v["id"], hospital, dialog.chosen, apply_s=apply_s, turn_s=turn_s)
        return tr("已公布摇号 {id}，报名 {t}").format(id=v["id"], t=span(apply_s))

    def done(said: str) -> None:
        page.context.notice(said)
        page.context.go(f"health_slots/draws/{dialog.form['id']}")

    page.ask(dialog, announce, Text("公布摇号", "Announce a draw"), done=done)


def ask_applicant(page: SlotsPage, draw: str) -> None:
    """Apply for the resident at the desk; without one, ask who it is."""
    resident = page.resident
    if resident is None:
        resident = ask_new(page)
        if resident is None:
            return
        page.set_resident(resident)
    who = resident
    dialog = Dialog(
        page,
        tr("报名摇号"),
        tr("为 {who} 报名 {draw}。每人一次；中签后号为他保留，逾期不确认给候补。").format(who=title_of(who), draw=draw),
        accept=tr("报名"),
    )

    def failed(error: CityChainError) -> None:
        if error.code == "applied_already":
            page.set_resident(None)

    page.ask(
        dialog,
        lambda service, v: service.draws.apply(draw, who.id),
        Text("报名 {d}", "Apply for {d}", d=draw),
        say(Text("已报名", "Applied")),
        part="portal",
        done=lambda _: page.set_resident(None),
        failed=failed,
    )
