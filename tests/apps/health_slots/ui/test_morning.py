"""A nurse's morning at one desk, while the board is open to everybody and the authority audits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from starlette.testclient import TestClient

from apps.health_slots.serving.board import board_app
from apps.health_slots.ui import printing
from apps.health_slots.ui.changes import Foreseen
from apps.health_slots.ui.check_in import CodeSection
from console.widgets.table import DataTable

ENTER = Qt.Key.Key_Return


@pytest.fixture
def printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Papers that were printed, in order."""
    done: list[Path] = []

    def choose(parent: Any, title: str, suggestion: str, pattern: str = "") -> str:
        done.append(tmp_path / f"{len(done)}-{suggestion}")
        return str(done[-1])

    monkeypatch.setattr(printing, "save_file", choose)
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: True)
    return done


def test_a_nurses_morning(window: Any, hospital: Callable[..., Any], printed: list[Path]) -> None:
    here = hospital()
    session = here.publish()
    people = [here.person() for _ in range(3)]
    booked = []
    for number, who in enumerate(people, start=1):
        resident = here.service.bookings.deposit(here.id, who, part="staff")
        booked.append(here.service.bookings.book(f"{session}.{number:03d}", resident, part="staff").id)

    # She opens the list of the day with names, once, and finds people in it by typing.
    desk = window.at(here.id, "desk")
    desk.days.setCurrentIndex(1)
    window.settle()
    window.do("姓名名单", window.confirm(), desk)
    window.until(lambda: len(desk.day) == 3)
    assert {row.name for row in desk.day} == {who.name for who in people}
    shown = [desk.table.model().index(row, 3).data() for row in range(3)]
    assert shown == [who.name for who in people], "the list itself says the names"
    (look,) = here.service.day.looks(here.id, desk.day[0].visit.date)
    assert look["purpose"] == "check-in"
    window.bot.keyClicks(desk.finder, people[1].phone)
    window.settle()
    assert [visit.id for visit in desk.model.rows] == [booked[1]]
    desk.finder.clear()
    window.press("打印名单", desk)
    assert printed[-1].read_bytes().startswith(b"%PDF")

    # The first pays in cash, gets a slip and a receipt, and is checked in by the code on the phone.
    window.go(f"health_slots/desk/{booked[0]}")
    window.do("记录支付", window.fill(channel="cash", reference=f"C-{here.id}"))
    window.go(f"health_slots/desk/{booked[0]}")
    for words in ("凭条", "缴费凭条"):
        window.press(words, window.panel)
        assert printed[-1].read_bytes().startswith(b"%PDF")
    window.do("出示取号码")
    code = next(s for s in window.panel.findChildren(CodeSection) if s.isVisible()).code
    card = window.view.check_in
    card.field.editor.setFocus()
    window.bot.keyClicks(card.field.editor, code)
    window.bot.keyClick(card.field.editor, ENTER)
    window.settle(30000)
    assert "已取号" in window.said(card)
    window.go(f"health_slots/desk/{booked[0]}")
    window.do("记录已就诊")

    # Meanwhile anybody reads the board, and the authority audits: nobody waits, no name is seen.
    with TestClient(board_app(here.service)) as board:
        page = board.get(f"/s/{session}")
        assert page.status_code == 200 and all(who.name not in page.text for who in people)
    report = here.service.audit(hospital=here.id)
    assert not report.findings

    # The doctor is called away after the first ten minutes: the rest of the session stops, two people are told.
    board_tab = window.at(here.id, "board")
    window.settle()
    board_tab.board.choose(session)
    window.settle()

    def stop(dialog: Any) -> None:
        window.until(dialog.findChild(Foreseen).consequence.text)
        dialog.form.fields["since"].set_value("99:00")
        window.bot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)
        assert dialog.isVisible() and dialog.form.fields["since"].error
        dialog.form.fields["since"].set_value("0:10")
        dialog.form.fields["reason"].set_value("emergency")
        assert "2 个预约会取消" in dialog.findChild(Foreseen).consequence.text()
        window.bot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)

    window.do("停诊", stop)
    dialog = window.told()
    model = dialog.findChild(DataTable).model()
    told = [model.index(row, 2).data() for row in range(model.rowCount())]
    dialog.accept()
    assert told == [who.name for who in people[1:]]
    assert [here.service.bookings.get(id).state for id in booked] == ["fulfilled", "cancelled", "cancelled"]
