"""What both transports agree on: deadlines of connecting, waiting after failures, keep-alive."""

from __future__ import annotations

import random

from fabric_sdk.errors import GatewayError

CONNECT_SECONDS = 20.0
KEEPALIVE_SECONDS = 120.0
"""Of silence while calls are under way; Fabric's nodes mind pings more often than once a minute."""
KEEPALIVE_ANSWER_SECONDS = 20.0
_FIRST_SECONDS, _MOST_SECONDS = 0.1, 1.0


class Backoff:
    """After a failed attempt to connect the next ones fail at once for a while, longer each time."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._until = 0.0
        self._error: GatewayError | None = None

    def check(self, now: float) -> None:
        """The last attempt's error while it is too early for another one."""
        if self._error is not None and now < self._until:
            raise GatewayError(self._error.code, self._error.status_message)

    def failed(self, now: float, error: GatewayError) -> None:
        self._seconds = min(_MOST_SECONDS, self._seconds * 1.6 or _FIRST_SECONDS)
        self._until = now + self._seconds * random.uniform(0.8, 1.2)
        self._error = error

    def succeeded(self) -> None:
        self._seconds = 0.0
        self._error = None


def unreachable(address: str, error: Exception) -> GatewayError:
    return GatewayError("UNAVAILABLE", f"failed to connect to {address}: {str(error) or type(error).__name__}")


def closed() -> GatewayError:
    return GatewayError("CANCELLED", "the transport was closed")


def late() -> GatewayError:
    return GatewayError("DEADLINE_EXCEEDED", "Deadline Exceeded")
