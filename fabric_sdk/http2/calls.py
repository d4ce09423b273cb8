"""A client's gRPC calls over one HTTP/2 connection, without input or output.

Whoever owns a `ClientConnection` gives it what arrives, sends what `take` returns, and calls from one thread at a time.
Every call that was started ends exactly once, whatever the peer does.
"""

from __future__ import annotations

import math

from fabric_sdk.http2.engine import CANCEL, NO_ERROR, REFUSED_STREAM, Headers, Http2Error, Settings, new_engine
from fabric_sdk.http2.framing import (
    BadMessage,
    Failure,
    MessageReader,
    failure_of,
    failure_of_http,
    failure_of_reset,
    frame,
    timeout_value,
)

HELD_BYTES = 1 << 20
"""What a stream may hold for its reader before the peer is made to wait."""
_LOST = Failure("UNAVAILABLE", "the connection was lost")
_SETTINGS = Settings()
_GOOD_TRAILERS = ((b"grpc-status", b"0"),)


class Call:
    """One call under way; its class says what becomes of its messages and its end. Times are of any one clock."""

    __slots__ = ("deadline", "failure", "head_seen", "held", "many", "over", "owed", "reader", "stream", "unprocessed")

    def __init__(self, deadline: float = math.inf, *, many: bool = False) -> None:
        self.deadline = deadline
        self.many = many
        """whether several messages are expected, which wait for their reader"""
        self.reader = MessageReader()
        self.stream = 0
        self.failure: Failure | None = None
        self.head_seen = False
        self.over = False
        self.unprocessed = False
        """whether the server surely did nothing for it, so that it may be tried again"""
        self.held = 0
        self.owed = 0

    def on_message(self, message: bytes) -> None:
        raise NotImplementedError

    def on_end(self, failure: Failure | None) -> None:
        """The call is over; None means success. Called once."""
        raise NotImplementedError


class Unary(Call):
    """A call that is answered with one message; `done` tells its owner, who then reads `answer` or `failure`."""

    __slots__ = ("answer",)

    def __init__(self, deadline: float = math.inf) -> None:
        super().__init__(deadline)
        self.answer: bytes | None = None

    def on_message(self, message: bytes) -> None:
        if self.answer is not None:
            raise BadMessage("INTERNAL", "the server sent more than one message")
        self.answer = message

    def on_end(self, failure: Failure | None) -> None:
        if failure is None and self.answer is None:
            self.failure = Failure("INTERNAL", "the server sent no message")
        self.done()

    def done(self) -> None:
        raise NotImplementedError


