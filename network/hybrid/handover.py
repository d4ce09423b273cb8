"""One organisation's peers become real ones while the network works, and back.

What happens, in this order:
1. The organisation's contracts get servers; its administrator installs and approves their packages for real peers, with
   which its embedded peers go on meanwhile: afterwards nobody has to approve anything.
2. Real peers replay every block apart from all clients, with the private data that their organisation holds, and are
   compared block by block.
3. **The switch**: the embedded peers stop; what they have endorsed since goes to the real ones, and
   `hybrid.json` says real.
4. The real peers start at their own addresses, get the newest blocks from the embedded orderers, and are in line with
   the embedded peers by gossip (`network.embedded.gossip_link`): private data go both ways.
Calls at other peers that need the organisation wait meanwhile. Until 3 everything is thrown away by whoever comes next.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fabric_sdk.admin.lifecycle import Lifecycle
from fabric_sdk.admin.peer import PeerConnection, Refused
from fabric_sdk.errors import FabricError
from network import plan
from network.drivers.base import ContractService, Progress
from network.drivers.embedded import EmbeddedDriver
from network.drivers.native import NativeDriver
from network.errors import Conflict, UserError
from network.handle import NetworkHandle
from network.hybrid.nodes import RealPeers
from network.hybrid.pending import pending_sets
from network.hybrid.record import WORK, HybridRecord, RealOrganization
from network.hybrid.waiting import wait_until
from network.native.configs import NodeFolders
from network.native.programs import require_programs
from network.plan import NetworkState
from network.promotion.checks import obstacles_of
from network.promotion.comparison import Differs
from network.promotion.contracts import InForce, contracts_in_force, install, package_of, prepare
from network.promotion.judge import identity_of, replay_on, stored_channels
from network.promotion.private_data import write_transient
from network.promotion.processes import Processes
from network.promotion.replay import ReplayPeers, forget
from network.promotion.stored import StoredChannel
from network.text import Text
from network.topology import NodeRef, OrganizationSpec, TopologySpec
from network.vault import KeyVault

Told = Callable[[str, Text], None]


@dataclass(frozen=True)
class HandedOver:
    """What a handing over did: blocks by channel, how long the peers replayed, and how long nobody answered at the
    organisation's addresses, in seconds."""

    heights: dict[str, int]
    replay_seconds: float
    away_seconds: float


