"""What a channel should be, in plain dataclasses; `fabric_sdk.configtx.genesis` turns it into a configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

ConsensusType = Literal["etcdraft", "BFT"]

CAPABILITIES_V2_5: Mapping[str, str] = MappingProxyType({"channel": "V2_0", "orderer": "V2_0", "application": "V2_5"})
"""Capabilities that Fabric 2.5 and everything later understands."""
CAPABILITIES_V3_0: Mapping[str, str] = MappingProxyType({"channel": "V3_0", "orderer": "V2_0", "application": "V2_5"})
"""Capabilities of Fabric 3.0 and later; needed for BFT."""


def capabilities_for(fabric_version: str) -> Mapping[str, str]:
    """Return the newest capabilities that a Fabric release understands."""
    return CAPABILITIES_V2_5 if fabric_version.startswith("2.") else CAPABILITIES_V3_0


@dataclass(frozen=True)
class HostPort:
    """A host name or IP address and a TCP port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    @classmethod
    def parse(cls, text: str) -> HostPort:
        """Read `host:port`; ValueError when it is neither."""
        host, separator, port = text.rpartition(":")
        if not separator or not host or not port.isdigit() or not 0 < int(port) < 65536:
            raise ValueError(f"expected host:port, got {text!r}")
        return cls(host, int(port))


@dataclass(frozen=True)
class Consenter:
    """One ordering node of the consensus: its cluster address and certificates in PEM.

    `id` and `identity` (enrolment certificate) are used by BFT only; ids start at 1 and are never used twice.
    """

    host: str
    port: int
    msp_id: str
    server_tls_pem: bytes
    client_tls_pem: bytes
    identity_pem: bytes = b""
    id: int = 0

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True)
class OrganizationProfile:
    """An organisation of a channel.

    `msp_config` is a serialised `msp.MSPConfig`. `ordering` and `application` say which groups it is in;
    `orderer_endpoints` belong to the first, `anchor_peers` to the second. `policies` override the defaults of
    `default_organization_policies` by name with signature rules.
    """

    name: str
    msp_id: str
    msp_config: bytes
    ordering: bool = False
    application: bool = True
    orderer_endpoints: tuple[HostPort, ...] = ()
    anchor_peers: tuple[HostPort, ...] = ()
    policies: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Batch:
    """When a block is cut; sizes in bytes, `timeout` as Go writes durations (`200ms`, `2s`)."""

    max_messages: int = 100
    absolute_max_bytes: int = 10 * 1024 * 1024
    preferred_max_bytes: int = 2 * 1024 * 1024
    timeout: str = "200ms"


@dataclass(frozen=True)
class RaftOptions:
    """Options of `etcdraft`; a follower stands for election after `election_tick` ticks without a leader."""

    tick_interval: str = "100ms"
    election_tick: int = 20
    heartbeat_tick: int = 1
    max_inflight_blocks: int = 5
    snapshot_interval_size: int = 16 * 1024 * 1024


@dataclass(frozen=True)
class BftOptions:
    """Options of SmartBFT; batch limits are taken from the channel's `Batch` by the orderer itself."""

    request_batch_max_interval: str = "50ms"
    incoming_message_buffer_size: int = 200
    request_pool_size: int = 100_000
    request_forward_timeout: str = "2s"
    request_complain_timeout: str = "10s"
    request_auto_remove_timeout: str = "3m0s"
    view_change_resend_interval: str = "5s"
    view_change_timeout: str = "10s"
    leader_heartbeat_timeout: str = "10s"
    leader_heartbeat_count: int = 10
    collect_timeout: str = "1s"
    sync_on_start: bool = False
    speed_up_view_change: bool = False


def default_organization_policies(msp_id: str) -> dict[str, str]:
    """Return an organisation's usual policies for an MSP with NodeOUs, as signature rules."""
    return {
        "Readers": f"OR('{msp_id}.admin', '{msp_id}.peer', '{msp_id}.client', '{msp_id}.orderer')",
        "Writers": f"OR('{msp_id}.admin', '{msp_id}.client', '{msp_id}.orderer')",
        "Admins": f"OR('{msp_id}.admin')",
        "Endorsement": f"OR('{msp_id}.peer')",
    }


DEFAULT_APPLICATION_POLICIES: Mapping[str, str] = MappingProxyType(
    {
        "Readers": "ANY Readers",
        "Writers": "ANY Writers",
        "Admins": "MAJORITY Admins",
        "Endorsement": "MAJORITY Endorsement",
        "LifecycleEndorsement": "MAJORITY Endorsement",
    }
)
DEFAULT_ORDERER_POLICIES: Mapping[str, str] = MappingProxyType(
    {
        "Readers": "ANY Readers",
        "Writers": "ANY Writers",
        "Admins": "MAJORITY Admins",
        "BlockValidation": "ANY Writers",
    }
)
DEFAULT_CHANNEL_POLICIES: Mapping[str, str] = MappingProxyType(
    {"Readers": "ANY Readers", "Writers": "ANY Writers", "Admins": "MAJORITY Admins"}
)


@dataclass(frozen=True)
class ChannelProfile:
    """A channel's first configuration.

    Policies are rules by name: implicit-meta (`MAJORITY Admins`) or signature (`OR('AMSP.admin')`). `acls` maps
    resources (`qscc/GetChainInfo`) to policy paths and overrides Fabric's built-in defaults.
    """

    channel_id: str
    organizations: tuple[OrganizationProfile, ...]
    consenters: tuple[Consenter, ...]
    consensus: ConsensusType = "etcdraft"
    batch: Batch = field(default_factory=Batch)
    raft: RaftOptions = field(default_factory=RaftOptions)
    bft: BftOptions = field(default_factory=BftOptions)
    capabilities: Mapping[str, str] = field(default_factory=lambda: CAPABILITIES_V3_0)
    application_policies: Mapping[str, str] = field(default_factory=lambda: DEFAULT_APPLICATION_POLICIES)
    orderer_policies: Mapping[str, str] = field(default_factory=lambda: DEFAULT_ORDERER_POLICIES)
    channel_policies: Mapping[str, str] = field(default_factory=lambda: DEFAULT_CHANNEL_POLICIES)
    acls: Mapping[str, str] = field(default_factory=dict)
