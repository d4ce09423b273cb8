"""The interface against those who send what they should not, or whose browser is led here by others."""

from __future__ import annotations

import contextlib
import json
import logging
import socket
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import pytest

from baas.api import server
from baas.api.page import PublicPage
from baas.api.server import Api
from baas.serving import patience
from baas.serving.api import application
from baas.serving.hosts import answers_to, host_of, names_of
from baas.serving.web import WebOptions, WebServer
from network.certificates import CertificateAuthority
from tests.baas.api.conftest import Served


def raw(served: Served, *parts: bytes, seconds: float = 20) -> bytes:
    """All that comes back to these bytes until the server closes."""
    received = b""
    with (
        socket.create_connection(("127.0.0.1", served.port), timeout=seconds) as connection,
        contextlib.suppress(OSError),
    ):
        for part in parts:
            connection.sendall(part)
        while data := connection.recv(65536):
            received += data
    return received


def head(served: Served, line: str, *more: str, token: str = "") -> bytes:
    lines = [line, f"Host: 127.0.0.1:{served.port}", "Connection: close", *more]
    lines += [f"Authorization: Bearer {token}"] if token else []
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


# -- where a token may stand ---------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["token", "access_token", "Token", "api_key", "x"])
def test_a_token_in_the_address_is_refused_and_called_leaked(served: Served, name: str) -> None:
    _, token = served.token("networks.read")
    for with_header in (token, served.everything):
        answer = served.ask("GET", "/api/v1/networks", with_header, params={name: token})
        assert (answer.status_code, answer.json()["code"]) == (400, "token_in_address")
        assert token not in answer.text
    assert served.ask("GET", "/api/v1/networks", params={name: token}).status_code == 401
    assert served.ask("GET", "/api/v1/networks", headers={"Cookie": f"token={token}"}).status_code == 401
    assert served.ask("GET", "/api/v1/networks", headers={"Authorization": f"Basic {token}"}).status_code == 401