class ClientConnection:
    """The calls of one connection, by stream; an `engine.Sink`."""

    def __init__(self, authority: str, *, secure: bool, settings: Settings = _SETTINGS) -> None:
        self.engine = new_engine(self, True, settings)
        self.calls: dict[int, Call] = {}
        self.closing = False
        """whether new calls belong on another connection"""
        self.pinged = False
        self._authority = authority.encode()
        self._scheme = b"https" if secure else b"http"
        self._good_head: Headers = ()
        """the head of a response that was looked at before"""
        self._heads: dict[tuple[str, float], list[tuple[bytes, bytes]]] = {}

    # What the owner does

    def receive(self, data: bytes) -> None:
        """Take what arrived. When the peer breaks the protocol all calls fail, and `over` is true."""
        try:
            self.engine.receive(data)
        except Http2Error as e:
            self.lose(Failure("UNAVAILABLE", f"the server broke the HTTP/2 protocol: {e}"))

    def take(self) -> bytes:
        return self.engine.take()

    @property
    def over(self) -> bool:
        return self.engine.over or (self.closing and not self.calls)

    def start(self, call: Call, method: str, request: bytes | None, seconds: float | None) -> None:
        """Begin a call, with its one request, or with None for requests that `send` brings.

        Http2Error if the connection takes no new calls.
        """
        data = b"" if request is None else frame(request)
        call.stream = self.engine.open(self._head(method, seconds), data, request is not None)
        self.calls[call.stream] = call

    def send(self, call: Call, message: bytes) -> None:
        if not call.over:
            self.engine.data(call.stream, frame(message), False)

    def finish(self, call: Call) -> None:
        """Say that no more requests come."""
        if not call.over:
            self.engine.data(call.stream, b"", True)

    def taken(self, call: Call, size: int) -> None:
        """The reader of a stream took a message of `size` bytes."""
        call.held -= size
        if call.owed and call.held < HELD_BYTES:
            owed, call.owed = call.owed, 0
            self.engine.consumed(call.stream, owed)

    def cancel(self, call: Call, failure: Failure) -> None:
        """End a call from here."""
        if not call.over:
            self.calls.pop(call.stream, None)
            self.engine.reset(call.stream, CANCEL)
            _end(call, failure)

    def expire(self, now: float) -> float:
        """End the calls whose time is over; returns the next deadline."""
        earliest = math.inf
        for call in list(self.calls.values()):
            if call.deadline <= now:
                self.cancel(call, Failure("DEADLINE_EXCEEDED", "Deadline Exceeded"))
            else:
                earliest = min(earliest, call.deadline)
        return earliest

    def lose(self, failure: Failure = _LOST) -> None:
        """The connection is gone: so are its calls."""
        self.closing = True
        calls, self.calls = self.calls, {}
        for call in calls.values():
            _end(call, failure)

    def _head(self, method: str, seconds: float | None) -> list[tuple[bytes, bytes]]:
        key = (method, -1.0 if seconds is None else seconds)
        head = self._heads.get(key)
        if head is None:
            head = [
                (b":method", b"POST"),
                (b":scheme", self._scheme),
                (b":path", method.encode()),
                (b":authority", self._authority),
                (b"te", b"trailers"),
                (b"content-type", b"application/grpc"),
                (b"user-agent", b"citychain-fabric-sdk"),
            ]
            if seconds is not None:
                head.append((b"grpc-timeout", timeout_value(seconds)))
            if len(self._heads) < 64:  # deadlines that differ each time are not worth remembering
                self._heads[key] = head
        return head

    # What the engine tells

    def on_headers(self, stream: int, headers: Headers, end: bool) -> None:
        call = self.calls.get(stream)
        if call is None:
            return
        if end and headers == _GOOD_TRAILERS and call.head_seen:
            self._ended(call, None)
            return
        if not call.head_seen and not end and headers == self._good_head:
            call.head_seen = True
            return
        fields = dict(headers)
        if not call.head_seen:
            call.head_seen = True
            if not (end and b"grpc-status" in fields):
                failure = failure_of_http(fields.get(b":status", b""), fields.get(b"content-type", b""))
                if failure is not None:
                    self.cancel(call, failure)
                    return
                self._good_head = headers
        if end:
            self._ended(call, failure_of(fields))

    def on_data(self, stream: int, data: bytes, end: bool) -> bool:
        call = self.calls.get(stream)
        if call is None:
            return False
        try:
            for message in call.reader.feed(data):
                call.held += len(message)
                call.on_message(message)
        except BadMessage as e:
            self.cancel(call, Failure(e.code, str(e)))
            return False
        if end:
            self._ended(call, failure_of({}))
        elif call.many and call.held >= HELD_BYTES:
            call.owed += len(data)
            return True
        return False

    def on_closed(self, stream: int, code: int) -> None:
        call = self.calls.pop(stream, None)
        if call is not None:
            call.unprocessed = code == REFUSED_STREAM
            _end(call, failure_of_reset(code) if code else failure_of({}))

    def on_window(self) -> None:
        """The owner looks at what is queued whenever it has received something."""

    def on_goaway(self, last_stream: int, code: int) -> None:
        self.closing = True
        for call in [c for c in self.calls.values() if c.stream > last_stream]:
            del self.calls[call.stream]
            call.unprocessed = True
            _end(call, Failure("UNAVAILABLE", f"the server ends the connection (HTTP/2 error {code})"))

    def on_pong(self) -> None:
        self.pinged = False

    def _ended(self, call: Call, failure: Failure | None) -> None:
        self.calls.pop(call.stream, None)
        if failure is None and call.reader.pending:
            failure = Failure("INTERNAL", "the server ended the call within a message")
        # Closes our half where requests could still follow; nothing is sent for a stream that is closed already.
        if call.many:
            self.engine.reset(call.stream, NO_ERROR)
        _end(call, failure)


def _end(call: Call, failure: Failure | None) -> None:
    if not call.over:
        call.over = True
        call.failure = failure
        call.on_end(failure)
