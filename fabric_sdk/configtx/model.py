"""A channel configuration read into plain dataclasses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fabric_protos.common import common_pb2, configtx_pb2, configuration_pb2, policies_pb2
from fabric_protos.msp import msp_config_pb2
from fabric_protos.orderer import configuration_pb2 as orderer_pb2
from fabric_protos.orderer.etcdraft import configuration_pb2 as raft_pb2
from fabric_protos.peer import configuration_pb2 as peer_pb2

from fabric_sdk.configtx.groups import ConfigError
from fabric_sdk.configtx.profile import Batch, Consenter, HostPort
from fabric_sdk.policy import format as format_policy
from fabric_sdk.policy import format_implicit_meta
from fabric_sdk.wire import decode

ORDERER, APPLICATION = "Orderer", "Application"


@dataclass(frozen=True)
class ChannelOrganization:
    """An organisation of a channel; policies as rules by name."""

    name: str
    msp_id: str
    msp_config: bytes
    ordering: bool
    application: bool
    orderer_endpoints: tuple[HostPort, ...]
    anchor_peers: tuple[HostPort, ...]
    policies: Mapping[str, str]

    @property
    def msp(self) -> Any:
        """The organisation's `msp.FabricMSPConfig`."""
        outer = decode(msp_config_pb2.MSPConfig, self.msp_config, "MSP configuration")
        return decode(msp_config_pb2.FabricMSPConfig, outer.config, "MSP configuration")


@dataclass(frozen=True)
class ChannelConfig:
    """A channel's configuration; `policies` maps paths such as `/Channel/Application/Admins` to rules."""

    channel_id: str
    sequence: int
    consensus: str
    batch: Batch
    capabilities: Mapping[str, tuple[str, ...]]
    organizations: tuple[ChannelOrganization, ...]
    consenters: tuple[Consenter, ...]
    policies: Mapping[str, str]
    acls: Mapping[str, str]

    def organization(self, key: str) -> ChannelOrganization:
        """Return the organisation by name or MSP id; ConfigError otherwise."""
        for organization in self.organizations:
            if key in (organization.name, organization.msp_id):
                return organization
        raise ConfigError(f"channel {self.channel_id} has no organisation {key}")


def config_of_block(block: Any) -> tuple[str, Any]:
    """Return the channel id and the `common.Config` of a config block (`common.Block` or its bytes)."""
    if isinstance(block, bytes):
        block = decode(common_pb2.Block, block, "block")
    if len(block.data.data) != 1:
        raise ConfigError("not a config block: it does not hold exactly one transaction")
    envelope = decode(common_pb2.Envelope, block.data.data[0], "envelope")
    payload = decode(common_pb2.Payload, envelope.payload, "payload")
    header = decode(common_pb2.ChannelHeader, payload.header.channel_header, "channel header")
    if header.type != common_pb2.HeaderType.CONFIG:
        raise ConfigError("not a config block")
    return header.channel_id, decode(configtx_pb2.ConfigEnvelope, payload.data, "config").config


def last_config_index(block: Any) -> int:
    """Return the number of the config block in force at `block` (from its metadata)."""
    metadata = list(block.metadata.metadata)
    signatures = common_pb2.BlockMetadataIndex.SIGNATURES
    last_config = common_pb2.BlockMetadataIndex.LAST_CONFIG
    if len(metadata) > signatures and metadata[signatures]:
        value = decode(common_pb2.Metadata, metadata[signatures], "block metadata").value
        orderer = decode(common_pb2.OrdererBlockMetadata, value, "orderer metadata")
        if orderer.HasField("last_config"):
            return int(orderer.last_config.index)
    if len(metadata) > last_config and metadata[last_config]:
        value = decode(common_pb2.Metadata, metadata[last_config], "block metadata").value
        return int(decode(common_pb2.LastConfig, value, "last config").index)
    return 0


