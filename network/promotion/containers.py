"""Promotion into containers: chains, private data and replaying peers in the volumes that the nodes go on with.

Nodes in containers know each other by name, which an embedded network's channels do not say. So the channels' own
configuration is changed first, signed by the organisations' administrators like any other change, while the embedded
ledger still runs; who goes back lets the channels know the former addresses again.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from network import plan
from network.addresses import LOOPBACK
from network.docker.containers import ANY_HOST, DATA, SETTINGS, Container, image_of, uses_couchdb
from network.docker.engine import engine_errors
from network.docker.names import name_nodes
from network.docker.nodes import ContainerNodes
from network.docker.removal import remove_all
from network.docker.volumes import file_bytes, put_folder
from network.drivers.base import Progress
from network.drivers.docker import DockerDriver
from network.drivers.embedded import EmbeddedDriver
from network.drivers.native import NativeDriver
from network.errors import NotFound
from network.handle import NetworkHandle
from network.promotion.block_files import chain_bytes, write_chain
from network.promotion.checks import Obstacle, version_in
from network.promotion.record import WORK
from network.promotion.replay import ReplayPeers, Runs, as_replaying
from network.promotion.stored import StoredChannel
from network.text import Text
from network.topology import NodeRef, TopologySpec
from network.vault import KeyVault

_SOURCE_CA = f"{SETTINGS}/source-ca.crt"
_HOST_GATEWAY = "host-gateway"
"""What an engine replaces by its machine's address."""


class DockerTarget:
    """Containers on this machine's engine."""

    def __init__(self, directory: Path, vault: KeyVault) -> None:
        self._directory = directory
        self._vault = vault
        self.driver: DockerDriver = DockerDriver(directory, vault)

    def begin(self, handle: NetworkHandle, wanted: TopologySpec, ctx: Progress) -> None:
        """Let the channels know the nodes by name, and make the containers' network, whose address servers get."""
        remove_all(self.driver.engine, self._directory)
        name_nodes(self._directory)
        plan.run_within(EmbeddedDriver(self._directory, self._vault), handle.spec, self._directory, ctx)
        self.driver.containers.ensure_network(wanted)

    def again(self, spec: TopologySpec, ctx: Progress) -> None:
        """Start the embedded ledger and let the channels know the nodes by their addresses again."""
        plan.run_within(EmbeddedDriver(self._directory, self._vault), spec, self._directory, ctx)

    def write_chains(
        self, wanted: TopologySpec, channels: Mapping[str, StoredChannel], check: Callable[[], None]
    ) -> dict[str, dict[str, int]]:
        """Make the orderers' containers, which nobody starts yet, and lay the chains into their volumes."""
        handle = NetworkHandle(self._directory, self._vault, spec=wanted)
        made = self._directory / WORK / "orderer"
        for channel in channels.values():
            check()
            write_chain(channel, made)
        sizes = {name: chain_bytes(made, name) for name in channels}
        for node in wanted.orderers():
            check()
            nodes = self.driver.containers
            container = nodes.create(wanted, nodes.describe(wanted, node, handle.addresses))
            put_folder(container, made, DATA, self._directory / WORK / "spool.tar")
        shutil.rmtree(made)
        return {node.name: dict(sizes) for node in wanted.orderers()}

    def chain_bytes(self, node: NodeRef, channel: str) -> int:
        """As the orderer's volume has them; NotFound where there is no container of it."""
        container = self.driver.containers.containers().get(node.name)
        if container is None:
            raise NotFound(Text("没有节点 {n} 的容器。", "There is no container of {n}.", n=node.name))
        total, number = 0, 0
        while True:
            path = f"{DATA}/chains/{channel}/blockfile_{number:06d}"
            found = file_bytes(self.driver.engine, container, path)
            if found is None:
                return total
            total, number = total + found, number + 1

    def runs(self, version: str) -> Runs:
        """In containers."""
        return Containers(version, self.driver.containers)

    def data(self, nodes: Iterable[NodeRef]) -> dict[str, Path]:
        """Folders for the time being, whose contents are brought into the volumes."""
        return {node.name: self._directory / WORK / "data" / node.name for node in nodes}


@dataclass(frozen=True)
class Containers:
    """A release's official images."""

    version: str
    nodes: ContainerNodes

    def runner(self, replay: ReplayPeers) -> ContainerRunner:
        """What runs these peers."""
        return ContainerRunner(self.nodes, replay)


