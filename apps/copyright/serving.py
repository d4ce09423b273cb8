"""What `citychain serve` does for 数字版权: time-stamps that are owed, and the organisation's files (`content`)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from apps.copyright import permissions
from apps.copyright.capturing import watch_duty
from apps.copyright.service import CopyrightService
from apps.copyright.swarm import meet, peers_of
from baas.content import KuboStore
from baas.errors import CityChainError, LedgerError, NotFound, Text
from baas.serving.parts import Duty, Part, Request, Running

if TYPE_CHECKING:
    from pathlib import Path

    from baas.courier.journal import Journal
    from baas.jobs import JobContext
    from baas.platform import Platform
    from baas.serving.web import WebServer

MINUTE_S, HOUR_S, DAY_S = 60.0, 3600.0, 86_400.0
_ENDED = frozenset({"REVOKED", "WITHDRAWN", "LAPSED", "REFUSED", "REJECTED", "CLOSED"})
"""States in which nobody needs a record's files any more."""


class Stamping:
    """Listens nowhere; all it has is its duty."""

    address = ""
    running = True


@contextmanager
def _open(request: Request) -> Iterator[Running]:
    del request
    yield Stamping()


def stamp(platform: Platform, network: str, ctx: JobContext) -> Text | None:
    """The duty: asked every hour, so that a stamp that an authority owes does not wait for a day."""
    del ctx
    with CopyrightService(platform, network) as service:
        if not service.stamps.authority.url:
            return Text("没有设置时间戳机构", "no time-stamp authority is named")
        taken = service.stamp_due()
        blocks = service.stamps.blocks
    if not taken:
        return Text("无需补取", "nothing was due")
    return Text("已取 {n} 个，最新为第 {b} 区块", "{n} taken, the newest over block {b}", n=len(taken), b=max(blocks))


STAMPS = Part(
    "stamps",
    Text("数字版权时间戳", "Copyright time-stamps"),
    permissions.EVIDENCE,
    _open,
    duties=(Duty("copyright-stamps", Text("账本时间戳", "Time-stamps of the ledger"), HOUR_S, stamp),),
)


WATCH = Part(
    "watch",
    Text("侵权网页监看", "Watched pages"),
    permissions.LICENSE,
    _open,
    duties=(Duty("copyright-watch", Text("再次取证", "Capture watched pages again"), HOUR_S, watch_duty),),
)


def journal_path(platform: Platform) -> Path:
    """Where this workspace's content service keeps its journal."""
    return platform.workspace.path("content", "served.db")


def signer_of(service: CopyrightService) -> str:
    """Who signs for a content service: whoever acts, else the office's administrator of this workspace."""
    actor = service.platform.identities.acting(service.network)
    return actor.label if actor.msp_id else f"{service.ledger.cast.office}/admin"


@contextmanager
def _open_content(request: Request) -> Iterator[WebServer]:
    """The door of an organisation's files, and its address on the ledger."""
    from baas.courier.door import Door, door_app
    from baas.courier.journal import Journal, policy_of
    from baas.courier.members import Members
    from baas.courier.requests import Reader
    from baas.errors import translating
    from baas.serving.web import WebServer, pinned

    platform = request.platform
    with CopyrightService(platform, request.network) as service:
        signer = signer_of(service)
        network = service.ledger.connected(signer)

        def evaluate(proposal: bytes, signature: bytes) -> dict[str, Any]:
            from apps.kit.ledger import decode

            with translating():
                found: dict[str, Any] = decode(network.signed_proposal(proposal, signature).evaluate(timeout=20))
            return found

        journal = Journal(journal_path(platform))
        folder = platform.workspace.path("content", "incoming")
        members = Members(lambda: platform.chain.authority(service.network, network.name).msps)
        members.refresh()
        reader = Reader(network.name, service.ledger.contract, signer.partition("/")[0], member=members)
        door = Door(service.content, folder, journal, policy_of(platform.workspace), reader, evaluate)
        host = public_host(platform, service.network, request.web.host)
        tls = pinned(platform, service.network, host, request.web)
        port = request.web.ports.get("content", 0) or _port_before(service, signer, request.web.host)
        try:
            with WebServer(door_app(door), options=request.web, tls=tls, port=port, name="content") as server:
                published = f"https://{_bracketed(host)}:{server.port}"
                publish(service, signer, published, tls[0].read_text())
                publish_peer(service, signer)
                server.address = published
                yield server
        finally:
            door.close()
            journal.close()


