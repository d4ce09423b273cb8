"""The FHIR interface under bad manners: forged, expired, revoked tokens, floods, slow clients, our own defects."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import socket
import sqlite3
import threading
import time
from contextlib import closing

import pytest
import uvicorn
from fhir.resources.R4B.operationoutcome import OperationOutcome
from starlette.testclient import TestClient

from apps.health_slots.serving import fhir_exchange
from apps.health_slots.serving.fhir import fhir_app
from apps.health_slots.serving.limits import PortalRegistry
from apps.health_slots.serving.patients import PortalPatients
from baas.serving import patience as listening
from baas.serving.limits import RateLimiter
from tests.apps.health_slots.portals import OneTownPortals


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/nothing"), ("GET", "/fhir/Patient"), ("DELETE", "/fhir/Slot"), ("PATCH", "/fhir/Appointment/A1")],
)
def test_unknown_addresses_and_methods_are_outcomes(http, method, path):
    answer = http.request(method, path)
    assert answer.status_code in (404, 405)
    OperationOutcome.model_validate(answer.json())


def test_our_own_defect_is_an_outcome_without_details(town, portals, monkeypatch, caplog):
    monkeypatch.setattr("apps.health_slots.serving.fhir_find.find_slots", lambda *_: 1 / 0)
    with TestClient(fhir_app(portals), raise_server_exceptions=False) as client:
        answer = client.get("/fhir/Slot", headers={"Authorization": f"Bearer {portals.tokens['alpha']}"})
    assert answer.status_code == 500 and "division" not in answer.text
    OperationOutcome.model_validate(answer.json())
    assert "GET /fhir/Slot" in caplog.text


def test_expired_and_renewed_tokens(town, tmp_path):
    portals = OneTownPortals(town, tmp_path)
    now = [1000.0]
    portals.registry = PortalRegistry(tmp_path / "clocked.db", clock=lambda: now[0])
    token = portals.registry.add("gamma", days=1)
    with TestClient(fhir_app(portals)) as client:

        def code(token: str) -> int:
            return client.get("/fhir/Slot", headers={"Authorization": f"Bearer {token}"}).status_code

        assert code(token) == 200
        now[0] += 86_400
        assert code(token) == 401
        renewed = portals.registry.renew("gamma")
        assert (code(renewed), code(token)) == (200, 401)


def test_tables_from_before_tokens_expired_still_work(tmp_path):
    path = tmp_path / "old.db"
    PortalRegistry(path)
    with closing(sqlite3.connect(path)) as db, db:
        for column in ("expires_at", "per_day"):
            db.execute(f"ALTER TABLE portal DROP COLUMN {column}")
        digest = hashlib.sha256(b"ccp_old").hexdigest()
        db.execute("INSERT INTO portal VALUES ('old', ?, 1, 1, 1, NULL)", (digest,))
    assert PortalRegistry(path).of_token("ccp_old").name == "old"


@pytest.fixture
def server(portals, monkeypatch):
    """The interface behind a real socket, with deadlines of a fraction of a second."""
    monkeypatch.setattr(fhir_exchange, "BODY_S", 0.5)
    monkeypatch.setattr(listening, "HEADER_S", 0.5)
    made = uvicorn.Server(listening.server_config(fhir_app(portals), log_config=None))
    bound = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=made.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    yield bound.getsockname()[1]
    made.should_exit = True
    thread.join(timeout=10)
    bound.close()
    assert not thread.is_alive()


POST = b"POST /fhir/Appointment/$book HTTP/1.1\r\nHost: x\r\n%AUTH%Content-Type: application/json\r\n"


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        (b"", b""),
        (b"GET /fhir/Slot HT", b""),
        (b"GET /fhir/metadata HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 70_000, b"HTTP/1.1 400"),
        (POST + b"Content-Length: 999\r\n\r\n{", b"HTTP/1.1 408"),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n3e8\r\n" + b"x" * 1000 + b"\r\n", b"HTTP/1.1 408"),
    ],
)
def test_slow_clients_are_let_go(server, portals, sent, answer):
    """Nothing, half a head, an endless head, a body that stays away: each ends by the server's clock."""
    auth = f"Authorization: Bearer {portals.tokens['alpha']}\r\n".encode()
    with socket.create_connection(("127.0.0.1", server), timeout=20) as connection:
        connection.sendall(sent.replace(b"%AUTH%", auth))
        received = b""
        with contextlib.suppress(ConnectionResetError):
            while data := connection.recv(65536):
                received += data
    assert received.startswith(answer) and bool(received) == bool(answer)


