"""Words of the slots pages: their translations and what states look like."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from console.i18n import translator

tr = translator("health_slots")

LEGEND = ("committed", "free", "held", "booked", "closed", "stopped", "returned", "added")

HOSPITAL_ZONE = timezone(timedelta(hours=8))
"""Hospitals' clocks run on China Standard Time wherever this computer is."""


def hospital_time(seconds: int | None) -> datetime | None:
    """Return an instant on the hospital's clock."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).astimezone(HOSPITAL_ZONE)


def stamp(seconds: int | None, pattern: str = "%m-%d %H:%M") -> str:
    """Return an instant on the hospital's clock, short; "—" for none."""
    at = hospital_time(seconds)
    return f"{at:{pattern}}" if at else "—"
