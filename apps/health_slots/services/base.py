"""What every theme of the service stands on: ledger, index, secrets and the question who may."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from apps.health_slots.index import SlotIndex
from apps.health_slots.ledger import SlotLedger
from apps.health_slots.services.tickets import TicketDesk
from apps.health_slots.vault import SlotVault
from baas.errors import NotFound
from fabric_sdk.clock import seconds


class Guard(Protocol):
    """Answers whether the acting person may; the platform's session."""

    def require(self, permission: str, msp_id: str = "") -> None:
        """Raise PermissionDenied unless they may."""

    def allows(self, permission: str, msp_id: str = "") -> bool:
        """Whether they may."""


class NobodyAsks:
    """A guard for tests and benches."""

    def require(self, permission: str, msp_id: str = "") -> None:
        return None

    def allows(self, permission: str, msp_id: str = "") -> bool:
        return True


@dataclass
class Ports:
    """The service's connections to the world; `clock` gives seconds since 1970 UTC."""

    ledger: SlotLedger
    index: SlotIndex
    vault: SlotVault
    guard: Guard = field(default_factory=NobodyAsks)
    clock: Callable[[], float] = seconds
    agree: Callable[[], None] = lambda: None
    """Called before a moment is named on the ledger, so that `clock` is the nodes'."""
    tickets: TicketDesk | None = None
    """Made by the first theme, for all of them."""
    plays: Callable[[str], bool] = lambda part: True
    """Whether whoever acts plays a part by the own certificate."""
    followed: bool = False
    """Whether somebody else keeps the index up to the ledger (a server does)."""


class Theme:
    """Base of the themes."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._ledger = ports.ledger
        self._index = ports.index
        self._vault = ports.vault
        if ports.tickets is None:
            ports.tickets = TicketDesk(ports.ledger)
        self._tickets = ports.tickets

    def _require(self, permission: str) -> None:
        self._ports.guard.require(permission)

    def _require_to_look(self, permission: str) -> None:
        """As `_require`, for what only looks: no line of the audit log says that somebody looked who may."""
        if not self._ports.guard.allows(permission):
            self._require(permission)

    def _sync(self) -> None:
        """Bring the index up to the ledger, unless a follower does."""
        if not self._ports.followed:
            self._index.sync(self._ledger)

    def _date(self, session: str) -> str:
        """The date of a session, by the index, asked again where it does not know it yet."""
        try:
            return self._index.session(session).date
        except NotFound:
            self._sync()
            try:
                return self._index.session(session).date
            except NotFound:
                return str(self._ledger.evaluate("platform", "GetSession", session)["date"])

    def _now(self) -> int:
        return int(self._ports.clock())
