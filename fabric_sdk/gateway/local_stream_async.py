"""The local stream for asyncio; see `local_stream`."""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from collections.abc import AsyncIterator
from typing import Self, cast

from fabric_sdk.errors import DecodeError, GatewayError
from fabric_sdk.gateway import local_frames as frames
from fabric_sdk.gateway.endpoint import Endpoint
from fabric_sdk.gateway.local_address import LocalAddress, failure, read_address

_CONNECT_SECONDS = 5.0
_CREDIT_STEP = frames.WINDOW // 2
_LOST = "the connection to the local node was lost"


class AsyncLocalStreamTransport:
    """`AsyncTransport` over the local stream: one connection, any number of calls at a time."""

    def __init__(self, endpoint: Endpoint) -> None:
        if not endpoint.local_stream:
            raise GatewayError("UNAVAILABLE", "the endpoint has no local stream")
        self._where = endpoint.local_stream
        self._connection: _Connection | None = None
        self._connecting: asyncio.Lock = asyncio.Lock()
        self._closed = False

    @property
    def client_certificate_der(self) -> bytes | None:
        return None

    async def unary(self, method: str, request: bytes, deadline: float) -> bytes:
        connection = self._connection
        if connection is None or connection.lost:
            connection = await self.connect()
        number = next(connection.numbers)
        future: asyncio.Future[bytes] = connection.loop.create_future()
        connection.replies[number] = future
        connection.send(frames.CALL, number, frames.call_body(method, connection.target, request))
        timer = connection.loop.call_later(deadline, _expire, connection, number)
        try:
            return await future
        except asyncio.CancelledError:
            if connection.replies.pop(number, None) is not None:
                connection.send(frames.CANCEL, number)
            raise
        finally:
            timer.cancel()

    def server_stream(self, method: str, request: bytes) -> AsyncLocalStream:
        return AsyncLocalStream(self, frames.CALL, method, request)

    def duplex_stream(self, method: str, request: bytes) -> AsyncLocalStream:
        return AsyncLocalStream(self, frames.OPEN, method, request)

    async def close(self) -> None:
        self._closed = True
        if self._connection is not None:
            self._connection.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def connect(self) -> _Connection:
        """The live connection, made anew if it was lost."""
        async with self._connecting:
            if self._closed:
                raise GatewayError("CANCELLED", "the transport was closed")
            if self._connection is None or self._connection.lost:
                self._connection = await _dial(read_address(self._where))
            return self._connection


def _expire(connection: _Connection, number: int) -> None:
    future = connection.replies.pop(number, None)
    if future is not None and not future.done():
        connection.send(frames.CANCEL, number)
        future.set_exception(GatewayError("DEADLINE_EXCEEDED", "Deadline Exceeded"))


async def _dial(where: LocalAddress) -> _Connection:
    loop = asyncio.get_running_loop()
    scheme, _, rest = where.address.partition(":")
    try:
        async with asyncio.timeout(_CONNECT_SECONDS):
            if scheme == "unix":
                _, connection = await loop.create_unix_connection(lambda: _Connection(where.target), rest)
            else:
                host, _, port = rest.rpartition(":")
                _, connection = await loop.create_connection(lambda: _Connection(where.target), host, int(port))
    except (OSError, ValueError, NotImplementedError) as e:
        raise GatewayError("UNAVAILABLE", f"the local node does not answer at {where.address}: {e}") from e
    connection.send(frames.HELLO, 0, where.token.encode())
    return connection


