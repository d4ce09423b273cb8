"""Copies of sounds and films as copiers make them are found, each at its own work and at no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from apps.copyright import media
from apps.copyright.fingerprints.pool import FingerprintPool
from apps.copyright.index import WorkIndex
from apps.copyright.perturb_media import SOUND_CHANGES, speed
from apps.copyright.synthetic import (
    RATE,
    Samples,
    changed,
    melody,
    scenes,
    write_film,
    write_sound,
)
from tests.apps.copyright.test_fingerprints import put

pytestmark = pytest.mark.slow  # quick cases of each kind are in test_fingerprints
SECONDS = 20
SIZE = (320, 240)
WORKS = range(6)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory, pool: FingerprintPool) -> Iterator[WorkIndex]:
    """Six songs (works 0–5) and six films with music of their own (works 10–15)."""
    folder = tmp_path_factory.mktemp("shelf")
    index = WorkIndex(folder / "index.db")
    for number in WORKS:
        song = write_sound(folder / "song.wav", melody(SECONDS, number))
        put(index, number, pool.extract(song, media.inspect(song)))
        film = write_film(folder / "film.mp4", scenes(number, SIZE), SIZE, melody(8, 100 + number))
        put(index, 10 + number, pool.extract(film, media.inspect(film)))
    yield index
    index.close()


def noisy(sound: Samples) -> Samples:
    return np.clip(sound + np.random.default_rng(1).normal(0, 0.03, len(sound)).astype("f4"), -1, 1)


def spoken_over(sound: Samples) -> Samples:
    return np.clip(sound * 0.7 + melody(len(sound) / RATE, 9_999)[: len(sound)] * 0.5, -1, 1)


SOUNDS: dict[str, tuple[Callable[[Samples], Samples], str, int]] = {
    "MP3, 64 kbit/s": (lambda sound: sound, "copy.mp3", 64_000),
    "AAC, 32 kbit/s": (lambda sound: sound, "copy.m4a", 32_000),
    "without loss": (lambda sound: sound, "copy.flac", 0),
    "eight seconds from the middle": (lambda sound: sound[5 * RATE : 13 * RATE], "copy.m4a", 64_000),
    "a tenth as loud": (lambda sound: sound * 0.1, "copy.mp3", 96_000),
    "noise on top": (noisy, "copy.mp3", 96_000),
    "another melody on top": (spoken_over, "copy.m4a", 96_000),
    "three per cent faster": (SOUND_CHANGES["speed_+3"], "copy.m4a", 64_000),
    "two and a half per cent slower": (speed(0.975), "copy.m4a", 64_000),
    "five per cent faster at the same pitch": (SOUND_CHANGES["tempo_+5"], "copy.mp3", 64_000),
    "a semitone lower": (SOUND_CHANGES["pitch_-1"], "copy.m4a", 64_000),
    "after ten seconds of something else": (
        lambda sound: np.concatenate([melody(10, 5_555), sound]),
        "copy.m4a",
        64_000,
    ),
}


@pytest.mark.parametrize("how", SOUNDS)
def test_a_copied_sound_is_found(shelf: WorkIndex, pool: FingerprintPool, tmp_path: Path, how: str) -> None:
    change, name, bit_rate = SOUNDS[how]
    for number in (0, 3):
        path = write_sound(tmp_path / name, change(melody(SECONDS, number)), bit_rate)
        found = shelf.similar(pool.extract(path, media.inspect(path)))
        assert [(one.work_id, one.method) for one in found] == [(f"CZ{number}", "audio")]


def test_other_sounds_are_not_found(shelf: WorkIndex, pool: FingerprintPool, tmp_path: Path) -> None:
    for seed in range(200, 206):
        path = write_sound(tmp_path / "other.m4a", melody(SECONDS, seed), 64_000)
        assert shelf.similar(pool.extract(path, media.inspect(path))) == ()


def cropped(picture: Image.Image) -> Image.Image:
    width, height = picture.size
    return picture.crop((width // 20, height // 20, width - width // 20, height - height // 20)).resize(picture.size)


def captioned(picture: Image.Image) -> Image.Image:
    out = picture.copy()
    ImageDraw.Draw(out).rectangle((0, int(out.height * 0.86), out.width, out.height), fill=(20, 20, 20))
    return out


FILMS: dict[str, tuple[Callable[[Image.Image], Image.Image], dict[str, object]]] = {
    "coded anew, few bits": (lambda picture: picture, {"codec": "mpeg4", "bit_rate": 150_000}),
    "half as large and mirrored": (ImageOps.mirror, {"size": (160, 120)}),
    "cropped by a tenth": (cropped, {}),
    "with a caption": (captioned, {}),
    "brighter and paler": (
        lambda picture: ImageEnhance.Color(ImageEnhance.Brightness(picture).enhance(1.3)).enhance(0.5),
        {},
    ),
}


@pytest.mark.parametrize("how", FILMS)
def test_a_copied_film_is_found_by_its_pictures(
    shelf: WorkIndex, pool: FingerprintPool, tmp_path: Path, how: str
) -> None:
    change, options = FILMS[how]
    size = options.get("size", SIZE)
    for number in (1, 4):
        path = write_film(
            tmp_path / "copy.mp4",
            changed(scenes(number, SIZE), change),
            size,  # type: ignore[arg-type]
            codec=str(options.get("codec", "libx264")),
            bit_rate=int(str(options.get("bit_rate", 0))),
        )
        found = shelf.similar(pool.extract(path, media.inspect(path)))
        assert [(one.work_id, one.method) for one in found] == [(f"CZ{10 + number}", "video")], found


def test_four_seconds_of_a_film_are_found(shelf: WorkIndex, pool: FingerprintPool, tmp_path: Path) -> None:
    part = list(scenes(2, SIZE))[30:78]
    path = write_film(tmp_path / "part.mp4", iter(part), SIZE)
    found = shelf.similar(pool.extract(path, media.inspect(path)))
    assert [(one.work_id, one.method) for one in found] == [("CZ12", "video")]


def test_a_films_music_under_other_pictures_is_found(shelf: WorkIndex, pool: FingerprintPool, tmp_path: Path) -> None:
    path = write_film(tmp_path / "borrowed.mp4", scenes(77, SIZE), SIZE, melody(8, 103))
    found = shelf.similar(pool.extract(path, media.inspect(path)))
    assert [(one.work_id, one.method) for one in found] == [("CZ13", "audio")]


def test_a_still_of_a_film_is_found(shelf: WorkIndex, pool: FingerprintPool, tmp_path: Path) -> None:
    path = tmp_path / "still.jpg"
    list(scenes(5, SIZE))[40].save(path, quality=60)
    found = shelf.similar(pool.extract(path, media.inspect(path)))
    assert [(one.work_id, one.method) for one in found] == [("CZ15", "image")]


def test_other_films_are_not_found(shelf: WorkIndex, pool: FingerprintPool, tmp_path: Path) -> None:
    for seed in range(300, 303):
        path = write_film(tmp_path / "other.mp4", scenes(seed, SIZE), SIZE, melody(8, seed))
        assert shelf.similar(pool.extract(path, media.inspect(path))) == ()
