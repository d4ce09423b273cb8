"""What the explorer answers with: blocks, transactions, keys and diagnoses as frozen values.

Times are seconds since the epoch, as the creator (transactions) or the first transaction (blocks) stated them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from baas.errors import Text

HitKind = Literal["block", "transaction", "key", "contract", "identity"]
StageState = Literal["ok", "failed", "skipped"]


@dataclass(frozen=True)
class IndexStatus:
    """How far a channel's index is; `ledger_height` is None when no peer answers."""

    network: str
    channel: str
    indexed: int
    ledger_height: int | None
    transactions: int
    invalid: int
    state: str


@dataclass(frozen=True)
class BlockRow:
    """A block as a list shows it."""

    channel: str
    number: int
    hash: str
    previous_hash: str
    time: float
    transactions: int
    invalid: int
    size: int


@dataclass(frozen=True)
class Traffic:
    """What was written in one stretch of time, which begins at `start` (seconds since the epoch)."""

    start: float
    blocks: int
    transactions: int
    invalid: int


@dataclass(frozen=True)
class TransactionRow:
    """A transaction as a list shows it; `creator` is "MSP/common name"."""

    channel: str
    block: int
    index: int
    tx_id: str
    type: str
    time: float
    creator: str
    fingerprint: str
    contract: str
    function: str
    code: int
    code_name: str
    meaning: Text

    @property
    def valid(self) -> bool:
        return self.code == 0


@dataclass(frozen=True)
class EndorsementRow:
    """Who endorsed: `name` is the certificate's common name, `fingerprint` its SHA-256 in hex."""

    msp_id: str
    name: str
    fingerprint: str


@dataclass(frozen=True)
class ReadRow:
    """A key that was read, with the version (block, index) seen; None when it was absent."""

    contract: str
    collection: str
    key: str
    version: tuple[int, int] | None


@dataclass(frozen=True)
class WriteRow:
    """A key that was written; for private data `key` and `value` are hashes in hex."""

    contract: str
    collection: str
    key: str
    deleted: bool
    value: bytes


@dataclass(frozen=True)
class TransactionDetail:
    """A whole transaction, decoded from its block."""

    row: TransactionRow
    args: tuple[bytes, ...]
    response_status: int
    response_payload: bytes
    endorsements: tuple[EndorsementRow, ...]
    reads: tuple[ReadRow, ...]
    writes: tuple[WriteRow, ...]
    events: tuple[tuple[str, bytes], ...]
    range_queries: tuple[tuple[str, str, str], ...]
    raw: bytes


@dataclass(frozen=True)
class KeyVersion:
    """One write in a key's life; only valid transactions count."""

    contract: str
    collection: str
    key: str
    block: int
    index: int
    tx_id: str
    time: float
    deleted: bool
    value: bytes


@dataclass(frozen=True)
class ContractRow:
    """A contract as the ledger knows it by its transactions."""

    channel: str
    name: str
    transactions: int
    invalid: int
    keys: int
    first_block: int
    last_block: int


@dataclass(frozen=True)
class IdentityRow:
    """Somebody who created or endorsed transactions."""

    msp_id: str
    name: str
    fingerprint: str
    serial: str
    certificate: str
    transactions: int
    first_block: int
    last_block: int


@dataclass(frozen=True)
class Hit:
    """One thing that a search found; the fields that its kind does not have are empty."""

    kind: HitKind
    title: str
    subtitle: str
    channel: str = ""
    block: int | None = None
    index: int | None = None
    tx_id: str = ""
    contract: str = ""
    key: str = ""
    fingerprint: str = ""


@dataclass(frozen=True)
class Stage:
    """One step of a transaction's way: propose, endorse, order, validate, write."""

    id: Literal["propose", "endorse", "order", "validate", "write"]
    title: Text
    state: StageState
    detail: Text


@dataclass(frozen=True)
class KeyConflict:
    """A key whose version had moved on: read at `read`, found at `found`, moved by the transaction `winner`."""

    contract: str
    collection: str
    key: str
    read: tuple[int, int] | None
    found: tuple[int, int] | None
    winner: TransactionRow | None


@dataclass(frozen=True)
class PolicyGap:
    """A policy that the endorsements do not satisfy: whose it is, who endorsed, which principals would complete it."""

    scope: Text
    policy: str
    meaning: Text
    endorsed: tuple[str, ...]
    missing: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Advice:
    """What helps whoever lost a race: a sentence, and where to go on, as (words, address of a page)."""

    text: Text
    ways: tuple[tuple[Text, str], ...] = ()


@dataclass(frozen=True)
class Autopsy:
    """Why a transaction is what it is: verdict in words, its stages, and what stood in its way.

    `peers` is what single peers said (endorsement refusals): mappings of address, msp_id and message.
    """

    tx_id: str
    verdict: Text
    advice: Text
    code: int | None
    code_name: str
    stages: tuple[Stage, ...]
    conflicts: tuple[KeyConflict, ...]
    gaps: tuple[PolicyGap, ...]
    peers: tuple[dict[str, str], ...]
    transaction: TransactionDetail | None
    ways: tuple[tuple[Text, str], ...] = ()
