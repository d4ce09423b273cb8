"""Who a resident is: only in the private collection of the hospital that needs to know, and gone when purged.

The public ledger knows a pseudonym, an HMAC of the document that nobody can undo or guess without the city's key.
These functions write private data only, so that the hospital's own peers alone endorse them and no other organisation
ever sees the transient fields.
"""

from __future__ import annotations

import json
from typing import Any

from chaincode.health_slots import terms
from chaincode.health_slots.context import STAFF, SlotsContext
from chaincode.health_slots.records import encode
from chaincode.health_slots.refusals import bad, conflict, missing
from fabric_sdk.chaincode import query, transaction

FIELDS = {"name": 80, "document_type": 20, "document": 40, "phone": 30, "salt": 64}
"""Members of an identity and their greatest length; `salt` (32 random bytes, hex) keeps its hash from being guessed."""


class IdentityFunctions:
    """Deposit, look at and purge identities."""

    @transaction
    def DepositIdentity(self, ctx: SlotsContext, hospital: str, resident: str) -> None:
        """Keep the transient field `identity` in the hospital's private collection. A desk that may book.

        What is kept already only the hospital's own staff corrects (IDENTITY_EXISTS): no portal can put another
        person in a resident's place.
        """
        caller = ctx.require_desk(hospital)
        if caller.role != STAFF and has_identity(ctx, hospital, resident):
            conflict("IDENTITY_EXISTS", "the hospital holds this resident's identity; its own staff may correct it")
        collection = ctx.hospital(hospital)["collection"]
        data = ctx.stub.get_transient().get("identity", b"")
        ctx.stub.put_private_data(collection, identity_key(hospital, resident), encode(_identity(data)))

    @query
    def ReadIdentity(self, ctx: SlotsContext, hospital: str, resident: str) -> dict[str, Any]:
        """Return a resident's identity. The hospital's staff only, on the hospital's own peers."""
        collection = ctx.require_staff(hospital)["collection"]
        data = ctx.stub.get_private_data(collection, identity_key(hospital, resident))
        if not data:
            missing("the hospital holds no identity of this resident")
        found: dict[str, Any] = json.loads(data)
        found.pop("salt", None)
        return found

    @query
    def HasIdentity(self, ctx: SlotsContext, hospital: str, resident: str) -> bool:
        """Say whether the hospital holds this resident's identity (every organisation's peers can tell)."""
        return has_identity(ctx, hospital, resident)

    @transaction
    def PurgeIdentity(self, ctx: SlotsContext, hospital: str, resident: str) -> None:
        """Erase a resident's identity and its history from every peer (PIPL article 47). Staff only."""
        collection = ctx.require_staff(hospital)["collection"]
        ctx.stub.purge_private_data(collection, identity_key(hospital, resident))


def identity_key(hospital: str, resident: str) -> str:
    """Return the private key of an identity; hospitals of one organisation share a collection, not identities."""
    return f"{hospital}:{terms.resident_id(resident)}"


def has_identity(ctx: SlotsContext, hospital: str, resident: str) -> bool:
    """Say whether a hospital checked this resident's identity; any organisation's peer can tell from the hash."""
    collection = ctx.hospital(hospital)["collection"]
    return bool(ctx.stub.get_private_data_hash(collection, identity_key(hospital, resident)))


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
    terms.digest(found["salt"], "the salt")
    return {name: found[name] for name in FIELDS}
