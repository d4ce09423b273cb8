"""The guide's pages for each role: every line is run, at that role's own desk, as it stands there."""

from __future__ import annotations

import datetime as dt
import re
import shlex
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fabric_sdk import clock
from tests.apps.health_slots.conftest import HEADINGS
from tests.desks.conftest import Office, Person
from tests.people import card, paper

DOCS = Path(__file__).parents[3] / "docs"


def lines(page: str, title: str) -> list[str]:
    """The `citychain …` lines in the blocks below a heading."""
    part = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", (DOCS / page).read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert part is not None
    blocks = re.findall(r"```\n(.*?)```", part[1], re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.startswith("citychain ")]


@pytest.mark.parametrize(("page", "title"), [("applications.md", "Coming in"), ("applications.zh-CN.md", "加入")])
def test_coming_in_as_the_guide_says(page: str, title: str, hire: Callable[[str], Person], office: Office) -> None:
    name = f"li-{uuid.uuid4().hex[:8]}"
    li = hire(name)
    label = f"PublicMSP/{name}"
    wanted = lines(page, title)
    assert len(wanted) == 5
    for line in wanted:
        words = [name if word == "li" else word for word in shlex.split(line)[1:]]
        said = li.run(*words)
        if words[:2] == ["identity", "request"]:
            entry = office.answer(li.folder / "li.citychain", label, "creator", days=30)
            entry.rename(li.folder / "li-entry.citychain")
        elif words[:2] == ["identity", "renew"]:
            office.answer(li.folder / "renewal.citychain").rename(li.folder / "renewal-entry.citychain")
            # What only this desk has begins with the first sealed work.
            li.run("copyright", "deposit", li.write("w.txt", uuid.uuid4().hex * 9), "--encrypt")
        elif words[0] == "enter":
            assert said["party"] == label
        else:
            assert said["secrets"] == 2


Seat = Callable[..., Person]
OPTIONS = re.compile(r"--[a-z-]+")


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("Coming in", "加入"),
        ("Creators", "创作者"),
        ("The registration office", "登记机构"),
        ("Licensees, buyers, pledgees", "被许可人、受让人、质权人"),
        ("Hospital staff", "医院工作人员"),
        ("The authority", "主管部门"),
    ],
)
def test_the_guides_show_the_same_lines(english: str, chinese: str) -> None:
    one, other = lines("applications.md", english), lines("applications.zh-CN.md", chinese)
    assert [OPTIONS.findall(line) for line in one] == [OPTIONS.findall(line) for line in other]
    assert [shlex.split(line)[1:3] for line in one] == [shlex.split(line)[1:3] for line in other]


def said_there(person: Person, line: str, **places: str) -> Any:
    """Run a line of the guide, its capital words filled in."""
    return person.run(*[places.get(word, word) for word in shlex.split(line)[1:]])


def test_creator_office_and_licensee_as_the_guide_says(seat: Seat) -> None:
    def somebody(name: str, msp_id: str, role: str) -> Person:
        return seat(f"{name}-{uuid.uuid4().hex[:8]}", msp_id, role)

    creator = somebody("li", "PublicMSP", "creator")
    registrar = somebody("registrar", "CopyrightMSP", "registrar")
    licensee = somebody("print", "PublicMSP", "licensee")
    second, other = somebody("second", "CopyrightMSP", "registrar"), somebody("wu", "PublicMSP", "creator")
    poem = [f"{uuid.uuid4().hex} 一首诗的第 {number} 行\n" for number in range(20)]
    creator.write("poem.txt", "".join(poem))
    creator.write("number.txt", "11010519491231002X\n")
    deposit, search, register, *queue = lines("applications.md", "Creators")
    work = said_there(creator, deposit)["id"]
    assert work in str(said_there(creator, search))
    case = said_there(creator, register)["id"]
    assert [case in str(said_there(creator, line)) for line in queue] == [True] * len(queue)

    # Somebody else deposits what looks like it, so that the office has an opinion to give.
    near = other.write("near.txt", "".join([*poem[:-1], "另一个结尾\n"]))
    entries = ("--author", "吴", "--category", "literary", "--completed", "2026-11-02 北京")
    alike = other.run("copyright", "deposit", near, *entries, "--relation", f"{work}=independent:同题之作")["id"]
    # No content service runs here: the file came to the registrar's desk by hand.
    registrar.run("store", "add", registrar.receive(creator.folder / "poem.txt"))
    for line in lines("applications.md", "The registration office"):
        if "certify" in line:  # needs the office's seal, which an administrator makes: see tests of seals
            continue
        who = second if " approve" in line else registrar
        assert case in str(said_there(who, line, REGISTRATION_ID=case, WORK_ID=alike))

    offer, inbox, accept = lines("applications.md", "Licensees, buyers, pledgees")
    party = {"PublicMSP/print": f"PublicMSP/{licensee.name}"}
    offered = said_there(creator, offer, WORK_ID=work, **party)["id"]
    assert offered in str(said_there(licensee, inbox))
    assert said_there(licensee, accept, LICENSE_ID=offered)["state"] == "ACTIVE"


