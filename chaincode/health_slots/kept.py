"""What a hospital's desks must know together before it is public: plans and secrets of unopened sessions, drafts.

Everything is sealed in the private collection of the hospital's own peers and read by its staff through the contract,
so that a colleague goes on where somebody stopped, and a lost desk loses nothing. The private transaction comes first;
the public one (`CommitSessions`, `LinkPlan`) names what was kept and is refused without it.

A plan that is kept late, for sessions that are committed already, has the digest of their ids for its name
(`late_name`). So every organisation's peer can tell of which sessions it is without reading it, and that it opens them:
the hospital's own peers took it for no other reason.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from chaincode.health_slots import grid, terms
from chaincode.health_slots.context import SlotsContext
from chaincode.health_slots.records import Record, encode
from chaincode.health_slots.refusals import bad, conflict, missing
from chaincode.health_slots.terms import COMMITTED
from fabric_sdk.chaincode import ChaincodeError, query, transaction
from fabric_sdk.chaincode.secret_values import Secrets

MAX_PLAN_BYTES = 4_000_000
MAX_NOTE_BYTES = 64_000
LATE = "L"
"""How the name of a plan begins that is kept for sessions already committed."""
MAX_SESSIONS = 2000
"""Sessions of one plan."""
NOTES = ("import", "habits")
"""An import that is not finished; how the hospital writes its schedules."""


class KeptFunctions:
    """Keep, read and forget what a hospital's staff share; all but `LinkPlan` write private data alone."""

    @transaction
    def KeepPlan(self, ctx: SlotsContext, hospital: str, plan: str) -> None:
        """Keep the transient field `plan`, sealed: `{session: {"secret", "runs"}}`. The hospital's staff only.

        A plan never takes another's place (PLAN_EXISTS). What is on the ledger already it must open exactly
        (COMMITMENT_MISMATCH): a plan that was handed over late opens what was promised, or is not taken. One with a
        `late_name` is of exactly the sessions that its name stands for, each on the ledger (PLAN_MISMATCH).
        """
        ctx.require_staff(hospital)
        secrets, name = _secrets(ctx, hospital), plan_key(hospital, plan)
        if secrets.digest(name):
            conflict("PLAN_EXISTS", f"there is a plan {plan} already")
        sessions = _plan(ctx.stub.get_transient().get("plan", b""))
        found = ctx.records.look_all(*(("session", hospital, id) for id in sessions))
        if plan.startswith(LATE) and (plan != late_name(sessions) or None in found):
            bad("a late plan is named by its sessions, which are all on the ledger", "PLAN_MISMATCH")
        for (id, kept), session in zip(sessions.items(), found, strict=True):
            if session is not None and session["state"] == COMMITTED and not _opens(hospital, id, session, kept):
                bad(f"the slots of session {hospital}.{id} are not those committed", "COMMITMENT_MISMATCH")
        secrets.put(name, encode(sessions))

    @query
    def ReadPlan(self, ctx: SlotsContext, hospital: str, plan: str) -> dict[str, Any]:
        """Return a plan to the hospital's staff; at its own peers."""
        ctx.require_staff(hospital)
        return _read(ctx, hospital, plan_key(hospital, plan))

    @query
    def HasPlan(self, ctx: SlotsContext, hospital: str, plan: str) -> bool:
        """Say whether a plan is kept (every organisation's peers can tell)."""
        return bool(_secrets(ctx, hospital).digest(plan_key(hospital, plan)))

    @transaction
    def LinkPlan(self, ctx: SlotsContext, hospital: str, plan: str, sessions: list[str]) -> int:
        """Say of committed sessions where their plan is kept, as after handing it over. Staff only; returns how many.

        `sessions` are all that the plan has, as its `late_name` says (PLAN_MISMATCH): nobody points a session at a plan
        that does not open it. Those that are open or stopped by now need none and are left alone.
        """
        ctx.require_staff(hospital)
        if not 0 < len(sessions) <= MAX_SESSIONS:
            bad(f"1 to {MAX_SESSIONS} sessions at a time")
        if plan != late_name(sessions):
            bad(f"plan {plan[:80]} is not that of these sessions", "PLAN_MISMATCH")
        require_kept(ctx, hospital, plan)
        linked = 0
        for id in sessions:
            session = ctx.session(hospital, id)
            if session["state"] == COMMITTED:
                ctx.records.put({**session, "plan": plan}, "session", hospital, id)
                linked += 1
        return linked

    @transaction
    def ForgetPlan(self, ctx: SlotsContext, hospital: str, plan: str) -> None:
        """Erase a plan of which every session is open, stopped or was never committed (PLAN_NEEDED). Staff only.

        What opens a committed session stays, whatever plan that session names.
        """
        ctx.require_staff(hospital)
        name = plan_key(hospital, plan)
        sessions = _read(ctx, hospital, name)
        found = ctx.records.look_all(*(("session", hospital, id) for id in sessions))
        for (id, kept), session in zip(sessions.items(), found, strict=True):
            if session is None or session["state"] != COMMITTED:
                continue
            if session.get("plan") == plan or _opens(hospital, id, session, kept):
                conflict("PLAN_NEEDED", "sessions of this plan are not open yet")
        _secrets(ctx, hospital).purge(name)

    @transaction
    def KeepNote(self, ctx: SlotsContext, hospital: str, kind: str) -> None:
        """Keep the transient field `note`, sealed: settings, or work that a colleague may finish. Staff only."""
        ctx.require_staff(hospital)
        note = ctx.stub.get_transient().get("note", b"")
        try:
            found = json.loads(note if len(note) <= MAX_NOTE_BYTES else b"")
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            bad(f"the transient field note is a JSON object of at most {MAX_NOTE_BYTES} bytes")
        _secrets(ctx, hospital).put(_note_key(hospital, kind), note)

    @query
    def ReadNote(self, ctx: SlotsContext, hospital: str, kind: str) -> dict[str, Any]:
        """Return a note to the hospital's staff, {} if there is none; at its own peers."""
        ctx.require_staff(hospital)
        found = _secrets(ctx, hospital).get(_note_key(hospital, kind))
        kept: dict[str, Any] = json.loads(found) if found else {}
        return kept

    @transaction
    def DropNote(self, ctx: SlotsContext, hospital: str, kind: str) -> None:
        """Erase a note and its history. Staff only."""
        ctx.require_staff(hospital)
        _secrets(ctx, hospital).purge(_note_key(hospital, kind))


