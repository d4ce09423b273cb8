"""One gRPC call as the node answers it: at once where nothing has to be waited for, else in a task of its own."""

from __future__ import annotations

import asyncio
import logging
import math
from collections import deque
from collections.abc import AsyncIterator, Coroutine, Generator
from contextlib import aclosing
from typing import Any, Protocol

from fabric_sdk.http2.calls import HELD_BYTES
from fabric_sdk.http2.engine import Engine
from fabric_sdk.http2.framing import BadMessage, Failure, MessageReader, frame
from network.embedded.faults import BlockAway, NeedsTask, RpcError
from network.embedded.rpc import Bidi, Limit, ServerStream, Unary, status_bytes

log = logging.getLogger(__name__)
_HEAD = [(b":status", b"200"), (b"content-type", b"application/grpc")]
_GOOD = [(b"grpc-status", b"0")]


class Connection(Protocol):
    """What a call needs of its connection."""

    engine: Engine
    loop: asyncio.AbstractEventLoop

    def flush_soon(self) -> None: ...
    async def room(self, stream: int) -> None:
        """Wait until the client takes more of a stream."""

    def enqueue(self, call: Call) -> None: ...
    def expect(self, deadline: float) -> None:
        """See to it that calls whose time is over are ended at this moment of the loop's clock."""

    def close_stream(self, stream: int) -> None:
        """Once the answer is out, tell the client that its further requests are not wanted."""

    def hold(self, size: int) -> bool: ...
    def release(self, size: int) -> None: ...


class Call:
    """A call from its headers to its status; ends once, and gives back what it holds.

    It has a place among the running ones once there is a request: those on their way keep nobody's.
    """

    __slots__ = (
        "complete",
        "connection",
        "deadline",
        "entered",
        "held",
        "limit",
        "method",
        "over",
        "reader",
        "started",
        "stream",
        "task",
    )

    def __init__(self, connection: Connection, stream: int, method: str, limit: Limit, deadline: float) -> None:
        self.connection = connection
        self.stream = stream
        self.method = method
        self.limit = limit
        self.deadline = deadline
        self.reader = MessageReader()
        self.task: asyncio.Task[None] | None = None
        self.held = 0
        self.entered = False
        """whether it counts among its service's running calls"""
        self.complete = False
        """whether the client has sent all its requests"""
        self.over = False
        self.started = False
        """whether the response's head was sent"""

    # What the connection tells

    def data(self, data: bytes, end: bool) -> bool:
        """A part of the requests arrived; whether it waits for its reader. BadMessage if it cannot be one."""
        raise NotImplementedError

    def run(self) -> None:
        """It is this call's turn."""
        raise NotImplementedError

    def abandoned(self) -> None:
        """The client does not want it any more, or is gone."""
        if not self.over:
            self._leave()
            if self.task is not None:
                self.task.cancel()

    def expired(self) -> None:
        self.fail(RpcError("DEADLINE_EXCEEDED", "context deadline exceeded"))

    def enter(self) -> bool:
        """Take one of the service's places, now that there is a request; the call has failed if there is none."""
        try:
            self.limit.enter()
        except RpcError as e:
            self.fail(e)
            return False
        self.entered = True
        return True

    # Ends

    def fail(self, error: RpcError) -> None:
        """Answer with a status, with nothing before it if nothing was sent yet."""
        if self.over:
            return
        try:
            trailers = Failure(error.code, error.message, status_bytes(error)).trailers()
        except UnicodeError:  # what cannot be said is answered all the same
            log.error("%s failed with words that cannot be sent", self.method)
            trailers = Failure(error.code, "the node failed; see its log", b"").trailers()
        self._leave()
        engine = self.connection.engine
        if self.started:
            engine.trailers(self.stream, trailers)
        else:
            engine.headers(self.stream, [*_HEAD, *trailers], True)
        self._answered()
        self.connection.flush_soon()
        if self.task is not None and self.task is not asyncio.current_task(self.connection.loop):
            self.task.cancel()

    def failed(self, error: BaseException) -> None:
        """Answer for an exception of the handler's."""
        if isinstance(error, RpcError):
            self.fail(error)
        elif isinstance(error, BlockAway):
            self.fail(RpcError("UNAVAILABLE", str(error)))
        elif not isinstance(error, asyncio.CancelledError):
            log.error("%s failed", self.method, exc_info=error)
            self.fail(RpcError("INTERNAL", "the node failed; see its log"))
        else:
            self.fail(RpcError("CANCELLED", "the call was cancelled"))

    def _answered(self) -> None:
        """Requests that may still follow need not come."""
        if not self.complete:
            self.connection.close_stream(self.stream)

    def _hold(self, size: int) -> None:
        if not self.connection.hold(size):
            raise BadMessage("RESOURCE_EXHAUSTED", "the node holds too many unfinished requests")
        self.held += size

    def _release(self) -> None:
        if self.held:
            self.connection.release(self.held)
            self.held = 0

    def _leave(self) -> None:
        self.over = True
        if self.entered:
            self.limit.running -= 1
        self._release()


