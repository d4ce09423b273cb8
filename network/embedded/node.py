"""The node: every peer and orderer of an embedded network in one process, with their channels and services."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fabric_protos.common.common_pb2 import Block, Envelope

from fabric_sdk import clock
from fabric_sdk.chaincode.ledger import Chaincode
from fabric_sdk.chaincode.loading import LoadError, is_path, load_chaincode
from fabric_sdk.chaincode.sealing import KeyFolder
from fabric_sdk.errors import FabricError
from fabric_sdk.identity import load_msp_folder
from fabric_sdk.msp import Msp
from network.embedded import settings as node_settings
from network.embedded.budgets import Budget
from network.embedded.channel import Channel
from network.embedded.channel_config import ConfigInvalid, config_of_envelope
from network.embedded.endorser import Endorser
from network.embedded.execution import EXECUTE_TIMEOUT, Executor
from network.embedded.faults import EmbeddedFault, RpcError
from network.embedded.grpc_server import GrpcListener
from network.embedded.hot_reload import load_anew
from network.embedded.neighbours import Neighbours
from network.embedded.ordering import OrdererIdentity
from network.embedded.packages import PackageStore
from network.embedded.peer import Peer
from network.embedded.remote_contracts import RemoteContracts
from network.embedded.rpc import Service
from network.embedded.services import orderer_service, peer_service
from network.embedded.settings import CONTRACT_SECONDS, NodeSettings, Settings
from network.embedded.turns import Turns
from network.vault import write_public

log = logging.getLogger(__name__)
_JOINED = "joined.json"


@dataclass(eq=False)
class Orderer:
    """An ordering node."""

    settings: NodeSettings
    identity: OrdererIdentity
    running: bool = True


class NodeFailure(EmbeddedFault):
    """The node cannot run with what it was given."""


class Node:
    """Everything that one process runs. `start`, then serve until `close`."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.settings: Settings = node_settings.load(directory)
        self.channels: dict[str, Channel] = {}
        self.peers: dict[str, Peer] = {}
        self.orderers: dict[str, Orderer] = {}
        self.services: dict[str, Service] = {}
        self.started = clock.seconds()
        self.stopping = asyncio.Event()
        self._remote = RemoteContracts()
        self._contracts: dict[str, Chaincode] = {}
        seconds = self.settings.limits.get(CONTRACT_SECONDS, EXECUTE_TIMEOUT)
        self._executor = Executor(self._contracts, self._remote, self.channels, seconds)
        self._remote.executor = self._executor
        self._contracts = self._executor.contracts
        self._endorsers: dict[str, Endorser] = {}
        self.budget = Budget()
        self._turns = Turns()
        self._listeners: dict[str, GrpcListener] = {}
        self._joined: dict[str, list[str]] = {}
        self.neighbours = Neighbours(directory, self.peers, self.channels)

    # Life

    async def start(self) -> None:
        """Open channels, load contracts, listen; OSError for a taken port, NodeFailure for unusable files."""
        try:
            for entry in self.settings.orderers:
                self._add_orderer(entry)
            for entry in self.settings.peers:
                self._add_peer(entry)
        except (OSError, FabricError) as e:
            raise NodeFailure(f"a node's identity cannot be read: {e}") from e
        self._load_contracts()
        self._joined = self._read_joined()
        for name in self._joined:
            self._open_channel(name)
        self._join_configured()
        await self._know_neighbours()
        for name in (*self.orderers, *self.peers):
            if self._is_running(name):
                await self._listen(name)

    async def close(self) -> None:
        """Stop listening, write what was accepted, close the files."""
        await self.neighbours.close()
        for listener in list(self._listeners.values()):
            await listener.stop()
        for channel in self.channels.values():
            await channel.close()
        await self._remote.close()
        self._executor.close()

    # Nodes

    def _add_orderer(self, entry: NodeSettings) -> None:
        signer = load_msp_folder(self.directory / entry.msp, entry.msp_id)
        identity = OrdererIdentity(entry.name, entry.known_as, signer, entry.consenter or None)
        self.orderers[entry.name] = Orderer(entry, identity, entry.name not in self.settings.stopped)
        orderer = self.orderers[entry.name]
        self.services[entry.name] = orderer_service(self.channels, lambda: orderer.running, self.settings.limits)

    def _add_peer(self, entry: NodeSettings) -> None:
        signer = load_msp_folder(self.directory / entry.msp, entry.msp_id)
        packages = PackageStore(
            self.directory / "packages" / entry.name, lambda package_id: self._references(entry.name, package_id)
        )
        peer = Peer(entry.name, entry.msp_id, entry.known_as, signer, self._msp(entry.msp_id), packages)
        peer.running = entry.name not in self.settings.stopped
        peer.sealing = self._sealing(entry)
        peer.rich_queries = entry.rich_queries
        self.peers[entry.name] = peer
        self._endorsers[entry.name] = Endorser(peer, self._executor, self._join)
        self.services[entry.name] = peer_service(
            peer,
            self._endorsers,
            self.neighbours,
            self._signing_orderers,
            self.settings.limits,
            self._turns.identified,
        )

    def _msp(self, msp_id: str) -> Msp:
        """The organisation's own view of itself, with the revocations it knows of."""
        return Msp.from_config((self.directory / "msps" / f"{msp_id}.bin").read_bytes())

    def _signing_orderers(self) -> list[OrdererIdentity]:
        """The ordering nodes that can make blocks now: those that run, if they are enough for a quorum."""
        running = [o.identity for o in self.orderers.values() if o.running]
        total = len(self.orderers)
        faulty = (total - 1) // 3
        bft = any(o.settings.consenter for o in self.orderers.values())
        quorum = (total + faulty + 2) // 2 if bft else total // 2 + 1
        return running if len(running) >= quorum else []

    def _is_running(self, name: str) -> bool:
        peer = self.peers.get(name)
        return peer.running if peer is not None else self.orderers[name].running

    async def _listen(self, name: str) -> None:
        entry = next(e for e in (*self.settings.orderers, *self.settings.peers) if e.name == name)
        tls = self.directory / entry.tls
        listener = GrpcListener(
            entry.bound, tls / "server.key", tls / "server.crt", self.services[name], self.budget, self._turns
        )
        await listener.start()
        self._listeners[name] = listener

    async def switch(self, name: str, on: bool) -> None:
        """Start or stop one peer or orderer; KeyError if there is none of this name."""
        if self._is_running(name) == on:
            return
        if name in self.peers:
            self.peers[name].running = on
        else:
            self.orderers[name].running = on
        if on:
            await self._listen(name)
        else:
            listener = self._listeners.pop(name, None)
            if listener is not None:
                await listener.stop()
        stopped = {*self.settings.stopped} - {name} if on else {*self.settings.stopped, name}
        self.settings = replace(self.settings, stopped=tuple(sorted(stopped)))
        self.settings.save(self.directory)

    # Channels

    def _open_channel(self, name: str) -> Channel:
        channel = self.channels.get(name)
        if channel is None:
            channel = Channel(self.directory / "channels" / name, name, self._signing_orderers)
            self.channels[name] = channel
            for peer in self.peers.values():
                channel.on_lifecycle.append(peer.forget_approvals)
            channel.start()
        for peer_name in self._joined.get(name, ()):
            if peer_name in self.peers:
                self.peers[peer_name].joined[name] = channel
        return channel

    def _join(self, peer: Peer, genesis: bytes) -> None:
        """cscc JoinChain: the channel comes to be when the first peer joins."""
        name = self._create(genesis)
        if peer.name in self._joined.setdefault(name, []):
            raise ConfigInvalid(f"cannot create ledger from genesis block: ledger [{name}] already exists")
        self._joined[name].append(peer.name)
        self._write_joined()
        self._open_channel(name)

    def _create(self, genesis: bytes) -> str:
        try:
            block = Block.FromString(genesis)
            name, _ = config_of_envelope(Envelope.FromString(block.data.data[0]))
        except (ConfigInvalid, IndexError) as e:
            raise ConfigInvalid("not a genesis block") from e
        except Exception as e:
            raise ConfigInvalid("Failed to reconstruct the genesis block") from e
        if name not in self.channels:
            Channel.create(self.directory / "channels" / name, genesis)
        return name

    def _join_configured(self) -> None:
        changed = False
        for name, entry in self.settings.channels.items():
            wanted = [p for p in entry.peers if p in self.peers and p not in self._joined.get(name, ())]
            if not wanted and name in self._joined:
                continue
            self._create(_read(self.directory / entry.genesis))
            self._joined.setdefault(name, []).extend(wanted)
            changed = True
        if changed:
            self._write_joined()
            for name in self.settings.channels:
                self._open_channel(name)

    def _read_joined(self) -> dict[str, list[str]]:
        path = self.directory / _JOINED
        if not path.exists():
            return {}
        return {str(k): list(map(str, v)) for k, v in json.loads(path.read_bytes()).items()}

    def _write_joined(self) -> None:
        write_public(self.directory / _JOINED, json.dumps(self._joined, indent=1).encode())

    def _references(self, peer_name: str, package_id: str) -> dict[str, list[tuple[str, str]]]:
        peer = self.peers[peer_name]
        found: dict[str, list[tuple[str, str]]] = {}
        for channel in peer.joined.values():
            for name in channel.defined():
                definition = channel.definition(channel.view, name)
                if definition is None:
                    continue
                if peer.approved_package(channel, name, definition.sequence) == package_id:
                    found.setdefault(channel.channel_id, []).append((name, definition.version))
        return found

    def _sealing(self, entry: NodeSettings) -> KeyFolder | None:
        """The key files of a peer's organisation, for its contracts' private values."""
        return KeyFolder(self.directory / entry.keys, entry.msp_id) if entry.keys else None

    def _load_contracts(self) -> None:
        for name, module in self.settings.contracts.items():
            try:
                self._contracts[name] = load_chaincode(self._sources(module))
            except LoadError as e:
                if not is_path(module):
                    raise NodeFailure(f"the contract {name} cannot be loaded: {e}") from e
                # Somebody's own contract, gone or broken, must not keep everybody's ledger from starting.
                log.error("the contract %s cannot be loaded: %s", name, e)

    def _sources(self, module: str) -> str:
        """A contract's module, or the path of its sources, which settings name from this node's folder."""
        return os.path.normpath(self.directory / module) if is_path(module) else module

    def _reload_contract(self, name: str) -> None:
        """Take over an edited contract; the one in use stays when the new one cannot be loaded."""
        module = self.settings.contracts.get(name)
        if module is None:
            raise RpcError("NOT_FOUND", f"no contract {name} runs in this process")
        try:
            self._contracts[name] = load_anew(self._sources(module))
        except LoadError as e:
            raise RpcError("INVALID_ARGUMENT", str(e)) from e

    # Control

    async def control(self, message: Mapping[str, Any]) -> Mapping[str, Any]:
        """The driver's requests: status, switch, reload, reload-contract, stop."""
        try:
            action = message["action"]
            if action == "status":
                return self._status()
            if action == "switch":
                await self.switch(str(message["name"]), bool(message["on"]))
            elif action == "reload":
                await self._reload()
            elif action == "reload-contract":
                self._reload_contract(str(message["name"]))
            elif action == "stop":
                self.stopping.set()
            else:
                raise RpcError("UNIMPLEMENTED", f"unknown action {action}")
        except (ValueError, KeyError, TypeError) as e:
            raise RpcError("INVALID_ARGUMENT", f"not a control request: {e}") from e
        except (EmbeddedFault, OSError) as e:
            if isinstance(e, RpcError):
                raise
            raise RpcError("FAILED_PRECONDITION", str(e)) from e
        return {}

    def _status(self) -> dict[str, Any]:
        heights = {name: channel.height for name, channel in self.channels.items()}
        faults = {name: channel.fault for name, channel in self.channels.items() if channel.fault}
        return {
            "pid": os.getpid(),
            "started": self.started,
            "faults": faults,
            "peers": {
                p.name: {"running": p.running, "heights": {c: heights[c] for c in p.joined}}
                for p in self.peers.values()
            },
            "orderers": {name: {"running": o.running, "heights": heights} for name, o in self.orderers.items()},
            "real": self.neighbours.status(),
            "contracts": dict(self.settings.contracts),
            "counters": {name: channel.counters.snapshot() for name, channel in self.channels.items()},
        }

    async def _reload(self) -> None:
        """Take over new nodes, channels and contracts from node.json."""
        self.settings = node_settings.load(self.directory)
        self._load_contracts()
        for peer in self.peers.values():
            peer.msp = self._msp(peer.msp_id)
        for entry in self.settings.peers:
            if entry.name in self.peers:
                self.peers[entry.name].sealing = self._sealing(entry)
                self.peers[entry.name].rich_queries = entry.rich_queries
        added = []
        for entry in self.settings.orderers:
            if entry.name not in self.orderers:
                self._add_orderer(entry)
                added.append(entry.name)
        for entry in self.settings.peers:
            if entry.name not in self.peers:
                self._add_peer(entry)
                for channel in self.channels.values():
                    channel.on_lifecycle.append(self.peers[entry.name].forget_approvals)
                added.append(entry.name)
        self._join_configured()
        if added:
            for name in self._joined:
                self._open_channel(name)
        await self._part_with(set(self.peers) - {entry.name for entry in self.settings.peers})
        await self._know_neighbours()
        for name in added:
            if self._is_running(name):
                await self._listen(name)

    async def _part_with(self, names: set[str]) -> None:
        """Peers that run elsewhere from now on."""
        for name in names:
            listener = self._listeners.pop(name, None)
            if listener is not None:
                await listener.stop()
            for known in (self.peers, self._endorsers, self.services):
                known.pop(name, None)

    async def _know_neighbours(self) -> None:
        try:
            await self.neighbours.bring_to(self.settings)
        except (OSError, FabricError, StopIteration) as e:
            raise NodeFailure(f"a real peer's certificates cannot be read: {e}") from e


def _read(path: Path) -> bytes:
    return path.read_bytes()
