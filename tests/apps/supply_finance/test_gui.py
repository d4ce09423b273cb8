"""A certificate split in the console: what is left is said, a wrong sum stays in the form, the tree shows the parts."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from apps.kit.service import Service
from apps.supply_finance.ui.tree import placed
from tests.console.conftest import Desk


def test_a_split_and_its_tree(finance_desk: Desk, service: Service, certificate: str) -> None:
    desk = finance_desk
    desk.go(f"supply_finance/certificate/{certificate}")
    page: Any = desk.window.page
    table = page.stack.currentWidget().table
    desk.until(lambda: table.choose_id(certificate))
    desk.settle()

    def answer(dialog: Any) -> None:
        box = next(one for one in dialog.findChildren(QWidget) if type(one).__name__ == "PartsBox")
        box.rows[0][0].set_value("600000")
        assert box.left.accessibleName() == "还剩 400,000.00 元"
        desk.bot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)  # type: ignore[attr-defined]
        assert dialog.isVisible() and box.rows[1][0]._below.text() == "至少两份，合计须等于凭证金额"
        box.rows[1][0].set_value("400000.01")
        assert box.left.accessibleName() == "超出 0.01 元"
        box.rows[1][0].set_value("400000")
        assert box.left.accessibleName() == "正好分完"
        desk.bot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)  # type: ignore[attr-defined]
        desk.until(lambda: not dialog.isVisible() or dialog.banner.isVisible())
        assert not dialog.isVisible(), dialog.banner.message.text()

    desk.answer(answer)
    desk.press("拆分…", desk.window.inspector)
    desk.settle(30000)
    children = service.read(certificate)["children"]
    assert [service.read(one)["amount_fen"] for one in children] == [60_000_000, 40_000_000]

    desk.go(f"supply_finance/tree/{children[0]}")
    view: Any = page.stack.currentWidget()
    desk.until(lambda: len(view.picture.spots) == 3)
    assert view.picture.current == children[0]
    assert {one.id for one in view.picture.spots} == {certificate, *children}
    assert "600,000.00" in view.picture.accessibleName() and "持有中" in view.picture.accessibleName()
    desk.bot.keyClick(view.picture, Qt.Key.Key_Down)  # type: ignore[attr-defined]
    desk.settle()
    assert view.picture.current == children[1], "the arrow keys walk the tree"
    view.picture.grab()
    desk.no_error()


def test_parts_stand_below_each_other_beside_their_whole() -> None:
    records: dict[str, Any] = {"a": {"id": "a", "level": 0, "children": ["b", "c"]}}
    records |= {"b": {"id": "b", "level": 1, "children": ["d", "e"]}}
    records |= {one: {"id": one, "level": level, "children": []} for one, level in (("d", 2), ("e", 2), ("c", 1))}
    boxes = placed(records)
    assert boxes["a"].left() < boxes["b"].left() == boxes["c"].left() < boxes["d"].left() == boxes["e"].left()
    assert boxes["d"].center().y() < boxes["b"].center().y() < boxes["e"].center().y() < boxes["c"].center().y()
    assert not any(one.intersects(other) for a, one in boxes.items() for b, other in boxes.items() if a != b)


def test_the_sealed_papers_are_read_with_a_trace(finance_desk: Desk, service: Service, certificate: str) -> None:
    desk = finance_desk
    desk.go(f"supply_finance/certificate/{certificate}")
    page: Any = desk.window.page
    desk.until(lambda: page.stack.currentWidget().table.choose_id(certificate))
    desk.settle()
    look = desk.button("查看“贸易材料”…", desk.window.inspector)
    assert "签署" in look.accessibleDescription(), "the look is noted on the ledger"
    desk.press("查看“贸易材料”…", desk.window.inspector)
    desk.settle(30000)

    def told() -> list[str]:
        return [label.text().replace("\u200b", "") for label in desk.window.inspector.findChildren(QLabel)]

    desk.until(lambda: "26310000000000000001" in told())
    looks = service.ledger.evaluate(service.reader, "ListLooks", certificate)
    assert looks and looks[0]["field"] == "papers"
    desk.no_error()
