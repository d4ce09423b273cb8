"""The audit from blocks: whoever hides, adds late, withdraws or forges is found, with block and signer."""

from __future__ import annotations

import copy
import json

import pytest

from apps.health_slots.ledger import LedgerBlock, LedgerTransaction
from apps.health_slots.model import AuditReport
from baas.errors import UserError
from chaincode.health_slots import calendar

STAFF = "HospitalMSP/slots-staff-citydesk"


def kinds(report: AuditReport) -> dict[str, int]:
    found: dict[str, int] = {}
    for finding in report.findings:
        found[finding.kind] = found.get(finding.kind, 0) + 1
    return found


def forge(town, kind, key, record, *, signer="HospitalMSP/insider"):
    """Add a write that this contract would never make, as an altered contract with colluding endorsers could."""
    composite = "\x00" + "\x00".join([kind, *key]) + "\x00"
    value = None if record is None else json.dumps(record).encode()
    town.ledger.append(f"forged{town.ledger.height()}", "Forged", signer, {("health_slots", "", composite): value})


def session_record(town, session):
    for block in reversed(town.ledger.chain):
        for kind, key, record in block.transactions[0].writes:
            if kind == "session" and ".".join(key) == session:
                return copy.deepcopy(record)
    raise AssertionError(session)


def test_honest_city_is_clean(town):
    (session,) = town.publish()
    booked = town.service.bookings.book(f"{session}.001", town.resident(1))
    town.service.waiting.join(session, town.resident(2))
    town.service.bookings.cancel(booked.id)
    town.service.waiting.hand_on()
    town.service.bookings.book(f"{session}.001", town.resident(2))
    report = town.service.audit()
    assert report.clean and report.findings == ()
    assert (report.sessions, report.slots, report.bookings) == (1, 12, 2)
    assert report.head == town.ledger.chain[-1].hash


def test_sessions_that_never_open_are_hidden(town):
    town.publish()
    file = town.schedule([town.row(医生编号="D2", 医生="专家二")])
    hidden = town.service.schedules.import_file("H1", file, today=town.ledger.tester.now.date())
    town.ledger.pass_time(days=1)
    town.publish(town.row(医生编号="D3", 医生="专家三"), hospital="H2")
    report = town.service.audit()
    (finding,) = report.findings
    assert (finding.kind, finding.where, finding.block, finding.signer) == (
        "hidden",
        hidden.sessions[0],
        hidden.block,
        STAFF,
    )
    assert not report.clean and report.hidden == 1
    assert town.service.audit(hospital="H2").findings == ()


def test_scheduled_but_never_committed_is_hidden(town):
    town.publish()
    public = town.schedule([town.row(), town.row(医生编号="D2", 医生="专家二")], name="public.csv")
    report = town.service.audit(hospital="H1", schedule=public)
    assert [f.where for f in report.findings] == ["H1.CARD-D2-261203AE"]


def test_late_added_withdrawn_and_changed_are_listed(town):
    town.service.rules.set_policy("H1", {"release_mode": "daily"})
    file = town.schedule([town.row(日期="2026-11-25")])
    session = town.service.schedules.import_file("H1", file, today=town.ledger.tester.now.date()).sessions[0]
    town.ledger.pass_time(seconds=61)
    town.service.schedules.release("H1")
    added = town.service.schedules.add(session, 640, 10, "window", "revisit")
    withdrawn = town.service.schedules.withdraw(session, [3], "equipment")
    town.service.schedules.move(session, "2026-11-26", 10, "meeting")
    stopped = town.service.schedules.stop(session, "doctor-ill")
    report = town.service.audit()
    assert kinds(report) == {"late": 1, "added": 1, "withdrawn": 1, "moved": 1, "stopped": 1}
    by_kind = {f.kind: f for f in report.findings}
    assert (by_kind["added"].block, by_kind["added"].signer, by_kind["added"].reason) == (added.block, STAFF, "revisit")
    assert (by_kind["withdrawn"].block, by_kind["withdrawn"].where) == (withdrawn.block, f"{session}.003")
    assert (by_kind["stopped"].block, by_kind["stopped"].reason) == (stopped.block, "doctor-ill")
    assert report.clean


def test_reserved_share_is_shown(town):
    town.publish(town.row(), town.row(开始="10:00", 结束="11:00", 号源数=4, 号源池="预留"))
    (finding,) = town.service.audit().findings
    assert finding.kind == "reserved" and "4 of 16" in str(finding.text)


