"""One writer at a time: a file lock that names its holder."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from pathlib import Path
from typing import IO, Any

from baas.errors import Conflict, Text


class FileLock:
    """An exclusive lock on a file, released by the system when the process dies, however it dies.

    The file keeps who holds it (process id, program, since when), so that a refusal can say so.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def acquire(self) -> None:
        """Take the lock; `Conflict` with the holder's process id when somebody else has it."""
        file = self._path.open("a+", encoding="utf-8")
        try:
            _lock(file)
        except OSError as error:
            file.close()
            holder = self.holder()
            raise Conflict(
                Text(
                    "工作区正被另一个程序使用（进程 {pid}，{program}）。",
                    "The workspace is in use by another program (process {pid}, {program}).",
                    pid=holder.get("pid", "?"),
                    program=holder.get("program", "?"),
                ),
                Text(
                    "请关闭那个程序，或用 --workspace 选择另一个文件夹。只读命令可以照常使用。",
                    "Close that program, or choose another folder with --workspace. Reading commands still work.",
                ),
                code="workspace_locked",
                details={"pid": holder.get("pid"), "path": str(self._path)},
            ) from error
        self._file = file
        with contextlib.suppress(OSError):  # on a full disk the lock holds without its holder's name
            file.seek(0)
            file.truncate()
            json.dump({"pid": os.getpid(), "program": Path(sys.argv[0]).name or "python", "since": time.time()}, file)
            file.flush()

    def holder(self) -> dict[str, Any]:
        """What the holder wrote about itself; empty when nobody did."""
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def release(self) -> None:
        """Give the lock back; harmless when it is not held."""
        if self._file is None:
            return
        with contextlib.suppress(OSError):
            self._file.seek(0)
            self._file.truncate()
            self._file.flush()
        _unlock(self._file)
        with contextlib.suppress(OSError):
            self._file.close()
        self._file = None


if sys.platform == "win32":
    import msvcrt

    _FAR = 0x7FFF0000  # a byte beyond the text, because a locked byte cannot be read on Windows

    def _lock(file: IO[str]) -> None:
        file.seek(_FAR)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

    def _unlock(file: IO[str]) -> None:
        file.seek(_FAR)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(file: IO[str]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(file: IO[str]) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)
