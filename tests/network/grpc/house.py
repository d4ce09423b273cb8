"""The embedded ledger's listener in a thread of this process, with a service made for trying transports."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from fabric_sdk.gateway import Endpoint
from network.embedded.budgets import Budget, Limits
from network.embedded.faults import NodeMessage, RpcError
from network.embedded.grpc_server import GrpcListener
from network.embedded.rpc import Limit, Service
from network.embedded.turns import Turns
from tests.chaincode_runtime.tls_material import Authority

T = TypeVar("T")
BLANKS = "  there is no record 一 "
LONG_TEXT = "城市 100% \n — refused"


class House:
    """Methods of `/t.T`: Echo, Late (echoes after a moment), Hang, Fail, Crash, Count (for `N SIZE` as many messages of
    that size), Chat (echoes each request)."""

    def __init__(self, folder: Path, limits: Limits | None = None, most: int = 5_000) -> None:
        self.authority = Authority("TLS")
        key, certificate = self.authority.issue("node.example")
        (folder / "server.key").write_bytes(key)
        (folder / "server.crt").write_bytes(certificate)
        self.folder = folder
        self.running = True
        self.cancelled = 0
        self.hanging = 0
        self.produced = 0
        self.budget = Budget(limits)
        self.late_s = 0.02
        self.service = Service(
            lambda: self.running,
            unary={
                "/t.T/Echo": self._echo,
                "/t.T/Late": self._late,
                "/t.T/Hang": self._hang,
                "/t.T/Fail": self._fail,
                "/t.T/Crash": self._crash,
            },
            server_stream={"/t.T/Count": self._count},
            bidi={"/t.T/Chat": self._chat},
            limits={"/t.T": Limit("/t.T", most)},
        )
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self.port = _free_port()
        self.begin()

    def begin(self) -> None:
        self.listener = GrpcListener(
            (f"127.0.0.1:{self.port}",),
            self.folder / "server.key",
            self.folder / "server.crt",
            self.service,
            self.budget,
            Turns(),
        )
        self.do(self.listener.start())

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)

    def end(self) -> None:
        self.do(self.listener.stop())

    def close(self) -> None:
        self.end()
        self.loop.call_soon_threadsafe(self.loop.stop)

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(f"127.0.0.1:{self.port}", self.authority.pem, server_name="node.example")

    @property
    def limit(self) -> Limit:
        return self.service.limits["/t.T"]

    async def _echo(self, request: bytes) -> bytes:
        return request

    async def _late(self, request: bytes) -> bytes:
        await asyncio.sleep(self.late_s)
        return request

    async def _hang(self, request: bytes) -> bytes:
        self.hanging += 1
        try:
            await asyncio.Event().wait()
        finally:
            self.cancelled += 1
        return request

    async def _fail(self, request: bytes) -> bytes:
        if request == b"blanks":
            raise RpcError("NOT_FOUND", BLANKS)
        if request == b"half":
            raise RpcError("ABORTED", "said", (NodeMessage("peer0:1", "Org1MSP", "because \ud800"),))
        raise RpcError("ABORTED", LONG_TEXT, (NodeMessage("peer0:1", "Org1MSP", "because 因为"),))

    async def _crash(self, request: bytes) -> bytes:
        raise ZeroDivisionError

    async def _count(self, request: bytes) -> AsyncIterator[bytes]:
        count, size = map(int, request.split())
        with contextlib.ExitStack() as stack:
            stack.callback(self._left)
            for number in range(count):
                self.produced += 1
                yield b"%08d" % number + bytes(size - 8)

    def _left(self) -> None:
        self.cancelled += 1

    async def _chat(self, requests: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for request in requests:
            if request == b"fail":
                raise RpcError("INVALID_ARGUMENT", "no such word")
            yield request


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
