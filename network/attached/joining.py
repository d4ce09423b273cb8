"""Bringing an organisation's own peers into their channels: its administrator does that, wherever the peers run.

Fabric lets only the organisation's administrator join its peers. Whoever hosts a peer for an organisation with its own
authority has no such identity, and leaves it waiting for its administrator to come in.
"""

from __future__ import annotations

import time

from fabric_sdk.admin.channels import Channels
from fabric_sdk.admin.peer import PeerConnection, Refused
from fabric_sdk.admin.query import LedgerQuery
from fabric_sdk.errors import FabricError, GatewayError
from fabric_sdk.gateway.endpoint import Endpoint
from fabric_sdk.identity import SigningIdentity
from fabric_sdk.wire import encode
from network.attached.profile import ConnectionProfile, ProfilePeer
from network.drivers.base import Progress
from network.errors import DeadlineExceeded
from network.text import Text

CATCH_UP_SECONDS = 60.0


def join_own_peers(profile: ConnectionProfile, identity: SigningIdentity, ctx: Progress) -> tuple[str, ...]:
    """Join the profile's peers of the identity's organisation to its channels; return the names of those that did.

    The first block comes from another member's peer. Returns when the joined peers know their organisation.
    """
    joined = []
    for peer in profile.peers_of(identity.msp_id):
        try:
            with _connected(peer, identity) as connection:
                present = Channels(connection).names()
        except (GatewayError, Refused):
            continue  # who does not answer is told of by what comes next
        missing = [name for name in profile.channels if name not in present]
        for channel in missing:
            block = _first_block(profile, identity, channel)
            if block is None:
                continue
            ctx.check_cancelled()
            ctx.log(Text("{p} 加入通道 {c}", "Join {p} to channel {c}", p=peer.name, c=channel))
            with _connected(peer, identity) as connection:
                Channels(connection).join(block)
            _wait(peer, identity, channel, ctx)
            joined.append(peer.name)
    return tuple(dict.fromkeys(joined))


def _first_block(profile: ConnectionProfile, identity: SigningIdentity, channel: str) -> bytes | None:
    for peer in profile.peers:
        if peer.msp_id == identity.msp_id:
            continue
        try:
            with _connected(peer, identity) as connection:
                return encode(LedgerQuery(connection, channel).block(0))
        except (GatewayError, Refused):
            continue
    return None


def _wait(peer: ProfilePeer, identity: SigningIdentity, channel: str, ctx: Progress) -> None:
    """A peer knows its organisation when it has come to the block that took the organisation in."""
    until = time.monotonic() + CATCH_UP_SECONDS
    while time.monotonic() < until:
        ctx.check_cancelled()
        try:
            with _connected(peer, identity) as connection:
                Channels(connection).config(channel)
                return
        except FabricError:
            time.sleep(0.2)
    raise DeadlineExceeded(
        Text(
            "节点 {p} 没有及时同步通道 {c}。", "{p} has not caught up with channel {c} in time.", p=peer.name, c=channel
        ),
        Text("请稍后再次进入网络。", "Come in once more in a while."),
    )


def _connected(peer: ProfilePeer, identity: SigningIdentity) -> PeerConnection:
    endpoint = Endpoint(f"{peer.host}:{peer.port}", peer.tls_root_pem, server_name=peer.server_name or None)
    return PeerConnection(endpoint, identity, timeout_s=15.0)
