"""When things go wrong the window stays alive, says what happened and offers the next step."""

from __future__ import annotations

import errno
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from baas.events import NetworkChanged
from console.widgets.basic import Label
from network.errors import Unavailable, UserError
from network.text import Text


def said(widget: Any) -> str:
    return " ".join(label.text() for label in widget.findChildren(Label) if label.isVisible())


def test_the_embedded_process_is_killed_and_started_again(fresh_city: Any, make_desk: Any) -> None:
    city = fresh_city()
    desk = make_desk(city.platform)
    pids = {node.pid for node in city.platform.networks.status("city").nodes if node.pid}
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    desk.until(lambda: city.platform.networks.status("city").state == "stopped")
    desk.go("overview")
    desk.until(lambda: "网络已停止" in said(desk.window.page) and desk.window.tasks.idle)
    assert "账本和密钥都在" in said(desk.window.page)
    desk.press("启动网络")
    desk.settle(60000)
    assert city.platform.networks.status("city").state == "running"
    desk.until(lambda: "网络已停止" not in said(desk.window.page))
    desk.go("ledger")
    desk.no_error()


def test_a_page_whose_network_is_gone_says_so_and_offers_to_try_again(desk: Any, monkeypatch: Any) -> None:
    explorer = type(desk.platform.explorer)

    def gone(self: Any, *args: Any, **kwargs: Any) -> Any:
        raise Unavailable(
            Text("网络没有应答。", "The network does not answer."), Text("请检查连接。", "Check the connection.")
        )

    monkeypatch.setattr(explorer, "transactions", gone)
    desk.go("ledger/transactions")  # the page keeps the tab of its last visit
    banner = desk.window.page.banner
    assert banner.isVisible()
    assert banner.message.text() == "网络没有应答。"
    assert banner.hint.text() == "请检查连接。"
    desk.bot.mouseClick(banner.copy, Qt.MouseButton.LeftButton)
    from PySide6.QtGui import QGuiApplication

    assert "unavailable" in QGuiApplication.clipboard().text()
    monkeypatch.undo()
    desk.bot.mouseClick(banner.retry, Qt.MouseButton.LeftButton)
    desk.settle()
    assert not banner.isVisible()
    assert desk.window.page.transactions.model.rowCount() > 0


def test_a_full_disk_ends_a_job_with_one_sentence(desk: Any) -> None:
    def work(*, ctx: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "/somewhere/file")

    desk.go("overview")
    desk.window.context.job(work, title=Text("导出", "Export"))
    desk.settle()
    assert desk.window.banner.isVisible()
    assert "磁盘" in desk.window.banner.message.text()
    assert desk.window.banner.hint.text()
    assert desk.window.notices.kept[0].state == "bad"
    desk.window.show_jobs()
    assert "没有完成" in said(desk.window.inspector)


def test_a_cancelled_job_is_no_error(desk: Any) -> None:
    def work(*, ctx: Any) -> None:
        for n in range(10_000):
            ctx.check_cancelled()
            ctx.progress(n, 10_000)
            time.sleep(0.002)

    desk.go("overview")
    view = desk.window.context.job(work, title=Text("长任务", "Long job"))
    desk.window.show_jobs()
    desk.until(lambda: view.job is not None and view.job.state == "running")
    desk.until(
        lambda: (
            "取消任务"
            in [
                b.text()
                for b in desk.window.inspector.findChildren(type(desk.button("取消任务", desk.window.inspector)))
            ]
        )
    )
    desk.press("取消任务", desk.window.inspector)
    desk.until(lambda: not view.running)
    assert view.state == "cancelled"
    assert not desk.window.banner.isVisible()
    assert "已取消" in desk.window.notices.kept[0].text


def test_an_unforeseen_error_is_called_ours_and_has_details(desk: Any, caplog: Any) -> None:
    def work(*, ctx: Any) -> None:
        raise KeyError("surprise")

    desk.go("overview")
    desk.window.context.job(work, title=Text("意外", "Surprise"))
    desk.settle()
    assert "缺陷" in desk.window.banner.message.text()
    assert "KeyError" in desk.window.banner._details


def test_a_locked_keystore_asks_for_its_passphrase_and_goes_on(empty_desk: Any) -> None:
    desk = empty_desk
    keystore = desk.platform.keystore
    keystore.put("first", b"key")
    keystore.set_passphrase("correct horse battery")
    desk.window.toggle_lock()
    assert keystore.locked
    assert desk.window.rail.lock.accessibleName() == "解锁密钥库"

    def needs_key(*, ctx: Any) -> bytes:
        return bytes(keystore.get("first"))

    tries: list[str] = []

    def unlock(dialog: Any) -> None:
        from console.widgets.forms import Form

        field = dialog.findChild(Form).fields["passphrase"]
        for word in ("wrong wrong", "correct horse battery"):
            field.editor.setText(word)
            desk.bot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)
            tries.append(field.error)

    desk.answer(unlock)
    desk.window.context.job(needs_key, title=Text("签名", "Sign"))
    desk.until(lambda: len(tries) == 2)
    desk.settle()
    assert tries[0] == "口令不正确。"
    assert not keystore.locked
    assert "correct horse" not in Path(desk.platform.workspace.folder / "citychain.db").read_bytes().decode("latin-1")


