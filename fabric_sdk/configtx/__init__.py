"""Channel configurations: make the first block, read, change, sign; without `configtxgen` or `configtxlator`."""

from fabric_sdk.configtx.edit import copy_config
from fabric_sdk.configtx.genesis import channel_group, genesis_block
from fabric_sdk.configtx.groups import ConfigError, policy_from_rule
from fabric_sdk.configtx.model import (
    ChannelConfig,
    ChannelOrganization,
    config_of_block,
    last_config_index,
    policy_rule,
    read_config,
)
from fabric_sdk.configtx.profile import (
    Batch,
    BftOptions,
    ChannelProfile,
    Consenter,
    HostPort,
    OrganizationProfile,
    RaftOptions,
    capabilities_for,
)
from fabric_sdk.configtx.update import SignedUpdate, compute_update

__all__ = [
    "Batch",
    "BftOptions",
    "ChannelConfig",
    "ChannelOrganization",
    "ChannelProfile",
    "ConfigError",
    "Consenter",
    "HostPort",
    "OrganizationProfile",
    "RaftOptions",
    "SignedUpdate",
    "capabilities_for",
    "channel_group",
    "compute_update",
    "config_of_block",
    "copy_config",
    "genesis_block",
    "last_config_index",
    "policy_from_rule",
    "policy_rule",
    "read_config",
]
