"""Where a promoted network's nodes run: what differs between Fabric's programs on this machine and containers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Protocol

from network.drivers.base import Progress
from network.drivers.embedded import EmbeddedDriver
from network.drivers.native import NativeDriver
from network.handle import NetworkHandle
from network.native.configs import NodeFolders
from network.native.programs import require_programs
from network.promotion.block_files import chain_bytes, copy_chain, write_chain
from network.promotion.processes import Processes
from network.promotion.replay import Runs
from network.promotion.stored import StoredChannel
from network.topology import NodeRef, Runtime, TopologySpec
from network.vault import KeyVault


class Target(Protocol):
    """What runs the nodes after the move; all of it works in the network's folder."""

    @property
    def driver(self) -> NativeDriver:
        """What runs the nodes, once they are real."""

    def begin(self, handle: NetworkHandle, wanted: TopologySpec, ctx: Progress) -> None:
        """What has to be done while the embedded ledger still runs."""

    def again(self, spec: TopologySpec, ctx: Progress) -> None:
        """Start the embedded ledger again, after everything else was thrown away."""

    def write_chains(
        self, wanted: TopologySpec, channels: Mapping[str, StoredChannel], check: Callable[[], None]
    ) -> dict[str, dict[str, int]]:
        """Give every orderer its chains; bytes of blocks by orderer and channel. `check` raises to stop it."""

    def chain_bytes(self, node: NodeRef, channel: str) -> int:
        """How many bytes of blocks an orderer, which does not run, has of a channel."""

    def runs(self, version: str) -> Runs:
        """How peers replay."""

    def data(self, nodes: Iterable[NodeRef]) -> dict[str, Path]:
        """Folders of this machine in which peers' files are made, by name."""


class NativeTarget:
    """Fabric's programs as processes of this machine."""

    def __init__(self, directory: Path, vault: KeyVault) -> None:
        self._directory = directory
        self._vault = vault
        self.driver = NativeDriver(directory, vault)

    def begin(self, handle: NetworkHandle, wanted: TopologySpec, ctx: Progress) -> None:
        """Nothing: nodes keep their addresses."""

    def again(self, spec: TopologySpec, ctx: Progress) -> None:
        """Start the embedded ledger."""
        EmbeddedDriver(self._directory, self._vault).start()

    def write_chains(
        self, wanted: TopologySpec, channels: Mapping[str, StoredChannel], check: Callable[[], None]
    ) -> dict[str, dict[str, int]]:
        """Write the chains into the orderers' folders."""
        chains: dict[str, dict[str, int]] = {}
        first: Path | None = None
        for node in wanted.orderers():
            data = NodeFolders.of(self._directory, node).data
            for name, channel in channels.items():
                check()
                if first is None:
                    write_chain(channel, data)
                else:
                    copy_chain(first, data, name)
            first = first or data
            chains[node.name] = {name: chain_bytes(data, name) for name in channels}
        return chains

    def chain_bytes(self, node: NodeRef, channel: str) -> int:
        """As its folder has them."""
        return chain_bytes(NodeFolders.of(self._directory, node).data, channel)

    def runs(self, version: str) -> Runs:
        """As processes."""
        return Processes(require_programs(version))

    def data(self, nodes: Iterable[NodeRef]) -> dict[str, Path]:
        """The peers' own folders."""
        return {node.name: NodeFolders.of(self._directory, node).data for node in nodes}


def target_of(runtime: Runtime, directory: Path, vault: KeyVault) -> Target:
    """Where `runtime` runs a network's nodes."""
    if runtime == "docker":
        from network.promotion.containers import DockerTarget

        return DockerTarget(directory, vault)
    return NativeTarget(directory, vault)
