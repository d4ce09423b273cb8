"""An orderer that only delivers stored chains, to peers that replay them, on a port and in a thread of its own.

Nobody can order anything here, and no client knows the port: while peers replay, a network has no new blocks.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import cast

from fabric_protos.common.common_pb2 import Block

from network.embedded.budgets import Budget
from network.embedded.channel import Channel
from network.embedded.deliver import DeliverService
from network.embedded.grpc_server import GrpcListener
from network.embedded.quotas import StreamQuota
from network.embedded.rpc import Service
from network.embedded.transactions import Transaction
from network.embedded.turns import Turns
from network.promotion.block_files import as_ordered
from network.promotion.stored import StoredChannel, ledger_file

START_SECONDS = 30.0


class _Ordered(StoredChannel):
    """A stored channel whose blocks are shown as they were ordered."""

    def block(self, number: int) -> tuple[Block, list[Transaction]]:
        block, transactions = super().block(number)
        return as_ordered(block), transactions


class BlockSource:
    """A context manager: while it is entered, `address` delivers the channels of an embedded network's folder."""

    def __init__(self, directory: Path, channels: Mapping[str, int], address: str, tls: Path) -> None:
        """`channels` are names with the height up to which they are delivered; `tls` is an orderer's TLS folder."""
        self.address = address
        self._directory = directory
        self._heights = dict(channels)
        self._tls = tls
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over: asyncio.Event | None = None
        self._started: Future[None] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="block source", daemon=True)

    def __enter__(self) -> BlockSource:
        self._thread.start()
        self._started.result(START_SECONDS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._loop is not None and self._over is not None:
            self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(START_SECONDS)

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        channels: dict[str, _Ordered] = {}
        try:
            for name, height in self._heights.items():
                channels[name] = _Ordered(ledger_file(self._directory, name), name)
                channels[name].height = min(height, channels[name].height)
            # Of a channel, delivering asks for nothing that a stored one has not.
            known = cast(Mapping[str, Channel], channels)
            deliver = DeliverService(lambda: known, StreamQuota())
            service = Service(
                lambda: True,
                bidi={"/orderer.AtomicBroadcast/Deliver": lambda requests: deliver.stream("orderer", requests)},
            )
            listener = GrpcListener(
                (self.address,), self._tls / "server.key", self._tls / "server.crt", service, Budget(), Turns()
            )
            await listener.start()
        except BaseException as e:
            self._started.set_exception(e)
            return
        self._started.set_result(None)
        try:
            await self._over.wait()
        finally:
            await listener.stop()
            for channel in channels.values():
                channel.close()
