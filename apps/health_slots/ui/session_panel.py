"""The inspector of a session: its slots, the commitment's proof, and what staff can do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from apps.health_slots.kinds import Session
from apps.health_slots.model import KIND_TITLES, PART_TITLES, STATE_TITLES, SlotRow
from apps.health_slots.ui.board import BoardSession, draw_slot
from apps.health_slots.ui.changes import record_of
from apps.health_slots.ui.phrases import minute_of_day, stamp, tr
from apps.health_slots.ui.proving import check_proof
from apps.health_slots.ui.waitlist import ask_join
from console.i18n import say
from console.i18n.formats import day_long, number
from console.shell.inspector import Inspected
from console.widgets.basic import Button, Chip, HashLabel, Label, Mono
from console.widgets.facts import Facts, Section
from network.text import Text

if TYPE_CHECKING:
    from apps.health_slots.ui.page import SlotsPage

SHOWN = 7
CHANGES = (Session.add, Session.move, Session.substitute, Session.withdraw, Session.stop_from)


def session_panel(page: SlotsPage, item: BoardSession) -> Inspected:
    """Return the panel of a session."""
    from datetime import date

    s = item.session
    title = f"{s.department_name} {s.doctor_name}"
    clock = f"{minute_of_day(s.start)} – {minute_of_day(s.end)}"
    note = f"{day_long(date.fromisoformat(s.date))} {say(PART_TITLES.get(s.part, Text(s.part, s.part)))} · {clock}"
    words = say(STATE_TITLES.get(s.state, Text(s.state, s.state))) if s.state != "published" else tr("已放号")
    chip = Chip(words, "bad" if s.state == "stopped" else "ok" if s.state == "published" else "text2")
    panel = Inspected(title, note, chip)
    panel.setProperty("inspectorWidth", 344)
    facts = Facts(64)
    if s.campus:
        facts.add(tr("院区"), s.campus_name)
    if s.referral_until:
        facts.add(tr("社区预留"), tr("{t} 起向公众开放").format(t=stamp(s.referral_until)))
    facts.add(tr("号别"), say(KIND_TITLES.get(s.kind, Text(s.kind, s.kind))))
    facts.add(tr("费用"), tr("{n} 元").format(n=f"{s.fee / 100:.2f}"))
    service = page.service
    rules = service.lists.rules_of(s.id) if service is not None else ""
    if rules:
        owner, _, version = rules.partition("/")
        of = tr("全市") if owner == "CITY" else tr("本院")
        facts.add(tr("规则"), tr("{of}第 {n} 版，承诺时定下").format(of=of, n=version))
    facts.add(
        tr("号源"),
        tr("{n} 个，已约 {b}，空闲 {f}，加号 {a}").format(n=s.all_slots, b=s.booked, f=s.free, a=s.added),
    )
    panel.add(Section(first=True).add(facts))
    panel.add(_slots(item))
    panel.add(_proof(page, item))
    buttons: list[Button] = []
    if page.service is not None and page.may(Session.join) and s.state == "published":
        buttons.append(Button(tr("加入候补…"), lambda: ask_join(page, s), icon="people", small=True))
    buttons += page.act_buttons(record_of(item), *CHANGES, small=True)
    if buttons:
        section = Section(tr("可以做的"))
        for start in range(0, len(buttons), 2):
            section.add(panel.buttons(*buttons[start : start + 2]))
        panel.add(section)
    return panel


class _Sign(QWidget):
    def __init__(self, slot: SlotRow) -> None:
        super().__init__()
        self._slot = slot
        self.setFixedSize(12, 14)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_slot(painter, QPointF(0, 3), self._slot.state, added=self._slot.added, size=9)


def _slots(item: BoardSession) -> Section:
    section = Section(tr("每个号"), tr("居民只显示假名"))
    holder = QWidget()
    grid = QGridLayout(holder)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(10)
    grid.setVerticalSpacing(6)
    heads = (tr("号"), "", tr("状态"), tr("创建"), tr("截止"), tr("申请"))
    for column, text in enumerate(heads):
        grid.addWidget(Label(text, "badge", "text2"), 0, column)
    grid.setColumnStretch(2, 1)
    ordered = sorted(item.slots, key=lambda slot: (slot.state == "free", slot.number))
    for row, slot in enumerate(ordered[:SHOWN], 1):
        grid.addWidget(Mono(f"{slot.number:03d}"), row, 0)
        grid.addWidget(_Sign(slot), row, 1)
        grid.addWidget(Label(say(STATE_TITLES.get(slot.state, Text(slot.state, slot.state))), "caption"), row, 2)
        for column, at in ((3, slot.created_at), (4, slot.closes_at), (5, slot.applied_at)):
            grid.addWidget(Label(stamp(at) if at else tr("未申请"), "badge", "text2"), row, column)
    section.add(holder)
    if len(ordered) > SHOWN:
        section.text(rest_words(ordered[SHOWN:]), tone="text2")
    return section


def rest_words(slots: Sequence[SlotRow]) -> str:
    """How many slots are not listed one by one, and how many of them are free."""
    free = sum(slot.state == "free" for slot in slots)
    if free == len(slots):
        return tr("另有 {n} 个，都空闲").format(n=number(free))
    if not free:
        return tr("另有 {n} 个").format(n=number(len(slots)))
    return tr("另有 {n} 个，其中空闲 {f} 个").format(n=number(len(slots)), f=number(free))


def _proof(page: SlotsPage, item: BoardSession) -> Section:
    """Every slot against the root that was committed before the release, checked here."""
    section = Section(tr("承诺证明"), tr("放号前写入，之后不可改"))
    facts = Facts(64)
    facts.add(tr("写入"), tr("区块 {n}").format(n=number(item.session.committed_block)))
    if item.session.published_block:
        facts.add(tr("放号于"), tr("区块 {n}").format(n=number(item.session.published_block)))
    section.add(facts)
    if item.session.late:
        section.status(tr("承诺晚于规定时间"), "warn")
    if item.session.state != "published":
        section.status(tr("放号后即可逐号核对"), "wait")
        return section
    button = Button(tr("逐号核对"), icon="refresh", small=True)

    def check() -> None:
        service = page.service
        if service is None:
            return
        button.setEnabled(False)
        slots = [slot for slot in item.slots if not slot.added]

        def prove() -> tuple[int, int, str]:
            good, root = 0, ""
            for slot in slots:
                proof = service.schedules.prove(slot.id)
                root = proof["root"]
                good += check_proof(proof)
            return good, len(slots), root

        def show(found: tuple[int, int, str]) -> None:
            good, count, root = found
            button.hide()
            facts.add(tr("承诺根"), HashLabel(root, f"{root[:8]}…{root[-8:]}", what=tr("承诺根")))
            state = "ok" if good == count else "bad"
            section.status(tr("{a} / {b} 个号与承诺相符").format(a=good, b=count), state)
            added = sum(slot.added for slot in item.slots)
            if added:
                section.status(tr("放号后加号 {n} 个，均有理由").format(n=added), "info")

        page.context.tasks.fetch(prove, show, page.banner.show_error, owner=section)

    button.clicked.connect(check)
    section.add(button)
    return section
