"""What one known client may hold of a node, so that it never keeps the others' places.

Streams last as long as their client listens and count against the service's concurrency (Fabric's 500 of the Gateway):
one identity that opens them all would keep everybody else out. Calls that run get shares: one identity alone has four
fifths of the places, several have equal shares, and some are always free for who comes next. The answer at a limit is
Fabric's own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

from fabric_sdk.msp import ValidatedIdentity
from fabric_sdk.wire import MAX_MESSAGE_BYTES
from network.embedded.faults import RpcError
from network.embedded.room import SHARE
from network.embedded.rpc import Limit

STREAMS = 100
"""Streams of one identity at one node, of all kinds together."""

RUNNING_BYTES = 2 * MAX_MESSAGE_BYTES
"""Requests of one identity's running calls at one node."""


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


class CallQuota:
    """Counts the running calls of each certificate, and their requests' bytes, against what is left of the places."""

    def __init__(
        self,
        limit: Limit,
        most_bytes: int = RUNNING_BYTES,
        identified: Callable[[bytes], None] = lambda _certificate: None,
    ) -> None:
        self._limit = limit
        self._most_bytes = most_bytes
        self._identified = identified
        self._held: dict[bytes, tuple[int, int]] = {}

    def call(self, identity: ValidatedIdentity | None, size: int) -> Place | nullcontext[None]:
        """A share for a call whose signature was verified (else anybody could use up somebody else's).

        To be entered by a call that has its place in the service; RpcError RESOURCE_EXHAUSTED where it has no share.
        Nobody known (None) is refused by whoever answers, at once.
        """
        if identity is None:
            return nullcontext()
        self._identified(identity.parsed.canonical)
        return Place(self, identity.parsed.canonical, size)

    def enter(self, certificate: bytes, size: int) -> None:
        calls, held = self._held.get(certificate, (0, 0))
        if calls and (calls >= SHARE * self._limit.free or held + size > self._most_bytes):
            raise RpcError(
                "RESOURCE_EXHAUSTED",
                f"too many requests for {self._limit.service}, exceeding concurrency limit ({self._limit.most})",
            )
        self._held[certificate] = (calls + 1, held + size)

    def leave(self, certificate: bytes, size: int) -> None:
        calls, held = self._held[certificate]
        if calls > 1:
            self._held[certificate] = (calls - 1, held - size)
        else:
            del self._held[certificate]


class Place:
    """The share of one call, while it runs."""

    __slots__ = ("_certificate", "_quota", "_size")

    def __init__(self, quota: CallQuota, certificate: bytes, size: int) -> None:
        self._quota = quota
        self._certificate = certificate
        self._size = size

    def __enter__(self) -> None:
        self._quota.enter(self._certificate, self._size)

    def __exit__(self, *_: object) -> None:
        self._quota.leave(self._certificate, self._size)
