"""What the doctor looks at here: the years of working days that the ledger knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baas.errors import Text
from baas.working_days import doctor_check

if TYPE_CHECKING:
    from baas.platform import Platform
    from baas.services.doctor import Check


def calendar(platform: Platform) -> list[Check]:
    """Whether the years that deadlines need are known on the default network's ledger."""
    title = Text("号源规则的工作日历", "The slots rules' working days")
    return doctor_check(
        platform, "health_slots", title, "citychain slots calendar", lambda service: service.rules.calendar()
    )
