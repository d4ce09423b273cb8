"""Following a node's clock: for a minute and no further, and both are named when they are too far apart."""

from __future__ import annotations

import datetime as dt

import pytest

from baas.ledger_clock import FOLLOW_S, LedgerClock, clocks_apart
from chaincode import clocks
from fabric_sdk import clock


@pytest.mark.parametrize("off", [-60.0, -3.0, 3.0, 60.0])
def test_a_node_that_is_a_minute_off_is_followed(off: float) -> None:
    mine = LedgerClock()
    assert mine.stale
    assert mine.compare(lambda: clock.seconds() + off)
    assert abs(mine.ahead_s - off) < 0.2
    assert abs(mine.seconds() - clock.seconds() - off) < 0.2
    assert not mine.stale
    assert not mine.compare(lambda: clock.seconds() + off)


@pytest.mark.parametrize("off", [-FOLLOW_S - 1, FOLLOW_S + 1, 3600.0, -1.7e9, 1e12])
def test_nobody_chooses_far_times_for_others(off: float) -> None:
    """Who runs a peer could otherwise have deposits and bookings signed for any moment."""
    mine = LedgerClock()
    assert not mine.compare(lambda: clock.seconds() + off)
    assert mine.ahead_s == 0


def test_a_clock_that_was_set_right_is_not_moved_any_more() -> None:
    mine = LedgerClock()
    mine.compare(lambda: clock.seconds() + 40)
    assert mine.compare(clock.seconds)
    assert mine.ahead_s == 0


def test_the_refusal_names_both_clocks() -> None:
    here, there = (dt.datetime(2026, 11, 29, hour, 0, 5, tzinfo=dt.UTC) for hour in (10, 11))
    said = clocks_apart(clocks.apart(here, there))
    assert said is not None
    for text in (said.zh, said.en):
        assert "3600" in text
        assert f"{here.astimezone():%Y-%m-%d %H:%M:%S}" in text and f"{there.astimezone():%Y-%m-%d %H:%M:%S}" in text


@pytest.mark.parametrize(
    "message", ["", "no clock", "at 2026-11-29T10:00:05Z", "9999-99-99T99:99:99Z 0000-00-00T00:00:00Z"]
)
def test_other_refusals_keep_their_own_words(message: str) -> None:
    assert clocks_apart(message) is None
