"""A work's life over desks: each of these people sits at a machine of their own and has only what they were sent."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable

from tests.desks.conftest import Office, Person
from tests.people import card

Seat = Callable[..., Person]
COMPLETED = ("--completed", "2026-01-02 广东省东莞市", "--category", "literary")


def unique(word: str) -> str:
    return f"{word}-{uuid.uuid4().hex[:8]}"


def waits_for(person: Person, record: str) -> bool:
    return record in {one["id"] for one in person.run("copyright", "inbox")}


def test_from_deposit_to_dispute_over_five_desks(seat: Seat, office: Office) -> None:
    wang = seat(unique("wang"), "PublicMSP", "creator")
    registrar = seat(unique("registrar"), "CopyrightMSP", "registrar")
    second = seat(unique("second"), "CopyrightMSP", "registrar")
    li = seat(unique("li"), "PublicMSP", "licensee")
    bank = seat(unique("bank"), "HealthMSP", "licensee")
    party = {one.name: f"{msp}/{one.name}" for one, msp in ((li, "PublicMSP"), (bank, "HealthMSP"))}

    work = wang.run("copyright", "deposit", wang.write("w.txt", uuid.uuid4().hex * 40), "--author", "王", *COMPLETED)[
        "id"
    ]
    wang.write("id.txt", "11010519491231002X\n")
    applied = wang.run(
        *("copyright", "register", work, "--owner-name", "王", "--document-file", wang.folder / "id.txt"),
        *("--purpose", "p", "--process", "p", "--originality", "o"),
    )
    case = applied["id"]
    # Two registrars see one queue; nobody else's inbox has it.
    assert waits_for(registrar, case) and not waits_for(li, case)
    assert wang.fails("copyright", "review", case, "verify")["code"]
    for step in ("verify", "accept", "examine"):
        registrar.run("copyright", "review", case, step)
    # No content service runs here: by prints alone, which are the applicant's word, nothing passes.
    assert registrar.run("copyright", "compare", case)["comparison"]["basis"] == "prints"
    assert registrar.fails("copyright", "review", case, "pass")["code"] == "not_compared"
    registrar.run("store", "add", registrar.receive(wang.folder / "w.txt"))
    compared = registrar.run("copyright", "compare", case)["comparison"]
    assert compared["basis"] == "content" and all(one["own"] for one in compared["found"])
    registrar.run("copyright", "review", case, "pass", "--reason", "齐全")
    assert waits_for(second, case)
    assert registrar.fails("copyright", "review", case, "approve")["code"] == "same_person"
    second.run("copyright", "review", case, "approve")
    registrar.run("copyright", "review", case, "issue")

    # A name that nobody signed with is said: an offer to it goes to nobody.
    terms = ("--rights", "network", "--from", "2026-01-01", "--until", "2029-12-31")
    signed = {one["party"] for one in wang.run("ledger", "people")}
    assert {f"PublicMSP/{wang.name}", f"CopyrightMSP/{registrar.name}"} <= signed
    nobody = "DataBureauMSP/nobody-there"
    told = wang.plain("copyright", "license", "offer", work, "--to", nobody, *terms)
    assert f"{nobody} has signed nothing on this ledger yet" in told
    offer = wang.run("copyright", "license", "offer", work, "--to", party[li.name], *terms)["id"]
    assert waits_for(li, offer) and not waits_for(bank, offer)
    assert bank.fails("copyright", "license", "accept", offer)["code"]
    li.run("copyright", "license", "accept", offer)
    assert not waits_for(li, offer)

    debt = ("--debt", "100", "--from", "2026-01-01", "--until", "2029-01-01")
    contract = hashlib.sha256(b"contract").hexdigest()
    pledge = wang.run("copyright", "pledge", "propose", work, "--to", party[bank.name], *debt, "--contract", contract)[
        "id"
    ]
    assert waits_for(bank, pledge)
    bank.run("copyright", "pledge", "accept", pledge)
    assert waits_for(registrar, pledge)
    registrar.run("copyright", "pledge", "decide", pledge)
    bank.run("copyright", "pledge", "discharge", pledge)

    assert li.fails("copyright", "dispute", "open", work, "--statement", "是我的作品")["code"] == "evidence_missing"
    draft = li.write("draft.txt", "底稿")
    claim = ("--statement", "是我的作品", "--evidence", f"file={draft}")
    dispute = li.run("copyright", "dispute", "open", work, *claim)["id"]
    assert waits_for(registrar, dispute)
    assert wang.fails("copyright", "transfer", "propose", work, "--to", party[li.name])["code"] == "disputed"
    registrar.run("copyright", "dispute", "resolve", dispute, "dismissed", "--reason", "无据")

    sale = wang.run("copyright", "transfer", "propose", work, "--to", party[li.name])["id"]
    li.run("copyright", "transfer", "accept", sale)
    assert li.run("copyright", "show", work)["record"]["owners"][0]["party"] == party[li.name]
    assert wang.fails("copyright", "license", "offer", work, "--to", party[bank.name], *terms)["code"] == "not_owner"
    # After everything, each is still who they are when the machine is switched on again.
    li.restart()
    assert work in {one["id"] for one in li.run("copyright", "list", "--mine")}


def test_a_booking_at_a_nurses_desk(seat: Seat, office: Office) -> None:
    nurse = seat(unique("nurse"), "HospitalMSP", "hospital_staff", **{"slots.role": "staff", "slots.hospital": "all"})
    creator = seat(unique("creator"), "PublicMSP", "creator")
    from apps.health_slots.service import build_service

    with_hospital = build_service(office.platform, "city")
    hospital = f"H{uuid.uuid4().hex[:6].upper()}"
    with_hospital.set_up({hospital: "桌面医院"})
    schedule = nurse.folder / "schedule.csv"
    nurse.run("slots", "sample", schedule)
    nurse.run("slots", "policy", "--hospital", hospital, "release_mode=after-commit", "window_days=30")
    nurse.run("slots", "import", schedule, "--hospital", hospital)
    nurse.run("slots", "release", "--hospital", hospital)

    def free(person: Person) -> list[str]:
        found = person.run("slots", "search", "--hospital", hospital, "--limit", "500")["slots"]
        return [one["id"] for one in found]

    first, later = free(nurse)[0], free(nurse)[-1]
    shown = {
        "name": "赵六",
        "document_type": "01",
        "document": card(uuid.uuid4().int % 1_000_000),
        "phone": "1",
    }
    person = nurse.write("z.json", json.dumps(shown))
    booked = nurse.run("slots", "book", later, "--identity", person, "--window")
    assert booked["state"] == "booked" and shown["document"] not in str(booked)
    # The slot is taken for everybody; a colleague's desk sees the same and goes on; a creator's may do none of it.
    assert nurse.fails("slots", "book", later, "--identity", person, "--window")["code"]
    colleague = seat(
        unique("nurse"), "HospitalMSP", "hospital_staff", **{"slots.role": "staff", "slots.hospital": "all"}
    )
    assert later not in free(colleague)
    assert colleague.run("slots", "cancel", booked["id"], "--window")
    for act in (
        ("release", "--hospital", hospital),
        ("book", first, "--identity", creator.write("z.json", "{}"), "--window"),
    ):
        assert creator.fails("slots", *act)["code"]
