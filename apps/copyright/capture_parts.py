"""The parts of a captured page, out of its archive: whoever made it, each is checked before anything is written."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
import zlib
from pathlib import Path

from baas.errors import Text, UserError

MOST_PARTS, MOST_UNPACKED = 100, 300 << 20
_PART = re.compile(r"(?:images/)?[A-Za-z0-9_-]+(?:\.[A-Za-z0-9]+)?")
_DEVICE = re.compile(r"(?:^|/)(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)", re.IGNORECASE)


def unpack(archive: bytes, folder: Path) -> list[str]:
    """Write a capture's parts into a folder, each checked against its manifest; their names.

    `UserError` for an archive that is none of ours or of which a part was changed; then nothing is written.
    """
    bad = UserError(Text("取证包已损坏或被改动。", "The capture is damaged or was changed."), code="capture_damaged")
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as file:
            sizes = [one.file_size for one in file.infolist()]
            if len(sizes) > MOST_PARTS or sum(sizes) > MOST_UNPACKED:
                raise bad
            parts = {one.filename: file.read(one) for one in file.infolist()}
        hashes = json.loads(parts["manifest.json"])["sha256"]
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, OSError, RuntimeError, EOFError, zlib.error) as error:
        raise bad from error  # RuntimeError: nested without end, encrypted, a method that nobody has
    named = set(parts) - {"manifest.json", "manifest.tst"}
    if not isinstance(hashes, dict) or named != set(hashes):
        raise bad
    if any(hashlib.sha256(parts[one]).hexdigest() != hashes[one] for one in named):
        raise bad
    if not all(_PART.fullmatch(one) for one in parts) or "images" in parts:
        raise bad
    if len({one.casefold() for one in parts}) != len(parts) or any(_DEVICE.search(one) for one in parts):
        raise bad
    for name, body in sorted(parts.items()):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(body)
    return sorted(parts)
