"""Following a node's clock: for a minute and no further, and both are named when they are too far apart."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from baas.errors import Unavailable, render, translate
from baas.ledger_clock import FOLLOW_S, LedgerClock, check_machine, clocks_apart, outside_validity
from baas.platform import Platform
from baas.services.doctor import examine
from chaincode import clocks
from fabric_sdk import clock
from fabric_sdk.errors import GatewayError
from tests.moments import stand_at


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


@pytest.mark.parametrize("moment", [dt.datetime(1970, 1, 2, tzinfo=dt.UTC), dt.datetime(2099, 6, 1, 12, tzinfo=dt.UTC)])
def test_a_clock_that_cannot_be_right_is_named_and_nothing_is_begun(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, moment: dt.datetime
) -> None:
    """The demonstration ended in 1970 with "completion: lies in the future", in 2099 with a defect of ours."""
    stand_at(monkeypatch, moment)
    with pytest.raises(Unavailable) as caught:
        Platform.open(tmp_path / "w")
    assert f"{moment:%Y-%m-%d %H:%M} UTC" in render(caught.value.message, "en")
    assert "timedatectl" in render(caught.value.hint, "zh")
    assert not (tmp_path / "w").exists()
    [found] = [check for check in examine(tmp_path / "w") if check.id == "clock"]
    assert found.state == "bad"
    assert str(moment.year) in render(found.detail, "zh")


def test_a_machine_whose_clock_was_lost_finds_its_workspace_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with Platform.open(tmp_path / "w") as platform:
        platform.workspace.set_setting("kept", "1")
    with monkeypatch.context() as lost:
        stand_at(lost, dt.datetime(1970, 1, 1, 0, 0, 1, tzinfo=dt.UTC))
        with pytest.raises(Unavailable):
            Platform.open(tmp_path / "w")
        assert [check.state for check in examine(tmp_path / "w") if check.id in ("clock", "workspace")] == [
            "bad",
            "bad",
        ]
    check_machine()
    with Platform.open(tmp_path / "w") as platform:
        assert platform.workspace.setting("kept") == "1"


@pytest.mark.parametrize("year", [2026, 2038, 2059])
def test_years_that_can_be_are_let_pass(monkeypatch: pytest.MonkeyPatch, year: int) -> None:
    stand_at(monkeypatch, dt.datetime(year, 12, 31, tzinfo=dt.UTC))
    check_machine()


@pytest.mark.parametrize("why", ["certificate is not yet valid", "certificate has expired"])
def test_certificates_outside_their_time_name_this_machines_clock(why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It said "a needed node is stopped", and all nodes ran."""
    stand_at(monkeypatch, dt.datetime(2026, 11, 27, 10, 30, tzinfo=dt.UTC))  # no hour ends meanwhile
    said = f"failed to connect to 127.0.0.1:7050: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: {why}"
    found = translate(GatewayError("UNAVAILABLE", said))
    assert found.code == "clock_apart"
    assert f"{clock.now():%Y-%m-%d %H:}" in render(found.message, "en")
    assert outside_validity("certificate verify failed: unable to get local issuer certificate") is None
