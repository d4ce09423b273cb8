"""What the FHIR searches find, page by page; cursors are opaque to portals and checked like everything they send."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, TypeVar

from apps.health_slots.index import search as searching
from apps.health_slots.model import KIND_TITLES, SessionRow, SlotQuery, SlotRow
from apps.health_slots.service import HealthSlotsService
from apps.health_slots.serving import fhir_model as model
from apps.health_slots.serving.door import Door
from apps.health_slots.serving.fhir_codes import SPECIALTIES, specialty_of
from apps.health_slots.serving.fhir_search import MAX_COUNT, BadSearch, Moments, Search
from chaincode.health_slots.referrals import COMMUNITY

T = TypeVar("T")
Resource = dict[str, Any]
MAX_IDS = 200
MAX_READ = 4000
"""Rows that one request reads at most; a page may be short, and its next link goes on."""
MAX_COUNTED = 20_000
"""Matches that are counted at most for `_total` and `_summary=count`."""
SLOT_PARAMETERS = (
    *("schedule", "start", "status", "specialty", "service-type", "appointment-type", "schedule.actor"),
    *("service-category", "_include", "_sort", "_lastUpdated"),
)
SCHEDULE_PARAMETERS = (
    *("actor", "date", "specialty", "service-type", "active", "_revinclude", "_sort", "_lastUpdated"),
)
APPOINTMENT_PARAMETERS = (
    *("patient", "actor", "practitioner", "slot", "date", "status", "specialty", "service-type"),
    *("appointment-type", "_sort", "_lastUpdated"),
)
ACTORS = ("Organization", "HealthcareService", "Practitioner", "Location")


@dataclass(frozen=True)
class Page:
    """Resources that matched, resources that were asked to come along, and where to go on ("" at the end)."""

    matches: list[Resource]
    included: list[Resource]
    cursor: str = ""
    total: int | None = None


Finder = Callable[[Search], Page]


def found(find: Finder, search: Search) -> Page:
    """The page that a search asks for: with its total where it wants one, without resources where it only counts."""
    if search.only_counts:
        return Page([], [], total=_total(find, search))
    page = find(search)
    if search.total == "none":
        return page
    alone = not page.cursor and not search.cursor
    return replace(page, total=len(page.matches) if alone else _total(find, search))


def _total(find: Finder, search: Search) -> int:
    """How many match in all; BadSearch where that would read more than `MAX_COUNTED`."""
    count, cursor = 0, ""
    while True:
        page = find(replace(search, count=MAX_COUNT, cursor=cursor))
        count, cursor = count + len(page.matches), page.cursor
        if not cursor:
            return count
        if count > MAX_COUNTED:
            raise BadSearch(f"more than {MAX_COUNTED} match; narrow the search to have them counted", "_total")


@dataclass(frozen=True)
class Wanted:
    """What a search asks of a session, whatever resource it is for."""

    hospital: str
    department: str
    doctor: str
    kinds: frozenset[str] | None
    specialties: frozenset[str]
    campus: str = ""

    def holds(self, session: SessionRow) -> bool:
        return (
            (not self.hospital or session.hospital == self.hospital)
            and (not self.department or session.department == self.department)
            and (not self.campus or session.campus == self.campus)
            and (not self.doctor or session.doctor == self.doctor)
            and (self.kinds is None or session.kind in self.kinds)
            and (not self.specialties or bool(_names(session) & self.specialties))
        )


def _names(session: SessionRow) -> set[str]:
    """What a department goes by in a search: the hospital's code and name, the national code."""
    return {session.department, session.department_name, specialty_of(session.department_name)}