def test_two_appointments_on_one_slot_are_found(town):
    (session,) = town.publish()
    town.service.bookings.book(f"{session}.001", town.resident(1))
    forge(town, "slot", ("H1", session[3:], "001"), {"state": "booked", "appointment": "Aforged", "at": 1})
    (finding,) = town.service.audit().findings
    assert (finding.kind, finding.signer, finding.block) == ("double", "HospitalMSP/insider", town.ledger.height() - 1)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda r: r["runs"][0].__setitem__(2, 11), "altered"),
        (lambda r: r.__setitem__("root", "00" * 32), "altered"),
        (lambda r: r.__setitem__("release_at", r["release_at"] + 86_400), "altered"),
        (lambda r: r.__setitem__("count", 11), "altered"),
        (lambda r: r.__setitem__("date", "2026-12-09"), "altered"),
    ],
)
def test_rewritten_promises_are_found(town, change, kind):
    (session,) = town.publish()
    record = session_record(town, session)
    change(record)
    forge(town, "session", ("H1", session[3:]), record)
    assert kind in kinds(town.service.audit())


def test_deleted_sessions_and_slots_are_found(town):
    (session,) = town.publish()
    town.service.bookings.book(f"{session}.001", town.resident(1))
    forge(town, "slot", ("H1", session[3:], "001"), None)
    forge(town, "session", ("H1", session[3:]), None)
    assert kinds(town.service.audit())["altered"] == 2


def test_opening_other_than_committed_is_found_whatever_the_contract_said(town):
    file = town.schedule([town.row()])
    session = town.service.schedules.import_file("H1", file, today=town.ledger.tester.now.date()).sessions[0]
    record = session_record(town, session)
    town.ledger.pass_time(seconds=61)
    runs = [[480, 10, 10, "online"], [580, 10, 2, "reserved"]]
    opened = {**record, "state": "published", "runs": runs, "secret": "11" * 32, "published_at": 1, "published_by": "x"}
    forge(town, "session", ("H1", session[3:]), opened)
    assert "mismatch" in kinds(town.service.audit())


def test_taken_before_release_and_uncommitted_slots_are_found(town):
    file = town.schedule([town.row()])
    session = town.service.schedules.import_file("H1", file, today=town.ledger.tester.now.date()).sessions[0]
    forge(town, "slot", ("H1", session[3:], "001"), {"state": "booked", "appointment": "A1", "at": 1})
    (opened,) = town.publish(town.row(医生编号="D2", 医生="专家二"))
    forge(town, "slot", ("H1", opened[3:], "099"), {"state": "free", "at": 1})
    found = kinds(town.service.audit(as_of=1))
    assert (found["early"], found["uncommitted"]) == (1, 1)


def test_illegal_moves_and_unbalanced_books_are_found(town):
    (session,) = town.publish()
    booked = town.service.bookings.book(f"{session}.001", town.resident(1))
    town.service.bookings.cancel(booked.id)
    record = town.ledger.evaluate("platform", "GetAppointment", booked.id)
    forge(town, "appointment", (booked.id,), {**record, "state": "booked"})
    forge(town, "posting", ("H1", "2026-11-23", booked.id, "009"), {"lines": [["bank", 5], ["revenue", -4]]})
    forge(town, "points-entry", (town.resident(1), "tx"), {"lines": [["resident", 5], ["issued", 0]]})
    found = kinds(town.service.audit())
    assert (found["illegal"], found["unbalanced"]) == (1, 2)


def test_draw_with_other_winners_is_found(town):
    (session,) = town.publish()
    draws = town.service.draws
    draws.open("D1", "H1", [f"{session}.001"], apply_s=60, turn_s=400)
    for party in ("hospital", "platform", "patients"):
        draws.commit("D1", party)
    for number in range(5):
        draws.apply("D1", town.resident(number))
    town.ledger.pass_time(seconds=62)
    draws.freeze("D1")
    for party in ("hospital", "platform", "patients"):
        draws.reveal("D1", party)
    done = draws.finish("D1").result
    assert draws.verify("D1").agrees
    assert town.service.audit().clean
    loser = next(town.resident(n) for n in range(5) if town.resident(n) != done["winners"][0][0])
    forge(town, "draw", ("D1",), {**done, "winners": [[loser, done["winners"][0][1]]]})
    assert kinds(town.service.audit()) == {"draw": 1}


