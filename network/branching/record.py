"""What a branch is a branch of: `branch.json` in its network's folder, and a mark in its chain.

The file says it to people. The chain says it to programs: the block with which a branch begins puts a consensus type in
force that no ordering service of Fabric knows, under authorities that its origin does not know.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from fabric_sdk.channel import BRANCH_CONSENSUS
from network.embedded.faults import LedgerDamaged
from network.errors import Conflict, UserError
from network.promotion.stored import StoredChannel, ledger_file
from network.text import Text
from network.vault import write_public

FILE_NAME = "branch.json"
SUFFIX = "-branch"
"""How every branch's name ends: wherever a network is named, one sees what it is."""


@dataclass(frozen=True)
class BranchRecord:
    """`last_block` is the last block that the origin has too; the branch's own begin after it.

    `commit_hash` (hexadecimal) is what the origin's peers have at that block, "" if they keep none. `private_of` is the
    MSP id whose private data are here, "" for none. `otherwise` counts transactions that the embedded ledger would have
    judged otherwise than the origin's peers, whose judgement holds here. `made` is in seconds since 1970.
    """

    phase: Literal["making", "ready"]
    origin: str
    channel: str
    last_block: int = -1
    block_hash: str = ""
    commit_hash: str = ""
    transactions: int = 0
    private_of: str = ""
    private_sets: int = 0
    otherwise: int = 0
    made: float = 0.0

    @classmethod
    def load(cls, directory: Path) -> BranchRecord | None:
        """Read the record of a network's folder; None where there is none."""
        try:
            document: dict[str, Any] = json.loads((directory / FILE_NAME).read_bytes())
            return cls(**document)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError) as e:
            raise UserError(
                Text("文件 {p} 已损坏。", "The file {p} is damaged.", p=str(directory / FILE_NAME)),
                Text("分支可以删除后重做。", "A branch can be destroyed and made again."),
            ) from e

    def save(self, directory: Path) -> None:
        """Write the record, whole or not at all."""
        write_public(directory / FILE_NAME, json.dumps(asdict(self), indent=1).encode())


def is_branch(directory: Path) -> bool:
    """Whether the network in a folder is a branch: by its record, or by its chain where somebody took that away."""
    if (directory / FILE_NAME).exists():
        return True
    channels = directory / "embedded" / "channels"
    if not channels.is_dir():
        return False
    return any(_marked(directory, folder.name) for folder in sorted(channels.iterdir()))


def _marked(directory: Path, channel: str) -> bool:
    try:
        with StoredChannel(ledger_file(directory, channel), channel) as stored:
            return stored.config.consensus == BRANCH_CONSENSUS
    except (OSError, LedgerDamaged):
        return False


def refuse_branch(directory: Path, name: str, what: Text) -> None:
    """Raise `Conflict` where the network in a folder is a branch; `what` names what it cannot do."""
    if is_branch(directory):
        raise Conflict(
            Text("“{n}”是分支，{w}。", "{n} is a branch: {w}.", n=name, w=what),
            Text(
                "分支只供试验，在其上发生的一切都不是证据；请对原网络操作。",
                "A branch is for trying out, and nothing that happens on it is evidence. Use the network it came from.",
            ),
            code="branch",
        )
