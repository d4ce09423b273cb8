"""Channels of one peer: join, list, and what its ledgers say about themselves (`cscc`, `qscc`)."""

from __future__ import annotations

from dataclasses import dataclass

from fabric_protos.common.common_pb2 import Block
from fabric_protos.common.configtx_pb2 import Config
from fabric_protos.common.ledger_pb2 import BlockchainInfo
from fabric_protos.peer.query_pb2 import ChannelQueryResponse, JoinBySnapshotStatus

from fabric_sdk.admin.peer import PeerConnection, Refused
from fabric_sdk.wire import decode


@dataclass(frozen=True, slots=True)
class ChannelInfo:
    """How far a peer's copy of a channel is: `height` blocks, the last one's hash and its predecessor's."""

    name: str
    height: int
    current_hash: bytes
    previous_hash: bytes
    from_snapshot: int | None = None
    """Last block of the snapshot that the peer joined from, None if it has all blocks."""


class Channels:
    """Channel administration of one peer."""

    def __init__(self, peer: PeerConnection) -> None:
        self._peer = peer

    def join(self, genesis_block: bytes, *, timeout_s: float = 60.0) -> None:
        """Join this peer to the channel of `genesis_block`; harmless if it has joined already."""
        try:
            self._peer.call("cscc", "JoinChain", [genesis_block], timeout_s=timeout_s)
        except Refused as error:
            if "already exists" not in error.reason:
                raise

    def join_by_snapshot(self, directory: str, *, timeout_s: float = 60.0) -> None:
        """Begin to join from a snapshot that lies on the peer's own disk; it goes on by itself."""
        self._peer.call("cscc", "JoinChainBySnapshot", [directory], timeout_s=timeout_s)

    def joining_by_snapshot(self) -> bool:
        """Whether this peer is reading a snapshot to join from."""
        answer = decode(JoinBySnapshotStatus, self._peer.call("cscc", "JoinBySnapshotStatus"))
        return bool(answer.in_progress)

    def names(self) -> tuple[str, ...]:
        """Return the channels this peer has joined."""
        answer = decode(ChannelQueryResponse, self._peer.call("cscc", "GetChannels"))
        return tuple(sorted(c.channel_id for c in answer.channels))

    def info(self, channel: str) -> ChannelInfo:
        """Return the channel's height and hashes on this peer; Refused if it has not joined."""
        answer = decode(BlockchainInfo, self._peer.call("qscc", "GetChainInfo", [channel], channel=channel))
        snapshot = None
        if answer.HasField("bootstrappingSnapshotInfo"):
            snapshot = answer.bootstrappingSnapshotInfo.lastBlockInSnapshot
        return ChannelInfo(channel, answer.height, answer.currentBlockHash, answer.previousBlockHash, snapshot)

    def config_block(self, channel: str) -> Block:
        """Return the block with the channel's configuration now in force."""
        return decode(Block, self._peer.call("cscc", "GetConfigBlock", [channel], channel=channel))

    def config(self, channel: str) -> Config:
        """Return the channel's configuration now in force."""
        return decode(Config, self._peer.call("cscc", "GetChannelConfig", [channel], channel=channel))
