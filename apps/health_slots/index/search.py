"""Searching the index: sessions by day, place and subject, unpacked into slots."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from apps.health_slots.index.schema import KINDS, PARTS, POOLS, SESSION_STATES, STATES
from apps.health_slots.model import Appointment, SessionRow, SlotPage, SlotQuery, SlotRow
from baas.errors import Text, UserError
from chaincode.health_slots import calendar, grid

SESSION_COLUMNS = """
    s.id, h.code, h.name, s.code, s.department, j.name, s.doctor,
    COALESCE((SELECT d.name FROM doctor d WHERE d.hospital = s.hospital AND d.code = s.doctor), s.doctor),
    s.date, s.part, s.kind, s.start + s.shift, s."end" + s.shift, s.fee, s.state, s.slots, s.free, s.booked, s.held,
    s.added, s.release_at, s.late, s.committed_block, s.published_block, s.runs, s.shift, h.utc_offset,
    s.committed_at, s.published_at, s.updated,
    COALESCE(c.code, ''), COALESCE(c.name, ''), s.referral_hours
"""
SESSION_FROM = (
    "FROM session s JOIN hospital h ON h.id = s.hospital JOIN subject j ON j.id = s.subject "
    "LEFT JOIN campus c ON c.id = s.campus"
)
APPOINTMENT_COLUMNS = """
    a.id, h.code || '.' || s.code || '.' || printf('%03d', a.number), h.code, s.department, a.resident, a.state,
    a.booker, a.created_at, a.expires, a.due, a.paid, a.refund_due, a.refunded, a.tx_id, a.block, a.updated
"""
APPOINTMENT_FROM = "FROM appointment a JOIN session s ON s.id = a.session JOIN hospital h ON h.id = a.hospital"
_TEXT_LIMIT = 500
_PLAIN = {
    "date_from": "s.date >= ?",
    "date_to": "s.date <= ?",
    "department": "s.department = ?",
    "doctor": "s.doctor = ?",
}


def search(db: sqlite3.Connection, query: SlotQuery) -> SlotPage:
    """Return a page of slots in order of date and hour.

    At most `limit` slots (1 to 500); the cursor names the last session and slot of the page.
    """
    if not 1 <= query.limit <= 500:
        raise UserError(Text("每页 1 到 500 个。", "A page has 1 to 500 slots."))
    where, values = _conditions(db, query)
    if where is None:
        return SlotPage((), (), "")
    after = _cursor(query.cursor)
    if after is not None:
        where.append("(s.date, s.start, s.id) >= (?, ?, ?)")
        values += after[:3]
    sql = f"SELECT {SESSION_COLUMNS} {SESSION_FROM} WHERE {' AND '.join(where)} ORDER BY s.date, s.start, s.id"
    slots: list[SlotRow] = []
    sessions: list[SessionRow] = []
    for row in db.execute(sql, values):
        session = session_row(row)
        taken_any = False
        for slot in slots_of(db, row):
            if query.pool and slot.pool != query.pool and not _fell_back(query, slot, session):
                continue
            if query.free_only and slot.state != "free":
                continue
            if after is not None and row[0] == after[2] and slot.number <= after[3]:
                continue
            if len(slots) == query.limit:
                last = slots[-1]
                return SlotPage(tuple(slots), tuple(sessions), _make_cursor(db, last))
            slots.append(slot)
            if not taken_any:
                sessions.append(session)
                taken_any = True
    return SlotPage(tuple(slots), tuple(sessions), "")


def _fell_back(query: SlotQuery, slot: SlotRow, session: SessionRow) -> bool:
    """Whether a slot that was reserved for referrals is everybody's at the moment that is asked for."""
    reserved = query.pool == "online" and slot.pool == "community" and bool(session.referral_until)
    return reserved and session.referral_until <= query.open_at


def session_row(row: Any) -> SessionRow:
    """Build a session from the columns of `SESSION_COLUMNS`."""
    return SessionRow(
        id=f"{row[1]}.{row[3]}",
        hospital=row[1],
        hospital_name=row[2],
        department=row[4],
        department_name=row[5],
        doctor=row[6],
        doctor_name=row[7],
        date=row[8],
        part=PARTS[row[9]],
        kind=KINDS[row[10]],
        start=row[11],
        end=row[12],
        fee=row[13],
        state=SESSION_STATES[row[14]],
        slots=row[15],
        free=row[16] if SESSION_STATES[row[14]] == "published" else 0,  # nobody can book any other
        booked=row[17],
        held=row[18],
        added=row[19],
        release_at=row[20],
        late=bool(row[21]),
        committed_block=row[22],
        published_block=row[23],
        updated_at=row[29],
        campus=row[30],
        campus_name=row[31],
        referral_until=calendar.at(row[8], row[11], row[26]) - row[32] * 3600 if row[32] else 0,
    )


def appointment_row(row: Any) -> Appointment:
    """Build an appointment from the columns of `APPOINTMENT_COLUMNS`."""
    return replace(Appointment(*row[:15]), updated_at=row[15])


_TOUCHED = 'number, state, at, block, added, start, "end", pool, created_at, appointment, updated'


def slots_of(db: sqlite3.Connection, row: Any) -> Iterator[SlotRow]:
    """Yield every slot of a session: what was promised, as it stands now, then what was added."""
    make = _maker(row)
    touched = {
        t[0]: t[1:] for t in db.execute(f"SELECT {_TOUCHED} FROM slot WHERE session = ? ORDER BY number", (row[0],))
    }
    for slot in grid.expand(json.loads(row[24])):
        yield make(slot, touched.pop(slot.number, None))
    for number, found in touched.items():
        yield make(_added(number, found), found)


