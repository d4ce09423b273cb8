"""Who acts: the person at the keyboard, with the roles of the identity that they chose.

A person is a certificate: MSP, common name and attributes say who acts and what they may do, everywhere. The label of
an identity names a key of this workspace and titles it on the screen; nothing is decided by it.

A workspace that runs networks of its own belongs to whoever owns its folder; that person is platform administrator
until they act as somebody else, and nobody on the ledger. When the keystore has a passphrase, going back to
administrator needs it again. A workspace that only takes part in networks of others is a desk: whoever came in acts,
and keeps it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from baas.errors import Text
from baas.events import EventBus, SessionChanged
from baas.roles import DESK, Role, at_desk, denied, permissions_of

OWNER = "owner"


@dataclass(frozen=True)
class Actor:
    """Somebody who acts. `label` names the identity's key here ("owner" for the workspace's owner, of no MSP).

    `name` is the certificate's common name and `network` where it counts; `desk` says that this person's workspace it
    is, so that they also keep it (attach, back up, settings).
    """

    label: str
    msp_id: str
    roles: frozenset[Role]
    name: str = ""
    network: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    desk: bool = False

    @property
    def party(self) -> str:
        """How the ledger names this person (`MSP/common name`); "" for the workspace's owner."""
        return f"{self.msp_id}/{self.name}" if self.msp_id else ""


OWNER_ACTOR = Actor(OWNER, "", frozenset({Role.PLATFORM_ADMIN}))


@dataclass(frozen=True)
class _Narrowed:
    """Somebody who acts in one line of work only, and may do no more than `permissions`."""

    session: Session
    actor: Actor
    permissions: frozenset[str]


_NARROWED: ContextVar[_Narrowed | None] = ContextVar("narrowed", default=None)


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
        self.watch: Callable[[str, Mapping[str, str], bool], None] | None = None
        """Told each time somebody is asked for a right: the right, who (`who`, `party`), and whether they have it."""

    @property
    def actor(self) -> Actor:
        narrowed = self._narrowed
        return narrowed.actor if narrowed is not None else self._actor

    @property
    def roles(self) -> frozenset[Role]:
        return self.actor.roles

    @property
    def permissions(self) -> frozenset[str]:
        """Every permission of the acting person, the applications' included."""
        actor, narrowed = self.actor, self._narrowed
        granted = self.of(actor)
        return granted & narrowed.permissions if narrowed is not None else granted

    def of(self, actor: Actor) -> frozenset[str]:
        """Every permission of somebody, whoever acts now."""
        granted = permissions_of(actor.roles, self._application_grants())
        return granted | at_desk(actor.roles) if actor.desk else granted

    @property
    def _narrowed(self) -> _Narrowed | None:
        found = _NARROWED.get()
        return found if found is not None and found.session is self else None

    def allows(self, permission: str, msp_id: str = "") -> bool:
        """Say whether the acting person has `permission`, in organisation `msp_id` when one is named.

        Only a platform administrator acts for organisations other than their own; whoever keeps a desk keeps all of it.
        """
        if permission not in self.permissions:
            return False
        actor = self.actor
        if not msp_id or Role.PLATFORM_ADMIN in actor.roles or msp_id == actor.msp_id:
            return True
        return actor.desk and permission in DESK

    def require(self, permission: str, msp_id: str = "") -> None:
        """Raise `PermissionDenied` unless `allows`; whoever keeps the audit log hears of either."""
        allowed, actor = self.allows(permission, msp_id), self.actor
        if self.watch is not None:
            self.watch(permission, {"who": actor.label, "party": actor.party}, allowed)
        if not allowed:
            raise denied(permission, actor.label, actor.roles, self._application_titles())

    def note(self, what: str, signed: str = "") -> None:
        """Tell whoever keeps the audit log of something that changes a ledger or more, whatever was asked before.

        `signed` is how the ledger names whoever's key signs it; told where that is not the acting person.
        """
        if self.watch is not None:
            actor = self.actor
            who = {"who": actor.label, "party": actor.party}
            self.watch(what, who | ({"signed": signed} if signed and signed != actor.party else {}), True)

    def is_acting(self, label: str, network: str) -> bool:
        """Whether `label` names the acting person's own key on a network: for that no further right is asked."""
        return (self.actor.label, self.actor.network or network) == (label, network)

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

    @contextmanager
    def within(self, actor: Actor, permissions: frozenset[str]) -> Iterator[None]:
        """Let `actor` act inside the block, with no more than `permissions`, whoever acts elsewhere meanwhile.

        It counts in this thread and in the jobs that are begun inside, and nobody is told that somebody else acts.
        """
        token = _NARROWED.set(_Narrowed(self, actor, permissions))
        try:
            yield
        finally:
            _NARROWED.reset(token)
