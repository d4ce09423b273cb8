"""A channel's blocks as an orderer of Fabric keeps them: files of blocks, from which it makes its own index.

Form: Fabric's common/ledger/blkstorage: every block with its length before it; header, transactions and metadata as
varints and length-prefixed bytes; a new file at 64 MiB.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import BinaryIO

from fabric_protos.common.common_pb2 import Block, BlockMetadataIndex

from network.promotion.leveldb import varint
from network.promotion.stored import StoredChannel

MAX_FILE = 64 * 1024 * 1024
_PEERS_OWN = (BlockMetadataIndex.TRANSACTIONS_FILTER, BlockMetadataIndex.COMMIT_HASH)


def as_ordered(block: Block) -> Block:
    """The block without what peers add to it: each peer judges the transactions anew."""
    for place in _PEERS_OWN:
        if len(block.metadata.metadata) > place:
            block.metadata.metadata[place] = b""
    return block


def chain_folder(data: Path, channel: str) -> Path:
    """Where an orderer whose files lie in `data` keeps a channel."""
    return data / "chains" / channel


def chain_bytes(data: Path, channel: str) -> int:
    """How many bytes of blocks an orderer has of a channel: they grow with every block and never shrink."""
    folder = chain_folder(data, channel)
    return sum(path.stat().st_size for path in folder.glob("blockfile_*")) if folder.is_dir() else 0


def write_chain(channel: StoredChannel, data: Path) -> int:
    """Write all blocks of a channel for an orderer; return the bytes written. FileExistsError if it has the channel."""
    folder = chain_folder(data, channel.channel_id)
    folder.mkdir(parents=True)
    total = number = place = 0
    file: BinaryIO = (folder / "blockfile_000000").open("wb")
    try:
        for index in range(channel.height):
            record = serialized(as_ordered(Block.FromString(channel.body(index))))
            record = varint(len(record)) + record
            if place and place + len(record) > MAX_FILE:
                _close(file)
                number, place = number + 1, 0
                file = (folder / f"blockfile_{number:06d}").open("wb")
            file.write(record)
            place += len(record)
            total += len(record)
    finally:
        _close(file)
    return total


def copy_chain(source: Path, target: Path, channel: str) -> None:
    """Give another orderer the same files; on the disk when this returns."""
    folder = chain_folder(target, channel)
    shutil.copytree(chain_folder(source, channel), folder)
    for path in folder.iterdir():
        with path.open("rb+") as stream:
            os.fsync(stream.fileno())


def serialized(block: Block) -> bytes:
    """A block in the form of block files."""
    header = block.header
    parts = [varint(header.number), _field(header.data_hash), _field(header.previous_hash)]
    for group in (block.data.data, block.metadata.metadata):
        parts.append(varint(len(group)))
        parts += [_field(entry) for entry in group]
    return b"".join(parts)


def _field(data: bytes) -> bytes:
    return varint(len(data)) + data


def _close(file: BinaryIO) -> None:
    if not file.closed:
        file.flush()
        os.fsync(file.fileno())
        file.close()
