"""Who decides about a work contests it not: a registrar's own dispute keeps them from every decision about it."""

from __future__ import annotations

from chaincode.copyright.records import DISPUTE, Record, refuse
from chaincode.kit.records import KitContext


def require_impartial(ctx: KitContext, work: Record) -> None:
    """Refuse whoever has an open dispute about a work."""
    for one in ctx.all_of("disputes", work["id"], DISPUTE):
        if one["claimant"] == ctx.party and one["state"] in ("OPEN", "ADMITTED"):
            raise refuse("CONFLICT_OF_INTEREST", f"you contest the work yourself ({one['id']})", 403)
