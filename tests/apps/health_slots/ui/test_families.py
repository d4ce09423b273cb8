"""家庭成员 in the window: linked where both documents are seen, booked for by the mother, ended."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from apps.health_slots.ui.booking import BookingSection
from apps.health_slots.ui.page import ChosenResident
from tests.people import card


def test_a_mother_is_linked_books_for_her_child_and_is_unlinked(window: Any, hospital: Callable[..., Any]) -> None:
    here = hospital()
    slot = f"{here.publish()}.001"
    mother = here.person()
    child = dataclasses.replace(here.person(), document=card(here.number % 999, "20180101"))
    bookings = here.service.bookings
    own = bookings.deposit(here.id, mother, part="staff")
    patient = bookings.deposit(here.id, child, part="staff")
    page = window.at(here.id, "residents").page
    page.set_resident(ChosenResident(own))
    family = window.view.family
    window.until(lambda: "没有登记" in window.said(family))
    answer = window.fill(type="01", document=child.document, kind="minor", days=365)
    window.do("登记…", answer, family)
    window.until(lambda: "监护" in window.said(family))
    assert child.document not in window.said(family) and child.name not in window.said(family)

    view = window.at(here.id, "search")
    page.set_resident(ChosenResident(patient))
    view.text.set_value(f"样例医院{here.number}")
    window.until(lambda: any(s.id == slot for s in view.model.rows) and window.window.context.tasks.idle)
    view.table.choose([s.id for s in view.model.rows].index(slot))
    window.settle()
    window.do("由家人代约…", window.fill(type="01", document=mother.document))
    assert mother.document[-4:] in window.said()
    section = next(one for one in window.panel.findChildren(BookingSection) if one.isVisible())
    window.do("预约", None, section)
    booked = here.service.index.appointments(slot=slot)[0]
    assert bookings.get(booked.id).acted_for and bookings.get(booked.id).state == "booked"

    window.at(here.id, "residents")
    page.set_resident(ChosenResident(own))
    family = window.view.family
    window.until(lambda: "监护" in window.said(family))
    window.do("解除…", window.fill(type="01", document=child.document), family)
    window.until(lambda: "没有登记" in window.said(family))
