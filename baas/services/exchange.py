"""Networks that others run: attach an existing one, or write one down for an engine or cluster of somebody's own."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from baas import roles
from baas.errors import Conflict, Text, UserError, translating
from baas.events import EventBus, NetworkChanged
from baas.jobs import NULL_CONTEXT, JobContext
from baas.roles import requires
from baas.services.networks import EXPORTED
from baas.session import Session

if TYPE_CHECKING:
    from baas.keystore import Keystore
    from baas.services.networks import NetworkService
    from baas.workspace import Workspace
    from network.topology import TopologySpec

Format = Literal["compose", "kubernetes"]


@dataclass(frozen=True)
class Exported:
    """A network written down: its files, and the name under which this workspace keeps its certificates."""

    network: str
    format: Format
    target: Path
    files: int


class ExchangeService:
    """Attaches foreign networks and exports our own."""

    def __init__(
        self, workspace: Workspace, networks: NetworkService, keystore: Keystore, session: Session, events: EventBus
    ) -> None:
        self._workspace = workspace
        self._networks = networks
        self._keystore = keystore
        self._session = session
        self._events = events

    @property
    def session(self) -> Session:
        return self._session

    @requires(roles.NETWORK_ATTACH)
    def attach(
        self,
        profile: Path,
        name: str,
        certificate_pem: bytes,
        private_key_pem: bytes,
        *,
        msp_id: str = "",
        contract_host: str = "",
        kept: bool = False,
        ctx: JobContext = NULL_CONTEXT,
    ) -> TopologySpec:
        """Attach an existing network by its connection profile and one identity; nothing is kept unless a peer answers.

        `msp_id` is needed only when the profile names no client organisation. `contract_host` is the name under which
        the network's peers reach this machine; without it no contract can be deployed from here. A network that is
        attached already is looked at again, with what is given now. `kept` says that the key comes from this keystore.
        """
        from network.attached.folder import attach

        again = name in self._networks.attached()
        folder = self._workspace.path("networks", name) if again else self._new_folder(name)
        ctx.step("attach", Text("接入网络 {n}", "Attach network {n}", n=name))
        try:
            with translating():
                spec = attach(
                    profile,
                    folder,
                    self._keystore,
                    name=name,
                    msp_id=msp_id,
                    certificate_pem=certificate_pem,
                    private_key_pem=private_key_pem,
                    contract_host=contract_host,
                    kept=kept,
                    ctx=ctx,
                )
        except BaseException:
            if not again:
                shutil.rmtree(folder, ignore_errors=True)
            raise
        self._networks.forget(name)
        self._events.publish(NetworkChanged(name, "attached"))
        return spec

    @requires(roles.NETWORK_ATTACH)
    def refresh(self, network: str, *, ctx: JobContext = NULL_CONTEXT) -> TopologySpec:
        """Look around an attached network again: new channels, organisations, peers, contracts."""
        from network.attached.folder import refresh

        network = self._networks.resolve(network)
        if self._networks.spec(network).runtime != "attached":
            raise UserError(Text("网络 {n} 不是接入的。", "Network {n} is not an attached one.", n=network))
        ctx.step("refresh", Text("重新查看网络 {n}", "Look around network {n} again", n=network))
        with translating():
            spec = refresh(self._networks.folder(network), self._keystore, ctx)
        self._networks.forget(network)
        self._events.publish(NetworkChanged(network, "refreshed"))
        return spec

    @requires(roles.NETWORK_CHANGE)
    def export(
        self,
        spec: TopologySpec,
        format: Format,
        target: Path,
        *,
        namespace: str = "",
        ctx: JobContext = NULL_CONTEXT,
    ) -> Exported:
        """Write a new network down for Docker Compose or Kubernetes, its certificates included.

        Its certificates stay in this workspace under the spec's name; once the nodes run, `join` brings them into
        their channels. The files in `target` hold the nodes' private keys.
        """
        from network.exports.compose import export_compose
        from network.exports.kubernetes import export_kubernetes, kubernetes_spec, service_of
        from network.exports.prepare import prepare

        folder = self._new_folder(spec.name)
        ctx.step("prepare", Text("生成证书和通道", "Make certificates and channels"))
        try:
            with translating():
                if format == "kubernetes":
                    spec = kubernetes_spec(spec)
                    prepare(folder, spec, self._keystore, ctx, name_of=service_of)
                    files = export_kubernetes(folder, spec, target, namespace=namespace)
                else:
                    prepare(folder, spec, self._keystore, ctx, name_of=lambda node: node.name)
                    files = export_compose(folder, spec, target)
                (folder / EXPORTED).write_text(f"{format}\n", encoding="utf-8")
        except BaseException:
            self._forget(spec.name, folder)
            raise
        self._events.publish(NetworkChanged(spec.name, "exported"))
        return Exported(spec.name, format, target, len(files))

    @requires(roles.NETWORK_CHANGE)
    def join(self, network: str, *, ctx: JobContext = NULL_CONTEXT) -> TopologySpec:
        """Bring the running nodes of an exported network into their channels; may be repeated."""
        from network.exports.prepare import join_channels

        network = self._networks.resolve(network)
        if not (self._networks.folder(network) / EXPORTED).exists():
            raise UserError(
                Text(
                    "网络 {n} 不是导出的网络，无需加入。",
                    "Network {n} was not exported: there is nothing to join.",
                    n=network,
                ),
                Text("用 citychain network up 启动它。", "Start it with citychain network up."),
                code="not_exported",
            )
        ctx.step("join", Text("节点加入通道", "Join the nodes to their channels"))
        with translating():
            spec = join_channels(self._networks.folder(network), self._keystore, ctx)
        self._networks.forget(network)
        self._events.publish(NetworkChanged(network, "joined"))
        return spec

    def _new_folder(self, name: str) -> Path:
        if name in self._networks.names():
            raise Conflict(
                Text("已有名为 {n} 的网络。", "There is a network named {n} already.", n=name),
                Text("请换一个名称。", "Choose another name."),
                code="network_exists",
            )
        if not name or not name.replace("-", "").isalnum() or not name.isascii():
            raise UserError(
                Text("网络名只能用小写字母、数字和横线。", "A network's name has letters, digits and hyphens.")
            )
        return self._workspace.path("networks", name)

    def _forget(self, name: str, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        for key in self._keystore.names():
            if key.startswith(f"{name}/"):
                self._keystore.remove(key)
