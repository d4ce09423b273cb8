"""The inspector of a session: its slots, the commitment's proof, and what staff can do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from apps.health_slots.model import KIND_TITLES, PART_TITLES, REASON_TITLES, STATE_TITLES, SlotRow
from apps.health_slots.ui.board import BoardSession, draw_slot
from apps.health_slots.ui.words import stamp, tr
from console.i18n import say
from console.i18n.formats import day_long, number
from console.shell.inspector import Inspected
from console.widgets.basic import Button, Chip, HashLabel, Label, Mono
from console.widgets.dialogs import Dialog
from console.widgets.facts import Facts, Section
from console.widgets.forms import Form, choice_field, number_field
from network.text import Text

if TYPE_CHECKING:
    from apps.health_slots.ui.page import SlotsPage

SHOWN = 10


def session_panel(page: SlotsPage, item: BoardSession) -> Inspected:
    """Return the panel of a session."""
    from datetime import date

    s = item.session
    title = f"{s.department_name} {s.doctor_name}"
    clock = f"{s.start // 60:02d}:{s.start % 60:02d} – {s.end // 60:02d}:{s.end % 60:02d}"
    note = f"{day_long(date.fromisoformat(s.date))} {say(PART_TITLES.get(s.part, Text(s.part, s.part)))} · {clock}"
    words = say(STATE_TITLES.get(s.state, Text(s.state, s.state))) if s.state != "published" else tr("已放号")
    chip = Chip(words, "bad" if s.state == "stopped" else "ok" if s.state == "published" else "text2")
    panel = Inspected(title, note, chip)
    panel.setProperty("inspectorWidth", 344)
    facts = Facts(64)
    facts.add(tr("号别"), say(KIND_TITLES.get(s.kind, Text(s.kind, s.kind))))
    facts.add(tr("费用"), tr("{n} 元").format(n=f"{s.fee / 100:.2f}"))
    facts.add(
        tr("号源"),
        tr("{n} 个，已约 {b}，空闲 {f}，加号 {a}").format(n=len(item.slots), b=s.booked, f=s.free, a=s.added),
    )
    panel.add(Section(first=True).add(facts))
    panel.add(_slots(item))
    panel.add(_proof(page, item))
    session = page.context.platform.session
    buttons = []
    if session.allows("slots.change") and s.state == "published":
        buttons.append(Button(tr("加号…"), lambda: _add(page, item), icon="plus"))
        buttons.append(Button(tr("停诊…"), lambda: _stop(page, item), icon="stop", kind="danger"))
    if buttons:
        panel.add(Section().add(panel.buttons(*buttons)))
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
        section.text(tr("另有 {n} 个空闲").format(n=number(len(ordered) - SHOWN)), tone="text2")
    return section


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
            from chaincode.health_slots import merkle

            good, root = 0, ""
            for slot in slots:
                proof = service.schedules.prove(slot.id)
                root = proof["root"]
                leaf = merkle.leaf_hash(proof["line"], bytes.fromhex(proof["salt"]))
                path = [(side, bytes.fromhex(value)) for side, value in proof["path"]]
                good += merkle.verify_proof(leaf, path, bytes.fromhex(root))
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


def _reasons() -> list[tuple[Any, str]]:
    return [(key, say(title)) for key, title in REASON_TITLES.items()]


def _stop(page: SlotsPage, item: BoardSession) -> None:
    dialog = Dialog(
        page,
        tr("停诊"),
        tr("这个出诊单元的 {n} 个预约会取消并可退费，不能撤回。理由写入账本，所有人可见。").format(
            n=item.session.booked
        ),
        accept=tr("停诊"),
    )
    dialog.accept_button.set_kind("danger")
    form = Form()
    form.add("reason", choice_field(tr("理由"), _reasons()))
    dialog.body.addWidget(form)
    service = page.service
    if dialog.exec() and service is not None:
        reason = form["reason"]
        page.change(
            lambda: service.schedules.stop(item.session.id, reason),
            Text("停诊 {s}", "Stop {s}", s=item.session.id),
            tr("已停诊"),
        )


def _add(page: SlotsPage, item: BoardSession) -> None:
    dialog = Dialog(
        page,
        tr("加号"),
        tr("加号会标成紫色，理由和签名人写入账本。"),
        accept=tr("加号"),
    )
    form = Form(2)
    end = item.session.end
    form.add("hour", number_field(tr("开始（时）"), min(23, (end - 10) // 60), 0, 23))
    form.add("minute", number_field(tr("开始（分）"), (end - 10) % 60, 0, 59))
    form.add("minutes", number_field(tr("时长"), 10, 1, 240, unit=tr("分钟")))
    form.add("reason", choice_field(tr("理由"), _reasons()))
    form.fields["reason"].set_value("revisit")
    dialog.body.addWidget(form)
    service = page.service
    if dialog.exec() and service is not None:
        start, minutes, reason = form["hour"] * 60 + form["minute"], form["minutes"], form["reason"]
        page.change(
            lambda: service.schedules.add(item.session.id, start, minutes, "window", reason),
            Text("加号 {s}", "Add a slot to {s}", s=item.session.id),
            tr("已加号"),
        )
