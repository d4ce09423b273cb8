"""Booking portals as their organisation admits them: what they may ask is its own, that they exist is everybody's.

A portal has no certificate: the organisation's FHIR service signs for it. Its registration (of the token only the
SHA-256) lies sealed with the organisation's own peers, first there, then in the open: which portals there are, and
which were revoked, anybody can see. For a revoked one the authority makes no ticket, whatever a FHIR service believes.
"""

from __future__ import annotations

import json

from chaincode.health_slots.context import PORTAL, PORTAL_ADMIN, Caller, SlotsContext, is_portal
from chaincode.health_slots.records import Record
from chaincode.health_slots.refusals import bad, conflict, forbid, missing
from fabric_sdk.chaincode import query, transaction
from fabric_sdk.chaincode.secret_values import Secrets

ADMITTED, REVOKED = "admitted", "revoked"
AT_ONCE = 500
"""Portals of one answer."""
FIELDS = {"token_sha256": str, "per_second": float, "burst": int, "per_day": int, "created_at": int, "expires_at": int}


class PortalFunctions:
    """What a portal administrator does, and what the organisation's FHIR service asks."""

    @transaction
    def KeepPortal(self, ctx: SlotsContext, portal: str) -> None:
        """Keep the transient field `portal`, a registration, sealed with the own peers. Portal administrators."""
        caller = _administrator(ctx)
        _name(portal)
        data = ctx.stub.get_transient().get("portal", b"")
        try:
            found = json.loads(data if len(data) <= 1024 else b"")
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict) or {name: type(value) for name, value in found.items()} != FIELDS:
            bad(f"the transient field portal has exactly {', '.join(FIELDS)}")
        if len(found["token_sha256"]) != 64 or not 0 < found["per_second"] <= 10_000 or found["burst"] < 1:
            bad("a registration has a token's SHA-256 and limits above nothing")
        _secrets(ctx, caller).put(_key(portal), data)

    @transaction
    def AdmitPortal(self, ctx: SlotsContext, portal: str) -> Record:
        """Admit a portal whose registration is kept (PORTAL_MISSING), or one again that was revoked."""
        caller = _administrator(ctx)
        if not _secrets(ctx, caller).digest(_key(_name(portal))):
            missing(f"{caller.msp_id} keeps no registration of {portal}", "PORTAL_MISSING")
        record: Record = {"state": ADMITTED, "signer": caller.signer, "at": ctx.now}
        ctx.records.put(record, "portal", caller.msp_id, portal)
        return record

    @transaction
    def RevokePortal(self, ctx: SlotsContext, portal: str) -> Record:
        """Take a portal's token away; no ticket is made for it from now on."""
        caller = _administrator(ctx)
        record = ctx.records.find("portal", caller.msp_id, _name(portal))
        if record is None:
            missing(f"{caller.msp_id} admitted no portal {portal}")
        if record["state"] == REVOKED:
            conflict("PORTAL_REVOKED", f"the portal {portal} is revoked already")
        record = {"state": REVOKED, "signer": caller.signer, "at": ctx.now}
        ctx.records.put(record, "portal", caller.msp_id, portal)
        return record

    @query
    def ListPortals(self, ctx: SlotsContext, msp_id: str) -> dict[str, Record]:
        """Return an organisation's portals: which there are, which are revoked, by whom."""
        return {attributes[1]: record for attributes, record in ctx.records.scan("portal", msp_id)}

    @query
    def ReadPortals(self, ctx: SlotsContext, portals: list[str]) -> dict[str, Record]:
        """Return registrations of the own organisation's portals to its FHIR service or portal administrators.

        At its own peers.
        """
        caller = ctx.caller
        if not (caller.is_door and caller.msp_id in ctx.settings["roles"].get(PORTAL, ())):
            _administrator(ctx)
        if len(portals) > AT_ONCE:
            bad(f"at most {AT_ONCE} portals at a time")
        secrets = _secrets(ctx, caller)
        kept = {name: secrets.get(_key(_name(name))) for name in portals}
        return {name: json.loads(data) for name, data in kept.items() if data}


def require_admitted(ctx: SlotsContext, msp_id: str, portal: str) -> None:
    """Refuse a portal that was revoked; ledgers of before know none, and a FHIR service vouches for its own."""
    record = ctx.records.look("portal", msp_id, portal) if portal else None
    if record is not None and record["state"] == REVOKED:
        forbid(f"the portal {portal} was revoked", "PORTAL_REVOKED")


def _administrator(ctx: SlotsContext) -> Caller:
    caller = ctx.caller
    if caller.role != PORTAL_ADMIN or caller.msp_id not in ctx.settings["roles"].get(PORTAL, ()):
        forbid("this needs a portal administrator of an organisation that may have portals")
    return caller


def _name(portal: str) -> str:
    if not is_portal(portal):
        bad("a portal's name is 2 to 20 lower-case letters and digits, and none of the platform's own", "BAD_ID")
    return portal


def _key(portal: str) -> str:
    return f"portal:{portal}"


def _secrets(ctx: SlotsContext, caller: Caller) -> Secrets:
    return ctx.secrets(office_collection(caller.msp_id))


def office_collection(msp_id: str) -> str:
    """The private collection of what an organisation's own people and services share."""
    return f"office_{msp_id}"
