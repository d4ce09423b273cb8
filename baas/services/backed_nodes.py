"""What a backup takes of Fabric's own programs: their ledgers as of one instant, and how far each chain went then."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from baas.services.networks import NetworkService
    from network.native.frozen import FrozenFile, FrozenNodes
    from network.native.stored_chain import StoredChain

NETWORKS = "networks"


@dataclass(frozen=True)
class BackedChain:
    """A channel's chain of a node of Fabric's own: its folder in the backup, and how far it goes (`ChainEnd`)."""

    folder: str
    height: int
    block_hash: str
    commit_hash: str


class BackedNodes:
    """The nodes' part of one backup of a workspace's folder; `close` when their files are in it."""

    def __init__(self, workspace: Path) -> None:
        self._workspace = workspace
        self._frozen: dict[str, FrozenNodes] = {}
        self._chains: list[BackedChain] = []

    @property
    def still_s(self) -> float:
        """For how long the nodes of a network stood still at most, in seconds."""
        return max((frozen.seconds for frozen in self._frozen.values()), default=0.0)

    @property
    def chains(self) -> tuple[BackedChain, ...]:
        """How far each chain went, of running and of stopped nodes."""
        return tuple(self._chains)

    def freeze(self, networks: NetworkService, names: Iterable[str]) -> None:
        """Copy the running nodes of these networks, each network as of one instant; nobody else may change them now.

        `Unavailable` where nodes are containers and no engine answers.
        """
        from network.native.frozen import freeze, node_data

        for name in names:
            directory = self._workspace / NETWORKS / name
            docker = networks.spec(name).runtime == "docker" and networks.state(name).phase != "removing"
            frozen = self._frozen[name] = _freeze_docker(networks, name) if docker else freeze(directory)
            live = {path.parent.name for path in directory.glob("nodes/*/data")}
            for node in sorted(live | set(frozen.nodes)):
                self._look(directory, node_data(directory, node), frozen)

    def holds(self, path: Path) -> bool:
        """Whether a file of the workspace is in the copy instead, or is part of it."""
        from network.native.frozen import FROZEN

        parts = path.relative_to(self._workspace).parts
        if parts[0] != NETWORKS or len(parts) < 4:
            return False
        if parts[2] == FROZEN:
            return True
        frozen = self._frozen.get(parts[1])
        return frozen is not None and parts[2] == "nodes" and parts[3] in frozen.nodes and parts[4:5] == ("data",)

    def files(self) -> list[FrozenFile]:
        """The copied files, named as they are in the backup."""
        from network.native.frozen import FrozenFile

        return [
            FrozenFile(f"{NETWORKS}/{name}/{file.name}", file.path, file.size)
            for name, frozen in self._frozen.items()
            for file in frozen.files
        ]

    def close(self) -> None:
        """Remove the copies."""
        from network.native.frozen import thaw

        for name in self._frozen:
            thaw(self._workspace / NETWORKS / name)

    def _look(self, directory: Path, data: Path, frozen: FrozenNodes) -> None:
        from network.native.frozen import FROZEN
        from network.native.stored_chain import chain_end, chain_folders

        place = directory / FROZEN / data.relative_to(directory) if data.parent.name in frozen.nodes else data
        sizes = {file.path: file.size for file in frozen.files if file.size is not None}
        for _, folder in chain_folders(place):
            end = chain_end(folder, {path.name: size for path, size in sizes.items() if path.parent == folder})
            if end is not None:
                name = (data / folder.relative_to(place)).relative_to(self._workspace).as_posix()
                self._chains.append(BackedChain(name, end.height, end.block_hash, end.commit_hash))


def _freeze_docker(networks: NetworkService, name: str) -> FrozenNodes:
    from network.docker.frozen import freeze_containers
    from network.drivers.docker import DockerDriver

    driver = networks.driver(name)
    assert isinstance(driver, DockerDriver)
    return freeze_containers(networks.folder(name), driver.containers, networks.spec(name))


class RestoredChains:
    """Compares the chains that a backup names with the files that come out of it."""

    def __init__(self, told: Iterable[BackedChain]) -> None:
        self._told = {chain.folder: chain for chain in told}
        self._found: dict[str, StoredChain] = {}

    def concerns(self, name: str) -> bool:
        """Whether a file of the backup holds blocks of one of these chains."""
        path = PurePosixPath(name)
        return path.parent.as_posix() in self._told and path.name.startswith("blockfile_")

    def take(self, name: str, path: Path) -> None:
        """Read such a file, which lies at `path`; `BadChain` where it does not go on from the one before."""
        from network.native.stored_chain import StoredChain

        self._found.setdefault(PurePosixPath(name).parent.as_posix(), StoredChain()).take(path)

    def wrong(self) -> str:
        """The first chain that does not end as the backup says; empty if all do."""
        for folder, told in self._told.items():
            end = self._found[folder].end if folder in self._found else None
            if end is None or BackedChain(folder, end.height, end.block_hash, end.commit_hash) != told:
                return folder
        return ""