def test_no_log_and_no_answer_holds_a_token(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    made, token = served.token("networks.read", "contracts.query")
    with caplog.at_level(logging.DEBUG):
        for path in (
            f"/api/v1/networks?token={token}",
            f"/api/v1/{token}",
            f"/api/v1/networks/{token}",
            "/api/v1/token",
        ):
            answer = served.ask("GET", path, token)
            assert token not in answer.text and token[-20:] not in answer.text
        served.ask("POST", f"{served.place}/contracts/copyright/query", token, content=b"{" + token.encode())
        raw(served, head(served, f"GET /{token} HTTP/1.1", f"X-Bad\x00: {token}", token=token))
    ours = [one for one in caplog.records if not one.name.startswith(("httpx", "httpcore"))]  # not the client's own
    assert not [one for one in ours if token[-20:] in one.getMessage()]
    kept = [
        one
        for one in served.platform.workspace.folder.rglob("*")
        if one.is_file() and token[-20:].encode() in _bytes(one)
    ]
    assert kept == []
    assert made.id


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_a_defect_tells_nothing_of_the_inside(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("/secret/path of the inside")

    monkeypatch.setattr(type(served.platform.explorer), "search", broken)
    answer = served.ask("GET", f"{served.place}/search", served.everything, params={"q": "x"})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "secret" not in answer.text and "ZeroDivision" not in answer.text


def test_a_near_guess_takes_no_longer_than_a_far_one(served: Served) -> None:
    """The secret's hash is compared, so the time says nothing of how much of it was right."""
    made, token = served.token("networks.read")
    near = token[:-1] + ("A" if token[-1] != "A" else "B")
    far = f"ccat_{made.id}_" + "z" * 43
    times: dict[str, list[float]] = {near: [], far: []}
    store = served.platform.tokens.store
    for _ in range(300):
        for guess, found in times.items():
            began = time.perf_counter()
            assert store.of_secret(guess) is None
            found.append(time.perf_counter() - began)
    assert 0.5 < median(times[near]) / median(times[far]) < 2


# -- disguised requests --------------------------------------------------------------------------------
def test_what_says_two_things_is_refused(served: Served, limited: Callable[..., str]) -> None:
    token, other = limited("networks.read"), limited("ledger.read")
    line = "GET /api/v1/networks HTTP/1.1"
    answer = raw(served, head(served, line, f"Authorization: Bearer {other}", token=token))
    assert b" 400 " in answer.split(b"\r\n")[0] and b"header_twice" in answer
    assert b" 400 " in raw(served, head(served, line, "Host: other.example", token=token)).split(b"\r\n")[0]
    post = f"POST {served.place}/verify HTTP/1.1"
    both = head(served, post, "Content-Length: 4", "Transfer-Encoding: chunked", token=other) + b"0\r\n\r\n"
    assert b" 400 " in raw(served, both).split(b"\r\n")[0]
    for length in ("4, 5", "+4", "-1", "0x4", "４"):
        asked = head(served, post, f"Content-Length: {length}", token=other) + b"{}{}"
        assert b" 400 " in raw(served, asked).split(b"\r\n")[0], length
    hidden = b"GET /api/v1/token HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    asked = head(served, post, f"Content-Length: {len(hidden)}", token=other) + hidden
    answer = raw(served, asked)
    assert answer.count(b"HTTP/1.1 ") == 1 and b" 400 " in answer.split(b"\r\n")[0]  # no second request in its body


def test_headers_cannot_be_written_through_a_parameter(served: Served) -> None:
    evil = "x\r\nSet-Cookie: a=b"
    for path in ("/api/v1/networks", f"{served.place}/search"):
        answer = served.ask("GET", path, served.everything, params={"after": evil, "q": evil})
        assert "set-cookie" not in answer.headers
    answer = served.ask(
        "GET", f"/api/v1/networks/{served.network}", served.everything, headers={"Accept-Language": "x" * 9000}
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("size", [(4 << 20) + 1, 9 << 20])
def test_huge_bodies_are_refused_unread(served: Served, size: int) -> None:
    path = f"{served.place}/contracts/copyright/query"
    body = json.dumps({"function": "x", "arguments": ["a" * size]}).encode()
    assert served.ask("POST", path, served.everything, content=body).status_code == 413
    chunks = (body[at : at + 65536] for at in range(0, len(body), 65536))
    with contextlib.suppress(Exception):  # the connection may be closed while it still sends
        assert served.ask("POST", path, served.everything, content=chunks).status_code == 413
    line = f"POST {path} HTTP/1.1"
    began = time.monotonic()
    answer = raw(served, head(served, line, "Content-Length: 99999999999", "Content-Type: application/json",
                              token=served.everything), b"{")  # fmt: skip
    assert b" 413 " in answer.split(b"\r\n")[0] and time.monotonic() - began < 10


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b'{"function":"x","function":"y"}', b'{"function":NaN}', b'{"function":1e999}',
        b'{"function":"\\ud800"}', b'{"function":"x","more":1}', b'{"function":""}', b'{"arguments":[]}',
        b'{"function":"x","arguments":[1]}', b'{"function":"x","arguments":"y"}', b"\xff\xfe{", b"[" * 100_000,
        b'{"function":' + b"9" * 5_000 + b"}", b'{"function":"x","arguments":' + b"[" * 9_000 + b"]" * 9_000 + b"}",
        b'\xef\xbb\xbf{"function":"x"}',
    ],
)  # fmt: skip
def test_bodies_that_do_not_fit_are_refused(served: Served, body: bytes) -> None:
    path = f"{served.place}/contracts/copyright/query"
    headers = {"Content-Type": "application/json"}
    answer = served.ask("POST", path, served.everything, content=body, headers=headers)
    assert answer.status_code == 400 and answer.json()["code"] in ("bad_json", "bad_body"), answer.text
    for kind in ("text/plain", "application/json; charset=gbk", "application/x-www-form-urlencoded", ""):
        answer = served.ask("POST", path, served.everything, content=body or b"{}", headers={"Content-Type": kind})
        assert answer.status_code == 415


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=201", "limit=1.5", "limit=", "limit=%201", "limit=１", "limit=1&limit=2", "unknown=1",
     "before=-1", "before=9999999999999999999", "limit=1e2", "limit=0x5"],
)  # fmt: skip
def test_parameters_that_do_not_fit_are_refused(served: Served, query: str) -> None:
    answer = served.ask("GET", f"{served.place}/blocks?{query}", served.everything)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_query")
    assert answer.json()["errors"]


