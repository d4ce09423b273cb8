"""The local index: what blocks say about slots, arranged for searching; rebuilt from the ledger at any time."""

from apps.health_slots.index.store import SlotIndex

__all__ = ["SlotIndex"]
