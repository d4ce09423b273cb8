"""The audit log: who changed what, through which door, and how it ended.

A door (a command, a job of the console, a request of the API, a duty) opens an operation; the first time somebody is
asked for a right that changes anything, the operation is written down before it is done, and its end when it has ended.
So nothing changes without a line, and a program that was killed leaves a beginning without an end. What asks outside
any door is written down by itself. Lines hold names of networks, contracts, nodes and identities, never what people
typed in: no personal data, no secrets.
"""

from __future__ import annotations

import contextlib
import inspect
import json
import logging
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from baas.audit_file import FIRST, line_hash, read_line
from baas.errors import CityChainError, Text, translate
from fabric_sdk import clock
from network.lock import KeptLock

FOLDER, FILE = "audit", "log.jsonl"
READING = ".read"
"""Rights whose words end so change nothing and are not written down."""
TOLD = frozenset(
    {"network", "contract", "channel", "node", "host", "label", "organization", "msp_id", "name", "names"}
    | {"id", "token"}  # never a token itself: its id
)
"""Parameters of the platform's own commands and services whose values are written down."""
MAX_TOLD = 200
_log = logging.getLogger(__name__)


@dataclass(eq=False)
class _Line:
    """A line on its way into the file."""

    kind: str
    fields: Mapping[str, Any]
    number: int = 0
    done: bool = False
    error: BaseException | None = None


