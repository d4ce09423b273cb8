"""Channel participation of one orderer over its admin REST API (mutual TLS).

Form: Fabric's documentation, "Create a channel without a system channel", and swagger-fabric.json
(`/participation/v1/channels`).
"""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx

from fabric_sdk.errors import FabricError

_MAX_ANSWER = 1024 * 1024


class ParticipationError(FabricError):
    """The orderer cannot be reached (`status` 0) or refused; `reason` is its text."""

    def __init__(self, operation: str, status: int, reason: str) -> None:
        super().__init__(f"{operation}: {reason} ({status})" if status else f"{operation}: {reason}")
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True)
class OrdererChannel:
    """A channel on an orderer.

    `relation` is consenter, follower, config-tracker or other; `status` active, onboarding, inactive or failed;
    `height` its blocks.
    """

    name: str
    relation: str
    status: str
    height: int


class Participation:
    """One orderer's channel participation API; a context manager."""

    def __init__(
        self,
        url: str,
        *,
        tls_root_pem: bytes | None = None,
        client_certificate_file: Path | None = None,
        client_key_file: Path | None = None,
        timeout_s: float = 30.0,
    ) -> None:
        """`url` is `https://host:port` of the orderer's admin listener (`http` only where TLS is off)."""
        verify: ssl.SSLContext | bool = False
        if tls_root_pem is not None:
            verify = ssl.create_default_context(cadata=tls_root_pem.decode("ascii"))
            if client_certificate_file is not None:
                verify.load_cert_chain(client_certificate_file, client_key_file)
        elif url.startswith("https"):
            raise ValueError("an https address needs the TLS root to trust")
        self._client = httpx.Client(
            base_url=url, verify=verify, timeout=timeout_s, trust_env=False, follow_redirects=False
        )

    def list(self) -> tuple[str, ...]:
        """Return the names of the channels this orderer takes part in."""
        answer = self._ask("list channels", "GET", "/participation/v1/channels", 200)
        channels = answer.get("channels")
        listed = channels if isinstance(channels, Sequence) else ()
        return tuple(sorted(str(c.get("name", "")) for c in listed if isinstance(c, dict)))

    def info(self, channel: str) -> OrdererChannel | None:
        """Return how the orderer stands to a channel, None if it does not take part."""
        response = self._send("channel info", "GET", f"/participation/v1/channels/{quote(channel, safe='')}")
        if response.status_code == 404:
            return None
        return _channel(self._read("channel info", response, 200))

    def join(self, config_block: bytes) -> OrdererChannel:
        """Join the channel of `config_block` (its genesis block, or its last configuration block).

        ParticipationError with status 405 if the orderer takes part already.
        """
        files = {"config-block": ("config-block.pb", config_block, "application/octet-stream")}
        return _channel(self._ask("join", "POST", "/participation/v1/channels", 201, files=files))

    def remove(self, channel: str) -> None:
        """Leave a channel and erase its blocks from this orderer; status 404 if it does not take part."""
        response = self._send("remove", "DELETE", f"/participation/v1/channels/{quote(channel, safe='')}")
        if response.status_code != 204:
            self._read("remove", response, 204)

    def close(self) -> None:
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ask(self, operation: str, method: str, path: str, expected: int, **more: Any) -> Any:
        return self._read(operation, self._send(operation, method, path, **more), expected)

    def _send(self, operation: str, method: str, path: str, **more: Any) -> httpx.Response:
        try:
            return self._client.request(method, path, **more)
        except (httpx.HTTPError, ssl.SSLError, OSError) as error:
            raise ParticipationError(operation, 0, str(error) or type(error).__name__) from error

    def _read(self, operation: str, response: httpx.Response, expected: int) -> Any:
        try:
            answer = response.json() if len(response.content) <= _MAX_ANSWER else None
        except ValueError:
            answer = None
        if response.status_code != expected:
            reason = answer.get("error") if isinstance(answer, dict) else None
            raise ParticipationError(operation, response.status_code, str(reason or response.reason_phrase))
        if not isinstance(answer, dict):
            raise ParticipationError(operation, response.status_code, "the orderer's answer cannot be read")
        return answer


def _channel(answer: dict[str, Any]) -> OrdererChannel:
    height = answer.get("height", 0)
    return OrdererChannel(
        name=str(answer.get("name", "")),
        relation=str(answer.get("consensusRelation", "")),
        status=str(answer.get("status", "")),
        height=height if isinstance(height, int) else 0,
    )
