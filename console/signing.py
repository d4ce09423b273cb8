"""Who signs: told before anything is written, with the person, the role and the organisation.

Whoever sits here signs with their own key. The workspace's owner is nobody on a ledger: where they act on an
application, the key of one of its people signs, and that they act for somebody else is asked once for each
(`agreed`), shown in the window's frame from then on, and written down in the audit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from baas.roles import ROLE_TITLES, Role
from baas.session import OWNER
from console.i18n import say, tr
from network.errors import CityChainError
from network.text import Text

if TYPE_CHECKING:
    from baas.platform import Platform


@dataclass(frozen=True)
class Signing:
    """Whose key signs: the common name, what their roles are called, their organisation.

    `stands_in` says that the acting person signs with this key for somebody else. Without `party` it is the
    workspace's owner, who is of no organisation; `keys` then are the organisations whose administrators' keys sign,
    if anything is signed.
    """

    name: str
    roles: str
    organization: str = ""
    party: str = ""
    stands_in: bool = False
    keys: tuple[str, ...] = ()

    @property
    def who(self) -> str:
        """Name, role and organisation on one line."""
        inner = " · ".join(word for word in (self.roles, self.organization) if word)
        return tr("{name}（{more}）").format(name=self.name, more=inner) if inner else self.name

    @property
    def words(self) -> str:
        """The sentence that stands before an act."""
        if self.stands_in:
            return tr("由您代 {who}签署，以其身份记在账本上").format(who=self.who)
        if self.keys:
            listed = tr("、").join(self.keys)
            return tr("以{who}的身份办理，用{keys} 的管理员密钥签署").format(who=self.who, keys=listed)
        if not self.party:
            return tr("以{who}的身份办理").format(who=self.who)
        return tr("以 {who}的身份签署").format(who=self.who)


def acting(platform: Platform, network: str) -> Signing:
    """Who signs what is done now on a network: the acting person, or the workspace's owner."""
    try:
        actor = platform.identities.acting(network) if network else platform.session.actor
    except CityChainError:
        actor = platform.session.actor
    if not actor.msp_id:
        return owner()
    return of_party(platform, network or actor.network, actor.party, actor.roles, stands_in=False)


def owner() -> Signing:
    """The workspace's owner, who is nobody on a ledger."""
    return Signing(say(ROLE_TITLES[Role.PLATFORM_ADMIN]), tr("本机"))


def of_party(
    platform: Platform, network: str, party: str, roles: Iterable[str] = (), *, stands_in: bool | None = None
) -> Signing:
    """Who a party of the ledger (`MSP/common name`) is; whether that is somebody else than whoever acts is looked up
    unless `stands_in` says so."""
    msp_id, _, name = party.partition("/")
    if stands_in is None:
        me = acting(platform, network)
        stands_in = me.party != party
        if not stands_in:
            return me
    return Signing(name, titles(roles), organization(platform, network, msp_id), party, stands_in)


def titles(roles: Iterable[str]) -> str:
    """What roles are called."""
    return tr("、").join(say(ROLE_TITLES[one]) for one in _known(roles)) or tr("成员", "a role")


def _known(roles: Iterable[str]) -> list[Role]:
    return [role for role in ROLE_TITLES if role in set(map(str, roles))]


def organization(platform: Platform, network: str, msp_id: str) -> str:
    """An organisation by its name and MSP id."""
    try:
        found = platform.networks.spec(network).organization(msp_id)
    except CityChainError:
        return msp_id
    return f"{say(found.title)} {msp_id}"


def person(party: str, titles: Mapping[str, Text]) -> str:
    """A party of the ledger (`MSP/common name`) as people read it: the name and what their organisation is called,
    of `titles` by MSP id; as it stands where the organisation is not known."""
    if party == OWNER:
        return owner().who
    msp_id, _, name = party.partition("/")
    return tr("{name}（{more}）").format(name=name, more=say(titles[msp_id])) if name and msp_id in titles else party


def keepers(platform: Platform, network: str, msp_ids: Iterable[str] | None = None) -> list[str]:
    """Of these organisations (all of the network) those whose administrator's key is here, by name."""
    try:
        handle = platform.networks.handle(network)
        wanted = handle.spec.organizations if msp_ids is None else [handle.spec.organization(one) for one in msp_ids]
        return [organization(platform, network, one.msp_id) for one in wanted if handle.administrator(one.msp_id)]
    except CityChainError:
        return []


def with_keys(signing: Signing, keys: Iterable[str]) -> Signing:
    """Of the workspace's owner: whose administrators' keys sign. Whoever acts as themselves signs with their own."""
    return signing if signing.party else replace(signing, keys=tuple(keys))
