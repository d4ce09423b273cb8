"""The window: every page opens on a real network without an error, by keyboard alone, with a name on every control."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import (
    QDialog,
    QMainWindow,
    QMenu,
    QWidget,
)

from console.page import Action
from console.shell.header import Header
from console.shell.palette import Palette

CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
PAGES = ("overview", "networks", "identities", "contracts", "ledger", "copyright", "health_slots", "doctor", "settings")


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_without_an_error(desk: Any, page: str) -> None:
    desk.go(page)
    desk.no_error()
    assert desk.window.header.title.accessibleName()
    assert desk.window.address.startswith(page)


class Flashes(QObject):
    """Sees widgets that are shown before they have a parent: on a desktop each is a window that flashes up."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        shown = event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow()
        if shown and not isinstance(watched, QDialog | QMainWindow | QMenu):
            self.seen.append(f"{type(watched).__name__} {watched.accessibleName()}")
        return False


@pytest.mark.parametrize(
    "page",
    (
        "overview",
        "networks",
        "networks/new",
        "identities",
        "contracts",
        "ledger",
        "copyright",
        "health_slots",
        "training",
        "doctor",
    ),
)
def test_no_part_of_a_page_flashes_up_as_a_window(desk: Any, qapp: Any, page: str) -> None:
    flashes = Flashes()
    made = desk.window.pages.pop(page.partition("/")[0], None)
    if made is not None:
        desk.window.stack.removeWidget(made)
        made.deleteLater()
    qapp.installEventFilter(flashes)
    try:
        desk.go(page)
    finally:
        qapp.removeEventFilter(flashes)
    assert flashes.seen == []
    assert desk.window.isActiveWindow()
    if page == "networks/new":
        desk.press("取消")  # else the wizard is what the next test finds
        desk.settle()


def test_the_rail_goes_by_number_and_the_history_by_arrows(desk: Any) -> None:
    desk.go("overview")
    window, bot = desk.window, desk.bot
    bot.keyClick(window, Qt.Key.Key_2, CTRL)
    assert window.address == "networks"
    bot.keyClick(window, Qt.Key.Key_5, CTRL)
    assert window.address == "ledger"
    bot.keyClick(window, Qt.Key.Key_Left, ALT)
    assert window.address == "networks"
    bot.keyClick(window, Qt.Key.Key_Right, ALT)
    assert window.address == "ledger"
    desk.settle()


def test_f6_walks_through_the_regions(desk: Any, qapp: Any) -> None:
    desk.go("identities")
    seen = []
    for _ in range(3):
        desk.bot.keyClick(desk.window, Qt.Key.Key_F6)
        focus = qapp.focusWidget()
        seen.append(
            next(
                name
                for name, region in (
                    ("rail", desk.window.rail),
                    ("header", desk.window.header),
                    ("stack", desk.window.stack),
                )
                if region.isAncestorOf(focus)
            )
        )
    assert sorted(seen) == ["header", "rail", "stack"]


def test_the_palette_goes_to_a_page_by_keyboard(desk: Any) -> None:
    desk.go("overview")

    def use(dialog: Palette) -> None:
        desk.bot.keyClicks(dialog.editor, "doctor")
        desk.bot.keyClick(dialog.editor, Qt.Key.Key_Return)

    desk.answer(use)
    desk.bot.keyClick(desk.window, Qt.Key.Key_K, CTRL)
    desk.settle()
    assert desk.window.address == "doctor"


def test_the_palette_finds_on_the_ledger(desk: Any) -> None:
    explorer = desk.platform.explorer
    explorer.sync(desk.window.context.network)
    row = next(r for r in explorer.transactions(desk.window.context.network, limit=50) if r.contract)

    def use(dialog: Palette) -> None:
        desk.bot.keyClicks(dialog.editor, row.tx_id[:12])
        desk.bot.waitUntil(lambda: bool(dialog._found.get("ledger")), timeout=20000)
        desk.bot.keyClick(dialog.editor, Qt.Key.Key_Return)

    desk.answer(use)
    desk.window.open_palette()
    desk.settle()
    assert desk.window.address == f"ledger/tx/{row.tx_id}"
    assert desk.window.page.transaction.autopsy.tx_id == row.tx_id


