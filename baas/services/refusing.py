"""Updates that wait for others, and refusals of them: somebody who will not sign says so, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baas import roles
from baas.errors import CityChainError, translating
from baas.roles import requires
from baas.session import Session

if TYPE_CHECKING:
    from baas.services.config_changes import ConfigChange
    from baas.services.identities import IdentityService
    from baas.services.networks import NetworkService
    from fabric_sdk.configtx.update import SignedUpdate


@dataclass(frozen=True)
class PendingUpdate:
    """A configuration update that waits: `signers` have signed, `others` decide and have not.

    `refused` says who of the others refused it, and why.
    """

    network: str
    channel: str
    file: Path
    signers: tuple[str, ...]
    others: tuple[str, ...]
    refused: tuple[str, ...] = ()


@dataclass(frozen=True)
class UpdateDescription:
    """An update file in readable form: whose signatures count, and who of those who decide has not signed."""

    channel: str
    signers: tuple[str, ...]
    changes: tuple[ConfigChange, ...]
    missing: tuple[str, ...] = ()


class Refusing:
    """The part of the signature inbox that says no."""

    _networks: NetworkService
    _identities: IdentityService

    @property
    def session(self) -> Session:
        raise NotImplementedError

    def config_of(self, network: str, channel: str) -> Any:
        """A channel's configuration in force."""
        raise NotImplementedError

    def _described(self, network: str, path: Path, update: SignedUpdate) -> PendingUpdate:
        raise NotImplementedError

    @requires(roles.NETWORK_PROPOSE)
    def refuse(self, source: Path, target: Path, label: str, reason: str, network: str = "") -> None:
        """Refuse an update file as the administrator `label`, with a reason; the refusal goes into `target`."""
        from network.config_updates import read_update
        from network.refusals import refuse

        network = self._networks.resolve(network)
        identity = self._identities.signing(label, network)
        with translating():
            config = self.config_of(network, read_update(source).channel_id)
            refuse(config, source, target, identity, reason)

    @requires(roles.NETWORK_PROPOSE)
    def take_refusal(self, source: Path, network: str = "") -> PendingUpdate:
        """Keep somebody's refusal with the update that waits, once it is known to be an administrator's."""
        from network import refusals
        from network.config_updates import pending_path, read_update

        network = self._networks.resolve(network)
        folder = self._networks.folder(network)
        with translating():
            found = refusals.read(source)
            refusals.take_in(self.config_of(network, found.channel), folder, source)
        path = pending_path(folder, found.channel)
        return self._described(network, path, read_update(path))

    def _refused(self, network: str, channel: str, signers: Sequence[str]) -> tuple[str, ...]:
        """`MSP/name: reason` of each refusal that is still one: who signed later has changed their mind."""
        from network import refusals

        folder = self._networks.folder(network)
        if not refusals.any_kept(folder, channel):
            return ()
        try:
            with translating():
                found = list(refusals.kept(self.config_of(network, channel), folder, channel))
        except CityChainError:
            return ()  # the network does not answer, and without it nobody can tell whose they are
        return tuple(f"{one.msp_id}/{one.name}: {one.reason}" for one in found if one.msp_id not in signers)