class AuditLog:
    """The log of one workspace; several programs may write it at once.

    With `lenient` what cannot be written (a full disk, a folder that is only read) is told in the program's log and
    does not hinder anybody: for what frees space and what only reads.
    """

    def __init__(self, workspace: Path, *, lenient: bool = False) -> None:
        self.workspace = workspace
        self.path = workspace / FOLDER / FILE
        self._lenient = lenient
        self._lock = KeptLock(workspace / FOLDER / "log.lock", patience_s=30)
        self._turn = threading.Lock()
        self._guard = threading.Lock()
        self._waiting: list[_Line] = []
        self._file: IO[bytes] | None = None
        self._pid = 0
        self._end = 0
        self._last = (0, FIRST)

    def write(self, kind: str, **fields: Any) -> int:
        """Append a line and return its number; 0 where it could not be and need not.

        What is written survives the program's death at any moment; lines about the platform's own rights also the
        machine's. Lines that several threads write in the same instant go into the file together. `Unavailable` for a
        full disk.
        """
        line = _Line(kind, fields)
        with self._guard:
            self._waiting.append(line)
        with self._turn:
            if not line.done:
                with self._guard:
                    batch, self._waiting = self._waiting, []
                self._commit(batch)
        error = line.error
        if isinstance(error, OSError | CityChainError):
            if self._lenient:
                _log.warning("an audit line could not be written: %s", error)
                return 0
            raise translate(error) from error
        if error is not None:
            raise error
        return line.number

    def close(self) -> None:
        """Let go of the files; the next line opens them again."""
        with self._turn:
            self._let_go()
            self._lock.close()

    def _commit(self, batch: Sequence[_Line]) -> None:
        """Write lines and say to each how it went; whoever wrote one waits for it."""
        try:
            try:
                with self._lock:
                    self._append(batch)
            except FileNotFoundError:  # the first line, or somebody took the folder away
                self.path.parent.mkdir(mode=0o700, exist_ok=True)
                with self._lock:
                    self._append(batch)
        except BaseException as error:
            for line in batch:
                line.error = error
            if not isinstance(error, Exception):
                raise
        finally:
            for line in batch:
                line.done = True

    def _append(self, batch: Sequence[_Line]) -> None:
        file = self._opened()
        try:
            torn = self._catch_up(file)
            if torn:
                # A line that was never finished was never acknowledged; that it was there is told.
                file.truncate(self._end)
                self._put(file, [_Line("torn", {"bytes": torn})])
            self._put(file, batch)
            if any(line.kind != "asked" for line in batch):
                os.fsync(file.fileno())
        except BaseException:
            self._let_go()
            raise

    def _opened(self) -> IO[bytes]:
        """The file, kept open from line to line as long as it is the one that lies there."""
        if self._file is not None and self._pid == os.getpid():
            with contextlib.suppress(OSError):
                if os.path.samestat(os.fstat(self._file.fileno()), self.path.stat()):
                    return self._file
        self._let_go()
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o600)
        self._file, self._pid = os.fdopen(descriptor, "r+b", buffering=0), os.getpid()
        return self._file

    def _let_go(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None

    def _put(self, file: Any, lines: Sequence[_Line]) -> None:
        """Write lines after the last one, all in one piece."""
        (number, head), data = self._last, []
        for line in lines:
            number += 1
            entry: dict[str, Any] = {"n": number, "at": round(clock.seconds(), 3), "kind": line.kind}
            entry |= {**line.fields, "prev": head}
            entry["hash"] = head = line_hash(entry)
            line.number = number
            data.append(json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
        whole = b"".join(data)
        if file.write(whole) != len(whole):
            raise OSError("the line was not written whole")
        self._end += len(whole)
        self._last = (number, head)

    def _catch_up(self, file: Any) -> int:
        """Read what other programs have written since; return how many bytes of an unfinished line there are."""
        size = file.seek(0, os.SEEK_END)
        if size < self._end:
            # Somebody took lines away while this program ran, which knows how many there were.
            gone, self._end = self._last[0], 0
            torn = self._catch_up(file)
            self._put(file, [_Line("shortened", {"lines": gone})])
            return torn
        if size == self._end:
            return 0
        start = self._end if self._end else _last_lines(file, size)
        file.seek(start)
        data = b"".join(iter(lambda: file.read(1 << 20), b""))
        whole = data.rfind(b"\n") + 1
        lines = data[:whole].splitlines()
        if lines:
            entry, _ = read_line(lines[-1] + b"\n")
            if entry is not None:
                self._last = (entry["n"], entry["hash"])
            else:
                # Somebody wrote into the file: the check will name the line; the chain goes on from what is there.
                self._last = (self._last[0] + len(lines), FIRST)
        self._end = start + whole
        return len(data) - whole

    # -- doors ---------------------------------------------------------------------------------------
    def asked(self, permission: str, actor: Mapping[str, str], allowed: bool) -> None:
        """Somebody was asked for a right, or changes a ledger (`contract:function`).

        Begins the operation's line, or writes one where there is no operation.
        """
        if permission.endswith(READING):
            return
        operation = current()
        if operation is None:
            door, on = _THROUGH.get()
            told: dict[str, Any] = {"door": door or _DOOR.name, "asks": [permission]}
            told |= {} if allowed else {"outcome": "denied"}
            self.write("asked", **actor, **told, **({"on": on} if on else {}))
        else:
            operation.asked(self, permission, actor)


def _last_lines(file: Any, size: int) -> int:
    """Where a line begins near the end of a long file."""
    start = max(0, size - (1 << 16))
    while start:
        file.seek(start)
        at = file.read(min(size - start, 1 << 16)).find(b"\n")
        if 0 <= at < size - start - 1:
            return int(start + at + 1)
        start = max(0, start - (1 << 16))
    return 0


class Operation:
    """One thing that somebody does: `what` by its stable name, `title` as people read it, `on` which things."""

    def __init__(self, door: str, what: str, title: Text | str = "", on: Mapping[str, Any] | None = None) -> None:
        self.door, self.what, self.title, self.on = door, what, title, dict(on or {})
        self._log: AuditLog | None = None
        self._number = 0
        self._asks: list[str] = []
        self._signed: list[str] = []
        self._lock = threading.Lock()

    def asked(self, log: AuditLog, permission: str, actor: Mapping[str, str]) -> None:
        """A right was asked for: the first time, the beginning is written before anything is done.

        So is, once for each, whose key signs where that is somebody else than whoever acts.
        """
        with self._lock:
            if permission not in self._asks:
                self._asks.append(permission)
            signed = actor.get("signed", "")
            new = bool(signed) and signed not in self._signed
            if new:
                self._signed.append(signed)
            if self._log is not None:
                if new:
                    log.write("signed", of=self._number, signed=signed)
                return
            title = {"zh": self.title.zh, "en": self.title.en} if isinstance(self.title, Text) else self.title
            told: dict[str, Any] = {"door": self.door, "what": self.what, "asks": [permission]}
            told |= {"title": title} if title else {}
            told |= {"on": self.on} if self.on else {}
            self._number = log.write("begin", **actor, **told)
            self._log = log

    def end(self, outcome: str) -> None:
        """Write how it ended, where it was begun."""
        if self._log is not None and self._number and self._log.workspace.is_dir():  # a bench's goes with its folder
            self._log.write("end", of=self._number, outcome=outcome, asks=self._asks)


class _Threads(threading.local):
    operation: Operation | None = None


class _Door:
    """What every operation of this program comes through, and the one that the whole program is."""

    name = "program"
    operation: Operation | None = None


_THREADS, _DOOR = _Threads(), _Door()
_THROUGH: ContextVar[tuple[str, Mapping[str, Any]]] = ContextVar("through", default=("", {}))


def current() -> Operation | None:
    """The operation under way in this thread, else that of the whole program."""
    return _THREADS.operation or _DOOR.operation


@contextlib.contextmanager
def operation(
    what: str, title: Text | str = "", on: Mapping[str, Any] | None = None, *, door: str = "", whole: bool = False
) -> Iterator[None]:
    """What is done inside is one operation, unless it is part of one already. With `whole` it is the whole program's,
    so that its other threads belong to it, too."""
    if current() is not None:
        yield
        return
    entered, always = _THROUGH.get()
    made = Operation(door or entered or _DOOR.name, what, title, {**always, **(on or {})})
    holder: _Threads | _Door = _DOOR if whole else _THREADS
    holder.operation = made
    outcome = "ok"
    try:
        yield
    except BaseException as error:
        outcome = outcome_of(error)
        raise
    finally:
        holder.operation = None
        made.end(outcome)


@contextlib.contextmanager
def through(door: str, on: Mapping[str, Any]) -> Iterator[None]:
    """Inside, and in the jobs that are begun there, operations come through `door`; `on` stands in each of them."""
    before = _THROUGH.set((door, on))
    try:
        yield
    finally:
        _THROUGH.reset(before)


@contextlib.contextmanager
def each_by_itself(door: str) -> Iterator[None]:
    """Inside, this program is no operation but the door `door` to many, and what each asks for stands by itself."""
    before = _DOOR.operation, _DOOR.name
    _DOOR.operation, _DOOR.name = None, door
    try:
        yield
    finally:
        _DOOR.operation, _DOOR.name = before


def outcome_of(error: BaseException) -> str:
    """A stable word for how something failed."""
    if isinstance(error, CityChainError):
        return str(error.code)
    code = getattr(error, "exit_code", None)
    if code == 0:
        return "ok"
    return "cancelled" if isinstance(error, KeyboardInterrupt) else type(error).__name__


def named(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Of what one of the platform's own functions is called with, what may be written down."""
    if not getattr(function, "__module__", "").startswith("baas."):
        return {}
    with contextlib.suppress(TypeError, ValueError):
        return told(inspect.signature(function).bind_partial(*args, **kwargs).arguments)
    return {}


def told(values: Mapping[str, Any]) -> dict[str, Any]:
    """Of a command's or a service's parameters those that may be written down."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if name in TOLD and value:
            listed = list(value)[:20] if isinstance(value, list | tuple) else [value]
            if all(isinstance(one, str) for one in listed):
                words = [one[:MAX_TOLD] for one in listed]
                found[name] = words if isinstance(value, list | tuple) else words[0]
    return found
