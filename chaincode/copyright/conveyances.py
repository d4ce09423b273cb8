"""转让 transfer and 质押 pledge of a work's economic rights."""

from __future__ import annotations

from chaincode.copyright.kinds import Pledge, Transfer
from chaincode.copyright.licences import consents_needed, owners_of, require_still_agreed
from chaincode.copyright.records import Record, policy_of, refuse
from chaincode.copyright.works import SHARES
from chaincode.kit.acts import Doing, rule
from chaincode.kit.contract import Part
from chaincode.kit.fields import invalid
from chaincode.kit.records import KitContext


def _share(work: Record, party: str) -> int:
    return next((int(owner["share"]) for owner in work["owners"] if owner["party"] == party), 0)


class Conveyances(Part, kinds=(Transfer, Pledge)):
    """转让 and 质押."""

    @rule(Transfer.propose)
    def _proposed(self, doing: Doing) -> None:
        """All of the owner's share by default; other co-owners, and the pledgee of a pledged work, must consent."""
        ctx, record, work = doing.ctx, doing.record, doing.on
        mine = _share(work, doing.party)
        record["share"] = record["share"] or mine
        if record["share"] > mine:
            invalid("share", f"must be a whole number from 1 to {mine}")
        if record["to"] == doing.party:
            raise refuse("SAME_PARTY", "buyer and seller are the same")
        needed = consents_needed(ctx, work, doing.party, everybody=True)
        record["consents"] = dict.fromkeys([party for party in needed if party != record["to"]], "")
        doing.also += owners_of(work)

    @rule(Transfer.accept)
    def _transferred(self, doing: Doing) -> None:
        """The shares change hands, if the seller still has them and nobody's consent is missing."""
        ctx, record, work = doing.ctx, doing.record, doing.parent
        require_still_agreed(ctx, work, record, record["seller"], record["to"], everybody=True)
        if _share(work, record["seller"]) < record["share"]:
            raise refuse("NOT_OWNER", "the seller no longer has this share")
        shares = {owner["party"]: int(owner["share"]) for owner in work["owners"]}
        shares[record["seller"]] -= record["share"]
        shares[record["to"]] = shares.get(record["to"], 0) + record["share"]
        if shares[record["seller"]] == 0:
            del shares[record["seller"]]
            ctx.unindex("owner", record["seller"], work["id"])
        if len(shares) > ctx.limit("owners") or sum(shares.values()) != SHARES:
            raise refuse("TOO_MANY_OWNERS", "the work would have too many owners")
        ctx.index("owner", record["to"], work["id"])
        work["owners"] = [{"party": party, "share": share} for party, share in shares.items()]
        ctx.update(work)

    @rule(Pledge.propose)
    def _pledge_proposed(self, doing: Doing) -> None:
        """Refused (著作权质权登记办法): right expired, debt outlives the right, moral rights."""
        ctx, record, work = doing.ctx, doing.record, doing.on
        if record["debt_until"] < record["debt_from"]:
            invalid("debt_until", "lies before debt_from")
        personal = set(record["rights"]) - set(policy_of(ctx).economic())
        if personal - {"all"}:
            invalid("rights", "moral rights cannot be pledged")
        if record["pledgee"] == doing.party:
            raise refuse("SAME_PARTY", "pledgor and pledgee are the same")
        _check_right(ctx, work, record)
        record["consents"] = dict.fromkeys([one for one in owners_of(work) if one != doing.party], "")
        record["deadlines"] = {}
        doing.also += owners_of(work)

    @rule(Pledge.accept)
    def _pledge_accepted(self, doing: Doing) -> None:
        """With the pledgee's signature the joint filing lies before the office."""
        _check_right(doing.ctx, doing.parent, doing.record)
        _check_pledgor(doing.ctx, doing.parent, doing.record)
        deadline = policy_of(doing.ctx).deadline("pledge", doing.ctx.stub.tx_timestamp)
        doing.record["deadlines"] = doing.record["deadlines"] | {"registration": deadline}

    @rule(Pledge.register)
    def _pledge_registered(self, doing: Doing) -> None:
        """The pledge exists from now on (民法典 art. 444)."""
        _check_right(doing.ctx, doing.parent, doing.record)
        _check_pledgor(doing.ctx, doing.parent, doing.record)
        doing.parent["pledge"] = doing.record["id"]
        doing.ctx.update(doing.parent)

    @rule(Pledge.discharge)
    def _pledge_discharged(self, doing: Doing) -> None:
        doing.parent["pledge"] = ""
        doing.ctx.update(doing.parent)


def _check_right(ctx: KitContext, work: Record, record: Record) -> None:
    """The right must outlive the debt, asked when a pledge is proposed, signed and registered."""
    until = ctx.read("registration", work["registration"]).get("right_until")
    if until and until < ctx.today:
        raise refuse("RIGHT_EXPIRED", f"the right ended on {until}")
    if until and record["debt_until"] > until:
        raise refuse("RIGHT_EXPIRES", f"the debt is due after the right's end on {until}")


def _check_pledgor(ctx: KitContext, work: Record, record: Record) -> None:
    """Who offered the work still owns it, and whoever owns it beside them by now has consented."""
    if _share(work, record["pledgor"]) == 0:
        raise refuse("NOT_OWNER", "the pledgor no longer owns the work")
    require_still_agreed(ctx, work, record, record["pledgor"], record["pledgee"], everybody=True)
