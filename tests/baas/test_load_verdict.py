"""Which knob a load test names, from figures alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from baas.monitoring.load.figures import MISMATCH, LoadReport, Setting, Step, report_of
from baas.monitoring.load.running import _milliseconds
from baas.monitoring.load.verdict import RULES, judge

FABRIC = Setting("native", timeout_ms=200, max_messages=100, cores=2, query_ms=2.0)
EMBEDDED = Setting("embedded", timeout_ms=200, max_messages=100, cores=2, waits=False, query_ms=2.0)
AWAY = "too many requests for /gateway.Gateway, exceeding concurrency limit (20)"


def step(clients: int, per_second: float, stages: tuple[float, float, float] = (5, 3, 20), **more: Any) -> Step:
    whole = sum(stages)
    figures: dict[str, Any] = {
        "clients": clients,
        "seconds": 2.0,
        "done": int(per_second * 2),
        "per_second": per_second,
        "p50_ms": whole,
        "p95_ms": whole * 1.5,
        "endorse_ms": stages[0],
        "order_ms": stages[1],
        "commit_ms": stages[2],
        "blocks": 10,
        "in_block": 5.0,
        "most_in_block": 8,
        "node_cpu": 0.2,
        "client_cpu": 0.1,
        "machine_cpu": 0.2,
        "disk_ms": 1.0,
    }
    return Step(**{**figures, **more})


def knob(setting: Setting, *steps: Step) -> str:
    return judge(steps, setting).knob


def test_calls_turned_away_name_the_limit_and_where_it_is_set() -> None:
    turned = step(32, 200, errors={"RESOURCE_EXHAUSTED": 40}, said={"RESOURCE_EXHAUSTED": AWAY})
    found = judge([step(1, 40), turned], EMBEDDED)
    assert found.knob == "concurrency" and "(/gateway.Gateway" not in found.title.en and ": 20)" in found.title.en
    assert "node.json" in found.change.en
    assert "gatewayService" in judge([step(1, 40), turned], FABRIC).change.en


def test_a_hot_key_is_named_whatever_says_so() -> None:
    for code in ("MVCC_READ_CONFLICT", "PHANTOM_READ_CONFLICT", MISMATCH):
        hot = step(16, 50, errors={code: 40})
        found = judge([step(1, 45), hot], EMBEDDED)
        assert found.knob == "conflicts" and code in found.evidence.en


def test_the_clock_that_cuts_blocks_is_named_only_where_it_does() -> None:
    slow = replace(FABRIC, timeout_ms=2000, max_messages=500)
    waiting = [step(1, 0.5, (5, 3, 1990)), step(8, 4, (6, 3, 1400), in_block=8.0, most_in_block=8)]
    assert knob(slow, *waiting) == "batch_timeout"
    assert "2000 ms" in judge(waiting, slow).title.en
    # Blocks that fill up are not cut by the clock, and the embedded ledger waits for nobody.
    full = step(1200, 900, (60, 30, 1200), in_block=499.0, most_in_block=500)
    assert knob(slow, step(1, 0.5, (5, 3, 1990)), full) == "batch_size"
    assert knob(replace(slow, runtime="embedded", waits=False), *waiting) != "batch_timeout"
    # A clock that takes a small part of the time is not what limits.
    short = replace(FABRIC, timeout_ms=20)
    assert knob(short, step(1, 9, (5, 3, 100)), step(64, 60, (30, 9, 900), in_block=40.0)) == "none"
    # Nor are blocks of a network that computes all the time.
    busy = step(64, 300, (50, 20, 120), in_block=60.0, node_cpu=1.5, client_cpu=0.4, machine_cpu=0.98)
    assert knob(FABRIC, step(1, 5, (5, 3, 190)), busy) == "cpu"


def test_blocks_that_are_always_full_name_their_size() -> None:
    small = replace(FABRIC, max_messages=2)
    full = step(64, 100, (8, 4, 400), in_block=2.0, most_in_block=2)
    assert knob(small, step(1, 5, (5, 3, 190)), full) == "batch_size"


def test_a_slow_contract_is_told_from_a_slow_machine() -> None:
    slow = [step(1, 2, (400, 3, 30)), step(8, 16, (410, 3, 30))]
    assert knob(EMBEDDED, *slow) == "contract"
    machine = [step(1, 2, (400, 90, 300), machine_cpu=1.0)]
    assert knob(replace(EMBEDDED, query_ms=300.0), *machine) == "cpu"


def test_a_slow_disk_is_named() -> None:
    assert knob(EMBEDDED, step(1, 10, (5, 3, 90), disk_ms=40.0)) == "disk"


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        ({"client_cpu": 0.97}, "load generator"),
        ({"node_cpu": 0.95}, "signatures"),
        ({"machine_cpu": 0.99}, "other programs"),
    ],
)
def test_who_uses_the_processors_is_said(figures: dict[str, float], words: str) -> None:
    found = judge([step(1, 40), step(64, 400, **figures)], EMBEDDED)
    assert found.knob == "cpu" and words in found.evidence.en


def test_calls_that_fail_are_not_called_healthy() -> None:
    """Half of the calls refused by the contract, and the rest quick: that is no network without limits."""
    half = step(8, 100, errors={"ABORTED": 200}, said={"ABORTED": "chaincode response 500, no such key"})
    found = judge([step(1, 40), half], EMBEDDED)
    assert found.knob == "failures" and "no such key" in found.evidence.en
    assert " 3 failed" in judge([step(1, 40, errors={"ABORTED": 3})], EMBEDDED).evidence.en


def test_nothing_is_named_where_nothing_limits() -> None:
    assert knob(EMBEDDED, step(1, 40), step(2, 80), step(4, 160)) == "none"
    assert knob(FABRIC, step(64, 600, (10, 5, 20), in_block=64.0)) == "none"


def test_what_refuses_goes_before_what_waits() -> None:
    """A hot key under a slow clock and with full processors is still a hot key: turning the clock would not help."""
    slow = replace(FABRIC, timeout_ms=2000, max_messages=500)
    both = step(16, 2, (6, 3, 1400), errors={"MVCC_READ_CONFLICT": 30}, machine_cpu=1.0, disk_ms=50.0)
    assert knob(slow, step(1, 0.5, (5, 3, 1990)), both) == "conflicts"
    few = step(16, 200, errors={"MVCC_READ_CONFLICT": 5})
    assert knob(EMBEDDED, step(1, 40), few) == "none"


def test_every_rule_is_named_by_some_figures_and_a_report_comes_back_whole() -> None:
    assert len(RULES) == 8
    verdict = judge([step(1, 40)], EMBEDDED)
    report = LoadReport(1.0, "city", "citychannel", "loadtest.Write", (step(1, 40),), EMBEDDED, verdict, 3)
    import json
    from dataclasses import asdict

    from baas.monitoring.load.running import _plain

    assert report_of(json.loads(json.dumps(asdict(report), default=_plain))) == report


def test_durations_as_go_writes_them() -> None:
    assert [_milliseconds(text) for text in ("200ms", "2s", "1m0s", "1.5s", "0s")] == [200, 2000, 60_000, 1500, 0]
