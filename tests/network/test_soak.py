"""Five minutes of mixed load with clients that come, go and break off: the node's memory and descriptors stay flat."""

from __future__ import annotations

import pytest

from network.bench_soak import Sample, compared, measure


def test_the_beginning_is_compared_with_the_end() -> None:
    grown = [Sample(float(n), 50.0 + n, 40, n) for n in range(100)]
    first, last = compared(grown)
    assert [s.second for s in (first[0], first[-1], last[0], last[-1])] == [20, 39, 80, 99]
    assert compared(grown[:1]) == (grown[:1], grown[:1])


@pytest.mark.slow
@pytest.mark.timeout(500)
def test_five_minutes_of_mixed_load_leave_nothing_behind() -> None:
    found = measure(300)
    assert found["errors"] == {}
    assert min(found["transactions"], found["connections"], found["streams"], found["broken_off"]) > 100
    assert found["memory_ratio"] < 1.15, found["samples"]
    assert found["descriptors_last"] <= found["descriptors_first"] + 5, found["samples"]
