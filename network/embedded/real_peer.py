"""A peer that runs Fabric's own program and belongs to a network whose other nodes are embedded."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from fabric_protos.peer.proposal_response_pb2 import ProposalResponse

from fabric_sdk.chaincode.ledger import Response
from fabric_sdk.errors import FabricError, GatewayError
from fabric_sdk.gateway.aio.transport import AsyncGrpcTransport
from fabric_sdk.gateway.endpoint import Endpoint
from fabric_sdk.identity import Identity
from network.embedded.channel import Channel
from network.embedded.endorsed import Endorsed
from network.embedded.endorser import Proposal
from network.embedded.faults import ProposalRefused
from network.embedded.interest import Interest, InterestCall
from network.embedded.peer import SYSTEM_CHAINCODES
from network.embedded.settings import NodeSettings

PROCESS_PROPOSAL = "/protos.Endorser/ProcessProposal"
ENDORSE_SECONDS = 30.0
"""As long as Fabric's Gateway waits for an endorser."""


class AnyPeer(Protocol):
    """What a Gateway has to know of a peer, of this node or elsewhere."""

    @property
    def name(self) -> str: ...
    @property
    def msp_id(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def identity(self) -> bytes: ...
    @property
    def running(self) -> bool: ...
    @property
    def behind(self) -> bool: ...
    @property
    def joined(self) -> Mapping[str, Channel]: ...
    def runs(self, channel: Channel, name: str) -> bool: ...


class AnyEndorser(Protocol):
    """Who answers proposals for a peer."""

    async def process(self, proposal: Proposal, *, endorse: bool = True) -> Endorsed: ...


@dataclass(eq=False)
class RealPeer:
    """A real peer as its neighbours here see it; what it runs is what it says itself over its lines."""

    name: str
    msp_id: str
    address: str
    identity: bytes
    tls_root: Path
    joined: dict[str, Channel] = field(default_factory=dict)
    contracts: dict[str, frozenset[tuple[str, str]]] = field(default_factory=dict)
    """by channel, the contracts (name, sequence of the definition) that it runs"""
    heights: dict[str, int] = field(default_factory=dict)
    number: bytes = b""
    """by which number it is known in gossip; b"" before it was greeted"""
    heard: Callable[[], bool] = lambda: False
    """whether a line to it is up"""
    behind: bool = True
    """whether it may know the newest block a moment later"""

    @property
    def running(self) -> bool:
        return self.heard()

    def runs(self, channel: Channel, name: str) -> bool:
        """Whether it can simulate a chaincode, as it says itself."""
        if not self.running or channel.channel_id not in self.joined:
            return False
        if name in SYSTEM_CHAINCODES:
            return True
        definition = channel.definition(channel.view, name)
        return definition is not None and (name, str(definition.sequence)) in self.contracts.get(channel.channel_id, ())

    def verify(self, signature: bytes, message: bytes) -> None:
        """FabricError unless this peer signed `message` with a certificate that is still good."""
        for channel in self.joined.values():
            channel.config.msps.validate(self.identity).verify(signature, message)
            return
        raise FabricError(f"{self.name} is in no channel")


class RealEndorser:
    """Lets a real peer answer proposals."""

    def __init__(self, peer: RealPeer) -> None:
        self._peer = peer
        self._transport: AsyncGrpcTransport | None = None

    async def process(self, proposal: Proposal, *, endorse: bool = True) -> Endorsed:
        """Its answer; ProposalRefused where it refuses or does not answer (it endorses evaluations, too)."""
        if self._transport is None:
            root = self._peer.tls_root.read_bytes()
            self._transport = AsyncGrpcTransport(Endpoint(self._peer.address, root, server_name=self._peer.name))
        try:
            data = await self._transport.unary(PROCESS_PROPOSAL, proposal.wire, ENDORSE_SECONDS)
        except GatewayError as e:
            raise ProposalRefused(e.status_message or str(e)) from e
        try:
            message = ProposalResponse.FromString(data)
        except Exception as e:
            raise ProposalRefused("the peer's answer cannot be read") from e
        return _endorsed(message)

    async def close(self) -> None:
        if self._transport is not None:
            await self._transport.close()


def _endorsed(message: ProposalResponse) -> Endorsed:
    answer = message.response
    response = Response(answer.status, answer.message, answer.payload)
    calls = tuple(
        InterestCall(
            call.name,
            collection,
            call.no_private_reads,
            tuple(policy.SerializeToString() for policy in call.key_policies),
            call.disregard_namespace_policy,
        )
        for call in message.interest.chaincodes
        for collection in (*call.collection_names, *(() if call.collection_names else ("",)))
    )
    return Endorsed(
        response,
        message.payload,
        Interest(calls) if calls else None,
        answer.payload,
        message.endorsement.endorser,
        message.endorsement.signature,
    )


def read_real_peer(home: Path, entry: NodeSettings) -> RealPeer:
    """A real peer by its entry in a node's settings; FabricError or OSError for unusable files."""
    certificate = next(iter(sorted((home / entry.msp / "signcerts").iterdir()))).read_bytes()
    identity = Identity(entry.msp_id, certificate).serialize()
    return RealPeer(entry.name, entry.msp_id, entry.address, identity, home / entry.tls / "ca.crt")


class Patience:
    """Lets calls wait for peers that are changing hands, or have just ended: they come back within seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._gone: dict[str, float] = {}

    def went(self, name: str) -> None:
        """A peer is not there since now."""
        self._gone.setdefault(name, time.monotonic())

    def came(self, names: Iterable[str]) -> None:
        """Peers are there (again)."""
        for name in names:
            self._gone.pop(name, None)

    @property
    def worthwhile(self) -> bool:
        """Whether a peer is away that may come back soon."""
        return any(time.monotonic() - since < self._seconds for since in self._gone.values())
