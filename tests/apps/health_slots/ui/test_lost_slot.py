"""Whoever lost the race for a slot is told the next free ones, and goes to one of them by a click."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from apps.health_slots.advice import slot_of
from console.i18n import use_language


def race(here: Any, slot: str) -> str:
    """Two residents are booked into one slot at the same moment; returns the loser's transaction id."""
    service = here.service
    hospital, date = here.id, service.index.session(slot.rpartition(".")[0]).date
    contract = service.bookings._ledger._opened("staff")
    endorsed = []
    for resident in (here.resident(), here.resident()):
        visit = service.bookings._tickets.visit(hospital, date, resident, "staff")
        endorsed.append(contract.new_proposal("HoldSlot", slot, visit.id, *visit.tickets).endorse())
    sent = [one.submit() for one in endorsed]
    assert sorted(one.status().code for one in sent) == [0, 11]
    return str(next(one.transaction_id for one in sent if one.status().code == 11))


def test_the_autopsy_offers_the_next_free_slots(window: Any, hospital: Callable[..., Any]) -> None:
    here = hospital(prepay=True)
    session = here.publish(slots=3)
    slot = f"{session}.001"
    loser = race(here, slot)
    window.platform.explorer.sync(window.window.context.network)
    autopsy = window.platform.explorer.autopsy(window.window.context.network, loser)
    assert slot in {slot_of(one.key) for one in autopsy.conflicts}
    assert "再提交也约不到" in autopsy.advice.zh and "does not help" in autopsy.advice.en
    assert [text.render("zh").split(" ")[0] for text, _ in autopsy.ways] == ["002", "003"]
    assert {address for _, address in autopsy.ways} == {f"health_slots/board/{session}"}

    window.go(f"ledger/tx/{loser}")
    assert "再提交也约不到" in window.said(window.page)
    window.press("002 号", window.page)
    window.settle()
    assert window.window.address.startswith("health_slots/board") and window.page.hospital == here.id

    # Nothing is free: queue. And what is free again is offered itself.
    for number, who in ((2, here.resident()), (3, here.resident())):
        here.service.bookings.hold(f"{session}.{number:03d}", who, part="staff")
    autopsy = window.platform.explorer.autopsy(window.window.context.network, loser)
    assert [address for _, address in autopsy.ways] == ["health_slots/waitlist"]


def test_other_keys_are_no_slots() -> None:
    assert slot_of("\0slot\0H0001\0S1\x00001\0") == "H0001.S1.001"
    for key in ("", "slot", "\0session\0H0001\0S1\0", "\0slot\0H0001\0"):
        assert slot_of(key) == ""


def test_in_english_too(window: Any, hospital: Callable[..., Any]) -> None:
    here = hospital(prepay=True)
    session = here.publish(slots=2)
    loser = race(here, f"{session}.001")
    window.platform.explorer.sync(window.window.context.network)
    autopsy = window.platform.explorer.autopsy(window.window.context.network, loser)
    use_language("en")
    try:
        (way,) = [text.render("en") for text, _ in autopsy.ways]
    finally:
        use_language("zh")
    assert way.startswith("No. 002 · ")
