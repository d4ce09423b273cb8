"""gRPC with blocking calls, from any number of threads: one connection and one thread that reads it."""

from __future__ import annotations

import contextlib
import math
import queue
import selectors
import socket
import ssl
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
    KEEPALIVE_ANSWER_SECONDS,
    KEEPALIVE_SECONDS,
    Backoff,
    closed,
    late,
    unreachable,
)
from fabric_sdk.gateway.endpoint import Endpoint
from fabric_sdk.http2.addresses import split_address
from fabric_sdk.http2.calls import HELD_BYTES, Call, ClientConnection, Unary
from fabric_sdk.http2.engine import Http2Error
from fabric_sdk.http2.framing import Failure

_READ_BYTES = 1 << 18
_CANCELLED = Failure("CANCELLED", "the call was cancelled")
_LATE = Failure("DEADLINE_EXCEEDED", "Deadline Exceeded")


class GrpcTransport:
    """gRPC with blocking calls. Use as a context manager, or `close` it.

    A lost connection fails the calls in flight; the next call connects again.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._context = tls.client_context(endpoint)
        split_address(endpoint.address)
        self._lock = threading.Lock()
        self._link: _Link | None = None
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

    def _connected(self, until: float) -> _Link:
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

    def _connect(self, until: float) -> _Link:
        now = time.monotonic()
        self._backoff.check(now)
        seconds = min(CONNECT_SECONDS, until - now)
        if seconds <= 0:
            raise late()
        try:
            link = _Link(self.endpoint, self._context, seconds)
        except (OSError, FabricError) as e:
            if isinstance(e, TimeoutError) and time.monotonic() >= until:
                raise late() from e
            error = unreachable(self.endpoint.address, e)
            self._backoff.failed(time.monotonic(), error)
            raise error from e
        self._backoff.succeeded()
        return link


class _Link:
    """One connection. Its lock guards everything; whoever holds it never waits for the network."""

    def __init__(self, endpoint: Endpoint, context: ssl.SSLContext | None, seconds: float) -> None:
        host, port = split_address(endpoint.address)
        self._socket = socket.create_connection((host, port), seconds)
        try:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._incoming, self._sealed = ssl.MemoryBIO(), ssl.MemoryBIO()
            self._tls: ssl.SSLObject | None = None
            if context is not None:
                name = tls.server_hostname(endpoint)
                self._tls = context.wrap_bio(self._incoming, self._sealed, server_hostname=name)
                self._shake_hands(time.monotonic() + seconds)
            self._socket.setblocking(False)
            self._wake, self._woken = socket.socketpair()
        except BaseException:
            self._socket.close()
            raise
        self._wake.setblocking(False)
        self._woken.setblocking(False)
        self.lock = threading.Lock()
        self.room = threading.Condition(self.lock)
        """told when more may be sent, or a call has ended"""
        self.calls = _Calls(self.room, tls.authority(endpoint), endpoint.tls_root_pem is not None)
        self._out = bytearray()
        self._closed = False
        self._heard = time.monotonic()
        with self.lock:
            self._emit()
        threading.Thread(target=self._run, name="grpc", daemon=True).start()

    # What the transport does

    def start(self, call: Call, method: str, request: bytes | None, seconds: float | None) -> bool:
        """Whether the connection takes calls."""
        with self.lock:
            if self.calls.closing:
                return False
            try:
                self.calls.start(call, method, request, seconds)
            except Http2Error:
                self.calls.closing = True
                return False
            self._emit()
        return True

    def cancel(self, call: Call, failure: Failure = _CANCELLED) -> None:
        with self.lock:
            self.calls.cancel(call, failure)
            self._emit()

    def send(self, call: Call, message: bytes) -> None:
        """Send a request; waits while the peer has taken too little of those before."""
        with self.lock:
            while not call.over and self.calls.engine.queued(call.stream) >= HELD_BYTES:
                if not self.room.wait(_left(call.deadline)):
                    self.calls.cancel(call, _LATE)
            self.calls.send(call, message)
            self._emit()

    def finish(self, call: Call) -> None:
        with self.lock:
            self.calls.finish(call)
            self._emit()

    def taken(self, call: Call, size: int) -> None:
        with self.lock:
            if call.owed:
                self.calls.taken(call, size)
                self._emit()
            else:
                call.held -= size

    def retire(self) -> None:
        """No new calls; the connection ends with its last one."""
        with self.lock:
            if self.calls.over:
                self._closed = True
        self._stir()

    def close(self) -> None:
        with self.lock:
            if not self._closed:
                self.calls.engine.goaway(0)
                self.calls.lose(Failure("CANCELLED", "the transport was closed"))
                self._emit()
                self._closed = True
        self._stir()

    # Bytes

    def _shake_hands(self, until: float) -> None:
        assert self._tls is not None
        while True:
            try:
                self._tls.do_handshake()
                done = True
            except ssl.SSLWantReadError:
                done = False
            finally:
                data = self._sealed.read()
                if data:
                    self._socket.settimeout(max(0.01, until - time.monotonic()))
                    with contextlib.suppress(OSError):
                        self._socket.sendall(data)
            if done:
                break
            self._socket.settimeout(max(0.01, until - time.monotonic()))
            data = self._socket.recv(_READ_BYTES)
            if not data:
                raise ConnectionError("the server closed the connection during the TLS handshake")
            self._incoming.write(data)

    def _emit(self) -> None:
        """Encrypt and send what there is, as far as the socket takes it; the thread does the rest."""
        data = self.calls.take()
        if data:
            if self._tls is None:
                self._out += data
            else:
                view = memoryview(data)
                while view:
                    view = view[self._tls.write(view) :]
        if self._tls is not None and self._sealed.pending:
            self._out += self._sealed.read()
        if self._out and not self._closed:
            try:
                sent = self._socket.send(self._out)
                del self._out[:sent]
            except (BlockingIOError, InterruptedError):
                pass
            except OSError as e:
                self._lose(f"the connection was lost: {e}")
        if self._out or self.calls.closing:
            self._stir()

    def _stir(self) -> None:
        with contextlib.suppress(OSError):
            self._wake.send(b"\0")

    def _lose(self, text: str) -> None:
        self._closed = True
        self.calls.lose(Failure("UNAVAILABLE", text))

    def _run(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._socket, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            interest = selectors.EVENT_READ
            try:
                while not self._closed:
                    wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._out else 0)
                    if wanted != interest:
                        selector.modify(self._socket, wanted)
                        interest = wanted
                    ready = selector.select(self._patience())
                    self._turn({key.fileobj for key, mask in ready if mask & selectors.EVENT_READ})
            finally:
                with self.lock:
                    self._lose("the connection was lost")
                for thing in (self._socket, self._wake, self._woken):
                    thing.close()

    def _turn(self, readable: set[object]) -> None:
        if self._woken in readable:
            with contextlib.suppress(OSError):
                self._woken.recv(4096)
        data: bytes | None = None
        if self._socket in readable:
            try:
                data = self._socket.recv(_READ_BYTES)
            except (BlockingIOError, InterruptedError):
                pass
            except OSError as e:
                with self.lock:
                    self._lose(f"the connection was lost: {e}")
                return
        with self.lock:
            try:
                if data is not None:
                    self._heard = time.monotonic()
                    self._take(data)
                self._look()
                self._emit()
            except ssl.SSLError as e:
                self._lose(f"the connection was lost: {e}")
            if data == b"":
                self._lose("the connection was lost")
            if self.calls.over and not self._out:
                self._closed = True

    def _take(self, data: bytes) -> None:
        if self._tls is None:
            if data:
                self.calls.receive(data)
            return
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()
        parts: list[bytes] = []
        try:
            while part := self._tls.read(_READ_BYTES):
                parts.append(part)
        except (ssl.SSLWantReadError, ssl.SSLZeroReturnError, ssl.SSLEOFError):
            pass
        finally:
            if parts:
                self.calls.receive(b"".join(parts))

    # Keep-alive

    def _patience(self) -> float:
        if self.calls.pinged:
            return KEEPALIVE_ANSWER_SECONDS
        return KEEPALIVE_SECONDS

    def _look(self) -> None:
        """Ask a peer that has long said nothing whether it is still there; give it up if it does not answer."""
        silent = time.monotonic() - self._heard
        if self.calls.pinged:
            if silent >= KEEPALIVE_SECONDS + KEEPALIVE_ANSWER_SECONDS:
                self._lose("the server does not answer any more")
        elif silent >= KEEPALIVE_SECONDS and self.calls.calls:
            self.calls.pinged = True
            self.calls.engine.ping()


class _Calls(ClientConnection):
    def __init__(self, room: threading.Condition, authority: str, secure: bool) -> None:
        self._room = room
        super().__init__(authority, secure=secure)

    def on_window(self) -> None:
        self._room.notify_all()


def _left(deadline: float) -> float | None:
    return None if deadline == math.inf else max(0.0, deadline - time.monotonic())


class _Unary(Unary):
    __slots__ = ("_over",)

    def __init__(self, deadline: float) -> None:
        super().__init__(deadline)
        self._over = threading.Lock()
        self._over.acquire()

    def done(self) -> None:
        self._over.release()

    def wait(self, link: _Link) -> None:
        """Return when the call has ended, by itself or by its deadline."""
        try:
            if not self._over.acquire(timeout=min(max(0.0, self.deadline - time.monotonic()), threading.TIMEOUT_MAX)):
                link.cancel(self, _LATE)
        except BaseException:
            link.cancel(self)
            raise


class Stream(Call):
    """One call in flight: messages from the node, and with `send` also to it. `close` may come from another thread."""

    __slots__ = ("__weakref__", "_arrived", "_closed", "_link")

    def __init__(self, link: _Link, deadline: float) -> None:
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
            message = None if self._closed else self._arrived.get(timeout=_left(self.deadline))
        except queue.Empty:
            self._link.cancel(self, _LATE)
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
