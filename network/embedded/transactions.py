"""A transaction on its way into a block: parsed once, when it arrives, and used until it is on disk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from fabric_protos.common.common_pb2 import Envelope
from fabric_protos.common.configtx_pb2 import ConfigEnvelope
from fabric_protos.ledger.rwset.kvrwset.kv_rwset_pb2 import HashedRWSet, KVRWSet
from fabric_protos.ledger.rwset.rwset_pb2 import TxReadWriteSet
from fabric_protos.peer.chaincode_event_pb2 import ChaincodeEvent
from fabric_protos.peer.transaction_pb2 import TxValidationCode

from fabric_sdk.errors import DecodeError
from fabric_sdk.transaction import (
    CONFIG,
    ENDORSER_TRANSACTION,
    ActionView,
    EnvelopeView,
    MalformedTransaction,
    check_common_header,
    read_action,
    read_payload,
)

VALID: int = TxValidationCode.VALID
EMPTY_HASH = sha256(b"").digest()


def code(name: str) -> int:
    """The number of a TxValidationCode."""
    number: int = TxValidationCode.Value(name)
    return number


@dataclass(frozen=True, slots=True)
class CollectionSets:
    """One collection's hashed reads and writes; `private_hash` is the hash of the private write set, b"" if none."""

    name: str
    sets: Any
    private_hash: bytes


@dataclass(frozen=True, slots=True)
class NamespaceSets:
    """One namespace's reads and writes (`sets` is a kvrwset.KVRWSet)."""

    name: str
    sets: Any
    collections: tuple[CollectionSets, ...]

    @property
    def writes(self) -> bool:
        """Whether anything is written, in the open or in a collection."""
        return bool(
            self.sets.writes
            or self.sets.metadata_writes
            or any(c.sets.hashed_writes or c.sets.metadata_writes for c in self.collections)
        )


def read_namespaces(results: bytes) -> tuple[NamespaceSets, ...]:
    """Parse a TxReadWriteSet; ValueError (protobuf's) if it is none."""
    return tuple(
        NamespaceSets(
            entry.namespace,
            KVRWSet.FromString(entry.rwset),
            tuple(
                CollectionSets(c.collection_name, HashedRWSet.FromString(c.hashed_rwset), c.pvt_rwset_hash)
                for c in entry.collection_hashed_rwset
            ),
        )
        for entry in TxReadWriteSet.FromString(results).ns_rwset
    )


def purged_keys(namespaces: Iterable[NamespaceSets], namespace: str, collection: str) -> set[bytes]:
    """The hashes of a collection's keys that a transaction purges."""
    return {
        write.key_hash
        for sets in namespaces
        if sets.name == namespace
        for entry in sets.collections
        if entry.name == collection
        for write in entry.sets.hashed_writes
        if write.is_purge
    }


@dataclass(slots=True)
class Transaction:
    """An envelope and what was found out about it.

    `flaw` is the validation code of a transaction that cannot even be read; `code` the final one, set at commit.
    """

    envelope: bytes
    view: EnvelopeView | None = None
    action: ActionView | None = None
    namespaces: tuple[NamespaceSets, ...] = ()
    event: Any = None
    config: Any = None
    flaw: int = VALID
    flaw_text: str = ""
    code: int = TxValidationCode.NOT_VALIDATED
    private: dict[tuple[str, str], bytes] = field(default_factory=dict)
    """(namespace, collection) -> private write set, as far as this node has it"""

    @property
    def tx_id(self) -> str:
        return self.view.header.transaction_id if self.view is not None else ""

    @property
    def is_config(self) -> bool:
        return self.view is not None and self.view.header.type == CONFIG

    def private_hash(self, namespace: str, collection: str) -> bytes:
        """The hash of what it writes privately to a collection, b"" where it writes nothing there."""
        for sets in self.namespaces:
            if sets.name == namespace:
                for entry in sets.collections:
                    if entry.name == collection:
                        return bytes(entry.private_hash)
        return b""

    @property
    def size(self) -> int:
        """As the orderer counts: payload and signature."""
        return len(self.view.payload) + len(self.view.signature) if self.view is not None else len(self.envelope)


def parse_envelope(envelope: Envelope) -> Transaction:
    """Read an envelope as a committing peer would; flaws are noted, not raised."""
    transaction = Transaction(envelope.SerializeToString())
    if not envelope.payload:
        transaction.flaw = code("BAD_PAYLOAD")
        return transaction
    try:
        transaction.view = read_payload(envelope.payload, envelope.signature)
        check_common_header(transaction.view.header)
    except MalformedTransaction as e:
        _flaw(transaction, e.code_name, e)
        return transaction
    kind = transaction.view.header.type
    try:
        if kind == ENDORSER_TRANSACTION:
            transaction.action = read_action(transaction.view)
            read_results(transaction, transaction.action)
        elif kind == CONFIG:
            transaction.config = ConfigEnvelope.FromString(transaction.view.data)
        else:
            _flaw(transaction, "UNSUPPORTED_TX_PAYLOAD", f"header type {kind}")
    except MalformedTransaction as e:
        _flaw(transaction, e.code_name, e)
    except (DecodeError, ValueError) as e:
        _flaw(transaction, "INVALID_CONFIG_TRANSACTION" if kind == CONFIG else "BAD_RWSET", e)
    except Exception as e:  # protobuf's own DecodeError has no public base class
        _flaw(transaction, "BAD_RWSET", e)
    return transaction


def parse_bytes(envelope: bytes) -> Transaction:
    """As `parse_envelope`, from bytes as they lie in a block."""
    try:
        message = Envelope.FromString(envelope)
    except Exception as e:
        transaction = Transaction(envelope)
        _flaw(transaction, "INVALID_OTHER_REASON", e)
        return transaction
    transaction = parse_envelope(message)
    transaction.envelope = envelope
    return transaction


def read_results(transaction: Transaction, action: ActionView) -> None:
    """Parse what a transaction read, wrote and announced."""
    transaction.namespaces = read_namespaces(action.results)
    if action.events:
        try:
            transaction.event = ChaincodeEvent.FromString(action.events)
        except Exception as e:
            raise MalformedTransaction("INVALID_OTHER_REASON", f"invalid chaincode event: {e}") from e


def _flaw(transaction: Transaction, name: str, reason: object) -> None:
    transaction.flaw = code(name)
    transaction.flaw_text = str(reason)


def is_delete(write: Any) -> bool:
    """Fabric takes an empty value for a deletion."""
    return bool(write.is_delete) or not write.value


def is_hash_delete(write: Any) -> bool:
    return bool(write.is_delete) or not write.value_hash or write.value_hash == EMPTY_HASH
