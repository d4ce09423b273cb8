"""Portals on a platform: registry of tokens, and one service for each, over one index."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from apps.health_slots.cast import cast_of
from apps.health_slots.index import SlotIndex
from apps.health_slots.ledger import FabricLedger
from apps.health_slots.plans import PlanStore
from apps.health_slots.service import HealthSlotsService
from apps.health_slots.services.base import Ports
from apps.health_slots.serving.gathering import GatheringLedger
from apps.health_slots.serving.limits import Portal, PortalRegistry
from apps.health_slots.vault import SlotVault

if TYPE_CHECKING:
    from baas.platform import Platform


class PlatformPortals:
    """`Portals` of a network: each portal books under a certificate of its own."""

    def __init__(self, platform: Platform, network: str, index: SlotIndex) -> None:
        self._platform = platform
        self._network = platform.networks.resolve(network)
        self._index = index
        self._folder = platform.workspace.path("slots", self._network)
        self.registry = PortalRegistry(self._folder / "portals.db")
        self._services: dict[str, HealthSlotsService] = {}
        self._guard = threading.Lock()

    def of_token(self, token: str) -> Portal | None:
        return self.registry.of_token(token)

    def service_of(self, portal: str) -> HealthSlotsService:
        """The portal's service, made when it first asks."""
        with self._guard:
            if portal not in self._services:
                ledger = FabricLedger(self._platform, self._network, portal=portal)
                ports = Ports(
                    GatheringLedger(ledger, left=self._left),
                    self._index,
                    SlotVault(self._platform.keystore, self._network),
                    self._platform.session,
                    followed=True,
                )
                plans = PlanStore(self._folder / "plans.db")
                self._services[portal] = HealthSlotsService(ports, plans, cast_of(ledger.spec))
            return self._services[portal]

    def _left(self, session: str) -> int:
        """How many slots of a session may still be given, those included that are held for the moment."""
        row = self._index.session(session)
        return row.free + row.held
