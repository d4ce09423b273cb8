"""Campuses: they come with the schedule, and stand wherever people look for the door."""

from __future__ import annotations

import csv

import pytest
from starlette.testclient import TestClient

from apps.health_slots import papers
from apps.health_slots.model import SlotQuery
from apps.health_slots.schedule.fields import ledger_id
from apps.health_slots.serving.board import board_app
from tests.apps.health_slots.conftest import HEADINGS
from tests.apps.health_slots.test_audit import forge, kinds, session_record

EAST, WEST = ledger_id("东院区"), ledger_id("西院区")


def file(town, *rows, heading="院区"):
    """A schedule with one more column; a row is (campus, changes)."""
    path = town.folder / "campuses.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([[*HEADINGS, heading], *([*town.row(**more), at] for at, more in rows)])
    return path


def import_(town, *rows, reason="", opened=True, **more):
    today = town.ledger.tester.now.date()
    done = town.service.schedules.import_file("H1", file(town, *rows, **more), today=today, reason=reason)
    if opened:
        town.ledger.pass_time(seconds=61)
        town.service.schedules.release("H1")
    return done


def preview(town, *rows):
    today = town.ledger.tester.now.date()
    return town.service.schedules.preview(file(town, *rows), "H1", today=today)


TWO = (("东院区", {}), ("西院区", {"开始": "10:30", "结束": "12:00", "号源数": 9}))
"""One doctor's morning at two places."""


@pytest.mark.parametrize("heading", ["院区", "分院", "Campus", "就诊 院区"])
def test_a_morning_at_two_campuses_is_two_sessions(town, heading):
    done = import_(town, *TWO, heading=heading)
    assert len(done.sessions) == 2
    sessions = {s.id: s for s in town.service.index.sessions(hospital="H1")}
    assert [(s.campus, s.campus_name, s.start) for s in sessions.values()] == [
        (EAST, "东院区", 480),
        (WEST, "西院区", 630),
    ]
    assert import_(town, *TWO, heading=heading).sessions == (), "the same file again writes nothing"
    assert town.service.rules.units("H1")["campuses"][EAST]["name"] == "东院区"


def test_search_finds_by_campus(town):
    east, west = import_(town, *TWO).sessions

    def found(**what):
        return {s.id for s in town.service.search(SlotQuery(**what)).sessions}

    assert found(campus="东院区") == found(campus=EAST) == found(text="东院") == {east}
    assert found(text="心血管 西院") == {west} and found(hospital="H1") == {east, west}
    assert found(campus="北院区") == found(hospital="H2", campus="东院区") == set()


def test_slip_and_board_say_where(town):
    east, west = import_(town, *TWO).sessions
    resident = town.service.bookings.deposit("H1", town.identity(1))
    appointment = town.service.bookings.book(f"{west}.001", resident).id
    visit = town.service.lists.visit(appointment)
    assert visit is not None and visit.campus == "西院区"
    for lang, title in (("zh", "院区"), ("en", "Campus")):
        assert f"<th>{title}</th><td>西院区</td>" in papers.slip(visit, "医院", "某人", lang)
    with TestClient(board_app(town.service)) as client:
        day = client.get("/h/H1?from=2026-12-01").text
        assert "东院区 心血管内科" in day and "西院区 心血管内科" in day
        assert "西院区" in client.get(f"/s/{west}").text and "西院区" not in client.get(f"/s/{east}").text


def test_a_hospital_with_one_place_sees_no_campus(town):
    (session,) = town.publish()
    town.service.bookings.book(f"{session}.001", town.resident(1))
    (visit,) = town.service.lists.visits("H1")
    assert "院区" not in papers.slip(visit, "医院", "某人", "zh")
    assert town.service.index.session(session).house == "市第一人民医院"


