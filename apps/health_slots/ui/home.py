"""What 号源链 shows on the overview: a desk's sessions of today and what waits; the authority's irregularities."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from apps.health_slots import permissions
from apps.health_slots.cast import serves
from apps.health_slots.inbox import waiting_of
from apps.health_slots.service import build_service
from apps.health_slots.ui.phrases import (
    APPOINTMENT_SIGNS,
    appointment_word,
    hospital_today,
    listed,
    minute_of_day,
    stamp,
    tr,
    yuan,
)
from baas.errors import CityChainError
from console.home import ROWS, HomeRow, HomeSection
from console.i18n import say
from console.i18n.formats import number

if TYPE_CHECKING:
    from apps.health_slots.service import HealthSlotsService
    from apps.health_slots.services.lists import VisitRow
    from baas.inbox import Waiting
    from baas.platform import Platform

PLACES = {
    "release": "board",
    "import": "board",
    "plans": "board",
    "late": "authority",
    "returned": "waitlist",
    "refund": "desk",
    "settlement": "bills",
    "visits": "residents",
    "draw": "draws",
    "portal": "portals",
}
"""Where each kind of matter is handled: a tab of the page."""
EXPECTED = ("pending", "booked")
"""States of an appointment whose resident has not come yet."""


def home(platform: Platform, network: str) -> Sequence[HomeSection]:
    """By what whoever acts may do."""
    if not platform.session.allows(permissions.READ):
        return ()
    with closing(build_service(platform, network)) as service:
        try:
            service.refresh()
        except CityChainError:
            return ()  # the contract is not deployed, or does not answer: the page says which
        return [*_sections(platform, network, service)]


def count(platform: Platform, network: str) -> int:
    """How many matters wait for whoever acts; for the rail."""
    if not platform.session.allows(permissions.READ):
        return 0
    with closing(build_service(platform, network)) as service:
        try:
            service.refresh()
        except CityChainError:
            return 0
        return len(waiting_of("health_slots", platform, network, service))


def _sections(platform: Platform, network: str, service: HealthSlotsService) -> Iterator[HomeSection]:
    allows = platform.session.allows
    if allows(permissions.BOOK):
        mine, today = _hospitals(platform, service), hospital_today().isoformat()
        yield _today(service, mine, today)
        yield _desk(service, mine, today)
    if allows(permissions.AUDIT) and not allows(permissions.BOOK):
        yield _irregular(service)
    found = waiting_of("health_slots", platform, network, service)
    rows = tuple(_row(one) for one in found[:ROWS])
    yield HomeSection(tr("待我办理 · 号源链"), rows, len(found), "", "health_slots", "health_slots")


def _row(one: Waiting) -> HomeRow:
    asks = say(one.asks)
    for mark in ("：citychain", ": citychain"):  # the command's name is for the terminal
        asks = asks.partition(mark)[0]
    tab = PLACES.get(one.kind, "board")
    address = f"health_slots/{tab}/{one.id}" if one.kind in {"refund", "draw"} else f"health_slots/{tab}"
    return HomeRow(say(one.title), asks, one.due, "none", address, "slots")


def _hospitals(platform: Platform, service: HealthSlotsService) -> list[str]:
    """The hospitals of whoever acts."""
    return [one.id for one in service.hospitals() if serves(platform.session.actor, one)]


def _today(service: HealthSlotsService, mine: list[str], today: str) -> HomeSection:
    """The sessions of today at these hospitals."""
    sessions = [one for which in mine for one in service.sessions(hospital=which, date_from=today, date_to=today)]
    rows = tuple(
        HomeRow(
            f"{one.department_name} · {one.doctor_name}",
            tr("{a}–{b} · 已约 {n}，空闲 {f}").format(
                a=minute_of_day(one.start), b=minute_of_day(one.end), n=number(one.booked), f=number(one.free)
            ),
            tr("停诊") if one.state == "stopped" else tr("未放号") if one.state == "committed" else tr("出诊"),
            "warn" if one.state == "stopped" else "none" if one.state == "committed" else "ok",
            "health_slots/desk",
            "slots",
        )
        for one in sessions[:ROWS]
    )
    return HomeSection(tr("今天出诊"), rows, len(sessions), tr("今天没有出诊单元"), "health_slots/desk")


def _desk(service: HealthSlotsService, mine: list[str], today: str) -> HomeSection:
    """Who has an appointment today, those that are still expected first: number, hour, what is still to pay.

    Nobody's name: a look at names leaves a trace on the ledger, and the desk asks before it does.
    """
    visits = [one for which in mine for one in service.lists.visits(which, date_from=today, date_to=today)]
    visits.sort(key=lambda one: (one.state not in EXPECTED, one.begins_at, one.number))
    rows = tuple(
        HomeRow(
            tr("{n} 号 · {time} · {where}").format(
                n=f"{one.number:03d}", time=stamp(one.begins_at, "%H:%M"), where=f"{one.department} · {one.doctor}"
            ),
            _paid(one),
            appointment_word(one.state),
            APPOINTMENT_SIGNS.get(one.state, "none"),
            f"health_slots/desk/{one.id}",
            "people",
        )
        for one in visits[:ROWS]
    )
    return HomeSection(tr("今天的预约"), rows, len(visits), tr("今天没有预约"), "health_slots/desk")


def _paid(visit: VisitRow) -> str:
    words = tr("待付 {sum}") if visit.owed > 0 else tr("已付 {sum}")
    return words.format(sum=yuan(visit.owed if visit.owed > 0 else visit.paid))


def _irregular(service: HealthSlotsService) -> HomeSection:
    """Hospitals that are late, stopped or withdrew, and signs of resale."""
    rows = []
    for one in service.lists.observe(service.now()):
        words = [
            text.format(n=number(count))
            for count, text in (
                (one.overdue, tr("逾期未放号 {n} 个单元")),
                (one.late, tr("迟放号 {n} 个")),
                (one.stopped, tr("停诊 {n} 个")),
                (one.withdrawn, tr("撤号 {n} 个")),
            )
            if count
        ]
        if words:
            state = "bad" if one.overdue else "warn"
            rows.append(HomeRow(one.name, listed(words), tr("异常"), state, "health_slots/authority", "hospital"))
    for signal in service.signals.all():
        rows.append(HomeRow(say(signal.text), signal.subject, tr("线索"), "warn", "health_slots/authority", "eye"))
    return HomeSection(tr("异常"), tuple(rows[:ROWS]), len(rows), tr("没有发现异常"), "health_slots/authority")
