"""What strangers may cost a node before it knows who they are: connections, calls, and bytes that are held for them.

One `Budget` serves all the addresses of a node. The server asks it at every connection, call and chunk of a request; it
answers from counters alone. Limits on what known clients may do are `rpc.Limit`'s.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from fabric_sdk.http2.engine import Settings
from fabric_sdk.wire import MAX_MESSAGE_BYTES


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes, times in seconds."""

    connections: int = 2_000
    connections_a_host: int = 2_000
    """by the client's address; on one machine that is everybody"""
    handshake_s: float = 10.0
    handshakes_a_second: float = 16.0
    handshakes_at_once: int = 48
    """new connections while known clients are served; others wait until it is their turn to shake hands"""
    preface_s: float = 20.0
    """from the handshake to the first byte of HTTP/2"""
    silence_s: float = 600.0
    """after which a client is asked whether it is still there"""
    calls: int = 20_000
    """begun and not ended, of all connections together, whether their requests are here or not"""
    message_bytes: int = MAX_MESSAGE_BYTES
    connection_request_bytes: int = 2 * MAX_MESSAGE_BYTES
    """requests of one connection that are not complete, or wait for their reader"""
    request_bytes: int = 4 * MAX_MESSAGE_BYTES
    """the same of all connections together"""
    connection_answer_bytes: int = 2 * MAX_MESSAGE_BYTES
    """answers that a client does not fetch"""
    http2: Settings = field(default_factory=lambda: Settings(streams=4_096))


class Budget:
    """Counts what the node holds for its clients against the limits."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.request_bytes = 0
        self.calls = 0
        self._hosts: Counter[str] = Counter()

    def connect(self, host: str) -> bool:
        """Whether one more connection of this host is served; then `disconnect` must follow."""
        limits = self.limits
        if self._hosts.total() >= limits.connections or self._hosts[host] >= limits.connections_a_host:
            return False
        self._hosts[host] += 1
        return True

    def disconnect(self, host: str) -> None:
        self._hosts[host] -= 1
        if self._hosts[host] <= 0:
            del self._hosts[host]

    def begin(self, begun_by_connection: int) -> bool:
        """Whether one more call may begin, in shares as `hold` has them; then `end` must follow."""
        if begun_by_connection + 1 > self.limits.calls - self.calls:
            return False
        self.calls += 1
        return True

    def end(self, calls: int) -> None:
        self.calls -= calls

    def hold(self, size: int, held_by_connection: int) -> bool:
        """Whether `size` more bytes of a request may be held; then `release` must follow."""
        limits = self.limits
        if held_by_connection + size > limits.connection_request_bytes:
            return False
        # No connection holds more than is left: greedy ones come to equal shares, and one share stays for the next.
        if held_by_connection + size > limits.request_bytes - self.request_bytes:
            return False
        self.request_bytes += size
        return True

    def release(self, size: int) -> None:
        self.request_bytes -= size


class Pace:
    """How fast connections are let in: a handshake costs the node more than the client."""

    def __init__(self, limits: Limits) -> None:
        self._rate = limits.handshakes_a_second
        self._most = float(limits.handshakes_at_once)
        self._left = self._most
        self._at = 0.0

    def wait(self, now: float, busy: bool) -> float:
        """Count one; the seconds until the next one may come, none while nobody else is served."""
        self._left = min(self._most, self._left + (now - self._at) * self._rate) - 1 if busy else self._most
        self._at = now
        return max(0.0, -self._left / self._rate)
