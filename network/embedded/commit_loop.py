"""The loop that makes a channel's blocks, one after another, and outlives what a machine does to it.

A full or failing disk, in whatever step it is noticed, is waited out: nothing was acknowledged yet, the block at hand
is kept, and the channel says meanwhile why it takes nothing more. What comes after a block is on disk (folding the log
in, forgetting private data that are on the ledger) is tried again later and stops nobody. A transaction that the
program itself cannot take in is left out, alone, as an orderer leaves out what its filters refuse. Only data that
contradict themselves end the loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from network.embedded.faults import EmbeddedFault
from network.embedded.transactions import Transaction

if TYPE_CHECKING:
    from network.embedded.channel import Channel, Committed

log = logging.getLogger(__name__)
T = TypeVar("T")

_AGAIN_SECONDS = 1.0
_ERASE_AGAIN_SECONDS = 0.2
_NO_ORDERER_SECONDS = 0.05
_MACHINE = (sqlite3.Error, OSError, MemoryError)
"""What a disk or the memory causes, and what ends when there is room again."""


class CommitLoop:
    """Takes what the channel's sequencer has, block by block. `wake` it when there is something."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self.fault = ""
        """why blocks cannot be written at the moment, "" if they can"""
        self.closing = False
        self._wake = asyncio.Event()
        self._erasing = False
        self._fold_from = 0.0
        self._writer = ThreadPoolExecutor(1, thread_name_prefix=f"ledger-{channel.channel_id}")
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; once, however often it is said."""
        if self._task is not None:
            return
        self._task = asyncio.get_running_loop().create_task(self._run(), name=f"channel {self._channel.channel_id}")

    def wake(self) -> None:
        self._wake.set()

    async def close(self) -> None:
        """Write what was accepted, as far as it can be written, and end."""
        self.closing = True
        self._wake.set()
        if self._task is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self._writer.shutdown(wait=True)

    async def _run(self) -> None:
        sequencer = self._channel.sequencer
        while True:
            if not len(sequencer):
                if self.closing:
                    return
                self._wake.clear()
                await self._wake.wait()
                if self._erasing and not self.closing:
                    await self._after(self._erase_log)
                await asyncio.sleep(0)  # let envelopes that arrived together go into one block
                continue
            if not self._channel.can_order():
                # A block is never without its orderers' signatures; who has stopped keeps what is in line.
                if self.closing:
                    return
                await asyncio.sleep(_NO_ORDERER_SECONDS)
                continue
            try:
                transactions = sequencer.cut()
                if transactions:
                    await self._commit(transactions)
            except _MACHINE as e:  # only when closing
                log.error("channel %s: closed while %s", self._channel.channel_id, e)
                return
            except Exception as e:
                log.exception("channel %s: the next block cannot be made", self._channel.channel_id)
                self.fault = f"the ledger cannot go on ({type(e).__name__}: {e}); see the node's log"
                return

    async def _commit(self, transactions: list[Transaction]) -> None:
        made = await self._make(transactions)
        if made is None:
            return
        channel = self._channel
        await self._patiently(lambda: self._written(made))
        await self._patiently(lambda: channel.publish(made))
        await self._after(lambda: channel.forget_private(made))
        self._erasing = self._erasing or made.write.erases
        if self._erasing or channel.store.wal_is_large():
            await self._after(self._fold)
        if self._erasing:
            await self._after(self._erase_log)

    async def _make(self, transactions: list[Transaction]) -> Committed | None:
        """The block of these transactions; if the program stumbles over one of them, of those before it."""
        channel = self._channel
        try:
            made = await self._patiently(lambda: _at_once(channel.prepare, transactions))
            if channel.neighbours is not None and await channel.neighbours.fetch(channel, channel.height, transactions):
                made = await self._patiently(lambda: _at_once(channel.prepare, transactions))
            return made
        except (EmbeddedFault, *_MACHINE):
            raise
        except Exception:
            if len(transactions) == 1:
                log.exception(
                    "channel %s: transaction %s cannot be taken in", channel.channel_id, transactions[0].tx_id
                )
                return None
        for transaction in transactions:
            await self._commit([transaction])
        return None

    async def _patiently(self, step: Callable[[], Awaitable[T]]) -> T:
        """Do a step, again and again while the machine cannot; what the machine says is raised when closing."""
        while True:
            try:
                done = await step()
            except _MACHINE as e:
                log.error("channel %s: block %d: %s", self._channel.channel_id, self._channel.height, e)
                self.fault = f"the ledger cannot be written: {e}"
                if self.closing:
                    raise
                await asyncio.sleep(_AGAIN_SECONDS)
            else:
                self.fault = ""
                return done

    async def _after(self, step: Callable[[], Awaitable[None]]) -> None:
        """Do what may as well be done later."""
        try:
            await step()
        except _MACHINE as e:
            log.warning("channel %s: left for later: %s", self._channel.channel_id, e)

    async def _written(self, made: Committed) -> None:
        await asyncio.get_running_loop().run_in_executor(self._writer, self._channel.store.write, made.write)

    async def _fold(self) -> None:
        """Move the log into the file; on a disk without room for that, not with every block."""
        now = time.monotonic()
        if now < self._fold_from and not self._erasing:
            return
        self._fold_from = now + _AGAIN_SECONDS
        await asyncio.get_running_loop().run_in_executor(self._writer, self._channel.store.checkpoint)
        # With the log fully copied, a fresh snapshot no longer holds on to it and the next write starts it anew.
        self._channel.view.refresh()
        self._fold_from = 0.0

    async def _erase_log(self) -> None:
        """Empty the write-ahead log, which still has what was purged; later if somebody reads from it at the moment."""
        loop = asyncio.get_running_loop()
        erased = False
        try:
            erased = await loop.run_in_executor(self._writer, self._channel.store.truncate_log)
        finally:
            self._erasing = not erased
            if self._erasing:
                loop.call_later(_ERASE_AGAIN_SECONDS, self._wake.set)


async def _at_once(step: Callable[[list[Transaction]], Committed], transactions: list[Transaction]) -> Committed:
    return step(transactions)
