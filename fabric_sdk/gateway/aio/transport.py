"""gRPC for asyncio."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any, Self

import grpc
import grpc.aio

from fabric_sdk.errors import GatewayError
from fabric_sdk.gateway.endpoint import Endpoint
from fabric_sdk.gateway.status import error_from_rpc
from fabric_sdk.gateway.transport import AsyncByteStream, AsyncTransport, channel_credentials, channel_options


def open_async_transport(endpoint: Endpoint) -> AsyncTransport:
    """The right transport for an endpoint: the local stream if it has one, otherwise gRPC."""
    if endpoint.local_stream:
        from fabric_sdk.gateway.local_stream import AsyncLocalStreamTransport

        return AsyncLocalStreamTransport(endpoint)
    return AsyncGrpcTransport(endpoint)


class AsyncGrpcTransport:
    """gRPC calls on the running event loop."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        credentials = channel_credentials(endpoint)
        options = channel_options(endpoint)
        self._channel = (
            grpc.aio.insecure_channel(endpoint.address, options=options)
            if credentials is None
            else grpc.aio.secure_channel(endpoint.address, credentials, options=options)
        )
        self._calls: dict[str, Callable[..., Any]] = {}

    @property
    def client_certificate_der(self) -> bytes | None:
        return self.endpoint.client_certificate_der

    async def unary(self, method: str, request: bytes, deadline: float) -> bytes:
        call = self._calls.get(method)
        if call is None:
            call = self._calls[method] = self._channel.unary_unary(method)
        try:
            answer: bytes = await call(request, timeout=deadline)
        except grpc.aio.AioRpcError as e:
            raise error_from_rpc(e) from e
        except grpc.aio.UsageError as e:  # the channel was closed
            raise GatewayError("CANCELLED", str(e)) from e
        return answer

    def server_stream(self, method: str, request: bytes) -> AsyncByteStream:
        try:
            return _AsyncGrpcStream(self._channel.unary_stream(method)(request))
        except grpc.aio.UsageError as e:
            raise GatewayError("CANCELLED", str(e)) from e

    def duplex_stream(self, method: str, request: bytes) -> AsyncByteStream:
        try:
            return _AsyncGrpcStream(self._channel.stream_stream(method)(), request)
        except grpc.aio.UsageError as e:
            raise GatewayError("CANCELLED", str(e)) from e

    async def close(self) -> None:
        await self._channel.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


class _AsyncGrpcStream:
    def __init__(self, call: Any, first: bytes | None = None) -> None:
        self._call = call
        self._first = first
        self._closed = False

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if self._closed:
            raise StopAsyncIteration
        try:
            if self._first is not None:
                first, self._first = self._first, None
                await self._call.write(first)
            message: bytes | Any = await self._call.read()
        except grpc.aio.AioRpcError as e:
            if self._closed:
                raise StopAsyncIteration from None
            raise error_from_rpc(e) from e
        except BaseException as e:
            if self._closed and not isinstance(e, KeyboardInterrupt | SystemExit):
                raise StopAsyncIteration from None  # closed by another task: not this task's cancellation
            raise
        if message is grpc.aio.EOF:
            raise StopAsyncIteration
        return message

    def close(self) -> None:
        self._closed = True
        self._call.cancel()
