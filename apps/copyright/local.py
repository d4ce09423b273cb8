"""What this desk alone knows of deposits: which it made, and of those that it sealed the file's hash and prints.

The ledger never learns what is in a sealed work, so only the desk that sealed it can say that the same file was
deposited before, or that another looks like it.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

from baas.errors import translating
from network.lock import Moment

_SCHEMA = """
CREATE TABLE IF NOT EXISTS wrapped (cid TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS own (work_id TEXT PRIMARY KEY, sha256 TEXT NOT NULL, party TEXT NOT NULL,
    prints TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS own_sha256 ON own(sha256, party);
"""
_BEFORE = ("work", "image_hash", "text_print", "text_band", "text_sample", "audio_mark")
"""Tables of the search index, which this file held before the index was read from the blocks."""


class LocalDeposits:
    """The notes of one network; safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        with translating(), Moment(path.with_name(path.name + ".lock")):
            self._db = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.executescript(_SCHEMA)
            self._take_over()

    def _take_over(self) -> None:
        names = {row[0] for row in self._db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
        if "work" in names:
            kept = "SELECT work_id, sha256, party FROM work"
            self._db.execute(f"INSERT OR IGNORE INTO own (work_id, sha256, party) {kept}")
            for name in _BEFORE:
                self._db.execute(f"DROP TABLE IF EXISTS {name}")

    def close(self) -> None:
        """Let the file go."""
        with self._lock:
            self._db.close()

    def __len__(self) -> int:
        """How many deposits were made from here."""
        with self._lock:
            return int(self._db.execute("SELECT COUNT(*) FROM own").fetchone()[0])

    def note(self, work_id: str, sha256: str, party: str, prints: Mapping[str, str] | None = None) -> None:
        """Remember a committed deposit; `prints` of a sealed one."""
        row = (work_id, sha256, party, json.dumps(dict(prints)) if prints else "")
        with self._lock, translating():
            self._db.execute("INSERT OR REPLACE INTO own VALUES (?, ?, ?, ?)", row)

    def made_of(self, sha256: str, party: str) -> tuple[str, ...]:
        """The works that `party` deposited from here of the bytes with this SHA-256, whether sealed or not."""
        with self._lock:
            found = self._db.execute("SELECT work_id FROM own WHERE sha256=? AND party=?", (sha256, party)).fetchall()
        return tuple(row[0] for row in found)

    def made_by(self, work_id: str, party: str) -> bool:
        """Whether `party` deposited a work from here, and so had its file in hand."""
        with self._lock:
            found = self._db.execute("SELECT 1 FROM own WHERE work_id=? AND party=?", (work_id, party)).fetchone()
        return found is not None

    def prints(self) -> Iterator[tuple[str, dict[str, str]]]:
        """The prints of works that were sealed here."""
        with self._lock:
            found = self._db.execute("SELECT work_id, prints FROM own WHERE prints <> ''").fetchall()
        yield from ((work_id, json.loads(text)) for work_id, text in found)

    def note_wrapped(self, cid: str) -> None:
        """Remember that the key of a sealed work lies on the ledger, wrapped for its owner's reading key."""
        with self._lock, translating():
            self._db.execute("INSERT OR IGNORE INTO wrapped VALUES (?)", (cid,))

    def wrapped(self) -> frozenset[str]:
        """The contents of which that is known."""
        with self._lock:
            return frozenset(row[0] for row in self._db.execute("SELECT cid FROM wrapped"))
