"""The monitor's page and the alerts on the desktop, on a network of their own: nodes are stopped here."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from baas.events import AlertChanged
from baas.monitoring.alerts import RULES, findings
from baas.monitoring.load.running import Wanted
from baas.monitoring.sampling import Sample
from baas.monitoring.watching import LOOK_S, Watch
from baas.platform import Platform
from console.shell.alerts import LOOK_MS, AlertTeller
from console.widgets.basic import Label
from console.widgets.lines import ceiling
from network.topology import template


def said(widget: Any) -> str:
    words = " ".join(label.text() for label in widget.findChildren(Label) if label.isVisible())
    return words.replace("\u200b", "")  # where long names may break


@pytest.fixture
def lone(tmp_path: Path) -> Iterator[Platform]:
    with Platform.open(tmp_path / "workspace") as platform:
        platform.networks.up(template("city", network_name="lone", runtime="embedded"))
        yield platform
        platform.monitor.close()
        platform.networks.destroy("lone")


def until(desk: Any, what: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait while the window lives on."""
    begin = time.monotonic()
    while not what():
        assert time.monotonic() - begin < seconds
        desk.bot.wait(50)


def test_a_stopped_peer_is_on_the_desktop_within_five_seconds(
    lone: Platform, make_desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the looks' own times, a second apart where the machine has time: what it cannot do says nothing.

    It is told by the first look that saw the peer down for as long as the rule asks.
    """
    samples, begun, look = list[Sample](), list[int](), Watch.look

    def kept(watch: Watch) -> Sample:
        sample = look(watch)
        samples.append(sample)
        return sample

    monkeypatch.setattr(Watch, "look", kept)
    lone.events.subscribe(AlertChanged, lambda event: begun.append(len(samples)))  # of the look that still goes on
    desk = make_desk(lone)
    told: list[tuple[str, str]] = []
    desk.window.context.noticed.connect(lambda text, state: told.append((text, state)))
    teller = AlertTeller(desk.window.context, desk.window)
    desk.go("monitor")
    page = desk.window.page
    until(desk, lambda: page.seen is not None and page.seen.now is not None and len(page.seen.now.nodes) == 5)
    peer = next(node.name for node in lone.networks.status("lone").nodes if node.kind == "peer")
    lone.networks.stop("lone", peer)
    until(desk, lambda: any(peer in text and state == "bad" for text, state in told))
    until(desk, lambda: len(samples) > begun[0])
    rule = next(one for one in RULES if one.id == "node.stopped")
    down = [sample.at for sample in samples if any(one.rule == rule.id for one in findings(sample))]
    assert samples[begun[0]].at == next(at for at in down if at - down[0] >= rule.hold_s)
    # Seen by the next look; told by the one after the rule's time; shown by the window's next.
    assert LOOK_S + rule.hold_s + LOOK_S + LOOK_MS / 1000 <= 5
    until(desk, lambda: page.nodes.model.rows and page.nodes.model.rows[0].state == "stopped")
    desk.go("monitor/alerts")
    until(desk, lambda: any(one.subject == peer for one in page.alerts.model.rows))
    page.alerts.table.choose([one.subject for one in page.alerts.model.rows].index(peer))
    until(desk, lambda: peer in said(desk.window.inspector))
    alert = next(one for one in page.seen.alerts if one.subject == peer)
    page.take_up(alert)
    until(desk, lambda: any(one.subject == peer and one.by == "owner" for one in page.seen.alerts))
    before = len(told)
    lone.networks.start("lone", peer)
    until(desk, lambda: all(one.ended for one in page.seen.alerts if one.subject == peer))
    assert len(told) == before  # that it ended is seen on the page
    teller.deleteLater()


def test_a_week_can_be_looked_at(lone: Platform, make_desk: Any) -> None:
    desk = make_desk(lone)
    desk.go("monitor")
    page = desk.window.page
    until(desk, lambda: page.seen is not None and page.seen.now is not None)
    for span, seconds in (("week", 604_800), ("day", 86_400), ("hour", 3_600)):
        page._choose_span(span)
        until(desk, lambda wanted=seconds: abs(page.seen.end - page.seen.start - wanted) < 5)
        assert page.seen.step <= 3_600 and page.overview.rates.lines
    desk.no_error()


def test_the_scale_is_a_round_number() -> None:
    assert [ceiling(value) for value in (0, 0.5, 1.2, 3, 7, 11, 60)] == [1, 1, 2, 5, 10, 20, 100]


@pytest.mark.slow
def test_a_load_test_is_asked_for_and_its_verdict_shown(lone: Platform, make_desk: Any, monkeypatch: Any) -> None:
    """The button asks first; what the test found, and on which figures, stands on the page."""
    monkeypatch.setattr("baas.services.monitor.Wanted", lambda: Wanted(clients=2, seconds=0.5))
    lone.monitor.mark_production("lone")
    desk = make_desk(lone)
    desk.go("monitor/load")
    page = desk.window.page
    until(desk, lambda: "No load test yet" in said(page) or "还没有压测过" in said(page))
    dialog = page.load.ask()
    assert not dialog.accept_button.isEnabled()
    dialog.editor.setText("lone")
    dialog.accept_button.click()
    until(desk, lambda: bool(page.load.model.rows), 60)
    (report,) = lone.monitor.loads("lone")
    assert report.verdict.title.zh in said(page) or report.verdict.title.en in said(page)
    assert len(page.load.model.rows) == len(report.steps) == 2
    desk.no_error()
