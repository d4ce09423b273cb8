"""From a schedule file to bookings, and what the audit and the index say of it."""

from __future__ import annotations

import hashlib

import pytest

from apps.health_slots.index import SlotIndex
from apps.health_slots.model import SlotQuery
from baas.errors import Conflict, LedgerError


def test_publish_search_book_and_refuse(town):
    (session,) = town.publish()
    page = town.service.search(SlotQuery(text="心血管"))
    assert len(page.slots) == 12
    first = page.slots[0]
    booked = town.service.bookings.book(first.id, town.resident(1))
    assert (booked.state, booked.due) == ("booked", 3000)
    with pytest.raises(Conflict) as refusal:
        town.service.bookings.book(first.id, town.resident(2))
    assert refusal.value.code == "slot_taken"
    assert refusal.value.details["free"][0] == f"{session}.002"
    assert len(town.service.search(SlotQuery(text="心血管")).slots) == 11


def test_second_import_of_the_same_file_changes_nothing(town):
    town.publish()
    again = town.service.schedules.import_file("H1", town.schedule([town.row()]), today=town.ledger.tester.now.date())
    assert (again.sessions, again.skipped) == ((), 1)


def test_changed_schedule_cannot_replace_a_commitment(town):
    town.publish()
    changed = town.schedule([town.row(号源数=8)])
    with pytest.raises(Conflict):
        town.service.schedules.import_file("H1", changed, today=town.ledger.tester.now.date())


def test_index_is_rebuilt_to_the_same_bytes(town, tmp_path):
    (session,) = town.publish(
        town.row(), town.row(医生编号="D2", 医生="专家二", 时段="下午", 开始="14:00", 结束="16:00")
    )[:1]
    booked = town.service.bookings.book(f"{session}.001", town.resident(1))
    town.service.bookings.cancel(booked.id)
    town.service.schedules.add(session, 600, 10, "online", "revisit")
    town.service.schedules.stop(session, "doctor-ill")
    followed = town.service.index.export(tmp_path / "followed.db")
    other = SlotIndex(tmp_path / "other.db")
    other.apply(town.ledger.blocks(0))
    rebuilt = other.export(tmp_path / "rebuilt.db")
    other.close()
    digests = {hashlib.sha256(p.read_bytes()).hexdigest() for p in (followed, rebuilt)}
    assert len(digests) == 1


def test_index_refuses_a_gap(town, tmp_path):
    town.publish()
    other = SlotIndex(tmp_path / "gap.db")
    with pytest.raises(Exception, match="does not follow"):
        other.apply(iter(town.ledger.chain[1:]))
    assert other.height == 0


def test_search_pages_cover_everything_once(town):
    rows = [
        town.row(
            医生编号=f"D{n}", 医生=f"专家{n}", 日期=f"2026-12-{1 + n % 9:02d}", 开始="08:00", 结束="09:00", 号源数=5
        )
        for n in range(20)
    ]
    town.publish(*rows)
    taken = town.service.search(SlotQuery(limit=1)).slots[0]
    town.service.bookings.book(taken.id, town.resident(1))
    found, cursor = [], ""
    while True:
        page = town.service.search(SlotQuery(limit=7, cursor=cursor))
        found += [s.id for s in page.slots]
        cursor = page.cursor
        if not cursor:
            break
    assert len(found) == len(set(found)) == 99
    assert taken.id not in found


def test_waitlist_gets_returned_slots(town):
    (session,) = town.publish()
    booked = town.service.bookings.book(f"{session}.001", town.resident(1))
    town.service.waiting.join(session, town.resident(2))
    town.service.bookings.cancel(booked.id)
    done = town.service.waiting.hand_on()
    assert [slot for slot, _ in done.offered] == [f"{session}.001"]
    assert town.service.bookings.book(f"{session}.001", town.resident(2)).state == "booked"


def test_check_in_by_code_works_once(town):
    (session,) = town.publish(town.row(日期="2026-11-23", 开始="11:00", 结束="12:00", 号源数=6))
    resident = town.service.bookings.deposit("H1", town.identity(1))
    booked = town.service.bookings.book(f"{session}.001", resident)
    code = town.service.bookings.issue_code(booked.id)
    forged = code[:-4] + ("AAAA" if code[-4:] != "AAAA" else "BBBB")
    with pytest.raises(LedgerError) as refusal:
        town.service.bookings.check_in(booked.id, forged)
    assert refusal.value.code == "bad_code"
    assert town.service.bookings.check_in(booked.id, code).result["state"] == "checked-in"
    other = town.service.bookings.book(f"{session}.002", town.service.bookings.deposit("H1", town.identity(2)))
    with pytest.raises(LedgerError) as refusal:
        town.service.bookings.check_in(other.id, code)
    assert refusal.value.code == "bad_code"
    stale = town.service.bookings.issue_code(other.id, seconds=30)
    town.ledger.pass_time(seconds=31)
    with pytest.raises(LedgerError) as refusal:
        town.service.bookings.check_in(other.id, stale)
    assert refusal.value.code == "code_expired"
    assert town.service.bookings.fulfil(booked.id).result["state"] == "fulfilled"
    assert town.service.residents.points(resident)["balance"] == 10
