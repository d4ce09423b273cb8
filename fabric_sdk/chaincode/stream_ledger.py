"""The ledger of one transaction, reached over the chaincode stream (chaincode_shim.proto).

Public writes are gathered and sent in one message where the peer offers it (Fabric 3.1: WRITE_BATCH_STATE), which is
safe because a transaction never reads its own writes; private writes go out at once, so that a refused access can be
caught where it happens. Before anything that depends on earlier writes (paginated and private queries, calls of other
chaincodes) and at the end they are sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from fabric_protos.ledger.queryresult import kv_query_result_pb2
from fabric_protos.peer import chaincode_pb2, chaincode_shim_pb2, proposal_response_pb2

from fabric_sdk.chaincode.errors import PeerError
from fabric_sdk.chaincode.ledger import ERROR, KeyModification, KeyValue, Page, QueryMetadata, Response, Results

T = TypeVar("T")
Message = chaincode_shim_pb2.ChaincodeMessage
Record = chaincode_shim_pb2.WriteRecord
Exchange = Callable[[int, bytes], bytes]
"""Send a message of this type with this payload, wait, return the answer's payload or raise PeerError."""


@dataclass(frozen=True, slots=True)
class PeerOffers:
    """What the peer said in READY that it can take; 0 means not at all (every peer before Fabric 3.1)."""

    write_batch: int = 0
    get_multiple: int = 0

    @classmethod
    def from_ready(cls, payload: bytes) -> PeerOffers:
        """Read READY's payload; peers that use batches take at least 100 entries."""
        params = chaincode_pb2.ChaincodeAdditionalParams.FromString(payload)
        return cls(
            max(100, params.max_size_write_batch) if params.use_write_batch else 0,
            max(100, params.max_size_get_multiple_keys) if params.use_get_multiple_keys else 0,
        )


