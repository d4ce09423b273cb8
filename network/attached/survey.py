"""What an existing network consists of, found out through one of its peers.

Channels come from the peer, organisations and orderers from each channel's configuration, peers from the discovery
service (or, where that is closed, from the profile and the anchor peers), contracts from the lifecycle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fabric_protos.msp.msp_config_pb2 import FabricMSPConfig, MSPConfig

from fabric_sdk.admin.channels import Channels
from fabric_sdk.admin.discovery import Discovery
from fabric_sdk.admin.lifecycle import Lifecycle
from fabric_sdk.admin.peer import PeerConnection, Refused
from fabric_sdk.configtx.model import ChannelConfig, read_config
from fabric_sdk.errors import FabricError, GatewayError
from fabric_sdk.gateway.endpoint import Endpoint
from fabric_sdk.identity import SigningIdentity
from fabric_sdk.wire import decode
from network.attached.causes import SILENT, cause_of, check_certificate
from network.attached.profile import ConnectionProfile, ProfilePeer
from network.drivers.base import Progress
from network.errors import CityChainError, UserError
from network.text import Text


@dataclass(frozen=True)
class FoundNode:
    """A node that was found: where it says it is, and where this machine reaches it."""

    advertised: str
    host: str
    port: int
    server_name: str


@dataclass
class FoundOrganization:
    """An organisation of the network and its nodes."""

    msp_id: str
    root_pem: bytes = b""
    tls_root_pem: bytes = b""
    peers: dict[str, FoundNode] = field(default_factory=dict)
    orderers: dict[str, FoundNode] = field(default_factory=dict)


@dataclass(frozen=True)
class FoundContract:
    """A contract in force on a channel."""

    channel: str
    name: str
    version: str
    sequence: int


@dataclass(frozen=True)
class Survey:
    """Everything that was found; `peer` is the profile's peer through which it was."""

    peer: ProfilePeer
    channels: Mapping[str, ChannelConfig]
    organizations: Mapping[str, FoundOrganization]
    contracts: tuple[FoundContract, ...]


def survey(profile: ConnectionProfile, identity: SigningIdentity, ctx: Progress) -> Survey:
    """Look around the network; `Unavailable` if no peer of the identity's organisation answers."""
    own = profile.way_in(identity.msp_id)
    if not own:
        raise UserError(
            Text(
                "连接配置文件中没有机构 {m} 的 Peer 节点。",
                "The connection profile has no peer of {m}.",
                m=identity.msp_id,
            ),
            Text("请换用该机构的身份或连接配置文件。", "Use an identity or profile of the same organisation."),
            code="profile_without_peer",
        )
    check_certificate(identity, profile.roots.get(identity.msp_id))
    problems: list[CityChainError] = []
    for peer in own:
        ctx.check_cancelled()
        ctx.log(Text("连接 {p}", "Connect to {p}", p=peer.name))
        try:
            return _through(peer, profile, identity, ctx)
        except (GatewayError, Refused) as e:
            problems.append(cause_of(e, peer, identity, profile))
    # Somebody who answers and refuses says more than those who do not answer.
    raise next((one for one in problems if one.code not in SILENT), problems[0])


def _through(peer: ProfilePeer, profile: ConnectionProfile, identity: SigningIdentity, ctx: Progress) -> Survey:
    endpoint = Endpoint(f"{peer.host}:{peer.port}", peer.tls_root_pem, server_name=peer.server_name or None)
    with PeerConnection(endpoint, identity, timeout_s=15.0) as connection:
        channels = Channels(connection)
        # A peer tells its own organisation alone which channels it has joined.
        names = profile.channels if peer.msp_id != identity.msp_id else ()
        names = names or tuple(channels.names())
        organizations: dict[str, FoundOrganization] = {}
        configs: dict[str, ChannelConfig] = {}
        contracts: list[FoundContract] = []
        for number, name in enumerate(names):
            ctx.check_cancelled()
            ctx.progress(number, len(names), Text("读取通道 {c}", "Read channel {c}", c=name))
            configs[name] = read_config(name, channels.config(name))
            _add_organizations(organizations, configs[name], profile)
            _add_peers(organizations, connection, name, profile)
            contracts += _contracts(connection, name)
    for known in profile.peers:
        if known.msp_id in organizations:
            _place(organizations[known.msp_id].peers, f"{known.name}:{known.port}", profile)
    return Survey(peer, configs, organizations, tuple(contracts))


def _add_organizations(found: dict[str, FoundOrganization], config: ChannelConfig, profile: ConnectionProfile) -> None:
    for organization in config.organizations:
        entry = found.setdefault(organization.msp_id, FoundOrganization(organization.msp_id))
        msp = decode(FabricMSPConfig, decode(MSPConfig, organization.msp_config, "MSP").config, "MSP configuration")
        entry.root_pem = b"".join(_line(pem) for pem in msp.root_certs)
        entry.tls_root_pem = b"".join(_line(pem) for pem in (*msp.tls_root_certs, *msp.tls_intermediate_certs))
        for where in organization.orderer_endpoints:
            _place(entry.orderers, f"{where.host}:{where.port}", profile)
        for where in organization.anchor_peers:
            _place(entry.peers, f"{where.host}:{where.port}", profile)


def _add_peers(
    found: dict[str, FoundOrganization], connection: PeerConnection, channel: str, profile: ConnectionProfile
) -> None:
    try:
        peers = Discovery(connection).peers(channel)
    except FabricError:
        return  # closed or switched off: the profile and the anchor peers must do
    for peer in peers:
        if peer.msp_id in found and peer.endpoint:
            _place(found[peer.msp_id].peers, peer.endpoint, profile)


def _contracts(connection: PeerConnection, channel: str) -> list[FoundContract]:
    try:
        committed = Lifecycle(connection).committed(channel)
    except Refused:
        return []
    return [FoundContract(channel, d.name, d.version, d.sequence) for d in (c.definition for c in committed)]


def _place(nodes: dict[str, FoundNode], advertised: str, profile: ConnectionProfile) -> None:
    """Enter a node once; the profile knows better where this machine reaches those it names."""
    host, _, port = advertised.rpartition(":")
    if not host or not port.isdigit():
        return
    for peer in profile.peers:
        same = (peer.host, str(peer.port)) == (host, port)
        if peer.name == host or same or peer.server_name == host:
            name = peer.server_name or (peer.host if same else peer.name)
            nodes.pop(advertised, None)
            nodes[f"{peer.host}:{peer.port}"] = FoundNode(advertised, peer.host, peer.port, name)
            return
    if not any(node.advertised == advertised for node in nodes.values()):
        nodes[advertised] = FoundNode(advertised, host, int(port), host)


def _line(pem: bytes) -> bytes:
    return pem if pem.endswith(b"\n") else pem + b"\n"
