"""The one form of zip that a package has: stored parts one behind the other, nothing between them, fixed times.

The same facts give the same bytes, and a byte that is not accounted for is found.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from fabric_sdk.proof.wire import Broken

MAX_PARTS = 10_000
MAX_PART_IN_MEMORY = 16 << 20
STEP = 1 << 20
DOS_TIME, DOS_DATE = 0, 0x21  # 1980-01-01 00:00:00, the same in every package


class NoPackage(Exception):
    """Not a package at all."""


class Package:
    """The parts of a package by name: (offset, size, CRC). Nothing is unpacked and nothing is kept in memory."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        stream.seek(0, 2)
        self.size = stream.tell()
        self.parts: dict[str, tuple[int, int, int]] = {}
        self._directory()

    def _directory(self) -> None:
        self.stream.seek(max(0, self.size - 22))
        tail = self.stream.read(22)
        if len(tail) < 22 or tail[:4] != b"PK\x05\x06":
            raise NoPackage("no zip")
        _, disk, cd_disk, here, total, cd_size, cd_start, comment = struct.unpack("<IHHHHIIH", tail)
        if disk or cd_disk or comment or here != total or total > MAX_PARTS or cd_start + cd_size + 22 != self.size:
            raise Broken("container-damaged", "container")
        self.stream.seek(cd_start)
        directory = self.stream.read(cd_size)
        at = expected = 0
        for _ in range(total):
            head = directory[at : at + 46]
            if len(head) != 46 or head[:4] != b"PK\x01\x02":
                raise Broken("container-damaged", "container")
            crc, _, size, length = struct.unpack("<IIIH", head[16:30])
            offset = struct.unpack("<I", head[42:46])[0]
            name_bytes = directory[at + 46 : at + 46 + length]
            if head != directory_head(len(name_bytes), crc, size, offset) or offset != expected:
                raise Broken("container-damaged", "container")
            try:
                name = name_bytes.decode("utf-8")
            except UnicodeDecodeError:
                raise Broken("container-damaged", "container") from None
            if not name or name in self.parts or name[0] == "/" or ".." in name.split("/") or "\\" in name:
                raise Broken("container-damaged", "container")
            start = offset + 30 + length
            self.stream.seek(offset)
            if self.stream.read(30 + length) != local_head(name_bytes, crc, size) or start + size > cd_start:
                raise Broken("container-damaged", name)
            self.parts[name] = (start, size, crc)
            expected = start + size
            at += 46 + length
        if at != cd_size or expected != cd_start:
            raise Broken("container-damaged", "container")

    def chunks(self, name: str, step: int = STEP) -> Iterator[bytes]:
        """A part's bytes piece by piece."""
        start, size, _ = self.parts[name]
        done = 0
        while done < size:
            self.stream.seek(start + done)
            piece = self.stream.read(min(step, size - done))
            if not piece:
                raise Broken("container-damaged", name)
            done += len(piece)
            yield piece

    def read(self, name: str, limit: int = MAX_PART_IN_MEMORY) -> bytes:
        """A part's bytes."""
        if name not in self.parts:
            raise Broken("part-missing", name)
        if self.parts[name][1] > limit:
            raise Broken("part-too-large", name)
        return b"".join(self.chunks(name))

    def digest(self, name: str) -> str:
        """A part's SHA-256; Broken if its bytes do not have their checksum."""
        digest, crc = hashlib.sha256(), 0
        for piece in self.chunks(name):
            digest.update(piece)
            crc = zlib.crc32(piece, crc)
        if crc != self.parts[name][2]:
            raise Broken("part-changed", name)
        return digest.hexdigest()

    def named(self, folder: str) -> Iterator[tuple[str, str]]:
        """Parts of a folder as (name within it, whole name), in order."""
        for name in sorted(self.parts):
            if name.startswith(folder):
                yield name[len(folder) :], name


def local_head(name: bytes, crc: int, size: int) -> bytes:
    """The canonical header before a part: stored, UTF-8 name, fixed time."""
    values = (0x04034B50, 20, 0x800, 0, DOS_TIME, DOS_DATE, crc, size, size, len(name), 0)
    return struct.pack("<IHHHHHIIIHH", *values) + name


def directory_head(name_length: int, crc: int, size: int, offset: int) -> bytes:
    """The canonical directory entry of a part, without its name."""
    values = (0x02014B50, 20, 20, 0x800, 0, DOS_TIME, DOS_DATE, crc, size, size, name_length, 0, 0, 0, 0, 0, offset)
    return struct.pack("<IHHHHHHIIIHHHHHII", *values)