def test_help_says_what_the_page_is_for(desk: Any) -> None:
    desk.go("contracts")
    read: list[str] = []

    def use(dialog: Any) -> None:
        read.extend(label.text() for label in dialog.findChildren(QWidget) if hasattr(label, "text"))
        desk.bot.keyClick(dialog, Qt.Key.Key_Escape)

    desk.answer(use)
    desk.bot.keyClick(desk.window, Qt.Key.Key_F1)
    assert any("背书策略" in text for text in read)
    assert any("Ctrl+K" in text for text in read)


def test_escape_closes_the_inspector(desk: Any) -> None:
    desk.go("networks")
    picture = desk.window.page.topology.picture
    picture.setFocus()
    desk.bot.keyClick(picture, Qt.Key.Key_Down)
    desk.bot.keyClick(picture, Qt.Key.Key_Down)
    assert desk.window.inspector.isVisible()
    desk.bot.keyClick(desk.window, Qt.Key.Key_Escape)
    assert not desk.window.inspector.isVisible()


def test_a_role_sees_only_its_pages_and_is_refused_by_the_services_too(desk: Any) -> None:
    from network.errors import PermissionDenied

    label = desk.platform.identities.ensure("CopyrightMSP", "creator-of-the-shell-test", "creator")
    desk.platform.act_as(label)
    desk.settle()
    shown = set(desk.window.rail.items)
    assert "copyright" in shown
    assert not {"identities", "contracts", "networks"} & shown
    assert label in desk.window.rail.actor_note.accessibleName()
    desk.window.go("identities")
    assert not desk.window.address.startswith("identities")
    with pytest.raises(PermissionDenied):
        desk.platform.identities.issue("CopyrightMSP", "somebody", "creator")


def test_switching_the_language_makes_the_window_anew(desk: Any) -> None:
    desk.go("settings")
    desk.console.change_language("en")
    window = desk.console.window
    assert window is not desk.window
    window.settle()
    assert window.header.title.accessibleName() == "Settings"
    assert window.address == "settings"
    desk.window = window
    desk.console.change_language("zh")
    desk.window = desk.console.window
    desk.settle()


def test_screenshots_of_every_page(tmp_path: Path, desk: Any) -> None:
    """The same walk that `citychain console --screenshots` makes, for two pages, on the open workspace."""
    for page in ("overview", "ledger"):
        desk.go(page)
        image = desk.window.grab().toImage()
        assert (image.width(), image.height()) == (1440, 900)
        colours = {image.pixelColor(x, y).rgb() for x in range(0, 1440, 24) for y in range(0, 900, 24)}
        assert len(colours) > 6


def test_a_page_left_behind_leaves_the_inspector_alone(desk: Any) -> None:
    """What a page reads arrives late; by then the inspector may belong to another page, or show the jobs."""
    desk.go("contracts/copyright")
    contracts = desk.window.page
    desk.go("networks")
    picture = desk.window.page.topology.picture
    desk.bot.keyClick(picture, Qt.Key.Key_Down)
    shown = desk.window.inspector.content
    assert shown is not None
    contracts.open("")
    desk.settle()
    assert desk.window.inspector.content is shown
    contracts.open("copyright")
    desk.settle()
    assert desk.window.inspector.content is shown
    desk.window.show_jobs()
    desk.window.page.inspect(None)
    assert desk.window.inspector.isVisible()


def test_what_escape_closed_stays_closed_when_the_page_reads_again(desk: Any) -> None:
    desk.go("networks")
    picture = desk.window.page.topology.picture
    nodes = [spot.id for spot in picture.spots if spot.id.startswith("node/")]
    picture.choose(nodes[0])
    assert desk.window.inspector.isVisible()
    desk.bot.keyClick(desk.window, Qt.Key.Key_Escape)
    desk.window.page.refresh()
    desk.settle()
    assert not desk.window.inspector.isVisible()


def test_the_keyboard_stays_where_it_is_when_the_inspector_tells_anew(desk: Any, qapp: Any) -> None:
    desk.go("networks")
    page = desk.window.page
    nodes = [spot.id for spot in page.topology.picture.spots if spot.id.startswith("node/")]
    page.topology.picture.choose(nodes[0])
    button = desk.button("查看日志", desk.window.inspector)
    button.setFocus()
    page.refresh()
    desk.settle()
    focused = qapp.focusWidget()
    assert focused is not button
    assert focused.text() == "查看日志"