class StreamLedger:
    """The `LedgerPort` of one transaction over the stream. `flush` must be called once at the end."""

    def __init__(self, exchange: Exchange, offers: PeerOffers) -> None:
        self._exchange = exchange
        self._offers = offers
        self._pending: dict[tuple[str, bool], Any] = {}

    def get_state(self, collection: str, key: str) -> bytes:
        request = chaincode_shim_pb2.GetState(key=key, collection=collection)
        return self._exchange(Message.GET_STATE, request.SerializeToString())

    def get_states(self, collection: str, keys: Sequence[str]) -> list[bytes]:
        size = self._offers.get_multiple
        if not size:
            return [self.get_state(collection, key) for key in keys]
        found: list[bytes] = []
        for first in range(0, len(keys), size):
            part = keys[first : first + size]
            request = chaincode_shim_pb2.GetStateMultiple(keys=part, collection=collection)
            answer = self._exchange(Message.GET_STATE_MULTIPLE, request.SerializeToString())
            values = chaincode_shim_pb2.GetStateMultipleResult.FromString(answer).values
            if len(values) != len(part):
                raise PeerError(f"the peer answered {len(values)} values for {len(part)} keys")
            found.extend(values)
        return found

    def put_state(self, collection: str, key: str, value: bytes) -> None:
        if self._offers.write_batch and not collection:
            self._pending[key, False] = Record(key=key, value=value, type=Record.PUT_STATE)
            return
        request = chaincode_shim_pb2.PutState(key=key, value=value, collection=collection)
        self._exchange(Message.PUT_STATE, request.SerializeToString())

    def del_state(self, collection: str, key: str) -> None:
        if self._offers.write_batch and not collection:
            self._pending[key, False] = Record(key=key, type=Record.DEL_STATE)
            return
        request = chaincode_shim_pb2.DelState(key=key, collection=collection)
        self._exchange(Message.DEL_STATE, request.SerializeToString())

    def purge_private_data(self, collection: str, key: str) -> None:
        request = chaincode_shim_pb2.PurgePrivateState(key=key, collection=collection)
        self._exchange(Message.PURGE_PRIVATE_DATA, request.SerializeToString())

    def get_private_data_hash(self, collection: str, key: str) -> bytes:
        request = chaincode_shim_pb2.GetState(key=key, collection=collection)
        return self._exchange(Message.GET_PRIVATE_DATA_HASH, request.SerializeToString())

    def get_state_metadata(self, collection: str, key: str) -> Mapping[str, bytes]:
        request = chaincode_shim_pb2.GetStateMetadata(key=key, collection=collection)
        answer = self._exchange(Message.GET_STATE_METADATA, request.SerializeToString())
        entries = chaincode_shim_pb2.StateMetadataResult.FromString(answer).entries
        return {e.metakey: e.value for e in entries}

    def put_state_metadata(self, collection: str, key: str, name: str, value: bytes) -> None:
        metadata = chaincode_shim_pb2.StateMetadata(metakey=name, value=value)
        if self._offers.write_batch and not collection:
            self._pending[key, True] = Record(key=key, metadata=metadata, type=Record.PUT_STATE_METADATA)
            return
        request = chaincode_shim_pb2.PutStateMetadata(key=key, collection=collection, metadata=metadata)
        self._exchange(Message.PUT_STATE_METADATA, request.SerializeToString())

    def get_state_by_range(self, collection: str, start: str, end: str, page: Page | None = None) -> Results[KeyValue]:
        self._flush_before_query(collection, page)
        request = chaincode_shim_pb2.GetStateByRange(
            startKey=start, endKey=end, collection=collection, metadata=_page(page)
        )
        answer = self._exchange(Message.GET_STATE_BY_RANGE, request.SerializeToString())
        return self._results(answer, _key_value)

    def get_query_result(self, collection: str, query: str, page: Page | None = None) -> Results[KeyValue]:
        self._flush_before_query(collection, page)
        request = chaincode_shim_pb2.GetQueryResult(query=query, collection=collection, metadata=_page(page))
        answer = self._exchange(Message.GET_QUERY_RESULT, request.SerializeToString())
        return self._results(answer, _key_value)

    def get_history_for_key(self, key: str) -> Results[KeyModification]:
        request = chaincode_shim_pb2.GetHistoryForKey(key=key)
        answer = self._exchange(Message.GET_HISTORY_FOR_KEY, request.SerializeToString())
        return self._results(answer, _key_modification)

    def invoke_chaincode(self, name: str, args: Sequence[bytes], channel: str) -> Response:
        self.flush()
        request = chaincode_pb2.ChaincodeSpec(
            chaincode_id=chaincode_pb2.ChaincodeID(name=f"{name}/{channel}" if channel else name),
            input=chaincode_pb2.ChaincodeInput(args=args),
        )
        try:
            answer = Message.FromString(self._exchange(Message.INVOKE_CHAINCODE, request.SerializeToString()))
        except PeerError as error:
            return Response(ERROR, str(error))
        if answer.type != Message.COMPLETED:
            return Response(ERROR, answer.payload.decode("utf-8", "replace"))
        response = proposal_response_pb2.Response.FromString(answer.payload)
        return Response(response.status, response.message, response.payload)

    def flush(self) -> None:
        """Send the writes gathered so far."""
        if not self._pending:
            return
        records, self._pending = list(self._pending.values()), {}
        for first in range(0, len(records), self._offers.write_batch):
            batch = chaincode_shim_pb2.WriteBatchState(rec=records[first : first + self._offers.write_batch])
            self._exchange(Message.WRITE_BATCH_STATE, batch.SerializeToString())

    def _flush_before_query(self, collection: str, page: Page | None) -> None:
        if collection or page is not None:
            self.flush()

    def _results(self, answer: bytes, read: Callable[[bytes], T]) -> Results[T]:
        first = chaincode_shim_pb2.QueryResponse.FromString(answer)
        metadata = None
        if first.metadata:
            page = chaincode_shim_pb2.QueryResponseMetadata.FromString(first.metadata)
            metadata = QueryMetadata(page.fetched_records_count, page.bookmark)
        rows = _Rows(self._exchange, first)
        return Results(rows.read(read), metadata=metadata, on_close=rows.close)


class _Rows:
    """The batches of one query. The peer forgets the query itself after its last batch."""

    def __init__(self, exchange: Exchange, response: Any) -> None:
        self._exchange = exchange
        self._response = response

    def read(self, read: Callable[[bytes], T]) -> Iterator[T]:
        while True:
            for row in self._response.results:
                yield read(row.resultBytes)
            if not self._response.has_more:
                return
            request = chaincode_shim_pb2.QueryStateNext(id=self._response.id)
            answer = self._exchange(Message.QUERY_STATE_NEXT, request.SerializeToString())
            self._response = chaincode_shim_pb2.QueryResponse.FromString(answer)

    def close(self) -> None:
        if self._response.has_more:
            request = chaincode_shim_pb2.QueryStateClose(id=self._response.id)
            self._response = chaincode_shim_pb2.QueryResponse()
            self._exchange(Message.QUERY_STATE_CLOSE, request.SerializeToString())


def _page(page: Page | None) -> bytes:
    if page is None:
        return b""
    query = chaincode_shim_pb2.QueryMetadata(pageSize=page.size, bookmark=page.bookmark)
    return bytes(query.SerializeToString())


def _key_value(raw: bytes) -> KeyValue:
    row = kv_query_result_pb2.KV.FromString(raw)
    return KeyValue(row.namespace, row.key, row.value)


def _key_modification(raw: bytes) -> KeyModification:
    row = kv_query_result_pb2.KeyModification.FromString(raw)
    moment = row.timestamp
    at = datetime.fromtimestamp(moment.seconds, UTC).replace(microsecond=moment.nanos // 1000)
    return KeyModification(row.tx_id, row.value, at, row.is_delete)
