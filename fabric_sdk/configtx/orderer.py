"""Speaking to an ordering node: send config updates, fetch blocks and the configuration in force."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from fabric_protos.common import common_pb2
from fabric_protos.orderer import ab_pb2

from fabric_sdk.configtx.groups import ConfigError
from fabric_sdk.configtx.model import config_of_block, last_config_index
from fabric_sdk.envelope import signed_envelope
from fabric_sdk.errors import GatewayError
from fabric_sdk.gateway.endpoint import Endpoint
from fabric_sdk.gateway.transport import DuplexStream, Transport, open_transport
from fabric_sdk.identity import SigningIdentity
from fabric_sdk.wire import decode, encode, enum_name

METHOD_BROADCAST = "/orderer.AtomicBroadcast/Broadcast"
METHOD_DELIVER = "/orderer.AtomicBroadcast/Deliver"


class OrderingRefused(ConfigError):
    """The ordering service did not take an envelope; `status` is the name of `common.Status`."""

    def __init__(self, status: str, info: str) -> None:
        super().__init__(f"{status}: {info}" if info else status)
        self.status = status
        self.info = info


class OrderingClient:
    """One ordering node, over gRPC with TLS; use as a context manager, or `close` it."""

    def __init__(self, node: Endpoint | Transport, identity: SigningIdentity, timeout: float = 15.0) -> None:
        self._transport: Transport = open_transport(node) if isinstance(node, Endpoint) else node
        self._identity = identity
        self._timeout = timeout

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._transport.close()

    def broadcast(self, envelope: Any) -> None:
        """Hand over a signed envelope; OrderingRefused when it is not taken, GatewayError when nobody answers."""
        stream = self._transport.bidi(METHOD_BROADCAST, self._timeout)
        try:
            stream.send(encode(envelope))
            for answer in stream:
                response = decode(ab_pb2.BroadcastResponse, answer, "broadcast response")
                if response.status != common_pb2.Status.SUCCESS:
                    raise OrderingRefused(enum_name(common_pb2.Status, response.status), response.info)
                _end(stream)
                return
        finally:
            stream.close()
        raise GatewayError("UNAVAILABLE", "the ordering node ended the stream without an answer")

    def block(self, channel: str, number: int | None = None) -> Any:
        """Return one block (`common.Block`), the newest when no number is given."""
        position = ab_pb2.SeekPosition()
        if number is None:
            position.newest.SetInParent()
        else:
            position.specified.number = number
        seek = ab_pb2.SeekInfo(start=position, stop=position, behavior=ab_pb2.SeekInfo.FAIL_IF_NOT_READY)
        envelope = signed_envelope(
            common_pb2.HeaderType.DELIVER_SEEK_INFO,
            channel,
            encode(seek),
            self._identity,
            tls_certificate_der=self._transport.client_certificate_der,
        )
        stream = self._transport.bidi(METHOD_DELIVER, self._timeout)
        try:
            stream.send(encode(envelope))
            for answer in stream:
                response = decode(ab_pb2.DeliverResponse, answer, "deliver response")
                if response.WhichOneof("Type") == "block":
                    _end(stream)
                    return response.block
                raise OrderingRefused(enum_name(common_pb2.Status, response.status), f"block of channel {channel}")
        finally:
            stream.close()
        raise GatewayError("UNAVAILABLE", "the ordering node ended the stream without a block")

    def config_block(self, channel: str) -> Any:
        """Return the config block in force."""
        newest = self.block(channel)
        number = last_config_index(newest)
        return newest if newest.header.number == number else self.block(channel, number)

    def config(self, channel: str) -> Any:
        """Return the `common.Config` in force."""
        return config_of_block(self.config_block(channel))[1]


def _end(stream: DuplexStream) -> None:
    """Let the node end the stream by itself, so that it does not log a broken connection."""
    stream.finish()
    for _ in stream:
        pass
