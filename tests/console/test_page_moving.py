"""The tab 迁移到 Fabric: what it says, what it lets be done; and, where Fabric's programs are, the move by clicks."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QLineEdit

from baas.platform import Platform
from baas.session import OWNER_ACTOR
from console.widgets.choice import Segmented
from network.hybrid.record import HybridRecord, RealOrganization
from network.native import programs
from network.promotion import checks, move
from tests.console.test_pages_network import said
from tests.docker.test_engine import FakeEngine, version


@pytest.fixture
def city(tmp_path: Path) -> Iterator[Platform]:
    """A running network of one organisation."""
    with Platform.open(tmp_path / "workspace") as platform:
        platform.networks.up(platform.networks.template("single", name="city", runtime="embedded"))
        yield platform
        platform.session.act_as(OWNER_ACTOR)
        platform.networks.destroy("city")


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("bin/peer", "bin/orderer", "builders/ccaas/bin/detect"):
        path = tmp_path / "release" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o755)
    monkeypatch.setattr(programs, "_version_of", lambda _: "3.1.5")
    monkeypatch.setattr(checks, "said_version", lambda _: "3.1.5")
    monkeypatch.setenv(programs.ENVIRONMENT, str(tmp_path / "release"))


def test_a_taken_port_stands_in_the_way_with_what_to_do(city: Platform, make_desk: Any, installed: None) -> None:
    node = city.networks.handle("city").spec.node("peer0")
    address = city.networks.handle("city").addresses[node.name]
    desk = make_desk(city)
    with socket.create_server(("127.0.0.1", address.operations_port)):
        desk.go("networks/city/moving")
        page = desk.window.page
        assert not desk.button("迁移到 Fabric…").isEnabled()
        assert page.moving.in_the_way.rowCount() == 1
        assert str(address.operations_port) in str(page.moving.found.plan.obstacles[0].text)
    desk.go("networks/city/moving")
    assert desk.button("迁移到 Fabric…").isEnabled()
    assert not page.moving.obstacles.isVisible()
    assert "可以迁移" in said(page.moving)


def test_containers_are_a_choice_where_an_engine_answers(
    city: Platform, make_desk: Any, installed: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
    desk = make_desk(city)
    desk.go("networks/city/moving")
    page = desk.window.page
    assert page.moving.findChildren(Segmented) == []
    answers = {"version": version("1.41"), "info": {"OperatingSystem": "Debian"}}
    engine = FakeEngine(tmp_path / "e.sock", {name: (200, entry) for name, entry in answers.items()})
    try:
        monkeypatch.setenv("DOCKER_HOST", engine.address)
        desk.go("networks/city/moving")
        [choice] = page.moving.findChildren(Segmented)
        assert desk.button("迁移到 Fabric…").isEnabled()
        choice.choose("docker")
        desk.settle()
        assert "镜像的容器" in said(page.moving)
        assert not desk.button("迁移到 Fabric…").isEnabled()
        assert "hyperledger/fabric-peer:3.1.5" in str(page.moving.found.plan.obstacles[0].text)
        [choice] = page.moving.findChildren(Segmented)
        choice.choose("native")
        desk.settle()
        assert desk.button("迁移到 Fabric…").isEnabled()
    finally:
        engine.server.shutdown()
        engine.server.server_close()


def test_one_organisation_can_be_moved_first(city: Platform, make_desk: Any, installed: None) -> None:
    desk = make_desk(city)
    desk.go("networks/city/moving")
    card = desk.window.page.moving.organizations
    assert card.isVisible()
    assert "在内置账本里" in said(card)
    folder = city.networks.handle("city").directory
    [organization] = [o for o in city.networks.spec("city").organizations if o.peers]
    HybridRecord({organization.name: RealOrganization("real", "3.1.5", {}, ())}).save(folder)
    try:
        desk.go("networks/city/moving")
        assert "由 Fabric 3.1.5 运行" in said(card)
        assert desk.button("回到内置账本…").isEnabled()
    finally:
        HybridRecord({}).save(folder)


def test_who_may_not_change_networks_is_shown_no_way(city: Platform, make_desk: Any, installed: None) -> None:
    city.identities.issue("DataBureauMSP", "reader", "auditor", network="city")
    desk = make_desk(city)
    desk.go("networks/city")
    assert "moving" in [key for key, _ in desk.window.page.tabs]
    city.act_as("DataBureauMSP/reader")
    desk.go("networks/city")
    assert "moving" not in [key for key, _ in desk.window.page.tabs]


@pytest.mark.e2e
@pytest.mark.timeout(400)
def test_the_move_by_clicks_and_back_while_nothing_new_is_written(
    city: Platform, make_desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if programs.find_programs("3.1.5") is None:
        pytest.skip("Fabric 3.1.5 is not on this machine")
    desk = make_desk(city)
    desk.go("networks/city/moving")
    desk.press("由真实节点逐块核对")
    desk.settle(120_000)
    desk.no_error()
    real = move.approve

    def fails(*_: Any) -> None:
        raise OSError("not now")

    monkeypatch.setattr(move, "approve", fails)
    desk.answer(lambda dialog: (dialog.findChild(QLineEdit).setText("city"), dialog.accept_button.click()))
    desk.press("迁移到 Fabric…")
    desk.settle(120_000)
    assert desk.window.page.banner.isVisible()
    desk.go("networks/city/moving")
    assert city.networks.spec("city").runtime == "native"
    desk.answer(lambda dialog: dialog.accept_button.click())
    desk.press("回到内置账本…")
    desk.settle(120_000)
    assert city.networks.spec("city").runtime == "embedded"
    monkeypatch.setattr(move, "approve", real)
    desk.go("networks/city/moving")
    desk.answer(lambda dialog: (dialog.findChild(QLineEdit).setText("city"), dialog.accept_button.click()))
    desk.press("迁移到 Fabric…")
    desk.settle(120_000)
    desk.go("networks/city/moving")
    assert "已由 Fabric 运行" in said(desk.window.page.moving)
    assert city.networks.status("city").state == "running"
    desk.answer(lambda dialog: (dialog.findChild(QLineEdit).setText("city"), dialog.accept_button.click()))
    desk.press("删除原来的账本…")
    desk.settle()
    assert not (city.networks.folder("city") / "before-promotion").exists()
