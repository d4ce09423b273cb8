"""People of slots who had no certificate that let them act: the clerk, the parties of a draw."""

from __future__ import annotations

import datetime as dt
import json
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from fabric_sdk import clock
from tests.desks.conftest import Office, Person, Said
from tests.people import card, paper

Hire = Callable[[str, str], Person]


@pytest.fixture
def hospital(office: Office) -> str:
    from apps.health_slots.service import build_service

    id = f"H{uuid.uuid4().hex[:8].upper()}"
    service = build_service(office.platform, "city")
    try:
        service.set_up({id: "样例医院"}, "HospitalMSP")
    finally:
        service.close()
    return id


@pytest.fixture
def at(seat: Callable[..., Person]) -> Hire:
    """Somebody at a desk of their own, with a role of the platform and nothing else."""
    return lambda msp_id, role: seat(f"{role.replace('_', '-')}-{uuid.uuid4().hex[:8]}", msp_id, role)


def published(nurse: Person, hospital: str, **rules: object) -> list[str]:
    """A schedule of tomorrow on, open; free slots of the first session that has enough of them."""
    words = {
        "release_mode": "after-commit", "release_delay_s": 0, "window_days": 30, "cancel_working_days": 0,
        "cancel_minute": 420,
    } | rules  # fmt: skip  # a visit may be given back until the morning of its own day, whatever day this is
    nurse.run("slots", "policy", "--hospital", hospital, *(f"{k}={v}" for k, v in words.items()))
    nurse.run("slots", "sample", "schedule.csv")
    nurse.run("slots", "import", "schedule.csv", "--hospital", hospital)
    nurse.run("slots", "release", "--hospital", hospital)
    start = (clock.today() + dt.timedelta(days=4)).isoformat()
    found = nurse.run("slots", "search", "--hospital", hospital, "--pool", "online", "--from", start, "--limit", "200")
    return [slot["id"] for slot in found["slots"]]


