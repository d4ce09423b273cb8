"""gRPC on top of a node's services: one listener for each address, with the node's own TLS certificate.

Sockets and TLS are the event loop's, HTTP/2 is `fabric_sdk.http2`'s. What one turn of the event loop produces leaves in
one write.
"""

from __future__ import annotations

import asyncio
import logging
import math
import socket
import ssl
import time
from collections import deque
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any, cast

from fabric_sdk.http2.addresses import ALPN, split_address
from fabric_sdk.http2.calls import HELD_BYTES
from fabric_sdk.http2.engine import ENHANCE_YOUR_CALM, NO_ERROR, Engine, Headers, Http2Error, new_engine
from fabric_sdk.http2.framing import BadMessage, Failure, read_timeout
from network.embedded.budgets import Budget, Pace
from network.embedded.faults import RpcError
from network.embedded.rpc import Service
from network.embedded.server_calls import Call, StreamCall, UnaryCall
from network.embedded.turns import A_TURN, NEW, STRANGER, Ready, Turns

log = logging.getLogger(__name__)
_LOOK_SECONDS = 10.0
_CLOSE_SECONDS = 1.0
_AGAIN_SECONDS = 0.1


class GrpcListener:
    """One node's addresses. `start` raises OSError if one of them is taken."""

    def __init__(
        self, addresses: Sequence[str], key: Path, certificate: Path, service: Service, budget: Budget, turns: Turns
    ) -> None:
        self._addresses = tuple(addresses)
        self._service = service
        self._budget = budget
        self._turns = turns
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._context.load_cert_chain(certificate, key)
        self._context.set_alpn_protocols(ALPN)
        self._pace = Pace(budget.limits)
        self._listening: list[socket.socket] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._connections: set[Connection] = set()
        self._looking: asyncio.TimerHandle | None = None

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        for address in self._addresses:
            listening = _bind(address)
            self._listening.append(listening)
            listening.listen(1024)
            self._begin(self._accept(listening))
        self._looking = loop.call_later(_LOOK_SECONDS, self._look)

    async def stop(self) -> None:
        """Listen no more, and end all connections; calls that run are cancelled."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for listening in self._listening:
            listening.close()
        if self._looking is not None:
            self._looking.cancel()
        ending = [connection.end() for connection in list(self._connections)]
        if ending:
            await asyncio.wait(ending, timeout=_CLOSE_SECONDS)
        for connection in list(self._connections):
            connection.abort()

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _accept(self, listening: socket.socket) -> None:
        """Let connections in, not faster than `Pace` says."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                client, _ = await loop.sock_accept(listening)
            except OSError as e:  # too many open files, or the client is gone already
                log.warning("a connection could not be accepted: %s", e.strerror)
                await asyncio.sleep(_AGAIN_SECONDS)
                continue
            self._begin(self._shake_hands(client))
            wait = self._pace.wait(loop.time(), self._turns.busy)
            if wait:
                await asyncio.sleep(wait)

    async def _shake_hands(self, client: socket.socket) -> None:
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: Connection(self._service, self._budget, self._turns, self._connections),
                client,
                ssl=self._context,
                ssl_handshake_timeout=self._budget.limits.handshake_s,
            )
        except (OSError, ConnectionError) as e:
            log.debug("no TLS with a client: %s", e)
            client.close()
        except asyncio.CancelledError:
            client.close()
            raise

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        for connection in list(self._connections):
            connection.look(loop.time())
        self._looking = loop.call_later(_LOOK_SECONDS, self._look)


def _bind(address: str) -> socket.socket:
    host, port = split_address(address)
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, where = found[0]
    listening = socket.socket(family, kind, protocol)
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(where)
    except OSError as e:
        listening.close()
        raise OSError(f"cannot listen at {address}: {e}") from e
    listening.setblocking(False)
    return listening


