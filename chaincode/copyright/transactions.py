"""Which transactions belong to a work: the answer that peers sign for an evidence package.

Whoever asks names the newest block that they know of, by number and hash, so that the signed answer is dated: it is
the complete list as of that block at least. It is always an answer (status 200), also for a work that there is not,
because a peer signs no refusal.
"""

from __future__ import annotations

from typing import Any

from chaincode.copyright.records import LICENCE, USAGE, WORK, CopyrightContext
from chaincode.kit.fields import invalid
from fabric_sdk.chaincode import ChaincodeError, query

HANGS_ON_WORK = (
    "registrations",
    "licences",
    "transfers",
    "pledges",
    "changes",
    "cancellations",
    "disputes",
    "infringements",
    "payments",
)
"""Indexes of records by their work; each is the plural of a record's kind."""


class Transactions:
    """The list of a work's transactions."""

    @query
    def ListTransactions(
        self, ctx: CopyrightContext, work_id: str, block: str, block_hash: str
    ) -> list[dict[str, Any]]:
        """Every transaction that wrote a work or what hangs on it: `{"tx_id", "records": [id, …], "at"}`, oldest first.

        `block` and `block_hash` are the newest block known to the caller; they stand in the signed call.
        """
        if not block.isascii() or not block.isdigit() or len(block) > 20 or len(block_hash) != 64:
            invalid("block", "is the newest block's number and hash")
        found: dict[str, dict[str, Any]] = {}
        for record_id in _records(ctx, work_id):
            with ctx.stub.get_history_for_key(record_id) as changes:
                for change in changes:
                    at = change.timestamp.isoformat()
                    entry = found.setdefault(change.tx_id, {"tx_id": change.tx_id, "records": [], "at": at})
                    entry["records"].append(record_id)
        return sorted(found.values(), key=lambda one: (one["at"], one["tx_id"]))


def _records(ctx: CopyrightContext, work_id: str) -> list[str]:
    try:
        if ctx.kind_of(work_id) != WORK or not ctx.stub.get_state(work_id):
            return []
    except ChaincodeError:
        return []
    records = [work_id]
    for name in HANGS_ON_WORK:
        records += sorted(attributes[-1] for attributes in ctx.indexed(name, work_id))
    for licence in [one for one in records if ctx.kind_of(one) == LICENCE]:
        records += sorted(attributes[-1] for attributes in ctx.indexed(USAGE, licence))
    return records