def find_slots(service: HealthSlotsService, search: Search) -> Page:
    """Slots by `_id`, or by schedule, or by everything else."""
    search.require_sort("start")
    statuses = _statuses(search, model.SLOT_STATUSES)
    span, since = search.moments("start"), search.moments("_lastUpdated")
    wanted, pools = _wanted(search, "schedule.actor"), set(search.tokens("service-category"))
    ids, schedules = search.tokens("_id"), search.references("schedule", "Schedule")
    if ids:
        pairs: Iterable[tuple[SlotRow, SessionRow]] = _by_id(service, ids[:MAX_IDS])
    elif schedules:
        pairs = _of_sessions(service, schedules[:MAX_IDS])
    elif since.every:
        pairs = _changed(service, since)
    else:
        return _search_slots(service, search, statuses, span, wanted, pools)
    skip = _offset(search.cursor)
    matching = (
        pair
        for pair in pairs
        if span.holds(pair[0].begins_at)
        and since.holds(pair[0].updated_at)
        and wanted.holds(pair[1])
        and _has(statuses, model.SLOT_STATUS[pair[0].state])
        and _of_pools(pools, *pair)
    )
    found = list(islice(matching, skip, skip + search.count + 1))
    more = str(skip + search.count) if len(found) > search.count else ""
    return _slot_page(search, found[: search.count], more)


def _search_slots(
    service: HealthSlotsService,
    search: Search,
    statuses: set[str],
    span: Moments,
    wanted: Wanted,
    pools: set[str],
) -> Page:
    first, last = span.dates()
    free = statuses == {"free"}
    only = next(iter(wanted.specialties)) if len(wanted.specialties) == 1 else ""
    only = "" if only in SPECIALTIES else only
    coded = only.isascii()
    kind = next(iter(wanted.kinds)) if wanted.kinds is not None and len(wanted.kinds) == 1 else ""
    if wanted.kinds is not None and not wanted.kinds:
        return Page([], [])
    found: list[tuple[SlotRow, SessionRow]] = []
    cursor, read = search.cursor, 0
    while True:
        page = service.search(
            SlotQuery(
                date_from=first,
                date_to=last,
                hospital=wanted.hospital,
                campus=wanted.campus,
                department=wanted.department or (only if coded else ""),
                doctor=wanted.doctor,
                text="" if coded else only,
                kind=kind,
                free_only=free,
                pool=COMMUNITY if pools else "online" if free else "",
                open_at=service.now(),
                limit=search.count - len(found),
                cursor=cursor,
            )
        )
        sessions = {s.id: s for s in page.sessions}
        found += [
            (slot, sessions[slot.session])
            for slot in page.slots
            if span.holds(slot.begins_at)
            and wanted.holds(sessions[slot.session])
            and _has(statuses, model.SLOT_STATUS[slot.state])
            and _of_pools(pools, slot, sessions[slot.session])
        ]
        cursor, read = page.cursor, read + len(page.slots)
        if not cursor or len(found) >= search.count or read >= MAX_READ:
            return _slot_page(search, found, cursor)


def find_schedules(service: HealthSlotsService, search: Search) -> Page:
    """Sessions by `_id`, actor, date, specialty, service type, active."""
    search.require_sort("date")
    span, wanted, active = search.moments("date"), _wanted(search, "actor"), search.tokens("active")
    since = search.moments("_lastUpdated")
    if set(active) - {"true", "false"}:
        raise BadSearch("active is true or false", "active")
    ids = search.tokens("_id")
    sessions: Iterable[SessionRow] = (
        [s for s in (_or_none(service.index.session, id) for id in ids[:MAX_IDS]) if s is not None]
        if ids
        else _sessions(service, wanted, *span.dates())
    )
    skip = _offset(search.cursor)
    matching = (
        s
        for s in sessions
        if wanted.holds(s)
        and since.holds(s.updated_at)
        and span.overlaps(*model.horizon(s))
        and (not active or ("true" if s.state == "published" else "false") in active)
    )
    found = list(islice(matching, skip, skip + search.count + 1))
    more = str(skip + search.count) if len(found) > search.count else ""
    shown = found[: search.count]
    return Page([model.schedule_resource(s) for s in shown], _their_slots(service, search, shown), more)