class Handover:
    """Hands organisations of the embedded network in `directory` over to real peers, and back."""

    def __init__(self, directory: Path, vault: KeyVault, ctx: Progress, told: Told = lambda _id, _title: None) -> None:
        self._directory = directory
        self._vault = vault
        self._ctx = ctx
        self._told = told
        self._real = RealPeers(directory, vault)

    def run(self, organization: str, version: str = "") -> HandedOver:
        """Let real peers take an organisation's (name or MSP id) place, or finish what an earlier run began.

        `version` is a Fabric release, the topology's when empty. UserError names the first obstacle, `Differs` the
        first block where Fabric disagrees: then everything is as it was.
        """
        with plan.locked(self._directory, self._ctx):
            spec = self._spec()
            one = spec.organization(organization)
            recover(self._directory, self._vault)
            record = HybridRecord.load(self._directory)
            if one.name in record.organizations:
                entry = record.organizations[one.name]
                self._go_on(spec, one, dict(entry.heights))
                return HandedOver(dict(entry.heights), 0.0, 0.0)
            return self._hand_over(spec.with_(fabric_version=version or spec.fabric_version), one)

    def go_back(self, organization: str) -> None:
        """Let the embedded peers take over again; `Conflict` once the real ones hold private data that those lack."""
        with plan.locked(self._directory, self._ctx):
            spec = self._spec()
            one = spec.organization(organization)
            recover(self._directory, self._vault)
            record = HybridRecord.load(self._directory)
            if one.name not in record.organizations:
                raise UserError(
                    Text("{o}的节点在内置账本里。", "The peers of {o} are embedded.", o=one.title), code="not_real"
                )
            nodes = _peers(spec, one)
            self._told("back", Text("回到内置账本", "Go back to embedded peers"))
            for node in nodes:
                self._real.stop(node.name)
            lacking = self._lacking(spec, nodes[0], dict(record.organizations[one.name].heights))
            if lacking:
                self._real.start(spec, self._ctx)
                raise Conflict(
                    Text(
                        "{o}的真实节点在区块 {b} 之后写入了只有它们持有的私有数据，不能回到内置账本。",
                        "The real peers of {o} have written private data since block {b} that only they hold: they"
                        " cannot become embedded again.",
                        o=one.title,
                        b=lacking,
                    ),
                    code="private_data_there",
                )
            record.with_(one.name, None).save(self._directory)
            self._take_back(nodes)

    # Handing over

    def _hand_over(self, wanted: TopologySpec, one: OrganizationSpec) -> HandedOver:
        handle = NetworkHandle(self._directory, self._vault)
        nodes = _peers(wanted, one)
        names = [c.name for c in wanted.channels if one.name in c.organizations]
        self._told("check", Text("检查能否交接", "Check whether it can be handed over"))
        with stored_channels(self._directory, names) as channels:
            found = list(obstacles_of(handle, NativeDriver(self._directory, self._vault), wanted, nodes, channels))
        if found:
            raise UserError(found[0].text, found[0].hint, code=f"promotion_{found[0].code}")
        record = HybridRecord.load(self._directory)
        record.with_(one.name, RealOrganization("moving", wanted.fabric_version, {}, names_of(nodes))).save(
            self._directory
        )
        try:
            services = self._prepare(handle, one, nodes, names)
            heights, seconds = self._replay(handle, wanted, nodes, names, services)
            self._told("switch", Text("交接", "Hand over"))
            since = time.monotonic()
            heights = self._switch(nodes, names, heights)
            entry = RealOrganization("real", wanted.fabric_version, heights, names_of(nodes))
            HybridRecord.load(self._directory).with_(one.name, entry).save(self._directory)
        except BaseException:
            recover(self._directory, self._vault)
            raise
        self._go_on(self._spec(), one, heights)
        return HandedOver(heights, round(seconds, 2), round(time.monotonic() - since, 2))

    def _prepare(
        self, handle: NetworkHandle, one: OrganizationSpec, nodes: list[NodeRef], names: list[str]
    ) -> list[InForce]:
        """Servers and packages for real peers, approved; the embedded peers run them by their labels."""
        self._told("contracts", Text("为真实节点准备合约", "Make the contracts ready for real peers"))
        native = NativeDriver(self._directory, self._vault)
        with stored_channels(self._directory, names) as channels:
            contracts = [c for c in contracts_in_force(handle, channels) if one.msp_id in c.packages]
        services = {(s.name, s.version): s for s in prepare(handle, native, contracts)}
        for service in services.values():
            native.serve_at(service, nodes, self._ctx)
        for contract in contracts:
            served = services.get((contract.name, contract.version))
            if served is not None:
                self._approve(handle, nodes, contract, served, package_of(self._directory, native, contract))
        return contracts

    def _approve(
        self, handle: NetworkHandle, nodes: list[NodeRef], contract: InForce, service: ContractService, package: bytes
    ) -> None:
        msp_id = nodes[0].organization.msp_id
        for node in nodes:
            self._ctx.check_cancelled()
            with PeerConnection(handle.node_endpoint(node), handle.admin(msp_id), timeout_s=60.0) as connection:
                try:
                    Lifecycle(connection).install(package)
                except (FabricError, Refused) as e:
                    if "already" not in str(e):
                        raise
        with PeerConnection(handle.node_endpoint(nodes[0]), handle.admin(msp_id), timeout_s=60.0) as connection:
            lifecycle = Lifecycle(connection)
            known = lifecycle.query_approved(contract.channel, contract.name, contract.sequence)
            if known is not None and known.package_id == service.package_id:
                return
            for committed in lifecycle.committed(contract.channel):
                if committed.definition.name == contract.name:
                    lifecycle.approve(contract.channel, committed.definition, service.package_id)

    def _replay(
        self,
        handle: NetworkHandle,
        wanted: TopologySpec,
        nodes: list[NodeRef],
        names: list[str],
        contracts: list[InForce],
    ) -> tuple[dict[str, int], float]:
        self._told("replay", Text("真实节点重放并对照", "Replay on real peers and compare"))
        data = {node.name: NodeFolders.of(self._directory, node).data for node in nodes}

        def installing(running: ReplayPeers) -> None:
            self._told("install", Text("在真实节点上安装合约", "Install the contracts on real peers"))
            install(handle, NativeDriver(self._directory, self._vault), running, contracts, self._ctx)

        with stored_channels(self._directory, names) as channels:
            judgement = replay_on(
                NetworkHandle(self._directory, self._vault, spec=wanted),
                Processes(require_programs(wanted.fabric_version)),
                nodes,
                channels,
                self._directory / WORK,
                data,
                self._ctx,
                meanwhile=installing,
            )
            heights = {name: channel.height for name, channel in channels.items()}
        if judgement.difference is not None:
            raise Differs(judgement.difference)
        shutil.rmtree(self._directory / WORK, ignore_errors=True)
        return heights, judgement.seconds

    def _switch(self, nodes: list[NodeRef], names: list[str], since: dict[str, int]) -> dict[str, int]:
        """Stop the embedded peers and give the real ones what their organisation has got since the replay."""
        embedded = EmbeddedDriver(self._directory, self._vault)
        handle = NetworkHandle(self._directory, self._vault)
        for node in nodes:
            embedded.stop(node.name)
        with stored_channels(self._directory, names) as channels:
            pending = {name: pending_sets(self._directory, channel) for name, channel in channels.items()}
            for node in nodes:
                data = NodeFolders.of(self._directory, node).data
                shutil.rmtree(data / "transientstore")  # what it had is in the ledger now
                identity = identity_of(handle, node)
                write_transient(list(channels.values()), data, identity, since=since, pending=pending)
            return {name: channel.height for name, channel in channels.items()}

    def _go_on(self, spec: TopologySpec, one: OrganizationSpec, heights: dict[str, int]) -> None:
        """Start the real peers, and let the embedded ones know them."""
        self._told("start", Text("启动真实节点", "Start the real peers"))
        nodes = _peers(spec, one)
        embedded = EmbeddedDriver(self._directory, self._vault)
        embedded.take_over_settings()
        self._real.start(spec, self._ctx)
        self._real.wait_for_heights(nodes, heights, self._ctx)
        embedded.start()
        names = {node.name for node in nodes}

        def in_line() -> bool:
            known = embedded.real_peers_in_line()
            return names <= known

        wait_until(in_line, self._ctx, Text("真实节点没有连上。", "The real peers are not in line."))

    # And back

    def _lacking(self, spec: TopologySpec, node: NodeRef, since: dict[str, int]) -> int:
        """The number of a block with private data that the organisation holds and the embedded ledger has not; 0."""
        handle = NetworkHandle(self._directory, self._vault, spec=spec)
        with stored_channels(self._directory, list(since)) as channels:
            for name, channel in channels.items():
                found = lacking_block(channel, identity_of(handle, node), since[name])
                if found:
                    return found
        return 0

    def _take_back(self, nodes: list[NodeRef]) -> None:
        self._real.remove(nodes)
        embedded = EmbeddedDriver(self._directory, self._vault)
        embedded.take_over_settings()
        embedded.start()
        for node in nodes:
            embedded.start(node.name)

    def _spec(self) -> TopologySpec:
        state = NetworkState.load(self._directory)
        spec = state.reached or state.wanted
        if spec is None:
            raise UserError(Text("{d} 中没有网络。", "There is no network in {d}.", d=str(self._directory)))
        if spec.runtime != "embedded":
            raise UserError(
                Text("网络 {n} 没有使用内置账本。", "Network {n} does not run on the embedded ledger.", n=spec.name),
                code="not_embedded",
            )
        return spec


