"""Sounds and films made for tests, and what copiers do to them: coded anew, cut, made smaller, sped up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

RATE = 22_050
FRAMES_A_SECOND = 12

Samples = NDArray[np.float32]


def melody(seconds: float, seed: int) -> Samples:
    """Notes with overtones, some noise and changing loudness, -1…1."""
    chance = np.random.default_rng(seed)
    length = int(seconds * RATE)
    out = chance.normal(0, 0.01, length).astype(np.float32)
    at = 0
    while at < length:
        span = int(RATE * chance.choice([0.15, 0.25, 0.4, 0.6]))
        for pitch in 110 * 2 ** (chance.integers(0, 40, 2) / 12):
            time = np.arange(min(span, length - at)) / RATE
            envelope = np.exp(-time * chance.uniform(1, 4)) * chance.uniform(0.05, 0.2)
            for overtone in range(1, 5):
                out[at : at + span] += (envelope / overtone * np.sin(2 * np.pi * pitch * overtone * time)).astype("f4")
        at += span
    return np.clip(out, -1, 1)


def write_sound(path: Path, samples: Samples, bit_rate: int = 0) -> Path:
    """Code samples; the container and codec follow the name (wav, m4a, mp3, flac)."""
    codec = {"wav": "pcm_s16le", "m4a": "aac", "mp3": "libmp3lame", "flac": "flac", "ogg": "libvorbis"}[path.suffix[1:]]
    data = (samples * 32767).astype(np.int16)[None, :]
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=RATE, layout="mono")
        if bit_rate:
            stream.bit_rate = bit_rate
        _code_sound(container, stream, data)
    return path


def _code_sound(container: object, stream: object, data: NDArray[np.int16]) -> None:
    for at in range(0, data.shape[1], 1024):
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(data[:, at : at + 1024]), format="s16", layout="mono")
        frame.sample_rate, frame.pts = RATE, at
        for packet in stream.encode(frame):  # type: ignore[attr-defined]
            container.mux(packet)  # type: ignore[attr-defined]
    for packet in stream.encode():  # type: ignore[attr-defined]
        container.mux(packet)  # type: ignore[attr-defined]


def scenes(seed: int, size: tuple[int, int], seconds: float = 8.0) -> Iterator[Image.Image]:
    """Pictures of a film: a scene of coloured shapes every second, moving a little."""
    width, height = size
    per_scene = FRAMES_A_SECOND
    for scene in range(int(seconds)):
        chance = np.random.default_rng(seed * 1000 + scene)
        small = chance.integers(0, 256, (9, 12, 3), dtype=np.uint8)
        backdrop = Image.fromarray(small).resize((width + 24, height), Image.Resampling.BICUBIC)
        for number in range(per_scene):
            yield backdrop.crop((number, 0, number + width, height))


def write_film(
    path: Path,
    pictures: Iterator[Image.Image],
    size: tuple[int, int],
    sound: Samples | None = None,
    codec: str = "libx264",
    bit_rate: int = 0,
) -> Path:
    """Code pictures (and a sound)."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=FRAMES_A_SECOND)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        if bit_rate:
            stream.bit_rate = bit_rate
        heard = container.add_stream("aac", rate=RATE, layout="mono") if sound is not None else None
        for picture in pictures:
            for packet in stream.encode(av.VideoFrame.from_image(picture.resize(size))):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
        if heard is not None and sound is not None:
            _code_sound(container, heard, (sound * 32767).astype(np.int16)[None, :])
    return path


def changed(pictures: Iterator[Image.Image], change: Callable[[Image.Image], Image.Image]) -> Iterator[Image.Image]:
    """Every picture of a film changed alike."""
    for picture in pictures:
        yield change(picture)
