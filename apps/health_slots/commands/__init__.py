"""`citychain slots`: everything that can be done with appointment slots, by theme."""

from apps.health_slots.commands.root import slots

from apps.health_slots.commands import books, changes, day, desk, draw, oversight  # isort: skip
from apps.health_slots.commands import families, referrals, release, residents, rules, schedule, serve  # isort: skip

__all__ = [
    "books",
    "changes",
    "day",
    "desk",
    "draw",
    "families",
    "oversight",
    "referrals",
    "release",
    "residents",
    "rules",
    "schedule",
    "serve",
    "slots",
]
