"""异议 disputes, which freeze a work, and 侵权线索 infringement cases with their evidence."""

from __future__ import annotations

from typing import Any

from chaincode.copyright.licences import in_force, owners_of
from chaincode.copyright.records import DISPUTE, INFRINGEMENT, WORK, CopyrightContext, Record, first_entry, move, refuse
from chaincode.kit import fields
from chaincode.kit.fields import Fields
from fabric_sdk.chaincode import transaction

_OPEN: dict[str, tuple[str, ...]] = {"OPEN": ("DECIDED", "WITHDRAWN")}
_CASE: dict[str, tuple[str, ...]] = {"REPORTED": ("EVIDENCED", "CLOSED"), "EVIDENCED": ("EVIDENCED", "CLOSED")}


class Disputes:
    """异议 and 侵权线索."""

    @transaction
    def OpenDispute(self, ctx: CopyrightContext, work_id: str, dispute: dict[str, Any]) -> dict[str, Any]:
        """Somebody with a role contests a work; transfers, licences and pledges are frozen until it is decided."""
        ctx.require_role("creator", "licensee", "registrar", "auditor")
        work = ctx.read(WORK, work_id)
        if work["state"] != "ACTIVE":
            raise refuse("WRONG_STATE", f"the work is {work['state']}")
        if any(owner["party"] == ctx.party for owner in work["owners"]) and len(work["owners"]) == 1:
            raise refuse("SAME_PARTY", "an owner does not contest their own work")
        if any(one["claimant"] == ctx.party for one in self._open(ctx, work)):
            raise refuse("ALREADY_FILED", "you have an open dispute about this work")
        form = Fields(dispute)
        record: Record = {
            "ground": form.code("ground", ctx.policy.codes("dispute_grounds")),
            "statement": form.text("statement", ctx.policy.limit("text_characters")),
            "evidence": _read_evidence(ctx, form),
            "work_id": work_id,
            "claimant": ctx.party,
            "state": "OPEN",
            "outcome": "",
            "log": first_entry(ctx, "OPEN"),
        }
        form.done()
        ctx.create(DISPUTE, record, also=owners_of(work))
        work["disputes"] = [*work["disputes"], record["id"]]
        ctx.update(work)
        ctx.index("disputes", work_id, record["id"])
        ctx.index("dispute-state", "OPEN", record["id"])
        ctx.event("DisputeOpened", record)
        return record

    def _open(self, ctx: CopyrightContext, work: Record) -> list[Record]:
        return [ctx.read(DISPUTE, one) for one in work["disputes"]]

    def _end(self, ctx: CopyrightContext, record: Record, state: str, reasons: list[str]) -> Record:
        move(ctx, record, state, _OPEN, reasons)
        ctx.unindex("dispute-state", "OPEN", record["id"])
        work = ctx.read(WORK, record["work_id"])
        work["disputes"] = [one for one in work["disputes"] if one != record["id"]]
        ctx.update(work)
        ctx.event("DisputeEnded", ctx.update(record))
        return record

    @transaction
    def ResolveDispute(
        self, ctx: CopyrightContext, dispute_id: str, outcome: str, reasons: list[str]
    ) -> dict[str, Any]:
        """A registrar notes how a dispute ended: dismissed, upheld or settled, with reasons."""
        record = ctx.read(DISPUTE, dispute_id)
        work = ctx.read(WORK, record["work_id"])
        ctx.require_registrar(record["claimant"], *(owner["party"] for owner in work["owners"]))
        record["outcome"] = Fields({"outcome": outcome}).code("outcome", ctx.policy.codes("dispute_outcomes"))
        return self._end(ctx, record, "DECIDED", fields.reasons(reasons, ctx.policy.limit("text_characters")))

    @transaction
    def WithdrawDispute(self, ctx: CopyrightContext, dispute_id: str, reason: str) -> dict[str, Any]:
        """The claimant gives the dispute up."""
        record = ctx.read(DISPUTE, dispute_id)
        if ctx.party != record["claimant"]:
            raise refuse("NOT_CLAIMANT", "only the claimant may do this", 403)
        return self._end(ctx, record, "WITHDRAWN", fields.reasons([reason], ctx.policy.limit("text_characters")))

    @transaction
    def ReportInfringement(self, ctx: CopyrightContext, work_id: str, report: dict[str, Any]) -> dict[str, Any]:
        """An owner or exclusive or sole licensee notes a suspected infringement."""
        work = ctx.read(WORK, work_id)
        entitled = {owner["party"] for owner in work["owners"]}
        entitled |= {one["licensee"] for one in in_force(ctx, work_id) if one["kind"] != "ordinary"}
        if ctx.party not in entitled:
            raise refuse("NOT_OWNER", "only owners and exclusive or sole licensees report infringements", 403)
        form, limit = Fields(report), ctx.policy.limit("text_characters")
        record: Record = {
            "where": form.text("where", 2000),
            "description": form.text("description", limit),
            "suspect": form.text("suspect", 200, required=False),
            "evidence": _read_evidence(ctx, form),
            "work_id": work_id,
            "reporter": ctx.party,
            "outcome": "",
            "state": "REPORTED",
            "log": first_entry(ctx, "REPORTED"),
        }
        form.done()
        record["state"] = "EVIDENCED" if record["evidence"] else "REPORTED"
        ctx.create(INFRINGEMENT, record, also=owners_of(work))
        ctx.index("infringements", work_id, record["id"])
        ctx.event("InfringementReported", record)
        return record

    def _reporter(self, ctx: CopyrightContext, case_id: str) -> Record:
        record = ctx.read(INFRINGEMENT, case_id)
        if ctx.party != record["reporter"]:
            raise refuse("NOT_REPORTER", "only the reporter may do this", 403)
        return record

    @transaction
    def AddEvidence(self, ctx: CopyrightContext, case_id: str, evidence: list[dict[str, Any]]) -> dict[str, Any]:
        """取证: the reporter adds evidence (CID, SHA-256, kind, time of capture)."""
        record = self._reporter(ctx, case_id)
        added = _read_evidence(ctx, Fields({"evidence": evidence}), required=True)
        if len(record["evidence"]) + len(added) > 500:
            raise refuse("TOO_MUCH", "a case holds at most 500 pieces of evidence", 400)
        record["evidence"] = record["evidence"] + added
        move(ctx, record, "EVIDENCED", _CASE)
        ctx.event("EvidenceAdded", ctx.update(record))
        return record

    @transaction
    def CloseInfringement(self, ctx: CopyrightContext, case_id: str, outcome: str, note: str) -> dict[str, Any]:
        """处理: the reporter notes how the case ended."""
        record = self._reporter(ctx, case_id)
        record["outcome"] = Fields({"outcome": outcome}).code("outcome", ctx.policy.codes("infringement_outcomes"))
        text = Fields({"note": note}).text("note", ctx.policy.limit("text_characters"))
        move(ctx, record, "CLOSED", _CASE, [text])
        ctx.event("InfringementClosed", ctx.update(record))
        return record


def _read_evidence(ctx: CopyrightContext, form: Fields, *, required: bool = False) -> list[Record]:
    found = []
    for one in form.objects("evidence", ctx.policy.limit("proofs"), required=required):
        found.append(
            {
                "kind": one.text("kind", 64),
                "cid": one.cid("cid"),
                "sha256": one.sha256("sha256"),
                "captured": one.text("captured", 32, required=False),
                "by": ctx.party,
            }
        )
        one.done()
    return found
