"""What a load test measured, step by step, and its report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from network.text import Text

MISMATCH = "ENDORSEMENT_MISMATCH"
"""Organisations answered a call differently: they saw the state at different heights."""


@dataclass(frozen=True)
class Step:
    """So many calls under way for a while. Times are medians in milliseconds unless they say otherwise.

    `endorse_ms`, `order_ms` and `commit_ms` are the three stages of one call. `errors` counts calls that failed, by
    gRPC status or validation code, `said` keeps the first message of each. `blocks` is in how many blocks the calls
    came, `in_block` how many of them in one on average, `most_in_block` at most. `node_cpu`, `client_cpu` are in cores,
    `machine_cpu` in shares of all cores (1 is everything); `disk_ms` is a small durable write into the network's
    folder.
    """

    clients: int
    seconds: float
    done: int
    per_second: float
    p50_ms: float
    p95_ms: float
    endorse_ms: float
    order_ms: float
    commit_ms: float
    blocks: int
    in_block: float
    most_in_block: int
    node_cpu: float
    client_cpu: float
    machine_cpu: float
    disk_ms: float
    errors: Mapping[str, int] = field(default_factory=dict)
    said: Mapping[str, str] = field(default_factory=dict)

    @property
    def calls(self) -> int:
        """Calls that ended, well or not."""
        return self.done + sum(self.errors.values())

    def share(self, code: str) -> float:
        """Which share of the calls failed with this code."""
        return self.errors.get(code, 0) / self.calls if self.calls else 0.0


@dataclass(frozen=True)
class Setting:
    """What the network is set to, as far as a verdict needs it. `cores` of this machine; `waits` whether the ordering
    service waits for a block to fill (`timeout_ms`, `max_messages`): the embedded ledger does not. `query_ms` is what a
    question without a contract of ours took before anything was under way."""

    runtime: str
    timeout_ms: float
    max_messages: int
    cores: int
    waits: bool = True
    query_ms: float = 0.0


@dataclass(frozen=True)
class Verdict:
    """What limits. `knob` is stable for programs; `evidence` the figures that say so; `change` what to do."""

    knob: str
    title: Text
    evidence: Text
    change: Text


@dataclass(frozen=True)
class LoadReport:
    """A load test. `at` is seconds since the epoch; `call` what was called; `cleaned` how many rows were removed again,
    -1 where that was not this test's to do."""

    at: float
    network: str
    channel: str
    call: str
    steps: tuple[Step, ...]
    setting: Setting
    verdict: Verdict
    cleaned: int = -1

    @property
    def best(self) -> Step:
        """The step with the most transactions a second."""
        return max(self.steps, key=lambda step: step.per_second)


def report_of(row: Mapping[str, Any]) -> LoadReport:
    """A report again, from what `dataclasses.asdict` made of it; KeyError or TypeError for anything else."""
    verdict = row["verdict"]
    texts = {name: Text(verdict[name]["zh"], verdict[name]["en"]) for name in ("title", "evidence", "change")}
    return LoadReport(
        **{
            **row,
            "steps": tuple(Step(**one) for one in row["steps"]),
            "setting": Setting(**row["setting"]),
            "verdict": Verdict(verdict["knob"], **texts),
        }
    )