def test_fhir_names_the_place(town, http):
    east, west = import_(town, *TWO).sessions
    place = http.get(f"/fhir/Location/H1.{EAST}").json()
    assert (place["alias"], place["partOf"]["reference"]) == (["东院区"], "Location/H1")
    assert place["managingOrganization"]["reference"] == "Organization/H1"
    by_name = http.get("/fhir/Location", params={"name": "东院"}).json()
    assert [e["resource"]["id"] for e in by_name["entry"]] == [f"H1.{EAST}"]
    schedule = http.get(f"/fhir/Schedule/{east}").json()
    assert {"reference": f"Location/H1.{EAST}", "display": "市第一人民医院 东院区"} in schedule["actor"]

    def ids(path, **params):
        return {e["resource"]["id"] for e in http.get(path, params=params).json().get("entry", [])}

    assert ids("/fhir/Schedule", actor=f"Location/H1.{WEST}") == {west}
    assert ids("/fhir/Schedule", actor="Location/H1") == {east, west}
    slots = ids("/fhir/Slot", **{"schedule.actor": f"Location/H1.{WEST}", "_count": "50"})
    assert len(slots) == 9 and all(s.startswith(west) for s in slots)


def test_what_opened_stays_where_it_is(town):
    (session,) = import_(town, ("东院区", {})).sessions
    found = preview(town, ("西院区", {}))
    assert not found.importable and [b.why.render("en") for b in found.bad] == [
        "is open, its campus stays; stop it to change it"
    ]
    # A file that says nothing of campuses changes nothing.
    file_without = town.schedule([town.row()])
    plain = town.service.schedules.preview(file_without, "H1", today=town.ledger.tester.now.date())
    assert plain.importable and plain.differences.same == 1 and not plain.differences.changes
    assert town.service.index.session(session).campus_name == "东院区"


def test_what_is_not_open_yet_is_promised_anew_elsewhere(town):
    import_(town, ("东院区", {}), opened=False)
    done = import_(town, ("西院区", {}), reason="correction", opened=False)
    assert len(done.sessions) == done.changed == 1
    states = {(s.campus_name, s.state) for s in town.service.index.sessions(hospital="H1")}
    assert states == {("东院区", "stopped"), ("西院区", "committed")}


def test_sessions_from_before_campuses_are_known_and_stay(town):
    """A hospital whose files always had the column imports them again after the update."""
    (old,) = town.publish()
    found = preview(town, ("东院区", {}))
    assert found.importable and found.differences.same == 1 and not found.differences.changes
    assert import_(town, ("东院区", {})).sessions == ()
    assert town.service.index.session(old).campus == ""


def test_a_promise_of_a_place_cannot_be_broken_unseen(town):
    (session,) = import_(town, ("东院区", {})).sessions
    assert town.service.audit().clean
    forge(town, "session", ("H1", session[3:]), session_record(town, session) | {"campus": WEST})
    assert kinds(town.service.audit())["altered"] == 1


def test_a_heading_of_the_hospitals_own_is_read_as_the_campus_once_somebody_said_so(town):
    """Before, a column that was not called so could not be named from the import's page at all."""
    from apps.health_slots.schedule import Habits, preview_file

    rows = file(town, *TWO, heading="就诊地点")
    today = town.ledger.tester.now.date()
    plain = preview_file(rows, today=today)
    assert plain.columns == {"就诊地点": ""} and {s.campus_name for s in plain.sessions} == {""}
    told = preview_file(rows, today=today, habits=Habits(columns={"就诊地点": "campus"}))
    assert told.columns == {"就诊地点": "campus"} and {s.campus_name for s in told.sessions} == {"东院区", "西院区"}
    assert preview_file(file(town, *TWO), today=today).columns == {}, "what everybody calls so is no question"


def test_a_desks_list_narrows_to_a_campus(town):
    east, west = import_(town, *TWO).sessions
    for session, number in ((east, 1), (west, 2)):
        town.service.bookings.book(f"{session}.001", town.service.bookings.deposit("H1", town.identity(number)))
    lists = town.service.lists
    assert lists.campuses("H1") == ("东院区", "西院区") and lists.campuses("H2") == ()
    assert [v.campus for v in lists.visits("H1", campus="西院区")] == ["西院区"]
    assert len(lists.visits("H1")) == 2
