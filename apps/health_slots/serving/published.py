"""The chain that the open board hands to strangers: blocks that are a month old, and the file that recounts them.

Blocks cannot be redacted, and an id, a department and an hour are personal still; after a month they help nobody who
looks for somebody, and everybody who wants to recount.
"""

from __future__ import annotations

import os
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

from apps.health_slots.recount.chain import MAGIC
from baas.errors import translating
from fabric_sdk.proof.bundle import made

DAYS = 30
AGAIN_S = 600.0
"""How often the ledger is asked for blocks that have come of age."""


class Chain(Protocol):
    """What of the ledger is needed."""

    def aged(self, start: int, until: float) -> Iterator[bytes]:
        """Yield serialised blocks from `start` on, up to the first with a transaction later than `until`."""


class PublishedChain:
    """An export that grows: what was published once never changes."""

    def __init__(
        self, chain: Chain, path: Path, clock: Callable[[], float], *, ticks: Callable[[], float] = time.monotonic
    ) -> None:
        self._chain = chain
        self._path = path
        self._clock = clock
        self._ticks = ticks
        self._asked: float | None = None
        self._next = -1
        self._lock = threading.Lock()

    def file(self) -> Path:
        """The export with all blocks that are old enough by now."""
        with self._lock, translating():
            if self._next < 0:
                self._next = self._mend()
            if self._asked is None or self._ticks() - self._asked >= AGAIN_S:
                self._grow()
                self._asked = self._ticks()
        return self._path

    def _grow(self) -> None:
        with self._path.open("ab") as file:
            for raw in self._chain.aged(self._next, self._clock() - DAYS * 86_400):
                file.write(struct.pack(">Q", len(raw)) + raw)
                self._next += 1
            file.flush()
            os.fsync(file.fileno())

    def _mend(self) -> int:
        """Cut off what a crash left half-written; returns how many blocks are whole."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if not self._path.is_file() or self._path.stat().st_size < len(MAGIC):
            self._path.write_bytes(MAGIC)
        size, at, count = self._path.stat().st_size, len(MAGIC), 0
        with self._path.open("r+b") as file:
            file.seek(at)
            while len(head := file.read(8)) == 8:
                end = at + 8 + int(struct.unpack(">Q", head)[0])
                if end > size:
                    break
                at, count = end, count + 1
                file.seek(at)
            file.truncate(at)
        return count


def audit_file() -> bytes:
    """The one-file audit, as a stranger downloads it."""
    return made("apps.health_slots.recount")["audit.py"]


def newest_time(block: Any) -> float:
    """The latest moment that a decoded block's transactions state, 0 for none."""
    return max((t.timestamp.timestamp() for t in block.transactions if t.timestamp), default=0.0)
