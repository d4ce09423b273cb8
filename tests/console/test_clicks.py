"""How many clicks the jobs take, counted by the hand that makes them; typing and Tab are no clicks.

A file that is chosen in the system's own dialog counts as two: the button and the choice.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from console.shell.switcher import names_of, switcher_menu
from tests.console.hand import Hand
from tests.console.test_main_jobs import sample_picture


@pytest.fixture
def hand(desk: Any) -> Hand:
    desk.window.context.inspect(None)
    desk.go("overview")
    return Hand(desk)


def test_a_second_network_with_an_organisation_of_ones_own_takes_nine(empty_desk: Any) -> None:
    desk = empty_desk
    desk.platform.jobs.run(desk.platform.networks.up, desk.platform.networks.template("single", name="first"))
    desk.window.context.choose_network("first")
    desk.settle(60_000)
    hand = Hand(desk)
    hand.clicks += 2  # the switcher and its entry
    menu = switcher_menu(desk.window, names_of(desk.platform))
    next(act for act in menu.actions() if act.text().startswith("新建网络")).trigger()
    desk.settle()
    wizard = desk.window.page.wizard
    hand.on(wizard.steps[0].options["single"].radio)
    hand.header("next")
    desk.settle()
    step = wizard.steps[1]
    step.form.fields["title"].set_value("第二人民医院")
    step.form.fields["msp"].set_value("HospitalBMSP")
    hand.on(step.add_button)
    for expected in (2, 3, 4):
        hand.header("next")
        desk.settle()
        assert wizard.at == expected, wizard.banner.message.text()
    hand.header("next")
    desk.settle(60_000)
    assert hand.clicks <= 9
    name = desk.window.context.network
    assert name != "first"
    spec = desk.platform.networks.spec(name)
    assert "HospitalBMSP" in spec.peer_msp_ids
    assert spec.title.zh != desk.platform.networks.spec("first").title.zh
    assert spec.title.zh in desk.window.rail.network.accessibleName()


def test_an_identity_is_issued_and_handed_over_in_six(hand: Hand, tmp_path: Path, monkeypatch: Any) -> None:
    desk = hand.desk
    file = tmp_path / "li.p12"
    monkeypatch.setattr("console.pages.identities.export.save_file", lambda *a: str(file))
    hand.rail("identities")

    def issue(dialog: Any) -> None:
        from console.widgets.forms import Form

        form = dialog.findChild(Form)
        form.fields["msp"].set_value("DataBureauMSP")
        form.fields["name"].set_value("click-li")
        form.fields["role"].set_value("auditor")
        hand.on(dialog.accept_button)

    desk.answer(issue)
    hand.header("issue")
    desk.settle()
    desk.until(desk.window.inspector.isVisible)
    said = " ".join(one.text() for one in desk.window.inspector.findChildren(type(desk.window.header.reason)))
    assert "口令另行告知" in said, "the panel says how the colleague gets it"

    def export(dialog: Any) -> None:
        for key in ("password", "again"):
            dialog.form.fields[key].set_value("correct horse")
        hand.on(dialog.accept_button)
        hand.clicks += 1  # the system's own dialog

    desk.answer(export)
    hand.press("导出", desk.window.inspector)
    desk.settle()
    assert file.stat().st_size > 500
    assert hand.clicks <= 6


def test_a_work_is_deposited_and_its_registration_applied_for_in_nine(hand: Hand, tmp_path: Path) -> None:
    desk = hand.desk
    hand.rail("copyright")
    desk.go("copyright/works")
    hand.header("new")
    desk.settle()
    view = desk.window.page.deposit
    if view.examined is not None:
        view.discard()
        desk.settle()
        desk.go("copyright/new")
        view = desk.window.page.deposit
    hand.clicks += 2  # the zone, and the choice in the system's own dialog
    view.zone.dropped.emit([str(sample_picture(tmp_path / "点数.png", "#835f21"))])
    desk.settle(30_000)
    view.form.fields["author"].set_value("样例甲")
    view.form.fields["place"].set_value("东莞")
    view.form.fields["kind"].set_value("original")
    hand.clicks += 1  # the kind of creation is chosen from a list that the arrow keys reach as well
    hand.header("deposit")
    desk.settle(30_000)
    desk.no_error()

    def apply(dialog: Any) -> None:
        dialog.form.fields["number"].set_value("11010519491231002X")
        for key in ("purpose", "process", "originality"):
            dialog.form.fields[key].set_value("样例说明")
        hand.on(dialog.accept_button)

    desk.answer(apply)
    hand.header("apply")
    desk.settle(30_000)
    desk.no_error()
    assert desk.window.page.work.facts.registration.state == "SUBMITTED"
    assert hand.clicks <= 9
