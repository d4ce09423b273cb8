"""A hospital's booking rules as data: each change is a new version, old slots keep the one they were made under."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chaincode.health_slots import calendar
from chaincode.health_slots.refusals import bad
from chaincode.working_days import Year

CITY = "CITY"
"""Stands where a hospital's id would: the rules of hospitals that have made none of their own."""

_CHOICES = {
    "release_mode": ("daily", "after-commit"),
    "returned": ("waitlist", "draw"),
    "given_up": ("returned", "free"),
    "real_name": ("check-in", "booking"),
}
_BOUNDS = {
    "window_days": (0, 180),
    "release_minute": (0, 1439),
    "release_delay_s": (0, 86_400),
    "hold_s": (1, 86_400),
    "pay_s": (60, 86_400),
    "cancel_working_days": (0, 30),
    "cancel_minute": (0, 1439),
    "per_department_day": (1, 20),
    "per_day": (1, 50),
    "no_show_count": (1, 50),
    "no_show_within_days": (1, 3650),
    "offer_s": (60, 172_800),
    "reopen_min_s": (0, 604_800),
    "reopen_max_s": (1, 604_800),
    "check_in_before_minutes": (0, 1440),
    "check_in_after_minutes": (0, 1440),
    "points_fulfilled": (0, 10_000),
    "referral_hours": (0, 720),
    "points_valid_days": (1, 3650),
}


@dataclass(frozen=True, slots=True)
class Policy:
    """Booking rules. Minutes count from local midnight; `_s` are seconds.

    Defaults follow the practice of Chinese city platforms: seven days ahead, release at 15:00, cancelling until 16:00
    one working day before, three no-shows bar for 30, then 60, then 90 days.
    """

    window_days: int = 7
    release_minute: int = 900
    release_mode: str = "daily"
    """`daily`: `window_days` before the session at `release_minute`; `after-commit`: `release_delay_s` later."""
    release_delay_s: int = 0
    hold_s: int = 600
    prepay: bool = False
    """Whether a slot with a fee stays `held` (appointment `pending`) until the payment is recorded."""
    pay_s: int = 1800
    cancel_working_days: int = 1
    cancel_minute: int = 960
    holidays: tuple[str, ...] = ()
    workdays: tuple[str, ...] = ()
    per_department_day: int = 1
    per_day: int = 3
    no_show_count: int = 3
    no_show_within_days: int = 365
    bar_days: tuple[int, ...] = (30, 60, 90)
    returned: str = "waitlist"
    given_up: str = "returned"
    """What becomes of a hold that lapsed or was cancelled: `returned` hands it on like a booked slot, so that nobody
    can hold a slot for a buyer and pass it on at an agreed second; `free` opens it at once."""
    offer_s: int = 1800
    reopen_min_s: int = 600
    reopen_max_s: int = 7200
    check_in_before_minutes: int = 120
    check_in_after_minutes: int = 60
    real_name: str = "check-in"
    points_fulfilled: int = 10
    points_valid_days: int = 365
    referral_hours: int = 0
    """社区预留: until so many hours before a session its slots of the pool `community` are booked by referral only; 0
    for slots that are everybody's from their release on, as under rules of before."""

    @staticmethod
    def from_mapping(data: Mapping[str, Any]) -> Policy:
        """Check and build; unknown fields, wrong types and values out of bounds are refused as BAD_POLICY."""
        if not isinstance(data, Mapping):
            bad("a policy is an object", "BAD_POLICY")
        values: dict[str, Any] = {}
        fields = {f.name: f for f in dataclasses.fields(Policy)}
        for name, value in data.items():
            if name not in fields:
                bad(f"a policy has no field {str(name)[:40]!r}", "BAD_POLICY")
            values[name] = _checked(name, value)
        policy = Policy(**values)
        if policy.reopen_min_s > policy.reopen_max_s:
            bad("reopen_min_s is greater than reopen_max_s", "BAD_POLICY")
        return policy

    @staticmethod
    def trusted(data: Mapping[str, Any]) -> Policy:
        """Build from a record that this contract wrote."""
        values = {"given_up": "free", **data}
        for name in ("holidays", "workdays", "bar_days"):
            values[name] = tuple(values.get(name, ()))
        return Policy(**values)

    def to_mapping(self) -> dict[str, Any]:
        return {
            f.name: list(v) if isinstance(v := getattr(self, f.name), tuple) else v for f in dataclasses.fields(self)
        }

    def reserve(self) -> dict[str, int]:
        """What a session's record says of the reserve for referrals; nothing where there is none."""
        return {"referral_hours": self.referral_hours} if self.referral_hours else {}

    def due_release(self, date: str, offset_minutes: int) -> int:
        """Return the moment at which a `daily` session of `date` is due to open."""
        return calendar.at(calendar.add_days(date, -self.window_days), self.release_minute, offset_minutes)

    def cancel_until(self, date: str, offset_minutes: int) -> int:
        """Return the last moment at which the resident may cancel an appointment of `date`."""
        day = calendar.working_days_before(
            date, self.cancel_working_days, frozenset(self.holidays), frozenset(self.workdays)
        )
        return calendar.at(day, self.cancel_minute, offset_minutes)

    def bar_for(self, earlier_bars: int) -> int:
        """Return the length in seconds of the bar that follows `earlier_bars` bars."""
        if not self.bar_days:
            return 0
        return self.bar_days[min(earlier_bars, len(self.bar_days) - 1)] * calendar.DAY


def calendar_rules(years: Iterable[Year]) -> dict[str, list[str]]:
    """Years' calendars as the rules `holidays` and `workdays`."""
    known = list(years)
    return {
        "holidays": sorted(day.isoformat() for one in known for day in one.off),
        "workdays": sorted(day.isoformat() for one in known for day in one.worked),
    }


def _checked(name: str, value: Any) -> Any:
    if name in _CHOICES:
        if value not in _CHOICES[name]:
            bad(f"{name} must be one of {', '.join(_CHOICES[name])}", "BAD_POLICY")
        return value
    if name in _BOUNDS:
        low, high = _BOUNDS[name]
        if type(value) is not int or not low <= value <= high:
            bad(f"{name} must be a whole number from {low} to {high}", "BAD_POLICY")
        return value
    if name == "prepay":
        if type(value) is not bool:
            bad("prepay must be true or false", "BAD_POLICY")
        return value
    if not isinstance(value, list | tuple) or len(value) > 400:
        bad(f"{name} must be a list of at most 400", "BAD_POLICY")
    if name == "bar_days":
        if not all(type(v) is int and 0 < v <= 3650 for v in value):
            bad("bar_days must be days from 1 to 3650", "BAD_POLICY")
        return tuple(value)
    return tuple(calendar.parse_date(v).isoformat() for v in value)
