"""The client's side of the local stream: the embedded ledger reached without gRPC, with the very same messages.

`Endpoint.local_stream` is `FILE#PEER`: the node writes FILE (readable by its owner only) with the address and a token,
anew at every start. Addresses are `unix:PATH` or `tcp:HOST:PORT`.
"""

from __future__ import annotations

import contextlib
import itertools
import queue
import socket
import sys
import threading
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from fabric_sdk.errors import DecodeError, GatewayError
from fabric_sdk.gateway import local_frames as frames
from fabric_sdk.gateway.endpoint import Endpoint
from fabric_sdk.gateway.local_address import LocalAddress, failure, read_address
from fabric_sdk.gateway.local_stream_async import AsyncLocalStreamTransport

__all__ = ["AsyncLocalStreamTransport", "LocalCall", "LocalStreamTransport"]

_CONNECT_SECONDS = 5.0
_CREDIT_STEP = frames.WINDOW // 2


class LocalStreamTransport:
    """`Transport` over the local stream, with blocking calls; one connection, any number of threads.

    A lost connection fails the calls in flight; the next call connects again.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        if not endpoint.local_stream:
            raise GatewayError("UNAVAILABLE", "the endpoint has no local stream")
        self._where = endpoint.local_stream
        self._lock = threading.Lock()
        self._connection: _Connection | None = None
        self._closed = False

    @property
    def client_certificate_der(self) -> bytes | None:
        return None

    def unary(self, method: str, request: bytes, timeout: float) -> bytes:
        deadline = time.monotonic() + timeout
        call = self._connect().start(frames.CALL, method, request)
        try:
            answer = call.get(deadline)
        except BaseException:
            call.close()
            raise
        if answer is None:
            raise GatewayError("INTERNAL", f"{method} answered with a stream")
        return answer

    def server_stream(self, method: str, request: bytes, timeout: float | None = None) -> LocalCall:
        return self._connect().start(frames.CALL, method, request, timeout)

    def bidi(self, method: str, timeout: float | None = None) -> LocalCall:
        return self._connect().start(frames.OPEN, method, b"", timeout)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _connect(self) -> _Connection:
        with self._lock:
            if self._closed:
                raise GatewayError("CANCELLED", "the transport was closed")
            if self._connection is None or self._connection.lost:
                self._connection = _Connection(read_address(self._where))
            return self._connection


class _Connection:
    def __init__(self, where: LocalAddress) -> None:
        self.target = where.target
        self.lost = False
        self._calls: dict[int, LocalCall] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._socket = _dial(where.address)
        try:
            self._socket.sendall(frames.frame(frames.HELLO, 0, where.token.encode()))
        except OSError as e:
            self._socket.close()
            raise GatewayError("UNAVAILABLE", f"the local node does not answer: {e}") from e
        threading.Thread(target=self._read, name="local-stream", daemon=True).start()

    def start(self, kind: int, method: str, request: bytes, timeout: float | None = None) -> LocalCall:
        call = LocalCall(self, next(self._numbers), None if timeout is None else time.monotonic() + timeout)
        with self._lock:
            if self.lost:
                raise GatewayError("UNAVAILABLE", "the connection to the local node was lost")
            self._calls[call.number] = call
        self.send(kind, call.number, frames.call_body(method, self.target, request))
        return call

    def send(self, kind: int, number: int, body: bytes = b"") -> None:
        try:
            with self._lock:
                self._socket.sendall(frames.frame(kind, number, body))
        except OSError as e:
            self._lose()
            raise GatewayError("UNAVAILABLE", "the connection to the local node was lost") from e

    def forget(self, number: int) -> bool:
        """Whether the call was still running."""
        with self._lock:
            return self._calls.pop(number, None) is not None

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._lose()

    def _read(self) -> None:
        reader = frames.FrameReader()
        try:
            while data := self._socket.recv(1 << 18):
                for kind, number, body in reader.feed(data):
                    self._take(kind, number, body)
        except (OSError, DecodeError):
            pass
        self._lose()

    def _take(self, kind: int, number: int, body: bytes) -> None:
        call = self._calls.get(number)
        if call is None:
            return
        if kind == frames.DATA:
            call.arrived.put(body)
            return
        self.forget(number)
        if kind == frames.REPLY:
            call.arrived.put(body)
        elif kind == frames.END:
            call.arrived.put(None)
        elif kind == frames.ERROR:
            call.arrived.put(failure(frames.read_error(body)))

    def _lose(self) -> None:
        with self._lock:
            self.lost = True
            calls = list(self._calls.values())
            self._calls.clear()
        for call in calls:
            call.arrived.put(GatewayError("UNAVAILABLE", "the connection to the local node was lost"))
        with contextlib.suppress(OSError):
            self._socket.close()


class LocalCall:
    """One call in flight: a stream of messages from the node, and with `send` also to it."""

    def __init__(self, connection: _Connection, number: int, deadline: float | None) -> None:
        self.number = number
        self.arrived: queue.SimpleQueue[bytes | GatewayError | None] = queue.SimpleQueue()
        self._connection = connection
        self._deadline = deadline
        self._consumed = 0
        self._over = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._over:
            raise StopIteration
        message = self.get(self._deadline)
        if message is None:
            self._over = True
            raise StopIteration
        self._consumed += 1
        if self._consumed % _CREDIT_STEP == 0:
            self._connection.send(frames.CREDIT, self.number, frames.credit_body(_CREDIT_STEP))
        return message

    def get(self, deadline: float | None) -> bytes | None:
        """The next message, None at the end of a stream; GatewayError if the call failed or takes too long."""
        try:
            timeout = None if deadline is None else max(0.0, deadline - time.monotonic())
            answer = self.arrived.get(timeout=timeout)
        except queue.Empty:
            self.close()
            raise GatewayError("DEADLINE_EXCEEDED", "Deadline Exceeded") from None
        if isinstance(answer, GatewayError):
            self._over = True
            raise answer
        return answer

    def send(self, message: bytes) -> None:
        self._connection.send(frames.DATA, self.number, message)

    def finish(self) -> None:
        """Say that nothing more will be sent."""
        with contextlib.suppress(GatewayError):
            self._connection.send(frames.END, self.number)

    def close(self) -> None:
        """Give the call up; an iteration in another thread ends."""
        if self._connection.forget(self.number):
            with contextlib.suppress(GatewayError):
                self._connection.send(frames.CANCEL, self.number)
        self.arrived.put(None)


def _dial(address: str) -> socket.socket:
    scheme, _, rest = address.partition(":")
    try:
        if scheme == "unix" and sys.platform != "win32":
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.settimeout(_CONNECT_SECONDS)
            connection.connect(rest)
        else:
            host, _, port = rest.rpartition(":")
            connection = socket.create_connection((host, int(port)), _CONNECT_SECONDS)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(None)
    except (OSError, ValueError, AttributeError) as e:
        raise GatewayError("UNAVAILABLE", f"the local node does not answer at {address}: {e}") from e
    return connection
