"""Web parts against clients that send what is no HTTP, or never finish: no traceback in the log, no place kept."""

from __future__ import annotations

import contextlib
import logging
import socket
import time
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from apps.traceability import serving
from baas.serving.patience import PER_ADDRESS
from baas.serving.web import WebServer

HEAD = b"POST /%PATH% HTTP/1.1\r\nHost: a\r\n"


async def _plain(request: Request) -> Response:
    return Response(str(len(await request.body())))


async def _careful(request: Request) -> Response:
    try:
        return Response(str(len(await request.body())))
    except ClientDisconnect:
        return Response("gone", 400)


async def _never(request: Request) -> Response:
    return Response("no", 401)


@pytest.fixture
def port() -> Iterator[int]:
    routes = [Route(f"/{f.__name__[1:]}", f, methods=["POST"]) for f in (_plain, _careful, _never)]
    with WebServer(Starlette(routes=routes)) as server:
        yield int(server.address.rpartition(":")[2].strip("/"))


def answer(port: int, *parts: bytes, seconds: float = 20) -> bytes:
    """All that comes back until the server closes."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection, contextlib.suppress(OSError):
        for part in parts:
            connection.sendall(part)
            time.sleep(0.1)
        while data := connection.recv(65536):
            received += data
    return received


@pytest.mark.parametrize("path", [b"plain", b"careful"])
@pytest.mark.parametrize("chunks", [(b"ZZZ\r\nabc\r\n",), (b"3\r\nabc\r\n", b"-1\r\n")])
def test_a_bad_chunk_writes_no_traceback(port, caplog, path, chunks):
    """Before, each wrote one: whoever likes filled the disk, and hid what mattered."""
    with caplog.at_level(logging.INFO):
        head = HEAD.replace(b"%PATH%", path) + b"Transfer-Encoding: chunked\r\n\r\n"
        assert answer(port, head, *chunks).startswith(b"HTTP/1.1 400")
        assert b"HTTP/1.1 200" in answer(port, head + b"3\r\nabc\r\n0\r\n\r\nNONSENSE\x00\r\n\r\n")
        with socket.create_connection(("127.0.0.1", port)) as connection:  # leaves in the middle
            connection.sendall(head + b"3\r\nab")
        time.sleep(0.3)
    assert not [record for record in caplog.records if record.exc_info or "Traceback" in record.getMessage()]
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_who_is_refused_keeps_no_connection_with_a_body_that_never_ends(port):
    """Before, a stranger without a token kept his place for ten seconds a byte."""
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(HEAD.replace(b"%PATH%", b"never") + b"Content-Length: 999999\r\n\r\n")
        received = b""
        with contextlib.suppress(ConnectionError, TimeoutError):
            while time.monotonic() - began < 40:
                connection.settimeout(0.2)
                with contextlib.suppress(TimeoutError):
                    data = connection.recv(65536)
                    received += data
                    if not data:
                        break
                connection.sendall(b"x")
    assert received.startswith(b"HTTP/1.1 401")
    assert time.monotonic() - began < 30


def test_a_document_that_does_not_come_is_given_up(monkeypatch):
    """With the token, too: `serve trace` waited a minute for each."""
    monkeypatch.setattr(serving, "BODY_S", 0.3)
    monkeypatch.setattr(serving, "token_of", lambda _service: "t")

    class Service:
        def signer_of(self, *_: object) -> str:
            return ""

    with WebServer(serving.trace_app(Service())) as server:  # type: ignore[arg-type]
        port = int(server.address.rpartition(":")[2].strip("/"))
        head = HEAD.replace(b"%PATH%", b"capture") + b"Authorization: Bearer t\r\nContent-Length: 99\r\n\r\n"
        assert answer(port, head, b"{").startswith(b"HTTP/1.1 408")


def test_connections_that_ask_nothing_keep_nobody_of_their_address_out(port):
    """Before, whoever held 128 open shut out everybody else behind the same address: a proxy, a desk's programs."""
    held = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(PER_ADDRESS + 20)]
    try:
        for _ in range(3):
            head = HEAD.replace(b"%PATH%", b"plain") + b"Content-Length: 1\r\nConnection: close\r\n\r\nx"
            assert answer(port, head).startswith(b"HTTP/1.1 200")
    finally:
        for connection in held:
            connection.close()
