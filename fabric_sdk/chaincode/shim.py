"""The contract's side of Fabric's chaincode stream (protos.Chaincode.Connect), without any transport.

A session reads messages that a transport hands it and sends through one callable, so that there is one writer for a
stream however many transactions run. Each transaction runs in a thread of its own; a transaction that was called by
another one of this process gets a thread outside the pool, since the pool might be full of its callers.

Nothing that passes here is logged except types and shortened transaction ids.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from queue import SimpleQueue
from typing import Any

from fabric_protos.common import common_pb2
from fabric_protos.peer import (
    chaincode_event_pb2,
    chaincode_pb2,
    chaincode_shim_pb2,
    proposal_pb2,
    proposal_response_pb2,
)
from google.protobuf.message import DecodeError

from fabric_sdk.chaincode.errors import PeerError
from fabric_sdk.chaincode.ledger import ERROR, Chaincode, Invocation, Response
from fabric_sdk.chaincode.sealing import KeyFolder, SealingKeys
from fabric_sdk.chaincode.stream_ledger import PeerOffers, StreamLedger

log = logging.getLogger(__name__)
Message = chaincode_shim_pb2.ChaincodeMessage
_MAX_SECONDS = 253402300799


class ProtocolError(Exception):
    """The peer sent what the chaincode protocol does not allow here; the stream must end."""


class Session:
    """One stream to one peer.

    `send` takes an encoded message; it must be safe to call from any thread and keep the order of calls. `receive` is
    called by one thread, with each message that arrives. `close` ends all waiting transactions.
    """

    def __init__(
        self,
        chaincode: Chaincode,
        package_id: str,
        send: Callable[[bytes], None],
        pool: ThreadPoolExecutor,
        *,
        peer_msp_id: str = "",
        sealing: SealingKeys | KeyFolder | None = None,
    ) -> None:
        self._chaincode = chaincode
        self._package_id = package_id
        self._send = send
        self._pool = pool
        self._peer_msp_id = peer_msp_id
        self._sealing = sealing
        self._offers = PeerOffers()
        self._state = "created"
        self._waiting: dict[tuple[str, str], SimpleQueue[Any]] = {}
        self._lock = threading.Lock()

    def start(self) -> None:
        """Register with the peer under the package id."""
        name = chaincode_pb2.ChaincodeID(name=self._package_id).SerializeToString()
        self._send(Message(type=Message.REGISTER, payload=name).SerializeToString())

    def receive(self, raw: bytes) -> None:
        """Take one message from the peer; ProtocolError if the stream must end."""
        try:
            message = Message.FromString(raw)
        except DecodeError as error:
            raise ProtocolError("the peer sent a message that cannot be read") from error
        kind = message.type
        if kind == Message.KEEPALIVE:
            self._send(raw)
        elif kind in (Message.RESPONSE, Message.ERROR):
            waiting = self._waiting.get((message.channel_id, message.txid))
            if waiting is not None:
                waiting.put(message)
            elif self._state != "ready":
                raise ProtocolError("the peer refused to register the chaincode")
        elif kind in (Message.TRANSACTION, Message.INIT) and self._state == "ready":
            self._begin(message)
        elif kind == Message.REGISTERED and self._state == "created":
            self._state = "established"
        elif kind == Message.READY and self._state == "established":
            self._offers = PeerOffers.from_ready(message.payload)
            self._state = "ready"
        else:
            raise ProtocolError(f"message of type {kind} in state {self._state}")

    def close(self) -> None:
        """Wake every transaction that waits for the peer; each ends with an error that nobody reads."""
        with self._lock:
            self._state = "closed"
            waiting = list(self._waiting.values())
        for queue in waiting:
            queue.put(None)

    @property
    def busy(self) -> int:
        """Number of transactions under way."""
        return len(self._waiting)

    def _begin(self, message: Any) -> None:
        key = (message.channel_id, message.txid)
        queue: SimpleQueue[Any] = SimpleQueue()
        with self._lock:
            if key in self._waiting:
                raise ProtocolError(f"[{message.txid[:8]}] the transaction is under way already")
            self._waiting[key] = queue
        if _ACTIVE.enter(key):
            self._pool.submit(self._run, message, queue)
        else:
            threading.Thread(target=self._run, args=(message, queue), daemon=True).start()

    def _run(self, message: Any, queue: SimpleQueue[Any]) -> None:
        channel, tx_id = key = (message.channel_id, message.txid)

        def exchange(kind: int, payload: bytes) -> bytes:
            if self._state != "ready":
                raise PeerError("the stream to the peer has ended")
            request = Message(type=kind, payload=payload, txid=tx_id, channel_id=channel)
            self._send(request.SerializeToString())
            answer = queue.get()
            if answer is None:
                raise PeerError("the stream to the peer has ended")
            if answer.type == Message.ERROR:
                raise PeerError(answer.payload.decode("utf-8", "replace"))
            return bytes(answer.payload)

        try:
            reply = self._answer(message, StreamLedger(exchange, self._offers))
        except Exception as error:
            log.error("[%s] transaction failed: %s", tx_id[:8], type(error).__name__)
            text = f"the contract failed ({type(error).__name__})"
            reply = Message(type=Message.ERROR, payload=text.encode(), txid=tx_id, channel_id=channel)
        finally:
            with self._lock:
                self._waiting.pop(key, None)
            _ACTIVE.leave(key)
        if self._state == "ready":
            self._send(reply.SerializeToString())

    def _answer(self, message: Any, ledger: StreamLedger) -> Any:
        invocation = read_invocation(message, self._peer_msp_id, self._sealing)
        is_init = message.type == Message.INIT
        call = self._chaincode.init if is_init else self._chaincode.invoke
        response = call(invocation, ledger)
        if response.successful:
            try:
                ledger.flush()
            except PeerError as error:
                response = Response(ERROR, str(error))
        answer = Message(type=Message.COMPLETED, txid=message.txid, channel_id=message.channel_id)
        if is_init and not response.successful:
            answer.type, answer.payload = Message.ERROR, response.message.encode()
            return answer
        answer.payload = proposal_response_pb2.Response(
            status=response.status, message=response.message, payload=response.payload
        ).SerializeToString()
        if response.event is not None:
            event = chaincode_event_pb2.ChaincodeEvent(event_name=response.event.name, payload=response.event.payload)
            answer.chaincode_event.CopyFrom(event)
        return answer


def read_invocation(message: Any, peer_msp_id: str = "", sealing: SealingKeys | KeyFolder | None = None) -> Invocation:
    """Read a TRANSACTION or INIT message; DecodeError if its parts are no Fabric messages."""
    call = chaincode_pb2.ChaincodeInput.FromString(message.payload)
    creator, transient, timestamp, signed = b"", {}, datetime.fromtimestamp(0, UTC), b""
    if message.HasField("proposal"):
        signed = message.proposal.SerializeToString()
        proposal = proposal_pb2.Proposal.FromString(message.proposal.proposal_bytes)
        header = common_pb2.Header.FromString(proposal.header)
        channel_header = common_pb2.ChannelHeader.FromString(header.channel_header)
        creator = common_pb2.SignatureHeader.FromString(header.signature_header).creator
        moment = channel_header.timestamp
        if 0 <= moment.seconds <= _MAX_SECONDS and 0 <= moment.nanos < 10**9:
            at = datetime.fromtimestamp(moment.seconds, UTC)
            timestamp = at.replace(microsecond=moment.nanos // 1000)
        payload = proposal_pb2.ChaincodeProposalPayload.FromString(proposal.payload)
        transient = dict(payload.TransientMap)
    return Invocation(
        channel_id=message.channel_id,
        tx_id=message.txid,
        timestamp=timestamp,
        creator=creator,
        args=tuple(call.args),
        transient=transient,
        signed_proposal=signed,
        peer_msp_id=peer_msp_id,
        decorations=dict(call.decorations),
        sealing=sealing,
    )


class _ActiveTransactions:
    """Counts how often each transaction runs in this process, over all streams."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, str], int] = {}

    def enter(self, key: tuple[str, str]) -> bool:
        """Count one more call; return whether it is the transaction's only one."""
        with self._lock:
            count = self._counts.get(key, 0)
            self._counts[key] = count + 1
            return count == 0

    def leave(self, key: tuple[str, str]) -> None:
        with self._lock:
            count = self._counts.pop(key)
            if count > 1:
                self._counts[key] = count - 1


_ACTIVE = _ActiveTransactions()
