"""Portals on the in-memory ledger, for tests of the FHIR interface."""

from __future__ import annotations

import copy
import dataclasses
import threading
from pathlib import Path

from apps.health_slots.plans import PlanStore
from apps.health_slots.service import HealthSlotsService
from apps.health_slots.services.tickets import TicketDesk
from apps.health_slots.serving.door import Door
from apps.health_slots.serving.hooks import Subscriptions
from apps.health_slots.serving.limits import PortalRegistry
from apps.health_slots.serving.patients import PortalPatients


class OneTownPortals:
    """Every portal through the town's FHIR service; calls take turns, as the ledger in memory is one thread's."""

    def __init__(self, town, folder: Path) -> None:
        self.town = town
        self.registry = PortalRegistry(folder / "portals.db")
        self.patients = PortalPatients(folder / "portals.db")
        self.hooks = Subscriptions(folder / "portals.db")
        self.tokens = {n: self.registry.add(n, per_second=1000, burst=1000) for n in ("alpha", "beta")}
        self.turn = threading.Lock()
        submit = town.ledger.submit
        self.ledger = copy.copy(town.ledger)
        self.ledger.portal = "all"

        def in_turn(whose):
            def turn(*args, **keywords):
                with self.turn:
                    return whose(*args, **keywords)

            return turn

        town.ledger.submit, self.ledger.submit = in_turn(submit), in_turn(self.ledger.submit)
        self.services: dict[str, HealthSlotsService] = {}

    def of_token(self, token):
        return self.registry.of_token(token)

    def at_hand(self, token):
        return None

    def door_of(self, portal):
        found = next((one for one in self.registry.all() if one.name == portal and one.revoked_at is None), None)
        return Door(found, self.service_of(portal), self.patients) if found else None

    def service_of(self, portal):
        if portal not in self.services:
            town = self.town
            ports = dataclasses.replace(town.ports, ledger=self.ledger, tickets=TicketDesk(self.ledger, portal))
            plans = PlanStore(town.folder / "plans.db")
            self.services[portal] = HealthSlotsService(ports, plans, town.service.cast)
        return self.services[portal]

    def patient(self, number: int, portal: str = "alpha") -> str:
        """A resident whom a portal saw before, by the portal's id."""
        resident = self.service_of(portal).bookings.resident(self.town.identity(number))
        return self.patients.id_of(portal, resident)


def booking(slot: str, resident: str) -> dict:
    return {
        "resourceType": "Appointment",
        "status": "proposed",
        "slot": [{"reference": f"Slot/{slot}"}],
        "participant": [
            {"actor": {"identifier": {"system": "urn:citychain:resident", "value": resident}}, "status": "accepted"}
        ],
    }
