"""What waits for the person at a desk in 号源链, by what their certificate lets them do.

Hospital staff: sessions to open, an import that was stopped, returned slots to hand on, plans that only this desk has.
The platform's officer: returned slots for which nobody waits. Clerks: money to pay back, days to settle. The authority:
visits to settle, hospitals that are late to open. Parties of draws: the step that is theirs. Portal administrators:
tokens that end.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

from apps.health_slots import permissions, roles
from apps.health_slots.cast import plays, serves
from apps.health_slots.kinds import Booking, Draw, Settlement
from apps.health_slots.model import HospitalRow
from apps.health_slots.services.draws import PARTIES_PARTS, Party, step_of
from apps.health_slots.words import catalogue
from baas.applications import ApplicationManifest
from baas.errors import CityChainError, Text
from baas.inbox import Waiting
from chaincode.health_slots import calendar
from fabric_sdk.kinds import Act

if TYPE_CHECKING:
    from apps.health_slots.service import HealthSlotsService
    from baas.platform import Platform

T = TypeVar("T")
SETTLE_DAYS = 8
"""How many days back visits are looked for that the authority has not settled."""
TOKEN_S = 30 * 86_400
"""How long before a portal's token ends its administrator is told."""
_RELEASE = Text("放号：citychain slots release", "Open them: citychain slots release")
_LATE = Text("医院逾期未放号，请催办", "The hospital is late to open them; ask it to")
_RESUME = Text(
    "重新导入文件，或接受已承诺的部分：citychain slots unfinished",
    "Import the file again, or accept what is committed: citychain slots unfinished",
)
_HAND_ON = Text("分配退号：citychain slots hand-on", "Hand them on: citychain slots hand-on")
_HAND_OVER = Text("交给本院节点：citychain slots hand-over", "Give them to the peers: citychain slots hand-over")
_VISITS = Text("记入积分和爽约：citychain slots settle-visits", "Settle them: citychain slots settle-visits")
_TOKEN = Text("换发令牌：citychain slots portal renew", "Give it a new token: citychain slots portal renew")


def waiting(manifest: ApplicationManifest, platform: Platform, network: str) -> list[Waiting]:
    """Everything of it."""
    from apps.health_slots.service import build_service

    if not platform.session.allows(permissions.READ):
        return []
    with closing(build_service(platform, network)) as service:
        service.refresh()
        return waiting_of(manifest.id, platform, network, service)


def waiting_of(application: str, platform: Platform, network: str, service: HealthSlotsService) -> list[Waiting]:
    """The same of a service that is open and has just been refreshed."""
    return list(_Desk(application, platform, network, service).everything())


