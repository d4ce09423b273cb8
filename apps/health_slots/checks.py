"""What the doctor looks at here: the years of working days that the ledger knows."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from apps.health_slots.service import build_service
from baas.errors import Text
from baas.working_days import doctor_check
from chaincode.working_days import WorkingDays

if TYPE_CHECKING:
    from baas.platform import Platform
    from baas.services.doctor import Check


def calendar(platform: Platform) -> list[Check]:
    """Whether the years that deadlines need are known on the default network's ledger."""
    network = platform.networks.default()
    if not network or platform.networks.state(network).phase != "ready":
        return []

    def known() -> WorkingDays:
        with contextlib.closing(build_service(platform, network)) as service:
            return service.rules.calendar()

    return doctor_check(
        "health_slots-calendar",
        Text("号源规则的工作日历", "The slots rules' working days"),
        "citychain slots calendar",
        known,
    )
