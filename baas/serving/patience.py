"""How whatever speaks HTTP here listens: connections that do nothing, or too slowly, are closed in bounded time."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from typing import TYPE_CHECKING, Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    import ssl

    from starlette.applications import Starlette
    from starlette.types import ASGIApp, Receive, Scope, Send

HEADER_S = 10.0
"""How long a client may take for the head of its request."""
EXCHANGE_S = 60.0
"""How long one request and its answer may take altogether."""
LEAVE_S = 1.0
"""How long a client that was answered before its request was complete may go on sending: it shall read the answer."""
REST_S, REST_BYTES = 0.5, 64 << 10
"""How long, and how much, of a body is read that nobody asked for."""
PER_ADDRESS = 128
"""Connections of one address at a time."""
CONNECTIONS = 512


class ImpatientProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 with deadlines: it has none of its own before the first answer (a client may send a byte a
    minute for ever)."""

    _deadline: asyncio.TimerHandle | None = None
    _seen: Any = None
    _late = False
    _since = 0.0
    _leaving = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.access_log = False  # addresses may hold what somebody put there by mistake: a token, a name
        self._since = self.loop.time()
        self._watch(HEADER_S)
        self._make_room()

    def _make_room(self) -> None:
        """Of one address's connections that are too many, let the one go that has been idle there longest.

        Whoever opens many and asks nothing so keeps nobody behind the same address out (a gateway, a proxy, this
        machine); one that is being answered stays.
        """
        here = [one for one in self.connections if _host(one) == _host(self) and not getattr(one, "_leaving", False)]
        if len(here) <= PER_ADDRESS:
            return
        others = (one for one in here if one is not self and isinstance(one, ImpatientProtocol) and one.idle)
        leaving = min(others, key=lambda one: one._since, default=self)
        leaving._leaving = True
        leaving._stop()
        leaving.transport.abort()

    @property
    def idle(self) -> bool:
        """Whether no request of it is being answered."""
        return self.cycle is None or self.cycle.response_complete

    def data_received(self, data: bytes) -> None:
        if self.conn.their_state is h11.SEND_BODY and self.cycle is not None and self.cycle.response_complete:
            return
        if self._deadline is None:  # the first bytes of the next request on a kept connection
            self._watch(HEADER_S)
        super().data_received(data)
        if self.cycle is not None and self.cycle is not self._seen:
            self._seen = self.cycle
            self._watch(EXCHANGE_S)

    def send_400_response(self, msg: str) -> None:
        """Answer bytes that are no HTTP. A request whose body they were is over: its handler answers nobody."""
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:
            cycle.disconnected = True
            cycle.message_event.set()
        try:
            super().send_400_response(msg)
        except h11.LocalProtocolError:  # an answer had begun
            self.transport.close()

    def on_response_complete(self) -> None:
        self._stop()
        super().on_response_complete()
        if self.conn.their_state is h11.SEND_BODY:  # answered before its body was here, which nobody waits for
            self._watch(LEAVE_S)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        super().connection_lost(exc)

    def _watch(self, seconds: float) -> None:
        self._stop()
        self._deadline = self.loop.call_later(seconds, self.transport.abort)

    def _stop(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class Quiet:
    """An application whose clients may leave in the middle of a request without a traceback in the log.

    A small body that it answered without reading is read before the answer: the connection can then be used again,
    where a client that keeps it would else find it closed.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        from starlette.requests import ClientDisconnect

        left = _small_body(scope)

        async def hear() -> Any:
            nonlocal left
            message = await receive()
            left = left and message["type"] == "http.request" and bool(message.get("more_body"))
            return message

        async def say(message: Any) -> None:
            nonlocal left
            if left and message["type"] == "http.response.start":
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(REST_S):
                        while left:
                            await hear()
                left = False
            await send(message)

        with contextlib.suppress(ClientDisconnect):
            await self._app(scope, hear, say)


def _small_body(scope: Scope) -> bool:
    """Whether a request says that it has a body, and a small one."""
    said = next((value for name, value in scope.get("headers", ()) if name == b"content-length"), b"0")
    return said.isdigit() and 0 < int(said) <= REST_BYTES


def _host(connection: Any) -> str:
    client = getattr(connection, "client", None)
    return str(client[0]) if client else ""


def server_config(app: Starlette, *, tls: ssl.SSLContext | None = None, **more: Any) -> uvicorn.Config:
    """The configuration under which an application is served here, over TLS where there is a context for it."""
    from baas.serving.tls_first import TlsFirst

    if tls is not None:
        more["loop"] = "asyncio"  # uvloop reads on after `pause_reading`, and what TLS begins with would be lost
    return uvicorn.Config(
        Quiet(app),
        http=ImpatientProtocol if tls is None else functools.partial(TlsFirst, tls=tls),  # type: ignore[arg-type]
        access_log=False,
        timeout_keep_alive=10,
        limit_concurrency=CONNECTIONS,
        h11_max_incomplete_event_size=32 * 1024,
        ws="none",
        server_header=False,
        **more,
    )
