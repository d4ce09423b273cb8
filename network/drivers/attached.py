"""Networks that others run: looked at, called, and administered as far as one identity may; never started or removed.

`network.attached.folder.attach` makes the network's folder. What the driver does afterwards is to look around again
(`refresh`), to report which peers answer, and to run contract servers where the network's peers can reach this machine.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from fabric_sdk.admin.channels import Channels
from fabric_sdk.admin.peer import Refused
from fabric_sdk.chaincode.package import ClientTls
from fabric_sdk.errors import FabricError
from fabric_sdk.files import remove_folder
from network.addresses import AddressBook, NodeAddress
from network.attached.folder import FILE_NAME, PROFILE_NAME, AttachedSettings, refresh
from network.claims import claiming
from network.contract_keys import ensure_keys
from network.drivers.base import Capability, ContractService, NetworkStatus, NodeStatus, Progress, Step
from network.errors import CityChainError, Conflict, NotFound, PermissionDenied
from network.handle import NetworkHandle
from network.native.contract_tls import ContractTls, ensure_contract_tls
from network.native.contracts import ContractSlots, process_name, server_process
from network.native.nodes import in_parallel
from network.native.operations import wait_for_port
from network.plan import NetworkState
from network.supervisor.client import SupervisorClient
from network.supervisor.spec import load_processes
from network.text import Text
from network.topology import NodeRef, Runtime, TopologySpec
from network.vault import KeyVault

ANSWER_SECONDS = 5.0
CONTRACT_SECONDS = 60.0


class AttachedDriver:
    """One attached network."""

    def __init__(self, directory: Path, vault: KeyVault) -> None:
        self.directory = directory
        self._vault = vault
        self._supervisor = SupervisorClient(directory / "run")

    @property
    def runtime(self) -> Runtime:
        return "attached"

    @property
    def settings(self) -> AttachedSettings:
        """What is kept about the attachment; `NotFound` when the folder holds none."""
        found = AttachedSettings.load(self.directory)
        if found is None:
            raise NotFound(
                Text("此网络尚未接入。", "This network has not been attached."),
                Text("请用连接配置文件和身份接入。", "Attach it with a connection profile and an identity."),
            )
        return found

    def check(self, spec: TopologySpec) -> Capability:
        """An attached network needs nothing of this machine but the way to its peers."""
        if AttachedSettings.load(self.directory) is None:
            return Capability(
                False,
                reason=Text("现有网络须先接入。", "An existing network must be attached first."),
                hint=Text("需要连接配置文件和一个身份。", "That needs a connection profile and an identity."),
            )
        return Capability(True, details={"access": self.settings.access})

    def plan(self, spec: TopologySpec, state: NetworkState) -> list[Step]:
        """Nothing to do: others' networks are not changed from here (`refresh` looks around again)."""
        self.settings  # noqa: B018 (raises when the network has not been attached)
        if state.reached is not None and spec != state.reached:
            raise Conflict(
                Text("已接入的网络不能在此修改。", "An attached network cannot be changed here."),
                Text("请由其管理方修改后重新读取。", "Have its operators change it, then look again."),
            )
        return []

    def apply(self, step: Step, ctx: Progress) -> None:
        """There are no steps."""
        raise ValueError(f"unknown step {step.id}")

    def refresh(self, ctx: Progress) -> TopologySpec:
        """Look around the network again and keep what has changed; returns the topology as it is now."""
        return refresh(self.directory, self._vault, ctx)

    # Operation

    def status(self) -> NetworkStatus:
        """Return which nodes answer, and how far each peer's ledgers are."""
        handle = self._handle()
        channels = {c.name: c.organizations for c in handle.spec.channels}

        def look(node: NodeRef) -> NodeStatus:
            address = handle.addresses[node.name]
            if node.kind == "orderer":
                return _status(node, address, _listens(address), {})
            joined = [c for c, members in channels.items() if node.organization.name in members]
            return self._peer_status(handle, node, address, joined)

        statuses = in_parallel(look, handle.spec.nodes())
        states = self._supervisor.states() if load_processes(self._supervisor.directory) else {}
        for slot, service in ContractSlots(self.directory).services():
            for peer in self._served(handle):
                if (state := states.get(process_name(service.label, peer))) is not None:
                    where = f"{self.settings.contract_host}:{_port(handle, peer, slot)}"
                    running = "running" if state.state == "running" else "failed"
                    statuses.append(
                        NodeStatus(state.name, "contract", peer.organization.msp_id, where, running, pid=state.pid)  # type: ignore[arg-type]
                    )
        return NetworkStatus(handle.spec.name, "attached", tuple(statuses))

    def _peer_status(
        self, handle: NetworkHandle, node: NodeRef, address: NodeAddress, channels: list[str]
    ) -> NodeStatus:
        from fabric_sdk.admin.peer import PeerConnection

        heights: dict[str, int] = {}
        identity = handle.identity(f"{self.settings.msp_id}/{self.settings.identity}")
        try:
            with PeerConnection(handle.node_endpoint(node), identity, timeout_s=ANSWER_SECONDS) as peer:
                if not peer.reachable(ANSWER_SECONDS):
                    return _status(node, address, False, {})
                for channel in channels:
                    try:
                        heights[channel] = Channels(peer).info(channel).height
                    except Refused:
                        continue
        except FabricError as e:
            detail = Text("没有响应：{e}", "It does not answer: {e}", e=str(e))
            return replace(_status(node, address, False, {}), detail=detail)
        return _status(node, address, True, heights)

    def logs(self, node: str, lines: int = 200) -> list[str]:
        """Logs of others' nodes are not to be had from here."""
        raise NotFound(
            Text("节点 {n} 的日志在其所在主机上。", "The log of {n} is on the host that runs it.", n=node),
            Text("请向其管理方索取。", "Ask its operators."),
        )

    def start(self, node: str | None = None) -> None:
        """Nothing to start: the network runs elsewhere. Contract servers of this machine are started."""
        if node is not None:
            raise _elsewhere(node)
        if load_processes(self._supervisor.directory):
            self._supervisor.ensure()

    def stop(self, node: str | None = None) -> None:
        """Stop the contract servers of this machine; the network itself goes on."""
        if node is not None:
            raise _elsewhere(node)
        if self._supervisor.running:
            self._supervisor.stop_all()

    def destroy(self) -> None:
        """Forget the network: its folder's contents, not the person's keys; the network itself goes on."""
        self._supervisor.shutdown()
        for folder in ("organizations", "run", "nodes"):
            remove_folder(self.directory / folder)
        for file in ("addresses.json", "contracts.json", FILE_NAME, PROFILE_NAME):
            (self.directory / file).unlink(missing_ok=True)

    # Contracts

    def contract_address(self, name: str, version: str) -> str:
        """Return this machine's address for `connection.json`; one server serves all peers of the organisation."""
        settings = self._administered()
        handle = self._handle()
        peers = self._served(handle)
        self._give_ports(peers)
        book = AddressBook.load(self.directory)
        slot = ContractSlots(self.directory).allocate(name, version, book, peers, tls=True)
        return f"{settings.contract_host}:{_port(self._handle(), peers[0], slot)}"

    def contract_tls(self, name: str, version: str) -> ClientTls | None:
        """Return the certificates and the key that the package brings to the organisation's peers."""
        return self._tls().client if ContractSlots(self.directory).tls(name, version) else None

    def _tls(self) -> ContractTls:
        return ensure_contract_tls(self.directory, self._served(self._handle())[0], (self.settings.contract_host,))

    def seen_from_nodes(self) -> str:
        """Return nothing: where an attached network has its peers is not known here."""
        return ""

    def serve_contract(self, service: ContractService, ctx: Progress) -> None:
        """Run the contract's server for the peers of the identity's organisation."""
        settings = self._administered()
        handle = self._handle()
        peer = self._served(handle)[0]
        slot = ContractSlots(self.directory).assign(service)
        listen = settings.contract_listen or "0.0.0.0"
        book = AddressBook({peer.name: replace(handle.addresses[peer.name], host=listen)})
        ensure_keys(self.directory, peer.organization)
        tls = self._tls() if ContractSlots(self.directory).tls(service.name, service.version) else None
        self._supervisor.put([server_process(self.directory, service, slot, peer, book, tls)])
        host = "127.0.0.1" if listen == "0.0.0.0" else listen
        wait_for_port(host, _port(handle, peer, slot), time.monotonic() + CONTRACT_SECONDS, _cancellable(ctx))

    def stop_contract(self, package_id: str) -> None:
        """Stop serving a package."""
        slots = ContractSlots(self.directory)
        labels = {s.label for _, s in slots.services() if s.package_id == package_id}
        known = load_processes(self._supervisor.directory)
        names = [n for n in known if n.partition("@")[0].rpartition("/")[2] in labels]
        if names:
            self._supervisor.ensure()
            self._supervisor.remove(names)
        slots.release(package_id)

    def _administered(self) -> AttachedSettings:
        settings = self.settings
        if settings.access != "full":
            raise PermissionDenied(
                Text("当前身份对此网络只读。", "This identity may only read this network."),
                Text("部署合约需要机构管理员的身份。", "Deploying needs an administrator's identity."),
            )
        if not settings.contract_host:
            raise Conflict(
                Text(
                    "此网络的节点无法访问本机的合约服务。", "This network's peers cannot reach contract servers here."
                ),
                Text(
                    "请在接入时填写本机对节点可见的主机名。",
                    "Attach it again, naming the host under which its peers reach this machine.",
                ),
                code="no_contract_host",
            )
        return settings

    def _served(self, handle: NetworkHandle) -> list[NodeRef]:
        return list(handle.peers(self.settings.msp_id))

    def _give_ports(self, peers: list[NodeRef]) -> None:
        book = AddressBook.load(self.directory)
        if not peers:
            raise NotFound(Text("本机构没有 Peer 节点。", "This organisation has no peer."))
        if not book[peers[0].name].contract_prefix:
            ports = AddressBook()
            with claiming(self.directory) as claims:
                ports.allocate([peers[0]], others=claims.others())
                prefix = ports[peers[0].name].contract_prefix
                for peer in peers:
                    book.update(peer.name, contract_prefix=prefix)
                book.save(self.directory)
                claims.keep(ports.claims())

    def _handle(self) -> NetworkHandle:
        return NetworkHandle(self.directory, self._vault)


def _status(node: NodeRef, address: NodeAddress, answers: bool, heights: dict[str, int]) -> NodeStatus:
    state = "running" if answers else "unknown"
    return NodeStatus(node.name, node.kind, node.organization.msp_id, address.address, state, heights)  # type: ignore[arg-type]


def _port(handle: NetworkHandle, peer: NodeRef, slot: str) -> int:
    return int(handle.addresses[peer.name].contract_prefix + slot)


def _listens(address: NodeAddress) -> bool:
    try:
        socket.create_connection((address.host, address.port), timeout=2.0).close()
    except OSError:
        return False
    return True


def _cancellable(ctx: Progress) -> Callable[[], None]:
    return ctx.check_cancelled


def _elsewhere(node: str) -> CityChainError:
    return Conflict(
        Text("节点 {n} 由其所属机构运行。", "Node {n} is run by its own organisation.", n=node),
        Text("本平台不能启停它。", "This platform cannot start or stop it."),
    )