class ContainerRunner:
    """Replaying peers in the nodes' own containers, described otherwise: whoever starts the nodes makes them anew."""

    def __init__(self, nodes: ContainerNodes, replay: ReplayPeers) -> None:
        self._nodes = nodes
        self._replay = replay
        name, listen = nodes.contract_hosts(replay.handle.spec)
        self._host = name if sys.platform == "linux" and listen != LOOPBACK else _HOST_GATEWAY
        self.source = f"{listen}:{replay.book[replay.orderer.name].port}"

    def begin(self, peers: Sequence[NodeRef], orderers: frozenset[str]) -> None:
        """Make the containers, bring what they are given into their volumes, and start them."""
        spec = self._replay.handle.spec
        for node in peers:
            if uses_couchdb(node):
                self._nodes.run(spec, self._nodes.describe_database(node))
            described = self._described(node, orderers)
            container = self._nodes.create(spec, described)
            folder = self._replay.data[node.name]
            put_folder(container, folder, DATA, self._replay.work / "spool.tar")
            shutil.rmtree(folder)
            with engine_errors():
                container.start()

    def restarts(self, node: NodeRef) -> int:
        """A peer that has ended stays so; it counts as if it had ended often."""
        state, _, _ = self._nodes.state(node.name)
        return 0 if state == "running" else 1000

    def log(self, node: NodeRef) -> list[str]:
        """The end of a container's output."""
        return self._nodes.log(node.name, 2000) or []

    def stop(self) -> None:
        """End the peers; their volumes stay."""
        self._nodes.stop([node.name for node in self._replay.peers])

    def _described(self, node: NodeRef, orderers: frozenset[str]) -> Container:
        replay = self._replay
        own = self._nodes.describe(replay.handle.spec, node, replay.handle.addresses)
        address = replay.book[node.name]
        document: dict[str, Any] = json.loads(own.files[f"{SETTINGS}/core.yaml"])
        document["peer"] |= {"listenAddress": f"{ANY_HOST}:{address.port}", "address": address.dialled}
        document["operations"] |= {"listenAddress": f"{ANY_HOST}:{address.operations_port}"}
        source = f"{replay.orderer.name}:{self.source.rpartition(':')[2]}"
        document = as_replaying(document, address.dialled, orderers, source, _SOURCE_CA)
        files = {
            **own.files,
            f"{SETTINGS}/core.yaml": json.dumps(document, indent=1).encode(),
            _SOURCE_CA: (replay.source_tls / "ca.crt").read_bytes(),
        }
        return replace(
            own,
            files=files,
            ports=(address.port, address.operations_port),
            hosts={replay.orderer.name: self._host},
            restarts=False,
        )


def obstacles(driver: NativeDriver, wanted: TopologySpec, need: int) -> Iterator[Obstacle]:
    """What stands in the way on the engine's side; `need` are the bytes of disk that it will use."""
    assert isinstance(driver, DockerDriver)
    capability = driver.check(wanted)
    if not capability.available:
        hint = capability.hint or Text("请先启动 Docker。", "Start Docker first.")
        yield Obstacle("engine", capability.reason or Text("Docker 不可用。", "Docker cannot be used."), hint)
        return
    if missing := capability.details.get("to_pull", ""):
        yield Obstacle(
            "images",
            Text("本机缺少镜像：{i}", "Images are not on this machine: {i}", i=missing),
            Text("请先用 docker pull（或 docker load）取得。", "Get them first with docker pull (or docker load)."),
        )
        return
    for kind in ("peer", "orderer"):
        image = image_of(kind, wanted.fabric_version)
        found = version_in(driver.engine.said(image, (kind, "version")))
        if found != wanted.fabric_version:
            yield Obstacle(
                "version",
                Text("镜像 {i} 里是版本 {f}。", "The image {i} has version {f} in it.", i=image, f=found or "?"),
                Text("请重新取得该镜像。", "Get that image again."),
            )
    root = Path(driver.engine.data_root())
    if root.is_dir() and (free := shutil.disk_usage(root).free) < need:
        yield Obstacle(
            "disk",
            Text(
                "Docker 的磁盘空间不足：需要约 {n} MB，可用 {f} MB。",
                "Docker's disk is too full: about {n} MB are needed, {f} MB are free.",
                n=need // 1_000_000,
                f=free // 1_000_000,
            ),
            Text("请腾出空间后重试。", "Free some space and try again."),
        )
