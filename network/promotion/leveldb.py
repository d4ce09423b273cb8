"""Writing a new LevelDB: its log and manifest, nothing else, which is what any LevelDB opens and goes on from.

Form: LevelDB's `log_format.md` and `impl.md`: 32 KiB blocks of records with a masked CRC-32C, write batches in the log,
a version edit in the manifest.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable
from pathlib import Path

BLOCK = 32 * 1024
_HEADER = 7
_FULL, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4
_BATCH_BYTES = 1024 * 1024


def _tables() -> list[list[int]]:
    """CRC-32C of every 16-bit word at each of four places, so that eight bytes take four steps."""
    single = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        single.append(value)

    def zero_byte(value: int) -> int:
        return value >> 8 ^ single[value & 0xFF]

    first = [zero_byte(word >> 8 ^ single[word & 0xFF]) for word in range(65536)]
    tables = [first]
    for _ in range(3):
        tables.append([zero_byte(zero_byte(value)) for value in tables[-1]])
    return [single, *tables]


class _Crc:
    """CRC-32C; the tables are made when they are first needed."""

    def __init__(self) -> None:
        self._known: list[list[int]] = []

    def masked(self, kind: int, data: bytes) -> int:
        """The stored form of the checksum of a record's kind and data."""
        if not self._known:
            self._known = _tables()
        single, t0, t1, t2, t3 = self._known
        crc = 0xFFFFFFFF
        crc = crc >> 8 ^ single[(crc ^ kind) & 0xFF]
        whole = len(data) // 8 * 8
        for (eight,) in struct.iter_unpack("<Q", data[:whole]):
            word = eight ^ crc
            crc = t3[word & 0xFFFF] ^ t2[word >> 16 & 0xFFFF] ^ t1[word >> 32 & 0xFFFF] ^ t0[word >> 48]
        for byte in data[whole:]:
            crc = crc >> 8 ^ single[(crc ^ byte) & 0xFF]
        crc ^= 0xFFFFFFFF
        return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


_CRC = _Crc()


def write_database(directory: Path, entries: Iterable[tuple[bytes, bytes]]) -> int:
    """Make a new database with these keys and values; return how many there are. FileExistsError if there is one.

    `CURRENT`, without which there is no database, is written last and only after the rest is on the disk.
    """
    directory.mkdir(parents=True, exist_ok=True)
    if (directory / "CURRENT").exists():
        raise FileExistsError(directory)
    sequence = 1
    with _Log(directory / "000002.log") as log:
        batch, count = bytearray(), 0
        for key, value in entries:
            batch += b"\x01" + varint(len(key)) + key + varint(len(value)) + value
            count += 1
            if len(batch) >= _BATCH_BYTES:
                log.add(struct.pack("<QI", sequence, count) + batch)
                sequence += count
                batch, count = bytearray(), 0
        if count:
            log.add(struct.pack("<QI", sequence, count) + batch)
            sequence += count
    comparer = b"leveldb.BytewiseComparator"
    with _Log(directory / "MANIFEST-000001") as manifest:
        # Comparer; the log's number; the next file's number; the sequence before the log's first entry.
        manifest.add(b"\x01" + varint(len(comparer)) + comparer + b"\x02\x02\x03\x03\x04\x00")
    write_synced(directory / "CURRENT", b"MANIFEST-000001\n")
    return sequence - 1


class _Log:
    """A file of records."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._place = 0

    def __enter__(self) -> _Log:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def add(self, record: bytes) -> None:
        """Append one record, in as many pieces as blocks ask for."""
        begin, first = 0, True
        while first or begin < len(record):
            room = BLOCK - self._place
            if room < _HEADER:
                self._file.write(b"\0" * room)
                self._place, room = 0, BLOCK
            piece = record[begin : begin + room - _HEADER]
            begin += len(piece)
            last = begin == len(record)
            kind = (_FULL if last else _FIRST) if first else (_LAST if last else _MIDDLE)
            self._file.write(struct.pack("<IHB", _CRC.masked(kind, piece), len(piece), kind) + piece)
            self._place += _HEADER + len(piece)
            first = False


def write_synced(path: Path, data: bytes) -> None:
    """Write a file and bring it to the disk."""
    with path.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def varint(number: int) -> bytes:
    """A number as seven bits a byte, the lowest first."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)
