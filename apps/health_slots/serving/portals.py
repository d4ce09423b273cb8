"""Portals on a platform: registry of tokens, and one service for each, over one index.

Where the ledger asks for tickets one certificate signs for all of them, the FHIR service's own. On ledgers of before
each portal has one.
"""

from __future__ import annotations

import functools
import threading
from typing import TYPE_CHECKING

from apps.health_slots.cast import cast_of
from apps.health_slots.index import SlotIndex
from apps.health_slots.ledger import FabricLedger
from apps.health_slots.plans import PlanStore
from apps.health_slots.service import HealthSlotsService
from apps.health_slots.services.base import Ports
from apps.health_slots.services.tickets import TicketDesk
from apps.health_slots.serving.admitted import LedgerPortals
from apps.health_slots.serving.door import Door
from apps.health_slots.serving.gathering import GatheringLedger
from apps.health_slots.serving.hooks import Subscriptions
from apps.health_slots.serving.limits import Portal, PortalRegistry
from apps.health_slots.serving.notifying import Notifier
from apps.health_slots.serving.patients import PortalPatients
from apps.health_slots.serving.published import PublishedChain
from apps.health_slots.vault import SlotVault
from chaincode.health_slots.context import EVERY_PORTAL

if TYPE_CHECKING:
    from baas.platform import Platform


class PlatformPortals:
    """`Portals` of a network."""

    def __init__(self, platform: Platform, network: str, index: SlotIndex) -> None:
        self._platform = platform
        self._network = platform.networks.resolve(network)
        self._index = index
        self._folder = platform.workspace.path("slots", self._network)
        local = PortalRegistry(self._folder / "portals.db")
        ledger = FabricLedger(platform, network, portal=EVERY_PORTAL)
        self.registry = LedgerPortals(ledger, local, ledger.clock.seconds)
        self.patients = PortalPatients(self._folder / "portals.db")
        self.hooks = Subscriptions(self._folder / "portals.db")
        self._services: dict[str, HealthSlotsService] = {}
        self._guard = threading.Lock()

    def of_token(self, token: str) -> Portal | None:
        return self.registry.of_token(token)

    def at_hand(self, token: str) -> tuple[Portal, HealthSlotsService] | None:
        """Portal and service of a token where both are known without asking the ledger."""
        portal = self.registry.at_hand(token)
        service = self._services.get(portal.name) if portal is not None else None
        return (portal, service) if portal is not None and service is not None else None

    def door_of(self, portal: str) -> Door | None:
        """A portal's door; None for one that may not use the interface any more."""
        found = self.registry.live(portal)
        return Door(found, self.service_of(portal), self.patients) if found is not None else None

    def notifier(self) -> Notifier:
        """Tells portals of what they subscribed to, while it is entered."""
        return Notifier(self.hooks, self, self.registry.clock)

    def service_of(self, portal: str) -> HealthSlotsService:
        """The portal's service, made when it first asks."""
        with self._guard:
            if portal not in self._services:
                ledger, door = self._shared
                tickets = TicketDesk(ledger, portal)
                if not tickets.needed():
                    ledger, door = self._opened(portal)
                    tickets = TicketDesk(ledger, portal)
                ports = Ports(
                    door,
                    self._index,
                    SlotVault(self._platform.keystore, self._network),
                    self._platform.session,
                    clock=ledger.clock.seconds,
                    tickets=tickets,
                    followed=True,
                )
                plans = PlanStore(self._folder / "plans.db")
                self._services[portal] = HealthSlotsService(ports, plans, cast_of(ledger.spec))
            return self._services[portal]

    @functools.cached_property
    def _shared(self) -> tuple[FabricLedger, GatheringLedger]:
        """The ledger that signs for all portals, whose bookings so travel together."""
        return self._opened(EVERY_PORTAL)

    def _opened(self, portal: str) -> tuple[FabricLedger, GatheringLedger]:
        ledger = FabricLedger(self._platform, self._network, portal=portal)
        return ledger, GatheringLedger(ledger, left=self._left)

    def _left(self, session: str) -> int:
        """How many slots of a session may still be given, those included that are held for the moment."""
        row = self._index.session(session)
        return row.free + row.held


def published(service: HealthSlotsService) -> PublishedChain | None:
    """The chain that the board hands out, kept beside the index; None on a ledger that is no network."""
    ledger = service.ledger
    if not isinstance(ledger, FabricLedger):
        return None
    path = ledger.platform.workspace.path("slots", ledger.network) / "published.blocks"
    return PublishedChain(ledger, path, ledger.clock.seconds)
