"""异议 disputes, which freeze a work, and 侵权线索 infringement cases with their evidence: what data cannot say."""

from __future__ import annotations

from chaincode.copyright.kinds import Dispute, Infringement
from chaincode.copyright.licences import in_force, owners_of
from chaincode.copyright.records import DISPUTE, CopyrightContext, Record, refuse
from chaincode.kit.acts import Doing, rule
from chaincode.kit.contract import Part

MOST_EVIDENCE = 500


class Disputes(Part, kinds=(Dispute, Infringement)):
    """异议 and 侵权线索."""

    @rule(Dispute.open)
    def _opened(self, doing: Doing) -> None:
        """Somebody with a role contests a work; transfers, licences and pledges are frozen until it is decided."""
        ctx, record, work = doing.ctx, doing.record, doing.on
        assert isinstance(ctx, CopyrightContext)
        ctx.require_role("creator", "licensee", "registrar", "auditor")
        if any(ctx.read(DISPUTE, one)["claimant"] == doing.party for one in work["disputes"]):
            raise refuse("ALREADY_FILED", "you have an open dispute about this work")
        record["evidence"] = _signed(record["evidence"], doing.party)
        record["outcome"] = ""
        doing.also += owners_of(work)
        work["disputes"] = [*work["disputes"], ctx.new_id(DISPUTE)]
        ctx.update(work)

    @rule(Dispute.resolve, Dispute.withdraw)
    def _ended(self, doing: Doing) -> None:
        work = doing.parent
        work["disputes"] = [one for one in work["disputes"] if one != doing.record["id"]]
        doing.ctx.update(work)

    @rule(Infringement.report)
    def _reported(self, doing: Doing) -> None:
        """For owners, and exclusive or sole licensees."""
        ctx, record, work = doing.ctx, doing.record, doing.on
        entitled = set(owners_of(work))
        entitled |= {one["licensee"] for one in in_force(ctx, work["id"]) if one["kind"] != "ordinary"}
        if doing.party not in entitled:
            raise refuse("NOT_OWNER", "only owners and exclusive or sole licensees report infringements", 403)
        record["evidence"] = _signed(record["evidence"], doing.party)
        record["outcome"] = ""
        doing.to = Infringement.EVIDENCED if record["evidence"] else Infringement.REPORTED
        doing.also += owners_of(work)

    @rule(Infringement.add)
    def _added(self, doing: Doing) -> None:
        """取证: evidence by CID, SHA-256, kind and time of capture."""
        before, added = doing.record["evidence"], doing.given["evidence"]
        if len(before) + len(added) > MOST_EVIDENCE:
            raise refuse("TOO_MUCH", f"a case holds at most {MOST_EVIDENCE} pieces of evidence", 400)
        doing.record["evidence"] = before + _signed(added, doing.party)


def _signed(evidence: list[Record], by: str) -> list[Record]:
    return [one | {"by": by} for one in evidence]