def read_config(channel_id: str, config: Any) -> ChannelConfig:
    """Read a `common.Config`; ConfigError or DecodeError when something needed is missing."""
    root = config.channel_group
    if ORDERER not in root.groups:
        raise ConfigError("the configuration has no Orderer group")
    orderer = root.groups[ORDERER]
    application = root.groups[APPLICATION] if APPLICATION in root.groups else configtx_pb2.ConfigGroup()
    consensus = _value(orderer, "ConsensusType", orderer_pb2.ConsensusType)
    size = _value(orderer, "BatchSize", orderer_pb2.BatchSize)
    acls = _value(application, "ACLs", peer_pb2.ACLs)
    return ChannelConfig(
        channel_id=channel_id,
        sequence=config.sequence,
        consensus=consensus.type,
        batch=Batch(
            size.max_message_count,
            size.absolute_max_bytes,
            size.preferred_max_bytes,
            _value(orderer, "BatchTimeout", orderer_pb2.BatchTimeout).timeout,
        ),
        capabilities={
            "channel": _capabilities(root),
            "orderer": _capabilities(orderer),
            "application": _capabilities(application),
        },
        organizations=_organizations(orderer, application),
        consenters=_consenters(orderer, consensus),
        policies=dict(
            [
                *_policies("/Channel", root),
                *_policies("/Channel/Orderer", orderer),
                *_policies("/Channel/Application", application),
            ]
        ),
        acls={resource: rule.policy_ref for resource, rule in acls.acls.items()},
    )


def policy_rule(policy: Any) -> str:
    """Return a `common.Policy` as the rule it was made from."""
    if policy.type == policies_pb2.Policy.IMPLICIT_META:
        return format_implicit_meta(bytes(policy.value))
    if policy.type == policies_pb2.Policy.SIGNATURE:
        return format_policy(bytes(policy.value))
    raise ConfigError(f"unknown kind of policy {policy.type}")


def _value(group: Any, key: str, kind: type[Any]) -> Any:
    return decode(kind, group.values[key].value, key) if key in group.values else kind()


def _capabilities(group: Any) -> tuple[str, ...]:
    return tuple(sorted(_value(group, "Capabilities", configuration_pb2.Capabilities).capabilities))


def _policies(path: str, group: Any) -> list[tuple[str, str]]:
    return [(f"{path}/{name}", policy_rule(item.policy)) for name, item in sorted(group.policies.items())]


def _organizations(orderer: Any, application: Any) -> tuple[ChannelOrganization, ...]:
    result = []
    for name in dict.fromkeys((*sorted(orderer.groups), *sorted(application.groups))):
        ordering, using = name in orderer.groups, name in application.groups
        group = application.groups[name] if using else orderer.groups[name]
        msp_config = bytes(group.values["MSP"].value)
        outer = decode(msp_config_pb2.MSPConfig, msp_config, "MSP configuration")
        endpoints: tuple[HostPort, ...] = ()
        if ordering:
            raw = _value(orderer.groups[name], "Endpoints", configuration_pb2.OrdererAddresses)
            endpoints = tuple(_host_port(a) for a in raw.addresses)
        anchors = _value(group, "AnchorPeers", peer_pb2.AnchorPeers) if using else peer_pb2.AnchorPeers()
        result.append(
            ChannelOrganization(
                name=name,
                msp_id=decode(msp_config_pb2.FabricMSPConfig, outer.config, "MSP configuration").name,
                msp_config=msp_config,
                ordering=ordering,
                application=using,
                orderer_endpoints=endpoints,
                anchor_peers=tuple(HostPort(a.host, a.port) for a in anchors.anchor_peers),
                policies={key: policy_rule(p.policy) for key, p in sorted(group.policies.items())},
            )
        )
    return tuple(result)


def _consenters(orderer: Any, consensus: Any) -> tuple[Consenter, ...]:
    if consensus.type == "BFT":
        mapping = _value(orderer, "Orderers", configuration_pb2.Orderers).consenter_mapping
        return tuple(
            Consenter(c.host, c.port, c.msp_id, c.server_tls_cert, c.client_tls_cert, c.identity, c.id) for c in mapping
        )
    if consensus.type == "etcdraft":
        metadata = decode(raft_pb2.ConfigMetadata, consensus.metadata, "Raft metadata")
        return tuple(Consenter(c.host, c.port, "", c.server_tls_cert, c.client_tls_cert) for c in metadata.consenters)
    return ()


def _host_port(text: str) -> HostPort:
    try:
        return HostPort.parse(text)
    except ValueError as e:
        raise ConfigError(f"an orderer endpoint is not host:port: {text[:100]!r}") from e
