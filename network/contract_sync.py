"""Brings a channel's contracts to peers that have joined later: package and approval.

What there is to bring is read from the ledger: the definitions in force, and the packages that an organisation which
runs them has approved them with. So it works on every runtime.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from fabric_sdk.admin.channels import Channels
from fabric_sdk.admin.lifecycle import ChaincodeDefinition, Lifecycle
from fabric_sdk.admin.peer import Refused
from fabric_sdk.errors import FabricError, GatewayError
from network.drivers.base import Progress
from network.errors import CityChainError, DeadlineExceeded
from network.handle import NetworkHandle
from network.text import Text
from network.topology import NodeRef

SYNC_SECONDS = 60.0
PRIVATE_SECONDS = 20.0
"""How long a peer may take to fetch private data of its organisation from another peer of it."""
_NOT_HERE = "private data matching public hash version is not available"


@dataclass(frozen=True)
class _Inventory:
    """What a peer that runs the contracts has: definitions by package id, and how far its ledger is."""

    peer: NodeRef
    height: int
    definitions: Mapping[str, ChaincodeDefinition]


class ContractSync:
    """The contracts of one channel and its member peers."""

    def __init__(self, handle: NetworkHandle, channel: str, peers: list[NodeRef]) -> None:
        self._handle = handle
        self._channel = channel
        self._peers = peers

    def missing(self) -> list[NodeRef]:
        """Return the peers that answer, are members of the channel and lack a package of it."""
        inventory = self._inventory()
        if inventory is None:
            return []
        lacking = []
        for peer in self._peers:
            try:
                with self._handle.peer_connection(peer, 5.0) as connection:
                    present = {p.package_id for p in Lifecycle(connection).installed()}
            except (FabricError, CityChainError):
                continue
            if not present.issuperset(inventory.definitions):
                lacking.append(peer)
        return lacking

    def run(self, ctx: Progress) -> None:
        """Install the packages where they are missing and approve the definitions in force there."""
        inventory = self._inventory()
        if inventory is None:
            return
        with self._handle.peer_connection(inventory.peer) as connection:
            packages = {i: Lifecycle(connection).package(i) for i in inventory.definitions}
        for peer in self._peers:
            ctx.check_cancelled()
            if peer == inventory.peer or self._handle.administrator(peer.organization.msp_id) is None:
                continue  # what an organisation installs and approves is its own administrator's
            self._wait_until_synchronized(peer, inventory.height, ctx)
            with self._handle.peer_connection(peer) as connection:
                lifecycle = Lifecycle(connection)
                present = {p.package_id for p in lifecycle.installed()}
                for identifier, definition in inventory.definitions.items():
                    if identifier not in present:
                        ctx.log(Text("在 {p} 上安装 {c}", "Install {c} on {p}", p=peer.name, c=definition.name))
                        lifecycle.install(packages[identifier])
                    self._approve(lifecycle, definition, identifier, ctx)

    def _approve(self, lifecycle: Lifecycle, definition: ChaincodeDefinition, identifier: str, ctx: Progress) -> None:
        """Approve a definition unless it is. A peer that joined from a snapshot knows of its organisation's approvals
        by their hashes; where no other peer of the organisation gives it what was approved, it is approved anew."""
        until = time.monotonic() + PRIVATE_SECONDS
        while True:
            ctx.check_cancelled()
            try:
                approved = lifecycle.query_approved(self._channel, definition.name, definition.sequence)
                break
            except Refused as e:
                if _NOT_HERE not in e.reason:
                    raise
                if time.monotonic() > until:
                    approved = None
                    break
                time.sleep(0.3)
        if approved is None or approved.package_id != identifier:
            lifecycle.approve(self._channel, definition, identifier)

    def _inventory(self) -> _Inventory | None:
        """Return what the peer with the most contracts has; None when no peer runs a contract of the channel."""
        best: _Inventory | None = None
        for peer in self._peers:
            try:
                with self._handle.peer_connection(peer, 5.0) as connection:
                    found = self._of(peer, Lifecycle(connection), Channels(connection))
            except (FabricError, CityChainError):
                continue
            if found.definitions and (best is None or len(found.definitions) > len(best.definitions)):
                best = found
        return best

    def _of(self, peer: NodeRef, lifecycle: Lifecycle, channels: Channels) -> _Inventory:
        present = {p.package_id for p in lifecycle.installed()}
        definitions = {}
        for entry in lifecycle.committed(self._channel):
            definition = entry.definition
            approved = lifecycle.query_approved(self._channel, definition.name, definition.sequence)
            if approved is not None and approved.package_id in present:
                definitions[approved.package_id] = definition
        return _Inventory(peer, channels.info(self._channel).height, definitions)

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
