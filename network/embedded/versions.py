"""Where a value was written: block number and position in the block. Fabric's version.Height."""

from __future__ import annotations

from typing import NamedTuple

from fabric_protos.ledger.rwset.kvrwset.kv_rwset_pb2 import Version as WireVersion


class Version(NamedTuple):
    """Height of a write; compares by block, then by transaction."""

    block: int
    tx: int

    def wire(self) -> WireVersion:
        return WireVersion(block_num=self.block, tx_num=self.tx)

    def __str__(self) -> str:
        return f"{{BlockNum: {self.block}, TxNum: {self.tx}}}"

    def encode(self) -> bytes:
        """Fabric's order-preserving form: for each number a length byte and its big-endian bytes."""
        return _ordered(self.block) + _ordered(self.tx)


def from_wire(message: WireVersion) -> Version:
    return Version(message.block_num, message.tx_num)


def _ordered(number: int) -> bytes:
    body = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return bytes([len(body)]) + body
