"""Where gRPC servers are."""

from __future__ import annotations

from fabric_sdk.errors import FabricError

ALPN = ["h2"]
"""What is agreed upon in the TLS handshake."""


def split_address(address: str) -> tuple[str, int]:
    """Host and port of `host:port` or `[v6]:port`; FabricError if it is none."""
    host, _, port = address.removeprefix("dns:///").rpartition(":")
    host = host.strip("[]")
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65_535:
        raise FabricError(f"not an address of the form host:port: {address[:200]!r}")
    return host, int(port)
