"""The small cities of the contract's and the application's tests, here to be attacked."""

from __future__ import annotations

from tests.apps.health_slots.conftest import http, portals, town
from tests.chaincode.health_slots.conftest import city as contract_city

__all__ = ["contract_city", "http", "portals", "town"]
