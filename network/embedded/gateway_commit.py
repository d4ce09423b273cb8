"""The second half of a peer's Gateway: submit, commit status, chaincode events.

Source: internal/pkg/gateway (submit.go, commitstatus.go, chaincodeevents.go).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence

from fabric_protos.gateway.gateway_pb2 import (
    ChaincodeEventsRequest,
    ChaincodeEventsResponse,
    CommitStatusRequest,
    CommitStatusResponse,
    SignedChaincodeEventsRequest,
    SignedCommitStatusRequest,
    SubmitRequest,
    SubmitResponse,
)

from fabric_sdk.msp import ValidatedIdentity
from network.embedded.channel import Channel
from network.embedded.faults import AccessDenied, BroadcastRefused, NodeMessage, RpcError
from network.embedded.ordering import OrdererIdentity
from network.embedded.peer import Peer
from network.embedded.quotas import CallQuota, StreamQuota
from network.embedded.transactions import VALID


class CommitGateway:
    """Ordering and outcomes, as one peer's Gateway offers them. `orderers` gives the ordering nodes that run."""

    def __init__(
        self, peer: Peer, orderers: Callable[[], Sequence[OrdererIdentity]], quota: StreamQuota, calls: CallQuota
    ) -> None:
        self.peer = peer
        self._quota = quota
        self._calls = calls
        self._orderers = orderers

    async def submit(self, request: SubmitRequest) -> SubmitResponse:
        """Hand a signed transaction to the ordering service."""
        if not request.HasField("prepared_transaction"):
            raise RpcError("INVALID_ARGUMENT", "a prepared transaction is required")
        envelope = request.prepared_transaction
        if not envelope.signature:
            raise RpcError("INVALID_ARGUMENT", "prepared transaction must be signed")
        channel = self.peer.joined.get(request.channel_id)
        if channel is None:
            raise RpcError(
                "FAILED_PRECONDITION",
                f"failed to get config for channel [{request.channel_id}]: could not get last config for channel"
                f" {request.channel_id}",
            )
        try:
            channel.broadcast(envelope, request.transaction_id)
        except BroadcastRefused as e:
            text = f"received unsuccessful response from orderer: status={e.status}, info={e.info}"
            if e.status in ("BAD_REQUEST", "FORBIDDEN", "NOT_FOUND", "REQUEST_ENTITY_TOO_LARGE"):
                raise RpcError("ABORTED", text) from e
            raise RpcError(
                "UNAVAILABLE",
                "no orderers could successfully process transaction",
                (*(NodeMessage(o.address, o.signer.msp_id, text) for o in self._orderers()),),
            ) from e
        return SubmitResponse()

    async def commit_status(self, signed: SignedCommitStatusRequest) -> CommitStatusResponse:
        """Wait until a transaction is in a block on disk, and say how it fared."""
        if not signed.request:
            raise RpcError("INVALID_ARGUMENT", "a commit status request is required")
        try:
            request = CommitStatusRequest.FromString(signed.request)
        except Exception as e:
            raise RpcError("INVALID_ARGUMENT", "invalid status request") from e
        if not request.identity:
            raise RpcError("INVALID_ARGUMENT", "no identity provided")
        if not request.channel_id:
            raise RpcError("INVALID_ARGUMENT", "no channel ID provided")
        if not request.transaction_id:
            raise RpcError("INVALID_ARGUMENT", "transaction ID should not be empty")
        channel, identity = self._authorized(
            "gateway/CommitStatus", request.channel_id, request.identity, signed.request, signed.signature
        )
        with self._calls.call(identity, len(signed.request)):
            row = await channel.committed(request.transaction_id)
        return CommitStatusResponse(result=row.code, block_number=row.block)

    def _authorized(
        self, resource: str, channel_id: str, identity: bytes, message: bytes, signature: bytes
    ) -> tuple[Channel, ValidatedIdentity]:
        channel = self.peer.joined.get(channel_id)
        if channel is None:
            raise RpcError(
                "PERMISSION_DENIED",
                f"failed evaluating policy on signed data during check policy [{channel_id}]: policy manager for"
                " channel not found",
            )
        try:
            return channel, channel.config.check_acl(resource, identity, message, signature)
        except AccessDenied as e:
            raise RpcError("PERMISSION_DENIED", str(e)) from e

    # Chaincode events

    async def chaincode_events(self, signed: SignedChaincodeEventsRequest) -> AsyncIterator[bytes]:
        """The events of one chaincode's valid transactions, block by block, for as long as the client listens."""
        if not signed.request:
            raise RpcError("INVALID_ARGUMENT", "a chaincode events request is required")
        try:
            request = ChaincodeEventsRequest.FromString(signed.request)
        except Exception as e:
            raise RpcError("INVALID_ARGUMENT", "invalid chaincode events request") from e
        channel, _ = self._authorized(
            "gateway/ChaincodeEvents", request.channel_id, request.identity, signed.request, signed.signature
        )
        number, after = _start_of(channel, request)
        with self._quota.stream(request.identity, "/gateway.Gateway"):
            while True:
                await channel.wait_for_block(number)
                _, transactions = channel.block(number)
                response = ChaincodeEventsResponse(block_number=number)
                for transaction in transactions:
                    if after:
                        if transaction.tx_id == after:
                            after = ""
                        continue
                    event = transaction.event if transaction.code == VALID else None
                    if event is not None and event.chaincode_id == request.chaincode_id:
                        response.events.append(event)
                if response.events:
                    yield response.SerializeToString()
                number += 1


def _start_of(channel: Channel, request: ChaincodeEventsRequest) -> tuple[int, str]:
    """The first block to look at, and the transaction after which events count ("" for all)."""
    after = request.after_transaction_id
    if after:
        row = channel.view.transaction(after)
        if row is not None:
            return row.block, after
    kind = request.start_position.WhichOneof("Type")
    if kind == "specified":
        return request.start_position.specified.number, after
    if kind in (None, "next_commit"):
        return channel.height, after
    raise RpcError("INVALID_ARGUMENT", f"invalid start position type: {kind}")
