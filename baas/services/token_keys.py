"""Where organisations keep their keys: in the keystore, or in a hardware token reached by PKCS#11.

What is said of an organisation counts for keys that are made from then on: a key never moves. Nodes' keys stay files,
because Fabric's programs read them as files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from baas import roles
from baas.errors import Text, UserError
from baas.roles import requires
from baas.session import Session

if TYPE_CHECKING:
    from baas.keystore import Keystore
    from baas.services.networks import NetworkService
    from baas.workspace import Workspace
    from network.tokens.address import TokenAddress
    from network.tokens.device import FoundToken
    from network.topology import TopologySpec

SETTING = "keys."
KEYSTORE = "keystore"
"""The word for the keystore where a token's address may stand."""


@dataclass(frozen=True)
class KeyPlace:
    """Where one key lives: `place` is its token's address, "" for the keystore; `name` is `ca`, `tlsca` or a person."""

    msp_id: str
    name: str
    place: str


class TokenKeyService:
    """Says in which token an organisation's new keys are made, and where the present ones are."""

    def __init__(self, workspace: Workspace, keystore: Keystore, networks: NetworkService, session: Session) -> None:
        self._workspace = workspace
        self._keystore = keystore
        self._networks = networks
        self._session = session

    @property
    def session(self) -> Session:
        return self._session

    @requires(roles.NETWORK_CHANGE)
    def choose(self, spec: TopologySpec, words: Iterable[str]) -> Mapping[str, str]:
        """Say where the organisations' keys are made from now on; each token is tried first, so that nothing is begun
        that could not go on. `words` are addresses, for every organisation, or `MSP=ADDRESS` (`keystore` for none).

        Returns the addresses by MSP id.
        """
        chosen = parse(words, [o.msp_id for o in spec.organizations if not self._foreign(spec.name, o.msp_id)])
        for token in {str(a): a for a in chosen.values() if a is not None}.values():
            require_token(str(token))
        for msp_id, address in chosen.items():
            self._workspace.set_setting(f"{SETTING}{spec.name}/{msp_id}", str(address) if address else "")
        return {msp_id: address.shown if address else "" for msp_id, address in chosen.items()}

    @requires(roles.IDENTITY_READ)
    def places(self, network: str = "") -> tuple[KeyPlace, ...]:
        """Where every key of authorities and people that is used here lives; works with a locked keystore."""
        network = self._networks.resolve(network)
        found = []
        kept = self._keystore.names()
        for organization in self._networks.spec(network).organizations:
            prefix = f"{network}/{organization.msp_id}/"
            names = (n.removeprefix(prefix) for n in kept if n.startswith(prefix))
            found += [
                KeyPlace(organization.msp_id, name, self._keystore.place(prefix + name))
                for name in names
                if "/" not in name
            ]
        return tuple(found)

    @requires(roles.IDENTITY_READ)
    def present(self, address: str) -> Sequence[FoundToken]:
        """The tokens that an address's library sees now."""
        from network.tokens import device
        from network.tokens.address import TokenAddress

        return device.tokens(TokenAddress.parse(address))

    def needed(self, network: str = "") -> tuple[TokenAddress, ...]:
        """The tokens in which this network's keys are made or lie and whose PIN this process does not know yet."""
        from network.tokens.address import TokenAddress
        from network.tokens.pins import PINS

        network = self._networks.resolve(network)
        found = {}
        for organization in self._networks.spec(network).organizations:
            text = self._workspace.setting(f"{SETTING}{network}/{organization.msp_id}")
            if text:
                address = TokenAddress.parse(text)
                found[address.shown] = address
        return tuple(a for a in found.values() if not PINS.known(a))

    def enter(self, address: TokenAddress, pin: str) -> None:
        """Open a token with the PIN that its holder gave, until the program ends or the keystore is locked."""
        from network.tokens import device
        from network.tokens.pins import PINS

        with PINS.given(address, pin):
            device.check(address, anew=True)

    def _foreign(self, network: str, msp_id: str) -> bool:
        if network not in self._networks.names():
            return False
        return self._networks.handle(network).authority(msp_id).foreign


def require_token(address: str) -> None:
    """See that a token is there and opens, before anything is begun that needs it."""
    from network.tokens import device
    from network.tokens.address import TokenAddress

    device.check(TokenAddress.parse(address))


def parse(words: Iterable[str], organizations: Sequence[str]) -> dict[str, TokenAddress | None]:
    """What `--keys` says, by MSP id; `UserError` for an organisation that is not there."""
    from network.tokens.address import SCHEME, TokenAddress

    chosen: dict[str, TokenAddress | None] = {}
    for word in words:
        msp_id, _, text = ("", "", word) if word.startswith(SCHEME) or word == KEYSTORE else word.partition("=")
        address = None if text == KEYSTORE else TokenAddress.parse(text)
        if msp_id and msp_id not in organizations:
            raise UserError(
                Text("网络中没有组织 {m}。", "The network has no organisation {m}.", m=msp_id[:80]),
                Text("可用：{k}", "There are: {k}", k=", ".join(organizations)),
                code="unknown_organization",
            )
        chosen.update(dict.fromkeys([msp_id] if msp_id else organizations, address))
    return chosen


def token_of(setting: Callable[[str], str]) -> Callable[[str], str]:
    """For the keystore: in which token the key of a name (`network/MSP/what`) is made."""

    def find(name: str) -> str:
        network, _, rest = name.partition("/")
        msp_id, separator, _ = rest.partition("/")
        return setting(f"{SETTING}{network}/{msp_id}") if separator else ""

    return find