def shut(console: Any) -> None:
    """End a console and its window, which would stay open beside those of later tests."""
    window = console.window
    console.close()
    window.close()
    window.deleteLater()


def test_a_folder_that_is_no_workspace_is_said_in_the_window(qapp: Any, qtbot: Any, tmp_path: Path) -> None:
    from console.app import Console

    (tmp_path / "workspace").mkdir()
    (tmp_path / "workspace" / "diary.txt").write_text("private")
    console = Console(qapp, lang="zh", mode="light")
    window = console.show()
    console.open(tmp_path / "workspace")
    qtbot.waitUntil(window.banner.isVisible, timeout=20000)
    assert window.banner.retry.isVisible()
    assert window.banner.message.text()
    (tmp_path / "workspace" / "diary.txt").unlink()
    qtbot.mouseClick(window.banner.retry, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: console.platform is not None, timeout=20000)
    window.settle()
    assert not window.banner.isVisible()
    shut(console)


def test_a_window_opens_beside_another_program_and_hears_what_it_does(qapp: Any, qtbot: Any, tmp_path: Path) -> None:
    from baas.platform import Platform
    from console.app import Console
    from network.plan import NetworkState
    from network.topology import template

    with Platform.open(tmp_path / "workspace") as other:
        console = Console(qapp, lang="zh", mode="light")
        console.show()
        console.open(tmp_path / "workspace")
        qtbot.waitUntil(lambda: console.platform is not None, timeout=20000)
        assert console.platform is not None
        heard: list[str] = []
        console.platform.events.subscribe(NetworkChanged, lambda event: heard.append(f"{event.network} {event.what}"))
        qtbot.waitUntil(lambda: console.platform.networks._seen is not None, timeout=20000)
        spec = template("single", network_name="lone")
        NetworkState(phase="building", wanted=spec).save(other.workspace.path("networks", "lone"))
        qtbot.waitUntil(lambda: "lone elsewhere" in heard, timeout=20000)
        shut(console)


@pytest.mark.parametrize(
    "address",
    ["contracts/no-such-contract", "ledger/tx/ffff", "copyright/work/none", "networks/none", "ledger/block/99999999"],
)
def test_addresses_that_lead_nowhere_harm_nothing(desk: Any, address: str) -> None:
    desk.go(address)
    assert desk.window.isVisible()
    desk.window.page.banner.hide()
    desk.go("overview")
    desk.no_error()


def test_an_error_of_the_wrong_kind_in_a_listener_does_not_stop_events(desk: Any) -> None:
    from baas.events import NetworkChanged

    desk.go("overview")
    desk.platform.events.publish(NetworkChanged("nowhere", "changed"))
    desk.settle()
    desk.no_error()


def test_user_errors_keep_the_dialog_open(desk: Any) -> None:
    """Issuing a name that is taken: the dialog says so and stays, nothing is issued twice."""
    from console.widgets.forms import Form

    desk.go("identities")
    label = desk.platform.identities.ensure("DataBureauMSP", "taken", "auditor")
    before = desk.platform.identities.get(label).serial
    messages: list[str] = []

    def issue(dialog: Any) -> None:
        form = dialog.findChild(Form)
        form.fields["msp"].set_value("DataBureauMSP")
        form.fields["name"].set_value("taken")
        desk.bot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)
        desk.bot.waitUntil(dialog.banner.isVisible, timeout=20000)
        messages.append(dialog.banner.message.text())
        dialog.reject()

    desk.answer(issue)
    desk.press_header("issue")
    desk.settle()
    assert "taken" in messages[0]
    assert desk.platform.identities.get(label).serial == before
    assert UserError.exit_code == 2


def test_a_refusal_before_the_ledger_says_which_peer_refused_and_why(desk: Any) -> None:
    desk.go("overview")
    contracts, network = desk.platform.contracts, desk.window.context.network
    read: list[str] = []

    def look(dialog: Any) -> None:
        read.append(said(dialog))
        dialog.reject()

    desk.window.context.job(
        lambda ctx: contracts.invoke(network, "copyright", "NoSuchFunction"), title=Text("调用", "Call")
    )
    desk.settle()
    assert desk.window.banner.why.isVisible()
    desk.answer(look)
    desk.press("为什么", desk.window.banner)
    desk.until(lambda: read)
    assert "MSP" in read[0] and "NoSuchFunction" in read[0]
    assert "没有写上账本" in read[0]


def test_a_machine_without_chinese_characters_is_told_so_in_letters_that_it_has(
    qapp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from console.app import Console

    console = Console(qapp, lang="zh", mode="light")
    window = console.show()
    monkeypatch.setattr("console.theme.shows_chinese", lambda: True)
    console.tell_of_missing_font()
    assert "fonts-noto-cjk" not in said(window)
    monkeypatch.setattr("console.theme.shows_chinese", lambda: False)
    console.tell_of_missing_font()
    assert "no font with Chinese characters" in said(window) and "apt install fonts-noto-cjk" in said(window)
    console.close()
