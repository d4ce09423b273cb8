"""转让 transfer and 质押 pledge of a work's economic rights."""

from __future__ import annotations

from typing import Any

from chaincode.copyright.kinds import Transfer
from chaincode.copyright.licences import (
    consent,
    consents_needed,
    owners_of,
    require_consents,
    require_state,
    require_still_agreed,
)
from chaincode.copyright.records import PLEDGE, WORK, CopyrightContext, Record, first_entry, move, refuse
from chaincode.copyright.works import SHARES, require_free, require_owner
from chaincode.kit import fields
from chaincode.kit.acts import Doing, rule
from chaincode.kit.contract import Part
from chaincode.kit.fields import Fields, invalid
from fabric_sdk.chaincode import transaction

PLEDGE_STATES: dict[str, tuple[str, ...]] = {
    "PROPOSED": ("AGREED", "REJECTED", "WITHDRAWN"),
    "AGREED": ("REGISTERED", "REFUSED", "WITHDRAWN"),
    "REGISTERED": ("DISCHARGED",),
}
_MAX_FEN = 10**15


def _share(work: Record, party: str) -> int:
    return next((int(owner["share"]) for owner in work["owners"] if owner["party"] == party), 0)


class Conveyances(Part, kinds=(Transfer,)):
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

    @transaction
    def ProposePledge(self, ctx: CopyrightContext, work_id: str, terms: dict[str, Any]) -> dict[str, Any]:
        """An owner of a registered work offers it as security; pledgee and co-owners sign, then the office registers.

        Refused (著作权质权登记办法): not an owner, disputed, pledged already, right expired, debt outlives the right.
        """
        work = ctx.read(WORK, work_id)
        require_owner(ctx, work)
        form = Fields(terms)
        record: Record = {
            "pledgee": form.party("pledgee"),
            "debt_fen": form.integer("debt_fen", 1, _MAX_FEN),
            "debt_from": form.day("debt_from"),
            "debt_until": form.day("debt_until"),
            "rights": form.codes("rights", ctx.policy.codes("rights")),
            "contract_sha256": form.sha256("contract_sha256"),
            "note": form.text("note", ctx.policy.limit("text_characters"), required=False),
        }
        form.done()
        if record["debt_until"] < record["debt_from"]:
            invalid("debt_until", "lies before debt_from")
        if any(ctx.policy.entry("rights", one)["personal"] for one in record["rights"] if one != "all"):
            invalid("rights", "moral rights cannot be pledged")
        if record["pledgee"] == ctx.party:
            raise refuse("SAME_PARTY", "pledgor and pledgee are the same")
        self._check_pledge(ctx, work, record)
        needed = [owner["party"] for owner in work["owners"] if owner["party"] != ctx.party]
        record |= {
            "work_id": work_id,
            "pledgor": ctx.party,
            "state": "PROPOSED",
            "consents": dict.fromkeys(needed, ""),
            "deadlines": {},
            "log": first_entry(ctx, "PROPOSED"),
        }
        ctx.create(PLEDGE, record, also=owners_of(work))
        ctx.index("pledges", work_id, record["id"])
        ctx.event("PledgeProposed", record)
        return record

    def _check_pledge(self, ctx: CopyrightContext, work: Record, record: Record) -> None:
        """What stands against a pledge (著作权质权登记办法), asked when it is proposed, signed and registered."""
        require_free(work)
        if not work["number"]:
            raise refuse("NOT_REGISTERED", "only a registered work can be pledged")
        if work["pledge"]:
            raise refuse("PLEDGED", f"the work is pledged already ({work['pledge']})")
        until = ctx.read("registration", work["registration"]).get("right_until")
        if until and until < ctx.today:
            raise refuse("RIGHT_EXPIRED", f"the right ended on {until}")
        if until and record["debt_until"] > until:
            raise refuse("RIGHT_EXPIRES", f"the debt is due after the right's end on {until}")

    @transaction
    def ConsentPledge(self, ctx: CopyrightContext, pledge_id: str) -> dict[str, Any]:
        """A co-owner consents."""
        return consent(ctx, ctx.read(PLEDGE, pledge_id), "PROPOSED", "PledgeConsented")

    @transaction
    def AcceptPledge(self, ctx: CopyrightContext, pledge_id: str) -> dict[str, Any]:
        """The pledgee signs; with that the joint filing lies before the office."""
        record = ctx.read(PLEDGE, pledge_id)
        self._pledgee(ctx, record)
        require_state(record, "PROPOSED")
        require_consents(record)
        work = ctx.read(WORK, record["work_id"])
        self._check_pledge(ctx, work, record)
        self._check_pledgor(ctx, work, record)
        record["deadlines"]["registration"] = ctx.policy.deadline("pledge", ctx.stub.tx_timestamp)
        move(ctx, record, "AGREED", PLEDGE_STATES)
        ctx.index("pledge-state", "AGREED", record["id"])
        ctx.event("PledgeAgreed", ctx.update(record))
        return record

    def _check_pledgor(self, ctx: CopyrightContext, work: Record, record: Record) -> None:
        """Who offered the work still owns it, and whoever owns it beside them by now has consented."""
        if _share(work, record["pledgor"]) == 0:
            raise refuse("NOT_OWNER", "the pledgor no longer owns the work")
        require_still_agreed(ctx, work, record, record["pledgor"], record["pledgee"], everybody=True)

    def _pledgee(self, ctx: CopyrightContext, record: Record) -> None:
        if ctx.party != record["pledgee"]:
            raise refuse("NOT_PLEDGEE", "only the pledgee may do this", 403)

    @transaction
    def RegisterPledge(self, ctx: CopyrightContext, pledge_id: str) -> dict[str, Any]:
        """The office registers the pledge; it exists from now on (民法典 art. 444)."""
        record = ctx.read(PLEDGE, pledge_id)
        ctx.require_registrar(record["pledgor"], record["pledgee"], *record["consents"])
        work = ctx.read(WORK, record["work_id"])
        self._check_pledge(ctx, work, record)
        self._check_pledgor(ctx, work, record)
        move(ctx, record, "REGISTERED", PLEDGE_STATES)
        ctx.unindex("pledge-state", "AGREED", record["id"])
        work["pledge"] = record["id"]
        ctx.update(work)
        ctx.event("PledgeRegistered", ctx.update(record))
        return record

    @transaction
    def RefusePledge(self, ctx: CopyrightContext, pledge_id: str, reasons: list[str]) -> dict[str, Any]:
        """The office refuses to register, with reasons."""
        record = ctx.read(PLEDGE, pledge_id)
        ctx.require_registrar(record["pledgor"], record["pledgee"], *record["consents"])
        move(ctx, record, "REFUSED", PLEDGE_STATES, fields.reasons(reasons, ctx.policy.limit("text_characters")))
        ctx.unindex("pledge-state", "AGREED", record["id"])
        ctx.event("PledgeRefused", ctx.update(record))
        return record

    @transaction
    def RejectPledge(self, ctx: CopyrightContext, pledge_id: str, reason: str) -> dict[str, Any]:
        """Before registration: the pledgor withdraws, or the pledgee or a co-owner says no."""
        record = ctx.read(PLEDGE, pledge_id)
        if ctx.party not in {record["pledgor"], record["pledgee"], *record["consents"]}:
            raise refuse("NOT_ASKED", "you are no party of this pledge", 403)
        text = Fields({"reason": reason}).text("reason", ctx.policy.limit("text_characters"))
        if record["state"] == "AGREED":
            ctx.unindex("pledge-state", "AGREED", record["id"])
        withdrawn = ctx.party == record["pledgor"] or record["state"] == "AGREED"
        move(ctx, record, "WITHDRAWN" if withdrawn else "REJECTED", PLEDGE_STATES, [text])
        ctx.event("PledgeRejected", ctx.update(record))
        return record

    @transaction
    def DischargePledge(self, ctx: CopyrightContext, pledge_id: str) -> dict[str, Any]:
        """The pledgee sets the work free."""
        record = ctx.read(PLEDGE, pledge_id)
        self._pledgee(ctx, record)
        move(ctx, record, "DISCHARGED", PLEDGE_STATES)
        work = ctx.read(WORK, record["work_id"])
        work["pledge"] = ""
        ctx.update(work)
        ctx.event("PledgeDischarged", ctx.update(record))
        return record
