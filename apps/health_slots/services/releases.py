"""From the plans that a hospital keeps to open slots, at whichever of its desks somebody does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from apps.health_slots import permissions
from apps.health_slots.model import Receipt
from apps.health_slots.plans import ImportRun, KeptPlan, PlanStore
from apps.health_slots.services.base import Ports, Theme
from apps.health_slots.services.kept_plans import HandedOver, SharedPlans
from baas.errors import Conflict, LedgerError, Text
from baas.jobs import NULL_CONTEXT, JobContext

PUBLISH = permissions.PUBLISH
OPENING_BATCH = 500


@dataclass(frozen=True)
class ReleaseResult:
    """What a release opened; `not_due` sessions wait for their time.

    `by_others` were opened by a colleague meanwhile; `elsewhere` are due, and their plan lies at another desk alone.
    """

    hospital: str
    sessions: tuple[str, ...]
    slots: int
    not_due: int
    receipts: tuple[Receipt, ...]
    by_others: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()


class Releases(Theme):
    """Open what was committed; hand over what a desk kept by itself."""

    def __init__(self, ports: Ports, plans: PlanStore) -> None:
        super().__init__(ports)
        self._plans = SharedPlans(ports, plans)

    def unfinished(self, hospital: str) -> ImportRun | None:
        """The hospital's import that was stopped half-way, if there is one."""
        self._require_to_look(PUBLISH)
        return self._plans.run_of(hospital)

    def accept_unfinished(self, hospital: str) -> None:
        """Let the sessions of a stopped import open as they are, without the rest of its file."""
        self._require(PUBLISH)
        self._plans.end_run(hospital)

    def release(self, hospital: str, *, ctx: JobContext = NULL_CONTEXT) -> ReleaseResult:
        """Open every committed session of a hospital whose release has come, whichever desk imported it.

        Conflict when nothing was opened although something is due: a colleague did it, or the plan is elsewhere.
        """
        self._require(PUBLISH)
        run = self._plans.run_of(hospital)
        if run is not None:
            raise unfinished_import(run)
        ctx.step("release", Text("放号", "Open the slots"))
        self._sync()
        due, not_due, elsewhere = self._due(hospital)
        opened: list[str] = []
        others: list[str] = []
        receipts: list[Receipt] = []
        slots = 0
        while due:
            ctx.check_cancelled()
            batch = due[:OPENING_BATCH]
            openings = [{"id": p.session, "secret": p.secret, "runs": p.runs} for p in batch]
            try:
                receipt = self._ledger.submit("staff", "PublishSessions", hospital, openings)
            except LedgerError as error:
                left = self._left(hospital, batch) if error.code == "not_committed" else batch
                if len(left) == len(batch):
                    raise
                others += [f"{hospital}.{p.session}" for p in batch if p not in left]
                due = left + due[OPENING_BATCH:]
                continue
            receipts.append(receipt)
            slots += int(receipt.result)
            opened += [f"{hospital}.{p.session}" for p in batch]
            due = due[OPENING_BATCH:]
            ctx.progress(len(opened), len(opened) + len(due), Text("已放号 {n} 个", "{n} slots open", n=slots))
        self._sync()
        self._plans.tidy(hospital)
        if not opened and others:
            raise self._released_already(others)
        if not opened and elsewhere:
            raise _kept_elsewhere(hospital, elsewhere)
        return ReleaseResult(hospital, tuple(opened), slots, not_due, tuple(receipts), tuple(others), tuple(elsewhere))

    def _due(self, hospital: str) -> tuple[list[KeptPlan], int, list[str]]:
        """Plans to open now, how many wait for their time, and sessions to open whose plan is another desk's."""
        due: list[KeptPlan] = []
        elsewhere: list[str] = []
        not_due = 0
        for id, plan in self._plans.waiting(hospital).items():
            if self._index.session(f"{hospital}.{id}").release_at > self._now():
                not_due += 1
            elif plan is None:
                elsewhere.append(f"{hospital}.{id}")
            else:
                due.append(plan)
        return due, not_due, elsewhere

    def _left(self, hospital: str, batch: Sequence[KeptPlan]) -> list[KeptPlan]:
        """The sessions of a batch that nobody has opened or stopped meanwhile."""
        self._sync()
        return [p for p in batch if self._index.session(f"{hospital}.{p.session}").state == "committed"]

    def _released_already(self, sessions: Sequence[str]) -> Conflict:
        record = self._ledger.evaluate("platform", "GetSession", sessions[0])
        return Conflict(
            Text(
                "{who} 刚刚已放号，共 {n} 个出诊单元。",
                "{who} has just opened these {n} sessions.",
                who=record.get("published_by", "?"),
                n=len(sessions),
            ),
            code="released_already",
        )

    def unshared(self) -> tuple[str, ...]:
        """Hospitals of which this desk alone holds plans or settings that colleagues need."""
        self._require_to_look(PUBLISH)
        return self._plans.unshared()

    def hand_over(self, *, ctx: JobContext = NULL_CONTEXT) -> tuple[HandedOver, ...]:
        """Give hospitals' peers the plans and settings that this desk kept by itself, as desks did before.

        Each plan is taken only if it opens what stands on the ledger; then it is erased here.
        """
        self._require(PUBLISH)
        self._sync()
        return tuple(self._plans.hand_over(hospital, ctx) for hospital in self._plans.unshared())


def unfinished_import(run: ImportRun) -> Conflict:
    """What is told while an import of several transactions is not finished."""
    return Conflict(
        Text(
            "文件 {file} 的导入中断在 {done}/{all}，还没有完成。",
            "The import of {file} stopped at {done} of {all} and is not finished.",
            file=run.file,
            done=f"{run.committed:,}",
            all=f"{run.sessions:,}",
        ),
        Text(
            "请再导入一次同一个文件；或用 citychain slots unfinished --accept 只保留已写入的部分。",
            "Import the same file again, or keep what is there with `citychain slots unfinished --accept`.",
        ),
        code="import_unfinished",
    )


def _kept_elsewhere(hospital: str, sessions: Sequence[str]) -> Conflict:
    return Conflict(
        Text(
            "{n} 个出诊单元该放号了，但排班只存在导入它的那台电脑上。",
            "{n} sessions are due, but their slots are known at the desk alone that imported them.",
            n=len(sessions),
        ),
        Text(
            "请在那台电脑上运行 citychain slots hand-over，之后本院任一窗口都能放号。",
            "Run `citychain slots hand-over` there; any desk of the hospital can then open them.",
        ),
        code="plans_elsewhere",
        details={"hospital": hospital, "sessions": list(sessions[:20])},
    )