def test_reopening_off_the_beacons_moment_is_found(town):
    (session,) = town.publish()
    town.service.waiting.commit_beacon("2026-11-23")
    booked = town.service.bookings.book(f"{session}.001", town.resident(1))
    town.service.bookings.cancel(booked.id)
    waiting = town.service.waiting.hand_on().waiting
    assert [slot for slot, _ in waiting] == [f"{session}.001"]
    town.ledger.pass_time(seconds=waiting[0][1] - town.ledger.now)
    town.ports.plays = lambda part: part == "staff"  # a nurse may not reopen, and is not refused half-way
    left = town.service.waiting.hand_on()
    assert not left.reopened and [slot for slot, _ in left.waiting] == [f"{session}.001"]
    town.ports.plays = lambda part: True
    assert town.service.waiting.hand_on().reopened == (f"{session}.001",)
    town.ledger.pass_time(days=3)
    town.service.waiting.reveal_beacon("2026-11-23")
    assert town.service.audit().clean
    record = {
        "state": "free",
        "returned_at": waiting[0][1] - 600,
        "reopened_at": waiting[0][1] - 599,
        "timed": True,
        "at": 1,
    }
    forge(town, "slot", ("H1", session[3:], "001"), record)
    assert "reopened" in kinds(town.service.audit())


def test_a_missing_block_is_found(town):
    town.publish()
    chain = town.ledger.chain
    chain[3:4] = []
    assert "chain" in kinds(town.service.audit())


def test_invalid_transactions_do_not_count(town):
    (session,) = town.publish()
    write = ("slot", ("H1", session[3:], "001"), {"state": "booked", "appointment": "A1", "at": 1})
    last = town.ledger.chain[-1]
    bad = LedgerTransaction("t", False, "MVCC_READ_CONFLICT", 0, "BookSlot", "x", (write,))
    town.ledger.chain.append(LedgerBlock(last.number + 1, "h", last.hash, (bad,)))
    report = town.service.audit()
    assert report.clean and report.bookings == 0


def published_rows(town):
    return [town.row(), town.row(医生编号="D2", 医生="专家二")]


def test_fewer_slots_than_the_published_schedule_are_found(town):
    """A hospital that shows residents twelve slots and commits eight hides four."""
    (session,) = town.publish(town.row(号源数=8))
    public = town.schedule([town.row()], name="public.csv")
    report = town.service.audit(hospital="H1", schedule=public)
    (finding,) = report.findings
    assert (finding.kind, finding.where, finding.signer) == ("differs", session, STAFF) and finding.block > 0
    assert "8 slots promised, 12" in str(finding.text)


def test_slots_that_went_to_another_pool_than_published_are_found(town):
    rows = [town.row(号源数=6, 结束="09:00"), town.row(号源数=6, 开始="09:00", 号源池="预留")]
    town.publish(*rows)
    public = town.schedule([town.row(号源数=6, 结束="09:00"), town.row(号源数=6, 开始="09:00")], name="public.csv")
    report = town.service.audit(hospital="H1", schedule=public)
    assert kinds(report) == {"reserved": 1, "differs": 1} and not report.clean


def test_a_schedule_is_compared_when_its_days_are_over(town):
    town.publish()
    public = town.schedule(published_rows(town), name="public.csv")
    town.ledger.pass_time(days=60)
    assert [f.kind for f in town.service.audit(hospital="H1", schedule=public).findings] == ["hidden"]
    with pytest.raises(UserError):
        town.service.audit(schedule=public)


@pytest.mark.parametrize(("late_by", "severity"), [(300, None), (1800, "notice"), (86_400, "alarm")])
def test_opening_long_after_the_release_is_found(town, late_by, severity):
    """Committed in time and opened late: hidden from residents meanwhile, and known to insiders."""
    file = town.schedule([town.row()])
    town.service.schedules.import_file("H1", file, today=town.ledger.tester.now.date())
    town.ledger.pass_time(seconds=60 + late_by)
    opened = town.service.schedules.release("H1").receipts[0]
    found = [(f.kind, f.severity, f.block, f.signer) for f in town.service.audit().findings]
    assert found == ([("delayed", severity, opened.block, STAFF)] if severity else [])


