"""The files of Fabric that are written: LevelDB and block files, read back by readers of the tests' own."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from fabric_protos.common.common_pb2 import Block

from network.promotion import block_files, leveldb
from network.promotion.private_data import ordered_number


def crc32c(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def read_varint(data: bytes, place: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = data[place]
        number |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return number, place


def records(path: Path) -> Iterator[bytes]:
    """The records of a LevelDB log, checksums checked bit by bit."""
    data, place, record = path.read_bytes(), 0, b""
    while place < len(data):
        if leveldb.BLOCK - place % leveldb.BLOCK < 7:
            place += leveldb.BLOCK - place % leveldb.BLOCK
            continue
        stored, size, kind = struct.unpack_from("<IHB", data, place)
        piece = data[place + 7 : place + 7 + size]
        real = crc32c(bytes([kind]) + piece)
        assert stored == (((real >> 15 | real << 17) & 0xFFFFFFFF) + 0xA282EAD8) & 0xFFFFFFFF
        record += piece
        place += 7 + size
        if kind in (1, 4):
            yield record
            record = b""


def entries(folder: Path) -> list[tuple[bytes, bytes]]:
    found = []
    expected = 1
    for record in records(folder / "000002.log"):
        sequence, count = struct.unpack_from("<QI", record)
        assert sequence == expected
        expected += count
        place = 12
        for _ in range(count):
            assert record[place] == 1
            size, place = read_varint(record, place + 1)
            key, place = record[place : place + size], place + size
            size, place = read_varint(record, place)
            found.append((key, record[place : place + size]))
            place += size
        assert place == len(record)
    return found


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    wanted = [(b"a", b""), (b"b\0c", b"x" * 40_000), *((b"k%d" % i, bytes([i % 256]) * (i % 700)) for i in range(300))]
    assert leveldb.write_database(tmp_path / "db", iter(wanted)) == len(wanted)
    assert entries(tmp_path / "db") == wanted
    assert (tmp_path / "db" / "CURRENT").read_bytes() == b"MANIFEST-000001\n"
    [edit] = records(tmp_path / "db" / "MANIFEST-000001")
    assert edit.startswith(b"\x01\x1aleveldb.BytewiseComparator")
    with pytest.raises(FileExistsError):
        leveldb.write_database(tmp_path / "db", iter(wanted))


def test_records_end_at_every_place_of_a_block(tmp_path: Path) -> None:
    """Where less than a header fits into a block, it is filled up."""
    for room in range(9):
        size = leveldb.BLOCK - 7 - 12 - 5 - room  # header, batch, key and lengths
        wanted = [(b"k", b"v" * size)]
        folder = tmp_path / str(room)
        with leveldb._Log(tmp_path / f"{room}.log") as log:
            log.add(b"r" * (leveldb.BLOCK - 7 - room))
            log.add(b"second")
        assert list(records(tmp_path / f"{room}.log")) == [b"r" * (leveldb.BLOCK - 7 - room), b"second"]
        leveldb.write_database(folder, iter(wanted))
        assert entries(folder) == wanted


def test_numbers_sort_as_their_bytes_do() -> None:
    numbers = [0, 1, 2, 255, 256, 257, 65535, 65536, 1 << 40]
    assert sorted(map(ordered_number, numbers)) == [ordered_number(n) for n in numbers]
    assert ordered_number(0) == b"\0"
    assert ordered_number(300) == b"\x02\x01\x2c"


def test_a_block_in_the_form_of_block_files() -> None:
    block = Block()
    block.header.number, block.header.data_hash, block.header.previous_hash = 300, b"d" * 32, b"p" * 32
    block.data.data.extend([b"one", b"two" * 100])
    block.metadata.metadata.extend([b"signatures", b"config", b"\0\x0b", b"", b"commit"])
    data = block_files.serialized(block_files.as_ordered(block))
    number, place = read_varint(data, 0)
    assert number == 300
    parts = []

    def take() -> bytes:
        nonlocal place
        size, place = read_varint(data, place)
        place += size
        return data[place - size : place]

    assert (take(), take()) == (b"d" * 32, b"p" * 32)
    for _ in range(2):
        count, place = read_varint(data, place)
        parts.append([take() for _ in range(count)])
    assert place == len(data)
    assert parts == [[b"one", b"two" * 100], [b"signatures", b"config", b"", b"", b""]]
