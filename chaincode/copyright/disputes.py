"""异议 disputes, which freeze a work, and 侵权线索 infringement cases with their evidence: what data cannot say."""

from __future__ import annotations

from chaincode.copyright.conflicts import require_impartial
from chaincode.copyright.kinds import Dispute, Infringement
from chaincode.copyright.licences import in_force, owners_of
from chaincode.copyright.records import DISPUTE, WORK, CopyrightContext, Record, refuse
from chaincode.copyright.roles import with_deadline
from chaincode.kit.acts import Doing, rule
from chaincode.kit.contract import Part

MOST_EVIDENCE = 500
_FRIVOLOUS, _USED = "dispute-lifted", "dispute-evidence"


class Disputes(Part, kinds=(Dispute, Infringement)):
    """异议 and 侵权线索."""

    @rule(Dispute.open)
    def _opened(self, doing: Doing) -> None:
        """Somebody with a role contests a work, with evidence: files, or their own deposit made before this one.

        Transfers, licences and pledges are frozen until the office has looked at it, by the policy's deadline. Whose
        dispute was lifted as frivolous before freezes nothing by their word: only what the office admits does.
        """
        ctx, record, work = doing.ctx, doing.record, doing.on
        assert isinstance(ctx, CopyrightContext)
        ctx.require_role("creator", "licensee", "registrar", "auditor")
        known = ctx.all_of("disputes", work["id"], DISPUTE)
        if any(one["claimant"] == doing.party and one["state"] in ("OPEN", "ADMITTED") for one in known):
            raise refuse("ALREADY_FILED", "you have an open dispute about this work")
        _check_evidence(ctx, record, work, doing.party)
        record["evidence"] = _signed(record["evidence"], doing.party)
        record["outcome"] = ""
        record["deadlines"] = {"admission": ctx.policy.deadline("dispute", ctx.stub.tx_timestamp)}
        record["freezes"] = not ctx.indexed(_FRIVOLOUS, doing.party)
        doing.also += owners_of(work)
        if record["freezes"]:
            work["disputes"] = [*work["disputes"], ctx.new_id(DISPUTE)]
            ctx.update(work)

    @rule(Dispute.admit)
    def _dispute_admitted(self, doing: Doing) -> None:
        """受理: from now on the work is frozen until the dispute is decided."""
        work, record = doing.parent, doing.record
        require_impartial(doing.ctx, work)
        record["freezes"] = True
        if record["id"] not in work["disputes"]:
            work["disputes"] = [*work["disputes"], record["id"]]
            doing.ctx.update(work)

    @rule(Dispute.lapse)
    def _freeze_lapsed(self, doing: Doing) -> None:
        """The office did not look at it in time; the work is free again, the dispute may be opened anew."""
        due = doing.record["deadlines"]["admission"] if with_deadline(doing.record) else ""
        if not due or doing.ctx.today <= due:
            raise refuse("DEADLINE_RUNNING", f"the office looks at it by {due or 'no day set'}")
        self._dispute_ended(doing)

    @rule(Dispute.lift)
    def _dispute_lifted(self, doing: Doing) -> None:
        """A frivolous dispute ends, and the next one of the same claimant freezes nothing by itself."""
        require_impartial(doing.ctx, doing.parent)
        doing.ctx.index(_FRIVOLOUS, doing.record["claimant"], doing.record["id"])
        for one in doing.record["evidence"]:
            doing.ctx.index(_USED, doing.record["claimant"], doing.record["work_id"], one["sha256"])
        self._dispute_ended(doing)

    @rule(Dispute.resolve)
    def _dispute_decided(self, doing: Doing) -> None:
        require_impartial(doing.ctx, doing.parent)
        self._dispute_ended(doing)

    @rule(Dispute.withdraw)
    def _dispute_ended(self, doing: Doing) -> None:
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


def _check_evidence(ctx: CopyrightContext, record: Record, work: Record, party: str) -> None:
    """Refuse a claim without evidence, and with evidence that the office found frivolous before."""
    if record["earlier"]:
        other = ctx.read(WORK, record["earlier"])
        if other["depositor"] != party or other["created"] >= work["created"]:
            raise refuse("EVIDENCE_MISSING", "earlier: the work must be your own deposit, made before this one", 400)
    elif not record["evidence"]:
        raise refuse("EVIDENCE_MISSING", "evidence: a dispute needs a file, or your own earlier deposit", 400)
    used = {attributes[-1] for attributes in ctx.indexed(_USED, party, work["id"])}
    if record["evidence"] and not record["earlier"] and all(one["sha256"] in used for one in record["evidence"]):
        raise refuse("EVIDENCE_USED", "evidence: a dispute with it was lifted before; bring other evidence")


def _signed(evidence: list[Record], by: str) -> list[Record]:
    return [one | {"by": by} for one in evidence]
