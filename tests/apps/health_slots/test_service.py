"""From a schedule file to bookings, and what the audit and the index say of it."""

from __future__ import annotations

import hashlib
import threading

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from apps.health_slots.index import SlotIndex
from apps.health_slots.kinds import Booking, Key
from apps.health_slots.model import SlotQuery
from apps.health_slots.schedule import Habits, answer
from baas.errors import Conflict, LedgerError, NotFound, UserError


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


def test_a_file_is_imported_again_after_its_sessions_were_stopped_or_moved(town):
    rows = [town.row(), town.row(医生编号="D2", 医生="专家二"), town.row(医生编号="D3", 医生="专家三")]
    stopped, moved, _ = town.publish(*rows)
    town.service.schedules.stop(stopped, "doctor-ill")
    town.service.schedules.move(moved, "2026-12-04", 30, "meeting")
    today = town.ledger.tester.now.date()
    again = town.service.schedules.import_file("H1", town.schedule(rows), today=today)
    assert (again.sessions, again.skipped) == ((), 3)
    more = town.schedule([*rows, town.row(日期="2026-12-05")])
    assert town.service.schedules.import_file("H1", more, today=today).skipped == 3
    clash = town.schedule([town.row(医生编号="D3", 医生="专家三", 号别="普通", 开始="09:00", 结束="11:00")])
    height = town.ledger.height()
    with pytest.raises(UserError, match="line 2: the doctor has session CARD-D3-261203AE at that time"):
        town.service.schedules.import_file("H1", clash, today=today)
    assert town.ledger.height() == height


def test_the_preview_names_what_the_ledger_would_refuse(town):
    """A night clinic reaches into the next day, on the ledger too."""
    night = {"时段": "夜间", "开始": "20:00", "结束": "02:00", "号源数": 36}
    (session,) = town.publish(town.row(**night))
    assert town.service.sessions(hospital="H1")[0].end == 1560 and session.endswith("NE")
    clash = town.schedule([town.row(日期="2026-12-04", 时段="夜间", 开始="01:00", 结束="03:00")])
    found = town.service.schedules.preview(clash, "H1", today=town.ledger.tester.now.date())
    assert [(b.line, "has session" in str(b.why)) for b in found.bad] == [(2, True)] and not found.importable
    after = town.schedule([town.row(日期="2026-12-04", 时段="夜间", 开始="02:00", 结束="04:00")])
    assert town.service.schedules.preview(after, "H1", today=town.ledger.tester.now.date()).importable


def test_a_hospital_is_asked_once(town):
    """Answers are kept with the hospital, ids of any letters are shown as it writes them."""
    file = town.schedule([town.row(科室编号="心-01", 时段="S1")])
    today = town.ledger.tester.now.date()
    (question,) = town.service.schedules.preview(file, "H1", today=today).questions
    habits = answer(town.service.schedules.habits("H1"), question, "am")
    town.service.schedules.keep_habits("H1", habits)
    town.service.schedules.import_file("H1", file, today=today)
    (department,) = town.service.rules.units("H1")["departments"].values()
    assert department["code"] == "心-01"
    assert town.service.schedules.habits("H2") == Habits()


def test_a_session_that_is_over_today_is_a_bad_line_of_the_preview(town):
    """Before, it passed the preview and stopped the whole import at the ledger."""
    town.service.schedules._ports.clock = lambda: town.ledger.now
    over = town.schedule([town.row(日期="2026-11-23", 开始="08:00", 结束="09:00", 号源数=6)])
    assert [str(b.why) for b in town.service.schedules.preview(over, "H1").bad] == ["the date is over"]


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
    other.follow(town.ledger.blocks(0))
    rebuilt = other.export(tmp_path / "rebuilt.db")
    other.close()
    town.service.rebuild()
    again = town.service.index.export(tmp_path / "again.db")
    digests = {hashlib.sha256(p.read_bytes()).hexdigest() for p in (followed, rebuilt, again)}
    assert len(digests) == 1