def test_one_address_cannot_take_every_connection(server, portals):
    held = []
    try:
        for _ in range(listening.PER_ADDRESS + 20):
            held.append(socket.create_connection(("127.0.0.1", server), timeout=20))
        refused = 0
        for connection in held:
            with contextlib.suppress(TimeoutError, ConnectionResetError):
                connection.recv(1)
            refused += 1
        assert refused == len(held)
    finally:
        for connection in held:
            connection.close()
    with socket.create_connection(("127.0.0.1", server), timeout=20) as connection:
        connection.sendall(b"GET /fhir/metadata HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert connection.recv(12) == b"HTTP/1.1 200"


@pytest.mark.parametrize(
    "header", [None, "Bearer ", "Bearer ccp_forged", "Basic YTpi", "Bearer " + "x" * 5000, "bearer\tx"]
)
def test_forged_tokens_are_refused(portals, header):
    with TestClient(fhir_app(portals)) as client:
        answer = client.get("/fhir/Slot", headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    OperationOutcome.model_validate(answer.json())


def test_revoked_token_is_refused(http, portals):
    portals.registry.revoke("alpha")
    assert http.get("/fhir/Slot").status_code == 401


def test_a_flooding_portal_is_slowed_and_others_are_not(town, tmp_path):
    portals = OneTownPortals(town, tmp_path)
    slow = portals.registry.add("slow", per_second=1, burst=3)
    with TestClient(fhir_app(portals, limiter=RateLimiter(clock=lambda: 0.0))) as client:
        codes = [client.get("/fhir/Slot", headers={"Authorization": f"Bearer {slow}"}).status_code for _ in range(6)]
        other = client.get("/fhir/Slot", headers={"Authorization": f"Bearer {portals.tokens['beta']}"})
        last = client.get("/fhir/Slot", headers={"Authorization": f"Bearer {slow}"})
        guesses = [client.get("/fhir/Slot", headers={"Authorization": f"Bearer ccp_{n}"}) for n in range(30)]
        nobody = client.get("/fhir/Slot")
    assert codes == [200, 200, 200, 429, 429, 429]
    assert int(last.headers["retry-after"]) >= 1
    OperationOutcome.model_validate(last.json())
    # Who guesses tokens is slowed too, and still told what is wrong: a portal whose token was revoked was told to wait.
    assert {one.status_code for one in guesses} == {401} == {nobody.status_code}
    assert ["retry-after" in one.headers for one in guesses] == [False] * 20 + [True] * 10
    assert [one.headers.get("connection") for one in guesses] == [None] * 20 + ["close"] * 10
    assert nobody.headers["www-authenticate"] == "Bearer" and int(nobody.headers["retry-after"]) >= 1
    assert other.status_code == 200


def test_two_hundred_requests_at_once_do_not_meet_a_locked_file(tmp_path):
    """Before, each had a connection of its own, and some were answered 503 after their appointment was made."""
    from concurrent.futures import ThreadPoolExecutor

    from apps.health_slots.serving.patients import PortalPatients

    patients = PortalPatients(tmp_path / "portals.db")

    def one(number: int) -> str:
        patients.use("alpha", "2026-12-01")
        id = patients.id_of("alpha", f"R{number % 50}")
        patients.note("alpha", f"A{number}", id)
        return id

    with ThreadPoolExecutor(40) as pool:
        found = list(pool.map(one, range(200)))
    assert len(set(found)) == 50 and patients.used("alpha", "2026-12-01") == 200
    assert len(patients.appointments("alpha", found[0])) == 4


def test_the_same_search_at_once_is_made_once_and_never_older_than_the_index(town, http, monkeypatch):
    """Attack: somebody is shown a slot as free that was booked before he asked."""
    from apps.health_slots.serving import fhir_find

    (session,) = town.publish()
    made = []
    find = fhir_find.find_slots

    def counted(*args):
        made.append(args)
        return find(*args)

    monkeypatch.setattr(fhir_find, "find_slots", counted)

    def free(**more):
        found = http.get("/fhir/Slot", params={"status": "free", "_count": "50", **more}).json()
        return {entry["resource"]["id"] for entry in found.get("entry", [])}

    assert free() == free() and len(made) == 1
    town.service.bookings.book(f"{session}.001", town.service.bookings.deposit("H1", town.identity(1)))
    assert f"{session}.001" not in free() and len(made) == 2
    town.ledger.pass_time(seconds=1)
    free()
    assert len(made) == 3, "what hangs on the hour is asked for anew each second"
    # A form in the body has the same address as any other: those are never taken for one another.
    form = {"status": "busy"}
    busy = http.post("/fhir/Slot/_search", data=form).json()["entry"]
    assert [entry["resource"]["id"] for entry in busy] == [f"{session}.001"]
    assert len(http.post("/fhir/Slot/_search", data={"status": "free"}).json()["entry"]) == 11


def test_kept_answers_stay_within_their_bytes():
    from types import SimpleNamespace

    from apps.health_slots.serving.kept_answers import KeptAnswers

    kept, index, made = KeptAnswers(10), SimpleNamespace(height=1), []

    def make(text):
        made.append(text)
        return text.encode()

    for address in ("aaaa", "bbbb", "cccc", "bbbb", "aaaa"):
        assert kept.get(index, 0, address, lambda text=address: make(text)) == address.encode()
    assert made == ["aaaa", "bbbb", "cccc", "aaaa"]
    index.height = 2
    kept.get(index, 0, "bbbb", lambda: make("bbbb"))
    assert made[-1] == "bbbb"
    assert kept.get(index, 0, "d" * 99, lambda: make("d" * 99)) == b"d" * 99, (
        "what is too large is answered and not kept"
    )


def test_what_portals_made_is_on_the_disk_together_and_one_that_fails_takes_no_other_along(tmp_path):
    """Two hundred wait for one disk: each write on its own kept readers waiting, too."""
    patients = PortalPatients(tmp_path / "portals.db")
    commits = []
    patients._writer.set_trace_callback(lambda text: commits.append(text) if text == "COMMIT" else None)
    failed = []

    def bad(db):
        db.execute("INSERT INTO used VALUES ('x', 'y', 1)")
        raise ValueError("no")

    def wrong():
        try:
            patients._write(bad)
        except ValueError as error:
            failed.append(error)

    def note(number):
        patients.note("alpha", f"A{number}", "P", f"R{number}", "d")

    def meanwhile(*acts):
        """Start these while the disk is busy with something else, then let it go on."""
        busy, gate = threading.Event(), threading.Event()

        def hold(db):
            busy.set()
            gate.wait(30)

        crowd = [threading.Thread(target=patients._write, args=(hold,))]
        crowd[0].start()
        assert busy.wait(30)
        for act in acts:
            crowd.append(threading.Thread(target=act))
            crowd[-1].start()
        while len(patients._waiting) < len(acts):
            time.sleep(0.001)
        assert patients.used("alpha", "d") in (0, 20), "who reads does not wait for who writes"
        gate.set()
        for one in crowd:
            one.join(30)

    meanwhile(*(functools.partial(note, n) for n in range(20)), wrong)
    assert len(failed) == 1 and patients.used("alpha", "d") == 20 and patients.used("x", "y") == 0
    other = PortalPatients(tmp_path / "portals.db")
    assert other.used("alpha", "d") == 20 and other.patient_of("alpha", "A7") == ("P", "")
    commits.clear()
    meanwhile(*(functools.partial(note, n) for n in range(20, 40)))
    assert commits == ["COMMIT"], "twenty together"
    assert other.used("alpha", "d") == 40
