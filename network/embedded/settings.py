"""What a node is told at start: `node.json` in its folder, written by the embedded driver."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from network.embedded.faults import EmbeddedFault
from network.vault import write_public

FILE_NAME = "node.json"
VERSION = 1
CONTRACT_SECONDS = "contract_seconds"


class SettingsInvalid(EmbeddedFault):
    """node.json is missing or broken."""


@dataclass(frozen=True)
class NodeSettings:
    """One peer or orderer. Paths are relative to the node's folder; `address` is where it listens, host:port.

    For other machines it also listens at `listen`, and is known to them as `public`; both are empty for none.
    """

    name: str
    msp_id: str
    address: str
    msp: str
    tls: str
    consenter: int = 0
    listen: str = ""
    public: str = ""
    keys: str = ""
    """Folder with the organisation's contract key files (peers only)."""
    rich_queries: bool = False
    """Whether the peer's state database, by its topology, is one that answers rich queries (CouchDB)."""

    @property
    def known_as(self) -> str:
        """Where others are told to find it."""
        return self.public or self.address

    @property
    def bound(self) -> tuple[str, ...]:
        """Every address that it listens at."""
        return (self.address, self.listen) if self.listen else (self.address,)


@dataclass(frozen=True)
class ChannelSettings:
    """A channel to run: its genesis block (path) and the peers that join it."""

    genesis: str
    peers: tuple[str, ...]


@dataclass(frozen=True)
class Settings:
    """A whole node. `contracts` maps names of package labels to the Python modules that hold the contracts.

    `limits` are concurrent calls by service (`/gateway.Gateway`: 500, others 2,500), and under CONTRACT_SECONDS how
    many seconds a contract may take (30).
    """

    network: str
    peers: tuple[NodeSettings, ...]
    orderers: tuple[NodeSettings, ...]
    channels: Mapping[str, ChannelSettings] = field(default_factory=dict)
    contracts: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)
    stopped: tuple[str, ...] = ()
    real: tuple[NodeSettings, ...] = ()
    """peers that run Fabric's own program: not served here, but known"""

    def save(self, directory: Path) -> None:
        """Write node.json, whole or not at all."""
        document = {"version": VERSION, **asdict(self)}
        write_public(directory / FILE_NAME, json.dumps(document, indent=1, sort_keys=True).encode())


def load(directory: Path) -> Settings:
    """Read node.json; SettingsInvalid if it cannot be."""
    path = directory / FILE_NAME
    try:
        document = json.loads(path.read_bytes())
        return _settings(document)
    except OSError as e:
        raise SettingsInvalid(f"{path} cannot be read: {e.strerror}") from e
    except (ValueError, KeyError, TypeError, AttributeError) as e:
        raise SettingsInvalid(f"{path} is not a node's settings: {e}") from e


def _settings(document: Mapping[str, Any]) -> Settings:
    if document["version"] != VERSION:
        raise ValueError(f"version {document['version']}, expected {VERSION}")
    return Settings(
        network=str(document["network"]),
        peers=tuple(NodeSettings(**p) for p in document["peers"]),
        orderers=tuple(NodeSettings(**o) for o in document["orderers"]),
        channels={
            name: ChannelSettings(str(c["genesis"]), tuple(map(str, c["peers"])))
            for name, c in document["channels"].items()
        },
        contracts={str(k): str(v) for k, v in document["contracts"].items()},
        limits={str(k): int(v) for k, v in document["limits"].items()},
        stopped=tuple(map(str, document["stopped"])),
        real=tuple(NodeSettings(**p) for p in document.get("real", ())),
    )
