"""What goes before a commitment: sessions compared with the ledger's, and cut into transactions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from apps.health_slots.index import SlotIndex
from apps.health_slots.index.schema import KINDS
from apps.health_slots.schedule import SessionDraft
from apps.health_slots.schedule.fields import DAY_MINUTES
from baas.errors import Text
from baas.jobs import JobContext

MAX_UNITS = 1900
"""Departments and doctors of one transaction; the contract takes 2,000."""
Units = dict[str, list[dict[str, str]]]


class Problem(NamedTuple):
    """Why the ledger would refuse a draft; `code` names the kind of reason."""

    draft: SessionDraft
    why: Text
    code: str


@dataclass(frozen=True)
class Compared:
    """Sessions of a file beside those of the ledger."""

    known: frozenset[str]
    """ids of drafts that are on the ledger already, the very same"""
    problems: tuple[Problem, ...]
    """drafts that the ledger would refuse"""


def compare(index: SlotIndex, hospital: str, drafts: Sequence[SessionDraft], ctx: JobContext) -> Compared:
    """Compare drafts with the ledger's sessions; the index must be up to date."""
    known: set[str] = set()
    problems: list[Problem] = []
    for number, draft in enumerate(drafts):
        if number % 2000 == 0:
            ctx.check_cancelled()
        there = _sessions_near(index, hospital, draft)
        same = next((row for row in there if row[0] == draft.id), None) or _moved(index, hospital, draft)
        if same is not None:
            if (same[1], KINDS[same[2]], same[3]) == (draft.count, draft.kind, draft.fee):
                known.add(draft.id)
            else:
                why = Text("已承诺为 {n} 个号，且与文件不同", "was committed with {n} slots, and differs", n=same[1])
                problems.append(Problem(draft, why, "session_exists"))
            continue
        for code, *_, start, end in there:
            if draft.start < end and start < draft.end:
                why = Text("{other} 已占用该医生的这个时间", "the doctor has session {other} at that time", other=code)
                problems.append(Problem(draft, why, "session_overlap"))
                break
    return Compared(frozenset(known), tuple(problems))


def _sessions_near(index: SlotIndex, hospital: str, draft: SessionDraft) -> list[Any]:
    """The doctor's sessions of the draft's day, the one before and the one after; minutes from the draft's midnight."""
    day = dt.date.fromisoformat(draft.date)
    near = {(day + dt.timedelta(days=n)).isoformat(): n * DAY_MINUTES for n in (-1, 0, 1)}
    rows = index.rows(
        'SELECT s.code, s.slots, s.kind, s.fee, s.state, s.date, s.start + s.shift, s."end" + s.shift FROM session s '
        "JOIN hospital h ON h.id = s.hospital WHERE h.code = ? AND s.date IN (?, ?, ?) AND s.doctor = ?",
        (hospital, *near, draft.doctor),
    )
    return [(*row[:5], row[6] + near[row[5]], row[7] + near[row[5]]) for row in rows]


def _moved(index: SlotIndex, hospital: str, draft: SessionDraft) -> Any:
    """The session of that id wherever it is now: moved to another day, or given to another doctor."""
    rows = index.rows(
        "SELECT s.code, s.slots, s.kind, s.fee, s.state FROM session s "
        "JOIN hospital h ON h.id = s.hospital WHERE h.code = ? AND s.code = ?",
        (hospital, draft.id),
    )
    return next(iter(rows), None)


def batches(drafts: Iterable[SessionDraft], most: int) -> Iterator[list[SessionDraft]]:
    """Cut drafts into transactions of at most `most` sessions and `MAX_UNITS` departments and doctors."""
    batch: list[SessionDraft] = []
    units: set[tuple[str, str]] = set()
    for draft in drafts:
        more = {("department", draft.department), ("doctor", draft.doctor)}
        if batch and (len(batch) >= most or len(units | more) > MAX_UNITS):
            yield batch
            batch, units = [], set()
        batch.append(draft)
        units |= more
    if batch:
        yield batch


def units_of(drafts: Sequence[SessionDraft]) -> Units:
    """Departments and doctors that the drafts need."""
    departments = {
        d.department: {"id": d.department, "name": d.department_name, **_code(d.department_code)} for d in drafts
    }
    doctors = {
        d.doctor: {
            "id": d.doctor,
            "department": d.department,
            "name": d.doctor_name,
            "title": d.title,
            **_code(d.doctor_code),
        }
        for d in drafts
    }
    return {"departments": list(departments.values()), "doctors": list(doctors.values())}


def _code(code: str) -> dict[str, str]:
    return {"code": code} if code else {}
