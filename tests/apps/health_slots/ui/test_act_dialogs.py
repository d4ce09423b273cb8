"""Every dialog of an act in 号源链: who signs stands in it, a refusal of the contract stands at its field and keeps the
form, and whatever is about no field says the next step. The ledger is somebody who refuses whatever is asked."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtWidgets import QLabel

from apps.health_slots.refusals import NEXT_STEPS, WORDS, told
from apps.health_slots.words import catalogue
from apps.kit.service import OpenAct
from baas.errors import contract_refusal
from console.appkit.acting import dialog_of
from console.widgets.forms import Field
from fabric_sdk.kinds import Act
from tests.kit.test_dialogs import Page, Refusing, Tried, look  # noqa: F401 - the look of a window

SAID = {
    "reference": ("DUPLICATE_PAYMENT", "wechat already reported WX-1"),
    "channel": ("SETTLED", "wechat is settled for 2026-11-20"),
    "date": ("PAST_DATE", "a session cannot move into the past"),
    "amount": ("TOO_FEW_POINTS", "the account holds fewer points"),
    "reason": ("BAD_ARGUMENT", "reason must be one of meeting, other"),
    "purpose": ("BAD_ARGUMENT", "purpose must be one of treatment, referral"),
    "pool": ("BAD_ARGUMENT", "pool must be one of window, online"),
    "hour": ("BAD_ARGUMENT", "start must be a whole number from 0 to 1439"),
    "minutes": ("BAD_ARGUMENT", "minutes must be a whole number from 1 to 480"),
    "shift": ("BAD_ARGUMENT", "the session would leave its day"),
    "doctor": ("NOT_FOUND", "department CARD has no doctor D9"),
    "numbers": ("SLOT_USED", "slot 3 is over: its appointment is fulfilled"),
    "resident": (
        "BAD_ID",
        "a resident is named by a pseudonym (R and 26 base-32 characters), never by name or document",
    ),
    "entry": ("NOT_REVERSIBLE", "this entry cannot be reversed (again)"),
    "value": ("BAD_ARGUMENT", "a public number is 1 to 64 digits and letters"),
    "id": ("HOSPITAL_TAKEN", "hospital H1 belongs to another organisation"),
    "name": ("BAD_ARGUMENT", "a hospital's name is 1 to 60 characters on one line"),
    "msp": ("BAD_ARGUMENT", "an MSP id is 1 to 60 characters on one line"),
    "document": ("BAD_DOCUMENT", "this cannot be the number of a document of type 01"),
    "type": ("BAD_IDENTITY", "document_type is text of 1 to 20 characters"),
    "phone": ("BAD_IDENTITY", "phone is text of 1 to 20 characters"),
    "kind": ("NOT_A_MINOR", "who is eighteen decides alone; a child's link ends by 1"),
    "days": ("BAD_ARGUMENT", "a link ends in the future, within 1095 days"),
    "hospital": ("NOT_FOUND", "there is no hospital H9"),
}
NEVER = {"account", "since", "minute", "party"}
"""What the form refuses itself, or the contract takes as it is."""


class Ledger(Refusing):
    """Refuses with what it is told to, as the slots' ledger tells it."""

    def refuse(self) -> None:
        raise told(contract_refusal(*self.error, WORDS))


def asked() -> Iterator[tuple[Act, list[str]]]:
    """The acts that are asked for in the kit's own dialog, and the fields there."""
    for act in catalogue().acts():
        words = catalogue().act(act)
        if not words.at_once and not words.dialog and words.follows:
            yield act, [one.name for one in act.asks if one not in words.leave_out]


NAMES = ("id", "name", "who", "title", "hospital", "department_name", "doctor_name", "hospital_name", "slot", "day")
RECORD = {
    **dict.fromkeys((*NAMES, "date", "department", "doctor", "when", "source", "state"), "样例"),
    **dict.fromkeys(("number", "balance", "owed", "refund_due", "paid"), 15),
}


@pytest.mark.parametrize(("act", "fields"), list(asked()), ids=lambda one: getattr(one, "id", ""))
def test_a_refusal_stands_at_its_field_and_keeps_the_form(qtbot: Any, act: Act, fields: list[str]) -> None:
    assert set(fields) <= SAID.keys() | NEVER
    service = Ledger(SimpleNamespace(catalogue=catalogue(), people=(), refusal_words=WORDS))  # type: ignore[arg-type]
    page = Page(service)
    qtbot.addWidget(page)
    tried = Tried(dialog_of(page, service, OpenAct(act, "staff"), RECORD), service)  # type: ignore[arg-type]
    dialog = tried.dialog
    dialog.show()
    assert any("样例甲（样例角色 · 样例机构）" in label.text() for label in dialog.findChildren(QLabel))
    tried.fill()
    before = tried.values()
    for name in (one for one in fields if one in SAID):
        tried.refuse(*SAID[name])
        marked = [one for one in dialog.findChildren(Field) if one.error]
        assert dialog.form is not None and marked == [dialog.form.fields[name]], f"{act.id}: {name}"
        assert not dialog.banner.isVisible() and dialog.isVisible() and tried.values() == before
    tried.refuse("ILLEGAL_MOVE", "an appointment that is booked cannot become booked")
    shown = " ".join(label.text() for label in dialog.banner.findChildren(QLabel))
    assert dialog.banner.isVisible() and tried.values() == before and not tried.marks()
    assert WORDS["ILLEGAL_MOVE"].zh in shown and NEXT_STEPS["ILLEGAL_MOVE"].zh in shown
    dialog.reject()
