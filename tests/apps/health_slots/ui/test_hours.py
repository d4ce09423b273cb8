"""What pages say of the hospital's hours and of years whose working days nobody has announced to this ledger."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from apps.health_slots.ui import phrases
from fabric_sdk.clock import CHINA
from tests.moments import notice_of

YEAR = 2033


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Puts this machine into a zone."""
    if not hasattr(time, "tzset"):
        pytest.skip("this system's zone is not the environment's")

    def put(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield put
    monkeypatch.undo()
    time.tzset()


def complaint(window: Any) -> str:
    """What the page's or the window's banner says; it is closed."""
    found = [banner for banner in (window.page.banner, window.window.banner) if banner.isVisible()]
    assert len(found) == 1
    found[0].hide()
    return str(found[0].message.text())


def test_hours_are_called_the_hospitals_where_the_machines_differ(
    window: Any, hospital: Callable[..., Any], zone: Callable[[str], None]
) -> None:
    here = hospital()
    here.publish(start="08:00")
    for name, said in (("Pacific/Kiritimati", True), ("Asia/Shanghai", False), ("America/New_York", True)):
        zone(name)
        window.at(here.id, "board")
        window.page.refresh()
        window.until(lambda said=said: ("北京时间" in window.page.facts) == said)
        assert phrases.clock(int(dt.datetime(2026, 11, 30, 8, 0, tzinfo=CHINA).timestamp())) == "08:00"


def test_a_year_is_called_guessed_until_its_calendar_is_imported(
    window: Any, hospital: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("baas.working_days.needed_years", lambda _today: (YEAR,))
    here = hospital()
    bad, good = tmp_path / "bad.json", tmp_path / "good.json"
    bad.write_text(json.dumps({**notice_of(YEAR), "worked": [f"{YEAR}-10-03"]}), encoding="utf-8")
    good.write_text(json.dumps(notice_of(YEAR)), encoding="utf-8")
    view = window.at(here.id, "policies/city")
    window.until(view.guess.isVisible)
    assert str(YEAR) in view.guess.text()
    assert "周末" in view.guess.text()

    monkeypatch.setattr("apps.health_slots.ui.policies.pick_files", lambda *_: [str(bad)])
    window.press_header("calendar")
    window.settle(30000)
    assert "不是假期之外的周末" in complaint(window)
    window.until(view.guess.isVisible)

    monkeypatch.setattr("apps.health_slots.ui.policies.pick_files", lambda *_: [str(good)])
    window.head("calendar")
    view = window.at(here.id, "policies/city")
    window.until(lambda: not view.guess.isVisible())
    assert not any(a.id == "calendar" for a in window.at(here.id, "policies/own").header_actions())
