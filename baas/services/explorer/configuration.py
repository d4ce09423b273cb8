"""What a configuration transaction changed in its channel, read from its block and the configuration before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from baas import roles
from baas.errors import translating
from baas.services.config_changes import ConfigChange, config_changes

if TYPE_CHECKING:
    from baas.platform import Platform
    from baas.services.explorer.model import TransactionRow
    from fabric_sdk.configtx import ChannelConfig

CONFIG = "CONFIG"
"""The type of a configuration transaction."""


@dataclass(frozen=True)
class Configured:
    """A configuration and what it changed; nothing where it is the channel's first (`first`)."""

    config: ChannelConfig
    changes: tuple[ConfigChange, ...]
    first: bool


def configured(platform: Platform, network: str, row: TransactionRow) -> Configured:
    """Read what the configuration transaction `row` changed; the organisations are named as on the network's page."""
    platform.session.require(roles.LEDGER_READ)
    titles = {o.msp_id: o.title for o in platform.networks.spec(network).organizations}
    after = _config_of(platform, network, row.channel, row.block)
    if row.block == 0:
        return Configured(after, (), first=True)
    last = platform.chain.block(network, row.channel, row.block - 1).last_config or 0
    before = _config_of(platform, network, row.channel, last)
    return Configured(after, config_changes(before, after, titles), first=False)


def _config_of(platform: Platform, network: str, channel: str, number: int) -> ChannelConfig:
    from fabric_sdk.configtx import read_config
    from fabric_sdk.envelope import read_config as read_envelope

    block = platform.chain.block(network, channel, number)
    with translating():
        _, envelope = read_envelope(block.transactions[0].envelope)
        return read_config(channel, envelope.config)