class _Connection(asyncio.Protocol):
    def __init__(self, target: str) -> None:
        self.target = target
        self.loop = asyncio.get_running_loop()
        self.lost = False
        self.numbers = itertools.count(1)
        self.replies: dict[int, asyncio.Future[bytes]] = {}
        self.streams: dict[int, AsyncLocalStream] = {}
        self._reader = frames.FrameReader()
        self._transport: asyncio.Transport | None = None
        self._outgoing: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def send(self, kind: int, number: int, body: bytes = b"") -> None:
        """Frames of one turn of the event loop leave together."""
        if self.lost:
            raise GatewayError("UNAVAILABLE", _LOST)
        if not self._outgoing:
            self.loop.call_soon(self._flush)
        self._outgoing.append(frames.frame(kind, number, body))

    def _flush(self) -> None:
        outgoing, self._outgoing = self._outgoing, []
        if self._transport is not None and not self.lost:
            self._transport.write(b"".join(outgoing))

    def data_received(self, data: bytes) -> None:
        try:
            for kind, number, body in self._reader.feed(data):
                self._take(kind, number, body)
        except DecodeError:
            self.close()

    def _take(self, kind: int, number: int, body: bytes) -> None:
        future = self.replies.pop(number, None)
        if future is not None:
            if future.done():
                return
            if kind == frames.REPLY:
                future.set_result(body)
            elif kind == frames.ERROR:
                future.set_exception(failure(frames.read_error(body)))
            else:
                future.set_exception(GatewayError("INTERNAL", "a call without a stream was answered with one"))
            return
        stream = self.streams.get(number)
        if stream is None:
            return
        if kind == frames.DATA:
            stream.put(body)
        elif kind in (frames.END, frames.REPLY):
            stream.put(None)
        elif kind == frames.ERROR:
            stream.put(failure(frames.read_error(body)))

    def connection_lost(self, _: Exception | None) -> None:
        self.lost = True
        replies, self.replies = self.replies, {}
        streams, self.streams = self.streams, {}
        for future in replies.values():
            if not future.done():
                future.set_exception(GatewayError("UNAVAILABLE", _LOST))
        for stream in streams.values():
            stream.put(GatewayError("UNAVAILABLE", _LOST))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


class AsyncLocalStream:
    """A stream of messages from the node; it begins when it is first read."""

    def __init__(self, transport: AsyncLocalStreamTransport, kind: int, method: str, request: bytes) -> None:
        self._transport = transport
        self._open = (kind, method, request)
        self._connection: _Connection | None = None
        self._number = 0
        self._arrived: deque[bytes | GatewayError | None] = deque()
        self._ready = asyncio.Event()
        self._consumed = 0
        self._over = False
        # Begin at once, as gRPC does: events must not be missed between opening and reading.
        self._starting: asyncio.Task[None] | None = asyncio.get_running_loop().create_task(self._start())

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        while not self._arrived:
            if self._over:
                raise StopAsyncIteration
            self._ready.clear()
            await self._ready.wait()
        message = self._arrived.popleft()
        if message is None or isinstance(message, GatewayError):
            closed, self._over = self._over, True
            self._forget()
            if message is None or closed:
                raise StopAsyncIteration
            raise message
        self._consumed += 1
        if self._consumed % _CREDIT_STEP == 0 and self._connection is not None and not self._connection.lost:
            self._connection.send(frames.CREDIT, self._number, frames.credit_body(_CREDIT_STEP))
        return message

    def put(self, message: bytes | GatewayError | None) -> None:
        self._arrived.append(message)
        self._ready.set()

    def close(self) -> None:
        """Give the stream up; an iteration that waits ends."""
        self._over = True
        if self._starting is not None:
            self._starting.cancel()
        if self._connection is not None and not self._connection.lost and self._number in self._connection.streams:
            self._connection.send(frames.CANCEL, self._number)
        self._forget()
        self.put(None)

    def _forget(self) -> None:
        if self._connection is not None:
            self._connection.streams.pop(self._number, None)

    async def _start(self) -> None:
        kind, method, request = self._open
        try:
            connection = await self._transport.connect()
            self._connection, self._number = connection, next(connection.numbers)
            connection.streams[self._number] = self
            body = request if kind == frames.CALL else b""
            connection.send(kind, self._number, frames.call_body(method, connection.target, body))
            if kind == frames.OPEN:
                connection.send(frames.DATA, self._number, request)
                connection.send(frames.END, self._number)
        except GatewayError as e:
            self.put(e)
        finally:
            self._starting = None
