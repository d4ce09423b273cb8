"""Long work of the platform in a process of its own, so that the caller's own stays quick.

A window whose process also sets networks up, or indexes blocks, stands still while that computes. `run_apart` starts
this module in a new process, which opens the same workspace as any command does, lets the same person act, and calls
"module:function" with the platform first. What the work tells goes back over a pipe; so does "cancel", and a caller
that has gone is one.

Between the two processes, and nowhere else, go the open keystore's key where a passphrase protects it, and the PINs of
tokens.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import logging
import os
import pickle
import queue
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from baas.errors import Cancelled, CityChainError, Text, Unavailable, translate
from baas.jobs import JobContext
from baas.session import Actor
from network.tokens.pins import PINS

if TYPE_CHECKING:
    from baas.platform import Platform

_log = logging.getLogger(__name__)
_LENGTH = struct.Struct(">I")
IDLE_SECONDS = 60.0
END_SECONDS = 30.0
"""How long a cancelled process may take to come to its next safe point before it is ended."""


@dataclass(frozen=True)
class Request:
    """What the process is asked to do."""

    folder: Path
    actor: Actor
    function: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    key: bytes | None = field(default=None, repr=False)
    pins: dict[str, str] = field(default_factory=dict, repr=False)
    read_only: bool = False


_guard = threading.Lock()
_waiting: list[subprocess.Popen[bytes]] = []


def run_apart(platform: Platform, function: str, *args: Any, ctx: JobContext, **kwargs: Any) -> Any:
    """Call `function` ("module:name", whose first argument is a platform and which takes `ctx`) in a new process.

    Returns its result or raises its error. What is given and returned has to be picklable.
    """
    request = Request(
        platform.workspace.folder,
        platform.session.actor,
        function,
        args,
        kwargs,
        platform.keystore.lend_opened(),
        PINS.lend(),
        platform.workspace.read_only,
    )
    process, used = _borrow(request)
    whole = False
    try:
        result = _talk(process, ctx, used=used)
        whole = True
        return result
    except _Gone:
        return run_apart(platform, function, *args, ctx=ctx, **kwargs)
    except _Told as told:
        whole = not isinstance(told.error, Cancelled)
        raise told.error from None
    finally:
        _give_back(process, whole=whole)


class _Told(Exception):
    """The work raised this; its process is as good as before."""

    def __init__(self, error: CityChainError) -> None:
        super().__init__(str(error))
        self.error = error


class _Gone(Exception):
    """The process that waited for work had ended before it could begin with this."""


def _borrow(request: Request) -> tuple[subprocess.Popen[bytes], bool]:
    """A process that has the request: the one that waits for work (True), or a new one."""
    with _guard:
        waiting = _waiting.pop() if _waiting else None
    if waiting is not None and waiting.poll() is None:
        try:
            assert waiting.stdin is not None
            _write(waiting.stdin, request)
            return waiting, True
        except OSError:
            _end(waiting)  # it has just gone by itself
    process = _start()
    assert process.stdin is not None
    _write(process.stdin, request)
    return process, False


def _give_back(process: subprocess.Popen[bytes], *, whole: bool) -> None:
    """Let one process wait for more work: starting Python and importing the platform takes a second."""
    with _guard:
        if whole and not _waiting and process.poll() is None:
            _waiting.append(process)
            return
    _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None and process.stdout is not None
    with contextlib.suppress(OSError):
        process.stdin.close()
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()


def end_waiting() -> None:
    """Let the process that waits for work end."""
    with _guard:
        waiting = list(_waiting)
        _waiting.clear()
    for process in waiting:
        _end(process)


atexit.register(end_waiting)


def _start() -> subprocess.Popen[bytes]:
    import baas
    from network.processes import NO_WINDOW

    root = str(Path(baas.__file__).parent.parent)
    return subprocess.Popen(
        [sys.executable, "-m", "baas.apart"],
        cwd=root,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        creationflags=NO_WINDOW,
    )


def _talk(process: subprocess.Popen[bytes], ctx: JobContext, *, used: bool) -> Any:
    assert process.stdin is not None and process.stdout is not None
    over = threading.Event()
    watch = threading.Thread(target=_pass_cancel_on, args=(process.stdin, ctx, over), daemon=True)
    watch.start()
    heard = False
    try:
        while True:
            frame = _read(process.stdout)
            if frame is None:
                ctx.check_cancelled()
                if used and not heard:
                    raise _Gone
                raise Unavailable(
                    Text("处理这项任务的进程意外结束。", "The process that did this has ended unexpectedly."),
                    Text("请重试；已完成的步骤会保留。", "Try again; finished steps are kept."),
                    code="process_ended",
                )
            heard = True
            kind, value = frame
            if kind == "result":
                return value
            if kind == "error":
                raise _Told(value)
            getattr(ctx, kind)(*value)
    finally:
        over.set()
        watch.join(5)


def _pass_cancel_on(stdin: IO[bytes], ctx: JobContext, over: threading.Event) -> None:
    while not over.wait(0.1):
        try:
            ctx.check_cancelled()
        except CityChainError:
            try:
                _write(stdin, "cancel")
            except (OSError, ValueError):
                _log.debug("the process has ended already")
            return


# -- the frames ------------------------------------------------------------------------------------
def _write(stream: IO[bytes], value: Any) -> None:
    data = pickle.dumps(value)
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def _read(stream: IO[bytes]) -> Any:
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    data = stream.read(_LENGTH.unpack(head)[0])
    return pickle.loads(data)


# -- in the new process ----------------------------------------------------------------------------
class _Context:
    """The work's context: tells over the pipe, and hears of the end by an event."""

    def __init__(self, tell: Callable[[str, Any], None], ending: threading.Event) -> None:
        self._tell = tell
        self._ending = ending

    def step(self, id: str, title: Text) -> None:
        self._tell("step", (id, title))

    def progress(self, done: float, total: float, text: Text | str = "") -> None:
        self._tell("progress", (done, total, text))

    def log(self, text: Text | str) -> None:
        self._tell("log", (text,))

    def check_cancelled(self) -> None:
        if self._ending.is_set():
            raise Cancelled()


