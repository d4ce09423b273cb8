"""ISCC (ISO 24138): content codes for texts, images, sounds and videos, data and instance codes for every file.

`iscc-core` makes the codes; what goes into those of sounds and videos is computed here (`chroma`, `mpeg7`), so that no
program is downloaded or needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from apps.copyright.fingerprints.data_code import data_code

_MAX_TEXT = 1_000_000
MAX_DATA_BYTES = 512 << 20
"""Of larger files the first half gigabyte, some ten seconds of one processor."""


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


def composite(path: Path, content: str) -> str:
    """The ISCC-CODE of a file: content code if any, data code (of files up to `MAX_DATA_BYTES`), instance code.

    A larger file has a data code of its first part only; its content and instance codes are those of the whole.
    """
    import iscc_core

    with path.open("rb") as file:
        data = data_code(_Head(file, MAX_DATA_BYTES))
        file.seek(0)
        instance = str(iscc_core.gen_instance_code(file)["iscc"])
    codes = [code for code in (content, data, instance) if code]
    return str(iscc_core.gen_iscc_code(codes)["iscc"])


class _Head:
    """The first bytes of a stream."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self._stream, self._left = stream, size

    def read(self, size: int) -> bytes:
        """Up to `size` bytes, none behind the end."""
        piece = self._stream.read(min(size, self._left))
        self._left -= len(piece)
        return piece
