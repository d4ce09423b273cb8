"""The network page, clicked through to the ledger: grow, change with signatures of others, interrupt, attach."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from baas.platform import Platform
from console.widgets.basic import Label
from network.errors import CityChainError

RETURN = Qt.Key.Key_Return


def said(widget: Any) -> str:
    return " ".join(label.text() for label in widget.findChildren(Label) if label.isVisible())


def menu(desk: Any, action: str, words: str) -> None:
    """Choose an entry of a header button's menu."""
    found = next(one for one in desk.window.page.header_actions if one.id == action)
    run = next(run for text, run in found.menu if words in text)
    run()


@pytest.fixture
def bare(tmp_path: Path, make_desk: Any) -> Iterator[Any]:
    """A window on a running embedded city without contracts."""
    platform = Platform.open(tmp_path / "bare")
    platform.networks.up(platform.networks.template("city", name="city", runtime="embedded"))
    yield make_desk(platform)
    platform.networks.destroy("city")
    platform.close()


def test_a_running_network_grows_by_peer_orderer_and_organisation(bare: Any) -> None:
    desk, networks = bare, bare.platform.networks
    desk.go("networks")

    def choose(msp: str) -> Any:
        def use(dialog: Any) -> None:
            from console.widgets.forms import Form

            dialog.findChild(Form).fields["msp"].set_value(msp)
            desk.bot.keyClick(dialog.accept_button, RETURN)

        return use

    desk.answer(choose("HealthMSP"))
    menu(desk, "grow", "记账节点")
    desk.settle(60000)
    desk.no_error()
    desk.answer(choose("CopyrightMSP"))
    menu(desk, "grow", "排序节点")
    desk.settle(60000)
    desk.no_error()

    def join(dialog: Any) -> None:
        from console.widgets.forms import Form

        form = dialog.findChild(Form)
        assert not dialog.accept_button.isEnabled()
        form.fields["title"].set_value("第二人民医院")
        desk.bot.keyClicks(form.fields["msp"].editor, "HospitalBMSP")
        form.fields["peers"].set_value(2)
        desk.bot.keyClick(dialog.accept_button, RETURN)

    desk.answer(join)
    menu(desk, "grow", "组织")
    desk.settle(60000)
    desk.no_error()
    nodes = {n.name: n for n in networks.status("city").nodes}
    assert all(n.state == "running" for n in nodes.values())
    assert sum(n.msp_id == "HealthMSP" for n in nodes.values()) == 2
    assert sum(n.kind == "orderer" for n in nodes.values()) == 2
    assert sum(n.msp_id == "HospitalBMSP" for n in nodes.values()) == 2
    config = desk.platform.changes.configuration("city")
    assert "HospitalBMSP" in {o.msp_id for o in config.organizations}
    assert len(config.consenters) == 2
    heights = {n.height for n in nodes.values() if n.kind == "peer"}
    assert len(heights) == 1
    desk.platform.contracts.deploy("city", "copyright")
    desk.go("networks")
    assert "第二人民医院" in said(desk.window.page) or "HospitalBMSP" in {
        o.id for o in desk.window.page.topology.picture._topology.organizations
    }


def test_a_change_collects_signatures_from_another_workspace(bare: Any, tmp_path: Path, monkeypatch: Any) -> None:
    """Two administrators are elsewhere: the change waits, is exported, reviewed and signed there, and put in force."""
    from network.profile import export_profile

    desk, platform = bare, bare.platform
    handle = platform.networks.handle("city")
    theirs = handle.authority("HospitalMSP").person("admin")
    export_profile(handle, "HospitalMSP", tmp_path / "hospital.json")
    for msp in ("HealthMSP", "HospitalMSP"):
        platform.keystore.remove(f"city/{msp}/admin")
    request, no, signed = (tmp_path / f"{name}.ccsig" for name in ("request", "no", "signed"))
    targets = iter([str(request), str(no), str(signed)])
    monkeypatch.setattr("console.pages.network.inbox.save_file", lambda *a: next(targets))

    # the first organisation proposes: a policy that needs most administrators
    desk.go("networks/city/config")

    def agree(dialog: Any) -> None:
        assert "ANY Admins" in said(dialog)
        desk.bot.keyClick(dialog.accept_button, RETURN)

    page = desk.window.page
    rows = [path for path, _ in page.config.policies.rows]
    page.config.table.choose(rows.index("/Channel/Application/Writers"))

    def write(dialog: Any) -> None:
        from console.widgets.forms import Form

        dialog.findChild(Form).fields["rule"].set_value("ANY Admins")
        desk.answer_over(agree, dialog)
        desk.bot.keyClick(dialog.accept_button, RETURN)

    desk.answer(write)
    desk.press("更改策略", page.config)
    desk.settle(60000)
    desk.no_error()
    assert page.tab == "inbox"
    (waiting,) = page.inbox.waiting_updates
    update, found = waiting
    assert set(update.signers) == {"DataBureauMSP", "CopyrightMSP"}
    assert [(c.before, c.after) for c in found.changes] == [("ANY Writers", "ANY Admins")]
    assert "HospitalMSP 待签" in " ".join(w.accessibleName() for w in page.findChildren(_status()))
    desk.press("导出请求", page.inbox)
    desk.settle()
    assert request.exists()

    with Platform.open(tmp_path / "elsewhere") as elsewhere:
        elsewhere.exchange.attach(
            tmp_path / "hospital.json", "city-net", theirs.certificate_pem, theirs.private_key_pem
        )
        other = desk.open_other(elsewhere)
        other.go("networks/city-net/inbox")

        def refuse(dialog: Any) -> None:
            from console.widgets.forms import Form

            dialog.findChild(Form).fields["why"].set_value("先开会")
            other.press("拒绝并保存", dialog)

        other.answer(refuse)
        other.window.page.inbox.sign(request)
        other.settle()
        other.no_error()

        def sign(dialog: Any) -> None:
            assert "ANY Admins" in said(dialog)
            other.bot.keyClick(dialog.accept_button, RETURN)

        other.answer(sign)
        other.window.page.inbox.sign(request)
        other.settle()
        other.no_error()
        other.close()
    assert signed.exists()

    page.inbox.take([no])
    desk.settle()
    desk.no_error()
    assert "HospitalMSP/admin: 先开会" in page.inbox.waiting_updates[0][0].refused
    assert "先开会" in " ".join(w.accessibleName() for w in page.findChildren(_status()))
    page.inbox.take([signed])
    desk.settle()
    desk.no_error()
    assert page.inbox.waiting_updates[0][0].refused == ()
    assert "HospitalMSP" in page.inbox.waiting_updates[0][0].signers
    desk.press("提交更改", page.inbox)
    desk.settle(60000)
    desk.no_error()
    assert platform.changes.configuration("city").policies["/Channel/Application/Writers"] == "ANY Admins"
    assert platform.changes.pending("city") == ()


