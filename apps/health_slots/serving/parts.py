"""What of 号源链 `citychain serve` runs: the open board and the FHIR interface."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from apps.health_slots import permissions
from baas.errors import Text
from baas.serving.parts import Part, Request
from baas.serving.web import WebServer, serving

if TYPE_CHECKING:
    from apps.health_slots.service import HealthSlotsService

PERMISSION = permissions.SERVE


@contextlib.contextmanager
def _service(request: Request) -> Iterator[HealthSlotsService]:
    from apps.health_slots.service import build_service

    service = build_service(request.platform, request.network)
    try:
        yield service
    finally:
        service.close()


@contextlib.contextmanager
def _board(request: Request) -> Iterator[WebServer]:
    from apps.health_slots.serving.board import board_app
    from apps.health_slots.serving.following import Follower
    from apps.health_slots.serving.portals import published

    with (
        _service(request) as service,
        Follower(service.index, service.ledger, duty=service.waiting.close_due),
        serving(
            request.platform, request.network, board_app(service, published(service)), "board", request.web
        ) as server,
    ):
        yield server


@contextlib.contextmanager
def _fhir(request: Request) -> Iterator[WebServer]:
    from apps.health_slots.serving.fhir import fhir_app
    from apps.health_slots.serving.following import Follower
    from apps.health_slots.serving.portals import PlatformPortals

    with _service(request) as service:
        portals = PlatformPortals(request.platform, request.network, service.index)
        with (
            # Closely, because portals read what they wrote.
            Follower(service.index, service.ledger, seconds=0.2, duty=service.waiting.close_due),
            portals.notifier(),
            serving(request.platform, request.network, fhir_app(portals), "fhir", request.web, "fhir") as server,
        ):
            yield server


BOARD = Part("board", Text("公开看板", "The open board"), PERMISSION, _board)
FHIR = Part("fhir", Text("FHIR R4 接口", "The FHIR R4 interface"), PERMISSION, _fhir)
