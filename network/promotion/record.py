"""How far a promotion is, on disk: `promotion.json` of the network's folder.

Which side a network is on is said by `state.json` alone: while its topology is embedded, all of a promotion can be
thrown away; from the moment it is not, the promotion is finished, never undone by itself.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from fabric_sdk.files import replace_file
from network.drivers.base import ContractService
from network.errors import Unavailable, UserError
from network.hybrid.record import HybridRecord
from network.plan import NetworkState
from network.promotion.replay import forget
from network.supervisor.client import SupervisorClient
from network.supervisor.spec import load_processes
from network.text import Text
from network.topology import Runtime
from network.vault import write_public

FILE_NAME = "promotion.json"
WORK = "promotion"
"""Folder of what runs only while peers replay."""
LEFT = "containers.left"
"""Empty file: an engine that did not answer still has containers and volumes of an interrupted promotion."""
_SETTLED_SECONDS = 2.0
"""How long an engine has to be quiet after somebody was killed who may have asked it to make something."""
KEPT = "before-promotion"
"""Folder of the embedded ledger once Fabric has taken over."""

Phase = Literal["moving", "moved", "done"]


@dataclass(frozen=True)
class PromotionRecord:
    """`heights` are blocks by channel when the move began; `chains` bytes of blocks by orderer and channel."""

    phase: Phase
    fabric_version: str
    heights: Mapping[str, int]
    chains: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    contracts: tuple[ContractService, ...] = ()
    """Contracts that get a server and a package of their own, to be approved on Fabric."""
    replay_seconds: float = 0.0
    runtime: Runtime = "native"
    """What runs the nodes after the move."""

    @classmethod
    def load(cls, directory: Path) -> PromotionRecord | None:
        """Read the record of a network's folder; None where there is none."""
        path = directory / FILE_NAME
        try:
            document: dict[str, Any] = json.loads(path.read_bytes())
            services = tuple(ContractService(**entry) for entry in document.pop("contracts"))
            return cls(**document, contracts=services)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as e:
            raise UserError(
                Text("文件 {p} 已损坏。", "The file {p} is damaged.", p=str(path)),
                Text("请从备份恢复这个文件。", "Restore the file from a backup."),
            ) from e

    def save(self, directory: Path) -> None:
        """Write the record, whole or not at all."""
        write_public(directory / FILE_NAME, json.dumps(asdict(self), indent=1).encode())


def recover(directory: Path) -> bool:
    """Throw away what an interrupted promotion left beside an embedded network; return whether there was anything.

    Harmless where there is nothing, and where Fabric has taken over.
    """
    state = NetworkState.load(directory)
    spec = state.reached or state.wanted
    if spec is None or spec.runtime != "embedded":
        return False
    if not (directory / FILE_NAME).exists():
        if (directory / LEFT).exists():
            _remove_containers(directory)
        return False
    forget(directory / WORK)
    record = PromotionRecord.load(directory)
    if record is not None and record.runtime == "docker":
        _remove_containers(directory)
    real = {node.name for node in HybridRecord.load(directory).real(spec)}
    if (directory / "run").exists():
        supervisor = SupervisorClient(directory / "run")
        gone = [p for p in load_processes(supervisor.directory) if real and (p.partition("@")[2] or p) not in real]
        if gone:
            supervisor.ensure()
            supervisor.remove(gone)
        supervisor.shutdown()
    kept = directory / KEPT / "embedded"
    if kept.exists() and not (directory / "embedded").exists():
        replace_file(kept, directory / "embedded")
    for folder in (directory / "nodes").iterdir() if (directory / "nodes").exists() else ():
        if folder.name not in real:
            shutil.rmtree(folder, ignore_errors=True)
    for name in (KEPT,) if real else ("nodes", "run", KEPT):
        shutil.rmtree(directory / name, ignore_errors=True)
    if not real:
        (directory / "contracts.json").unlink(missing_ok=True)
    (directory / FILE_NAME).unlink()
    return True


def _remove_containers(directory: Path) -> None:
    """Let nothing of a promotion into containers be left, and the nodes know each other by their addresses."""
    from network.docker.engine import Engine
    from network.docker.names import unname_nodes
    from network.docker.removal import remove_all

    unname_nodes(directory)
    engine = Engine()
    try:
        remove_all(engine, directory, settled_s=_SETTLED_SECONDS)
    except Unavailable:
        # An engine that does not run holds no city up; what it keeps goes when it answers again.
        (directory / LEFT).touch()
    else:
        (directory / LEFT).unlink(missing_ok=True)
    finally:
        engine.close()
