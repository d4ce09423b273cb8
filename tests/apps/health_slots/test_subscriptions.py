"""Portals that are told of changes: where, of what, how often, and what none of them can do with it."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from fhir.resources.R4B.subscription import Subscription as R4Subscription

from apps.health_slots.serving import notifying
from apps.health_slots.serving.hooks import Subscription, header_fits, origin_of
from apps.health_slots.serving.notifying import Notifier
from baas.errors import Text, Unavailable, UserError
from tests.apps.health_slots.portals import booking

FHIR = "application/fhir+json"


class Listener(ThreadingHTTPServer):
    """A portal's address: notes what came, answers what it is told to."""

    def __init__(self) -> None:
        self.came: list[tuple[str, str, bytes]] = []
        self.status, self.location = 204, ""

        class Handler(BaseHTTPRequestHandler):
            server: Listener

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.server.came.append((self.path, self.headers.get("Authorization", ""), body))
                self.send_response(self.server.status)
                if self.server.location:
                    self.send_header("Location", self.server.location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST

            def log_message(self, *_: object) -> None:
                return None

        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener() as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def told(town, portals):
    """Look once, as the service does each half second, and wait for the calls; returns how many there were.

    A portal with several subscriptions is told of one of them at each look.
    """
    notifier = Notifier(portals.hooks, portals, lambda: town.ledger.now, again=(0.0, 0.0))

    def look() -> int:
        town.service.refresh()
        begun = notifier.look()
        while notifier._calling:
            threading.Event().wait(0.005)
        return begun

    return look


def wish(endpoint: str, criteria: str = "Appointment?status=cancelled", **channel: object) -> dict:
    return {
        "resourceType": "Subscription",
        "status": "requested",
        "reason": "tell patients",
        "criteria": criteria,
        "channel": {"type": "rest-hook", "endpoint": endpoint, **channel},
    }


def test_a_portal_is_told_once_of_what_it_asked_for(town, http, portals, listener: Listener, told) -> None:
    (session,) = town.publish()
    portals.hooks.allow("alpha", listener.origin)
    made = http.post("/fhir/Subscription", json=wish(f"{listener.origin}/hook", header=["Authorization: Bearer mine"]))
    assert made.status_code == 201
    shown = http.get(f"/fhir/Subscription/{made.json()['id']}").json()
    R4Subscription.model_validate(shown)
    assert shown == made.json() and "mine" not in str(shown)
    town.ledger.pass_time(seconds=5)
    booked = http.post("/fhir/Appointment/$book", json=booking(f"{session}.001", portals.patient(1))).json()
    assert told() == 0, "nothing was cancelled"
    town.ledger.pass_time(seconds=5)
    http.post(f"/fhir/Appointment/{booked['id']}/$cancel", json={})
    assert [told(), told(), told()] == [1, 0, 0]
    assert listener.came == [("/hook", "Bearer mine", b"")], "an empty call: nothing of anybody leaves this way"
    # What happens in the same second after it was told is told, too.
    again = http.post("/fhir/Appointment/$book", json=booking(f"{session}.002", portals.patient(2))).json()
    http.post(f"/fhir/Appointment/{again['id']}/$cancel", json={})
    assert [told(), told()] == [1, 0]
    # Another portal's appointments are no news for this one.
    beta = {"Authorization": f"Bearer {portals.tokens['beta']}"}
    theirs = http.post(
        "/fhir/Appointment/$book", json=booking(f"{session}.003", portals.patient(3, "beta")), headers=beta
    ).json()
    town.ledger.pass_time(seconds=5)
    assert http.post(f"/fhir/Appointment/{theirs['id']}/$cancel", json={}, headers=beta).status_code == 200
    assert told() == 0
    assert http.delete(f"/fhir/Subscription/{shown['id']}", headers=beta).status_code == 404
    assert http.get("/fhir/Subscription", headers=beta).json().get("entry") is None
    assert http.delete(f"/fhir/Subscription/{shown['id']}").status_code == 204
    assert http.get(f"/fhir/Subscription/{shown['id']}").status_code == 404


def test_slots_and_schedules_are_watched_and_a_revoked_portal_hears_no_more(
    town, http, portals, listener: Listener, told
) -> None:
    (session,) = town.publish()
    portals.hooks.allow("alpha", listener.origin)
    told()
    town.ledger.pass_time(seconds=5)
    for number, criteria in enumerate((f"Slot?schedule={session}&status=free", "Schedule?active=false")):
        assert http.post("/fhir/Subscription", json=wish(f"{listener.origin}/{number}", criteria)).status_code == 201
    assert told() == 0
    town.ledger.pass_time(seconds=5)
    added = town.service.schedules.add(session, 600, 10, "online", "revisit")
    assert added.result and told() == 1 and [one[0] for one in listener.came] == ["/0"]
    town.ledger.pass_time(seconds=5)
    town.service.schedules.stop(session, "doctor-ill")
    assert told() == 1 and told() <= 1 and "/1" in {one[0] for one in listener.came}
    before = len(listener.came)
    portals.registry.revoke("alpha")
    town.ledger.pass_time(seconds=5)
    town.publish(town.row(医生编号="D3", 医生="专家三"))
    told()
    assert len(listener.came) == before


def test_a_portal_that_does_not_answer_is_tried_again_and_given_up(
    town, http, portals, listener: Listener, told
) -> None:
    (session,) = town.publish()
    portals.hooks.allow("alpha", listener.origin)
    listener.status, listener.location = 302, f"{listener.origin}/elsewhere"
    http.post("/fhir/Subscription", json=wish(f"{listener.origin}/hook", "Slot"))
    town.ledger.pass_time(seconds=5)
    http.post("/fhir/Appointment/$book", json=booking(f"{session}.001", portals.patient(1)))
    assert [told() for _ in range(5)] == [1, 1, 1, 0, 0]
    assert {one[0] for one in listener.came} == {"/hook"}, "an answer that leads elsewhere is not followed"
    (one,) = http.get("/fhir/Subscription?status=error").json()["entry"]
    assert one["resource"]["error"] == "answered 302"


def kept(portals, portal: str, endpoint: str, criteria: str = "Slot") -> Subscription:
    """A subscription as it stands in the file, however it came there."""
    made = portals.hooks.add(Subscription("", portal, criteria, endpoint, "", "x", "active", "", 1, None, 1))
    assert made is not None
    return made


def test_one_that_cannot_be_looked_at_stops_no_other(town, http, portals, listener: Listener, monkeypatch) -> None:
    town.publish()
    town.service.refresh()
    for portal in ("alpha", "beta"):
        portals.hooks.allow(portal, listener.origin)
    bad = kept(portals, "alpha", f"{listener.origin}/bad", "Slot?status=foo")
    odd = kept(portals, "alpha", f"{listener.origin}/odd", "Schedule")
    kept(portals, "beta", f"{listener.origin}/good")

    def fails(*_: object) -> None:
        raise KeyError("a defect")

    monkeypatch.setattr(notifying.subscriptions.finding, "find_schedules", fails)
    monkeypatch.setattr(notifying, "LOOK_S", 0.01)
    with Notifier(portals.hooks, portals, lambda: town.ledger.now) as notifier:
        until(lambda: [one[0] for one in listener.came] == ["/good"])
        assert notifier._thread.is_alive()
    stands = {one.id: (one.status, one.error) for one in portals.hooks.all("alpha")}
    assert stands == {bad.id: ("error", "status has no code foo"), odd.id: ("error", "KeyError")}
    monkeypatch.undo()
    shown = http.get("/fhir/Subscription?status=error").json()["entry"]
    assert sorted(one["resource"]["error"] for one in shown) == ["KeyError", "status has no code foo"]


def test_what_passes_ends_no_subscription(town, portals, listener: Listener, monkeypatch) -> None:
    town.publish()
    town.service.refresh()
    portals.hooks.allow("alpha", listener.origin)
    kept(portals, "alpha", f"{listener.origin}/hook")
    asked: list[str] = []
    door_of = portals.door_of

    def not_now(portal: str) -> object:
        asked.append(portal)
        if len(asked) == 1:
            raise Unavailable(Text("现在不行。", "Not now."))
        return door_of(portal)

    monkeypatch.setattr(portals, "door_of", not_now)
    notifier = Notifier(portals.hooks, portals, lambda: town.ledger.now)
    assert [notifier.look(), notifier.look()] == [0, 1]
    until(lambda: [one[0] for one in listener.came] == ["/hook"])


def until(holds, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.01)


@pytest.fixture
def dripping() -> Iterator[str]:
    """An address that takes every call and answers it by the byte, for ever."""
    over = threading.Event()

    def answer(caller: socket.socket) -> None:
        with caller, contextlib.suppress(OSError):
            caller.sendall(b"HTTP/1.1 204 No Content\r\nX: ")
            while not over.wait(0.05):
                caller.sendall(b"x")

    def take(server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=answer, args=(server.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=take, args=(server,), daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        over.set()
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)


def test_a_portal_that_answers_by_the_byte_holds_itself_alone(
    town, portals, listener: Listener, dripping: str, monkeypatch
) -> None:
    town.publish()
    town.service.refresh()
    monkeypatch.setattr(notifying, "TIMEOUT_S", 0.5)
    portals.hooks.allow("alpha", dripping)
    portals.hooks.allow("beta", listener.origin)
    for number in range(5):
        kept(portals, "alpha", f"{dripping}/{number}")
    kept(portals, "beta", f"{listener.origin}/hook")
    before = set(threading.enumerate())
    notifier = Notifier(portals.hooks, portals, lambda: town.ledger.now)
    assert notifier.look() == 2, "one call to each portal at a time"
    callers = set(threading.enumerate()) - before
    assert all(one.daemon for one in callers if one.name.startswith("fhir-hook")), "nobody waits for them at the end"
    until(lambda: len(listener.came) == 1)
    until(lambda: next(one.error for one in portals.hooks.all("alpha")) == "not reached (TimeoutError)")
    until(lambda: not notifier._calling)


WRONG = [
    ({"criteria": "Patient?name=x"}, "criteria"),
    ({"criteria": "Slot?nonsense=1"}, "criteria"),
    ({"criteria": "Slot?_count=5"}, "criteria"),
    ({"status": "off"}, "status"),
    ({"reason": ""}, "reason"),
    ({"end": "yesterday"}, "end"),
    ({"end": "2020-01-01T00:00:00Z"}, "end"),
    ({"end": "9999-12-31T23:59:59-23:59"}, "end"),
    ({"criteria": "Slot?status=foo"}, "criteria"),
    ({"criteria": "Slot?start=garbage"}, "criteria"),
    ({"criteria": "Slot?schedule=Patient/x"}, "criteria"),
    ({"criteria": "Schedule?active=maybe"}, "criteria"),
    ({"criteria": "Schedule?actor=\ud800"}, "criteria"),
    ({"criteria": "Appointment?status=foo"}, "criteria"),
    ({"reason": "\ud800"}, "reason"),
    ({"channel": {"type": "email", "endpoint": "mailto:a@b"}}, "channel.type"),
    ({"payload": "application/fhir+json"}, "channel.payload"),
    ({"header": ["Host: elsewhere"]}, "channel.header"),
    ({"header": ["Authorization: a\r\nHost: b"]}, "channel.header"),
    ({"header": ["Authorization: a", "Authorization: b"]}, "channel.header"),
    ({"endpoint": "http://169.254.169.254/latest"}, "channel.endpoint"),
    ({"endpoint": "http://127.0.0.1:1@portal.example/"}, "channel.endpoint"),
    ({"endpoint": "https://portal.example.evil.example/"}, "channel.endpoint"),
    ({"endpoint": "https://portal.example:8443/"}, "channel.endpoint"),
    ({"endpoint": "file:///etc/passwd"}, "channel.endpoint"),
]


def test_what_cannot_be_subscribed_to_is_refused_by_its_element(http, portals) -> None:
    portals.hooks.allow("alpha", "https://portal.example")
    for change, where in WRONG:
        body = wish("https://portal.example/hook")
        for name, value in change.items():
            (body["channel"] if name in ("payload", "header", "endpoint") else body)[name] = value
        refused = http.post("/fhir/Subscription", content=json.dumps(body), headers={"Content-Type": FHIR})
        assert refused.status_code == 400, change
        assert refused.json()["issue"][0]["expression"] == [f"Subscription.{where}"], change


def test_nobody_is_called_whom_the_keeper_did_not_allow(http, portals) -> None:
    body = wish("https://portal.example/hook")
    assert http.post("/fhir/Subscription", json=body).status_code == 400
    portals.hooks.allow("alpha", "https://portal.example/")
    assert [http.post("/fhir/Subscription", json=body).status_code for _ in range(6)] == [201] * 5 + [422]
    portals.hooks.allow("alpha", "https://other.example")
    assert "entry" not in http.get("/fhir/Subscription").json()
    for origin in ("http://portal.example", "https://portal.example/path", "portal.example", "https://a@b.example"):
        with pytest.raises(UserError):
            portals.hooks.allow("alpha", origin)
    assert origin_of("http://[::1]:80/x") == "http://[::1]:80" and origin_of("http://[") == ""
    assert header_fits("Authorization: Bearer x") and not header_fits("Authorization: ")
