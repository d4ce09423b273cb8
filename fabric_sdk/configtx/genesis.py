"""A channel's first block, equal in meaning to `configtxgen`'s output (internal/configtxgen/encoder)."""

from __future__ import annotations

import os
from hashlib import sha256
from typing import Any

from fabric_protos.common import common_pb2, configtx_pb2, configuration_pb2
from fabric_protos.orderer import configuration_pb2 as orderer_pb2
from google.protobuf.timestamp_pb2 import Timestamp

from fabric_sdk import clock
from fabric_sdk.configtx.groups import (
    ADMINS,
    DATA_HASHING_WIDTH,
    ConfigError,
    acls_value,
    batch_size_value,
    bft_block_validation,
    bft_consenter,
    bft_metadata,
    capabilities_value,
    organization_group,
    put_policies,
    put_value,
    raft_metadata,
)
from fabric_sdk.configtx.profile import ChannelProfile
from fabric_sdk.wire import encode


def genesis_block(profile: ChannelProfile) -> common_pb2.Block:
    """Return the channel's genesis block; ConfigError or PolicyError when the profile cannot be."""
    nonce = os.urandom(24)
    timestamp = Timestamp()
    timestamp.FromNanoseconds(clock.nanoseconds())
    timestamp.nanos = 0
    header = common_pb2.Header(
        channel_header=encode(
            common_pb2.ChannelHeader(
                type=common_pb2.HeaderType.CONFIG,
                version=1,
                timestamp=timestamp,
                channel_id=profile.channel_id,
                tx_id=sha256(nonce).hexdigest(),
            )
        ),
        signature_header=encode(common_pb2.SignatureHeader(nonce=nonce)),
    )
    config = configtx_pb2.ConfigEnvelope(config=configtx_pb2.Config(channel_group=channel_group(profile)))
    payload = common_pb2.Payload(header=header, data=encode(config))
    envelope = encode(common_pb2.Envelope(payload=encode(payload)))
    last_config = common_pb2.LastConfig(index=0)
    metadata = [b""] * len(common_pb2.BlockMetadataIndex.keys())
    metadata[common_pb2.BlockMetadataIndex.SIGNATURES] = encode(
        common_pb2.Metadata(value=encode(common_pb2.OrdererBlockMetadata(last_config=last_config)))
    )
    metadata[common_pb2.BlockMetadataIndex.LAST_CONFIG] = encode(common_pb2.Metadata(value=encode(last_config)))
    return common_pb2.Block(
        header=common_pb2.BlockHeader(number=0, data_hash=sha256(envelope).digest()),
        data=common_pb2.BlockData(data=[envelope]),
        metadata=common_pb2.BlockMetadata(metadata=metadata),
    )


def channel_group(profile: ChannelProfile) -> configtx_pb2.ConfigGroup:
    """Return the root group of the channel's configuration."""
    _check(profile)
    group = configtx_pb2.ConfigGroup(mod_policy=ADMINS)
    put_policies(group, profile.channel_policies, ("Readers", "Writers", ADMINS))
    put_value(group, "HashingAlgorithm", configuration_pb2.HashingAlgorithm(name="SHA256"))
    put_value(
        group,
        "BlockDataHashingStructure",
        configuration_pb2.BlockDataHashingStructure(width=DATA_HASHING_WIDTH),
    )
    put_value(group, "Capabilities", capabilities_value(profile.capabilities["channel"]))
    group.groups["Orderer"].CopyFrom(_orderer_group(profile))
    group.groups["Application"].CopyFrom(_application_group(profile))
    return group


def _orderer_group(profile: ChannelProfile) -> Any:
    group = configtx_pb2.ConfigGroup(mod_policy=ADMINS)
    put_policies(group, profile.orderer_policies, ("Readers", "Writers", ADMINS, "BlockValidation"))
    put_value(group, "BatchSize", batch_size_value(profile.batch))
    put_value(group, "BatchTimeout", orderer_pb2.BatchTimeout(timeout=profile.batch.timeout))
    put_value(group, "ChannelRestrictions", orderer_pb2.ChannelRestrictions())
    put_value(group, "Capabilities", capabilities_value(profile.capabilities["orderer"]))
    if profile.consensus == "BFT":
        consenters = [bft_consenter(c) for c in profile.consenters]
        put_value(group, "Orderers", configuration_pb2.Orderers(consenter_mapping=consenters))
        group.policies["BlockValidation"].policy.CopyFrom(bft_block_validation(consenters))
        metadata = encode(bft_metadata(profile.bft, profile.batch))
    else:
        metadata = encode(raft_metadata(profile.consenters, profile.raft))
    put_value(group, "ConsensusType", orderer_pb2.ConsensusType(type=profile.consensus, metadata=metadata))
    for organization in profile.organizations:
        if organization.ordering:
            group.groups[organization.name].CopyFrom(organization_group(organization, ordering=True))
    return group


def _application_group(profile: ChannelProfile) -> Any:
    group = configtx_pb2.ConfigGroup(mod_policy=ADMINS)
    put_policies(
        group,
        profile.application_policies,
        ("Readers", "Writers", ADMINS, "Endorsement", "LifecycleEndorsement"),
    )
    if profile.acls:
        put_value(group, "ACLs", acls_value(profile.acls))
    put_value(group, "Capabilities", capabilities_value(profile.capabilities["application"]))
    for organization in profile.organizations:
        if organization.application:
            group.groups[organization.name].CopyFrom(organization_group(organization, ordering=False))
    return group


def _check(profile: ChannelProfile) -> None:
    if not profile.consenters:
        raise ConfigError("a channel needs at least one consenter")
    if not any(o.ordering for o in profile.organizations):
        raise ConfigError("a channel needs an ordering organisation")
    names = [o.name for o in profile.organizations]
    if len(set(names)) != len(names):
        raise ConfigError("two organisations of the channel have one name")
    msp_ids = [o.msp_id for o in profile.organizations]
    if len(set(msp_ids)) != len(msp_ids):
        raise ConfigError("two organisations of the channel have one MSP id")
    v3 = profile.capabilities["channel"].startswith("V3")
    for organization in profile.organizations:
        if organization.ordering and v3 and not organization.orderer_endpoints:
            raise ConfigError(f"the ordering organisation {organization.name} has no orderer endpoints")
    if profile.consensus == "BFT":
        if not v3:
            raise ConfigError("BFT needs the channel capability V3_0")
        ids = [c.id for c in profile.consenters]
        if len(ids) < 4 or len(set(ids)) != len(ids) or min(ids) < 1:
            raise ConfigError("BFT needs at least four consenters with different ids from 1 on")
        if not all(c.identity_pem for c in profile.consenters):
            raise ConfigError("a BFT consenter needs its enrolment certificate")
