"""The same hospital's next file: only what differs is written, each change with its reason, nothing is undone."""

from __future__ import annotations

import random

import pytest

from baas.errors import Conflict, LedgerError, UserError

SECOND = {"医生编号": "D2", "医生": "专家二"}


def import_(town, *rows, reason="", stop_missing=False):
    today = town.ledger.tester.now.date()
    return town.service.schedules.import_file(
        "H1", town.schedule(list(rows)), today=today, reason=reason, stop_missing=stop_missing
    )


def differences(town, *rows):
    today = town.ledger.tester.now.date()
    return town.service.schedules.preview(town.schedule(list(rows)), "H1", today=today).differences


def free(town, session):
    return {(s.start, s.end, s.pool) for s in town.service.slots(session) if s.state == "free"}


def test_a_change_needs_a_reason_and_nothing_is_written_without(town):
    town.publish()
    height = town.ledger.height()
    with pytest.raises(Conflict, match="differs from the ledger in 1 places") as refusal:
        import_(town, town.row(开始="08:30", 结束="10:30"))
    assert refusal.value.code == "schedule_differs" and town.ledger.height() == height


def test_an_hour_that_changed_moves_the_session_and_its_appointments(town):
    (session,) = town.publish()
    town.service.bookings.book(f"{session}.001", town.resident(1))
    later = town.row(开始="08:30", 结束="10:30")
    (change,) = differences(town, later).changes
    assert (change.what, change.session, change.appointments) == ("move", session, 1)
    assert differences(town, later).same == 0 and differences(town, town.row()).same == 1
    assert import_(town, later, reason="meeting").changed == 1
    (row,) = town.service.lists.changes("H1")
    assert (row.what, row.reason) == ("moved", "meeting")
    assert not differences(town, later).changes, "the file is what stands now"
    assert not differences(town, town.row()).changes, "a file of what was committed undoes no change"


def test_another_day_moves_the_session(town):
    session, _ = town.publish(town.row(), town.row(**SECOND))
    friday = [town.row(日期="2026-12-04"), town.row(**SECOND)]
    found = differences(town, *friday)
    assert [(c.what, c.arguments) for c in found.missing] == [("move", ("2026-12-04", 0))] and not found.changes
    done = import_(town, *friday, reason="meeting", stop_missing=True)
    assert (done.sessions, done.changed) == ((), 1)
    assert town.service.index.session(session).date == "2026-12-04"
    assert import_(town, *friday).changed == 0
    assert len(differences(town, town.row(日期="2026-12-10")).changes) == 0, "another week's file moves nothing"


def test_another_doctor_substitutes(town):
    (session,) = town.publish()
    town.service.bookings.book(f"{session}.001", town.resident(1))
    (change,) = differences(town, town.row(**SECOND)).missing
    assert (change.what, change.arguments, change.appointments) == ("substitute", ("D2",), 1)
    import_(town, town.row(**SECOND), reason="doctor-leave", stop_missing=True)
    assert town.service.index.session(session).doctor == "D2"
    assert import_(town, town.row(**SECOND)).changed == 0


def test_a_file_of_one_doctor_says_nothing_of_the_others(town):
    """A hospital sends a file for each doctor: the second doctor's is new, nobody is replaced."""
    (session,) = town.publish()
    assert import_(town, town.row(**SECOND)).sessions == ("H1.CARD-D2-261203AE",)
    assert town.service.index.session(session).doctor == "D1"


def test_more_and_fewer_slots(town):
    (session,) = town.publish()
    longer = town.row(结束="10:30", 号源数=15)
    assert {c.what for c in differences(town, longer).changes} == {"add"}
    assert import_(town, longer, reason="demand").changed == 3
    assert len(free(town, session)) == 15
    town.service.bookings.book(f"{session}.002", town.resident(1))
    shorter = town.row(开始="08:20", 号源数=10)
    (gone,) = differences(town, shorter).changes
    assert (gone.what, gone.arguments, gone.appointments) == ("withdraw", ([1, 2, 13, 14, 15],), 1)
    import_(town, shorter, reason="demand")
    assert len(free(town, session)) == 10 and import_(town, shorter).changed == 0


def test_nobody_loses_an_appointment_because_slots_are_spread_anew(town):
    """25 numbers instead of 30 in the same hours: all times differ, and somebody holds one of them."""
    (session,) = town.publish()
    town.service.bookings.book(f"{session}.002", town.resident(1))
    height = town.ledger.height()
    with pytest.raises(UserError, match="its times change and 1 appointments would end"):
        import_(town, town.row(号源数=8), reason="demand")
    with pytest.raises(UserError, match="its kind and fee stay"):
        import_(town, town.row(挂号费="50"), reason="demand")
    assert town.ledger.height() == height