def test_index_is_read_while_it_is_made_anew_and_closed(town):
    """Readers of other threads get whole answers or none; a connection in use is never taken from them."""
    (session, *_) = town.publish()
    index, wrong, stopped = town.service.index, [], threading.Event()

    def read() -> None:
        while not stopped.is_set():
            try:
                index.slots(session)
            except NotFound:
                pass
            except Exception as error:
                wrong.append(error)
                return

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for _ in range(60):
        town.service.rebuild()
        index.close()
    stopped.set()
    for reader in readers:
        reader.join(30)
    assert wrong == []


def test_index_that_is_no_database_is_made_anew(tmp_path):
    path = tmp_path / "index.db"
    path.write_bytes(b"no database" * 1000)
    made = SlotIndex(path)
    assert made.height == 0
    made.close()


def test_index_refuses_a_gap(town, tmp_path):
    town.publish()
    other = SlotIndex(tmp_path / "gap.db")
    with pytest.raises(Exception, match="does not follow"):
        other.follow(iter(town.ledger.chain[1:]))
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
    assert town.service.acts.do(Booking.fulfil, on=booked.id).result["state"] == "fulfilled"
    # Which account it is the authority alone can tell; it credits a day's visits together.
    assert town.service.residents.points(resident)["balance"] == 0
    settle = town.service.residents.settle_visits
    assert (settle().credited, settle(through="2026-11-23").credited, settle(through="2026-11-23").credited) == (
        0,
        1,
        0,
    )
    assert town.service.residents.points(resident)["balance"] == 10


def test_holds_and_offers_that_ran_out_go_on_to_who_waits(town):
    (session,) = town.publish()
    town.service.bookings.hold(f"{session}.001", town.resident(1))
    for number in (2, 3):
        town.service.waiting.join(session, town.resident(number))
        town.ledger.pass_time(seconds=1)
    assert town.service.waiting.hand_on().offered == ()
    town.ledger.pass_time(seconds=601)
    first = town.service.waiting.hand_on().offered
    town.ledger.pass_time(seconds=1801)
    second = town.service.waiting.hand_on().offered
    assert [slot for slot, _ in first + second] == [f"{session}.001"] * 2
    assert [town.service.bookings.get(a).resident for _, a in first + second] == [town.visit(2), town.visit(3)]
    assert town.ledger.evaluate("platform", "GetBeacon", "2026-11-23")["signer"].startswith("DataBureauMSP/")


def test_resident_key_consent_look_and_trace(town):
    residents = town.service.residents
    resident = town.service.bookings.deposit("H1", town.identity(1))
    old, new = (Ed25519PrivateKey.from_private_bytes(b * 32) for b in (b"o", b"n"))
    residents.bind_key("H1", resident, old.public_key().public_bytes_raw())
    residents.bind_key("H1", resident, new.public_key().public_bytes_raw(), old=old)
    assert residents.key(resident)["public"] == new.public_key().public_bytes_raw().hex()
    (session,) = town.publish()
    booked = town.service.bookings.book(f"{session}.001", resident)
    draft = residents.draft_consent(resident, "H2", int(town.ledger.now) + 3600)
    with pytest.raises(LedgerError) as refusal:
        residents.give_signed(draft, old.sign(draft.text).hex())
    assert refusal.value.code == "bad_signature"
    residents.give_signed(draft, new.sign(draft.text).hex())
    assert [r["id"] for r in residents.read_record(draft.consent, "treatment")] == [booked.id]
    assert [(a["hospital"], a["purpose"]) for a in residents.accesses(resident)] == [("H2", "treatment")]
    residents.revoke_consent(draft.consent, new)
    assert residents.consent(draft.consent)["state"] == "revoked"
    with pytest.raises(LedgerError) as refusal:
        residents.read_record(draft.consent, "treatment")
    assert refusal.value.code == "no_consent"
    town.service.acts.do(Key.withdraw, {"resident": resident, "reason": "other"})
    with pytest.raises(LedgerError) as refusal:
        residents.give_consent(resident, "H2", int(town.ledger.now) + 3600, new)
    assert refusal.value.code == "no_key"