def main() -> int:
    """Do the requests that come on standard input, one after the other; end when none has come for a minute."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what is printed must not come between the frames
    guard, ending = threading.Lock(), threading.Event()
    wanted: queue.SimpleQueue[Request | None] = queue.SimpleQueue()

    def tell(kind: str, value: Any) -> None:
        with guard:
            try:
                _write(out, (kind, value))
            except OSError:
                ending.set()

    def listen() -> None:
        while (frame := _read(sys.stdin.buffer)) is not None:
            if isinstance(frame, Request):
                wanted.put(frame)
            else:
                ending.set()
        ending.set()  # whoever started this has gone
        wanted.put(None)

    threading.Thread(target=listen, daemon=True).start()
    while True:
        try:
            request = wanted.get(timeout=IDLE_SECONDS)
        except queue.Empty:
            return 0
        if request is None:
            return 0
        _do(request, _Context(tell, ending), tell)
        if ending.is_set():
            return 0


def _do(request: Request, ctx: _Context, tell: Callable[[str, Any], None]) -> None:
    from baas.platform import Platform

    try:
        with Platform.open(request.folder, create=False, read_only=request.read_only) as platform:
            platform.keystore.take_opened(request.key)
            PINS.take(request.pins)
            platform.session.act_as(request.actor)
            module, _, name = request.function.partition(":")
            function = getattr(importlib.import_module(module), name)
            result = function(platform, *request.args, ctx=ctx, **request.kwargs)
        tell("result", result)
    except Exception as error:
        tell("error", _portable(translate(error)))


def _portable(error: CityChainError) -> CityChainError:
    """The error without what cannot go through a pipe: where it came from, and details that are no plain values."""
    error.details = {key: str(value) for key, value in error.details.items()}
    return error


if __name__ == "__main__":
    from baas.apart import main as begin  # what comes over the pipe is of this module, not of __main__

    sys.exit(begin())
