"""A whole draw by its buttons, from the announcement to the outsider's re-run, and a party that does not reveal."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt

from apps.health_slots.services.draws import step_of
from apps.health_slots.ui.draw_words import NextStep, next_step, stage_cells
from chaincode.health_slots.fair_draw import PARTIES


def announce(window: Any, here: Any, draw: str, session: str, seconds: int) -> Any:
    """Announce a draw of three slots with so many seconds to apply."""
    view = window.at(here.id, "draws")

    def fill(dialog: Any) -> None:
        window.settle()
        form = dialog.form.fields
        form["id"].set_value(draw)
        form["session"].set_value(session)
        form["numbers"].set_value("1, 2-3")
        form["apply"].set_value(seconds)
        form["apply_unit"].set_value(1)
        form["turn"].set_value(10)
        form["turn_unit"].set_value(60)
        window.bot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)
        window.until(lambda: not dialog.isVisible() or dialog.banner.isVisible())
        assert not dialog.banner.isVisible(), dialog.banner.message.text()

    window.head("new", fill)
    assert view.draw[0] == draw
    return view


def step(window: Any, words: str) -> None:
    """Wait until the next step is the one named, then take it."""
    button = lambda: window.window.header.buttons.get("step")  # noqa: E731
    window.until(lambda: button() is not None and words in button().text())
    window.head("step")


def test_a_whole_draw_and_its_run_by_an_outsider(
    window: Any, hospital: Callable[..., Any], tmp_path: Path, monkeypatch: Any
) -> None:
    here = hospital()
    session, draw = here.publish(start="20:00"), f"D-{here.id}"
    began = time.monotonic()
    people = [here.resident() for _ in range(5)]
    # As many transactions as follow until the list is closed: a busy machine gets more time for them.
    view = announce(window, here, draw, session, 3 + round(6 * (time.monotonic() - began)))
    for resident in people:
        here.service.draws.apply(draw, resident)
    step(window, "承诺种子（医院、平台、居民方）")
    assert set(here.service.draws.get(draw)["commitments"]) == {"hospital", "platform", "patients"}
    step(window, "冻结名单")
    for party in ("医院", "平台", "居民方"):
        step(window, f"揭示（{party}）")
    step(window, "算出结果")
    record = here.service.draws.get(draw)
    assert len(record["winners"]) == 3
    step(window, "局外人重算")
    assert "重算的结果与账本一致" in window.said(view.detail.result)
    rows = view.detail.compared.rows
    assert [(r.slot, r.ledger) for r in rows] == sorted((slot, who) for who, slot in record["winners"])
    assert all(r.ledger == r.again for r in rows)
    file = tmp_path / "draw.json"
    monkeypatch.setattr("apps.health_slots.ui.draw_detail.save_file", lambda *_: str(file))
    window.do("导出供外人重算", None, view.detail)
    forged = json.loads(file.read_text("utf-8"))
    forged["record"]["winners"][0][0], forged["record"]["winners"][1][0] = [w[0] for w in record["winners"][1::-1]]
    other = tmp_path / "forged.json"
    other.write_text(json.dumps(forged), "utf-8")
    for path, words in ((other, "中签者不同"), (file, "文件前后一致；是否就是账本上的摇号")):
        monkeypatch.setattr("apps.health_slots.ui.draws.pick_files", lambda *_, p=path: [str(p)])
        window.do("核对摇号文件", None, view)
        assert words in window.said(view.detail.result)
    spoken = [spot.spoken for spot in view.detail.timeline.spots]
    assert sum("已完成" in s for s in spoken) == len(spoken) == 12
    assert {row[1] for row in view.detail.people.rows} == {here.visit(who, session) for who in people}


def test_a_party_that_does_not_reveal_is_marked_and_shown() -> None:
    """A turn lasts many minutes, so that the window's words are tried on records of the contract's form."""
    record = {
        "state": "revealing",
        "commitments": dict.fromkeys(PARTIES, "00"),
        "skipped": {"platform": ["not-revealed", 1]},
        "void_rounds": [{"hospital": "11", "silent": "platform"}],
        "revealed": {"hospital": "22"},
        "turn": "platform",
        "turn_ends": 1000,
        "ends": 9000,
    }
    columns = dict(stage_cells(record))
    assert columns["第 1 轮揭示"] == {"hospital": "void", "platform": "skipped", "patients": "wait"}
    assert columns["第 2 轮揭示"] == {"hospital": "done", "platform": "turn", "patients": "wait"}
    assert next_step(record, PARTIES, 999, may_change=True).step == "reveal"
    assert next_step(record, (), 1001, may_change=True) == NextStep("skip", "作废本轮（平台未揭示）")
    assert next_step(record, (), 9001, may_change=True).step == "close"
    waiting = record | {"state": "number", "turn": "", "number": {"source": "fucai-3d", "date": "2026-12-01"}}
    step = next_step(waiting, PARTIES, 999, may_change=True)
    assert step.step == "" and "2026-12-01" in step.reason


def test_what_comes_next_is_asked_of_whom_it_is_the_turn() -> None:
    """The page's button and the inbox's line ask the same question of a draw's record."""
    record: dict[str, object] = {"state": "open", "apply_until": 100, "tips": {"hospital": "00"}, "ends": 9_000_000_000}
    assert step_of(record, ["hospital", "platform"], 100) == ("commit", ("platform",))
    assert step_of(record, ["hospital"], 100) == ("apply", ())
    assert step_of(record, ["platform"], 101) == ("freeze", ())
    turns = record | {"state": "revealing", "turn": "patients", "turn_ends": 200}
    assert step_of(turns, ["patients"], 200) == ("reveal", ("patients",))
    assert step_of(turns, ["hospital"], 200) == ("", ())
    assert step_of(turns, ["patients"], 201) == ("skip", ())
    assert step_of(turns | {"turn": ""}, [], 201) == ("finish", ())
    number = record | {"state": "number", "number": {"date": "2026-11-30", "source": "x", "entries": {"hospital": "1"}}}
    noon = 1_796_011_200  # 30 November 2026, 12:00 in China
    assert step_of(number, ["hospital", "platform"], noon) == ("", ())
    assert step_of(number, ["hospital", "platform"], noon + 86_400) == ("number", ("platform",))
    assert step_of(number, ["hospital"], noon + 86_400) == ("", ())
    assert step_of(number, ["hospital"], 9_000_000_001) == ("close", ())
    assert step_of(record | {"state": "void"}, [], 0) == ("verify", ())
