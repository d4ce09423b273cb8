"""The history of what was measured: bounded, exact in each of its steps, read at the step that fits."""

from __future__ import annotations

import math
import random
from pathlib import Path

import pytest

from baas.monitoring.history import RINGS, SERIES, SIZE, History

MIB = 1 << 20
NOW = 1_796_000_000.0
DAY = 86_400


def test_a_week_fits_in_fifty_megabytes_and_the_file_never_grows(tmp_path: Path) -> None:
    """Seven days of eighty series: every second of the last three hours, before that every ten seconds."""
    path = tmp_path / "n.history"
    history = History(path, writing=True)
    names = [f"s{number}" for number in range(SERIES)]
    begin = NOW - 7 * DAY
    at, written = begin, 0
    while at <= NOW:
        history.add(at, {names[written % SERIES]: 1.0, "s0": math.sin(at / DAY)})
        written += 1
        at += 1 if at >= NOW - 3 * 3_600 else 10
    history.close()
    files = sum(one.stat().st_size for one in tmp_path.iterdir())
    assert path.stat().st_size == SIZE and files <= 50 * MIB
    again = History(path)
    for span, step in ((600, 1), (2 * 3_600, 1), (DAY, 10), (7 * DAY, 60)):
        points = again.read("s0", NOW - span, NOW, 20_000)
        assert again.step(NOW - span, NOW, 20_000) == step
        assert len(points) >= span / step * 0.99
        assert points[-1].at == NOW // step * step
        for point in points[:: max(1, len(points) // 50)]:
            assert point.mean == pytest.approx(math.sin((point.at + step / 2) / DAY), abs=0.02)
    assert again.step(NOW - 7 * DAY, NOW) == 3_600 and len(again.read("s0", NOW - 7 * DAY, NOW)) >= 7 * 24
    again.close()


def test_each_step_says_what_was_measured_in_it(tmp_path: Path) -> None:
    chance = random.Random(7)
    history = History(tmp_path / "n.history", writing=True)
    values = {NOW + second: chance.uniform(0, 100) for second in range(900)}
    for at, value in values.items():
        history.add(at, {"x": value})
    history.close()
    read = History(tmp_path / "n.history")
    for step, _ in RINGS[:3]:
        points = read.read("x", NOW, NOW + 899, int(899 / step) + 1)
        assert points
        for point in points:
            own = [value for at, value in values.items() if point.at <= at < point.at + step]
            assert point.low == pytest.approx(min(own), rel=1e-5)
            assert point.high == pytest.approx(max(own), rel=1e-5)
            assert point.mean == pytest.approx(sum(own) / len(own), rel=1e-4)
    read.close()


def test_a_program_that_begins_again_goes_on_with_the_step_under_way(tmp_path: Path) -> None:
    for second in range(60):  # a new program every second of one minute
        history = History(tmp_path / "n.history", writing=True)
        history.add(NOW // 60 * 60 + second, {"x": float(second)})
        history.close()
    (point,) = History(tmp_path / "n.history").read("x", NOW // 60 * 60, NOW // 60 * 60 + 59, 2)
    assert (point.low, point.high) == (0, 59) and point.mean == pytest.approx(29.5)


def test_rows_of_an_earlier_turn_are_not_taken_for_present_ones(tmp_path: Path) -> None:
    history = History(tmp_path / "n.history", writing=True)
    history.add(NOW, {"x": 1.0})
    later = NOW + RINGS[0][1] * RINGS[0][0]  # the same place in the ring
    assert history.read("x", later - 5, later, 10) == ()
    history.add(later, {"x": 2.0})
    assert [point.mean for point in history.read("x", later - 5, later, 10)] == [2.0]
    history.close()


def test_what_is_no_number_or_one_too_many_is_left_out(tmp_path: Path) -> None:
    history = History(tmp_path / "n.history", writing=True)
    history.add(NOW, {"nan": math.nan, "inf": math.inf, **{f"s{n}": 1.0 for n in range(SERIES + 5)}})
    assert history.read("nan", NOW, NOW) == () and history.read(f"s{SERIES + 1}", NOW, NOW) == ()
    assert len(history.names) == SERIES
    history.add(NOW - 3_600, {"s1": 3.0})  # a clock put back
    assert [point.mean for point in history.read("s1", NOW - 3_600, NOW - 3_600)] == [3.0]
    history.close()