def _their_slots(service: HealthSlotsService, search: Search, sessions: Iterable[SessionRow]) -> list[Resource]:
    """The slots of the schedules of a page, where they are asked to come along; BadSearch for too many."""
    wished = search.alternatives("_revinclude")
    if set(wished) - {"Slot:schedule"}:
        raise BadSearch("_revinclude is Slot:schedule", "_revinclude")
    found: list[Resource] = []
    for session in sessions if wished else ():
        found += [model.slot_resource(slot, session) for slot in service.slots(session.id)]
        if len(found) > MAX_READ:
            raise BadSearch(f"more than {MAX_READ} slots come along; ask for fewer schedules (_count)", "_revinclude")
    return found


def find_appointments(door: Door, search: Search) -> Page:
    """The portal's own appointments, the newest first."""
    search.require_sort("date", "-date")
    statuses = _statuses(search, model.APPOINTMENT_STATUSES)
    wanted, span = _wanted(search, "practitioner"), search.moments("date")
    service = door.service
    where = ["a.booker IN (?, ?)"]
    values: list[Any] = [*door.bookers]
    patients = {text.rpartition("/")[2] for text in (*search.tokens("patient"), *search.tokens("actor"))}
    slots = search.references("slot", "Slot")
    if patients:
        clause, ids = door.made_for(patients)
        where.append(clause)
        values += ids
    for column, chosen in (("a.id", search.tokens("_id")), ("a.state", statuses)):
        if chosen:
            where.append(f"{column} IN ({', '.join('?' * len(chosen))})")
            values += chosen
    if search.cursor:
        where.append("(a.created_at < ? OR (a.created_at = ? AND a.id > ?))")
        created, id = _appointment_cursor(search.cursor)
        values += [created, created, id]
    since = search.moments("_lastUpdated")
    low, _ = since.bounds()
    if low is not None:
        where.append("a.updated >= ?")
        values.append(low)
    sql = (
        f"SELECT {searching.APPOINTMENT_COLUMNS} {searching.APPOINTMENT_FROM} "
        f"WHERE {' AND '.join(where)} ORDER BY a.created_at DESC, a.id LIMIT ?"
    )
    rows = [searching.appointment_row(row) for row in service.index.rows(sql, (*values, MAX_READ))]
    found: list[Resource] = []
    for number, appointment in enumerate(rows):
        session = service.index.session(appointment.slot.rpartition(".")[0])
        slot = service.index.slot(appointment.slot)
        fits = (not slots or appointment.slot in slots) and since.holds(appointment.updated_at)
        if fits and span.holds(slot.begins_at) and wanted.holds(session):
            found.append(door.resource(appointment))
        if len(found) == search.count:
            more = number + 1 < len(rows)
            return Page(found, [], f"{appointment.created_at}_{appointment.id}" if more else "")
    last = rows[-1] if len(rows) == MAX_READ else None
    return Page(found, [], f"{last.created_at}_{last.id}" if last is not None else "")


def matching_now(door: Door, search: Search) -> list[Resource]:
    """Of the portal's appointments at most two that match, as the ledger has them now."""
    door.service.refresh()
    return find_appointments(door, replace(search, count=2, cursor="")).matches


def slot_resource(service: HealthSlotsService, id: str) -> Resource:
    """One slot; NotFound otherwise."""
    slot = service.index.slot(id)
    return model.slot_resource(slot, service.index.session(slot.session))


def _slot_page(search: Search, found: list[tuple[SlotRow, SessionRow]], cursor: str) -> Page:
    include = search.alternatives("_include")
    if include and include != ["Slot:schedule"]:
        raise BadSearch("_include is Slot:schedule", "_include")
    matches = [model.slot_resource(slot, session) for slot, session in found]
    sessions = {session.id: session for _, session in found} if include else {}
    return Page(matches, [model.schedule_resource(s) for s in sessions.values()], cursor)


