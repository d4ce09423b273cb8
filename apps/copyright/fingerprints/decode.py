"""Decoding sound and moving pictures with PyAV (FFmpeg inside its wheel), in bounded amounts.

Runs inside the worker process only.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from apps.copyright.fingerprints.audio import MAX_SECONDS, RATE
from apps.copyright.fingerprints.chroma import RATE as CHROMA_RATE
from apps.copyright.fingerprints.chroma import ChromaStream
from apps.copyright.fingerprints.mpeg7 import GRID, frame_signature

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

MAX_SCENES = 240
MAX_FRAMES_LOOKED_AT = 6000
MAX_SIGNED_PIXELS = 6_000_000_000
SIGNING_SECONDS = 40.0
"""Longer or larger videos (100 s of 1080p, ten minutes of 480p), and what takes longer than this to decode, have no
Video-Code: a code of a part would be another film's."""
MAX_CHROMA_SECONDS = 4 * 3600
_SCENE_STEP = 0.08
_SIDE = 320
_LUMA_FIRST = frozenset(
    (*(f"yuv{j}{kind}p" for j in ("", "j") for kind in (410, 411, 420, 422, 440, 444)), "gray", "nv12", "nv21")
)


class UndecodableMedia(ValueError):
    """Sound or pictures cannot be decoded; the message is FFmpeg's."""


def probe(path: Path) -> tuple[float, int, int, bool, bool]:
    """Seconds, width, height, has pictures, has sound."""
    with opened(path) as container:
        video = next(iter(container.streams.video), None)
        sound = next(iter(container.streams.audio), None)
        seconds = float(container.duration or 0) / 1_000_000
        cover = video is not None and bool(video.disposition & 1024)  # an attached picture is no video
        has_video = video is not None and not cover
        width = int(video.codec_context.width) if video is not None and has_video else 0
        height = int(video.codec_context.height) if video is not None and has_video else 0
        return seconds, width, height, has_video, sound is not None


def opened(path: Path) -> Any:
    """A file's container, to be used as a context; `UndecodableMedia` for what is none."""
    import av

    # since 19 PyAV reads tags that are no UTF-8 by itself; before, it had to be told
    tags = {"metadata_errors": "replace"} if int(av.__version__.split(".")[0]) < 19 else {}
    try:
        return av.open(str(path), **tags)
    except (av.FFmpegError, ValueError, OSError) as error:
        raise UndecodableMedia(f"{type(error).__name__}: {error}"[:200].replace(str(path), path.name)) from error


@dataclass(frozen=True)
class Sound:
    """What one pass over a sound track gives: mono samples at 8 kHz (the first half hour) and Chromaprint's numbers."""

    samples: NDArray[np.float32]
    chroma: list[int]


def sound(path: Path) -> Sound:
    """Decode a sound track once; what is damaged in the middle ends it there."""
    import av

    parts: list[NDArray[np.float32]] = []
    chroma = ChromaStream()
    wanted = MAX_SECONDS * RATE
    have = heard = 0
    with opened(path) as container:
        stream = container.streams.audio[0]
        plain = av.AudioResampler(format="flt", layout="mono", rate=RATE)
        scaled = av.AudioResampler(format="s16", layout="mono", rate=CHROMA_RATE)
        try:
            for frame in itertools.chain(container.decode(stream), (None,)):
                if frame is not None:
                    frame.pts = None
                if have < wanted:
                    for piece in plain.resample(frame):
                        samples = piece.to_ndarray().reshape(-1).astype(np.float32)
                        parts.append(samples)
                        have += len(samples)
                for piece in scaled.resample(frame):
                    chroma.feed(piece.to_ndarray().reshape(-1))
                    heard += piece.samples
                if heard >= MAX_CHROMA_SECONDS * CHROMA_RATE:
                    break
        except (av.FFmpegError, ValueError) as error:
            if not parts:
                raise UndecodableMedia(f"{type(error).__name__}: {error}"[:200]) from error
    samples = np.concatenate(parts)[:wanted] if parts else np.empty(0, dtype=np.float32)
    return Sound(samples, chroma.fingerprint() if heard < MAX_CHROMA_SECONDS * CHROMA_RATE else [])


