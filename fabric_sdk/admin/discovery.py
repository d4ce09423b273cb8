"""Which peers and organisations a channel has, asked of one peer's discovery service (`discovery.Discovery`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from fabric_protos.discovery import protocol_pb2
from fabric_protos.gossip import message_pb2
from fabric_protos.msp.identities_pb2 import SerializedIdentity
from fabric_protos.msp.msp_config_pb2 import FabricMSPConfig

from fabric_sdk.admin.peer import PeerConnection, Refused
from fabric_sdk.errors import DecodeError
from fabric_sdk.wire import decode

METHOD_DISCOVER = "/discovery.Discovery/Discover"


@dataclass(frozen=True, slots=True)
class DiscoveredPeer:
    """A peer as gossip knows it.

    `height` is its ledger's in blocks (0 in a query without a channel), `chaincodes` maps those it can run to the
    sequence of their definitions.
    """

    msp_id: str
    endpoint: str
    height: int = 0
    chaincodes: Mapping[str, str] = field(default_factory=dict)
    identity: bytes = field(default=b"", repr=False)
    """SerializedIdentity of the peer."""


@dataclass(frozen=True, slots=True)
class ChannelMembers:
    """A channel's organisations with their MSP configurations, and where each one's orderers listen."""

    msps: Mapping[str, FabricMSPConfig]
    orderers: Mapping[str, tuple[str, ...]]


class Discovery:
    """Discovery through one peer; Refused where its channel does not let this identity ask."""

    def __init__(self, peer: PeerConnection) -> None:
        self._peer = peer

    def members(self, channel: str) -> ChannelMembers:
        """Return the channel's organisations and orderers."""
        result = self._ask(protocol_pb2.Query(channel=channel, config_query=protocol_pb2.ConfigQuery())).config_result
        orderers = {
            msp_id: tuple(f"{e.host}:{e.port}" for e in endpoints.endpoint)
            for msp_id, endpoints in sorted(result.orderers.items())
        }
        return ChannelMembers(dict(sorted(result.msps.items())), orderers)

    def peers(self, channel: str) -> tuple[DiscoveredPeer, ...]:
        """Return the peers that are alive in the channel, by organisation and endpoint."""
        query = protocol_pb2.Query(channel=channel, peer_query=protocol_pb2.PeerMembershipQuery())
        return _peers(self._ask(query).members)

    def local_peers(self) -> tuple[DiscoveredPeer, ...]:
        """Return all peers this one knows, whatever their channels; only for its organisation's administrators."""
        return _peers(self._ask(protocol_pb2.Query(local_peers=protocol_pb2.LocalPeerQuery())).members)

    def _ask(self, query: Any) -> Any:
        identity = self._peer.identity
        authentication = protocol_pb2.AuthInfo(client_identity=identity.creator)
        certificate = self._peer.transport.client_certificate_der
        if certificate is not None:
            authentication.client_tls_cert_hash = sha256(certificate).digest()
        payload: bytes = protocol_pb2.Request(authentication=authentication, queries=[query]).SerializeToString()
        request = protocol_pb2.SignedRequest(payload=payload, signature=identity.sign(payload)).SerializeToString()
        answer = self._peer.transport.unary(METHOD_DISCOVER, request, self._peer.timeout_s)
        results = decode(protocol_pb2.Response, answer, "discovery response").results
        if len(results) != 1:
            raise DecodeError("the discovery service did not answer the one question asked")
        if results[0].WhichOneof("result") == "error":
            raise Refused("discovery", 403, results[0].error.content)
        return results[0]


def _peers(membership: Any) -> tuple[DiscoveredPeer, ...]:
    found = [
        _peer(msp_id, peer)
        for msp_id, peers in membership.peers_by_org.items()
        for peer in peers.peers
        if peer.HasField("membership_info")
    ]
    return tuple(sorted(found, key=lambda p: (p.msp_id, p.endpoint)))


def _peer(msp_id: str, peer: Any) -> DiscoveredPeer:
    alive = decode(message_pb2.GossipMessage, peer.membership_info.payload, "gossip message").alive_msg
    height, chaincodes = 0, {}
    if peer.HasField("state_info"):
        state = decode(message_pb2.GossipMessage, peer.state_info.payload, "gossip message").state_info
        height = state.properties.ledger_height
        chaincodes = {c.name: c.version for c in state.properties.chaincodes}
    if peer.identity:
        msp_id = decode(SerializedIdentity, peer.identity, "peer identity").mspid or msp_id
    return DiscoveredPeer(msp_id, alive.membership.endpoint, height, chaincodes, peer.identity)
