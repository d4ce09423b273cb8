"""A hospital's schedule at its desks: imported at one, opened at another, nothing lost with a laptop."""

from __future__ import annotations

import shutil
import threading
import uuid
from collections.abc import Callable

import pytest

from tests.desks.conftest import Office, Person, Said

STAFF = {"slots.role": "staff", "slots.hospital": "all"}


@pytest.fixture
def hospital(office: Office) -> str:
    """A hospital whose slots open as soon as they are committed."""
    from apps.health_slots.service import build_service

    id = f"H{uuid.uuid4().hex[:8].upper()}"
    service = build_service(office.platform, "city")
    try:
        service.set_up({id: "窗口医院"}, "HospitalMSP")
    finally:
        service.close()
    return id


@pytest.fixture
def nurse(seat: Callable[..., Person]) -> Callable[[], Person]:
    return lambda: seat(f"nurse-{uuid.uuid4().hex[:8]}", "HospitalMSP", "hospital_staff", **STAFF)


def imported(person: Person, hospital: str, **rules: object) -> dict[str, object]:
    words = {"release_mode": "after-commit", "release_delay_s": 0} | rules
    person.run("slots", "policy", "--hospital", hospital, *(f"{k}={v}" for k, v in words.items()))
    person.run("slots", "sample", "schedule.csv")
    done: dict[str, object] = person.run("slots", "import", "schedule.csv", "--hospital", hospital)
    return done


def test_a_schedule_imported_at_a_desk_that_is_lost_is_opened_at_another(
    nurse: Callable[[], Person], hospital: str
) -> None:
    """Before, it opened nowhere but where it was imported: "slots 0, not_due 0" and "skipped", as successes."""
    first, second = nurse(), nurse()
    done = imported(first, hospital)
    assert done["slots"]
    first.restart()
    shutil.rmtree(first.folder)
    # The colleague knows what was committed: the same file is the same.
    second.run("slots", "sample", "schedule.csv")
    assert second.run("slots", "import", "schedule.csv", "--hospital", hospital)["skipped"] == len(done["sessions"])  # type: ignore[arg-type]
    opened = second.run("slots", "release", "--hospital", hospital)
    assert (opened["slots"], len(opened["sessions"])) == (done["slots"], len(done["sessions"]))  # type: ignore[arg-type]
    assert second.run("slots", "search", "--hospital", hospital, "--limit", "1")["slots"]


def test_two_desks_open_the_same_schedule_and_one_is_told_so(nurse: Callable[[], Person], hospital: str) -> None:
    first, second = nurse(), nurse()
    done = imported(first, hospital)
    second.run("slots", "search", "--hospital", hospital)  # whose index so knows the sessions
    answers: list[Said] = []

    def release(person: Person) -> None:
        answers.append(person.say("slots", "release", "--hospital", hospital))

    threads = [threading.Thread(target=release, args=(person,)) for person in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    slots = sum(said.json["slots"] for said in answers if said.code == 0)
    assert slots == done["slots"]
    for said in answers:
        if said.code == 0 and not said.json["sessions"]:
            assert said.json["not_due"] == 0  # it came after the other had finished
        elif said.code:
            assert said.error["code"] == "released_already" and "nurse-" in said.error["message"]


def test_an_import_that_stopped_at_one_desk_is_finished_at_another(
    nurse: Callable[[], Person], hospital: str, office: Office
) -> None:
    first, second = nurse(), nurse()
    first.run("slots", "policy", "--hospital", hospital, "release_mode=after-commit", "release_delay_s=0")
    # As after kill -9 between two transactions: the note stands, the sessions do not all.
    from apps.health_slots.plans import ImportRun
    from apps.health_slots.service import build_service

    service = build_service(office.platform, "city")
    service.schedules._plans.note_run(ImportRun(hospital, "schedule.csv", "00" * 32, 40, 20))
    service.close()
    assert second.run("slots", "unfinished", "--hospital", hospital)["committed"] == 20
    for person in (first, second):
        refused = person.fails("slots", "release", "--hospital", hospital)
        assert refused["code"] == "import_unfinished"
    second.run("slots", "unfinished", "--hospital", hospital, "--accept")
    assert first.run("slots", "unfinished", "--hospital", hospital) == []


def test_how_a_hospital_writes_its_schedules_is_known_at_each_of_its_desks(
    nurse: Callable[[], Person], hospital: str
) -> None:
    first, second = nurse(), nurse()
    first.run("slots", "policy", "--hospital", hospital, "release_mode=after-commit", "release_delay_s=0")
    first.run("slots", "sample", "schedule.csv")
    file = first.folder / "schedule.csv"
    file.write_text(file.read_text("utf-8-sig").replace("专家,", "名医,"), "utf-8-sig")
    assert not first.run("slots", "preview", "schedule.csv", "--hospital", hospital)["importable"]
    first.run("slots", "import", "schedule.csv", "--hospital", hospital, "--kind", "名医=expert")
    found = second.run("slots", "preview", second.receive(file), "--hospital", hospital)
    assert found["importable"] and found["same"] == found["sessions"]
