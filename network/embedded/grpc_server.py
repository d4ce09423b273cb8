"""gRPC on top of a node's services: one server for each address, with the node's own TLS certificate."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from typing import Any

import grpc

from fabric_sdk.wire import MAX_MESSAGE_BYTES
from network.embedded.faults import RpcError
from network.embedded.rpc import Bidi, ServerStream, Service, Unary, status_bytes

log = logging.getLogger(__name__)
_DETAILS = "grpc-status-details-bin"
_OPTIONS = [
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ("grpc.so_reuseport", 0),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
]


class GrpcListener:
    """One address. `start` raises OSError if it is taken."""

    def __init__(self, address: str, key_pem: bytes, certificate_pem: bytes, service: Service) -> None:
        self.address = address
        self._server = grpc.aio.server(options=_OPTIONS)
        self._server.add_generic_rpc_handlers((_Handlers(service),))
        credentials = grpc.ssl_server_credentials([(key_pem, certificate_pem)])
        try:
            port = self._server.add_secure_port(address, credentials)
        except RuntimeError as e:
            raise OSError(f"cannot listen at {address}") from e
        if port == 0:
            raise OSError(f"cannot listen at {address}")

    async def start(self) -> None:
        await self._server.start()

    async def stop(self, grace: float = 0.0) -> None:
        await self._server.stop(grace)


class _Handlers(grpc.GenericRpcHandler):  # type: ignore[misc]
    def __init__(self, service: Service) -> None:
        self._service = service
        self._known: dict[str, Any] = {}
        for method, unary in service.unary.items():
            self._known[method] = grpc.unary_unary_rpc_method_handler(_unary(service, method, unary))
        for method, stream in service.server_stream.items():
            self._known[method] = grpc.unary_stream_rpc_method_handler(_server_stream(service, method, stream))
        for method, bidi in service.bidi.items():
            self._known[method] = grpc.stream_stream_rpc_method_handler(_bidi(service, method, bidi))

    def service(self, call: Any) -> Any:
        return self._known.get(call.method)


def _unary(service: Service, method: str, handler: Unary) -> Any:
    async def run(request: bytes, context: Any) -> bytes:
        try:
            with service.limit(method):
                return await handler(request)
        except RpcError as e:
            await _abort(context, e)
        except Exception:
            log.exception("%s failed", method)
            await _abort(context, RpcError("INTERNAL", "the node failed; see its log"))
        raise AssertionError("unreachable")

    return run


def _server_stream(service: Service, method: str, handler: ServerStream) -> Any:
    async def run(request: bytes, context: Any) -> AsyncIterator[bytes]:
        try:
            with service.limit(method):
                async for message in handler(request):
                    yield message
        except RpcError as e:
            await _abort(context, e)

    return run


def _bidi(service: Service, method: str, handler: Bidi) -> Any:
    async def run(requests: AsyncIterator[bytes], context: Any) -> AsyncIterator[bytes]:
        try:
            with service.limit(method):
                async for message in handler(requests):
                    yield message
        except RpcError as e:
            await _abort(context, e)

    return run


async def _abort(context: Any, error: RpcError) -> None:
    details = status_bytes(error)
    trailers = ((_DETAILS, details),) if details else ()
    await context.abort(getattr(grpc.StatusCode, error.code), error.message, trailers)