def require_kept(ctx: SlotsContext, hospital: str, plan: str) -> None:
    """Refuse a plan that the hospital's peers do not hold (PLAN_MISSING); any organisation's peer can tell."""
    if not _secrets(ctx, hospital).digest(plan_key(hospital, plan)):
        missing(f"hospital {hospital} keeps no plan {plan}; keep it first", "PLAN_MISSING")


def plan_key(hospital: str, plan: str) -> str:
    """The private key of a plan."""
    return f"plan:{hospital}:{terms.reference(plan, 'a plan')}"


def late_name(sessions: Iterable[str]) -> str:
    """How a plan is called that is kept for these sessions, ids without the hospital, once they are committed."""
    return LATE + hashlib.sha256(encode(sorted(set(sessions)))).hexdigest()[:40]


def _opens(hospital: str, id: str, session: Record, kept: Record) -> bool:
    """Say whether what a plan keeps of a session is what was committed."""
    try:
        runs = grid.check_runs(kept["runs"], session["start"], session["end"])
    except ChaincodeError:
        return False
    return bool(grid.commitment(f"{hospital}.{id}", runs, bytes.fromhex(kept["secret"])) == session["root"])


def _note_key(hospital: str, kind: str) -> str:
    return f"note:{hospital}:{terms.one_of(kind, NOTES, 'kind')}"


def _read(ctx: SlotsContext, hospital: str, name: str) -> dict[str, Any]:
    data = _secrets(ctx, hospital).get(name)
    if not data:
        missing("the hospital keeps no such plan", "PLAN_MISSING")
    found: dict[str, Any] = json.loads(data)
    return found


def _secrets(ctx: SlotsContext, hospital: str) -> Secrets:
    return ctx.secrets(ctx.hospital(hospital)["collection"])


def _plan(data: bytes) -> Record:
    """The sessions of a plan as far as their form goes; what they open is checked against what is on the ledger."""
    try:
        found = json.loads(data if len(data) <= MAX_PLAN_BYTES else b"")
    except (ValueError, RecursionError):
        bad(f"the transient field plan is JSON of at most {MAX_PLAN_BYTES} bytes")
    if not isinstance(found, dict) or not 0 < len(found) <= MAX_SESSIONS:
        bad(f"a plan has 1 to {MAX_SESSIONS} sessions")
    for id, kept in found.items():
        if not isinstance(kept, dict) or set(kept) != {"secret", "runs"} or not isinstance(kept["runs"], list):
            bad(f"session {id[:40]} of a plan has exactly secret and runs")
        terms.digest(kept["secret"], "a session's secret")
    return found
