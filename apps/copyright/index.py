"""What this workspace knows of works: fingerprints for finding copies, and which deposits it made itself.

SQLite keeps everything; the image hashes are also held in memory (`hamming`). The ledger is the truth: `known` answers
only for what was committed, and the index can be thrown away and filled again from files and ledger.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from apps.copyright.fingerprints import text as texts
from apps.copyright.fingerprints.image import QUERY_ROWS
from apps.copyright.fingerprints.pool import Fingerprints
from apps.copyright.hamming import HammingIndex
from apps.copyright.model import Similar, Work
from baas.errors import translating
from network.lock import Moment

MAX_MARKS_ASKED = 20_000

_SCHEMA = """
CREATE TABLE IF NOT EXISTS work (
    number INTEGER PRIMARY KEY AUTOINCREMENT, work_id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, party TEXT NOT NULL,
    sha256 TEXT NOT NULL, cid TEXT NOT NULL, iscc TEXT NOT NULL, tx_id TEXT NOT NULL, block INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS work_sha256 ON work(sha256, party);
CREATE INDEX IF NOT EXISTS work_cid ON work(cid);
CREATE TABLE IF NOT EXISTS image_hash (work INTEGER NOT NULL, bits BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS text_print (work INTEGER PRIMARY KEY, minhash BLOB NOT NULL, grams INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS text_band (key INTEGER NOT NULL, work INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS text_band_key ON text_band(key);
CREATE TABLE IF NOT EXISTS text_sample (hash INTEGER NOT NULL, work INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS text_sample_hash ON text_sample(hash);
CREATE TABLE IF NOT EXISTS audio_mark (hash INTEGER NOT NULL, work INTEGER NOT NULL, frame INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS audio_mark_hash ON audio_mark(hash);
CREATE TABLE IF NOT EXISTS wrapped (cid TEXT PRIMARY KEY);
"""


@dataclass(frozen=True)
class Thresholds:
    """When two works are shown as suspected copies; calibrated by `calibrate` on held-out material."""

    image_bits: int
    text_resemblance: float
    text_containment: float
    audio_marks: int
    source: str

    @classmethod
    def load(cls) -> Thresholds:
        """The calibrated values shipped with the package."""
        data = json.loads((resources.files("apps.copyright") / "thresholds.json").read_text(encoding="utf-8"))
        return cls(**data)


@dataclass(frozen=True)
class KnownDeposit:
    """A deposit made from this workspace."""

    work_id: str
    cid: str
    tx_id: str
    block: int


class WorkIndex:
    """The index of one network; safe to use from several threads."""

    def __init__(self, path: Path, thresholds: Thresholds | None = None) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.thresholds = thresholds or Thresholds.load()
        self._lock = threading.RLock()
        with translating(), Moment(path.with_name(path.name + ".lock")):
            self._db = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.executescript(_SCHEMA)
        self._images: HammingIndex | None = None
        self._images_of = 0

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def __len__(self) -> int:
        with self._lock:
            return int(self._db.execute("SELECT COUNT(*) FROM work").fetchone()[0])

    def known(self, sha256: str, party: str) -> KnownDeposit | None:
        """The deposit that `party` made here of the bytes with this SHA-256."""
        with self._lock:
            row = self._db.execute(
                "SELECT work_id, cid, tx_id, block FROM work WHERE sha256=? AND party=?", (sha256, party)
            ).fetchone()
        return None if row is None else KnownDeposit(*row)

    def where(self, work_id: str) -> KnownDeposit | None:
        """Where a work's deposit lies, if it was made here."""
        with self._lock:
            row = self._db.execute("SELECT work_id, cid, tx_id, block FROM work WHERE work_id=?", (work_id,)).fetchone()
        return None if row is None else KnownDeposit(*row)

    def add(self, work: Work, sha256: str, tx_id: str, block: int, prints: Fingerprints) -> None:
        """Remember a committed deposit; a second time changes nothing."""
        with self._lock, translating():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                row = (work.id, work.title, work.owners[0][0], sha256, work.cid, prints.iscc, tx_id, block)
                done = self._db.execute(
                    "INSERT OR IGNORE INTO work (work_id, title, party, sha256, cid, iscc, tx_id, block)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    row,
                )
                if done.rowcount:
                    self._add_prints(int(done.lastrowid or 0), prints)
                self._db.execute("COMMIT")
            except BaseException:
                self._db.execute("ROLLBACK")
                raise

    def note_wrapped(self, cid: str) -> None:
        """Remember that the key of a sealed work lies on the ledger, wrapped for its owner's reading key."""
        with self._lock, translating():
            self._db.execute("INSERT OR IGNORE INTO wrapped VALUES (?)", (cid,))

    def wrapped(self) -> frozenset[str]:
        """The contents of which that is known."""
        with self._lock:
            return frozenset(row[0] for row in self._db.execute("SELECT cid FROM wrapped"))

    def forget(self, work_id: str) -> None:
        """Take a work out of the index (the ledger and the content store keep it)."""
        with self._lock, translating():
            row = self._db.execute("SELECT number FROM work WHERE work_id=?", (work_id,)).fetchone()
            if row is None:
                return
            self._db.execute("BEGIN IMMEDIATE")
            for table in ("image_hash", "text_print", "text_band", "text_sample", "audio_mark"):
                self._db.execute(f"DELETE FROM {table} WHERE work=?", row)
            self._db.execute("DELETE FROM work WHERE number=?", row)
            self._db.execute("COMMIT")
            self._images = None

    def _add_prints(self, number: int, prints: Fingerprints) -> None:
        if len(prints.image_index) and not prints.flat:
            self._db.executemany(
                "INSERT INTO image_hash VALUES (?, ?)", [(number, row.tobytes()) for row in prints.image_index]
            )
            if self._images is not None:
                self._images.add(prints.image_index, number)
        if len(prints.minhash):
            self._db.execute(
                "INSERT INTO text_print VALUES (?, ?, ?)",
                (number, prints.minhash.tobytes(), len(prints.sample) * texts.SAMPLE_ONE_IN),
            )
            self._db.executemany(
                "INSERT INTO text_band VALUES (?, ?)", [(key, number) for key in texts.bands(prints.minhash)]
            )
            self._db.executemany(
                "INSERT INTO text_sample VALUES (?, ?)",
                [(value, number) for value in prints.sample.astype(np.int64).tolist()],
            )
        if len(prints.landmarks):
            self._db.executemany(
                "INSERT INTO audio_mark VALUES (?, ?, ?)",
                [(mark, number, frame) for mark, frame in prints.landmarks.tolist()],
            )

    def _image_index(self) -> HammingIndex:
        version = self._db.execute("PRAGMA data_version").fetchone()[0]
        if self._images is None or version != self._images_of:
            self._images_of = version  # moves when another program has written
            rows = self._db.execute("SELECT work, bits FROM image_hash").fetchall()
            bits = np.frombuffer(b"".join(row[1] for row in rows), dtype=np.uint8).reshape(-1, 32)
            self._images = HammingIndex(bits, np.array([row[0] for row in rows], dtype=np.int64))
        return self._images

    def similar(self, prints: Fingerprints, limit: int = 20) -> tuple[Similar, ...]:
        """Works that look alike (疑似), best first; one entry a work and method."""
        with self._lock, translating():
            found: list[tuple[int, str, float, str]] = []
            if len(prints.image_query) and not prints.flat:
                found += self._alike_images(prints)
            if len(prints.minhash):
                found += self._alike_texts(prints)
            if len(prints.landmarks):
                found += self._alike_sounds(prints)
            found.sort(key=lambda one: -one[2])
            return tuple(self._described(found[:limit]))

    def _described(self, found: Iterable[tuple[int, str, float, str]]) -> Iterable[Similar]:
        for number, method, score, detail in found:
            row = self._db.execute("SELECT work_id, title FROM work WHERE number=?", (number,)).fetchone()
            if row is not None:
                yield Similar(row[0], row[1], method, round(score, 4), detail)

    def _alike_images(self, prints: Fingerprints) -> list[tuple[int, str, float, str]]:
        """Scenes of a film are asked for one by one; a film of several scenes must share two with a work."""
        video = prints.media.kind == "video"
        scenes = prints.image_query.reshape(-1, QUERY_ROWS, 32)
        shared: Counter[int] = Counter()
        best: dict[int, tuple[int, int]] = {}
        for scene in scenes:
            for number, near in self._image_index().search(scene, self.thresholds.image_bits).items():
                shared[number] += 1
                best[number] = min(best.get(number, near), near)
        answers = []
        for number, (distance, query) in best.items():
            if video and shared[number] < min(2, len(scenes) // 3 + 1):
                continue
            detail = f"{distance}/256" + (" mirrored" if query >= QUERY_ROWS // 2 else "")
            if video:
                detail = f"{shared[number]} of {len(scenes)} scenes, {detail}"
            answers.append((number, "video" if video else "image", 1 - distance / 256, detail))
        return answers

    def _alike_texts(self, prints: Fingerprints) -> list[tuple[int, str, float, str]]:
        answers = []
        keys = texts.bands(prints.minhash)
        marks = ",".join("?" * len(keys))
        near = {row[0] for row in self._db.execute(f"SELECT DISTINCT work FROM text_band WHERE key IN ({marks})", keys)}
        shared: Counter[int] = Counter()
        for start in range(0, len(prints.sample), 500):
            part = prints.sample[start : start + 500].astype(np.int64).tolist()
            marks = ",".join("?" * len(part))
            for number, count in self._db.execute(
                f"SELECT work, COUNT(*) FROM text_sample WHERE hash IN ({marks}) GROUP BY work", part
            ):
                shared[number] += count
        for number in near | {one for one, count in shared.items() if count >= 3}:
            row = self._db.execute("SELECT minhash, grams FROM text_print WHERE work=?", (number,)).fetchone()
            alike = texts.resemblance(prints.minhash, np.frombuffer(row[0], dtype=np.uint32))
            smaller = max(1, min(len(prints.sample), row[1] // texts.SAMPLE_ONE_IN))
            contained = min(1.0, shared[number] / smaller)
            if alike >= self.thresholds.text_resemblance:
                answers.append((number, "text", alike, f"{alike:.0%} alike"))
            elif contained >= self.thresholds.text_containment and shared[number] >= 3:
                answers.append((number, "excerpt", contained, f"{contained:.0%} of the shorter text"))
        return answers

    def _alike_sounds(self, prints: Fingerprints) -> list[tuple[int, str, float, str]]:
        """Works in which landmarks lie in step with the asked ones: at one distance in time, at many moments.

        Moments are counted, not landmarks: a held chord gives many landmarks at once and proves little. What chance
        alone would bring (more for long sounds) is added to the threshold.
        """
        asked = prints.landmarks[:MAX_MARKS_ASKED]
        order = np.argsort(asked[:, 0], kind="stable")
        asked = asked[order]
        marks = np.unique(asked[:, 0])
        rows: list[tuple[int, int, int]] = []
        for start in range(0, len(marks), 500):
            part = marks[start : start + 500].tolist()
            places = ",".join("?" * len(part))
            rows += self._db.execute(f"SELECT hash, work, frame FROM audio_mark WHERE hash IN ({places})", part)
        if not rows:
            return []
        found = np.array(rows, dtype=np.int64)
        first, last = (np.searchsorted(asked[:, 0], found[:, 0], side) for side in ("left", "right"))
        counts = last - first
        pick = np.arange(counts.sum()) + np.repeat(first - np.cumsum(counts) + counts, counts)
        here, there, owner = asked[pick, 1], np.repeat(found[:, 2], counts), np.repeat(found[:, 1], counts)
        moments = len(np.unique(asked[:, 1]))
        answers = []
        for number in np.unique(owner).tolist():
            mine = owner == number
            best, chance = _in_step(there[mine] - here[mine], here[mine])
            if best >= self.thresholds.audio_marks + chance + 6 * chance**0.5:
                share = min(1.0, best / max(1, moments))
                answers.append((number, "audio", 0.5 + share / 2, f"{best} of {moments} moments in step"))
        return answers

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of a read (reports, tests)."""
        with self._lock:
            return self._db.execute(sql, values).fetchall()


def _in_step(apart: NDArray[np.int64], moments: NDArray[np.int64]) -> tuple[int, float]:
    """The most moments at one distance in time (a window of four frames), and how many chance alone explains."""
    best = 0
    for shift in (0, 2):
        pairs = np.unique(np.stack([(apart + shift) // 4, moments], axis=1), axis=0)
        best = max(best, int(np.unique(pairs[:, 0], return_counts=True)[1].max()))
    return best, len(apart) / (int(apart.max() - apart.min()) // 4 + 64)