def test_hospital_authority_and_public_as_the_guide_says(seat: Seat, office: Office) -> None:
    from apps.health_slots.service import build_service

    hospital = f"H{uuid.uuid4().hex[:6].upper()}"
    service = build_service(office.platform, "city")
    clinic, other = f"C{hospital[1:]}", f"R{hospital[1:]}"
    service.set_up({hospital: "指南医院", clinic: "指南社康", other: "有预留的医院"})
    rules = {"release_mode": "after-commit", "release_delay_s": 0, "per_department_day": 5, "per_day": 5}
    for one in (hospital, other):
        service.rules.set_policy(one, rules | {"referral_hours": 1}, "demand")
    service.referrals.admit(clinic)
    later = (clock.today() + dt.timedelta(days=3)).isoformat()
    reserve = office.post / f"{other}.csv"
    row = f"CARD,心血管内科,D1,专家一,{later},上午,08:00,10:00,4,专家,社区,0"
    reserve.write_text(f"{','.join(HEADINGS)}\n{row}\n", encoding="utf-8")
    service.schedules.import_file(other, reserve)
    service.schedules.release(other)
    staff = {"slots.role": "staff", "slots.hospital": "all"}
    nurse = seat(f"nurse-{uuid.uuid4().hex[:8]}", "HospitalMSP", "hospital_staff", **staff)
    nurse.write("person.json", paper(77))
    number = uuid.uuid4().int % 900
    nurse.write("child.json", paper(1, document=card(number, "20180101")))
    nurse.write("mother.json", paper(2, document=card(number, "19850101")))
    until = (clock.today() + dt.timedelta(days=300)).isoformat()
    places = {"H0001": hospital, "C0001": clinic, "CODE": "0", "2027-12-31": until}
    appointment = ""
    for line in lines("applications.md", "Hospital staff"):
        if "his.csv" in line:  # another file's questions: tests/apps/health_slots/test_files.py
            continue
        if "check-in" in line or "fulfil" in line:  # the day is not there yet, and is said
            words = [places.get(word, word) for word in shlex.split(line)[1:]]
            assert nurse.fails(*words)["code"]
            continue
        said = said_there(nurse, line, **places)
        if "search" in line:
            slots = [one["id"] for one in said["slots"] if one["pool"] == "online"]
            places["SLOT"] = slots.pop()
        elif "slots reserved" in line:
            places["SESSION"] = next(one["session"] for one in said if one["session"].startswith(other))
        elif "slots book" in line:
            appointment, places["SLOT"] = said["id"], slots.pop()
            places["APPOINTMENT"] = appointment
    assert appointment

    authority = seat(f"authority-{uuid.uuid4().hex[:8]}", "HealthMSP", "authority", **{"slots.role": "authority"})
    number = uuid.uuid4().int % 10**8
    authority.write("card.json", paper(1, document=card(number % 1_000_000)))
    authority.write("passport.json", paper(1, document_type="03", document=f"E{number:08d}"))
    for line in lines("applications.md", "The authority"):
        said_there(authority, f"{line} --yes" if "join-documents" in line else line)

    public = seat(f"public-{uuid.uuid4().hex[:8]}", "HealthMSP", "auditor")
    public.run("ledger", "export", "chain.blocks")
    (verify,) = [line for line in lines("applications.md", "Auditors and the public") if "ledger verify" in line]
    assert said_there(public, verify)["blocks"] > 1
