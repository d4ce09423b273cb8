"""A hostile client held to a share of a core, for `bench flood` and the tests: `python -m network.flooder` with a
`Flood` as JSON on its input. It says "ready" once it has begun, and on its input's end what it has sent.

Kinds: `garbage` are calls of nobody that mean nothing, `replay` one signed question asked again and again, `resets`
calls that are given up at once, `handshakes` connections that end once TLS has begun, `crowd` a thousand connections
that stay and say nothing or begin a request that never ends.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import select
import socket
import ssl
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

from fabric_sdk.http2.calls import ClientConnection, Unary
from fabric_sdk.http2.engine import CANCEL
from fabric_sdk.http2.framing import Failure

KINDS = ("garbage", "replay", "resets", "handshakes")
CROWD = "crowd"
CROWD_SIZE = 1000
_EVALUATE = "/gateway.Gateway/Evaluate"
_BATCH = 32
_UNDER_WAY = 400
_AT_ONCE = 16
_GIVEN_UP = Failure("CANCELLED", "given up")


@dataclass(frozen=True)
class Flood:
    """What to do to the node at `address` (host:port) with at most `share` of one core; `request` as base64."""

    kind: str
    address: str
    request: str = ""
    share: float = 0.1

    def to_json(self) -> str:
        return json.dumps(asdict(self))


def main() -> int:
    flood = Flood(**json.loads(sys.stdin.readline()))
    over = threading.Event()

    def wait() -> None:
        sys.stdin.read()
        over.set()

    threading.Thread(target=wait, daemon=True).start()
    if flood.kind == CROWD:
        with contextlib.ExitStack() as stack:
            for number in range(CROWD_SIZE):
                stack.enter_context(_stranger(flood.address, silent=bool(number % 2)))
            print("ready", flush=True)
            over.wait()
        print(json.dumps({"connections": CROWD_SIZE}), flush=True)
        return 0
    worker: Any = _Handshakes(flood) if flood.kind == "handshakes" else _Calls(flood)
    began, spent = time.perf_counter(), time.process_time()
    print("ready", flush=True)
    while not over.is_set():
        worker.batch()
        late = (time.process_time() - spent) / flood.share - (time.perf_counter() - began)
        if late > 0:
            worker.rest(late)
    share = (time.process_time() - spent) / (time.perf_counter() - began)
    print(json.dumps({**worker.counts, "share": round(share, 3)}), flush=True)
    sys.stdout.flush()
    os._exit(0)  # whatever it has opened is dropped as a killed client's is


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    return context


def _dial(address: str) -> socket.socket:
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=20)


def _stranger(address: str, *, silent: bool) -> socket.socket:
    raw = _dial(address)
    if silent:
        return raw
    wrapped = _context().wrap_socket(raw)
    wrapped.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00")
    return wrapped


class _Handshakes:
    """Connections that end once TLS has begun, several at a time."""

    def __init__(self, flood: Flood) -> None:
        self.counts: Counter[str] = Counter()
        self._address = flood.address
        self._context = _context()
        self._pool = ThreadPoolExecutor(_AT_ONCE)

    def batch(self) -> None:
        self.counts["handshakes"] += sum(self._pool.map(self._one, range(_AT_ONCE)))

    def _one(self, _: int) -> int:
        try:
            self._context.wrap_socket(_dial(self._address)).close()
        except OSError:
            return 0
        return 1

    def rest(self, seconds: float) -> None:
        time.sleep(seconds)


class _Calls:
    """Calls over one connection, as many at once as are answered."""

    def __init__(self, flood: Flood) -> None:
        self.counts: Counter[str] = Counter()
        self.waiting = 0
        self._flood = flood
        self._request = base64.b64decode(flood.request) or b"\x1a\x08\x0a\x03abc\x12\x01x"
        self._connect()

    def _connect(self) -> None:
        self.waiting = 0
        self._socket = _context().wrap_socket(_dial(self._flood.address))
        self._socket.setblocking(False)
        self._calls = ClientConnection("node", secure=True)
        self._out = bytearray()

    def batch(self) -> None:
        try:
            self._begin()
            self._move()
            if self._calls.over:
                raise ConnectionError
        except OSError:
            self.counts["connections lost"] += 1
            self._connect()

    def rest(self, seconds: float) -> None:
        time.sleep(seconds)

    def _begin(self) -> None:
        for _ in range(_BATCH if self.waiting < _UNDER_WAY else 0):
            call = _Counted(self)
            self._calls.start(call, _EVALUATE, self._request, None)
            self.waiting += 1
            self.counts["calls"] += 1
            if self._flood.kind == "resets":
                self._calls.engine.reset(call.stream, CANCEL)
                self._calls.calls.pop(call.stream, None)
                self.waiting -= 1

    def _move(self) -> None:
        self._out += self._calls.take()
        if self.waiting >= _UNDER_WAY and not self._out:
            select.select([self._socket], [], [], 0.05)
        with contextlib.suppress(ssl.SSLWantReadError, ssl.SSLWantWriteError):
            while self._out:
                sent = self._socket.send(self._out[: 1 << 16])
                del self._out[:sent]
        with contextlib.suppress(ssl.SSLWantReadError):
            while data := self._socket.recv(1 << 18):
                self._calls.receive(data)
                return
            raise ConnectionError


class _Counted(Unary):
    __slots__ = ("_owner",)

    def __init__(self, owner: _Calls) -> None:
        super().__init__()
        self._owner = owner

    def done(self) -> None:
        self._owner.waiting -= 1
        self._owner.counts["answered" if self.failure is None else self.failure.code] += 1


if __name__ == "__main__":
    sys.exit(main())
