"""Reading what a stored block says about single keys and transactions."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from fabric_protos.common.common_pb2 import Block
from fabric_protos.peer.transaction_pb2 import ProcessedTransaction

from fabric_sdk.chaincode.ledger import KeyModification
from network.embedded.block_format import TRANSACTIONS_FILTER
from network.embedded.faults import LedgerDamaged
from network.embedded.state_view import StateView, require_body
from network.embedded.transactions import is_delete, parse_bytes
from network.embedded.versions import Version


def key_history(view: StateView, namespace: str, key: str) -> Iterator[KeyModification]:
    """Every committed change of a key, newest first, read from the blocks."""
    number, block = -1, Block()
    for version in view.history(namespace, key):
        if version.block != number:
            number, block = version.block, Block.FromString(require_body(view, version.block))
        transaction = parse_bytes(block.data.data[version.tx])
        for sets in transaction.namespaces:
            if sets.name != namespace:
                continue
            for write in sets.sets.writes:
                if write.key == key:
                    yield KeyModification(
                        transaction.tx_id,
                        write.value,
                        _moment(transaction.view.header if transaction.view else None),
                        is_delete(write),
                    )


def height_below(view: StateView, namespace: str, key: str, number: int) -> Version | None:
    """Where a key's value as of block `number` - 1 was written; None if it was never written before."""
    return next((v for v in view.history(namespace, key) if v.block < number), None)


def value_at(view: StateView, namespace: str, key: str, version: Version) -> bytes:
    """What a transaction wrote to a key, b"" if it deleted it."""
    block = Block.FromString(require_body(view, version.block))
    for sets in parse_bytes(block.data.data[version.tx]).namespaces:
        for write in sets.sets.writes if sets.name == namespace else ():
            if write.key == key:
                return b"" if is_delete(write) else bytes(write.value)
    raise LedgerDamaged(f"block {version.block} does not write what the index says")


def processed_transaction(view: StateView, tx_id: str) -> ProcessedTransaction | None:
    """A committed transaction with its validation code; None if there is none of this id."""
    row = view.transaction(tx_id)
    if row is None:
        return None
    block = Block.FromString(require_body(view, row.block))
    if row.position >= len(block.data.data):
        raise LedgerDamaged(f"transaction {tx_id} is not where the index says")
    processed = ProcessedTransaction(validationCode=block.metadata.metadata[TRANSACTIONS_FILTER][row.position])
    processed.transactionEnvelope.ParseFromString(block.data.data[row.position])
    return processed


def _moment(header: object) -> datetime.datetime:
    timestamp = getattr(header, "timestamp", None)
    if isinstance(timestamp, datetime.datetime):
        return timestamp
    return datetime.datetime.fromtimestamp(0, datetime.UTC)
