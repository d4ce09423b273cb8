"""What came of a proposal on one peer, and the bytes that other peers of this process may share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fabric_protos.peer.proposal_response_pb2 import Endorsement, ProposalResponse
from fabric_protos.peer.proposal_response_pb2 import Response as WireResponse

from fabric_sdk.chaincode.ledger import Response
from network.embedded.interest import Interest
from network.embedded.rwset import PublicSets
from network.embedded.simulator import Simulation


@dataclass(frozen=True, slots=True)
class Simulated:
    """A simulation that touched no collection: what it read, wrote and answered, and how that is written down."""

    namespaces: Mapping[str, PublicSets]
    policies: Mapping[tuple[str, str], Mapping[str, bytes | None]]
    response: Response
    version: str
    results: bytes
    events: bytes
    payload: bytes
    interest: Interest

    def is_same(self, simulation: Simulation, response: Response, version: str) -> bool:
        """Whether another peer's simulation came to the same, so that the same bytes describe it."""
        return (
            self.version == version
            and self.response == response
            and self.namespaces == simulation.builder.namespaces
            and self.policies == simulation.written_policies
        )


@dataclass(frozen=True, slots=True)
class Endorsed:
    """A peer's answer. `payload` is what it signed (with its identity, `endorser`), b"" if it did not."""

    response: Response
    payload: bytes = b""
    interest: Interest | None = None
    result: bytes = b""
    endorser: bytes = b""
    signature: bytes = b""
    simulated: Simulated | None = field(default=None, repr=False)

    @property
    def message(self) -> ProposalResponse:
        """The proposal response as it travels."""
        response = self.response
        message = ProposalResponse(
            response=WireResponse(status=response.status, message=response.message, payload=response.payload),
            payload=self.payload,
        )
        if self.signature:
            message.version = 1
            message.endorsement.CopyFrom(Endorsement(endorser=self.endorser, signature=self.signature))
        return message
