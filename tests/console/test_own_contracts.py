"""A contract of one's own by clicks: from the template, changed, upgraded; a service in another language; refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from baas.services.contract_template import write_contract
from baas.services.own_contracts import OwnContract
from console.pages.contracts.own import OwnContractDialog, next_version
from network.errors import CityChainError
from tests.baas.test_own_contracts import free_port
from tests.console.test_accessibility import unnamed
from tests.console.test_pages_contracts import call
from tests.interop.test_node_contract import NodeContract, contract_folder

official_shim = contract_folder


@pytest.fixture
def single(tmp_path: Path, make_desk: Any) -> Any:
    from baas.platform import Platform

    platform = Platform.open(tmp_path / "single")
    platform.networks.up(platform.networks.template("single", name="one", runtime="embedded"))
    yield make_desk(platform)
    platform.networks.destroy("one")
    platform.close()


def test_from_the_template_to_a_call_in_six_clicks(single: Any, tmp_path: Path, monkeypatch: Any) -> None:
    """Counted: the page, the button, the folder's two, the template's button is one of them, deploy."""
    desk, clicks = single, 0
    folder = tmp_path / "things"
    folder.mkdir()
    monkeypatch.setattr("console.pages.contracts.own.QFileDialog.getExistingDirectory", lambda *a: str(folder))
    desk.go("contracts")  # the rail's entry
    clicks += 1

    def deploy(dialog: OwnContractDialog) -> None:
        nonlocal clicks
        assert not dialog.accept_button.isEnabled()
        assert dialog.reason.text()
        assert unnamed(dialog) == []
        desk.press("从模板开始", dialog)
        clicks += 2  # and the choice in the system's own dialog
        desk.until(dialog.accept_button.isEnabled)
        assert (dialog.form["name"], dialog.form["version"]) == ("things", "1.0.0")
        desk.press("部署", dialog)
        clicks += 1

    desk.answer(deploy)
    desk.press_header("own")
    clicks += 1
    desk.settle(60000)
    desk.no_error()
    assert clicks <= 6
    assert desk.window.address == "contracts/things/call"
    assert desk.platform.contracts.committed("one", "things").sequence == 1
    tab = call(desk, "Create", thing_id="A-1", description="自行车", value="900")
    assert tab.answer.isVisible()
    assert b"900" in desk.platform.contracts.query("one", "things", "Read", ["A-1"]).payload
    _upgrade(desk, folder)


def _upgrade(desk: Any, folder: Path) -> None:
    """Edited sources: first reloaded as they are, then agreed on as the next version."""
    source = folder / "contract.py"
    tab = desk.window.page.call
    desk.press("随源码重载", tab)
    seen: list[str] = []
    tab.watch.reloaded.connect(seen.append)
    source.write_text(source.read_text("utf-8").replace("there is no", "gone is"), "utf-8")
    tab.watch.look()
    desk.until(lambda: seen == ["things"])
    desk.settle()
    desk.press("停止重载", tab)

    def upgrade(dialog: OwnContractDialog) -> None:
        desk.until(dialog.accept_button.isEnabled)
        assert dialog.form["version"] == "1.0.1"
        assert not dialog.form.fields["name"].isEnabled()
        desk.press("升级", dialog)

    desk.answer(upgrade)
    desk.press_header("upgrade")
    desk.settle(60000)
    desk.no_error()
    found = desk.platform.contracts.committed("one", "things")
    assert (found.sequence, found.version) == (2, "1.0.1")


def test_a_refusal_stands_in_the_dialog_with_its_rule(single: Any, tmp_path: Path) -> None:
    desk = single
    source = write_contract("strict", tmp_path / "strict")
    desk.go("contracts")

    def refuse(dialog: OwnContractDialog) -> None:
        dialog.place.fields["source"].set_value(str(source))
        desk.until(dialog.accept_button.isEnabled)
        dialog.form.fields["policy"].set_value("OR('Nope.peer')")
        desk.press("部署", dialog)
        desk.until(dialog.banner.isVisible)
        assert "Nope" in dialog.banner.message.text()
        assert ".peer" in dialog.banner.hint.text()
        assert dialog.form["policy"] == "OR('Nope.peer')"
        desk.until(dialog.accept_button.isEnabled)
        (source / "contract.py").write_text("def broken(:\n", "utf-8")
        dialog.place.fields["source"].set_value(str(source) + "/")
        desk.until(lambda: not dialog.accept_button.isEnabled() and dialog.reason.text() == "合约还不能载入")
        dialog.kind.choose("address")
        dialog.place.fields["address"].set_value("http://x:1")
        desk.until(lambda: dialog.reason.text() == "服务地址不正确")
        dialog.place.fields["address"].set_value("127.0.0.1:9")
        desk.until(lambda: dialog._package_id.startswith("strict_1.0.0:"))
        dialog.form.fields["policy"].set_value("/Channel/Application/Endorsement")
        desk.press("部署", dialog)
        desk.until(dialog.banner.isVisible, 30000)
        assert "没有程序在监听" in dialog.banner.message.text()
        assert dialog._package_id in dialog.banner.hint.text().replace("\u200b", "")
        dialog.reject()

    desk.answer(refuse)
    desk.press_header("own")
    desk.settle(30000)
    assert desk.platform.contracts.committed("one", "strict") is None


@pytest.mark.parametrize(
    ("version", "after"), [("1.0.0", "1.0.1"), ("1.9", "1.10"), ("v2-beta", "v3-beta"), ("x", "x.1")]
)
def test_the_next_version(version: str, after: str) -> None:
    assert next_version(version) == after


def _deploy_by_dialog(desk: Any, kind: str, place: str, value: str, **fields: str) -> None:
    """Through the dialog: choose the kind, say where, fill in what is not suggested, press the button."""
    desk.go("contracts")

    def fill(dialog: OwnContractDialog) -> None:
        dialog.kind.choose(kind)
        dialog.place.fields[place].set_value(value)
        for key, text in fields.items():
            dialog.form.fields[key].set_value(text)
        desk.until(dialog.accept_button.isEnabled)
        desk.press("部署", dialog)
        desk.until(lambda: not dialog.isVisible() or dialog.banner.isVisible(), 90_000)
        assert not dialog.isVisible(), dialog.banner.message.text() + dialog.reason.text()

    desk.answer(fill)
    desk.press_header("own")
    desk.settle(90_000)
    desk.no_error()


@pytest.mark.e2e
def test_ours_on_real_fabric(tmp_path: Path, make_desk: Any) -> None:
    """A Python folder by clicks on the official programs: deployed, called, upgraded."""
    from baas.platform import Platform
    from tests.e2e.running import require_fabric

    with Platform.open(tmp_path / "native") as platform:
        spec = platform.networks.template("single", name="real", runtime="native")
        require_fabric(spec.fabric_version)
        platform.networks.up(spec)
        try:
            desk = make_desk(platform)
            source = write_contract("things", tmp_path / "things")
            _deploy_by_dialog(desk, "python", "source", str(source))
            call(desk, "Create", thing_id="A-1", description="船", value="5")
            assert b"5" in platform.contracts.query("real", "things", "Read", ["A-1"]).payload
            text = (source / "contract.py").read_text("utf-8")
            (source / "contract.py").write_text(text.replace("there is no", "gone is"), "utf-8")

            def upgrade(dialog: OwnContractDialog) -> None:
                desk.until(dialog.accept_button.isEnabled)
                desk.press("升级", dialog)
                desk.until(lambda: not dialog.isVisible() or dialog.banner.isVisible(), 90_000)

            desk.answer(upgrade)
            desk.press_header("upgrade")
            desk.settle(90_000)
            desk.no_error()
            assert platform.contracts.committed("real", "things").version == "1.0.1"
            with pytest.raises(CityChainError, match="gone is"):
                platform.contracts.query("real", "things", "Read", ["A-2"])
        finally:
            platform.networks.destroy("real")


@pytest.mark.interop
def test_a_contract_on_the_official_shim_by_clicks(single: Any, official_shim: Path) -> None:
    """Another language's contract as a service; this one does not describe itself, so functions are called by name."""
    desk = single
    address = f"127.0.0.1:{free_port()}"
    contracts = desk.platform.contracts
    own = OwnContract("assets", "1.0.0", "address", address=address)
    process = NodeContract(official_shim, address, contracts.own_package_id("one", own))
    process.start()
    try:
        _deploy_by_dialog(desk, "address", "address", address, name="assets")
        tab = desk.window.page.call
        assert [(function.name, function.submit) for function in tab.model.rows] == [("", False), ("", True)]
        tab.table.choose(1)
        tab.form.fields["function"].set_value("Put")
        tab.form.fields["arguments"].set_value("a\n一")
        desk.press("提交交易", tab)
        desk.settle(30_000)
        assert contracts.query("one", "assets", "Get", ["a"]).payload.decode() == "一"
    finally:
        process.stop()
