"""What services tell whoever listens: small frozen facts, published in the thread where they happened.

    stop = platform.events.subscribe(BlockIndexed, lambda event: …)

A listener must be quick and must not raise; one that raises is logged and the others still hear the event. The
console turns them into queued Qt signals.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Event:
    """Base of everything published on the bus."""


@dataclass(frozen=True)
class NetworkChanged(Event):
    """A network was created, started, stopped, grown or removed; `what` names it in one word."""

    network: str
    what: str


@dataclass(frozen=True)
class ContractChanged(Event):
    """A contract was installed, approved or committed on a channel."""

    network: str
    channel: str
    contract: str
    what: str


@dataclass(frozen=True)
class BlockIndexed(Event):
    """The explorer has taken block `number` with `transactions` transactions into its index."""

    network: str
    channel: str
    number: int
    transactions: int
    invalid: int


@dataclass(frozen=True)
class AlertChanged(Event):
    """An alert of a network began (`began`) or ended (`ended`); it is known by its key."""

    network: str
    key: str
    what: str


@dataclass(frozen=True)
class FollowerChanged(Event):
    """Following a channel's blocks became `following`, `waiting` (the network does not answer) or `stopped`."""

    network: str
    channel: str
    state: str


@dataclass(frozen=True)
class IdentityChanged(Event):
    """An identity was issued, renewed, revoked, imported or removed."""

    label: str
    what: str


@dataclass(frozen=True)
class KeystoreChanged(Event):
    """The keystore was locked or unlocked, or got a new passphrase."""

    state: str


@dataclass(frozen=True)
class SessionChanged(Event):
    """Somebody else acts now."""

    actor: str


@dataclass(frozen=True)
class JobChanged(Event):
    """A job's state, step or progress changed; the job itself has the figures."""

    job_id: str
    state: str


E = TypeVar("E", bound=Event)


class EventBus:
    """Delivers events to listeners by type; thread-safe; subclasses of the type are delivered too."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: dict[int, tuple[type[Event], Callable[[Event], None]]] = {}
        self._next = 0

    def subscribe(self, kind: type[E], listener: Callable[[E], None]) -> Callable[[], None]:
        """Call `listener` for every event of `kind` from now on; the returned function ends it."""
        with self._lock:
            number = self._next
            self._next += 1
            self._listeners[number] = (kind, listener)  # type: ignore[assignment]

        def unsubscribe() -> None:
            with self._lock:
                self._listeners.pop(number, None)

        return unsubscribe

    def publish(self, event: Event) -> None:
        """Tell every listener of the event's type, in the order in which they subscribed."""
        with self._lock:
            listeners = list(self._listeners.values())
        for kind, listener in listeners:
            if isinstance(event, kind):
                try:
                    listener(event)
                except Exception:
                    _log.exception("a listener for %s failed", type(event).__name__)
