"""The real peers of an embedded network as processes, with their contracts' servers."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from fabric_sdk.chaincode.package import ClientTls
from network.addresses import AddressBook
from network.drivers.base import ContractService, NodeStatus, Progress, Silent
from network.drivers.native import NativeDriver, node_state
from network.errors import Conflict, Unavailable
from network.hybrid.record import HybridRecord
from network.native.configs import NodeFolders
from network.native.contracts import PROCESS_PREFIX, ContractSlots, process_name
from network.native.nodes import NodeProcesses, in_parallel, tail
from network.native.operations import heights_of, metrics
from network.supervisor.client import SupervisorClient
from network.supervisor.spec import ProcessSpec, ProcessState, load_processes
from network.text import Text
from network.topology import NodeRef, TopologySpec
from network.vault import KeyVault, write_public

_GO_BACK = Text("请先回到内置账本，或迁移整个网络。", "Go back to embedded peers first, or promote the network.")


class _Processes(NodeProcesses):
    """Peers whose blocks come from an embedded orderer alone, and whose neighbours pass no blocks on."""

    def describe(self, spec: TopologySpec, node: NodeRef, book: AddressBook) -> ProcessSpec:
        process = super().describe(spec, node, book)
        path = NodeFolders.of(self.directory, node).config / "core.yaml"
        document = json.loads(path.read_bytes())
        peer = document["peer"]
        peer["gossip"]["state"]["enabled"] = False
        peer["gossip"]["pvtData"]["pullRetryThreshold"] = "3s"
        peer["deliveryclient"] |= {"blockGossipEnabled": False, "policy": "simple"}
        write_public(path, json.dumps(document, indent=1).encode())
        return process


class RealPeers:
    """The real peers of the embedded network in `directory`; there may be none."""

    def __init__(self, directory: Path, vault: KeyVault) -> None:
        self.directory = directory
        self._vault = vault

    def nodes(self, spec: TopologySpec) -> list[NodeRef]:
        """Which peers of the topology are real."""
        return HybridRecord.load(self.directory).real(spec)

    def require_none_added(self, spec: TopologySpec) -> None:
        """Raise where a topology gives further peers to an organisation that has real ones."""
        record = HybridRecord.load(self.directory)
        added = [] if record.moving else record.added(spec)
        if added:
            raise Conflict(
                Text(
                    "{o}的节点由 Fabric 程序运行，不能在这里添加节点 {n}。",
                    "{o} has real peers: {n} cannot be added here.",
                    o=added[0].organization.title,
                    n=added[0].name,
                ),
                _GO_BACK,
                code="real_peers",
            )

    def require_none(self, spec: TopologySpec) -> None:
        """Raise where there are real peers."""
        if self.nodes(spec):
            raise Conflict(
                Text(
                    "网络中有由 Fabric 程序运行的节点，不能对其他机器开放。",
                    "The network has real peers: it cannot be opened to other machines.",
                ),
                _GO_BACK,
                code="real_peers",
            )

    def _supervisor(self) -> SupervisorClient:
        return SupervisorClient(self.directory / "run")

    def _processes(self) -> NodeProcesses:
        return _Processes(self.directory, self._supervisor(), None)

    def _of_version(self, spec: TopologySpec, node: NodeRef) -> TopologySpec:
        entry = HybridRecord.load(self.directory).organizations[node.organization.name]
        return spec.with_(fabric_version=entry.version)

    # Life

    def absent(self, spec: TopologySpec) -> list[NodeRef]:
        """Real peers that do not run, or one of whose contracts' servers does not."""
        nodes = self.nodes(spec)
        if not nodes:
            return []
        states = self._supervisor().states()
        known = load_processes(self.directory / "run")
        down = {n for n in known if n not in states or states[n].state in ("stopped", "failed")}
        return [n for n in nodes if n.name not in known or down & _of(known, n.name)]

    def start(self, spec: TopologySpec, ctx: Progress | None = None, only: str | None = None) -> None:
        """Start the real peers (or one of them) and their contracts' servers; returns when they listen."""
        nodes = [n for n in self.nodes(spec) if only in (None, n.name)]
        if not nodes:
            return
        processes = self._processes()
        for node in nodes:
            processes.start(self._of_version(spec, node), [node], ctx or Silent())
        known = load_processes(self.directory / "run")
        servers = {p for n in nodes for p in _of(known, n.name) if p.startswith(PROCESS_PREFIX)}
        if servers:
            self._supervisor().start(sorted(servers))
        for _, service in ContractSlots(self.directory).services():  # of one that came out of a backup none is known
            members = spec.channel(service.channel).organizations if service.channel else None
            here = [n for n in nodes if members is None or n.organization.name in members]
            lacking = [n for n in here if process_name(service.label, n) not in known]
            if lacking:
                self.serve(service, lacking, ctx or Silent())

    def stop(self, only: str | None = None) -> None:
        """Stop one real peer with its contracts' servers, or all and their supervisor."""
        if not (self.directory / "run").exists():
            return
        supervisor = self._supervisor()
        if only is None:
            supervisor.stop_all()
        elif supervisor.running:
            supervisor.stop(sorted(_of(load_processes(supervisor.directory), only)))

    def remove(self, nodes: Iterable[NodeRef]) -> None:
        """Stop real peers and remove what they have stored."""
        if (self.directory / "run").exists():
            supervisor = self._supervisor()
            known = load_processes(supervisor.directory)
            gone = sorted({p for node in nodes for p in _of(known, node.name)})
            if gone:
                supervisor.ensure()
                supervisor.remove(gone)
            if not load_processes(supervisor.directory):
                supervisor.shutdown()
        for node in nodes:
            shutil.rmtree(self.directory / "nodes" / node.name, ignore_errors=True)

    def destroy(self) -> None:
        """Stop everything and remove what real peers have stored."""
        if (self.directory / "run").exists():
            self._supervisor().shutdown()
        for folder in ("nodes", "run"):
            shutil.rmtree(self.directory / folder, ignore_errors=True)

    def status(self, node: NodeRef, book: AddressBook) -> NodeStatus:
        """A real peer's state, with its ledger heights from its own metrics."""
        state: ProcessState | None = None
        if (self.directory / "run").exists():
            state = self._supervisor().states().get(node.name)
        address, heights = book[node.name], {}
        detail = Text("由官方 Fabric 程序运行", "Runs Fabric's own program")
        if state is not None and state.state == "running":
            try:
                heights = heights_of(metrics(address.operations_host, address.operations_port))
            except Unavailable as e:
                detail = e.message if isinstance(e.message, Text) else detail
        return NodeStatus(
            node.name,
            node.kind,
            node.organization.msp_id,
            address.address,
            node_state(state.state) if state else "stopped",
            heights,
            detail,
            state.pid if state else None,
            state.restarts if state else 0,
            state.since if state else None,
            real=True,
        )

    def logs(self, node: NodeRef, lines: int) -> list[str]:
        """The end of a real peer's log."""
        return tail(NodeFolders.of(self.directory, node).log, lines)

    # Contracts

    def contract_address(self, name: str, version: str) -> str:
        """The address in packages of a network with real peers: each real peer's builder completes it."""
        return NativeDriver(self.directory, self._vault).contract_address(name, version)

    def contract_tls(self, name: str, version: str) -> ClientTls | None:
        """How real peers reach their contracts' servers over TLS."""
        return NativeDriver(self.directory, self._vault).contract_tls(name, version)

    def serve(self, service: ContractService, nodes: Iterable[NodeRef], ctx: Progress) -> None:
        """Run a server of a contract beside each of the peers."""
        NativeDriver(self.directory, self._vault).serve_at(service, list(nodes), ctx)

    def wait_for_heights(self, nodes: Iterable[NodeRef], heights: dict[str, int], ctx: Progress) -> None:
        """Wait until real peers have at least these many blocks by channel."""
        from network.hybrid.waiting import wait_until

        book = AddressBook.load(self.directory)

        def wait(node: NodeRef) -> None:
            address = book[node.name]

            def reached() -> bool:
                try:
                    found = heights_of(metrics(address.operations_host, address.operations_port))
                except Unavailable:
                    return False
                return all(found.get(channel, 0) >= wanted for channel, wanted in heights.items())

            wait_until(reached, ctx, Text("{n} 没有跟上区块。", "{n} does not catch up.", n=node.name))

        in_parallel(wait, nodes)


def _of(known: Iterable[str], node: str) -> set[str]:
    """A node's process and its contracts' servers, among known processes."""
    return {name for name in known if node in (name, name.partition("@")[2])}
