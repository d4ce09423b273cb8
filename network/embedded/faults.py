"""What goes wrong inside the embedded ledger, in Fabric's words where Fabric has words for it.

These are technical and English, because they travel to clients in Fabric's own messages; the driver translates what a
person reads into `network.errors`.
"""

from __future__ import annotations

from dataclasses import dataclass


class EmbeddedFault(Exception):
    """Base of everything raised on purpose in this package."""


class NeedsTask(BaseException):
    """A call that was begun without a task of its own has to wait: begin it again in one.

    Not an Exception, so that nobody on the way takes it for a failure.
    """


class LedgerDamaged(EmbeddedFault):
    """Stored data contradict themselves; the node must not go on with them."""


class BlockAway(LedgerDamaged):
    """A block lies in an archive file that is missing or changed; `file` is its name. The node goes on without it."""

    def __init__(self, words: str, file: str) -> None:
        super().__init__(words)
        self.file = file


class Refusal(EmbeddedFault):
    """A peer's own refusal during endorsement or simulation (a proposal response with status 500, no payload)."""


class ProposalRefused(EmbeddedFault):
    """A proposal that fails the checks before simulation; Fabric answers with a gRPC error as well."""


class BroadcastRefused(EmbeddedFault):
    """The orderer does not take an envelope; `status` is a name of common.Status."""

    def __init__(self, status: str, info: str) -> None:
        super().__init__(f"{status}: {info}")
        self.status = status
        self.info = info


class AccessDenied(EmbeddedFault):
    """A signed request whose creator does not satisfy the policy of the resource."""


@dataclass(frozen=True, slots=True)
class NodeMessage:
    """What one node said about a failed call; becomes gateway.ErrorDetail."""

    address: str
    msp_id: str
    message: str


class RpcError(EmbeddedFault):
    """The answer to a remote call: a gRPC status code's name, a text, and what single nodes said."""

    def __init__(self, code: str, message: str, details: tuple[NodeMessage, ...] = ()) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.details = details
