"""How messages get to a node: the seam between the client and gRPC (or the embedded ledger's local stream).

A transport carries bytes. Failures are GatewayError with the gRPC status code's name, the node's text and details; the
client names them after the step. Transports are thread-safe (asyncio ones belong to one event loop).
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from types import TracebackType
from typing import Any, Protocol, Self

import grpc

from fabric_sdk.errors import GatewayError
from fabric_sdk.gateway.endpoint import Endpoint
from fabric_sdk.gateway.status import error_from_rpc
from fabric_sdk.wire import MAX_MESSAGE_BYTES

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
    """The right transport for an endpoint: the local stream if it has one, otherwise gRPC."""
    if endpoint.local_stream:
        from fabric_sdk.gateway.local_stream import LocalStreamTransport

        return LocalStreamTransport(endpoint)
    return GrpcTransport(endpoint)


def channel_options(endpoint: Endpoint) -> list[tuple[str, Any]]:
    """gRPC channel options: Fabric's message limit, keep-alive, and the server's name where it differs."""
    options: list[tuple[str, Any]] = [
        ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
        ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
        ("grpc.keepalive_time_ms", 120_000),
        ("grpc.keepalive_timeout_ms", 20_000),
        ("grpc.initial_reconnect_backoff_ms", 200),
        ("grpc.max_reconnect_backoff_ms", 5_000),
        ("grpc.enable_http_proxy", 0),
        ("grpc.use_local_subchannel_pool", 1),
    ]
    if endpoint.server_name:
        options.append(("grpc.ssl_target_name_override", endpoint.server_name))
    return options


def channel_credentials(endpoint: Endpoint) -> grpc.ChannelCredentials | None:
    """TLS credentials; None for an endpoint without TLS."""
    if endpoint.tls_root_pem is None:
        return None
    return grpc.ssl_channel_credentials(endpoint.tls_root_pem, endpoint.client_key_pem, endpoint.client_cert_pem)


class GrpcTransport:
    """gRPC with blocking calls. Use as a context manager, or `close` it."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        credentials = channel_credentials(endpoint)
        options = channel_options(endpoint)
        self._channel = (
            grpc.insecure_channel(endpoint.address, options=options)
            if credentials is None
            else grpc.secure_channel(endpoint.address, credentials, options=options)
        )
        self._calls: dict[str, Callable[..., Any]] = {}

    @property
    def client_certificate_der(self) -> bytes | None:
        return self.endpoint.client_certificate_der

    def unary(self, method: str, request: bytes, timeout: float) -> bytes:
        call = self._calls.get(method)
        if call is None:
            call = self._calls[method] = self._channel.unary_unary(method)
        try:
            answer: bytes = call(request, timeout=timeout)
        except grpc.RpcError as e:
            raise error_from_rpc(e) from e
        except ValueError as e:  # the channel was closed
            raise GatewayError("CANCELLED", str(e)) from e
        return answer

    def server_stream(self, method: str, request: bytes, timeout: float | None = None) -> ByteStream:
        try:
            return _GrpcStream(self._channel.unary_stream(method)(request, timeout=timeout))
        except ValueError as e:
            raise GatewayError("CANCELLED", str(e)) from e

    def bidi(self, method: str, timeout: float | None = None) -> DuplexStream:
        requests = _Requests()
        try:
            return _GrpcDuplex(self._channel.stream_stream(method)(requests, timeout=timeout), requests)
        except ValueError as e:
            raise GatewayError("CANCELLED", str(e)) from e

    def close(self) -> None:
        self._channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _GrpcStream:
    def __init__(self, call: Any) -> None:
        self._call = call
        self._closed = threading.Event()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            message: bytes = next(self._call)
        except grpc.RpcError as e:
            if self._closed.is_set():
                raise StopIteration from None
            raise error_from_rpc(e) from e
        return message

    def close(self) -> None:
        self._closed.set()
        self._call.cancel()


class _Requests:
    """What is still to be sent; gRPC iterates over it in a thread of its own."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()

    def put(self, message: bytes | None) -> None:
        self._waiting.put(message)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        message = self._waiting.get()
        if message is None:
            raise StopIteration
        return message


class _GrpcDuplex(_GrpcStream):
    def __init__(self, call: Any, requests: _Requests) -> None:
        super().__init__(call)
        self._requests = requests

    def __next__(self) -> bytes:
        try:
            return super().__next__()
        except BaseException:
            self.finish()  # lets the thread go that gRPC keeps for the requests
            raise

    def send(self, message: bytes) -> None:
        self._requests.put(message)

    def finish(self) -> None:
        self._requests.put(None)

    def close(self) -> None:
        self.finish()
        with contextlib.suppress(Exception):
            super().close()
