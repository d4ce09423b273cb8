"""What each role sees, that every control has a name, and walking about by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QWidget

from chaincode.copyright.kinds import Licence

ADDRESSES = ("", "inbox", "queue", "rights", "cases", "search", "verify", "new", "batch")


def tabs(office: Any) -> list[str]:
    return [tab for tab, _ in office.page.tabs]


@pytest.mark.parametrize(
    ("label", "role", "seen", "hidden"),
    [
        ("CopyrightMSP/maker", "creator", {"inbox", "works", "rights", "verify"}, {"queue"}),
        ("CopyrightMSP/reviewer", "registrar", {"inbox", "queue", "works", "verify"}, set()),
        ("HospitalMSP/reader", "licensee", {"inbox", "works", "rights"}, {"queue"}),
        ("DataBureauMSP/watcher", "auditor", {"works", "rights", "cases", "verify"}, {"inbox", "queue"}),
    ],
)
def test_each_role_has_its_tabs(office: Any, label: str, role: str, seen: set[str], hidden: set[str]) -> None:
    office.act_as(label, role)
    office.go("copyright")
    assert seen <= set(tabs(office))
    assert not hidden & set(tabs(office))
    assert ("new" in office.window.header.buttons) == (role == "creator")
    office.go("copyright/new")
    shown = office.page.stack.currentWidget() is office.page._views.get("new")
    assert shown == (role == "creator")


def test_an_auditor_changes_nothing(office: Any, deposited: Callable[..., Any]) -> None:
    work = deposited("审计之作", registered=True)
    office.act_as("DataBureauMSP/watcher", "auditor")
    office.go("copyright/inbox")
    assert office.page.stack.currentWidget() is office.page.works
    office.go(f"copyright/work/{work.id}")
    assert set(office.window.header.buttons) <= {"back", "evidence"}
    for tab in ("rights", "cases", "history"):
        office.page.choose_tab(tab)
        office.settle()
        office.no_error()
    office.go("copyright/rights")
    table = office.page.view("rights").table
    for row in range(min(6, table.model().rowCount())):
        table.choose(row)
        office.settle()
        shown = [b.text() for b in office.panel.findChildren(QAbstractButton) if b.isVisible()]
        acts = [text for text in shown if text.endswith("…")]  # links may be cut in their middle
        assert not acts


def test_every_control_has_a_name(office: Any, deposited: Callable[..., Any]) -> None:
    deposited("有名之作", registered=True)
    nameless = []
    for address in (*ADDRESSES, "first", "work/first/rights", "work/first/history"):
        office.go(f"copyright/{address}")
        for widget in office.window.findChildren(QWidget):
            wanted = isinstance(widget, QAbstractButton | QLineEdit | QComboBox)
            if wanted and widget.isVisible() and not (widget.accessibleName() or getattr(widget, "text", str)()):
                nameless.append(f"{address}: {type(widget).__name__} in {type(widget.parent()).__name__}")
    assert nameless == []


def test_the_family_tree_is_walked_by_keyboard(office: Any, city: Any, fresh_text: Callable[..., Any]) -> None:
    from apps.copyright.model import WorkForm
    from apps.copyright.service import CopyrightService
    from apps.copyright.ui.family import FamilyPicture

    ids: list[str] = []
    with CopyrightService(city.platform, city.network) as service:
        for number, kind in enumerate(("original", "adaptation", "translation")):
            form = WorkForm(
                title=f"第{number}代",
                creation_kind=kind,
                sources=({"work_id": ids[-1]},) if ids else (),
                authors=({"name": "样例甲"},),
            )
            ids.append(service.deposit(fresh_text(f"{number}.txt"), form).work.id)
    office.go(f"copyright/work/{ids[1]}")
    tree = office.page.findChild(FamilyPicture)
    assert tree.counts == (1, 1, 3)
    tree.setFocus()
    office.bot.keyClick(tree, Qt.Key.Key_Right)
    assert tree.current == ids[2]
    office.bot.keyClick(tree, Qt.Key.Key_Return)
    office.settle()
    assert office.window.address == f"copyright/work/{ids[2]}"
    tree = office.page.findChild(FamilyPicture)
    tree.setFocus()
    office.bot.keyClick(tree, Qt.Key.Key_Left)
    office.bot.keyClick(tree, Qt.Key.Key_Left)
    assert tree.current == ids[0]
    assert "第0代" in tree.accessibleName()


def test_the_inbox_counts_beside_its_tab(office: Any, deposited: Callable[..., Any], ledger: Any) -> None:
    office.act_as("HospitalMSP/counted", "licensee")
    office.act_as("")
    work = deposited("待办之作")
    party = "HospitalMSP/counted"
    terms = {"licensee": party, "kind": "ordinary", "rights": "all", "territory": "CN"}
    ledger.kit.do(Licence.offer, terms | {"from": "2026-01-01", "until": "2036-12-31"}, on=work.id)
    office.act_as(party)
    office.go("copyright")
    office.until(lambda: office.page.tab_notes.get("inbox") == "1")
    assert "1 项待处理" in office.window.rail.items["copyright"].accessibleName()
    office.page.choose_tab("inbox")
    office.settle()
    assert office.window.address == "copyright/inbox"
    table = office.page.view("inbox").table
    table.setFocus()
    office.bot.keyClick(table, Qt.Key.Key_Down)
    office.until(lambda: "许可" in office.said())


def test_a_work_comes_back_with_its_tab_and_its_panel(office: Any, deposited: Callable[..., Any]) -> None:
    work = deposited("来回之作")
    office.go(f"copyright/work/{work.id}")
    assert "存证能证明什么" in office.said()
    office.go(f"copyright/work/{work.id}/history")
    assert office.page.work.history.isVisible()
    office.go("ledger")
    office.window.step(-1)
    office.settle()
    assert office.page.work.history.isVisible()
    office.window.step(-1)
    office.settle()
    assert "存证能证明什么" in office.said()


def test_the_whole_history_says_what_each_version_changed(office: Any, deposited: Callable[..., Any]) -> None:
    work = deposited("历史之作", registered=True)
    office.go(f"copyright/work/{work.id}/history")
    versions = office.page.work.facts.history
    from apps.copyright.ui.history import meaning

    said = [meaning(office.page, one) for one in versions]
    assert said[-1] == "存证"
    assert any(one.startswith("取得登记号") for one in said)
    table = office.page.work.history
    table.choose(next(at for at, one in enumerate(said) if one.startswith("取得登记号")))
    office.settle()
    assert "number" in office.said()
