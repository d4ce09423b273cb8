"""Portals on the in-memory ledger, for tests of the FHIR interface."""

from __future__ import annotations

import threading
from pathlib import Path

from apps.health_slots.serving.limits import PortalRegistry


class OneTownPortals:
    """Every portal on the town's ledger; calls take turns, as the ledger in memory is one thread's."""

    def __init__(self, town, folder: Path) -> None:
        self.town = town
        self.registry = PortalRegistry(folder / "portals.db")
        self.tokens = {n: self.registry.add(n, per_second=1000, burst=1000) for n in ("alpha", "beta")}
        self.turn = threading.Lock()
        submit = town.ledger.submit

        def in_turn(*args, **keywords):
            with self.turn:
                return submit(*args, **keywords)

        town.ledger.submit = in_turn

    def of_token(self, token):
        return self.registry.of_token(token)

    def service_of(self, portal):
        self.town.ledger.portal = portal
        return self.town.service


def booking(slot: str, resident: str) -> dict:
    return {
        "resourceType": "Appointment",
        "status": "proposed",
        "slot": [{"reference": f"Slot/{slot}"}],
        "participant": [
            {"actor": {"identifier": {"system": "urn:citychain:resident", "value": resident}}, "status": "accepted"}
        ],
    }
