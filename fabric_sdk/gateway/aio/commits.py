"""How transactions of one client learn together that they are committed.

A question for the commit status costs both sides a call, a signature and its check for each transaction. While many
are under way at the same time, one stream of the peer's filtered blocks (Fabric's `DeliverFiltered`) tells all of them:
the same peer says the same codes of the same blocks. It is opened from a block that is known to be there, so that its
first message shows that it runs; only what is submitted afterwards is left to it. Whatever it cannot tell is asked for
as before: it may be refused or break off, or strangers' transactions may make it dearer than asking.
"""

from __future__ import annotations

import asyncio
from typing import Any

from fabric_sdk.errors import FabricError, GatewayError
from fabric_sdk.gateway.messages import CommitStatus, Party
from fabric_sdk.gateway.requests import FilteredBlockEventsDraft, delivered
from fabric_sdk.gateway.transport import AsyncByteStream, AsyncTransport

AT_ONCE, WITHIN_S = 16, 0.25
"""So many questions in so short a time are dearer than a stream."""
OWN_SHARE = 0.25
"""Of the transactions that the stream tells of, how many must be this client's."""
JUDGED, SETTLED_S = 200, 1.0
"""After how many it is judged, and from when on: first it tells of those who still asked."""
AGAIN_S = 10.0
"""How long it is left alone after it was not worth it, or broke off."""
IDLE_S = 2.0
MOST = 100_000
"""Transactions that may wait for their block at a time."""

Told = asyncio.Future[CommitStatus | None]
"""What becomes of a transaction; None when it has to be asked for."""


class Commits:
    """The transactions of one client on one channel that wait for their block."""

    def __init__(self, transport: AsyncTransport, party: Party, channel: str, streams: set[AsyncByteStream]) -> None:
        self._transport, self._party, self._channel, self._streams = transport, party, channel, streams
        self._waiting: dict[str, Told] = {}
        self._asked, self._since = 0, 0.0
        self._newest = -1
        self._stream: AsyncByteStream | None = None
        self._task: asyncio.Task[None] | None = None
        self._runs = False
        self._not_before = 0.0
        self._idle: asyncio.TimerHandle | None = None
        self._own = self._seen = 0

    def expect(self, transaction_id: str) -> Told | None:
        """To be called before a transaction is submitted; None if its status is to be asked for."""
        if not self._runs or len(self._waiting) >= MOST:
            return None
        told: Told = asyncio.get_running_loop().create_future()
        self._waiting[transaction_id] = told
        return told

    def forget(self, transaction_id: str) -> None:
        """It was not submitted after all, or nobody waits any more."""
        self._waiting.pop(transaction_id, None)

    def heard(self, status: CommitStatus) -> None:
        """The answer to a question for one transaction's status: it is in a block that is there."""
        self._newest = max(self._newest, status.block_number)
        if self._task is not None or not self._party.signs:
            return
        loop = asyncio.get_running_loop()
        now = loop.time()
        if now - self._since > WITHIN_S:
            self._asked, self._since = 0, now
        self._asked += 1
        if self._asked >= AT_ONCE and now >= self._not_before:
            self._task = loop.create_task(self._follow())

    async def _follow(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            draft = FilteredBlockEventsDraft.create(
                self._party, self._channel, self._newest, None, self._transport.client_certificate_der
            )
            draft.signature = self._party.sign(draft.signable)
            stream = self._stream = self._transport.duplex_stream(draft.method, draft.to_bytes())
            self._streams.add(stream)
            self._own = self._seen = 0
            settled = loop.time() + SETTLED_S
            async for message in stream:
                block = delivered(message, "filtered_block").filtered_block
                self._runs = True
                self._tell(block)
                if self._seen >= JUDGED:
                    if self._own < self._seen * OWN_SHARE and loop.time() > settled:
                        break
                    self._own = self._seen = 0
        except (GatewayError, FabricError):
            pass  # refused, or broken off: everyone asks
        finally:
            self._not_before = loop.time() + AGAIN_S
            self._end()

    def _tell(self, block: Any) -> None:
        number = int(block.number)
        self._newest = max(self._newest, number)
        waiting = self._waiting
        for entry in block.filtered_transactions:
            self._seen += 1
            told = waiting.pop(entry.txid, None)
            if told is not None:
                self._own += 1
                if not told.done():
                    told.set_result(CommitStatus(entry.txid, entry.tx_validation_code, number))
        if not waiting and self._idle is None:
            self._idle = asyncio.get_running_loop().call_later(IDLE_S, self._close_idle)

    def _close_idle(self) -> None:
        self._idle = None
        if not self._waiting and self._stream is not None:
            self._runs = False
            self._stream.close()

    def _end(self) -> None:
        self._runs, self._task = False, None
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        if self._stream is not None:
            self._streams.discard(self._stream)
            self._stream.close()
            self._stream = None
        waiting, self._waiting = self._waiting, {}
        for told in waiting.values():
            if not told.done():
                told.set_result(None)


async def within(told: Told, seconds: float) -> CommitStatus | None:
    """Wait for it; GatewayError (DEADLINE_EXCEEDED) when it takes longer."""
    if not told.done():
        timer = told.get_loop().call_later(seconds, _late, told)
        try:
            return await told
        finally:
            timer.cancel()
    return told.result()


def _late(told: Told) -> None:
    if not told.done():
        told.set_exception(GatewayError("DEADLINE_EXCEEDED", "Deadline Exceeded"))
