"""One connection of the blocking transport, and the thread that reads it."""

from __future__ import annotations

import contextlib
import math
import selectors
import socket
import ssl
import threading
import time

from fabric_sdk.gateway import tls
from fabric_sdk.gateway.connecting import KEEPALIVE_ANSWER_SECONDS, KEEPALIVE_SECONDS
from fabric_sdk.gateway.endpoint import Endpoint
from fabric_sdk.http2.addresses import split_address
from fabric_sdk.http2.calls import HELD_BYTES, Call, ClientConnection
from fabric_sdk.http2.engine import Http2Error
from fabric_sdk.http2.framing import Failure

_READ_BYTES = 1 << 18
CANCELLED = Failure("CANCELLED", "the call was cancelled")
LATE = Failure("DEADLINE_EXCEEDED", "Deadline Exceeded")


class Link:
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

    def cancel(self, call: Call, failure: Failure = CANCELLED) -> None:
        with self.lock:
            self.calls.cancel(call, failure)
            self._emit()

    def send(self, call: Call, message: bytes) -> None:
        """Send a request; waits while the peer has taken too little of those before."""
        with self.lock:
            while not call.over and self.calls.engine.queued(call.stream) >= HELD_BYTES:
                if not self.room.wait(seconds_left(call.deadline)):
                    self.calls.cancel(call, LATE)
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


def seconds_left(deadline: float) -> float | None:
    """How long until a moment of the monotonic clock; None for ever."""
    return None if deadline == math.inf else max(0.0, deadline - time.monotonic())
