"""The board opens where there is something to see."""

from __future__ import annotations

import datetime as dt

from apps.health_slots.ui.board_tab import _opening_week
from fabric_sdk.clock import CHINA
from tests.moments import stand_at


def test_the_board_opens_on_the_first_week_with_sessions(town, monkeypatch):
    stand_at(monkeypatch, dt.datetime(2026, 11, 29, 18, 0, tzinfo=CHINA))  # a Sunday
    assert _opening_week(town.service, "H1") == dt.date(2026, 11, 23)
    town.publish(town.row(日期="2026-11-30"))
    assert _opening_week(town.service, "H1") == dt.date(2026, 11, 30)
    town.publish(town.row(日期="2026-11-29", 开始="20:00", 结束="21:00"))
    assert _opening_week(town.service, "H1") == dt.date(2026, 11, 23)
    stand_at(monkeypatch, dt.datetime(2027, 2, 3, 9, 0, tzinfo=CHINA))
    assert _opening_week(town.service, "H1") == dt.date(2026, 11, 30)
