"""gRPC for asyncio: sockets and TLS by the event loop, the calls by `fabric_sdk.http2`."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import AsyncIterator
from typing import Self, cast

from fabric_sdk.errors import FabricError, GatewayError
from fabric_sdk.gateway import tls
from fabric_sdk.gateway.connecting import (
    CONNECT_SECONDS,
    KEEPALIVE_ANSWER_SECONDS,
    KEEPALIVE_SECONDS,
    Backoff,
    closed,
    late,
    unreachable,
)
from fabric_sdk.gateway.endpoint import Endpoint
from fabric_sdk.gateway.transport import AsyncByteStream, AsyncTransport, AsyncTwoWay
from fabric_sdk.http2.addresses import split_address
from fabric_sdk.http2.calls import Call, ClientConnection, Unary
from fabric_sdk.http2.engine import Http2Error
from fabric_sdk.http2.framing import Failure

_TURN = 8
"""Calls that leave in one write: the server begins with them while the next ones are made."""


def open_async_transport(endpoint: Endpoint) -> AsyncTransport:
    """The transport for an endpoint."""
    return AsyncGrpcTransport(endpoint)


class AsyncGrpcTransport:
    """gRPC calls on the running event loop, over one connection that is made when it is needed."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._address = split_address(endpoint.address)
        self._context = tls.client_context(endpoint)
        self._loop = asyncio.get_running_loop()
        self._connection: _Connection | None = None
        self._connecting: asyncio.Task[_Connection] | None = None
        self._backoff = Backoff()
        self._closed = False

    @property
    def client_certificate_der(self) -> bytes | None:
        return self.endpoint.client_certificate_der

    async def unary(self, method: str, request: bytes, deadline: float) -> bytes:
        loop = self._loop
        until = loop.time() + deadline
        for attempt in (1, 2):
            connection = self._connection
            if connection is None or connection.calls.closing:
                connection = await self._connected(until)
            call = _Unary(loop.create_future(), until)
            try:
                connection.start(call, method, request, deadline if attempt == 1 else until - loop.time())
            except Http2Error:
                connection.calls.closing = True
                continue
            try:
                await call.future
            except asyncio.CancelledError:
                connection.cancel(call)
                raise
            if call.failure is None:
                return cast(bytes, call.answer)
            if call.unprocessed and attempt == 1:
                continue
            raise call.failure.error()
        raise GatewayError("UNAVAILABLE", "the server takes no new calls")

    def server_stream(self, method: str, request: bytes) -> AsyncByteStream:
        return self._stream(method, request, duplex=False)

    def duplex_stream(self, method: str, request: bytes) -> AsyncTwoWay:
        return self._stream(method, request, duplex=True)

    async def close(self) -> None:
        self._closed = True
        if self._connecting is not None:
            self._connecting.cancel()
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close(Failure("CANCELLED", "the transport was closed"))
            await connection.gone

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _stream(self, method: str, request: bytes, *, duplex: bool) -> _Stream:
        if self._closed:
            raise closed()
        stream = _Stream(method, request, duplex)
        connection = self._connection
        if connection is None or connection.calls.closing or not stream.begin(connection):
            stream.starting = self._loop.create_task(self._begin(stream))
        return stream

    async def _begin(self, stream: _Stream) -> None:
        try:
            connection = await self._connected(math.inf)
        except GatewayError as e:
            stream.fail(Failure(e.code, e.status_message))
            return
        if not stream.begin(connection):
            stream.fail(Failure("UNAVAILABLE", "the server takes no new calls"))

    async def _connected(self, until: float) -> _Connection:
        """A connection that takes calls, made anew if need be."""
        connection = self._connection
        if connection is not None and not connection.calls.closing:
            return connection
        if self._closed:
            raise closed()
        if self._connecting is None:
            self._backoff.check(self._loop.time())
            self._connecting = self._loop.create_task(self._connect())
            self._connecting.add_done_callback(self._connect_over)
        try:
            async with asyncio.timeout_at(until if until < math.inf else None):
                return await asyncio.shield(self._connecting)
        except TimeoutError:
            raise late() from None
        except asyncio.CancelledError:
            if self._closed:
                raise closed() from None
            raise

    def _connect_over(self, task: asyncio.Task[_Connection]) -> None:
        self._connecting = None
        if not task.cancelled():
            task.exception()  # whoever waited has been told

    async def _connect(self) -> _Connection:
        host, port = self._address
        name = tls.server_hostname(self.endpoint) if self._context is not None else None
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                _, connection = await self._loop.create_connection(
                    lambda: _Connection(self._loop, self.endpoint), host, port, ssl=self._context, server_hostname=name
                )
        except (OSError, TimeoutError, FabricError) as e:
            error = unreachable(self.endpoint.address, e)
            self._backoff.failed(self._loop.time(), error)
            raise error from e
        self._backoff.succeeded()
        self._connection = connection
        return connection


