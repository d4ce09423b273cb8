"""Contracts that other processes serve (chaincode as a service), in any language.

The node dials the address of the package's connection.json and speaks Fabric's chaincode protocol
(peer/chaincode_shim.proto) as a peer does. One stream for each peer and package; streams are opened when first needed,
and again after the contract has gone away.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Any

import grpc
from fabric_protos.peer.chaincode_pb2 import ChaincodeID, ChaincodeInput
from fabric_protos.peer.chaincode_shim_pb2 import ChaincodeMessage
from fabric_protos.peer.proposal_pb2 import SignedProposal
from fabric_protos.peer.proposal_response_pb2 import Response as WireResponse

from fabric_sdk.chaincode.ledger import ChaincodeEvent, Invocation, Response
from fabric_sdk.chaincode.package import Package
from fabric_sdk.wire import MAX_MESSAGE_BYTES
from network.embedded.ccaas_requests import RequestHandler
from network.embedded.execution import EXECUTE_TIMEOUT, STREAM_TERMINATED, TIMED_OUT, Executor, Run
from network.embedded.faults import Refusal

log = logging.getLogger(__name__)
_CONNECT = "/protos.Chaincode/Connect"
_START_TIMEOUT = 10.0
_M = ChaincodeMessage


class ContractStream:
    """One stream to a contract, for one peer."""

    def __init__(self, package: Package, peer_name: str, executor: Executor) -> None:
        self._package = package
        self._address = package.address.replace("{{.peername}}", peer_name)
        self._executor = executor
        self._channel: grpc.aio.Channel | None = None
        self._call: Any = None
        self._running: dict[tuple[str, str], _Transaction] = {}
        self._reader: asyncio.Task[None] | None = None
        self._write_lock = asyncio.Lock()
        self.ended = False

    async def open(self) -> None:
        """Dial and wait until the contract has registered."""
        failure = f"could not launch chaincode {self._package.package_id}: error starting container: connection to"
        try:
            self._channel = self._dial()
            self._call = self._channel.stream_stream(_CONNECT)()
            async with asyncio.timeout(_START_TIMEOUT):
                await self._register()
        except (grpc.aio.AioRpcError, asyncio.InvalidStateError, TimeoutError, asyncio.CancelledError) as e:
            await self.close()
            raise Refusal(f"{failure} {self._package.label} at {self._address} failed") from e
        self._reader = asyncio.get_running_loop().create_task(self._read(), name=f"contract {self._package.label}")

    async def execute(self, run: Run, invocation: Invocation, init: bool) -> Response:
        key = (run.channel.channel_id, invocation.tx_id)
        if key in self._running:
            raise Refusal(f"txid: {invocation.tx_id}({key[0]}) exists")
        transaction = _Transaction(RequestHandler(run, self._executor), asyncio.get_running_loop().create_future())
        self._running[key] = transaction
        message = _M(
            type=_M.INIT if init else _M.TRANSACTION,
            payload=ChaincodeInput(args=invocation.args, is_init=init).SerializeToString(),
            txid=invocation.tx_id,
            channel_id=key[0],
        )
        message.proposal.CopyFrom(SignedProposal.FromString(invocation.signed_proposal))
        try:
            await self._send(message)
            async with asyncio.timeout(EXECUTE_TIMEOUT):
                answer = await transaction.answer
        except TimeoutError as e:
            raise Refusal(f"error sending: {TIMED_OUT}") from e
        finally:
            self._running.pop(key, None)
        return _response(answer)

    async def close(self) -> None:
        self._end()
        if self._reader is not None:
            self._reader.cancel()
        if self._call is not None:
            self._call.cancel()
        if self._channel is not None:
            await self._channel.close()

    def _dial(self) -> grpc.aio.Channel:
        options = [
            ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
            ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
            ("grpc.enable_http_proxy", 0),
            ("grpc.use_local_subchannel_pool", 1),
        ]
        connection = self._package.connection
        if not connection.get("tls_required"):
            return grpc.aio.insecure_channel(self._address, options=options)
        names = [str(connection.get(n) or "").encode() or None for n in ("root_cert", "client_key", "client_cert")]
        if not connection.get("client_auth_required"):
            names[1] = names[2] = None
        return grpc.aio.secure_channel(self._address, grpc.ssl_channel_credentials(*names), options=options)

    async def _register(self) -> None:
        raw = await self._call.read()
        if raw is grpc.aio.EOF:
            raise TimeoutError("the contract closed the stream")
        message = _M.FromString(raw)
        if message.type != _M.REGISTER:
            raise TimeoutError("the contract did not register")
        name = ChaincodeID.FromString(message.payload).name
        if name != self._package.package_id:
            raise Refusal(
                f"could not launch chaincode {self._package.package_id}: the contract at {self._address} registers as"
                f" {name[:200]}"
            )
        await self._send(_M(type=_M.REGISTERED))
        await self._send(_M(type=_M.READY))

    async def _send(self, message: ChaincodeMessage) -> None:
        try:
            async with self._write_lock:
                await self._call.write(message.SerializeToString())
        except (grpc.aio.AioRpcError, asyncio.InvalidStateError, asyncio.CancelledError) as e:
            self._end()
            raise Refusal(f"error sending: {STREAM_TERMINATED}") from e

    async def _read(self) -> None:
        try:
            while True:
                raw = await self._call.read()
                if raw is grpc.aio.EOF:
                    return
                self._take(_M.FromString(raw))
        except (grpc.aio.AioRpcError, asyncio.CancelledError):
            return
        except Exception:
            log.exception("contract %s sent something unexpected", self._package.label)
        finally:
            self._end()

    def _take(self, message: ChaincodeMessage) -> None:
        if message.type == _M.KEEPALIVE:
            return
        transaction = self._running.get((message.channel_id, message.txid))
        if transaction is None:
            return
        if message.type in (_M.COMPLETED, _M.ERROR):
            if not transaction.answer.done():
                transaction.answer.set_result(message)
            return
        task = asyncio.get_running_loop().create_task(self._answer(transaction, message))
        transaction.tasks.add(task)
        task.add_done_callback(transaction.tasks.discard)

    async def _answer(self, transaction: _Transaction, message: ChaincodeMessage) -> None:
        answer = await transaction.handler.handle(message)
        with contextlib.suppress(Refusal):
            await self._send(answer)

    def _end(self) -> None:
        self.ended = True
        for transaction in self._running.values():
            if not transaction.answer.done():
                transaction.answer.set_exception(Refusal(f"error sending: {STREAM_TERMINATED}"))


class _Transaction:
    def __init__(self, handler: RequestHandler, answer: asyncio.Future[ChaincodeMessage]) -> None:
        self.handler = handler
        self.answer = answer
        self.tasks: set[asyncio.Task[None]] = set()


def _response(message: ChaincodeMessage) -> Response:
    if message.type == _M.ERROR:
        raise Refusal(f"transaction returned with failure: {message.payload.decode('utf-8', 'replace')}")
    try:
        response = WireResponse.FromString(message.payload)
    except Exception as e:
        raise Refusal("failed to unmarshal response") from e
    event = None
    if message.HasField("chaincode_event"):
        event = ChaincodeEvent(message.chaincode_event.event_name, message.chaincode_event.payload)
    return Response(response.status, response.message, response.payload, event)
