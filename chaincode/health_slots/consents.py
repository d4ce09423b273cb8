"""Consent and access: a hospital sees a record of elsewhere only by the resident's signature, and leaves a trace.

A resident signs with a key of their own (Ed25519), bound to the pseudonym at a desk that checked the identity. What is
signed is canonical JSON (`consent_text`), so the signature can be checked by anybody, for ever.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from chaincode.health_slots import calendar, terms
from chaincode.health_slots.accounts import authority_file
from chaincode.health_slots.context import AUTHORITY, SlotsContext
from chaincode.health_slots.identities import has_identity
from chaincode.health_slots.records import Record, encode
from chaincode.health_slots.refusals import bad, conflict, forbid, missing
from chaincode.health_slots.tickets import DAYS_AHEAD, asks_for_tickets
from chaincode.health_slots.visits import RECORD_DAYS, appointments_of, visits_of
from fabric_sdk.chaincode import query, transaction

READ_WITHIN_S = 900
"""How long after its trace a look at a record may be taken."""
PURPOSES = ("treatment", "referral", "emergency", "complaint", "resident-request")


def consent_text(act: str, consent: str, resident: str, hospital: str, until: int) -> bytes:
    """Return what a resident signs to give (`act` give) or take back (revoke) a consent."""
    return encode({"act": act, "consent": consent, "hospital": hospital, "resident": resident, "until": until})


def rebind_text(resident: str, public: str, at: int) -> bytes:
    """Return what a resident signs with the old key to put `public` in its place; `at` is when the old was bound."""
    return encode({"act": "rebind", "at": at, "public": public, "resident": resident})


class ConsentFunctions:
    """Keys of residents, consents, and looks at records."""

    @transaction
    def BindResidentKey(self, ctx: SlotsContext, hospital: str, resident: str, public: str, proof: str = "") -> Record:
        """Bind a resident's Ed25519 key (hex) to the pseudonym, at a hospital that holds the identity. Staff only.

        A key that is bound gives way only to one that it signed for (`proof` over `rebind_text`), or after the
        authority withdrew it: a hospital alone cannot put a key of its own in the resident's place.
        """
        ctx.require_staff(hospital)
        terms.digest(public, "an Ed25519 public key")
        if not has_identity(ctx, hospital, resident):
            conflict("REAL_NAME_NEEDED", "the resident's identity has not been checked at this hospital")
        known = ctx.records.find("resident-key", resident)
        if known is not None and known["state"] == "active":
            if not proof:
                conflict("KEY_EXISTS", "the resident has a key; it must sign for the new one")
            self._verify(ctx, resident, rebind_text(resident, public, known["at"]), proof)
        record: Record = {
            "public": public,
            "state": "active",
            "hospital": hospital,
            "signer": ctx.caller.signer,
            "at": ctx.now,
        }
        ctx.records.put(record, "resident-key", resident)
        return record

    @transaction
    def WithdrawResidentKey(self, ctx: SlotsContext, resident: str, reason: str) -> Record:
        """Withdraw a key that its resident lost; nothing signed with it is taken from now on. Authority only."""
        ctx.require_role(AUTHORITY)
        record = self._key(ctx, resident)
        record.update(
            state="withdrawn", reason=terms.reason_code(reason), withdrawn_by=ctx.caller.signer, withdrawn_at=ctx.now
        )
        ctx.records.put(record, "resident-key", resident)
        return record

    @query
    def GetResidentKey(self, ctx: SlotsContext, resident: str) -> Record:
        """Return a resident's key: the public half, which hospital bound it, and whether it still counts."""
        found = ctx.records.find("resident-key", terms.resident_id(resident))
        if found is None:
            missing("the resident has no key on the ledger", "NO_KEY")
        return found

    @transaction
    def GiveConsent(
        self, ctx: SlotsContext, consent: str, resident: str, hospital: str, until: int, signature: str
    ) -> Record:
        """Write a resident's signed consent that `hospital` may see the record until a moment. Carried by a desk."""
        ctx.require_desk(hospital)
        ctx.hospital(hospital)
        terms.reference(consent, "a consent's id")
        if ctx.records.exists("consent", consent):
            conflict("CONSENT_EXISTS", f"there is a consent {consent} already")
        if not ctx.now < until <= ctx.now + 3650 * calendar.DAY:
            bad("a consent ends in the future, within ten years")
        self._verify(ctx, resident, consent_text("give", consent, resident, hospital, until), signature)
        record: Record = {
            "resident": resident,
            "hospital": hospital,
            "until": until,
            "signature": signature,
            "state": "given",
            "at": ctx.now,
        }
        ctx.records.put(record, "consent", consent)
        return record

    @transaction
    def RevokeConsent(self, ctx: SlotsContext, consent: str, signature: str) -> Record:
        """Write the resident's signed revocation; it holds from this transaction on.

        Anybody may carry it, the signature is what counts: no desk can refuse a resident.
        """
        record = self._consent(ctx, consent)
        if record["state"] != "given":
            conflict("CONSENT_REVOKED", "this consent was revoked already")
        text = consent_text("revoke", consent, record["resident"], record["hospital"], record["until"])
        self._verify(ctx, record["resident"], text, signature)
        record.update(state="revoked", revocation=signature, revoked_at=ctx.now)
        ctx.records.put(record, "consent", consent)
        return record

    @transaction
    def OpenRecord(self, ctx: SlotsContext, consent: str, purpose: str) -> str:
        """Leave the trace of a look at a resident's record; returns its id, with which `ReadRecord` answers. Staff."""
        record = self._live_consent(ctx, consent)
        ctx.require_staff(record["hospital"])
        terms.one_of(purpose, PURPOSES, "purpose")
        place = f"{ctx.now:012d}"
        trace: Record = {
            "consent": consent,
            "hospital": record["hospital"],
            "purpose": purpose,
            "signer": ctx.caller.signer,
            "at": ctx.now,
        }
        ctx.records.put(trace, "access", record["resident"], place, ctx.stub.tx_id)
        return f"{record['resident']}.{place}.{ctx.stub.tx_id}"

    @query
    def ReadRecord(self, ctx: SlotsContext, access: str) -> list[Record]:
        """Return a resident's appointments at all hospitals, to who left the trace, for a quarter of an hour.

        Where visits have ids of their own only the authority's peers know them; to be evaluated there.
        """
        parts = access.split(".")
        trace = ctx.records.find("access", *parts) if len(parts) == 3 and all(parts) else None
        if trace is None:
            missing("there is no such trace")
        self._live_consent(ctx, trace["consent"])
        ctx.require_staff(trace["hospital"])
        if trace["signer"] != ctx.caller.signer:
            forbid("somebody else left this trace")
        if ctx.passed(trace["at"] + READ_WITHIN_S):
            conflict("TRACE_EXPIRED", "leave a new trace to look again")
        found = [visits for _, visits in ctx.records.scan("visits", parts[0])]
        if asks_for_tickets(ctx):
            today = calendar.local_date(ctx.now, ctx.offset(trace["hospital"]))
            first = max(ctx.settings.get("tickets_since", today), calendar.add_days(today, -RECORD_DAYS))
            last = calendar.add_days(today, DAYS_AHEAD)
            found += visits_of(ctx, authority_file(ctx), parts[0], first, last)
        return [
            {k: record[k] for k in ("id", "slot", "hospital", "department", "state", "created_at")}
            for record in appointments_of(ctx, found)
        ]

    @query
    def ListAccess(self, ctx: SlotsContext, resident: str) -> list[Record]:
        """Return who looked at a resident's record, when and what for."""
        return [trace for _, trace in ctx.records.scan("access", terms.resident_id(resident))]

    @query
    def GetConsent(self, ctx: SlotsContext, consent: str) -> Record:
        """Return a consent."""
        return self._consent(ctx, consent)

    def _key(self, ctx: SlotsContext, resident: str) -> Record:
        key = ctx.records.find("resident-key", terms.resident_id(resident))
        if key is None or key["state"] != "active":
            missing("the resident has no key on the ledger", "NO_KEY")
        return key

    def _consent(self, ctx: SlotsContext, consent: str) -> Record:
        record = ctx.records.find("consent", terms.reference(consent, "a consent's id"))
        if record is None:
            missing(f"there is no consent {consent}")
        return record

    def _live_consent(self, ctx: SlotsContext, consent: str) -> Record:
        record = self._consent(ctx, consent)
        if record["state"] != "given" or ctx.passed(record["until"]):
            forbid("the resident's consent was revoked or ran out", "NO_CONSENT")
        return record

    def _verify(self, ctx: SlotsContext, resident: str, text: bytes, signature: str) -> None:
        key = self._key(ctx, resident)
        try:
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(key["public"])).verify(bytes.fromhex(signature), text)
        except (InvalidSignature, ValueError):
            forbid("the resident's signature is wrong", "BAD_SIGNATURE")
