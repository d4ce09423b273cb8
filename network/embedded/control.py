"""What the driver tells a node's process: status, switch, reload, stop. One line of JSON each way, then the end.

The node listens at a Unix socket in its folder, or at a loopback port where that is not possible, and writes where into
`ready.json`, which only its owner can read, with a token that every request must carry.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import logging
import os
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from network.embedded.faults import RpcError

log = logging.getLogger(__name__)
Handler = Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any]]]
_MAX_LINE = 1 << 20
_MAX_UNIX_PATH = 100
_REQUEST_SECONDS = 5.0
_ANSWER_SECONDS = 20.0


async def listen(handler: Handler, token: str, unix_path: Path) -> tuple[asyncio.Server, str]:
    """Answer requests with `handler`; returns the server and its address (`unix:PATH` or `tcp:HOST:PORT`)."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _serve(handler, token, reader, writer)
        except (OSError, TimeoutError):
            pass  # the driver is gone
        finally:
            writer.close()

    if sys.platform != "win32" and len(str(unix_path)) <= _MAX_UNIX_PATH:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(unix_path)  # noqa: PTH108 - before the node serves anybody
        with contextlib.suppress(NotImplementedError, OSError):
            server = await asyncio.start_unix_server(serve, str(unix_path), limit=_MAX_LINE)
            os.chmod(unix_path, 0o600)  # noqa: PTH101
            return server, f"unix:{unix_path}"
    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=_MAX_LINE)
    return server, f"tcp:127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def _serve(handler: Handler, token: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        async with asyncio.timeout(_REQUEST_SECONDS):
            request = json.loads(await reader.readuntil(b"\n"))
        shown, message = request["token"], request["request"]
        if not isinstance(message, dict) or not hmac.compare_digest(str(shown).encode(), token.encode()):
            return
    except (ValueError, KeyError, TypeError, RecursionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        return  # not the driver: no answer
    answer: dict[str, Any]
    try:
        answer = {"answer": await handler(message)}
    except RpcError as e:
        answer = {"code": e.code, "message": e.message}
    except Exception:
        log.exception("a control request failed")
        answer = {"code": "INTERNAL", "message": "the node failed; see its log"}
    writer.write(json.dumps(answer).encode() + b"\n")
    async with asyncio.timeout(_REQUEST_SECONDS):
        await writer.drain()


def ask(ready_file: Path, request: Mapping[str, Any], seconds: float = _ANSWER_SECONDS) -> dict[str, Any]:
    """Ask the process that wrote `ready_file`; RpcError with its refusal, UNAVAILABLE if there is none."""
    try:
        document = json.loads(ready_file.read_bytes())
        address, token = str(document["address"]), str(document["token"])
    except (OSError, ValueError, KeyError, TypeError) as e:
        raise RpcError("UNAVAILABLE", f"the node is not running: {ready_file} cannot be read") from e
    line = json.dumps({"token": token, "request": dict(request)}).encode() + b"\n"
    try:
        with _dial(address, seconds) as connection:
            connection.sendall(line)
            answer = json.loads(_read_line(connection))
    except (OSError, ValueError) as e:
        raise RpcError("UNAVAILABLE", f"the node does not answer at {address}: {e}") from e
    if isinstance(answer, dict) and isinstance(answer.get("answer"), dict):
        found: dict[str, Any] = answer["answer"]
        return found
    if isinstance(answer, dict) and "code" in answer:
        raise RpcError(str(answer["code"]), str(answer.get("message", "")))
    raise RpcError("UNAVAILABLE", "the node's answer makes no sense")


def _dial(address: str, seconds: float) -> socket.socket:
    scheme, _, rest = address.partition(":")
    if scheme == "unix" and sys.platform != "win32":
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(seconds)
            connection.connect(rest)
        except BaseException:
            connection.close()
            raise
        return connection
    host, _, port = rest.rpartition(":")
    return socket.create_connection((host, int(port)), seconds)


def _read_line(connection: socket.socket) -> bytes:
    parts = bytearray()
    while data := connection.recv(1 << 16):
        parts += data
        if len(parts) > _MAX_LINE:
            raise ValueError("the answer is too long")
    return bytes(parts)
