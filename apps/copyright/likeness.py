"""What of a work's fingerprints travels with its record, and how each kind is kept and asked: pictures, texts, sounds.

A print is a name with its version (`image/1`) and base64 text, public, put on the ledger with the deposit; it holds
numbers that the search needs and nothing that the work could be made of again. Anybody can put anything there, so what
is no print of its kind is passed over. A new way of finding copies is a new name here beside the old ones.
"""

from __future__ import annotations

import base64
import sqlite3
import threading
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from apps.copyright import boilerplate
from apps.copyright.fingerprints import text as texts
from apps.copyright.fingerprints.image import INDEX_WINDOWS, QUERY_PLAIN, QUERY_ROWS
from apps.copyright.hamming import HammingIndex

if TYPE_CHECKING:
    from apps.copyright.fingerprints.pool import Fingerprints
    from apps.copyright.index import Thresholds

MAX_MARKS_ASKED = 20_000
MOST_PICTURE_ROWS = 256
MOST_TEXT_HASHES = 4_000
MOST_MARKS = 6_000
LEAST = 6
"""Sampled hashes that two texts must share at least; a passage of fifty characters has about six."""
KEPT_ROWS = len(INDEX_WINDOWS)
_MOST_BYTES = 1 << 20
_MIX = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Hit:
    """A work (its number in the index) that is alike: by which method, how much (0…1), and what was compared."""

    number: int
    method: str
    score: float
    detail: str


class PrintKind(Protocol):
    """One kind of print. `add` raises ValueError for what is no such print."""

    name: str
    tables: str

    def encode(self, prints: Fingerprints) -> str:
        """The public print of a file, "" if it has none of this kind."""
        ...

    def add(self, db: sqlite3.Connection, number: int, data: bytes) -> None:
        """Keep a work's print."""
        ...

    def asked(self, prints: Fingerprints) -> Any:
        """What is asked with for a file, None for nothing of this kind."""
        ...

    def asked_of(self, data: bytes, media_type: str) -> Any:
        """What is asked with for a work whose print alone is here; less than its file would tell."""
        ...

    def alike(self, db: sqlite3.Connection, asked: Any, thresholds: Thresholds) -> list[Hit]:
        """Works that are alike, in no order."""
        ...


@dataclass(frozen=True)
class Pictured:
    """Pictures to ask with: rows of each, whether they are scenes of a film, from which row on they are mirrored."""

    scenes: NDArray[np.uint8]
    video: bool
    mirrored_from: int


def _rows(data: bytes) -> NDArray[np.uint8]:
    if len(data) % 32 or not 0 < len(data) <= MOST_PICTURE_ROWS * 32:
        raise ValueError("no rows of 256 bits")
    return np.frombuffer(data, dtype=np.uint8).reshape(-1, 32)


