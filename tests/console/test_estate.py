"""An administrator's home: every figure is the one of the page that its row leads to, on every network."""

from __future__ import annotations

from typing import Any

import pytest

from baas.monitoring.cost import SPAN_S, Cost, cost_of, days_left
from baas.monitoring.history import History, Point
from baas.monitoring.sampling import Sample
from baas.session import OWNER_ACTOR
from console.i18n import use_language
from console.pages.monitor.words import growth_words, meaning, urgency
from console.widgets.basic import Button, Label
from fabric_sdk import clock

DAY = 86_400.0


def rows_of(board: Any) -> dict[str, dict[str, Any]]:
    """The rows of the administrator's cards, by card and title."""
    return {one.title: {row.title: row for row in one.rows} for one in board.estate.sections}


@pytest.fixture
def two(empty_desk: Any) -> Any:
    """A workspace with two networks, of which the second is stopped."""
    platform = empty_desk.platform
    for name in ("first", "second"):
        platform.jobs.run(platform.networks.up, platform.networks.template("single", name=name))
    platform.networks.stop("second")
    empty_desk.window.context.choose_network("first")
    empty_desk.settle()
    return empty_desk


def test_all_networks_with_state_and_work_and_each_row_leads_to_its_page(two: Any) -> None:
    desk, platform = two, two.platform
    desk.go("overview")
    board = desk.window.page.board
    rows = rows_of(board)
    networks = rows["工作区的网络"]
    assert [row.network for row in networks.values()] == ["first", "second"]
    first, second = networks.values()
    status = platform.networks.status("first")
    height = max(node.height or 0 for node in status.nodes)
    assert first.word == "正常" and f"{height:,} 个区块" in first.detail
    assert f"{len(status.nodes)} 个节点中 {len(status.nodes)} 个在线" in first.detail
    assert second.word == "已停止" and second.state == "bad" and "1 件事待处理" in second.detail
    assert [row.title for row in rows["其他网络需要处理"].values()] == ["网络已停止"]
    assert rows["健康"]["节点"].word == "请留意" and "1 个网络已停止" in rows["健康"]["节点"].detail

    # What waits on another network is handled there: the pages then speak of it.
    desk.press("去办理", board.estate)
    desk.until(lambda: desk.window.address == "networks/second")
    desk.settle()
    assert desk.window.context.network == "second" and desk.window.page.view.name == "second"
    assert platform.networks.default() == "second"

    # There it is the page's own list, and on the other network nothing waits.
    desk.go("overview")
    rows = rows_of(board)
    assert "其他网络需要处理" not in rows
    assert [item.title for item in board._shown["attention"]] == ["网络已停止"]
    platform.networks.start("second")
    desk.settle()
    desk.window.page.refresh()
    desk.settle()
    assert {row.word for row in rows_of(board)["工作区的网络"].values()} == {"正常"}


def test_cost_and_health_are_the_monitors_and_the_check_ups(two: Any) -> None:
    desk, platform = two, two.platform
    desk.go("overview")
    rows = rows_of(desk.window.page.board)
    costs = rows["资源与增长"]
    cost = platform.monitor.cost("second")
    second = platform.networks.spec("second").title.zh
    assert cost is not None and cost.memory is None, "nothing of a stopped network runs"
    shown = [row for row in costs.values() if row.network == "second"]
    assert [row.title for row in shown] == [second] and "内存 —" in shown[0].detail
    assert "还未知" in shown[0].detail
    ends = min(record.not_after for name in ("first", "second") for record in platform.identities.list(name))
    assert f"{ends.astimezone():%Y-%m-%d}" in rows["健康"]["证书"].detail
    assert rows["健康"]["证书"].word == "30 天内无到期"
    assert rows["健康"]["本机时钟"].address == "doctor" and rows["健康"]["本机时钟"].word == "正常"