class UnaryCall(Call):
    """One request, one answer."""

    __slots__ = ("_handler", "_request")

    def __init__(
        self, connection: Connection, stream: int, method: str, limit: Limit, deadline: float, handler: Unary
    ) -> None:
        super().__init__(connection, stream, method, limit, deadline)
        self._handler = handler
        self._request: bytes | None = None

    def data(self, data: bytes, end: bool) -> bool:
        if data:
            self._hold(len(data))
            for message in self.reader.feed(data):
                if self._request is not None:
                    raise BadMessage("UNIMPLEMENTED", "too many requests for a call with one")
                self._request = message
        if end:
            self.complete = True
            if self._request is None or self.reader.pending:
                raise BadMessage("INTERNAL", "the client ended the call without a request")
            self.connection.enqueue(self)
        return False

    def run(self) -> None:
        if self.over:
            return
        if self.deadline <= self.connection.loop.time():
            self.expired()
            return
        if not self.enter():
            return
        request, self._request = self._request or b"", None
        work: Any = self._handler(request)
        try:
            waits_for = work.send(None)
        except StopIteration as e:
            self._answer(e.value)
        except NeedsTask:
            self._begin_task(self._handler(request))  # type: ignore[arg-type]
        except Exception as e:
            self.failed(e)
        else:
            self._begin_task(_Resumed(work, waits_for))

    def _begin_task(self, work: Coroutine[Any, Any, bytes] | _Resumed) -> None:
        self.task = self.connection.loop.create_task(self._wait(work))
        if self.deadline < math.inf:
            self.connection.expect(self.deadline)

    async def _wait(self, work: Coroutine[Any, Any, bytes] | _Resumed) -> None:
        try:
            answer = await work
        except BaseException as e:
            self.failed(e)
            if not isinstance(e, Exception | asyncio.CancelledError):
                raise
        else:
            self._answer(answer)
            self.connection.flush_soon()

    def _answer(self, answer: bytes) -> None:
        if self.over:
            return
        self._leave()
        self.connection.engine.answer(self.stream, _HEAD, frame(answer), _GOOD)


