"""The seam between a contract and whatever runs it.

`LedgerPort` is what a stub needs of its peer during one transaction; it is implemented over the chaincode stream
(`stream_ledger`), by the embedded ledger's simulator and by `MemoryLedger` for tests. `Chaincode` is what a runtime
calls. Everything here is Fabric's own vocabulary (chaincode_shim.proto) without its messages, so that a simulator in
the same process pays for no encoding.

Rules that every implementation keeps, because Fabric keeps them:

- reads see the committed state as of the transaction's start, never the transaction's own writes;
- an absent key reads as `b""`; a collection name of `""` means the public state;
- ranges run over keys ordered by their UTF-8 bytes, start included, end excluded, `""` as end meaning no end;
- paginated queries and private-data range queries are refused once the transaction has written, and writes after them;
- refusals are raised as `PeerError`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from fabric_sdk.chaincode.sealing import KeyFolder, SealingKeys

VALIDATION_PARAMETER = "VALIDATION_PARAMETER"
"""Metadata key under which a key-level endorsement policy lies (peer.MetaDataKeys)."""

OK = 200
ERROR_THRESHOLD = 400
ERROR = 500


@dataclass(frozen=True, slots=True)
class KeyValue:
    """One result of a range or rich query."""

    namespace: str
    key: str
    value: bytes


@dataclass(frozen=True, slots=True)
class KeyModification:
    """One entry of a key's history, newest first; `value` is empty where the key was deleted."""

    tx_id: str
    value: bytes
    timestamp: datetime
    is_delete: bool


@dataclass(frozen=True, slots=True)
class QueryMetadata:
    """What a paginated query says about its page: records in it and where the next one begins ("" at the end)."""

    fetched_records_count: int = 0
    bookmark: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A request for at most `size` records, going on at `bookmark` ("" for the first page)."""

    size: int
    bookmark: str = ""


@dataclass(frozen=True, slots=True)
class ChaincodeEvent:
    """The one event that a transaction may carry."""

    name: str
    payload: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """A contract's answer. Status 200 is success; from 400 on no peer endorses."""

    status: int = OK
    message: str = ""
    payload: bytes = b""
    event: ChaincodeEvent | None = None

    @property
    def successful(self) -> bool:
        return self.status < ERROR_THRESHOLD


@dataclass(frozen=True, slots=True)
class Invocation:
    """One call of a chaincode, as the signed proposal states it.

    `args[0]` is the function's name. `creator` is the client's SerializedIdentity, `timestamp` the client's (aware,
    UTC). `peer_msp_id` is the organisation of the peer that simulates, "" where unknown. `nonce` feeds the binding.
    """

    channel_id: str
    tx_id: str
    timestamp: datetime
    creator: bytes
    args: Sequence[bytes]
    transient: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    signed_proposal: bytes = field(default=b"", repr=False)
    peer_msp_id: str = ""
    decorations: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    sealing: SealingKeys | KeyFolder | None = field(default=None, repr=False)
    """The key files of the organisation whose server runs the contract; None where it has none."""


T_co = TypeVar("T_co", covariant=True)


class Results(Generic[T_co]):
    """A lazily read sequence of query results; iterate it once, or close it early.

    It closes itself when exhausted and is a context manager. `metadata` is set for paginated queries only.
    """

    __slots__ = ("_close", "_iterator", "metadata")

    def __init__(
        self,
        items: Iterable[T_co],
        *,
        metadata: QueryMetadata | None = None,
        on_close: Callable[[], None] | None = None,
    ) -> None:
        self._iterator: Iterator[T_co] = iter(items)
        self._close = on_close
        self.metadata = metadata

    def __iter__(self) -> Results[T_co]:
        return self

    def __next__(self) -> T_co:
        try:
            return next(self._iterator)
        except StopIteration:
            self.close()
            raise

    def close(self) -> None:
        """Let go of what the peer holds for this query; harmless when done twice."""
        close, self._close = self._close, None
        self._iterator = iter(())
        if close is not None:
            close()

    def __enter__(self) -> Results[T_co]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class LedgerPort(Protocol):
    """The ledger as one transaction of one chaincode sees it. `collection` "" is the public state."""

    def get_state(self, collection: str, key: str) -> bytes: ...

    def get_states(self, collection: str, keys: Sequence[str]) -> list[bytes]: ...

    def put_state(self, collection: str, key: str, value: bytes) -> None: ...

    def del_state(self, collection: str, key: str) -> None: ...

    def purge_private_data(self, collection: str, key: str) -> None: ...

    def get_private_data_hash(self, collection: str, key: str) -> bytes: ...

    def get_state_metadata(self, collection: str, key: str) -> Mapping[str, bytes]: ...

    def put_state_metadata(self, collection: str, key: str, name: str, value: bytes) -> None: ...

    def get_state_by_range(
        self, collection: str, start: str, end: str, page: Page | None = None
    ) -> Results[KeyValue]: ...

    def get_query_result(self, collection: str, query: str, page: Page | None = None) -> Results[KeyValue]: ...

    def get_history_for_key(self, key: str) -> Results[KeyModification]: ...

    def invoke_chaincode(self, name: str, args: Sequence[bytes], channel: str) -> Response:
        """Call another chaincode in this transaction; `channel` "" is the caller's own.

        A call into another channel is read-only. A refusal of the called contract comes back as its Response.
        """
        ...


class Chaincode(Protocol):
    """What a runtime calls; it must be safe for several threads at once."""

    def init(self, invocation: Invocation, ledger: LedgerPort) -> Response: ...

    def invoke(self, invocation: Invocation, ledger: LedgerPort) -> Response: ...
