"""What people see of a stored file: a small picture, stills of a film, the outline of a sound. Inside the worker only.

What a stranger handed in is decoded here, where it costs a bounded time and memory; what leaves the process are JPEG
pictures that were made here, and numbers.
"""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image

QUALITY = 88
MOST_STILLS = 24
PEAKS = 480
"""Steps of a sound's outline."""


def view(path: Path, kind: str, edge: int, stills: int = 0) -> dict[str, Any]:
    """`{"pictures": [base64 JPEG, …], "seconds": [float, …], "peaks": [0…255, …], "duration": float}` of a file.

    A picture's longer side is at most `edge` pixels. Of a film there are `stills` of them, spread over its length, or
    its first one; of a sound there is no picture but its outline. Raises ValueError for what cannot be decoded.
    """
    if kind == "image":
        return {"pictures": [_packed(_image(path, edge), edge)]}
    if kind == "audio":
        return _outline(path)
    return _stills(path, edge, max(1, min(stills, MOST_STILLS)))


def _packed(picture: Image, edge: int) -> str:
    from PIL import Image

    picture.thumbnail((edge, edge), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    (picture if picture.mode in ("L", "RGB") else picture.convert("RGB")).save(out, "JPEG", quality=QUALITY)
    return base64.b64encode(out.getvalue()).decode()


def _image(path: Path, edge: int) -> Image:
    from apps.copyright.fingerprints import image

    with path.open("rb") as file:
        return image.load(file, at_least=edge)


def _stills(path: Path, edge: int, wanted: int) -> dict[str, Any]:
    """Pictures of a film at equal distances, each the key frame before its place."""
    import av

    from apps.copyright.fingerprints import decode

    found: dict[str, Any] = {"pictures": [], "seconds": []}
    with decode.opened(path) as container:
        stream = next(iter(container.streams.video), None)
        if stream is None:
            raise decode.UndecodableMedia("no pictures")
        duration = found["duration"] = float(container.duration or 0) / 1_000_000
        stream.thread_type = "AUTO"
        for number in range(wanted):
            at = duration * number / wanted
            try:
                if number:
                    container.seek(int(at * 1_000_000), backward=True)
                frame = next(iter(container.decode(stream)))
            except (av.FFmpegError, ValueError, StopIteration) as error:
                if found["pictures"]:
                    break
                raise decode.UndecodableMedia(f"{type(error).__name__}: {error}"[:200]) from error
            second = round(float(frame.time or 0.0), 2)
            if second not in found["seconds"]:
                found["pictures"].append(_packed(frame.to_image(), edge))
                found["seconds"].append(second)
    return found


def _outline(path: Path) -> dict[str, Any]:
    """The loudest sample of each of `PEAKS` equal steps, of the loudest of all."""
    import numpy as np

    from apps.copyright.fingerprints import decode
    from apps.copyright.fingerprints.audio import RATE

    samples = np.abs(decode.sound(path).samples)
    if not len(samples):
        raise decode.UndecodableMedia("no sound")
    parts = np.array_split(samples, min(PEAKS, len(samples)))
    peaks = np.array([float(part.max()) for part in parts])
    scaled = peaks / max(float(peaks.max()), 1e-6) * 255
    return {"peaks": [int(one) for one in scaled], "duration": len(samples) / RATE}
