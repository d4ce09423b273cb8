"""A copy of running nodes' files as of one instant, taken while the nodes stand still for a moment.

Fabric's files are of three kinds. Tables of LevelDB are written once: a link to them is a copy. Files of blocks only
grow: a link and their length are one. What is left (journals, manifests, Raft's log) is small and copied. So the nodes
stand still for a fraction of a second however large their ledgers are, and all of them at the same time: what the copy
shows is what a loss of power at that instant would have left, from which they recover among themselves. Copied one
after the other they might not: an orderer of an earlier moment has forgotten what it promised the others.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from network.supervisor.client import SupervisorClient
from network.supervisor.spec import load_processes

FROZEN = "frozen"
"""The folder in a network's folder where the copy lies until it is in the backup."""
RUN = "run"
LEFT_OUT = (".tmp", ".sock")
_WRITTEN_ONCE = (".ldb", ".sst")
_GROWS = "blockfile_"
_CHUNK = 1024 * 1024
_HOLE = bytes(_CHUNK)


@dataclass(frozen=True)
class FrozenFile:
    """One file of the copy: where it belongs (relative to the network's folder), where it lies, and how many bytes of
    it count (None: all)."""

    name: str
    path: Path
    size: int | None = None


@dataclass(frozen=True)
class FrozenNodes:
    """The copy: the nodes that stood still, for how long (seconds), and the files."""

    nodes: tuple[str, ...] = ()
    seconds: float = 0.0
    files: tuple[FrozenFile, ...] = ()


def node_data(directory: Path, node: str) -> Path:
    """Where a supervised node keeps its ledgers."""
    return directory / "nodes" / node / "data"


def freeze(directory: Path) -> FrozenNodes:
    """Copy the files of all running nodes of a network folder; empty where none is supervised or none runs.

    Held still are the nodes, not the contracts' servers, which keep nothing. `Unavailable` (`not_still`) where a node
    ended meanwhile: nothing of the copy may be used then. `thaw` removes the copy.
    """
    run = directory / RUN
    names = [name for name in load_processes(run) if node_data(directory, name).is_dir()]
    if not names:
        return FrozenNodes()
    thaw(directory)
    files: list[FrozenFile] = []
    with SupervisorClient(run).held(names) as still:
        for name in still.names:
            files += _copied(directory, node_data(directory, name))
    return FrozenNodes(still.names, still.seconds, tuple(files))


def thaw(directory: Path) -> None:
    """Remove what a copy left, also one that was killed."""
    shutil.rmtree(directory / FROZEN, ignore_errors=True)


def _copied(directory: Path, data: Path) -> Iterator[FrozenFile]:
    for folder, _, names in os.walk(data):
        place = directory / FROZEN / Path(folder).relative_to(directory)
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in sorted(names):
            source, target = Path(folder, name), place / name
            found = source.lstat()
            if name.endswith(LEFT_OUT) or not stat.S_ISREG(found.st_mode):
                continue
            grows = name.startswith(_GROWS)
            if not ((grows or name.endswith(_WRITTEN_ONCE)) and _linked(source, target)):
                _copy(source, target)
            yield FrozenFile(source.relative_to(directory).as_posix(), target, found.st_size if grows else None)


def _linked(source: Path, target: Path) -> bool:
    try:
        os.link(source, target)
    except OSError:  # a file system without links
        return False
    return True


def _copy(source: Path, target: Path) -> None:
    """Copy a file, with holes where it has nothing: Raft's log is made at its full length."""
    with source.open("rb") as file, target.open("wb") as out:
        while chunk := file.read(_CHUNK):
            if chunk == _HOLE:
                out.seek(_CHUNK, os.SEEK_CUR)
            else:
                out.write(chunk)
        out.truncate(file.tell())
    shutil.copymode(source, target)
