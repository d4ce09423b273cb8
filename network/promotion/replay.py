"""Real peers replay the chains of an embedded network: apart from it, on ports that no client knows.

Each peer starts with the material of its node, joins by the genesis block, pulls every block from a source that only
delivers, judges every transaction itself, and is stopped again. What it has made stays in its data folder.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from fabric_sdk.admin.channels import Channels
from fabric_sdk.admin.peer import PeerConnection
from fabric_sdk.errors import FabricError, GatewayError
from fabric_sdk.gateway.endpoint import Endpoint
from network.addresses import AddressBook
from network.claims import claiming
from network.drivers.base import Progress
from network.errors import Unavailable
from network.groundwork import genesis_path
from network.handle import NetworkHandle
from network.native.operations import heights_of, metrics
from network.promotion.comparison import Difference
from network.promotion.source import BlockSource
from network.supervisor.client import SupervisorClient
from network.text import Text
from network.topology import NodeRef

START_SECONDS = 90.0
STILL_SECONDS = 180.0
"""How long a peer may stay at one height before it counts as stopped; Fabric retries for minutes by itself."""
_RESTARTS = 2
_RETENTION = 1_000_000_000


@dataclass
class Replayed:
    """How far peers have come: blocks by channel and peer, and how long it took."""

    heights: dict[str, dict[str, int]] = field(default_factory=dict)
    seconds: float = 0.0


class Runner(Protocol):
    """What runs replaying peers: processes of this machine, or containers."""

    source: str
    """`host:port` on which this machine delivers the blocks to them"""

    def begin(self, peers: Sequence[NodeRef], orderers: frozenset[str]) -> None:
        """Start them; `orderers` are all addresses at which the channels' configurations name an orderer."""

    def restarts(self, node: NodeRef) -> int:
        """How often a peer has ended by itself."""

    def log(self, node: NodeRef) -> list[str]:
        """The end of what a peer has said, oldest first."""

    def stop(self) -> None:
        """End all of them."""


class Runs(Protocol):
    """A release of Fabric and the way in which this machine runs it."""

    @property
    def version(self) -> str:
        """The Fabric release."""

    def runner(self, replay: ReplayPeers) -> Runner:
        """What runs these peers."""


