"""Which ports of this machine the networks of one person have, so that a new one takes none of another's.

A network that is stopped listens nowhere, and one that is being set up does not yet: whether a port can be listened on
says nothing of either. So every network notes its ports in a folder of its user's beside all others', whatever its
workspace. It is a courtesy and no lock: where the folder cannot be had, networks are set up as if they were alone.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from network.errors import Conflict
from network.lock import Moment
from network.vault import write_public

BOOK = "addresses.json"
MOST_BYTES, MOST_NETWORKS = 64 << 10, 2_000
PATIENCE_S = 10.0


class Claims:
    """What other networks' folders have claimed, and how to claim; good while `claiming` lasts."""

    def __init__(self, folder: Path | None, directory: Path) -> None:
        self._folder = folder
        self._directory = directory.absolute()

    def others(self) -> set[int]:
        """The ports of all other networks of this user that are still there."""
        if self._folder is None:
            return set()
        found: set[int] = set()
        for path in sorted(self._folder.glob("*.json"))[:MOST_NETWORKS]:
            owner, ports = _read(path)
            if owner is None or not (owner / BOOK).exists():
                with contextlib.suppress(OSError):
                    path.unlink()
            elif owner != self._directory:
                found |= ports
        return found

    def keep(self, ports: Iterable[int]) -> None:
        """Claim ports for this network, which has them from now on."""
        if self._folder is None:
            return
        text = str(self._directory)
        name = hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32]
        with contextlib.suppress(OSError):
            write_public(
                self._folder / f"{name}.json", json.dumps({"folder": text, "ports": sorted(set(ports))}).encode()
            )


@contextmanager
def claiming(directory: Path) -> Iterator[Claims]:
    """A moment in which nobody else of this user claims ports, for the network in `directory`.

    The network's address book is written before the moment ends: a claim without one counts for nothing.
    """
    with contextlib.ExitStack() as stack:
        folder = _folder()
        if folder is not None:
            try:
                stack.enter_context(Moment(folder / "lock", patience_s=PATIENCE_S))
            except (OSError, Conflict):
                folder = None
        yield Claims(folder, directory)


def _folder() -> Path | None:
    """The user's own folder of claims; None where it cannot be made or somebody else could write in it."""
    try:
        if sys.platform == "win32":
            folder = Path(tempfile.gettempdir()) / "citychain-ports"
            folder.mkdir(exist_ok=True)
            return folder
        folder = Path(tempfile.gettempdir()) / f"citychain-ports-{os.getuid()}"
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        about = folder.lstat()
    except OSError:
        return None
    own = stat.S_ISDIR(about.st_mode) and about.st_uid == os.getuid() and not about.st_mode & 0o022
    return folder if own else None


def _read(path: Path) -> tuple[Path | None, set[int]]:
    """Whose claim it is, and the ports; nobody's if it is none."""
    try:
        if path.stat().st_size > MOST_BYTES:
            return None, set()
        document = json.loads(path.read_bytes())
        return Path(document["folder"]), {int(port) for port in document["ports"]}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None, set()
