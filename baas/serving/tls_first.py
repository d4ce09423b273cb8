"""TLS for whatever speaks HTTP here, bounded from the first packet.

uvicorn hears of a connection when TLS has begun. Until then nobody counts it: whoever connects and says nothing has a
descriptor for a minute, and with as many as a program may have open everybody else is shut out, and the program from
its own files. So a connection is counted and timed when it comes, and begins TLS afterwards.
"""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from baas.serving import patience


class TlsFirst(patience.ImpatientProtocol):
    """One connection: first of TCP alone, idle as any other; then of TLS, and HTTP is spoken on it."""

    def __init__(self, *args: Any, tls: ssl.SSLContext, **more: Any) -> None:
        super().__init__(*args, **more)
        self._tls = tls
        self._begun = False
        self._early: list[bytes] = []
        self._greeting: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)  # counts it, and aborts whichever is one too many
        if not transport.is_closing():
            transport.pause_reading()  # until TLS reads
            self._greeting = self.loop.create_task(self._greet(transport))

    async def _greet(self, transport: asyncio.Transport) -> None:
        limit = patience.HEADER_S
        try:
            secured = await self.loop.start_tls(
                transport, self, self._tls, server_side=True, ssl_handshake_timeout=limit
            )
        except (OSError, RuntimeError):
            secured = None
        if secured is None or transport.is_closing():
            self.connection_lost(None)
            return
        self._begun = True
        H11Protocol.connection_made(self, secured)
        self._watch(limit)
        early, self._early = self._early, []
        for data in early:
            self.data_received(data)

    def data_received(self, data: bytes) -> None:
        if self._begun:
            super().data_received(data)
        else:  # came together with the end of the handshake
            self._early.append(data)

    def shutdown(self) -> None:
        if self._begun:
            super().shutdown()
        else:
            if self._greeting is not None:
                self._greeting.cancel()
            self.transport.abort()
            self.connections.discard(self)


def tls_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """What a server speaks TLS with; OSError (also `ssl.SSLError`) where certificate and key cannot be used."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.set_alpn_protocols(["http/1.1"])
    return context
