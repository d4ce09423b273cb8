"""Setting the ledger up: roles, hospitals, booking rules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from apps.health_slots import permissions
from apps.health_slots.cast import Part
from apps.health_slots.model import Receipt
from apps.health_slots.services.base import Theme
from baas.errors import LedgerError, Text, UserError
from chaincode.health_slots.context import NEW_TOLERANCE_S
from chaincode.health_slots.policy import Policy, calendar_rules
from chaincode.working_days import WorkingDays, Year, shipped

CHANGE = permissions.CHANGE


@dataclass(frozen=True)
class HospitalSpec:
    """A hospital to be admitted; `collection` is the private collection of its organisation."""

    id: str
    name: str
    msp_id: str
    collection: str


class Rules(Theme):
    """Who takes part, and under which rules."""

    def initialized(self) -> bool:
        """Say whether the ledger has its settings."""
        try:
            self._ledger.evaluate("authority", "GetSettings")
        except LedgerError as error:
            if error.code == "not_initialized":
                return False
            raise
        return True

    def ask_for_tickets(self) -> Receipt:
        """Let nobody book, hold, queue or draw without the authority's ticket from now on. The health authority."""
        self._require(CHANGE)
        authority = self.settings()["roles"]["authority"][0]
        key = self._ledger.evaluate("authority", "TicketKey", only=authority)
        return self._ledger.submit("authority", "RegisterTicketKey", key["key"], key["public"])

    def initialize(self, roles: Mapping[str, Sequence[str]], *, clock_tolerance_s: int = NEW_TOLERANCE_S) -> Receipt:
        """Write the settings: which organisations give which role. Nobody books without the authority's ticket."""
        self._require(CHANGE)
        done = self._ledger.submit("authority", "Initialize", roles, clock_tolerance_s)
        self.ensure_tickets()
        return done

    def ensure_tickets(self) -> bool:
        """Put the authority's ticket key on a ledger that was set up to need it; returns whether it was written."""
        settings = self.settings()
        if not settings.get("tickets") or settings.get("ticket_keys"):
            return False
        self.ask_for_tickets()
        return True

    def settings(self) -> dict[str, Any]:
        """The ledger's settings: which organisations give which role, and how far clocks may be off."""
        found: dict[str, Any] = self._ledger.evaluate("platform", "GetSettings")
        return found

    def set_clock_tolerance(self, seconds: int) -> Receipt:
        """Change how far a transaction's time may be from a peer's clock; roles stay as they are."""
        self._require(CHANGE)
        return self._ledger.submit("authority", "Initialize", self.settings()["roles"], seconds)

    def register_units(self, hospital: str, units: Mapping[str, Sequence[Mapping[str, str]]]) -> Receipt:
        """Add or rename `departments` and `campuses` (id, name) and `doctors` (id, department, name, title)."""
        self._require(CHANGE)
        return self._ledger.submit("staff", "RegisterUnits", hospital, units)

    def admit(self, hospitals: Sequence[HospitalSpec]) -> Receipt:
        """Admit hospitals or change their names."""
        self._require(CHANGE)
        return self._ledger.submit("authority", "RegisterHospitals", [vars(h) for h in hospitals])

    def hospital(self, hospital: str) -> dict[str, Any]:
        """A hospital's record."""
        found: dict[str, Any] = self._ledger.evaluate("platform", "GetHospital", hospital)
        return found

    def policy(self, hospital: str, version: int = 0) -> dict[str, Any]:
        """A version of the rules that hold for a hospital (0: the newest), with owner, version, signer and reason."""
        found: dict[str, Any] = self._ledger.evaluate("platform", "GetPolicy", hospital, version)
        return found

    def versions(self, hospital: str) -> tuple[dict[str, Any], ...]:
        """Every version of a hospital's own rules (or CITY's), the newest first; empty where the city's hold."""
        newest = self.policy(hospital)
        if newest["owner"] != hospital:
            return ()
        return (newest, *(self.policy(hospital, n) for n in range(newest["version"] - 1, 0, -1)))

    def units(self, hospital: str) -> dict[str, Any]:
        """`departments`, `doctors` and `campuses` of a hospital, each by id.

        A contract of an earlier version knows no campuses.
        """
        found: dict[str, Any] = self._ledger.evaluate("platform", "ListUnits", hospital)
        return found

    def calendar(self, hospital: str = "CITY") -> WorkingDays:
        """The years that a hospital's rules in force know: those that name holidays, as their notices are known."""
        rules = self.policy(hospital)["rules"]
        listed = set(rules["holidays"])
        days = [dt.date.fromisoformat(text) for text in sorted(listed)]
        known = shipped().years
        years = []
        for year in sorted({day.year for day in days}):
            if year in known and {day.isoformat() for day in known[year].off} <= listed:
                years.append(known[year])
            else:
                worked = tuple(dt.date.fromisoformat(d) for d in rules["workdays"] if d.startswith(str(year)))
                years.append(Year(year, 1, "", tuple(("", day, day) for day in days if day.year == year), worked))
        return WorkingDays(years)

    def import_calendar(self, year: Year) -> tuple[str, ...]:
        """Write a year's holidays and worked weekends into the city's rules and those of hospitals with their own.

        Each gets a new version; what was promised before keeps the calendar of its own. Returns whose changed.
        """
        own = [row.id for row in self._index.hospitals() if self.policy(row.id)["owner"] == row.id]
        changed = []
        for owner in ("CITY", *own):
            rules = self.policy(owner)["rules"]
            wanted = {}
            for name, days in calendar_rules([year]).items():
                kept = [day for day in rules[name] if not day.startswith(str(year.year))]
                recent = [day for day in kept if day[:4] >= str(year.year - 3)]
                wanted[name] = sorted({*recent, *days})
            if any(wanted[name] != sorted(rules[name]) for name in wanted):
                self.set_policy(owner, wanted, "correction")
                changed.append(owner)
        return tuple(changed)

    def set_policy(self, hospital: str, changes: Mapping[str, Any], reason: str = "correction") -> Receipt:
        """Write the next version: the newest one with `changes`."""
        self._require(CHANGE)
        current = self.policy(hospital)["rules"]
        # A version of before names no rule that came later.
        unknown = set(changes) - set(current) - {field.name for field in fields(Policy)}
        if unknown:
            raise UserError(
                Text("没有这种规则：{name}", "There is no such rule: {name}", name=", ".join(sorted(unknown))[:200]),
                Text("可用：{names}", "Rules: {names}", names=", ".join(sorted(current))),
            )
        part: Part = "authority" if hospital == "CITY" else "staff"
        return self._ledger.submit(part, "SetPolicy", hospital, {**current, **changes}, reason)