def public_host(platform: Platform, network: str, host: str) -> str:
    """The name under which other machines reach a service that listens on `host`."""
    import socket

    from network.listening import load

    if host not in {"0.0.0.0", "::"}:
        return host
    listening = load(platform.networks.handle(network).directory)
    return listening.name if listening else socket.gethostname().lower()


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _entry(service: CopyrightService, signer: str) -> dict[str, str]:
    """What the ledger says of this organisation's service now."""
    msp_id = signer.partition("/")[0]
    found = service.ledger.evaluate(signer, "ListContentServices")
    return next((one for one in found if one["msp_id"] == msp_id), {})


def _port_before(service: CopyrightService, signer: str, host: str) -> int:
    """The port of before where it is free, so that the ledger need not be told of another."""
    import socket
    from urllib.parse import urlsplit

    port = urlsplit(_entry(service, signer).get("address", "")).port or 0
    if port:
        try:
            socket.create_server((host, port)).close()
        except OSError:
            return 0
    return port


def publish(service: CopyrightService, signer: str, address: str, certificate: str) -> None:
    """Let the ledger name this address and certificate; nothing is written when it does already."""
    before = _entry(service, signer)
    if (before.get("address"), before.get("certificate")) == (address, certificate):
        return
    try:
        service.ledger.submit(signer, "PutContentService", address, certificate)
    except LedgerError as error:
        if error.code == "forbidden":
            error.hint = Text(
                "请用机构管理员或带 content_service 角色的服务身份运行。",
                "Run it as the organisation's administrator or as a service identity with the role content_service.",
            )
        raise


def publish_peer(service: CopyrightService, signer: str) -> None:
    """Let the ledger name this organisation's node in the swarm, or that it has none any more."""
    store = service.content
    swarm = store.swarm if isinstance(store, KuboStore) else None
    address = swarm.address() if swarm else ""
    try:
        before = peers_of(service).get(signer.partition("/")[0], "")
    except LedgerError:
        if swarm is None:
            return  # a contract of before knows no swarm, and there is nothing to say
        raise
    if before != address:
        service.ledger.submit(signer, "PutSwarmPeer", address)


def gather(platform: Platform, network: str, ctx: JobContext) -> Text | None:
    """The duty: a node in the swarm keeps connected to the nodes that the ledger names."""
    del ctx
    store = platform.content
    if not isinstance(store, KuboStore) or store.swarm is None:
        return None
    with CopyrightService(platform, network) as service:
        met = meet(store.swarm, peers_of(service), signer_of(service).partition("/")[0])
    return Text("已连接 {n} 个机构的节点", "connected to {n} organisations' nodes", n=len(met))


def tidy(platform: Platform, network: str, ctx: JobContext) -> Text | None:
    """The duty: files of records that ended go after the policy's days, and their blocks with them."""
    from baas.courier.journal import Journal, policy_of

    keep_s = policy_of(platform.workspace).keep_days * DAY_S
    gone = 0
    with CopyrightService(platform, network) as service:
        journal = Journal(journal_path(platform))
        try:
            for one in journal.kept():
                ctx.check_cancelled()
                if _ended_since(service, one.record) > keep_s:
                    gone += _let_go(service, journal, one.cid, one.record)
            if gone:
                service.content.gc()
        finally:
            journal.close()
    return Text("清理了 {n} 个不再需要的文件", "{n} files went that nobody needs", n=gone) if gone else None


def _ended_since(service: CopyrightService, record_id: str) -> float:
    """For how many seconds a record has been at its end; 0 for one that lives, or that cannot be read."""
    from datetime import datetime

    from fabric_sdk import clock

    try:
        record = service.ledger.evaluate(signer_of(service), "Read", record_id)
    except CityChainError:
        return 0.0
    if record.get("state") not in _ENDED:
        return 0.0
    ended = datetime.fromisoformat(str(record["updated"]).replace("Z", "+00:00"))
    return (clock.now() - ended).total_seconds()


def _let_go(service: CopyrightService, journal: Journal, cid: str, record: str) -> int:
    from baas.content import Cid

    if journal.drop(cid, record):
        try:
            service.content.unpin(Cid(cid))
        except NotFound:
            return 0
        return 1
    return 0


CONTENT = Part(
    "content",
    Text("数字版权内容服务", "Copyright files"),
    permissions.SERVE,
    _open_content,
    duties=(
        Duty("copyright-files", Text("清理不再需要的文件", "Files that nobody needs go"), DAY_S, tidy),
        Duty("copyright-swarm", Text("连接机构专网", "Connect to the swarm"), MINUTE_S, gather),
    ),
)
