"""An appointment in the inspector: what it is, what it costs, its check-in code, and the next steps by its state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.health_slots import papers, permissions
from apps.health_slots.services.lists import VisitRow
from apps.health_slots.ui.check_in import CodeSection
from apps.health_slots.ui.payments import ask_payment, ask_refund
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
from console.shell.inspector import Inspected
from console.widgets.basic import STATE_ICONS, Button, Chip, HashLabel, hbox
from console.widgets.dialogs import Dialog
from console.widgets.facts import Facts, Section
from console.widgets.signing import signs
from network.text import Text

if TYPE_CHECKING:
    from apps.health_slots.ui.page import SlotsPage

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
    steps = _steps(page, visit)
    if steps:
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
    may = page.context.platform.session.allows(permissions.SETTLE)
    row = hbox(spacing=8)
    row.addWidget(Button(tr("凭条…"), lambda: ask_slip(page, visit), icon="file", small=True))
    if visit.paid:
        row.addWidget(Button(tr("缴费凭条…"), lambda: ask_receipt(page, visit), icon="file", small=True))
    row.addStretch(1)
    section.body.addLayout(row)
    if visit.owed > 0:
        section.status(tr("还应付 {n}").format(n=yuan(visit.owed)), "wait")
        if may:
            section.add(Button(tr("记录支付…"), lambda: ask_payment(page, visit), icon="check", small=True))
    if visit.refund_due > 0:
        section.status(tr("还应退 {n}").format(n=yuan(visit.refund_due)), "warn")
        if may:
            section.add(Button(tr("记录退款…"), lambda: ask_refund(page, visit), icon="undo", small=True))
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


def _steps(page: SlotsPage, visit: VisitRow) -> list[Button]:
    """What can be done with an appointment now."""
    service = page.service
    if service is None or not page.context.platform.session.allows(permissions.BOOK):
        return []
    bookings = service.bookings
    found = []
    if visit.state == "pending":
        found.append(Button(tr("确认预约"), lambda: confirm(page, visit), icon="check"))
        signs(found[-1], page.signs_as("staff"))
    if visit.state == "checked-in":
        found.append(
            Button(
                tr("记录已就诊"),
                lambda: page.change(
                    lambda: bookings.fulfil(visit.id),
                    Text("记录已就诊 {a}", "Record the visit {a}", a=visit.id),
                    tr("已记录就诊，积分已计入"),
                ),
                icon="check",
            )
        )
        signs(found[-1], page.signs_as("staff"))
    if visit.state == "booked":
        found.append(Button(tr("核对证件取号…"), lambda: ask_check_in(page, visit), icon="shield"))
    if visit.state == "booked" and service.now() >= visit.begins_at:
        found.append(Button(tr("记录爽约…"), lambda: ask_no_show(page, visit)))
    if visit.state in {"pending", "booked"}:
        words = tr("退号…") if visit.state == "booked" else tr("放弃…")
        found.append(Button(words, lambda: ask_cancel(page, visit), kind="danger"))
    return found


def confirm(page: SlotsPage, visit: VisitRow) -> None:
    """Turn a hold into a booking; where the rules want the payment first it then waits for that."""
    service = page.service
    if service is not None:
        page.change(
            lambda: service.bookings.book(visit.slot, visit.resident, part="staff"),
            Text("确认预约 {s}", "Confirm {s}", s=visit.slot),
            tr("已确认，若规则要求先付款，付款后即生效"),
        )


def ask_cancel(page: SlotsPage, visit: VisitRow) -> None:
    """Cancel for the resident, after saying what follows."""
    lost = tr(
        "{when} {dept} {n} 号将退回。退回的号先给候补的人，没有人候补才在随机时刻重新开放，不会直接给最快的人。"
    ).format(when=stamp(visit.begins_at), dept=visit.department, n=f"{visit.number:03d}")
    if visit.paid:
        lost += tr("已付的 {n} 记为应退。").format(n=yuan(visit.paid))
    dialog = Dialog(page, tr("退号"), lost, accept=tr("退号"))
    dialog.accept_button.set_kind("danger")
    page.ask(
        dialog,
        lambda service, v: service.bookings.cancel(visit.id, part="staff"),
        Text("退号 {a}", "Cancel {a}", a=visit.id),
        tr("已退号，号源转给候补"),
    )


def ask_check_in(page: SlotsPage, visit: VisitRow) -> None:
    """Check in without a code, after saying what the desk vouches for."""
    words = tr("居民没有取号码时，核对证件原件与本院登记的身份一致后取号。这次查看会留痕，取号记在您名下。")
    page.ask(
        Dialog(page, tr("核对证件取号"), words, accept=tr("已核对，取号")),
        lambda service, v: service.bookings.check_in_at_desk(visit.id),
        Text("取号 {a}", "Check in {a}", a=visit.id),
        tr("已取号"),
    )


def ask_no_show(page: SlotsPage, visit: VisitRow) -> None:
    """Record that the resident did not come, after saying what follows."""
    dialog = Dialog(
        page,
        tr("记录爽约"),
        tr("爽约会计入这位居民的记录，次数达到规则规定时暂停预约。就诊时间结束后才能记录。"),
        accept=tr("记录爽约"),
    )
    dialog.accept_button.set_kind("danger")
    page.ask(
        dialog,
        lambda service, v: service.bookings.no_show(visit.id),
        Text("记录爽约 {a}", "Record the no-show {a}", a=visit.id),
        tr("已记录爽约"),
    )
