"""社区预留: who refers, whom, and where to. The contract decides what a referral opens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from apps.health_slots import permissions
from apps.health_slots.index.search import SESSION_COLUMNS, SESSION_FROM, session_row
from apps.health_slots.model import Appointment, Identity, Receipt, SessionRow
from apps.health_slots.services.base import Ports, Theme
from apps.health_slots.services.bookings import Bookings
from baas.errors import Conflict, LedgerError, Text

TRIES = 4
"""How many slots are tried for somebody who stands there while others book the same session."""


@dataclass(frozen=True)
class Reserve:
    """A session with `left` slots that are booked by referral only, until its hour (`session.referral_until`)."""

    session: SessionRow
    left: int

    @property
    def id(self) -> str:
        """The session's."""
        return self.session.id


@dataclass(frozen=True)
class ReferralRow:
    """A referral that stands; the person by the visit id, `state` that of the newest appointment there, "" for none.

    `at` is in seconds since 1970 UTC.
    """

    hospital: str
    hospital_name: str
    department: str
    department_name: str
    date: str
    resident: str
    clinic: str
    clinic_name: str
    officer: str
    at: int
    state: str
    appointment: str

    @property
    def id(self) -> str:
        """What tells it from the others."""
        return f"{self.hospital}.{self.department}.{self.date}.{self.resident}"


class Referrals(Theme):
    """Admit clinics, refer, take back."""

    def __init__(self, ports: Ports, bookings: Bookings) -> None:
        super().__init__(ports)
        self._bookings = bookings

    def admit(self, clinic: str, reason: str = "demand") -> Receipt:
        """Let an institution of the ledger refer, as the authority."""
        self._require(permissions.CHANGE)
        return self._ledger.submit("authority", "AdmitClinic", clinic, reason)

    def clinics(self) -> dict[str, dict[str, Any]]:
        """The institutions that may refer, by id, with who admitted them and when (seconds since 1970 UTC)."""
        self._require(permissions.READ)
        found: dict[str, dict[str, Any]] = self._ledger.evaluate("platform", "ListClinics")
        return found

    def reserved(self, clinic: str = "", *, limit: int = 500) -> tuple[Reserve, ...]:
        """Sessions of other hospitals with reserved slots left whose hour has not come, the next ones first."""
        self._require(permissions.READ)
        rows = self._index.rows(
            f"SELECT {SESSION_COLUMNS}, s.free_community {SESSION_FROM} "
            "WHERE s.state = 1 AND s.referral_hours > 0 AND s.free_community > 0 AND h.code <> ? "
            "ORDER BY s.date, s.start, s.id LIMIT ?",
            (clinic, limit),
        )
        now = self._now()
        found = (Reserve(session_row(row), int(row[-1])) for row in rows)
        return tuple(one for one in found if one.session.referral_until > now)

    def listed(self, *, clinic: str = "", hospital: str = "", limit: int = 500) -> tuple[ReferralRow, ...]:
        """Referrals that a clinic made, or to a hospital, the newest dates first."""
        self._require(permissions.READ)
        where, value = ("r.clinic = ?", clinic) if clinic else ("h.code = ?", hospital)
        rows = self._index.rows(
            "SELECT h.code, h.name, r.department, "
            "COALESCE((SELECT j.name FROM department d JOIN subject j ON j.id = d.subject "
            "WHERE d.hospital = r.hospital AND d.code = r.department), r.department), "
            "r.date, r.resident, r.clinic, COALESCE(k.name, r.clinic), r.officer, r.at, "
            "COALESCE(a.state, ''), COALESCE(a.id, '') "
            "FROM referral r JOIN hospital h ON h.id = r.hospital LEFT JOIN hospital k ON k.code = r.clinic "
            "LEFT JOIN appointment a ON a.id = (SELECT b.id FROM appointment b JOIN session s ON s.id = b.session "
            "WHERE b.resident = r.resident AND b.hospital = r.hospital AND s.department = r.department "
            "ORDER BY b.created_at DESC, b.id LIMIT 1) "
            f"WHERE {where} ORDER BY r.date DESC, r.at DESC LIMIT ?",
            (value, limit),
        )
        return tuple(ReferralRow(*row) for row in rows)

    def refer(self, clinic: str, identity: Identity, hospital: str, department: str, date: str) -> Receipt:
        """Refer somebody whose document the clinic saw to a department on a date, as the clinic's staff.

        On the ledger the person stands under the id of that date, as bookings name them.
        """
        self._require(permissions.BOOK)
        visit = self._visit(clinic, identity, date)
        return self._ledger.submit("staff", "Refer", clinic, hospital, department, date, *visit)

    def refer_and_book(self, clinic: str, identity: Identity, session: str) -> Appointment:
        """Refer somebody who stands at the clinic to a session's department, and book a reserved slot of it.

        Who is referred already is only booked for. Where no slot is left (Conflict) the referral stays: it is good for
        the department's other sessions of that date.
        """
        self._require(permissions.BOOK)
        self._sync()
        row = self._index.session(session)
        try:
            self.refer(clinic, identity, row.hospital, row.department, row.date)
        except LedgerError as error:
            if error.code != "referred":
                raise
        resident = self._bookings.resident(identity, hospital=clinic, part="staff")
        for _ in range(TRIES):
            self._sync()
            left = (one.id for one in self._index.slots(session) if one.pool == "community" and one.state == "free")
            slot = next(left, "")
            if not slot:
                break
            try:
                return self._bookings.book(slot, resident, part="staff", ask_at=clinic)
            except Conflict as taken:
                if taken.code != "slot_taken":
                    raise
        raise Conflict(
            Text("已转诊，但预留的号刚约完。", "Referred, but the reserved slots have just gone."),
            Text("可约该科室当天的其他号。", "The referral is good for the department's other sessions of that date."),
            code="slot_taken",
        )

    def refer_here(self, clinic: str, session: SessionRow, name: str, phone: str, type: str, document: str) -> Receipt:
        """Refer whose document lies here to a session's department on its day."""
        who = Identity(name, type, document, phone)
        return self.refer(clinic, who, session.hospital, session.department, session.date)

    def book_here(
        self, clinic: str, session: SessionRow, name: str, phone: str, type: str, document: str
    ) -> Appointment:
        """The same, and book a reserved slot of the session."""
        return self.refer_and_book(clinic, Identity(name, type, document, phone), session.id)

    def withdraw(self, clinic: str, identity: Identity, hospital: str, department: str, date: str) -> Receipt:
        """Take a referral back; what was booked by it stays."""
        self._require(permissions.BOOK)
        resident, *_ = self._visit(clinic, identity, date)
        return self._ledger.submit("staff", "WithdrawReferral", hospital, department, date, resident)

    def _visit(self, clinic: str, identity: Identity, date: str) -> tuple[str, ...]:
        """The person's id on the date, and the authority's ticket where the ledger asks for one."""
        if not self._tickets.needed():
            return (self._vault.resident(identity.document_type, identity.document),)
        account = self._tickets.account(clinic, identity, "staff").id
        visit = self._tickets.visit(clinic, date, account, "staff")
        return visit.id, *visit.tickets
