"""What nobody expects: foreign text of any kind, another look or language while a job runs, very many of anything."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QLabel, QMenu

from console import theme
from console.i18n import plain
from console.models.cells import Cell, Column
from console.models.tables import RowsModel
from console.shell.palette import Command, Palette
from console.widgets.basic import Button, Chip, Elided, HashLabel, KeyLink, Label, Mono, Status
from console.widgets.facts import Facts
from console.widgets.picture import Spot
from console.widgets.table import DataTable
from console.widgets.topology import NodeBox, OrganizationBox, Topology, TopologyView
from network.text import Text

HOSTILE = (
    "<b>bold</b><img src='file:///etc/passwd'>",
    "abc\u202ecod.exe",
    "zero\x00byte",
    "bell\x07 escape\x1b[31m",
    "line\none\ttab",
    "\u200f\u2066isolated\u2069",
    "&File && more",
    "很长" * 400,
    "a" * 5000,
    "",
)


@given(st.text(max_size=80))
def test_nothing_unseen_is_left(text: str) -> None:
    shown = plain.one_line(text)
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 for c in shown)
    assert not any(0x202A <= ord(c) <= 0x202E or 0x2066 <= ord(c) <= 0x2069 for c in shown)
    assert plain.plain(shown) == shown
    assert "<" not in plain.tip(text).replace("<p>", "").replace("</p>", "")


@pytest.mark.parametrize("text", HOSTILE)
def test_foreign_text_stays_text(qtbot: Any, text: str) -> None:
    widgets = [
        Label(text),
        Label(text, wrap=True),
        Elided(text),
        Mono(text),
        Mono(text, wrap=True),
        Chip(text),
        Status(text),
        Button(text),
        KeyLink(text, lambda: None),
        HashLabel(text or "-"),
        Facts().add(text, text).add_hash("k", text),
    ]
    for widget in widgets:
        qtbot.addWidget(widget)
        widget.resize(300, 40)
        widget.grab()
        for label in [widget, *widget.findChildren(QLabel)]:
            if isinstance(label, QLabel):
                assert label.textFormat() == Qt.TextFormat.PlainText
                assert "\u202e" not in label.text() and "\x00" not in label.text()
            assert "<b>" not in label.toolTip() and "<img" not in label.toolTip()
    button = Button(text)
    qtbot.addWidget(button)
    assert QAction(button.text()).text().replace("&&", "&") == plain.one_line(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_foreign_text_in_tables_pictures_and_the_palette(qtbot: Any, text: str) -> None:
    model = RowsModel([Column("a"), Column("b", 90)], lambda row: [Cell(row, sub=row, copy=row), Cell(row, tag=True)])
    model.set_rows([text] * 3)
    table = DataTable(model, "rows", two_lines=True)
    qtbot.addWidget(table)
    table.resize(400, 200)
    table.grab()
    assert "<b>" not in str(model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole))
    node = NodeBox(text, text, text, "ok")
    view = TopologyView()
    qtbot.addWidget(view)
    view.resize(700, 400)
    view.set_topology(
        Topology(text, text, text, "ok", "Raft", (OrganizationBox("M", text, text, "server", (node,)),), (node,), ())
    )
    view.grab()
    assert all(isinstance(spot, Spot) for spot in view.spots)
    palette = Palette(view, [Command(text, lambda: None, note=text)])
    qtbot.addWidget(palette)
    palette.grab()


def _slow_job(desk: Any, gate: threading.Event) -> Any:
    def work(*, ctx: Any) -> str:
        for n in range(1000):
            ctx.check_cancelled()
            ctx.progress(n, 1000)
            if gate.wait(0.02):
                break
        return "done"

    return desk.window.context.job(work, title=Text("长任务", "Long job"))


def test_another_look_while_a_job_runs(desk: Any) -> None:
    gate = threading.Event()
    desk.go("overview")
    view = _slow_job(desk, gate)
    desk.window.show_jobs()
    try:
        for mode in ("dark", "light"):
            theme.theme().apply(mode)
            QApplication.processEvents()
            assert view.running
        assert "长任务" in desk.window.status.job.text()
    finally:
        gate.set()
    desk.settle()
    assert view.state == "done"
    desk.no_error()


def test_another_language_while_a_job_runs(desk: Any) -> None:
    """The job goes on, the new window shows it, and nobody of the old window is called when it ends."""
    gate, called = threading.Event(), []
    desk.go("overview")
    old = desk.window
    view = _slow_job(desk, gate)
    view.succeeded.connect(called.append)
    try:
        desk.console.change_language("en")
        desk.window = desk.console.window
        assert desk.window is not old
        desk.until(lambda: "Long job" in desk.window.status.job.text() or "长任务" in desk.window.status.job.text())
        assert view.running
    finally:
        gate.set()
        desk.settle()
        desk.console.change_language("zh")
        desk.window = desk.console.window
        desk.settle()
    assert called == ["done"]
    assert not desk.window.tasks.active


def test_a_hundred_thousand_rows_are_filtered_and_scrolled(qtbot: Any) -> None:
    model = RowsModel([Column("name"), Column("n", 90, right=True)], lambda row: [Cell(row[0]), Cell(str(row[1]))])
    rows = [(f"person-{n:06d}", n) for n in range(100_000)]
    table = DataTable(model, "people")
    qtbot.addWidget(table)
    table.resize(600, 500)
    table.show()
    model.set_rows(rows)
    bar = table.verticalScrollBar()
    for share in (1.0, 0.5, 0.0, 0.99):
        bar.setValue(int(bar.maximum() * share))
        table.grab()
    model.set_rows([row for row in rows if row[0].endswith("99")])
    assert model.rowCount() == 1000


def test_fifty_networks_are_listed_and_found(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Copies of the running network's record under other names: every list of networks has to cope."""
    from console.shell.finding import MOST, networks

    service = desk.platform.networks
    (real,) = service.list()
    from dataclasses import replace

    many = (real, *(replace(real, name=f"city-{n:02d}", title=Text(f"城市{n}", f"City {n}")) for n in range(49)))
    monkeypatch.setattr(type(service), "list", lambda self: many)
    desk.go("networks")
    desk.no_error()
    menu = next(action.menu for action in desk.window.page.header_actions if action.id == "networks")
    assert len(menu) >= 50
    assert len(networks(desk.platform, real.name, "city-0")) == MOST
    popup = desk.window.header.buttons["networks"].menu()
    assert isinstance(popup, QMenu)
    assert popup.sizeHint().height() > 0
    monkeypatch.undo()
    desk.go("overview")
