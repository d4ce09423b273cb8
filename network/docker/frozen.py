"""A copy of containers' ledgers as of one instant: all of them are paused together while their volumes are read.

What it shows is what `network.native.frozen` says of processes. A volume is read through the engine, whole, so that the
pause is as long as the ledgers are large; connections stay meanwhile.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from network.docker.containers import DATA
from network.docker.engine import Engine, engine_errors
from network.docker.nodes import ContainerNodes
from network.errors import Unavailable
from network.native.frozen import FROZEN, LEFT_OUT, FrozenFile, FrozenNodes, node_data, thaw
from network.native.nodes import in_parallel
from network.processes import NO_WINDOW
from network.text import Text
from network.topology import TopologySpec

RUNNING = "running"
_TRIES = 40
_MADE_AGAIN = "externalbuilder"
"""What a peer builds of installed contracts: it names this engine's network, and is built anew where it is missing."""


def freeze_containers(directory: Path, nodes: ContainerNodes, spec: TopologySpec) -> FrozenNodes:
    """Copy the ledgers of a network's containers, of stopped ones too; empty where there are none.

    State databases are left out: a peer makes its own anew from its blocks. `Unavailable` without an engine.
    """
    found = nodes.containers()
    refs = [node for node in spec.nodes() if node.name in found]
    if not refs:
        return FrozenNodes()
    thaw(directory)
    place = directory / FROZEN
    place.mkdir(mode=0o700)
    with paused(nodes.engine, [found[n.name] for n in refs if found[n.name].status == RUNNING]):
        begun = time.monotonic()
        in_parallel(lambda node: _read(found[node.name], place / f"{node.name}.tar"), refs)
        seconds = time.monotonic() - begun
    files: list[FrozenFile] = []
    for node in refs:
        archive = place / f"{node.name}.tar"
        files += _unpacked(archive, directory, node.name)
        archive.unlink()
    still = any(found[n.name].status == RUNNING for n in refs)
    return FrozenNodes(tuple(n.name for n in refs), seconds if still else 0.0, tuple(files))


@contextlib.contextmanager
def paused(engine: Engine, containers: Sequence[Any]) -> Iterator[None]:
    """Pause containers inside the block. A process of its own lets them go on if this one is killed."""
    if not containers:
        yield
        return
    command = [sys.executable, "-m", "network.docker.guard", engine.address, *(c.id for c in containers)]
    root = str(Path(__file__).resolve().parents[2])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))}
    guard = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        start_new_session=True,
        creationflags=NO_WINDOW,
    )
    assert guard.stdin is not None and guard.stdout is not None
    try:
        if guard.stdout.readline().strip() != b"ready":
            raise Unavailable(Text("无法暂停容器。", "The containers cannot be paused."), code="not_still")
        for container in containers:
            _pause(container)
        yield
    finally:
        for container in containers:
            with contextlib.suppress(Unavailable), engine_errors():
                container.unpause()
        guard.stdin.close()
        guard.wait(30)
        guard.stdout.close()


def _pause(container: Any) -> None:
    """Pause a container; a busy one may refuse at first, because it makes threads faster than they are stopped."""
    for attempt in range(_TRIES):
        try:
            with engine_errors():
                container.pause()
            return
        except Unavailable:
            if attempt == _TRIES - 1:
                raise
            time.sleep(0.05)


def _read(container: Any, target: Path) -> None:
    with engine_errors():
        stream, _ = container.get_archive(DATA)
        with target.open("wb") as out:
            for chunk in stream:
                out.write(chunk)


def _unpacked(archive: Path, directory: Path, node: str) -> Iterator[FrozenFile]:
    """Lay an archive's files where a process's would lie; links and devices are no part of a ledger."""
    base = node_data(directory, node).relative_to(directory)
    with tarfile.open(archive) as tar:
        for member in tar:
            parts = Path(member.name).parts[1:]
            if not member.isreg() or ".." in parts or not parts or member.name.endswith(LEFT_OUT):
                continue
            if parts[0] == _MADE_AGAIN:
                continue
            name = base.joinpath(*parts)
            target = directory / FROZEN / name
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            source = tar.extractfile(member)
            assert source is not None
            with source, target.open("wb") as out:
                shutil.copyfileobj(source, out, 1024 * 1024)
            yield FrozenFile(name.as_posix(), target)
