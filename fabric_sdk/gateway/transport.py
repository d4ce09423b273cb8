"""How messages get to a node: the seam between the client and gRPC.

A transport carries bytes. Failures are GatewayError with the gRPC status code's name, the node's text and details; the
client names them after the step. Transports are thread-safe (asyncio ones belong to one event loop).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Protocol

from fabric_sdk.gateway.endpoint import Endpoint

METHOD_ENDORSE = "/gateway.Gateway/Endorse"
METHOD_SUBMIT = "/gateway.Gateway/Submit"
METHOD_COMMIT_STATUS = "/gateway.Gateway/CommitStatus"
METHOD_EVALUATE = "/gateway.Gateway/Evaluate"
METHOD_CHAINCODE_EVENTS = "/gateway.Gateway/ChaincodeEvents"
METHOD_DELIVER = "/protos.Deliver/Deliver"
METHOD_DELIVER_FILTERED = "/protos.Deliver/DeliverFiltered"
METHOD_DELIVER_PRIVATE = "/protos.Deliver/DeliverWithPrivateData"


class ByteStream(Protocol):
    """Messages from a node. `close` may be called from another thread: iteration then ends."""

    def __iter__(self) -> Iterator[bytes]: ...
    def __next__(self) -> bytes: ...
    def close(self) -> None: ...


class DuplexStream(ByteStream, Protocol):
    """Messages both ways."""

    def send(self, message: bytes) -> None: ...
    def finish(self) -> None:
        """Say that nothing more will be sent."""


class Transport(Protocol):
    """A connection to one node; `method` is a gRPC path such as `/gateway.Gateway/Endorse`, `timeout` in seconds."""

    @property
    def client_certificate_der(self) -> bytes | None: ...
    def unary(self, method: str, request: bytes, timeout: float) -> bytes: ...
    def server_stream(self, method: str, request: bytes, timeout: float | None = None) -> ByteStream: ...
    def bidi(self, method: str, timeout: float | None = None) -> DuplexStream: ...
    def close(self) -> None: ...


class AsyncByteStream(Protocol):
    """Messages from a node, for asyncio."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...
    async def __anext__(self) -> bytes: ...
    def close(self) -> None: ...


class AsyncTwoWay(AsyncByteStream, Protocol):
    """Messages from a node that may be sent further ones."""

    def send(self, message: bytes) -> None: ...


class AsyncTransport(Protocol):
    """As `Transport`, for asyncio (`deadline` in seconds).

    `duplex_stream` sends one request on a two-way method and leaves it open, as Deliver wants it.
    """

    @property
    def client_certificate_der(self) -> bytes | None: ...
    async def unary(self, method: str, request: bytes, deadline: float) -> bytes: ...
    def server_stream(self, method: str, request: bytes) -> AsyncByteStream: ...
    def duplex_stream(self, method: str, request: bytes) -> AsyncByteStream: ...
    async def close(self) -> None: ...


def open_transport(endpoint: Endpoint) -> Transport:
    """The transport for an endpoint."""
    from fabric_sdk.gateway.blocking import GrpcTransport

    return GrpcTransport(endpoint)
