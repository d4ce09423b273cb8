"""Writing the one form of zip that `container` takes."""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Iterable
from typing import BinaryIO

from fabric_sdk.proof.container import directory_head, local_head

MAX_SIZE = 4_000_000_000
"""A zip without 64-bit extensions."""
_END = 0x06054B50


class CanonicalZip:
    """Stored parts, no extra fields, nothing in between. OverflowError beyond 4 GB."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._offset = 0
        self._entries: list[tuple[bytes, int, int, int]] = []

    def add(self, name: str, pieces: Iterable[bytes]) -> str:
        """Write a part and return its SHA-256 in hex."""
        raw = name.encode()
        self._file.write(local_head(raw, 0, 0))
        digest, crc, size = hashlib.sha256(), 0, 0
        for piece in pieces:
            digest.update(piece)
            crc = zlib.crc32(piece, crc)
            size += len(piece)
            if self._offset + size > MAX_SIZE:
                raise OverflowError("the package would pass 4 GB")
            self._file.write(piece)
        self._file.seek(self._offset)
        self._file.write(local_head(raw, crc, size))
        self._file.seek(0, os.SEEK_END)
        self._entries.append((raw, crc, size, self._offset))
        self._offset += 30 + len(raw) + size
        return digest.hexdigest()

    def finish(self) -> int:
        """Write the directory; returns the size of the whole file in bytes."""
        start = self._offset
        directory = b"".join(directory_head(len(r), crc, size, at) + r for r, crc, size, at in self._entries)
        self._file.write(directory)
        count = len(self._entries)
        end = _END.to_bytes(4, "little") + bytes(4) + count.to_bytes(2, "little") * 2
        end += len(directory).to_bytes(4, "little") + start.to_bytes(4, "little") + bytes(2)
        self._file.write(end)
        return start + len(directory) + len(end)
