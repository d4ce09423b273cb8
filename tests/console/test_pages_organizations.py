"""Organisations of their own, listening and services, clicked at the windows of those whose business they are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from baas.platform import Platform
from baas.serving.duties import DutyRecord, keep
from baas.serving.parts import part
from baas.serving.presence import present, running
from console.widgets.forms import Form
from fabric_sdk import clock
from network.errors import UserError
from network.profile import export_profile
from tests.console.test_pages_network import menu, said

RETURN = Qt.Key.Key_Return


@pytest.fixture(scope="module")
def hosted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A running city of one organisation."""
    with Platform.open(tmp_path_factory.mktemp("host")) as platform:
        platform.networks.up(platform.networks.template("single", name="city", runtime="embedded"))
        yield platform
        platform.networks.destroy("city")


def test_an_organisation_is_founded_joins_with_a_hosted_peer_and_comes_in_by_clicks(
    hosted: Platform, make_desk: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    definition, answer, request = (tmp_path / name for name in ("writers.json", "answer.json", "nodes.request"))
    picked: list[Path] = []
    saved: list[Path] = []
    for module in ("own", "joining"):
        monkeypatch.setattr(f"console.pages.network.{module}.pick_files", lambda *_a, **_k: [str(picked.pop(0))])
    monkeypatch.setattr("console.pages.network.own.save_file", lambda *_a: str(saved.pop(0)))
    monkeypatch.setattr("console.widgets.forms.save_file", lambda *_a: str(saved.pop(0)))
    with Platform.open(tmp_path / "writers") as theirs:
        host = make_desk(hosted)
        desk = host.open_other(theirs)
        try:
            # On an empty desk: found, and write the definition.
            desk.go("networks")

            def found(dialog: Any) -> None:
                form = dialog.findChild(Form)
                form.fields["title"].set_value("作家协会")
                form.fields["msp"].set_value("WritersMSP")
                desk.bot.keyClick(dialog.accept_button, RETURN)

            desk.answer(found)
            desk.press("建立组织…")
            desk.settle()
            desk.no_error()
            (founded,) = theirs.organizations.list()
            assert founded.fingerprint in said(desk.window.page) or founded.msp_id in said(desk.window.page)
            saved.append(definition)
            desk.press("导出定义…")
            desk.settle()
            assert "PRIVATE" not in definition.read_text()

            # The host takes it in with a peer of its own; the request for certificates is saved to be sent.
            host.go("networks/city/organizations")

            def take(dialog: Any) -> None:
                assert founded.fingerprint[:8] in " ".join(label.text() for label in dialog.findChildren(type(mono)))
                dialog.findChild(Form).fields["peers"].set_value(1)
                host.bot.keyClick(dialog.accept_button, RETURN)

            from console.widgets.basic import Mono

            mono = Mono("x")
            host.answer(take)
            picked.append(definition)
            saved.append(request)
            menu(host, "grow", "有自己 CA")
            host.settle(60000)
            host.no_error()
            assert request.exists() and "PRIVATE" not in request.read_text()

            # The organisation sees what it certifies, and does.
            def certify(dialog: Any) -> None:
                assert "peer0.writers.internal" in said(dialog)
                desk.bot.keyClick(dialog.accept_button, RETURN)

            picked.append(request)
            saved.append(answer)
            desk.answer(certify)
            desk.press("签发节点证书…")
            desk.settle()
            desk.no_error()
            picked.append(answer)
            host.go("networks/city/organizations")
            menu(host, "grow", "导入节点证书")
            host.settle(60000)
            host.no_error()
            assert "WritersMSP" in hosted.networks.spec("city").peer_msp_ids
            assert not [key for key in hosted.keystore.names() if "WritersMSP" in key]

            # It comes in as its own administrator; its members are issued here from then on.
            profile = tmp_path / "city.json"
            export_profile(hosted.networks.handle("city"), "WritersMSP", profile)
            picked.append(profile)
            desk.go("networks")
            desk.answer(lambda dialog: desk.bot.keyClick(dialog.accept_button, RETURN))
            desk.press("进入网络…")
            desk.settle(30000)
            desk.no_error()
            assert theirs.organizations.list()[0].networks == ("city",)
            assert theirs.identities.issue("WritersMSP", "lin", "client", network="city") == "WritersMSP/lin"

            # A change proposed at that desk waits in its inbox, with what changes and who is missing.
            def batch(dialog: Any) -> None:
                form = dialog.findChild(Form)
                form.fields["messages"].set_value(33)
                desk.answer_over(lambda review: desk.bot.keyClick(review.accept_button, RETURN), dialog)
                desk.bot.keyClick(dialog.accept_button, RETURN)

            desk.go("networks/city")
            desk.answer(batch)
            menu(desk, "propose", "出块参数")
            desk.settle(30000)
            desk.no_error()
            ((waiting, described),) = desk.window.page.inbox.waiting_updates
            assert (waiting.signers, described.missing) == (("WritersMSP",), ("DataBureauMSP",))
            (change,) = described.changes
            assert change.after == "33"
        finally:
            desk.close()


def test_a_request_of_another_organisation_is_not_certified(make_desk: Any, tmp_path: Path, monkeypatch: Any) -> None:
    with Platform.open(tmp_path / "desk") as platform:
        from baas.errors import Text

        platform.organizations.new("writers", "WritersMSP", Text("作家协会", "Writers"))
        bad = tmp_path / "bad.request"
        bad.write_text('{"format": "citychain-nodes-request/1", "network": "city", "msp_id": "OtherMSP", "nodes": []}')
        monkeypatch.setattr("console.pages.network.own.pick_files", lambda *_a, **_k: [str(bad)])
        desk = make_desk(platform)
        desk.go("networks")
        desk.press("签发节点证书…")
        desk.settle()
        assert desk.window.page.banner.isVisible()
        assert not list(tmp_path.glob("*answer*"))


def test_who_can_connect_is_said_and_a_wrong_name_changes_nothing(hosted: Platform, make_desk: Any) -> None:
    desk = make_desk(hosted)
    desk.go("networks/city/listening")
    page = desk.window.page
    assert "只有本机能连接" in said(page)
    before = hosted.operations.listening("city")

    def name(text: str) -> Any:
        def use(dialog: Any) -> None:
            dialog.findChild(Form).fields["name"].set_value(text)
            desk.bot.keyClick(dialog.accept_button, RETURN)

        return use

    for wrong in ("no-such-name.invalid", "203.0.113.9", "127.0.0.1", "a b"):
        desk.answer(name(wrong))
        desk.press("让其他机器连接…")
        desk.settle(30000)
        assert page.banner.isVisible(), wrong
        assert hosted.operations.listening("city") == before
        page.banner.hide()
        with pytest.raises(UserError):
            hosted.operations.listen(wrong, "city")
    assert hosted.networks.status("city").state == "running"


def test_what_runs_without_a_desktop_and_what_recurs_is_seen(hosted: Platform, make_desk: Any) -> None:
    desk, platform = make_desk(hosted), hosted
    nodes = part(platform.applications, "nodes")
    keep(
        platform.workspace,
        DutyRecord("watch", "看护节点", "Watch the nodes", 60.0, clock.seconds(), False, "正常", "ok"),
    )
    with present(platform.workspace, nodes, "city", "https://ledger.example:8443"):
        desk.go("doctor")
        words = said(desk.window.page)
        assert "看护节点" in words
        assert "下次" in words and "不开桌面的服务" in words
        assert [one.name for one in running(platform.workspace)] == ["nodes"]
    assert running(platform.workspace) == ()
