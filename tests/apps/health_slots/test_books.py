"""Bills, reconciliation, signals, rates."""

from __future__ import annotations

import pytest

from apps.health_slots import auditing
from apps.health_slots.kinds import Booking
from apps.health_slots.services.bills import compare, read_book
from apps.health_slots.serving.limits import PortalRegistry
from apps.health_slots.vault import SlotVault
from baas.errors import Conflict, NotFound, UserError
from baas.serving.limits import RateLimiter
from tests.apps.health_slots.conftest import MemoryKeys


def test_three_books_agree_and_differences_are_named(town, tmp_path):
    (session,) = town.publish()
    ids = []
    for number in range(3):
        booked = town.service.bookings.book(f"{session}.{number + 1:03d}", town.resident(number))
        town.service.bills.pay(booked.id, "wechat", f"w{number}", 3000, account=f"acct{number}")
        ids.append(booked.id)
    town.service.bookings.cancel(ids[0])
    town.service.acts.do(Booking.refund, {"channel": "wechat", "reference": "r0"}, on=ids[0])
    lines = ["order,type,amount", *(f"{i},payment,3000" for i in ids), f"{ids[0]},refund,3000"]
    book = tmp_path / "book.csv"
    book.write_text("\n".join(lines), encoding="utf-8-sig")
    agreed = town.service.bills.reconcile("H1", "2026-11-23", book, book)
    assert agreed.differences == () and agreed.totals["platform"] == 6000
    town.service.bills.record(agreed)
    lacking = tmp_path / "lacking.csv"
    lacking.write_text("\n".join([*lines[:3], *lines[4:], f"{ids[1]},payment,3000"]), encoding="utf-8")
    differing = town.service.bills.reconcile("H1", "2026-11-23", book, lacking)
    assert {(d.order, d.payment) for d in differing.differences} == {(ids[1], 2), (ids[2], 0)}
    balance = town.service.bills.trial_balance("H1")
    assert balance.balanced and balance.accounts["clearing:wechat"] == 6000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a,b\n1,2",
        "order,type,amount\nA,gift,5",
        "order,type,amount\nA,payment,-5",
        "order,type,amount\nA,payment,５",
    ],
)
def test_bad_books_are_refused(tmp_path, text):
    path = tmp_path / "b.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError):
        read_book(path)


def test_books_are_multisets():
    result = compare(
        "H1", "d", {"hospital": [("A", "payment", 1)] * 2, "platform": [("A", "payment", 1)], "payment": []}
    )
    assert [(d.hospital, d.platform, d.payment) for d in result.differences] == [(2, 1, 0)]


def test_signals_of_resale(town):
    town.service.rules.set_policy("H1", {"per_department_day": 5, "per_day": 10, "given_up": "free"})
    (session,) = town.publish()
    for number in range(4):
        booked = town.service.bookings.book(f"{session}.{number + 1:03d}", town.resident(number))
        town.service.bills.pay(booked.id, "wechat", f"w{number}", 3000, account="one account")
    for _ in range(3):
        town.service.bookings.hold(f"{session}.009", town.resident(9))
        town.ledger.pass_time(seconds=601)
        town.ledger.submit("platform", "ReleaseLapsed", f"{session}.009")
    for number in (10, 11):
        slot = f"{session}.{number:03d}"
        tout = town.service.bookings.book(slot, town.resident(20))
        town.service.waiting.join(session, town.resident(20 + number))
        town.service.bookings.cancel(tout.id)
        town.service.waiting.hand_on()
    found = {s.kind: s for s in town.service.signals.all()}
    assert set(found) == {"one-payer", "never-paid", "cancel-rebook"}
    assert found["one-payer"].count == 4 and found["never-paid"].subject == town.visit(9)
    assert all("疑似" in s.text.zh for s in found.values())


def test_an_officer_who_vouches_for_nobody_who_comes_stands_out(town):
    """A nurse books for invented people and frees the slots for her buyers."""
    town.service.rules.set_policy("H1", {"per_department_day": 5, "given_up": "free"})
    (session,) = town.publish()
    for number in range(6):
        booked = town.service.bookings.book(f"{session}.{number + 1:03d}", town.resident(number), part="staff")
        if number < 5:
            town.service.bookings.cancel(booked.id, part="staff")
    (signal,) = [s for s in town.service.signals.all("H1") if s.kind == "one-officer"]
    assert (signal.subject, signal.count) == ("HospitalMSP/slots-staff-citydesk", 5)
    assert not [s for s in town.service.signals.all("H2") if s.kind == "one-officer"]


def test_a_door_that_books_all_day_stands_in_the_audit(town, monkeypatch):
    monkeypatch.setattr(auditing, "PORTAL_DAY", 2)
    (session,) = town.publish()
    for number in range(3):
        assert not [f for f in town.service.audit().findings if f.kind == "busy-door"]
        town.service.bookings.book(f"{session}.{number + 1:03d}", town.resident(number))
    (finding,) = [f for f in town.service.audit().findings if f.kind == "busy-door"]
    assert "citydesk" in finding.text.zh


def test_pseudonyms_are_the_same_person_everywhere_and_differ_by_key(town):
    vault = town.service.bookings._vault
    assert vault.resident("01", "11010119900101123x") == vault.resident("01", " 110101 19900101123X")
    assert vault.resident("01", "1") != vault.resident("02", "1") != vault.payer("1")
    other = SlotVault(type("Keys", (), {"ensure": lambda s, n, make: b"k" * 32, "get": None})(), "city")
    assert other.resident("01", "1") != vault.resident("01", "1")


def test_the_citys_pseudonym_key_is_not_the_workspaces_own():
    """Hospitals may share the one without sharing session secrets and seeds; old workspaces keep their pseudonyms."""
    keys = MemoryKeys()
    vault = SlotVault(keys, "city")
    vault.session_secret("H1.X")
    who = vault.resident("01", "1")
    assert len(set(keys.kept.values())) == 2
    other = MemoryKeys()
    other.put("city/slots/pseudonyms", keys.get("city/slots/pseudonyms"))
    second = SlotVault(other, "city")
    assert second.resident("01", "1") == who
    for secret in ("session_secret", "beacon"):
        assert getattr(second, secret)("x") != getattr(vault, secret)("x")
    assert second.draw_secret("D", "patients") != vault.draw_secret("D", "patients")
    old = MemoryKeys()
    old.put("city/slots/master", keys.get("city/slots/pseudonyms"))
    assert SlotVault(old, "city").resident("01", "1") == who


def test_portal_tokens(tmp_path):
    registry = PortalRegistry(tmp_path / "p.db")
    token = registry.add("alpha")
    assert registry.of_token(token).name == "alpha"
    assert token.encode() not in (tmp_path / "p.db").read_bytes()
    with pytest.raises(Conflict):
        registry.add("alpha")
    with pytest.raises(UserError):
        registry.add("../x")
    registry.revoke("alpha")
    assert registry.of_token(token) is None
    with pytest.raises(NotFound):
        registry.revoke("alpha")


def test_rate_limiter_refills_and_is_bounded():
    now = [0.0]
    limiter = RateLimiter(clock=lambda: now[0], limit=3)
    assert [limiter.wait_for("a", 2, 2) for _ in range(3)] == [0, 0, 0.5]
    now[0] = 0.5
    assert limiter.wait_for("a", 2, 2) == 0
    for name in "bcde":
        limiter.wait_for(name, 1, 1)
    assert len(limiter._buckets) == 3
