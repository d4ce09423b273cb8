"""Brings a channel's contracts to peers that have joined later: package, approval, server."""

from __future__ import annotations

import time

from fabric_sdk.admin.channels import Channels
from fabric_sdk.admin.lifecycle import CommittedChaincode, Lifecycle
from fabric_sdk.admin.peer import Refused
from fabric_sdk.errors import FabricError, GatewayError
from network.drivers.base import ContractService, Progress
from network.errors import DeadlineExceeded, Unavailable
from network.handle import NetworkHandle
from network.text import Text
from network.topology import NodeRef

SYNC_SECONDS = 60.0


class ContractSync:
    """The contracts of one channel and the peers that should run them."""

    def __init__(self, handle: NetworkHandle, channel: str, peers: list[NodeRef]) -> None:
        self._handle = handle
        self._channel = channel
        self._peers = peers

    def run(self, services: list[ContractService], ctx: Progress) -> None:
        """Install the packages where they are missing and approve in force definitions for their organisations."""
        if not services or not self._peers:
            return
        source = self._source()
        with self._handle.peer_connection(source) as connection:
            lifecycle = Lifecycle(connection)
            committed = lifecycle.committed(self._channel)
            reference = Channels(connection).info(self._channel).height
            packages = {s.package_id: lifecycle.package(s.package_id) for s in services}
        for peer in self._peers:
            ctx.check_cancelled()
            if peer == source:
                continue
            self._wait_until_synchronized(peer, reference, ctx)
            with self._handle.peer_connection(peer) as connection:
                lifecycle = Lifecycle(connection)
                present = {p.package_id for p in lifecycle.installed()}
                for service in services:
                    if service.package_id not in present:
                        ctx.log(Text("在 {p} 上安装 {l}", "Install {l} on {p}", p=peer.name, l=service.label))
                        lifecycle.install(packages[service.package_id])
                    self._approve(lifecycle, service, committed)

    def _approve(
        self, lifecycle: Lifecycle, service: ContractService, committed: tuple[CommittedChaincode, ...]
    ) -> None:
        for entry in committed:
            definition = entry.definition
            if definition.name != service.name or definition.version != service.version:
                continue
            approved = lifecycle.query_approved(self._channel, definition.name, definition.sequence)
            if approved is None or approved.package_id != service.package_id:
                lifecycle.approve(self._channel, definition, service.package_id)

    def _source(self) -> NodeRef:
        """Return the member peer that is furthest: it has the definitions and packages."""
        best: tuple[int, NodeRef] | None = None
        for peer in self._peers:
            try:
                with self._handle.peer_connection(peer, 5.0) as connection:
                    height = Channels(connection).info(self._channel).height
                    if not Lifecycle(connection).installed():
                        continue
            except FabricError:
                continue
            if best is None or height > best[0]:
                best = (height, peer)
        if best is None:
            raise Unavailable(
                Text(
                    "通道 {c} 中没有可用的 Peer 节点持有合约。",
                    "No peer of channel {c} that answers has its contracts.",
                    c=self._channel,
                )
            )
        return best[1]

    def _wait_until_synchronized(self, peer: NodeRef, height: int, ctx: Progress) -> None:
        until = time.monotonic() + SYNC_SECONDS
        while time.monotonic() < until:
            ctx.check_cancelled()
            try:
                with self._handle.peer_connection(peer, 5.0) as connection:
                    if Channels(connection).info(self._channel).height >= height:
                        return
            except (GatewayError, Refused):
                pass
            time.sleep(0.1)
        raise DeadlineExceeded(
            Text(
                "节点 {p} 没有在规定时间内同步通道 {c}。",
                "Peer {p} has not caught up with channel {c} in time.",
                p=peer.name,
                c=self._channel,
            ),
            Text("请查看它的日志。", "See its log."),
        )