class ReplayPeers:
    """Peers of a network on ports of their own; a context manager that ends them."""

    def __init__(
        self,
        handle: NetworkHandle,
        runs: Runs,
        peers: Sequence[NodeRef],
        work: Path,
        data: Mapping[str, Path],
        *,
        installs: bool = False,
    ) -> None:
        """`work` is a folder for settings, logs and the supervisor; `data` names each peer's data folder.

        `installs` says that contracts will be installed, for the servers that the network's own peers have later.
        """
        self.installs = installs
        self.peers = tuple(peers)
        self.book = AddressBook()
        with claiming(handle.directory) as claims:
            self.book.allocate(handle.spec.nodes(), others=claims.others() | AddressBook.load(handle.directory).ports())
        self.handle = handle
        self.work = work
        self.data = dict(data)
        self.orderer = handle.orderers()[0]
        self.source_tls = handle.authority(self.orderer.organization.msp_id).nodes.directory(self.orderer) / "tls"
        self._runner = runs.runner(self)

    def __enter__(self) -> ReplayPeers:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End all peers."""
        self._runner.stop()

    def source(self, channels: Mapping[str, int]) -> BlockSource:
        """Where these peers get their blocks from."""
        return BlockSource(self.handle.directory, channels, self._runner.source, self.source_tls)

    def endpoint(self, node: NodeRef) -> Endpoint:
        """Where a replaying peer is reached."""
        known = self.handle.node_endpoint(node)
        return Endpoint(self.book[node.name].address, known.tls_root_pem, server_name=known.server_name)

    def connection(self, node: NodeRef, timeout_s: float = 30.0) -> PeerConnection:
        """A connection to a replaying peer in the name of its organisation's administrator."""
        return PeerConnection(self.endpoint(node), self.handle.admin(node.organization.msp_id), timeout_s=timeout_s)

    def start(self, orderers: frozenset[str], ctx: Progress) -> None:
        """Start the peers; `orderers` are all addresses at which the channels' configurations name an orderer."""
        self._runner.begin(self.peers, orderers)
        until = time.monotonic() + START_SECONDS
        for node in self.peers:
            with self.connection(node, 5.0) as peer:
                while not peer.reachable():
                    self._check(node, ctx)
                    if time.monotonic() > until:
                        raise self._broken(node)
                    time.sleep(0.1)

    def join(self, channel: str) -> None:
        """Join the peers to a channel by its genesis block."""
        block = genesis_path(self.handle.directory, channel).read_bytes()
        for node in self.peers:
            with self.connection(node) as peer:
                try:
                    Channels(peer).join(block)
                except (FabricError, GatewayError) as e:
                    raise Unavailable(
                        Text("节点 {n} 不能加入通道：{e}", "{n} cannot join the channel: {e}", n=node.name, e=str(e)),
                        code="replay_failed",
                    ) from e

    def run(self, heights: Mapping[str, int], ctx: Progress) -> tuple[Replayed, Difference | None]:
        """Wait until every peer has every block; the first peer that does not go on is the difference."""
        started = time.monotonic()
        moved = dict.fromkeys((node.name for node in self.peers), started)
        known: dict[str, dict[str, int]] = {node.name: {} for node in self.peers}
        total = sum(heights.values()) * len(self.peers)
        while True:
            for node in self.peers:
                now = self._heights(node)
                if now != known[node.name]:
                    known[node.name], moved[node.name] = now or known[node.name], time.monotonic()
            done = sum(min(known[n.name].get(c, 0), h) for n in self.peers for c, h in heights.items())
            ctx.progress(done, total, Text("真实节点重放区块", "Real peers replay the blocks"))
            if done == total:
                return Replayed(known, time.monotonic() - started), None
            ctx.check_cancelled()
            for node in self.peers:
                behind = [c for c, h in heights.items() if known[node.name].get(c, 0) < h]
                if behind and (
                    self._runner.restarts(node) >= _RESTARTS or time.monotonic() - moved[node.name] > STILL_SECONDS
                ):
                    at = known[node.name].get(behind[0], 0)
                    return Replayed(known, time.monotonic() - started), self._stopped(node, behind[0], at)
            time.sleep(0.2)

    # Inside

    def _heights(self, node: NodeRef) -> dict[str, int]:
        address = self.book[node.name]
        try:
            return heights_of(metrics(address.operations_host, address.operations_port))
        except Unavailable:
            return {}

    def _check(self, node: NodeRef, ctx: Progress) -> None:
        ctx.check_cancelled()
        if self._runner.restarts(node) >= _RESTARTS:
            raise self._broken(node)

    def _log(self, node: NodeRef) -> str:
        """What a peer said last: why it ended, where it did, and else its last lines."""
        lines = self._runner.log(node)
        fatal = [i for i, line in enumerate(lines) if line.startswith(("panic:", "fatal error:")) or " PANI " in line]
        return "\n".join(lines[fatal[0] : fatal[0] + 12] if fatal else lines[-12:])

    def _broken(self, node: NodeRef) -> Unavailable:
        return Unavailable(
            Text("真实节点 {n} 没有启动。", "The real peer {n} has not started.", n=node.name),
            Text("请查看详情中的日志。", "See its log in the details."),
            code="replay_failed",
            details={"log": self._log(node)},
        )

    def _stopped(self, node: NodeRef, channel: str, height: int) -> Difference:
        text = Text(
            "{p} 停在区块 {b} 之前，不能继续：{l}",
            "{p} does not go on before block {b}: {l}",
            p=node.name,
            b=height,
            l=self._log(node)[:1500],
        )
        return Difference(channel, node.name, "stopped", height, text)


def as_replaying(document: dict[str, Any], own: str, orderers: Iterable[str], source: str, ca: str) -> dict[str, Any]:
    """A peer's settings (`core.yaml` as data) for replaying: only stored blocks are to be had.

    No other peer is asked, and what is not in the transient store is nowhere. `own` is the peer's own address;
    `source` is dialled instead of each address in `orderers`, and believed by the certificates in the file `ca`.
    """
    peer = document["peer"]
    peer["gossip"] |= {"externalEndpoint": "", "bootstrap": [own]}
    peer["gossip"]["state"] |= {"enabled": False}
    peer["gossip"]["pvtData"] |= {
        "pullRetryThreshold": "0s",
        "transientstoreMaxBlockRetention": _RETENTION,
        "reconciliationEnabled": False,
    }
    peer["deliveryclient"] |= {
        "blockGossipEnabled": False,
        "policy": "simple",
        "addressOverrides": [{"from": one, "to": source, "caCertsFile": ca} for one in sorted(orderers)],
    }
    return document


def forget(work: Path) -> None:
    """End what an interrupted replay left running in its folder, and remove the folder."""
    if (work / "run").exists():
        SupervisorClient(work / "run").shutdown()
    shutil.rmtree(work, ignore_errors=True)