class Connection(asyncio.Protocol):
    """One client; an `engine.Sink`, and what its calls need of it."""

    engine: Engine

    def __init__(self, service: Service, budget: Budget, turns: Turns, all_connections: set[Connection]) -> None:
        self.loop = asyncio.get_running_loop()
        self.ready: deque[Ready] = deque()
        self.owner = NEW
        self._service = service
        self._budget = budget
        self._turns = turns
        self._all = all_connections
        self._host: str | None = None
        self._transport: asyncio.Transport | None = None
        self._calls: dict[int, Call] = {}
        self._held = 0
        self._answered: list[int] = []
        self._waiting: list[asyncio.Future[None]] = []
        self._gone: asyncio.Future[None] = self.loop.create_future()
        self._flushing = False
        self._paused = False
        self._deaf = False
        """whether a stranger's connection is not read until what it has asked was answered"""
        self._ended = False
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = math.inf
        self._heard = self._began = self.loop.time()
        self._spoke = self._pinged = False

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._all.add(self)
        self.engine = new_engine(self, False, self._budget.limits.http2)
        peer = transport.get_extra_info("peername")
        host = str(peer[0]) if isinstance(peer, tuple) else ""
        if not self._budget.connect(host):
            self._transport.abort()
            return
        self._host = host
        self.flush()

    def data_received(self, data: bytes) -> None:
        if self._ended:
            return
        self._heard = self.loop.time()
        self._spoke = True
        strange = self.owner in (NEW, STRANGER)
        began = time.thread_time() if strange else 0.0
        try:
            self.engine.receive(data)
        except Http2Error as e:
            log.debug("a client broke the protocol: %s", e)
            self._finish()
            return
        finally:
            if strange:
                self._turns.charge(time.thread_time() - began)
        if strange and len(self.ready) >= A_TURN and not self._deaf and self._transport is not None:
            self._deaf = True
            self._transport.pause_reading()
        self.flush_soon()

    def connection_lost(self, _: Exception | None) -> None:
        self._transport = None
        self._ended = True
        self._all.discard(self)
        if self._timer is not None:
            self._timer.cancel()
        self._drop_calls()
        self._make_room()
        if self._host is not None:
            self._budget.disconnect(self._host)
        if not self._gone.done():
            self._gone.set_result(None)

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        self.flush_soon()

    # Life

    def end(self) -> asyncio.Future[None]:
        """Say goodbye; the future is done when the connection is gone."""
        self.engine.goaway(NO_ERROR)
        self._finish()
        return self._gone

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def look(self, now: float) -> None:
        """Give up a client that never began, or does not answer any more."""
        limits = self._budget.limits
        if not self._spoke:
            if now - self._began > limits.preface_s:
                self.abort()
        elif now - self._heard > limits.silence_s:
            if self._pinged:
                self.abort()
            else:
                self._pinged = True
                self.engine.ping()
                self.flush_soon()
        else:
            self._pinged = False

    def _finish(self) -> None:
        """Send what is left and close; nothing more is read."""
        self._ended = True
        self._drop_calls()
        transport = self._transport
        if transport is not None:
            data = self.engine.take()
            if data:
                transport.write(data)
            transport.close()
            self.loop.call_later(_CLOSE_SECONDS, self.abort)

    def _drop_calls(self) -> None:
        calls, self._calls = self._calls, {}
        self._budget.end(len(calls))
        for call in calls.values():
            call.abandoned()

    # What the engine tells

    def on_headers(self, stream: int, headers: Headers, end: bool) -> None:
        call = self._calls.get(stream)
        if call is None:
            self._begin(stream, dict(headers), end)
        elif end:  # the client's trailers, which mean nothing in gRPC
            self._feed(call, b"", True)

    def on_data(self, stream: int, data: bytes, end: bool) -> bool:
        call = self._calls.get(stream)
        return call is not None and not call.over and self._feed(call, data, end)

    def on_closed(self, stream: int, code: int) -> None:
        call = self._calls.pop(stream, None)
        if call is not None:
            self._budget.end(1)
            call.abandoned()

    def on_window(self) -> None:
        """`flush` follows every `receive`."""

    def on_goaway(self, last_stream: int, code: int) -> None:
        """The client will begin no more calls; those that run go on."""

    def on_pong(self) -> None:
        self._pinged = False

    def _begin(self, stream: int, fields: dict[bytes, bytes], end: bool) -> None:
        try:
            call = self._call(stream, fields)
        except RpcError as e:
            trailers = Failure(e.code, e.message).trailers()
            self.engine.headers(stream, [(b":status", b"200"), (b"content-type", b"application/grpc"), *trailers], True)
        except _NotGrpc as e:
            self.engine.headers(stream, [(b":status", e.status)], True)
        else:
            self._calls[stream] = call
            if end:
                self._feed(call, b"", True)
            return
        if not end:
            self.close_stream(stream)

    def _call(self, stream: int, fields: dict[bytes, bytes]) -> Call:
        if fields.get(b":method") != b"POST":
            raise _NotGrpc(b"405")
        if not fields.get(b"content-type", b"").startswith(b"application/grpc"):
            raise _NotGrpc(b"415")
        service = self._service
        method = fields.get(b":path", b"").decode("latin-1")
        if not service.running():
            raise RpcError("UNAVAILABLE", "the node is stopped")
        seconds = None
        if b"grpc-timeout" in fields:
            seconds = read_timeout(fields[b"grpc-timeout"])
            if seconds is None:
                raise RpcError("INTERNAL", "malformed grpc-timeout")
        if fields.get(b"grpc-encoding", b"identity") != b"identity":
            raise RpcError("UNIMPLEMENTED", "compressed messages are not supported")
        unary, server, bidi = service.unary.get(method), service.server_stream.get(method), service.bidi.get(method)
        if unary is None and server is None and bidi is None:
            raise RpcError("UNIMPLEMENTED", f"unknown method {method[:200]}")
        limit = service.limit(method)
        if not self._budget.begin(len(self._calls)):
            raise RpcError("RESOURCE_EXHAUSTED", "the node holds too many unfinished requests")
        deadline = math.inf if seconds is None else self.loop.time() + seconds
        if unary is not None:
            return UnaryCall(self, stream, method, limit, deadline, unary)
        return StreamCall(self, stream, method, limit, deadline, server, bidi)

    def _feed(self, call: Call, data: bytes, end: bool) -> bool:
        try:
            return call.data(data, end)
        except BadMessage as e:
            call.fail(RpcError(e.code, str(e)))
            return False

    # What calls need

    def enqueue(self, call: Call) -> None:
        self._turns.add(self, call)

    def close_stream(self, stream: int) -> None:
        self._answered.append(stream)
        self.flush_soon()

    def hold(self, size: int) -> bool:
        if not self._budget.hold(size, self._held):
            return False
        self._held += size
        return True

    def release(self, size: int) -> None:
        self._held -= size
        self._budget.release(size)

    async def room(self, stream: int) -> None:
        while not self._ended and (self._paused or self.engine.queued(stream) >= HELD_BYTES):
            waiter = self.loop.create_future()
            self._waiting.append(waiter)
            await waiter

    def expect(self, deadline: float) -> None:
        if deadline < self._timer_at:
            if self._timer is not None:
                self._timer.cancel()
            self._timer_at = deadline
            self._timer = self.loop.call_at(deadline, self._expire)

    def _expire(self) -> None:
        self._timer, self._timer_at = None, math.inf
        now = self.loop.time()
        earliest = math.inf
        for call in list(self._calls.values()):
            if call.over:
                continue
            if call.deadline <= now:
                call.expired()
            else:
                earliest = min(earliest, call.deadline)
        if earliest < math.inf:
            self.expect(earliest)

    # Sending

    def flush_soon(self) -> None:
        if not self._flushing:
            self._flushing = True
            self.loop.call_soon(self.flush)

    def flush(self) -> None:
        self._flushing = False
        transport = self._transport
        if transport is None or self._ended:
            return
        if self._deaf and not self.ready:
            self._deaf = False
            transport.resume_reading()
        if not self._paused:
            data = self.engine.take()
            if data:
                transport.write(data)
            if self._answered:
                self._close_answered()
            if self._waiting:
                self._make_room()
        if self.engine.over:
            self._finish()
        elif self._paused and self.engine.queued() > self._budget.limits.connection_answer_bytes:
            self.engine.goaway(ENHANCE_YOUR_CALM)
            self._finish()

    def _close_answered(self) -> None:
        """Tell the client to send nothing more on streams whose answers are out."""
        answered, self._answered = self._answered, []
        for stream in answered:
            if self.engine.queued(stream):
                self._answered.append(stream)
            else:
                self.engine.reset(stream, NO_ERROR)
        data = self.engine.take()
        if data and self._transport is not None:
            self._transport.write(data)

    def _make_room(self) -> None:
        waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            if not waiter.done():
                waiter.set_result(None)


class _NotGrpc(Exception):
    """A request that is not gRPC at all; `status` is the HTTP status that says so."""

    def __init__(self, status: bytes) -> None:
        super().__init__(status)
        self.status = status
