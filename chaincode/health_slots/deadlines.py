"""Deadlines that close: a key that is written once, which everything that must come before it reads.

A client writes its own time and may keep an endorsement back for as long as it likes. So that what was endorsed before
a deadline does not commit after it, the deadline is closed by a transaction of its own, which anybody may send once its
moment has come; whatever read the key before then conflicts with it (MVCC_READ_CONFLICT).
"""

from __future__ import annotations

from chaincode.health_slots import calendar, terms
from chaincode.health_slots.context import SlotsContext
from chaincode.health_slots.policy import Policy
from chaincode.health_slots.records import Record
from chaincode.health_slots.refusals import conflict
from chaincode.health_slots.registry import policy_of
from fabric_sdk.chaincode import query, transaction

CLOSED = "closed"


class DeadlineFunctions:
    """Closing what is over."""

    @transaction
    def Close(self, ctx: SlotsContext, session: str) -> Record:
        """Close a session's time to cancel; anybody with any role may, once it is over."""
        hospital, sid = terms.split_session(session)
        record = ctx.session(hospital, sid)
        if ctx.records.exists(CLOSED, hospital, sid):
            conflict("CLOSED_ALREADY", f"session {session} is closed already")
        limit = cancel_limit(policy_of(ctx, *record["policy"]), record)
        if not ctx.reached(limit + 1):
            conflict("TOO_EARLY", f"appointments of session {session} may be cancelled until {limit}")
        closed: Record = {"limit": limit, "signer": ctx.caller.signer, "at": ctx.now}
        ctx.records.put(closed, CLOSED, hospital, sid)
        return closed

    @query
    def GetClosed(self, ctx: SlotsContext, session: str) -> Record:
        """Return when a session's time to cancel was closed and by whom, {} if it was not."""
        return ctx.records.find(CLOSED, *terms.split_session(session)) or {}


def is_closed(ctx: SlotsContext, hospital: str, session: str) -> bool:
    """Say whether a session's time to cancel was closed; reading it is what makes a late commit conflict."""
    return ctx.records.exists(CLOSED, hospital, session)


def reopen(ctx: SlotsContext, hospital: str, session: str) -> None:
    """Let residents cancel again, because the hospital changed the session."""
    if is_closed(ctx, hospital, session):
        ctx.records.delete(CLOSED, hospital, session)


def cancel_limit(policy: Policy, session: Record) -> int:
    """Return the last moment at which anybody may cancel: by the rules, or until a changed session is over."""
    ends = calendar.at(session["date"], session["end"] + int(session.get("shift", 0)), session["offset"])
    if session.get("changes"):
        return ends
    return min(policy.cancel_until(session["date"], session["offset"]), ends)
