"""Recall and strangers of sounds, films and texts for `citychain bench similarity`.

Every work and every copy is a file that is coded, decoded and printed as a deposit is, in an index of its own.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

from apps.copyright import media, perturb_media
from apps.copyright.fingerprints.pool import FingerprintPool, Fingerprints
from apps.copyright.index import WorkIndex
from apps.copyright.likeness import public_prints
from apps.copyright.synthetic import changed, melody, scenes, write_film, write_sound
from apps.kit.block_index import BlockWrites

SECONDS = 20
PASSAGE = 900
SIZE = (320, 240)
FILM_SECONDS = 8
DEPOSITORS = 12
_STRANGE = 10_000


class Shelf:
    """Works of one kind, registered by depositors in turn, in a folder that goes away."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="citychain-bench-")
        self.path = Path(self._folder.name)
        self._pool = FingerprintPool()
        self._index = WorkIndex(self.path / "index.db")
        self.works = 0

    def __enter__(self) -> Shelf:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._index.close()
        self._pool.close()
        self._folder.cleanup()

    def _prints(self, path: Path) -> Fingerprints:
        return self._pool.extract(path, media.inspect(path))

    def put(self, path: Path) -> None:
        """Register a file."""
        prints, number = self._prints(path), self.works
        party = f"Org/person{number % DEPOSITORS}"
        record = {
            "id": f"CZ{number}", "title": "", "depositor": party, "owners": [{"party": party}], "number": "",
            "content": {"cid": "", "sha256": ""}, "fingerprints": {}, "prints": [], "tx_id": f"{number}",
            "created": "2026-01-01T00:00:00Z", "state": "ACTIVE",
        }  # fmt: skip
        writes = (
            (f"\x00prints\x00CZ{number}\x00", json.dumps(public_prints(prints)).encode(), 0),
            (f"CZ{number}", json.dumps(record).encode(), 0),
        )
        self._index.follow([BlockWrites(number, f"{number}", f"{number - 1}" if number else "", writes)])
        self.works += 1

    def found(self, path: Path) -> set[int]:
        """Numbers of the works that a file is shown as like to."""
        return {int(one.work_id[2:]) for one in self._index.similar(self._prints(path), None)}


def _figures(
    shelf: Shelf, changes: Iterable[str], copy: Callable[[str, int], Path], strangers: Iterable[Path]
) -> dict[str, Any]:
    """Recall per change, wrong works that copies brought, and how many strangers brought any."""
    rows, wrong = {}, 0
    for name in changes:
        hits = 0
        for number in range(shelf.works):
            found = shelf.found(copy(name, number))
            hits += number in found
            wrong += len(found - {number})
        rows[name] = {"queries": shelf.works, "found": hits, "recall": round(hits / shelf.works, 4)}
    asked = [bool(shelf.found(path)) for path in strangers]
    return {
        "works": shelf.works,
        "strangers": len(asked),
        "strangers_wrong": sum(asked),
        "strangers_rate": round(sum(asked) / max(1, len(asked)), 4),
        "wrong": wrong,
        "perturbations": rows,
    }


def sounds(works: int) -> dict[str, Any]:
    """Made melodies of 20 s, copies as AAC at 64 kbit/s."""
    with Shelf() as shelf:

        def coded(samples: Any, name: str) -> Path:
            return write_sound(shelf.path / name, samples, 0 if name.endswith("wav") else 64_000)

        for number in range(works):
            shelf.put(coded(melody(SECONDS, number), "work.wav"))
        changes = perturb_media.SOUND_CHANGES
        strange = (coded(melody(SECONDS, _STRANGE + number), "stranger.m4a") for number in range(2 * works))
        return _figures(
            shelf, changes, lambda name, number: coded(changes[name](melody(SECONDS, number)), "copy.m4a"), strange
        )


def films(works: int) -> dict[str, Any]:
    """Made films of eight scenes; the works have sound, the copies have none."""
    with Shelf() as shelf:

        def coded(pictures: Any, sound: Any = None) -> Path:
            return write_film(shelf.path / "film.mp4", pictures, SIZE, sound)

        for number in range(works):
            shelf.put(coded(scenes(number, SIZE, FILM_SECONDS), melody(FILM_SECONDS, number)))
        changes = perturb_media.FILM_CHANGES
        strange = (coded(scenes(_STRANGE + number, SIZE, FILM_SECONDS)) for number in range(works))
        return _figures(
            shelf,
            changes,
            lambda name, number: coded(changed(scenes(number, SIZE, FILM_SECONDS), changes[name])),
            strange,
        )


def texts(works: int) -> dict[str, Any]:
    """Real prose of 900 characters; strangers also as letters whose head and notice every work's letter has."""
    chance = random.Random(20260303)
    pieces = perturb_media.passages(PASSAGE)
    chance.shuffle(pieces)
    pieces = pieces[1::2]  # the others chose the threshold
    works = min(works, len(pieces) // 3)
    mine, others, strange = pieces[:works], pieces[works : 2 * works], pieces[works : 3 * works]
    with Shelf() as plain, Shelf() as letters:

        def written(shelf: Shelf, text: str) -> Path:
            path = shelf.path / "text.txt"
            path.write_text(text, encoding="utf-8")
            return path

        def letter(text: str) -> Path:
            return written(letters, perturb_media.HEAD + text + perturb_media.NOTICE)

        for text in mine:
            plain.put(written(plain, text))
            letters.put(letter(text))
        changes = perturb_media.TEXT_CHANGES
        figures = _figures(
            plain,
            changes,
            lambda name, number: written(plain, changes[name](mine[number], others[number], chance)),
            (written(plain, text) for text in strange),
        )
        brought = [bool(letters.found(letter(text))) for text in strange]
        own = [number in letters.found(letter(text)) for number, text in enumerate(mine)]
        figures["letters"] = {
            "works": letters.works,
            "strangers": len(brought),
            "strangers_wrong": sum(brought),
            "strangers_rate": round(sum(brought) / max(1, len(brought)), 4),
            "same_letter_recall": round(sum(own) / max(1, len(own)), 4),
        }
        return figures
