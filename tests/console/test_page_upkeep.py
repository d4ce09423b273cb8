"""The tab of snapshots and drills: what it shows and asks for; and on real Fabric the same by clicks, to the end."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from baas.monitoring.loss_drill import LossReport, RestoredPeer
from console.pages.network.upkeep import _cells
from console.widgets.basic import Label
from network.native.ledger_snapshots import LedgerSnapshot

RETURN = Qt.Key.Key_Return
PEER = "peer0.copyright.city.internal"


def snapshot(folder: Path, block: int = 41) -> LedgerSnapshot:
    return LedgerSnapshot("citychannel", block, PEER, 12_345, "ab" * 32, "cd" * 32, "ef" * 32, folder)


def report(missing: int = 0) -> LossReport:
    peer = RestoredPeer(PEER, 30, 40, 44, same=not missing)
    return LossReport(
        1.8e9,
        "city",
        "CopyrightMSP",
        "night.ccb",
        1.79e9,
        0.5,
        1.0,
        2.0,
        2.5,
        5.7,
        1.0,
        3,
        missing,
        0,
        (peer,),
        ("7f",),
    )


def said(widget: Any) -> str:
    shown = " ".join(label.text() for label in widget.findChildren(Label) if not label.isHidden())
    return shown.replace("\u200b", "")  # where long names may break


@pytest.fixture
def tab(desk: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The tab of the shared city as if it ran Fabric's programs; what it asks for is noted in `tab.asked`."""
    platform, asked = desk.platform, []
    monkeypatch.setattr(platform.snapshots, "list", lambda name: (snapshot(tmp_path),))
    monkeypatch.setattr(platform.monitor, "losses", lambda name: (report(),))

    def make(name: str, channel: str = "", peer: str = "", *, ctx: Any = None) -> LedgerSnapshot:
        asked.append(("make", name, peer))
        return snapshot(tmp_path, 43)

    def join(peer: str, name: str, source: Any = None, told: str = "", *, ctx: Any = None) -> LedgerSnapshot:
        asked.append(("join", name, peer))
        return snapshot(tmp_path)

    def lose(msp_id: str, backup: Path, name: str, *, ctx: Any = None) -> LossReport:
        asked.append(("lose", name, msp_id, backup.name))
        return report()

    monkeypatch.setattr(platform.snapshots, "make", make)
    monkeypatch.setattr(platform.snapshots, "join", join)
    monkeypatch.setattr(platform.monitor, "lose", lose)
    desk.go(f"networks/{desk.window.context.network}")
    page = desk.window.page
    desk.until(lambda: page.view is not None)
    assert page._upkeep_tab(page.view) == [], "nothing of this is to be had on the embedded ledger"
    native = replace(page.view, spec=replace(page.view.spec, runtime="native"))
    assert [key for key, _ in page._upkeep_tab(native)] == ["upkeep"]
    found = page.upkeep
    found.asked = asked
    page.stack.setCurrentWidget(found)
    found.read()
    desk.until(lambda: found.peers is not None)
    yield found
    page.choose_tab("topology")
    desk.settle()


def test_what_there_is_stands_there_and_a_peer_makes_one(desk: Any, tab: Any) -> None:
    assert tab.model.rowCount() == 1 and [cell.text for cell in _cells(tab.model.rows[0])][:3] == [
        "citychannel",
        "41",
        PEER,
    ]
    words = said(tab.result)
    assert "5.7 秒内恢复" in words and PEER in words and "7f" in words
    tab.peers.fields["peer"].set_value(PEER)
    desk.press("制作快照", tab)
    desk.settle()
    assert tab.asked == [("make", desk.window.context.network, PEER)]


def test_a_peer_is_made_anew_only_after_its_name_was_typed(desk: Any, tab: Any) -> None:
    tab.peers.fields["peer"].set_value(PEER)
    dialog = tab.join()
    assert not dialog.accept_button.isEnabled() and tab.asked == []
    desk.bot.keyClicks(dialog.editor, "peer0")
    desk.bot.keyClick(dialog.accept_button, RETURN)
    desk.settle()
    assert tab.asked == [("join", desk.window.context.network, PEER)]


def test_a_drill_asks_for_the_backup_and_its_report_is_saved(
    desk: Any, tab: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from console.pages.network import upkeep
    from console.widgets.dialogs import ConfirmName

    monkeypatch.setattr(upkeep, "pick_files", lambda *_: [])
    tab.lost.fields["organization"].set_value("CopyrightMSP")
    desk.press("选择备份并演练", tab)
    assert tab.asked == []  # whoever chooses no file rehearses nothing
    monkeypatch.setattr(upkeep, "pick_files", lambda *_: [str(tmp_path / "night.ccb")])
    desk.press("选择备份并演练", tab)
    dialog = next(one for one in desk.window.findChildren(ConfirmName) if one.isVisible())
    assert not dialog.accept_button.isEnabled()
    desk.bot.keyClicks(dialog.editor, "CopyrightMSP")
    desk.bot.keyClick(dialog.accept_button, RETURN)
    desk.settle()
    assert tab.asked == [("lose", desk.window.context.network, "CopyrightMSP", "night.ccb")]
    target = tmp_path / "drill.html"
    monkeypatch.setattr(upkeep, "save_file", lambda *_: str(target))
    desk.window.page.stack.setCurrentWidget(tab)  # the network itself is an embedded one, and its page shows that
    desk.press("保存报告", tab)
    assert target.read_text("utf-8").startswith("<!doctype html>") and "5.7" in target.read_text("utf-8")


@pytest.mark.e2e
@pytest.mark.timeout(500)
def test_snapshot_and_drill_by_clicks_on_real_fabric(
    make_desk: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from baas.services.backup import back_up
    from console.pages.network import upkeep
    from console.widgets.dialogs import ConfirmName
    from network.topology import FABRIC_CURRENT
    from tests.baas.test_backup_running import NETWORK
    from tests.e2e.test_native_backup import goes_on, working

    with working(tmp_path / "workspace", "city", FABRIC_CURRENT) as platform:
        goes_on(platform)
        back_up(platform, tmp_path / "night.ccb")
        desk = make_desk(platform)
        desk.go(f"networks/{NETWORK}/upkeep")
        tab = desk.window.page.upkeep
        desk.until(lambda: tab.peers is not None, 30_000)
        tab.peers.fields["peer"].set_value(PEER)
        desk.press("制作快照", tab)
        desk.until(lambda: tab.model.rowCount() == 1, 60_000)
        monkeypatch.setattr(upkeep, "pick_files", lambda *_: [str(tmp_path / "night.ccb")])
        tab.lost.fields["organization"].set_value("CopyrightMSP")
        desk.press("选择备份并演练", tab)
        dialog = next(one for one in desk.window.findChildren(ConfirmName) if one.isVisible())
        desk.bot.keyClicks(dialog.editor, "CopyrightMSP")
        desk.bot.keyClick(dialog.accept_button, RETURN)
        desk.until(lambda: tab.report is not None, 200_000)
        assert tab.report.whole and "已确认的交易没有丢失" in said(tab.result)
        desk.settle(60_000)
        desk.no_error()
