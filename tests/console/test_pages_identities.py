"""The identities page, clicked through to the ledger: attributes, use, revocation, renewal, files, the lock."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from console.widgets.basic import Label
from network.errors import LedgerError

RETURN = Qt.Key.Key_Return


def said(widget: Any) -> str:
    return " ".join(label.text() for label in widget.findChildren(Label) if label.isVisible())


def click(desk: Any, button: Any) -> None:
    desk.bot.mouseClick(button, Qt.MouseButton.LeftButton)


def issue(desk: Any, msp: str, name: str, role: str = "client", attributes: str = "", days: int = 365) -> None:
    """Issue by the dialog, with the keyboard where a person would type."""
    from console.widgets.forms import Form

    def fill(dialog: Any) -> None:
        form = dialog.findChild(Form)
        form.fields["msp"].set_value(msp)
        desk.bot.keyClicks(form.fields["name"].editor, name)
        form.fields["role"].set_value(role)
        form.fields["days"].set_value(days)
        form.fields["attributes"].editor.setFocus()
        desk.bot.keyClicks(form.fields["attributes"].editor, attributes)
        desk.bot.keyClick(dialog.accept_button, RETURN)

    desk.answer(fill)
    desk.press_header("issue")
    desk.settle()
    desk.no_error()


def test_attributes_use_and_revocation_by_keyboard(desk: Any) -> None:
    """Issued with attributes, the identity signs a call; revoked, the network refuses it and the list says so."""
    desk.go("identities")
    issue(desk, "HealthMSP", "zhao.min", "auditor", "department=cardiology")
    label = "HealthMSP/zhao.min"
    record = desk.platform.identities.get(label)
    assert record.attributes["department"] == "cardiology"
    network = desk.window.context.network
    contracts = desk.platform.contracts
    used = contracts.query(network, "copyright", "org.hyperledger.fabric:GetMetadata", identity=label)
    assert used.payload

    desk.go(f"identities/{label}")
    assert "cardiology" in said(desk.window.inspector)

    def revoke(dialog: Any) -> None:
        assert not dialog.accept_button.isEnabled()
        desk.bot.keyClicks(dialog.editor, "zhao.min")
        desk.bot.keyClick(dialog.accept_button, RETURN)

    desk.answer(revoke)
    button = desk.button("吊销", desk.window.inspector)
    desk.bot.keyClick(button, Qt.Key.Key_Space)
    desk.settle(30000)
    desk.no_error()
    with pytest.raises(LedgerError):
        contracts.query(network, "copyright", "org.hyperledger.fabric:GetMetadata", identity=label)
    desk.go("identities/revoked")
    rows = {row.name: row for row in desk.window.page.revoked.model.rows}
    assert rows["zhao.min"].in_force is True


def test_what_expires_soon_is_offered_for_renewal(desk: Any) -> None:
    desk.go("identities")
    issue(desk, "DataBureauMSP", "short.lived", days=10)
    label = "DataBureauMSP/short.lived"
    before = desk.platform.identities.get(label)
    assert before.state == "expiring"
    assert "30 天内到期" in " ".join(w.accessibleName() for w in _statuses(desk))

    def renew(dialog: Any) -> None:
        assert [record.label for record in dialog.chosen()] == [label]
        desk.until(dialog.accept_button.isEnabled)
        desk.bot.keyClick(dialog.accept_button, RETURN)

    desk.answer(renew)
    desk.press_header("renew")
    desk.settle(30000)
    desk.no_error()
    after = desk.platform.identities.get(label)
    assert after.serial != before.serial
    assert after.not_after - before.not_after > dt.timedelta(days=300)
    assert "renew" not in desk.window.header.buttons


def _statuses(desk: Any) -> list[Any]:
    from console.widgets.basic import Status

    return list(desk.window.page.findChildren(Status))


def test_a_node_is_rehearsed_renewed_and_followed_live(fresh_city: Any, make_desk: Any) -> None:
    city = fresh_city()
    desk = make_desk(city.platform)
    desk.go("identities")
    page = desk.window.page
    node = next(r for r in page.view.records if r.kind == "peer" and r.msp_id == "HealthMSP")
    tls = next(r for r in page.view.records if r.kind == "tls" and r.name == node.name)
    page._inspect(tls)
    titles: list[str] = []

    def renew(dialog: Any) -> None:
        desk.until(lambda: dialog.rehearsal is not None)
        found = dialog.rehearsal
        assert found.passed
        assert [step.state for step in found.steps] == ["ok", "warn"]
        desk.until(lambda: "双向验证" in said(dialog))
        desk.bot.keyClick(dialog.accept_button, RETURN)

    desk.answer(renew)
    desk.press("续期", desk.window.inspector)
    from console.pages.identities.renewal import ProgressPanel

    panel = desk.window.inspector.findChild(ProgressPanel)
    assert panel is not None
    panel._view.finished.connect(lambda: titles.extend(panel.shown()))
    desk.settle(60000)
    desk.no_error()
    assert any(node.name in title for title in titles)
    after = {r.kind: r for r in city.platform.identities.list("city", "HealthMSP") if r.name == node.name}
    assert after["tls"].serial != tls.serial
    assert after["peer"].serial == node.serial
    assert city.platform.networks.status("city").state == "running"
    assert city.platform.contracts.query("city", "copyright", "org.hyperledger.fabric:GetMetadata").payload


def trusted(ca: Any, kind: str) -> list[bytes]:
    return list(ca.tls_trust.roots if kind == "tlsca" else ca.roots)


@pytest.mark.parametrize("kind", ["ca", pytest.param("tlsca", marks=pytest.mark.slow)])
def test_an_authority_gets_a_new_key_by_clicks(fresh_city: Any, make_desk: Any, kind: Any) -> None:
    """What will be done is said before, and nothing is done until it is wanted; then the channel has both roots."""
    city = fresh_city()
    desk = make_desk(city.platform)
    authorities, handle = city.platform.authorities, city.platform.networks.handle("city")
    ca = handle.authority("HealthMSP")
    before, read = trusted(ca, kind), lambda: trusted(handle.authority("HealthMSP"), kind)
    old, words = before[0], "TLS 根证书" if kind == "tlsca" else "的新旧根证书"
    steps = [step.en for step in authorities.succession_plan("HealthMSP", "city", kind)]
    assert steps[0].startswith("Make a new key") and "Channel citychannel trusts both" in steps[1]
    assert read() == before and authorities.succession_plan("HealthMSP", "city", kind)[0].en == steps[0], (
        "only looked at"
    )
    desk.go("identities")
    page = desk.window.page
    page._inspect(next(r for r in page.view.records if r.kind == kind and r.msp_id == "HealthMSP"))

    def leave(dialog: Any) -> None:
        desk.until(lambda: words in said(dialog))
        dialog.reject()

    desk.answer(leave)
    desk.press("换用新密钥", desk.window.inspector)
    assert read() == before

    def take(dialog: Any) -> None:
        desk.until(dialog.accept_button.isEnabled)
        desk.bot.keyClick(dialog.accept_button, RETURN)

    desk.answer(take)
    desk.press("换用新密钥", desk.window.inspector)
    desk.settle(60000)
    desk.no_error()
    # Of enrolment people's certificates are still about; of TLS every node has a new one by now.
    assert read()[0] != old and read()[1:] == ([] if kind == "tlsca" else before)
    assert city.platform.contracts.query("city", "copyright", "org.hyperledger.fabric:GetMetadata").payload


def test_a_rehearsal_that_fails_stops_the_renewal(desk: Any, monkeypatch: Any) -> None:
    """The TLS authority's key is gone: the rehearsal says so at the node, and nothing can be started."""
    desk.go("identities")
    page = desk.window.page
    tls = next(r for r in page.view.records if r.kind == "tls")
    keystore = desk.platform.keystore
    name = f"{desk.window.context.network}/{tls.msp_id}/tlsca"
    kept = keystore.get(name)
    keystore.remove(name)
    try:

        def look(dialog: Any) -> None:
            desk.until(lambda: dialog.rehearsal is not None)
            assert not dialog.rehearsal.passed
            assert not dialog.accept_button.isEnabled()
            assert "演练没有通过" in dialog.reason.text()
            dialog.reject()

        desk.answer(look)
        from console.pages.identities.renewal import ask_renew

        ask_renew(page, [tls])
    finally:
        keystore.put(name, kept)


