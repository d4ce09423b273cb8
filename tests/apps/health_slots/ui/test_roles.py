"""Who sees which tab, who may do what, names on every control, the keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDateEdit,
    QLineEdit,
    QSpinBox,
    QTableView,
    QWidget,
)

from apps.health_slots.kinds import Session
from tests.apps.health_slots.ui.conftest import ADDRESSES

EVERY = {address.partition("/")[0] for address in ADDRESSES}
READER = {"board", "draws", "bills", "policies"}


@pytest.mark.parametrize(
    ("label", "role", "seen"),
    [
        ("HospitalMSP/slots-nurse", "hospital_staff", EVERY - {"authority"}),
        ("HealthMSP/slots-inspector", "authority", READER | {"authority", "audit", "referrals"}),
        ("DataBureauMSP/slots-watcher", "auditor", READER | {"audit"}),
    ],
)
def test_each_role_has_its_tabs(
    window: Any, hospital: Callable[..., Any], label: str, role: str, seen: set[str]
) -> None:
    here = hospital()
    here.publish()
    window.act_as(label, role)
    for address in ADDRESSES:
        window.at(here.id, address)
        window.no_error()
        assert {tab for tab, _ in window.page.tabs} == seen
        if address.partition("/")[0] in seen:
            assert window.page.tab == address.partition("/")[0]
    stops = window.page.act_buttons({"id": "S", "state": "published"}, Session.stop, Session.move)
    assert bool(stops) == (role == "hospital_staff")
    if stops:  # of this hospital alone: at another one of another organisation nothing is offered
        window.page.hospitals = tuple(replace(one, msp_id="ElsewhereMSP") for one in window.page.hospitals)
        assert not window.page.act_buttons({"id": "S", "state": "published"}, Session.stop, Session.move)
    window.at(here.id, "policies/own")
    assert ("new" in window.window.header.buttons) == (role == "hospital_staff")
    window.at(here.id, "board")
    assert ("release" in window.window.header.buttons) == (role == "hospital_staff")
    window.at(here.id, "bills/day")
    assert "settle" not in window.window.header.buttons


def test_staff_under_their_own_name_book_and_check_in(window: Any, hospital: Callable[..., Any]) -> None:
    """What a nurse signs stands under the nurse's name, and payments are not hers to record."""
    here = hospital()
    slot = f"{here.publish()}.001"
    resident = here.resident()
    window.act_as("HospitalMSP/slots-nurse", "hospital_staff")
    view = window.at(here.id, "search")
    view.text.set_value(f"样例医院{here.number}")
    window.until(lambda: any(s.id == slot for s in view.model.rows) and window.window.context.tasks.idle)
    view.table.choose([s.id for s in view.model.rows].index(slot))
    window.settle()
    from apps.health_slots.ui.page import ChosenResident

    window.page.set_resident(ChosenResident(resident))
    window.do("预约")
    booked = here.service.index.appointments(slot=slot)[0]
    assert booked.state == "booked"
    buttons = {b.text() for b in window.panel.findChildren(QAbstractButton) if b.isVisible()}
    assert not any("记录支付" in text for text in buttons)
    window.do("出示取号码")
    from apps.health_slots.ui.check_in import CodeSection

    code = next(s for s in window.panel.findChildren(CodeSection) if s.isVisible()).code
    card = window.at(here.id, "desk").check_in
    card.field.set_value(code)
    window.do("取号", None, card)
    assert here.service.bookings.get(booked.id).state == "checked-in"
    block = next(iter(here.service.ledger.blocks(here.service.ledger.height() - 1)))
    assert block.transactions[0].signer == "HospitalMSP/slots-nurse"


def test_every_control_has_a_name(window: Any, hospital: Callable[..., Any]) -> None:
    here = hospital()
    here.book(f"{here.publish()}.001")
    nameless = []
    for address in ADDRESSES:
        window.at(here.id, address)
        for widget in window.window.findChildren(QWidget):
            kinds = QAbstractButton | QComboBox | QLineEdit | QSpinBox | QDateEdit | QTableView
            if isinstance(widget, kinds) and widget.isVisible() and not widget.accessibleName():
                inside = isinstance(widget.parentWidget(), QComboBox | QSpinBox | QDateEdit)
                if not inside and not widget.objectName().startswith("qt_"):
                    nameless.append((address, type(widget).__name__, widget.objectName()))
    assert nameless == []


def press(window: Any, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press a key where the keyboard is."""
    window.window.activateWindow()
    window.until(window.window.isActiveWindow)
    window.bot.keyClick(QApplication.focusWidget() or window.window, key, modifier)
    window.settle()


def test_the_keyboard_reaches_everything(window: Any, hospital: Callable[..., Any]) -> None:
    """Tabs by arrows, the main action by Ctrl+N, rows by arrows, details closed by Esc and not opened by a block."""
    here = hospital()
    booked = here.book(f"{here.publish()}.001")
    window.at(here.id, "board")
    tabs = window.window.header.tabs
    tabs.setFocus()
    window.bot.keyClick(tabs, Qt.Key.Key_Right)
    window.settle()
    assert window.page.tab == "desk"
    view = window.view
    press(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert window.window.focusWidget() is view.resident.number.editor
    view.table.setFocus()
    window.bot.keyClick(view.table, Qt.Key.Key_Down)
    window.settle()
    assert booked.id[:18] in window.said()
    press(window, Qt.Key.Key_Escape)
    window.settle()
    assert not window.panel.isVisible()
    here.book(f"{booked.slot[:-3]}002")
    window.go("health_slots/desk")
    window.page.refresh()
    window.settle()
    assert len(view.model.rows) == 2
    assert not window.panel.isVisible()
    press(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    window.settle()
    assert window.page.tab == "search"
