"""A transaction as the explorer shows it, from its decoded envelope."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baas.services.explorer.model import EndorsementRow, ReadRow, TransactionDetail, TransactionRow, WriteRow
from baas.services.explorer.writer import described, namespaces_of

if TYPE_CHECKING:
    from fabric_sdk.blocks import DecodedTransaction, Version


def detail_of(row: TransactionRow, transaction: DecodedTransaction) -> TransactionDetail:
    """Everything in the transaction; private data as the hashes that everybody sees."""
    reads: list[ReadRow] = []
    writes: list[WriteRow] = []
    ranges: list[tuple[str, str, str]] = []
    for namespace in namespaces_of(transaction):
        name = namespace.name
        reads += [ReadRow(name, "", r.key, place(r.version)) for r in namespace.reads]
        writes += [WriteRow(name, "", w.key, w.is_delete, w.value) for w in namespace.writes]
        for query in namespace.range_queries:
            ranges.append((name, query.start_key, query.end_key))
            reads += [ReadRow(name, "", r.key, place(r.version)) for r in query.reads]
        for part in namespace.collections:
            reads += [ReadRow(name, part.name, r.key_hash.hex(), place(r.version)) for r in part.reads]
            writes += [
                WriteRow(name, part.name, w.key_hash.hex(), w.is_delete or w.is_purge, w.value_hash)
                for w in part.writes
            ]
    endorsements = []
    for endorsement in transaction.endorsements:
        name, fingerprint, _ = described(endorsement.identity)
        endorsements.append(EndorsementRow(endorsement.msp_id, name, fingerprint))
    response = transaction.response
    return TransactionDetail(
        row=row,
        args=transaction.args,
        response_status=response.status if response else 0,
        response_payload=response.payload if response else b"",
        endorsements=tuple(endorsements),
        reads=tuple(reads),
        writes=tuple(writes),
        events=tuple((event.name, event.payload) for event in transaction.events),
        range_queries=tuple(ranges),
        raw=transaction.envelope,
    )


def place(version: Version | None) -> tuple[int, int] | None:
    """A version as (block, index)."""
    return (version.block, version.transaction) if version else None
