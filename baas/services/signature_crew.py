"""Signatures checked by processes of their own, and blocks whose signatures were found good before.

Python computes on one core only; a long chain's signatures go to a process for each further core. Nothing of these
processes is trusted that this one could not see: they are its own program, started by it, over pipes.

What was found good is noted in the workspace, one entry a block: a keyed hash (HMAC) of the block's very bytes and of
the configuration they were judged by. The key lies in the keystore. Whoever edits the file without it can take entries
away, which costs time, and make none: another block, another configuration or another key has another entry. All
that is no signature is verified anew each time.
"""

from __future__ import annotations

import contextlib
import hmac
import os
import pickle
import queue
import stat
import struct
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from baas.errors import CityChainError
from baas.keystore import Keystore
from fabric_sdk.blocks.postponed import Claim, fits

KEY = "ledger/verification"
_LENGTH = struct.Struct(">I")
_ENTRY = 32
_FEW = 3_000
"""So many signatures are checked sooner than a process has begun."""
_MOST = 4


class SignatureCrew:
    """Checks claims on `processes` processes (every core but this one's, if 0), here where none can be had."""

    def __init__(self, processes: int = 0) -> None:
        self._wanted = processes or min(_MOST, max(1, (os.cpu_count() or 1) - 1))
        self._pool = ThreadPoolExecutor(self._wanted, thread_name_prefix="signatures")
        self._free: queue.SimpleQueue[subprocess.Popen[bytes] | None] = queue.SimpleQueue()
        for _ in range(self._wanted):
            self._free.put(None)
        self._seen = 0
        self._closing = threading.Event()

    def submit(self, claims: Sequence[Claim]) -> Future[bool]:
        """Whether all of them fit."""
        self._seen += len(claims)
        return self._pool.submit(self._check, list(claims), self._seen <= _FEW)

    def __enter__(self) -> SignatureCrew:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._pool.shutdown(wait=True, cancel_futures=True)
        while not self._free.empty():
            process = self._free.get()
            if process is not None:
                _end(process)

    def _check(self, claims: list[Claim], here: bool) -> bool:
        if not claims or here or self._closing.is_set():
            return all(map(fits, claims))
        process = self._free.get()
        try:
            if process is None:
                process = _start()
            verdict = _ask(process, claims)
        except (OSError, EOFError, pickle.UnpicklingError):
            if process is not None:
                _end(process)
            process, verdict = None, all(map(fits, claims))
        finally:
            self._free.put(process)
        return verdict


class Verdicts:
    """Blocks whose signatures this workspace has found good; `counted` says how many were met again.

    `strange` says that something lies in the place of the notes that no file of this workspace is (a pipe, a link, a
    second name of another file): it is neither read nor written.
    """

    def __init__(self, path: Path | None, key: bytes) -> None:
        """Read what an earlier verification noted in `path`; without a path nothing is known and nothing kept."""
        self._path = path
        self._key = key
        self._known: set[bytes] = set()
        self._new: list[bytes] = []
        self.counted, self.strange = 0, False
        if path is not None:
            with contextlib.suppress(OSError), self._opened(path, os.O_RDONLY, "rb") as file:
                noted = file.read()
                self._known = {noted[i : i + _ENTRY] for i in range(0, len(noted) - _ENTRY + 1, _ENTRY)}

    @classmethod
    def of(cls, keystore: Keystore, path: Path) -> Verdicts:
        """Those of this workspace; none that are kept where its keystore is locked or cannot be written."""
        try:
            return cls(path, keystore.ensure(KEY, lambda: os.urandom(_ENTRY)))
        except (CityChainError, OSError):
            return cls(None, os.urandom(_ENTRY))

    def __contains__(self, entry: bytes) -> bool:
        found = self._noted(entry) in self._known
        self.counted += found
        return found

    def add(self, entry: bytes) -> None:
        self._new.append(self._noted(entry))
        if len(self._new) >= 64:
            self.keep()

    def keep(self) -> None:
        """Note what has come since; on a full disk it is not noted, and judged again another time."""
        noted, self._new = b"".join(self._new), []
        if self._path is None or not noted:
            return
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._opened(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, "ab") as file:
                # Entries stay in step whatever an interrupted writer left at the end.
                file.write(b"\0" * (-file.tell() % _ENTRY) + noted)

    def _opened(self, path: Path, how: int, mode: str) -> IO[bytes]:
        """The notes, if they are a file of their own; an OSError otherwise, for a pipe without waiting for anybody.

        Where the system cannot be told to follow no link (Windows), what lies there is looked at before.
        """
        try:
            if not stat.S_ISREG(path.lstat().st_mode):
                self.strange = True
                raise FileExistsError(path)
        except FileNotFoundError:
            pass
        careful = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))
        file = os.open(path, how | careful, 0o666)
        found = os.fstat(file)
        if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
            os.close(file)
            self.strange = True
            raise FileExistsError(path)
        return os.fdopen(file, mode)

    def _noted(self, entry: bytes) -> bytes:
        return hmac.digest(self._key, entry, "sha256")


def _start() -> subprocess.Popen[bytes]:
    import baas
    from network.processes import NO_WINDOW

    return subprocess.Popen(
        [sys.executable, "-m", "baas.services.signature_crew"],
        cwd=str(Path(baas.__file__).parent.parent),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        creationflags=NO_WINDOW,
    )


def _ask(process: subprocess.Popen[bytes], claims: list[Claim]) -> bool:
    assert process.stdin is not None and process.stdout is not None
    _write(process.stdin, claims)
    return bool(_read(process.stdout))


def _end(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None and process.stdout is not None
    with contextlib.suppress(OSError):
        process.stdin.close()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()


def _write(stream: IO[bytes], value: Any) -> None:
    data = pickle.dumps(value)
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def _read(stream: IO[bytes]) -> Any:
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    return pickle.loads(stream.read(_LENGTH.unpack(head)[0]))


def main() -> int:
    """Answer for one list of claims after the other, until there are no more."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what is printed must not come between the answers
    with contextlib.suppress(EOFError, OSError):
        while True:
            _write(out, all(map(fits, _read(sys.stdin.buffer))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
