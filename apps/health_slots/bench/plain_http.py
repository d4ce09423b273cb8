"""A client that costs next to nothing, so that a bench measures the interface and not its own clients.

HTTP/1.1 on connections that stay open, one request at a time on each; answers have a Content-Length. Whole client
libraries took twice the interface's processor time, from the same two cores.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass
from typing import Any

PATIENCE_S = 60.0


class Lost(OSError):
    """The connection ended before the answer was here."""


@dataclass(frozen=True)
class Answer:
    """A status and a body."""

    status: int
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Wire:
    """One connection to `host`:`port`, opened when it is needed and again when it was closed.

    `source` is the local address to come from, "" for any.
    """

    def __init__(self, host: str, port: int, source: str = "") -> None:
        self._host, self._port, self._source = host, port, source
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._turn = asyncio.Lock()

    async def ask(self, method: str, path: str, token: str = "", body: Any = None) -> Answer:
        """Send one request and read its answer; `Lost` where the connection ended first."""
        data = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._host}:{self._port}"]
        lines += [f"Authorization: Bearer {token}"] if token else []
        lines += ["Content-Type: application/fhir+json", f"Content-Length: {len(data)}"] if body is not None else []
        try:
            async with self._turn, asyncio.timeout(PATIENCE_S):
                return await self._exchange("\r\n".join([*lines, "", ""]).encode() + data)
        except (OSError, EOFError, TimeoutError, ValueError) as error:
            self.close()
            raise Lost(type(error).__name__) from error

    async def _exchange(self, request: bytes) -> Answer:
        if self._streams is None:
            source = (self._source, 0) if self._source else None
            self._streams = await asyncio.open_connection(self._host, self._port, local_addr=source)
        reader, writer = self._streams
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        body = await reader.readexactly(int(fields.get("content-length", 0)))
        if fields.get("connection", "").lower() == "close":
            self.close()
        return Answer(int(head[0].split()[1]), body)

    def close(self) -> None:
        """Close it; the next request opens another."""
        if self._streams is not None:
            with contextlib.suppress(OSError, RuntimeError):
                self._streams[1].close()
            self._streams = None
