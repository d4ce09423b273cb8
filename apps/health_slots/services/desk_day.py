"""The desk's day: who comes, with names for those who may see them; whom to tell when a doctor stops."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.health_slots.model import Receipt
from apps.health_slots.permissions import BOOK, CHANGE, READ
from apps.health_slots.services.base import Ports, Theme
from apps.health_slots.services.lists import Lists, VisitRow
from chaincode.health_slots.day_lists import MAX_DAY
from chaincode.health_slots.documents import normal_form

MOST = 5000
"""Appointments of one hospital's day."""
LIVE = ("pending", "booked")


@dataclass(frozen=True)
class DayRow:
    """An appointment of the day; the identity is empty where the hospital holds none, and shown in no repr."""

    visit: VisitRow
    name: str = field(default="", repr=False)
    document: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)

    @property
    def id(self) -> str:
        return self.visit.id


class DeskDay(Theme):
    """One trace for a day's names; finding is done in memory, so that nothing of it is written anywhere."""

    def __init__(self, ports: Ports, lists: Lists) -> None:
        super().__init__(ports)
        self._lists = lists

    def rows(self, hospital: str, date: str, *, purpose: str = "check-in") -> tuple[DayRow, ...]:
        """Everybody who has an appointment on a day, by its time, with names, after the trace of this look.

        `date` is the hospital's. Raises LedgerError where the acting person is not of this hospital's staff.
        """
        self._require(BOOK)
        self._sync()
        return self._named(self._lists.visits(hospital, date_from=date, date_to=date, limit=MOST), purpose)

    def looks(self, hospital: str, date: str) -> Sequence[Mapping[str, Any]]:
        """Who looked at a day's list last, when and what for."""
        self._require(READ)
        found: Sequence[Mapping[str, Any]] = self._ledger.evaluate("platform", "ListDayLooks", hospital, date)
        return found

    def remaining(self, session: str, minute: int | None = None) -> tuple[VisitRow, ...]:
        """Appointments of a session that are still to come, from `minute` of its day on."""
        self._require(CHANGE)
        self._sync()
        visits = self._lists.visits(session.partition(".")[0], session=session, limit=MOST)
        later = {s.number for s in self._index.slots(session) if minute is None or s.start >= minute}
        return tuple(v for v in visits if v.state in LIVE and v.number in later)

    def stop_from(self, session: str, minute: int | None, reason: str) -> tuple[Receipt, tuple[DayRow, ...]]:
        """A doctor stops at `minute` of the day, None for the whole session; returns those who must be told.

        Their appointments end without blame and what they paid is owed back. Names and phones are read with one trace
        (purpose "contact"). Raises LedgerError where no slot is left from then on.
        """
        self._require(CHANGE)
        told = self.remaining(session, minute)
        if minute is None:
            receipt = self._ledger.submit("staff", "StopSession", session, reason)
        else:
            numbers = [s.number for s in self._index.slots(session) if s.start >= minute and s.state != "stopped"]
            receipt = self._ledger.submit("staff", "StopSlots", session, numbers, reason)
        self._sync()
        return receipt, self._named(told, "contact")

    def _named(self, visits: Sequence[VisitRow], purpose: str) -> tuple[DayRow, ...]:
        identities: dict[str, Mapping[str, str]] = {}
        for hospital, date in dict.fromkeys((v.hospital, v.date) for v in visits):
            self._ledger.submit("staff", "LookAtDay", hospital, date, purpose)
            ids = [v.id for v in visits if (v.hospital, v.date) == (hospital, date)]
            for start in range(0, len(ids), MAX_DAY):
                page = ids[start : start + MAX_DAY]
                identities |= self._ledger.evaluate("staff", "ReadDay", hospital, date, page)
        empty: Mapping[str, str] = {"name": "", "document": "", "phone": ""}
        found = [(visit, identities.get(visit.id, empty)) for visit in visits]
        return tuple(DayRow(visit, who["name"], who["document"], who["phone"]) for visit, who in found)


def find(rows: Iterable[DayRow], text: str) -> tuple[DayRow, ...]:
    """The rows that a desk means: part of a name, four or more characters of a document or phone, a number, a code."""
    wanted = text.strip().casefold()
    if not wanted:
        return tuple(rows)
    long, number = len(wanted) >= 4, normal_form(text)

    def meant(row: DayRow) -> bool:
        visit = row.visit
        if wanted.isdigit() and len(wanted) <= 3:
            return visit.number == int(wanted)
        return (
            (bool(row.name) and wanted in row.name.casefold())
            or (long and (wanted in row.document.casefold() or wanted in row.phone))
            or (len(number) >= 4 and number in normal_form(row.document))
            or (long and (visit.id.casefold().startswith(wanted) or visit.resident.casefold().startswith(wanted)))
        )

    return tuple(row for row in rows if meant(row))
