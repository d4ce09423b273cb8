"""Replaying peers as processes of Fabric's programs on this machine."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from network.native.configs import LOGGING, NodeFolders, peer_config
from network.native.contract_tls import BUILDER_VARIABLE, ensure_contract_tls, write_builder_settings
from network.native.nodes import tail
from network.native.programs import FabricPrograms
from network.promotion.replay import ReplayPeers, as_replaying
from network.supervisor.client import SupervisorClient
from network.supervisor.spec import ProcessSpec
from network.topology import NodeRef
from network.vault import write_public


@dataclass(frozen=True)
class Processes:
    """Fabric's programs on this machine."""

    programs: FabricPrograms

    @property
    def version(self) -> str:
        return self.programs.version

    def runner(self, replay: ReplayPeers) -> ProcessRunner:
        """What runs these peers."""
        return ProcessRunner(self.programs, replay)


class ProcessRunner:
    """Supervised peers, with settings and logs in the replay's folder."""

    def __init__(self, programs: FabricPrograms, replay: ReplayPeers) -> None:
        self._programs = programs
        self._replay = replay
        self._supervisor = SupervisorClient(replay.work / "run")
        self.source = replay.book[replay.orderer.name].address

    def begin(self, peers: Sequence[NodeRef], orderers: frozenset[str]) -> None:
        """Start the peers' processes."""
        self._supervisor.put([self._describe(node, orderers) for node in peers])

    def restarts(self, node: NodeRef) -> int:
        """How often the supervisor had to start it again."""
        state = self._supervisor.states().get(node.name)
        return 0 if state is None else state.restarts

    def log(self, node: NodeRef) -> list[str]:
        """The end of its log file."""
        return tail(self._replay.work / "nodes" / node.name / "node.log", 2000)

    def stop(self) -> None:
        """End the peers and their supervisor."""
        self._supervisor.shutdown()

    def _describe(self, node: NodeRef, orderers: frozenset[str]) -> ProcessSpec:
        replay = self._replay
        own = NodeFolders.of(replay.handle.directory, node)
        folder, data = replay.work / "nodes" / node.name, replay.data[node.name]
        data.mkdir(parents=True, exist_ok=True)
        address = replay.book[node.name]
        document = peer_config(
            node,
            address,
            (),
            msp=str(own.msp),
            tls=str(own.tls),
            data=str(data),
            builder=str(self._programs.builder),
            fabric_version=self._programs.version,
            operations_host=address.operations_host,
        )
        ca = str(replay.source_tls / "ca.crt")
        document = as_replaying(document, address.dialled, orderers, self.source, ca)
        write_public(folder / "config" / "core.yaml", json.dumps(document, indent=1).encode())
        environment = {"FABRIC_CFG_PATH": str(folder / "config"), **LOGGING}
        private = {}
        if replay.installs:
            # What is built when a contract is installed stays with the peer, and so names the servers of later.
            builder, prefix = folder / "config" / "builder.json", replay.handle.addresses[node.name].contract_prefix
            write_builder_settings(builder, prefix, ensure_contract_tls(replay.handle.directory, node))
            private = {BUILDER_VARIABLE: str(builder)}
        argv = (str(self._programs.peer), "node", "start")
        return ProcessSpec(node.name, argv, str(folder / "node.log"), str(data), environment, env_files=private)
