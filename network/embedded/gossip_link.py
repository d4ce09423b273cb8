"""A line from one peer of this node to a real peer of Fabric, as its gossip makes between two peers.

Over it this peer says that it is alive, in which channels and with which contracts, hears the same of the other, and
both pass private data to whoever is a member. Blocks are never passed: a real peer has them from the orderers.
Source: gossip/comm (one stream for a pair of peers, begun by either, with a signed greeting bound to TLS).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from fabric_protos.gossip.message_pb2 import GossipMessage

from fabric_sdk.errors import FabricError
from fabric_sdk.gateway.aio.transport import AsyncGrpcTransport
from fabric_sdk.gateway.endpoint import Endpoint
from fabric_sdk.gateway.transport import AsyncTwoWay
from network.embedded.channel import Channel
from network.embedded.definitions import LIFECYCLE
from network.embedded.gossip_messages import (
    Digest,
    NotGossip,
    Voice,
    acknowledgement,
    answer,
    channel_code,
    digests,
    opened,
    request,
    states_wanted,
)
from network.embedded.peer import Peer
from network.embedded.real_peer import RealPeer

STREAM = "/gossip.Gossip/GossipStream"
GREETING_SECONDS = 5.0
EVERY_SECONDS = 0.5
"""Between two words of being alive, as native networks have it set (`network.native.configs`)."""
SILENT_SECONDS = 10.0
"""After which a real peer that says nothing counts as gone."""
_FIRST_WAIT, _LONGEST_WAIT = 0.1, 2.0
_MOST_DIGESTS = 1000
_ANSWER_SECONDS = 2.0
log = logging.getLogger(__name__)


class Link:
    """The line between `own`, a peer of this node, and `real`; `tls` is the own node's TLS folder."""

    def __init__(self, own: Peer, real: RealPeer, tls: Path) -> None:
        self.own, self.real = own, real
        self._tls = tls
        self._voice = Voice(own.identity, own.signer.sign)
        self._stream: AsyncTwoWay | None = None
        self._asked: dict[int, asyncio.Future[GossipMessage]] = {}
        self._heard = 0.0
        self._task: asyncio.Task[None] | None = None
        self.on_change: Callable[[], None] = lambda: None
        """called when the line comes up or goes down, and when the real peer says something new of itself"""

    @property
    def up(self) -> bool:
        """Whether the real peer has said something lately."""
        loop = asyncio.get_running_loop()
        return self._stream is not None and loop.time() - self._heard < SILENT_SECONDS

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run(), name=f"gossip {self.real.name}")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    # Private data

    def tell(self, message: bytes) -> bool:
        """Send something; False where there is no line."""
        if self._stream is None:
            return False
        self._stream.send(message)
        return True

    async def ask(self, channel_id: str, wanted: list[Digest]) -> dict[Digest, bytes]:
        """The private write sets that the real peer has and may show this one; fewer than asked for, or none."""
        if self._stream is None:
            return {}
        sent = request(channel_id, wanted)
        nonce = opened(sent)[0].nonce
        self._asked[nonce] = asyncio.get_running_loop().create_future()
        try:
            self._stream.send(sent)
            async with asyncio.timeout(_ANSWER_SECONDS):
                response = await self._asked[nonce]
        except TimeoutError:
            return {}
        finally:
            del self._asked[nonce]
        found = {}
        for element in response.privateRes.elements:
            d = element.digest
            if len(element.payload) == 1:
                digest = Digest(d.tx_id, d.namespace, d.collection, d.block_seq, d.seq_in_block)
                found[digest] = bytes(element.payload[0])
        return found

    # Life

    async def _run(self) -> None:
        wait = _FIRST_WAIT
        while True:
            if self.own.running:
                try:
                    await self._talk()
                    wait = _FIRST_WAIT
                except (FabricError, NotGossip, OSError, TimeoutError, StopAsyncIteration) as e:
                    log.info("no line from %s to the real peer %s: %s", self.own.name, self.real.name, e)
                    wait = _FIRST_WAIT if self._heard else min(wait * 2, _LONGEST_WAIT)
                finally:
                    self._stream, self._heard = None, 0.0
                    self.on_change()
            await asyncio.sleep(wait)

    async def _talk(self) -> None:
        certificate = (self._tls / "server.crt").read_bytes()
        endpoint = Endpoint(
            self.real.address,
            self.real.tls_root.read_bytes(),
            server_name=self.real.name,
            client_cert_pem=certificate,
            client_key_pem=(self._tls / "server.key").read_bytes(),
        )
        der = x509.load_pem_x509_certificate(certificate).public_bytes(Encoding.DER)
        async with AsyncGrpcTransport(endpoint) as transport:
            stream = transport.duplex_stream(STREAM, self._voice.greeting(sha256(der).digest()))
            async with asyncio.timeout(GREETING_SECONDS):
                self._greeted(await anext(aiter(stream)))
            self._stream = stream
            telling = asyncio.create_task(self._tell_all(stream))
            try:
                async for data in stream:
                    self._hear(stream, data)
                    if telling.done():
                        telling.result()
            finally:
                telling.cancel()
                stream.close()

    def _greeted(self, data: bytes) -> None:
        """Only the peer that is expected here may be talked to: TLS names its machine, the greeting its identity."""
        message, envelope = opened(data)
        identity = bytes(message.conn.identity)
        if identity != self.real.identity:
            raise NotGossip(f"{self.real.address} is somebody else")
        self.real.verify(envelope.signature, envelope.payload)
        self.real.number = bytes(message.conn.pki_id)
        self._heard = asyncio.get_running_loop().time()

    async def _tell_all(self, stream: AsyncTwoWay) -> None:
        while self.own.running:
            stream.send(self._voice.alive(self.own.address))
            for channel in self._shared():
                stream.send(self._voice.state(channel.channel_id, channel.height, _contracts(self.own, channel)))
                stream.send(states_wanted(self._voice.pki_id, channel.channel_id))
            if not self.up:
                break
            await asyncio.sleep(EVERY_SECONDS)
        stream.close()

    def _shared(self) -> Iterator[Channel]:
        for name, channel in self.own.joined.items():
            if name in self.real.joined:
                yield channel

    # What the real peer says

    def _hear(self, stream: AsyncTwoWay, data: bytes) -> None:
        message, envelope = opened(data)
        self._heard = asyncio.get_running_loop().time()
        kind = message.WhichOneof("content")
        if kind == "state_info":
            self._note_state(message, envelope.signature, envelope.payload)
        elif kind == "state_snapshot":
            for element in message.state_snapshot.elements:
                one = opened(element.SerializeToString())[0]
                if one.WhichOneof("content") == "state_info":
                    self._note_state(one, element.signature, element.payload)
        elif kind == "private_data":
            stream.send(acknowledgement(message.nonce, self._keep(message)))
        elif kind == "privateReq":
            stream.send(answer(message, self._shown(message)))
        elif kind == "privateRes" and message.nonce in self._asked:
            future = self._asked[message.nonce]
            if not future.done():
                future.set_result(message)

    def _note_state(self, message: GossipMessage, signature: bytes, payload: bytes) -> None:
        state = message.state_info
        if state.pki_id != self.real.number:
            return  # passed on for another peer, which has a line of its own
        self.real.verify(signature, payload)
        for name in self.real.joined:
            if state.channel_MAC == channel_code(self.real.number, name):
                contracts = frozenset((c.name, c.version) for c in state.properties.chaincodes)
                if self.real.contracts.get(name) != contracts:
                    self.real.contracts[name] = contracts
                    self.on_change()
                self.real.heights[name] = state.properties.ledger_height

    def _keep(self, message: GossipMessage) -> str:
        """Keep a private write set until its transaction comes; the reason where this peer may not hold it."""
        payload = message.private_data.payload
        channel = self.own.joined.get(message.channel.decode("utf-8", "replace"))
        if channel is None or channel.channel_id not in self.real.joined:
            return "not a channel of this peer"
        if not holds(channel, channel.height, payload.namespace, payload.collection_name, self.own.identity):
            return "not a member of the collection"
        place = (payload.namespace, payload.collection_name)
        channel.transient.put(payload.tx_id, {place: payload.private_rwset}, channel.height)
        return ""

    def _shown(self, message: GossipMessage) -> dict[Digest, bytes]:
        """What the real peer asks for and may have, of what this peer's organisation holds."""
        channel = self.own.joined.get(message.channel.decode("utf-8", "replace"))
        if channel is None or channel.channel_id not in self.real.joined:
            return {}
        found = {}
        for one in digests(message)[:_MOST_DIGESTS]:
            members = (self.own.identity, self.real.identity)
            if all(holds(channel, one.block, one.namespace, one.collection, who) for who in members):
                rwset = kept(channel, one)
                if rwset:
                    found[one] = rwset
        return found


def holds(channel: Channel, block: int, namespace: str, collection: str, identity: bytes) -> bool:
    """Whether an identity's organisation is a member of a collection as it was defined below a block."""
    config = channel.collection_below(block, namespace, collection)
    if config is None:
        return False
    policy = config.member_orgs_policy.signature_policy.SerializeToString()
    return channel.is_collection_member(policy, identity)


def kept(channel: Channel, one: Digest) -> bytes:
    """A private write set of a block that has been committed; b"" if it is not there, or no longer whole."""
    row = channel.view.transaction(one.tx_id)
    if row is None or row.block != one.block:
        return b""
    for position, namespace, collection, rwset in channel.view.private_writes(one.block):
        if (position, namespace, collection) == (one.position, one.namespace, one.collection):
            _, transactions = channel.block(one.block)
            wanted = transactions[position].private_hash(namespace, collection)
            return rwset if rwset and sha256(rwset).digest() == wanted else b""
    return b""


def _contracts(peer: Peer, channel: Channel) -> Iterator[tuple[str, str]]:
    for name in channel.defined():
        definition = channel.definition(channel.view, name)
        if definition is not None and peer.runs(channel, name):
            yield name, str(definition.sequence)
    yield LIFECYCLE, "1"
