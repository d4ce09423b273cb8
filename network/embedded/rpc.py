"""Which calls a node answers, apart from how they arrive."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from fabric_protos.gateway.gateway_pb2 import ErrorDetail
from google.rpc.status_pb2 import Status

from fabric_sdk.http2.framing import STATUS_CODES
from network.embedded.faults import RpcError

Unary = Callable[[bytes], Awaitable[bytes]]
ServerStream = Callable[[bytes], AsyncIterator[bytes]]
Bidi = Callable[[AsyncIterator[bytes]], AsyncIterator[bytes]]


@dataclass
class Limit:
    """How many calls of one service may run at a time (peer.limits.concurrency)."""

    service: str
    most: int
    running: int = 0

    def enter(self) -> None:
        """One more call runs; its end takes it off `running`. RpcError if there is no room."""
        if self.running >= self.most:
            raise RpcError(
                "RESOURCE_EXHAUSTED", f"too many requests for {self.service}, exceeding concurrency limit ({self.most})"
            )
        self.running += 1

    @property
    def free(self) -> int:
        return self.most - self.running


@dataclass
class Service:
    """The methods of one address, by gRPC path. `running` is asked before every call."""

    running: Callable[[], bool]
    unary: dict[str, Unary] = field(default_factory=dict)
    server_stream: dict[str, ServerStream] = field(default_factory=dict)
    bidi: dict[str, Bidi] = field(default_factory=dict)
    limits: dict[str, Limit] = field(default_factory=dict)

    def limit(self, method: str) -> Limit:
        service = method.rpartition("/")[0]
        found = self.limits.get(service)
        if found is None:
            found = self.limits[service] = Limit(service, 2500)
        return found


def status_bytes(error: RpcError) -> bytes:
    """A serialised google.rpc.Status with the error's details, b"" if it has none."""
    if not error.details:
        return b""
    status = Status(code=STATUS_CODES[error.code], message=error.message)
    for entry in error.details:
        detail = ErrorDetail(address=entry.address, msp_id=entry.msp_id, message=entry.message)
        status.details.add().Pack(detail)
    data: bytes = status.SerializeToString()
    return data
