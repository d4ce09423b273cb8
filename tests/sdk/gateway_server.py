"""A peer's Gateway for tests: checks every signature, keeps a little ledger, answers as Fabric does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent import futures
from hashlib import sha256
from typing import Any

import grpc
from fabric_protos.common.common_pb2 import (
    Block,
    BlockMetadataIndex,
    ChannelHeader,
    Envelope,
    HeaderType,
    Payload,
    Status,
)
from fabric_protos.gateway import gateway_pb2 as gw
from fabric_protos.orderer.ab_pb2 import SeekInfo
from fabric_protos.peer import events_pb2
from fabric_protos.peer.chaincode_event_pb2 import ChaincodeEvent
from google.rpc.code_pb2 import ABORTED
from google.rpc.status_pb2 import Status as RpcStatus

from fabric_sdk.blocks import data_hash, header_hash
from fabric_sdk.envelope import (
    endorse,
    proposal_response_payload,
    read_action,
    read_envelope,
    read_proposal,
    transaction_payload,
)
from fabric_sdk.gateway import Endpoint
from fabric_sdk.msp import MspManager
from tests.sdk.material import Organization

CHANNEL = "mychannel"


class FakePeer:
    """Functions: `echo` returns its arguments, `event` sets one, `fail` refuses, `hang` never answers,
    `conflict` commits as MVCC_READ_CONFLICT."""

    def __init__(self, organization: Organization, msps: MspManager) -> None:
        self.organization = organization
        self.msps = msps
        self.blocks: list[Block] = [Block()]
        self.changed = threading.Condition()
        self.seen_transient: dict[str, bytes] = {}
        self.seen_organizations: list[str] = []
        self.substitute: bytes | None = None
        self.closed = threading.Event()
        self._server = grpc.server(futures.ThreadPoolExecutor(16))
        unary = {
            "Evaluate": self.evaluate,
            "Endorse": self.endorse,
            "Submit": self.submit,
            "CommitStatus": self.commit_status,
        }
        handlers = {name: grpc.unary_unary_rpc_method_handler(call) for name, call in unary.items()}
        handlers["ChaincodeEvents"] = grpc.unary_stream_rpc_method_handler(self.chaincode_events)
        self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("gateway.Gateway", handlers),))
        deliver = {
            name: grpc.stream_stream_rpc_method_handler(self._deliver(kind))
            for name, kind in (
                ("Deliver", "block"),
                ("DeliverFiltered", "filtered_block"),
                ("DeliverWithPrivateData", "block_and_private_data"),
            )
        }
        self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("protos.Deliver", deliver),))
        self.port = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(f"127.0.0.1:{self.port}")

    def stop(self) -> None:
        self.closed.set()
        with self.changed:
            self.changed.notify_all()
        self._server.stop(0).wait(5)

    def evaluate(self, request: bytes, context: Any) -> bytes:
        message = gw.EvaluateRequest.FromString(request)
        self.seen_organizations = list(message.target_organizations)
        payload = self._simulate(message.proposed_transaction, context)[1]
        response = gw.EvaluateResponse()
        response.result.status = 200
        response.result.payload = payload
        return response.SerializeToString()

    def endorse(self, request: bytes, context: Any) -> bytes:
        message = gw.EndorseRequest.FromString(request)
        self.seen_organizations = list(message.endorsing_organizations)
        view, payload, event = self._simulate(message.proposed_transaction, context)
        answer = proposal_response_payload(
            view.hash,
            b"",
            event,
            status=200,
            message="",
            payload=payload,
            chaincode=view.chaincode,
            chaincode_version="1",
        )
        prepared = transaction_payload(self.substitute or view.raw, answer, [endorse(answer, self.organization.peer)])
        return gw.EndorseResponse(prepared_transaction=Envelope(payload=prepared)).SerializeToString()

    def submit(self, request: bytes, context: Any) -> bytes:
        message = gw.SubmitRequest.FromString(request)
        envelope = message.prepared_transaction.SerializeToString()
        view = read_envelope(envelope)
        self._verify(view.header.creator, view.signature, view.payload, context)
        action = read_action(view)
        code = 11 if action.args[0] == b"conflict" else 0
        self.append(envelope, code)
        return b""

    def append(self, envelope: bytes, code: int = 0) -> None:
        with self.changed:
            block = Block()
            block.header.number = len(self.blocks)
            block.header.previous_hash = header_hash(self.blocks[-1].header)
            block.data.data.append(envelope)
            block.header.data_hash = data_hash(block.data)
            block.metadata.metadata.extend([b""] * 5)
            block.metadata.metadata[BlockMetadataIndex.TRANSACTIONS_FILTER] = bytes([code])
            self.blocks.append(block)
            self.changed.notify_all()

    def commit_status(self, request: bytes, context: Any) -> bytes:
        signed = gw.SignedCommitStatusRequest.FromString(request)
        question = gw.CommitStatusRequest.FromString(signed.request)
        self._verify(question.identity, signed.signature, signed.request, context)
        with self.changed:
            while context.is_active() and not self.closed.is_set():
                for block in self.blocks[1:]:
                    if read_envelope(block.data.data[0]).header.transaction_id == question.transaction_id:
                        return gw.CommitStatusResponse(
                            result=block.metadata.metadata[BlockMetadataIndex.TRANSACTIONS_FILTER][0],
                            block_number=block.header.number,
                        ).SerializeToString()
                self.changed.wait(0.2)
        context.abort(grpc.StatusCode.CANCELLED, "gone")
        raise AssertionError

    def chaincode_events(self, request: bytes, context: Any) -> Iterator[bytes]:
        signed = gw.SignedChaincodeEventsRequest.FromString(request)
        question = gw.ChaincodeEventsRequest.FromString(signed.request)
        self._verify(question.identity, signed.signature, signed.request, context)
        after = question.after_transaction_id
        for block in self._blocks(question.start_position, context):
            action = read_action(read_envelope(block.data.data[0]))
            event = ChaincodeEvent.FromString(action.events)
            if block.metadata.metadata[BlockMetadataIndex.TRANSACTIONS_FILTER] != b"\0":
                continue
            if after and event.tx_id == after:
                after = ""
                continue
            if event.chaincode_id == question.chaincode_id:
                yield gw.ChaincodeEventsResponse(events=[event], block_number=block.header.number).SerializeToString()

    def _deliver(self, kind: str) -> Any:
        def deliver(requests: Iterator[bytes], context: Any) -> Iterator[bytes]:
            envelope = Envelope.FromString(next(requests))
            view = read_envelope(envelope.SerializeToString())
            assert view.header.type == HeaderType.DELIVER_SEEK_INFO
            self._verify(view.header.creator, view.signature, view.payload, context)
            if view.header.channel_id != CHANNEL:
                yield events_pb2.DeliverResponse(status=Status.NOT_FOUND).SerializeToString()
                return
            for block in self._blocks(SeekInfo.FromString(view.data).start, context):
                response = events_pb2.DeliverResponse()
                if kind == "block":
                    response.block.CopyFrom(block)
                elif kind == "filtered_block":
                    view = read_envelope(block.data.data[0])
                    found = response.filtered_block
                    found.channel_id, found.number = CHANNEL, block.header.number
                    transaction = found.filtered_transactions.add(txid=view.header.transaction_id, type=3)
                    action = read_action(view)
                    inner = transaction.transaction_actions.chaincode_actions.add()
                    if action.events:
                        inner.chaincode_event.ParseFromString(action.events)
                else:
                    response.block_and_private_data.block.CopyFrom(block)
                    private = response.block_and_private_data.private_data_map[0]
                    part = private.ns_pvt_rwset.add(namespace="basic").collection_pvt_rwset.add(
                        collection_name="secret"
                    )
                    part.rwset = b"\x1a\x08\x0a\x01k\x1a\x03abc"
                yield response.SerializeToString()

        return deliver

    def _blocks(self, start: Any, context: Any) -> Iterator[Block]:
        with self.changed:
            number = start.specified.number if start.WhichOneof("Type") == "specified" else len(self.blocks)
        number = max(number, 1)
        while context.is_active() and not self.closed.is_set():
            with self.changed:
                block = self.blocks[number] if number < len(self.blocks) else None
                if block is None:
                    self.changed.wait(0.1)
            if block is not None:
                number += 1
                yield block

    def _simulate(self, signed: Any, context: Any) -> Any:
        view = read_proposal(signed.proposal_bytes)
        self._verify(view.creator, signed.signature, signed.proposal_bytes, context)
        self.seen_transient = dict(view.transient)
        function = view.args[0].decode().rpartition(":")[2]
        if function == "hang":
            while context.is_active() and not self.closed.is_set():
                self.closed.wait(0.1)
        if function == "fail":
            self._abort(context, "failed to endorse transaction, see attached details for more info")
        event = b""
        if function == "event":
            event = ChaincodeEvent(
                chaincode_id=view.chaincode, tx_id=view.transaction_id, event_name="happened", payload=view.args[1]
            ).SerializeToString()
        return view, b" ".join(view.args), event

    def _verify(self, creator: bytes, signature: bytes, message: bytes, context: Any) -> None:
        try:
            self.msps.verify(self.msps.validate(creator), signature, message)
        except Exception:
            context.abort(grpc.StatusCode.PERMISSION_DENIED, "access denied")

    def _abort(self, context: Any, message: str) -> None:
        status = RpcStatus(code=ABORTED, message=message)
        detail = gw.ErrorDetail(
            address="peer0.org1.example.com:7051", msp_id="Org1MSP", message="chaincode response 500, no"
        )
        status.details.add().Pack(detail)
        context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
        context.abort(grpc.StatusCode.ABORTED, message)


def certificate_hash_of(seek_request: bytes) -> bytes:
    payload = Payload.FromString(Envelope.FromString(seek_request).payload)
    return ChannelHeader.FromString(payload.header.channel_header).tls_cert_hash


def sha(data: bytes) -> bytes:
    return sha256(data).digest()
