"""Real Fabric on this machine: the official `peer` and `orderer` as supervised processes, without Docker."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from fabric_sdk.admin.channels import Channels
from fabric_sdk.admin.participation import ParticipationError
from fabric_sdk.errors import FabricError, GatewayError
from network.addresses import AddressBook, port_is_free
from network.drivers.base import (
    Capability,
    ContractService,
    NetworkStatus,
    NodeState,
    NodeStatus,
    Progress,
    Silent,
    Step,
)
from network.errors import Conflict, DeadlineExceeded, NotFound, Unavailable
from network.groundwork import GROUNDWORK_KINDS, apply_groundwork, genesis_path, groundwork_steps
from network.handle import NetworkHandle
from network.material import OrganizationCA
from network.native.configs import NodeFolders, write_orderer_config, write_peer_config
from network.native.contracts import PROCESS_PREFIX, ContractSlots, process_name, server_process
from network.native.operations import metric, metrics, wait_for_port
from network.native.programs import find_programs, require_programs
from network.plan import NetworkState
from network.supervisor.client import SupervisorClient
from network.supervisor.spec import ProcessSpec, ProcessState, load_processes
from network.text import Text
from network.topology import ChannelSpec, NodeRef, Runtime, TopologySpec
from network.vault import KeyVault, vault_name

START, JOIN_ORDERERS, JOIN_PEERS, LEADER = "start", "join-orderers", "join-peers", "leader"
START_SECONDS = 60.0
LEADER_SECONDS = 60.0
MANY_RESTARTS = 3
Result = TypeVar("Result")


class NativeDriver:
    """Networks of `peer` and `orderer` processes in one folder.

    `programs` is a folder named in the settings; without it the environment, the cache and PATH are searched.
    """

    def __init__(self, directory: Path, vault: KeyVault, programs: Path | None = None) -> None:
        self.directory = directory
        self._vault = vault
        self._programs = programs
        self._supervisor = SupervisorClient(directory / "run")

    @property
    def runtime(self) -> Runtime:
        return "native"

    def check(self, spec: TopologySpec) -> Capability:
        """Say whether this machine has the programs that `spec` needs."""
        programs = find_programs(spec.fabric_version, self._programs)
        couch = [n.name for n in spec.peers() if getattr(n.node, "state_database", "") == "couchdb"]
        if couch:
            return Capability(
                False,
                reason=Text("native 运行方式不提供 CouchDB。", "The native runtime offers no CouchDB."),
                hint=Text("请改用 LevelDB，或使用 docker 运行方式。", "Use LevelDB, or the docker runtime."),
            )
        if programs is None:
            return Capability(
                False,
                reason=Text(
                    "本机没有 Fabric {v} 的程序。", "Fabric {v} is not on this machine.", v=spec.fabric_version
                ),
                hint=Text("请下载该版本，或导入离线包。", "Download that version, or import an offline bundle."),
            )
        return Capability(True, programs.version, details={"programs": str(programs.directory)})

    # Plan and apply

    def plan(self, spec: TopologySpec, state: NetworkState) -> list[Step]:
        """Return what is missing: groundwork, processes, channel membership."""
        require_programs(spec.fabric_version, self._programs)
        steps = groundwork_steps(self.directory, spec, self._vault)
        missing = steps or self._not_running(spec)
        if missing:
            steps.append(Step(START, spec.name, Text("启动节点", "Start the nodes")))
        for channel in spec.channels:
            steps += self._channel_steps(spec, channel, certain=not missing)
        return steps

    def apply(self, step: Step, ctx: Progress) -> None:
        """Do one step."""
        spec = self._wanted()
        if step.kind in GROUNDWORK_KINDS:
            apply_groundwork(self.directory, spec, self._vault, step, ctx)
        elif step.kind == START:
            self._start_nodes(spec, list(spec.nodes()), ctx)
        elif step.kind == JOIN_ORDERERS:
            self._join_orderers(spec, spec.channel(step.target))
        elif step.kind == JOIN_PEERS:
            self._join_peers(spec, spec.channel(step.target), ctx)
        elif step.kind == LEADER:
            self._wait_for_leader(spec, spec.channel(step.target), ctx)
        else:
            raise ValueError(f"unknown step {step.id}")

    def _channel_steps(self, spec: TopologySpec, channel: ChannelSpec, *, certain: bool) -> list[Step]:
        """Return the membership steps of a channel; without running nodes (`certain` False) all of them."""
        name = channel.name
        orderers = Step(JOIN_ORDERERS, name, Text("排序节点加入通道 {c}", "Join the orderers to {c}", c=name))
        peers = Step(JOIN_PEERS, name, Text("Peer 节点加入通道 {c}", "Join the peers to {c}", c=name))
        leader = Step(LEADER, name, Text("等待通道 {c} 选出主节点", "Wait for a leader of {c}", c=name))
        if not certain:
            return [orderers, peers, leader]
        steps = []
        if any(name not in channels for channels in _parallel(self._orderer_channels, spec.orderers())):
            steps += [orderers, leader]
        members = [n for n in spec.peers() if n.organization.name in channel.organizations]
        if any(name not in c for c in _parallel(self._peer_channels, members)):
            steps.insert(len(steps) and 1, peers)
        return steps

    # Processes

    def _process(self, spec: TopologySpec, node: NodeRef, book: AddressBook) -> ProcessSpec:
        programs = require_programs(spec.fabric_version, self._programs)
        folders = NodeFolders.of(self.directory, node)
        folders.data.mkdir(parents=True, exist_ok=True)
        address = book[node.name]
        if node.kind == "orderer":
            environment = write_orderer_config(folders, node, address)
            argv: tuple[str, ...] = (str(programs.orderer),)
        else:
            bootstrap = [
                book[other.name].address
                for other in spec.peers()
                if other.organization == node.organization and other.name != node.name
            ]
            environment = write_peer_config(
                folders, node, address, bootstrap, programs.builder, fabric_version=spec.fabric_version
            )
            argv = (str(programs.peer), "node", "start")
        return ProcessSpec(node.name, argv, str(folders.log), str(folders.data), environment)

    def _not_running(self, spec: TopologySpec) -> list[NodeRef]:
        states = self._supervisor.states()
        known = load_processes(self._supervisor.directory)
        book = AddressBook.load(self.directory)
        return [
            node
            for node in spec.nodes()
            if node.name not in states
            or states[node.name].state != "running"
            or known[node.name] != self._process(spec, node, book)
        ]

    def _start_nodes(self, spec: TopologySpec, nodes: list[NodeRef], ctx: Progress) -> None:
        book = AddressBook.load(self.directory)
        states = self._supervisor.states()
        for node in nodes:
            if node.name not in states or states[node.name].pid is None:
                _require_ports(node, book)
        self._supervisor.put([self._process(spec, node, book) for node in nodes])
        self._wait_until_listening(nodes, book, ctx)

    def _wait_until_listening(self, nodes: Iterable[NodeRef], book: AddressBook, ctx: Progress) -> None:
        until = time.monotonic() + START_SECONDS

        def wait(node: NodeRef) -> None:
            address = book[node.name]
            for port in filter(None, (address.port, address.admin_port)):
                wait_for_port(address.host, port, until, lambda: self._check_alive(node, ctx))

        _parallel(wait, nodes)

    def _check_alive(self, node: NodeRef, ctx: Progress) -> None:
        ctx.check_cancelled()
        state = self._supervisor.states().get(node.name)
        if state is not None and state.restarts >= MANY_RESTARTS:
            raise self._broken(node.name, state)

    def _broken(self, name: str, state: ProcessState) -> Unavailable:
        tail = "\n".join(self.logs(name, 5))
        return Unavailable(
            Text(
                "节点 {n} 启动后又退出（退出码 {c}）。",
                "Node {n} ends after starting (exit code {c}).",
                n=name,
                c=state.exit_code,
            ),
            Text("请查看它的日志。", "See its log."),
            code="node_failed",
            details={"log": tail},
        )

    # Channels

    def _join_orderers(self, spec: TopologySpec, channel: ChannelSpec) -> None:
        block = genesis_path(self.directory, channel.name).read_bytes()
        handle = self._handle()

        def join(node: NodeRef) -> None:
            with handle.participation(node) as participation:
                try:
                    participation.join(block)
                except ParticipationError:
                    if participation.info(channel.name) is None:
                        raise

        _parallel(join, spec.orderers())

    def _join_peers(self, spec: TopologySpec, channel: ChannelSpec, ctx: Progress) -> None:
        block = genesis_path(self.directory, channel.name).read_bytes()
        handle = self._handle()
        until = time.monotonic() + START_SECONDS

        def join(node: NodeRef) -> None:
            with handle.peer_connection(node) as peer:
                while True:
                    try:
                        Channels(peer).join(block)
                    except GatewayError as e:
                        if e.code != "UNAVAILABLE" or time.monotonic() > until:
                            raise
                        self._check_alive(node, ctx)
                        time.sleep(0.1)
                    else:
                        return

        _parallel(join, [n for n in spec.peers() if n.organization.name in channel.organizations])

    def _peer_channels(self, node: NodeRef) -> set[str]:
        with self._handle().peer_connection(node) as peer:
            return set(Channels(peer).names())

    def _orderer_channels(self, node: NodeRef) -> set[str]:
        with self._handle().participation(node) as participation:
            return set(participation.list())

    def _wait_for_leader(self, spec: TopologySpec, channel: ChannelSpec, ctx: Progress) -> None:
        book = AddressBook.load(self.directory)
        name = "consensus_BFT_is_leader" if spec.consensus == "bft" else "consensus_etcdraft_is_leader"
        until = time.monotonic() + LEADER_SECONDS
        while time.monotonic() < until:
            ctx.check_cancelled()
            for node in spec.orderers():
                address = book[node.name]
                try:
                    text = metrics(address.host, address.operations_port)
                except Unavailable:
                    continue
                if metric(text, name, channel=channel.name) == 1:
                    return
            time.sleep(0.02)
        raise DeadlineExceeded(
            Text("通道 {c} 在规定时间内没有选出主节点。", "Channel {c} has elected no leader in time.", c=channel.name),
            Text("请查看排序节点的日志。", "See the logs of the orderers."),
        )

    # Operation

    def status(self) -> NetworkStatus:
        """Return every node's and contract server's state, with ledger heights from the nodes' metrics."""
        spec = self._handle().spec
        states = self._supervisor.states()
        book = AddressBook.load(self.directory)
        statuses = _parallel(lambda n: self._node_status(n, states.get(n.name), book), spec.nodes())
        for slot, service in ContractSlots(self.directory).services():
            for peer in spec.peers():
                state = states.get(process_name(service.label, peer))
                if state is not None:
                    address = book[peer.name]
                    statuses.append(
                        NodeStatus(
                            state.name,
                            "contract",
                            peer.organization.msp_id,
                            f"{address.host}:{address.contract_prefix}{slot}",
                            _node_state(state.state),
                            pid=state.pid,
                            restarts=state.restarts,
                            since=state.since,
                        )
                    )
        return NetworkStatus(spec.name, "native", tuple(statuses))

    def _node_status(self, node: NodeRef, state: ProcessState | None, book: AddressBook) -> NodeStatus:
        address = book[node.name]
        heights: dict[str, int] = {}
        detail = None
        if state is not None and state.state == "running":
            try:
                heights = heights_of(metrics(address.host, address.operations_port))
            except Unavailable as e:
                detail = e.message if isinstance(e.message, Text) else None
        return NodeStatus(
            node.name,
            node.kind,
            node.organization.msp_id,
            address.address,
            _node_state(state.state) if state else "stopped",
            heights,
            detail,
            state.pid if state else None,
            state.restarts if state else 0,
            state.since if state else None,
        )

    def logs(self, node: str, lines: int = 200) -> list[str]:
        """Return the end of a node's or contract server's log."""
        process = load_processes(self._supervisor.directory).get(node)
        if process is None:
            process = load_processes(self._supervisor.directory).get(self._handle().spec.node(node).name)
        if process is None:
            raise NotFound(Text("节点 {n} 还没有日志。", "Node {n} has no log yet.", n=node))
        return tail(Path(process.log), lines)

    def start(self, node: str | None = None) -> None:
        """Start one node or all of them, contract servers included."""
        spec = self._handle().spec
        if node is not None and node.startswith(PROCESS_PREFIX):
            self._supervisor.start([node])
            return
        nodes = list(spec.nodes()) if node is None else [spec.node(node)]
        self._start_nodes(spec, nodes, Silent())
        names = {n.name for n in nodes}
        self._supervisor.start([p for p in load_processes(self._supervisor.directory) if p.partition("@")[2] in names])

    def stop(self, node: str | None = None) -> None:
        """Stop one node (with its contract servers), or all of them and the supervisor."""
        if node is None:
            self._supervisor.stop_all()
            return
        if not node.startswith(PROCESS_PREFIX):
            node = self._handle().spec.node(node).name
        known = load_processes(self._supervisor.directory)
        if self._supervisor.running:
            self._supervisor.stop([n for n in known if n == node or n.partition("@")[2] == node])

    def destroy(self) -> None:
        """Stop everything and remove the network's folders and keys."""
        self._supervisor.shutdown()
        state = NetworkState.load(self.directory)
        for spec in filter(None, (state.wanted, state.reached)):
            for organization in spec.organizations:
                ca = OrganizationCA(self.directory, spec.name, organization, self._vault)
                for what in ("ca", "tlsca", *ca.people()):
                    self._vault.remove(vault_name(spec.name, organization.msp_id, what))
        for name in ("nodes", "channels", "organizations", "run"):
            shutil.rmtree(self.directory / name, ignore_errors=True)
        for name in ("addresses.json", "contracts.json"):
            (self.directory / name).unlink(missing_ok=True)

    # Contracts

    def contract_address(self, name: str, version: str) -> str:
        """Return the address for `connection.json`; each peer's builder fills in its own host and ports."""
        handle = self._handle()
        slot = ContractSlots(self.directory).allocate(name, version, handle.addresses, handle.peers())
        return "{{.contract_host}}:{{.contract_prefix}}" + slot

    def serve_contract(self, service: ContractService, ctx: Progress) -> None:
        """Run one server of the contract for each peer that can call it."""
        handle = self._handle()
        slot = ContractSlots(self.directory).assign(service)
        peers = handle.channel_peers(service.channel) if service.channel else handle.peers()
        book = handle.addresses
        self._supervisor.put([server_process(self.directory, service, slot, peer, book) for peer in peers])
        until = time.monotonic() + START_SECONDS

        def check(peer: NodeRef) -> None:
            ctx.check_cancelled()
            state = self._supervisor.states().get(process_name(service.label, peer))
            if state is not None and state.restarts >= MANY_RESTARTS:
                raise self._broken(state.name, state)

        _parallel(
            lambda p: wait_for_port(
                book[p.name].host, int(book[p.name].contract_prefix + slot), until, lambda: check(p)
            ),
            peers,
        )

    def stop_contract(self, package_id: str) -> None:
        """Stop the servers of a package and free its ports."""
        slots = ContractSlots(self.directory)
        labels = {service.label for _, service in slots.services() if service.package_id == package_id}
        names = [
            name
            for name in load_processes(self._supervisor.directory)
            if name.startswith(PROCESS_PREFIX) and name[len(PROCESS_PREFIX) :].partition("@")[0] in labels
        ]
        if names:
            self._supervisor.remove(names)
        slots.release(package_id)

    # Inside

    def _handle(self) -> NetworkHandle:
        return NetworkHandle(self.directory, self._vault)

    def _wanted(self) -> TopologySpec:
        wanted = NetworkState.load(self.directory).wanted
        if wanted is None:
            raise NotFound(Text("{d} 中没有网络。", "There is no network in {d}.", d=str(self.directory)))
        return wanted


def heights_of(text: str) -> dict[str, int]:
    """Return ledger heights by channel out of a node's Prometheus metrics."""
    heights = {}
    for line in text.splitlines():
        if line.startswith('ledger_blockchain_height{channel="'):
            channel, _, rest = line.partition('"')[2].partition('"')
            heights[channel] = int(float(rest.rsplit(" ", 1)[1]))
    return heights


def tail(path: Path, lines: int, limit: int = 4 * 1024 * 1024) -> list[str]:
    """Return the last lines of a text file, reading at most `limit` bytes of it."""
    if not path.exists():
        return []
    with path.open("rb") as stream:
        stream.seek(0, 2)
        stream.seek(max(0, stream.tell() - limit))
        return stream.read().decode("utf-8", "replace").splitlines()[-lines:]


def _parallel(work: Callable[[NodeRef], Result], nodes: Iterable[NodeRef]) -> list[Result]:
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


def _require_ports(node: NodeRef, book: AddressBook) -> None:
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


def _node_state(state: str) -> NodeState:
    return state if state in ("running", "starting", "stopped", "failed") else "unknown"  # type: ignore[return-value]
