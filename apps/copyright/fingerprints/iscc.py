"""ISCC (ISO 24138): content codes for texts, images, sounds and videos, data and instance codes for every file.

`iscc-core` makes the codes; what goes into those of sounds and videos is computed here (`chroma`, `mpeg7`), so that no
program is downloaded or needed.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

_MAX_TEXT = 1_000_000


def text_code(text: str) -> str:
    """The Text-Code (64 bits) of a text, "" for an empty one."""
    import iscc_core

    return str(iscc_core.gen_text_code(text[:_MAX_TEXT])["iscc"]) if text.strip() else ""


def image_code(pixels: Sequence[int]) -> str:
    """The Image-Code (64 bits) of 32 × 32 gray pixels."""
    import iscc_core

    return str(iscc_core.gen_image_code(list(pixels))["iscc"])


def audio_code(chroma: Sequence[int]) -> str:
    """The Audio-Code (64 bits) of Chromaprint's numbers, "" for too short a sound."""
    import iscc_core

    return str(iscc_core.gen_audio_code(list(chroma))["iscc"]) if chroma else ""


def video_code(signatures: Sequence[tuple[int, ...]]) -> str:
    """The Video-Code (64 bits) of MPEG-7 frame signatures, "" if there are none."""
    import iscc_core

    return str(iscc_core.gen_video_code(list(signatures))["iscc"]) if signatures else ""


def composite(path: Path, content: str, data_bytes: int) -> str:
    """The ISCC-CODE of a file: content code if any, data code (of files up to `data_bytes`), instance code.

    A larger file has its first `data_bytes` in the data code: hashing gigabytes in Python would take minutes. "" when
    ISCC is not installed.
    """
    import iscc_core

    with path.open("rb") as file:
        head = file.read(data_bytes)
        data = str(iscc_core.gen_data_code(io.BytesIO(head))["iscc"])
        file.seek(0)
        instance = str(iscc_core.gen_instance_code(file)["iscc"])
    codes = [code for code in (content, data, instance) if code]
    return str(iscc_core.gen_iscc_code(codes)["iscc"])
