"""The audit of reserves for referrals: who had a reserved slot before its hour, and by which referral."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chaincode.health_slots import calendar, grid

Write = tuple[str, tuple[str, ...], Any]


class Reserves:
    """The referrals as they stand, from blocks alone."""

    def __init__(self) -> None:
        self._referred: set[tuple[str, ...]] = set()

    def written(self, place: tuple[str, ...], record: Any) -> None:
        """A referral was written, or taken back (None)."""
        if record is None:
            self._referred.discard(place)
        else:
            self._referred.add(place)

    def broken(
        self, slot: tuple[str, ...], record: Any, session: dict[str, Any], seconds: int, writes: Iterable[Write]
    ) -> bool:
        """Say whether a slot that was just given (`record`) was reserved at `seconds`, and to somebody not referred.

        Whose it is stands in the transaction's own writes: an appointment that is not there was not referred.
        """
        hours, minute = int(session.get("referral_hours", 0)), session["start"] + int(session.get("shift", 0))
        if not hours or _pool(slot, record, session) != "community":
            return False
        if seconds >= calendar.at(session["date"], minute, session["offset"]) - hours * 3600:
            return False
        made = next((w[2] for w in writes if w[0] == "appointment" and w[1][0] == record.get("appointment")), None)
        place = (slot[0], session["department"], session["date"], (made or {}).get("resident", ""))
        return place not in self._referred


def _pool(slot: tuple[str, ...], record: Any, session: dict[str, Any]) -> str:
    promised = grid.slot_at(session["runs"], int(slot[2]))
    return promised.pool if promised is not None else str(record.get("added", {}).get("pool", ""))
