"""Real Fabric on this machine: the official `peer` and `orderer` as supervised processes, without Docker."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from fabric_sdk.chaincode.package import ClientTls
from fabric_sdk.files import remove_folder
from network.addresses import LOOPBACK, AddressBook
from network.contract_keys import ensure_keys
from network.contract_sync import ContractSync
from network.drivers.base import (
    PER_PEER,
    Capability,
    ContractService,
    NetworkStatus,
    NodeState,
    NodeStatus,
    Progress,
    Silent,
    Step,
)
from network.errors import Conflict, NotFound, Unavailable
from network.groundwork import GROUNDWORK_KINDS, apply_groundwork, groundwork_steps, share_steps
from network.growth import ADD_CONSENTER, AFTER_ALL, AFTER_ORDERERS, BEFORE_JOINING, GROWTH_KINDS, ChannelGrowth
from network.handle import NetworkHandle
from network.hosts import is_share, local_part
from network.listening import CLOSE, LISTEN, closing, listening_steps, note_closing, public_name, write_addresses
from network.material import OrganizationCA
from network.mending import MEND_NODE, MENDING_KINDS, apply_mending, mending_steps
from network.native.contract_tls import BUILDER_VARIABLE, PER_PEER_TLS, ensure_contract_tls
from network.native.contracts import PROCESS_PREFIX, ContractSlots, process_name, server_host, server_process
from network.native.membership import ChannelMembership
from network.native.nodes import NodeProcesses, in_parallel, tail
from network.native.operations import heights_of, metrics, wait_for_port
from network.native.programs import find_programs, lacking, require_programs
from network.native.renewing import renew_node
from network.plan import NetworkState, promotion_under_way
from network.renewal import RENEW_NODE, pending_renewals, renewal_steps
from network.supervisor.client import SupervisorClient
from network.supervisor.spec import ProcessSpec, ProcessState, load_processes
from network.text import Text
from network.topology import ChannelSpec, NodeRef, Runtime, TopologySpec
from network.vault import KeyVault

START, RESTART, RETIRE = "start", "restart", "retire"
JOIN_ORDERERS, JOIN_PEERS, LEADER, CONTRACTS = "join-orderers", "join-peers", "leader", "contracts"
CONTRACT_SECONDS = 60.0


class NativeDriver:
    """Networks of `peer` and `orderer` processes in one folder.

    `programs` is a folder named in the settings; without it the environment, the cache and PATH are searched.
    """

    def __init__(self, directory: Path, vault: KeyVault, programs: Path | None = None) -> None:
        self.directory = directory
        self._vault = vault
        self._programs = programs
        self._supervisor = SupervisorClient(directory / "run")
        self._nodes = NodeProcesses(directory, self._supervisor, programs)

    @property
    def runtime(self) -> Runtime:
        return "native"

    def check(self, spec: TopologySpec) -> Capability:
        """Say whether this machine has the programs that `spec` needs."""
        if any(getattr(n.node, "state_database", "") == "couchdb" for n in spec.peers()):
            return Capability(
                False,
                reason=Text("官方程序不带 CouchDB。", "The native runtime offers no CouchDB."),
                hint=Text("请改用 LevelDB，或改用 Docker。", "Use LevelDB, or the docker runtime."),
            )
        programs = find_programs(spec.fabric_version, self._programs)
        if programs is None:
            return Capability(
                False,
                reason=lacking(spec.fabric_version, self._programs),
                hint=Text("请下载该版本，或导入离线包。", "Download that version, or import an offline bundle."),
            )
        return Capability(True, programs.version, details={"programs": str(programs.directory)})

    # Plan and apply

    def plan(self, spec: TopologySpec, state: NetworkState) -> list[Step]:
        """Return what is missing: groundwork, processes, channels, contracts at new peers; and what must go."""
        self._require(spec)
        ground = (share_steps if is_share(self.directory) else groundwork_steps)(self.directory, spec, self._vault)
        here = local_part(self.directory, spec)
        mending = mending_steps(self.directory, here, self._vault)
        if any(step.kind == MEND_NODE for step in mending):
            return [*ground, *mending, Step(START, spec.name, Text("启动节点", "Start the nodes"))]
        absent = self._nodes.absent(here)
        steps = [*ground, *mending, *listening_steps(self.directory, spec, list(here.nodes()))]
        if absent:
            steps.append(Step(START, spec.name, Text("启动节点", "Start the nodes")))
        steps += [
            Step(
                RESTART, n.name, Text("以新设置重启 {n}", "Restart {n} with new settings", n=n.name), needs_restart=True
            )
            for n in ([] if ground else self._nodes.outdated(here))
        ]
        steps += renewal_steps(self.directory, here)
        waiting = len(steps)
        names = {n.name for n in absent}
        running = [n for n in here.nodes() if n.name not in names]
        # Begun by somebody who was killed a moment ago, they may not answer yet.
        self._nodes.wait_until_listening(running, AddressBook.load(self.directory), Silent())
        for channel in spec.channels:
            steps += self._channel_steps(spec, channel, running)
        if closing(self.directory) and len(steps) == waiting:  # every channel knows them by loopback again
            title = Text("节点不再对外监听", "Let the nodes listen outside no more")
            steps.append(Step(CLOSE, spec.name, title, needs_restart=True))
        steps += [
            Step(RETIRE, name, Text("移除节点 {n}", "Remove node {n}", n=name), destructive=True)
            for name in self._nodes.retired(here)
        ]
        return steps

    def _require(self, spec: TopologySpec) -> None:
        """Raise when this machine cannot run `spec`."""
        capability = self.check(spec)
        if not capability.available:
            require_programs(spec.fabric_version, self._programs)
            raise Conflict(capability.reason or "", capability.hint)

    def _channel_steps(self, spec: TopologySpec, channel: ChannelSpec, running: list[NodeRef]) -> list[Step]:
        name = channel.name
        orderers = Step(JOIN_ORDERERS, name, Text("排序节点加入通道 {c}", "Join the orderers to {c}", c=name))
        peers = Step(JOIN_PEERS, name, Text("Peer 节点加入通道 {c}", "Join the peers to {c}", c=name))
        leader = Step(LEADER, name, Text("等待通道 {c} 选出主节点", "Wait for a leader of {c}", c=name))
        contracts = Step(CONTRACTS, name, Text("为新节点安装合约", "Bring the contracts to new peers"))
        here = local_part(self.directory, spec)
        membership = ChannelMembership(self._handle(), here, channel, self._nodes)
        orderers_here = list(here.orderers())
        serving = membership.serving_orderers([n for n in running if n.kind == "orderer"])
        if orderers_here and not serving:
            return [orderers, peers, leader, *([contracts] if self._unserved(here, channel) else [])]
        growth = [] if is_share(self.directory) else self._growth(spec, channel).steps()
        steps = [s for s in growth if s.kind in BEFORE_JOINING]
        if len(serving) < len(orderers_here):
            steps.append(orderers)
        steps += [s for s in growth if s.kind in AFTER_ORDERERS]
        running_names = {n.name for n in running}
        if membership.missing_peers(running) or any(n.name not in running_names for n in membership.members):
            steps.append(peers)
        if self._unserved(here, channel):
            steps.append(contracts)
        return steps + [s for s in growth if s.kind in AFTER_ALL]

    def apply(self, step: Step, ctx: Progress) -> None:
        """Do one step."""
        spec = self._wanted()
        if step.kind in GROUNDWORK_KINDS:
            apply_groundwork(self.directory, spec, self._vault, step, ctx)
        elif step.kind in MENDING_KINDS:
            if step.kind == MEND_NODE:
                self.stop(step.target)
            apply_mending(self.directory, spec, self._vault, step, ctx)
        elif step.kind == START:
            here = local_part(self.directory, spec)
            self._nodes.start(here, self._nodes.absent(here), ctx)
        elif step.kind == LISTEN:
            self._listen(spec, ctx)
        elif step.kind == CLOSE:
            note_closing(self.directory, "closing")
            self._restart_all(spec, ctx)
            note_closing(self.directory, "")
        elif step.kind == RESTART:
            self._restart(spec, spec.node(step.target), ctx)
        elif step.kind == RENEW_NODE:
            node = spec.node(step.target)
            renew_node(self._handle(), spec, node, self._nodes, ctx)
        elif step.kind == RETIRE:
            self._nodes.retire(step.target)
        else:
            self._apply_to_channel(spec, spec.channel(step.target.partition("/")[0]), step, ctx)

    def _apply_to_channel(self, spec: TopologySpec, channel: ChannelSpec, step: Step, ctx: Progress) -> None:
        here = local_part(self.directory, spec)
        membership = ChannelMembership(self._handle(), here, channel, self._nodes)
        if step.kind == JOIN_ORDERERS:
            membership.join_orderers()
        elif step.kind == JOIN_PEERS:
            membership.join_peers(ctx)
        elif step.kind == LEADER:
            membership.wait_for_leader(ctx)
        elif step.kind == CONTRACTS:
            self._serve_everywhere(here, channel, ctx)
        elif step.kind in GROWTH_KINDS:
            if step.kind == ADD_CONSENTER:
                membership.wait_until_caught_up(spec.node(step.target.partition("/")[2]), ctx)
            self._growth(spec, channel).apply(step, ctx, lambda: membership.wait_until_whole(ctx))
        else:
            raise ValueError(f"unknown step {step.id}")

    def _growth(self, spec: TopologySpec, channel: ChannelSpec) -> ChannelGrowth:
        renewing = frozenset(pending_renewals(self.directory))
        return ChannelGrowth(self._handle(), spec, channel, self._vault, renewing)

    def _listen(self, spec: TopologySpec, ctx: Progress) -> None:
        """Let this machine's nodes listen where was chosen, one after the other; done again when interrupted."""
        here = list(local_part(self.directory, spec).nodes())
        for node in here:
            ca = OrganizationCA(self.directory, spec.name, node.organization, self._vault)
            if not ca.foreign:  # whose authority is elsewhere certifies the name by request, when it is asked anew
                ca.nodes.readdress_tls(node)
        if public_name(self.directory):
            note_closing(self.directory, "")
            self._restart_all(spec, ctx, lambda node: write_addresses(self.directory, [node]))
        else:
            note_closing(self.directory, "moving")
            write_addresses(self.directory, here)

    def _restart_all(
        self, spec: TopologySpec, ctx: Progress, before: Callable[[NodeRef], None] = lambda _node: None
    ) -> None:
        """Restart this machine's nodes that run, one after the other."""
        for node in local_part(self.directory, spec).nodes():
            ctx.check_cancelled()
            before(node)
            if node.name in load_processes(self._supervisor.directory):
                self._restart(spec, node, ctx)

    def _restart(self, spec: TopologySpec, node: NodeRef, ctx: Progress) -> None:
        self._nodes.restart(spec, node, ctx)
        if node.kind == "orderer":
            for channel in spec.channels:
                ChannelMembership(self._handle(), spec, channel, self._nodes).wait_until_whole(ctx)

    # Operation

    def status(self) -> NetworkStatus:
        """Return every node's and contract server's state, with ledger heights from the nodes' metrics."""
        spec = self._handle().spec
        states = self._supervisor.states()
        book = AddressBook.load(self.directory)
        statuses = in_parallel(lambda n: self._node_status(n, states.get(n.name), book), spec.nodes())
        for slot, service in ContractSlots(self.directory).services():
            for peer in spec.peers():
                state = states.get(process_name(service.label, peer))
                if state is not None:
                    statuses.append(_contract_status(state, peer, book, slot))
        return NetworkStatus(spec.name, "native", tuple(statuses))

    def _node_status(self, node: NodeRef, state: ProcessState | None, book: AddressBook) -> NodeStatus:
        if node.name not in book:
            return NodeStatus(node.name, node.kind, node.organization.msp_id, "", "stopped")
        address = book[node.name]
        heights: dict[str, int] = {}
        detail = None
        if state is not None and state.state == "running":
            try:
                heights = heights_of(metrics(address.operations_host, address.operations_port))
            except Unavailable as e:
                detail = e.message if isinstance(e.message, Text) else None
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
        )

    def logs(self, node: str, lines: int = 200) -> list[str]:
        """Return the end of a node's or contract server's log."""
        known = load_processes(self._supervisor.directory)
        process = known.get(node) or known.get(self._handle().spec.node(node).name)
        if process is None:
            raise NotFound(Text("节点 {n} 还没有日志。", "Node {n} has no log yet.", n=node))
        return tail(Path(process.log), lines)

    def start(self, node: str | None = None) -> None:
        """Start one node or all of them, contract servers included."""
        spec = self._handle().spec
        if node is not None and node.startswith(PROCESS_PREFIX):
            self._supervisor.start([node])
            return
        here = local_part(self.directory, spec)
        nodes = list(here.nodes()) if node is None else [here.node(node)]
        self._nodes.start(here, nodes, Silent())
        names = {n.name for n in nodes}
        known = load_processes(self._supervisor.directory)
        self._supervisor.start([p for p in known if p.partition("@")[2] in names])

    def stop(self, node: str | None = None) -> None:
        """Stop one node (with its contract servers), or all of them and the supervisor."""
        if node is None:
            self._supervisor.stop_all()
            return
        if not node.startswith(PROCESS_PREFIX):
            node = self._handle().spec.node(node).name
        known = load_processes(self._supervisor.directory)
        if self._supervisor.running:
            self._supervisor.stop([n for n in known if node in (n, n.partition("@")[2])])

    def destroy(self) -> None:
        """Stop everything and remove the network's folders and keys."""
        self._supervisor.shutdown()
        state = NetworkState.load(self.directory)
        for name in {spec.name for spec in (state.wanted, state.reached) if spec is not None}:
            for key in [k for k in self._vault.names() if k.startswith(f"{name}/")]:
                self._vault.remove(key)
        for folder in ("nodes", "channels", "organizations", "run", "pending", "serving"):
            remove_folder(self.directory / folder)
        for file in (
            "addresses.json",
            "contracts.json",
            "renewals.json",
            "host.json",
            "listening.json",
            "listening.closing",
            "snapshots.json",
            "stopped",
        ):
            (self.directory / file).unlink(missing_ok=True)

    # Contracts

    def contract_address(self, name: str, version: str) -> str:
        """Return the address for `connection.json`; each peer's builder fills in its own host and ports."""
        handle = self._handle()
        tls = self._serves_with_tls()
        slot = ContractSlots(self.directory).allocate(name, version, handle.addresses, handle.peers(), tls=tls)
        return PER_PEER + slot

    def contract_tls(self, name: str, version: str) -> ClientTls | None:
        """Return what the peers' builder completes with each one's own certificates."""
        return PER_PEER_TLS if ContractSlots(self.directory).tls(name, version) else None

    def _serves_with_tls(self) -> bool:
        """Whether the peers here were all started with what a package with TLS is completed with."""
        known = load_processes(self._supervisor.directory)
        return all(BUILDER_VARIABLE in known[p.name].env_files for p in self._handle().peers() if p.name in known)

    def _server_process(self, service: ContractService, slot: str, peer: NodeRef, book: AddressBook) -> ProcessSpec:
        tls = ensure_contract_tls(self.directory, peer) if service.tls else None
        return server_process(self.directory, service, slot, peer, book, tls)

    def seen_from_nodes(self) -> str:
        """Return this machine: the nodes run on it."""
        return LOOPBACK

    def serve_contract(self, service: ContractService, ctx: Progress) -> None:
        """Run one server of the contract for each peer that can call it."""
        handle = self._handle()
        slots = ContractSlots(self.directory)
        slots.adopt(service)
        slot = slots.assign(service)
        service = replace(service, tls=slots.tls(service.name, service.version))
        peers = handle.channel_peers(service.channel) if service.channel else handle.peers()
        here = {n.name for n in local_part(self.directory, handle.spec).peers()}
        self._serve(service, slot, [p for p in peers if p.name in here], ctx)

    def serve_at(self, service: ContractService, peers: list[NodeRef], ctx: Progress) -> None:
        """Run one server of the contract, which has its slot, for each of these peers."""
        slots = ContractSlots(self.directory)
        slot = slots.assign(service)
        self._serve(replace(service, tls=slots.tls(service.name, service.version)), slot, peers, ctx)

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
            self._supervisor.ensure()
            self._supervisor.remove(names)
        slots.release(package_id)

    def _server_addresses(self) -> AddressBook:
        """The peers' addresses with the host on which their contract servers listen."""
        return AddressBook.load(self.directory)

    def _serve(self, service: ContractService, slot: str, peers: list[NodeRef], ctx: Progress) -> None:
        book = self._server_addresses()
        for organization in {p.organization.name: p.organization for p in peers}.values():
            ensure_keys(self.directory, organization)
        self._supervisor.put([self._server_process(service, slot, peer, book) for peer in peers])
        self._wait_for_servers(service, slot, peers, book, ctx)

    def _wait_for_servers(
        self, service: ContractService, slot: str, peers: list[NodeRef], book: AddressBook, ctx: Progress
    ) -> None:
        until = time.monotonic() + CONTRACT_SECONDS

        def wait(peer: NodeRef) -> None:
            address = book[peer.name]
            port = int(address.contract_prefix + slot)
            process = process_name(service.label, peer)
            wait_for_port(server_host(peer, address), port, until, lambda: self._nodes.check_alive(process, ctx))

        in_parallel(wait, peers)

    def _channel_services(self, channel: ChannelSpec) -> list[tuple[str, ContractService]]:
        return [(s, c) for s, c in ContractSlots(self.directory).services() if c.channel in ("", channel.name)]

    def _unserved(self, spec: TopologySpec, channel: ChannelSpec) -> bool:
        """Whether a peer of the channel lacks the running server, as it should be, of one of its contracts."""
        known = load_processes(self._supervisor.directory)
        states = self._supervisor.states()
        services = self._channel_services(channel)
        if not services:
            return False
        book = self._server_addresses()
        for slot, service in services:
            for peer in spec.peers():
                if peer.organization.name not in channel.organizations:
                    continue
                name = process_name(service.label, peer)
                if name not in states or states[name].state == "stopped" or peer.name not in book:
                    return True
                if known[name] != self._server_process(service, slot, peer, book):
                    return True
        return False

    def _serve_everywhere(self, spec: TopologySpec, channel: ChannelSpec, ctx: Progress) -> None:
        peers = [n for n in spec.peers() if n.organization.name in channel.organizations]
        if not promotion_under_way(self.directory):  # whose last step alone lets organisations approve
            ContractSync(NetworkHandle(self.directory, self._vault, spec=spec), channel.name, peers).run(ctx)
        for slot, service in self._channel_services(channel):
            self._serve(service, slot, peers, ctx)

    # Inside

    def _handle(self) -> NetworkHandle:
        """Return a handle of the network as it is wanted, which contains nodes that are still being added."""
        return NetworkHandle(self.directory, self._vault, spec=NetworkState.load(self.directory).wanted)

    def _wanted(self) -> TopologySpec:
        wanted = NetworkState.load(self.directory).wanted
        if wanted is None:
            raise NotFound(Text("{d} 中没有网络。", "There is no network in {d}.", d=str(self.directory)))
        return wanted


def _contract_status(state: ProcessState, peer: NodeRef, book: AddressBook, slot: str) -> NodeStatus:
    address = book[peer.name]
    return NodeStatus(
        state.name,
        "contract",
        peer.organization.msp_id,
        f"{server_host(peer, address)}:{address.contract_prefix}{slot}",
        node_state(state.state),
        pid=state.pid,
        restarts=state.restarts,
        since=state.since,
    )


def node_state(state: str) -> NodeState:
    """A supervised process's state as a node's."""
    return state if state in ("running", "starting", "stopped", "failed") else "unknown"  # type: ignore[return-value]
