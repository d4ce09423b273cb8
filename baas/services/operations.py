"""Running networks day by day: health, expiring certificates, other machines' shares, Fabric's programs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from baas import roles
from baas.errors import CityChainError, Text, UserError, translating
from baas.jobs import NULL_CONTEXT, JobContext
from baas.roles import requires
from baas.services.listening import Reachable, check_may_listen, reachable
from baas.session import Session

if TYPE_CHECKING:
    from baas.keystore import Keystore
    from baas.services.networks import NetworkService
    from baas.services.organizations import OrganizationService
    from baas.workspace import Workspace
    from network.bundle import BundleContents
    from network.monitor import CertificateExpiry, NodeHealth
    from network.native.programs import FabricPrograms


class OperationsService:
    """What an operator looks at and carries between machines."""

    def __init__(
        self,
        workspace: Workspace,
        networks: NetworkService,
        organizations: OrganizationService,
        keystore: Keystore,
        session: Session,
    ) -> None:
        self._workspace = workspace
        self._networks = networks
        self._organizations = organizations
        self._keystore = keystore
        self._session = session

    @property
    def session(self) -> Session:
        return self._session

    @requires(roles.NETWORK_READ)
    def certificates(self, network: str = "") -> tuple[CertificateExpiry, ...]:
        """When each certificate of the network ends, the earliest first."""
        from network.monitor import certificate_expiries

        return tuple(certificate_expiries(self._networks.handle(network)))

    @requires(roles.NETWORK_READ)
    def health(self, network: str = "") -> tuple[NodeHealth, ...]:
        """Health, gossip membership, leadership and memory of every node with an operations endpoint."""
        from network.monitor import node_health

        handle = self._networks.handle(network)
        if handle.spec.runtime == "embedded":
            return ()  # one process without operations endpoints; `network status` says how it is
        nodes = [node for node in handle.spec.nodes() if node.name in handle.addresses]
        return tuple(node_health(handle, n) for n in nodes if handle.addresses[n.name].operations_port)

    @requires(roles.NETWORK_READ)
    def export_profile(self, msp_id: str, target: Path, network: str = "") -> None:
        """Write an organisation's connection profile (YAML or JSON), without any private key."""
        from network.profile import export_profile

        with translating():
            export_profile(self._networks.handle(network), msp_id, target)

    @requires(roles.NETWORK_READ)
    def listening(self, network: str = "") -> Reachable:
        """Where the network's nodes listen, and what is reachable from other machines."""
        network = self._networks.resolve(network)
        return reachable(self._networks.handle(network))

    @requires(roles.NETWORK_READ)
    def why_not_listen(self, network: str = "") -> Text | None:
        """Why this network's addresses cannot be chosen here; None when they can."""
        try:
            check_may_listen(self._networks.spec(self._networks.resolve(network)))
        except UserError as error:
            return error.hint if isinstance(error.hint, Text) else None
        return None

    @requires(roles.NETWORK_CHANGE)
    def listen(self, name: str, network: str = "", *, ctx: JobContext = NULL_CONTEXT) -> Reachable:
        """Let other machines reach the network by `name` (a host name or an address of this one); "" is loopback alone.

        Certificates, the nodes' addresses and the channels' configurations follow, in one plan that an interruption
        leaves to the next `network up`. `UserError` when the name does not lead to this machine.
        """
        from network.listening import choose, keep, load

        network = self._networks.resolve(network)
        self._networks.require_origin(network, Text("只在本机运行", "it is for this machine alone"))
        spec = self._networks.spec(network)
        check_may_listen(spec)
        chosen = choose(name) if name else None
        folder = self._networks.folder(network)
        with translating():
            before = load(folder)
            keep(folder, chosen)
        try:
            self._networks.bring_up(spec, ctx=ctx)
        except CityChainError as error:
            if error.code == "node_failed":  # the address cannot be listened on after all
                keep(folder, before)
            raise
        return self.listening(network)

    @requires(roles.NETWORK_CHANGE)
    def export_share(self, network: str, host: str, target: Path, passphrase: str) -> tuple[str, ...]:
        """Write the encrypted share of one host; return the names of its nodes.

        Its nodes' keys are in it, but for those of organisations that keep their own authority.
        """
        from network.hosts import export_share

        self._networks.require_origin(network, Text("只在本机运行", "it is for this machine alone"))
        with translating():
            return export_share(self._networks.handle(network), host, target, passphrase)

    @requires(roles.NETWORK_CHANGE)
    def import_share(self, source: Path, passphrase: str) -> str:
        """Open a share and lay its network into this workspace; return the network's name.

        The nodes of an organisation that was founded here get their certificates here, when the network comes up.
        """
        from network.hosts import import_share

        with translating():
            roots = self._organizations.roots()
            name = import_share(source, passphrase, self._workspace.path("networks"), self._keystore, roots).name
        self._organizations.adopt(name)
        return name

    @requires(roles.NETWORK_CHANGE)
    def choose_host(self, network: str, host: str) -> None:
        """Say which host of the topology this machine is, before the network is brought up."""
        from network.hosts import set_local_host

        if Path(network).name != network or network in {"", ".", ".."}:
            raise UserError(
                Text("网络名“{n}”不可用。", "{n} cannot be a network's name.", n=network[:80]),
                Text("网络名只能用小写字母、数字和横线。", "A network's name has small letters, digits and hyphens."),
            )
        with translating():
            set_local_host(self._workspace.path("networks", network), host)

    @requires(roles.NETWORK_CHANGE)
    def fetch_programs(self, version: str, sha256: str = "", *, ctx: JobContext = NULL_CONTEXT) -> FabricPrograms:
        """Download a release of Fabric's official programs into the user's cache, its checksum verified."""
        from network.native.release import fetch_release

        with translating():
            return fetch_release(version, ctx, sha256=sha256)

    @requires(roles.NETWORK_CHANGE)
    def export_bundle(
        self, target: Path, versions: Sequence[str] = (), *, ctx: JobContext = NULL_CONTEXT
    ) -> BundleContents:
        """Write installed versions of Fabric's programs (all when none is named) as an offline bundle."""
        from network.bundle import export_bundle
        from network.native.programs import installed_versions

        with translating():
            return export_bundle(target, versions or installed_versions(), ctx)

    @requires(roles.NETWORK_CHANGE)
    def import_bundle(self, source: Path, *, ctx: JobContext = NULL_CONTEXT) -> BundleContents:
        """Verify an offline bundle and take its programs into the user's cache."""
        from network.bundle import import_bundle

        with translating():
            return import_bundle(source, ctx)
