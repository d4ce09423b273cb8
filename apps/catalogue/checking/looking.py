"""One look at a network for all checks: what is asked of its nodes is asked once and not changed by it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from fabric_sdk import clock

if TYPE_CHECKING:
    from baas.platform import Platform
    from baas.services.lifecycle_model import Definition, LifecycleBoard
    from fabric_sdk.blocks import DecodedBlock
    from fabric_sdk.channel import ChannelAuthority
    from network.drivers.base import NetworkStatus
    from network.handle import NetworkHandle
    from network.topology import TopologySpec

SPAN = 1000
"""How many of the newest blocks checks read."""


class Look:
    """What checks see of one channel of a network."""

    def __init__(self, platform: Platform, network: str = "", channel: str = "") -> None:
        self.platform = platform
        self.network = platform.networks.resolve(network)
        self.channel = platform.chain.channel(self.network, channel)
        self.now = clock.now()

    @cached_property
    def handle(self) -> NetworkHandle:
        return self.platform.networks.handle(self.network)

    @cached_property
    def spec(self) -> TopologySpec:
        return self.handle.spec

    @cached_property
    def status(self) -> NetworkStatus:
        return self.platform.networks.status(self.network)

    @cached_property
    def height(self) -> int:
        return self.platform.chain.info(self.network, self.channel).height

    @cached_property
    def first(self) -> int:
        """The first block that is read."""
        return max(0, self.height - SPAN)

    @cached_property
    def raw(self) -> list[Any]:
        """The newest blocks as peers keep them (`common.Block`)."""
        return list(self.platform.chain.blocks(self.network, self.channel, self.first, self.height))

    @cached_property
    def blocks(self) -> list[DecodedBlock]:
        from fabric_sdk.blocks import decode_block

        return [decode_block(one) for one in self.raw]

    @cached_property
    def authority(self) -> ChannelAuthority:
        """The channel's configuration in force."""
        return self.platform.chain.authority(self.network, self.channel)

    @cached_property
    def before(self) -> ChannelAuthority | None:
        """The configuration before the first block that is read; None from the genesis block on."""
        return self.platform.chain.authority(self.network, self.channel, self.first - 1) if self.first else None

    @property
    def root(self) -> Any:
        """The channel's configuration tree (`ConfigGroup`)."""
        return self.authority.config.channel_group

    @cached_property
    def definitions(self) -> tuple[Definition, ...]:
        return self.platform.contracts.list(self.network, self.channel)

    @cached_property
    def boards(self) -> Mapping[str, LifecycleBoard]:
        contracts = self.platform.contracts
        return {one.name: contracts.board(self.network, one.name, self.channel) for one in self.definitions}

    @cached_property
    def members(self) -> frozenset[str]:
        """The MSP ids of the channel's organisations."""
        return frozenset(self.authority.organizations["Application"].values())