def test_arrow_keys_in_the_topology_lead_nowhere_and_enter_does(desk: Any) -> None:
    desk.go("networks")
    picture = desk.window.page.topology.picture
    contract = next(spot.id for spot in picture.spots if spot.id.startswith("contract/"))
    for _ in range(12):
        desk.bot.keyClick(picture, Qt.Key.Key_Down)
    assert desk.window.address.startswith("networks")
    picture.choose(contract)
    assert desk.window.address.startswith("networks")
    desk.bot.keyClick(picture, Qt.Key.Key_Return)
    assert desk.window.address == f"contracts/{contract.partition('/')[2]}"
    desk.settle()


def test_adding_a_node_is_offered_in_the_picture(desk: Any) -> None:
    desk.go("networks")
    picture = desk.window.page.topology.picture
    spot = next(spot for spot in picture.spots if spot.id == "add/CopyrightMSP")
    asked: list[str] = []

    def look(dialog: QDialog) -> None:
        asked.append(dialog.windowTitle())
        dialog.reject()

    desk.answer(look)
    desk.bot.mouseClick(picture, Qt.MouseButton.LeftButton, pos=spot.box.center().toPoint())
    desk.until(lambda: asked)
    assert asked == ["添加记账节点"]


@pytest.mark.parametrize(("width", "beside"), [(1440, True), (1180, True), (1179, False), (910, False)])
def test_a_narrow_window_lays_the_inspector_upon_the_page(desk: Any, width: int, beside: bool) -> None:
    window = desk.window
    before = window.size()
    desk.go("networks")
    window.resize(width, 640)
    window.show_jobs()
    desk.settle()
    try:
        inspector, stack = window.inspector, window.stack
        right = stack.mapTo(window, stack.rect().topRight()).x()
        left = inspector.mapTo(window, inspector.rect().topLeft()).x()
        assert (right < left) is beside
        assert inspector.mapTo(window, inspector.rect().topRight()).x() == window.width() - 1
        assert not inspector.visibleRegion().isEmpty()
    finally:
        window.context.inspect(None)
        window.resize(before)
        desk.settle()


class _Said:
    """What a header shows of a page."""

    def __init__(self, *actions: Action) -> None:
        self.title, self.facts, self.reason, self.tab = "页", "", "", ""
        self.header_actions, self.tabs, self.tab_notes = list(actions), [], {}


def test_an_entry_of_a_headers_menu_does_its_own_pages_work(qtbot: Any) -> None:
    """Choosing a hospital failed: the entry's tick came as the hospital; and a menu of as many entries was kept."""
    header, chosen = Header(), []
    qtbot.addWidget(header)

    def page(*names: str) -> _Said:
        entries = [(name, lambda name=name: chosen.append((at, name))) for name in names]
        return _Said(Action("which", "医院", menu=entries))

    for at, names in enumerate((("甲", "乙"), ("丙", "丁"), ("丙", "丁"))):
        shown = page(*names)
        header.show_page(shown)
        menu = header.buttons["which"].menu()
        assert [one.text() for one in menu.actions()] == list(names)
        menu.actions()[1].trigger()
        del chosen[:-1]
        assert chosen == [(at, names[1])]


def test_nothing_old_or_of_another_network_is_counted(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A look that took long says no smaller height than the blocks that came meanwhile; the blocks of a network that is
    not shown, and what was read before another one sat down, say nothing here."""
    from baas.events import BlockIndexed
    from console.shell import summary

    window, network = desk.window, desk.window.context.network
    counting, status = window.counting, window.status
    desk.go("overview")
    (shown,) = {node.height for node in desk.platform.networks.status(network).nodes if node.height is not None}
    counting.heard(BlockIndexed(f"{network}-2", "other", 7_776, 1, 0))
    assert f"区块 {shown:,} " in status.block.text()

    read, waiting = summary.read_summary, []

    def slowly(*asked: Any) -> Any:
        found = read(*asked)
        waiting.append(counting.heard)
        return found

    monkeypatch.setattr(summary, "read_summary", slowly)
    counting.refresh()
    counting.heard(BlockIndexed(network, "citychannel", 8_887, 1, 0))
    desk.until(lambda: waiting)
    desk.settle()
    assert "8,888" in status.block.text()

    counting._badges_soon.stop()
    counting.count()
    counting.forget()
    told: list[str] = []
    window.context.counted.connect(lambda page, count: told.append(page))
    desk.settle()
    assert told == []
    counting.forget()
    counting.count()
    desk.settle()
    assert "copyright" in told
    assert f"区块 {shown:,} " in status.block.text()
