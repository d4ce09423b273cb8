"""A door that speaks TLS, and whoever connects without beginning it: counted, timed, and in nobody's way."""

from __future__ import annotations

import logging
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from baas.serving import patience, web
from baas.serving.web import WebServer
from network.certificates import CertificateAuthority

PATIENCE_S = 20.0
ASK = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


async def _hello(request: Request) -> PlainTextResponse:
    return PlainTextResponse(request.url.scheme)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    authority, _ = CertificateAuthority.create("ca.example", "example")
    issued = authority.issue("localhost", sans=["localhost", "127.0.0.1"], tls=True)
    (folder / "c.pem").write_bytes(issued.certificate_pem)
    (folder / "k.pem").write_bytes(issued.private_key_pem)
    return folder / "c.pem", folder / "k.pem"


@pytest.fixture
def door(files: tuple[Path, Path]) -> Iterator[WebServer]:
    with WebServer(Starlette(routes=[Route("/", _hello)]), tls=files) as server:
        yield server


def _context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _asked(port: int) -> bytes:
    plain = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
    with plain, _context().wrap_socket(plain) as secured:
        secured.sendall(ASK)
        received = b""
        with suppress(OSError):
            while data := secured.recv(65536):
                received += data
        return received


def _closed(connection: socket.socket, seconds: float) -> bool:
    """Whether the other side ends the connection within some seconds."""
    connection.settimeout(seconds)
    try:
        return connection.recv(1) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def test_a_crowd_that_says_nothing_keeps_nobody_out(door: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before, each had a descriptor of the server's for a minute, as many as came."""
    monkeypatch.setattr(patience, "PER_ADDRESS", 8)
    monkeypatch.setattr(patience, "HEADER_S", 300.0)  # none of them is late
    with ExitStack() as crowd:
        silent = [crowd.enter_context(socket.create_connection(("127.0.0.1", door.port))) for _ in range(12)]
        gone: set[socket.socket] = set()
        until = time.monotonic() + PATIENCE_S
        while len(gone) < 4 and time.monotonic() < until:
            gone |= {one for one in silent if one not in gone and _closed(one, 0.01)}
        assert len(gone) == 4, "as many as were too many"
        assert _asked(door.port).endswith(b"https")


def test_whoever_does_not_begin_tls_is_closed_in_time(
    files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "HEADER_S", 0.3)
    with WebServer(Starlette(routes=[Route("/", _hello)]), tls=files) as server, ExitStack() as open_:
        for begun in (b"", b"\x16\x03\x01", b"\x16\x03\x01\x02\x00\x01"):
            one = open_.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            one.sendall(begun)
            assert _closed(one, PATIENCE_S)
        # Nor does whoever begins it and then asks nothing have longer.
        plain = open_.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S))
        assert _closed(open_.enter_context(_context().wrap_socket(plain)), PATIENCE_S)


def test_what_is_no_tls_is_closed_without_a_word_in_the_log(door: WebServer, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        for bytes_ in (ASK, b"\x00" * 500, b"\x16\x03\x01\xff\xff" + b"x" * 70_000):
            with socket.create_connection(("127.0.0.1", door.port)) as one:
                with suppress(OSError):
                    one.sendall(bytes_)
                assert _closed(one, PATIENCE_S) or bytes_ == ASK  # to which TLS answers an alert first
        for _ in range(5):
            socket.create_connection(("127.0.0.1", door.port)).close()
        assert _asked(door.port).endswith(b"https")
    assert not [one for one in caplog.records if one.exc_info or one.levelno >= logging.WARNING]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_request_that_comes_with_the_end_of_the_handshake_is_answered(
    door: WebServer, version: ssl.TLSVersion
) -> None:
    context, there, back = _context(), ssl.MemoryBIO(), ssl.MemoryBIO()
    context.minimum_version = context.maximum_version = version
    secured = context.wrap_bio(there, back)
    with socket.create_connection(("127.0.0.1", door.port), timeout=PATIENCE_S) as plain:
        while True:
            try:
                secured.do_handshake()
                break
            except ssl.SSLWantReadError:
                plain.sendall(back.read())
                data = plain.recv(65536)
                assert data, "the handshake was broken off"
                there.write(data)
        secured.write(ASK)
        plain.sendall(back.read())  # with TLS 1.3 in one packet with the client's `Finished`
        received = b""
        while not received.endswith(b"https"):
            try:
                data = secured.read(65536)
                assert data, received
                received += data
            except ssl.SSLWantReadError:
                data = plain.recv(65536)
                assert data, received
                there.write(data)
    assert received.endswith(b"https")


def test_it_stops_while_some_say_nothing(files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "HEADER_S", 300.0)  # nobody else ends them
    monkeypatch.setattr(web, "STOP_S", 60.0)
    with ExitStack() as crowd:
        with WebServer(Starlette(routes=[Route("/", _hello)]), tls=files) as server:
            silent = [crowd.enter_context(socket.create_connection(("127.0.0.1", server.port))) for _ in range(3)]
            _asked(server.port)
            thread, began = server._thread, time.monotonic()
            assert thread is not None
        assert not thread.is_alive() and time.monotonic() - began < 30
        assert all(_closed(one, PATIENCE_S) for one in silent)
