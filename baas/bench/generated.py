"""Deterministic bytes for benchmarks and fixed vectors: SHAKE-256 of "citychain" and a counter, 1 MiB at a time."""

from __future__ import annotations

import hashlib
import io


class Generated(io.RawIOBase):
    """`size` deterministic bytes as a stream that never holds more than a piece."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._left = size
        self._number = 0
        self._piece = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        parts = []
        while size and (self._piece or self._left):
            if not self._piece:
                length = min(self._left, 1 << 20)
                self._piece = hashlib.shake_256(b"citychain" + self._number.to_bytes(8, "big")).digest(length)
                self._left -= length
                self._number += 1
            part = self._piece if size < 0 else self._piece[:size]
            self._piece = self._piece[len(part) :]
            parts.append(part)
            size = size - len(part) if size > 0 else size
        return b"".join(parts)


def generated(size: int) -> bytes:
    return Generated(size).read()
