"""What a contract calls to read and write its ledger (Fabric's ChaincodeStubInterface, in Python's manner)."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from fabric_protos.common import common_pb2
from fabric_protos.peer import proposal_pb2

from fabric_sdk.chaincode import keys
from fabric_sdk.chaincode.errors import ChaincodeError
from fabric_sdk.chaincode.ledger import (
    VALIDATION_PARAMETER,
    ChaincodeEvent,
    Invocation,
    KeyModification,
    KeyValue,
    LedgerPort,
    Page,
    QueryMetadata,
    Response,
    Results,
)

T = TypeVar("T")


class ChaincodeStub:
    """One transaction's view of the ledger and of the call itself.

    Reads never see the transaction's own writes. Errors of the peer are raised as `PeerError`, wrong arguments as
    ValueError or TypeError.
    """

    def __init__(self, invocation: Invocation, ledger: LedgerPort) -> None:
        self.invocation = invocation
        self.event: ChaincodeEvent | None = None
        self._ledger = ledger
        self._open: list[Results[KeyValue] | Results[KeyModification]] = []

    # The call

    @property
    def tx_id(self) -> str:
        return self.invocation.tx_id

    @property
    def channel_id(self) -> str:
        return self.invocation.channel_id

    @property
    def tx_timestamp(self) -> datetime:
        """The client's clock as signed in the proposal (aware, UTC): the only time a contract may use."""
        return self.invocation.timestamp

    @property
    def creator(self) -> bytes:
        """The client's SerializedIdentity; `ctx.client` reads it for you."""
        return self.invocation.creator

    @property
    def args(self) -> Sequence[bytes]:
        """All arguments, the function's name first."""
        return self.invocation.args

    @property
    def function(self) -> str:
        """The function's name as called, "" if there are no arguments."""
        return self.invocation.args[0].decode("utf-8", "replace") if self.invocation.args else ""

    @property
    def peer_msp_id(self) -> str:
        """Organisation of the peer that simulates, "" where the runtime does not know it."""
        return self.invocation.peer_msp_id

    @property
    def signed_proposal(self) -> bytes:
        return self.invocation.signed_proposal

    @functools.cached_property
    def binding(self) -> bytes:
        """SHA-256 over nonce, creator and epoch of the proposal; b"" without a signed proposal."""
        if not self.invocation.signed_proposal:
            return b""
        signed = proposal_pb2.SignedProposal.FromString(self.invocation.signed_proposal)
        proposal = proposal_pb2.Proposal.FromString(signed.proposal_bytes)
        header = common_pb2.Header.FromString(proposal.header)
        signature = common_pb2.SignatureHeader.FromString(header.signature_header)
        epoch = common_pb2.ChannelHeader.FromString(header.channel_header).epoch
        return hashlib.sha256(signature.nonce + signature.creator + epoch.to_bytes(8, "little")).digest()

    def get_transient(self) -> dict[str, bytes]:
        """Return the transient fields: seen by endorsers only, never on the ledger."""
        return dict(self.invocation.transient)

    def get_decorations(self) -> Mapping[str, bytes]:
        return self.invocation.decorations

    # Public state

    def get_state(self, key: str) -> bytes:
        """Return the committed value, b"" if the key is absent."""
        return self._ledger.get_state("", key)

    def get_multiple_states(self, *wanted: str) -> list[bytes]:
        """Return several committed values in one exchange where the peer can (Fabric 3.1), b"" for absent keys."""
        return self._ledger.get_states("", wanted) if wanted else []

    def put_state(self, key: str, value: bytes) -> None:
        self._ledger.put_state("", _key(key), _value(value))

    def del_state(self, key: str) -> None:
        self._ledger.del_state("", _key(key))

    def get_state_by_range(self, start: str, end: str) -> Results[KeyValue]:
        """Return keys from `start` (included) to `end` (excluded); "" leaves a side open. No composite keys."""
        return self._track(self._ledger.get_state_by_range("", *keys.simple_range(start, end)))

    def get_state_by_range_with_pagination(
        self, start: str, end: str, page_size: int, bookmark: str = ""
    ) -> tuple[list[KeyValue], QueryMetadata]:
        """Return one page; only in transactions that write nothing."""
        first, last = keys.simple_range(start, end)
        return _page(self._ledger.get_state_by_range("", first, last, _range_request(page_size, bookmark, first, last)))

    def get_query_result(self, query: str) -> Results[KeyValue]:
        """Run a Mango selector (JSON text); needs a state database that can (CouchDB, embedded)."""
        return self._track(self._ledger.get_query_result("", query))

    def get_query_result_with_pagination(
        self, query: str, page_size: int, bookmark: str = ""
    ) -> tuple[list[KeyValue], QueryMetadata]:
        return _page(self._ledger.get_query_result("", query, _request(page_size, bookmark)))

    def get_history_for_key(self, key: str) -> Results[KeyModification]:
        """Return every committed change of the key, newest first."""
        return self._track(self._ledger.get_history_for_key(key))

    # Composite keys

    @staticmethod
    def create_composite_key(object_type: str, attributes: Sequence[str] = ()) -> str:
        return keys.create_composite_key(object_type, attributes)

    @staticmethod
    def split_composite_key(key: str) -> tuple[str, list[str]]:
        return keys.split_composite_key(key)

    def get_state_by_partial_composite_key(self, object_type: str, attributes: Sequence[str] = ()) -> Results[KeyValue]:
        """Return all keys of `object_type` whose first attributes are these."""
        start, end = keys.composite_range(object_type, attributes)
        return self._track(self._ledger.get_state_by_range("", start, end))

    def get_state_by_partial_composite_key_with_pagination(
        self, object_type: str, attributes: Sequence[str], page_size: int, bookmark: str = ""
    ) -> tuple[list[KeyValue], QueryMetadata]:
        start, end = keys.composite_range(object_type, attributes)
        return _page(self._ledger.get_state_by_range("", start, end, _range_request(page_size, bookmark, start, end)))

    # Key-level endorsement policies

    def get_state_validation_parameter(self, key: str) -> bytes:
        """Return the key's own endorsement policy (SignaturePolicyEnvelope), b"" if it has none."""
        return self._ledger.get_state_metadata("", key).get(VALIDATION_PARAMETER, b"")

    def set_state_validation_parameter(self, key: str, policy: bytes) -> None:
        """Put the key under its own endorsement policy; build the bytes with `StateBasedEndorsement`."""
        self._ledger.put_state_metadata("", _key(key), VALIDATION_PARAMETER, _value(policy))

    # Private data

    def get_private_data(self, collection: str, key: str) -> bytes:
        return self._ledger.get_state(_collection(collection), key)

    def get_multiple_private_data(self, collection: str, *wanted: str) -> list[bytes]:
        return self._ledger.get_states(_collection(collection), wanted) if wanted else []

    def get_private_data_hash(self, collection: str, key: str) -> bytes:
        """Return the SHA-256 of the committed private value; every organisation of the channel can."""
        return self._ledger.get_private_data_hash(_collection(collection), key)

    def put_private_data(self, collection: str, key: str, value: bytes) -> None:
        self._ledger.put_state(_collection(collection), _key(key), _value(value))

    def del_private_data(self, collection: str, key: str) -> None:
        self._ledger.del_state(_collection(collection), _key(key))

    def purge_private_data(self, collection: str, key: str) -> None:
        """Delete the key and have every peer erase its history of private values (Fabric 2.5 and later)."""
        self._ledger.purge_private_data(_collection(collection), _key(key))

    def get_private_data_by_range(self, collection: str, start: str, end: str) -> Results[KeyValue]:
        """Return private keys in a range; only in transactions that write nothing."""
        bounds = keys.simple_range(start, end)
        return self._track(self._ledger.get_state_by_range(_collection(collection), *bounds))

    def get_private_data_by_partial_composite_key(
        self, collection: str, object_type: str, attributes: Sequence[str] = ()
    ) -> Results[KeyValue]:
        start, end = keys.composite_range(object_type, attributes)
        return self._track(self._ledger.get_state_by_range(_collection(collection), start, end))

    def get_private_data_query_result(self, collection: str, query: str) -> Results[KeyValue]:
        return self._track(self._ledger.get_query_result(_collection(collection), query))

    def get_private_data_validation_parameter(self, collection: str, key: str) -> bytes:
        return self._ledger.get_state_metadata(_collection(collection), key).get(VALIDATION_PARAMETER, b"")

    def set_private_data_validation_parameter(self, collection: str, key: str, policy: bytes) -> None:
        self._ledger.put_state_metadata(_collection(collection), _key(key), VALIDATION_PARAMETER, _value(policy))

    # Events and other chaincodes

    def set_event(self, name: str, payload: bytes = b"") -> None:
        """Set the transaction's event; a second call replaces the first, as in Fabric."""
        if not name:
            raise ValueError("an event needs a name")
        self.event = ChaincodeEvent(name, _value(payload))

    def invoke_chaincode(self, name: str, args: Sequence[bytes | str], channel: str = "") -> Response:
        """Call another chaincode in this transaction; into another channel it can only read."""
        return self._ledger.invoke_chaincode(name, [a.encode() if isinstance(a, str) else a for a in args], channel)

    def close(self) -> None:
        """Close queries that the contract left open; the runtime calls it after the function returned."""
        left, self._open = self._open, []
        for results in left:
            results.close()

    def _track(self, results: Results[T]) -> Results[T]:
        self._open.append(results)  # type: ignore[arg-type]
        return results


def _page(results: Results[KeyValue]) -> tuple[list[KeyValue], QueryMetadata]:
    with results:
        items = list(results)
        return items, results.metadata or QueryMetadata(len(items))


def _request(page_size: int, bookmark: str) -> Page:
    if not 0 < page_size < 2**31:
        raise ValueError("page_size must be positive and fit 31 bits")
    return Page(page_size, bookmark)


def _range_request(page_size: int, bookmark: str, start: str, end: str) -> Page:
    """A page of a range: the ledger begins where the bookmark says, so one from elsewhere would read other keys."""
    if bookmark and (bookmark < start or (end and bookmark >= end)):
        raise ChaincodeError("BAD_BOOKMARK", "the bookmark lies outside the range that is listed", status=400)
    return _request(page_size, bookmark)


def _key(key: str) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a key is a string, not {type(key).__name__}")
    if not key:
        raise ValueError("a key must not be empty")
    return key


def _value(value: bytes) -> bytes:
    if isinstance(value, str) or not isinstance(value, bytes | bytearray | memoryview):
        raise TypeError(f"a value is bytes, not {type(value).__name__}")
    return bytes(value)


def _collection(name: str) -> str:
    if not name:
        raise ValueError("a collection needs a name")
    return name
