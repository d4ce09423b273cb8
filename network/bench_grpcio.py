"""An `AsyncTransport` on an unmodified grpcio: what programs that do not use our SDK cost the embedded ledger."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import grpc
import grpc.aio

from fabric_sdk.errors import GatewayError
from fabric_sdk.gateway import Endpoint
from fabric_sdk.gateway.transport import AsyncByteStream


class GrpcioTransport:
    """Calls with one answer; nothing else is measured."""

    client_certificate_der = None

    def __init__(self, endpoint: Endpoint) -> None:
        credentials = grpc.ssl_channel_credentials(endpoint.tls_root_pem)
        options = [("grpc.ssl_target_name_override", endpoint.server_name)] if endpoint.server_name else []
        self._channel = grpc.aio.secure_channel(endpoint.address, credentials, options=options)
        self._calls: dict[str, Callable[..., Any]] = {}

    async def unary(self, method: str, request: bytes, deadline: float) -> bytes:
        call = self._calls.get(method)
        if call is None:
            call = self._calls[method] = self._channel.unary_unary(method)
        try:
            answer: bytes = await call(request, timeout=deadline)
        except grpc.aio.AioRpcError as e:
            raise GatewayError(e.code().name, e.details() or "") from e
        return answer

    def server_stream(self, method: str, request: bytes) -> AsyncByteStream:
        raise NotImplementedError

    def duplex_stream(self, method: str, request: bytes) -> AsyncByteStream:
        raise NotImplementedError

    async def close(self) -> None:
        await self._channel.close()
