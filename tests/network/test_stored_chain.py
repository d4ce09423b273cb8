"""Chains read from a node's files of blocks: whole, cut, changed, spread over several files."""

from __future__ import annotations

from pathlib import Path

import pytest
from fabric_protos.common.common_pb2 import Block, BlockData, BlockHeader, BlockMetadata, BlockMetadataIndex, Metadata

from fabric_sdk.blocks.hashing import data_hash, header_hash
from network.native.stored_chain import BadChain, StoredChain, chain_end, chain_folders
from network.promotion.block_files import serialized
from network.promotion.leveldb import varint


def chain(count: int) -> list[Block]:
    blocks: list[Block] = []
    for number in range(count):
        data = BlockData(data=[b"envelope %d" % number, b"x" * 300])
        previous = header_hash(blocks[-1].header) if blocks else b""
        metadata = BlockMetadata(metadata=[b""] * (BlockMetadataIndex.COMMIT_HASH + 1))
        metadata.metadata[BlockMetadataIndex.COMMIT_HASH] = Metadata(value=b"%032d" % number).SerializeToString()
        header = BlockHeader(number=number, previous_hash=previous, data_hash=data_hash(data))
        blocks.append(Block(header=header, data=data, metadata=metadata))
    return blocks


def record(block: Block) -> bytes:
    content = serialized(block)
    return varint(len(content)) + content


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A peer's folder of a chain of seven blocks in two files."""
    place = tmp_path / "ledgersData" / "chains" / "chains" / "citychannel"
    place.mkdir(parents=True)
    blocks = chain(7)
    (place / "blockfile_000000").write_bytes(b"".join(map(record, blocks[:4])))
    (place / "blockfile_000001").write_bytes(b"".join(map(record, blocks[4:])))
    return place


def walk(folder: Path) -> StoredChain:
    found = StoredChain()
    for path in sorted(folder.glob("blockfile_*")):
        found.take(path)
    return found


def test_where_it_ends(folder: Path, tmp_path: Path) -> None:
    end = walk(folder).end
    assert end is not None and end.height == 7
    assert end.block_hash == header_hash(chain(7)[-1].header).hex() and bytes.fromhex(end.commit_hash) == b"%032d" % 6
    assert chain_end(folder, {}) == end
    assert list(chain_folders(tmp_path)) == [("citychannel", folder)]


def test_what_a_crash_left_of_a_block_is_none(folder: Path) -> None:
    whole = len(b"".join(map(record, chain(7)[4:6])))
    for more in (0, 1, 40, len(record(chain(7)[6])) - 1):
        end = chain_end(folder, {"blockfile_000001": whole + more})
        assert end is not None and end.height == 6
    end = chain_end(folder, {"blockfile_000001": 3})  # its first block is not whole either
    assert end is not None and end.height == 4


@pytest.mark.parametrize("place", [30, 60, 500])
def test_a_changed_byte_is_found(folder: Path, place: int) -> None:
    for path in folder.iterdir():
        content = bytearray(path.read_bytes())
        content[place] ^= 1
        path.write_bytes(content)
        with pytest.raises(BadChain):
            walk(folder)
        content[place] ^= 1
        path.write_bytes(content)
    assert walk(folder).end is not None


def test_files_that_do_not_follow_are_refused(folder: Path) -> None:
    first, second = sorted(folder.iterdir())
    other = chain(8)
    other[4].data.data[0] = b"another"
    other[4].header.data_hash = data_hash(other[4].data)
    second.write_bytes(b"".join(map(record, other[5:])))
    with pytest.raises(BadChain):
        walk(folder)
    second.write_bytes(b"".join(map(record, chain(7)[4:])))
    first.write_bytes(first.read_bytes()[:-1])
    with pytest.raises(BadChain):
        walk(folder)
