"""ISCC (ISO 24138): content codes for texts and images, data and instance codes for every file, by `iscc-core`.

Audio and video content codes are left out: they need programs that a package would download at first use.
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