def test_a_waiting_change_can_be_withdrawn(bare: Any) -> None:
    """Another policy waits for signatures; given up, the network is as it was and may change again."""
    from baas.services.growth import set_policy

    desk, platform = bare, bare.platform
    kept = {msp: platform.keystore.get(f"city/{msp}/admin") for msp in ("HealthMSP", "HospitalMSP")}
    for msp in kept:
        platform.keystore.remove(f"city/{msp}/admin")
    before = platform.networks.spec("city")
    with pytest.raises(CityChainError) as waits:
        platform.networks.up(set_policy(before, "citychannel", "writers", "ANY Admins"))
    assert waits.value.code == "signatures_missing"
    desk.go("networks/city/inbox")
    page = desk.window.page
    assert [(c.before, c.after) for c in page.inbox.waiting_updates[0][1].changes] == [("ANY Writers", "ANY Admins")]
    desk.answer(lambda dialog: desk.bot.keyClick(dialog.accept_button, RETURN))
    desk.press("放弃这项更改", page.inbox)
    desk.settle(60000)
    desk.no_error()
    assert page.inbox.waiting_updates == ()
    assert platform.networks.state("city").phase == "ready"
    assert platform.networks.spec("city") == before
    assert platform.changes.configuration("city").policies["/Channel/Application/Writers"] == "ANY Writers"
    for msp, key in kept.items():
        platform.keystore.put(f"city/{msp}/admin", key)


def _status() -> Any:
    from console.widgets.basic import Status

    return Status


def test_a_file_that_is_no_request_is_refused(desk: Any, tmp_path: Path) -> None:
    desk.go("networks")
    name = desk.window.context.network
    desk.go(f"networks/{name}/inbox")
    wrong = tmp_path / "wrong.ccsig"
    wrong.write_bytes(b"\x0a\xff\xff\xff\xff\x0f nothing")
    desk.window.page.inbox.sign(wrong)
    desk.settle()
    assert desk.window.page.banner.isVisible()
    assert "wrong.ccsig" in desk.window.page.banner.message.text()
    desk.window.page.banner.hide()


def test_a_cancelled_build_goes_on_where_it_stopped(empty_desk: Any) -> None:
    desk = empty_desk
    desk.go("networks/new")
    wizard = desk.window.page.wizard
    for _ in range(4):
        desk.press_header("next")
        desk.settle()
    assert wizard.plan.count.text()
    desk.press_header("next")
    view = wizard.build.view
    desk.until(lambda: view.job is not None and len(view.job.steps) > 2)
    desk.press_header("cancel")
    desk.settle(30000)
    assert view.state == "cancelled"
    assert "已取消" in said(wizard.build)
    assert "启动内置账本" in said(wizard.build)
    desk.press_header("later")
    desk.settle()
    assert desk.platform.networks.state("city").phase == "building"
    desk.go("networks/city")
    desk.no_error()
    desk.press_header("resume")
    desk.settle(60000)
    assert desk.platform.networks.status("city").state == "running"
    assert desk.window.address == "networks/city"


def test_attach_by_the_form_to_a_running_network(city: Any, empty_desk: Any, tmp_path: Path) -> None:
    """The profile is exported by the page of the one workspace and attached by the form of another."""
    from network.profile import export_profile

    handle = city.platform.networks.handle(city.network)
    person = handle.authority("CopyrightMSP").person("admin")
    files = {"profile": tmp_path / "theirs.json", "certificate": tmp_path / "c.pem", "key": tmp_path / "k.pem"}
    export_profile(handle, "CopyrightMSP", files["profile"])
    files["certificate"].write_bytes(person.certificate_pem)
    files["key"].write_bytes(person.private_key_pem)
    desk = empty_desk
    desk.go("networks/attach")
    view = desk.window.page.attach
    for key, path in files.items():
        view.take(key, path)
    view.form.fields["name"].set_value("theirs")
    desk.bot.keyClick(desk.window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    desk.settle(60000)
    assert desk.window.address == "networks/theirs"
    desk.no_error()
    assert {d.name for d in desk.platform.contracts.list("theirs")} >= {"copyright"}
    assert "stop" not in desk.window.header.buttons
    result = desk.platform.contracts.query("theirs", "copyright", "org.hyperledger.fabric:GetMetadata")
    assert result.payload
