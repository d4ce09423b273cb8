"""What goes before a commitment: sessions compared with the ledger's, and cut into transactions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from apps.health_slots.index import SlotIndex
from apps.health_slots.index.schema import KINDS
from apps.health_slots.schedule import SessionDraft
from baas.errors import Conflict, Text
from baas.jobs import JobContext

MAX_UNITS = 1900
"""Departments and doctors of one transaction; the contract takes 2,000."""
Units = dict[str, list[dict[str, str]]]


def check_against(index: SlotIndex, hospital: str, drafts: Sequence[SessionDraft], ctx: JobContext) -> frozenset[str]:
    """Return the ids of drafts that are on the ledger already, the very same; the index must be up to date.

    Conflict, before anything is written, if another session has a draft's place or its doctor's time.
    """
    known: set[str] = set()
    for number, draft in enumerate(drafts):
        if number % 2000 == 0:
            ctx.check_cancelled()
        there = index.rows(
            'SELECT s.code, s.slots, s.kind, s.fee, s.state, s.start + s.shift, s."end" + s.shift FROM session s '
            "JOIN hospital h ON h.id = s.hospital WHERE h.code = ? AND s.date = ? AND s.doctor = ?",
            (hospital, draft.date, draft.doctor),
        )
        same = next((row for row in there if row[0] == draft.id), None)
        if same is None:
            # It may have been moved to another day, or given to another doctor.
            same = next(
                iter(
                    index.rows(
                        "SELECT s.code, s.slots, s.kind, s.fee, s.state FROM session s "
                        "JOIN hospital h ON h.id = s.hospital WHERE h.code = ? AND s.code = ?",
                        (hospital, draft.id),
                    )
                ),
                None,
            )
        if same is not None:
            _require_same(hospital, draft, same)
            known.add(draft.id)
            continue
        for code, *_, start, end in there:
            if draft.start < end and start < draft.end:
                raise Conflict(
                    Text(
                        "第 {line} 行：{doctor} 在 {date} 的这个时间已有出诊 {other}。",
                        "Line {line}: {doctor} has session {other} at that time on {date}.",
                        line=draft.lines[0],
                        doctor=draft.doctor_name,
                        date=draft.date,
                        other=code,
                    ),
                    Text("请改正后重新导入，什么都没有写入。", "Mend the file and import again; nothing was written."),
                    code="session_overlap",
                )
    return frozenset(known)


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
    departments = {d.department: {"id": d.department, "name": d.department_name} for d in drafts}
    doctors = {
        d.doctor: {"id": d.doctor, "department": d.department, "name": d.doctor_name, "title": d.title} for d in drafts
    }
    return {"departments": list(departments.values()), "doctors": list(doctors.values())}


def _require_same(hospital: str, draft: SessionDraft, row: Any) -> None:
    """A session that was stopped or moved since is still the one that was promised; nothing is committed again."""
    if (row[1], KINDS[row[2]], row[3]) != (draft.count, draft.kind, draft.fee):
        raise Conflict(
            Text(
                "{name} 已承诺，且与文件不同。",
                "{name} was committed already, and differs.",
                name=f"{hospital}.{draft.id}",
            ),
            Text("已承诺的号源不能改，只能停诊、改诊或加号。", "Committed slots cannot change; stop, move or add."),
            code="session_exists",
        )