class _Desk:
    """Whoever acts, and what the ledger says now."""

    def __init__(self, application: str, platform: Platform, network: str, service: HealthSlotsService) -> None:
        self._application, self._platform, self._network, self._service = application, platform, network, service
        self._actor = platform.session.actor
        self._now = service.now()
        self._own = [one for one in service.hospitals() if serves(self._actor, one)]

    def everything(self) -> Iterator[Waiting]:
        allows = self._platform.session.allows
        if allows(permissions.PUBLISH):
            for hospital in self._own:
                yield from self._of_staff(hospital)
        if allows(permissions.SETTLE):
            # The platform's officer settles for every hospital, a clerk for those of the own organisation.
            everywhere = roles.PLATFORM in self._actor.roles
            for hospital in self._service.hospitals() if everywhere else self._own:
                yield from self._of_clerk(hospital, refunds=not everywhere)
        if plays(self._actor, "authority"):
            for hospital in self._service.hospitals():
                yield from self._of_authority(hospital)
        if roles.PLATFORM in self._actor.roles:  # reopening what nobody waits for is the platform's
            for hospital in self._service.hospitals():
                queues = self._service.lists.queues(hospital.id)
                yield from self._returned(hospital, sum(one.returned for one in queues if not one.waiting))
        if allows(permissions.DRAW):
            for draw, record in self._service.index.draws():
                yield from self._of_draw(draw, record)
        if allows(permissions.PORTALS):
            yield from self._of_portals()

    def _waits(self, kind: str, id: str, title: Text | str, asks: Text, due: str = "") -> Waiting:
        return Waiting(self._application, id, kind, title, asks, due)

    def _count(self, sql: str, *values: object) -> tuple[int, Any]:
        row = self._service.index.rows(sql, values)[0]
        return int(row[0]), row[1]

    # -- hospital staff -----------------------------------------------------------------------------
    def _of_staff(self, hospital: HospitalRow) -> Iterator[Waiting]:
        yield from self._to_open(hospital, _RELEASE, "release")
        if (run := _told(partial(self._service.schedules.unfinished, hospital.id))) is not None:
            title = Text("{h} 的导入 {f} 中断", "The import of {f} at {h} was stopped", h=hospital.name, f=run.file)
            yield self._waits("import", f"{hospital.id}/import", title, _RESUME)
        yield from self._returned(hospital, sum(one.returned for one in self._service.lists.queues(hospital.id)))
        if hospital.id in self._service.schedules.unshared():
            title = Text("{h} 的排班只在本机", "Plans of {h} are on this machine alone", h=hospital.name)
            yield self._waits("plans", f"{hospital.id}/plans", title, _HAND_OVER)

    def _returned(self, hospital: HospitalRow, count: int) -> Iterator[Waiting]:
        if count:
            title = Text("{h}：{n} 个退号待分配", "{h}: {n} returned slots", h=hospital.name, n=count)
            yield self._waits("returned", f"{hospital.id}/returned", title, _HAND_ON)

    def _to_open(self, hospital: HospitalRow, asks: Text, kind: str) -> Iterator[Waiting]:
        count, first = self._count(
            "SELECT COUNT(*), MIN(s.date) FROM session s JOIN hospital h ON h.id = s.hospital "
            "WHERE h.code = ? AND s.state = 0 AND s.release_at <= ?",
            hospital.id,
            self._now,
        )
        if count:
            title = Text("{h}：{n} 个出诊单元该放号了", "{h}: {n} sessions are due to open", h=hospital.name, n=count)
            yield self._waits(kind, f"{hospital.id}/{kind}", title, asks, str(first))

    # -- clerks -------------------------------------------------------------------------------------
    def _of_clerk(self, hospital: HospitalRow, *, refunds: bool) -> Iterator[Waiting]:
        rows = self._service.index.rows(
            "SELECT a.id, a.refund_due FROM appointment a JOIN hospital h ON h.id = a.hospital "
            "WHERE h.code = ? AND a.refund_due > 0 ORDER BY a.changed_at, a.id",
            (hospital.id,),
        )
        for id, amount in rows if refunds else ():
            title = Text("{h}：应退 {n} 分", "{h}: {n} fen to pay back", h=hospital.name, n=amount)
            yield self._waits("refund", str(id), title, _asks(Booking.refund))
        for date, channel in self._unsettled(hospital):
            title = Text("{h} {d} {c}", "{h} {d} {c}", h=hospital.name, d=date, c=channel)
            due = calendar.add_days(date, 1)
            yield self._waits("settlement", f"{hospital.id}/{date}/{channel}", title, _asks(Settlement.settle), due)

    def _unsettled(self, hospital: HospitalRow) -> list[tuple[str, str]]:
        """Days that are over and channels through which money of theirs went that no settlement has taken on."""
        rows = self._service.index.rows(
            "SELECT p.date, p.appointment, p.lines FROM posting p JOIN hospital h ON h.id = p.hospital "
            "WHERE h.code = ? AND p.date < (SELECT date(? + utc_offset * 60, 'unixepoch') FROM hospital "
            "WHERE code = ?) ORDER BY p.date",
            (hospital.id, self._now, hospital.id),
        )
        moved: dict[tuple[str, str], None] = {}
        settled: set[tuple[str, str]] = set()
        for date, order, lines in rows:
            if str(order).startswith("settlement:"):
                settled.add((date, order.removeprefix("settlement:")))
                continue
            for account, _ in json.loads(lines):
                if account.startswith("clearing:"):
                    moved[date, account.removeprefix("clearing:")] = None
        return [one for one in moved if one not in settled]

    # -- the authority ------------------------------------------------------------------------------
    def _of_authority(self, hospital: HospitalRow) -> Iterator[Waiting]:
        if self._actor.msp_id:
            yield from self._to_open(hospital, _LATE, "late")
        today = calendar.local_date(self._now, 480)
        rows = self._service.index.rows(
            "SELECT s.date, GROUP_CONCAT(a.id) FROM appointment a JOIN hospital h ON h.id = a.hospital "
            "JOIN session s ON s.id = a.session WHERE h.code = ? AND a.state IN ('fulfilled', 'noshow') "
            "AND s.date BETWEEN ? AND ? GROUP BY s.date ORDER BY s.date",
            (hospital.id, calendar.add_days(today, -SETTLE_DAYS), calendar.add_days(today, -1)),
        )
        for date, ids in rows:
            if (left := _told(partial(self._service.residents.due, hospital.id, ids.split(",")))) is None:
                return
            if left:
                title = Text("{h} {d}：{n} 次就诊", "{h} {d}: {n} visits", h=hospital.name, d=date, n=left)
                yield self._waits("visits", f"{hospital.id}/{date}/visits", title, _VISITS, calendar.add_days(date, 1))

    # -- draws --------------------------------------------------------------------------------------
    def _of_draw(self, draw: str, record: dict[str, Any]) -> Iterator[Waiting]:
        own, parties = {one.id for one in self._own}, cast("Iterable[tuple[Party, str]]", PARTIES_PARTS.items())
        mine = [
            party
            for party, part in parties
            if plays(self._actor, part) and (party != "hospital" or record["hospital"] in own)
        ]
        step, asked = step_of(record, mine, self._now)
        act = Draw.acts.get(step)
        if act is not None and (asked or plays(self._actor, "platform")):
            until = record["turn_ends"] if record.get("turn") else record["apply_until"]
            title = Text("摇号 {d}", "Draw {d}", d=draw)
            yield self._waits("draw", draw, title, _asks(act), calendar.local_date(int(until), 480))

    # -- portals ------------------------------------------------------------------------------------
    def _of_portals(self) -> Iterator[Waiting]:
        from apps.health_slots.serving.portals import PlatformPortals

        found = _told(PlatformPortals(self._platform, self._network, self._service.index).registry.all)
        for one in found or ():
            if one.revoked_at is None and one.expires_at is not None and one.expires_at - self._now < TOKEN_S:
                title = Text("门户 {n} 的令牌快到期或已到期", "The token of portal {n} ends, or has ended", n=one.name)
                yield self._waits("portal", one.name, title, _TOKEN, calendar.local_date(one.expires_at, 480))


def _asks(act: Act) -> Text:
    """What the words of an act say to whom it waits for."""
    asks = catalogue().act(act).asks
    assert isinstance(asks, Text), f"{act.id} asks nobody"
    return asks


def _told(question: Callable[[], T]) -> T | None:
    """An answer, None where it cannot be had now: what else waits is told all the same."""
    try:
        return question()
    except CityChainError:
        return None
