"""Channel membership of running nodes: orderers through their participation API, peers through `cscc` and `qscc`."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from fabric_protos.common import ledger_pb2
from fabric_protos.peer import proposal_response_pb2, query_pb2

from fabric_sdk.envelope import new_proposal, sign_proposal
from fabric_sdk.errors import GatewayError
from fabric_sdk.gateway.endpoint import Endpoint
from fabric_sdk.gateway.transport import GrpcTransport, Transport
from fabric_sdk.identity import SigningIdentity
from fabric_sdk.wire import decode, encode
from network.errors import DeadlineExceeded, Unavailable
from network.text import Text

if TYPE_CHECKING:
    from network.handle import ParticipationEndpoint

METHOD_PROCESS = "/protos.Endorser/ProcessProposal"


@dataclass(frozen=True)
class OrdererChannel:
    """A channel as one orderer sees it: `status` is active, onboarding, inactive or failed; `relation` consenter…"""

    name: str
    height: int
    status: str
    relation: str


class PeerCalls:
    """System contracts of one peer, called as an administrator of its organisation."""

    def __init__(self, peer: Endpoint | Transport, identity: SigningIdentity, timeout: float = 15.0) -> None:
        self._transport: Transport = GrpcTransport(peer) if isinstance(peer, Endpoint) else peer
        self._identity = identity
        self._timeout = timeout

    def close(self) -> None:
        """Close the connection."""
        self._transport.close()

    def __enter__(self) -> PeerCalls:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def channels(self) -> set[str]:
        """Return the names of the channels that the peer has joined."""
        answer = self._call("", "cscc", [b"GetChannels"])
        response = decode(query_pb2.ChannelQueryResponse, answer, "channels")
        return {c.channel_id for c in response.channels}

    def join(self, block: bytes) -> None:
        """Join the channel of a genesis (or later config) block."""
        self._call("", "cscc", [b"JoinChain", block])

    def height(self, channel: str) -> int:
        """Return the number of blocks the peer holds of a channel."""
        answer = self._call(channel, "qscc", [b"GetChainInfo", channel.encode()])
        return int(decode(ledger_pb2.BlockchainInfo, answer, "chain info").height)

    def _call(self, channel: str, chaincode: str, args: list[bytes]) -> bytes:
        proposal = new_proposal(channel, chaincode, args, self._identity.creator)
        signed = encode(sign_proposal(proposal, self._identity))
        raw = self._transport.unary(METHOD_PROCESS, signed, self._timeout)
        response: Any = decode(proposal_response_pb2.ProposalResponse, raw, "proposal response").response
        if response.status != 200:
            raise GatewayError("UNKNOWN", response.message)
        return bytes(response.payload)


class OrdererCalls:
    """An orderer's channel participation API (mutual TLS)."""

    def __init__(self, endpoint: ParticipationEndpoint, timeout: float = 15.0) -> None:
        self._endpoint = endpoint
        self._timeout = timeout
        self._tls = ssl.create_default_context(cadata=endpoint.tls_root_pem.decode())
        self._tls.load_cert_chain(endpoint.client_certificate_file, endpoint.client_key_file)

    def channels(self) -> set[str]:
        """Return the names of the channels that the orderer serves."""
        status, document = self._request("GET", "/participation/v1/channels")
        if status != http.client.OK:
            raise _refused(document)
        return {entry["name"] for entry in document.get("channels") or []}

    def channel(self, name: str) -> OrdererChannel | None:
        """Return one channel's state, or None when the orderer does not serve it."""
        status, document = self._request("GET", f"/participation/v1/channels/{name}")
        if status == http.client.NOT_FOUND:
            return None
        if status != http.client.OK:
            raise _refused(document)
        return OrdererChannel(
            name, int(document["height"]), str(document["status"]), str(document["consensusRelation"])
        )

    def join(self, block: bytes) -> None:
        """Join the channel of a config block; harmless when the orderer serves it already."""
        boundary = uuid.uuid4().hex
        body = (
            (
                f'--{boundary}\r\nContent-Disposition: form-data; name="config-block"; filename="block.pb"\r\n'
                "Content-Type: application/octet-stream\r\n\r\n"
            ).encode()
            + block
            + f"\r\n--{boundary}--\r\n".encode()
        )
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        status, document = self._request("POST", "/participation/v1/channels", body, headers)
        there = status == http.client.METHOD_NOT_ALLOWED and "already exists" in str(document.get("error"))
        if status != http.client.CREATED and not there:
            raise _refused(document)

    def remove(self, name: str) -> None:
        """Leave a channel and delete its ledger; harmless when the orderer does not serve it."""
        status, document = self._request("DELETE", f"/participation/v1/channels/{name}")
        if status not in (http.client.NO_CONTENT, http.client.NOT_FOUND):
            raise _refused(document)

    def _request(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        target = urlsplit(self._endpoint.url)
        connection = http.client.HTTPSConnection(
            target.hostname or "", target.port, timeout=self._timeout, context=self._tls
        )
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            raw = answer.read(4 * 1024 * 1024)
        finally:
            connection.close()
        try:
            document = json.loads(raw) if raw else {}
        except ValueError:
            document = {"error": raw[:200].decode("utf-8", "replace")}
        return answer.status, document if isinstance(document, dict) else {}


def _refused(document: dict[str, Any]) -> GatewayError:
    return GatewayError("UNKNOWN", str(document.get("error", "no reason given")))


def wait_for_port(host: str, port: int, until: float, check: Callable[[], None]) -> None:
    """Wait until something listens; `check` may raise to give up early. `until` is a `time.monotonic` instant."""
    while True:
        try:
            socket.create_connection((host, port), timeout=1.0).close()
        except OSError as e:
            check()
            if time.monotonic() > until:
                raise DeadlineExceeded(
                    Text("{h}:{p} 在规定时间内没有响应。", "Nothing answers at {h}:{p} in time.", h=host, p=port)
                ) from e
            time.sleep(0.01)
        else:
            return


def metrics(host: str, port: int, timeout: float = 3.0) -> str:
    """Return a node's Prometheus metrics as text."""
    return _operations(host, port, "/metrics", timeout)[1]


def healthy(host: str, port: int, timeout: float = 3.0) -> bool:
    """Say whether a node's health check answers OK."""
    return _operations(host, port, "/healthz", timeout)[0] == http.client.OK


def _operations(host: str, port: int, path: str, timeout: float) -> tuple[int, str]:
    connection = http.client.HTTPConnection(host, port, timeout=timeout)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read(32 * 1024 * 1024).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as e:
        raise Unavailable(Text("{h}:{p} 没有响应。", "{h}:{p} does not answer.", h=host, p=port)) from e
    finally:
        connection.close()


def metric(text: str, name: str, **labels: str) -> float | None:
    """Return the value of one Prometheus sample, or None when it is not there."""
    for line in text.splitlines():
        if line.startswith(name) and all(f'{key}="{value}"' in line for key, value in labels.items()):
            rest = line[len(name) :]
            if rest[:1] in ("{", " "):
                return float(line.rsplit(" ", 1)[1])
    return None
