"""What belongs to a resident: points, keys, consents, and who looked."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from apps.health_slots import permissions
from apps.health_slots.model import Identity, Receipt
from apps.health_slots.services.base import Theme
from apps.health_slots.services.tickets import document_data
from baas.errors import Text
from baas.jobs import NULL_CONTEXT, JobContext
from chaincode.health_slots import calendar
from chaincode.health_slots.consents import consent_text, rebind_text
from chaincode.health_slots.visits import AT_ONCE

READ, BOOK, CHANGE, SETTLE = permissions.READ, permissions.BOOK, permissions.CHANGE, permissions.SETTLE
SETTLE_DAYS = 60
"""How far back visits are looked for that were not settled."""


@dataclass(frozen=True)
class ConsentDraft:
    """A consent that waits for its resident's signature over `text`; `until` is seconds since 1970 UTC."""

    consent: str
    resident: str
    hospital: str
    until: int

    @property
    def text(self) -> bytes:
        """What the resident signs with Ed25519."""
        return consent_text("give", self.consent, self.resident, self.hospital, self.until)


@dataclass(frozen=True)
class Settled:
    """How many visits were credited to accounts, and how many no-shows were noted."""

    credited: int
    noted: int


class Residents(Theme):
    """Points, consent and access."""

    def points(self, resident: str) -> dict[str, Any]:
        """A resident's points with lots and entries."""
        self._require(READ)
        found: dict[str, Any] = self._ledger.evaluate("platform", "GetPoints", resident)
        return found

    def settle_visits(self, hospital: str = "", *, through: str = "", ctx: JobContext = NULL_CONTEXT) -> Settled:
        """Credit the points of visits and note no-shows until a date (yesterday for ""). The authority, daily.

        Bookings by ticket name no account; a hospital's day is written together, so that nobody can tell whose is what.
        What was written before is left alone.
        """
        self._require(CHANGE)
        self._sync()
        today = calendar.local_date(self._now(), 480)
        last = through or calendar.add_days(today, -1)
        rows = self._index.rows(
            "SELECT h.code, s.date, a.id FROM appointment a JOIN hospital h ON h.id = a.hospital "
            "JOIN session s ON s.id = a.session WHERE a.state IN ('fulfilled', 'noshow') AND s.date BETWEEN ? AND ? "
            "AND (? = '' OR h.code = ?) ORDER BY h.code, s.date, a.id",
            (calendar.add_days(today, -SETTLE_DAYS), last, hospital, hospital),
        )
        credited = noted = 0
        for (where, date), group in itertools.groupby(rows, key=lambda row: (str(row[0]), str(row[1]))):
            ctx.check_cancelled()
            ctx.step("settle", Text("{h} {d}", "{h} {d}", h=where, d=date))
            names = [str(row[2]) for row in group]
            for start in range(0, len(names), AT_ONCE):
                due = self._tickets.at_authority("authority", "Due", where, names[start : start + AT_ONCE])
                if due["points"]:
                    credited += self._ledger.submit("authority", "CreditPoints", where, due["points"]).result
                if due["no_shows"]:
                    noted += self._ledger.submit("authority", "NoteNoShows", where, due["no_shows"]).result
        return Settled(credited, noted)

    def due(self, hospital: str, appointments: list[str]) -> int:
        """How many of these visits the authority has still to settle; asked at its own peers."""
        self._require(CHANGE)
        left = 0
        for start in range(0, len(appointments), AT_ONCE):
            found = self._tickets.at_authority("authority", "Due", hospital, appointments[start : start + AT_ONCE])
            left += len(found["points"]) + len(found["no_shows"])
        return left

    def join_documents(self, person: Identity, other: Identity) -> Receipt:
        """Say that two documents are one person's, after seeing both. The authority; there is no way back.

        Limits, bars and erasure hold for the person from then on; what was booked under the other runs out as it is.
        """
        self._require(CHANGE)
        transient = {"person": document_data(person), "other": document_data(other)}
        paper = self._tickets.at_authority("authority", "Joining", transient=transient)
        return self._ledger.submit("authority", "JoinDocuments", paper)

    def key(self, resident: str) -> dict[str, Any]:
        """A resident's public key, who bound it, and whether it still counts."""
        self._require(READ)
        found: dict[str, Any] = self._ledger.evaluate("platform", "GetResidentKey", resident)
        return found

    def bind_key(self, hospital: str, resident: str, public: bytes, *, old: Ed25519PrivateKey | None = None) -> Receipt:
        """Bind a resident's Ed25519 public key (32 bytes) at a hospital that checked the identity.

        A resident who has a key already signs for the new one with the `old` one.
        """
        self._require(BOOK)
        proof = ""
        if old is not None:
            proof = old.sign(rebind_text(resident, public.hex(), self.key(resident)["at"])).hex()
        return self._ledger.submit("staff", "BindResidentKey", hospital, resident, public.hex(), proof)

    def consent(self, consent: str) -> dict[str, Any]:
        """A consent: whose, for which hospital, until when, and its state."""
        self._require(READ)
        found: dict[str, Any] = self._ledger.evaluate("platform", "GetConsent", consent)
        return found

    def give_consent(self, resident: str, hospital: str, until: int, key: Ed25519PrivateKey) -> str:
        """Sign with the resident's key and write the consent; returns its id."""
        draft = self.draft_consent(resident, hospital, until)
        self.give_signed(draft, key.sign(draft.text).hex())
        return draft.consent

    def draft_consent(self, resident: str, hospital: str, until: int) -> ConsentDraft:
        """Make what a resident signs elsewhere, on a device of their own, to give a consent."""
        return draft_consent(resident, hospital, until)

    def give_signed(self, draft: ConsentDraft, signature: str) -> Receipt:
        """Write a consent that its resident signed elsewhere (`signature` in hex)."""
        self._require(BOOK)
        return self._ledger.submit(
            "portal", "GiveConsent", draft.consent, draft.resident, draft.hospital, draft.until, signature
        )

    def revocation(self, consent: str) -> bytes:
        """What the resident signs to take a consent back."""
        found = self.consent(consent)
        return consent_text("revoke", consent, found["resident"], found["hospital"], found["until"])

    def revoke_consent(self, consent: str, key: Ed25519PrivateKey) -> Receipt:
        """Sign with the resident's key and write the revocation."""
        return self.revoke_signed(consent, key.sign(self.revocation(consent)).hex())

    def revoke_signed(self, consent: str, signature: str) -> Receipt:
        """Write a revocation that the resident signed elsewhere (`signature` in hex)."""
        self._require(BOOK)
        return self._ledger.submit("portal", "RevokeConsent", consent, signature)

    def read_record(self, consent: str, purpose: str) -> Sequence[dict[str, Any]]:
        """Leave a trace, then return the resident's appointments at all hospitals. Hospital's staff."""
        self._require(BOOK)
        trace = self._ledger.submit("staff", "OpenRecord", consent, purpose).result
        found: Sequence[dict[str, Any]] = self._tickets.at_authority("staff", "ReadRecord", trace)
        return found

    def accesses(self, resident: str) -> Sequence[dict[str, Any]]:
        """Who looked at a resident's record, identity, or day's list on which the resident stands; the latest first.

        Entries have `at`, `hospital`, `purpose`, `signer`, and `consent` ("" for looks at who somebody is).
        """
        self._require(READ)
        self._sync()
        found: list[dict[str, Any]] = list(self._ledger.evaluate("platform", "ListAccess", resident))
        visits = self._index.rows(
            "SELECT DISTINCT h.code, s.date FROM appointment a JOIN session s ON s.id = a.session "
            "JOIN hospital h ON h.id = a.hospital WHERE a.resident = ?",
            (resident,),
        )
        for hospital, date in visits:
            for look in self._ledger.evaluate("platform", "ListDayLooks", hospital, date):
                found.append({**look, "hospital": hospital, "consent": ""})
        for hospital in dict.fromkeys(hospital for hospital, _ in visits):
            for look in self._ledger.evaluate("platform", "ListLooks", hospital, resident):
                found.append({**look, "hospital": hospital, "consent": ""})
        return sorted(found, key=lambda look: -int(look["at"]))


def draft_consent(resident: str, hospital: str, until: int) -> ConsentDraft:
    """Make a consent with a fresh id; needs no ledger."""
    return ConsentDraft(f"C{secrets.token_hex(12)}", resident, hospital, until)
