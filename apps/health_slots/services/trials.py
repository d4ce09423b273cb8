"""What rules would have done in the month before: tried on the appointments that the ledger has, nothing is written.

Told is what the ledger knows: bookings that would have been too early or too many, cancellations too late, points. Who
wanted and was refused left no trace, and two dates of one person only the authority can join; rules whose effect hangs
on that are named as not told.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.health_slots import permissions
from apps.health_slots.services.base import Theme
from baas.errors import Text, UserError
from chaincode.health_slots import calendar
from chaincode.health_slots.policy import CITY, Policy
from fabric_sdk.chaincode import ChaincodeError

DAYS = 30
MOST_DAYS = 400
SHOWN = 5
BY_RESIDENT = frozenset({"resident", "elsewhere"})
"""Why an appointment was cancelled where rules say until when; the hospital's own reasons know no hour."""


@dataclass(frozen=True)
class Visit:
    """One appointment as rules see it; moments in seconds since 1970, `ended_at` 0 while it stands."""

    id: str
    resident: str
    department: str
    date: str
    offset: int
    created_at: int
    cancelled_at: int
    by_resident: bool
    fulfilled: bool


@dataclass(frozen=True)
class Effect:
    """What one group of rules would have done: how often as they are now, and as tried; some appointments for it."""

    name: str
    title: Text
    now: int
    tried: int
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trial:
    """A trial over the visits from `first` to `last`; `not_told` are changed rules of which it can say nothing."""

    owner: str
    first: str
    last: str
    hospitals: int
    appointments: int
    effects: tuple[Effect, ...]
    not_told: tuple[str, ...] = field(default=())


class Trials(Theme):
    """Tries rules on the past."""

    def run(self, owner: str, changes: Mapping[str, Any], *, days: int = DAYS) -> Trial:
        """What the newest rules of `owner` (a hospital or CITY) with `changes` would have done in the last `days` days.

        UserError for rules that the contract would not take.
        """
        self._require(permissions.READ)
        if not 0 < days <= MOST_DAYS:
            raise UserError(Text("天数为 1 到 {n}。", "Days are 1 to {n}.", n=MOST_DAYS), code="trial_days")
        current = self._ledger.evaluate("platform", "GetPolicy", owner, 0)["rules"]
        now, tried = _checked(current), _checked({**current, **changes})
        changed = {name for name, value in tried.to_mapping().items() if value != now.to_mapping()[name]}
        self._sync()
        hospitals = self._hospitals(owner)
        last = calendar.local_date(self._now(), 480)
        first = calendar.add_days(last, -days)
        visits = [visit for hospital in hospitals for visit in self._visits(hospital, first, last)]
        effects = tuple(
            Effect(name, title, len(before), len(after), tuple(sorted(set(after) - set(before)))[:SHOWN])
            for name, title, count in _EFFECTS
            for before, after in [(count(visits, now), count(visits, tried))]
        )
        points = Effect(
            "points",
            Text("就诊后发放的积分", "Points given for visits"),
            now.points_fulfilled * sum(v.fulfilled for v in visits),
            tried.points_fulfilled * sum(v.fulfilled for v in visits),
        )
        told = frozenset().union(*_TOLD.values())
        return Trial(owner, first, last, len(hospitals), len(visits), (*effects, points), tuple(sorted(changed - told)))

    def _hospitals(self, owner: str) -> tuple[str, ...]:
        """Whose visits a rule of `owner` would have governed: the city's not those of hospitals with their own."""
        if owner != CITY:
            return (owner,)
        rows = self._index.hospitals()
        return tuple(
            row.id for row in rows if self._ledger.evaluate("platform", "GetPolicy", row.id, 0)["owner"] == CITY
        )

    def _visits(self, hospital: str, first: str, last: str) -> Iterator[Visit]:
        rows = self._index.rows(
            "SELECT a.id, a.resident, s.department, s.date, h.utc_offset, a.created_at, a.changed_at, a.state, a.why "
            "FROM appointment a JOIN session s ON s.id = a.session JOIN hospital h ON h.id = a.hospital "
            "WHERE h.code = ? AND s.date BETWEEN ? AND ? AND a.state <> 'waitlist' "
            "ORDER BY a.created_at, a.block, a.id",
            (hospital, first, last),
        )
        for id, resident, department, date, offset, created, ended, state, why in rows:
            gone = state == "cancelled"
            yield Visit(
                id,
                resident,
                f"{hospital}.{department}",
                date,
                offset,
                created,
                ended if gone else 0,
                gone and why in BY_RESIDENT,
                state == "fulfilled",
            )


def _checked(rules: Mapping[str, Any]) -> Policy:
    try:
        return Policy.from_mapping(rules)
    except ChaincodeError as refusal:
        raise UserError(
            Text("账本不会接受这样的规则：{w}", "The ledger would not take these rules: {w}", w=refusal.message),
            code="bad_policy",
        ) from refusal


def _too_early(visits: Sequence[Visit], rules: Policy) -> list[str]:
    """Booked before the session would have opened."""
    if rules.release_mode != "daily":
        return []
    return [v.id for v in visits if v.created_at < rules.due_release(v.date, v.offset)]


def _too_late(visits: Sequence[Visit], rules: Policy) -> list[str]:
    """Cancelled for the resident after that would have been possible."""
    return [v.id for v in visits if v.by_resident and v.cancelled_at > rules.cancel_until(v.date, v.offset)]


def _too_many(visits: Sequence[Visit], rules: Policy) -> list[str]:
    """Booked beyond what one person may have at once, of a department or of all on one day."""
    found: list[str] = []
    standing: dict[tuple[str, str], list[Visit]] = defaultdict(list)
    for visit in visits:
        known = standing[visit.resident, visit.date]
        known[:] = [v for v in known if not v.cancelled_at or v.cancelled_at > visit.created_at]
        departments = Counter(v.department for v in known)
        if len(known) >= rules.per_day or departments[visit.department] >= rules.per_department_day:
            found.append(visit.id)
        else:
            known.append(visit)
    return found


_EFFECTS: Sequence[tuple[str, Text, Callable[[Sequence[Visit], Policy], list[str]]]] = (
    ("too_early", Text("那时还没有放号的预约", "Bookings before the release"), _too_early),
    ("too_many", Text("超出每人限额的预约", "Bookings beyond a person's limit"), _too_many),
    ("too_late", Text("过了时限的退号", "Cancellations past the deadline"), _too_late),
)
_TOLD: Mapping[str, frozenset[str]] = {
    "too_early": frozenset({"window_days", "release_minute", "release_mode"}),
    "too_many": frozenset({"per_department_day", "per_day"}),
    "too_late": frozenset({"cancel_working_days", "cancel_minute", "holidays", "workdays"}),
    "points": frozenset({"points_fulfilled"}),
}
