"""One program at a time: file locks that name their holder, and moments for which one is held.

`FileLock` is taken or refused at once. `Moment` waits: programs that work side by side on one folder hold it for the
blink in which two files must change together, never for their lives. The system lets go of either when the process
dies, however it dies.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from fabric_sdk import clock
from network.errors import Conflict
from network.text import Text

if TYPE_CHECKING:
    from types import TracebackType

PATIENCE_S = 120.0
"""How long a moment waits for others before it gives up, in seconds."""
_POLL_S = 0.02


class FileLock:
    """An exclusive lock on a file, released by the system when the process dies, however it dies.

    The file keeps who holds it (process id, program, since when), so that a refusal can say so. With `reading`, a file
    that cannot be written is locked for what it is, and one that is not there is nobody's.
    """

    def __init__(self, path: Path, *, reading: bool = False) -> None:
        self._path = path
        self._reading = reading
        self._file: IO[str] | None = None

    def acquire(self) -> None:
        """Take the lock; `Conflict` with the holder's process id when somebody else has it."""
        try:
            file = self._path.open("r" if self._reading else "a+", encoding="utf-8")
        except OSError:
            if self._reading:
                return
            raise
        try:
            _lock(file)
        except OSError as error:
            file.close()
            raise self._taken() from error
        if not self._is_current(file):
            file.close()
            raise self._taken()
        self._file = file
        if self._reading:
            return
        with contextlib.suppress(OSError):  # on a full disk the lock holds without its holder's name
            file.seek(0)
            file.truncate()
            json.dump(
                {"pid": os.getpid(), "program": Path(sys.argv[0]).name or "python", "since": clock.seconds()}, file
            )
            file.flush()

    def _is_current(self, file: IO[str]) -> bool:
        """Whether the locked file is the one that others will open; whoever had it may have removed it meanwhile."""
        try:
            return os.path.samestat(os.fstat(file.fileno()), self._path.stat())
        except OSError:
            return False

    def _taken(self) -> Conflict:
        holder = self.holder()
        return Conflict(
            Text(
                "另一个程序正在更改它（进程 {pid}，{program}）。",
                "Another program is changing it (process {pid}, {program}).",
                pid=holder.get("pid", "?"),
                program=holder.get("program", "?"),
            ),
            Text("请等它完成后重试。", "Wait until it has finished and try again."),
            code="in_use",
            details={"pid": holder.get("pid"), "path": str(self._path)},
        )

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
        if not self._reading:
            with contextlib.suppress(OSError):
                self._file.seek(0)
                self._file.truncate()
                self._file.flush()
        _unlock(self._file)
        with contextlib.suppress(OSError):
            self._file.close()
        self._file = None


class Moment:
    """A context manager for a short time alone: among this program's threads and among programs.

    It may be entered again by the thread that is in it. `waiting` is called while somebody else has it, first with who
    (the refusal's sentence); it may raise to give up. `Conflict` after `patience_s` seconds.
    """

    def __init__(
        self,
        path: Path,
        *,
        reading: bool = False,
        patience_s: float = PATIENCE_S,
        waiting: Callable[[Conflict], None] = lambda _taken: None,
    ) -> None:
        self._path = path
        self._reading = reading
        self._patience = patience_s
        self._waiting = waiting
        self._threads = threading.RLock()
        self._depth = 0
        self._lock = FileLock(path, reading=reading)

    def __enter__(self) -> Moment:
        until = time.monotonic() + self._patience
        while not self._threads.acquire(timeout=_POLL_S):
            self._wait(self._lock._taken(), until)
        try:
            while self._depth == 0:
                try:
                    self._lock.acquire()
                    break
                except Conflict as taken:
                    self._wait(taken, until)
                    time.sleep(_POLL_S)
        except BaseException:
            self._threads.release()
            raise
        self._depth += 1
        return self

    def _wait(self, taken: Conflict, until: float) -> None:
        if time.monotonic() >= until:
            raise taken
        self._waiting(taken)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._depth -= 1
        if self._depth == 0:
            self._lock.release()
        self._threads.release()


class KeptLock:
    """A context manager for very short, very frequent times alone among programs; threads take turns by themselves.

    Its file stays open and names nobody, so that taking it costs two calls of the system. `Conflict` after `patience_s`
    seconds.
    """

    def __init__(self, path: Path, *, patience_s: float = PATIENCE_S) -> None:
        self._path = path
        self._patience = patience_s
        self._file: IO[str] | None = None
        self._pid = 0

    def __enter__(self) -> KeptLock:
        until, pause = time.monotonic() + self._patience, _POLL_S / 20
        while not self._try():
            if time.monotonic() >= until:
                raise FileLock(self._path)._taken()
            time.sleep(pause)
            pause = min(_POLL_S, pause * 1.5)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            _unlock(self._file)

    def close(self) -> None:
        """Let go of the file; the next use opens it again."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None

    def _try(self) -> bool:
        if self._pid != os.getpid():  # a lock belongs to the open file, which a fork shares
            self.close()
        if self._file is None:
            self._file, self._pid = self._path.open("a+", encoding="utf-8"), os.getpid()
        try:
            _lock(self._file)
        except OSError:
            return False
        try:
            if os.path.samestat(os.fstat(self._file.fileno()), self._path.stat()):
                return True
        except OSError:
            pass
        self.close()  # somebody removed it, and others will lock another one
        return False


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
