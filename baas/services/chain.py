"""Blocks of a channel through a peer's own system contracts and block events; the same on every runtime.

`qscc` and `cscc` are Fabric's system chaincodes (core/scc/qscc, core/scc/cscc).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from baas.errors import NotFound, Text, translating

if TYPE_CHECKING:
    from baas.services.networks import NetworkService
    from fabric_sdk.blocks import DecodedBlock
    from fabric_sdk.channel import ChannelAuthority


@dataclass(frozen=True)
class ChainInfo:
    """A channel's height (number of blocks) and the hash of its newest block."""

    height: int
    current_hash: bytes
    previous_hash: bytes


class ChainReader:
    """Reads the chains of a workspace's networks."""

    def __init__(self, networks: NetworkService) -> None:
        self._networks = networks

    def channel(self, network: str, channel: str = "") -> str:
        """`channel`, or the network's first channel when it is empty; `NotFound` for one that does not exist."""
        spec = self._networks.spec(network)
        return spec.channel(channel).name if channel else spec.channels[0].name

    def info(self, network: str, channel: str) -> ChainInfo:
        """Height and newest hash, from a peer now."""
        from fabric_protos.common.ledger_pb2 import BlockchainInfo

        from fabric_sdk.wire import decode

        raw = self._qscc(network, channel, "GetChainInfo", channel)
        found: Any = decode(BlockchainInfo, raw, "chain info")
        return ChainInfo(found.height, found.currentBlockHash, found.previousBlockHash)

    def block_bytes(self, network: str, channel: str, number: int) -> bytes:
        """Block `number` as the peer stores it; `NotFound` beyond the chain."""
        height = self.info(network, channel).height
        if not 0 <= number < height:
            raise NotFound(
                Text("没有区块 {n}，当前高度 {h}。", "There is no block {n}; the height is {h}.", n=number, h=height),
                code="no_block",
            )
        return self._qscc(network, channel, "GetBlockByNumber", channel, str(number))

    def block(self, network: str, channel: str, number: int) -> DecodedBlock:
        """Block `number`, decoded."""
        from fabric_sdk.blocks import decode_block

        with translating():
            return decode_block(self.block_bytes(network, channel, number))

    def blocks(self, network: str, channel: str, start: int = 0, stop: int | None = None) -> Iterator[Any]:
        """Blocks `start` to `stop` - 1 (the height now, when None) as `common.Block` messages, in order."""
        height = self.info(network, channel).height
        stop = height if stop is None else min(stop, height)
        if start >= stop:
            return
        with (
            translating(),
            self._networks.connect(network, channel=channel, whole=True).block_events(start_block=start) as events,
        ):
            for block in events:
                yield block
                if block.header.number + 1 >= stop:
                    return

    def authority(self, network: str, channel: str, at: int | None = None) -> ChannelAuthority:
        """The channel's members and policies as configured at block `at` (now, when None)."""
        from fabric_sdk.channel import ChannelAuthority

        number = self.info(network, channel).height - 1 if at is None else at
        block = self.block(network, channel, number)
        # A configuration block names itself; what was in force for it is the one before.
        last = block.last_config if block.last_config is not None else 0
        with translating():
            return ChannelAuthority.from_block(self.block_bytes(network, channel, last))

    def _qscc(self, network: str, channel: str, function: str, *arguments: str) -> bytes:
        with translating():
            client = self._networks.connect(network, channel=channel, whole=True)
            return client.get_contract("qscc").evaluate(function, *arguments)
