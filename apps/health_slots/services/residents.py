"""What belongs to a resident: points, keys, consents, and who looked."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from apps.health_slots.model import Receipt
from apps.health_slots.services.base import Theme
from chaincode.health_slots.consents import consent_text

READ, BOOK, CHANGE = "slots.read", "slots.book", "slots.change"


class Residents(Theme):
    """Points, consent and access."""

    def points(self, resident: str) -> dict[str, Any]:
        """A resident's points with lots and entries."""
        self._require(READ)
        found: dict[str, Any] = self._ledger.evaluate("platform", "GetPoints", resident)
        return found

    def spend(self, resident: str, amount: int, purpose: str) -> Receipt:
        """Spend points, those that expire first."""
        self._require(CHANGE)
        return self._ledger.submit("platform", "SpendPoints", resident, amount, purpose)

    def expire(self, resident: str) -> Receipt:
        """Take off points that ran out."""
        self._require(CHANGE)
        return self._ledger.submit("platform", "ExpirePoints", resident)

    def reverse(self, resident: str, entry: str) -> Receipt:
        """Take back an entry that should not have been."""
        self._require(CHANGE)
        return self._ledger.submit("platform", "ReversePoints", resident, entry)

    def bind_key(self, hospital: str, resident: str, public: bytes) -> Receipt:
        """Bind a resident's Ed25519 public key (32 bytes) at a hospital that checked the identity."""
        self._require(BOOK)
        return self._ledger.submit("staff", "BindResidentKey", hospital, resident, public.hex())

    def give_consent(self, resident: str, hospital: str, until: int, key: Ed25519PrivateKey) -> str:
        """Sign with the resident's key and write the consent; returns its id."""
        self._require(BOOK)
        consent = f"C{secrets.token_hex(12)}"
        signature = key.sign(consent_text("give", consent, resident, hospital, until)).hex()
        self._ledger.submit("portal", "GiveConsent", consent, resident, hospital, until, signature)
        return consent

    def revoke_consent(self, consent: str, key: Ed25519PrivateKey) -> Receipt:
        """Sign with the resident's key and write the revocation."""
        self._require(BOOK)
        found = self._ledger.evaluate("platform", "GetConsent", consent)
        text = consent_text("revoke", consent, found["resident"], found["hospital"], found["until"])
        return self._ledger.submit("portal", "RevokeConsent", consent, key.sign(text).hex())

    def read_record(self, consent: str, purpose: str) -> Sequence[dict[str, Any]]:
        """Leave a trace, then return the resident's appointments at all hospitals. Hospital's staff."""
        self._require(BOOK)
        trace = self._ledger.submit("staff", "OpenRecord", consent, purpose).result
        found: Sequence[dict[str, Any]] = self._ledger.evaluate("staff", "ReadRecord", trace)
        return found

    def accesses(self, resident: str) -> Sequence[dict[str, Any]]:
        """Who looked at a resident's record."""
        self._require(READ)
        found: Sequence[dict[str, Any]] = self._ledger.evaluate("platform", "ListAccess", resident)
        return found
