"""The open board or the FHIR interface for a console that starts and stops it, on this machine only."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from apps.health_slots.serving.following import Follower
from baas.serving.web import WebServer

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from apps.health_slots.service import HealthSlotsService
    from apps.health_slots.serving.portals import PlatformPortals


class BackgroundServer(WebServer):
    """A web server whose index follows the ledger as long as it runs."""

    def __init__(
        self,
        app: Starlette,
        service: HealthSlotsService,
        path: str = "",
        *,
        follow_s: float = 0.5,
        beside: Callable[[], AbstractContextManager[object]] = contextlib.nullcontext,
    ) -> None:
        super().__init__(app, path=path, name="slots")
        self._beside = beside
        self._follower = Follower(service.index, service.ledger, seconds=follow_s, duty=service.waiting.close_due)
        self._closing = contextlib.ExitStack()

    def start(self, port: int | None = None) -> str:
        address = super().start(port)
        try:
            self._closing.enter_context(self._follower)
            self._closing.enter_context(self._beside())
        except BaseException:
            self.stop()
            raise
        return address

    def stop(self) -> None:
        super().stop()
        self._closing.close()


def board_server(service: HealthSlotsService) -> BackgroundServer:
    """The open board of a network."""
    from apps.health_slots.serving.board import board_app
    from apps.health_slots.serving.portals import published

    return BackgroundServer(board_app(service, published(service)), service)


def fhir_server(portals: PlatformPortals, service: HealthSlotsService) -> BackgroundServer:
    """The FHIR interface of a network for its portals; it follows closely, because portals read what they wrote."""
    from apps.health_slots.serving.fhir import fhir_app

    return BackgroundServer(fhir_app(portals), service, "fhir", follow_s=0.2, beside=portals.notifier)
