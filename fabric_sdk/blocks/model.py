"""Blocks and transactions as plain values."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from fabric_protos.common.configtx_pb2 import ConfigEnvelope
from fabric_protos.peer.transaction_pb2 import TxValidationCode

from fabric_sdk.blocks.rwset import ReadWriteSet, decode_rwset
from fabric_sdk.identity import Identity

VALIDATION_CODES: Mapping[str, int] = MappingProxyType(dict(TxValidationCode.items()))
"""Fabric's transaction validation codes by name."""

_CODE_NAMES = {number: name for name, number in VALIDATION_CODES.items()}


def validation_code_name(code: int) -> str:
    """`VALID`, `MVCC_READ_CONFLICT`, ...; `UNKNOWN_<n>` for codes that Fabric does not define."""
    return _CODE_NAMES.get(code, f"UNKNOWN_{code}")


@dataclass(frozen=True, slots=True)
class ChaincodeEvent:
    """What a contract announced with its transaction."""

    chaincode: str
    transaction_id: str
    name: str
    payload: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class TransactionResponse:
    """What the contract answered when the transaction was endorsed; status 200 is success."""

    status: int
    message: str
    payload: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class BlockEndorsement:
    """One endorsement of a transaction; `serialized` is the identity exactly as it was signed."""

    identity: Identity
    serialized: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    @property
    def msp_id(self) -> str:
        return self.identity.msp_id


@dataclass(frozen=True)
class DecodedTransaction:
    """One envelope of a block.

    `validation_code` is None in blocks that no peer has judged yet. `malformed` says why an envelope could not be read
    (peers give such a transaction an error code); the fields that could be read are set all the same.
    """

    index: int
    tx_id: str
    type: str
    channel_id: str
    timestamp: datetime.datetime | None
    creator: Identity | None
    nonce: bytes = field(repr=False)
    chaincode: str
    chaincode_version: str
    args: tuple[bytes, ...] = field(repr=False)
    is_init: bool
    response: TransactionResponse | None
    endorsements: tuple[BlockEndorsement, ...]
    events: tuple[ChaincodeEvent, ...]
    validation_code: int | None
    results: bytes = field(repr=False)
    response_payload: bytes = field(repr=False)
    config: ConfigEnvelope | None = field(repr=False)
    envelope: bytes = field(repr=False)
    malformed: str | None

    @property
    def validation_code_name(self) -> str:
        return "" if self.validation_code is None else validation_code_name(self.validation_code)

    @property
    def valid(self) -> bool:
        return self.validation_code == 0

    @property
    def function(self) -> str:
        """The called function's name (first argument), empty if there is none or it is not text."""
        if not self.args:
            return ""
        try:
            return self.args[0].decode()
        except UnicodeDecodeError:
            return ""

    @cached_property
    def rwset(self) -> ReadWriteSet:
        """What the transaction read and wrote; DecodeError if its results are not a read-write set."""
        return decode_rwset(self.results)


@dataclass(frozen=True, slots=True)
class OrdererSignature:
    """An orderer's signature under a block, by its identity (Raft) or its consenter number (BFT)."""

    identity: Identity | None
    serialized: bytes | None = field(repr=False)
    consenter: int | None
    signature: bytes = field(repr=False)
    signed_header: bytes = field(repr=False)


@dataclass(frozen=True)
class DecodedBlock:
    """A block with everything that Fabric writes into it. `hash` is its header's hash, computed here."""

    number: int
    hash: bytes
    previous_hash: bytes
    data_hash: bytes
    transactions: tuple[DecodedTransaction, ...]
    orderer_signatures: tuple[OrdererSignature, ...]
    orderer_metadata: bytes = field(repr=False)
    last_config: int | None
    validation_codes: bytes = field(repr=False)
    commit_hash: bytes = field(repr=False)
    raw_header: bytes = field(repr=False)
    size: int

    @property
    def is_config(self) -> bool:
        return len(self.transactions) == 1 and self.transactions[0].config is not None

    @property
    def channel_id(self) -> str:
        return self.transactions[0].channel_id if self.transactions else ""
