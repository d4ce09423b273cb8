"""Ledger snapshots of native networks: asked of a peer, listed, and peers that are made anew from one."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from baas import roles
from baas.errors import Conflict, DeadlineExceeded, NotFound, Text, Unavailable, UserError, translating
from baas.events import EventBus, NetworkChanged
from baas.jobs import NULL_CONTEXT, JobContext
from baas.roles import requires
from baas.session import Session

if TYPE_CHECKING:
    from baas.services.networks import NetworkService
    from network.handle import NetworkHandle
    from network.native.ledger_snapshots import LedgerSnapshot
    from network.topology import NodeRef

MAKE_SECONDS = 600.0
CATCH_UP_SECONDS = 600.0


class SnapshotService:
    """Makes, lists and uses snapshots of the ledgers of this machine's native peers."""

    def __init__(self, networks: NetworkService, session: Session, events: EventBus) -> None:
        self._networks = networks
        self._session = session
        self._events = events

    @property
    def session(self) -> Session:
        return self._session

    @requires(roles.NETWORK_READ)
    def list(self, network: str = "") -> tuple[LedgerSnapshot, ...]:
        """The finished snapshots of this machine's peers, by channel and block."""
        from network.native.ledger_snapshots import found

        name = self._native(network)
        with translating():
            return tuple(sorted(found(self._networks.folder(name)), key=lambda one: (one.channel, one.block, one.peer)))

    @requires(roles.NETWORK_CHANGE)
    def make(
        self, network: str = "", channel: str = "", peer: str = "", *, ctx: JobContext = NULL_CONTEXT
    ) -> LedgerSnapshot:
        """Have a peer (the channel's first that runs here) write a snapshot as of its newest block, and wait for it.

        The peer goes on working. A snapshot that it has of that very block is returned as it is.
        """
        from fabric_sdk.admin import Channels, Snapshots
        from fabric_sdk.errors import GatewayError
        from network.native.ledger_snapshots import check, completed, numbers, read

        name = self._native(network)
        handle = self._networks.handle(name)
        channel = handle.spec.channel(channel).name if channel else handle.channels[0]
        node = self._peer(handle, channel, peer)
        folder = handle.directory
        ctx.step("make", Text("节点 {n} 制作快照", "{n} makes the snapshot", n=node.name))
        with translating(), handle.peer_connection(node) as connection:
            block = Channels(connection).info(channel).height - 1
            before = numbers(folder, node.name, channel)
            if block not in before:
                try:
                    Snapshots(connection).generate(channel)
                except GatewayError as error:
                    if "already" not in str(error) and "duplicate" not in str(error):
                        raise
            until = time.monotonic() + MAKE_SECONDS
            # Blocks may have come between the question and the request.
            while not (made := {n for n in numbers(folder, node.name, channel) if n >= block}):
                ctx.check_cancelled()
                if time.monotonic() > until:
                    raise DeadlineExceeded(
                        Text("节点 {n} 没有写完快照。", "{n} has not finished the snapshot.", n=node.name),
                        Text("请查看节点日志。", "See the node's log."),
                    )
                time.sleep(0.1)
            snapshot = read(completed(folder, node.name, channel) / str(max(made)))
            check(snapshot)
        return snapshot

    @requires(roles.NETWORK_CHANGE)
    def join(
        self,
        peer: str,
        network: str = "",
        source: Path | None = None,
        told: str = "",
        *,
        ctx: JobContext = NULL_CONTEXT,
    ) -> LedgerSnapshot:
        """Make a peer's ledger of a channel anew from a snapshot (`source`, else the newest of another peer here).

        Its ledgers are removed first; other channels are joined from their first block. The snapshot must be whole and
        end with the block and commit hash that another running peer has there, or nothing is touched. Of a folder that
        came from elsewhere `told` is the snapshot's hash as another organisation says it: nothing else proves the
        state in it. Interrupted, the same call (or `network start`) goes on.
        """
        from network.native.ledger_snapshots import SnapshotNotes, check, forget_ledgers, read
        from network.plan import locked

        name = self._native(network)
        handle = self._networks.handle(name)
        node = self._here(handle, peer)
        with translating():
            snapshot = read(source.resolve()) if source is not None else self._newest(handle, node)
            ctx.step("check", Text("检查快照", "Check the snapshot"))
            check(snapshot)
            self._confirmed(handle, snapshot, told)
            if node not in handle.channel_peers(snapshot.channel):
                raise Conflict(
                    Text("{n} 不在通道 {c} 中。", "{n} is not in channel {c}.", n=node.name, c=snapshot.channel),
                    code="not_in_channel",
                )
            self._another_of_its_own(handle, node)
            self._same_chain(handle, node, snapshot)
            ctx.check_cancelled()
            ctx.step("remove", Text("移除 {n} 原有的账本", "Remove the ledgers of {n}", n=node.name))
            with locked(handle.directory):
                driver = self._networks.driver(name)
                SnapshotNotes(handle.directory).want(node.name, snapshot.channel, snapshot.path)
                driver.stop(node.name)
                forget_ledgers(handle.directory, node.name)
        self._networks.bring_up(self._networks.spec(name), ctx=ctx)
        ctx.step("follow", Text("等待 {n} 追上其他节点", "Wait for {n} to catch up", n=node.name))
        self._caught_up(name, node, ctx)
        self._networks.forget(name)
        self._events.publish(NetworkChanged(name, "started"))
        return snapshot

    # -- inside --------------------------------------------------------------------------------------
    def _native(self, network: str) -> str:
        name = self._networks.resolve(network)
        if self._networks.spec(name).runtime != "native":
            raise UserError(
                Text(
                    "账本快照由官方程序的节点制作，网络 {n} 不是 native 运行方式。",
                    "Ledger snapshots are made by peers of Fabric's own programs; {n} is not on the native runtime.",
                    n=name,
                ),
                Text("内置账本的网络请用 citychain backup。", "Of an embedded network make a citychain backup."),
                code="not_native",
            )
        return name

    def _here(self, handle: NetworkHandle, peer: str) -> NodeRef:
        from network.hosts import local_part

        node = handle.spec.node(peer)
        if node.kind != "peer" or node.name not in {n.name for n in local_part(handle.directory, handle.spec).peers()}:
            raise NotFound(Text("本机没有 Peer 节点 {n}。", "This machine has no peer {n}.", n=peer), code="no_peer")
        return node

    def _peer(self, handle: NetworkHandle, channel: str, peer: str) -> NodeRef:
        from network.hosts import local_part

        here = {n.name for n in local_part(handle.directory, handle.spec).peers()}
        running = {n.name for n in self._networks.status(handle.name).nodes if n.state == "running"}
        nodes = [n for n in handle.channel_peers(channel) if n.name in here & running]
        if peer:
            nodes = [n for n in nodes if n == self._here(handle, peer)]
        if not nodes:
            raise Unavailable(
                Text("通道 {c} 没有运行中的节点。", "No peer of channel {c} runs here.", c=channel),
                Text("请先启动：citychain network start", "Start it first: citychain network start"),
                code="not_running",
            )
        return nodes[0]

    def _newest(self, handle: NetworkHandle, node: NodeRef) -> LedgerSnapshot:
        from network.native.ledger_snapshots import found

        own = {c.name for c in handle.spec.channels if node in handle.channel_peers(c.name)}
        snapshots = [one for one in found(handle.directory) if one.channel in own and one.peer != node.name]
        if not snapshots:
            raise NotFound(
                Text("本机还没有其他节点的快照。", "There is no snapshot of another peer here."),
                Text("先制作：citychain network snapshot make", "Make one: citychain network snapshot make"),
                code="no_snapshot",
            )
        return max(snapshots, key=lambda one: one.block)

    def _confirmed(self, handle: NetworkHandle, snapshot: LedgerSnapshot, told: str) -> None:
        """Raise where a snapshot from elsewhere, whose state somebody may have changed, has not the hash told."""
        if told.lower() == snapshot.snapshot_hash:
            return
        # As it really lies: `..` in the path, or a link in the network's folder, leads elsewhere.
        if not told and snapshot.path.resolve().is_relative_to(handle.directory.resolve()):
            return
        if told:
            raise UserError(
                Text("快照的哈希与给出的不同。", "The snapshot's hash is not the one that was told."),
                Text("请使用另一份快照。", "Use another snapshot."),
                code="another_snapshot",
            )
        raise UserError(
            Text(
                "这份快照来自别处，请用 --hash 给出其他组织公布的快照哈希。",
                "This snapshot came from elsewhere: tell its hash as another organisation says it, with --hash.",
            ),
            Text(
                "其他组织用 citychain network snapshot list 查看。", "They see it with citychain network snapshot list."
            ),
            code="hash_wanted",
        )

    def _another_of_its_own(self, handle: NetworkHandle, node: NodeRef) -> None:
        """Raise where no other peer of the organisation runs: a snapshot has private data as hashes only."""
        running = {n.name for n in self._networks.status(handle.name).nodes if n.state == "running"}
        if not any(other.name in running for other in handle.peers(node.organization.msp_id) if other != node):
            raise Conflict(
                Text(
                    "{n} 是 {m} 唯一运行的节点，快照里没有私有数据的内容。",
                    "{n} is the only peer of {m} that runs, and a snapshot holds no private data.",
                    n=node.name,
                    m=node.organization.msp_id,
                ),
                Text(
                    "请先增加一个节点（network grow --add-peer），或从备份恢复。",
                    "Add another peer first (network grow --add-peer), or restore a backup.",
                ),
                code="only_copy",
            )

    def _same_chain(self, handle: NetworkHandle, node: NodeRef, snapshot: LedgerSnapshot) -> None:
        """Raise where no other peer that runs has the snapshot's newest block with the same commit hash."""
        from baas.services.peers import holds_admin, listens
        from fabric_sdk.admin import LedgerQuery
        from fabric_sdk.blocks import decode_block
        from fabric_sdk.errors import FabricError

        asked = False
        for other in handle.channel_peers(snapshot.channel):
            if other == node or not listens(handle.addresses[other.name].address):
                continue
            if not holds_admin(handle, other.organization.msp_id):
                continue
            try:
                with handle.peer_connection(other) as connection:
                    block = decode_block(LedgerQuery(connection, snapshot.channel).block(snapshot.block))
            except FabricError:
                continue  # it has not that block, or not yet
            asked = True
            if (block.hash.hex(), block.commit_hash.hex()) == (snapshot.block_hash, snapshot.commit_hash):
                return
        if asked:
            raise UserError(
                Text(
                    "快照不属于这个网络：区块 {b} 的哈希不同。",
                    "The snapshot is not of this network: block {b} has other hashes.",
                    b=snapshot.block,
                ),
                Text("请使用本网络节点的快照。", "Use a snapshot of this network's own peers."),
                code="another_ledger",
            )
        raise Unavailable(
            Text("没有其他节点可以核对快照。", "No other peer can confirm the snapshot."),
            Text("请先启动其他组织的节点。", "Start another organisation's peer first."),
            code="nobody_to_ask",
        )

    def _caught_up(self, name: str, node: NodeRef, ctx: JobContext) -> None:
        until = time.monotonic() + CATCH_UP_SECONDS
        wanted: dict[str, int] | None = None
        while time.monotonic() < until:
            ctx.check_cancelled()
            nodes = {n.name: n for n in self._networks.status(name).nodes}
            if wanted is None:
                wanted = {}
                for other in nodes.values():
                    if other.kind == "peer" and other.name != node.name:
                        for channel, height in other.heights.items():
                            if node in self._networks.handle(name).channel_peers(channel):
                                wanted[channel] = max(height, wanted.get(channel, 0))
            own = nodes[node.name].heights
            if all(own.get(channel, 0) >= height for channel, height in wanted.items()):
                return
            time.sleep(0.1)
        raise DeadlineExceeded(
            Text("{n} 还没有追上其他节点。", "{n} has not caught up yet.", n=node.name),
            Text("它会自己继续，请查看 network status。", "It goes on by itself; see network status."),
        )