def test_pkcs12_and_msp_folders_out_and_in(desk: Any, tmp_path: Path, monkeypatch: Any) -> None:
    """Export by both forms; a wrong password is said in clear words; the right one and the folder come back in."""
    from console.widgets.forms import DropZone, Form

    identities = desk.platform.identities
    label = identities.ensure("CopyrightMSP", "travelling", "creator")
    network = desk.window.context.network
    desk.go("identities")
    desk.go(f"identities/{label}")
    target = tmp_path / "CopyrightMSP-travelling.p12"
    monkeypatch.setattr("console.pages.identities.export.save_file", lambda *a: str(target))

    def as_file(dialog: Any) -> None:
        form = dialog.form
        desk.bot.keyClicks(form.fields["password"].editor, "a long password")
        assert not dialog.accept_button.isEnabled()
        desk.bot.keyClicks(form.fields["again"].editor, "a long password")
        desk.bot.keyClick(dialog.accept_button, RETURN)

    desk.answer(as_file)
    desk.press("导出", desk.window.inspector)
    desk.settle()
    desk.no_error()
    assert target.stat().st_mode & 0o077 == 0

    from PySide6.QtWidgets import QFileDialog

    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *a: str(tmp_path))

    def as_folder(dialog: Any) -> None:
        dialog.form.fields["form"].set_value("msp")
        assert not dialog.form.fields["password"].isVisible()
        desk.bot.keyClick(dialog.accept_button, RETURN)

    desk.answer(as_folder)
    desk.press("导出", desk.window.inspector)
    desk.settle()
    desk.no_error()
    folder = tmp_path / "CopyrightMSP-travelling"
    assert (folder / "keystore").is_dir()

    serial = identities.get(label).serial
    desk.platform.keystore.remove(f"{network}/{label}")
    said_wrong: list[str] = []

    def take_file(dialog: Any) -> None:
        dialog.findChild(DropZone).dropped.emit([str(target)])
        form = dialog.findChild(Form)
        assert (form["msp"], form["name"]) == ("CopyrightMSP", "travelling")
        form.fields["password"].set_value("a wrong password")
        click(desk, dialog.accept_button)
        desk.until(dialog.banner.isVisible)
        said_wrong.append(dialog.banner.message.text())
        form.fields["name"].set_value("somebody.else")
        form.fields["password"].set_value("a long password")
        click(desk, dialog.accept_button)
        desk.until(lambda: "不能以" in dialog.banner.message.text())
        form.fields["name"].set_value("travelling")
        click(desk, dialog.accept_button)
        desk.until(lambda: not dialog.isVisible())

    desk.answer(take_file)
    desk.press_header("import")
    desk.settle()
    assert "口令不正确" in said_wrong[0]
    assert identities.get(label).serial == serial and identities.get(label).has_key

    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *a: str(folder))
    desk.platform.keystore.remove(f"{network}/{label}")

    def take_folder(dialog: Any) -> None:
        desk.press("选择 MSP 文件夹", dialog)
        form = dialog.findChild(Form)
        assert not form.fields["password"].isVisible()
        form.fields["name"].set_value("travelling")
        click(desk, dialog.accept_button)
        desk.until(lambda: not dialog.isVisible())

    desk.answer(take_folder)
    desk.press_header("import")
    desk.settle()
    assert identities.get(label).serial == serial
    assert identities.signing(label, network).sign(b"x")


