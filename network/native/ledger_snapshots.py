"""Fabric's own snapshots of a channel's ledger: found, checked, and peers that are made anew from one.

A peer writes a snapshot as of a block (Fabric documentation, "Taking ledger snapshots and using them to join
channels"): the public state, the hashes of private data, the transactions' ids, and two files that say what it is. A
peer that joins from it has the channel's state at once and only the blocks that came since; the private data that its
organisation may have it fetches from other peers afterwards. Earlier blocks stay with the others.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from network.errors import NotFound, UserError
from network.native.frozen import node_data
from network.text import Text
from network.vault import write_public

SIGNABLE, ADDITIONAL = "_snapshot_signable_metadata.json", "_snapshot_additional_metadata.json"
FILE_NAME = "snapshots.json"
"""In a network's folder: from which snapshots peers are still to be joined, and the first block of those that were."""
MAX_METADATA = 1024 * 1024
_FILE = re.compile(r"[a-z_]+\.(data|metadata)")
_CHUNK = 1024 * 1024


@dataclass(frozen=True)
class LedgerSnapshot:
    """A snapshot: the channel as of `block`, the newest block in it. Hashes are lower-case hexadecimal.

    `peer` wrote it; `commit_hash` is what every peer has at that block.
    """

    channel: str
    block: int
    peer: str
    bytes: int
    block_hash: str
    commit_hash: str
    snapshot_hash: str
    path: Path


def completed(directory: Path, peer: str, channel: str) -> Path:
    """Where a peer of this machine keeps its finished snapshots of a channel."""
    return node_data(directory, peer) / "snapshots" / "completed" / channel


def numbers(directory: Path, peer: str, channel: str) -> frozenset[int]:
    """The blocks of which a peer has finished snapshots."""
    folder = completed(directory, peer, channel)
    return frozenset(int(p.name) for p in folder.glob("*") if p.name.isdigit()) if folder.is_dir() else frozenset()


def found(directory: Path) -> Iterator[LedgerSnapshot]:
    """Every finished snapshot of this machine's peers."""
    for metadata in sorted(directory.glob(f"nodes/*/data/snapshots/completed/*/*/{SIGNABLE}")):
        yield read(metadata.parent)


def read(folder: Path) -> LedgerSnapshot:
    """What a snapshot's own files say of it; `UserError` (`not_a_snapshot`) where it is none."""
    signable, additional = _json(folder / SIGNABLE), _json(folder / ADDITIONAL)
    try:
        peer = folder.parents[4].name if folder.parents[3].name == "data" else ""
        names = [SIGNABLE, ADDITIONAL, *signable["snapshot_files_raw_hashes"]]
        return LedgerSnapshot(
            str(signable["channel_name"]),
            int(signable["last_block_number"]),
            peer,
            sum((folder / name).stat().st_size for name in names if _FILE.fullmatch(name) or name.startswith("_")),
            str(signable["last_block_hash"]),
            str(additional["last_block_commit_hash"]),
            str(additional["snapshot_hash"]),
            folder,
        )
    except (KeyError, TypeError, ValueError, OSError) as e:
        raise _none(folder) from e


def check(snapshot: LedgerSnapshot) -> None:
    """Compare every file of a snapshot with what it says of itself; `UserError` (`snapshot_damaged`) otherwise.

    A file that it does not name is refused, too: a peer opens whatever of the usual names lies there, and compares the
    named ones only.
    """
    folder = snapshot.path
    if _digest(folder / SIGNABLE) != snapshot.snapshot_hash:
        raise _damaged(folder / SIGNABLE)
    wanted = _json(folder / SIGNABLE).get("snapshot_files_raw_hashes")
    if not isinstance(wanted, dict):
        raise _damaged(folder / SIGNABLE)
    for path in sorted(folder.iterdir()):
        if path.name not in {*wanted, SIGNABLE, ADDITIONAL}:
            raise _damaged(path)
    for name, expected in wanted.items():
        if not _FILE.fullmatch(name) or not (folder / name).is_file() or _digest(folder / name) != expected:
            raise _damaged(folder / name)


def forget_ledgers(directory: Path, peer: str) -> None:
    """Remove the ledgers of a peer that does not run; its installed contracts and its snapshots stay."""
    data = node_data(directory, peer)
    for name in ("ledgersData", "transientstore"):
        if (data / name).exists():
            shutil.rmtree(data / name)


class SnapshotNotes:
    """What a network's folder remembers of snapshots; kept whole at every moment."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / FILE_NAME

    def wish(self, peer: str, channel: str) -> Path | None:
        """The snapshot from which a peer is still to join a channel."""
        folder = self._load()["wishes"].get(peer, {}).get(channel)
        return Path(folder) if folder else None

    def first_block(self, peer: str, channel: str) -> int:
        """The first block of a channel that a peer has."""
        return int(self._load()["first"].get(peer, {}).get(channel, 0))

    def want(self, peer: str, channel: str, folder: Path) -> None:
        """Note that a peer is to join from a snapshot."""
        notes = self._load()
        notes["wishes"].setdefault(peer, {})[channel] = str(folder)
        self._save(notes)

    def joined(self, peer: str, channel: str, first: int) -> None:
        """Note that a peer has joined a channel with `first` as its first block (0: all of them)."""
        notes = self._load()
        if not first and channel not in {**notes["wishes"].get(peer, {}), **notes["first"].get(peer, {})}:
            return
        notes["wishes"].get(peer, {}).pop(channel, None)
        notes["first"].setdefault(peer, {})[channel] = first
        self._save(notes)

    def _load(self) -> dict[str, dict[str, dict[str, Any]]]:
        try:
            notes = json.loads(self._path.read_bytes())
            return {"wishes": dict(notes["wishes"]), "first": dict(notes["first"])}
        except (OSError, ValueError, KeyError, TypeError):
            return {"wishes": {}, "first": {}}

    def _save(self, notes: dict[str, dict[str, dict[str, Any]]]) -> None:
        write_public(self._path, json.dumps(notes, indent=1).encode())


def _json(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > MAX_METADATA:
            raise _none(path.parent)
        document = json.loads(path.read_bytes())
    except (OSError, ValueError) as e:
        raise _none(path.parent) from e
    if not isinstance(document, dict):
        raise _none(path.parent)
    return document


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _none(folder: Path) -> UserError:
    return NotFound(
        Text("{p} 不是账本快照。", "{p} is no ledger snapshot.", p=str(folder)),
        Text("用 citychain network snapshot list 查看。", "See citychain network snapshot list."),
        code="not_a_snapshot",
    )


def _damaged(path: Path) -> UserError:
    return UserError(
        Text("账本快照已损坏：{p}", "The ledger snapshot is damaged: {p}", p=str(path)),
        Text("请另做一份，或使用另一份。", "Make another one, or use another."),
        code="snapshot_damaged",
    )
