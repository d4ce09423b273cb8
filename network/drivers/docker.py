"""Real Fabric in containers of the official images, on this machine's Docker engine.

Plans, channels, growing and renewal are those of the native driver; only where the nodes run differs. Contract
servers are supervised processes of this machine, reached from the containers over the network's gateway, so that no
peer ever builds chaincode.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import cast

from network.addresses import AddressBook
from network.docker.engine import Engine
from network.docker.names import name_nodes
from network.docker.nodes import ContainerNodes
from network.drivers.base import Capability, NodeStatus, Progress, Silent, Step
from network.drivers.native import NativeDriver
from network.errors import NotFound, Unavailable
from network.groundwork import ADDRESSES, GENESIS
from network.native.contracts import PROCESS_PREFIX, ContractSlots
from network.native.nodes import NodeProcesses
from network.native.operations import heights_of, metrics
from network.plan import NetworkState
from network.supervisor.spec import ProcessState, load_processes
from network.text import Text
from network.topology import NodeRef, Runtime, TopologySpec
from network.vault import KeyVault

IMAGES = "images"


class DockerDriver(NativeDriver):
    """Networks of containers; `registry` names another place than Docker Hub for the official images."""

    def __init__(self, directory: Path, vault: KeyVault, registry: str = "", engine: Engine | None = None) -> None:
        super().__init__(directory, vault)
        self.engine = engine or Engine()
        self.containers = ContainerNodes(directory, self.engine, self._nodes, registry)
        self._nodes = cast(NodeProcesses, self.containers)

    @property
    def runtime(self) -> Runtime:
        return "docker"

    def check(self, spec: TopologySpec) -> Capability:
        """Say whether this machine has a usable Docker engine, and which images are still to be pulled."""
        try:
            info = self.engine.info()
            missing = self.containers.missing_images(spec)
        except Unavailable as e:
            reason = e.message if isinstance(e.message, Text) else Text(str(e), str(e))
            return Capability(False, reason=reason, hint=e.hint if isinstance(e.hint, Text) else None)
        details = {"engine": info.version, "api": f"{info.api[0]}.{info.api[1]}", "system": info.system}
        return Capability(True, info.version, details=details | ({"to_pull": " ".join(missing)} if missing else {}))

    def plan(self, spec: TopologySpec, state: NetworkState) -> list[Step]:
        """Return what is missing, images first."""
        steps = super().plan(spec, state)
        missing = self.containers.missing_images(spec)
        if missing:
            names = " ".join(missing)
            steps.insert(0, Step(IMAGES, spec.name, Text("下载镜像 {i}", "Pull {i}", i=names), {"images": names}))
        return steps

    def apply(self, step: Step, ctx: Progress) -> None:
        """Do one step."""
        if step.kind == IMAGES:
            for image in self.containers.missing_images(self._wanted()):
                self.engine.pull(image, ctx)
            return
        if step.kind == GENESIS:
            name_nodes(self.directory)
        super().apply(step, ctx)
        if step.kind == ADDRESSES:
            name_nodes(self.directory)

    # Operation

    def _node_status(self, node: NodeRef, state: ProcessState | None, book: AddressBook) -> NodeStatus:
        if node.name not in book:
            return NodeStatus(node.name, node.kind, node.organization.msp_id, "", "stopped")
        address = book[node.name]
        heights: dict[str, int] = {}
        detail = None
        try:
            now, restarts, since = self.containers.state(node.name)
            if now == "running":
                heights = heights_of(metrics(address.operations_host, address.operations_port))
        except Unavailable as e:
            now, restarts, since = "unknown", 0, ""
            detail = e.message if isinstance(e.message, Text) else None
        return NodeStatus(
            node.name,
            node.kind,
            node.organization.msp_id,
            address.address,
            now,
            heights,
            detail,
            restarts=restarts,
            since=_seconds(since),
        )

    def logs(self, node: str, lines: int = 200) -> list[str]:
        """Return the end of a node's or contract server's log."""
        if node.startswith(PROCESS_PREFIX):
            return super().logs(node, lines)
        found = self.containers.log(self._handle().spec.node(node).name, lines)
        if found is None:
            raise NotFound(Text("节点 {n} 还没有日志。", "Node {n} has no log yet.", n=node))
        return found

    def stop(self, node: str | None = None) -> None:
        """Stop one node (with its contract servers), or all of them and the supervisor."""
        if node is not None and node.startswith(PROCESS_PREFIX):
            super().stop(node)
            return
        spec = self._handle().spec
        names = [n.name for n in spec.nodes()] if node is None else [spec.node(node).name]
        self.containers.stop(names)
        if node is None:
            self._supervisor.stop_all()
        elif self._supervisor.running:
            known = load_processes(self._supervisor.directory)
            self._supervisor.stop([p for p in known if p.partition("@")[2] in names])

    def destroy(self) -> None:
        """Remove every container, volume and network made for this folder, then the folder's contents and keys."""
        self.containers.remove_all()
        super().destroy()

    def _require(self, spec: TopologySpec) -> None:
        self.engine.info()

    # Contracts

    def _serves_with_tls(self) -> bool:
        """A container's environment is no place for a key: its servers go on without TLS on the bridge's address."""
        return False

    def seen_from_nodes(self) -> str:
        """Return the network's gateway, or the engine's name for this machine: a container's 127.0.0.1 is itself."""
        return self.containers.contract_hosts(self._handle().spec)[0]

    def _server_addresses(self) -> AddressBook:
        _, listen = self.containers.contract_hosts(self._handle().spec)
        book = AddressBook.load(self.directory)
        return AddressBook({name: replace(book[name], host=listen) for name in book.names()})

    def start(self, node: str | None = None) -> None:
        """Start one node or all of them, contract servers included."""
        if node is not None and node.startswith(PROCESS_PREFIX):
            super().start(node)
            return
        spec = self._handle().spec
        nodes = list(spec.nodes()) if node is None else [spec.node(node)]
        self.containers.start(spec, nodes, Silent())
        names = {n.name for n in nodes}
        for slot, service in ContractSlots(self.directory).services():
            peers = [n for n in self._handle().channel_peers(service.channel) if n.name in names]
            if peers:
                self._serve(service, slot, peers, Silent())


def _seconds(moment: str) -> float | None:
    """Read the engine's RFC 3339 time (nanoseconds) as seconds since the epoch."""
    if not moment or moment.startswith("0001-"):
        return None
    head, _, fraction = moment.rstrip("Z").partition(".")
    try:
        return datetime.fromisoformat(f"{head}+00:00").timestamp() + float(f"0.{fraction or 0}")
    except ValueError:
        return None