def test_the_keystore_locks_itself_when_idle_and_says_so(empty_desk: Any) -> None:
    from console.widgets.forms import Form

    desk = empty_desk
    platform = desk.platform
    platform.networks.up(platform.networks.template("single", name="one", runtime="embedded"))
    desk.window.context.choose_network("one")
    desk.go("identities/keystore")
    page = desk.window.page

    def protect(dialog: Any) -> None:
        form = dialog.findChild(Form)
        for key in ("one", "two"):
            form.fields[key].set_value("correct horse battery")
        click(desk, dialog.accept_button)

    desk.answer(protect)
    desk.press("设置口令", page.keystore)
    desk.settle()
    desk.until(lambda: "已解锁" in " ".join(w.accessibleName() for w in _statuses(desk) if w.isVisible()))
    platform.keystore.idle_seconds = 0.05
    desk.until(lambda: platform.keystore.locked)
    desk.until(lambda: "已锁定" in " ".join(w.accessibleName() for w in _statuses(desk) if w.isVisible()))
    desk.until(lambda: desk.window.rail.lock.accessibleName() == "解锁密钥库")
    platform.keystore.idle_seconds = 900.0
    wrong: list[str] = []

    def unlock(dialog: Any) -> None:
        form = dialog.findChild(Form)
        form.fields["passphrase"].set_value("not this one")
        click(desk, dialog.accept_button)
        wrong.append(form.fields["passphrase"].error)
        form.fields["passphrase"].set_value("correct horse battery")
        click(desk, dialog.accept_button)

    desk.answer(unlock)
    desk.press("解锁", page.keystore)
    desk.settle()
    assert "口令不正确" in wrong[0]
    assert not platform.keystore.locked


def test_a_network_whose_certificates_have_ended_is_mended_by_clicks(
    empty_desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The overview says that nobody can connect; its button leads to the renewal of everything; then it runs."""
    from console.widgets.dialogs import Dialog
    from fabric_sdk import clock
    from network.errors import CityChainError

    platform = empty_desk.platform
    true = clock._read
    monkeypatch.setattr(clock, "_read", lambda: true() - (15 * 365 + 2) * 24 * 3600 * 10**9)
    with pytest.raises(CityChainError):  # made fifteen years ago: its nodes run, but TLS believes the machine
        platform.networks.up(platform.networks.template("city", name="old", runtime="embedded"))
    monkeypatch.undo()
    platform.networks.make_default("old")
    status = platform.networks.status("old")
    assert status.state == "lapsed" and {node.state for node in status.nodes} == {"lapsed"}
    empty_desk.window.context.choose_network("old")
    empty_desk.go("networks/old")
    asked: list[str] = []

    def renew(dialog: Dialog) -> None:
        empty_desk.until(lambda: dialog.accept_button.isEnabled() and "CopyrightMSP/admin" in said(dialog))
        asked.append(said(dialog))
        empty_desk.bot.keyClick(dialog.accept_button, RETURN)

    empty_desk.answer(renew)
    empty_desk.press_header("renew")
    empty_desk.until(lambda: bool(asked), 30000)
    empty_desk.until(lambda: platform.networks.status("old").state == "running", 60000)
    empty_desk.settle(60000)
    empty_desk.no_error()
    assert "会先停止网络" in asked[0]
    assert platform.networks.state("old").phase == "ready" and platform.networks.lapses("old") == ()
