"""From a schedule file to open slots, and every change afterwards."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from apps.health_slots import permissions
from apps.health_slots.model import Receipt
from apps.health_slots.plans import ImportRun, KeptPlan
from apps.health_slots.schedule import Habits, Preview, SessionDraft, preview_file
from apps.health_slots.schedule.fields import DAY_MINUTES
from apps.health_slots.services.batches import batches, units_of
from apps.health_slots.services.differences import Change, Compared, Comparison
from apps.health_slots.services.kept_plans import MAX_RUNS
from apps.health_slots.services.releases import Releases, unfinished_import
from baas.errors import Conflict, LedgerError, Text, UserError, translating
from baas.jobs import NULL_CONTEXT, JobContext
from chaincode.health_slots import calendar, grid

PUBLISH, CHANGE = permissions.PUBLISH, permissions.CHANGE
MAX_SESSIONS = 2000
"""Sessions that are committed in one transaction, all or none."""
MAX_IMPORT = 300_000
"""Sessions of one file."""
CHINA_MINUTES = 480
"""A hospital's clock ahead of UTC."""


@dataclass(frozen=True)
class ImportResult:
    """What an import committed.

    `skipped` sessions needed no commitment; `changed` acts made sessions of before what the file says.
    """

    hospital: str
    sessions: tuple[str, ...]
    slots: int
    skipped: int
    changed: int
    tx_id: str
    block: int


