"""Chaincode as a service: a gRPC server that peers dial, one stream each (protos.Chaincode.Connect).

The server's loop owns all streams; transactions run in threads and hand their messages to the loop, which alone
writes. Messages pass as bytes, so each is decoded once, by the session.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import grpc
from grpc import aio

from fabric_sdk.chaincode.ledger import Chaincode
from fabric_sdk.chaincode.sealing import KeyFolder, SealingKeys
from fabric_sdk.chaincode.shim import ProtocolError, Session

log = logging.getLogger(__name__)

MAX_MESSAGE_BYTES = 100 * 1024 * 1024
"""The peer's own limit for a message (core.yaml's default)."""

MAX_THREADS = 256
"""Transactions of one server that run at once; more wait their turn."""

_OPTIONS = [
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
    ("grpc.http2.max_ping_strikes", 0),
    ("grpc.so_reuseport", 0),
]


@dataclass(frozen=True, slots=True)
class ServerTls:
    """The server's TLS: own key and certificate (PEM); with `client_ca` peers must show a certificate of it."""

    key: bytes
    certificate: bytes
    client_ca: bytes | None = None

    def __repr__(self) -> str:
        return f"ServerTls(mutual={self.client_ca is not None})"

    def credentials(self) -> Any:
        return grpc.ssl_server_credentials(
            [(self.key, self.certificate)],
            root_certificates=self.client_ca,
            require_client_auth=self.client_ca is not None,
        )


@dataclass(frozen=True, slots=True)
class Service:
    """One chaincode at one address. `address` is host:port; port 0 takes a free one."""

    chaincode: Chaincode
    package_id: str
    address: str = "127.0.0.1:0"
    tls: ServerTls | None = None
    peer_msp_id: str = ""
    sealing: SealingKeys | KeyFolder | None = None


class ChaincodeServer:
    """Serves one chaincode or several, each at its own address, from one event loop."""

    def __init__(self, *services: Service) -> None:
        if not services:
            raise ValueError("nothing to serve")
        self._services = services
        self._servers: list[Any] = []
        self._pool = ThreadPoolExecutor(MAX_THREADS, thread_name_prefix="chaincode")
        self._sessions: set[Session] = set()
        self._streams: set[asyncio.Task[Any]] = set()
        self.addresses: tuple[str, ...] = ()

    async def start(self) -> None:
        """Begin to listen and fill `addresses`; OSError if an address cannot be bound."""
        addresses = []
        for service in self._services:
            server = aio.server(options=_OPTIONS)
            handler = grpc.stream_stream_rpc_method_handler(self._connector(service))
            server.add_generic_rpc_handlers(
                (grpc.method_handlers_generic_handler("protos.Chaincode", {"Connect": handler}),)
            )
            host = service.address.rpartition(":")[0]
            addresses.append(f"{host}:{_bind(server, service)}")
            self._servers.append(server)
        for server in self._servers:
            await server.start()
        self.addresses = tuple(addresses)

    async def stop(self, grace_s: float = 5.0) -> None:
        """Let running transactions finish for at most `grace_s` seconds, then end all streams."""
        loop = asyncio.get_running_loop()
        end = loop.time() + grace_s
        while loop.time() < end and any(s.busy for s in self._sessions):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        for session in tuple(self._sessions):
            session.close()
        await asyncio.gather(*(server.stop(0) for server in self._servers))
        if self._streams:
            await asyncio.wait(self._streams, timeout=2.0)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _connector(self, service: Service) -> Callable[[Any, Any], Awaitable[None]]:
        async def connect(_requests: Any, context: Any) -> None:
            outbox = Outbox(context.write)
            session = Session(
                service.chaincode,
                service.package_id,
                outbox.put,
                self._pool,
                peer_msp_id=service.peer_msp_id,
                sealing=service.sealing,
            )
            self._sessions.add(session)
            stream = asyncio.current_task()
            if stream is not None:
                self._streams.add(stream)
                stream.add_done_callback(self._streams.discard)
            writer = asyncio.create_task(outbox.drain())
            log.info("peer %s connected to %s", context.peer(), service.package_id)
            try:
                session.start()
                while (raw := await context.read()) is not aio.EOF:
                    session.receive(raw)
            except ProtocolError as error:
                log.error("stream of %s ends: %s", service.package_id, error)
                session.close()
                outbox.finish()
                await asyncio.wait([writer], timeout=2.0)  # gRPC allows no status while a message is being written
                await context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
            finally:
                self._sessions.discard(session)
                session.close()
                outbox.close()
                writer.cancel()
                log.info("peer %s left %s", context.peer(), service.package_id)

        return connect


class Outbox:
    """Messages on their way to one stream: put from any thread, written in order by the loop."""

    def __init__(self, write: Callable[[bytes], Awaitable[None]]) -> None:
        self._write = write
        self._loop = asyncio.get_running_loop()
        self._messages: deque[bytes] = deque()
        self._filled = asyncio.Event()
        self._woken = False
        self._closed = False

    def put(self, message: bytes) -> None:
        """Queue a message; silently dropped once the stream has ended."""
        if self._closed:
            return
        self._messages.append(message)
        if not self._woken:
            self._woken = True
            try:
                self._loop.call_soon_threadsafe(self._filled.set)
            except RuntimeError:
                self._closed = True

    async def drain(self) -> None:
        """Write messages as they come, until finished or cancelled."""
        while self._messages or not self._closed:
            await self._filled.wait()
            self._filled.clear()
            self._woken = False
            while self._messages:
                await self._write(self._messages.popleft())

    def finish(self) -> None:
        """Take no more; `drain` returns once everything is written. For the loop's thread."""
        self._closed = True
        self._filled.set()

    def close(self) -> None:
        """Take no more and forget what is not yet written."""
        self._closed = True
        self._messages.clear()


class BackgroundServer:
    """A `ChaincodeServer` with a loop in a thread of its own: for tests and for programs without a loop."""

    def __init__(self, *services: Service) -> None:
        self._server = ChaincodeServer(*services)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="chaincode-server", daemon=True)

    @property
    def addresses(self) -> tuple[str, ...]:
        return self._server.addresses

    def start(self) -> BackgroundServer:
        self._thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self._server.start(), self._loop).result(30)
        except BaseException:
            self._end()
            raise
        return self

    def stop(self, grace_s: float = 5.0) -> None:
        asyncio.run_coroutine_threadsafe(self._server.stop(grace_s), self._loop).result(grace_s + 30)
        self._end()

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def __enter__(self) -> BackgroundServer:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def _bind(server: Any, service: Service) -> int:
    try:
        if service.tls is None:
            return int(server.add_insecure_port(service.address))
        return int(server.add_secure_port(service.address, service.tls.credentials()))
    except (RuntimeError, ValueError) as error:
        raise OSError(f"cannot listen on {service.address}") from error
