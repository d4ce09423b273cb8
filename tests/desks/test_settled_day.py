"""A day's money from the first payment to the bank, at desks: taken, paid back, settled when it is over, reconciled.

Whether a day is over is the peers' question, so the whole city lives a day on: nodes, desks and this process under
Debian's `faketime`.
"""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fabric_sdk import clock
from tests.conftest import close_city, make_city
from tests.desks.conftest import Office, Person
from tests.desks.test_slots_parties import at_once, published
from tests.moments import FAKETIME, Machine
from tests.people import card, paper

pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.slow,
    pytest.mark.skipif(FAKETIME is None, reason="needs Debian's faketime"),
]
Jump = Callable[[], None]


@pytest.fixture(scope="module")
def jump() -> Iterator[Jump]:
    """Takes everybody to the present; before that it is ten in the morning in China, two days ago.

    Back and not ahead: TLS asks the machine itself in this process, and finds every certificate begun.
    """
    folder = Path(tempfile.mkdtemp(prefix="citychain-clock-"))  # where every person's machine finds it
    moved = folder / "moved"
    present = clock.now().astimezone(clock.CHINA)
    ten = (present - dt.timedelta(days=2)).replace(hour=10, minute=0, second=0)

    with pytest.MonkeyPatch.context() as patch:
        machine = Machine(patch, moved)
        machine.set_ahead(int((ten - present).total_seconds()))
        machine.begin()
        yield lambda: machine.set_ahead(0)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def office(jump: Jump, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("settling")
    made = make_city(folder / "workspace")
    yield Office(made, folder / "post")
    close_city(made)


def waits(person: Person) -> set[str]:
    """The days that wait for their settlement, as the inbox at this desk says."""
    return {one["id"] for one in person.run("inbox") if one["kind"] == "settlement"}


def test_a_days_money_is_settled_once_and_reconciled_at_desks(
    jump: Jump, office: Office, seat: Callable[..., Person]
) -> None:
    from apps.health_slots.service import build_service

    hospital = f"H{uuid.uuid4().hex[:8].upper()}"
    service = build_service(office.platform, "city")
    service.set_up({hospital: "样例医院"}, "HospitalMSP")
    service.close()
    nurse = seat("nurse-a", "HospitalMSP", "hospital_staff")
    first, second = (seat(name, "HospitalMSP", "payment_clerk") for name in ("clerk-a", "clerk-b"))
    bureau = seat("platform", "DataBureauMSP", "slots_platform")
    published(nurse, hospital)
    later = (clock.today() + dt.timedelta(days=5)).isoformat()
    words = ("--hospital", hospital, "--pool", "online", "--from", later, "--limit", "50")
    slots = [one["id"] for one in nurse.run("slots", "search", *words)["slots"]]
    day = clock.today().isoformat()
    visits = []
    for number in range(5):
        nurse.write("who.json", paper(5, document=card(500_000 + number)))
        visits.append(nurse.run("slots", "book", slots[number], "--identity", "who.json", "--window"))
    due = {one["id"]: int(one["due"]) for one in visits}
    ids = list(due)
    channels = dict(zip(ids, ["wechat", "wechat", "wechat", "alipay", "wechat"], strict=True))
    for number, id in enumerate(ids[:4]):
        desk = (first, second)[number % 2]
        desk.run("slots", "bill", "pay", id, channels[id], f"paid-{number}", due[id])
    nurse.run("slots", "cancel", ids[0], "--window")
    second.run("slots", "bill", "refund", ids[0], "wechat", "back-0")
    settle = ("slots", "bill", "settle", day)
    assert first.fails(*settle, "wechat", "--hospital", hospital)["code"] == "day_not_over"

    assert not waits(first)
    jump()
    assert waits(first) == waits(second) == {f"{hospital}/{day}/{one}" for one in ("wechat", "alipay")} == waits(bureau)
    # Two desks at once, and a third of the platform's: one settles, the others are told that it is done.
    desks = (first, second, bureau)
    answers = at_once(*(lambda one=one: one.say(*settle, "wechat", "--hospital", hospital) for one in desks))
    assert sorted(said.code for said in answers) == [0, 4, 4], [said.err for said in answers]
    assert {said.error["code"] for said in answers if said.code} == {"settled"}
    (done,) = (said.json for said in answers if said.code == 0)
    assert (done["amount"], done["entries"]) == (due[ids[1]] + due[ids[2]], 4)
    assert first.run(*settle, "alipay", "--hospital", hospital)["amount"] == due[ids[3]]
    assert second.fails(*settle, "alipay", "--hospital", hospital)["code"] == "settled"
    assert nurse.fails(*settle, "cash", "--hospital", hospital)["code"] == "permission_denied"

    assert not waits(first)

    # The three books of that day, at the other clerk's desk; then one with an entry too few.
    lines = ["order,type,amount", *(f"{id},payment,{due[id]}" for id in ids[:4]), f"{ids[0]},refund,{due[ids[0]]}"]
    for desk in (first, second):
        desk.write("book.csv", "\n".join(lines))
        desk.write("short.csv", "\n".join(lines[:-1]))
    reconcile = ("slots", "bill", "reconcile", day)
    agreed = second.run(*reconcile, "book.csv", "book.csv", "--hospital", hospital, "--record")
    assert agreed["differences"] == []
    (missing,) = first.run(*reconcile, "book.csv", "short.csv", "--hospital", hospital)["differences"]
    assert (missing["order"], missing["type"], missing["payment"]) == (ids[0], "refund", 0)

    # The next day goes on in its own books: what is paid or paid back now is of today.
    first.run("slots", "bill", "pay", ids[4], "wechat", "paid-4", due[ids[4]])
    nurse.run("slots", "cancel", ids[1], "--window")
    first.run("slots", "bill", "refund", ids[1], "wechat", "back-1")
    today = clock.today().isoformat()
    assert today > day
    words = ("slots", "bill", "postings")
    rows = second.run(*words, day, "--hospital", hospital)
    assert {row["reference"] for row in rows} >= {"paid-0", "back-0"}
    assert not {"paid-4", "back-1"} & {row["reference"] for row in rows}
    assert {"paid-4", "back-1"} <= {row["reference"] for row in first.run(*words, today, "--hospital", hospital)}
    # Every desk has the same balance: what was settled is at the bank, what came today is still on its way.
    told = [one.run("slots", "bill", "balance", "--hospital", hospital) for one in (first, second)]
    assert told[0] == told[1]
    assert told[0]["balanced"]
    accounts = told[0]["accounts"]
    assert accounts["bank"] == due[ids[1]] + due[ids[2]] + due[ids[3]]
    assert accounts["clearing:wechat"] == due[ids[4]] - due[ids[1]]
    assert accounts.get("clearing:alipay", 0) == 0