class Schedules(Releases):
    """Commit, open, stop, move, substitute, add, withdraw."""

    def habits(self, hospital: str) -> Habits:
        """How the hospital writes its schedules, as far as it was asked."""
        return Habits.from_json(self._plans.habits(hospital)) if hospital else Habits()

    def keep_habits(self, hospital: str, habits: Habits) -> None:
        """Keep how the hospital writes its schedules, for its next file."""
        self._require(PUBLISH)
        self._plans.keep_habits(hospital, habits.to_json())

    def preview(
        self,
        file: Path,
        hospital: str = "",
        *,
        habits: Habits | None = None,
        stop_missing: bool = False,
        today: dt.date | None = None,
        ctx: JobContext = NULL_CONTEXT,
    ) -> Preview:
        """Say what importing `file` would do, with every bad line and open question; changes nothing.

        With `hospital` the file is read as that hospital writes and compared with its sessions on the ledger
        (`differences`), so that whatever an import would refuse is named with its line.
        """
        now = self._now()
        minute = (now // 60 + CHINA_MINUTES) % DAY_MINUTES if today is None else 0
        preview = preview_file(
            file,
            today=today or dt.date.fromisoformat(calendar.local_date(now, CHINA_MINUTES)),
            minute=minute,
            habits=self.habits(hospital) if habits is None else habits,
            ctx=ctx,
        )
        if hospital:
            compared = self.compare(hospital, preview.sessions, ctx)
            preview = preview.refuse(
                (problem.draft, problem.why) for problem in compared.refused(stop_missing=stop_missing)
            )
            preview = replace(preview, differences=compared)
        return preview

    def compare(self, hospital: str, drafts: Sequence[SessionDraft], ctx: JobContext = NULL_CONTEXT) -> Compared:
        """Compare sessions of a file with those on the ledger; changes nothing."""
        self._sync()
        plans = {id: plan.runs for id, plan in self._plans.known(hospital).items()}
        return Comparison(self._index, hospital, plans.get, self._now(), CHINA_MINUTES).run(drafts, ctx)

    def import_file(
        self,
        hospital: str,
        file: Path,
        *,
        habits: Habits | None = None,
        skip_bad: bool = False,
        reason: str = "",
        stop_missing: bool = False,
        today: dt.date | None = None,
        ctx: JobContext = NULL_CONTEXT,
    ) -> ImportResult:
        """Commit the new sessions of a schedule file; a file with a bad line commits nothing.

        Where the file differs from what the ledger holds, `reason` is written with every change (Conflict without
        one); `stop_missing` says that the file is whole: sessions of its days and departments that it does not name
        were moved, handed to another doctor, or stop.

        With `skip_bad` the sessions of which every line is good are committed and the others left out; open questions
        stop it all the same. Up to `MAX_SESSIONS` sessions go into one transaction, all or none. A larger file takes
        several; if it is stopped between two of them (even by kill -9), no session of the hospital opens until the same
        file was imported again, which goes on where it stopped.
        """
        self._require(PUBLISH)
        ctx.step("preview", Text("检查排班文件", "Check the schedule file"))
        preview = self.preview(file, hospital, habits=habits, stop_missing=stop_missing, today=today, ctx=ctx)
        if skip_bad and preview.bad_count and not preview.questions and (good := preview.good()):
            return self.commit(hospital, good, file=file, reason=reason, ctx=ctx)
        preview.require_importable()
        return self.commit(hospital, preview.sessions, file=file, reason=reason, stop_missing=stop_missing, ctx=ctx)

    def commit(
        self,
        hospital: str,
        drafts: Sequence[SessionDraft],
        *,
        file: Path | None = None,
        reason: str = "",
        stop_missing: bool = False,
        ctx: JobContext = NULL_CONTEXT,
    ) -> ImportResult:
        """Commit sessions before their release: Merkle roots only, the slots stay with the hospital until they open.

        Changes of sessions that the ledger knows come first, one transaction each; what was done when it is stopped
        between two of them stays, and the same file goes on from there.
        """
        self._require(PUBLISH)
        if len(drafts) > (MAX_SESSIONS if file is None else MAX_IMPORT):
            raise UserError(
                Text("一次最多导入 {n} 个出诊单元。", "At most {n} sessions at a time.", n=f"{MAX_IMPORT:,}"),
                Text("请按周或按月分成多个文件。", "Split the file by week or month."),
                code="too_many_sessions",
            )
        compared = self.compare(hospital, drafts, ctx)
        _require_acceptable(compared, reason, stop_missing)
        run = self._begin(hospital, len(drafts), file)
        changes, known = compared.done_with(stop_missing=stop_missing)
        for change in changes:
            ctx.check_cancelled()
            self._apply(hospital, change, reason)
        ctx.step("commit", Text("写入放号前的承诺", "Write the commitments"))
        names = compared.renamed
        fresh = (replace(d, id=names.get(d.id, d.id)) for d in drafts if d.id not in known)
        committed: list[str] = []
        slots = 0
        receipt: Receipt | None = None
        for batch in batches(fresh, MAX_SESSIONS, MAX_RUNS):
            ctx.check_cancelled()
            if run is not None:
                self._plans.note_run(replace(run, committed=len(known) + len(committed)))
            receipt = self._commit_batch(hospital, batch)
            committed += [f"{hospital}.{d.id}" for d in batch]
            slots += sum(d.count for d in batch)
            done = len(known) + len(committed)
            ctx.progress(done, len(drafts), Text("已承诺 {n} 个出诊单元", "{n} sessions committed", n=f"{done:,}"))
        if run is not None:
            self._plans.end_run(hospital)
        skipped = len(drafts) - len(committed)
        tx_id, block = (receipt.tx_id, receipt.block) if receipt is not None else ("", 0)
        return ImportResult(hospital, tuple(committed), slots, skipped, len(changes), tx_id, block)

    def _apply(self, hospital: str, change: Change, reason: str) -> None:
        """Make one session what the file says."""
        session = change.session
        match change.what, change.arguments:
            case "move", (date, shift):
                self.move(session, date, shift, reason)
            case "withdraw", (numbers,):
                self.withdraw(session, numbers, reason)
            case "add", (start, minutes, pool):
                self.add(session, start, minutes, pool, reason)
            case "stop", ():
                self.stop(session, reason)
            case "substitute", (doctor,):
                if change.draft is not None:
                    self._ledger.submit("staff", "RegisterUnits", hospital, units_of([change.draft]))
                self._change("SubstituteDoctor", session, doctor, reason)

    def _begin(self, hospital: str, sessions: int, file: Path | None) -> ImportRun | None:
        """Note an import of several transactions; Conflict while another file of the hospital is half-way."""
        if file is None:
            return None
        before = self._plans.run_of(hospital)
        if before is None and sessions <= MAX_SESSIONS:
            return None
        digest = _digest(file)
        if before is not None and before.digest != digest:
            raise unfinished_import(before)
        return ImportRun(hospital, file.name, digest, sessions, 0)

    def _commit_batch(self, hospital: str, drafts: list[SessionDraft]) -> Receipt:
        kept = [KeptPlan(hospital, d.id, d.date, d.runs, secrets.token_hex(32)) for d in drafts]
        name = self._plans.keep(hospital, kept)
        promised = [_plan(hospital, draft, plan.secret) for draft, plan in zip(drafts, kept, strict=True)]
        try:
            receipt = self._ledger.submit("staff", "CommitSessions", hospital, promised, units_of(drafts), name)
        except LedgerError as error:
            if error.stage == "endorse":
                # Refused before anything was sent; otherwise the commitment may still come about, and needs its plan.
                self._plans.forget(hospital, name)
            raise
        self._sync()
        return receipt

    def stop(self, session: str, reason: str) -> Receipt:
        """停诊: stop a session; the result lists the appointments that were cancelled."""
        return self._change("StopSession", session, reason)

    def withdraw(self, session: str, numbers: list[int], reason: str) -> Receipt:
        """Withdraw single slots of a published session."""
        return self._change("StopSlots", session, numbers, reason)

    def move(self, session: str, date: str, shift: int, reason: str) -> Receipt:
        """改诊: hold a session on another date or `shift` minutes later."""
        return self._change("MoveSession", session, date, shift, reason)

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


def read_numbers(text: str) -> list[int]:
    """Read "3, 7-9" as [3, 7, 8, 9]; ValueError for anything that is no such list, or longer than 400."""
    found: list[int] = []
    for part in text.replace("，", ",").replace("、", ",").split(","):
        first, dash, last = part.strip().partition("-")
        if not first.isascii() or not first.isdigit() or (dash and not last.strip().isdigit()):
            raise ValueError(text)
        low, high = int(first), int(last) if dash else int(first)
        if not 0 < low <= high <= 400:
            raise ValueError(text)
        found += range(low, high + 1)
    return sorted(set(found))


def _plan(hospital: str, draft: SessionDraft, secret: str) -> dict[str, Any]:
    """What a hospital promises of a session before its release."""
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
        "root": grid.commitment(f"{hospital}.{draft.id}", draft.runs, bytes.fromhex(secret)),
        **({"campus": draft.campus} if draft.campus else {}),
    }


def _require_acceptable(compared: Compared, reason: str, stop_missing: bool) -> None:
    """Raise Conflict, before anything is written, if the ledger would refuse a draft or changes have no reason."""
    if refused := compared.refused(stop_missing=stop_missing):
        draft, why, code = refused[0]
        raise Conflict(
            Text("{date} {name}：{why}", "{date} {name}: {why}", date=draft.date, name=draft.doctor_name, why=why),
            Text(
                "已承诺的号源只能停诊、改诊或加号。请改正后重新导入，什么都没有写入。",
                "Committed slots can only be stopped, moved or added to. Mend the file; nothing was written.",
            ),
            code=code,
        )
    changes, _ = compared.done_with(stop_missing=stop_missing)
    if changes and not reason:
        raise Conflict(
            Text(
                "文件与账本有 {n} 处不同，第一处：{first}。什么都没有写入。",
                "The file differs from the ledger in {n} places, the first: {first}. Nothing was written.",
                n=len(changes),
                first=changes[0].words,
            ),
            Text(
                "先用 slots preview 看全部改动；确认后加 --reason 说明原因再导入。",
                "See them all with `slots preview`, then import with --reason.",
            ),
            code="schedule_differs",
        )


def _digest(file: Path) -> str:
    with translating(), file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
