"""Decoding sound and moving pictures with PyAV (FFmpeg inside its wheel), in bounded amounts.

Runs inside the worker process only.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from apps.copyright.fingerprints.audio import MAX_SECONDS, RATE

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

MAX_KEYFRAMES = 240
MAX_FRAMES_LOOKED_AT = 6000
_SCENE_STEP = 0.08


class UndecodableMedia(ValueError):
    """Sound or pictures cannot be decoded; the message is FFmpeg's."""


def probe(path: Path) -> tuple[float, int, int, bool, bool]:
    """Seconds, width, height, has pictures, has sound."""
    with _opened(path) as container:
        video = next(iter(container.streams.video), None)
        sound = next(iter(container.streams.audio), None)
        seconds = float(container.duration or 0) / 1_000_000
        cover = video is not None and bool(video.disposition & 1024)  # an attached picture is no video
        has_video = video is not None and not cover
        width = int(video.codec_context.width) if video is not None and has_video else 0
        height = int(video.codec_context.height) if video is not None and has_video else 0
        return seconds, width, height, has_video, sound is not None


def _opened(path: Path) -> Any:
    import av

    try:
        return av.open(str(path), metadata_errors="replace")
    except (av.FFmpegError, ValueError, OSError) as error:
        raise UndecodableMedia(f"{type(error).__name__}: {error}"[:200].replace(str(path), path.name)) from error


def sound(path: Path) -> NDArray[np.float32]:
    """Mono samples at 8 kHz, the first half hour."""
    import av

    parts: list[NDArray[np.float32]] = []
    wanted = MAX_SECONDS * RATE
    have = errors = 0
    with _opened(path) as container:
        stream = container.streams.audio[0]
        resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
        try:
            for frame in container.decode(stream):
                frame.pts = None
                for piece in resampler.resample(frame):
                    samples = piece.to_ndarray().reshape(-1).astype(np.float32)
                    parts.append(samples)
                    have += len(samples)
                if have >= wanted:
                    break
        except av.FFmpegError as error:
            errors += 1
            if not parts:
                raise UndecodableMedia(f"{type(error).__name__}: {error}"[:200]) from error
    return np.concatenate(parts)[:wanted] if parts else np.empty(0, dtype=np.float32)


def scene_frames(path: Path) -> list[tuple[float, Picture]]:
    """(second, picture) where the picture changes: key frames that differ from the one kept before."""
    import av
    from PIL import Image

    kept: list[tuple[float, Picture]] = []
    before: NDArray[np.floating[Any]] | None = None
    looked_at = 0
    with _opened(path) as container:
        stream = container.streams.video[0]
        stream.codec_context.skip_frame = "NONKEY"
        stream.thread_type = "AUTO"
        try:
            for frame in container.decode(stream):
                looked_at += 1
                picture = frame.to_image(
                    width=320, height=max(2, round(320 * frame.height / max(1, frame.width) / 2) * 2)
                )
                small = np.asarray(picture.convert("L").resize((16, 16), Image.Resampling.BOX), np.float32) / 255
                if before is None or float(np.abs(small - before).mean()) > _SCENE_STEP:
                    kept.append((float(frame.time or 0.0), picture))
                    before = small
                if len(kept) >= MAX_KEYFRAMES or looked_at >= MAX_FRAMES_LOOKED_AT:
                    break
        except av.FFmpegError as error:
            if not kept:
                raise UndecodableMedia(f"{type(error).__name__}: {error}"[:200]) from error
    return kept
