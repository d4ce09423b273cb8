"""The process that decodes what strangers hand in: `python -m apps.copyright.fingerprints.worker`.

One JSON line in (`{"path", "kind", "type"}`), one JSON line out (fingerprints, or `{"error", "reason"}`); with `edge`
and `stills` in the line, what people see of the file instead (`views`). The parent kills it when it takes too long;
memory is limited where the system can (POSIX). Nothing is written.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Any

MEMORY_BYTES = 3 << 30
MAX_TEXT_BYTES = 16 << 20
MAX_SCENES_ASKED = 24
"""Scenes of a film that are looked for, spread over its length; all of them are kept."""


def _packed(array: Any) -> str:
    return base64.b64encode(array.tobytes()).decode()


def _image(path: Path) -> dict[str, Any]:
    from apps.copyright.fingerprints import image, iscc

    with path.open("rb") as file:
        found = image.hashes(image.load(file))
    return {
        "width": found.width,
        "height": found.height,
        "flat": found.flat,
        "index": _packed(found.index),
        "query": _packed(found.query),
        "phash": f"{found.phash:016x}",
        "dhash": f"{found.dhash:016x}",
        "pdq": found.index[0].tobytes().hex(),
        "iscc_content": iscc.image_code(found.iscc_pixels),
    }


def _text(path: Path) -> dict[str, Any]:
    from apps.copyright import encodings
    from apps.copyright.fingerprints import iscc, text

    with path.open("rb") as file:
        words = encodings.decode(file.read(MAX_TEXT_BYTES))
    found = text.fingerprint(words)
    answer: dict[str, Any] = {"characters": len(words), "iscc_content": iscc.text_code(words)}
    if found is not None:
        answer |= {"grams": found.grams, "minhash": _packed(found.minhash), "sample": _packed(found.sample)}
    return answer


def _moving(path: Path) -> dict[str, Any]:
    """Sound or video: what its streams hold decides."""
    import numpy as np

    from apps.copyright.fingerprints import audio, decode, image, iscc

    seconds, width, height, has_video, has_sound = decode.probe(path)
    if not has_video and not has_sound:
        raise decode.UndecodableMedia("no sound and no pictures")
    answer: dict[str, Any] = {"duration": seconds, "width": width, "height": height, "video": has_video}
    if has_sound:
        heard = decode.sound(path)
        answer["landmarks"] = _packed(audio.landmarks(heard.samples))
        answer["undone"] = [_packed(one) for one in audio.undone(heard.samples)]
        answer["iscc_content"] = "" if has_video else iscc.audio_code(heard.chroma)
    if has_video:
        shown = decode.pictures(path)
        if not shown.scenes:
            raise decode.UndecodableMedia("no picture can be decoded")
        answer["iscc_content"] = iscc.video_code(shown.signatures)
        found = [(second, image.hashes(picture)) for second, picture in shown.scenes]
        kept = [(second, one) for second, one in found if not one.flat] or found[:1]
        asked = [kept[place][1] for place in np.unique(np.linspace(0, len(kept) - 1, MAX_SCENES_ASKED).astype(int))]
        answer["scenes"] = [round(second, 2) for second, _ in kept]
        answer["index"] = _packed(np.concatenate([one.index for _, one in kept]))
        answer["query"] = _packed(np.concatenate([one.query for one in asked]))
    return answer


def extract(path: Path, kind: str, media_type: str = "") -> dict[str, Any]:
    """Every fingerprint of one file; raises ValueError for what cannot be decoded."""
    from apps.copyright.fingerprints import iscc, provenance

    answer: dict[str, Any] = {}
    if kind == "image":
        answer = _image(path)
    elif kind == "text":
        answer = _text(path)
    elif kind in ("audio", "video"):
        answer = _moving(path)
    answer["iscc"] = iscc.composite(path, answer.pop("iscc_content", ""))
    if kind in ("image", "audio", "video", "document") and media_type:
        answer["credentials"] = provenance.summarise(path, media_type)
    return answer


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    path, kind = Path(request["path"]), request["kind"]
    if "edge" in request:
        from apps.copyright.fingerprints import views

        return views.view(path, kind, request["edge"], request.get("stills", 0))
    return extract(path, kind, request.get("type", ""))


def _limit() -> None:
    if sys.platform == "win32":
        return
    import resource

    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError):
        os.nice(5)


def main() -> None:
    _limit()
    answers = os.fdopen(os.dup(1), "w", encoding="ascii", buffering=1)
    # What decoders print must not mix with the answers. PyAV's level of messages is left alone: once it is set, every
    # thread of a decoder waits for the interpreter's lock, and now and then a film never ends.
    os.dup2(2, 1)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = _answer(request)
        except MemoryError:
            answer = {"error": "memory", "reason": "decoding needs too much memory"}
        except Exception as error:  # whatever a hostile file makes a decoder raise
            reason = f"{error}".replace(str(Path(request["path"]).parent), "").strip() or type(error).__name__
            answer = {"error": "undecodable", "reason": reason[:300]}
        answers.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