def test_a_release_later_than_the_rules_name_is_found(town):
    town.service.rules.set_policy("H1", {"release_mode": "daily"})
    town.publish()  # what the contract takes as a pattern
    plan = {
        **{"id": "CARD-D1-261210P", "department": "CARD", "doctor": "D1", "date": "2026-12-10", "part": "pm"},
        **{"kind": "expert", "start": 840, "end": 900, "fee": 0, "count": 6, "root": "ab" * 32},
        "release_at": calendar.at("2026-12-10", 800, 480),
    }
    deferred = town.ledger.submit(
        "staff",
        "CommitSessions",
        "H1",
        [plan],
        {"departments": [], "doctors": [{"id": "D1", "department": "CARD", "name": "专家一", "title": ""}]},
    )
    found = [f for f in town.service.audit(as_of=1).findings if f.kind == "deferred"]
    assert [(f.where, f.block, f.signer) for f in found] == [("H1.CARD-D1-261210P", deferred.block, STAFF)]


def test_passing_over_the_queue_is_found(town):
    (session,) = town.publish()
    booked = town.service.bookings.book(f"{session}.001", town.resident(1))
    for number in (2, 3):
        town.service.waiting.join(session, town.resident(number))
        town.ledger.pass_time(seconds=1)
    town.service.bookings.cancel(booked.id)
    proposed = town.ledger._propose("platform", "OfferReturned", (f"{session}.001",), None)
    writes = dict(proposed.writes)
    second = [k for k in town.ledger.tester.ledger.state("health_slots") if k.startswith("\x00waiting\x00")][1]
    first = next(k for k in writes if k[2].startswith("\x00waiting\x00"))
    writes[("health_slots", "", second)] = writes.pop(first)
    town.ledger.append("forged", "OfferReturned", "HospitalMSP/insider", writes)
    found = [f for f in town.service.audit().findings if f.kind == "queue"]
    assert [(f.where, f.signer) for f in found] == [(f"{session}.001", "HospitalMSP/insider")]


@pytest.mark.parametrize(
    ("state", "extra", "kind"),
    [
        ("free", {}, "illegal"),
        ("held", {"appointment": "Aforged", "resident": "x", "booker": "x", "expires": 9}, "illegal"),
        ("drawn", {"draw": "D1"}, "illegal"),
    ],
)
def test_booked_slots_given_straight_to_the_fastest_are_found(town, state, extra, kind):
    (session,) = town.publish()
    town.service.bookings.book(f"{session}.001", town.resident(1))
    forge(town, "slot", ("H1", session[3:], "001"), {"state": state, "at": 1, **extra})
    report = town.service.audit(hospital="H1")
    assert kind in kinds(report) and not report.clean


def test_a_slot_that_was_withdrawn_does_not_come_back_unseen(town):
    (session,) = town.publish()
    town.service.schedules.withdraw(session, [3], "equipment")
    forge(town, "slot", ("H1", session[3:], "003"), {"state": "booked", "appointment": "A9", "at": 1})
    assert kinds(town.service.audit())["illegal"] == 1


@pytest.mark.parametrize(("field", "value"), [("doctor", "D9"), ("shift", 30)])
def test_changes_without_their_note_are_found(town, field, value):
    (session,) = town.publish()
    forge(town, "session", ("H1", session[3:]), session_record(town, session) | {field: value})
    assert kinds(town.service.audit()) == {"altered": 1}


def test_new_roles_and_draws_without_the_patients_side_are_noted(town):
    (session,) = town.publish()
    draws = town.service.draws
    draws.open("D1", "H1", [f"{session}.001"], apply_s=60, turn_s=400)
    for party in ("hospital", "platform"):
        draws.commit("D1", party)
    draws.apply("D1", town.resident(1))
    town.ledger.pass_time(seconds=62)
    draws.freeze("D1")
    town.ledger.pass_time(days=2)
    for party in ("hospital", "platform"):
        draws.enter_number("D1", party, "123")
    done = draws.finish("D1")
    roles = town.service.rules.settings()["roles"]
    town.service.rules.initialize({**roles, "platform": ["DataBureauMSP", "HospitalMSP"]})
    report = town.service.audit(hospital="H1")
    assert kinds(report) == {"weak-draw": 1, "roles": 1} and report.clean
    assert report.findings[0].block == done.block
    assert town.service.audit(hospital="H2").findings[0].kind == "roles"
