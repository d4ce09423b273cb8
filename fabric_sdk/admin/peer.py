"""One peer, spoken to by an administrator (or, for queries, any identity that its channel's readers admit)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

from fabric_protos.peer.proposal_response_pb2 import ProposalResponse

from fabric_sdk.envelope import new_proposal, sign_proposal
from fabric_sdk.errors import FabricError, GatewayError
from fabric_sdk.gateway.endpoint import Endpoint
from fabric_sdk.gateway.transport import Transport, open_transport
from fabric_sdk.identity import SigningIdentity
from fabric_sdk.wire import decode

METHOD_PROCESS_PROPOSAL = "/protos.Endorser/ProcessProposal"


class Refused(FabricError):
    """The peer understood the request and said no; `status` is the chaincode status, `reason` the peer's text."""

    def __init__(self, operation: str, status: int, reason: str) -> None:
        super().__init__(f"{operation}: {reason} ({status})")
        self.operation = operation
        self.status = status
        self.reason = reason


class PeerConnection:
    """A connection to one peer in the name of one identity; a context manager.

    Calls go to this peer itself (`protos.Endorser`), so that they tell about this peer and not about any other one
    that a Gateway might choose. GatewayError if it cannot be reached, `Refused` if it refuses.
    """

    def __init__(self, target: Endpoint | Transport, identity: SigningIdentity, *, timeout_s: float = 30.0) -> None:
        self._owned = isinstance(target, Endpoint)
        self.transport: Transport = open_transport(target) if isinstance(target, Endpoint) else target
        self.identity = identity
        self.timeout_s = timeout_s

    def call(
        self,
        chaincode: str,
        function: str,
        args: Sequence[bytes | str] = (),
        *,
        channel: str = "",
        transient: Mapping[str, bytes] | None = None,
        timeout_s: float | None = None,
    ) -> bytes:
        """Send one proposal to this peer and return the response's payload; nothing is ordered."""
        encoded = [function.encode(), *(a.encode() if isinstance(a, str) else a for a in args)]
        proposal = new_proposal(channel, chaincode, encoded, self.identity.creator, transient=transient)
        request = sign_proposal(proposal, self.identity).SerializeToString()
        answer = self.transport.unary(METHOD_PROCESS_PROPOSAL, request, timeout_s or self.timeout_s)
        response = decode(ProposalResponse, answer, "proposal response").response
        if not 200 <= response.status < 400:
            raise Refused(f"{chaincode}.{function}", response.status, response.message)
        return bytes(response.payload)

    def reachable(self, timeout_s: float = 3.0) -> bool:
        """Whether the peer answers at all, be it with a refusal."""
        try:
            self.call("cscc", "GetChannels", timeout_s=timeout_s)
        except Refused:
            return True
        except GatewayError as error:
            return error.code not in ("UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED")
        return True

    def close(self) -> None:
        if self._owned:
            self.transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
