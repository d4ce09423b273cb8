"""The life of the right beside licences and transfers: pledges, changes, disputes, infringement cases.

Each act is a transaction of its own whose rules the contract checks; here they get words, roles and identities.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from apps.copyright import manifest
from apps.copyright.cast import Part
from apps.copyright.ledger import CopyrightLedger
from apps.copyright.model import Committed

if TYPE_CHECKING:
    from baas.platform import Platform

Record = dict[str, Any]


class Rights:
    """Acts on registered and deposited works. `part` is who acts when the workspace's owner does."""

    def __init__(self, platform: Platform, ledger: CopyrightLedger) -> None:
        self._platform = platform
        self._ledger = ledger

    def _do(self, permission: str, part: Part, function: str, *args: Any) -> Committed[Record]:
        self._platform.session.require(permission)
        return self._ledger.submit(part, function, *args)

    # -- 质押 ----------------------------------------------------------------------------------------
    def decide_pledge(self, pledge_id: str, reasons: Sequence[str] = ()) -> Committed[Record]:
        """Register a pledge as the office, or refuse it with reasons."""
        if reasons:
            return self._do(manifest.REVIEW, "registrar", "RefusePledge", pledge_id, list(reasons))
        return self._do(manifest.REVIEW, "registrar", "RegisterPledge", pledge_id)

    def reject_pledge(self, pledge_id: str, reason: str, part: Part = "licensee") -> Committed[Record]:
        """Step back before registration."""
        return self._do(manifest.LICENSE, part, "RejectPledge", pledge_id, reason)

    # -- 变更, 撤销 ----------------------------------------------------------------------------------
    def request_change(
        self, work_id: str, changes: Mapping[str, Any], reason: str, part: Part = "creator"
    ) -> Committed[Record]:
        """Ask for corrected or further entries of a registered work."""
        return self._do(manifest.DEPOSIT, part, "RequestChange", work_id, dict(changes), reason)

    def decide_change(self, change_id: str, reasons: Sequence[str], *, approve: bool) -> Committed[Record]:
        """Decide about a change as the office."""
        return self._do(manifest.REVIEW, "registrar", "DecideChange", change_id, approve, list(reasons))

    def revoke_deposit(self, work_id: str, reason: str, part: Part = "creator") -> Committed[Record]:
        """撤销: withdraw a work that nothing hangs on."""
        return self._do(manifest.DEPOSIT, part, "RevokeDeposit", work_id, reason)

    # -- 异议, 侵权 ----------------------------------------------------------------------------------
    def open_dispute(self, work_id: str, dispute: Mapping[str, Any], part: Part = "licensee") -> Committed[Record]:
        """Contest a work: `ground`, `statement`, `evidence`; freezes it."""
        return self._do(manifest.READ, part, "OpenDispute", work_id, dict(dispute))

    def resolve_dispute(self, dispute_id: str, outcome: str, reasons: Sequence[str]) -> Committed[Record]:
        """Note how a dispute ended: dismissed, upheld or settled."""
        return self._do(manifest.REVIEW, "registrar", "ResolveDispute", dispute_id, outcome, list(reasons))

    def withdraw_dispute(self, dispute_id: str, reason: str, part: Part = "licensee") -> Committed[Record]:
        """Give a dispute up."""
        return self._do(manifest.READ, part, "WithdrawDispute", dispute_id, reason)

    def report_infringement(self, work_id: str, report: Mapping[str, Any], part: Part = "creator") -> Committed[Record]:
        """Note a suspected infringement: `where`, `description`, `suspect`, `evidence`."""
        return self._do(manifest.LICENSE, part, "ReportInfringement", work_id, dict(report))

    def add_evidence(
        self, case_id: str, evidence: Sequence[Mapping[str, Any]], part: Part = "creator"
    ) -> Committed[Record]:
        """Add evidence to a case: `kind`, `cid`, `sha256`, `captured`."""
        return self._do(manifest.LICENSE, part, "AddEvidence", case_id, [dict(one) for one in evidence])

    def close_infringement(self, case_id: str, outcome: str, note: str, part: Part = "creator") -> Committed[Record]:
        """Note how a case ended."""
        return self._do(manifest.LICENSE, part, "CloseInfringement", case_id, outcome, note)