def at_once(*acts: Callable[[], Said]) -> list[Said]:
    answers: list[Said] = []
    threads = [threading.Thread(target=lambda act=act: answers.append(act())) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_the_clerk_takes_pays_back_settles_and_reconciles(at: Hire, hospital: str) -> None:
    """Before, nobody but the platform's administrator could, whatever the guide said."""
    nurse, clerk = at("HospitalMSP", "hospital_staff"), at("HospitalMSP", "payment_clerk")
    slots = published(nurse, hospital)
    nurse.write("zhao.json", paper(1))
    made = nurse.run("slots", "book", slots[0], "--identity", "zhao.json", "--window")
    amount = made["due"]
    assert amount > 0
    refused = nurse.fails("slots", "bill", "pay", made["id"], "wechat", "W1", amount)
    assert refused["code"] == "permission_denied" or "may not" in refused["message"]
    reference = uuid.uuid4().hex[:12]
    clerk.run("slots", "bill", "pay", made["id"], "wechat", reference, amount)
    assert clerk.fails("slots", "bill", "pay", made["id"], "wechat", reference, amount)["code"] == "duplicate_payment"
    nurse.run("slots", "cancel", made["id"], "--window")
    clerk.run("slots", "bill", "refund", made["id"], "wechat", f"{reference}-back")
    assert clerk.run("slots", "bill", "balance", "--hospital", hospital)["balanced"]
    day = clock.today().isoformat()
    book = clerk.write("book.csv", f"order,type,amount\n{made['id']},payment,{amount}\n{made['id']},refund,{amount}\n")
    short = clerk.write("short.csv", f"order,type,amount\n{made['id']},payment,{amount}\n")
    words = ("slots", "bill", "reconcile", day)
    assert clerk.run(*words, book, book, "--hospital", hospital, "--record")["differences"] == []
    assert len(clerk.run(*words, book, short, "--hospital", hospital)["differences"]) == 1
    # A day that goes on is not settled; one that is over once, whoever of two clerks is faster.
    assert clerk.fails("slots", "bill", "settle", day, "wechat", "--hospital", hospital)["code"] == "day_not_over"
    before = (clock.today() - dt.timedelta(days=2)).isoformat()
    second = at("HospitalMSP", "payment_clerk")
    settle = ("slots", "bill", "settle", before, "wechat", "--hospital", hospital)
    answers = at_once(lambda: clerk.say(*settle), lambda: second.say(*settle))
    assert sorted(said.code for said in answers) == [0, 4]
    assert next(said.error["code"] for said in answers if said.code) == "settled"
    # Neither books, nor sees who somebody is.
    assert clerk.fails("slots", "book", slots[1], "--identity", nurse_file(nurse, clerk))["code"]
    assert clerk.fails("slots", "identity", "--hospital", hospital, "--resident", made["resident"])["code"]


def nurse_file(nurse: Person, other: Person) -> Path:
    return other.receive(nurse.folder / "zhao.json")


def announced(nurse: Person, bureau: Person, patients: Person, hospital: str, slots: list[str]) -> str:
    """A draw of two slots with the parties' seeds and three applicants; a busy machine gets more time for the next."""
    for number in (11, 12, 13):
        nurse.write(f"{number}.json", paper(number))
    said: list[Said] = []
    for number, seconds in enumerate(("4", "15", "60")):
        drawn = slots[2 * number : 2 * number + 2]  # a slot stays with the draw that it was put into
        draw = f"D{uuid.uuid4().hex[:10]}"
        words = ("--hospital", hospital, "--apply-s", seconds, "--turn-s", "400")
        nurse.run("slots", "draw", "open", draw, *drawn, *words)
        parties = ((nurse, "hospital"), (bureau, "platform"), (patients, "patients"))
        said = [person.say("slots", "draw", "commit", draw, party) for person, party in parties]
        applying = ("slots", "draw", "apply", draw, "--identity")
        said += [nurse.say(*applying, f"{number}.json") for number in (11, 12, 13)]
        if not any(one.code for one in said):
            return draw
    raise AssertionError(f"a minute was not enough: {[one.err for one in said]}")


def test_a_draw_over_three_desks_of_three_organisations(
    at: Hire, hospital: str, office: Office, hire: Callable[[str], Person]
) -> None:
    """Each party's secret is at its own desk and in its recovery file; the patients' laptop is lost half-way."""
    nurse, bureau = at("HospitalMSP", "hospital_staff"), at("DataBureauMSP", "slots_platform")
    patients, auditor = at("HealthMSP", "patients_party"), at("HealthMSP", "auditor")
    slots = published(nurse, hospital)
    day = slots[0].rpartition(".")[0]
    draw = announced(nurse, bureau, patients, hospital, [slot for slot in slots if slot.startswith(day)])
    saved = patients.run("identity", "recovery", "mine.citychain")
    # Nobody commits or reveals as somebody else: the certificate says which party one is.
    assert bureau.fails("slots", "draw", "commit", draw, "patients")["code"] == "seed_committed"
    auditor.fails("slots", "draw", "freeze", draw)
    while (frozen := bureau.say("slots", "draw", "freeze", draw)).code:
        assert frozen.error["code"] == "too_early", frozen.err
        time.sleep(0.2)  # the test's own limit ends it
    assert patients.fails("slots", "draw", "reveal", draw, "patients")["code"] == "not_your_turn"
    nurse.run("slots", "draw", "reveal", draw, "hospital")
    bureau.run("slots", "draw", "reveal", draw, "platform")

    # The patients' laptop is gone; a new one takes the name over and opens the recovery file.
    party = patients.name
    patients.restart()
    new = hire(f"{party}-new")
    new.run("identity", "request", "ask.citychain", "--name", party)
    entry = office.answer(new.folder / "ask.citychain", f"HealthMSP/{party}", replace=True)
    new.run("enter", new.receive(entry))
    assert "seed" in new.fails("slots", "draw", "reveal", draw, "patients")["message"]
    new.write("code", saved["code"])
    file = new.receive(patients.folder / "mine.citychain")
    new.run("identity", "recovery", file, "--restore", "--password-file", "code")
    new.run("slots", "draw", "reveal", draw, "patients")
    done = nurse.run("slots", "draw", "finish", draw)
    assert done["state"] == "done" and len(done["winners"]) == 2
    assert auditor.run("slots", "draw", "verify", draw)["agrees"]
    auditor.run("slots", "draw", "export", draw, "draw.json")
    assert card(11) not in (auditor.folder / "draw.json").read_text("utf-8")
    assert json.loads((auditor.folder / "draw.json").read_text("utf-8"))["record"]["skipped"] == {}
