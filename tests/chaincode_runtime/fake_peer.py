"""A peer's side of the chaincode stream over a MemoryLedger: what the shim is tested against."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from queue import Queue, SimpleQueue
from typing import Any

import grpc
from fabric_protos.common import common_pb2
from fabric_protos.ledger.queryresult import kv_query_result_pb2
from fabric_protos.peer import chaincode_pb2, chaincode_shim_pb2, proposal_pb2, proposal_response_pb2

from fabric_sdk.chaincode.errors import PeerError
from fabric_sdk.chaincode.ledger import Invocation, KeyModification, KeyValue, Page
from fabric_sdk.chaincode.testing import Client, MemoryLedger, Simulation, client

M = chaincode_shim_pb2.ChaincodeMessage
BATCH_ROWS = 2


class FakePeer:
    """Dials a chaincode server, registers it, sends transactions and answers what contracts ask."""

    def __init__(
        self,
        address: str,
        ledger: MemoryLedger,
        name: str = "assets",
        *,
        credentials: grpc.ChannelCredentials | None = None,
        offers: chaincode_pb2.ChaincodeAdditionalParams | None = None,
    ) -> None:
        options = (("grpc.max_receive_message_length", 100 << 20), ("grpc.max_send_message_length", 100 << 20))
        self.ledger = ledger
        self.name = name
        self.peers: dict[str, FakePeer] = {name: self}
        self.kinds: list[int] = []
        self.pending: dict[str, int] = {}
        self.ended = threading.Event()
        self.error: Any = None
        self._channel = (
            grpc.secure_channel(address, credentials, options=options)
            if credentials
            else grpc.insecure_channel(address, options=options)
        )
        self._out: SimpleQueue[bytes | None] = SimpleQueue()
        self._results: dict[str, Queue[Any]] = {}
        self._simulations: dict[str, Simulation] = {}
        self._iterators: dict[str, Iterator[Any]] = {}
        self._numbers = itertools.count(1)
        call = self._channel.stream_stream("/protos.Chaincode/Connect")
        self.stream = call(iter(self._out.get, None))
        register = M.FromString(next(self.stream))
        assert register.type == M.REGISTER
        self.package_id = chaincode_pb2.ChaincodeID.FromString(register.payload).name
        self.send(M(type=M.REGISTERED))
        self.send(M(type=M.READY, payload=offers.SerializeToString() if offers else b""))
        threading.Thread(target=self._read, daemon=True).start()

    def send(self, message: Any) -> None:
        self._out.put(message.SerializeToString())

    def execute(
        self,
        *args: str | bytes,
        as_: Client | None = None,
        transient: dict[str, bytes] | None = None,
        commit: bool = True,
        kind: int = M.TRANSACTION,
        timeout: float = 20,
    ) -> Any:
        """Run one transaction to its end; returns the COMPLETED or ERROR message."""
        tx_id = f"{next(self._numbers):064x}"
        encoded = [a.encode() if isinstance(a, str) else a for a in args]
        creator = (as_ or client("Org1MSP")).creator
        at = datetime(2026, 1, 2, 3, 4, 5, 678901, UTC)
        invocation = Invocation(self.ledger.channel_id, tx_id, at, creator, encoded, transient or {})
        simulation = self.ledger.simulate(self.name, invocation)
        message = self.run(simulation, invocation, kind, timeout)
        if commit and message.type == M.COMPLETED:
            assert self.ledger.commit(simulation) == "VALID"
        return message

    def run(self, simulation: Simulation, invocation: Invocation, kind: int, timeout: float) -> Any:
        header = common_pb2.ChannelHeader(type=3, channel_id=invocation.channel_id, tx_id=invocation.tx_id)
        header.timestamp.FromDatetime(invocation.timestamp)
        signature = common_pb2.SignatureHeader(creator=invocation.creator, nonce=b"n" * 24)
        payload = proposal_pb2.ChaincodeProposalPayload(TransientMap=dict(invocation.transient))
        proposal = proposal_pb2.Proposal(
            header=common_pb2.Header(
                channel_header=header.SerializeToString(), signature_header=signature.SerializeToString()
            ).SerializeToString(),
            payload=payload.SerializeToString(),
        )
        waiting: Queue[Any] = Queue()
        self._results[invocation.tx_id] = waiting
        self._simulations[invocation.tx_id] = simulation
        self.send(
            M(
                type=kind,
                txid=invocation.tx_id,
                channel_id=invocation.channel_id,
                payload=chaincode_pb2.ChaincodeInput(args=invocation.args).SerializeToString(),
                proposal=proposal_pb2.SignedProposal(proposal_bytes=proposal.SerializeToString(), signature=b"s"),
            )
        )
        message = waiting.get(timeout=timeout)
        del self._results[invocation.tx_id], self._simulations[invocation.tx_id]
        return message

    def close(self) -> None:
        self._out.put(None)
        self.stream.cancel()
        self._channel.close()

    def _read(self) -> None:
        try:
            for raw in self.stream:
                message = M.FromString(raw)
                self.kinds.append(message.type)
                if message.type in (M.COMPLETED, M.ERROR):
                    self._results[message.txid].put(message)
                elif message.type != M.KEEPALIVE:
                    threading.Thread(target=self._answer, args=(message,), daemon=True).start()
        except grpc.RpcError as error:
            self.error = error
        self.ended.set()
        for waiting in list(self._results.values()):
            waiting.put(M(type=M.ERROR, payload=b"chaincode stream terminated"))

    def _answer(self, message: Any) -> None:
        busy = self.pending.setdefault(message.txid, 0)
        assert busy == 0, "a second request of one transaction"
        self.pending[message.txid] = 1
        reply = M(type=M.RESPONSE, txid=message.txid, channel_id=message.channel_id)
        try:
            reply.payload = _HANDLERS[message.type](self, self._simulations[message.txid], message)
        except PeerError as error:
            reply.type, reply.payload = M.ERROR, str(error).encode()
        self.pending[message.txid] = 0
        self.send(reply)

    def _rows(self, iterator: Iterator[Any], identifier: str, metadata: Any) -> bytes:
        response = chaincode_shim_pb2.QueryResponse(id=identifier)
        rows = list(iterator if metadata else itertools.islice(iterator, BATCH_ROWS))
        for row in rows:
            response.results.add(resultBytes=_row(row))
        if metadata:
            response.metadata = chaincode_shim_pb2.QueryResponseMetadata(
                fetched_records_count=metadata.fetched_records_count, bookmark=metadata.bookmark
            ).SerializeToString()
        elif len(rows) == BATCH_ROWS:
            response.has_more = True
            self._iterators[identifier] = iterator
        return response.SerializeToString()


def _row(row: KeyValue | KeyModification) -> bytes:
    if isinstance(row, KeyValue):
        return kv_query_result_pb2.KV(namespace=row.namespace, key=row.key, value=row.value).SerializeToString()
    message = kv_query_result_pb2.KeyModification(tx_id=row.tx_id, value=row.value, is_delete=row.is_delete)
    message.timestamp.FromDatetime(row.timestamp)
    return message.SerializeToString()


def _page(raw: bytes) -> Page | None:
    if not raw:
        return None
    metadata = chaincode_shim_pb2.QueryMetadata.FromString(raw)
    return Page(metadata.pageSize, metadata.bookmark)


def _get(peer: FakePeer, ledger: Simulation, message: Any) -> bytes:
    request = chaincode_shim_pb2.GetState.FromString(message.payload)
    return ledger.get_state(request.collection, request.key)


def _get_many(peer: FakePeer, ledger: Simulation, message: Any) -> bytes:
    request = chaincode_shim_pb2.GetStateMultiple.FromString(message.payload)
    values = ledger.get_states(request.collection, request.keys)
    return chaincode_shim_pb2.GetStateMultipleResult(values=values).SerializeToString()


def _hash(peer: FakePeer, ledger: Simulation, message: Any) -> bytes:
    request = chaincode_shim_pb2.GetState.FromString(message.payload)
    return ledger.get_private_data_hash(request.collection, request.key)


def _put(peer: FakePeer, ledger: Simulation, message: Any) -> bytes:
    request = chaincode_shim_pb2.PutState.FromString(message.payload)
    ledger.put_state(request.collection, request.key, request.value)
    return b""


def _del(peer: FakePeer, ledger: Simulation, message: Any) -> bytes:
    request = chaincode_shim_pb2.DelState.FromString(message.payload)
    ledger.del_state(request.collection, request.key)
    return b""


def _purge(peer: FakePeer, ledger: Simulation, message: Any) -> bytes:
    request = chaincode_shim_pb2.PurgePrivateState.FromString(message.payload)
    ledger.purge_private_data(request.collection, request.key)
    return b""


def _get_metadata(peer: FakePeer, ledger: Simulation, message: Any) -> bytes:
    request = chaincode_shim_pb2.GetStateMetadata.FromString(message.payload)
    result = chaincode_shim_pb2.StateMetadataResult()
    for name, value in ledger.get_state_metadata(request.collection, request.key).items():
        result.entries.add(metakey=name, value=value)
    return result.SerializeToString()


def _put_metadata(peer: FakePeer, ledger: Simulation, message: Any) -> bytes:
    request = chaincode_shim_pb2.PutStateMetadata.FromString(message.payload)
    ledger.put_state_metadata(request.collection, request.key, request.metadata.metakey, request.metadata.value)
    return b""


def _write_batch(peer: FakePeer, ledger: Simulation, message: Any) -> bytes:
    record = chaincode_shim_pb2.WriteRecord
    for r in chaincode_shim_pb2.WriteBatchState.FromString(message.payload).rec:
        if r.type == record.PUT_STATE:
            ledger.put_state(r.collection, r.key, r.value)
        elif r.type == record.DEL_STATE:
            ledger.del_state(r.collection, r.key)
        elif r.type == record.PUT_STATE_METADATA:
            ledger.put_state_metadata(r.collection, r.key, r.metadata.metakey, r.metadata.value)
        else:
            raise PeerError("unknown operation type")
    return b""


def _range(peer: FakePeer, ledger: Simulation, message: Any) -> bytes:
    request = chaincode_shim_pb2.GetStateByRange.FromString(message.payload)
    page = _page(request.metadata)
    results = ledger.get_state_by_range(request.collection, request.startKey, request.endKey, page)
    return peer._rows(iter(results), f"range-{message.txid}", results.metadata)


def _query(peer: FakePeer, ledger: Simulation, message: Any) -> bytes:
    request = chaincode_shim_pb2.GetQueryResult.FromString(message.payload)
    results = ledger.get_query_result(request.collection, request.query, _page(request.metadata))
    return peer._rows(iter(results), f"query-{message.txid}", results.metadata)


def _history(peer: FakePeer, ledger: Simulation, message: Any) -> bytes:
    request = chaincode_shim_pb2.GetHistoryForKey.FromString(message.payload)
    return peer._rows(iter(ledger.get_history_for_key(request.key)), f"history-{message.txid}", None)


def _next(peer: FakePeer, ledger: Simulation, message: Any) -> bytes:
    identifier = chaincode_shim_pb2.QueryStateNext.FromString(message.payload).id
    return peer._rows(peer._iterators.pop(identifier), identifier, None)


def _close(peer: FakePeer, ledger: Simulation, message: Any) -> bytes:
    identifier = chaincode_shim_pb2.QueryStateClose.FromString(message.payload).id
    del peer._iterators[identifier]
    return chaincode_shim_pb2.QueryResponse(id=identifier).SerializeToString()


def _invoke(peer: FakePeer, ledger: Simulation, message: Any) -> bytes:
    spec = chaincode_pb2.ChaincodeSpec.FromString(message.payload)
    name, _, channel = spec.chaincode_id.name.partition("/")
    target = peer.peers.get(name)
    if target is None or channel not in ("", peer.ledger.channel_id):
        raise PeerError(f"INVOKE_CHAINCODE failed: transaction ID: {message.txid}: no chaincode {name}")
    call = Invocation(
        message.channel_id, message.txid, datetime(2026, 1, 1, tzinfo=UTC), client("Org1MSP").creator, spec.input.args
    )
    answer = target.run(Simulation(peer.ledger, name, call, ledger.transaction), call, M.TRANSACTION, 20)
    return answer.SerializeToString()


_HANDLERS: dict[int, Callable[[FakePeer, Simulation, Any], bytes]] = {
    M.GET_STATE: _get,
    M.GET_STATE_MULTIPLE: _get_many,
    M.GET_PRIVATE_DATA_HASH: _hash,
    M.PUT_STATE: _put,
    M.DEL_STATE: _del,
    M.PURGE_PRIVATE_DATA: _purge,
    M.GET_STATE_METADATA: _get_metadata,
    M.PUT_STATE_METADATA: _put_metadata,
    M.WRITE_BATCH_STATE: _write_batch,
    M.GET_STATE_BY_RANGE: _range,
    M.GET_QUERY_RESULT: _query,
    M.GET_HISTORY_FOR_KEY: _history,
    M.QUERY_STATE_NEXT: _next,
    M.QUERY_STATE_CLOSE: _close,
    M.INVOKE_CHAINCODE: _invoke,
}


def response_of(message: Any) -> Any:
    """The contract's Response inside a COMPLETED message."""
    assert message.type == M.COMPLETED, message
    return proposal_response_pb2.Response.FromString(message.payload)