class StreamCall(Call):
    """A call with several answers: of one request (`server`) or of several (`bidi`)."""

    __slots__ = ("_bidi", "_requests", "_server")

    def __init__(
        self,
        connection: Connection,
        stream: int,
        method: str,
        limit: Limit,
        deadline: float,
        server: ServerStream | None,
        bidi: Bidi | None,
    ) -> None:
        super().__init__(connection, stream, method, limit, deadline)
        self._server = server
        self._bidi = bidi
        self._requests = _Requests(self)
        if deadline < math.inf:
            connection.expect(deadline)
        if bidi is not None:
            connection.enqueue(self)

    def data(self, data: bytes, end: bool) -> bool:
        waits = False
        if data:
            self._hold(len(data))
            for message in self.reader.feed(data):
                if not self.entered and not self.enter():
                    return False
                self._requests.put(message)
            if self._requests.held >= HELD_BYTES:
                self._requests.owed += len(data)
                waits = True
        if end:
            self.complete = True
            if self.reader.pending:
                raise BadMessage("INTERNAL", "the client ended the call within a message")
            self._requests.finish()
            if self._server is not None:
                self.connection.enqueue(self)
        return waits

    def run(self) -> None:
        if self.over:
            return
        self.task = self.connection.loop.create_task(self._pump())

    async def _pump(self) -> None:
        try:
            if self._bidi is not None:
                answers = self._bidi(self._requests)
            else:
                assert self._server is not None
                answers = self._server(self._requests.only())
            async with aclosing(answers) as messages:  # type: ignore[type-var]
                async for message in messages:
                    await self._send(message)
        except BaseException as e:
            self.failed(e)
            if not isinstance(e, Exception | asyncio.CancelledError):
                raise
        else:
            self._finish()

    async def _send(self, message: bytes) -> None:
        if self.over:
            raise asyncio.CancelledError
        engine = self.connection.engine
        if not self.started:
            self.started = True
            engine.headers(self.stream, _HEAD, False)
        engine.data(self.stream, frame(message), False)
        self.connection.flush_soon()
        await self.connection.room(self.stream)

    def _finish(self) -> None:
        if self.over:
            return
        self._leave()
        engine = self.connection.engine
        if not self.started:
            engine.headers(self.stream, [*_HEAD, *_GOOD], True)
        else:
            engine.trailers(self.stream, _GOOD)
        self._answered()
        self.connection.flush_soon()

    def taken(self, size: int, owed: int) -> None:
        """The handler took a request of `size` bytes; the client may send `owed` more."""
        if self.over:
            return
        size = min(size + 5, self.held)
        self.held -= size
        self.connection.release(size)
        if owed:
            self.connection.engine.consumed(self.stream, owed)
            self.connection.flush_soon()


class _Requests:
    """The requests of a two-way call, as they come."""

    def __init__(self, call: StreamCall) -> None:
        self._call = call
        self._arrived: deque[bytes] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._finished = False
        self.held = 0
        self.owed = 0

    def put(self, message: bytes) -> None:
        self._arrived.append(message)
        self.held += len(message)
        self._wake()

    def finish(self) -> None:
        self._finished = True
        self._wake()

    def only(self) -> bytes:
        """The one request of a call that has one. RpcError for another number."""
        if len(self._arrived) != 1:
            raise RpcError("INTERNAL", f"{len(self._arrived)} requests for a call with one")
        message = self._arrived.popleft()
        self._call.taken(len(message), 0)
        return message

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        while not self._arrived:
            if self._finished:
                raise StopAsyncIteration
            self._waiter = self._call.connection.loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        message = self._arrived.popleft()
        self.held -= len(message)
        owed = 0
        if self.owed and self.held < HELD_BYTES:
            owed, self.owed = self.owed, 0
        self._call.taken(len(message), owed)
        return message


class _Resumed:
    """Lets a task go on with a coroutine that was begun without one and waits for something."""

    __slots__ = ("_waits_for", "_work")

    def __init__(self, work: Coroutine[Any, Any, bytes], waits_for: object) -> None:
        self._work = work
        self._waits_for = waits_for

    def __await__(self) -> Generator[Any, Any, bytes]:
        work, waits_for = self._work, self._waits_for
        while True:
            value, error = None, None
            try:
                value = yield waits_for
            except BaseException as e:
                error = e
            try:
                waits_for = work.send(value) if error is None else work.throw(error)
            except StopIteration as e:
                answer: bytes = e.value
                return answer
