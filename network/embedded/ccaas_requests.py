"""What a remote contract may ask of its peer while a transaction runs (core/chaincode/handler.go)."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from fabric_protos.ledger.queryresult.kv_query_result_pb2 import KV
from fabric_protos.ledger.queryresult.kv_query_result_pb2 import KeyModification as WireModification
from fabric_protos.peer import chaincode_shim_pb2 as shim
from fabric_protos.peer.chaincode_pb2 import ChaincodeSpec
from fabric_protos.peer.proposal_response_pb2 import Response as WireResponse

from fabric_sdk.chaincode.ledger import KeyModification
from fabric_sdk.wire import enum_name
from network.embedded.faults import Refusal
from network.embedded.simulator import Batches
from network.embedded.state_view import KeyedValue

if TYPE_CHECKING:
    from network.embedded.execution import Executor, Run

_M = shim.ChaincodeMessage


class RequestHandler:
    """Answers one transaction's requests."""

    def __init__(self, run: Run, executor: Executor) -> None:
        self._run = run
        self._executor = executor
        self._queries: dict[str, Batches[bytes]] = {}
        self._ids = itertools.count(1)
        self._handlers: dict[int, Callable[[bytes], bytes]] = {
            _M.GET_STATE: self._get_state,
            _M.GET_STATE_MULTIPLE: self._get_states,
            _M.PUT_STATE: self._put_state,
            _M.DEL_STATE: self._del_state,
            _M.PURGE_PRIVATE_DATA: self._purge,
            _M.WRITE_BATCH_STATE: self._write_batch,
            _M.GET_PRIVATE_DATA_HASH: self._get_hash,
            _M.GET_STATE_METADATA: self._get_metadata,
            _M.PUT_STATE_METADATA: self._put_metadata,
            _M.GET_STATE_BY_RANGE: self._range,
            _M.GET_QUERY_RESULT: self._query,
            _M.GET_HISTORY_FOR_KEY: self._history,
            _M.QUERY_STATE_NEXT: self._next,
            _M.QUERY_STATE_CLOSE: self._close,
        }

    async def handle(self, message: Any) -> Any:
        """The answer to one request: RESPONSE, or ERROR with the peer's text."""
        answer = _M(type=_M.RESPONSE, txid=message.txid, channel_id=message.channel_id)
        name = enum_name(_M.Type, message.type)
        try:
            if message.type == _M.INVOKE_CHAINCODE:
                answer.payload = await self._invoke(message.payload)
            else:
                handler = self._handlers.get(message.type)
                if handler is None:
                    raise Refusal(f"cannot handle message ({name}) while in ready state")
                answer.payload = handler(message.payload)
        except Refusal as e:
            answer.type = _M.ERROR
            answer.payload = f"{name} failed: transaction ID: {message.txid}: {e}".encode()
        except Exception as e:
            answer.type = _M.ERROR
            kind = "unmarshal failed" if "DecodeError" in type(e).__name__ else "panic during execution"
            answer.payload = f"{name} failed: transaction ID: {message.txid}: {kind}".encode()
        return answer

    # State

    def _get_state(self, payload: bytes) -> bytes:
        request = shim.GetState.FromString(payload)
        return self._read(request.collection, request.key)

    def _get_states(self, payload: bytes) -> bytes:
        request = shim.GetStateMultiple.FromString(payload)
        values = [self._read(request.collection, key) for key in request.keys]
        return _bytes(shim.GetStateMultipleResult(values=values))

    def _read(self, collection: str, key: str) -> bytes:
        simulation, namespace = self._run.simulation, self._run.namespace
        if collection:
            simulation.check_creator(namespace, collection, "read")
            return simulation.get_private(namespace, collection, key) or b""
        return simulation.get_state(namespace, key) or b""

    def _put_state(self, payload: bytes) -> bytes:
        request = shim.PutState.FromString(payload)
        return self._write(request.collection, request.key, request.value)

    def _del_state(self, payload: bytes) -> bytes:
        request = shim.DelState.FromString(payload)
        return self._write(request.collection, request.key, None)

    def _purge(self, payload: bytes) -> bytes:
        request = shim.PurgePrivateState.FromString(payload)
        if not request.collection:
            raise Refusal("only applicable for private data")
        return self._write(request.collection, request.key, None, purge=True)

    def _write(self, collection: str, key: str, value: bytes | None, purge: bool = False) -> bytes:
        simulation, namespace = self._run.simulation, self._run.namespace
        if collection:
            simulation.check_creator(namespace, collection, "write")
            simulation.put_private(namespace, collection, key, value, purge)
        else:
            simulation.put_state(namespace, key, value)
        return b""

    def _write_batch(self, payload: bytes) -> bytes:
        kinds = shim.WriteRecord.Type
        for record in shim.WriteBatchState.FromString(payload).rec:
            if record.type == kinds.Value("PUT_STATE"):
                self._write(record.collection, record.key, record.value)
            elif record.type == kinds.Value("DEL_STATE"):
                self._write(record.collection, record.key, None)
            elif record.type == kinds.Value("PURGE_PRIVATE_DATA"):
                self._write(record.collection, record.key, None, purge=True)
            elif record.type == kinds.Value("PUT_STATE_METADATA"):
                self._set_metadata(record.collection, record.key, record.metadata)
            else:
                raise Refusal("unknown operation type")
        return b""

    def _get_hash(self, payload: bytes) -> bytes:
        request = shim.GetState.FromString(payload)
        return self._run.simulation.get_private_hash(self._run.namespace, request.collection, request.key) or b""

    def _get_metadata(self, payload: bytes) -> bytes:
        request = shim.GetStateMetadata.FromString(payload)
        simulation, namespace = self._run.simulation, self._run.namespace
        if request.collection:
            simulation.check_creator(namespace, request.collection, "read")
            found = simulation.get_private_metadata(namespace, request.collection, request.key)
        else:
            found = simulation.get_metadata(namespace, request.key)
        entries = [shim.StateMetadata(metakey=k, value=v) for k, v in found.items()]
        return _bytes(shim.StateMetadataResult(entries=entries))

    def _put_metadata(self, payload: bytes) -> bytes:
        request = shim.PutStateMetadata.FromString(payload)
        return self._set_metadata(request.collection, request.key, request.metadata)

    def _set_metadata(self, collection: str, key: str, metadata: Any) -> bytes:
        simulation, namespace = self._run.simulation, self._run.namespace
        entries = {metadata.metakey: metadata.value}
        if collection:
            simulation.check_creator(namespace, collection, "write")
            simulation.put_private_metadata(namespace, collection, key, entries)
        else:
            simulation.put_metadata(namespace, key, entries)
        return b""

    # Queries

    def _range(self, payload: bytes) -> bytes:
        request = shim.GetStateByRange.FromString(payload)
        simulation, namespace = self._run.simulation, self._run.namespace
        page = _page(request.metadata)
        if request.collection:
            simulation.check_creator(namespace, request.collection, "read")
            return self._start(
                self._values(simulation.private_range(namespace, request.collection, request.startKey, request.endKey))
            )
        if page is None:
            return self._start(self._values(simulation.range(namespace, request.startKey, request.endKey)))
        scan = simulation.range_page(namespace, page.bookmark or request.startKey, request.endKey, page.pageSize)
        limited = itertools.islice(scan, page.pageSize) if page.pageSize else scan
        found = list(self._values(limited))
        return _paged(found, scan.bookmark())

    def _query(self, payload: bytes) -> bytes:
        request = shim.GetQueryResult.FromString(payload)
        simulation, namespace = self._run.simulation, self._run.namespace
        page = _page(request.metadata)
        if request.collection:
            simulation.check_creator(namespace, request.collection, "read")
            return self._start(
                self._values(simulation.private_rich_query(namespace, request.collection, request.query))
            )
        if page is None:
            return self._start(self._values(simulation.rich_query(namespace, request.query)))
        items, bookmark = simulation.rich_query_page(namespace, request.query, page.pageSize, page.bookmark)
        return _paged(list(self._values(iter(items))), bookmark)

    def _history(self, payload: bytes) -> bytes:
        request = shim.GetHistoryForKey.FromString(payload)
        return self._start(map(_modification, self._run.simulation.history(self._run.namespace, request.key)))

    def _start(self, items: Iterator[bytes]) -> bytes:
        identifier = str(next(self._ids))
        self._queries[identifier] = Batches(items)
        return self._batch(identifier)

    def _next(self, payload: bytes) -> bytes:
        identifier = shim.QueryStateNext.FromString(payload).id
        if identifier not in self._queries:
            raise Refusal("query iterator not found")
        return self._batch(identifier)

    def _close(self, payload: bytes) -> bytes:
        identifier = shim.QueryStateClose.FromString(payload).id
        self._queries.pop(identifier, None)
        return _bytes(shim.QueryResponse(id=identifier))

    def _batch(self, identifier: str) -> bytes:
        batch, more = self._queries[identifier].next_batch()
        if not more:
            del self._queries[identifier]
        results = [shim.QueryResultBytes(resultBytes=item) for item in batch]
        return _bytes(shim.QueryResponse(results=results, has_more=more, id=identifier))

    def _values(self, items: Iterator[KeyedValue]) -> Iterator[bytes]:
        for item in items:
            yield _bytes(KV(namespace=self._run.namespace, key=item.key, value=item.value))

    # Calls

    async def _invoke(self, payload: bytes) -> bytes:
        spec = ChaincodeSpec.FromString(payload)
        callee = self._executor.callee(self._run, spec.chaincode_id.name, tuple(spec.input.args), "")
        response = await self._executor.execute(callee)
        wire = WireResponse(status=response.status, message=response.message, payload=response.payload)
        # The shim expects the callee's own COMPLETED message around the response.
        return _bytes(_M(type=_M.COMPLETED, payload=_bytes(wire), txid=self._run.simulation.tx_id))


def _page(metadata: bytes) -> Any | None:
    """The page that a request asks for, None if it wants everything."""
    if not metadata:
        return None
    page = shim.QueryMetadata.FromString(metadata)
    return page if page.pageSize or page.bookmark else None


def _paged(items: list[bytes], bookmark: str) -> bytes:
    metadata = shim.QueryResponseMetadata(fetched_records_count=len(items), bookmark=bookmark)
    results = [shim.QueryResultBytes(resultBytes=item) for item in items]
    return _bytes(shim.QueryResponse(results=results, metadata=_bytes(metadata)))


def _modification(entry: KeyModification) -> bytes:
    message = WireModification(tx_id=entry.tx_id, value=entry.value, is_delete=entry.is_delete)
    message.timestamp.FromDatetime(entry.timestamp)
    return _bytes(message)


def _bytes(message: Any) -> bytes:
    data: bytes = message.SerializeToString()
    return data
