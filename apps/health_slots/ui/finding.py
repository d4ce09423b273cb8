"""Finds sessions for the command palette: by hospital, department, doctor or day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from apps.health_slots import permissions
from apps.health_slots.service import build_service
from apps.health_slots.ui.phrases import day_of, tr
from console.finding import Found, fits

if TYPE_CHECKING:
    from baas.platform import Platform

MOST, LOOKED_AT = 6, 2000


def find(platform: Platform, network: str, text: str) -> Sequence[Found]:
    """Sessions on the ledger; a slot's number leads to its session."""
    if not platform.session.allows(permissions.READ):
        return ()
    wanted = ".".join(text.split(".")[:2]) if text.count(".") >= 2 else text
    service = build_service(platform, network)
    try:
        rows = service.sessions(limit=LOOKED_AT)
    finally:
        service.close()
    found = []
    for row in rows:
        if fits(wanted, row.id, row.hospital_name, row.department_name, row.doctor_name, row.date):
            words = tr("号源 · {hospital} · {free} / {all} 空闲")
            note = words.format(hospital=row.hospital_name, free=row.free, all=row.all_slots)
            title = f"{row.department_name} {row.doctor_name} {day_of(row.date)}"
            found.append(Found(title, note, f"health_slots/board/{row.id}", "slots"))
            if len(found) == MOST:
                break
    return found
