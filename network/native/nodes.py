"""The processes of a native network's nodes: described, started, watched, restarted one by one, removed."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from fabric_sdk.errors import FabricError
from network.addresses import AddressBook
from network.drivers.base import Progress
from network.errors import Conflict, Unavailable
from network.handshakes import handshake_shift, renewed_roots
from network.listening import closing
from network.native.configs import HANDSHAKE_SHIFT, LOOPBACK, NodeFolders, write_orderer_config, write_peer_config
from network.native.contract_tls import BUILDER_VARIABLE, ensure_contract_tls, write_builder_settings
from network.native.contracts import PROCESS_PREFIX
from network.native.operations import wait_for_port
from network.native.programs import require_programs
from network.ports import port_is_free
from network.supervisor.client import SupervisorClient
from network.supervisor.spec import ProcessSpec, ProcessState, load_processes
from network.text import Text
from network.topology import NodeRef, TopologySpec

ANY_HOST = "0.0.0.0"
START_SECONDS = 60.0
MANY_RESTARTS = 3
Result = TypeVar("Result")


class NodeProcesses:
    """The nodes of one network folder under its supervisor."""

    def __init__(self, directory: Path, supervisor: SupervisorClient, programs: Path | None) -> None:
        self.directory = directory
        self.supervisor = supervisor
        self._programs = programs

    def describe(self, spec: TopologySpec, node: NodeRef, book: AddressBook) -> ProcessSpec:
        """Write a node's configuration and return the process that runs it."""
        programs = require_programs(spec.fabric_version, self._programs)
        folders = NodeFolders.of(self.directory, node)
        folders.data.mkdir(parents=True, exist_ok=True)
        address = book[node.name]
        public = address.public_host or closing(self.directory) == "moving"
        listen_host = ANY_HOST if node.host or public else LOOPBACK
        private: dict[str, str] = {}
        if node.kind == "orderer":
            renewed = renewed_roots(self.directory, spec)
            environment = write_orderer_config(
                folders,
                node,
                address,
                listen_host=listen_host,
                cluster_roots=list(renewed.values()),
            )
            if shift := handshake_shift(self.directory, spec):
                environment[HANDSHAKE_SHIFT] = f"{shift}s"
            argv: tuple[str, ...] = (str(programs.orderer),)
        else:
            roots = renewed_roots(self.directory, spec)
            bootstrap = [
                book[other.name].dialled
                for other in spec.peers()
                if other.organization == node.organization and other.name != node.name and other.name in book
            ]
            environment = write_peer_config(
                folders,
                node,
                address,
                bootstrap,
                programs.builder,
                fabric_version=spec.fabric_version,
                listen_host=listen_host,
                orderer_roots={
                    book[other.name].dialled: roots[other.organization.name]
                    for other in spec.orderers()
                    if other.organization.name in roots and other.name in book
                },
            )
            argv = (str(programs.peer), "node", "start")
            builder = folders.config / "builder.json"
            write_builder_settings(builder, address.contract_prefix, ensure_contract_tls(self.directory, node))
            private = {BUILDER_VARIABLE: str(builder)}
        return ProcessSpec(node.name, argv, str(folders.log), str(folders.data), environment, env_files=private)

    def absent(self, spec: TopologySpec) -> list[NodeRef]:
        """Return the nodes of this machine that do not run."""
        states = self.supervisor.states()
        return [n for n in spec.nodes() if n.name not in states or states[n.name].state != "running"]

    def outdated(self, spec: TopologySpec) -> list[NodeRef]:
        """Return the running nodes whose program or environment is not what `spec` wants."""
        book = AddressBook.load(self.directory)
        states = self.supervisor.states()
        known = load_processes(self.supervisor.directory)
        return [
            node
            for node in spec.nodes()
            if node.name in known
            and node.name in states
            and states[node.name].state == "running"
            and known[node.name] != self.describe(spec, node, book)
        ]

    def retired(self, spec: TopologySpec) -> list[str]:
        """Return the names of nodes that have a process but no place in `spec` any more."""
        wanted = {node.name for node in spec.nodes()}
        known = load_processes(self.supervisor.directory)
        return [n for n in known if not n.startswith(PROCESS_PREFIX) and n not in wanted]

    def start(self, spec: TopologySpec, nodes: list[NodeRef], ctx: Progress) -> None:
        """Start nodes (or start them again with a changed description) and wait until they listen."""
        book = AddressBook.load(self.directory)
        states = self.supervisor.states()
        for node in nodes:
            if node.name not in states or states[node.name].pid is None:
                require_ports(node, book)
        self.supervisor.put([self.describe(spec, node, book) for node in nodes])
        self.wait_until_listening(nodes, book, ctx)

    def restart(self, spec: TopologySpec, node: NodeRef, ctx: Progress) -> None:
        """Stop and start one node with its present description."""
        book = AddressBook.load(self.directory)
        described = self.describe(spec, node, book)
        changed = load_processes(self.supervisor.directory).get(node.name) != described
        self.supervisor.put([described])
        if not changed:
            self.supervisor.restart([node.name])
        self.wait_until_listening([node], book, ctx)

    def retire(self, name: str) -> None:
        """Stop a node that has left the network, with its contract servers, and remove its ledger and address."""
        known = load_processes(self.supervisor.directory)
        self.supervisor.ensure()
        self.supervisor.remove([n for n in known if n == name or n.partition("@")[2] == name])
        shutil.rmtree(self.directory / "nodes" / name, ignore_errors=True)
        for material in (self.directory / "organizations").glob(f"*/nodes/{name}"):
            shutil.rmtree(material, ignore_errors=True)
        book = AddressBook.load(self.directory)
        book.remove(name)
        book.save(self.directory)

    def wait_until_listening(self, nodes: Iterable[NodeRef], book: AddressBook, ctx: Progress) -> None:
        """Wait until the nodes' ports answer; `Unavailable` with the log's end when one keeps ending."""
        until = time.monotonic() + START_SECONDS

        def wait(node: NodeRef) -> None:
            address = book[node.name]
            for port in filter(None, (address.port, address.admin_port)):
                wait_for_port(address.host, port, until, lambda: self.check_alive(node.name, ctx))

        in_parallel(wait, nodes)

    def check_alive(self, process: str, ctx: Progress) -> None:
        """Raise when a process keeps ending by itself, or when the person has cancelled."""
        ctx.check_cancelled()
        state = self.supervisor.states().get(process)
        if state is not None and state.restarts >= MANY_RESTARTS:
            raise self._broken(process, state)

    def _broken(self, name: str, state: ProcessState) -> Unavailable:
        process = load_processes(self.supervisor.directory).get(name)
        end = "\n".join(tail(Path(process.log), 5)) if process else ""
        return Unavailable(
            Text(
                "节点 {n} 启动后又退出（退出码 {c}）。",
                "Node {n} ends after starting (exit code {c}).",
                n=name,
                c=state.exit_code,
            ),
            Text("请查看它的日志。", "See its log."),
            code="node_failed",
            details={"log": end},
        )


