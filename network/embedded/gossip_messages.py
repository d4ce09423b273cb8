"""What peers of Fabric say to each other beside endorsing: who is alive, in which channels, and private data.

Forms and rules: Fabric's gossip/protoext (tags, signatures), gossip/comm (the first message of a connection),
gossip/gossip/channel (the code of a channel), gossip/privdata (private data pushed and asked for).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from fabric_protos.gossip.message_pb2 import Envelope, GossipMessage, PeerTime, PrivatePayload, PvtDataElement
from fabric_protos.msp.identities_pb2 import SerializedIdentity
from fabric_protos.peer.collection_pb2 import CollectionConfigPackage, StaticCollectionConfig

from fabric_sdk import clock

Sign = Callable[[bytes], bytes]


class NotGossip(Exception):
    """A message that no peer of Fabric would send."""


def pki_id(serialized_identity: bytes) -> bytes:
    """By which number peers know an identity."""
    identity = SerializedIdentity.FromString(serialized_identity)
    return sha256(identity.mspid.encode() + identity.id_bytes).digest()


def channel_code(own_id: bytes, channel_id: str) -> bytes:
    """How a peer names a channel to those who know it and to nobody else."""
    return sha256(own_id + channel_id.encode()).digest()


def sealed(message: GossipMessage, sign: Sign | None = None) -> bytes:
    """A message as it travels, signed or not."""
    payload = message.SerializeToString()
    envelope: bytes = Envelope(payload=payload, signature=sign(payload) if sign else b"").SerializeToString()
    return envelope


def opened(data: bytes) -> tuple[GossipMessage, Envelope]:
    """A message and what it came in; NotGossip if it is none."""
    try:
        envelope = Envelope.FromString(data)
        return GossipMessage.FromString(envelope.payload), envelope
    except Exception as e:
        raise NotGossip("not a gossip message") from e


@dataclass
class Voice:
    """One peer that speaks: its identity, its signature, and the times that order what it says."""

    identity: bytes
    sign: Sign
    born: int = field(default_factory=clock.nanoseconds)
    _said: int = 0

    def __post_init__(self) -> None:
        self.pki_id = pki_id(self.identity)

    def _now(self) -> PeerTime:
        self._said = max(self._said + 1, clock.nanoseconds())
        return PeerTime(inc_num=self.born, seq_num=self._said)

    def greeting(self, tls_hash: bytes) -> bytes:
        """The first message of a connection that was made with a TLS certificate of this SHA-256."""
        message = GossipMessage(nonce=0, tag=GossipMessage.EMPTY)
        message.conn.pki_id, message.conn.identity = self.pki_id, self.identity
        message.conn.tls_cert_hash = tls_hash
        return sealed(message, self.sign)

    def alive(self, address: str) -> bytes:
        """That this peer is there, at an address that others may dial."""
        message = GossipMessage(nonce=0, tag=GossipMessage.EMPTY)
        alive = message.alive_msg
        alive.membership.endpoint, alive.membership.pki_id = address, self.pki_id
        alive.identity = self.identity
        alive.timestamp.CopyFrom(self._now())
        return sealed(message, self.sign)

    def state(self, channel_id: str, height: int, contracts: Iterable[tuple[str, str]]) -> bytes:
        """How many blocks this peer has of a channel, and which contracts (name, sequence) it runs there."""
        message = GossipMessage(nonce=0, tag=GossipMessage.CHAN_OR_ORG)
        state = message.state_info
        state.pki_id, state.channel_MAC = self.pki_id, channel_code(self.pki_id, channel_id)
        state.timestamp.CopyFrom(self._now())
        state.properties.ledger_height = height
        for name, version in contracts:
            state.properties.chaincodes.add(name=name, version=version)
        return sealed(message, self.sign)


def states_wanted(own_id: bytes, channel_id: str) -> bytes:
    """Ask what the other knows of the peers of a channel, itself among them: peers say so unasked only when it
    changes."""
    message = GossipMessage(nonce=0, tag=GossipMessage.CHAN_OR_ORG)
    message.state_info_pull_req.channel_MAC = channel_code(own_id, channel_id)
    return sealed(message)


def acknowledgement(nonce: int, error: str = "") -> bytes:
    """That a message has arrived and was dealt with."""
    message = GossipMessage(nonce=nonce)
    message.ack.error = error
    return sealed(message)


def _of_channel(channel_id: str, nonce: int = 0) -> GossipMessage:
    return GossipMessage(nonce=nonce or secrets.randbits(63), tag=GossipMessage.CHAN_ONLY, channel=channel_id.encode())


def private_write(
    channel_id: str,
    tx_id: str,
    place: tuple[str, str],
    rwset: bytes,
    height: int,
    config: StaticCollectionConfig,
) -> bytes:
    """A private write set, told to a member of its collection before the transaction is ordered.

    `place` is (contract, collection), `height` the ledger's when it was simulated.
    """
    package = CollectionConfigPackage()
    package.config.add().static_collection_config.CopyFrom(config)
    payload = PrivatePayload(
        namespace=place[0],
        collection_name=place[1],
        tx_id=tx_id,
        private_rwset=rwset,
        private_sim_height=height,
        collection_configs=package,
    )
    message = _of_channel(channel_id)
    message.private_data.payload.CopyFrom(payload)
    return sealed(message)


@dataclass(frozen=True, slots=True)
class Digest:
    """Which private write set is asked for."""

    tx_id: str
    namespace: str
    collection: str
    block: int
    position: int


def request(channel_id: str, wanted: Iterable[Digest]) -> bytes:
    """Ask a member of the collections for private write sets."""
    message = _of_channel(channel_id)
    for one in wanted:
        message.privateReq.digests.add(
            tx_id=one.tx_id,
            namespace=one.namespace,
            collection=one.collection,
            block_seq=one.block,
            seq_in_block=one.position,
        )
    return sealed(message)


def digests(message: GossipMessage) -> list[Digest]:
    """What a request asks for."""
    return [Digest(d.tx_id, d.namespace, d.collection, d.block_seq, d.seq_in_block) for d in message.privateReq.digests]


def answer(message: GossipMessage, found: Mapping[Digest, bytes]) -> bytes:
    """The answer to a request: what was found, and nothing of what was not."""
    response = _of_channel(message.channel.decode(), message.nonce)
    response.privateRes.SetInParent()
    for one, rwset in found.items():
        element: PvtDataElement = response.privateRes.elements.add(payload=[rwset])
        digest = element.digest
        digest.tx_id, digest.namespace, digest.collection = one.tx_id, one.namespace, one.collection
        digest.block_seq, digest.seq_in_block = one.block, one.position
    return sealed(response)
