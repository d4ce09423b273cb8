"""Which peer to talk to, as whom: a running one, as an administrator whose key this workspace holds."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from baas.errors import DeadlineExceeded, NotFound, Text, translating

if TYPE_CHECKING:
    from baas.session import Actor
    from fabric_sdk.admin import PeerConnection
    from network.handle import NetworkHandle
    from network.topology import NodeRef

CONFIG_SECONDS = 20.0


def holds_admin(handle: NetworkHandle, msp_id: str) -> bool:
    """Whether this workspace has the administrator of an organisation (of attached networks often one only)."""
    return handle.administrator(msp_id) is not None


def desk_label(handle: NetworkHandle) -> str:
    """The identity with which this workspace came into a network that others run; "" for a network of its own."""
    from network.attached.folder import AttachedSettings

    settings = AttachedSettings.load(handle.directory) if handle.runtime == "attached" else None
    return f"{settings.msp_id}/{settings.identity}" if settings is not None else ""


def own_label(handle: NetworkHandle, actor: Actor | None = None) -> str:
    """As whom to speak when nobody is named.

    The acting person, else whose desk this is on the network, else an administrator, else any identity here.
    """
    if actor is not None and actor.msp_id and actor.network in ("", handle.name):
        return actor.label
    if desk := desk_label(handle):
        return desk
    if actor is not None and actor.msp_id:
        return actor.label
    for organization in sorted(handle.spec.organizations, key=lambda o: not o.peers):
        if found := handle.administrator(organization.msp_id):
            return found
    labels = handle.identities()
    if not labels:
        raise NotFound(
            Text("本工作区没有网络 {n} 的任何身份。", "This workspace has no identity of network {n}.", n=handle.name),
            Text("请导入一个身份：citychain identity import。", "Import one: citychain identity import."),
            code="no_identity",
        )
    return labels[0]


def listens(address: str) -> bool:
    """Whether something accepts connections at host:port; a stopped peer's port does not."""
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=0.5):
            return True
    except (OSError, ValueError):
        return False


def first_answering(handle: NetworkHandle, nodes: Sequence[NodeRef]) -> NodeRef:
    """The first of `nodes` that accepts connections; the first of all when none does."""
    if not nodes:
        raise NotFound(Text("没有可用的节点。", "There is no peer to talk to."), code="no_peer")
    if len(nodes) > 1:
        for node in nodes:
            if listens(handle.addresses[node.name].address):
                return node
    return nodes[0]


def running_peer(handle: NetworkHandle, msp_id: str) -> NodeRef:
    """An organisation's first peer that accepts connections (its first peer when none does)."""
    return first_answering(handle, handle.peers(msp_id))


@contextmanager
def any_peer(handle: NetworkHandle, channel: str) -> Iterator[PeerConnection]:
    """A connection to some running peer of the channel, for questions; as its own administrator where we hold it."""
    nodes = handle.channel_peers(channel)
    held = [node for node in nodes if holds_admin(handle, node.organization.msp_id)]
    own = "" if held else own_label(handle)
    # A person without an administrator's key asks their own organisation's peers first.
    others = sorted(nodes, key=lambda node: node.organization.msp_id != own.partition("/")[0])
    node = first_answering(handle, held or others)
    identity = handle.identity(own) if own else handle.admin(node.organization.msp_id)
    with handle.talk(node, identity) as peer:
        yield peer


def wait_for_config(handle: NetworkHandle, channel: str, sequence: int) -> None:
    """Wait until every running peer of the channel has configuration `sequence`; `DeadlineExceeded` otherwise.

    Orderers have a new configuration first; a peer judges by the old one until the block has reached it.
    """
    from fabric_sdk.admin import Channels, PeerConnection

    deadline = time.monotonic() + CONFIG_SECONDS
    for node in handle.channel_peers(channel):
        if not listens(handle.addresses[node.name].address):
            continue
        held = holds_admin(handle, node.organization.msp_id)
        who = handle.admin(node.organization.msp_id) if held else handle.identity(own_label(handle))
        with translating(), PeerConnection(handle.node_endpoint(node), who) as peer:
            while Channels(peer).config(channel).sequence < sequence:
                if time.monotonic() > deadline:
                    raise DeadlineExceeded(
                        Text(
                            "节点 {n} 还没有收到新的通道配置。",
                            "The peer {n} has not received the channel's new configuration yet.",
                            n=node.name,
                        ),
                        Text("它追上账本后即生效。", "It takes effect once the peer has caught up."),
                    )
                time.sleep(0.05)
