"""An appointment in the inspector: what it is, what it costs, its check-in code, and the next steps by its state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.health_slots import papers, permissions
from apps.health_slots.kinds import Booking
from apps.health_slots.services.lists import VisitRow
from apps.health_slots.ui.check_in import CodeSection
from apps.health_slots.ui.phrases import (
    APPOINTMENT_SIGNS,
    appointment_word,
    clock,
    short_name,
    stamp,
    tr,
    yuan,
)
from apps.health_slots.ui.printing import print_paper
from apps.kit.service import OpenAct
from console.appkit.act_dialog import ActDialog
from console.appkit.acting import dialog_of
from console.shell.inspector import Inspected
from console.widgets.basic import STATE_ICONS, Button, Chip, HashLabel, hbox
from console.widgets.facts import Facts, Section
from fabric_sdk.kinds import Record

if TYPE_CHECKING:
    from apps.health_slots.ui.page import SlotsPage

STEPS = (
    Booking.confirm,
    Booking.fulfil,
    Booking.check_in,
    Booking.miss,
    Booking.give_up,
    Booking.cancel,
)
TONES = {"ok": "ok", "wait": "text2", "busy": "accent", "none": "text2", "warn": "warn"}


def why_cancelled(why: str) -> str:
    """Why an appointment ended before its time."""
    return {
        "resident": tr("居民退号"),
        "elsewhere": tr("由其他经办处退号"),
        "lapsed": tr("锁定过期"),
        "session-stopped": tr("停诊"),
        "slot-stopped": tr("撤号"),
    }.get(why, why)


def appointment_panel(page: SlotsPage, visit: VisitRow) -> Inspected:
    """Return the panel of an appointment."""
    state = APPOINTMENT_SIGNS.get(visit.state, "none")
    words = appointment_word(visit.state)
    if visit.state == "cancelled" and visit.why:
        words = f"{words} · {why_cancelled(visit.why)}"
    chip = Chip(words, TONES[state], STATE_ICONS[state][0])
    panel = Inspected(
        f"{visit.department} {visit.number:03d}",
        f"{stamp(visit.begins_at, '%Y-%m-%d %H:%M')}–{clock(visit.ends_at)} · {visit.doctor}",
        chip,
    )
    panel.setProperty("inspectorWidth", 344)
    facts = Facts(64)
    facts.add_hash(tr("居民假名"), visit.resident, short_name(visit.resident))
    facts.add_hash(tr("预约号"), visit.id, visit.id[:18])
    facts.add(tr("申请"), stamp(visit.created_at, "%Y-%m-%d %H:%M"))
    if visit.state == "pending" and visit.expires:
        facts.add(tr("保留到"), stamp(visit.expires, "%m-%d %H:%M:%S"))
    facts.add(tr("交易"), HashLabel(visit.tx_id, what=tr("交易")))
    panel.add(Section(first=True).add(facts))
    panel.add(_bill(page, visit))
    if visit.state == "booked" and page.context.platform.session.allows(permissions.BOOK):
        panel.add(CodeSection(page, visit))
    if steps := page.act_buttons(record_of(page, visit), *STEPS):
        panel.add(Section().add(panel.buttons(*steps)))
    return panel


def _bill(page: SlotsPage, visit: VisitRow) -> Section:
    section = Section(tr("费用"))
    facts = Facts(64)
    facts.add(tr("应付"), yuan(visit.due))
    facts.add(tr("已付"), yuan(visit.paid))
    if visit.refund_due or visit.refunded:
        facts.add(tr("应退"), yuan(visit.refund_due))
        facts.add(tr("已退"), yuan(visit.refunded))
    section.add(facts)
    row = hbox(spacing=8)
    row.addWidget(Button(tr("凭条…"), lambda: ask_slip(page, visit), icon="file", small=True))
    if visit.paid:
        row.addWidget(Button(tr("缴费凭条…"), lambda: ask_receipt(page, visit), icon="file", small=True))
    row.addStretch(1)
    section.body.addLayout(row)
    if visit.owed > 0:
        section.status(tr("还应付 {n}").format(n=yuan(visit.owed)), "wait")
    if visit.refund_due > 0:
        section.status(tr("还应退 {n}").format(n=yuan(visit.refund_due)), "warn")
    for button in page.act_buttons(record_of(page, visit), Booking.pay, Booking.refund, small=True):
        section.add(button)
    return section


def ask_slip(page: SlotsPage, visit: VisitRow) -> None:
    """Print an appointment's slip."""
    print_paper(page, tr("预约凭条"), lambda lang: papers.slip(visit, _hospital(page, visit), _name(page, visit), lang))


def ask_receipt(page: SlotsPage, visit: VisitRow) -> None:
    """Print the receipt of what was paid."""
    service = page.service
    if service is not None:
        postings = service.lists.postings_of(visit.id)
        hospital, name = _hospital(page, visit), _name(page, visit)
        print_paper(page, tr("缴费凭条"), lambda lang: papers.receipt(visit, hospital, name, postings, lang))


def _hospital(page: SlotsPage, visit: VisitRow) -> str:
    return next((row.name for row in page.hospitals if row.id == visit.hospital), visit.hospital)


def _name(page: SlotsPage, visit: VisitRow) -> str:
    """The name on the day's list, if the desk has it open; a slip without it is good as well."""
    desk = page.views.get("desk")
    rows = getattr(desk, "day", ())
    return next((row.name for row in rows if row.visit.id == visit.id), "")


def record_of(page: SlotsPage, visit: VisitRow) -> Record:
    """An appointment as its acts know it."""
    begun = page.service is not None and page.service.now() >= visit.begins_at
    windows = [f"{one.msp_id}/{desk}" for one in page.hospitals if one.id == visit.hospital for desk in (one.id, "all")]
    ours = visit.booker in windows
    called = f"{visit.department} {visit.number:03d}"
    return {
        **vars(visit),
        "called": called,
        "owed": visit.owed,
        "begun": begun,
        "ours": ours,
        "when": stamp(visit.begins_at),
    }


def payment(page: SlotsPage, one: OpenAct, visit: Record) -> ActDialog:
    """The dialog of a payment: of what is owed, nothing else."""
    return dialog_of(page, page.kit, one, visit, also={"amount": visit["owed"]})