class Pictures:
    """Rows of 256 bits: the whole of a picture and some of its parts; of a film those of its scenes."""

    name = "image/1"
    tables = "CREATE TABLE image_hash (id INTEGER PRIMARY KEY, work INTEGER NOT NULL, bits BLOB NOT NULL);"

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._held: HammingIndex | None = None
        self._last = 0
        self._born = ""

    def encode(self, prints: Fingerprints) -> str:
        rows = prints.image_index
        if not len(rows) or prints.flat:
            return ""
        if len(rows) > MOST_PICTURE_ROWS:  # a long film: whole scenes, spread over its length
            scenes = rows.reshape(-1, KEPT_ROWS, 32) if len(rows) % KEPT_ROWS == 0 else rows.reshape(-1, 1, 32)
            most = MOST_PICTURE_ROWS // scenes.shape[1]
            rows = scenes[np.linspace(0, len(scenes) - 1, most).astype(int)].reshape(-1, 32)
        return _text(rows.tobytes())

    def add(self, db: sqlite3.Connection, number: int, data: bytes) -> None:
        rows = [(number, row.tobytes()) for row in _rows(data)]
        db.executemany("INSERT INTO image_hash (work, bits) VALUES (?, ?)", rows)

    def asked(self, prints: Fingerprints) -> Pictured | None:
        if not len(prints.image_query) or prints.flat:
            return None
        scenes = prints.image_query.reshape(-1, QUERY_ROWS, 32)
        return Pictured(scenes, prints.media.kind == "video", QUERY_PLAIN)

    def asked_of(self, data: bytes, media_type: str) -> Pictured:
        rows = _rows(data)
        each = KEPT_ROWS if len(rows) % KEPT_ROWS == 0 else len(rows)
        return Pictured(rows.reshape(-1, each, 32), media_type.startswith("video/"), each)

    def _index(self, db: sqlite3.Connection) -> HammingIndex:
        """All rows in memory, brought up to what the file holds by now."""
        born = str(db.execute("SELECT value FROM meta WHERE name = 'born'").fetchone()[0])
        if self._held is None or born != self._born:
            self._held, self._born, self._last = None, born, 0
        found = db.execute("SELECT id, work, bits FROM image_hash WHERE id > ? ORDER BY id", (self._last,)).fetchall()
        if found:
            bits = np.frombuffer(b"".join(row[2] for row in found), dtype=np.uint8).reshape(-1, 32)
            owners = np.array([row[1] for row in found], dtype=np.int64)
            if self._held is None:
                self._held = HammingIndex(bits, owners)
            else:
                for owner in np.unique(owners):
                    self._held.add(bits[owners == owner], int(owner))
            self._last = int(found[-1][0])
        if self._held is None:
            self._held = HammingIndex()
        return self._held

    def alike(self, db: sqlite3.Connection, asked: Pictured, thresholds: Thresholds) -> list[Hit]:
        """Scenes of a film are asked for one by one; a film of several scenes must share two with a work."""
        scenes, video = asked.scenes, asked.video
        shared: Counter[int] = Counter()
        best: dict[int, tuple[int, int]] = {}
        with self._lock:
            index = self._index(db)
            for scene in scenes:
                for number, near in index.search(scene, thresholds.image_bits).items():
                    shared[number] += 1
                    best[number] = min(best.get(number, near), near)
        answers = []
        for number, (distance, query) in best.items():
            if video and shared[number] < min(2, len(scenes) // 3 + 1):
                continue
            detail = f"{distance}/256" + (" mirrored" if query >= asked.mirrored_from else "")
            if video:
                detail = f"{shared[number]} of {len(scenes)} scenes, {detail}"
            answers.append(Hit(number, "video" if video else "image", 1 - distance / 256, detail))
        return answers


@dataclass(frozen=True)
class Written:
    """A text to ask with."""

    minhash: NDArray[np.uint32]
    sample: NDArray[np.uint64]


class Writings:
    """MinHash values for whole texts, and a sample of hashes (of long texts the smallest) for excerpts."""

    name = "text/1"
    tables = """
    CREATE TABLE text_print (work INTEGER PRIMARY KEY, minhash BLOB NOT NULL, kept INTEGER NOT NULL,
        top INTEGER NOT NULL);
    CREATE TABLE text_band (key INTEGER NOT NULL, work INTEGER NOT NULL);
    CREATE INDEX text_band_key ON text_band(key);
    CREATE TABLE text_sample (hash INTEGER NOT NULL, work INTEGER NOT NULL);
    CREATE INDEX text_sample_hash ON text_sample(hash);
    """
    _WHOLE: ClassVar[int] = (1 << 64) - 1

    def encode(self, prints: Fingerprints) -> str:
        if not len(prints.minhash):
            return ""
        sample = np.sort(prints.sample)[:MOST_TEXT_HASHES]
        thinned = len(prints.sample) > len(sample)
        head = bytes([thinned]) + prints.minhash.astype("<u4").tobytes()
        return _text(head + sample.astype("<u8").tobytes())

    def add(self, db: sqlite3.Connection, number: int, data: bytes) -> None:
        written = self.asked_of(data, "")
        minhash, sample = written.minhash, written.sample
        top = int(sample[-1]) if data[0] and len(sample) else self._WHOLE
        row = (number, minhash.tobytes(), len(sample), _signed(top))
        db.execute("INSERT OR REPLACE INTO text_print VALUES (?, ?, ?, ?)", row)
        db.executemany("INSERT INTO text_band VALUES (?, ?)", [(key, number) for key in texts.bands(minhash)])
        hashes = sample.astype(np.int64).tolist()
        db.executemany("INSERT INTO text_sample VALUES (?, ?)", [(value, number) for value in hashes])

    def asked(self, prints: Fingerprints) -> Written | None:
        return Written(prints.minhash, prints.sample) if len(prints.minhash) else None

    def asked_of(self, data: bytes, media_type: str) -> Written:
        size = texts.PERMUTATIONS * 4
        if len(data) < 1 + size or (len(data) - 1 - size) % 8 or len(data) > 1 + size + MOST_TEXT_HASHES * 8:
            raise ValueError("no print of a text")
        minhash = np.frombuffer(data[1 : 1 + size], dtype="<u4")
        return Written(minhash, np.unique(np.frombuffer(data[1 + size :], dtype="<u8")))

    def alike(self, db: sqlite3.Connection, asked: Written, thresholds: Thresholds) -> list[Hit]:
        keys = texts.bands(asked.minhash)
        marks = ",".join("?" * len(keys))
        near = {row[0] for row in db.execute(f"SELECT DISTINCT work FROM text_band WHERE key IN ({marks})", keys)}
        sample = asked.sample.astype(np.int64).tolist()
        everybodys, having = boilerplate.common(db, sample)
        own = [value for value in sample if value not in everybodys]
        shared: Counter[int] = Counter()
        for part in boilerplate.parts(own):
            marks = ",".join("?" * len(part))
            counts = f"SELECT work, COUNT(*) FROM text_sample WHERE hash IN ({marks}) GROUP BY work"
            for number, count in db.execute(counts, part):
                shared[number] += count
        answers = []
        for number in near | {one for one, count in (shared + having).items() if count >= LEAST}:
            row = db.execute("SELECT minhash, kept, top FROM text_print WHERE work=?", (number,)).fetchone()
            alike = texts.resemblance(asked.minhash, np.frombuffer(row[0], dtype=np.uint32))
            if len(own) < boilerplate.FEW or having[number] >= row[1] * boilerplate.MOSTLY:
                words, same, kept = asked.sample, shared[number] + having[number], row[1]
            else:
                words, same, kept = np.array(own, np.int64).astype(np.uint64), shared[number], row[1] - having[number]
            within = int((words <= np.uint64(row[2] & self._WHOLE)).sum())
            contained = min(1.0, same / max(1, min(within, kept)))
            enough = contained >= thresholds.text_containment
            if alike >= thresholds.text_resemblance and (enough or having[number] < row[1] * boilerplate.NOTED):
                answers.append(Hit(number, "text", alike, f"{alike:.0%} alike"))
            elif enough and same >= LEAST:
                answers.append(Hit(number, "excerpt", contained, f"{contained:.0%} of the shorter text"))
        return answers


class Sounds:
    """Landmarks of a sound with their times; of long sounds a part, chosen by the landmark so that copies agree."""

    name = "sound/1"
    tables = """
    CREATE TABLE audio_mark (hash INTEGER NOT NULL, work INTEGER NOT NULL, frame INTEGER NOT NULL);
    CREATE INDEX audio_mark_hash ON audio_mark(hash);
    """

    def encode(self, prints: Fingerprints) -> str:
        marks = prints.landmarks
        if not len(marks):
            return ""
        if len(marks) > MOST_MARKS:
            mixed = marks[:, 0].astype(np.uint64) * _MIX
            marks = marks[np.sort(np.argsort(mixed, kind="stable")[:MOST_MARKS])]
        marks = marks[np.argsort(marks[:, 1], kind="stable")]
        steps = np.diff(marks[:, 1], prepend=0)
        if int(steps.max()) >= 1 << 16 or int(marks[:, 0].max()) >= 1 << 32:
            return ""
        return _text(zlib.compress(marks[:, 0].astype("<u4").tobytes() + steps.astype("<u2").tobytes(), 9))

    def add(self, db: sqlite3.Connection, number: int, data: bytes) -> None:
        rows = [(mark, number, frame) for mark, frame in self.asked_of(data, "")[0].tolist()]
        db.executemany("INSERT INTO audio_mark VALUES (?, ?, ?)", rows)

    def asked(self, prints: Fingerprints) -> tuple[NDArray[np.int64], ...] | None:
        return (prints.landmarks, *prints.undone) if len(prints.landmarks) else None

    def asked_of(self, data: bytes, media_type: str) -> tuple[NDArray[np.int64], ...]:
        plain = _unpacked(data)
        count = len(plain) // 6
        if len(plain) % 6 or not 0 < count <= MOST_MARKS:
            raise ValueError("no landmarks")
        hashes = np.frombuffer(plain[: count * 4], dtype="<u4").astype(np.int64)
        frames = np.cumsum(np.frombuffer(plain[count * 4 :], dtype="<u2").astype(np.int64))
        return (np.stack([hashes, frames], axis=1),)

    def alike(self, db: sqlite3.Connection, asked: Sequence[NDArray[np.int64]], thresholds: Thresholds) -> list[Hit]:
        """Works alike to the sound as it is, or as it was before one of the changes that are undone."""
        best: dict[int, Hit] = {}
        for marks in asked:
            for hit in self._in_works(db, marks, thresholds):
                if hit.number not in best or hit.score > best[hit.number].score:
                    best[hit.number] = hit
        return list(best.values())

    def _in_works(self, db: sqlite3.Connection, asked: NDArray[np.int64], thresholds: Thresholds) -> list[Hit]:
        """Works in which landmarks lie in step with the asked ones: at one distance in time, at many moments.

        Moments are counted, not landmarks: a held chord gives many landmarks at once and proves little. What chance
        alone would bring (more for long sounds) is added to the threshold.
        """
        asked = asked[:MAX_MARKS_ASKED]
        asked = asked[np.argsort(asked[:, 0], kind="stable")]
        rows: list[tuple[int, int, int]] = []
        for part in boilerplate.parts(np.unique(asked[:, 0]).tolist()):
            places = ",".join("?" * len(part))
            rows += db.execute(f"SELECT hash, work, frame FROM audio_mark WHERE hash IN ({places})", part)
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
            if best >= thresholds.audio_marks + chance + 6 * chance**0.5:
                share = min(1.0, best / max(1, moments))
                answers.append(Hit(number, "audio", 0.5 + share / 2, f"{best} of {moments} moments in step"))
        return answers


def _in_step(apart: NDArray[np.int64], moments: NDArray[np.int64]) -> tuple[int, float]:
    """The most moments at one distance in time (a window of four frames), and how many chance alone explains."""
    best = 0
    for shift in (0, 2):
        pairs = np.unique(np.stack([(apart + shift) // 4, moments], axis=1), axis=0)
        best = max(best, int(np.unique(pairs[:, 0], return_counts=True)[1].max()))
    return best, len(apart) / (int(apart.max() - apart.min()) // 4 + 64)


def _signed(value: int) -> int:
    """A number of 64 bits as SQLite keeps it."""
    return value - (1 << 64) if value >> 63 else value


def _unpacked(data: bytes) -> bytes:
    """Compressed bytes, bounded: what unpacks to more than a print may hold is none."""
    packed = zlib.decompressobj()
    try:
        plain = packed.decompress(data, _MOST_BYTES)
    except zlib.error as error:
        raise ValueError("cannot be unpacked") from error
    if packed.unconsumed_tail:
        raise ValueError("too large")
    return plain


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def kinds() -> tuple[PrintKind, ...]:
    """The kinds of prints, for one index."""
    return (Pictures(), Writings(), Sounds())


def public_prints(prints: Fingerprints) -> dict[str, str]:
    """What goes on the ledger with a deposit, by the kinds' names."""
    found = {kind.name: kind.encode(prints) for kind in kinds()}
    return {name: text for name, text in found.items() if text}


def add_prints(db: sqlite3.Connection, known: Sequence[PrintKind], number: int, prints: Mapping[str, object]) -> None:
    """Keep a work's prints; those that nobody here knows, and what is no print, are passed over."""
    for kind in known:
        text = prints.get(kind.name)
        if isinstance(text, str) and text:
            with suppress(ValueError):
                kind.add(db, number, base64.b64decode(text, validate=True))


def asked_of(kind: PrintKind, prints: Mapping[str, str], media_type: str) -> Any:
    """What is asked with for a work whose prints alone are here; None where it has none of this kind."""
    text = prints.get(kind.name)
    if not text:
        return None
    try:
        return kind.asked_of(base64.b64decode(text, validate=True), media_type)
    except ValueError:
        return None
