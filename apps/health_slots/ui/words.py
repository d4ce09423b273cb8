"""Words of the slots pages: their translations and what states look like."""

from __future__ import annotations

from console.i18n import translator

tr = translator("health_slots")

LEGEND = ("committed", "free", "held", "booked", "closed", "stopped", "returned", "added")
