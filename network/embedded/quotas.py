"""What one known client may hold of a node: so many streams, so that it never keeps the others' places.

Streams last as long as their client listens and count against the service's concurrency (Fabric's 500 of the Gateway):
one identity that opens them all would keep everybody else out. The answer at the limit is Fabric's own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from network.embedded.faults import RpcError

STREAMS = 100
"""Streams of one identity at one node, of all kinds together."""


class StreamQuota:
    """Counts the open streams of each identity."""

    def __init__(self, most: int = STREAMS) -> None:
        self._most = most
        self._open: Counter[bytes] = Counter()

    @contextmanager
    def stream(self, identity: bytes, service: str) -> Iterator[None]:
        """Hold a place for a stream of an authenticated identity; RpcError RESOURCE_EXHAUSTED if it has too many."""
        if self._open[identity] >= self._most:
            raise RpcError(
                "RESOURCE_EXHAUSTED", f"too many requests for {service}, exceeding concurrency limit ({self._most})"
            )
        self._open[identity] += 1
        try:
            yield
        finally:
            self._open[identity] -= 1
            if self._open[identity] <= 0:
                del self._open[identity]
