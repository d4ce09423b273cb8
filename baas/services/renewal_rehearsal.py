"""Renewal of nodes' certificates tried out beforehand: nothing that runs is touched, nothing is kept.

For each node a certificate is issued as the renewal would, judged by the organisation's own MSP, and a TLS connection
is made with it on this machine. Then the order of restarts is walked through: the ordering service must keep its quorum
and the contracts their endorsers while each node is away.
"""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from baas.errors import CityChainError, Text
from baas.jobs import NULL_CONTEXT, JobContext

if TYPE_CHECKING:
    from network.drivers.base import NetworkStatus
    from network.handle import NetworkHandle
    from network.renewal import What
    from network.topology import NodeRef

State = Literal["ok", "warn", "bad"]
_SECONDS = 5.0


@dataclass(frozen=True)
class RehearsedStep:
    """One thing tried: `bad` would make the renewal fail, `warn` says what will be felt."""

    title: Text
    state: State
    detail: Text | None = None
    seconds: float = 0.0


@dataclass(frozen=True)
class Rehearsal:
    """Everything that was tried for these nodes, in the order of the renewal."""

    network: str
    nodes: tuple[str, ...]
    steps: tuple[RehearsedStep, ...]

    @property
    def passed(self) -> bool:
        return all(step.state != "bad" for step in self.steps)


def rehearse(
    handle: NetworkHandle,
    nodes: Sequence[NodeRef],
    what: Sequence[What],
    status: NetworkStatus,
    ctx: JobContext = NULL_CONTEXT,
) -> Rehearsal:
    """Try the renewal of `nodes`; never raises because something would fail, it says so."""
    steps: list[RehearsedStep] = []
    for node in nodes:
        ctx.check_cancelled()
        ctx.step(f"rehearse-{node.name}", Text("演练 {n}", "Rehearse {n}", n=node.name))
        if "identity" in what:
            title = Text("{n}：签发签名证书并核对", "{n}: issue and check", n=node.node.name)
            steps.append(_timed(title, _identity, handle, node))
        if "tls" in what:
            title = Text("{n}：换证后 TLS 连接", "{n}: TLS with the new one", n=node.node.name)
            steps.append(_timed(title, _tls, handle, node))
    ctx.step("quorum", Text("替换期间的法定人数", "Quorum during the renewal"))
    steps += _quorum(handle, nodes, status)
    steps += _endorsers(handle, nodes, status)
    return Rehearsal(handle.name, tuple(node.name for node in nodes), tuple(steps))


def _timed(title: Text, attempt: object, handle: NetworkHandle, node: NodeRef) -> RehearsedStep:
    started = time.monotonic()
    try:
        detail = attempt(handle, node)  # type: ignore[operator]
    except CityChainError as error:
        return RehearsedStep(title, "bad", _as_text(error.message), time.monotonic() - started)
    except Exception as error:
        words = Text("{t}", "{t}", t=str(error) or type(error).__name__)
        return RehearsedStep(title, "bad", words, time.monotonic() - started)
    return RehearsedStep(title, "ok", detail, time.monotonic() - started)


def _as_text(message: Text | str) -> Text:
    return message if isinstance(message, Text) else Text("{t}", "{t}", t=message)


def _identity(handle: NetworkHandle, node: NodeRef) -> Text:
    from fabric_sdk.identity import Identity
    from fabric_sdk.msp import Msp
    from network.certificates import NODE_DAYS

    authority = handle.authority(node.organization.msp_id)
    issued = authority.signing.issue(
        node.name,
        role=node.kind,
        organization=node.organization.domain,
        attributes={"hf.EnrollmentID": node.name, "hf.Type": node.kind},
        sans=[node.name],
        days=NODE_DAYS,
    )
    presented = Identity(node.organization.msp_id, issued.certificate_pem).serialize()
    judged = Msp.from_config(authority.msp_config()).validate(presented, None)
    if judged.role != node.kind:
        raise ValueError(f"the MSP takes the certificate for {judged.role}")
    return Text("有效至 {d}", "valid until {d}", d=_until(issued.certificate_pem))


def _until(certificate_pem: bytes) -> str:
    from cryptography import x509

    end: dt.datetime = x509.load_pem_x509_certificate(certificate_pem).not_valid_after_utc
    return end.date().isoformat()


