"""The contract `catalogue`: what their kind does not say of seals is that a log only grows."""

from chaincode.kit.acts import Doing, rule
from chaincode.kit.contract import KitContract
from chaincode.kit.records import refuse

from .kinds import KINDS, Seal

HIGHEST = "sealed-line"
"""The highest sealed line by organisation and log. Each organisation counts for itself, so that nobody can take the
name of another's log, or seal it further than it goes."""


class CatalogueContract(KitContract, kinds=KINDS):
    name, version, title = "catalogue", "1.0.0", "Service catalogue"

    @rule(Seal.seal)
    def rises(self, doing: Doing) -> None:
        """Higher, or the same line once more as it was: who does not know whether it was sealed asks again."""
        ctx, given = doing.ctx, doing.given
        chain, line, head = given["chain"], given["line"], given["head"]
        sealed, _, told = ctx.indexed_value(HIGHEST, ctx.client.msp_id, chain).partition(" ")
        if line < int(sealed or 0) or (sealed == str(line) and head != told):
            raise refuse("SEALED_FURTHER", f"{ctx.client.msp_id} has sealed line {sealed} of this log")
        ctx.index(HIGHEST, ctx.client.msp_id, chain, value=f"{line} {head}")


CONTRACTS = [CatalogueContract()]
