"""Imports every module of ours as Windows would: without POSIX's modules, calls and signals. Run by test_windows.py."""

from __future__ import annotations

import asyncio
import importlib
import os
import pkgutil
import signal
import socket
import sys
import traceback

# Other people's packages know Windows by themselves; they are loaded before anything is hidden.
OUTSIDE = (
    "PySide6.QtCore", "PySide6.QtGui", "PySide6.QtSvg", "PySide6.QtWidgets", "PIL.Image", "aiohttp", "av", "c2pa",
    "click", "cryptography.x509", "docker", "fhir.resources.R4B.bundle", "fontTools.ttLib", "grpc.aio", "httpx",
    "iscc_core", "lxml.etree", "multiprocessing.connection", "numpy", "openpyxl", "psutil", "pyhanko.sign",
    "reportlab.pdfgen.canvas", "rich.console", "segno", "sqlite_utils", "starlette.applications", "subprocess",
    "tempfile", "usearch.index", "uvicorn", "yaml",
)  # fmt: skip
MODULES = ("fcntl", "grp", "pwd", "posix", "pty", "resource", "termios", "tty", "uvloop")
CALLS = (
    "chown", "fork", "forkpty", "getegid", "geteuid", "getgid", "getpgid", "getuid", "killpg", "mkfifo", "nice",
    "pread", "pwrite", "setsid", "statvfs", "umask", "uname", "O_NOFOLLOW", "O_DIRECTORY", "O_CLOEXEC",
)  # fmt: skip
SIGNALS = ("SIGKILL", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGCHLD", "SIGPIPE")
OURS = ("fabric_sdk", "network", "chaincode", "baas", "apps", "console")


class Hidden:
    """An import hook that says of POSIX's modules what Windows says."""

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> None:
        if name.partition(".")[0] in MODULES:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def main() -> int:
    for name in OUTSIDE:
        importlib.import_module(name)
    sys.meta_path.insert(0, Hidden())
    for name in MODULES:
        sys.modules.pop(name, None)
    for owner, names in ((os, CALLS), (signal, SIGNALS), (socket, ("AF_UNIX",)), (asyncio, ("start_unix_server",))):
        for name in names:
            if hasattr(owner, name):
                delattr(owner, name)
    sys.platform = "win32"
    sys.modules["msvcrt"] = importlib.import_module("types").ModuleType("msvcrt")
    count = 0
    failed = []
    for package in OURS:
        root = importlib.import_module(package)
        for found in pkgutil.walk_packages(root.__path__, f"{package}."):
            if found.name.endswith("__main__"):
                continue
            count += 1
            try:
                importlib.import_module(found.name)
            except Exception:
                failed.append(f"{found.name}\n{traceback.format_exc()}")
    print(f"{count} modules")
    print("\n".join(failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
