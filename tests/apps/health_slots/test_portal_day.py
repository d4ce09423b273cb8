"""A portal's day over HTTP: beside another portal and a hospital at work, while the board is open and the authority
audits. In the evening its copy is what the ledger says."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from apps.health_slots.serving import fhir_model as model
from apps.health_slots.serving.board import board_app
from apps.health_slots.serving.fhir import fhir_app
from baas.serving.web import WebServer
from tests.apps.health_slots.portals import booking

KINDS = ("Slot", "Schedule", "Appointment")


class PortalDesk:
    """A portal as its developers would write it: it knows an address, a token and FHIR, nothing of ours."""

    def __init__(self, address: str, token: str) -> None:
        self.http = httpx.Client(base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=30)
        self.copy: dict[str, dict[str, dict]] = {kind: {} for kind in KINDS}

    def synchronise(self) -> int:
        """Ask for what changed since the last answer; returns how many resources came."""
        came = 0
        for kind, known in self.copy.items():
            since = max((one["meta"]["lastUpdated"] for one in known.values()), default="")
            url = self.http.build_request("GET", kind, params={"_count": 9}).url
            url = url.copy_merge_params({"_lastUpdated": f"ge{since}"}) if since else url
            while url:
                page = self.http.get(url).raise_for_status().json()
                for entry in page.get("entry", []):
                    known[entry["resource"]["id"]] = entry["resource"]
                    came += 1
                url = next((link["url"] for link in page["link"] if link["relation"] == "next"), None)
        return came

    def book(self, slot: str, patient: str) -> httpx.Response:
        return self.http.post("Appointment/$book", json=booking(slot, patient))


@pytest.fixture
def day(town, portals) -> Iterator[tuple[PortalDesk, PortalDesk, httpx.Client]]:
    """Two portals and somebody who looks at the board, each over a socket."""
    with WebServer(fhir_app(portals), path="fhir/") as fhir, WebServer(board_app(town.service)) as board:
        desks = [PortalDesk(fhir.address, portals.tokens[name]) for name in ("alpha", "beta")]
        with httpx.Client(base_url=board.address, timeout=30) as looking:
            yield desks[0], desks[1], looking
        for desk in desks:
            desk.http.close()


def test_a_portals_day(town, portals, day) -> None:
    alpha, beta, board = day
    town.service.rules.set_policy("CITY", {"per_department_day": 20, "per_day": 20})
    morning, afternoon = town.publish(
        town.row(), town.row(医生编号="D2", 医生="专家二", 时段="下午", 开始="14:00", 结束="16:00")
    )
    ended = threading.Event()
    looks: list[int] = []

    def look() -> None:
        while not ended.is_set():
            looks.extend(board.get(path).status_code for path in ("/", f"/s/{morning}", f"/s/{afternoon}"))

    crowd = threading.Thread(target=look)
    crowd.start()
    try:
        mine = _work(town, portals, alpha, beta, morning, afternoon)
    finally:
        ended.set()
        crowd.join(30)
    assert looks and set(looks) == {200}

    # In the evening: each copy is the ledger, asked by itself and not by the index that the portals saw.
    for desk, own in ((alpha, mine["alpha"]), (beta, mine["beta"])):
        desk.synchronise()
        assert set(desk.copy["Appointment"]) == own
        for id, known in desk.copy["Appointment"].items():
            assert known["status"] == town.ledger.evaluate("platform", "GetAppointment", id)["state"]
        assert set(desk.copy["Schedule"]) == {morning, afternoon}
        for id, slot in desk.copy["Slot"].items():
            stands = town.ledger.evaluate("platform", "GetSlot", id)
            state = "stopped" if stands["session_state"] == "stopped" else stands["state"]
            assert slot["status"] == model.SLOT_STATUS[state], id
        assert len(desk.copy["Slot"]) == 25
        assert desk.synchronise() < 25, "afterwards only the last second comes again"


def _work(town, portals, alpha: PortalDesk, beta: PortalDesk, morning: str, afternoon: str) -> dict[str, set[str]]:
    """What happens between eight and six; after each step the portals synchronise and the authority audits."""
    mine: dict[str, set[str]] = {"alpha": set(), "beta": set()}

    def after(**passed: int) -> None:
        town.ledger.pass_time(**passed)
        town.service.refresh()
        assert alpha.synchronise() and beta.synchronise()
        found = town.service.audit().findings
        assert {one.severity for one in found} <= {"info", "notice"}, "told, and no alarm"

    after(seconds=1)
    # Two portals, one slot: one has it, the other hears at once and of what is free instead.
    with ThreadPoolExecutor(2) as pool:
        tries = [
            pool.submit(desk.book, f"{morning}.001", portals.patient(1, name))
            for name, desk in (("alpha", alpha), ("beta", beta))
        ]
        answers = dict(zip(("alpha", "beta"), (one.result() for one in tries), strict=True))
    assert sorted(one.status_code for one in answers.values()) == [201, 409]
    for name, one in answers.items():
        if one.status_code == 201:
            mine[name].add(one.json()["id"])
        else:
            assert f"{morning}.002" in one.json()["issue"][0]["details"]["text"]
    after(seconds=5)

    # An answer is lost; the portal asks again and has the same.
    lost, again = (alpha.book(f"{morning}.004", portals.patient(2)) for _ in range(2))
    assert (lost.status_code, again.status_code, lost.json()["id"]) == (201, 200, again.json()["id"])
    mine["alpha"].add(lost.json()["id"])
    after(seconds=5)

    held = beta.http.post(f"Slot/{afternoon}.002/$hold", json=booking(f"{afternoon}.002", portals.patient(3, "beta")))
    assert held.json()["status"] == "pending"
    done = beta.book(f"{afternoon}.002", portals.patient(3, "beta"))
    assert done.json()["id"] == held.json()["id"] and done.json()["status"] == "booked"
    mine["beta"].add(done.json()["id"])
    after(seconds=5)

    gone = alpha.http.post(f"Appointment/{lost.json()['id']}/$cancel", json={}, headers={"If-Match": "W/stale"})
    assert gone.status_code == 412
    tag = alpha.http.get(f"Appointment/{lost.json()['id']}").headers["etag"]
    gone = alpha.http.post(f"Appointment/{lost.json()['id']}/$cancel", json={}, headers={"If-Match": tag})
    assert gone.json()["status"] == "cancelled"
    assert beta.http.get(f"Appointment/{lost.json()['id']}").status_code == 404
    after(seconds=5)

    # The hospital adds one, then its afternoon's doctor falls ill.
    town.service.schedules.add(morning, 600, 10, "online", "revisit")
    after(minutes=5)
    town.service.schedules.stop(afternoon, "doctor-ill")
    after(minutes=5)
    assert alpha.copy["Schedule"][afternoon]["active"] is False
    return mine
