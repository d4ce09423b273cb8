"""Runs plans: step after step, with a record on disk that survives being killed at any instant.

`state.json` of the network's folder keeps the wanted topology, whether it has been reached and how each step ended.
It is written before the first and after every step. Steps look at the world themselves, so the record is for people
and for choosing between "finish" and "remove", never the only proof that something has been done.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from fabric_sdk.files import remove_folder
from network import lock
from network.drivers.base import Driver, Progress, Silent, Step
from network.errors import Cancelled, CityChainError, Conflict, UserError
from network.lock import Moment
from network.succession import mark_known
from network.text import Text
from network.topology import TopologySpec, load_spec, spec_to_mapping
from network.vault import write_public

FILE_NAME = "state.json"
LOCK_NAME = "plan.lock"

Phase = Literal["absent", "building", "ready", "removing"]
StepResult = Literal["done", "failed", "cancelled", "running"]


@dataclass(frozen=True)
class StepRecord:
    """How one step of the last run ended; `seconds` is its duration, `error` the English sentence of a failure."""

    id: str
    title_zh: str
    title_en: str
    result: StepResult
    seconds: float = 0.0
    error: str = ""


@dataclass(frozen=True)
class NetworkState:
    """What is known about a network on disk: phase, wanted topology, topology last reached, last run's steps."""

    phase: Phase = "absent"
    wanted: TopologySpec | None = None
    reached: TopologySpec | None = None
    steps: tuple[StepRecord, ...] = ()

    @classmethod
    def load(cls, directory: Path) -> NetworkState:
        """Read the state of a network folder; `absent` when nothing has been made there."""
        path = directory / FILE_NAME
        try:
            return _state(path.read_bytes())
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as e:
            raise _damaged(path) from e

    def save(self, directory: Path) -> None:
        """Write the state, whole or not at all."""
        document = {
            "version": 1,
            "phase": self.phase,
            "wanted": spec_to_mapping(self.wanted) if self.wanted else None,
            "reached": spec_to_mapping(self.reached) if self.reached else None,
            "steps": [asdict(step) for step in self.steps],
        }
        write_public(directory / FILE_NAME, json.dumps(document, ensure_ascii=False, indent=1).encode())


@lru_cache(32)
def _state(raw: bytes) -> NetworkState:
    """The state that a file's bytes say: it is read at every question, and changes seldom."""
    document: dict[str, Any] = json.loads(raw)
    return NetworkState(
        phase=document["phase"],
        wanted=load_spec(document["wanted"]) if document.get("wanted") else None,
        reached=load_spec(document["reached"]) if document.get("reached") else None,
        steps=tuple(StepRecord(**record) for record in document["steps"]),
    )


@dataclass(frozen=True)
class PlanResult:
    """What a run did: its steps with their times, and the whole time in seconds."""

    steps: tuple[StepRecord, ...]
    seconds: float


def plan(driver: Driver, spec: TopologySpec, directory: Path) -> list[Step]:
    """Return the steps that `run` would do now, without doing any."""
    return driver.plan(spec, NetworkState.load(directory))


def run(
    driver: Driver,
    spec: TopologySpec,
    directory: Path,
    ctx: Progress | None = None,
    *,
    on_step: Callable[[Step, StepResult], None] | None = None,
    begun: Callable[[Step], None] | None = None,
) -> PlanResult:
    """Bring the network of `directory` to `spec`; `begun` is told each step before it is taken (instead of `ctx`'s
    figures), `on_step` its result.

    Planned again until nothing is missing (a step may make further ones visible), each step recorded. Raises the
    step's error with what has been done so far kept: the next run goes on from there.
    """
    ctx = ctx or Silent()
    with locked(directory, ctx):
        forget_promotion(directory)
        return run_within(driver, spec, directory, ctx, on_step=on_step, begun=begun)


def run_within(
    driver: Driver,
    spec: TopologySpec,
    directory: Path,
    ctx: Progress,
    *,
    on_step: Callable[[Step, StepResult], None] | None = None,
    begun: Callable[[Step], None] | None = None,
) -> PlanResult:
    """As `run`, for somebody who is alone in the network's folder already (`locked`)."""
    started = time.monotonic()
    records: list[StepRecord] = []
    state = NetworkState.load(directory)
    if state.phase == "removing":
        raise Conflict(
            Text("网络“{n}”正在删除，尚未完成。", "Network {n} is being removed.", n=spec.name),
            Text("请先再次执行删除，再重新创建。", "Destroy it once more, then create it again."),
        )
    if state.reached is not None and state.reached.name != spec.name:
        raise Conflict(
            Text(
                "此文件夹属于网络“{o}”，不是“{n}”。",
                "This folder belongs to network {o}, not {n}.",
                o=state.reached.name,
                n=spec.name,
            )
        )
    # Whoever starts what was reached before builds nothing: a start that fails leaves the network as it was.
    again = state.reached == spec and (state.phase == "ready" or state.wanted == spec)
    state = replace(state, phase="ready" if again else "building", wanted=spec, steps=())
    state.save(directory)
    seen: set[str] = set()
    left = steps = driver.plan(spec, state)
    while steps or (not left and _everything_known(directory)):
        if not steps:
            seen.clear()  # what has been announced is known everywhere now: the second half begins
        for index, step in enumerate(steps):
            ctx.check_cancelled()
            if begun is not None:
                begun(step)
            else:
                ctx.progress(len(records), len(records) + len(steps) - index, step.title)
            records.append(_run_step(driver, step, ctx, on_step, records, state, directory))
        seen.update(step.id for step in steps)
        left = driver.plan(spec, state)
        steps = [step for step in left if step.id not in seen]
    replace(state, phase="ready", reached=spec, steps=tuple(records)).save(directory)
    if begun is None:
        ctx.progress(len(records), len(records), Text("网络“{n}”已就绪", "Network {n} is ready", n=spec.name))
    return PlanResult(tuple(records), time.monotonic() - started)