class _Connection(asyncio.Protocol):
    """One connection; what one turn of the event loop produces leaves in one write."""

    def __init__(self, loop: asyncio.AbstractEventLoop, endpoint: Endpoint) -> None:
        self.calls = ClientConnection(tls.authority(endpoint), secure=endpoint.tls_root_pem is not None)
        self.gone: asyncio.Future[None] = loop.create_future()
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._flushing = False
        self._unsent = 0
        self._paused = False
        self._heard = loop.time()
        self._keepalive: asyncio.TimerHandle | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = math.inf

    # What the transport does

    def start(self, call: Call, method: str, request: bytes | None, seconds: float | None) -> None:
        self.calls.start(call, method, request, seconds)
        if call.deadline < self._timer_at:
            self._arm(call.deadline)
        self._unsent += 1
        if self._unsent >= _TURN:
            self.flush()
        else:
            self.flush_soon()

    def cancel(self, call: Call, failure: Failure = Failure("CANCELLED", "the call was cancelled")) -> None:  # noqa: B008
        self.calls.cancel(call, failure)
        self.flush_soon()

    def close(self, failure: Failure) -> None:
        self.calls.engine.goaway(0)
        self.calls.lose(failure)
        self.flush()
        if self._transport is not None:
            self._transport.close()
        # A peer that takes nothing any more must not keep it open.
        self._loop.call_later(1.0, self._abort)

    def flush_soon(self) -> None:
        if not self._flushing:
            self._flushing = True
            self._loop.call_soon(self.flush)

    def flush(self) -> None:
        self._flushing = False
        self._unsent = 0
        transport = self._transport
        if transport is None or self._paused:
            return
        data = self.calls.take()
        if data:
            transport.write(data)
        if self.calls.over:
            transport.close()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._keepalive = self._loop.call_later(KEEPALIVE_SECONDS, self._look)
        self.flush()

    def data_received(self, data: bytes) -> None:
        self._heard = self._loop.time()
        self.calls.receive(data)
        self.flush_soon()

    def eof_received(self) -> None:
        self.calls.lose()

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        for timer in (self._keepalive, self._timer):
            if timer is not None:
                timer.cancel()
        self.calls.lose(
            Failure("UNAVAILABLE", f"the connection was lost: {error}" if error else "the connection was lost")
        )
        if not self.gone.done():
            self.gone.set_result(None)

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        self.flush_soon()

    # Time

    def _arm(self, at: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = at
        self._timer = self._loop.call_at(at, self._expire) if at < math.inf else None

    def _expire(self) -> None:
        self._timer = None
        self._arm(self.calls.expire(self._loop.time()))
        self.flush_soon()

    def _look(self) -> None:
        """Ask a peer that has long said nothing whether it is still there; give it up if it does not answer."""
        silent = self._loop.time() - self._heard
        wait = KEEPALIVE_SECONDS - silent
        if self.calls.pinged and silent >= KEEPALIVE_ANSWER_SECONDS:
            self._abort()
            return
        if wait <= 0:
            wait = KEEPALIVE_SECONDS
            if self.calls.calls:
                self.calls.pinged = True
                self.calls.engine.ping()
                self.flush_soon()
                wait = KEEPALIVE_ANSWER_SECONDS
        self._keepalive = self._loop.call_later(wait, self._look)

    def _abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()


class _Unary(Unary):
    __slots__ = ("future",)

    def __init__(self, future: asyncio.Future[None], deadline: float) -> None:
        super().__init__(deadline)
        self.future = future

    def done(self) -> None:
        if not self.future.done():
            self.future.set_result(None)


class _Stream(Call):
    """Messages as they come; `close` ends it from here, in whichever task."""

    __slots__ = (
        "_arrived",
        "_closed",
        "_connection",
        "_duplex",
        "_ended",
        "_method",
        "_request",
        "_waiter",
        "starting",
    )

    def __init__(self, method: str, request: bytes, duplex: bool) -> None:
        super().__init__(many=True)
        self.starting: asyncio.Task[None] | None = None
        self._method, self._request, self._duplex = method, request, duplex
        self._connection: _Connection | None = None
        self._arrived: deque[bytes] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._ended = False
        self._closed = False

    def begin(self, connection: _Connection) -> bool:
        """Whether the connection took it."""
        if self._closed:
            return True
        try:
            connection.start(self, self._method, None if self._duplex else self._request, None)
        except Http2Error:
            return False
        self._connection = connection
        if self._duplex:
            connection.calls.send(self, self._request)
        return True

    def fail(self, failure: Failure) -> None:
        self.failure = failure
        self.on_end(failure)

    def on_message(self, message: bytes) -> None:
        self._arrived.append(message)
        self._wake()

    def on_end(self, failure: Failure | None) -> None:
        self._ended = True
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        while not self._closed:
            if self._arrived:
                message = self._arrived.popleft()
                if self._connection is not None:
                    self._connection.calls.taken(self, len(message))
                    self._connection.flush_soon()
                return message
            if self._ended:
                if self.failure is not None:
                    raise self.failure.error()
                break
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        raise StopAsyncIteration

    def send(self, message: bytes) -> None:
        """Send one more request of a two-way method; nothing before the first answer, nothing after the end."""
        if self._connection is not None and not self._closed:
            self._connection.calls.send(self, message)
            self._connection.flush_soon()

    def close(self) -> None:
        self._closed = True
        if self.starting is not None:
            self.starting.cancel()
        if self._connection is not None:
            self._connection.cancel(self)
        self._wake()
