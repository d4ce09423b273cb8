"""What goes wrong under the network, identity and contract pages: the window lives, says it, offers the next step."""

from __future__ import annotations

import errno
import os
import signal
import sys
from typing import Any

import pytest
from PySide6.QtCore import Qt

from console.widgets.basic import Label, Status
from console.widgets.forms import Form

RETURN = Qt.Key.Key_Return


def said(widget: Any) -> str:
    labels = [label.text() for label in widget.findChildren(Label) if label.isVisible()]
    return " ".join([*labels, *(s.accessibleName() for s in widget.findChildren(Status) if s.isVisible())])


def test_the_ledger_is_killed_under_an_open_contract(fresh_city: Any, make_desk: Any) -> None:
    """A call says that nobody answers; the network page names the dead nodes and starts them; the call then works."""
    city = fresh_city()
    desk = make_desk(city.platform)
    desk.go("contracts/copyright/call")
    tab = desk.window.page.call
    row = next(i for i, f in enumerate(tab.model.rows) if f.name == "ReadSettings")
    tab.table.choose(row)
    for pid in {node.pid for node in city.platform.networks.status("city").nodes if node.pid}:
        os.kill(pid, signal.SIGKILL)
    desk.until(lambda: city.platform.networks.status("city").state == "stopped")
    desk.bot.mouseClick(tab.call_button, Qt.MouseButton.LeftButton)
    desk.settle(60000)
    assert desk.window.isVisible()
    assert "没有应答" in said(tab.answer)
    desk.go("networks")
    assert "停止" in said(desk.window.page)
    node = desk.window.page.view.status.nodes[0].name
    desk.go(f"networks/city/node/{node}")
    assert "账本和证书都在" in said(desk.window.inspector)
    desk.press_header("start")
    desk.settle(60000)
    desk.no_error()
    assert city.platform.networks.status("city").state == "running"
    desk.go("contracts/copyright/call")
    desk.bot.mouseClick(tab.call_button, Qt.MouseButton.LeftButton)
    desk.settle(30000)
    assert "没有应答" not in said(tab.answer)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/dev/full is Linux's")
def test_an_export_onto_a_full_disk_says_so(desk: Any, monkeypatch: Any) -> None:
    """The system itself refuses the bytes."""
    desk.go("networks")
    page = desk.window.page
    name = desk.window.context.network
    desk.go(f"networks/{name}/logs/{page.view.status.nodes[0].name}")
    monkeypatch.setattr("console.pages.network.logs.save_file", lambda *a: "/dev/full")
    page.logs._lines = ["line"]
    desk.press("导出日志", page.logs)
    desk.settle()
    assert page.banner.isVisible()
    assert "磁盘" in page.banner.message.text()
    assert page.banner.hint.text()
    page.banner.hide()


def test_a_full_disk_stops_a_build_which_then_goes_on(empty_desk: Any, monkeypatch: Any) -> None:
    desk = empty_desk
    desk.go("networks/new")
    wizard = desk.window.page.wizard
    for _ in range(4):
        desk.press_header("next")
        desk.settle()
    real = os.fsync
    left = [6]

    def full(descriptor: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    monkeypatch.setattr("os.fsync", full)
    desk.press_header("next")
    desk.settle(60000)
    monkeypatch.undo()
    assert "磁盘" in said(wizard.build)
    assert "停在第" in said(wizard.build)
    desk.press("重试", wizard.build)
    desk.settle(60000)
    assert desk.platform.networks.status("city").state == "running"


def test_a_locked_keystore_is_unlocked_where_it_is_missing(empty_desk: Any) -> None:
    """Issuing while locked: the dialog says so and offers to unlock; then the same button issues."""
    desk = empty_desk
    platform = desk.platform
    platform.networks.up(platform.networks.template("single", name="one", runtime="embedded"))
    desk.window.context.choose_network("one")
    platform.keystore.set_passphrase("correct horse battery")
    platform.keystore.lock()
    desk.go("identities")
    messages: list[str] = []

    def unlock(dialog: Any) -> None:
        dialog.findChild(Form).fields["passphrase"].set_value("correct horse battery")
        desk.bot.keyClick(dialog.accept_button, RETURN)

    def issue(dialog: Any) -> None:
        form = dialog.findChild(Form)
        form.fields["name"].set_value("late")
        desk.bot.keyClick(dialog.accept_button, RETURN)
        desk.until(dialog.banner.isVisible)
        messages.append(dialog.banner.message.text())
        desk.answer_over(unlock, dialog)
        desk.press("解锁", dialog)
        desk.until(lambda: not platform.keystore.locked)
        desk.bot.keyClick(dialog.accept_button, RETURN)
        desk.until(lambda: not dialog.isVisible())

    desk.answer(issue)
    desk.press_header("issue")
    desk.settle()
    assert "已锁定" in messages[0]
    msp = platform.networks.spec("one").organizations[0].msp_id
    assert platform.identities.get(f"{msp}/late").state == "valid"


def test_a_cancelled_deployment_leaves_the_page_as_it_was_and_goes_on(empty_desk: Any) -> None:
    desk = empty_desk
    platform = desk.platform
    platform.networks.up(platform.networks.template("city", name="city", runtime="embedded"))
    desk.window.context.choose_network("city")
    desk.go("contracts")
    page = desk.window.page
    line = next(one for one in page.lines if one.name == "copyright")
    from console.pages.contracts.deploy import ask_template

    def deploy(dialog: Any) -> None:
        desk.until(dialog.accept_button.isEnabled)
        desk.bot.keyClick(dialog.accept_button, RETURN)

    desk.answer(deploy)
    ask_template(page, line)
    view = desk.window.tasks.jobs[-1]
    view.cancel()
    desk.settle(60000)
    assert view.state in {"cancelled", "done"}
    desk.no_error()
    desk.answer(deploy)
    ask_template(page, line)
    desk.settle(60000)
    desk.no_error()
    assert platform.contracts.committed("city", "copyright").sequence == 1


def test_a_load_that_fails_is_not_told_as_a_missing_contract(desk: Any, monkeypatch: Any) -> None:
    """Whatever keeps an application's page from loading is said with its own words and 重试."""
    from apps.health_slots.ui.page import SlotsPage
    from network.errors import NotFound
    from network.text import Text

    page = SlotsPage(desk.window.context)

    def fails(platform: Any, network: str) -> Any:
        raise NotFound(Text("本工作区没有身份。", "No identity here."), code="no_identity")

    monkeypatch.setattr(page, "read_service", fails)
    page.refresh()
    desk.settle()
    assert page.stack.currentWidget() is not page.missing or not page.banner.isHidden()
    assert page.banner.message.text() == "本工作区没有身份。"
    assert not page.banner.retry.isHidden()
    page.deleteLater()
