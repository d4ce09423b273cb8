"""Who acts: the person at the keyboard, with the roles of the identity that they chose.

A workspace belongs to whoever owns its folder; that person is platform administrator until they act as somebody else.
When the keystore has a passphrase, going back to administrator needs it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from baas.errors import Text
from baas.events import EventBus, SessionChanged
from baas.roles import Role, denied, permissions_of

OWNER = "owner"


@dataclass(frozen=True)
class Actor:
    """Somebody who acts: `label` is an identity ("HospitalMSP/nurse") or "owner"; `msp_id` is "" for the owner."""

    label: str
    msp_id: str
    roles: frozenset[Role]


OWNER_ACTOR = Actor(OWNER, "", frozenset({Role.PLATFORM_ADMIN}))


class Session:
    """The acting person of an opened platform, and the answer to "may they?"."""

    def __init__(
        self,
        events: EventBus | None = None,
        application_grants: Callable[[], Mapping[Role, frozenset[str]]] | None = None,
        application_titles: Callable[[], Mapping[str, Text]] | None = None,
    ) -> None:
        self._events = events or EventBus()
        self._application_titles = application_titles or dict
        self._application_grants = application_grants or dict
        self._actor = OWNER_ACTOR

    @property
    def actor(self) -> Actor:
        return self._actor

    @property
    def roles(self) -> frozenset[Role]:
        return self._actor.roles

    @property
    def permissions(self) -> frozenset[str]:
        """Every permission of the acting person, the applications' included."""
        return permissions_of(self._actor.roles, self._application_grants())

    def allows(self, permission: str, msp_id: str = "") -> bool:
        """Say whether the acting person has `permission`, in organisation `msp_id` when one is named.

        Only a platform administrator acts for organisations other than their own.
        """
        if permission not in self.permissions:
            return False
        if msp_id and Role.PLATFORM_ADMIN not in self.roles:
            return msp_id == self._actor.msp_id
        return True

    def require(self, permission: str, msp_id: str = "") -> None:
        """Raise `PermissionDenied` unless `allows`."""
        if not self.allows(permission, msp_id):
            raise denied(permission, self._actor.label, self._actor.roles, self._application_titles())

    def act_as(self, actor: Actor) -> None:
        """From now on `actor` acts. `Platform.act_as` is the door that checks the keystore first."""
        self._actor = actor
        self._events.publish(SessionChanged(actor.label))

    @contextmanager
    def acting_as(self, actor: Actor) -> Iterator[None]:
        """Let `actor` act inside the block, then go back."""
        before = self._actor
        self.act_as(actor)
        try:
            yield
        finally:
            self.act_as(before)
