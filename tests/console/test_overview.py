"""The overview: what needs attention comes by urgency and leads to its remedy; nobody is offered a closed door."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from baas.services.backup import LAST_BACKUP
from baas.services.lifecycle_model import Definition
from console.widgets.basic import Button, Label
from fabric_sdk import clock


def said(widget: Any) -> list[str]:
    return [label.text() for label in widget.findChildren(Label) if label.isVisible()]


def offered(widget: Any) -> list[str]:
    return [button.text() for button in widget.findChildren(Button) if button.isVisible()]


def test_what_needs_attention_comes_by_urgency_and_leads_to_its_remedy(fresh_city: Any, make_desk: Any) -> None:
    city = fresh_city()
    platform = city.platform
    name = platform.contracts.templates()[0].name
    now = platform.contracts.committed(city.network, name)
    package, data = platform.contracts.build_package(city.network, name, "9.9")
    platform.jobs.run(platform.contracts.install, city.network, data, msp_id="HealthMSP")
    newer = Definition(name, "9.9", now.sequence + 1, now.endorsement_policy, now.collections)
    platform.contracts.approve(city.network, newer, msp_id="HealthMSP", package_id=package)
    platform.workspace.set_setting(LAST_BACKUP, str(int(clock.seconds()) - 9 * 86_400))
    node = next(n.name for n in platform.networks.status(city.network).nodes if n.msp_id == "HospitalMSP")
    platform.networks.stop(city.network, node)

    desk = make_desk(platform)
    desk.go("overview")
    card = desk.window.page.board.attention
    titles = said(card)
    first, second, third = (
        next(i for i, t in enumerate(titles) if part in t) for part in (node, "9.9", "备份已超过 9 天")
    )
    assert first < second < third
    assert [text for text in offered(card) if text] == ["启动节点", "查看合约", "去备份"]
    desk.press("查看合约", card)
    desk.settle()
    assert desk.window.address == f"contracts/{name}"
    desk.go("overview")
    desk.press("启动节点", card)
    desk.until(lambda: not any(node in text for text in said(card)))
    assert platform.networks.status(city.network).state == "running"

    # A network that is stopped tells nothing of its contracts: that is no matter of this person's role, and nothing
    # that was deployed is to be deployed again.
    platform.networks.stop(city.network)
    desk.settle()
    desk.go("overview")
    board = desk.window.page.board
    shown = said(board.figures[3])
    assert "—" in shown and "网络没有应答" in shown, shown
    assert not [text for text in said(board) if "角色" in text]
    assert "去部署" not in offered(board.next)
    assert any(name in text for text in said(board.running)), "it still is one of those that run here"


def test_a_role_is_offered_only_what_it_may_do(desk: Any) -> None:
    label = desk.platform.identities.ensure("CopyrightMSP", "creator-at-the-overview", "creator")
    desk.platform.act_as(label)
    desk.settle()
    desk.go("overview")
    page = desk.window.page
    assert page.header_actions == []
    board = page.board
    assert [text for text in offered(board.next) if text] == ["打开"]
    desk.press("打开", board.next)
    desk.settle()
    assert desk.window.address == "copyright"


def test_counts_are_those_of_the_ledger(desk: Any) -> None:
    desk.go("overview")
    explorer, network = desk.platform.explorer, desk.window.context.network
    explorer.sync(network)
    desk.window.page.refresh()
    desk.settle()
    (status,) = explorer.status(network)
    one, two, three, _ = desk.window.page.board.figures
    assert one.accessibleName().endswith(f"{status.transactions:,} 笔")
    assert two.accessibleName().endswith(f"{status.ledger_height:,} 个区块")
    assert three.accessibleName().startswith(f"作废交易: {status.invalid:,}")


def test_names_and_figures_have_the_room_they_need(desk: Any) -> None:
    """Names were cut on both sides, and of the number of contracts only the upper half was seen."""
    desk.go("overview")
    desk.settle()
    page = desk.window.page
    names = ("Appointment slots", "Supply finance")
    running = [replace(item, name=names[number % 2]) for number, item in enumerate(page._facts.running)]
    page.board.show_facts(replace(page._facts, running=running))
    desk.settle()
    shown = [one for one in page.board.running.findChildren(Button) if one.text() in names]
    assert shown
    for button in shown:
        assert button.width() >= button.sizeHint().width(), button.text()
    for figure in page.board.figures:
        for label in (one for one in figure.findChildren(Label) if one.isVisible() and one.text()):
            assert label.height() >= label.minimumSizeHint().height(), label.text()


def test_an_empty_workspace_offers_three_ways_and_each_leads_somewhere(empty_desk: Any) -> None:
    desk = empty_desk
    desk.go("overview")
    start = desk.window.page.start
    assert start.isVisible()
    assert offered(start) == ["申请身份…", "开始体验", "新建网络…", "选择连接配置…"]
    for text, address in (("新建网络…", "networks/new"), ("选择连接配置…", "networks/attach")):
        desk.press(text, start)
        desk.settle()
        assert desk.window.address == address
        desk.go("overview")