@pytest.mark.parametrize(
    "path",
    ["/api/v1/networks/..%2f..%2fetc", "/api/v1/networks/%2e%2e", "/api/v1/../../etc/passwd",
     "/api/v1/networks/city%00",
     "/api/v1/networks/CITY", "/api/v1/networks/con", "/api/v1//networks", "/api/v1/networks/", "/api/v2/networks",
     "/api/v1/networks/city/channels/..%2f..%2f", "/n/..%2f..%2fetc%2fpasswd", "/n/%2e%2e/b/1", "/style.css/..%2fx",
     "/..%2f..%2fcitychain.db", "/static/../citychain.db", "/n/city/b/１"],
)  # fmt: skip
def test_no_path_leads_out(served: Served, path: str) -> None:
    answer = raw(served, head(served, f"GET {path} HTTP/1.1".replace("１", "%EF%BC%91"), token=served.everything))
    assert answer.split(b" ")[1] in (b"404", b"400", b"403"), answer[:300]
    assert b"root:" not in answer and b"SQLite" not in answer


def test_whoever_sends_too_slowly_is_closed(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """A head that never ends, byte by byte, has its time (ten seconds, here one): others are answered meanwhile."""
    monkeypatch.setattr(patience, "HEADER_S", 1.0)
    slow = [socket.create_connection(("127.0.0.1", served.port), timeout=30) for _ in range(20)]
    began = time.monotonic()
    for one in slow:
        one.sendall(b"GET /api/v1/networks HTTP/1.1\r\nHost: a\r\nX: ")
    assert served.get("/api/v1/networks")["items"]
    closed = 0
    while closed < 20 and time.monotonic() - began < 25:
        for one in slow:
            with contextlib.suppress(OSError):
                one.sendall(b"x")
        slow[closed].settimeout(0.2)
        try:
            if slow[closed].recv(100) == b"":
                closed += 1
        except TimeoutError:
            pass
        except OSError:
            closed += 1
    assert closed == 20 and time.monotonic() - began < 25
    for one in slow:
        one.close()


# -- led here by others --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil.example", "", "[::1",
             "0.0.0.0", "169.254.169.254", "localhost@evil.example", "127.1", "2130706433"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/api/v1/networks", "/api/v1/openapi.json", "/"])
def test_a_name_that_a_stranger_leads_here_gets_nothing(served: Served, host: str, path: str) -> None:
    """DNS rebinding: the page's own name is in the Host header, whatever address it points to."""
    request = (
        f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nAuthorization: Bearer {served.everything}\r\n\r\n"
    )
    answer = raw(served, request.encode())
    assert answer.split(b" ")[1] in (b"421", b"400"), answer[:200]
    body = answer.partition(b"\r\n\r\n")[2]
    assert not [word for word in (b'"items"', b'"paths"', b"/n/") if word in body]


@pytest.mark.parametrize("host", ["localhost:1", "127.0.0.1", "[::1]:9", "LOCALHOST", "localhost."])
def test_its_own_names_are_answered(served: Served, host: str) -> None:
    answer = raw(served, f"GET /api/v1/openapi.json HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    assert answer.split(b" ")[1] == b"200"


def test_the_names_are_those_of_the_machine_and_of_the_certificate(tmp_path: Path) -> None:
    made, _ = CertificateAuthority.create("ca.example", "example")
    issued = made.issue("web.example", sans=["api.city.example", "*.gov.example", "203.0.113.9"], tls=True)
    (tmp_path / "c.pem").write_bytes(issued.certificate_pem)
    names = names_of(WebOptions("0.0.0.0"), tmp_path / "c.pem")
    for good in ("api.city.example:8443", "a.gov.example", "203.0.113.9", "localhost", socket.gethostname()):
        assert answers_to(good, names), good
    for bad in ("0.0.0.0", "gov.example", "a.b.gov.example", "city.example", "x.api.city.example"):
        assert not answers_to(bad, names), bad
    assert host_of("[::1]:80") == "::1" and host_of("[::1]x") == ""


def test_other_sites_pages_may_not_ask(served: Served, limited: Callable[..., str]) -> None:
    """No CORS, no preflight, nothing for a foreign Origin, even with a token; nothing counts but the header."""
    token = limited("networks.operate", "networks.read")
    stop = f"/api/v1/networks/{served.network}/stop"
    for headers in (
        {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"}, {"Origin": f"http://127.0.0.1:{served.port + 1}"},
    ):  # fmt: skip
        for method, path in (("POST", stop), ("GET", "/api/v1/networks")):
            answer = served.ask(method, path, token, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "other_site")
            assert not [name for name in answer.headers if name.startswith("access-control")]
    preflight = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    answer = served.ask("OPTIONS", stop, headers=preflight)
    assert answer.status_code == 403 and "access-control-allow-origin" not in answer.headers
    answer = served.ask("OPTIONS", stop)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    # A form of another page, with whatever cookies: no header, no token, nothing done.
    form = served.ask("POST", stop, data={"node": ""}, headers={"Cookie": f"Authorization=Bearer {token}"})
    assert form.status_code == 401
    own = {"Origin": served.url, "Sec-Fetch-Site": "same-origin"}
    assert served.ask("GET", "/api/v1/networks", token, headers=own).status_code == 200
    assert served.platform.networks.status(served.network).state == "running"


def test_strangers_are_slowed_and_those_with_a_token_are_not(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "STRANGER_RATE", 0.01)  # also on a slow machine
    api = Api(served.platform, frozenset({"127.0.0.1"}))
    page = PublicPage(served.platform, frozenset({"127.0.0.1"}))
    with WebServer(application(api, page)) as running:
        address, whole, every = running.address.rstrip("/"), served.everything, served.all_scopes
        alone = Served(served.platform, served.network, address, whole, every, page)
        guess = "ccat_" + "0" * 12 + "_" + "x" * 43
        for with_token in (guess, None):
            answers = [alone.ask("GET", "/api/v1/networks", with_token) for _ in range(60)]
            # Programs decide by the status: a missing token is a missing token, also on a fast machine.
            assert {one.status_code for one in answers} == {401}
            assert {one.headers["www-authenticate"] for one in answers} == {'Bearer realm="citychain"'}
            slowed = [one for one in answers if one.headers.get("connection") == "close"]
            assert slowed and all(int(one.headers["retry-after"]) >= 1 for one in slowed)
        assert {alone.ask("GET", "/api/v1/openapi.json").status_code for _ in range(60)} == {200}
        assert alone.ask("GET", "/api/v1/token", served.everything).status_code == 200
        alone.client.close()
    api.close()
    page.close()


def test_methods_that_do_not_apply_say_which_do(served: Served) -> None:
    for method in ("PUT", "PATCH", "TRACE", "PROPFIND"):
        answer = served.ask(method, "/api/v1/networks", served.everything)
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert served.ask("HEAD", "/api/v1/networks", served.everything).status_code == 200
    assert served.ask("GET", "/api/v1/token", served.everything).headers["cache-control"] == "no-store"


def test_the_log_stays_quiet(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    """Clients that leave in the middle of a stream or a body write no traceback."""
    with caplog.at_level(logging.INFO):
        for line in (f"GET {served.place}/blocks/events HTTP/1.1", f"POST {served.place}/verify HTTP/1.1"):
            with socket.create_connection(("127.0.0.1", served.port)) as connection:
                connection.sendall(head(served, line, token=served.everything))
                time.sleep(0.2)
        time.sleep(0.6)
    assert not [one for one in caplog.records if one.exc_info or one.levelno >= logging.ERROR]
