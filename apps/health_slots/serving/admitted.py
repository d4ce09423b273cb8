"""Portals as their organisation admits them on the ledger: any desk of its portal administrators, one FHIR service.

A desk of before kept them in a file of its own (`limits.PortalRegistry`); that counts until it is handed over.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

from apps.health_slots.ledger import SlotLedger
from apps.health_slots.serving.limits import (
    TOKEN_DAYS,
    Portal,
    PortalRegistry,
    check_name,
    new_token,
    no_portal,
    taken,
)
from baas.errors import CityChainError, LedgerError
from baas.serving.limits import token_digest
from chaincode.health_slots.context import PORTAL_DAY
from chaincode.health_slots.portals import REVOKED

_log = logging.getLogger(__name__)
FRESH_S = 1.0
"""How long the service believes what it read: a revoked portal is refused after so many seconds at the latest."""
AGAIN_S = 0.4
"""How often it is read anew while requests come: well before what is known is too old, however long reading takes."""
AT_ONCE = 2
"""Such readings under way at a time: where one takes longer than `AGAIN_S`, the next does not wait for it."""
STALE_S = 60.0
"""How long it goes on with what it read last while the ledger does not answer."""


class LedgerPortals:
    """Admit, see, renew, revoke; and for the service: whose token is this?"""

    def __init__(self, ledger: SlotLedger, local: PortalRegistry, clock: Callable[[], float]) -> None:
        self._ledger, self._local, self.clock = ledger, local, clock
        self._turn, self._counting = threading.Lock(), threading.Lock()
        self._read_at = float("-inf")
        self._by_digest: Mapping[str, Portal] = {}
        self._reading = 0
        self._asked_at = float("-inf")

    def add(
        self, name: str, *, per_second: float = 20.0, burst: int = 40, days: int = TOKEN_DAYS, per_day: int = PORTAL_DAY
    ) -> str:
        """Admit a portal and return its token, good for `days`; it is shown this once."""
        check_name(name)
        if name in self._listed("portal_admin") or any(one.name == name for one in self._local.all()):
            raise taken(name)
        token, now = new_token(), int(self.clock())
        portal = Portal(name, float(per_second), burst, now, None, now + days * 86_400, per_day)
        self.keep(portal, token_digest(token))
        return token

    def renew(self, name: str, *, days: int = TOKEN_DAYS) -> str:
        """Give a portal a new token, good for `days`; the old one stops. A revoked portal may come back so."""
        known = {one.name: one for one in self._portals("portal_admin").values()}
        if name not in known:
            return self._local.renew(name, days=days)
        old, token, now = known[name], new_token(), int(self.clock())
        portal = Portal(name, old.per_second, old.burst, old.created_at, None, now + days * 86_400, old.per_day)
        self.keep(portal, token_digest(token))
        return token

    def revoke(self, name: str) -> None:
        """Take a portal's token away for good; the ledger then makes no ticket for it."""
        if name not in self._listed("portal_admin"):
            self._local.revoke(name)
            return
        try:
            self._ledger.submit("portal_admin", "RevokePortal", name)
        except LedgerError as error:
            if error.code == "portal_revoked":
                raise no_portal(name) from error
            raise
        self._read_at = float("-inf")

    def all(self) -> tuple[Portal, ...]:
        """Every portal of the own organisation by name, those of before on this desk among them."""
        found = {one.name: one for one in self._local.all()}
        found |= {one.name: one for one in self._portals("portal_admin").values()}
        return tuple(found[name] for name in sorted(found))

    def of_token(self, token: str) -> Portal | None:
        """The portal whose token this is, None for a forged, expired or revoked one."""
        try:
            self._look()
        except CityChainError:
            if self._local.of_token(token) is None:
                raise
        portal = self._by_digest.get(token_digest(token))
        return self._local.of_token(token) if portal is None else self._live(portal)

    def _look(self) -> None:
        """Read the portals anew where that is due; while the ledger does not answer, for a while not."""
        with self._turn:
            now = self.clock()
            if now - self._read_at > FRESH_S:
                try:
                    self._by_digest, self._read_at = self._portals("portal"), now
                except CityChainError:
                    if now - self._read_at > STALE_S:
                        raise

    def at_hand(self, token: str) -> Portal | None:
        """The portal of a token by what was read a moment ago; None where that is too old or says nothing.

        Reads anew in good time, so that requests seldom wait for it: who waits keeps others from being answered.
        """
        now = self.clock()
        age, portal = now - self._read_at, self._by_digest.get(token_digest(token))
        if portal is None or not 0 <= age <= FRESH_S:
            return None
        if now - max(self._asked_at, self._read_at) > AGAIN_S and self._reading < AT_ONCE:
            self._asked_at = now
            with self._counting:
                self._reading += 1
            threading.Thread(target=self._read_again, name="slots-portals", daemon=True).start()
        return self._live(portal)

    def _read_again(self) -> None:
        try:
            now = self.clock()
            found = self._portals("portal")
            with self._turn:
                if now > self._read_at:
                    self._by_digest, self._read_at = found, now
        except CityChainError as error:
            _log.info("the portals could not be read: %s", error)
        finally:
            with self._counting:
                self._reading -= 1

    def live(self, name: str) -> Portal | None:
        """A portal by its name; None for one that was revoked, expired or is not there."""
        self._look()
        known = {one.name: one for one in (*self._local.all(), *self._by_digest.values())}
        return self._live(known[name]) if name in known else None

    def _live(self, portal: Portal) -> Portal | None:
        live = portal.revoked_at is None and (portal.expires_at is None or portal.expires_at > int(self.clock()))
        return portal if live else None

    def keep(self, portal: Portal, digest: str) -> None:
        """Keep a registration with the organisation's peers, then admit the portal."""
        content = {
            "token_sha256": digest,
            "per_second": portal.per_second,
            "burst": portal.burst,
            "per_day": portal.per_day,
            "created_at": portal.created_at,
            "expires_at": portal.expires_at or portal.created_at + TOKEN_DAYS * 86_400,
        }
        transient = {"portal": json.dumps(content).encode()}
        own = self._ledger.msp_of("portal_admin")
        self._ledger.submit("portal_admin", "KeepPortal", portal.name, transient=transient, only=own)
        self._ledger.submit("portal_admin", "AdmitPortal", portal.name)
        self._read_at = float("-inf")

    def hand_over(self) -> int:
        """Give the organisation's peers the portals that this desk kept by itself; returns how many."""
        handed = 0
        for portal, digest in self._local.registrations():
            if portal.revoked_at is None and portal.name not in self._listed("portal_admin"):
                self.keep(portal, digest)
                handed += 1
        self._local.clear()
        return handed

    def _listed(self, part: Any) -> dict[str, Any]:
        found: dict[str, Any] = self._ledger.evaluate(part, "ListPortals", self._ledger.msp_of(part))
        return found

    def _portals(self, part: Any) -> dict[str, Portal]:
        """The registrations by their tokens' digests, as they stand on the ledger."""
        listed, own = self._listed(part), self._ledger.msp_of(part)
        if not listed:
            return {}
        kept = self._ledger.evaluate(part, "ReadPortals", sorted(listed), only=own)
        found = {}
        for name, one in kept.items():
            state = listed[name]
            revoked = int(state["at"]) if state["state"] == REVOKED else None
            found[str(one["token_sha256"])] = Portal(
                name, one["per_second"], one["burst"], one["created_at"], revoked, one["expires_at"], one["per_day"]
            )
        return found
