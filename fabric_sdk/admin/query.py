"""Blocks and transactions of a channel, asked of one peer (`qscc`)."""

from __future__ import annotations

from fabric_protos.common.common_pb2 import Block
from fabric_protos.peer.transaction_pb2 import ProcessedTransaction

from fabric_sdk.admin.peer import PeerConnection, Refused
from fabric_sdk.errors import FabricError
from fabric_sdk.wire import decode

_MISSING = ("not found", "no such", "entry not found", "does not exist")


class NotOnLedger(FabricError):
    """The peer's ledger has no such block or transaction (not yet, or not at all)."""


class LedgerQuery:
    """Read one channel's ledger on one peer; `NotOnLedger` for what is not there."""

    def __init__(self, peer: PeerConnection, channel: str) -> None:
        self._peer = peer
        self._channel = channel

    def block(self, number: int) -> Block:
        """Return the block of this number, from 0."""
        return decode(Block, self._call("GetBlockByNumber", str(number)))

    def block_by_hash(self, block_hash: bytes) -> Block:
        """Return the block whose header has this hash (32 bytes)."""
        return decode(Block, self._call("GetBlockByHash", block_hash))

    def block_of_transaction(self, tx_id: str) -> Block:
        """Return the block that holds a transaction, valid or not."""
        return decode(Block, self._call("GetBlockByTxID", tx_id))

    def transaction(self, tx_id: str) -> ProcessedTransaction:
        """Return a transaction's envelope with its validation code."""
        return decode(ProcessedTransaction, self._call("GetTransactionByID", tx_id))

    def _call(self, function: str, argument: bytes | str) -> bytes:
        try:
            return self._peer.call("qscc", function, [self._channel, argument], channel=self._channel)
        except Refused as error:
            if any(text in error.reason.lower() for text in _MISSING):
                raise NotOnLedger(f"{function} on {self._channel}: {error.reason}") from error
            raise