def _tls(handle: NetworkHandle, node: NodeRef) -> Text:
    """A handshake on loopback in which the new certificate is the server's and the client's."""
    from network.certificates import NODE_DAYS

    authority = handle.authority(node.organization.msp_id)
    names = [node.name, "localhost", "127.0.0.1"]
    issued = authority.tls.issue(node.name, organization=node.organization.domain, sans=names, days=NODE_DAYS, tls=True)
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as place:
        folder = Path(place)
        for name, data in (("crt", issued.certificate_pem), ("key", issued.private_key_pem)):
            (folder / name).touch(mode=0o600)
            (folder / name).write_bytes(data)
        root = authority.tls_trust.pem.decode()
        server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cadata=root)
        server.verify_mode = ssl.CERT_REQUIRED
        client = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cadata=root)
        for context in (server, client):
            context.load_cert_chain(folder / "crt", folder / "key")
        return _handshake(server, client, node.name)


def _handshake(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> Text:
    failures: list[BaseException] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(_SECONDS)

        def answer() -> None:
            try:
                accepted, _ = listener.accept()
                accepted.settimeout(_SECONDS)
                with server.wrap_socket(accepted, server_side=True) as secured:
                    secured.sendall(secured.recv(4))
            except OSError as error:
                failures.append(error)

        worker = threading.Thread(target=answer, daemon=True)
        worker.start()
        address = listener.getsockname()
        with (
            socket.create_connection(address, timeout=_SECONDS) as plain,
            client.wrap_socket(plain, server_hostname=name) as secured,
        ):
            secured.sendall(b"ping")
            echoed = secured.recv(4)
            version = secured.version() or ""
        worker.join(_SECONDS)
    if failures or echoed != b"ping":
        raise ValueError(str(failures[0]) if failures else "no answer over TLS")
    return Text("双向验证，{v}", "both sides verified, {v}", v=version)


def _quorum(handle: NetworkHandle, nodes: Sequence[NodeRef], status: NetworkStatus) -> list[RehearsedStep]:
    from network.topology import quorum_of

    title = Text("替换期间的法定人数", "Quorum during the renewal")
    renewed = [node for node in nodes if node.kind == "orderer"]
    up = {n.name for n in status.nodes if n.kind == "orderer" and n.state == "running"}
    everybody = [node.name for node in handle.orderers()]
    if handle.runtime == "embedded":
        words = Text(
            "每个节点换证时内置账本会重启，约一两秒不能读写。",
            "The embedded ledger restarts for a second or two per node.",
        )
        return [RehearsedStep(title, "warn", words)]
    if not renewed:
        return [RehearsedStep(title, "ok", Text("排序节点不受影响", "No orderer is touched"))]
    need = quorum_of(handle.spec.consensus, len(everybody))
    if len(everybody) == 1:
        words = Text(
            "只有一个排序节点，它重启的几秒内不能提交交易。",
            "There is one orderer; while it restarts nothing is committed.",
        )
        return [RehearsedStep(title, "warn", words)]
    for node in renewed:
        left = len(up - {node.name})
        if left < need:
            words = Text(
                "{n} 重启时只剩 {left} 个排序节点在线，需要 {need} 个。",
                "While {n} restarts, {left} orderers are up; {need} are needed.",
                n=node.name,
                left=left,
                need=need,
            )
            return [RehearsedStep(title, "bad", words)]
    words = Text("逐个替换，始终不少于 {need} 个在线", "One after the other, never fewer than {need} up", need=need)
    return [RehearsedStep(title, "ok", words)]


def _endorsers(handle: NetworkHandle, nodes: Sequence[NodeRef], status: NetworkStatus) -> list[RehearsedStep]:
    title = Text("替换期间的背书", "Endorsement during the renewal")
    running = [n for n in status.nodes if n.kind == "peer" and n.state == "running"]
    alone = []
    for node in nodes:
        own = [n for n in running if n.msp_id == node.organization.msp_id and n.name != node.name]
        if node.kind == "peer" and not own and node.organization.title not in alone:
            alone.append(node.organization.title)
    if not any(node.kind == "peer" for node in nodes) or handle.runtime == "embedded":
        return []
    if not alone:
        return [RehearsedStep(title, "ok", Text("每个组织都有其他节点可以背书", "Each organisation has another peer"))]
    words = Text(
        "{o}只有一个节点，它重启的几秒内不能背书。",
        "{o}: a single peer, which cannot endorse while it restarts.",
        o=Text("、".join(t.zh for t in alone), ", ".join(t.en for t in alone)),
    )
    return [RehearsedStep(title, "warn", words)]
