"""One process for one node folder, and whoever holds a port that it needs."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from network.embedded.faults import EmbeddedFault
from network.ports import port_is_free


class PortTaken(EmbeddedFault):
    """Another process listens where a node should; `owner` is its name and number, "" if unknown."""

    def __init__(self, address: str, owner: str) -> None:
        super().__init__(f"{address} is taken by {owner or 'another process'}")
        self.address = address
        self.owner = owner


class AddressGone(EmbeddedFault):
    """The machine no longer has the address on which the node was told to listen."""

    def __init__(self, host: str) -> None:
        super().__init__(f"this machine has no address {host}")
        self.host = host


def check_ports(addresses: Iterable[str]) -> None:
    """Raise PortTaken for the first address that cannot be listened on."""
    for address in addresses:
        host, _, port = address.rpartition(":")
        host = host.strip("[]")
        if not port_is_free(int(port), host):
            if not port_is_free(0, host):
                raise AddressGone(host)
            raise PortTaken(address, port_owner(int(port)))


def port_owner(port: int) -> str:
    """Name and number of the process that listens on a TCP port of this machine, "" if it cannot be known."""
    import psutil

    with contextlib.suppress(psutil.Error, OSError):
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid:
                with contextlib.suppress(psutil.Error):
                    return f"{psutil.Process(connection.pid).name()}, {connection.pid}"
                return str(connection.pid)
    return ""


class InstanceLock:
    """An exclusive lock on a file, which the system lets go of when the process ends in whatever way."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stream: IO[bytes] | None = None

    def acquire(self) -> str | None:
        """Take the lock; return None, or the holder's process number ("" if unknown)."""
        stream = self._path.open("a+b")
        try:
            _lock(stream)
        except OSError:
            stream.close()
            with contextlib.suppress(OSError):
                return self._path.with_suffix(".pid").read_text("ascii").strip()
            return ""
        self._stream = stream
        self._path.with_suffix(".pid").write_text(str(os.getpid()), "ascii")
        return None

    def release(self) -> None:
        if self._stream is not None:
            with contextlib.suppress(OSError):
                self._path.with_suffix(".pid").unlink()
            self._stream.close()
            self._stream = None


def _lock(stream: IO[bytes]) -> None:
    if sys.platform == "win32":
        import msvcrt

        stream.seek(0)
        msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(stream.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
