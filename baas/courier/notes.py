"""A small SQLite file of notes that survives everything: what waits, what was taken in, who has had what."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

from baas.errors import translating
from fabric_sdk.clock import seconds


class Notes:
    """Opens the file with a schema; thread-safe under `_lock`, and safe beside other programs."""

    def __init__(self, path: Path, schema: str, clock: Callable[[], float] = seconds) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._clock = clock
        self._lock = threading.Lock()
        with translating():
            self._db = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.executescript(schema)

    def close(self) -> None:
        """Let the file go."""
        with self._lock, contextlib.suppress(sqlite3.Error):
            self._db.close()
