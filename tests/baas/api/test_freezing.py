"""One token's requests that take their time: others are answered meanwhile, and nothing of theirs is lost.

Each of these froze the whole interface before (six seconds by one body of four megabytes), or took from others.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

from baas.api import jobs, requests, server
from baas.api.jobs import JobBook
from baas.api.problems import MOST_FAULTS
from baas.errors import PermissionDenied, Text
from tests.baas.api.conftest import Served
from tests.baas.api.test_attacks import head

PATIENCE_S = 60.0


@pytest.fixture
def met() -> threading.Event:
    """Set once another token was answered while the work under test was going on."""
    return threading.Event()


@pytest.fixture
def while_it_lasts(served: Served, met: threading.Event) -> Callable[[Callable[[], int]], int]:
    """Ask something as one token, and as another meanwhile; returns the first one's status."""
    _, other = served.token("networks.read")

    def both(ask: Callable[[], int]) -> int:
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(ask)
            assert began.wait(PATIENCE_S)
            assert served.ask("GET", "/api/v1/token", other).status_code == 200
            met.set()
            return asked.result(PATIENCE_S)

    began = met.began = threading.Event()  # type: ignore[attr-defined]
    return both


def slowly(act: Callable[..., Any], met: Any, first: object = None) -> Callable[..., Any]:
    """As `act`, but it lasts until somebody else was answered; RuntimeError where nobody was. Only where its first
    argument is `first`, if one is given."""

    def done(*args: Any, **more: Any) -> Any:
        if first is not None and args[0] != first:
            return act(*args, **more)
        met.began.set()
        if not met.wait(PATIENCE_S / 2):
            raise RuntimeError("nobody else was answered")
        return act(*args, **more)

    return done


def test_a_body_is_read_beside_others_requests(
    served: Served, monkeypatch: pytest.MonkeyPatch, met: threading.Event, while_it_lasts: Any
) -> None:
    _, token = served.token("contracts.query")
    monkeypatch.setattr(requests, "_parsed", slowly(requests._parsed, met))
    path = f"{served.place}/contracts/copyright/query"
    assert while_it_lasts(lambda: served.ask("POST", path, token, json={"function": 1}).status_code) == 400


def test_a_refusal_is_written_down_beside_others_requests(
    served: Served, monkeypatch: pytest.MonkeyPatch, met: threading.Event, while_it_lasts: Any
) -> None:
    """The audit log waits for the disk, and for other programs that write it."""
    _, token = served.token("ledger.read")
    monkeypatch.setattr(server.audit, "operation", slowly(server.audit.operation, met, "api stopNetwork"))
    stop = f"/api/v1/networks/{served.network}/stop"
    assert while_it_lasts(lambda: served.ask("POST", stop, token, json={}).status_code) == 403


def test_of_a_body_with_many_faults_a_few_are_looked_for(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    _, token = served.token("contracts.query")
    found: list[Any] = []
    look = requests.faults

    def counted(*args: Any) -> Any:
        for one in look(*args):
            found.append(one)
            yield one

    monkeypatch.setattr(requests, "faults", counted)
    body = json.dumps({"function": "x"} | {f"m{number}": 1 for number in range(5_000)}).encode()
    path, kind = f"{served.place}/contracts/copyright/query", {"Content-Type": "application/json"}
    answer = served.ask("POST", path, token, content=body, headers=kind)
    # Those of the address and of the body.
    assert answer.status_code == 400 and MOST_FAULTS <= len(found) <= MOST_FAULTS + 5
    assert len(answer.json()["errors"]) == MOST_FAULTS


def test_bodies_of_one_token_are_received_a_few_at_a_time(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before, each of a hundred connections could leave four megabytes in memory for twenty seconds."""
    _, token = served.token("contracts.query")
    now, most, seen = [0], [0], threading.Semaphore(0)
    receive = requests._received

    async def counted(request: Any, limit: int) -> bytes:
        if request.method != "POST":
            return await receive(request, limit)
        now[0] += 1
        most[0] = max(most[0], now[0])
        seen.release()
        try:
            return await receive(request, limit)
        finally:
            now[0] -= 1

    monkeypatch.setattr(requests, "_received", counted)
    line = f"POST {served.place}/contracts/copyright/query HTTP/1.1"
    begun = head(served, line, "Content-Type: application/json", "Content-Length: 3", token=token)
    slow = [socket.create_connection(("127.0.0.1", served.port), timeout=30) for _ in range(server.AT_ONCE + 3)]
    try:
        for one in slow:
            one.sendall(begun + b"{")
        for _ in range(server.AT_ONCE):
            assert seen.acquire(timeout=PATIENCE_S)
        time.sleep(0.1)
        _, other = served.token("networks.read")
        assert served.ask("GET", "/api/v1/token", other).status_code == 200
        for one in slow:
            one.sendall(b"} ")
        for one in slow:
            assert b" 400 " in one.recv(65536).split(b"\r\n")[0]
    finally:
        for one in slow:
            one.close()
    assert most[0] == server.AT_ONCE


def test_one_tokens_jobs_push_out_no_others() -> None:
    def job(number: int) -> Any:
        return SimpleNamespace(id=f"{number:012x}", finished_at=1.0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jobs, "told", lambda operation, one: one)
        book = JobBook()
        book.keep("mine", "verify", job(0))
        for number in range(1, 1_300):
            book.keep("theirs", "verify", job(number))
        assert book.get("mine", f"{0:012x}")[1].id == f"{0:012x}"
        assert len(book.of("theirs")) == jobs.MOST


def test_asked_for_its_head_a_stream_ends_at_once(served: Served) -> None:
    _, token = served.token("ledger.read")
    answer = served.ask("HEAD", f"{served.place}/blocks/events", token)
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, "text/event-stream")


def test_streams_asked_for_in_one_instant_are_as_few(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before, all that came before the first had begun were let in."""
    _, token = served.token("ledger.read", per_second=1000.0)
    together = threading.Event()
    blocks = type(served.platform.explorer).blocks

    def slow(self: Any, *args: Any) -> Any:
        together.wait(5)
        return blocks(self, *args)

    monkeypatch.setattr(type(served.platform.explorer), "blocks", slow)
    asked = head(served, f"GET {served.place}/blocks/events HTTP/1.1", token=token)
    connections = [socket.create_connection(("127.0.0.1", served.port), timeout=30) for _ in range(12)]
    try:
        for one in connections:
            one.sendall(asked)
        time.sleep(0.3)  # a slow computer lets this test pass too easily, never fail
        together.set()
        statuses = [one.recv(20).split(b" ")[1] for one in connections]
    finally:
        for one in connections:
            one.close()
    assert statuses.count(b"200") == server.STREAMS and set(statuses) == {b"200", b"429"}


def test_a_stream_ends_with_whom_its_token_acts_as(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before, somebody who was revoked went on hearing of every block for the rest of a stream."""
    _, token = served.token("ledger.read")
    headers = {"Authorization": f"Bearer {token}"}
    with served.client.stream("GET", f"{served.place}/blocks/events?after=0", headers=headers) as answer:
        lines = answer.iter_lines()
        assert next(line for line in lines if line.startswith("id: "))

        def gone(*_: object, **__: object) -> None:
            raise PermissionDenied(Text("已吊销", "revoked"), code="identity_revoked")

        monkeypatch.setattr(type(served.platform.identities), "actor", gone)
        last = [line for line in lines if line.startswith(("event: end", 'data: {"code"'))]
    assert last == ["event: end", 'data: {"code": "identity_revoked"}']
