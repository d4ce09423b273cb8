"""gRPC with blocking calls, from any number of threads: one connection and one thread that reads it."""

from __future__ import annotations

import math
import queue
import threading
import time
import weakref
from collections.abc import Iterator
from types import TracebackType
from typing import Self, cast

from fabric_sdk.errors import FabricError, GatewayError
from fabric_sdk.gateway import tls
from fabric_sdk.gateway.connecting import (
    CONNECT_SECONDS,
    Backoff,
    closed,
    late,
    unreachable,
)
from fabric_sdk.gateway.endpoint import Endpoint
from fabric_sdk.gateway.link import LATE, Link, seconds_left
from fabric_sdk.http2.addresses import split_address
from fabric_sdk.http2.calls import Call, Unary
from fabric_sdk.http2.framing import Failure


class GrpcTransport:
    """gRPC with blocking calls. Use as a context manager, or `close` it.

    A lost connection fails the calls in flight; the next call connects again.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._context = tls.client_context(endpoint)
        split_address(endpoint.address)
        self._lock = threading.Lock()
        self._link: Link | None = None
        self._backoff = Backoff()
        self._closed = False

    @property
    def client_certificate_der(self) -> bytes | None:
        return self.endpoint.client_certificate_der

    def unary(self, method: str, request: bytes, timeout: float) -> bytes:
        until = time.monotonic() + timeout
        for attempt in (1, 2):
            link = self._connected(until)
            call = _Unary(until)
            if not link.start(call, method, request, timeout if attempt == 1 else until - time.monotonic()):
                continue
            call.wait(link)
            if call.failure is None:
                return cast(bytes, call.answer)
            if call.unprocessed and attempt == 1:
                continue
            raise call.failure.error()
        raise GatewayError("UNAVAILABLE", "the server takes no new calls")

    def server_stream(self, method: str, request: bytes, timeout: float | None = None) -> Stream:
        return self._stream(method, request, timeout)

    def bidi(self, method: str, timeout: float | None = None) -> Stream:
        return self._stream(method, None, timeout)

    def close(self) -> None:
        self._closed = True
        with self._lock:
            link, self._link = self._link, None
        if link is not None:
            link.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _stream(self, method: str, request: bytes | None, timeout: float | None) -> Stream:
        until = math.inf if timeout is None else time.monotonic() + timeout
        for _ in (1, 2):
            link = self._connected(until)
            stream = Stream(link, until)
            if link.start(stream, method, request, timeout):
                return stream
        raise GatewayError("UNAVAILABLE", "the server takes no new calls")

    def _connected(self, until: float) -> Link:
        link = self._link
        if link is not None and not link.calls.closing:
            return link
        left = until - time.monotonic()
        if not self._lock.acquire(timeout=min(max(left, 0.0), threading.TIMEOUT_MAX)):
            raise late()
        try:
            if self._closed:
                raise closed()
            link = self._link
            if link is None or link.calls.closing:
                if link is not None:
                    link.retire()
                self._link = None
                link = self._link = self._connect(until)
                weakref.finalize(self, link.close)
            return link
        finally:
            self._lock.release()

    def _connect(self, until: float) -> Link:
        now = time.monotonic()
        self._backoff.check(now)
        seconds = min(CONNECT_SECONDS, until - now)
        if seconds <= 0:
            raise late()
        try:
            link = Link(self.endpoint, self._context, seconds)
        except (OSError, FabricError) as e:
            if isinstance(e, TimeoutError) and time.monotonic() >= until:
                raise late() from e
            error = unreachable(self.endpoint.address, e)
            self._backoff.failed(time.monotonic(), error)
            raise error from e
        self._backoff.succeeded()
        return link


class _Unary(Unary):
    __slots__ = ("_over",)

    def __init__(self, deadline: float) -> None:
        super().__init__(deadline)
        self._over = threading.Lock()
        self._over.acquire()

    def done(self) -> None:
        self._over.release()

    def wait(self, link: Link) -> None:
        """Return when the call has ended, by itself or by its deadline."""
        try:
            if not self._over.acquire(timeout=min(max(0.0, self.deadline - time.monotonic()), threading.TIMEOUT_MAX)):
                link.cancel(self, LATE)
        except BaseException:
            link.cancel(self)
            raise


class Stream(Call):
    """One call in flight: messages from the node, and with `send` also to it. `close` may come from another thread."""

    __slots__ = ("__weakref__", "_arrived", "_closed", "_link")

    def __init__(self, link: Link, deadline: float) -> None:
        super().__init__(deadline, many=True)
        self._link = link
        self._arrived: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._closed = False

    def on_message(self, message: bytes) -> None:
        self._arrived.put(message)

    def on_end(self, failure: Failure | None) -> None:
        self._arrived.put(None)
        self._link.room.notify_all()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            message = None if self._closed else self._arrived.get(timeout=seconds_left(self.deadline))
        except queue.Empty:
            self._link.cancel(self, LATE)
            message = None
        if self._closed:
            raise StopIteration
        if message is None:
            self._arrived.put(None)  # whoever asks again gets the same answer
            if self.failure is not None:
                raise self.failure.error()
            raise StopIteration
        self._link.taken(self, len(message))
        return message

    def send(self, message: bytes) -> None:
        """Send a request; waits while the server takes none. GatewayError if the call has failed meanwhile."""
        self._link.send(self, message)
        if self.over and self.failure is not None and not self._closed:
            raise self.failure.error()

    def finish(self) -> None:
        """Say that nothing more will be sent."""
        self._link.finish(self)

    def close(self) -> None:
        """Give the call up; an iteration in another thread ends."""
        self._closed = True
        self._link.cancel(self)
        self._arrived.put(None)
