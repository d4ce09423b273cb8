"""The wizard and the attach form with real Fabric programs and containers; skipped, with the reason, elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from console.widgets.basic import Label, Status

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
BUILD_MS = 420_000


def said(widget: Any) -> str:
    labels = [label.text() for label in widget.findChildren(Label) if label.isVisible()]
    return " ".join([*labels, *(s.accessibleName() for s in widget.findChildren(Status) if s.isVisible())])


def build(desk: Any, runtime: str, name: str) -> None:
    """Through the wizard by keyboard: the single template on `runtime`; skips with the wizard's own reason."""
    desk.go("networks/new")
    wizard = desk.window.page.wizard
    desk.bot.keyClick(wizard.steps[0].options["single"], Qt.Key.Key_Space)
    wizard.steps[0].form.fields["name"].set_value(name)
    for at in (1, 2):
        desk.bot.keyClick(desk.window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
        desk.settle()
        assert wizard.at == at, wizard.banner.message.text()
    step = wizard.steps[2]
    desk.settle(60_000)
    if not step._available[runtime]:
        reason = said(step.options[runtime])
        assert reason
        pytest.skip(f"{runtime}: {reason}")
    desk.bot.keyClick(step.options[runtime], Qt.Key.Key_Space)
    assert wizard.draft.runtime == runtime
    for at in (3, 4):
        desk.bot.keyClick(desk.window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
        desk.settle()
        assert wizard.at == at, wizard.banner.message.text()
    desk.bot.keyClick(desk.window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    desk.settle(BUILD_MS)
    error = wizard.build._error if desk.window.page.wizard is not None else None
    assert error is None, str(error)
    assert desk.window.address == f"networks/{name}"
    assert desk.platform.networks.status(name).state == "running"


def test_wizard_to_native_then_grow_then_attach_from_another_workspace(
    empty_desk: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    """Real peers and orderers by the wizard; a peer is added by the page; another workspace attaches by its form."""
    from baas.platform import Platform
    from console.widgets.forms import Form

    desk = empty_desk
    build(desk, "native", "real")
    networks = desk.platform.networks
    spec = networks.spec("real")
    msp = spec.organizations[0].msp_id
    desk.platform.jobs.run(
        desk.platform.contracts.deploy, "real", "copyright", policy=f"OR('{msp}.peer')", collections=[]
    )

    def add(dialog: Any) -> None:
        dialog.findChild(Form).fields["msp"].set_value(msp)
        desk.bot.keyClick(dialog.accept_button, Qt.Key.Key_Return)

    desk.go("networks/real")
    before = len(networks.status("real").nodes)
    for words in ("记账节点", "排序节点"):
        desk.answer(add)
        grow = next(one for one in desk.window.page.header_actions if one.id == "grow")
        next(run for text, run in grow.menu if words in text)()
        desk.settle(BUILD_MS)
        desk.no_error()
    nodes = networks.status("real").nodes
    assert len([n for n in nodes if n.kind in {"peer", "orderer"}]) >= before
    assert sum(n.kind == "peer" for n in nodes) == 2
    assert sum(n.kind == "orderer" for n in nodes) == 2
    assert all(n.state == "running" for n in nodes)

    profile = tmp_path / "real.json"
    monkeypatch.setattr("console.pages.network.export.save_file", lambda *a: str(profile))
    export = next(one for one in desk.window.page.header_actions if one.id == "export")
    export.menu[0][1]()
    desk.settle()
    desk.no_error()
    person = networks.handle("real").authority(msp).person("admin")
    (tmp_path / "c.pem").write_bytes(person.certificate_pem)
    (tmp_path / "k.pem").write_bytes(person.private_key_pem)
    with Platform.open(tmp_path / "elsewhere") as elsewhere:
        other = desk.open_other(elsewhere)
        other.go("networks/attach")
        view = other.window.page.attach
        for key, path in (("profile", profile), ("certificate", tmp_path / "c.pem"), ("key", tmp_path / "k.pem")):
            view.take(key, path)
        view.form.fields["name"].set_value("theirs")
        other.press_header("attach")
        other.settle(120_000)
        assert other.window.address == "networks/theirs", view.banner.message.text()
        other.no_error()
        assert elsewhere.contracts.query("theirs", "copyright", "org.hyperledger.fabric:GetMetadata").payload
        other.close()

    desk.go("identities")
    page = desk.window.page
    record = next(r for r in page.view.records if r.kind == "tls" and r.name.startswith("peer"))
    page._inspect(record)

    def renew(dialog: Any) -> None:
        desk.until(lambda: dialog.rehearsal is not None)
        assert dialog.rehearsal.passed
        desk.bot.keyClick(dialog.accept_button, Qt.Key.Key_Return)

    desk.answer(renew)
    desk.press("续期", desk.window.inspector)
    desk.settle(BUILD_MS)
    desk.no_error()
    renewed = next(r for r in desk.platform.identities.list("real") if r.kind == "tls" and r.name == record.name)
    assert renewed.serial != record.serial
    assert networks.status("real").state == "running"


def test_wizard_to_docker(empty_desk: Any) -> None:
    build(empty_desk, "docker", "boxes")
