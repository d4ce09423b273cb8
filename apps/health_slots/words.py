"""The words of what people do with slots, together."""

from __future__ import annotations

from functools import cache

from apps.health_slots.booking_words import BOOKING
from apps.health_slots.kinds import KINDS
from apps.health_slots.settling_words import SETTLEMENT
from apps.kit.words import Catalogue

WORDS = (BOOKING, SETTLEMENT)


@cache
def catalogue() -> Catalogue:
    """The kinds with their words."""
    return Catalogue(KINDS, WORDS)