def names_of(nodes: list[NodeRef]) -> tuple[str, ...]:
    """The nodes' names."""
    return tuple(node.name for node in nodes)


def _peers(spec: TopologySpec, one: OrganizationSpec) -> list[NodeRef]:
    nodes = [node for node in spec.peers() if node.organization.name == one.name]
    if not nodes:
        raise UserError(Text("{o}没有节点。", "{o} has no peers.", o=one.title), code="no_peers")
    return nodes


def lacking_block(channel: StoredChannel, identity: bytes, since: int) -> int:
    """A block from `since` on with private data that an identity's organisation holds and the ledger lacks; 0."""
    kept = {(s.block, s.transaction, s.namespace, s.collection) for s in channel.private_sets(since)}
    for number in range(since, channel.height):
        block, transactions = channel.block(number)
        codes = block.metadata.metadata[2]
        for position, transaction in enumerate(transactions):
            if codes[position] != 0:
                continue
            for sets in transaction.namespaces:
                for entry in sets.collections:
                    place = (number, position, sets.name, entry.name)
                    config = channel.collection(number, sets.name, entry.name)
                    if not entry.private_hash or place in kept or config is None:
                        continue
                    if channel.is_member(config, identity):
                        return number
    return 0


def recover(directory: Path, vault: KeyVault) -> bool:
    """Throw away what an interrupted handing over left, and let the embedded peers serve; whether there was any."""
    record = HybridRecord.load(directory)
    moving = record.moving
    if not moving:
        return False
    state = NetworkState.load(directory)
    spec = state.reached or state.wanted
    assert spec is not None
    forget(directory / WORK)
    nodes = [node for node in spec.peers() if node.organization.name in moving]
    RealPeers(directory, vault).remove(nodes)
    EmbeddedDriver(directory, vault).serve_again([node.name for node in nodes])
    for name in moving:
        record = record.with_(name, None)
    record.save(directory)
    return True