def require_ports(node: NodeRef, book: AddressBook) -> None:
    """Raise `Conflict` when a port of a node that does not run is taken by another program."""
    address = book[node.name]
    for port in filter(None, (address.port, address.operations_port, address.admin_port, address.chaincode_port)):
        if not port_is_free(port):
            raise Conflict(
                Text(
                    "节点 {n} 的端口 {p} 已被其他程序占用。",
                    "Port {p} of node {n} is used by another program.",
                    n=node.name,
                    p=port,
                ),
                Text("请停止该程序后重试。", "Stop that program and try again."),
                code="port_taken",
            )


def tail(path: Path, lines: int, limit: int = 4 * 1024 * 1024) -> list[str]:
    """Return the last lines of a text file, reading at most `limit` bytes of it."""
    if not path.exists():
        return []
    with path.open("rb") as stream:
        stream.seek(0, 2)
        stream.seek(max(0, stream.tell() - limit))
        return stream.read().decode("utf-8", "replace").splitlines()[-lines:]


def in_parallel(work: Callable[[NodeRef], Result], nodes: Iterable[NodeRef]) -> list[Result]:
    """Do the same to several nodes at once; the first failure is raised after all have ended, in words."""
    nodes = list(nodes)
    if not nodes:
        return []

    def one(node: NodeRef) -> Result:
        try:
            return work(node)
        except (FabricError, OSError) as e:
            raise Unavailable(
                Text("节点 {n}：{e}", "Node {n}: {e}", n=node.name, e=str(e)),
                Text("请查看节点日志后重试。", "See the node's log and try again."),
                code="node_call_failed",
            ) from e

    with ThreadPoolExecutor(max_workers=min(16, len(nodes))) as pool:
        return list(pool.map(one, nodes))
