"""Machines for people: where this computer allows it, each has a network and a file system of its own.

A bridge is the city's own network; every machine hangs on it with a cable (veth) of its own and reaches nobody but by
address. Within a machine other people's folders do not exist: they are hidden in a mount namespace. What a computer
does not allow is said in one sentence (`Neighbourhood.refusal`, `walls_refusal`); people then share its loopback or its
disk, and only the watch in `person.py` keeps them apart.
"""

from __future__ import annotations

import itertools
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_NAME = re.compile(r"ccd(\d+)(?:n\d+)?$")
_WALLS = """
own=$1; shift
exec 9<"$own"
while [ "$1" != -- ]; do mount -t tmpfs -o mode=0755 desks "$1"; shift; done
shift
mkdir -p "$own"
mount -c --bind /proc/self/fd/9 "$own"
exec 9<&-
cd "$own"
exec "$@"
"""
"""Cover everybody's places, put the own folder back in its place, then run the command."""


def _ip(*words: str) -> str:
    return subprocess.run(["ip", *words], check=True, capture_output=True, text=True, timeout=60).stdout


@cache
def walls_refusal() -> str:
    """Why other people's folders cannot be hidden here; "" when they can."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return "only root may make mount namespaces"
    with tempfile.TemporaryDirectory() as name:
        own, other = Path(name, "own"), Path(name, "other")
        for place in (own, other):
            place.mkdir()
            (place / "file").touch()
        said = _within(own, [name], ["sh", "-c", f'echo *; ls "{name}"'])
        ran = subprocess.run(said, check=False, capture_output=True, text=True, timeout=60)
    if ran.returncode != 0 or ran.stdout.split() != ["file", "own"]:
        return f"folders cannot be hidden here: {ran.stderr.strip() or ran.stdout}"
    return ""


def _within(own: Path, places: Sequence[str], command: Sequence[str]) -> list[str]:
    return [
        "unshare",
        "--mount",
        "--propagation",
        "private",
        "sh",
        "-ec",
        _WALLS,
        "-",
        str(own),
        *places,
        "--",
        *command,
    ]


@dataclass(frozen=True)
class Machine:
    """One machine: `namespace` and `address` on the city's network; both "" on a computer that does not allow them."""

    namespace: str = ""
    address: str = ""

    def command(self, own: Path, places: Sequence[str], command: Sequence[str]) -> list[str]:
        """`command` on this machine, where of everybody's `places` only the folder `own` is there."""
        walled = list(command) if walls_refusal() else _within(own, places, command)
        return ["ip", "netns", "exec", self.namespace, *walled] if self.namespace else walled


class Neighbourhood:
    """The city's network: `address` is the host's on it, where its nodes listen."""

    def __init__(self) -> None:
        self.refusal = ""
        self.address = ""
        self._bridge = f"ccd{os.getpid()}"
        self._numbers = itertools.count(2)
        self._made: list[str] = []
        if sys.platform == "win32" or os.geteuid() != 0:
            self.refusal = "only root may make network namespaces"
        elif shutil.which("ip") is None:
            self.refusal = "there is no ip command (iproute2)"
        else:
            self._lay()

    def _lay(self) -> None:
        try:
            self._sweep()
            taken = _ip("-o", "-4", "address")
            # 198.18.0.0/15 is for trying out networks (RFC 2544); nothing real is reached there.
            self._net = next(n for n in (f"198.18.{secrets.randbelow(250) + 1}" for _ in range(100)) if n not in taken)
            # With an address of its own: otherwise it takes another with each cable, and machines lose it for seconds.
            _ip("link", "add", self._bridge, "address", f"02:{secrets.token_hex(5):.2}:00:00:00:01", "type", "bridge")
            _ip("address", "add", f"{self._net}.1/24", "dev", self._bridge)
            _ip("link", "set", self._bridge, "up")
            self.address = f"{self._net}.1"
            self.machine()
        except (OSError, subprocess.SubprocessError) as error:
            said = getattr(error, "stderr", "") or str(error)
            self.close()
            self.refusal = f"network namespaces are not allowed here: {said.strip()}"
            self.address = ""

    def machine(self) -> Machine:
        """One more machine on the network."""
        if self.refusal:
            return Machine()
        number = next(self._numbers)
        name, address = f"{self._bridge}n{number}", f"{self._net}.{number}"
        _ip("netns", "add", name)
        self._made.append(name)
        _ip("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name)
        _ip("link", "set", name, "master", self._bridge, "up")
        for words in (
            ("address", "add", f"{address}/24", "dev", "eth0"),
            ("link", "set", "eth0", "up"),
            ("link", "set", "lo", "up"),
        ):
            _ip("-netns", name, *words)
        return Machine(name, address)

    def _sweep(self) -> None:
        """Take away what an earlier run that was killed has left."""
        names = [line.split()[0] for line in _ip("netns", "list").splitlines() if line.strip()]
        links = [line.split(": ")[1].partition("@")[0] for line in _ip("-o", "link").splitlines()]
        for name, words in [*((n, ("netns", "del")) for n in names), *((n, ("link", "del")) for n in links)]:
            found = _NAME.fullmatch(name)
            if found and not Path("/proc", found[1]).exists():
                subprocess.run(["ip", *words, name], check=False, capture_output=True, timeout=60)

    def close(self) -> None:
        """Take the network down; people's processes must have ended."""
        for name in self._made:
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True, timeout=60)
        self._made.clear()
        subprocess.run(["ip", "link", "del", self._bridge], check=False, capture_output=True, timeout=60)
