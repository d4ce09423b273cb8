"""The services of an embedded node: which message of a peer or an orderer reaches what."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

from fabric_protos.common.common_pb2 import Envelope, Status
from fabric_protos.gateway import gateway_pb2 as gw
from fabric_protos.orderer.ab_pb2 import BroadcastResponse
from fabric_protos.peer.proposal_pb2 import SignedProposal

from fabric_sdk.transaction import MalformedTransaction, read_payload
from network.embedded.channel import Channel
from network.embedded.deliver import DeliverService, Kind
from network.embedded.endorser import Endorser, read_signed_proposal
from network.embedded.faults import BroadcastRefused, ProposalRefused, RpcError
from network.embedded.gateway import Gateway
from network.embedded.gateway_commit import CommitGateway
from network.embedded.neighbours import Neighbours
from network.embedded.ordering import OrdererIdentity
from network.embedded.peer import Peer
from network.embedded.quotas import CallQuota, StreamQuota
from network.embedded.rpc import Limit, Service

_LIMITS = {"/gateway.Gateway": 500, "/protos.Endorser": 2500}


def peer_service(
    peer: Peer,
    endorsers: dict[str, Endorser],
    neighbours: Neighbours,
    orderers: Callable[[], Sequence[OrdererIdentity]],
    limits: Mapping[str, int],
    identified: Callable[[bytes], None] = lambda _certificate: None,
) -> Service:
    """What a peer offers: Gateway, Endorser and Deliver. `orderers` gives those of the whole node.

    `identified` is told whose the call is that is being answered, once its signature was verified.
    """
    most = _limits(limits)
    calls = CallQuota(most["/gateway.Gateway"], identified=identified)
    proposals = CallQuota(most["/protos.Endorser"], identified=identified)
    gateway = Gateway(peer, endorsers, neighbours.all_peers, calls, neighbours.endorsers, neighbours.patience)
    quota = StreamQuota()
    commits = CommitGateway(peer, orderers, quota, calls)
    deliver = DeliverService(lambda: peer.joined, quota, peer.identity)
    endorser = endorsers[peer.name]

    async def evaluate(request: bytes) -> bytes:
        return await gateway.evaluate(_in(gw.EvaluateRequest, request))

    async def endorse(request: bytes) -> bytes:
        return await gateway.endorse(_in(gw.EndorseRequest, request))

    async def submit(request: bytes) -> bytes:
        return _out(await commits.submit(_in(gw.SubmitRequest, request)))

    async def commit_status(request: bytes) -> bytes:
        return _out(await commits.commit_status(_in(gw.SignedCommitStatusRequest, request)))

    async def process_proposal(request: bytes) -> bytes:
        try:
            proposal = read_signed_proposal(_in(SignedProposal, request))
            with proposals.call(endorser.creator_of(proposal), len(request)):
                return _out((await endorser.process(proposal)).message)
        except ProposalRefused as e:
            raise RpcError("UNKNOWN", str(e)) from e

    def events(request: bytes) -> AsyncIterator[bytes]:
        return commits.chaincode_events(_in(gw.SignedChaincodeEventsRequest, request))

    def stream(kind: Kind) -> Any:
        return lambda requests: deliver.stream(kind, requests)

    return Service(
        lambda: peer.running,
        unary={
            "/gateway.Gateway/Evaluate": evaluate,
            "/gateway.Gateway/Endorse": endorse,
            "/gateway.Gateway/Submit": submit,
            "/gateway.Gateway/CommitStatus": commit_status,
            "/protos.Endorser/ProcessProposal": process_proposal,
        },
        server_stream={"/gateway.Gateway/ChaincodeEvents": events},
        bidi={
            "/protos.Deliver/Deliver": stream("block"),
            "/protos.Deliver/DeliverFiltered": stream("filtered"),
            "/protos.Deliver/DeliverWithPrivateData": stream("private"),
        },
        limits=most,
    )


def orderer_service(channels: Mapping[str, Channel], running: Callable[[], bool], limits: Mapping[str, int]) -> Service:
    """What an ordering node offers: Broadcast and Deliver."""
    deliver = DeliverService(lambda: channels, StreamQuota())

    async def broadcast(requests: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for request in requests:
            answer = _broadcast(channels, request)
            yield _out(answer)
            if answer.status != Status.SUCCESS:
                return

    return Service(
        running,
        bidi={
            "/orderer.AtomicBroadcast/Broadcast": broadcast,
            "/orderer.AtomicBroadcast/Deliver": lambda requests: deliver.stream("orderer", requests),
        },
        limits=_limits(limits),
    )


def _broadcast(channels: Mapping[str, Channel], request: bytes) -> BroadcastResponse:
    try:
        envelope = Envelope.FromString(request)
        channel_id = read_payload(envelope.payload, envelope.signature).header.channel_id
    except MalformedTransaction as e:
        return BroadcastResponse(status=Status.BAD_REQUEST, info=str(e))
    except Exception:
        return BroadcastResponse(status=Status.BAD_REQUEST, info="malformed envelope")
    channel = channels.get(channel_id)
    if channel is None:
        return BroadcastResponse(
            status=Status.NOT_FOUND, info=f"channel {channel_id[:249]} does not exist: channel does not exist"
        )
    try:
        channel.broadcast(envelope)
    except BroadcastRefused as e:
        return BroadcastResponse(status=Status.Value(e.status), info=e.info)
    return BroadcastResponse(status=Status.SUCCESS)


def _limits(own: Mapping[str, int]) -> dict[str, Limit]:
    return {service: Limit(service, count) for service, count in {**_LIMITS, **own}.items()}


def _in(kind: Any, data: bytes) -> Any:
    message = kind()
    try:
        message.ParseFromString(data)
    except Exception as e:
        raise RpcError("INTERNAL", f"the request is not a {kind.__name__}") from e
    return message


def _out(message: Any) -> bytes:
    data: bytes = message.SerializeToString()
    return data
