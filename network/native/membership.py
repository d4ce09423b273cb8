"""Which node is in which channel, and whether the ordering service is whole."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from fabric_sdk.admin.channels import Channels
from fabric_sdk.admin.participation import ParticipationError
from fabric_sdk.admin.peer import Refused
from fabric_sdk.errors import FabricError, GatewayError
from fabric_sdk.wire import encode
from network.config_updates import ChannelUpdater
from network.drivers.base import Progress
from network.errors import DeadlineExceeded, Unavailable
from network.groundwork import genesis_path
from network.handle import NetworkHandle
from network.material import OrganizationCA
from network.native.ledger_snapshots import SnapshotNotes, read
from network.native.nodes import NodeProcesses, in_parallel
from network.native.operations import heights_of, metric, metrics
from network.text import Text
from network.topology import ChannelSpec, NodeRef, TopologySpec

JOIN_SECONDS = 60.0
LEADER_SECONDS = 60.0
SNAPSHOT_SECONDS = 3600.0
Answer = TypeVar("Answer")


class ChannelMembership:
    """Membership of the nodes of `spec` in one channel."""

    def __init__(self, handle: NetworkHandle, spec: TopologySpec, channel: ChannelSpec, nodes: NodeProcesses) -> None:
        self._handle = handle
        self._spec = spec
        self._channel = channel
        self._nodes = nodes

    @property
    def _genesis(self) -> Path:
        return genesis_path(self._handle.directory, self._channel.name)

    @property
    def members(self) -> list[NodeRef]:
        """The peers that belong into the channel and are joined from here.

        Those hosted for an organisation with its own authority are joined by its administrator, who is elsewhere.
        """
        directory, vault = self._handle.directory, self._handle.vault
        foreign = {
            o.name for o in self._spec.organizations if OrganizationCA(directory, self._spec.name, o, vault).foreign
        }
        return [
            n
            for n in self._spec.peers()
            if n.organization.name in self._channel.organizations and n.organization.name not in foreign
        ]

    def serving_orderers(self, running: list[NodeRef]) -> set[str]:
        """Return which of the running orderers serve the channel."""
        return {node.name for node, serves in zip(running, in_parallel(self._serves, running), strict=True) if serves}

    def missing_peers(self, running: list[NodeRef]) -> list[NodeRef]:
        """Return which of the running member peers have not joined."""
        names = {n.name for n in running}
        members = [n for n in self.members if n.name in names]
        joined = in_parallel(self._has_joined, members)
        return [node for node, has in zip(members, joined, strict=True) if not has]

    def join_orderers(self) -> None:
        """Join every orderer: by the genesis block, or as a follower when the channel is already served."""
        orderers = list(self._spec.orderers())
        serving = self.serving_orderers(orderers)
        missing = [n for n in orderers if n.name not in serving]
        if not missing:
            return
        if serving:
            block = encode(ChannelUpdater(self._handle, self._channel.name).config_block())
        else:
            block = self._genesis.read_bytes()

        def join(node: NodeRef) -> None:
            with self._handle.participation(node) as participation:
                try:
                    participation.join(block)
                except ParticipationError:
                    if participation.info(self._channel.name) is None:
                        raise

        in_parallel(join, missing)

    def join_peers(self, ctx: Progress) -> None:
        """Join every member peer by the genesis block, or by the snapshot that was chosen for it."""
        block = self._genesis.read_bytes()
        notes = SnapshotNotes(self._handle.directory)

        def join(node: NodeRef) -> None:
            wish = notes.wish(node.name, self._channel.name)
            with self._handle.peer_connection(node) as peer:
                channels = Channels(peer)
                if wish is not None and not self._answered(node, lambda: self._knows(channels), ctx):
                    self._join_by_snapshot(node, channels, wish, ctx)
                elif wish is None:
                    self._answered(node, lambda: channels.join(block), ctx)
            if wish is not None:
                notes.joined(node.name, self._channel.name, read(wish).block + 1)

        for node in self.members:
            if notes.wish(node.name, self._channel.name) is not None:
                join(node)
        in_parallel(join, self.members)

    def _knows(self, channels: Channels) -> bool:
        return self._channel.name in channels.names()

    def _answered(self, node: NodeRef, ask: Callable[[], Answer], ctx: Progress) -> Answer:
        """Ask a peer that may have been started a moment ago."""
        until = time.monotonic() + JOIN_SECONDS
        while True:
            try:
                return ask()
            except GatewayError as e:
                if e.code != "UNAVAILABLE" or time.monotonic() > until:
                    raise
                self._nodes.check_alive(node.name, ctx)
                time.sleep(0.1)

    def _join_by_snapshot(self, node: NodeRef, channels: Channels, folder: Path, ctx: Progress) -> None:
        """Have a peer read a snapshot; it takes as long as the state is large, and the peer answers meanwhile."""
        refused = ""
        try:
            channels.join_by_snapshot(str(folder))
        except Refused as e:
            refused = e.reason  # perhaps because it reads one already
        until = time.monotonic() + SNAPSHOT_SECONDS
        while time.monotonic() < until:
            ctx.check_cancelled()
            self._nodes.check_alive(node.name, ctx)
            reading = channels.joining_by_snapshot()
            if self._knows(channels):
                return
            if not reading:
                raise Unavailable(
                    Text(
                        "{n} 没有用快照加入通道：{e}", "{n} has not joined by the snapshot: {e}", n=node.name, e=refused
                    ),
                    Text("请查看节点日志，再执行一次。", "See the node's log, then try again."),
                    code="not_joined",
                )
            time.sleep(0.1)
        raise DeadlineExceeded(
            Text("{n} 还在读取快照。", "{n} is still reading the snapshot.", n=node.name),
            Text("稍后执行 citychain network start 继续。", "Go on later with citychain network start."),
            code="not_joined",
        )

    def wait_for_leader(self, ctx: Progress) -> None:
        """Wait until an orderer leads the channel, or takes part where the leader may be on another machine."""
        if len(list(self._spec.orderers())) < len(self._handle.orderers()):
            self._wait(lambda: not list(self._spec.orderers()) or bool(self._heights()), ctx)
        else:
            self._wait(lambda: self._leader() is not None, ctx)

    def wait_until_whole(self, ctx: Progress) -> None:
        """Wait until there is a leader, all consenters take part and all orderers have the same blocks."""
        self._wait(self._whole, ctx)

    def wait_until_caught_up(self, node: NodeRef, ctx: Progress) -> None:
        """Wait until an orderer that follows the channel has its blocks."""

        def caught_up() -> bool:
            with self._handle.participation(node) as participation:
                own = participation.info(self._channel.name)
            if own is None or own.status not in ("active", "inactive"):
                return False
            heights = self._heights(exclude=node.name)
            return bool(heights) and own.height + 3 >= max(heights)

        self._wait(caught_up, ctx)

    def _whole(self) -> bool:
        leader = self._leader()
        if leader is None:
            return False
        if self._spec.consensus == "raft":
            active = metric(leader, "consensus_etcdraft_active_nodes", channel=self._channel.name)
            size = metric(leader, "consensus_etcdraft_cluster_size", channel=self._channel.name)
            if active is None or size is None or active < size:
                return False
        heights = self._heights()
        return len(heights) == len(list(self._spec.orderers())) and max(heights) - min(heights) <= 3

    def _heights(self, exclude: str = "") -> list[int]:
        heights = []
        for node in self._spec.orderers():
            if node.name == exclude:
                continue
            try:
                with self._handle.participation(node, 5.0) as participation:
                    info = participation.info(self._channel.name)
            except FabricError:
                continue
            if info is not None:
                heights.append(info.height)
        return heights

    def _leader(self) -> str | None:
        """Return the metrics of the orderer that leads the channel, or None."""
        prefix = "consensus_BFT" if self._spec.consensus == "bft" else "consensus_etcdraft"
        for node in self._spec.orderers():
            if node.name not in self._handle.addresses:
                continue
            address = self._handle.addresses[node.name]
            try:
                text = metrics(address.operations_host, address.operations_port)
            except Unavailable:
                continue
            if metric(text, f"{prefix}_is_leader", channel=self._channel.name) == 1:
                return text
        return None

    def _wait(self, look: Callable[[], bool], ctx: Progress) -> None:
        until = time.monotonic() + LEADER_SECONDS
        while time.monotonic() < until:
            ctx.check_cancelled()
            try:
                if look():
                    return
            except FabricError:
                pass
            time.sleep(0.02)
        raise DeadlineExceeded(
            Text(
                "通道 {c} 的排序服务没有在规定时间内就绪。",
                "The ordering service of {c} is not ready in time.",
                c=self._channel.name,
            ),
            Text("请查看排序节点的日志。", "See the logs of the orderers."),
            code="ordering_not_ready",
        )

    def _serves(self, node: NodeRef) -> bool:
        with self._handle.participation(node) as participation:
            return self._channel.name in participation.list()

    def _has_joined(self, node: NodeRef) -> bool:
        address = self._handle.addresses[node.name]
        return self._channel.name in heights_of(metrics(address.operations_host, address.operations_port))