def _by_id(service: HealthSlotsService, ids: list[str]) -> Iterator[tuple[SlotRow, SessionRow]]:
    for id in ids:
        slot = _or_none(service.index.slot, id)
        if slot is not None:
            yield slot, service.index.session(slot.session)


def _of_sessions(service: HealthSlotsService, names: list[str]) -> Iterator[tuple[SlotRow, SessionRow]]:
    for name in names:
        session = _or_none(service.index.session, name)
        if session is not None:
            yield from ((slot, session) for slot in service.slots(name))


def _changed(service: HealthSlotsService, since: Moments) -> Iterator[tuple[SlotRow, SessionRow]]:
    low, high = since.bounds()
    for session in service.index.sessions_since(low or 0, high):
        yield from ((slot, session) for slot in service.slots(session.id))


def _or_none(read: Callable[[str], T], name: str) -> T | None:
    """What a search does not find is no error, unlike what a read does not find."""
    from baas.errors import NotFound

    try:
        return read(name)
    except NotFound:
        return None


def _sessions(service: HealthSlotsService, wanted: Wanted, first: str, last: str) -> Iterator[SessionRow]:
    where, values = ["1"], []
    for clause, value in (
        ("h.code = ?", wanted.hospital),
        ("s.date >= ?", first),
        ("s.date <= ?", last),
        ("s.department = ?", wanted.department),
        ("s.doctor = ?", wanted.doctor),
        ("c.code = ?", wanted.campus),
    ):
        if value:
            where.append(clause)
            values.append(value)
    sql = (
        f"SELECT {searching.SESSION_COLUMNS} {searching.SESSION_FROM} WHERE {' AND '.join(where)} "
        "ORDER BY s.date, s.start, s.id LIMIT ?"
    )
    for row in service.index.rows(sql, (*values, 20_000)):
        yield searching.session_row(row)


def _wanted(search: Search, actor: str) -> Wanted:
    actors = search.references(actor, *ACTORS) if actor in search.values else []
    if len(actors) > 1:
        raise BadSearch(f"{actor} names one actor", actor)
    hospital, department, doctor, campus = "", "", "", ""
    if actors:
        kind = search.alternatives(actor)[0].rpartition("/")[0].rpartition("/")[2]
        hospital, _, unit = actors[0].partition(".")
        if kind == "HealthcareService":
            department = unit
        elif kind == "Location":
            campus = unit
        elif kind == "Practitioner" or actor == "practitioner":
            doctor = unit
    kinds: frozenset[str] | None = None
    for name in ("service-type", "appointment-type"):
        asked = search.tokens(name)
        if asked:
            these = frozenset(k for k, t in KIND_TITLES.items() if {k, t.zh, t.en} & set(asked))
            kinds = these if kinds is None else kinds & these
    return Wanted(hospital, department, doctor, kinds, frozenset(search.tokens("specialty")), campus)


def _statuses(search: Search, known: frozenset[str]) -> set[str]:
    statuses = set(search.tokens("status"))
    if unknown := statuses - known:
        raise BadSearch(f"status has no code {', '.join(sorted(unknown))[:80]}", "status")
    return statuses


def _has(statuses: set[str], status: str) -> bool:
    return not statuses or status in statuses


def _of_pools(pools: set[str], slot: SlotRow, session: SessionRow) -> bool:
    """Say whether a slot has a category that was asked for: only reserved ones have one."""
    return not pools or (slot.pool == COMMUNITY and COMMUNITY in pools and bool(session.referral_until))


def _offset(cursor: str) -> int:
    if not cursor:
        return 0
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 12:
        raise BadSearch("the cursor is not valid", "_cursor")
    return int(cursor)


def _appointment_cursor(cursor: str) -> tuple[int, str]:
    created, _, id = cursor.partition("_")
    return _offset(created), id
