"""What the installer leaves to Python.

`stop` ends the programs that run from the installation's folder, gently, and notes which networks ran; `start` starts
those again with the commands that are installed now; `path-add` and `path-remove` keep the folder of commands in the
user's PATH (NSIS cuts long values).
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import Any

HERE = Path(__file__).resolve().parent
HOME = HERE.parent
BIN = str(HOME / "bin")
NOTE = HERE / "stopped.json"
DATABASE = "citychain.db"
GENTLE_SECONDS = 30
STARTING_SECONDS = 120


@dataclass(frozen=True)
class Network:
    """A network that runs: its workspace and its name there."""

    workspace: str
    name: str


def with_folder(path: str, folder: str) -> str:
    """`path` with `folder` as its last entry, once; the other entries as they are."""
    kept = without_folder(path, folder)
    return f"{kept};{folder}" if kept else folder


def without_folder(path: str, folder: str) -> str:
    """`path` without `folder`, whatever its case and a backslash at its end; the other entries as they are."""
    unwanted = folder.rstrip("\\").casefold()
    return ";".join(entry for entry in path.split(";") if entry and entry.rstrip("\\").casefold() != unwanted)


def change_path(*, add: bool) -> None:
    """Change the user's PATH in the registry and tell running programs."""
    import ctypes
    import winreg

    with winreg.CreateKeyEx(winreg.HKEY_CURRENT_USER, "Environment", 0, winreg.KEY_READ | winreg.KEY_WRITE) as key:
        try:
            value, kind = winreg.QueryValueEx(key, "Path")
        except FileNotFoundError:
            value, kind = "", winreg.REG_EXPAND_SZ
        changed = with_folder(value, BIN) if add else without_folder(value, BIN)
        if changed:
            winreg.SetValueEx(key, "Path", 0, kind, changed)
        elif value:
            winreg.DeleteValue(key, "Path")  # it held nothing but ours
    broadcast, settings_changed, abort_if_hung = 0xFFFF, 0x001A, 0x0002
    ctypes.windll.user32.SendMessageTimeoutW(broadcast, settings_changed, 0, "Environment", abort_if_hung, 2000, None)


def folder_of_a_network(words: Sequence[str]) -> str | None:
    """The folder that a node or a supervisor was started for, by its command line; None for other programs."""
    for module in ("network.embedded", "network.supervisor"):
        if "-m" in words and module in words:
            rest = list(words[words.index(module) + 1 :])
            if rest and rest[0] == "--dir":
                rest = rest[1:]
            return rest[0] if rest else None
    return None


def networks_of(command_lines: Iterable[Sequence[str]], is_workspace: Any) -> list[Network]:
    """Which networks the programs with these command lines belong to, each once.

    A network's programs run in WORKSPACE\\networks\\NAME\\…; `is_workspace` says of a folder whether it is one.
    """
    found = []
    for words in command_lines:
        folder = folder_of_a_network(words)
        if folder is None:
            continue
        path = PureWindowsPath(folder)
        for parent in (path, *path.parents):
            if parent.parent.name == "networks" and is_workspace(str(parent.parent.parent)):
                network = Network(str(parent.parent.parent), parent.name)
                if network not in found:
                    found.append(network)
    return found


def stop() -> int:
    """End the console and the networks that run from this installation; 1 when something still runs."""
    import psutil

    ours = _running()
    networks = networks_of((_words(process) for process in ours), _is_workspace)
    if networks:
        NOTE.write_text(json.dumps([[one.workspace, one.name] for one in networks]), encoding="utf-8")
    _close_windows({process.pid for process in ours if not folder_of_a_network(_words(process))})
    for one in networks:
        _citychain(sys.executable, one, "stop")
    left = [process for process in _running() if folder_of_a_network(_words(process)) is None]
    psutil.wait_procs(left, timeout=GENTLE_SECONDS / 3)
    for process in (rest := _running()):
        with contextlib.suppress(psutil.Error):
            process.terminate()
    _, alive = psutil.wait_procs(rest, timeout=GENTLE_SECONDS / 3)
    return 1 if alive else 0


def start() -> int:
    """Start the networks again that `stop` noted; the console shows whoever does not start."""
    try:
        noted = [Network(*one) for one in json.loads(NOTE.read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError):
        return 0
    place = (HOME / "bin" / "current.txt").read_text(encoding="ascii").strip()
    for one in noted:
        _citychain(str(HOME / place / "python" / "python.exe"), one, "start")
    NOTE.unlink(missing_ok=True)
    return 0


def _running() -> list[Any]:
    """Programs of this installation, but neither this one nor whoever started it."""
    import psutil

    here = psutil.Process()
    spared = {here.pid, *(parent.pid for parent in here.parents())}
    inside = str(HOME).casefold() + "\\"
    return [
        process
        for process in psutil.process_iter(["pid", "exe"])
        if (process.info["exe"] or "").casefold().startswith(inside) and process.pid not in spared
    ]


def _words(process: Any) -> list[str]:
    import psutil

    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


def _is_workspace(folder: str) -> bool:
    return Path(folder, DATABASE).is_file()


def _citychain(python: str, network: Network, word: str) -> None:
    command = [python, "-m", "baas.cli", "--workspace", network.workspace, "network", word, network.name]
    flags: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=STARTING_SECONDS,
            creationflags=flags,
            check=False,
        )


def _close_windows(pids: set[int]) -> None:
    """Ask the windows of these programs to close, as their own button does, and wait a little."""
    import ctypes

    close = 0x0010
    user32 = ctypes.windll.user32
    found = []

    @ctypes.WINFUNCTYPE(ctypes.c_bool, ctypes.c_void_p, ctypes.c_void_p)
    def each(window: int, _data: int) -> bool:
        owner = ctypes.c_ulong()
        user32.GetWindowThreadProcessId(ctypes.c_void_p(window), ctypes.byref(owner))
        if owner.value in pids and user32.IsWindowVisible(ctypes.c_void_p(window)):
            found.append(window)
        return True

    user32.EnumWindows(each, None)
    for window in found:
        user32.PostMessageW(ctypes.c_void_p(window), close, 0, 0)
    if found:
        time.sleep(1)


STEPS = {
    "stop": stop,
    "start": start,
    "path-add": lambda: change_path(add=True),
    "path-remove": lambda: change_path(add=False),
}

if __name__ == "__main__":
    sys.exit(STEPS[sys.argv[1]]() or 0)