def test_certificates_that_ended_on_another_network_are_told(two: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import datetime as dt

    desk, platform = two, two.platform
    ends = min(record.not_after for record in platform.identities.list("second"))
    later = ends + dt.timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    desk.go("overview")
    desk.window.page._estate.forget()
    desk.window.page.refresh()
    desk.settle()
    row = rows_of(desk.window.page.board)["健康"]["证书"]
    assert row.state == "bad" and "张已过期" in row.word


def test_figures_change_in_place_and_the_focus_stays(two: Any) -> None:
    desk = two
    desk.go("overview")
    estate = desk.window.page.board.estate
    button = next(one for one in estate.findChildren(Button) if one.isVisible())
    button.setFocus()
    before = list(estate.sections)
    from dataclasses import replace

    card = replace(before[0], rows=tuple(replace(row, detail="anders", word="x") for row in before[0].rows))
    estate.show_sections([card, *before[1:]])
    assert button.hasFocus(), "nothing was made again"
    assert "anders" in [label._whole for label in estate.findChildren(Label) if hasattr(label, "_whole")]


def test_only_administrators_have_it_and_an_auditor_may_look_at_another_network(two: Any) -> None:
    desk, platform = two, two.platform
    msp_id = platform.networks.spec("first").peer_msp_ids[0]
    label = platform.identities.ensure(msp_id, "auditor", "auditor", network="first")
    desk.go("overview")
    try:
        platform.session.act_as(platform.identities.actor(label, "first"))
        desk.settle()
        desk.go("overview")
        assert desk.window.page.board.estate.sections == []
        assert desk.window.page.board.estate.isHidden()
        # The way to another network was refused to whoever may not choose for the next start.
        desk.window.context.visit("second", lambda: desk.window.go("networks/second"))
        desk.until(lambda: desk.window.context.network == "second")
        desk.settle()
        desk.no_error()
        assert platform.networks.default() == "first"
    finally:
        platform.session.act_as(OWNER_ACTOR)


# -- figures -----------------------------------------------------------------------------------------
def sample(data: int, free: int) -> Sample:
    return Sample("n", clock.seconds(), (), data_bytes=data, disk_free=free, process_memory=5)


def test_growth_is_measured_and_says_what_it_means() -> None:
    points = [Point(at * 3_600.0, 0, 1_000_000 * at, 0) for at in range(49)]
    cost = cost_of(sample(48_000_000, 240_000_000), points)
    assert cost == Cost(5, 48_000_000, 240_000_000, 24_000_000.0, 2 * DAY)
    assert cost.days_left == 10
    assert growth_words(cost.growth, cost.measured_s) == "每天 24.0 MB（最近 2 天）"
    assert meaning(cost.disk_free, cost.growth) == "按此增长，磁盘还能用约 10 天"
    assert urgency(cost.disk_free, cost.growth) == "warn"


@pytest.mark.parametrize(
    ("growth", "free", "words"),
    [
        (None, 10, "还不能估计"),
        (0.0, 10, "按目前的情况，磁盘不会写满"),
        (-5.0, 10, "按目前的情况，磁盘不会写满"),
        (1.0, 365 * 3, "按此增长，磁盘还能用约 3 年"),
        (1.0, 365 * 50, "按此增长，磁盘 10 年内不会写满"),
    ],
)
def test_what_a_growth_means(growth: float | None, free: int, words: str) -> None:
    assert meaning(free, growth) == words
    assert (days_left(free, growth) is None) == (growth is None or growth <= 0)


def test_less_than_an_hour_says_nothing_of_a_day() -> None:
    points = [Point(0.0, 0, 0, 0), Point(3_599.0, 0, 1e12, 0)]
    assert cost_of(sample(1, 1), points).growth is None
    assert growth_words(None, 0.0) == "还未知：监控满 1 小时后给出"


def test_the_monitor_tells_the_growth_that_its_history_shows(city: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from baas.monitoring import sampling

    platform = city.platform
    monitor = platform.monitor
    path = monitor.folder
    path.mkdir(mode=0o700, exist_ok=True)
    now = clock.seconds()
    assert not (path / "elsewhere.history").exists()
    history = History(path / "elsewhere.history", writing=True)
    try:
        for hours in range(30, -1, -1):
            history.add(now - hours * 3_600, {"data": 1e9 - hours * 1e6})
    finally:
        history.close()
    monkeypatch.setattr(platform.networks, "resolve", lambda name="": "elsewhere")
    look = sampling.Sample("elsewhere", now, (), disk_free=10**9, data_bytes=10**9)
    monkeypatch.setattr(monitor, "now", lambda network="": look)
    cost = monitor.cost("elsewhere")
    assert cost is not None and cost.growth == pytest.approx(24e6, rel=0.02)
    assert cost.measured_s <= SPAN_S


def test_in_english_too() -> None:
    use_language("en")
    try:
        assert growth_words(24e6, 2 * DAY) == "24.0 MB a day (last 2 days)"
        assert meaning(240, 24.0) == "At this rate the disk lasts about 10 days"
    finally:
        use_language("zh")
