"""What can go wrong in the SDK, in technical English; a platform translates for its readers.

FabricError
├── DecodeError          bytes that are not the message they claim to be
├── MspError             an identity that its MSP does not accept, or an unusable MSP definition
├── InvalidSignature     a signature that does not fit, or is not in low-S form
├── PolicyError          a policy that cannot be read or evaluated
├── BlockError           a block or chain that contradicts itself
├── GatewayError         a call that a peer's Gateway or Deliver service answered with an error
│   ├── EvaluateError
│   ├── EndorseError
│   ├── SubmitError
│   └── CommitStatusError
├── CommitError          the transaction is in a block, but not valid
└── QuerySubmitted       a function that only answers was to be submitted
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


class FabricError(Exception):
    """Any error of this SDK."""


class DecodeError(FabricError):
    """Bytes from outside are not the message they claim to be."""


class MspError(FabricError):
    """An MSP does not accept an identity, or its own definition is unusable."""


class InvalidSignature(FabricError):
    """A signature does not fit its message and key, or is not canonical (low-S)."""


class PolicyError(FabricError):
    """A policy cannot be parsed, compiled or satisfied."""


class BlockError(FabricError):
    """A block, or a chain of blocks, contradicts itself; `block_number` says where, if known."""

    def __init__(self, message: str, block_number: int | None = None) -> None:
        super().__init__(message)
        self.block_number = block_number


class QuerySubmitted(FabricError):
    """A function that only answers was to be submitted: whatever it answers would stay in a block for ever."""

    def __init__(self, function: str) -> None:
        super().__init__(f"{function} only answers; evaluate it")
        self.function = function


@dataclass(frozen=True, slots=True)
class ErrorDetail:
    """What one node said; `address` is the node's external `host:port`."""

    address: str
    msp_id: str
    message: str

    def __str__(self) -> str:
        return f"{self.address} ({self.msp_id}): {self.message}"


class GatewayError(FabricError):
    """A remote call failed.

    `code` is the name of the gRPC status (`"ABORTED"`, `"UNAVAILABLE"`, ...), `status_message` the server's text,
    `details` one entry for each node that had something to say, `transaction_id` empty where there is none.
    """

    def __init__(
        self,
        code: str,
        message: str,
        details: Iterable[ErrorDetail] = (),
        transaction_id: str = "",
    ) -> None:
        self.code = code
        self.status_message = message
        self.details = tuple(details)
        self.transaction_id = transaction_id
        super().__init__(code, message, self.details, transaction_id)

    def __str__(self) -> str:
        text = f"{self.code}: {self.status_message}"
        return "; ".join([text, *map(str, self.details)])


class EvaluateError(GatewayError):
    """The contract could not be evaluated, or answered with an error."""


class EndorseError(GatewayError):
    """Not enough endorsements could be collected."""


class SubmitError(GatewayError):
    """The ordering service did not take the endorsed transaction."""


class CommitStatusError(GatewayError):
    """The outcome of a submitted transaction could not be learnt; it may still commit."""


class CommitError(FabricError):
    """A transaction was ordered but did not become valid; `code` is Fabric's TxValidationCode."""

    def __init__(self, transaction_id: str, code: int, code_name: str, block_number: int) -> None:
        self.transaction_id = transaction_id
        self.code = code
        self.code_name = code_name
        self.block_number = block_number
        super().__init__(transaction_id, code, code_name, block_number)

    def __str__(self) -> str:
        return (
            f"transaction {self.transaction_id} failed to commit with status code "
            f"{self.code} ({self.code_name}) in block {self.block_number}"
        )
