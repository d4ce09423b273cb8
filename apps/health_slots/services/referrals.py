"""社区预留: who refers, whom, and where to. The contract decides what a referral opens."""

from __future__ import annotations

from typing import Any

from apps.health_slots import permissions
from apps.health_slots.model import Identity, Receipt
from apps.health_slots.services.base import Theme


class Referrals(Theme):
    """Admit clinics, refer, take back."""

    def admit(self, clinic: str, reason: str = "demand") -> Receipt:
        """Let an institution of the ledger refer, as the authority."""
        self._require(permissions.CHANGE)
        return self._ledger.submit("authority", "AdmitClinic", clinic, reason)

    def dismiss(self, clinic: str) -> Receipt:
        """Let it refer no more, as the authority; what it referred stays."""
        self._require(permissions.CHANGE)
        return self._ledger.submit("authority", "DismissClinic", clinic)

    def clinics(self) -> dict[str, dict[str, Any]]:
        """The institutions that may refer, by id, with who admitted them and when (seconds since 1970 UTC)."""
        self._require(permissions.READ)
        found: dict[str, dict[str, Any]] = self._ledger.evaluate("platform", "ListClinics")
        return found

    def refer(self, clinic: str, identity: Identity, hospital: str, department: str, date: str) -> Receipt:
        """Refer somebody whose document the clinic saw to a department on a date, as the clinic's staff.

        On the ledger the person stands under the id of that date, as bookings name them.
        """
        self._require(permissions.BOOK)
        visit = self._visit(clinic, identity, date)
        return self._ledger.submit("staff", "Refer", clinic, hospital, department, date, *visit)

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
