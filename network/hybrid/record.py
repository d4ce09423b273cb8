"""Which organisations of an embedded network have real peers: `hybrid.json` of the network's folder.

It alone says who runs an organisation's peers. While it says `moving`, the embedded ones do, and all that was made for
the real ones can be thrown away; from `real` on the embedded ones are never started.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from network.errors import UserError
from network.text import Text
from network.topology import NodeRef, TopologySpec
from network.vault import write_public

FILE_NAME = "hybrid.json"
WORK = "handover"
"""Folder of what runs only while peers replay."""


@dataclass(frozen=True)
class RealOrganization:
    """`heights` are blocks by channel when its real peers took over; `version` is their Fabric release."""

    phase: Literal["moving", "real"]
    version: str
    heights: Mapping[str, int]
    peers: tuple[str, ...] = ()


def _entry(document: Mapping[str, Any]) -> RealOrganization:
    return RealOrganization(**{**document, "peers": tuple(document["peers"])})


@dataclass(frozen=True)
class HybridRecord:
    """By name of the organisation in the topology."""

    organizations: Mapping[str, RealOrganization]

    @classmethod
    def load(cls, directory: Path) -> HybridRecord:
        """Read the record of a network's folder; empty where there is none."""
        path = directory / FILE_NAME
        try:
            document: dict[str, Any] = json.loads(path.read_bytes())
            return cls({str(k): _entry(v) for k, v in document["organizations"].items()})
        except FileNotFoundError:
            return cls({})
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as e:
            raise UserError(
                Text("文件 {p} 已损坏。", "The file {p} is damaged.", p=str(path)),
                Text("请从备份恢复这个文件。", "Restore the file from a backup."),
            ) from e

    def save(self, directory: Path) -> None:
        """Write the record, whole or not at all; none where no organisation is in it."""
        if not self.organizations:
            (directory / FILE_NAME).unlink(missing_ok=True)
            return
        document = {"version": 1, "organizations": {k: asdict(v) for k, v in self.organizations.items()}}
        write_public(directory / FILE_NAME, json.dumps(document, indent=1).encode())

    def with_(self, name: str, entry: RealOrganization | None) -> HybridRecord:
        """The record with an organisation's entry, or without it."""
        others = {k: v for k, v in self.organizations.items() if k != name}
        return replace(self, organizations=others if entry is None else {**others, name: entry})

    def real(self, spec: TopologySpec) -> list[NodeRef]:
        """The peers of a topology that run Fabric's own program."""
        names = {name for name, entry in self.organizations.items() if entry.phase == "real"}
        return [node for node in spec.peers() if node.organization.name in names]

    def added(self, spec: TopologySpec) -> list[NodeRef]:
        """Peers that a topology gives to organisations with real peers beside those that were handed over."""
        known = {peer for entry in self.organizations.values() for peer in entry.peers}
        return [n for n in spec.peers() if n.organization.name in self.organizations and n.name not in known]

    @property
    def moving(self) -> list[str]:
        """Organisations whose handing over was begun and not finished."""
        return [name for name, entry in self.organizations.items() if entry.phase == "moving"]
