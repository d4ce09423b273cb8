"""The words of what people do with slots, together."""

from __future__ import annotations

from functools import cache

from apps.health_slots.authority_words import BEACON, CLINIC, CODE_KEY, CONSENT, KEY, TICKETS
from apps.health_slots.booking_words import BOOKING
from apps.health_slots.draw_words import DRAWING
from apps.health_slots.kinds import KINDS
from apps.health_slots.people_words import FAMILY, HOSPITAL, REFERRAL, RESIDENT
from apps.health_slots.session_words import SESSION
from apps.health_slots.settling_words import POINTS, SETTLEMENT
from apps.kit.words import Catalogue

WORDS = (
    SESSION,
    BOOKING,
    SETTLEMENT,
    DRAWING,
    POINTS,
    RESIDENT,
    KEY,
    CLINIC,
    HOSPITAL,
    FAMILY,
    REFERRAL,
    CONSENT,
    CODE_KEY,
    TICKETS,
    BEACON,
)


@cache
def catalogue() -> Catalogue:
    """The kinds with their words."""
    return Catalogue(KINDS, WORDS)