def test_what_is_not_open_yet_is_committed_anew(town):
    """The old commitment stays for everyone to see, stopped with its reason; its time is free again."""
    import_(town, town.row())
    dearer = town.row(挂号费="50", 号源数=6)
    (change,) = differences(town, dearer).changes
    assert change.what == "stop"
    done = import_(town, dearer, reason="correction")
    assert done.sessions == ("H1.CARD-D1-261203AE-R2",)
    assert import_(town, dearer).changed == 0
    town.ledger.pass_time(seconds=61)
    assert town.service.schedules.release("H1").slots == 6
    again = town.row(挂号费="60", 号源数=6)
    with pytest.raises(UserError, match="its kind and fee stay"):
        import_(town, again, reason="correction")


def test_sessions_that_the_file_no_longer_names_stop_only_on_demand(town):
    first, second = town.publish(town.row(), town.row(**SECOND))
    town.service.bookings.book(f"{second}.001", town.resident(1))
    (gone,) = differences(town, town.row()).missing
    assert (gone.session, gone.appointments) == (second, 1)
    assert import_(town, town.row(), reason="doctor-ill").changed == 0
    with pytest.raises(Conflict, match="differs"):
        import_(town, town.row(), stop_missing=True)
    import_(town, town.row(), reason="doctor-ill", stop_missing=True)
    states = {s.id: s.state for s in town.service.sessions(hospital="H1")}
    assert states == {first: "published", second: "stopped"}
    # Another department's file says nothing about this one.
    other = town.row(科室编号="ORTH", 科室="骨科", 医生编号="D9", 医生="专家九")
    assert not differences(town, other).missing


def test_a_time_that_stops_may_be_taken_at_once(town):
    """A general clinic becomes an expert's, at the same hours: the ledger's roster lets the stopped one go."""
    town.publish(town.row(号别="普通"))
    expert = town.row()
    assert differences(town, expert).refused() and not differences(town, expert).refused(stop_missing=True)
    done = import_(town, expert, reason="correction", stop_missing=True)
    assert (len(done.sessions), done.changed) == (1, 1)


def test_an_import_that_was_stopped_between_changes_goes_on(town, monkeypatch):
    town.publish(town.row(), town.row(**SECOND))
    later = [town.row(开始="08:30", 结束="10:30"), town.row(**SECOND, 开始="09:00", 结束="11:00")]
    move, calls = type(town.service.schedules).move, []

    def once(self, *args):
        if calls:
            raise LedgerError(UserError("gone").message, stage="submit", code="unavailable")
        calls.append(args)
        return move(self, *args)

    with monkeypatch.context() as patched:
        patched.setattr(type(town.service.schedules), "move", once)
        with pytest.raises(LedgerError):
            import_(town, *later, reason="meeting")
    assert len(differences(town, *later).changes) == 1
    assert import_(town, *later, reason="meeting").changed == 1
    assert not differences(town, *later).changes


@pytest.mark.parametrize("seed", range(12))
def test_after_an_import_the_ledger_is_what_the_file_says(town, seed):
    """Random files one after the other, opened or not in between: afterwards the file differs in nothing."""
    chance = random.Random(seed)

    def schedule():
        rows = []
        for doctor in range(chance.randint(1, 4)):
            for day in range(3, 3 + chance.randint(1, 3)):
                start = chance.choice((8, 9))
                fee, count = chance.choice(("30", "30", "50")), chance.choice((6, 12))
                names = {"医生编号": f"D{doctor}", "医生": f"专家{doctor}", "日期": f"2026-12-0{day}"}
                hours = {"开始": f"{start:02d}:00", "结束": f"{start + 2:02d}:00"}
                rows.append(town.row(**names, **hours, 号源数=count, 挂号费=fee))
        return rows

    for _ in range(4):
        rows = schedule()
        refused = differences(town, *rows).refused(stop_missing=True)
        if refused:
            assert all("fee" in str(problem.why) for problem in refused)
            continue
        import_(town, *rows, reason="correction", stop_missing=True)
        left = differences(town, *rows)
        assert not (left.changes or left.missing or left.refused()) and import_(town, *rows).sessions == ()
        if chance.random() < 0.5:
            town.ledger.pass_time(seconds=61)
            town.service.schedules.release("H1")
