"""What the embedded ledger's process is told: its settings, made from topology, addresses and who is real."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from network.addresses import AddressBook
from network.contract_keys import keys_folder
from network.embedded.settings import ChannelSettings, NodeSettings, Settings
from network.groundwork import genesis_path
from network.hybrid.nodes import RealPeers
from network.listening import load as load_listening
from network.material import OrganizationCA
from network.topology import NodeRef, TopologySpec
from network.vault import KeyVault


class SettingsMaker:
    """Makes the settings of the network in `directory`; `real` are its real peers."""

    def __init__(self, directory: Path, vault: KeyVault, real: RealPeers) -> None:
        self.directory = directory
        self._vault = vault
        self._real = real
        self._home = directory / "embedded"

    def settings(self, spec: TopologySpec, existing: Settings | None) -> Settings:
        """The settings of a topology; `existing` keeps contracts, limits and what was stopped."""
        book = AddressBook.load(self.directory)
        real = {node.name for node in self._real.nodes(spec)}
        bft = spec.consensus == "bft"
        channels = {}
        for channel in spec.channels:
            peers = tuple(n.name for n in spec.peers() if n.organization.name in channel.organizations)
            genesis = os.path.relpath(genesis_path(self.directory, channel.name), self._home)
            channels[channel.name] = ChannelSettings(Path(genesis).as_posix(), peers)
        names = {n.name for n in spec.nodes()}
        return Settings(
            network=spec.name,
            peers=tuple(self._node_settings(spec, n, book) for n in spec.peers() if n.name not in real),
            real=tuple(self._node_settings(spec, n, book) for n in spec.peers() if n.name in real),
            orderers=tuple(
                self._node_settings(spec, n, book, i + 1 if bft else 0) for i, n in enumerate(spec.orderers())
            ),
            channels=channels,
            contracts=existing.contracts if existing else {},
            limits=existing.limits if existing else {},
            stopped=tuple(n for n in existing.stopped if n in names - real) if existing else (),
        )

    def _node_settings(self, spec: TopologySpec, node: NodeRef, book: AddressBook, consenter: int = 0) -> NodeSettings:
        folder = OrganizationCA(self.directory, spec.name, node.organization, self._vault).nodes.directory(node)
        base = Path(os.path.relpath(folder, self._home)).as_posix()
        address = book[node.name].address if node.name in book else ""
        keys = ""
        if node.kind == "peer":
            keys = Path(os.path.relpath(keys_folder(self.directory, node.organization.name), self._home)).as_posix()
        rich = getattr(node.node, "state_database", "") == "couchdb"
        entry = NodeSettings(
            node.name, node.organization.msp_id, address, f"{base}/msp", f"{base}/tls", consenter, "", "", keys, rich
        )
        listening = load_listening(self.directory)
        if listening is None or not address:
            return entry
        port = book[node.name].port
        known_as = replace(book[node.name], public_host=listening.name).public
        return replace(entry, listen=listening.bound(port), public=known_as)

    def msp_path(self, msp_id: str) -> Path:
        """Where the process finds an organisation's own view of itself."""
        return self._home / "msps" / f"{msp_id}.bin"

    def msp(self, spec: TopologySpec, msp_id: str) -> bytes:
        """An organisation's own view of itself, with the revocations it knows of."""
        ca = OrganizationCA(self.directory, spec.name, spec.organization(msp_id), self._vault)
        data: bytes = ca.msp_config().SerializeToString(deterministic=True)
        return data

    def knows(self, spec: TopologySpec, msp_id: str) -> bool:
        """Whether the process has been given an organisation as it is now."""
        path = self.msp_path(msp_id)
        return path.exists() and path.read_bytes() == self.msp(spec, msp_id)
