"""The parts of the chain for a proof: configuration, the transactions' blocks, definitions, neighbours, heads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Protocol

from fabric_protos.common.common_pb2 import Block, BlockMetadataIndex, Metadata, OrdererBlockMetadata

from baas.errors import Text, UserError, translating
from fabric_sdk.blocks import decode_block, find_transaction
from fabric_sdk.proof.blocks import writes
from fabric_sdk.proof.definitions import LIFECYCLE, definition_read

NEIGHBOUR_BYTES = 256 << 10
"""A block beside the transactions' own is taken along up to this size."""
MOST_CONFIGURATIONS = 200


class BlockSource(Protocol):
    """Where blocks come from: a peer, or an export."""

    def block(self, number: int) -> Block:
        """The block of this number."""

    def block_of_transaction(self, tx_id: str) -> Block:
        """The block that holds this transaction."""


class ChainParts:
    """Gathers blocks by part name; each is asked for once."""

    def __init__(self, source: BlockSource) -> None:
        self._source = source
        self._block = lru_cache(maxsize=4096)(source.block)
        self.parts: dict[str, bytes] = {}
        self.numbers: set[int] = set()

    def gather(self, tx_ids: Iterable[str], heads: Mapping[int, bytes]) -> None:
        """Take the blocks of these transactions with all that is needed to judge them, and the newest blocks `heads`
        (number to hash) that organisations signed for."""
        numbers = self.numbers = {self._transaction(tx_id) for tx_id in tx_ids}
        newest = max([*numbers, *heads], default=0)
        for number in sorted(numbers):
            for beside in (number - 1, number + 1):
                if 0 < beside <= newest and beside not in numbers:
                    self._neighbour(beside)
        for number in sorted(heads):
            self._head(number)
        self._configurations(newest)

    def _transaction(self, tx_id: str) -> int:
        with translating():
            block = self._source.block_of_transaction(tx_id)
            found = find_transaction(decode_block(block), tx_id)
        self._keep(block)
        sets = writes(found.results)
        place = definition_read(found.chaincode, sets) if LIFECYCLE in sets else None
        if place is not None:
            self._keep(self._block(place[0]))
        return int(block.header.number)

    def _keep(self, block: Block) -> None:
        self.parts[f"chain/blocks/{block.header.number}.pb"] = block.SerializeToString()

    def _neighbour(self, number: int) -> None:
        block = self._block(number)
        if block.ByteSize() <= NEIGHBOUR_BYTES:
            self._keep(block)

    def _head(self, number: int) -> None:
        if f"chain/blocks/{number}.pb" in self.parts:
            return
        block = self._block(number)
        if block.ByteSize() > NEIGHBOUR_BYTES:
            block = Block(header=block.header, metadata=block.metadata)
        self.parts[f"chain/heads/{number}.pb"] = block.SerializeToString()

    def _configurations(self, newest: int) -> None:
        """Every configuration block from 0 to the one in force: each block names the one in force before it."""
        number = last_config(self._block(newest))
        count = 0
        while True:
            count += 1
            if count > MOST_CONFIGURATIONS:
                raise UserError(
                    Text(
                        "通道的配置区块超过 {n} 个，证据包装不下。",
                        "The channel has more than {n} configuration blocks, more than a package holds.",
                        n=MOST_CONFIGURATIONS,
                    )
                )
            self.parts[f"chain/config/{number}.pb"] = self._block(number).SerializeToString()
            if number == 0:
                return
            number = last_config(self._block(number - 1))


def last_config(block: Block) -> int:
    """The number of the configuration block in force, which the ordering service signed into every block."""
    if int(block.header.number) == 0:
        return 0
    signed = Metadata.FromString(block.metadata.metadata[BlockMetadataIndex.SIGNATURES])
    return int(OrdererBlockMetadata.FromString(signed.value).last_config.index)
