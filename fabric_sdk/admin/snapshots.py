"""Snapshots of one peer's ledger: asked for, waited for, withdrawn (Fabric's guide "Taking ledger snapshots")."""

from __future__ import annotations

import os
from typing import Any

from fabric_protos.common.common_pb2 import SignatureHeader
from fabric_protos.peer.snapshot_pb2 import (
    QueryPendingSnapshotsResponse,
    SignedSnapshotRequest,
    SnapshotQuery,
    SnapshotRequest,
)

from fabric_sdk.admin.peer import PeerConnection
from fabric_sdk.wire import decode, encode

SERVICE = "/protos.Snapshot/"


class Snapshots:
    """A peer's snapshots of its ledgers; only administrators of its organisation may ask. GatewayError if it refuses.

    The peer writes a snapshot into its own folder `completed/CHANNEL/BLOCK`; the folder is there when it is whole.
    """

    def __init__(self, peer: PeerConnection) -> None:
        self._peer = peer

    def generate(self, channel: str, block: int = 0) -> None:
        """Ask for one as of a block number, now or when that block comes; 0 stands for the newest block there is."""
        self._ask("Generate", SnapshotRequest(channel_id=channel, block_number=block))

    def cancel(self, channel: str, block: int) -> None:
        """Withdraw a request that still waits for its block."""
        self._ask("Cancel", SnapshotRequest(channel_id=channel, block_number=block))

    def pending(self, channel: str) -> tuple[int, ...]:
        """Block numbers for which one has been asked for and is not written yet."""
        answer = decode(QueryPendingSnapshotsResponse, self._ask("QueryPendings", SnapshotQuery(channel_id=channel)))
        return tuple(answer.block_numbers)

    def _ask(self, method: str, request: Any) -> bytes:
        identity = self._peer.identity
        request.signature_header.CopyFrom(SignatureHeader(creator=identity.creator, nonce=os.urandom(24)))
        signable = encode(request)
        signed = SignedSnapshotRequest(request=signable, signature=identity.sign(signable))
        return self._peer.transport.unary(SERVICE + method, encode(signed), self._peer.timeout_s)