def slot_of(db: sqlite3.Connection, row: Any, number: int) -> SlotRow | None:
    """One slot of a session; None where there is none with this number."""
    found = db.execute(f"SELECT {_TOUCHED} FROM slot WHERE session = ? AND number = ?", (row[0], number)).fetchone()
    touched = found[1:] if found is not None else None
    promised = grid.slot_at(json.loads(row[24]), number)
    if promised is None and touched is not None:
        promised = _added(number, touched)
    return _maker(row)(promised, touched) if promised is not None else None


def _added(number: int, found: Any) -> grid.GridSlot:
    return grid.GridSlot(number, found[4], found[5], POOLS[found[6]])


def _maker(row: Any) -> Callable[[grid.GridSlot, Any], SlotRow]:
    """What makes a session's slots: of where each is, and of what the index has of it (None for untouched)."""
    name, shift, offset = f"{row[1]}.{row[3]}", row[25], row[26]
    midnight = calendar.at(row[8], shift, offset)
    created = row[28] or row[27]
    stopped = SESSION_STATES[row[14]] == "stopped"

    def make(slot: grid.GridSlot, more: Any) -> SlotRow:
        begins = midnight + slot.start * 60
        state = STATES[more[0]] if more else "free"
        return SlotRow(
            id=f"{name}.{slot.number:03d}",
            session=name,
            number=slot.number,
            start=slot.start + shift,
            end=slot.end + shift,
            pool=slot.pool,
            state="stopped" if stopped else state,
            begins_at=begins,
            created_at=(more[7] if more and more[3] else None) or created,
            closes_at=begins,
            applied_at=more[1] if more and more[8] else None,
            added=bool(more and more[3]),
            block=more[2] if more else row[23] or row[22],
            updated_at=max(row[29], more[9]) if more else row[29],
        )

    return make


def _conditions(db: sqlite3.Connection, query: SlotQuery) -> tuple[list[str] | None, list[Any]]:
    where: list[str] = ["s.state = 1 AND s.free > 0"] if query.free_only else ["1"]
    values: list[Any] = []
    for name, clause in _PLAIN.items():
        value = getattr(query, name)
        if value:
            where.append(clause)
            values.append(_date(value) if name.startswith("date") else value)
    for name, known in (("kind", KINDS), ("part", PARTS), ("pool", POOLS)):
        value = getattr(query, name)
        if value and value not in known:
            raise UserError(Text("没有这种选项：{v}", "There is no such choice: {v}", v=value[:40]))
        if value and name != "pool":
            where.append(f"s.{name} = ?")
            values.append(known.index(value))
    if query.pool and query.free_only:
        where.append(_free_of(query))
    if query.hospital:
        found = db.execute("SELECT id FROM hospital WHERE code = ?", (query.hospital,)).fetchone()
        if found is None:
            return None, []
        where.append("s.hospital = ?")
        values.append(found[0])
    if query.campus:
        named = (query.campus, query.campus)
        ids = [row[0] for row in db.execute("SELECT id FROM campus WHERE code = ? OR name = ?", named)]
        if not ids:
            return None, []
        where.append(f"s.campus IN ({', '.join('?' * len(ids))})")
        values += ids
    if query.text.strip():
        clause, more = _text(db, query.text.strip())
        if not clause:
            return None, []
        where.append(clause)
        values += more
    return where, values


def _free_of(query: SlotQuery) -> str:
    """Sessions that may have a free slot of the pool that is asked for."""
    if query.pool == "online" and query.open_at:
        return "(s.free_online > 0 OR (s.free_community > 0 AND s.referral_hours > 0))"
    return f"s.free_{query.pool} > 0"


def _text(db: sqlite3.Connection, text: str) -> tuple[str, list[Any]]:
    """Match every word against subjects, hospitals and campuses, small tables, and narrow sessions by the ids found."""
    clauses: list[str] = []
    values: list[Any] = []
    for word in text.split()[:4]:
        like = f"%{word.replace('%', '').replace('_', '')}%"
        parts = []
        for column in ("subject", "hospital", "campus"):
            found = db.execute(f"SELECT id FROM {column} WHERE name LIKE ? LIMIT ?", (like, _TEXT_LIMIT))
            if ids := [row[0] for row in found]:
                parts.append(f"s.{column} IN ({', '.join('?' * len(ids))})")
                values += ids
        if not parts:
            return "", []
        clauses.append(f"({' OR '.join(parts)})")
    return " AND ".join(clauses), values


def _make_cursor(db: sqlite3.Connection, last: SlotRow) -> str:
    hospital, code = last.session.split(".")
    row = db.execute(
        "SELECT s.date, s.start, s.id FROM session s JOIN hospital h ON h.id = s.hospital "
        "WHERE h.code = ? AND s.code = ?",
        (hospital, code),
    ).fetchone()
    return f"{row[0]}_{row[1]}_{row[2]}_{last.number}"


def _cursor(text: str) -> list[Any] | None:
    if not text:
        return None
    parts = text.split("_")
    try:
        return [_date(parts[0]), int(parts[1]), int(parts[2]), int(parts[3])]
    except (ValueError, IndexError) as error:
        raise UserError(Text("翻页位置不对。", "The cursor is not valid.")) from error


def _date(text: str) -> str:
    try:
        return dt.date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise UserError(
            Text("日期不对：{d}", "The date is wrong: {d}", d=text[:40]),
            Text("应写作 2026-12-03。", "Write 2026-12-03."),
        ) from error
