"""A channel's chain as it lies in a node's files of blocks, read and checked without the node.

Form: see `network.promotion.block_files`. What a crash left of a last block is no block: the node drops it when it
starts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fabric_protos.common.common_pb2 import BlockHeader, BlockMetadataIndex, Metadata

from fabric_sdk.blocks.hashing import data_hash, header_hash

CHAINS = ("ledgersData/chains/chains", "chains")
"""Where, in a node's data, a peer and an orderer keep their channels' chains."""
FILES = "blockfile_*"
_COMMIT = BlockMetadataIndex.COMMIT_HASH


class BadChain(Exception):
    """The blocks in the files do not follow from one another, or are not what their headers say."""


@dataclass(frozen=True)
class ChainEnd:
    """How far a chain goes: its height in blocks, the newest block's hash and commit hash (lower-case hexadecimal).

    Every peer of a channel has the same commit hash at the same height if its state and the hashes of its private data
    are the same. An orderer has none.
    """

    height: int
    block_hash: str
    commit_hash: str


class StoredChain:
    """Reads the files of one chain in their order; `take` each, then look at `end`."""

    def __init__(self) -> None:
        self._end: ChainEnd | None = None
        self._cut = False

    @property
    def end(self) -> ChainEnd | None:
        """Where the chain ends; None without a block."""
        return self._end

    def take(self, path: Path, size: int | None = None) -> None:
        """Read the next file, as far as `size` bytes; `BadChain` where it does not go on from the one before."""
        if self._cut:
            raise BadChain("a file follows one that ends within a block")
        with path.open("rb") as file:
            content = file.read() if size is None else file.read(size)
        records = _Records(content)
        for header, envelopes, metadata in records:
            if self._end is not None and (
                header.number != self._end.height or header.previous_hash.hex() != self._end.block_hash
            ):
                raise BadChain(f"block {header.number} does not follow")
            if data_hash(envelopes) != header.data_hash:
                raise BadChain(f"block {header.number} is not what its header says")
            self._end = ChainEnd(header.number + 1, header_hash(header).hex(), _commit_hash(metadata))
        self._cut = records.cut


def chain_folders(data: Path) -> Iterator[tuple[str, Path]]:
    """(channel, folder) of the chains in a node's data."""
    for base in CHAINS:
        for folder in sorted((data / base).glob("*")):
            if any(folder.glob(FILES)):
                yield folder.name, folder


def chain_end(folder: Path, sizes: dict[str, int]) -> ChainEnd | None:
    """Where the chain in these files ends, by its newest file only; `sizes` are the bytes that count, by file name.

    None without a block. A newest file that has no whole block yet is passed over.
    """
    for path in sorted(folder.glob(FILES), reverse=True):
        chain = StoredChain()
        chain.take(path, sizes.get(path.name))
        if chain.end is not None:
            return chain.end
    return None


def _commit_hash(metadata: list[bytes]) -> str:
    if len(metadata) <= _COMMIT or not metadata[_COMMIT]:
        return ""
    value: bytes = Metadata.FromString(metadata[_COMMIT]).value
    return value.hex()


class _Records:
    """The blocks of one file; `cut` says afterwards whether the file ends within one."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0
        self.cut = False

    def __iter__(self) -> Iterator[tuple[BlockHeader, list[bytes], list[bytes]]]:
        while self._at < len(self._content):
            try:
                length = self._number()
                if length == 0 or self._at + length > len(self._content):
                    raise IndexError
            except IndexError:
                self.cut = True
                return
            until = self._at + length
            try:
                header = BlockHeader(number=self._number(), data_hash=self._bytes(), previous_hash=self._bytes())
                envelopes = [self._bytes() for _ in range(self._number())]
                metadata = [self._bytes() for _ in range(self._number())]
            except IndexError:
                raise BadChain("a block does not fit its length") from None
            if self._at != until:
                raise BadChain("a block does not fit its length")
            yield header, envelopes, metadata

    def _number(self) -> int:
        value = shift = 0
        while True:
            byte = self._content[self._at]
            self._at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def _bytes(self) -> bytes:
        length = self._number()
        end = self._at + length
        if end > len(self._content):
            raise IndexError
        found = self._content[self._at : end]
        self._at = end
        return found
