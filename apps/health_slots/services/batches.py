"""Sessions cut into transactions, with the departments, doctors and campuses that each needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from apps.health_slots.schedule import SessionDraft

MAX_UNITS = 1900
"""Departments, doctors and campuses of one transaction; the contract takes 2,000."""
Units = dict[str, list[dict[str, str]]]


def batches(drafts: Iterable[SessionDraft], most: int, most_runs: int) -> Iterator[list[SessionDraft]]:
    """Cut drafts into transactions of at most `most` sessions, `most_runs` runs, `MAX_UNITS` units."""
    runs = 0
    batch: list[SessionDraft] = []
    units: set[tuple[str, str]] = set()
    for draft in drafts:
        more = {("department", draft.department), ("doctor", draft.doctor), ("campus", draft.campus)}
        full = len(batch) >= most or len(units | more) > MAX_UNITS or runs + len(draft.runs) > most_runs
        if batch and full:
            yield batch
            batch, units, runs = [], set(), 0
        batch.append(draft)
        runs += len(draft.runs)
        units |= more
    if batch:
        yield batch


def units_of(drafts: Sequence[SessionDraft]) -> Units:
    """Departments, doctors and campuses that the drafts need."""
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
    units = {"departments": list(departments.values()), "doctors": list(doctors.values())}
    # A contract of an earlier version knows no campuses and is asked for none.
    if campuses := {d.campus: {"id": d.campus, "name": d.campus_name} for d in drafts if d.campus}:
        units["campuses"] = list(campuses.values())
    return units


def _code(code: str) -> dict[str, str]:
    return {"code": code} if code else {}