def _everything_known(directory: Path) -> bool:
    """Whether authorities that were announced or renewed have come to be known in every channel: nothing is missing
    any more, and what was set only until then goes.
    """
    formers = list(directory.glob("organizations/*/ca/*.former.crt"))
    for former in formers:
        former.unlink()
    known = not (directory / "branch.json").exists() and mark_known(directory)
    return known or bool(formers)


def _run_step(
    driver: Driver,
    step: Step,
    ctx: Progress,
    on_step: Callable[[Step, StepResult], None] | None,
    before: list[StepRecord],
    state: NetworkState,
    directory: Path,
) -> StepRecord:
    started = time.monotonic()

    def record(result: StepResult, error: str = "") -> StepRecord:
        entry = StepRecord(step.id, step.title.zh, step.title.en, result, round(time.monotonic() - started, 4), error)
        replace(state, steps=(*before, entry)).save(directory)
        if on_step is not None:
            on_step(step, result)
        return entry

    record("running")
    try:
        driver.apply(step, ctx)
    except Cancelled:
        record("cancelled")
        raise
    except CityChainError as e:
        record("failed", str(e))
        raise
    except OSError as e:
        record("failed", str(e))
        raise
    return record("done")


def remove_groundwork(directory: Path) -> None:
    """Remove what every runtime shares: certificates, genesis blocks, addresses, updates that wait."""
    folders = ("organizations", "channels", "pending", "serving", "own-contracts")
    for folder in (*folders, "before-promotion", "promotion", "replay", "handover"):
        remove_folder(directory / folder)
    files = ("addresses.json", "contracts.json", "renewals.json", "listening.json", "listening.closing", "stopped")
    for file in (*files, "promotion.json", "containers.left", "replay.lock", "branch.json", "hybrid.json"):
        (directory / file).unlink(missing_ok=True)


def remove(driver: Driver, directory: Path) -> None:
    """Destroy the network and leave nothing of it; safe to repeat after an interruption."""
    with locked(directory):
        forget_promotion(directory)
        state = NetworkState.load(directory)
        with suppress(OSError):  # a full disk must not keep a network from being removed
            replace(state, phase="removing").save(directory)
        driver.destroy()
        remove_groundwork(directory)
    for name in (FILE_NAME, LOCK_NAME):
        (directory / name).unlink(missing_ok=True)
    if directory.is_dir() and not any(directory.iterdir()):
        directory.rmdir()


def forget_promotion(directory: Path) -> None:
    """Throw away what a promotion left that was interrupted before Fabric took over (`network.promotion.record`)."""
    if any((directory / name).exists() for name in ("promotion.json", "containers.left")):
        from network.promotion.record import recover

        recover(directory)


def promotion_under_way(directory: Path) -> bool:
    """Whether Fabric has taken the network over and the promotion's last step is still to be done."""
    if not (directory / "promotion.json").exists():
        return False
    from network.promotion.record import PromotionRecord

    record = PromotionRecord.load(directory)
    return record is not None and record.phase != "done"


@contextmanager
def locked(directory: Path, ctx: Progress | None = None) -> Iterator[None]:
    """Change the network's folder alone; waits while another program does, and says so in the job's log.

    `Conflict` with that program's process id after `network.lock.PATIENCE_S` seconds.
    """
    directory.mkdir(parents=True, exist_ok=True)
    progress = ctx or Silent()
    told: list[str] = []

    def waiting(taken: Conflict) -> None:
        progress.check_cancelled()
        if not told:
            told.append(taken.code)
            progress.log(taken.message)

    with Moment(directory / LOCK_NAME, waiting=waiting, patience_s=lock.PATIENCE_S):
        yield


def _damaged(path: Path) -> UserError:
    return UserError(
        Text("状态文件 {p} 已损坏。", "The state file {p} is damaged.", p=str(path)),
        Text("请删除网络后重建，或从备份恢复。", "Destroy the network, or restore the file from a backup."),
    )
