"""What the installer leaves to Python: `stop` ends programs that run from its folder, `path-add` and `path-remove` keep
the folder of commands in the user's PATH (NSIS cuts long values)."""

from __future__ import annotations

import sys
from pathlib import Path

HOME = Path(__file__).resolve().parent
BIN = str(HOME / "bin")


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


def stop() -> None:
    """End CityChain's console and the nodes that run from this folder; they lose nothing and can be started again."""
    import psutil

    ours = []
    for process in psutil.process_iter(["pid", "exe"]):
        program = process.info["exe"] or ""
        inside = program.casefold().startswith(str(HOME).casefold() + "\\")
        if inside and process.pid != psutil.Process().pid and not program.casefold().endswith("uninstall.exe"):
            ours.append(process)
    for process in ours:
        process.terminate()
    psutil.wait_procs(ours, timeout=10)


if __name__ == "__main__":
    {"stop": stop, "path-add": lambda: change_path(add=True), "path-remove": lambda: change_path(add=False)}[
        sys.argv[1]
    ]()
