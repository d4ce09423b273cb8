"""The group itself, and how a command gets at the service."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from baas.cli.kit import Cli, group
from baas.errors import Text

if TYPE_CHECKING:
    from apps.health_slots.service import HealthSlotsService
    from baas.platform import Platform


@group("slots", help=Text("号源链：发布、预约、审计医院号源。", "The ledger of appointment slots."))
def slots() -> None:
    """The ledger of appointment slots."""


@contextlib.contextmanager
def opened(cli: Cli, network: str) -> Iterator[tuple[Platform, HealthSlotsService]]:
    """Open the platform and the service on `network`."""
    from apps.health_slots.service import build_service

    with cli.platform(create=False) as platform:
        service = build_service(platform, network)
        try:
            yield platform, service
        finally:
            service.close()
