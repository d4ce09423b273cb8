"""The server's side of the local stream: the node's services over one socket, without gRPC."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import logging
import os
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import cast

from fabric_sdk.errors import DecodeError
from fabric_sdk.gateway import local_frames as frames
from network.embedded.faults import RpcError
from network.embedded.rpc import Service, status_bytes

log = logging.getLogger(__name__)
Services = Callable[[], Mapping[str, Service]]
_MAX_CALLS = 10_000
_MAX_UNIX_PATH = 100


async def listen(services: Services, token: str, unix_path: Path | None) -> tuple[asyncio.Server, str]:
    """Listen at a Unix socket if the platform has them and the path is short enough, else at a loopback port.

    Returns the server and its address as clients dial it.
    """
    loop = asyncio.get_running_loop()

    def connection() -> Connection:
        return Connection(services, token)

    if unix_path is not None and hasattr(loop, "create_unix_server") and len(str(unix_path)) <= _MAX_UNIX_PATH:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(unix_path)  # noqa: PTH108 - before the node serves anybody
        with contextlib.suppress(NotImplementedError, OSError):
            server = await loop.create_unix_server(connection, str(unix_path))
            os.chmod(unix_path, 0o600)  # noqa: PTH101
            return server, f"unix:{unix_path}"
    server = await loop.create_server(connection, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    return server, f"tcp:127.0.0.1:{port}"


class Connection(asyncio.Protocol):
    """One client. Nothing but the right token in the first frame keeps it open."""

    def __init__(self, services: Services, token: str) -> None:
        self._services = services
        self._token = token.encode()
        self._greeted = False
        self._reader = frames.FrameReader()
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._outgoing: list[bytes] = []
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._streams: dict[int, _Incoming] = {}
        self._writable = asyncio.Event()
        self._writable.set()

    # Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, _: Exception | None) -> None:
        self._transport = None
        self._writable.set()
        for task in list(self._tasks.values()):
            task.cancel()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        try:
            for kind, number, body in self._reader.feed(data):
                if not self._greeted:
                    if kind != frames.HELLO or not hmac.compare_digest(body, self._token):
                        raise DecodeError("the client did not greet with the token")
                    self._greeted = True
                else:
                    self._take(kind, number, body)
        except DecodeError:
            if self._transport is not None:
                self._transport.abort()

    # Calls

    def _take(self, kind: int, number: int, body: bytes) -> None:
        if kind in (frames.CALL, frames.OPEN):
            if number in self._tasks or len(self._tasks) >= _MAX_CALLS:
                raise DecodeError("a call number was used twice, or there are too many calls")
            if kind == frames.OPEN:
                # Registered before the task first runs: what follows in the same segment must find it.
                self._streams[number] = _Incoming()
            run = self._call(number, body) if kind == frames.CALL else self._open(number, body)
            self._tasks[number] = self._loop.create_task(run)
        elif kind == frames.CANCEL:
            task = self._tasks.get(number)
            if task is not None:
                task.cancel()
        elif number in self._streams:
            stream = self._streams[number]
            if kind == frames.DATA:
                stream.put(body)
            elif kind == frames.END:
                stream.put(None)
            elif kind == frames.CREDIT:
                stream.credit.give(frames.read_credit(body))

    async def _call(self, number: int, body: bytes) -> None:
        try:
            method, target, request = frames.read_call(body)
            service = self._service(target)
            with service.limit(method):
                unary = service.unary.get(method)
                if unary is not None:
                    self._send(frames.REPLY, number, await unary(request))
                    return
                stream = service.server_stream.get(method)
                if stream is None:
                    raise RpcError("UNIMPLEMENTED", f"unknown method {method}")
                incoming = self._streams[number] = _Incoming()
                await self._pump(number, stream(request), incoming.credit)
        except Exception as e:
            self._fail(number, e)
        finally:
            self._tasks.pop(number, None)
            self._streams.pop(number, None)

    async def _open(self, number: int, body: bytes) -> None:
        incoming = self._streams[number]
        try:
            method, target, _ = frames.read_call(body)
            service = self._service(target)
            bidi = service.bidi.get(method)
            if bidi is None:
                raise RpcError("UNIMPLEMENTED", f"unknown method {method}")
            with service.limit(method):
                await self._pump(number, bidi(incoming), incoming.credit)
        except Exception as e:
            self._fail(number, e)
        finally:
            self._tasks.pop(number, None)
            self._streams.pop(number, None)

    def _service(self, target: str) -> Service:
        service = self._services().get(target)
        if service is None:
            raise RpcError("UNAVAILABLE", f"this node has no {target}")
        if not service.running():
            raise RpcError("UNAVAILABLE", f"{target} is stopped")
        return service

    async def _pump(self, number: int, messages: AsyncIterator[bytes], credit: _Credit) -> None:
        async for message in messages:
            await credit.take()
            await self._writable.wait()
            self._send(frames.DATA, number, message)
        self._send(frames.END, number)

    def _fail(self, number: int, error: Exception) -> None:
        if not isinstance(error, RpcError):
            if not isinstance(error, DecodeError):
                log.error("a call on the local stream failed", exc_info=error)
            error = RpcError("INTERNAL", "the node failed; see its log")
        status = frames.Status(error.code, error.message, status_bytes(error))
        self._send(frames.ERROR, number, frames.error_body(status))

    def _send(self, kind: int, number: int, body: bytes = b"") -> None:
        """Frames of one turn of the event loop leave together."""
        if not self._outgoing:
            self._loop.call_soon(self._flush)
        self._outgoing.append(frames.frame(kind, number, body))

    def _flush(self) -> None:
        outgoing, self._outgoing = self._outgoing, []
        if self._transport is not None:
            self._transport.write(b"".join(outgoing))


class _Credit:
    """How many messages a client is ready to take."""

    def __init__(self) -> None:
        self._left = frames.WINDOW
        self._some = asyncio.Event()

    def give(self, count: int) -> None:
        self._left = min(self._left + count, 1 << 20)
        self._some.set()

    async def take(self) -> None:
        while self._left <= 0:
            self._some.clear()
            await self._some.wait()
        self._left -= 1


class _Incoming:
    """Requests of a two-way call."""

    def __init__(self) -> None:
        self.credit = _Credit()
        self._waiting: asyncio.Queue[bytes | None] = asyncio.Queue(1024)

    def put(self, message: bytes | None) -> None:
        try:
            self._waiting.put_nowait(message)
        except asyncio.QueueFull as e:
            raise DecodeError("the client sends more than it waits for") from e

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        message = await self._waiting.get()
        if message is None:
            raise StopAsyncIteration
        return message
