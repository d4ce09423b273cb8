"""From a schedule file to open slots, and every change afterwards."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps.health_slots.model import Receipt
from apps.health_slots.plans import KeptPlan, PlanStore
from apps.health_slots.schedule import Preview, SessionDraft, preview_file
from apps.health_slots.services.base import Ports, Theme
from baas.errors import CityChainError, Conflict, LedgerError, Text, UserError
from baas.jobs import NULL_CONTEXT, JobContext
from chaincode.health_slots import grid

PUBLISH, CHANGE = "slots.publish", "slots.change"
MAX_SESSIONS = 2000
"""Sessions of one import: they are committed in one transaction, all or none."""
OPENING_BATCH = 500


@dataclass(frozen=True)
class ImportResult:
    """What an import committed; `skipped` sessions were on the ledger already, the same as in the file."""

    hospital: str
    sessions: tuple[str, ...]
    slots: int
    skipped: int
    tx_id: str
    block: int


@dataclass(frozen=True)
class ReleaseResult:
    """What a release opened; `not_due` sessions wait for their time."""

    hospital: str
    sessions: tuple[str, ...]
    slots: int
    not_due: int
    receipts: tuple[Receipt, ...]


class Schedules(Theme):
    """Commit, open, stop, move, substitute, add, withdraw."""

    def __init__(self, ports: Ports, plans: PlanStore) -> None:
        super().__init__(ports)
        self._plans = plans

    def preview(self, file: Path, *, today: dt.date | None = None, ctx: JobContext = NULL_CONTEXT) -> Preview:
        """Say what importing `file` would do, with every bad line; changes nothing."""
        return preview_file(file, today=today, ctx=ctx)

    def import_file(
        self, hospital: str, file: Path, *, today: dt.date | None = None, ctx: JobContext = NULL_CONTEXT
    ) -> ImportResult:
        """Commit all sessions of a schedule file in one transaction; a file with a bad line commits nothing."""
        self._require(PUBLISH)
        ctx.step("preview", Text("检查排班文件", "Check the schedule file"))
        preview = preview_file(file, today=today, ctx=ctx)
        preview.require_importable()
        return self.commit(hospital, preview.sessions, ctx=ctx)

    def commit(
        self, hospital: str, drafts: tuple[SessionDraft, ...], *, ctx: JobContext = NULL_CONTEXT
    ) -> ImportResult:
        """Commit sessions before their release: Merkle roots only, the slots stay here until they open."""
        self._require(PUBLISH)
        if len(drafts) > MAX_SESSIONS:
            raise UserError(
                Text("一次最多导入 {n} 个出诊单元。", "At most {n} sessions at a time.", n=MAX_SESSIONS),
                Text("请按周分成多个文件。", "Split the file by week."),
            )
        ctx.step("commit", Text("写入放号前的承诺", "Write the commitments"))
        self._sync()
        fresh = [d for d in drafts if not self._known(hospital, d)]
        if not fresh:
            return ImportResult(hospital, (), 0, len(drafts), "", 0)
        plans = [self._plan(hospital, d) for d in fresh]
        kept = [KeptPlan(hospital, d.id, d.date, d.runs) for d in fresh]
        self._plans.keep(kept)
        try:
            receipt = self._ledger.submit("staff", "CommitSessions", hospital, plans, _units(fresh))
        except LedgerError:
            self._plans.forget(hospital, [d.id for d in fresh])
            raise
        self._sync()
        return ImportResult(
            hospital,
            tuple(f"{hospital}.{d.id}" for d in fresh),
            sum(d.count for d in fresh),
            len(drafts) - len(fresh),
            receipt.tx_id,
            receipt.block,
        )

    def release(self, hospital: str, *, ctx: JobContext = NULL_CONTEXT) -> ReleaseResult:
        """Open every committed session of a hospital whose release has come."""
        self._require(PUBLISH)
        ctx.step("release", Text("放号", "Open the slots"))
        self._sync()
        plans = self._plans.waiting(hospital)
        due: list[KeptPlan] = []
        opened: list[str] = []
        not_due = 0
        for plan in plans:
            try:
                row = self._index.session(f"{hospital}.{plan.session}")
            except CityChainError:
                continue
            if row.state != "committed":
                opened.append(plan.session)
            elif row.release_at <= self._now():
                due.append(plan)
            else:
                not_due += 1
        self._plans.mark_opened(hospital, opened)
        receipts: list[Receipt] = []
        slots = 0
        for start in range(0, len(due), OPENING_BATCH):
            ctx.check_cancelled()
            batch = due[start : start + OPENING_BATCH]
            receipt = self._ledger.submit("staff", "PublishSessions", hospital, [self._opening(p) for p in batch])
            self._plans.mark_opened(hospital, [p.session for p in batch])
            receipts.append(receipt)
            slots += int(receipt.result)
            ctx.progress(start + len(batch), len(due), Text("已放号 {n} 个", "{n} slots open", n=slots))
        self._sync()
        return ReleaseResult(hospital, tuple(f"{hospital}.{p.session}" for p in due), slots, not_due, tuple(receipts))

    def stop(self, session: str, reason: str) -> Receipt:
        """停诊: stop a session; the result lists the appointments that were cancelled."""
        return self._change("StopSession", session, reason)

    def withdraw(self, session: str, numbers: list[int], reason: str) -> Receipt:
        """Withdraw single slots of a published session."""
        return self._change("StopSlots", session, numbers, reason)

    def move(self, session: str, date: str, shift_minutes: int, reason: str) -> Receipt:
        """改诊: hold a session on another date or at another hour."""
        return self._change("MoveSession", session, date, shift_minutes, reason)

    def substitute(self, session: str, doctor: str, reason: str) -> Receipt:
        """替诊: another doctor of the department takes the session."""
        return self._change("SubstituteDoctor", session, doctor, reason)

    def add(self, session: str, start: int, minutes: int, pool: str, reason: str) -> Receipt:
        """加号: add a slot after the last one; the result is its name."""
        self._sync()
        slots = self._index.slots(session)
        number = max((s.number for s in slots), default=0) + 1
        return self._change("AddSlot", session, number, start, minutes, pool, reason)

    def prove(self, slot: str) -> dict[str, Any]:
        """What proves that a slot was committed before release: line, salt, path, root."""
        found: dict[str, Any] = self._ledger.evaluate("platform", "ProveSlot", slot)
        return found

    def _change(self, function: str, *args: Any) -> Receipt:
        self._require(CHANGE)
        receipt = self._ledger.submit("staff", function, *args)
        self._sync()
        return receipt

    def _known(self, hospital: str, draft: SessionDraft) -> bool:
        """Say whether the very same session is on the ledger; Conflict if another one has its place."""
        name = f"{hospital}.{draft.id}"
        try:
            row = self._index.session(name)
        except CityChainError:
            return False
        if (row.slots, row.kind, row.fee) != (draft.count, draft.kind, draft.fee) or row.state == "stopped":
            raise Conflict(
                Text("{name} 已承诺，且与文件不同。", "{name} was committed already, and differs.", name=name),
                Text("已承诺的号源不能改，只能停诊、改诊或加号。", "Committed slots cannot change; stop, move or add."),
                code="session_exists",
            )
        return True

    def _plan(self, hospital: str, draft: SessionDraft) -> dict[str, Any]:
        name = f"{hospital}.{draft.id}"
        root = grid.commitment(name, draft.runs, self._vault.session_secret(name))
        return {
            "id": draft.id,
            "department": draft.department,
            "doctor": draft.doctor,
            "date": draft.date,
            "part": draft.part,
            "kind": draft.kind,
            "start": draft.start,
            "end": draft.end,
            "fee": draft.fee,
            "count": draft.count,
            "root": root,
        }

    def _opening(self, plan: KeptPlan) -> dict[str, Any]:
        secret = self._vault.session_secret(f"{plan.hospital}.{plan.session}")
        return {"id": plan.session, "secret": secret.hex(), "runs": plan.runs}


def _units(drafts: list[SessionDraft]) -> dict[str, Any]:
    departments = {d.department: {"id": d.department, "name": d.department_name} for d in drafts}
    doctors = {
        d.doctor: {"id": d.doctor, "department": d.department, "name": d.doctor_name, "title": d.title} for d in drafts
    }
    return {"departments": list(departments.values()), "doctors": list(doctors.values())}
