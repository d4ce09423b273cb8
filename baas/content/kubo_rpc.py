"""Kubo's HTTP RPC over httpx: one POST a call, time limits on everything, errors in words.

Source: https://docs.ipfs.tech/reference/kubo/rpc/. The daemon's defaults are never relied on.
"""

from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, BinaryIO

import httpx

from baas.content.store import ContentError, Progress, no_progress
from network.errors import CityChainError, DeadlineExceeded, NotFound, Unavailable
from network.text import Text

_CHUNK = 1 << 20
_MAX_ANSWER = 8 << 20
Arguments = Mapping[str, str | int | bool]
_NONE: Arguments = MappingProxyType({})


def _answered(call: str, message: str) -> CityChainError:
    """The error for what a daemon answered with status 500 (or in the middle of a stream)."""
    low = message.lower()
    details = {"call": call, "answer": message[:2000]}
    if "not pinned" in low:
        return NotFound(Text("该内容没有固定。", "This content is not pinned."), code="not_pinned", details=details)
    if "not found" in low or "not find" in low or "could not find" in low:
        return NotFound(
            Text("IPFS 节点上没有这份内容。", "The IPFS node does not hold this content."),
            Text("请确认 CID，或先把内容移入该仓库。", "Check the CID, or move the content into this store first."),
            code="content_missing",
            details=details,
        )
    if "no space left" in low or "disk quota" in low or "read-only file system" in low:
        return Unavailable(
            Text("IPFS 节点的磁盘无法写入：{why}", "The IPFS node cannot write to its disk: {why}", why=message[:200]),
            Text("请腾出空间后重试。", "Free some space and try again."),
            code="store_unwritable",
            details=details,
        )
    return ContentError(
        Text("IPFS 节点拒绝了请求：{why}", "The IPFS node refused: {why}", why=message[:300]),
        Text("数据可能格式不正确；请查看详情。", "The data may be malformed; see the details."),
        code="kubo_refused",
        details=details,
    )


class KuboRpc:
    """Calls to one daemon. `idle_timeout` bounds every silence, in seconds (an absent CID would block for ever)."""

    def __init__(self, url: str, idle_timeout: float = 30.0) -> None:
        self.url = url.rstrip("/")
        self._client = httpx.Client(
            base_url=f"{self.url}/api/v0/",
            timeout=httpx.Timeout(idle_timeout, connect=5.0),
            trust_env=False,
            headers={"User-Agent": "citychain"},
        )

    def close(self) -> None:
        self._client.close()

    @contextlib.contextmanager
    def stream(
        self, call: str, arguments: Arguments = _NONE, body: Iterator[bytes] | None = None, boundary: str = ""
    ) -> Iterator[httpx.Response]:
        """One call whose answer is read piece by piece; foreign errors come out translated."""
        params = {name: str(value).lower() if isinstance(value, bool) else value for name, value in arguments.items()}
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"} if boundary else {}
        try:
            with self._client.stream("POST", call, params=params, content=body, headers=headers) as response:
                if response.status_code != 200:
                    response.read()
                    raise _answered(call, _message(response))
                yield response
                if failed := _trailing_error(response):
                    raise _answered(call, failed)
        except httpx.TimeoutException as error:
            raise DeadlineExceeded(
                Text("IPFS 节点 {url} 没有按时回答。", "The IPFS node {url} did not answer in time.", url=self.url),
                Text("内容可能不在该节点上，或节点过忙。", "It may not hold the content, or be too busy."),
                details={"call": call},
            ) from error
        except httpx.TransportError as error:
            raise Unavailable(
                Text("无法连接 IPFS 节点 {url}。", "The IPFS node {url} cannot be reached.", url=self.url),
                Text("请确认 Kubo 正在运行且地址正确。", "Check that Kubo runs and that the address is right."),
                code="kubo_unreachable",
                details={"call": call, "cause": str(error)},
            ) from error

    def call(self, call: str, arguments: Arguments = _NONE) -> dict[str, Any]:
        """One call with a small JSON answer."""
        for line in self.lines(call, arguments):
            return line
        return {}

    def lines(
        self, call: str, arguments: Arguments = _NONE, body: Iterator[bytes] | None = None, boundary: str = ""
    ) -> Iterator[dict[str, Any]]:
        """One call whose answer is JSON values, one a line."""
        with self.stream(call, arguments, body, boundary) as response:
            for line in response.iter_lines():
                if line.strip():
                    try:
                        value = json.loads(line)
                    except ValueError as error:
                        raise _answered(call, f"not JSON: {line[:100]}") from error
                    if isinstance(value, dict) and value.get("Type") == "error":
                        raise _answered(call, str(value.get("Message")))
                    yield value

    def block(self, cid: str, limit: int, *, wait_s: int = 0) -> bytes:
        """A block's bytes from the node's own store; more than `limit` bytes are an error.

        With `wait_s` the nodes that are connected are asked, too, and may take that many seconds.
        """
        parts, size = [], 0
        where: Arguments = {"timeout": f"{wait_s}s"} if wait_s else {"offline": True}
        with self.stream("block/get", {"arg": cid} | dict(where)) as response:
            for piece in response.iter_bytes():
                size += len(piece)
                if size > limit:
                    raise _answered("block/get", "block too large")
                parts.append(piece)
        return b"".join(parts)

    def upload(
        self, call: str, arguments: Arguments, stream: BinaryIO, progress: Progress = no_progress
    ) -> list[dict[str, Any]]:
        """Send a stream as a multipart file, never all in memory; return the JSON lines answered."""
        boundary = uuid.uuid4().hex
        return list(self.lines(call, arguments, _multipart(stream, boundary, progress), boundary))


def _multipart(stream: BinaryIO, boundary: str, progress: Progress) -> Iterator[bytes]:
    yield (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="file"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    ).encode()
    done = 0
    while piece := stream.read(_CHUNK):
        yield piece
        done += len(piece)
        progress(done)
    yield f"\r\n--{boundary}--\r\n".encode()


def _message(response: httpx.Response) -> str:
    try:
        return str(response.json()["Message"])
    except (ValueError, KeyError, TypeError):
        return f"HTTP {response.status_code}: {response.text[:300]}"


def _trailing_error(response: httpx.Response) -> str:
    """Kubo reports an error after the answer began in a trailer; httpx keeps trailing headers in extensions."""
    trailing = response.extensions.get("trailing_headers", [])
    return next((value.decode() for name, value in trailing if name.lower() == b"x-stream-error"), "")