@dataclass
class Pictures:
    """What is kept of a film: MPEG-7 signatures of five pictures a second (none for what is too much to decode), and
    the pictures (second, luma) where a scene begins."""

    signatures: list[tuple[int, ...]] = field(default_factory=list)
    scenes: list[tuple[float, Picture]] = field(default_factory=list)
    _before: NDArray[np.float32] | None = None

    def look(self, second: float, luma: NDArray[np.uint8]) -> None:
        """Keep a picture that differs from the one kept before."""
        from PIL import Image

        if len(self.scenes) >= MAX_SCENES:
            return
        picture = Image.fromarray(luma)
        small = np.asarray(picture.resize((16, 16), Image.Resampling.BOX), np.float32) / np.float32(255)
        if self._before is None or float(np.abs(small - self._before).mean()) > _SCENE_STEP:
            picture.thumbnail((_SIDE, _SIDE), Image.Resampling.BOX)
            self.scenes.append((second, picture))
            self._before = small


def pictures(path: Path) -> Pictures:
    """Look at a film: at all of it, five pictures a second, if it is not too much; else at its key frames."""
    found = Pictures()
    if not _sampled(path, found):
        found = Pictures(scenes=found.scenes) if len(found.scenes) >= MAX_SCENES else _key_frames(path)
    return found


def _sampled(path: Path, found: Pictures) -> bool:
    """Look at five pictures a second; False if the film is too much or cannot be read to its end."""
    import av
    from av.filter import Graph

    left, until = MAX_SIGNED_PIXELS, time.monotonic() + SIGNING_SECONDS
    with opened(path) as container:
        stream = container.streams.video[0]
        width, height = stream.codec_context.width, stream.codec_context.height
        said = float(container.duration or 0) / 1_000_000 * float(stream.average_rate or 25) * width * height
        if said > left:
            return False
        stream.thread_type = "AUTO"
        graph = Graph()
        source, sink = graph.add_buffer(template=stream), graph.add("buffersink")
        rate = graph.add("fps", "5")
        source.link_to(rate)
        rate.link_to(sink)
        graph.configure()
        try:
            for frame in itertools.chain(container.decode(stream), (None,)):
                if frame is not None:
                    left -= frame.width * frame.height
                    if left < 0 or time.monotonic() > until or (frame.width, frame.height) != (width, height):
                        return False  # it lied about its length, or changes its size on the way
                graph.push(frame)
                for second, luma in _pulled(graph):
                    if min(width, height) >= GRID:
                        found.signatures.append(frame_signature(luma))
                    found.look(second, luma)
        except (av.FFmpegError, ValueError):
            return False
    return True


def _pulled(graph: Any) -> Iterator[tuple[float, NDArray[np.uint8]]]:
    """Second and luma of every picture that is ready."""
    import av

    while True:
        try:
            frame = graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return
        yield float(frame.time or 0.0), _luma(frame)


def _luma(frame: Any) -> NDArray[np.uint8]:
    if frame.format.name not in _LUMA_FIRST:
        frame = frame.reformat(format="yuv420p")
    plane = frame.planes[0]
    return np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: frame.height, : frame.width]


def _key_frames(path: Path) -> Pictures:
    """Look at key frames only; other frames are not decoded."""
    import av

    found = Pictures()
    with opened(path) as container:
        stream = container.streams.video[0]
        stream.codec_context.skip_frame = "NONKEY"
        stream.thread_type = "AUTO"
        try:
            for number, frame in enumerate(container.decode(stream)):
                found.look(float(frame.time or 0.0), _luma(frame))
                if number >= MAX_FRAMES_LOOKED_AT or len(found.scenes) >= MAX_SCENES:
                    break
        except (av.FFmpegError, ValueError) as error:
            if not found.scenes:
                raise UndecodableMedia(f"{type(error).__name__}: {error}"[:200]) from error
    return found
