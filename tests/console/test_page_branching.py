"""The tab 分支与演练: a branch made by clicks, marked, and a contract's next version rehearsed on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from baas.platform import Platform
from baas.services.contract_template import write_contract
from baas.services.own_contracts import OwnContract
from baas.session import OWNER_ACTOR
from tests.console.test_pages_network import said


@pytest.fixture
def city(tmp_path: Path) -> Iterator[Platform]:
    """A running network of one organisation with a contract of one's own."""
    source = write_contract("things", tmp_path / "things")
    with Platform.open(tmp_path / "workspace") as platform:
        platform.networks.up(platform.networks.template("single", name="city", runtime="embedded"))
        platform.contracts.deploy_own("city", OwnContract("things", "1.0.0", "python", str(source)))
        platform.contracts.invoke("city", "things", "Create", ["A-1", "a bicycle", "900"])
        yield platform
        platform.session.act_as(OWNER_ACTOR)
        for name in platform.networks.names():
            platform.networks.destroy(name)


def test_a_branch_by_clicks_and_a_rehearsal_on_it(city: Platform, make_desk: Any, tmp_path: Path) -> None:
    desk = make_desk(city)
    desk.go("networks/city/branch")
    tab = desk.window.page.branch
    assert "不是证据" in said(tab)
    tab.form.fields["last"].set_value("nine")
    desk.press("建立分支")
    assert tab.form.fields["last"].error == "请填区块号。"
    tab.form.fields["last"].set_value("")
    desk.press("建立分支")
    desk.settle(60_000)
    desk.no_error()
    desk.go("networks/city-branch/branch")
    page = desk.window.page
    assert page.view.name == "city-branch" and "分支" in page.title
    words = said(page.branch)
    assert "city 的分支" in words and "不能出具证书" in words
    assert not {"moving", "listening"} & {key for key, _ in page.tabs}
    assert not {"export", "grow"} & {action.id for action in page.header_actions}
    desk.press("演练")
    desk.settle(60_000)
    desk.no_error()
    assert page.branch.found.passed and "没有不同" in said(page.branch)
    edited = tmp_path / "edited"
    edited.mkdir()
    text = (tmp_path / "things" / "contract.py").read_text("utf-8")
    (edited / "contract.py").write_text(text.replace('"value"', '"worth"'), "utf-8")
    city.contracts.deploy_own("city-branch", OwnContract("things", "2.0.0", "python", str(edited)))
    desk.press("演练")
    desk.settle(60_000)
    desk.no_error()
    assert page.branch.found.counts == {"different": 1} and "有不同" in said(page.branch)
    assert page.branch.differing.rowCount() == 1 and page.branch.keys.rowCount() == 1
    assert page.branch.found.keys[0].before == '{"value": 900}'  # of the record, what differs
    desk.press("到合约页…")
    assert desk.window.context.network == "city-branch"


def test_who_may_not_change_networks_makes_no_branch(city: Platform, make_desk: Any) -> None:
    city.identities.issue("DataBureauMSP", "reader", "auditor", network="city")
    desk = make_desk(city)
    city.act_as("DataBureauMSP/reader")
    desk.go("networks/city")
    assert "branch" not in [key for key, _ in desk.window.page.tabs]
