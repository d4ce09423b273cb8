"""The contract of 号源链, the ledger of appointment slots."""

from chaincode.health_slots.contract import HealthSlotsContract

CONTRACTS = [HealthSlotsContract()]

__all__ = ["CONTRACTS", "HealthSlotsContract"]
