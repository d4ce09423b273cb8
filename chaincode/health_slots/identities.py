"""Who a resident is: ciphertext in the private collection of the hospital that needs to know, and gone when purged.

The public ledger knows a pseudonym, an HMAC of the document that nobody can undo or guess without the city's key.
These functions write private data only, so that the hospital's own peers alone endorse them and no other organisation
ever sees the transient fields.
"""

from __future__ import annotations

import json
from typing import Any

from chaincode.health_slots import terms
from chaincode.health_slots.context import STAFF, SlotsContext
from chaincode.health_slots.records import Record, encode
from chaincode.health_slots.refusals import bad, conflict, missing
from chaincode.health_slots.tickets import require_proof
from fabric_sdk.chaincode import query, transaction
from fabric_sdk.chaincode.plain_text import deceptive
from fabric_sdk.chaincode.secret_values import Secrets

FIELDS = {"name": 80, "document_type": 20, "document": 40, "phone": 30, "salt": 64}
"""Members of an identity and their greatest length; `salt` (32 random bytes, hex) keeps its hash from being guessed."""


LOOK_S = 900
"""How long after its trace an identity may be read."""
PURPOSES = ("check-in", "contact", "correction", "complaint", "resident-request")


class IdentityFunctions:
    """Deposit, look at and purge identities: sealed values, read by role with a trace."""

    @transaction
    def DepositIdentity(self, ctx: SlotsContext, hospital: str, resident: str) -> None:
        """Keep the transient field `identity`, sealed, in the hospital's private collection. A desk that may book.

        What is kept already only the hospital's own staff corrects (IDENTITY_EXISTS): no portal can put another
        person in a resident's place. Where the ledger asks for tickets the transient field `proof` says that the
        authority made this id for this document: whose identity is kept is who was vouched for.
        """
        caller = ctx.require_desk(hospital)
        if caller.role != STAFF and has_identity(ctx, hospital, resident):
            conflict("IDENTITY_EXISTS", "the hospital holds this resident's identity; its own staff may correct it")
        transient = ctx.stub.get_transient()
        identity = _identity(transient.get("identity", b""))
        proof = transient.get("proof", b"")
        require_proof(ctx, resident, identity["document_type"], identity["document"], proof)
        _secrets(ctx, hospital).put(identity_key(hospital, resident), encode(identity))

    @transaction
    def LookAtIdentity(self, ctx: SlotsContext, hospital: str, resident: str, purpose: str) -> Record:
        """Leave the trace of a look at a resident's identity; `ReadIdentity` then answers for a quarter of an hour."""
        ctx.require_staff(hospital)
        terms.one_of(purpose, PURPOSES, "purpose")
        if not has_identity(ctx, hospital, resident):
            missing("the hospital holds no identity of this resident")
        look: Record = {"purpose": purpose, "signer": ctx.caller.signer, "at": ctx.now}
        ctx.records.put(look, "identity-look", hospital, resident, ctx.caller.signer)
        return look

    @query
    def ReadIdentity(self, ctx: SlotsContext, hospital: str, resident: str) -> dict[str, Any]:
        """Return a resident's identity to staff who left a trace. To be evaluated on the hospital's own peers."""
        ctx.require_staff(hospital)
        look = ctx.records.find("identity-look", hospital, terms.resident_id(resident), ctx.caller.signer)
        if look is None or ctx.passed(look["at"] + LOOK_S):
            conflict("TRACE_MISSING", "leave the trace of this look first (LookAtIdentity)")
        found = read_identity(ctx, hospital, resident)
        if found is None:
            missing("the hospital holds no identity of this resident")
        return found

    @query
    def ListLooks(self, ctx: SlotsContext, hospital: str, resident: str) -> list[Record]:
        """Return who looked at a resident's identity last, when and what for, one entry a person."""
        return [look for _, look in ctx.records.scan("identity-look", hospital, terms.resident_id(resident))]

    @query
    def HasIdentity(self, ctx: SlotsContext, hospital: str, resident: str) -> bool:
        """Say whether the hospital holds this resident's identity (every organisation's peers can tell)."""
        return has_identity(ctx, hospital, resident)

    @transaction
    def PurgeIdentity(self, ctx: SlotsContext, hospital: str, resident: str) -> None:
        """Erase a resident's identity and its history from every peer (PIPL article 47). Staff only."""
        ctx.require_staff(hospital)
        _secrets(ctx, hospital).purge(identity_key(hospital, resident))

    @transaction
    def SealIdentity(self, ctx: SlotsContext, hospital: str, resident: str) -> bool:
        """Write an identity that lies in clear anew as ciphertext; says whether there was one. Staff only.

        One that was corrected since, and sealed, stays what it is: the older does not take its place.
        """
        ctx.require_staff(hospital)
        secrets = _secrets(ctx, hospital)
        sealed, clear = identity_key(hospital, resident), clear_key(hospital, resident)
        if not secrets.is_clear(clear):
            return False
        secrets.put(sealed, secrets.get(sealed) or secrets.get(clear))
        return True

    @transaction
    def PurgeClearIdentity(self, ctx: SlotsContext, hospital: str, resident: str) -> None:
        """Erase the clear form of an identity, which was sealed or is to be gone, and its history. Staff only."""
        ctx.require_staff(hospital)
        _secrets(ctx, hospital).purge(clear_key(hospital, resident))


def read_identity(ctx: SlotsContext, hospital: str, resident: str) -> dict[str, Any] | None:
    """Return an identity that the hospital holds, None if it holds none; the caller has checked who asks."""
    secrets = _secrets(ctx, hospital)
    data = secrets.get(identity_key(hospital, resident)) or secrets.get(clear_key(hospital, resident))
    if not data:
        return None
    found: dict[str, Any] = json.loads(data)
    found.pop("salt", None)
    return found


def identity_key(hospital: str, resident: str) -> str:
    """Return the private key of an identity; hospitals of one organisation share a collection, not identities."""
    return f"identity:{hospital}:{terms.resident_id(resident)}"


def clear_key(hospital: str, resident: str) -> str:
    """Return where an identity lay in clear, before there were key files."""
    return f"{hospital}:{terms.resident_id(resident)}"


def has_identity(ctx: SlotsContext, hospital: str, resident: str) -> bool:
    """Say whether a hospital checked this resident's identity; any organisation's peer can tell from the hash."""
    secrets = _secrets(ctx, hospital)
    return bool(secrets.digest(identity_key(hospital, resident)) or secrets.digest(clear_key(hospital, resident)))


def _secrets(ctx: SlotsContext, hospital: str) -> Secrets:
    return ctx.secrets(ctx.hospital(hospital)["collection"])


def _identity(data: bytes) -> dict[str, str]:
    if not 0 < len(data) <= 1024:
        bad("the transient field identity is missing or longer than 1024 bytes", "BAD_IDENTITY")
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        bad("the transient field identity is no JSON object", "BAD_IDENTITY")
    if not isinstance(found, dict) or set(found) != set(FIELDS):
        bad(f"an identity has exactly {', '.join(FIELDS)}", "BAD_IDENTITY")
    for name, limit in FIELDS.items():
        value = found[name]
        if not isinstance(value, str) or not 0 < len(value) <= limit:
            bad(f"{name} is text of 1 to {limit} characters", "BAD_IDENTITY")
        if any(ord(letter) < 32 for letter in value) or deceptive(value):
            bad(f"{name} has characters that cannot be seen", "BAD_IDENTITY")
    terms.digest(found["salt"], "the salt")
    return {name: found[name] for name in FIELDS}
